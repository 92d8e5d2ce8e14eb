//! From lines to entries: which lines belong together.
//!
//! Three things join lines. A line that begins with a blank continues the one before it. A klog value `key=<` goes on in the following
//! entries of the same process, between which others may stand. (Pieces of container logs are joined likewise.) All are
//! bounded by [`REACH`] from the entry's first byte, so that what a block must hold is bounded.
//!
//! [`Joiner`] is the one place that decides; [`Entries`] builds entries of its decisions and [`super::Layout`]'s cut asks it where nothing
//! is open.

use std::collections::VecDeque;
use std::ops::Range;

use memchr::memchr;

use super::marker::{self, Marker};
use super::peel::{self, line, Outer};
use super::{Layout, RawEntry, REACH};

/// At most so many values are open at once; the one opened first is closed when another opens.
const MOST_OPEN: usize = 64;

/// Where a line belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It begins an entry.
    Begins,
    /// It belongs to the entry of that number.
    Joins(u64),
}

/// A value or message that goes on in later lines of the same speaker.
#[derive(Debug)]
struct Open {
    entry: u64,
    /// First byte of that entry.
    start: usize,
    speaker: Vec<u8>,
}

/// The entry that an indented line would join.
#[derive(Debug, Clone, Copy)]
struct Last {
    entry: u64,
    start: usize,
}

/// Decides line by line what belongs together. Feed it every line of a block in order.
#[derive(Debug, Default)]
pub(super) struct Joiner {
    /// Entries begun so far.
    begun: u64,
    open: Vec<Open>,
    last: Option<Last>,
    stamped: Option<Range<usize>>,
    /// Room for the speaker of the line at hand.
    speaker: Vec<u8>,
}

impl Joiner {
    /// Takes the next line. `range` is where it stands in `block`, without its line end.
    pub(super) fn feed(&mut self, block: &[u8], range: &Range<usize>) -> Place {
        if !self.open.is_empty() {
            self.open.retain(|open| range.end <= open.start + REACH);
        }
        let text = line(block, range);
        if indented(text) {
            return self.indented(range);
        }
        if let Some(found) = marker::read(text) {
            return self.marker(found, range);
        }
        if peel::stamped(text) {
            self.stamped = Some(range.clone());
        }
        let opens = opens(text);
        if opens || !self.open.is_empty() {
            let outer = peel::outer(text);
            self.speaker.clear();
            if speaker(&outer, &mut self.speaker) {
                return self.spoken(&outer, opens, range);
            }
        }
        self.begin(range)
    }

    /// Whether a block may end before the line at `range`: nothing that stands before it matters to it or to a later line.
    pub(super) fn free(&self, block: &[u8], range: &Range<usize>) -> bool {
        let text = line(block, range);
        if marker::read(text) == Some(Marker::Border) {
            return true;
        }
        if self.open.iter().any(|open| range.end <= open.start + REACH) {
            return false;
        }
        if indented(text) {
            let joins = self
                .last
                .is_some_and(|last| range.end <= last.start + REACH);
            return !joins && self.stamp_before(range).is_none();
        }
        self.stamp_before(range).is_none() || peel::stamped(text)
    }

    /// The nearest stamped line before `range` that is within reach.
    pub(super) fn stamp_before(&self, range: &Range<usize>) -> Option<Range<usize>> {
        self.stamped
            .clone()
            .filter(|stamped| range.start <= stamped.start + REACH)
    }

    /// Whether the entry of that number may still grow.
    pub(super) fn may_grow(&self, entry: u64) -> bool {
        self.last.is_some_and(|last| last.entry == entry)
            || self.open.iter().any(|open| open.entry == entry)
    }

    fn begin(&mut self, range: &Range<usize>) -> Place {
        self.last = Some(Last {
            entry: self.begun,
            start: range.start,
        });
        self.begun += 1;
        Place::Begins
    }

    /// An indented line joins the entry before it. Beyond reach it stands alone, and so does each one after it.
    fn indented(&mut self, range: &Range<usize>) -> Place {
        match self.last {
            Some(last) if range.end <= last.start + REACH => {
                // The envelope itself indents what follows, so the value does not go on in other entries.
                self.open.retain(|open| open.entry != last.entry);
                Place::Joins(last.entry)
            }
            _ => {
                self.begun += 1;
                Place::Begins
            }
        }
    }

    /// A border ends whatever is open: another boot, another file.
    fn marker(&mut self, found: Marker, range: &Range<usize>) -> Place {
        if found == Marker::Border {
            self.open.clear();
            self.stamped = None;
        }
        self.begin(range)
    }

    /// A line whose speaker is known: goes on with what that one has open, ends it, or opens something.
    fn spoken(&mut self, outer: &Outer<'_>, opens: bool, range: &Range<usize>) -> Place {
        if let Some(at) = self
            .open
            .iter()
            .position(|open| open.speaker == self.speaker)
        {
            if super::klog::shape(outer.message) {
                self.open.remove(at);
            } else {
                let Open { entry, start, .. } = self.open[at];
                if outer.message.starts_with(b" >") && !opens {
                    self.open.remove(at);
                }
                self.last = Some(Last { entry, start });
                return Place::Joins(entry);
            }
        }
        let place = self.begin(range);
        if opens {
            if self.open.len() == MOST_OPEN {
                self.open.remove(0);
            }
            self.open.push(Open {
                entry: self.begun - 1,
                start: range.start,
                speaker: self.speaker.clone(),
            });
        }
        place
    }
}

/// Whether a line begins with a blank and is no head of its own.
fn indented(text: &[u8]) -> bool {
    matches!(text.first(), Some(b' ' | b'\t'))
}

/// Whether a line ends in the sign that opens a klog value of several lines.
fn opens(text: &[u8]) -> bool {
    text.ends_with(b"=<")
}

/// Writes down who speaks in a line, as bytes to compare; false where the line does not tell.
fn speaker(outer: &Outer<'_>, into: &mut Vec<u8>) -> bool {
    if outer.stamp.is_none() {
        return false;
    }
    into.extend_from_slice(outer.host);
    into.push(0);
    into.extend_from_slice(outer.ident);
    into.push(0);
    into.extend_from_slice(&outer.pid.to_le_bytes());
    true
}

/// Walks over the entries of a block. `layout` is the source's.
pub fn entries(_layout: Layout, block: &[u8]) -> Entries<'_> {
    Entries {
        block,
        at: 0,
        line: 0,
        joiner: Joiner::default(),
        queue: VecDeque::new(),
        given: 0,
    }
}

/// Iterator over the entries of a block, in the order of their first lines.
#[derive(Debug)]
pub struct Entries<'b> {
    block: &'b [u8],
    /// Start of the next line.
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
    /// Reads one more line; false at the end of the block.
    fn advance(&mut self) -> bool {
        let Some(range) = line_at(self.block, self.at) else {
            return false;
        };
        match self.joiner.feed(self.block, &range) {
            Place::Joins(entry) => {
                if let Some(entry) = self.queue.get_mut((entry - self.given) as usize) {
                    entry.more.push(range.clone());
                }
            }
            Place::Begins => {
                let stamped_by = self
                    .joiner
                    .stamp_before(&range)
                    .filter(|stamped| *stamped != range);
                self.queue.push_back(RawEntry {
                    head: range.clone(),
                    more: Vec::new(),
                    line: self.line,
                    stamped_by,
                });
            }
        }
        self.at = range.end + 1;
        self.line += 1;
        true
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
            (
                String::from_utf8_lossy(entry.ident).into_owned(),
                String::from_utf8_lossy(&entry.message).into_owned(),
            )
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
