//! Forms that are no lines, or whose lines stand in another order than time: each sample gives the entries expected.

use std::fs;

use nodecause::envelope::{Envelope, Severity};
use nodecause::input::open;
use serde_json::Value;

use crate::expected::{field, is_klog, is_message, is_time, joined};
use crate::reading::{framed, read, read_any, Seen};
use crate::{rows, samples};

/// A sample, its expected rows, and whether only the lines of the speaker that these name are compared.
struct Sample {
    file: &'static str,
    expected: &'static str,
    only: &'static str,
}

const fn sample(file: &'static str, expected: &'static str) -> Sample {
    Sample { file, expected, only: "" }
}

const SAMPLES: [Sample; 18] = [
    sample("stern.log", "stern"),
    sample("stern.jsonl", "stern"),
    sample("logcli-default.txt", "logcli-default"),
    sample("logcli.jsonl", "logcli"),
    sample("loki-query-range.json", "loki-query-range"),
    sample("gcp-logging.json", "gcp-logging"),
    sample("gcp-logging-text.jsonl", "gcp-logging-text"),
    sample("cloudwatch-events.json", "cloudwatch-events"),
    sample("cloudwatch-fluentbit.log", "cloudwatch-fluentbit"),
    sample("azure-log-analytics.csv", "azure-log-analytics"),
    sample("journalctl-reverse-precise.log", "journalctl-reverse-precise"),
    sample("sos-tac.log", "sos-tac"),
    sample("windows-utf16.log", "windows-utf16"),
    sample("windows-kubelet.err.log", "windows-kubelet.err"),
    sample("../kernel/dmesg-json.txt", "../kernel/dmesg-json"),
    Sample { file: "minikube-logs.txt", expected: "minikube-logs", only: "kubelet" },
    Sample { file: "minikube-logs-old.txt", expected: "minikube-logs-old", only: "kubelet" },
    Sample { file: "cluster-info-dump.txt", expected: "cluster-info-dump", only: "kube-proxy" },
];

/// The decoded bytes of a file, as a scan reads them.
fn bytes(path: &std::path::Path) -> Vec<u8> {
    let opened = open::Opened::begin(open::file(path).unwrap(), open::HEAD, &|| false).unwrap();
    let mut all = Vec::new();
    std::io::Read::read_to_end(&mut opened.as_text(&|| false).unwrap().stream(), &mut all).unwrap();
    all
}

#[test]
fn samples_of_every_form() {
    let Some(samples) = samples() else { return };
    for Sample { file, expected, only } in SAMPLES {
        let path = samples.join("wrapped");
        let source = bytes(&path.join(file));
        assert!(framed(&source).is_some(), "{file} is not known");
        let mut seen = read_any(&source);
        seen.retain(|seen| only.is_empty() || seen.ident == only);
        let wanted = joined(rows(&path.join(format!("{expected}.expected.jsonl"))), &[]);
        for (seen, (row, said)) in seen.iter().zip(&wanted) {
            compare(file, seen, row, said.as_deref().unwrap());
        }
        assert_eq!(seen.len(), wanted.len(), "{file}");
    }
}

fn compare(file: &str, seen: &Seen, row: &Value, said: &str) {
    let place = format!("{file}: {row}\n{seen:?}");
    // In the short form a TAB is eight blanks.
    let shown = seen.message.replace("        ", "\t");
    assert!(is_message(&shown, said) || is_message(&seen.message, said), "{place}");
    if let Some(micros) = row.get("ts_us").and_then(Value::as_i64) {
        let precision =
            if seen.envelope == Envelope::Short && file.starts_with("minikube") || file == "logcli-default.txt" {
                1_000_000
            } else {
                1
            };
        assert!(is_time(seen.stamp.or(seen.inner), micros, precision, 0), "{place}");
    }
    if let Some(micros) = row.get("mono_us").and_then(Value::as_i64) {
        assert!(is_time(seen.stamp, micros, 1, 0), "{place}");
        assert_eq!(seen.ident, "kernel");
    }
    for (key, read) in [("host", &seen.host), ("ident", &seen.ident), ("container", &seen.ident), ("unit", &seen.unit)]
    {
        assert!(row.get(key).is_none() || read == field(row, key), "{place}");
    }
    if row.get("pod").is_some() {
        assert!(seen.unit.ends_with(field(row, "pod")), "{place}");
    }
    if row.get("pid").is_some() {
        assert_eq!(seen.pid.to_string(), field(row, "pid"), "{place}");
    }
    if is_klog(&seen.message) {
        assert!(seen.process > 0 && seen.file.ends_with(".go") && seen.inner.is_some(), "{place}");
    }
}

