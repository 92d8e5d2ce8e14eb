//! journalctl's forms, what journald makes of a service's output, and syslog files.

use std::fs;
use std::path::Path;

use nodecause::base::Stamp;
use nodecause::envelope::{sniff, Layout, Severity};
use serde_json::Value;

use crate::expected::{field, is_message, is_time, joined, message, zone};
use crate::reading::{framed, read, read_any, Seen};
use crate::{rows, samples};

/// One rendering of the sample journal.
struct Rendering {
    index: Value,
    /// The entries in it, joined as entries are.
    wanted: Vec<(Value, Option<String>)>,
}

impl Rendering {
    fn new(samples: &Path, index: Value) -> Self {
        let raw = index.get("raw").is_some();
        let expected = if raw { "expected/full.jsonl" } else { field(&index, "expected") };
        let mut rows = rows(&samples.join(expected));
        rows.retain(|row| !raw || message(row).is_some());
        if let Some(range) = index.get("rows") {
            let bound = |at: usize| range[at].as_u64().unwrap() as usize;
            rows = rows[bound(0)..bound(1)].to_vec();
        }
        let wanted = joined(rows, &["host", "ident", "pid"]);
        Rendering { index, wanted }
    }

    fn has(&self, flag: &str) -> bool {
        self.index.get(flag).is_some()
    }

    fn mode(&self) -> &str {
        field(&self.index, "mode")
    }

    /// Whether the form carries every field of the journal.
    fn structured(&self) -> bool {
        matches!(self.mode(), "json" | "json-pretty" | "json-seq" | "json-sse" | "export" | "verbose")
            && !self.has("fields")
    }

    /// The time that the form shows of an entry.
    fn micros(&self, row: &Value) -> i64 {
        let source_time = row.get("source_ts_us").filter(|_| self.structured() || self.has("raw"));
        let shown = match field(&self.index, "time") {
            "monotonic" if self.index["systemd"] == 252 => row.get("mono_us_252"),
            "monotonic" => row.get("mono_us"),
            _ => source_time.or(row.get("ts_us")),
        };
        shown.unwrap().as_i64().unwrap()
    }

    /// With -a journalctl prints a message up to its first NUL, and its trailing line ends are the line's.
    fn shown(&self, text: &str) -> String {
        match self.has("raw") || self.mode() == "verbose" {
            true => text.split('\0').next().unwrap().trim_end_matches(['\r', '\n']).to_owned(),
            false => text.to_owned(),
        }
    }

    /// Whether what was read is what was said, as far as the form shows it.
    fn says(&self, seen: &str, said: &str) -> bool {
        if self.has("ellipsized") && seen.contains(['…', '.']) {
            let said = said.split_once(" bytes: ").map_or(said, |(_, head)| head);
            return said.starts_with(seen.split('…').next().unwrap().split("\n...").next().unwrap());
        }
        is_message(&self.shown(seen), &self.shown(said)) || (self.mode() == "verbose" && seen.ends_with(" blob data]"))
    }

    fn compare(&self, seen: &Seen, row: &Value, said: &str) {
        let place = format!("{}: {row}\n{seen:?}", field(&self.index, "file"));
        let no_host = self.has("no_host");
        if matches!(self.mode(), "short-monotonic" | "short-delta") && field(row, "host").is_empty() {
            // Behind an uptime a line without a host cannot be told from the kernel's own.
            return assert!(seen.message.ends_with(said), "{place}");
        }
        assert!(self.says(&seen.message, said), "{place}");
        let precision = self.index["precision_us"].as_i64().unwrap();
        assert!(is_time(seen.stamp, self.micros(row), precision, zone(field(&self.index, "zone"))), "{place}");
        // Without a host, the first word of an identifier with blanks reads as one.
        if !(no_host && field(row, "ident").contains(' ')) {
            assert_eq!(seen.host, if no_host { "" } else { field(row, "host") }, "{place}");
            let unit = Some(field(row, "unit")).filter(|unit| self.mode() == "with-unit" && !unit.is_empty());
            let ident = unit.unwrap_or(field(row, "ident"));
            assert!(ident.is_empty() || seen.ident == ident, "{place}");
        }
        if !self.has("fields") {
            assert_eq!(seen.pid, field(row, "pid").parse().unwrap_or(0), "{place}");
        }
        if self.structured() {
            assert_eq!(seen.unit, field(row, "unit"), "{place}");
        }
    }
}

