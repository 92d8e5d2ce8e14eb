//! The head that every object in a journal file has: what it is and how long it is. Told apart from bytes that are none, since
//! in a damaged file that is all there is to go by.

use super::header::u64_at;

/// Bytes of an object's head.
pub(super) const HEAD: usize = 16;

/// Bytes of an entry before its items.
pub(super) const ENTRY: usize = 64;

/// The longest entry: four times as many items as journald lets an entry have fields.
const LARGEST_ENTRY: u64 = ENTRY as u64 + 4096 * 16;

/// Bytes of an array before its items.
pub(super) const ARRAY: usize = 24;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A field with its value, shared by all entries that have it.
    Field,
    /// An entry: times, and which fields it has.
    Entry,
    /// A part of the list of all entries, or of those that have a field.
    Array,
    /// Something that reading does not need: a field's name, a hash table, a seal.
    Other,
}

/// The head of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) kind: Kind,
    pub(super) flags: u8,
    /// Its bytes, the head included.
    pub(super) size: u64,
}

impl Head {
    /// Reads the head of an object that may take up to `room` bytes. `None` where the bytes are no head.
    pub(super) fn read(bytes: &[u8], room: u64) -> Option<Head> {
        let (&kind, &flags) = (bytes.first()?, bytes.get(1)?);
        if bytes.get(2..8)? != [0; 6] || bytes.len() < HEAD {
            return None;
        }
        let size = u64_at(bytes, 8);
        let (kind, least) = match kind {
            1 => (Kind::Field, 65),
            2 => (Kind::Other, 41),
            3 => (Kind::Entry, ENTRY as u64),
            4 | 5 => (Kind::Other, 32),
            6 => (Kind::Array, ARRAY as u64),
            7 => (Kind::Other, 64),
            _ => return None,
        };
        let most = if kind == Kind::Entry { room.min(LARGEST_ENTRY) } else { room };
        // Only a field may be written in one of three compressed ways.
        let fits = if kind == Kind::Field { flags <= 4 } else { flags == 0 };
        (fits && size >= least && size <= most).then_some(Head { kind, flags, size })
    }

    /// Bytes to the next object.
    pub(super) fn step(&self) -> u64 {
        self.size.next_multiple_of(8)
    }
}
