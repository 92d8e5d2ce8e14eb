//! What messages said: in a cascade the same ones come again and again with other stamps, and matching costs many times more
//! than recognising one. What is remembered is the message without its stamp, so that a collision costs time and not truth.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::names::Noted;
use crate::catalogue::ComponentId;
use crate::summary::TallyKey;

/// Messages remembered.
const SLOTS: usize = 4096;
/// A longer message is not remembered.
const LONGEST: usize = 2048;

/// What one event of a message is counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) key: TallyKey,
    /// Hash of the object's values.
    pub(super) object: u64,
}

/// What a message says: at most two events.
pub(super) type Said = [Option<Counted>; 2];

#[derive(Default, Clone)]
struct Slot {
    speaker: Option<ComponentId>,
    letter: u8,
    hash: u64,
    body: Vec<u8>,
    said: Said,
    /// What was found of its events' values: in many files the same messages come first.
    noted: [Noted; 2],
}

impl Slot {
    fn is_of(&self, body: &Body<'_>) -> bool {
        let same = self.hash == body.hash && self.speaker == body.speaker && self.letter == body.letter;
        same && *self.body == *body.bytes && !self.body.is_empty()
    }
}

/// A table of messages, each in the one place that its hash tells.
pub(super) struct Remembered {
    slots: Vec<Slot>,
}

/// A message without its stamp, and its hash.
#[derive(Clone, Copy)]
pub(super) struct Body<'m> {
    speaker: Option<ComponentId>,
    letter: u8,
    bytes: &'m [u8],
    pub(super) hash: u64,
}

impl<'m> Body<'m> {
    /// `header`: length of the message's klog header, 0 where there is none.
    pub(super) fn of(message: &'m [u8], header: usize, speaker: Option<ComponentId>) -> Body<'m> {
        let bytes = match header {
            0 => without_time(message),
            // The severity's letter and the place in the source stay: patterns may look at them.
            _ => without_stamp(message),
        };
        let letter = if header > 0 { message[0] } else { 0 };
        let mut hasher = FxHasher::default();
        hasher.write(bytes);
        hasher.write_u8(letter);
        hasher.write_u32(speaker.map_or(u32::MAX, u32::from));
        Body { speaker, letter, bytes, hash: mix(hasher.finish()) }
    }
}

/// A klog header from the source file on: behind letter and date, time, and pid.
fn without_stamp(message: &[u8]) -> &[u8] {
    let mut rest = message;
    for _ in 0..3 {
        let word = memchr::memchr(b' ', rest).unwrap_or(rest.len());
        let blanks = rest[word..].iter().take_while(|byte| **byte == b' ').count();
        rest = &rest[word + blanks..];
    }
    rest
}

/// A logrus line behind its `time="…"`.
fn without_time(message: &[u8]) -> &[u8] {
    let Some(rest) = message.strip_prefix(b"time=\"") else { return message };
    memchr::memchr(b'"', &rest[..rest.len().min(64)]).map_or(message, |at| &rest[at + 1..])
}

/// Spreads a hash over all its bits (the finalizer of MurmurHash3).
pub(super) fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

impl Remembered {
    pub(super) fn new() -> Remembered {
        Remembered { slots: vec![Slot::default(); SLOTS] }
    }

    /// What this message said before, where it is remembered.
    pub(super) fn recall(&self, body: &Body<'_>) -> Option<Said> {
        let slot = &self.slots[body.hash as usize % SLOTS];
        slot.is_of(body).then_some(slot.said)
    }

    /// What was found of the values of one of its events.
    pub(super) fn noted(&self, body: &Body<'_>, event: usize) -> Noted {
        let slot = &self.slots[body.hash as usize % SLOTS];
        if slot.is_of(body) {
            slot.noted[event].clone()
        } else {
            Noted::default()
        }
    }

    /// Remembers what was found of the values of one of the events of a message that is remembered.
    pub(super) fn note(&mut self, body: &Body<'_>, event: usize, noted: Noted) {
        let slot = &mut self.slots[body.hash as usize % SLOTS];
        if slot.is_of(body) {
            slot.noted[event] = noted;
        }
    }

    /// Remembers what a message says, in place of another one.
    pub(super) fn keep(&mut self, body: &Body<'_>, said: Said) {
        if body.bytes.len() <= LONGEST {
            let Body { speaker, letter, bytes, hash } = *body;
            let slot = &mut self.slots[hash as usize % SLOTS];
            // The room of the one that was there is used again.
            slot.body.clear();
            slot.body.extend_from_slice(bytes);
            (slot.speaker, slot.letter, slot.hash, slot.said) = (speaker, letter, hash, said);
            slot.noted = Default::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_stamp_is_left_out() {
        let header = |message: &[u8]| message.iter().position(|byte| *byte == b']').map_or(0, |at| at + 2);
        let body = |message: &'static [u8]| Body::of(message, header(message), None);
        let a = body(b"E0301 00:00:00.034578    1187 pod_workers.go:1301] \"x\" pod=\"a\"");
        let b = body(b"E0302 10:00:00.000000 1234567 pod_workers.go:1301] \"x\" pod=\"a\"");
        assert_eq!(a.bytes, b"pod_workers.go:1301] \"x\" pod=\"a\"");
        assert_eq!((a.hash, a.bytes), (b.hash, b.bytes));
        let c = body(b"I0301 00:00:00.034578    1187 pod_workers.go:1301] \"x\" pod=\"a\"");
        assert_ne!(a.hash, c.hash);
        assert_eq!(without_time(b"time=\"2026-01-01T00:00:00Z\" level=error msg=x"), b" level=error msg=x");
        assert_eq!(without_time(b"time=\"open"), b"time=\"open");
    }

    #[test]
    fn another_message_in_the_same_place_is_not_taken_for_it() {
        let mut remembered = Remembered::new();
        let one = Body { speaker: None, letter: 0, bytes: b"one", hash: 7 };
        remembered.keep(&one, [None, None]);
        assert_eq!(remembered.recall(&one), Some([None, None]));
        assert_eq!(remembered.recall(&Body { bytes: b"two", ..one }), None);
        assert_eq!(remembered.recall(&Body { speaker: Some(1), ..one }), None);
    }
}
