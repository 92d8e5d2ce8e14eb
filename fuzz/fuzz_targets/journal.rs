//! Any bytes as a binary journal: the laws of the test, driven by coverage.

#![no_main]

#[path = "../../tests/journal/laws.rs"]
mod laws;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    laws::hold(bytes);
});
