//! The files of one directory are read as one journal.

use std::io::Read;

use nodecause::envelope::journal::{Framed, Merged, Part, Troubles};
use nodecause::envelope::{entries, Guess, Layout};
use nodecause::input::ReadAt;

use crate::expected::{self, Seen};
use crate::{bytes, rows, samples};

/// Names and contents of the files in an archive of tar.
fn members(tar: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while tar.get(at).is_some_and(|first| *first != 0) {
        let text = |from: usize, to: usize| {
            let field = &tar[at + from..at + to];
            let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
            String::from_utf8_lossy(&field[..end]).trim().to_owned()
        };
        let size = usize::from_str_radix(&text(124, 136), 8).unwrap();
        found.push((format!("{}/{}", text(345, 500), text(0, 100)), tar[at + 512..at + 512 + size].to_vec()));
        at += 512 + size.next_multiple_of(512);
    }
    found
}

/// A file that lies in memory.
fn part(name: &str, bytes: &[u8]) -> Part {
    let bytes = bytes.to_vec();
    Part::new(name.into(), Box::new(move || Ok(Box::new(bytes.clone()) as Box<dyn ReadAt>))).unwrap()
}

/// The rotated files of the sample, without the live one below /run.
fn rotated() -> Option<Vec<(String, Vec<u8>)>> {
    let mut members = members(&bytes(&samples()?.join("journal/rotated.tar.gz")));
    members.retain(|(name, _)| name.contains("var/log/journal/") && name.contains("system"));
    assert_eq!(members.len(), 3);
    Some(members)
}

fn merged(parts: Vec<Part>) -> (Vec<Seen>, String) {
    let mut merged = Merged::new(parts);
    let mut seen = Vec::new();
    while merged.advance() {
        seen.push(Seen::new(&merged.entry().unwrap()));
    }
    let troubles = merged.troubles().iter().map(ToString::to_string).collect();
    (seen, troubles)
}

#[test]
fn rotated_files_are_one_journal() {
    let Some(files) = rotated() else { return };
    let expected: serde_json::Value =
        serde_json::from_slice(&bytes(&samples().unwrap().join("journal/rotated.expected.json"))).unwrap();
    let full = rows(&samples().unwrap().join("expected/full.jsonl"));
    // In any order, and each twice: a live copy holds entries in two files.
    for (turn, twice) in [(0, false), (1, false), (2, true)] {
        let mut parts: Vec<Part> = files.iter().map(|(name, bytes)| part(name, bytes)).collect();
        parts.rotate_left(turn);
        if twice {
            parts.extend(files.iter().map(|(name, bytes)| part(&format!("copy of {name}"), bytes)));
        }
        let (seen, troubles) = merged(parts);
        assert_eq!(troubles, "");
        assert_eq!(seen.len(), 32 + 2600);
        // The dirty file ends after the others begin, in another chain of numbers: there the clock decides.
        assert!(seen.windows(2).all(|pair| pair[0].realtime <= pair[1].realtime));
        assert!((1..).zip(&seen).all(|(number, seen)| seen.number == number));
        let numbered = &expected["numbered"];
        let mut number = 0;
        let mut rows = full[62..94].iter();
        for seen in &seen {
            let message = String::from_utf8_lossy(seen.message.as_deref().unwrap_or_default());
            if !message.ends_with(&format!(" n={number}")) {
                expected::compare(seen, rows.next().unwrap(), "the dirty file");
                continue;
            }
            let time = numbered["first_ts_us"].as_u64().unwrap() + number * 20_000;
            number += 1;
            assert_eq!((seen.realtime, seen.seqnum), (time, number));
            assert_eq!((&*seen.host, &*seen.ident, seen.pid), ("node-a", "kubelet", 1032));
        }
        assert_eq!((number, rows.len()), (2600, 0));
    }
}

#[test]
fn a_directory_with_more_files_than_may_be_open_is_read() {
    let Some(files) = rotated() else { return };
    let (name, bytes) = &files[files.iter().position(|(name, _)| name.ends_with('~')).unwrap()];
    let parts = (0..300).map(|number| part(&format!("{name}{number}"), bytes)).collect();
    let (seen, troubles) = merged(parts);
    assert_eq!(troubles, "");
    // Those that were open at the same time gave each entry once.
    assert!((32..=32 * 45).contains(&seen.len()), "{}", seen.len());
}

/// Entries without a message are left out, boots are parted, the rest is as journalctl shows it.
#[test]
fn frames_say_what_the_entries_say() {
    let Some(samples) = samples() else { return };
    let file = bytes(&samples.join("journal/v257-compact-zstd.journal"));
    let mut frames = Vec::new();
    let troubles = Troubles::default();
    Framed::new(Merged::new(vec![part("a", &file)]), troubles.clone()).read_to_end(&mut frames).unwrap();
    assert!(troubles.lock().unwrap().is_empty());
    let mut guess = Guess::default();
    let read: Vec<(u64, String)> = entries(Layout::Frames, &frames)
        .map(|raw| (raw.line + 1, String::from_utf8_lossy(&raw.peel(&frames, &mut guess).message).into_owned()))
        .collect();
    let said =
        |line: u64| read.iter().filter(|(other, _)| *other == line).map(|(_, message)| &**message).collect::<Vec<_>>();
    assert_eq!(said(74), ["trailing newline"]);
    assert_eq!(said(77), ["second of two messages"]);
    assert_eq!(said(82), [""; 0], "without a message");
    assert_eq!(said(70), ["first line\nsecond line\n\nfourth line"]);
    assert!(said(66)[0].starts_with("2023-12-31 22:59:00.000001 W | etcdserver"), "{:?}", said(66));
    let borders: Vec<&str> =
        read.iter().map(|(_, message)| &**message).filter(|text| text.starts_with("-- ")).collect();
    assert_eq!(borders, ["-- Boot 9b7a6c5d4e3f40218899aabbccddeeff --"]);
}
