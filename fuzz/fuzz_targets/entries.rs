//! Any bytes as a log: the laws of the property test, driven by coverage.

#![no_main]

#[path = "../../tests/hostile/laws.rs"]
mod laws;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| laws::hold(bytes, &[16, 300]));
