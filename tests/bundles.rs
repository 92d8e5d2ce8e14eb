//! Support bundles: each kind of the table is recognised, its logs are found and given their node, and the verdict is that of the
//! plain log. What is there twice, whole or in part, counts once.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nodecause::catalogue::load;
use nodecause::scan::Options;
use nodecause::verdict::{SourceFacts, Verdict};

use common::command::{directory, run, write};
use common::memory::{peak, BOUND};
use common::{beside, examine};

/// Kinds that collect no log of a kubelet: their events and container logs tell the node, but for the last one, whose
/// container logs tell nothing.
const NO_KUBELET: [&str; 4] = ["cluster-info-dump", "cilium-sysdump", "openebs-mayastor", "velero-debug"];

/// The kind for which the builder takes a journal of its own, and the node that this names.
const OWN_JOURNAL: (&str, &str) = ("journal-directory", "node-a");

fn sample(name: &str) -> PathBuf {
    Path::new("samples").join(name).join("input/journal.log")
}

/// Condition and count of all that a verdict tells, the root first.
fn story(verdict: &Verdict) -> Vec<(String, u64)> {
    let incident = |incident: &nodecause::verdict::Incident| {
        let root = (incident.root.condition.clone(), incident.root.count);
        let effects = incident.chain.iter().map(|effect| (effect.condition.clone(), effect.count));
        std::iter::once(root).chain(effects).collect::<Vec<_>>()
    };
    verdict.incidents.iter().flat_map(incident).collect()
}

fn story_of(path: &Path) -> Vec<(String, u64)> {
    story(&examine(&[path.to_path_buf()], &Options::default()).1)
}

/// The kubelet's lines of a log.
fn of_kubelet(log: &str) -> String {
    let own = |line: &&str| line.split_whitespace().nth(4).is_some_and(|who| who.starts_with("kubelet["));
    log.lines().filter(own).map(|line| format!("{line}\n")).collect()
}

/// What is wrong with how a bundle of a kind was read.
fn faults(kind: &str, path: &Path, expected: &str) -> Vec<String> {
    let (scanned, verdict) = examine(&[path.to_path_buf()], &Options::default());
    let mut faults = Vec::new();
    let kinds: Vec<&str> = scanned.bundles.iter().map(|found| found.kind.as_str()).collect();
    if kinds != [kind] {
        faults.push(format!("recognised as {kinds:?}"));
    }
    let no_kubelet = NO_KUBELET.contains(&kind);
    let (node, root) = match kind {
        _ if kind == OWN_JOURNAL.0 => (OWN_JOURNAL.1, Some("disk-io-error")),
        _ => ("worker-1", (!no_kubelet).then_some(expected)),
    };
    let sources = &verdict.input.sources;
    let is_node_log = |role: Option<&str>| no_kubelet || matches!(role, Some("kubelet-log" | "journal"));
    let named = |source: &SourceFacts| source.node.as_deref() == Some(node) && is_node_log(source.role.as_deref());
    if kind != "velero-debug" && !sources.iter().any(named) {
        let sources: Vec<_> = sources.iter().map(|source| (&source.path, &source.node, &source.role)).collect();
        faults.push(format!("no log of {node} among {sources:?}"));
    }
    let found = story(&verdict).into_iter().next().map(|(root, _)| root);
    if found.as_deref() != root {
        faults.push(format!("{found:?} instead of {root:?}"));
    }
    faults.into_iter().map(|fault| format!("{}: {fault}", path.display())).collect()
}

