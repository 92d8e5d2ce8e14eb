//! What programs write themselves: klog's text and JSON, logrus, zap, capnslog, the kernel.

use std::fs;

use nodecause::base::Stamp;
use nodecause::envelope::{pair, pairs, sniff, Envelope, Layout, Severity};
use serde_json::Value;

use crate::expected::{field, is_time};
use crate::reading::{read, Seen};
use crate::{rows, samples};

#[test]
fn klog_text() {
    let Some(samples) = samples() else { return };
    for version in ["2.40.1", "2.80.1", "2.100.1", "2.120.1"] {
        let source = fs::read(samples.join(format!("klog/klog-{version}.txt"))).unwrap();
        let seen = read(sniff(&source).unwrap(), &source);
        let headed: Vec<&Seen> = seen.iter().filter(|seen| seen.inner.is_some()).collect();
        let wanted: Vec<Value> = rows(&samples.join(format!("klog/klog-{version}.expected.jsonl")));
        let wanted: Vec<&Value> = wanted.iter().filter(|row| row.get("raw").is_none()).collect();
        assert_eq!(headed.len(), wanted.len(), "{version}");
        for (seen, row) in headed.iter().zip(&wanted) {
            assert!(is_time(seen.inner, row["ts_us"].as_i64().unwrap(), 1, 0), "{row}\n{seen:?}");
            assert_eq!(i64::from(seen.process), row["tid"].as_i64().unwrap());
            assert_eq!(seen.file, field(row, "file"));
            let severity = match field(row, "severity") {
                "I" => Severity::Info,
                "W" => Severity::Warning,
                _ => Severity::Error,
            };
            assert_eq!(seen.severity, severity);
        }
        for (seen, row) in headed.iter().zip(&wanted) {
            let Some(kv) = row.get("kv") else { continue };
            let kv: Vec<(String, String)> = serde_json::from_value(kv.clone()).unwrap();
            assert_eq!(pairs(seen.message.as_bytes()), kv, "{version}: {}", seen.message);
            // A key that is there twice counts with its last value; `\x` stands for bytes that are no UTF-8.
            for (key, value) in kv.iter().filter(|(key, value)| key != "k" && !value.contains("\\x")) {
                let found = pair(seen.message.as_bytes(), key);
                assert_eq!(found.as_deref(), Some(value.as_bytes()), "{version}: {}", seen.message);
            }
        }
        let lone = seen.iter().filter(|seen| seen.inner.is_none()).map(|seen| &*seen.message).collect::<Vec<_>>();
        assert_eq!(lone, ["second line\n\tthird, indented", "raw line without header"]);
    }
}

#[test]
fn klog_json() {
    let Some(samples) = samples() else { return };
    for (file, host) in [("talos-kubelet", ""), ("talosctl-logs-kubelet", "192.0.2.20")] {
        let source = fs::read(samples.join(format!("wrapped/{file}.log"))).unwrap();
        assert_eq!(sniff(&source), Some(Layout::Lines));
        for (seen, row) in
            read(Layout::Lines, &source).iter().zip(rows(&samples.join(format!("wrapped/{file}.expected.jsonl"))))
        {
            assert!(is_time(seen.inner, row["ts_us"].as_i64().unwrap(), 1, 0), "{row}\n{seen:?}");
            assert!(seen.message.contains(field(&row, "message")));
            assert_eq!((&*seen.host, &*seen.file), (host, "kubelet.go"));
            assert_eq!(seen.severity == Severity::Error, seen.message.contains("\"err\""));
        }
    }
    let source = fs::read(samples.join("klog/klog-json.txt")).unwrap();
    let wanted = rows(&samples.join("klog/klog-json.expected.jsonl"));
    let seen = read(sniff(&source).unwrap(), &source);
    assert_eq!(seen.len(), wanted.len());
    for (seen, row) in seen.iter().zip(wanted) {
        assert!(is_time(seen.inner, row["ts_us"].as_i64().unwrap(), 1, 0), "{row}\n{seen:?}");
        assert_eq!(seen.severity == Severity::Error, row["error"].as_bool().unwrap(), "{row}");
        assert_eq!(seen.file, "main.go");
        for (key, value) in row["kv"].as_object().unwrap() {
            let found = pair(seen.message.as_bytes(), key);
            let wanted = match value {
                Value::String(text) => text.clone(),
                Value::Object(object) => {
                    format!("{}/{}", object["namespace"].as_str().unwrap(), object["name"].as_str().unwrap())
                }
                other => other.to_string(),
            };
            assert_eq!(found.as_deref(), Some(wanted.as_bytes()), "{key}");
        }
    }
}

