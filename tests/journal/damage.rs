//! Damaged journals: every entry that is whole in them is read, and what is not is told.

use std::collections::BTreeSet;

use nodecause::envelope::journal::{Refused, WINDOW};
use serde_json::Value;

use crate::{bytes, expected, read, rows, samples};

/// What the reader says of each; nothing of the others.
const SAYS: [(&str, &str); 12] = [
    ("truncated-30", "the journal file is shorter than its header says: cut after 19836 of 66120 bytes; 32 entries could not be read"),
    ("truncated-65", "the journal file is shorter than its header says: cut after 42978 of 66120 bytes; 29 entries could not be read"),
    ("truncated-80", "the journal file is shorter than its header says: cut after 52896 of 66120 bytes; 14 entries could not be read"),
    ("truncated-95", "the journal file is shorter than its header says: cut after 62814 of 66120 bytes; 4 entries could not be read"),
    ("zero-tail", "32 entries could not be read"),
    ("zero-page", "7 entries could not be read; 2 entries could be read only in part"),
    ("entry-type", "1 entry could not be read"),
    ("entry-size-huge", "1 entry could not be read"),
    ("entry-size-zero", "1 entry could not be read"),
    ("item-bad", "1 entry could be read only in part"),
    ("item-unaligned", "1 entry could be read only in part"),
    ("zstd-garbage", "1 entry could be read only in part"),
];

#[test]
fn what_is_whole_is_read_and_the_rest_is_told() {
    let Some(samples) = samples() else { return };
    let full = rows(&samples.join("expected/full.jsonl"));
    let mut faults = Vec::new();
    for index in rows(&samples.join("journal/damaged/index.jsonl")) {
        let file = index["file"].as_str().unwrap();
        let name = file.trim_start_matches("journal/damaged/").split('.').next().unwrap();
        let bytes = bytes(&samples.join(file));
        for window in [0, WINDOW] {
            let (seen, loss) = match read(bytes.clone(), window) {
                Ok(read) => read,
                Err(refused) => {
                    let expected = match name {
                        "header-flag-unknown" => Refused::Unknown(0x80),
                        _ => Refused::NoJournal,
                    };
                    assert!(
                        refused == expected
                            && matches!(name, "header-flag-unknown" | "header-signature" | "empty-file")
                    );
                    continue;
                }
            };
            for row in whole(&index) {
                let row = &full[row];
                match seen.iter().find(|seen| seen.realtime == row["ts_us"].as_u64().unwrap()) {
                    Some(seen) => expected::compare(seen, row, file),
                    None => faults.push(format!("{name}: no entry for {row}")),
                }
            }
            let says = SAYS.iter().find(|(other, _)| *other == name).map_or("", |(_, says)| says);
            let says = if name == "lz4-size-huge" { "1 entry could be read only in part" } else { says };
            if loss != says {
                faults.push(format!("{name}: {loss:?}, not {says:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Rows that can be had whole in one way or the other.
fn whole(index: &Value) -> BTreeSet<usize> {
    let ways = ["by_arrays", "by_scan"].map(|way| index[way]["whole"].as_array().cloned().unwrap_or_default());
    ways.into_iter().flatten().map(|row| row.as_u64().unwrap() as usize).collect()
}

#[test]
fn an_unknown_feature_is_named() {
    let text = Refused::Unknown(0x80 | 0x20).to_string();
    assert!(text.ends_with("incompatible flag 32, 128"), "{text}");
}
