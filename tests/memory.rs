//! Memory stays within its bound whatever is handed over: the most that the program itself had at any time, over input made to
//! take much. Each case has a log with an incident beside it, and that is found all the same.

#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

mod common;

use std::fmt::Write as _;
use std::io::{Cursor, Write};
use std::path::Path;

use common::command::{directory, pressure, write, Ran};
use common::memory::{peak, BOUND, REFUSED};
use common::Dice;

const EVENTS: usize = 45_000_000;

/// Runs the program on a directory. What it found, and the most it held.
fn over(case: &Path, most: u64) -> Ran {
    let (ran, held) = peak(&["--format".as_ref(), "json".as_ref(), case.as_os_str()], |_| Ok(()));
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(held < most, "{} of {} MiB over {}", held >> 20, most >> 20, case.display());
    ran
}

/// The same beside a log with an incident.
fn beside_a_log(case: &Path, most: u64) -> Ran {
    write(case, "kubelet.log", pressure());
    let ran = over(case, most);
    assert_eq!(ran.roots(), ["ephemeral-storage-pressure"], "{}", case.display());
    ran
}

/// What was skipped or could not be read of a file, and why: the first of it.
fn why(ran: &Ran, name: &str) -> String {
    let json = ran.json();
    let all = json["input"]["skipped"].as_array().cloned().unwrap_or_default();
    let of_it = all.iter().map(ToString::to_string).filter(|text| text.contains(name));
    of_it.take(3).collect::<Vec<_>>().join("\n")
}

/// The reader of the report is told this of a file.
fn told(ran: &Ran, name: &str, words: &str) {
    assert!(why(ran, name).contains(words), "{words} is not in {}", why(ran, name));
}

