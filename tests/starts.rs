//! What a start brings with it is no incident as long as it may still pass; what has given up, and what an incident of the same
//! start explains, is none of it.

#![allow(clippy::unwrap_used)]

mod common;

use common::command::{directory, write};
use common::examine;
use nodecause::scan::Options;
use nodecause::verdict::Verdict;

fn verdict(name: &str, file: &str, log: &str) -> Verdict {
    let path = write(&directory(name), file, log);
    examine(&[path], &Options::default()).1
}

fn roots(verdict: &Verdict) -> Vec<&str> {
    verdict.incidents.iter().map(|incident| incident.root.condition.as_str()).collect()
}

/// The end of a start: its first lines are not there.
const END_OF_A_START: &str = "\
Apr 29 04:15:01 worker-1 kubelet[321]: I0429 04:15:01.160018     321 kubelet.go:1777] Starting kubelet main sync loop.
Apr 29 04:15:01 worker-1 kubelet[321]: I0429 04:15:01.160206     321 server.go:944] Started kubelet
Apr 29 04:15:01 worker-1 kubelet[321]: I0429 04:15:01.260129     321 kubelet.go:1794] skipping pod synchronization - [container runtime is down]
";

#[test]
fn a_log_may_begin_within_a_start() {
    assert_eq!(roots(&verdict("starts-within", "kubelet.log", END_OF_A_START)), [""; 0]);
    // Without the lines that tell of the start it is what it says.
    let last = END_OF_A_START.lines().last().unwrap();
    assert_eq!(roots(&verdict("starts-not", "kubelet.log", last)), ["runtime-down"]);
}

#[test]
fn what_has_given_up_does_not_pass() {
    let begun = "I0201 07:00:34.112421       1 controllermanager.go:109] Version: v1.8.0\n";
    let ended = "F0201 07:00:34.118275       1 controllermanager.go:221] listen tcp 127.0.0.1:10252: bind: address already in use\n";
    assert_eq!(roots(&verdict("starts-begun", "kube-controller-manager.log", begun)), [""; 0]);
    let both = format!("{begun}{ended}");
    assert_eq!(roots(&verdict("starts-ended", "kube-controller-manager.log", &both)), ["control-plane-crash"]);
}

#[test]
fn what_an_incident_of_the_start_explains_followed_from_it() {
    let log = "\
I0624 17:38:49.927555    5012 kubelet.go:1616] Starting kubelet main sync loop.
I0624 17:38:50.028529    5012 kubelet.go:749] Attempting to register node 10.0.0.4
I0624 17:38:50.031165    5012 kubelet.go:766] Unable to register 10.0.0.4 with the apiserver: Post https://10.0.0.2:6443/api/v1/nodes: x509: certificate signed by unknown authority
";
    let found = verdict("starts-explained", "kubelet.log", log);
    assert_eq!(roots(&found), ["ca-mismatch"]);
    let effects: Vec<&str> = found.incidents[0].chain.iter().map(|effect| effect.condition.as_str()).collect();
    assert_eq!(effects, ["node-not-registered"]);
}