/// Bare messages: each line of them is read, the klog lines with their headers.
#[test]
fn cat() {
    let Some(samples) = samples() else { return };
    let source = fs::read(samples.join("journalctl/cat.txt")).unwrap();
    let seen = read_any(&source);
    let klog = rows(&samples.join("expected/full.jsonl"));
    let klog: Vec<&str> = klog.iter().map(|row| field(row, "message")).filter(|message| is_klog(message)).collect();
    let headed = seen.iter().filter(|seen| is_klog(&seen.message));
    let said: Vec<&str> = headed.map(|seen| seen.message.lines().next().unwrap()).collect();
    assert!(klog.len() > 40);
    assert_eq!(said, klog);
}

/// Kernel lines without any stamp are text, each line of which is an entry.
#[test]
fn kernel_without_stamps() {
    let Some(samples) = samples() else { return };
    let source = fs::read(samples.join("kernel/dmesg-human-notime.txt")).unwrap();
    let seen = read_any(&source);
    assert!(seen.iter().any(|seen| seen.message.starts_with("Memory cgroup out of memory: Killed process 4242")));
}

fn only(text: &str) -> Vec<Seen> {
    assert!(framed(text.as_bytes()).is_some(), "{text}");
    read_any(text.as_bytes())
}

/// Forms of which there is no sample: one entry each, all the same.
#[test]
fn one_entry_in_every_store() {
    const KLOG: &str = r#"E0101 00:03:11.000001    1032 kubelet.go:2327] \"Skipping\" err=\"x\""#;
    let plain = KLOG.replace('\\', "");
    let csv = plain.replace('"', "\"\"");
    let cases = [
        ("elastic", format!(r#"{{"_index":"a","_source":{{"@timestamp":"2024-01-01T00:03:11.000Z","message":"{KLOG}","host":{{"name":"node-a"}},"systemd":{{"unit":"kubelet.service"}},"log":{{"syslog":{{"appname":"kubelet"}}}}}}}}"#)),
        ("elastic flat", format!(r#"{{"@timestamp":"2024-01-01T00:03:11.000Z","message":"{KLOG}","host.name":"node-a","log.syslog.appname":"kubelet"}}"#)),
        ("elastic search", format!(r#"{{"took":1,"hits":{{"total":1,"hits":[{{"_source":{{"@timestamp":"2024-01-01T00:03:11.000Z","message":"{KLOG}","host":{{"name":"node-a"}},"process":{{"name":"kubelet"}}}}}}]}}}}"#)),
        ("vector", format!(r#"{{"message":"{KLOG}","timestamp":"2024-01-01T00:03:11.000000Z","host":"node-a","_SYSTEMD_UNIT":"kubelet.service","SYSLOG_IDENTIFIER":"kubelet"}}"#)),
        ("fluent-bit", format!(r#"[0] host.kubelet: [1704067391.000000000, {{"MESSAGE"=>"{KLOG}", "_HOSTNAME"=>"node-a", "SYSLOG_IDENTIFIER"=>"kubelet"}}]"#)),
        ("fluent-bit 2", format!(r#"[0] host.kubelet: [[1704067391.000000000, {{}}], {{"MESSAGE"=>"{KLOG}", "_HOSTNAME"=>"node-a", "SYSLOG_IDENTIFIER"=>"kubelet"}}]"#)),
        ("journal array", format!(r#"[{{"MESSAGE":"{KLOG}","_HOSTNAME":"node-a","SYSLOG_IDENTIFIER":"kubelet","__REALTIME_TIMESTAMP":"1704067391000000"}}]"#)),
        ("azure tables", format!(r#"{{"tables":[{{"name":"PrimaryResult","columns":[{{"name":"TimeGenerated","type":"datetime"}},{{"name":"Computer","type":"string"}},{{"name":"ProcessName","type":"string"}},{{"name":"SyslogMessage","type":"string"}}],"rows":[["2024-01-01T00:03:11Z","node-a","kubelet","{KLOG}"]]}}]}}"#)),
        ("azure objects", format!(r#"[{{"TimeGenerated":"2024-01-01T00:03:11Z","Computer":"node-a","ProcessName":"kubelet","SyslogMessage":"{KLOG}","TableName":"PrimaryResult"}}]"#)),
        ("azure containers", format!("TimeGenerated [UTC],Computer,PodName,ContainerName,LogMessage,LogSource\n\"1/1/2024, 12:03:11.000 AM\",node-a,p-0,kubelet,\"{csv}\",stderr\n")),
        ("insights csv", format!("@timestamp,@message\n2024-01-01 00:03:11.000,\"{{\"\"hostname\"\":\"\"node-a\"\",\"\"systemd_unit\"\":\"\"kubelet\"\",\"\"SYSLOG_IDENTIFIER\"\":\"\"kubelet\"\",\"\"message\"\":\"\"{}\"\"}}\"\n", KLOG.replace('"', "\"\""))),
        ("insights results", format!(r#"{{"results":[[{{"field":"@timestamp","value":"2024-01-01 00:03:11.000"}},{{"field":"@message","value":"{}"}}]]}}"#, format!(r#"{{"hostname":"node-a","SYSLOG_IDENTIFIER":"kubelet","message":"{KLOG}"}}"#).replace('\\', r"\\").replace('"', "\\\""))),
        ("container insights", format!(r#"2024-01-01T00:03:11.000Z {{"log":"2024-01-01T00:03:11.000000Z stderr F {KLOG}\n","stream":"stderr","kubernetes":{{"host":"node-a","pod_name":"p-0","namespace_name":"shop","container_name":"kubelet"}}}}"#)),
        ("headers apart", r#"{"insertId":"i","jsonPayload":{"message":"\"Skipping\" err=\"x\"","pid":"1032"},"resource":{"labels":{"node_name":"node-a"}},"timestamp":"2024-01-01T00:03:11.000001Z","severity":"ERROR","logName":"projects/p/logs/kubelet","sourceLocation":{"file":"kubelet.go","line":"2327"}}"#.to_string()),
    ];
    for (what, text) in cases {
        let seen = only(&text);
        assert_eq!(seen.len(), 1, "{what}: {seen:?}");
        assert_eq!(seen[0].message, plain, "{what}: {seen:?}");
        let told = if what.starts_with("insights csv") { "kubelet" } else { &*seen[0].ident };
        assert_eq!((&*seen[0].host, told), ("node-a", "kubelet"), "{what}: {seen:?}");
        assert!(
            is_time(seen[0].stamp, 1_704_067_391_000_000, 1_000, 0)
                || is_time(seen[0].stamp, 1_704_067_391_000_001, 1, 0),
            "{what}: {seen:?}"
        );
        assert_eq!(
            (seen[0].severity, &*seen[0].file, seen[0].process),
            (Severity::Error, "kubelet.go", 1032),
            "{what}"
        );
    }
}

/// A single object over many lines, as a cloud's console shows what its kubelet said of a replica.
#[test]
fn one_object_over_several_lines() {
    let seen = only(
        "{\n    \"TimeStamp\": \"2024-01-01 01:03:11 \\u002B0100 CET\",\n    \"Type\": \"Warning\",\n    \"ReplicaName\": \"app--1-5d\",\n    \"Msg\": \"MountVolume.SetUp failed for volume \\u0022logs\\u0022 : x\\n\"\n}\n",
    );
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!((&*seen[0].message, &*seen[0].unit), ("MountVolume.SetUp failed for volume \"logs\" : x", "app--1-5d"));
    assert!(is_time(seen[0].stamp, 1_704_067_391_000_000, 1, 0), "{seen:?}");
    // A program's own line of JSON stays one.
    let own = "{\"TimeStamp\":\"2024-01-01 00:03:11\",\"Msg\":\"x\"}\n";
    assert!(framed(own.as_bytes()).is_none_or(|(layout, _)| layout == nodecause::envelope::Layout::Lines));
}

#[test]
fn lines_with_something_before_them() {
    const KLOG: &str = "E0101 00:03:11.000001    1032 kubelet.go:2327] \"Skipping\" err=\"x\"";
    let cases = [
        ("aws logs tail", "2024-01-01T00:03:11.123000+00:00 node-a-kubelet.service ", ""),
        ("stern -A", "kube-system kubelet-x kubelet ", "kubelet"),
        ("docker compose", "kubelet-1  | ", "kubelet-1"),
        ("grep", "kubelet.log:", ""),
        ("grep -n", "kubelet.log:12:", ""),
        ("grep -C", "kubelet.log-12-", ""),
        ("less -N", "     12 ", ""),
        ("cat -n", "    12\t", ""),
        ("quote", "> ", ""),
        ("quoted twice", "> > ", ""),
        ("bar", "| ", ""),
        ("no-break space", "\u{a0}", ""),
    ];
    for (what, before, ident) in cases {
        let seen = only(&format!("{before}{KLOG}\n{before}{KLOG}\n"));
        assert_eq!(seen.len(), 2, "{what}: {seen:?}");
        assert_eq!((&*seen[0].message, &*seen[0].ident), (KLOG, ident), "{what}: {seen:?}");
    }
}

/// Files turned round give the same entries as before, with the numbers of their own lines.
#[test]
fn newest_first_is_turned_round() {
    let line = |n: usize| {
        format!(
            "Jan 01 00:{:02}:{:02}.000000 node-a kubelet[7]: I0101 00:{:02}:{:02}.000000    1032 x.go:1] line {n}",
            n / 60,
            n % 60,
            n / 60,
            n % 60
        )
    };
    let lines: Vec<String> = (0..600).map(line).collect();
    let bare: Vec<String> = lines.iter().map(|line| line[line.find("I0101").unwrap()..].to_string()).collect();
    for lines in [lines, bare] {
        let forward = only(&lines.join("\n"));
        let backward: Vec<&str> = lines.iter().rev().map(String::as_str).collect();
        let source = backward.join("\n");
        assert_eq!(only(&source), forward);
        let (layout, frames) = framed(source.as_bytes()).unwrap();
        let places = crate::reading::places(layout, &frames);
        assert_eq!(places.iter().map(|(line, ..)| *line).collect::<Vec<_>>(), (0..600).rev().collect::<Vec<u64>>());
        assert_eq!(read(layout, &frames).len(), 600);
    }
}

/// Steps back that are none: entries that changed places, an hour that comes twice, New Year, merged files.
#[test]
fn small_steps_back_turn_nothing() {
    let at = |micros: u64| {
        format!(
            "Jan 01 00:{:02}:{:02}.{:06} node-a kubelet[7]: text {micros}",
            micros / 60_000_000,
            micros / 1_000_000 % 60,
            micros % 1_000_000
        )
    };
    let swapped: Vec<String> = (0..100_u64).map(|n| at(n / 2 * 4000 + (1 - n % 2) * 1500)).collect();
    let clocks = ["02:58:00", "02:59:00", "02:00:00", "02:01:00", "02:02:00"];
    let twice: Vec<String> = clocks.iter().map(|clock| format!("Oct 27 {clock} node-a kubelet[7]: text")).collect();
    let year = ["Dec 31 23:59:58", "Dec 31 23:59:59", "Jan 01 00:00:01", "Jan 01 00:00:02"];
    let year: Vec<String> = year.iter().map(|time| format!("{time} node-a kubelet[7]: text")).collect();
    let three: Vec<String> = (0..90).map(|n| at(n % 30 * 1_000_000)).collect();
    for lines in [swapped, twice, year, three] {
        let source = lines.join("\n");
        let (layout, _) = framed(source.as_bytes()).unwrap();
        assert_eq!(layout, nodecause::envelope::Layout::Lines, "{source}");
    }
}

#[test]
fn other_files_below_headings() {
    let log = "==> /var/log/kubelet.log <==\nI0101 00:03:10.000000    1032 server.go:467] one\n\n==> /var/log/pods/shop_a-0_8f6f/app/0.log <==\n2024-01-01T00:03:10.1Z stderr F two\n";
    let seen = only(log);
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!((&*seen[0].ident, &*seen[1].ident, &*seen[1].unit), ("kubelet", "app", "shop/a-0"));
    let seen = only("==> Last Start <==\nLog file created at: 2024/01/01 00:01:00\nI0101 00:01:00.000001   99999 out.go:291] no\n\n==> kubelet <==\nJan 01 00:03:10 minikube kubelet[1032]: yes\n");
    assert_eq!(seen.iter().map(|seen| &*seen.message).collect::<Vec<_>>(), ["yes"]); // Where nothing else is there, the client's log is better than nothing.
    let alone = only(
        "==> Audit <==\n| a | b |\n\n==> Last Start <==\nI0101 00:01:00.000001   99999 out.go:291] all there is\n",
    );
    assert_eq!(alone.len(), 1, "{alone:?}");
}