/// An event of a pod that keeps ending, many times over; every thousandth is an eviction.
fn event(number: usize) -> [(&'static str, String); 6] {
    let time = |seconds: usize| {
        let (hour, minute) = (seconds / 3600 % 24, seconds / 60 % 60);
        format!("2026-11-25T{hour:02}:{minute:02}:{:02}Z", seconds % 60)
    };
    let first = number / 8;
    let (reason, message) = match number % 1000 {
        999 => (
            "Evicted",
            "The node was low on resource: ephemeral-storage. Threshold quantity: 15%, available: 264172Ki."
                .to_string(),
        ),
        _ => ("BackOff", format!("Back-off restarting failed container app in pod web-{}_shop", number % 5000)),
    };
    [
        ("count", (1 + number % 40).to_string()),
        ("firstTimestamp", format!("{:?}", time(first))),
        ("lastTimestamp", format!("{:?}", time(first + 600))),
        ("message", format!("{message:?}")),
        ("reason", format!("{reason:?}")),
        ("type", "\"Warning\"".to_string()),
    ]
}

/// Lists of events as `kubectl get events -A -o json` and `-o yaml` print them, of so many bytes.
fn list(bytes: usize, before: &str, between: &str, after: &str, one: impl Fn(usize) -> String) -> String {
    let mut all = before.to_string();
    for number in 0.. {
        if all.len() >= bytes {
            break;
        }
        all.push_str(if number > 0 { between } else { "" });
        all.push_str(&one(number));
    }
    all + after
}

fn json_list(bytes: usize) -> String {
    list(
        bytes,
        "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n",
        ",\n",
        "\n    ],\n    \"kind\": \"List\"\n}\n",
        |number| {
            let mut one = "        {\n            \"apiVersion\": \"v1\",\n".to_string();
            for (name, value) in event(number) {
                writeln!(one, "            \"{name}\": {value},").unwrap();
            }
            let pod = number % 5000;
            write!(
            one,
            "            \"eventTime\": null,\n            \"involvedObject\": {{\n                \"apiVersion\": \"v1\",\n                \"kind\": \"Pod\",\n                \"name\": \"web-{pod}\",\n                \"namespace\": \"shop\",\n                \"uid\": \"0f3b7f5e-8c2c-4bb0-9a3c-{pod:012x}\"\n            }},\n            \"kind\": \"Event\",\n            \"metadata\": {{\n                \"name\": \"web-{pod}.17a{number:x}\",\n                \"namespace\": \"shop\",\n                \"resourceVersion\": \"{number}\"\n            }},\n            \"source\": {{\n                \"component\": \"kubelet\",\n                \"host\": \"cp-1\"\n            }}\n        }}",
        )
        .unwrap();
            one
        },
    )
}

fn yaml_list(bytes: usize) -> String {
    list(bytes, "apiVersion: v1\nitems:\n", "", "kind: List\n", |number| {
        let mut one = "- apiVersion: v1\n".to_string();
        for (name, value) in event(number) {
            writeln!(one, "  {name}: {value}").unwrap();
        }
        let pod = number % 5000;
        write!(
            one,
            "  eventTime: null\n  involvedObject:\n    apiVersion: v1\n    kind: Pod\n    name: web-{pod}\n    namespace: shop\n    uid: 0f3b7f5e-8c2c-4bb0-9a3c-{pod:012x}\n  kind: Event\n  metadata:\n    name: web-{pod}.17a{number:x}\n    namespace: shop\n    resourceVersion: \"{number}\"\n  source:\n    component: kubelet\n    host: cp-1\n",
        )
        .unwrap();
        one
    })
}

/// The answer is that of a short list of the same events, and beside a log it is evidence.
fn holds_of_events(name: &str, list: impl Fn(usize) -> String) {
    let case = directory(&format!("memory-{name}"));
    write(&case, name, list(EVENTS / 40));
    let short = over(&case, BOUND).roots();
    assert!(!short.is_empty(), "{name}");
    write(&case, name, list(EVENTS));
    assert_eq!(over(&case, BOUND).roots(), short, "{name}");
    let ran = beside_a_log(&case, BOUND);
    assert!(ran.json()["input"]["evidence"].to_string().contains(name), "{name} is evidence");
    assert_eq!(why(&ran, name), "");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes a minute or more without optimisation; for a release build")]
fn a_large_file_of_events() {
    holds_of_events("events.json", json_list);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes a minute or more without optimisation; for a release build")]
fn a_large_file_of_events_in_yaml() {
    holds_of_events("events.yaml", yaml_list);
}

#[test]
fn anchors_that_explode() {
    let mut bomb = "a0: &a0 {reason: Evicted, count: 5}\n".to_string();
    for level in 1..200 {
        let aliases = vec![format!("*a{}", level - 1); 20].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    let item = "- kind: Event\n  involvedObject: {kind: Node, name: cp-1}\n  reason: *a199\n  message: *a199\n";
    let case = directory("memory-anchors");
    write(&case, "config.yaml", format!("kind: KubeletConfiguration\n{bomb}evictionHard: *a199\n"));
    write(&case, "events.yaml", format!("kind: List\n{bomb}items:\n{}", item.repeat(1000)));
    write(&case, "pods.yaml", format!("kind: PodList\nitems:\n- {}\n", bomb.replace('\n', "\n  ").trim_end()));
    beside_a_log(&case, REFUSED);
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn zip(files: &[(&str, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Bytes that a bomb becomes.
const BURST: usize = 80 << 20;

#[test]
#[cfg_attr(debug_assertions, ignore = "takes a minute or more without optimisation; for a release build")]
fn a_zip_archive_that_explodes() {
    use zip::CompressionMethod::{Deflated, Zstd};
    let zeros = vec![0; BURST];
    let core = zip(&[("core", &zeros)], Deflated);
    // One that looks like text, so that it is not passed over.
    let text = "\n".repeat(BURST).into_bytes();
    let notes = zip(&[("notes.txt", &text)], Deflated);
    let packed = zip(&[("notes.txt", &text)], Zstd);
    let twice = zip(&[("in.zip", &packed), ("more.zip", &notes)], Deflated);
    drop((zeros, text));
    let large = "more than 1000 times its size";
    for (bytes, words) in [(core, "binary"), (notes, large), (packed, large), (twice, large)] {
        let case = directory("memory-zip");
        write(&case, "a.zip", bytes);
        let ran = beside_a_log(&case, BOUND);
        told(&ran, "a.zip", words);
    }
}

/// The list of an archive names one member again and again, so that a small file is a large one many times.
#[test]
#[cfg_attr(debug_assertions, ignore = "takes a minute or more without optimisation; for a release build")]
fn a_zip_archive_whose_list_names_a_member_many_times() {
    const TIMES: usize = 2_000;
    let bytes = zip(&[("core", &vec![0; 8 << 20])], zip::CompressionMethod::Deflated);
    let list = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let end = bytes.windows(4).rposition(|four| four == b"PK\x05\x06").unwrap();
    let row = &bytes[list..end];
    let mut tail = bytes[end..].to_vec();
    tail[8..10].copy_from_slice(&(TIMES as u16).to_le_bytes());
    tail[10..12].copy_from_slice(&(TIMES as u16).to_le_bytes());
    tail[12..16].copy_from_slice(&((row.len() * TIMES) as u32).to_le_bytes());
    let case = directory("memory-zip-list");
    write(&case, "a.zip", [&bytes[..list], &row.repeat(TIMES), &tail].concat());
    let ran = beside_a_log(&case, REFUSED);
    told(&ran, "a.zip", "because of a limit");
}

/// A frame that asks for a window of 2 GiB, and blocks that would fill it: 128 KiB each, out of four bytes.
#[test]
fn a_zstd_window_that_is_too_large() {
    const BLOCK: u32 = 128 << 10;
    let mut frame = b"\x28\xb5\x2f\xfd\x00".to_vec();
    frame.push(21 << 3);
    let block = |last: u32| (BLOCK << 3 | 1 << 1 | last).to_le_bytes();
    for number in 0..4096 {
        frame.extend_from_slice(&block(u32::from(number == 4095))[..3]);
        frame.push(b'x');
    }
    let case = directory("memory-zstd");
    write(&case, "a.log.zst", frame);
    let ran = beside_a_log(&case, REFUSED);
    told(&ran, "a.log.zst", "a window of more than 128 MiB");
}

/// A window of 1.5 GiB in the header of the block, and text that would fill some of it.
#[test]
fn an_xz_window_that_is_too_large() {
    let mut options = liblzma::stream::LzmaOptions::new_preset(0).unwrap();
    options.dict_size(1 << 20);
    let mut filters = liblzma::stream::Filters::new();
    filters.lzma2(&options);
    let stream = liblzma::stream::Stream::new_stream_encoder(&filters, liblzma::stream::Check::Crc32).unwrap();
    let mut packer = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    packer.write_all("Nothing to be seen here.\n".repeat(2 << 20).as_bytes()).unwrap();
    let mut bytes = packer.finish().unwrap();
    let at = bytes.windows(3).position(|three| three == [0x21, 1, 16]).unwrap();
    bytes[at + 2] = 37;
    let end = 12 + usize::from(bytes[12]) * 4;
    let mut sum = flate2::Crc::new();
    sum.update(&bytes[12..end]);
    bytes[end..end + 4].copy_from_slice(&sum.sum().to_le_bytes());
    let case = directory("memory-xz");
    write(&case, "a.log.xz", bytes);
    let ran = beside_a_log(&case, REFUSED);
    told(&ran, "a.log.xz", "takes more than 136 MiB");
}

/// Text that may be evidence is held whole to be looked at; that is once, plain as packed.
#[test]
#[cfg_attr(debug_assertions, ignore = "takes a minute or more without optimisation; for a release build")]
fn large_text_of_no_known_form() {
    let words = ["lorem", "ipsum", "kind", "Node", "dolor", "sit", "amet", "do", "elit", "sed"];
    let mut dice = Dice::new(5);
    let line = |dice: &mut Dice| (0..12).map(|_| *dice.pick(&words)).collect::<Vec<_>>().join(" ") + "\n";
    let part: String = (0..2000).map(|_| line(&mut dice)).collect();
    let text = part.repeat((60 << 20) / part.len());
    for (name, bytes) in
        [("notes.txt", text.clone().into_bytes()), ("notes.txt.gz", gz((text + &part.repeat(80)).as_bytes()))]
    {
        let case = directory("memory-text");
        write(&case, name, bytes);
        let ran = beside_a_log(&case, BOUND);
        told(&ran, name, "no form of log that is known");
    }
}
