//! What is not in a log is named where it could hide the cause, and lowers confidence there; nowhere else. And where there is no
//! log at all, events and node objects tell what they can.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;

use common::command::{directory, run, write};
use common::{examine, reports};
use nodecause::scan::Options;
use nodecause::verdict::{Confidence, Verdict};
use serde_json::{json, Value};

/// Writes files below a directory of its own and examines it.
fn verdict(name: &str, files: &[(&str, &str)]) -> Verdict {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gaps").join(name);
    let _ = fs::remove_dir_all(&root);
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    examine(&[root], &Options::default()).1
}

/// A line of `journalctl -o short-precise` at so many seconds after three o'clock.
fn line(at: i64, who: &str, message: &str) -> String {
    let (hour, minute, second) = (3 + at / 3600, at / 60 % 60, at % 60);
    format!("Nov 25 {hour:02}:{minute:02}:{second:02}.000000 worker-1 {who}: {message}\n")
}

/// A kubelet that has nothing to complain of, a line every ten seconds.
fn well(from: i64, to: i64) -> String {
    let say = |at: i64| {
        let clock = format!("{:02}:{:02}:{:02}", 3 + at / 3600, at / 60 % 60, at % 60);
        let klog = format!("I1125 {clock}.000000     190 kubelet_getters.go:176] \"Pod status updated\" pod=\"shop/web-{at:040}\" status=\"Running\"");
        line(at, "kubelet[190]", &klog)
    };
    (from..to).step_by(10).map(say).collect()
}

/// The runtime is gone, a line a second.
fn broken(from: i64, to: i64) -> String {
    let say = |at: i64| {
        let clock = format!("{:02}:{:02}:{:02}", 3 + at / 3600, at / 60 % 60, at % 60);
        let klog = format!(
            "E1125 {clock}.000000     190 remote_runtime.go:294] \"ListPodSandbox with filter from runtime service failed\" err=\"rpc error: code = Unavailable desc = connection error: desc = \\\"transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused\\\"\" filter=\"nil\""
        );
        line(at, "kubelet[190]", &klog)
    };
    (from..to).map(say).collect()
}

fn kinds(verdict: &Verdict) -> Vec<&str> {
    verdict.gaps.iter().map(|gap| gap.what).collect()
}

fn confidence(verdict: &Verdict) -> Confidence {
    verdict.incidents.first().unwrap().root.confidence
}

