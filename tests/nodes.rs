//! Several nodes in one input: each node's lines are its own, whether they come as files or merged into one; what one node sees of
//! another's trouble is an effect of it, and what has nothing to do with it stays apart. The nodes are cases of the samples, put
//! beside each other by shifting their clocks.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::{examine, reports};
use nodecause::scan::Options;
use nodecause::verdict::{Incident, Verdict};
use regex::{Captures, Regex};

/// A control plane whose disk fills up: 03:52:04 the first sign, 03:54:43 the API server is gone.
const CONTROL_PLANE: &str = "samples/pressure-imagefs-control-plane/input/journal.log";
/// A worker whose API server is gone from 03:58:33 on.
const WITHOUT_API: &str = "samples/api-server-gone/input/journal.log";
/// A worker that is well.
const WELL: &str = "samples/quiet-worker-rollout/input/journal.log";
/// A worker whose runtime stops.
const RUNTIME: &str = "samples/runtime-stopped/input/journal.log";

/// A log of a sample as another host has it, with every stamp moved by so many seconds.
fn node(path: &str, host: &str, seconds: i64) -> String {
    let text = fs::read_to_string(path).unwrap();
    let clock = Regex::new(r"\b(\d\d):(\d\d):(\d\d)\b").unwrap();
    let moved = |clock: &Captures<'_>| {
        let number = |at: usize| clock[at].parse::<i64>().unwrap();
        let at = number(1) * 3600 + number(2) * 60 + number(3) + seconds;
        format!("{:02}:{:02}:{:02}", at / 3600, at / 60 % 60, at % 60)
    };
    let text = clock.replace_all(&text, moved);
    let known = text.split_whitespace().nth(3).unwrap().to_string();
    text.replace(&known, host)
}

/// Lines of several logs in the order of their stamps, as a log server keeps them.
fn merged(logs: &[String]) -> String {
    let mut lines: Vec<&str> = logs.iter().flat_map(|log| log.lines()).collect();
    lines.sort_by_key(|line| &line[..22]);
    lines.join("\n") + "\n"
}

/// Writes files below a directory of its own and examines it.
fn verdict(name: &str, files: &[(&str, &str)]) -> Verdict {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nodes").join(name);
    let _ = fs::remove_dir_all(&root);
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    examine(&[PathBuf::from(&root)], &Options::default()).1
}

/// What an incident says, without paths and lines.
fn story(incident: &Incident) -> String {
    let effects: Vec<String> = incident
        .chain
        .iter()
        .map(|effect| format!("{} {} × {:?} {:?}", effect.condition, effect.count, effect.nodes, effect.caused_by))
        .collect();
    let root = &incident.root;
    format!("{:?} {} {} ×: {}", incident.nodes, root.condition, root.count, effects.join("; "))
}

fn stories(verdict: &Verdict) -> Vec<String> {
    verdict.incidents.iter().map(story).collect()
}

#[test]
fn one_nodes_trouble_is_seen_by_others() {
    let (cp, one, two) =
        (node(CONTROL_PLANE, "cp-1", 0), node(WITHOUT_API, "worker-1", -229), node(WELL, "worker-2", 0));
    let files = verdict("seen-files", &[("cp/journal.log", &cp), ("one/journal.log", &one), ("two/journal.log", &two)]);
    assert_eq!(files.incidents.len(), 1, "{:#?}", stories(&files));
    let incident = &files.incidents[0];
    assert_eq!(incident.nodes, ["cp-1", "worker-1"]);
    assert_eq!(incident.root.object.iter().find(|(name, _)| name == "node").unwrap().1, "cp-1");
    let unreachable = incident.chain.iter().find(|effect| effect.nodes == ["cp-1", "worker-1"]);
    assert!(unreachable.is_some(), "{}", story(incident));
    let merged = verdict("seen-merged", &[("all.log", &merged(&[cp.clone(), one, two]))]);
    assert_eq!(stories(&files), stories(&merged));
    let (_, text) = reports(&merged);
    assert!(text.starts_with("cp-1, worker-1, worker-2"), "{text}");
    assert!(text.contains("It began on cp-1; also seen on worker-1."), "{text}");
    let alone = verdict("seen-alone", &[("journal.log", &cp)]);
    assert_eq!(alone.incidents[0].root.lines[0].text, merged.incidents[0].root.lines[0].text);
}

