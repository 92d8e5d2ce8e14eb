//! What evidence does to a report: incidents of the samples with files beside them that a person wrote, and the sentences that must
//! come of it.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{examine, reports};
use nodecause::scan::Options;
use serde_json::Value;

/// A case in a directory of its own, which is removed at the end.
struct Case {
    directory: PathBuf,
}

impl Drop for Case {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

impl Case {
    /// A case with the log of a sample, without the lines that hold `without`.
    fn of(test: &str, sample: &str, without: &str) -> Case {
        let directory = std::env::temp_dir().join(format!("nodecause-evidence-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        let case = Case { directory };
        let log = fs::read_to_string(input(sample).join("journal.log")).unwrap();
        let kept: String =
            log.split_inclusive('\n').filter(|line| without.is_empty() || !line.contains(without)).collect();
        case.with("journal.log", &kept)
    }

    fn with(self, path: &str, text: &str) -> Case {
        let path = self.directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// With a file of the sample's own evidence.
    fn with_fact(self, sample: &str, name: &str) -> Case {
        let text = fs::read_to_string(input(sample).join("facts").join(name)).unwrap();
        self.with(&format!("facts/{name}"), &text)
    }

    /// The report, as text without line breaks and as JSON.
    fn report(&self) -> (String, Value) {
        let (_, verdict) = examine(std::slice::from_ref(&self.directory), &Options::default());
        let (json, text) = reports(&verdict);
        let root = self.directory.to_string_lossy().into_owned() + "/";
        let text: Vec<&str> = text.split_whitespace().collect();
        (text.join(" ").replace(&root, ""), serde_json::from_str(&json.replace(&root, "")).unwrap())
    }
}

fn input(sample: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(sample).join("input")
}

fn assert_says(text: &str, sentences: &[&str]) {
    for sentence in sentences {
        assert!(text.contains(sentence), "{sentence}\nis not in\n{text}");
    }
}

const MEMORY: &str = "pressure-memory-unlimited-pod";
const DISK: &str = "pressure-disk-restart-again";
const IMAGES: &str = "pressure-imagefs-control-plane";
/// The line in which the kubelet tells the thresholds in use.
const IN_USE: &str = "HardEvictionThresholds";

fn configuration(settings: &str) -> String {
    format!("apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n{settings}")
}

#[test]
fn a_soft_threshold_is_told_by_the_eviction_that_it_brought() {
    let settings = "evictionHard: {memory.available: 100Mi}\nevictionSoft: {memory.available: 2200Mi}\nevictionSoftGracePeriod: {memory.available: 1m30s}\n";
    let case = Case::of("soft", MEMORY, IN_USE)
        .with("facts/config.yaml", &configuration(settings))
        .with_fact(MEMORY, "events.json");
    let (text, json) = case.report();
    assert_says(
        &text,
        &[
            "fell below the eviction threshold of 2200Mi (soft, config.yaml:4): 2224476Ki (2172.3 MiB) was left.",
            "facts/config.yaml:4: the soft threshold of memory.available is 2200Mi, after 90 s",
            "confirmed by facts/events.json:775: shop/etl-kxhdb was evicted while 2224476Ki (2172.3 MiB) was available",
        ],
    );
    assert_eq!(json["incidents"][0]["root"]["values"]["threshold_kind"], "soft");
}

#[test]
fn of_several_configurations_the_one_that_wins_is_named() {
    let hard = |value: &str| configuration(&format!("evictionHard: {{memory.available: {value}}}\n"));
    let files = |case: Case| {
        case.with("etc/config.yaml", &hard("100Mi"))
            .with("etc/kubelet.conf.d/10-a.conf", &hard("300Mi"))
            .with("etc/kubelet.conf.d/20-b.conf", &hard("2200Mi"))
            .with("etc/kubelet.conf.d/30-c.yaml", &hard("400Mi"))
    };
    let (text, _) = files(Case::of("drop-ins", MEMORY, IN_USE)).report();
    assert_says(&text, &["the eviction threshold of 2200Mi (20-b.conf:3)."]);
    // Flags win over files.
    let flags = "KUBELET_KUBEADM_ARGS=\"--eviction-hard=memory.available<2150Mi\"\n";
    let (text, _) = files(Case::of("flags", MEMORY, IN_USE)).with("etc/kubeadm-flags.env", flags).report();
    assert_says(&text, &["the eviction threshold of 2150Mi (kubeadm-flags.env:1)."]);
    // What the kubelet itself said it uses wins over all.
    let (text, _) = Case::of("log", MEMORY, "").with("etc/config.yaml", &hard("100Mi")).report();
    assert_says(&text, &["the eviction threshold of 2200Mi (journal.log:242)."]);
    // The same value in file and log: the file is where it would be changed.
    let (text, _) = Case::of("same", MEMORY, "").with("etc/config.yaml", &hard("2200Mi")).report();
    assert_says(&text, &["the eviction threshold of 2200Mi (config.yaml:3)."]);
    // None: the kubelet's own.
    let (text, _) = Case::of("default", MEMORY, IN_USE).report();
    assert_says(&text, &["the eviction threshold of 100Mi (the default)."]);
}

#[test]
fn who_sets_one_threshold_drops_the_defaults_of_the_others() {
    let one = configuration("evictionHard: {imagefs.available: 15%}\n");
    let (_, json) = Case::of("partly", IMAGES, IN_USE).with("config.yaml", &one).report();
    let root = &json["incidents"][0]["root"];
    assert_eq!(
        (&root["condition"], &root["values"]["signal"]),
        (&"imagefs-pressure".into(), &"imagefs.available".into())
    );
    let merged = configuration("evictionHard: {imagefs.available: 15%}\nmergeDefaultEvictionSettings: true\n");
    let (_, json) = Case::of("merged", IMAGES, IN_USE).with("config.yaml", &merged).report();
    assert_eq!(json["incidents"][0]["root"]["condition"], "ephemeral-storage-pressure");
}

#[test]
fn what_was_not_short_is_ruled_out_with_its_figure() {
    let free = "               total        used        free      shared  buff/cache   available\nMem:         8178892     2726297     1836976       84200     3615619     5452595\nSwap:              0           0           0\n";
    let (text, _) = Case::of("free", IMAGES, "").with("free.txt", free).report();
    assert_says(
        &text,
        &["no pod was evicted for it: 5.2 GiB of 7.8 GiB available, the threshold is 100Mi (free.txt:2)."],
    );
    // What is short all the same is not ruled out.
    let (text, _) = Case::of("short", IMAGES, "").with("free.txt", &free.replace("5452595", "52595")).report();
    assert!(!text.contains("no pod was evicted for it"), "{text}");
}

const NODE: &str = r#"{"kind":"Node","apiVersion":"v1","metadata":{"name":"cp-1"},"status":{"conditions":[
{"type":"DiskPressure","status":"STATUS","reason":"REASON","lastHeartbeatTime":"HEARTBEAT","lastTransitionTime":"SINCE"}]}}"#;
const DF: &str = "Filesystem      Size  Used Avail Use% Mounted on\n/dev/sda1       1.8G  1.1G  737M  60% /\n";

fn node(status: &str, heartbeat: &str, since: &str) -> String {
    NODE.replace("STATUS", status).replace("HEARTBEAT", heartbeat).replace("SINCE", since).replace("REASON", "")
}

#[test]
fn a_snapshot_of_the_same_time_contradicts_and_one_of_another_time_stands_beside() {
    let healthy = node("False", "2026-11-25T04:23:00Z", "2026-11-25T04:20:05Z");
    let case = Case::of("during", DISK, "").with("facts/node.json", &healthy).with("facts/df.txt", DF);
    let (text, json) = case.report();
    assert_says(
        &text,
        &[
            "contradicted by facts/df.txt:2: / is 60 % full, 737 MiB free",
            "contradicted by facts/node.json:2: condition DiskPressure of node cp-1 is False",
            "evidence beside the log contradicts it",
        ],
    );
    assert_ne!(json["incidents"][0]["root"]["confidence"], "high");
    let before = node("False", "2026-11-25T04:10:00Z", "2026-11-25T04:00:00Z");
    let case = Case::of("before", DISK, "").with("facts/node.json", &before).with("facts/df.txt", DF);
    let (text, json) = case.report();
    assert_says(&text, &["beside it facts/df.txt:2: / is 60 % full, 737 MiB free (taken before or after)"]);
    assert!(!text.contains("contradict"), "{text}");
    assert_eq!(json["incidents"][0]["root"]["confidence"], "high");
}

#[test]
fn the_runtime_and_its_unit_confirm() {
    let info = "{\"status\":{\"conditions\":[{\"type\":\"RuntimeReady\",\"status\":false,\"reason\":\"\",\"message\":\"no answer\"}]}}\n";
    let case = Case::of("runtime", "runtime-stopped", "")
        // Without a time of its own it is of the log's end; the other snapshot is of a minute later.
        .with("crictl/info.json", info)
        .with_fact("runtime-stopped", "systemctl-status.txt");
    assert_says(
        &case.report().0,
        &[
            "confirmed by crictl/info.json: RuntimeReady is false: no answer",
            "confirmed by facts/systemctl-status.txt:13: containerd.service is inactive, dead, exit status 0/SUCCESS",
        ],
    );
}

#[test]
fn the_tail_below_a_status_does_not_count_twice() {
    let log = fs::read_to_string(input(MEMORY).join("journal.log")).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    let status = format!(
        "● kubelet.service - kubelet\n     Loaded: loaded (/a; static)\n     Active: active (running) since Wed 2026-11-25 03:50:49 UTC; 5min ago\n   Main PID: 223 (kubelet)\n\n{}\n",
        lines[lines.len() - 10..].join("\n")
    );
    let alone = Case::of("no-status", MEMORY, "").report().1;
    let beside = Case::of("status", MEMORY, "").with("status.txt", &status).report().1;
    assert_eq!(alone["input"]["entries"], beside["input"]["entries"]);
    assert_eq!(alone["incidents"][0]["chain"], beside["incidents"][0]["chain"]);
    assert_eq!(beside["input"]["evidence"][0]["kind"], "units");
}

#[test]
fn year_and_zone_come_from_the_clock_of_the_node() {
    let plain = |case: Case| {
        // Lines that carry a year are left out: the runtime's own stamps.
        let log = fs::read_to_string(case.directory.join("journal.log")).unwrap();
        let kept: String = log.split_inclusive('\n').filter(|line| line.contains("kubelet[")).collect();
        case.with("journal.log", &kept)
    };
    let unknown = plain(Case::of("no-clock", MEMORY, "2026")).report().1;
    assert!(unknown["incidents"][0]["root"]["first"]["time"].is_null());
    let timedatectl = "               Local time: Wed 2026-11-25 04:57:00 CET\n           Universal time: Wed 2026-11-25 03:57:00 UTC\n                Time zone: Europe/Berlin (CET, +0100)\nSystem clock synchronized: yes\n";
    let known = plain(Case::of("clock", MEMORY, "2026")).with("timedatectl.txt", timedatectl).report().1;
    assert_eq!(known["incidents"][0]["root"]["first"]["time"], "2026-11-25T03:53:40.584874+01:00");
    assert_eq!(known["input"]["time_basis"][0]["zone"], "from timedatectl.txt");
    // A zone that two files tell differently is not known.
    let date = "Wed Nov 25 03:57:00 UTC 2026\n";
    let odd = plain(Case::of("clocks", MEMORY, "2026")).with("timedatectl.txt", timedatectl).with("date.txt", date);
    assert!(odd.report().1["incidents"][0]["root"]["first"]["time"].is_null());
}