#[test]
fn gaps_are_named_where_they_could_hide_the_cause() {
    let suppressed = |at: i64| line(at, "systemd-journald[120]", "Suppressed 1243 messages from kubelet.service");
    let boot = |at: i64| {
        line(
            at,
            "kernel",
            "Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP",
        )
    };
    let stopped = |at: i64| {
        line(at, "systemd-shutdown[1]", "Syncing filesystems and block devices.")
            + &line(at, "systemd-logind[300]", "System is rebooting.")
    };
    let cases: Vec<(&str, String, &[&str], Confidence)> = vec![
        ("whole", well(0, 600) + &broken(600, 660), &[], Confidence::High),
        ("border", broken(600, 660), &["no start"], Confidence::Medium),
        ("suppressed-before", well(0, 600) + &suppressed(595) + &broken(600, 660), &["suppressed"], Confidence::Medium),
        (
            "suppressed-long-before",
            suppressed(5) + &well(10, 2000) + &broken(2000, 2060),
            &["suppressed"],
            Confidence::High,
        ),
        ("hole", well(0, 3000) + &broken(9000, 9060), &["hole"], Confidence::Medium),
        ("pause-elsewhere", well(0, 3000) + &well(9000, 12000) + &broken(12000, 12060), &[], Confidence::High),
        (
            "crash",
            well(0, 3000) + &boot(3020) + &well(3030, 3100) + &broken(3100, 3160),
            &["no end"],
            Confidence::Medium,
        ),
        (
            "reboot",
            well(0, 3000) + &stopped(3001) + &boot(3020) + &well(3030, 3100) + &broken(3100, 3160),
            &[],
            Confidence::High,
        ),
    ];
    let mut wrong = Vec::new();
    for (name, log, expected, sure) in cases {
        let verdict = verdict(name, &[("journal.log", &log)]);
        if verdict.incidents.is_empty() {
            wrong.push(format!("{name}: nothing found"));
            continue;
        }
        let got = (kinds(&verdict), confidence(&verdict));
        if got != (expected.to_vec(), sure) {
            wrong.push(format!("{name}: {got:?}, not {expected:?} {sure:?}: {:?}", verdict.incidents[0].root.reasons));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An event as the API server gives it.
fn event(node: &str, about: (&str, &str), reason: &str, message: &str, times: (i64, i64, u64)) -> Value {
    let at =
        |seconds: i64| format!("2026-11-25T{:02}:{:02}:{:02}Z", 3 + seconds / 3600, seconds / 60 % 60, seconds % 60);
    let (kind, name) = about;
    json!({
        "kind": "Event", "apiVersion": "v1", "metadata": {"name": format!("{name}.17"), "namespace": "shop"},
        "involvedObject": if kind == "Pod" { json!({"kind": kind, "name": name, "namespace": "shop"}) } else { json!({"kind": kind, "name": name}) },
        "reason": reason, "message": message, "type": "Warning", "count": times.2,
        "firstTimestamp": at(times.0), "lastTimestamp": at(times.1), "source": {"component": "kubelet", "host": node},
    })
}

fn list(events: Vec<Value>) -> String {
    serde_json::to_string_pretty(&json!({"kind": "List", "apiVersion": "v1", "items": events})).unwrap()
}

fn pressure(node: &str) -> Vec<Value> {
    let low = "The node was low on resource: ephemeral-storage. Threshold quantity: 288239013, available: 264172Ki. ";
    vec![
        event(node, ("Pod", "web-7"), "Pulled", "Container image already present on machine", (0, 0, 1)),
        event(node, ("Node", node), "EvictionThresholdMet", "Attempting to reclaim ephemeral-storage", (600, 960, 37)),
        event(node, ("Pod", "web-0"), "Evicted", low, (604, 604, 1)),
    ]
}

#[test]
fn events_alone_give_a_verdict() {
    let verdict = verdict("events", &[("events.json", &list(pressure("worker-3")))]);
    let incident = verdict.incidents.first().unwrap();
    let root = &incident.root;
    assert_eq!(incident.nodes, ["worker-3"]);
    assert!(
        root.lines[0].path.ends_with("events.json") && root.lines[0].text.contains("EvictionThresholdMet"),
        "{:?}",
        root.lines
    );
    let text = fs::read_to_string(&root.lines[0].path).unwrap();
    let near = text.lines().skip(root.lines[0].position.line as usize - 1).take(12).collect::<String>();
    assert!(near.contains("Attempting to reclaim"), "line {}", root.lines[0].position.line);
    assert!(root.count >= 37, "{}", root.count);
    assert_eq!(root.confidence, Confidence::Medium);
    assert!(root.reasons.iter().any(|reason| reason.contains("only events were given")), "{:?}", root.reasons);
    assert!(incident.chain.iter().any(|effect| effect.condition == "pod-evicted"));
    let (_, text) = reports(&verdict);
    assert!(text.contains("events"), "{text}");
}

#[test]
fn events_of_a_node_with_a_log_count_once() {
    let log = (well(0, 600) + &broken(600, 660)).replace("worker-1", "worker-3.example.com");
    let alone = verdict("logged-alone", &[("journal.log", &log)]);
    let both = verdict("logged", &[("journal.log", &log), ("events.json", &list(pressure("worker-3")))]);
    assert_eq!(alone.incidents.len(), both.incidents.len());
    assert_eq!(alone.incidents[0].root.count, both.incidents[0].root.count);
    assert!(both.input.sources.iter().all(|source| source.kind == "log"));
    let other = verdict("logged-other", &[("journal.log", &log), ("events.json", &list(pressure("worker-4")))]);
    let nodes: Vec<&Vec<String>> = other.incidents.iter().map(|incident| &incident.nodes).collect();
    assert!(nodes.contains(&&vec!["worker-4".to_string()]), "{nodes:?}");
}

#[test]
fn a_node_object_tells_its_conditions() {
    let node = json!({
        "kind": "Node", "apiVersion": "v1", "metadata": {"name": "worker-5", "creationTimestamp": "2026-11-01T00:00:00Z"},
        "status": {"nodeInfo": {}, "conditions": [
            {"type": "DiskPressure", "status": "True", "reason": "KubeletHasDiskPressure", "message": "kubelet has disk pressure",
             "lastTransitionTime": "2026-11-25T03:10:00Z", "lastHeartbeatTime": "2026-11-25T03:12:00Z"},
            {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status",
             "lastTransitionTime": "2026-11-25T02:10:00Z", "lastHeartbeatTime": "2026-11-25T03:12:00Z"}]}});
    let verdict = verdict("node", &[("node.json", &serde_json::to_string_pretty(&node).unwrap())]);
    let root = &verdict.incidents.first().unwrap().root;
    assert_eq!(root.condition, "ephemeral-storage-pressure");
    assert_eq!(root.confidence, Confidence::Low);
}

#[test]
fn a_log_that_could_not_be_read_counts_where_it_may_hold_the_cause() {
    let packed = |log: &str| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        gzip.write_all(log.as_bytes()).unwrap();
        gzip.finish().unwrap()
    };
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    let wrong_sum = |mut bytes: Vec<u8>| {
        let at = bytes.len() - 8;
        bytes[at] ^= 1;
        bytes
    };
    let garbage = || b"\x1f\x8b\x08\x04broken".to_vec();
    let etcd = |from: i64, to: i64| -> String {
        (from..to).step_by(5).map(|at| line(at, "etcd[7]", &format!("compaction {at} is done"))).collect()
    };
    let shop = |from: i64, to: i64| etcd(from, to).replace("etcd[7]", "shop[9]");
    let kubelet = || (well(0, 600) + &broken(600, 660)).into_bytes();
    // What lies beside the kubelet's log, and whether it lowers the confidence.
    let cases: Vec<(&str, &str, Vec<u8>, bool)> = vec![
        ("cut-before", "etcd.log.gz", cut(packed(&etcd(0, 800))), true),
        ("cut-after", "etcd.log.gz", cut(packed(&etcd(0, 2000))), false),
        ("wrong-sum", "etcd.log.gz", wrong_sum(packed(&etcd(0, 660))), false),
        ("nothing-of-it", "etcd.log.gz", garbage(), true),
        ("of-no-component", "shop.log.gz", cut(packed(&shop(0, 800))), false),
        ("nothing-of-no-component", "shop.log.gz", garbage(), false),
        ("rotated", "kubelet.log.1.gz", garbage(), false),
        ("rotated-and-cut", "kubelet.log.1.gz", cut(packed(&well(-3000, 0))), false),
    ];
    for (name, file, bytes, lowers) in cases {
        let root = directory(&format!("gaps-unread-{name}"));
        write(&root, "kubelet.log", kubelet());
        write(&root, file, bytes);
        let ran = run(&["--format", "json", root.to_str().unwrap()]);
        let json = ran.json();
        let root = &json["incidents"][0]["root"];
        assert_eq!(root["condition"], "runtime-down", "{name}: {ran:?}");
        let (sure, reasons) = (&root["confidence"], root["reasons"].to_string());
        assert_eq!(
            (sure == "high", reasons.contains("could not be read")),
            (!lowers, lowers),
            "{name}: {sure} {reasons}"
        );
        let gap = |gap: &Value| gap["what"] == "truncated" && gap["path"].as_str().unwrap().ends_with(file);
        assert_eq!(json["gaps"].as_array().unwrap().iter().any(gap), lowers, "{name}: {}", json["gaps"]);
    }
}

#[test]
fn one_boot_in_two_forms_of_dmesg_is_one() {
    // The node booted at 02:59; the log of the kubelet begins later, and the incident half an hour after that.
    let log = well(60, 1800) + &broken(1800, 1900);
    let human = "[Wed Nov 25 02:59:00 2026] Linux version 6.1.0-17-amd64 (debian-kernel@lists.debian.org)\n\
                 [Wed Nov 25 02:59:01 2026] EXT4-fs (sda1): mounted filesystem with ordered data mode.\n";
    let raw = "[    0.000000] Linux version 6.1.0-17-amd64 (debian-kernel@lists.debian.org)\n\
               [    1.130000] EXT4-fs (sda1): mounted filesystem with ordered data mode.\n";
    let verdict =
        verdict("two-dmesg", &[("kubelet.log", &log), ("dmesg.human.current", human), ("dmesg.current", raw)]);
    let boots = verdict.lifecycles.iter().filter(|life| life.what == "boot").count();
    assert_eq!(boots, 1, "{:?}", verdict.lifecycles);
    assert!(!kinds(&verdict).contains(&"no end"), "{:?}", verdict.gaps);
    assert_eq!(verdict.incidents[0].root.confidence, Confidence::High, "{:?}", verdict.incidents[0].root.reasons);
    let text = reports(&verdict).1;
    assert!(text.starts_with("worker-1 · 25 Nov 02:59:00 – 03:31:39 · "), "{text}");
}

#[test]
fn events_of_a_table_are_shown_as_they_stand() {
    // Copied without the heading, and the first one without its blanks.
    let rows = "\
Normal   Scheduled    18m                  default-scheduler  Successfully assigned shop/web-1 to node-a
  Warning  FailedMount  9m30s (x2 over 11m)  kubelet, node-a    MountVolume.SetUp failed for volume \"cfg\" : configmap \"web\" not found
";
    let found = verdict("rows", &[("events.txt", rows)]);
    let root = &found.incidents[0].root;
    assert_eq!(root.condition, "pod-config-missing");
    assert_eq!((root.lines[0].position.line, root.lines[0].text.as_str()), (2, rows.lines().nth(1).unwrap()));
    assert_eq!(root.first.short, "420 s", "ages tell how long after the oldest event");
}