#[test]
fn clocks_of_nodes_may_differ() {
    for seconds in [-229 - 4, -229 + 30] {
        let (cp, one) = (node(CONTROL_PLANE, "cp-1", 0), node(WITHOUT_API, "worker-1", seconds));
        let verdict = verdict(&format!("clocks{seconds}"), &[("cp.log", &cp), ("one.log", &one)]);
        assert_eq!(verdict.incidents.len(), 1, "{seconds}: {:#?}", stories(&verdict));
    }
}

#[test]
fn healthy_nodes_beside_a_broken_one_change_nothing() {
    let broken = node(RUNTIME, "worker-1", 0);
    let first: String = broken.lines().next().unwrap()[7..15].to_string();
    let starts = |path: &str| node(path, "x", 0).lines().next().unwrap()[7..15].to_string();
    let seconds = |clock: &str| clock.split(':').fold(0, |sum, part| sum * 60 + part.parse::<i64>().unwrap());
    let by = seconds(&first) - seconds(&starts(WELL));
    let (two, three) = (node(WELL, "worker-2", by), node(WELL, "worker-3", by + 3));
    let alone = verdict("healthy-alone", &[("journal.log", &broken)]);
    let files = verdict("healthy-files", &[("a.log", &broken), ("b.log", &two), ("c.log", &three)]);
    let merged = verdict("healthy-merged", &[("all.log", &merged(&[broken, two, three]))]);
    assert_eq!(stories(&files), stories(&merged));
    assert_eq!(files.incidents[0].nodes, ["worker-1"]);
    let main = |verdict: &Verdict| (verdict.incidents.len(), verdict.incidents[0].root.condition.clone());
    assert_eq!(main(&alone), main(&files));
}

#[test]
fn independent_incidents_stay_apart() {
    for by in [0, 150] {
        let (one, two) = (
            node(RUNTIME, "worker-1", 0),
            node("samples/pressure-memory-unlimited-pod/input/journal.log", "worker-2", by),
        );
        let files = verdict(&format!("apart{by}"), &[("a.log", &one), ("b.log", &two)]);
        let merged = verdict(&format!("apart-merged{by}"), &[("all.log", &merged(&[one, two]))]);
        let nodes: BTreeSet<Vec<String>> = files.incidents.iter().map(|incident| incident.nodes.clone()).collect();
        assert_eq!(
            nodes,
            BTreeSet::from([vec!["worker-1".to_string()], vec!["worker-2".to_string()]]),
            "{:#?}",
            stories(&files)
        );
        assert_eq!(stories(&files), stories(&merged));
    }
}

#[test]
fn a_name_and_its_first_label_are_one_node() {
    let log = node(RUNTIME, "worker-1", 0);
    let half: Vec<&str> = log.lines().collect();
    let (first, second) = half.split_at(half.len() / 2);
    let long = second.join("\n").replace("worker-1 ", "WORKER-1.example.com ");
    let whole = verdict("names-one", &[("journal.log", &log)]);
    let parts = verdict("names-two", &[("a.log", &(first.join("\n") + "\n")), ("b.log", &(long.clone() + "\n"))]);
    assert_eq!(parts.incidents.len(), whole.incidents.len());
    assert_eq!(parts.incidents[0].nodes.len(), 1);
    let renamed = verdict(
        "names-renamed",
        &[("a.log", &(first.join("\n").replace(" worker-1 ", " localhost ") + "\n" + &long + "\n"))],
    );
    assert_eq!(renamed.incidents[0].nodes, ["WORKER-1.example.com"]);
}

#[test]
fn two_machines_with_one_first_label_stay_apart() {
    let (one, two) = (node(RUNTIME, "node-1.east.example.com", 0), node(RUNTIME, "node-1.west.example.com", 20));
    // Another process, else it could be the same one.
    let two = Regex::new(r"\bkubelet\[\d+\]").unwrap().replace_all(&two, "kubelet[77]").into_owned();
    let two = Regex::new(r"(: [IWEF]\d{4} [0-9:.]+ +)\d+ ").unwrap().replace_all(&two, "${1}77 ").into_owned();
    let files = verdict("labels", &[("a.log", &one), ("b.log", &two)]);
    let merged = verdict("labels-merged", &[("all.log", &merged(&[one, two]))]);
    assert_eq!(files.incidents.len(), 2, "{:#?}", stories(&files));
    assert_eq!(stories(&files), stories(&merged));
}