#[test]
fn journalctl() {
    let Some(samples) = samples() else { return };
    for index in rows(&samples.join("journalctl/index.jsonl")) {
        if field(&index, "mode") == "cat" {
            continue;
        }
        let file = field(&index, "file").to_owned();
        let source = fs::read(samples.join(&file)).unwrap();
        assert!(framed(&source).is_some(), "{file} is not known");
        let seen = read_any(&source);
        if index["expected"].is_null() {
            assert!(seen.is_empty(), "{file}");
            continue;
        }
        let rendering = Rendering::new(&samples, index);
        for (seen, (row, said)) in seen.iter().zip(&rendering.wanted) {
            rendering.compare(seen, row, said.as_deref().unwrap_or_default());
        }
        assert_eq!(seen.len(), rendering.wanted.len(), "{file}");
    }
}

#[test]
fn journald() {
    let Some(samples) = samples() else { return };
    let wanted = joined(rows(&samples.join("journald/stderr-of-a-service.expected.jsonl")), &["host", "ident", "pid"]);
    for (file, layout) in [("short-precise.txt", Layout::Lines), ("export", Layout::Export)] {
        let source = fs::read(samples.join(format!("journald/stderr-of-a-service.{file}"))).unwrap();
        assert_eq!(sniff(&source[..60 << 10]), Some(layout));
        let seen = read(layout, &source);
        for (seen, (row, said)) in seen.iter().zip(&wanted) {
            // journalctl writes a TAB as eight blanks.
            let said = said.clone().unwrap();
            let said = if layout == Layout::Lines { said.replace('\t', "        ") } else { said };
            assert!(is_message(&seen.message, &said), "{row}\n{seen:?}");
            assert!(is_time(seen.stamp, row["ts_us"].as_i64().unwrap(), 1, 0), "{row}\n{seen:?}");
            assert_eq!((&*seen.host, &*seen.ident), (field(row, "host"), field(row, "ident")));
            assert_eq!(seen.pid.to_string(), field(row, "pid"));
        }
        assert_eq!(seen.len(), wanted.len(), "{file}");
    }
}

#[test]
fn syslog() {
    let Some(samples) = samples() else { return };
    let wanted = joined(rows(&samples.join("expected/syslog.jsonl")), &["host", "ident", "pid"]);
    for (file, precision) in
        [("rsyslog-traditional.log", 1_000_000), ("rsyslog-file-format.log", 1), ("rsyslog-rfc5424.log", 1)]
    {
        let source = fs::read(samples.join("syslog").join(file)).unwrap();
        let layout = sniff(&source).unwrap();
        let seen = read(layout, &source);
        for (seen, (row, said)) in seen.iter().zip(&wanted) {
            let said = said.clone().unwrap();
            assert!(is_message(seen.message.trim_end(), said.trim_end()), "{file}: {row}\n{seen:?}");
            assert!(is_time(seen.stamp, row["ts_us"].as_i64().unwrap(), precision, 0), "{file}: {row}\n{seen:?}");
            assert_eq!((&*seen.host, &*seen.ident), (field(row, "host"), field(row, "ident")), "{file}: {row}");
            assert_eq!(seen.pid, field(row, "pid").parse().unwrap_or(0), "{file}: {row}");
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
        (Some(Stamp::Absolute { micros: 1_704_067_395_000_000, offset: 3600 }), "")
    );
}
