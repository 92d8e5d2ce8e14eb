//! The header of a journal file: which features its content uses and where things stand. Facts: systemd's
//! `src/libsystemd/sd-journal/journal-def.h`; fields from byte 208 on came later and are not needed to read.

use std::fmt;

/// The first bytes of every journal file.
pub const SIGNATURE: &[u8; 8] = b"LPKSHHRH";

/// The shortest header there is; longer ones have further fields behind it.
pub(super) const SHORTEST: u64 = 208;

/// Longer headers do not exist: systemd 257 writes 272 bytes, and grows them by a field or two in years.
const LONGEST: u64 = 4096;

/// Incompatible features that are understood: xz, lz4, keyed hashes, zstd, compact.
const UNDERSTOOD: u32 = 1 | 2 | 4 | 8 | 16;

const COMPACT: u32 = 16;

/// A 128-bit id: of a machine, a boot, a chain of sequence numbers.
pub type Id = [u8; 16];

/// What of the header matters to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Offsets are written in 32 bits.
    pub(super) compact: bool,
    /// Bytes of the header.
    pub(super) size: u64,
    /// The size was none that a header has, so that objects must be searched for.
    pub(super) size_is_wrong: bool,
    /// Bytes behind the header.
    pub(super) arena: u64,
    /// Where the last object begins.
    pub(super) tail_object: u64,
    /// Entries in the file.
    pub(super) entries: u64,
    /// Sequence number of the first entry; 0 in a file without any.
    pub(super) first: u64,
    /// Sequence number of the last entry.
    pub(super) last: u64,
    /// Where the first array of entries begins.
    pub(super) array: u64,
    /// The machine whose journal it is.
    pub machine: Id,
    /// Which chain the sequence numbers belong to: files that share it were written one after another.
    pub chain: Id,
}

/// Why a file is not read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It does not begin as a journal does.
    NoJournal,
    /// It ends within its header; so many bytes are there.
    TooShort(usize),
    /// Its content is written in ways that came after this program: the bits of the unknown incompatible features.
    Unknown(u32),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::NoJournal => write!(f, "no journal file"),
            Refused::TooShort(have) => {
                write!(f, "the journal file ends after {have} bytes, before its header of {SHORTEST} does")
            }
            Refused::Unknown(bits) => {
                let names = (0..32).filter(|bit| bits & (1 << bit) != 0).map(|bit| (1_u32 << bit).to_string());
                let names: Vec<String> = names.collect();
                write!(
                    f,
                    "the journal file uses a format feature that is not known: incompatible flag {}",
                    names.join(", ")
                )
            }
        }
    }
}

impl Header {
    /// Reads the header from the first bytes of a file.
    ///
    /// # Errors
    /// Where the file cannot be read at all.
    pub fn read(bytes: &[u8]) -> Result<Header, Refused> {
        if !bytes.starts_with(SIGNATURE) {
            return Err(Refused::NoJournal);
        }
        if (bytes.len() as u64) < SHORTEST {
            return Err(Refused::TooShort(bytes.len()));
        }
        let flags = u32_at(bytes, 12);
        if flags & !UNDERSTOOD != 0 {
            return Err(Refused::Unknown(flags & !UNDERSTOOD));
        }
        let size = u64_at(bytes, 88);
        let size_is_wrong = !(SHORTEST..=LONGEST).contains(&size) || size % 8 != 0;
        Ok(Header {
            compact: flags & COMPACT != 0,
            size: if size_is_wrong { SHORTEST } else { size },
            size_is_wrong,
            arena: u64_at(bytes, 96),
            tail_object: u64_at(bytes, 136),
            entries: u64_at(bytes, 152),
            last: u64_at(bytes, 160),
            first: u64_at(bytes, 168),
            array: u64_at(bytes, 176),
            machine: id_at(bytes, 40),
            chain: id_at(bytes, 72),
        })
    }

    /// Where the content ends in a file of this length.
    pub(super) fn end(&self, length: u64) -> u64 {
        match self.size_is_wrong {
            true => length,
            false => length.min(self.size.saturating_add(self.arena)),
        }
    }

    /// Entries that should be there, as far as the header's own numbers agree with each other.
    pub(super) fn expected(&self) -> u64 {
        match self.first {
            0 => 0,
            first => self.entries.min(self.last.saturating_sub(first).saturating_add(1)),
        }
    }
}

/// A number in 32 bits; 0 beyond the end.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|part| part.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// A number in 64 bits; 0 beyond the end.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|part| part.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// An id; zeros beyond the end.
pub(super) fn id_at(bytes: &[u8], at: usize) -> Id {
    bytes.get(at..at + 16).and_then(|part| part.try_into().ok()).unwrap_or_default()
}
