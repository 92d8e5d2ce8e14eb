//! The envelope's reading held against the reference samples: real output of journalctl, rsyslog, dmesg, klog and
//! others with the entries that are in it. Skipped where the samples are not at hand.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod components;
mod expected;
mod forms;
mod journals;
mod reading;
mod wrapped;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use reading::{framed, places, places_in_blocks, read, read_in_blocks};

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
fn rows(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every file under a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
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
        let Some((layout, source)) = framed(&source) else {
            continue;
        };
        let (whole, spots) = (read(layout, &source), places(layout, &source));
        for size in [64, 1000, 20_000] {
            assert!(read_in_blocks(layout, &source, size) == whole, "{} in blocks of {size}", path.display());
            assert!(places_in_blocks(layout, &source, size) == spots, "{} in blocks of {size}", path.display());
        }
    }
}
