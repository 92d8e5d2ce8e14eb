//! Any bytes as a file of evidence: nothing panics, and what is found stands within the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nodecause::evidence;

fuzz_target!(|bytes: &[u8]| {
    if let Some(found) = evidence::read("any", bytes) {
        assert!(found.facts.iter().all(|fact| fact.position.offset <= bytes.len() as u64));
        evidence::kube_events(bytes, &mut |event| assert!(event.offset <= bytes.len()));
    }
});
