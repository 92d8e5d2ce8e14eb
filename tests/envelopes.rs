//! The envelope's reading held against the reference samples: real output of journalctl, rsyslog, dmesg, klog and others with the entries
//! that are in it. Skipped where the samples are not at hand.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::PathBuf;

use nodecause::base::stamp::DAY;
use nodecause::base::Stamp;
use nodecause::envelope::{entries, pair, pairs, sniff, Entry, Envelope, Guess, Layout, Severity};
use nodecause::input::Cut;
use serde_json::Value;

/// The samples' directory, if it is there.
fn samples() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/samples");
    if !path.is_dir() {
        println!("skipped: no reference samples");
        return None;
    }
    Some(path)
}

/// The values of a file of JSON lines.
fn rows(path: &PathBuf) -> Vec<Value> {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// An entry in owned form.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    envelope: Envelope,
    stamp: Option<Stamp>,
    inner: Option<Stamp>,
    host: String,
    ident: String,
    pid: u32,
    unit: String,
    severity: Severity,
    process: u32,
    file: String,
    message: String,
}

fn seen(entry: &Entry<'_>) -> Seen {
    Seen {
        envelope: entry.envelope,
        stamp: entry.outer,
        inner: entry.header.stamp,
        host: text(entry.host),
        ident: text(entry.ident),
        pid: entry.pid,
        unit: text(entry.unit),
        severity: entry.header.severity,
        process: entry.process(),
        file: text(entry.header.file),
        message: text(&entry.message),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// All entries of a source, markers and empty lines left out.
fn read(layout: Layout, source: &[u8]) -> Vec<Seen> {
    let mut guess = Guess::default();
    let all = entries(layout, source).map(|raw| seen(&raw.peel(source, &mut guess)));
    all.filter(|seen| {
        seen.envelope != Envelope::Marker
            && !(seen.envelope == Envelope::Text && seen.message.is_empty())
    })
    .collect()
}

/// All entries of a source read in blocks of about `size` bytes, with everything that a block gives except places.
fn read_in_blocks(layout: Layout, source: &[u8], size: usize) -> Vec<Seen> {
    let (mut start, mut end, mut seen) = (0, size, Vec::new());
    while end < source.len() {
        match layout.cut(&source[start..end]) {
            Some(cut) => {
                assert!(cut > 0 && cut <= end - start);
                seen.extend(read(layout, &source[start..start + cut]));
                start += cut;
                end = start + size;
            }
            None => end += size,
        }
    }
    seen.extend(read(layout, &source[start..]));
    seen
}

/// Every file under a directory.
fn files(directory: &PathBuf) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

#[test]
fn any_cut_gives_the_same_entries() {
    let Some(samples) = samples() else { return };
    for path in files(&samples) {
        let source = fs::read(&path).unwrap();
        let Some(layout) = sniff(&source[..source.len().min(64 << 10)]) else {
            continue;
        };
        let whole = read(layout, &source);
        for size in [64, 100, 1000, 4096, 10_000, 65_536] {
            let parts = read_in_blocks(layout, &source, size);
            assert!(parts == whole, "{} in blocks of {size}", path.display());
        }
    }
}

/// Seconds east of UTC of the zones that samples were made in; all are from winter.
fn zone(name: &str) -> i64 {
    match name {
        "" | "UTC" => 0,
        "Europe/Berlin" => 3600,
        "America/New_York" => -5 * 3600,
        "Asia/Kolkata" => 19_800,
        other => panic!("unknown zone {other}"),
    }
}

/// Whether a stamp is the time `micros`, as far as it tells.
fn is_time(stamp: Option<Stamp>, micros: i64, precision: i64, zone: i64) -> bool {
    let cut = micros.div_euclid(precision) * precision;
    match stamp {
        Some(Stamp::Absolute { micros, .. }) => micros == cut,
        Some(Stamp::Uptime { micros }) => micros == cut,
        Some(Stamp::Local {
            year,
            month,
            day,
            micros,
        }) => {
            let local = cut + zone * 1_000_000;
            let date = chrono::DateTime::from_timestamp_micros(local)
                .unwrap()
                .date_naive();
            use chrono::Datelike;
            (u32::from(month), u32::from(day)) == (date.month(), date.day())
                && micros == local.rem_euclid(DAY)
                && year.is_none_or(|year| i32::from(year) == date.year())
        }
        None => false,
    }
}

/// The message of an expected row, `None` where it has none. Colours are taken out of it, as the reading does.
fn message(row: &Value) -> Option<String> {
    let message = match (
        row.get("message"),
        row.get("messages"),
        row.get("message_b64"),
        row.get("message_len"),
    ) {
        (Some(Value::String(message)), ..) => message.clone(),
        (_, Some(Value::Array(messages)), ..) => messages.last()?.as_str()?.to_owned(),
        (_, _, Some(Value::String(coded)), _) => text(&base64(coded)),
        (.., Some(len)) => format!("{} bytes: {}", len, row["message_head"].as_str()?),
        _ => return None,
    };
    Some(without_colours(&message))
}

fn without_colours(message: &str) -> String {
    regex::Regex::new("\u{1b}\\[[0-9;:?]*[@-~]")
        .unwrap()
        .replace_all(message, "")
        .into_owned()
}

fn base64(text: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits = four
            .iter()
            .fold(0_u32, |bits, &c| (bits << 6) | u32::from(value(c)))
            << (6 * (4 - four.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}

/// Whether the message read is the one expected; of long ones only length and start are known.
fn is_message(seen: &str, wanted: &str) -> bool {
    match wanted.split_once(" bytes: ") {
        Some((len, head)) if len.parse::<usize>().is_ok() => {
            seen.len() == len.parse::<usize>().unwrap() && seen.starts_with(head)
        }
        _ => seen == wanted,
    }
}

/// Joins expected rows as entries are joined: a klog value of several lines is one entry.
fn joined(rows: Vec<Value>, speaker: &[&str]) -> Vec<(Value, Option<String>)> {
    let mut wanted: Vec<(Value, Option<String>)> = Vec::new();
    for row in rows {
        let said = message(&row);
        let same = |other: &Value| speaker.iter().all(|key| other.get(key) == row.get(key));
        let open = wanted.iter_mut().rev().find(|(other, _)| same(other));
        match (open, said) {
            (Some((_, Some(before))), Some(said)) if is_open(before) && !is_klog(&said) => {
                before.push('\n');
                before.push_str(&said);
            }
            (_, said) => wanted.push((row, said)),
        }
    }
    wanted
}

fn is_klog(message: &str) -> bool {
    message.len() > 22
        && message.starts_with(['I', 'W', 'E', 'F'])
        && message.as_bytes()[5] == b' '
        && message.as_bytes()[8] == b':'
}

/// Whether a value is open at the end of a message.
fn is_open(message: &str) -> bool {
    let opened = message.lines().filter(|line| line.ends_with("=<")).count();
    let closed = message
        .lines()
        .filter(|line| line.starts_with(" >"))
        .count();
    opened > closed
}

fn field<'v>(row: &'v Value, key: &str) -> &'v str {
    row.get(key).and_then(Value::as_str).unwrap_or("")
}

#[test]
fn journalctl() {
    let Some(samples) = samples() else { return };
    for index in rows(&samples.join("journalctl/index.jsonl")) {
        let file = field(&index, "file");
        let mode = field(&index, "mode");
        if matches!(
            mode,
            "json-pretty" | "json-sse" | "json-seq" | "verbose" | "cat"
        ) || index.get("ellipsized").is_some()
        {
            continue;
        }
        let source = fs::read(samples.join(file)).unwrap();
        let layout = sniff(&source[..source.len().min(64 << 10)]);
        if index["expected"].is_null() {
            assert_eq!(layout, None, "{file}");
            continue;
        }
        let layout = layout.unwrap_or_else(|| panic!("{file} is not known"));
        let expected = if index.get("raw").is_some() {
            "expected/full.jsonl"
        } else {
            field(&index, "expected")
        };
        let mut wanted = rows(&samples.join(expected));
        if index.get("raw").is_some() {
            wanted.retain(|row| message(row).is_some());
        }
        let range = index.get("rows").map_or(0..wanted.len(), |rows| {
            rows[0].as_u64().unwrap() as usize..rows[1].as_u64().unwrap() as usize
        });
        let mut wanted: Vec<Value> = wanted.drain(range).collect();
        if index.get("reverse").is_some() {
            wanted.reverse();
        }
        let structured = matches!(mode, "json" | "export");
        let chosen = index.get("fields").is_some();
        let seen = read(layout, &source);
        let wanted = if index.get("reverse").is_some() {
            wanted
                .into_iter()
                .map(|row| (row.clone(), message(&row)))
                .collect()
        } else {
            joined(wanted, &["host", "ident", "pid"])
        };
        for (seen, (row, said)) in seen.iter().zip(&wanted) {
            let place = format!("{file}: {row}\n{seen:?}");
            // Two lines that no one can tell from a kernel's: no host, or no sure identifier behind an uptime.
            let uncertain =
                matches!(mode, "short-monotonic" | "short-delta") && field(row, "host").is_empty();
            let said = said.clone().unwrap_or_default();
            if uncertain {
                assert!(seen.message.ends_with(&said), "{place}");
                continue;
            }
            // With -a journalctl prints a message up to its first NUL, and its trailing line ends are the line's.
            let raw = index.get("raw").is_some();
            let trimmed = |text: &str| match raw {
                true => text
                    .split('\0')
                    .next()
                    .unwrap()
                    .trim_end_matches(['\r', '\n'])
                    .to_owned(),
                false => text.to_owned(),
            };
            assert!(
                is_message(&trimmed(&seen.message), &trimmed(&said)),
                "{place}"
            );
            let time = match field(&index, "time") {
                "monotonic" if index["systemd"] == 252 => "mono_us_252",
                "monotonic" => "mono_us",
                _ if structured && row.get("source_ts_us").is_some() && !chosen => "source_ts_us",
                _ => "ts_us",
            };
            let precision = index["precision_us"].as_i64().unwrap();
            let micros = row[time].as_i64().unwrap();
            let micros = if index.get("raw").is_some() {
                row.get("source_ts_us")
                    .and_then(Value::as_i64)
                    .unwrap_or(micros)
            } else {
                micros
            };
            assert!(
                is_time(seen.stamp, micros, precision, zone(field(&index, "zone"))),
                "{place}"
            );
            let host = if index.get("no_host").is_some() {
                ""
            } else {
                field(row, "host")
            };
            if !(index.get("no_host").is_some() && field(row, "ident").contains(' ')) {
                assert_eq!(seen.host, host, "{place}");
                if mode == "with-unit" {
                    let unit = if field(row, "unit").is_empty() {
                        field(row, "ident")
                    } else {
                        field(row, "unit")
                    };
                    assert_eq!(seen.ident, unit, "{place}");
                } else if !field(row, "ident").is_empty() {
                    assert_eq!(seen.ident, field(row, "ident"), "{place}");
                }
            }
            if !chosen {
                assert_eq!(seen.pid, field(row, "pid").parse().unwrap_or(0), "{place}");
            }
            if structured && !chosen {
                assert_eq!(seen.unit, field(row, "unit"), "{place}");
            }
        }
        assert_eq!(seen.len(), wanted.len(), "{file}");
    }
}

#[test]
fn journald() {
    let Some(samples) = samples() else { return };
    let wanted = joined(
        rows(&samples.join("journald/stderr-of-a-service.expected.jsonl")),
        &["host", "ident", "pid"],
    );
    for (file, layout) in [
        ("short-precise.txt", Layout::Lines),
        ("export", Layout::Export),
    ] {
        let source =
            fs::read(samples.join(format!("journald/stderr-of-a-service.{file}"))).unwrap();
        assert_eq!(sniff(&source[..60 << 10]), Some(layout));
        let seen = read(layout, &source);
        for (seen, (row, said)) in seen.iter().zip(&wanted) {
            // journalctl writes a TAB as eight blanks.
            let said = said.clone().unwrap();
            let said = if layout == Layout::Lines {
                said.replace('\t', "        ")
            } else {
                said
            };
            assert!(is_message(&seen.message, &said), "{row}\n{seen:?}");
            assert!(
                is_time(seen.stamp, row["ts_us"].as_i64().unwrap(), 1, 0),
                "{row}\n{seen:?}"
            );
            assert_eq!(
                (&*seen.host, &*seen.ident),
                (field(row, "host"), field(row, "ident"))
            );
            assert_eq!(seen.pid.to_string(), field(row, "pid"));
        }
        assert_eq!(seen.len(), wanted.len(), "{file}");
    }
}

#[test]
fn syslog() {
    let Some(samples) = samples() else { return };
    let wanted = joined(
        rows(&samples.join("expected/syslog.jsonl")),
        &["host", "ident", "pid"],
    );
    for (file, precision) in [
        ("rsyslog-traditional.log", 1_000_000),
        ("rsyslog-file-format.log", 1),
        ("rsyslog-rfc5424.log", 1),
    ] {
        let source = fs::read(samples.join("syslog").join(file)).unwrap();
        let layout = sniff(&source).unwrap();
        let seen = read(layout, &source);
        for (seen, (row, said)) in seen.iter().zip(&wanted) {
            let said = said.clone().unwrap();
            assert!(
                is_message(seen.message.trim_end(), said.trim_end()),
                "{file}: {row}\n{seen:?}"
            );
            assert!(
                is_time(seen.stamp, row["ts_us"].as_i64().unwrap(), precision, 0),
                "{file}: {row}\n{seen:?}"
            );
            assert_eq!(
                (&*seen.host, &*seen.ident),
                (field(row, "host"), field(row, "ident")),
                "{file}: {row}"
            );
            assert_eq!(
                seen.pid,
                field(row, "pid").parse().unwrap_or(0),
                "{file}: {row}"
            );
        }
        assert_eq!(seen.len(), wanted.len(), "{file}");
    }
    let source = fs::read(samples.join("syslog/logger-rfc5424.log")).unwrap();
    let seen = read(Layout::Lines, &source);
    assert_eq!(seen[0].severity, Severity::Error);
    assert_eq!((&*seen[0].ident, seen[0].pid), ("kubelet", 1032));
    assert_eq!(seen[1].message, "five-four with structured data");
    assert_eq!(
        (seen[2].stamp, &*seen[2].host),
        (
            Some(Stamp::Absolute {
                micros: 1_704_067_395_000_000,
                offset: 3600
            }),
            ""
        )
    );
}

/// The wrapped samples that are lines, and how their expected rows tell speakers apart.
const WRAPPED: [&str; 14] = [
    "bare-klog.log",
    "cri-zone.log",
    "cri-interleaved.log",
    "docker-json.log",
    "kubectl-logs-timestamps.log",
    "kubectl-logs-prefix.log",
    "kubectl-logs-prefix-timestamps.log",
    "k0s-journal.log",
    "k3s-journal.log",
    "microk8s-kubelite-journal.log",
    "talos-dmesg.log",
    "openshift-masters-kubelet_service.log",
    "windows-kubelet.err.log",
    "var/log/pods/kube-system_kube-proxy-x7x2z_8f6f3a10-0000-4000-8000-000000000001/kube-proxy/0.log",
];

#[test]
fn wrapped() {
    let Some(samples) = samples() else { return };
    for file in WRAPPED {
        let source = fs::read(samples.join("wrapped").join(file)).unwrap();
        let layout = sniff(&source).unwrap_or_else(|| panic!("{file} is not known"));
        let expected = samples
            .join("wrapped")
            .join(file.replace(".log", ".expected.jsonl"));
        let mut rows = rows(&expected);
        for row in &mut rows {
            if row.get("inner").is_some_and(Value::is_string) {
                row["message"] = row["inner"].clone();
                row["ident"] = row["component"].clone();
            }
        }
        let wanted = joined(
            rows,
            &["host", "ident", "pid", "stream", "pod", "container"],
        );
        let seen = read(layout, &source);
        for (seen, (row, said)) in seen.iter().zip(&wanted) {
            let place = format!("{file}: {row}\n{seen:?}");
            assert!(is_message(&seen.message, said.as_ref().unwrap()), "{place}");
            if let Some(micros) = row.get("ts_us").and_then(Value::as_i64) {
                let stamp = seen.stamp.or(seen.inner);
                let precision = if ["k0s", "k3s", "microk8s"]
                    .iter()
                    .any(|name| file.starts_with(name))
                {
                    1_000_000
                } else {
                    1
                };
                assert!(is_time(stamp, micros, precision, 0), "{place}");
            }
            assert_eq!(seen.host, field(row, "host"), "{place}");
            if row.get("ident").is_some() {
                assert_eq!(seen.ident, field(row, "ident"), "{place}");
                assert_eq!(seen.pid, field(row, "pid").parse().unwrap_or(0), "{place}");
            }
            if row.get("container").is_some() {
                assert_eq!(seen.ident, field(row, "container"), "{place}");
            }
            if is_klog(&seen.message) {
                assert!(
                    seen.process > 0 && seen.file.ends_with(".go") && seen.inner.is_some(),
                    "{place}"
                );
            }
        }
        assert_eq!(seen.len(), wanted.len(), "{file}");
    }
}

#[test]
fn klog_json() {
    let Some(samples) = samples() else { return };
    for (file, host) in [
        ("talos-kubelet", ""),
        ("talosctl-logs-kubelet", "192.0.2.20"),
    ] {
        let source = fs::read(samples.join(format!("wrapped/{file}.log"))).unwrap();
        assert_eq!(sniff(&source), Some(Layout::Lines));
        for (seen, row) in read(Layout::Lines, &source).iter().zip(rows(
            &samples.join(format!("wrapped/{file}.expected.jsonl")),
        )) {
            assert!(
                is_time(seen.inner, row["ts_us"].as_i64().unwrap(), 1, 0),
                "{row}\n{seen:?}"
            );
            assert!(seen.message.contains(field(&row, "message")));
            assert_eq!((&*seen.host, &*seen.file), (host, "kubelet.go"));
            assert_eq!(
                seen.severity == Severity::Error,
                seen.message.contains("\"err\"")
            );
        }
    }
    let source = fs::read(samples.join("klog/klog-json.txt")).unwrap();
    let wanted = rows(&samples.join("klog/klog-json.expected.jsonl"));
    let seen = read(sniff(&source).unwrap(), &source);
    assert_eq!(seen.len(), wanted.len());
    for (seen, row) in seen.iter().zip(wanted) {
        assert!(
            is_time(seen.inner, row["ts_us"].as_i64().unwrap(), 1, 0),
            "{row}\n{seen:?}"
        );
        assert_eq!(
            seen.severity == Severity::Error,
            row["error"].as_bool().unwrap(),
            "{row}"
        );
        assert_eq!(seen.file, "main.go");
        for (key, value) in row["kv"].as_object().unwrap() {
            let found = pair(seen.message.as_bytes(), key);
            let wanted = match value {
                Value::String(text) => text.clone(),
                Value::Object(object) => format!(
                    "{}/{}",
                    object["namespace"].as_str().unwrap(),
                    object["name"].as_str().unwrap()
                ),
                other => other.to_string(),
            };
            assert_eq!(found.as_deref(), Some(wanted.as_bytes()), "{key}");
        }
    }
}

#[test]
fn klog_text() {
    let Some(samples) = samples() else { return };
    for version in ["2.40.1", "2.80.1", "2.100.1", "2.120.1"] {
        let source = fs::read(samples.join(format!("klog/klog-{version}.txt"))).unwrap();
        let seen = read(sniff(&source).unwrap(), &source);
        let headed: Vec<&Seen> = seen.iter().filter(|seen| seen.inner.is_some()).collect();
        let wanted: Vec<Value> = rows(&samples.join(format!("klog/klog-{version}.expected.jsonl")));
        let wanted: Vec<&Value> = wanted
            .iter()
            .filter(|row| row.get("raw").is_none())
            .collect();
        assert_eq!(headed.len(), wanted.len(), "{version}");
        for (seen, row) in headed.iter().zip(&wanted) {
            assert!(
                is_time(seen.inner, row["ts_us"].as_i64().unwrap(), 1, 0),
                "{row}\n{seen:?}"
            );
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
            assert_eq!(
                pairs(seen.message.as_bytes()),
                kv,
                "{version}: {}",
                seen.message
            );
            // A key that is there twice counts with its last value; `\x` stands for bytes that are no UTF-8.
            for (key, value) in kv
                .iter()
                .filter(|(key, value)| key != "k" && !value.contains("\\x"))
            {
                let found = pair(seen.message.as_bytes(), key);
                assert_eq!(
                    found.as_deref(),
                    Some(value.as_bytes()),
                    "{version}: {}",
                    seen.message
                );
            }
        }
        let lone = seen
            .iter()
            .filter(|seen| seen.inner.is_none())
            .map(|seen| &*seen.message)
            .collect::<Vec<_>>();
        assert_eq!(
            lone,
            ["second line\n\tthird, indented", "raw line without header"]
        );
    }
}

#[test]
fn components() {
    let Some(samples) = samples() else { return };
    let read_file = |file: &str| {
        let source = fs::read(samples.join("components").join(file)).unwrap();
        read(
            sniff(&source).unwrap_or_else(|| panic!("{file} is not known")),
            &source,
        )
    };
    for file in ["logrus-containerd", "logrus-default", "logrus-berlin"] {
        let seen = read_file(&format!("{file}.txt"));
        let wanted = rows(&samples.join(format!("components/{file}.expected.jsonl")));
        assert_eq!(seen.len(), wanted.len(), "{file}");
        for (seen, row) in seen.iter().zip(wanted) {
            let time = chrono::DateTime::parse_from_rfc3339(row[0][1].as_str().unwrap()).unwrap();
            assert!(
                is_time(seen.inner, time.timestamp_micros(), 1, 0),
                "{row}\n{seen:?}"
            );
            assert_eq!(seen.severity, level(row[1][1].as_str().unwrap()), "{row}");
            let wanted: Vec<(String, String)> = serde_json::from_value(row).unwrap();
            assert_eq!(pairs(seen.message.as_bytes()), wanted);
        }
    }
    for file in ["capnslog", "capnslog-debug"] {
        let wanted = rows(&samples.join(format!("components/{file}.expected.jsonl")));
        let seen = read_file(&format!("{file}.txt"));
        for (seen, row) in seen.iter().zip(&wanted) {
            assert!(
                is_time(seen.inner, row["ts_us"].as_i64().unwrap(), 1, 0),
                "{row}\n{seen:?}"
            );
            assert_eq!(seen.severity, level(field(row, "level")), "{row}");
            assert_eq!(
                seen.file,
                field(row, "caller").split(':').next().unwrap(),
                "{row}"
            );
        }
        assert_eq!(
            seen.len(),
            wanted.len() + 1,
            "{file}: the second line of the last stands alone"
        );
    }
    let severities = |file: &str| {
        read_file(file)
            .iter()
            .map(|seen| seen.severity)
            .collect::<Vec<_>>()
    };
    use Severity::{Debug, Error, Info, Warning};
    assert_eq!(severities("etcd-zap.txt"), [Warning, Info, Error, Warning]);
    assert_eq!(severities("zap-production.txt"), [Info, Error]);
    assert_eq!(severities("zap-console.txt"), [Info, Error]);
    assert_eq!(
        severities("logrus-json.txt"),
        [Info, Info, Error, Warning, Error, Debug, Info, Info, Info, Info]
    );
    let heads = [
        Info,
        Info,
        Error,
        Warning,
        Error,
        Severity::Unknown,
        Debug,
        Info,
        Info,
        Info,
        Info,
    ];
    assert_eq!(severities("logrus-tty.txt"), heads);
    assert_eq!(severities("logrus-colour.txt"), heads);
    assert!(read_file("logrus-colour.txt")
        .iter()
        .all(|seen| seen.inner.is_some() || seen.severity == Severity::Unknown));
    let seconds = read_file("zap-production.txt")
        .into_iter()
        .map(|seen| seen.inner);
    assert!(seconds
        .zip([167_968, 168_052])
        .all(|(stamp, micros)| is_time(stamp, 1_795_577_959_000_000 + micros, 1, 0)));
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
        read(
            sniff(&source).unwrap_or_else(|| panic!("{file} is not known")),
            &source,
        )
    };
    let wanted = texts("dmesg-default.txt");
    assert_eq!(wanted.len(), 14);
    assert_eq!(
        wanted[3].stamp,
        Some(Stamp::Uptime {
            micros: 1_300_123_456
        })
    );
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
        let said = |all: &[Seen]| {
            all.iter()
                .map(|seen| seen.message.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(said(&seen), said(&wanted), "{file}");
        assert!(
            seen.iter()
                .all(|seen| seen.ident == "kernel" && seen.envelope == Envelope::Dmesg),
            "{file}"
        );
    }
    let iso = texts("dmesg-iso-berlin.txt");
    assert!(is_time(iso[3].stamp, 1_795_577_686_123_456, 1, 0));
    assert!(is_time(
        texts("dmesg-ctime.txt")[3].stamp,
        1_795_577_686_123_456,
        1_000_000,
        0
    ));
    assert_eq!(
        texts("dmesg-human.txt")[3].stamp,
        Some(Stamp::Local {
            year: None,
            month: 11,
            day: 25,
            micros: 12_840_000_000
        })
    );
    for file in ["dmesg-decode.txt", "raw.txt"] {
        let severities = texts(file)
            .iter()
            .map(|seen| seen.severity)
            .collect::<Vec<_>>();
        assert_eq!(
            severities[..4],
            [
                Severity::Info,
                Severity::Info,
                Severity::Info,
                Severity::Warning
            ],
            "{file}"
        );
        assert_eq!(severities[10], Severity::Error, "{file}");
    }
    let source = fs::read(samples.join("kernel/dev-kmsg.txt")).unwrap();
    for (seen, row) in read(sniff(&source).unwrap(), &source)
        .iter()
        .zip(rows(&samples.join("kernel/dev-kmsg.expected.jsonl")))
    {
        assert_eq!(seen.message, field(&row, "message"));
        assert!(is_time(seen.stamp, row["mono_us"].as_i64().unwrap(), 1, 0));
    }
}