#[test]
fn every_kind_is_recognised_and_tells_what_the_plain_log_tells() {
    let Some(maker) = beside("../shared/eval/make_bundles.py") else { return };
    let case = directory("bundles-of-every-kind");
    let log = write(&case, "kubelet.log", of_kubelet(&fs::read_to_string(sample("runtime-stopped")).unwrap()));
    let out = case.join("kinds");
    let made = Command::new("python3")
        .args([&maker, &log])
        .args(["--host", "worker-1", "--year", "2026", "--archive", "--out"])
        .arg(&out)
        .status();
    if !made.is_ok_and(|status| status.success()) {
        return println!("skipped: python3 could not make the bundles");
    }
    let (expected, _) = story_of(&log).into_iter().next().expect("the log has an incident");
    let mut wrong = Vec::new();
    for bundle in load::built_in().bundles {
        let archive = ["tar.gz", "zip"].map(|form| out.join(format!("{}.{form}", bundle.id)));
        let archive = archive.into_iter().find(|path| path.exists()).expect("each kind is archived");
        for path in [out.join(&bundle.id), archive] {
            wrong.extend(faults(&bundle.id, &path, &expected));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_user_may_add_a_kind() {
    let case = directory("bundles-own");
    let log = fs::read_to_string(sample("runtime-stopped")).unwrap();
    write(&case, "dump/acme.json", "{}");
    write(&case, "dump/n/m-7/agent.out", of_kubelet(&log).replace("worker-1 ", "x "));
    write(&case, "dump/n/m-7/trace.out", "E1125 04:00:00.000000       1 a.go:1] \"Failed\" err=\"x\"\n");
    let table = r#"
[[bundle]]
id = "acme-dump"
title = "Acme's dump"
markers = ['acme.json']
skip = [{ glob = '**/trace.out', why = "a trace" }]
roles = [{ glob = 'n/{node}/agent.out', role = 'kubelet-log' }]
references = ["acme"]
"#;
    write(&case, "own/acme.toml", table);
    let (dump, own) = (case.join("dump").display().to_string(), case.join("own").display().to_string());
    assert!(run(&["patterns", "check", &own]).out.contains("0 errors"), "{}", run(&["patterns", "check", &own]).out);
    let ran = run(&["inputs", "--format", "json", "--patterns", &own, &dump]);
    let input = ran.json();
    assert_eq!(input["bundles"][0]["kind"], "acme-dump", "{input}");
    assert_eq!((&input["sources"][0]["node"], &input["sources"][0]["role"]), (&"m-7".into(), &"kubelet-log".into()));
    assert!(input["skipped"].to_string().contains("a trace"), "{input}");
    let text = run(&["inputs", "--patterns", &own, &dump]).out;
    assert!(text.contains("acme-dump (Acme's dump), told by acme.json"), "{text}");
    write(&case, "own/acme.toml", table.replace("'acme.json'", "'/acme**'").replace("kubelet-log", "kublet-log"));
    let checked = run(&["patterns", "check", &own]);
    assert!(checked.out.contains("no role") && checked.out.contains("relative to the root"), "{}", checked.out);
    assert_eq!(run(&["--patterns", &own, &dump]).status, 2);
}

#[test]
fn the_same_bytes_count_once() {
    let case = directory("bundles-copies");
    let log = fs::read_to_string(sample("runtime-stopped")).unwrap();
    let one = write(&case, "one/a/kubelet.log", &log);
    write(&case, "two/a/kubelet.log", &log);
    write(&case, "two/b/messages", &log);
    write(&case, "two/c.log", &log);
    let (_, verdict) = examine(&[case.join("two")], &Options::default());
    assert_eq!(story(&verdict), story_of(&one));
    let again: Vec<&str> = verdict.input.sources.iter().filter_map(|source| source.view_of.as_deref()).collect();
    assert_eq!(again.len(), 2);
    assert!(again.iter().all(|first| first.ends_with("two/a/kubelet.log")), "{again:?}");
}

#[test]
fn replicas_that_say_the_same_are_not_copies() {
    let case = directory("bundles-replicas");
    let line = "2026-11-25T04:00:00.000000000Z stderr F E1125 04:00:00.000000       1 a.go:1] \"Failed\" err=\"x\"\n";
    for pod in ["web-1", "web-2"] {
        write(&case, &format!("pods/shop_{pod}_1/app/0.log"), line);
    }
    let (_, verdict) = examine(&[case], &Options::default());
    assert!(verdict.input.sources.iter().all(|source| source.view_of.is_none()), "{:?}", verdict.input.sources);
}

/// Lines from one share of a log to another, in percent.
fn part(log: &str, from: usize, to: usize) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len() * from / 100..lines.len() * to / 100].iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn halves_that_overlap_count_as_the_whole() {
    let case = directory("bundles-overlap");
    let mut faults = Vec::new();
    for name in [
        "runtime-stopped",
        "network-cni-config-removed",
        "api-server-gone",
        "workload-crash-loop",
        "identity-cert-expired-running",
    ] {
        let log = fs::read_to_string(sample(name)).unwrap();
        let whole = story_of(&write(&case, &format!("{name}/whole.log"), &log));
        for (from, to) in [(30, 70), (49, 51), (10, 95), (60, 60)] {
            let halves = case.join(format!("{name}/{from}-{to}"));
            write(&halves, "kubelet.log.1", part(&log, 0, to));
            write(&halves, "kubelet.log", part(&log, from, 100));
            let got = story_of(&halves);
            if got != whole {
                faults.push(format!("{name} {from}-{to}: {got:?} instead of {whole:?}"));
            }
        }
        // The kubelet's own file covers a part of the journal only.
        let beside = case.join(format!("{name}/beside"));
        write(&beside, "journal.log", part(&log, 20, 100));
        write(&beside, "kubelet.log", of_kubelet(&part(&log, 0, 60)));
        let kubelet = case.join(format!("{name}/expected"));
        write(&kubelet, "journal.log", format!("{}{}", of_kubelet(&part(&log, 0, 20)), part(&log, 20, 100)));
        let (got, expected) = (story_of(&beside), story_of(&kubelet));
        if got != expected {
            faults.push(format!("{name} beside: {got:?} instead of {expected:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn klogs_files_by_severity_count_once() {
    let case = directory("bundles-severities");
    let log = fs::read_to_string(sample("api-server-gone")).unwrap();
    let bare: Vec<&str> = log
        .lines()
        .filter_map(|line| line.split_once("kubelet[").and_then(|(_, rest)| rest.split_once(": ")))
        .map(|(_, message)| message)
        .collect();
    let at_least = |letters: &str| -> String {
        bare.iter()
            .filter(|line| line.starts_with(|letter| letters.contains(letter)))
            .map(|line| format!("{line}\n"))
            .collect()
    };
    let one = write(&case, "one/kubelet.INFO", at_least("IWEF"));
    write(&case, "all/kubelet.INFO", at_least("IWEF"));
    write(&case, "all/kubelet.WARNING", at_least("WEF"));
    write(&case, "all/kubelet.ERROR", at_least("EF"));
    assert_eq!(story_of(&case.join("all")), story_of(&one));
}

#[test]
fn containers_and_what_is_no_log_of_a_node() {
    let case = directory("bundles-containers");
    let line = "2026-11-25T04:00:00.000000000Z stderr F E1125 04:00:00.000000       1 a.go:1] \"Failed\" err=\"x\"\n";
    write(&case, "m/kind-version.txt", "kind v0.22.0\n");
    write(&case, "m/w1/kubernetes-version.txt", "v1.29.2\n");
    write(&case, "m/w1/pods/shop_web-1_0f1e/app/2.log", line);
    write(&case, "m/w2/pods/shop_web-1_0f1e/app/3.log", line);
    write(&case, "m/w2/audit.log", "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\"}\n");
    write(&case, "m/w2/page", "<!DOCTYPE html>\n<p>E1125 04:00:00.000000       1 a.go:1] \"Failed\"\n");
    let input = run(&["inputs", "--format", "json", &case.join("m").display().to_string()]).json();
    let sources: Vec<_> = input["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| {
            [&source["node"], &source["pod"], &source["container"], &source["restart"]]
                .map(ToString::to_string)
                .join(" ")
        })
        .collect();
    assert_eq!(sources, [r#""w1" "shop/web-1" "app" 2"#, r#""w2" "shop/web-1" "app" 3"#]);
    let skipped = input["skipped"].to_string();
    assert!(skipped.contains("audit log") && skipped.contains("HTML"), "{skipped}");
}

#[test]
fn sections_of_minikube_that_are_its_own_are_left_out() {
    let case = directory("bundles-minikube");
    let log = part(&fs::read_to_string(sample("runtime-stopped")).unwrap(), 0, 100);
    let own =
        "E1125 04:00:00.000000       1 kubelet.go:1] \"Skipping pod synchronization\" err=\"PLEG is not healthy\"\n";
    let path = write(
        &case,
        "logs.txt",
        format!("* ==> Audit <==\n| a |\n\n* ==> Last Start <==\n{own}\n* ==> kubelet <==\n{log}"),
    );
    let (scanned, verdict) = examine(std::slice::from_ref(&path), &Options::default());
    assert_eq!(story(&verdict), story_of(&write(&case, "plain.log", &log)));
    let kinds: BTreeMap<&str, &str> =
        scanned.bundles.iter().map(|found| (found.kind.as_str(), found.marker.as_str())).collect();
    assert_eq!(kinds, BTreeMap::from([("minikube-logs", "* ==> Audit <==")]));
    assert_eq!(scanned.skipped.len(), 2, "{:?}", scanned.skipped);
    let alone = write(&case, "alone.txt", format!("* ==> Audit <==\n| a |\n\n* ==> Last Start <==\n{log}"));
    assert_eq!(story_of(&alone), story_of(&case.join("plain.log")));
}

/// Resident bytes at most, over a directory that is read to its end.
fn held(case: &Path) -> u64 {
    let (ran, most) = peak(&["-q".as_ref(), case.as_os_str()], |_| Ok(()));
    assert_eq!(ran.status, 0, "{}", ran.err);
    most
}

/// A bundle of so many small files that tell nothing, and one log that does.
fn with_many_files(case: &str, count: usize) -> PathBuf {
    let case = directory(case);
    let line = "2026-11-25T04:00:00.000000000Z stderr F plain words of a program\n";
    for at in 0..count {
        write(&case, &format!("w{}/pods/shop_web-{at}_1/app/0.log", at % 100), line);
    }
    write(&case, "w1/kubelet.log", fs::read_to_string(sample("runtime-stopped")).unwrap());
    case
}

#[test]
fn small_files_that_tell_nothing_are_counted() {
    let case = with_many_files("bundles-several", 6000);
    let ran = run(&["--format", "json", &case.to_string_lossy()]);
    assert_eq!(ran.roots(), ["runtime-down"]);
    let input = &ran.json()["input"];
    let listed = input["sources"].as_array().unwrap().len() as u64;
    assert_eq!(listed + input["more_sources"].as_u64().unwrap(), 6001);
    assert!(input["more_sources"].as_u64().unwrap() > 1000 && listed > 1000, "{listed} are listed");
    let log = fs::read_to_string(sample("runtime-stopped")).unwrap();
    assert_eq!(input["lines"].as_u64().unwrap(), 6000 + log.lines().count() as u64);
}

/// Takes minutes to write and read: run it by name.
#[test]
#[ignore = "writes 200,000 files"]
fn many_small_files_take_little_memory() {
    let case = with_many_files("bundles-many", 200_000);
    let most = held(&case);
    assert!(most < BOUND, "{} MiB", most >> 20);
}

/// The same where each has something to tell.
#[test]
#[ignore = "writes 200,000 files"]
fn many_small_files_with_events_take_bounded_memory() {
    let case = directory("bundles-telling");
    let log = fs::read_to_string(sample("runtime-stopped")).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    for at in 0..200_000 {
        write(&case, &format!("w{}/{at}.log", at % 100), format!("{}\n", lines[at % lines.len()]));
    }
    let most = held(&case);
    assert!(most < 2 * BOUND, "{} MiB", most >> 20);
}

#[test]
fn the_list_of_kinds_is_that_of_the_table() {
    let page = fs::read_to_string("docs/bundles.md").unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let bundles = load::built_in().bundles;
    let expected: Vec<String> = bundles
        .iter()
        .map(|bundle| {
            let told = match (&bundle.content, &bundle.markers[..]) {
                (Some(_), _) => "headings of its sections".to_string(),
                (None, markers) => markers.iter().map(|marker| format!("`{marker}`")).collect::<Vec<_>>().join(" "),
            };
            format!("| `{}` | {} | {told} | {} |", bundle.id, bundle.title, bundle.note)
        })
        .collect();
    if std::env::var_os("UPDATE").is_some() {
        let (before, rest) = page.split_once(rows.first().copied().unwrap_or("\u{0}")).unwrap_or((&page, ""));
        let after =
            rows.last().and_then(|last| rest.split_once(last)).map_or("", |(_, after)| after.trim_start_matches('\n'));
        fs::write("docs/bundles.md", format!("{before}{}\n{after}", expected.join("\n"))).unwrap();
        return;
    }
    assert_eq!(rows, expected, "UPDATE=1 cargo test --test bundles writes it anew");
}
