//! Binary journals: every variant of the samples gives the entries that it was made from, damaged ones what can be had of them,
//! rotated ones the whole in order. Needs the samples beside the repository; skipped without them.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod damage;
mod expected;
mod hostile;
mod laws;
mod merging;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use nodecause::envelope::journal::{Journal, Refused, WINDOW};
use serde_json::Value;

use expected::Seen;

/// The samples, if they are there.
pub(crate) fn samples() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/samples");
    if !path.exists() {
        println!("skipped: there are no reference samples");
        return None;
    }
    Some(path)
}

/// Lines of a file of JSON objects.
pub(crate) fn rows(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A file, unpacked where it is compressed.
pub(crate) fn bytes(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    if path.extension().is_none_or(|end| end != "gz") {
        return bytes;
    }
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut unpacked).unwrap();
    unpacked
}

/// The small journal that the damaged ones and the hostile ones are made of.
pub(crate) fn small() -> Option<Vec<u8>> {
    samples().map(|samples| bytes(&samples.join("journal/small.journal")))
}

/// The entries of a journal, and what it says that was lost.
pub(crate) fn read(bytes: Vec<u8>, window: usize) -> Result<(Vec<Seen>, String), Refused> {
    let mut journal = Journal::open(Box::new(bytes), window).unwrap()?;
    let mut seen = Vec::new();
    while journal.advance().unwrap() {
        seen.push(Seen::new(&journal.entry()));
    }
    Ok((seen, journal.loss().text()))
}

#[test]
fn every_variant_gives_the_same_entries() {
    let Some(samples) = samples() else { return };
    let mut count = 0;
    for index in rows(&samples.join("journal/index.jsonl")) {
        let file = index["file"].as_str().unwrap();
        if file.ends_with(".tar.gz") {
            continue;
        }
        let mut wanted = rows(&samples.join(index["expected"].as_str().unwrap()));
        if let Some(range) = index.get("rows") {
            let bound = |at: usize| range[at].as_u64().unwrap() as usize;
            wanted = wanted[bound(0)..bound(1)].to_vec();
        }
        let bytes = bytes(&samples.join(file));
        for window in [0, WINDOW] {
            let (seen, loss) = read(bytes.clone(), window).unwrap();
            for (seen, wanted) in seen.iter().zip(&wanted) {
                expected::compare(seen, wanted, file);
            }
            assert_eq!((seen.len(), loss.as_str()), (wanted.len(), ""), "{file}");
            assert!(seen.windows(2).all(|pair| pair[0].seqnum < pair[1].seqnum), "{file}");
        }
        count += 1;
    }
    assert!(count >= 12);
}
