//! Every form that is read as frames, with its samples changed at random places: cut, doubled, overwritten. Nothing panics,
//! and no reader takes more time than the bytes are worth.

use std::fs;
use std::path::{Path, PathBuf};

use nodecause::envelope::{recognise, Recognised};
use proptest::prelude::*;
use proptest::test_runner::{TestRng, TestRunner};

use crate::laws;

/// Bytes that mean something to one form or another.
const MARKS: [&[u8]; 20] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\n",
    b",",
    b"=>",
    b"=<",
    b"==> x <==",
    b"\0",
    b"\xff",
    b"\x1e",
    b"    ",
    b"\r\n",
    b":",
    b"null",
    b"[s=",
    b"99999999999999999999",
];

/// Longest sample that is changed: the others are of the same forms.
const LONGEST: usize = 48 << 10;

/// Changes of each sample.
const CHANGES: usize = 6;

fn samples(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => samples(&path, found),
            false => found.push(path),
        }
    }
    found.sort();
}

/// A copy with some places cut, doubled or overwritten.
fn changed(bytes: &[u8], random: &mut TestRng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + random.next_u32() % 6 {
        if bytes.is_empty() {
            break;
        }
        let at = random.next_u32() as usize % bytes.len();
        let length = 1 + random.next_u32() as usize % 200;
        let end = (at + length).min(bytes.len());
        match random.next_u32() % 5 {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            2 => bytes.truncate(at),
            3 => bytes[at] = random.next_u32() as u8,
            _ => {
                let mark = MARKS[random.next_u32() as usize % MARKS.len()];
                bytes.splice(at..at, mark.iter().copied());
            }
        }
    }
    bytes
}

#[test]
fn changed_samples() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/samples");
    if !directory.is_dir() {
        println!("skipped: no reference samples");
        return;
    }
    let mut runner = TestRunner::deterministic();
    let mut paths = Vec::new();
    for part in ["wrapped", "journalctl", "kernel", "components"] {
        samples(&directory.join(part), &mut paths);
    }
    let mut framed = 0;
    for path in paths {
        let source = fs::read(&path).unwrap();
        let source = &source[..source.len().min(LONGEST)];
        if !matches!(recognise(source), Some(Recognised::Form(_))) {
            continue;
        }
        framed += 1;
        for _ in 0..CHANGES {
            laws::frames_are_whole(&changed(source, runner.rng()));
        }
    }
    assert!(framed > 15, "{framed}");
}

/// What is deep, endless or without an end costs no more than its bytes.
#[test]
fn documents_without_end() {
    let unit = |text: &str| text.repeat((3 << 19) / text.len());
    let entry = "{\"events\":[{\"message\":\"x\",\"timestamp\":1704067390000}],\"a\":";
    for text in [
        entry.to_string() + &unit("["),
        entry.to_string() + &unit("{\"a\":"),
        entry.to_string() + "\"" + &unit("\\\""),
        entry.to_string() + "\"" + &unit("x"),
        "[{\"textPayload\":\"x\",\"timestamp\":\"2024-01-01T00:00:00Z\",\"a\":\"".to_string() + &unit("y"),
        "@timestamp,@message\n\"2024-01-01 00:00:00\",\"".to_string() + &unit("z,"),
        "@timestamp,@message\n".to_string() + &unit(","),
        "Sun 2023-12-31 22:50:00 UTC [s=a;t=60dd615ca3600]\n    MESSAGE=x\n".to_string() + &unit("            y\n"),
        "==> kubelet <==\n".to_string() + &unit("\tx\n"),
    ] {
        laws::frames_are_whole(text.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_objects(bytes in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60)) {
        laws::frames_are_whole(bytes.concat().as_bytes());
    }
}

/// Pieces of documents, tables and headings.
const PIECES: [&str; 20] = [
    "{\"events\":[",
    "{\"data\":{\"result\":[{\"stream\":{\"host\":\"a\"},\"values\":[",
    "[\"1704067390000000000\",\"x err=<\"],",
    "{\"message\":\"E0101 00:03:11.000001    1032 kubelet.go:2327] x\",\"host\":\"a\",\"timestamp\":1704067390000},",
    "{\"textPayload\":\"\\ty\",\"timestamp\":\"2024-01-01T00:00:00Z\"}",
    "{\"log\":\"2024-01-01T00:00:00Z stderr P x\\n\",\"stream\":\"stderr\",\"kubernetes\":{\"host\":\"a\"}}\n",
    "{\"tables\":[{\"columns\":[{\"name\":\"TimeGenerated\"},{\"name\":\"SyslogMessage\"}],\"rows\":[",
    "]",
    "}",
    ",",
    "\n",
    "\"",
    "@timestamp,@message\n",
    "2024-01-01 00:00:00.000,\"x \"\"y\"\"\"\n",
    "==> kubelet <==\n",
    "==== START logs for container a of pod b/c ====\n",
    "E0101 00:03:11.000001    1032 kubelet.go:2327] x err=<\n",
    "\tvalue\n",
    "2024-01-01T00:00:00Z {host=\"a\", pod=\"b\"} text\n",
    "a-b c I0101 00:03:11.000001    1032 kubelet.go:2327] x\n",
];
