//! Any bytes as a source that is read as frames: documents of stores, tables, sections, lines that stand newest first.

#![no_main]

#[allow(dead_code)]
#[path = "../../tests/hostile/laws.rs"]
mod laws;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| laws::frames_are_whole(bytes));
