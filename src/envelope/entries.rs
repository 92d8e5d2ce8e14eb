//! Walks over a block and gives its entries, in the order of their first lines.

use std::collections::VecDeque;
use std::ops::Range;

use memchr::{memchr, memchr_iter};

use super::joiner::{Joiner, Place};
use super::{export, frame};
use super::{Layout, RawEntry};

/// Walks over the entries of a block. `layout` is the source's. Each line of the block is in exactly one entry;
/// between the entries of an export stand empty lines.
pub fn entries(layout: Layout, block: &[u8]) -> Entries<'_> {
    Entries { layout, block, at: 0, line: 0, joiner: Joiner::default(), queue: VecDeque::new(), given: 0 }
}

/// Iterator over the entries of a block.
#[derive(Debug)]
pub struct Entries<'b> {
    layout: Layout,
    block: &'b [u8],
    /// Start of what is not read yet.
    at: usize,
    /// Lines before `at`.
    line: u64,
    joiner: Joiner,
    /// Entries begun but not given out, the oldest first.
    queue: VecDeque<RawEntry>,
    /// Entries given out; the number of the first in the queue.
    given: u64,
}

impl Entries<'_> {
    /// Reads one more line, or entry of an export; false at the end of the block.
    fn advance(&mut self) -> bool {
        let Some((range, next)) = step(self.layout, self.block, self.at) else {
            return false;
        };
        let line = match self.layout {
            Layout::Frames => frame::lines_before(&self.block[range.clone()]),
            _ => self.line + self.lines(self.at..range.start),
        };
        match self.joiner.feed(self.layout, self.block, &range) {
            Place::Joins(entry) => {
                if let Some(entry) = self.queue.get_mut((entry - self.given) as usize) {
                    entry.more.push(range.clone());
                }
            }
            Place::Begins => {
                let stamped_by = match self.layout {
                    Layout::Lines | Layout::Frames => {
                        self.joiner.stamp_before(&range).filter(|stamped| *stamped != range)
                    }
                    Layout::Export => None,
                };
                let layout = self.layout;
                self.queue.push_back(RawEntry { layout, head: range.clone(), more: Vec::new(), line, stamped_by });
            }
        }
        self.line = line + self.lines(range.start..next);
        self.at = next;
        true
    }

    /// Line ends in a part of the block. In a source of lines each step is one line.
    fn lines(&self, part: Range<usize>) -> u64 {
        match self.layout {
            Layout::Lines => u64::from(!part.is_empty()),
            Layout::Frames => 0,
            Layout::Export => self.block.get(part).map_or(0, |part| memchr_iter(b'\n', part).count() as u64),
        }
    }
}

impl Iterator for Entries<'_> {
    type Item = RawEntry;

    fn next(&mut self) -> Option<RawEntry> {
        while self.queue.is_empty() || self.joiner.may_grow(self.given) {
            if !self.advance() {
                break;
            }
        }
        let entry = self.queue.pop_front()?;
        self.given += 1;
        Some(entry)
    }
}

/// The line or entry that begins at or after `at`, and where the next may begin; the last may lack its end.
fn step(layout: Layout, block: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    match layout {
        Layout::Lines => line_at(block, at).map(|range| (range.clone(), range.end + 1)),
        Layout::Export => export::entry_at(block, at).or_else(|| export::rest_at(block, at)),
        Layout::Frames => frame::frame_at(block, at).map(|range| (range.clone(), range.end)),
    }
}

/// The line that begins at `at`, without its LF; none at the end.
pub(super) fn line_at(block: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = block.get(at..).filter(|rest| !rest.is_empty())?;
    Some(at..at + memchr(b'\n', rest).unwrap_or(rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Guess;
    use crate::input::Cut;

    const LOG: &str = "\
Dec 31 22:50:04.310000 node-a kubelet[1234]: E1231 22:50:04.309588    1234 server.go:416] \"Failed\" err=<
Dec 31 22:50:04.310000 node-a systemd[1]: Started kubelet.
Dec 31 22:50:04.310001 node-a kubelet[1234]:         line one
Dec 31 22:50:04.310001 node-a kubelet[1234]:  > pod=\"default/app-0\"
Dec 31 22:50:05.000000 node-a demo[600]: first
                                         second
-- Boot 9b7a6c5d4e3f40218899aabbccddeeff --
panic: headerless
I1231 22:50:04.309588    1234 server.go:416] \"Bare\" err=<
\tone
 > a=1
goroutine 1 [running]:
";

    fn read(block: &[u8]) -> Vec<(String, String)> {
        let mut guess = Guess::default();
        let texts = entries(Layout::Lines, block).map(|raw| {
            let entry = raw.peel(block, &mut guess);
            (String::from_utf8_lossy(entry.ident).into_owned(), String::from_utf8_lossy(&entry.message).into_owned())
        });
        texts.collect()
    }

    #[test]
    fn values_and_indented_lines_join_their_entry() {
        let read = read(LOG.as_bytes());
        let header = "I1231 22:50:04.309588    1234 server.go:416] \"Bare\" err=<\n\tone\n > a=1";
        assert_eq!(read[0].1.lines().count(), 3);
        assert_eq!(read[1], ("systemd".into(), "Started kubelet.".into()));
        assert_eq!(read[2], ("demo".into(), "first\nsecond".into()));
        assert_eq!(read[5], (String::new(), header.into()));
        assert_eq!(read.len(), 7);
    }

    #[test]
    fn cuts_give_the_same_entries() {
        let whole = read(LOG.as_bytes());
        for size in 64..LOG.len() {
            let (mut start, mut end, mut parts) = (0, size, Vec::new());
            while end < LOG.len() {
                match Layout::Lines.cut(&LOG.as_bytes()[start..end]) {
                    Some(cut) => {
                        parts.extend(read(&LOG.as_bytes()[start..start + cut]));
                        start += cut;
                        end = start + size;
                    }
                    None => end += size,
                }
            }
            parts.extend(read(&LOG.as_bytes()[start..]));
            assert_eq!(parts, whole, "blocks of {size}");
        }
    }
}
