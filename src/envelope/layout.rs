//! How a source is laid out, told from its first bytes, and where it may be cut.

use super::entries::{line_at, Joiner};
use super::peel;
use super::{LONGEST_LINE, REACH};
use crate::input::Cut;

/// How entries follow each other in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layout {
    /// Line by line, each line in whatever form. Plain text too: then every line is an entry.
    Lines,
    /// Fields line by line, entries parted by an empty line; binary values with a length (`journalctl -o export`).
    Export,
}

/// Bytes after which a source that never lets go (values opened without end, across each other) is cut at a line end all the same.
const FORCED_CUT: usize = 4 * REACH;

/// Of the lines that stand at the margin, at least one in so many must be of a known form for a source to be a log.
const KNOWN_SHARE: usize = 4;

/// Tells how a source is laid out from its first bytes (up to 64 KiB). `None` where nothing in it is a log form known here: binary,
/// documents, tables, source code.
pub fn sniff(head: &[u8]) -> Option<Layout> {
    if head.contains(&0) {
        return None;
    }
    let (mut known, mut unknown) = (0_usize, 0_usize);
    let mut at = 0;
    while let Some(range) = line_at(head, at) {
        at = range.end + 1;
        let text = peel::line(head, &range);
        match text.first() {
            None | Some(b' ' | b'\t') => {}
            Some(_) if peel::stamped(text) => known += 1,
            Some(_) => unknown += 1,
        }
    }
    (known > 0 && known * KNOWN_SHARE >= known + unknown).then_some(Layout::Lines)
}

impl Cut for Layout {
    /// Cuts before the last line that nothing before it reaches into. Where values are opened across each other without end there is no such line;
    /// then the cut is the first line end after 4 [`REACH`], once `buf` is longer than that by [`LONGEST_LINE`].
    fn cut(&self, buf: &[u8]) -> Option<usize> {
        let mut joiner = Joiner::default();
        let (mut best, mut forced) = (0, 0);
        let mut at = 0;
        while let Some(range) = line_at(buf, at).filter(|range| range.end < buf.len()) {
            if range.start > 0 && joiner.free(buf, &range) {
                best = range.start;
            }
            if forced == 0 && range.start > FORCED_CUT {
                forced = range.start;
            }
            joiner.feed(buf, &range);
            at = range.end + 1;
        }
        if best == 0 && buf.len() > FORCED_CUT + LONGEST_LINE {
            best = forced;
        }
        (best > 0).then_some(best)
    }
}
