//! Finds where a damaged file goes on: the next bytes that can be nothing but an object. Apart from the walk, since it must
//! doubt everything that the walk may take for granted.

use std::io;

use super::header::{u32_at, u64_at, Header};
use super::object::{Head, Kind, ENTRY, HEAD};
use super::window::Window;
use crate::input::ReadAt;

/// Bytes that are looked through at once.
const STRETCH: usize = 64 << 10;

/// No entry is from before 2000 or after 2200, unless it says that it was written before the clock was set (microseconds).
const EARLIEST: u64 = 946_684_800_000_000;
const LATEST: u64 = 7_258_118_400_000_000;

/// Whether the object at the start of `bytes`, whose head says so, can be an entry. A clock that was never set stands near 1970.
pub(super) fn may_be_entry(bytes: &[u8]) -> bool {
    (1..LATEST).contains(&u64_at(bytes, 24)) && u64_at(bytes, 16) != 0 && bytes.len() >= ENTRY
}

/// The file that is searched.
pub(super) struct Ground<'g> {
    pub(super) source: &'g dyn ReadAt,
    pub(super) end: u64,
    pub(super) header: &'g Header,
}

impl Ground<'_> {
    /// Whether what stands at an offset is an entry beyond doubt: its times can be, its first field stands before it, its size fits
    /// its items.
    pub(super) fn is_entry(&self, window: &mut Window, offset: u64) -> io::Result<bool> {
        let bytes = window.at(self.source, self.end, offset, ENTRY + 8)?;
        let head = Head::read(bytes, self.end.saturating_sub(offset)).filter(|head| head.kind == Kind::Entry);
        let Some(head) = head else { return Ok(false) };
        let (first, width) = match self.header.compact {
            true => (u64::from(u32_at(bytes, ENTRY)), 4),
            false => (u64_at(bytes, ENTRY), 16),
        };
        let timely = (EARLIEST..LATEST).contains(&u64_at(bytes, 24));
        let pointing = first % 8 == 0 && (self.header.size..offset).contains(&first);
        Ok(timely && may_be_entry(bytes) && pointing && (head.size - ENTRY as u64) % width == 0)
    }

    /// Whether an object stands at an offset and something that can follow it behind it.
    fn is_object(&self, window: &mut Window, offset: u64) -> io::Result<bool> {
        let bytes = window.at(self.source, self.end, offset, ENTRY)?;
        let Some(head) = Head::read(bytes, self.end.saturating_sub(offset)) else { return Ok(false) };
        if head.kind == Kind::Entry {
            return self.is_entry(window, offset);
        }
        let after = offset + head.step();
        let bytes = window.at(self.source, self.end, after, HEAD)?;
        Ok(bytes.iter().all(|byte| *byte == 0) || Head::read(bytes, self.end.saturating_sub(after)).is_some())
    }
}

/// The first object at or after `from`. Before `solid` only entries count: what stands there was an object that seemed whole, but
/// may have claimed more than was its own.
pub(super) fn next(
    ground: &Ground<'_>,
    near: &mut Window,
    far: &mut Window,
    from: u64,
    solid: u64,
) -> io::Result<Option<u64>> {
    // In a damaged file the walk goes back and forth.
    near.shrink(STRETCH);
    let mut at = from.next_multiple_of(8);
    while at.saturating_add(HEAD as u64) <= ground.end {
        let bytes = near.at(ground.source, ground.end, at, STRETCH)?;
        if bytes.len() < HEAD {
            return Ok(None);
        }
        let found = bytes.chunks_exact(8).position(|word| matches!(word, [1..=7, _, 0, 0, 0, 0, 0, 0]));
        let Some(words) = found else {
            at += (bytes.len() as u64 / 8).max(1) * 8;
            continue;
        };
        at += words as u64 * 8;
        let whole = if at < solid { ground.is_entry(far, at)? } else { ground.is_object(far, at)? };
        if whole {
            return Ok(Some(at));
        }
        at += 8;
    }
    Ok(None)
}
