//! The journal's own list of its entries: a chain of arrays that grows at its end. It is no more than a second opinion here, beside
//! the walk over all objects: it tells of entries that a damaged object would hide.

use super::header::{u32_at, u64_at, Header};
use super::object::{Head, Kind, ARRAY};
use super::window::Window;
use crate::input::ReadAt;

/// Bytes of the list that are read at once.
const WINDOW: usize = 64 << 10;

/// Goes along the chain, from the first entry to the last.
pub(super) struct Arrays {
    window: Window,
    /// Bytes of an item: offsets of compact files are short.
    width: usize,
    /// The array after the one at hand; 0: none.
    next: u64,
    /// The item to read next, and where the items end.
    at: u64,
    items_end: u64,
    /// The last entry that was found; `u64::MAX` at the end of the list.
    entry: u64,
}

impl Arrays {
    pub(super) fn new(header: &Header) -> Arrays {
        let width = if header.compact { 4 } else { 8 };
        Arrays { window: Window::new(WINDOW), width, next: header.array, at: 0, items_end: 0, entry: 0 }
    }

    /// Where the first listed entry after `offset` is said to stand; `u64::MAX` where there is none.
    pub(super) fn above(&mut self, source: &dyn ReadAt, end: u64, offset: u64) -> u64 {
        while self.entry <= offset {
            let item = if self.at < self.items_end { self.item(source, end) } else { 0 };
            self.at += self.width as u64;
            // Entries stand in the order in which they were written; what does not is damage.
            if item > self.entry && item < end && item % 8 == 0 {
                self.entry = item;
            } else if item == 0 && !self.advance(source, end) {
                self.entry = u64::MAX;
            }
        }
        self.entry
    }

    fn item(&mut self, source: &dyn ReadAt, end: u64) -> u64 {
        let bytes = self.window.at(source, end, self.at, self.width).unwrap_or_default();
        if self.width == 4 {
            u64::from(u32_at(bytes, 0))
        } else {
            u64_at(bytes, 0)
        }
    }

    /// Goes to the next array. The chain leads forward and arrays do not overlap, so it has an end.
    fn advance(&mut self, source: &dyn ReadAt, end: u64) -> bool {
        let array = self.next;
        if array == 0 || array % 8 != 0 || array < self.items_end || array >= end {
            return false;
        }
        let bytes = self.window.at(source, end, array, ARRAY).unwrap_or_default();
        let Some(head) = Head::read(bytes, end - array).filter(|head| head.kind == Kind::Array) else { return false };
        self.next = u64_at(bytes, 16);
        self.at = array + ARRAY as u64;
        self.items_end = array + head.size;
        true
    }
}
