//! A log in thousands of files: so many events of so many objects are told less finely, and tell the same.

#![allow(clippy::unwrap_used)]

mod common;

use common::command::{directory, write};
use common::examine;
use nodecause::scan::Options;
use nodecause::verdict::Verdict;

/// Files of the rotated log.
const FILES: usize = 1200;

/// Lines of a node whose runtime is gone: each minute some pods cannot be started, others each time.
fn log(file: usize) -> String {
    let mut text = String::new();
    for number in 0..8 {
        let at = file * 60 + number * 5;
        let clock = format!("{:02}:{:02}:{:02}", at / 3600 % 24, at / 60 % 60, at % 60);
        let day = 1 + at / 86_400;
        let stamp = format!("Nov {day:2} {clock}.000000 worker-1 kubelet[190]: E11{day:02} {clock}.000000     190");
        let gone = "rpc error: code = Unavailable desc = connection error: desc = \\\"transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused\\\"";
        text += &match number {
            0 => format!("{stamp} remote_runtime.go:294] \"ListPodSandbox with filter from runtime service failed\" err=\"{gone}\" filter=\"nil\"\n"),
            _ => format!("{stamp} pod_workers.go:1301] \"Error syncing pod, skipping\" err=\"failed to \\\"CreatePodSandbox\\\" for \\\"web-{file}-{number}_shop(u-{file}-{number})\\\" with CreatePodSandboxError: \\\"Failed to create sandbox for pod \\\\\\\"web-{file}-{number}_shop(u-{file}-{number})\\\\\\\": {gone}\\\"\" pod=\"shop/web-{file}-{number}\" podUID=\"u-{file}-{number}\"\n"),
        };
    }
    text
}

fn story(verdict: &Verdict) -> Vec<(String, u64, String, String)> {
    let root = &verdict.incidents[0].root;
    let chain = verdict.incidents[0].chain.iter();
    let effects = chain
        .map(|effect| (effect.condition.clone(), effect.count, effect.first.short.clone(), effect.last.short.clone()));
    let root = (root.condition.clone(), root.count, root.first.short.clone(), root.last.short.clone());
    std::iter::once(root).chain(effects).collect()
}

#[test]
fn a_log_in_thousands_of_files_tells_what_it_tells_in_one() {
    let case = directory("crowded");
    let mut whole = String::new();
    for file in 0..FILES {
        let text = log(file);
        write(&case, &format!("files/{file:04}.log"), &text);
        whole += &text;
    }
    let one = examine(&[write(&case, "whole.log", &whole)], &Options::default()).1;
    let many = examine(&[case.join("files")], &Options::default()).1;
    assert_eq!(story(&many)[0], story(&one)[0]);
    let total = |verdict: &Verdict| story(verdict).iter().map(|(_, count, ..)| count).sum::<u64>();
    assert_eq!(total(&many), total(&one), "{:?} against {:?}", story(&many), story(&one));
    let line = |verdict: &Verdict| verdict.incidents[0].root.lines[0].text.clone();
    assert_eq!(line(&many), line(&one));
}
