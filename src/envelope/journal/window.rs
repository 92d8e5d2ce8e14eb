//! Reads a source that has places through a window: a large one moves forward over the file, so that nearly all of it is read
//! once and in order; a small one serves the looks back.

use std::io;

use crate::input::ReadAt;

/// Bytes of a window that looks back, and the least that any window reads at once.
pub(super) const SMALL: usize = 4096;

/// Of what a window held before it moved on, the part that it keeps: the fields of an entry stand right before it.
const KEPT: u64 = 64 << 10;

/// A stretch of a source, held in memory.
pub(super) struct Window {
    /// Bytes held at least, once they were read.
    size: usize,
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    pub(super) fn new(size: usize) -> Window {
        Window { size: size.max(SMALL), start: 0, bytes: Vec::new() }
    }

    /// From now on holds less.
    pub(super) fn shrink(&mut self, size: usize) {
        self.size = self.size.min(size);
    }

    /// The bytes at an offset, as many as wanted or as are there before `end`.
    ///
    /// # Errors
    /// What the source says.
    pub(super) fn at(&mut self, source: &dyn ReadAt, end: u64, offset: u64, wanted: usize) -> io::Result<&[u8]> {
        let wanted = wanted.min(usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX));
        if self.place(offset, wanted).is_none() {
            self.move_to(source, end, offset, wanted)?;
        }
        let at = usize::try_from(offset.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let rest = self.bytes.get(at..).unwrap_or_default();
        Ok(&rest[..rest.len().min(wanted)])
    }

    /// The bytes at an offset, if all of them are held.
    pub(super) fn held(&self, offset: u64, wanted: usize) -> Option<&[u8]> {
        let at = self.place(offset, wanted)?;
        self.bytes.get(at..at + wanted)
    }

    fn place(&self, offset: u64, wanted: usize) -> Option<usize> {
        let at = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        (at.checked_add(wanted)? <= self.bytes.len()).then_some(at)
    }

    /// Moves so that `offset` is in it, keeping what stands a little before.
    fn move_to(&mut self, source: &dyn ReadAt, end: u64, offset: u64, wanted: usize) -> io::Result<()> {
        let held_to = self.start + self.bytes.len() as u64;
        let keep_from = offset.saturating_sub(KEPT).max(self.start);
        if self.size > SMALL && offset >= self.start && keep_from < held_to {
            self.bytes.drain(..(keep_from - self.start) as usize);
            self.start = keep_from;
        } else {
            self.bytes.clear();
            self.start = offset;
        }
        let kept = (offset - self.start) as usize;
        let filled = self.bytes.len();
        let most = usize::try_from(end.saturating_sub(self.start)).unwrap_or(usize::MAX);
        self.bytes.resize((kept + wanted.max(self.size)).min(most).max(filled), 0);
        let read = fill(source, &mut self.bytes[filled..], self.start + filled as u64);
        self.bytes.truncate(filled + *read.as_ref().unwrap_or(&0));
        read.map(|_| ())
    }
}

/// Reads until the buffer is full or the source gives no more.
fn fill(source: &dyn ReadAt, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_gives_the_bytes() {
        let source: Vec<u8> = (0..200_000_u32).map(|n| n as u8 ^ (n >> 8) as u8).collect();
        for size in [0, 10_000, 70_000] {
            let mut window = Window::new(size);
            for (offset, wanted) in [
                (0, 16),
                (9_999, 5_000),
                (90_000, 30_000),
                (88_000, 16),
                (5, 100),
                (199_990, 10),
                (199_990, 50),
                (199_999, 1),
            ] {
                let got = window.at(&source, 200_000, offset as u64, wanted).expect("memory can be read");
                assert_eq!(got, &source[offset..(offset + wanted).min(200_000)], "{offset} {wanted}");
            }
            assert!(window.at(&source, 200_000, 300_000, 5).expect("memory can be read").is_empty());
        }
    }
}