#[test]
fn an_appliance_is_no_node() {
    let log = node(RUNTIME, "worker-1", 0);
    let alone = verdict("appliance-alone", &[("journal.log", &log)]);
    let mut lines: Vec<String> = log.lines().map(str::to_string).collect();
    for at in (0..lines.len()).step_by(20).rev() {
        let stamp = lines[at][..22].to_string();
        lines.insert(
            at,
            format!("{stamp} core-switch-2 ifmgr[12]: %LINK-3-UPDOWN: Interface Ethernet1, changed state to up"),
        );
    }
    let with = verdict("appliance", &[("journal.log", &(lines.join("\n") + "\n"))]);
    assert_eq!(stories(&alone), stories(&with));
    assert_eq!(with.input.sources[0].node.as_deref(), Some("worker-1"));
}

/// What a container says of an API server that is gone, fetched through the API: no line names a node.
const FETCHED: &str = "\
I1125 03:57:00.000000       1 server.go:1] \"Started\"
E1125 03:58:40.000000       1 reflector.go:205] \"Failed to watch\" err=\"failed to list *v1.Service: Get \\\"https://cp-1:6443/api/v1/services\\\": dial tcp 172.18.0.2:6443: connect: connection refused\"
";

/// Lists of pods, each with its node, in the forms that tell it.
fn lists(pods: [(&str, &str); 2]) -> [(&'static str, String); 4] {
    let object = |(name, node)| {
        format!(
            r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"namespace":"kube-system","name":"{name}"}},"spec":{{"nodeName":"{node}"}},"status":{{"phase":"Running"}}}}"#
        )
    };
    let row = |(name, node)| format!("kube-system   {name}   1/1     Running   0          1h    10.0.0.1   {node}\n");
    let description = |(name, node)| {
        format!(
            "Name:       {name}\nNamespace:  kube-system\nNode:       {node}/10.0.0.1\nContainers:\n  proxy:\n    State:  Running\nEvents:  <none>\n\n\n"
        )
    };
    let heading = "NAMESPACE     NAME      READY   STATUS    RESTARTS   AGE   IP         NODE\n";
    [
        ("json", format!(r#"{{"kind":"List","apiVersion":"v1","items":[{}]}}"#, pods.map(object).join(","))),
        ("yaml", format!("apiVersion: v1\nkind: List\nitems:\n- {}\n", pods.map(object).join("\n- "))),
        ("table", format!("{heading}{}", pods.map(row).concat())),
        ("descriptions", pods.map(description).concat()),
    ]
}

#[test]
fn containers_are_on_the_node_that_lists_of_pods_tell() {
    let (gone, well) = (node(WITHOUT_API, "worker-1", 0), node(WELL, "worker-2", 0));
    let quiet = FETCHED.lines().next().unwrap();
    let examined = |name: &str, list: &str| {
        verdict(
            &format!("fetched-{name}"),
            &[
                ("version.yaml", "version: 1\n"),
                ("cluster-resources/pods/kube-system.json", list),
                ("cluster-resources/pods/logs/kube-system/proxy-1/proxy.log", FETCHED),
                ("cluster-resources/pods/logs/kube-system/proxy-2/proxy.log", quiet),
                ("host-collectors/journald/a.txt", &gone),
                ("host-collectors/journald/b.txt", &well),
            ],
        )
    };
    let nodes = |verdict: &Verdict| verdict.input.sources.iter().map(|source| source.node.clone()).collect::<Vec<_>>();
    let unplaced = examined("none", "{}");
    assert_eq!(nodes(&unplaced), [None, None, Some("worker-1".into()), Some("worker-2".into())]);
    // The same logs: whose trouble it is, the list alone tells.
    for (on, other, of) in
        [("worker-1", "worker-2", &["worker-1"][..]), ("worker-2", "worker-1", &["worker-1", "worker-2"])]
    {
        for (form, list) in lists([("proxy-1", on), ("proxy-2", &format!("{other}.local"))]) {
            let verdict = examined(&format!("{on}-{form}"), &list);
            let expected = [on, other, "worker-1", "worker-2"].map(|node| Some(node.to_string()));
            assert_eq!(nodes(&verdict), expected, "{form}");
            let incidents: Vec<&[String]> = verdict.incidents.iter().map(|incident| &incident.nodes[..]).collect();
            assert_eq!(incidents, [of], "{form} {on}: {:?}", stories(&verdict));
        }
    }
}