#[test]
fn components() {
    let Some(samples) = samples() else { return };
    let read_file = |file: &str| {
        let source = fs::read(samples.join("components").join(file)).unwrap();
        read(sniff(&source).unwrap_or_else(|| panic!("{file} is not known")), &source)
    };
    for file in ["logrus-containerd", "logrus-default", "logrus-berlin"] {
        let seen = read_file(&format!("{file}.txt"));
        let wanted = rows(&samples.join(format!("components/{file}.expected.jsonl")));
        assert_eq!(seen.len(), wanted.len(), "{file}");
        for (seen, row) in seen.iter().zip(wanted) {
            let time = chrono::DateTime::parse_from_rfc3339(row[0][1].as_str().unwrap()).unwrap();
            assert!(is_time(seen.inner, time.timestamp_micros(), 1, 0), "{row}\n{seen:?}");
            assert_eq!(seen.severity, level(row[1][1].as_str().unwrap()), "{row}");
            let wanted: Vec<(String, String)> = serde_json::from_value(row).unwrap();
            assert_eq!(pairs(seen.message.as_bytes()), wanted);
        }
    }
    for file in ["capnslog", "capnslog-debug"] {
        let wanted = rows(&samples.join(format!("components/{file}.expected.jsonl")));
        let seen = read_file(&format!("{file}.txt"));
        for (seen, row) in seen.iter().zip(&wanted) {
            assert!(is_time(seen.inner, row["ts_us"].as_i64().unwrap(), 1, 0), "{row}\n{seen:?}");
            assert_eq!(seen.severity, level(field(row, "level")), "{row}");
            assert_eq!(seen.file, field(row, "caller").split(':').next().unwrap(), "{row}");
        }
        assert_eq!(seen.len(), wanted.len() + 1, "{file}: the second line of the last stands alone");
    }
    let severities = |file: &str| read_file(file).iter().map(|seen| seen.severity).collect::<Vec<_>>();
    use Severity::{Debug, Error, Info, Warning};
    assert_eq!(severities("etcd-zap.txt"), [Warning, Info, Error, Warning]);
    assert_eq!(severities("zap-production.txt"), [Info, Error]);
    assert_eq!(severities("zap-console.txt"), [Info, Error]);
    assert_eq!(severities("logrus-json.txt"), [Info, Info, Error, Warning, Error, Debug, Info, Info, Info, Info]);
    let heads = [Info, Info, Error, Warning, Error, Severity::Unknown, Debug, Info, Info, Info, Info];
    assert_eq!(severities("logrus-tty.txt"), heads);
    assert_eq!(severities("logrus-colour.txt"), heads);
    assert!(read_file("logrus-colour.txt")
        .iter()
        .all(|seen| seen.inner.is_some() || seen.severity == Severity::Unknown));
    let seconds = read_file("zap-production.txt").into_iter().map(|seen| seen.inner);
    assert!(seconds.zip([167_968, 168_052]).all(|(stamp, micros)| is_time(
        stamp,
        1_795_577_959_000_000 + micros,
        1,
        0
    )));
}

fn level(name: &str) -> Severity {
    match name {
        "debug" | "D" => Severity::Debug,
        "info" | "I" | "N" => Severity::Info,
        "warning" | "W" => Severity::Warning,
        _ => Severity::Error,
    }
}

#[test]
fn kernel() {
    let Some(samples) = samples() else { return };
    let texts = |file: &str| {
        let source = fs::read(samples.join("kernel").join(file)).unwrap();
        read(sniff(&source).unwrap_or_else(|| panic!("{file} is not known")), &source)
    };
    let wanted = texts("dmesg-default.txt");
    assert_eq!(wanted.len(), 14);
    assert_eq!(wanted[3].stamp, Some(Stamp::Uptime { micros: 1_300_123_456 }));
    assert_eq!(wanted[5].message, " <TASK>");
    let like = [
        "dmesg-colour",
        "dmesg-ctime",
        "dmesg-decode-ctime",
        "dmesg-decode",
        "dmesg-delta",
        "dmesg-human",
        "dmesg-iso",
        "dmesg-iso-berlin",
        "dmesg-reltime",
        "raw",
    ];
    for file in like {
        let seen = texts(&format!("{file}.txt"));
        let said = |all: &[Seen]| all.iter().map(|seen| seen.message.clone()).collect::<Vec<_>>();
        assert_eq!(said(&seen), said(&wanted), "{file}");
        assert!(seen.iter().all(|seen| seen.ident == "kernel" && seen.envelope == Envelope::Dmesg), "{file}");
    }
    let iso = texts("dmesg-iso-berlin.txt");
    assert!(is_time(iso[3].stamp, 1_795_577_686_123_456, 1, 0));
    assert!(is_time(texts("dmesg-ctime.txt")[3].stamp, 1_795_577_686_123_456, 1_000_000, 0));
    assert_eq!(
        texts("dmesg-human.txt")[3].stamp,
        Some(Stamp::Local { year: None, month: 11, day: 25, micros: 12_840_000_000 })
    );
    for file in ["dmesg-decode.txt", "raw.txt"] {
        let severities = texts(file).iter().map(|seen| seen.severity).collect::<Vec<_>>();
        assert_eq!(severities[..4], [Severity::Info, Severity::Info, Severity::Info, Severity::Warning], "{file}");
        assert_eq!(severities[10], Severity::Error, "{file}");
    }
    let source = fs::read(samples.join("kernel/dev-kmsg.txt")).unwrap();
    for (seen, row) in
        read(sniff(&source).unwrap(), &source).iter().zip(rows(&samples.join("kernel/dev-kmsg.expected.jsonl")))
    {
        assert_eq!(seen.message, field(&row, "message"));
        assert!(is_time(seen.stamp, row["mono_us"].as_i64().unwrap(), 1, 0));
    }
}
