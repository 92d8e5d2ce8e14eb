//! How a source is laid out, told from its first bytes, and where it may be cut.

use memchr::{memchr, memchr_iter};

use super::entries::line_at;
use super::joiner::{indented, Joiner};
use super::outer::outer;
use super::{export, frame, peel, Envelope, LONGEST_LINE, REACH};
use crate::input::{lines_in, Cut};

/// How entries follow each other in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layout {
    /// Line by line, each line in whatever form. Plain text too: then every line is an entry.
    Lines,
    /// Fields line by line, entries parted by an empty line; binary values with a length (`journalctl -o export`).
    Export,
    /// Frames, as a reader of this crate writes them for sources that are no lines: see [`super::Frame`].
    Frames,
}

/// Bytes after which a source that never lets go (values opened without end, across each other) is cut at a line end
/// all the same.
const FORCED_CUT: usize = 4 * REACH;

/// Of the lines that stand at the margin, at least one in so many must be of a known form for a source to be a log.
const KNOWN_SHARE: usize = 4;

/// Lines of known forms after which a source is not looked at further, where no more were of none.
const TOLD: usize = 32;

/// One byte in so many may be NUL, runs counted once: a crash or a truncated file leaves long ones in a log, and some programs write
/// one now and then. Binary files have more.
const MOST_NULS: usize = 8;

/// Tells how a source is laid out from its first bytes (up to 64 KiB). `None` where nothing in it is a log form known
/// here: binary, documents, tables, source code.
pub fn sniff(head: &[u8]) -> Option<Layout> {
    if export::begins(head) {
        return Some(Layout::Export);
    }
    let nuls = memchr_iter(0, head).count();
    let runs = memchr_iter(0, head).filter(|&at| at == 0 || head[at - 1] != 0).count();
    if runs > (head.len() - nuls) / MOST_NULS {
        return None;
    }
    let (mut known, mut unknown) = (0_usize, 0_usize);
    let mut at = 0;
    while let Some(range) = line_at(head, at) {
        at = range.end + 1;
        let text = peel::line(head, &range);
        if text.is_empty() || indented(text) {
            continue;
        }
        match outer(text).envelope {
            Envelope::Marker => known += usize::from(text == b"-- No entries --"),
            Envelope::Text if beside_the_point(text) => {}
            Envelope::Text => unknown += 1,
            _ => known += 1,
        }
        if known >= TOLD && known >= unknown {
            return Some(Layout::Lines);
        }
    }
    (known > 0 && known * KNOWN_SHARE >= known + unknown).then_some(Layout::Lines)
}

/// Whether a line without a form says nothing about the source: a Go stack, which may be longer than the log around
/// it, or a shell's trace, with which some containers begin.
fn beside_the_point(text: &[u8]) -> bool {
    let call = || text.ends_with(b")") && memchr(b'(', text).is_some_and(|at| !text[..at].contains(&b' '));
    text.starts_with(b"goroutine ") || text.starts_with(b"created by ") || text.starts_with(b"+") || call()
}

impl Cut for Layout {
    /// Cuts before the last line that nothing before it reaches into. Where values are opened across each other
    /// without end there is no such line; then the cut is at the first line end after 4 [`REACH`], once `buf` is
    /// longer than that by [`LONGEST_LINE`].
    fn cut(&self, buf: &[u8]) -> Option<usize> {
        let best = match self {
            Layout::Lines => cut_lines(buf),
            Layout::Export => cut_export(buf),
            Layout::Frames => return cut_frames(buf),
        };
        let forced = || {
            let from = Some(FORCED_CUT).filter(|from| buf.len() > from + LONGEST_LINE)?;
            Some(from + memchr(b'\n', &buf[from..])? + 1)
        };
        best.or_else(forced)
    }

    fn lines(&self, bytes: &[u8]) -> u64 {
        match self {
            Layout::Lines | Layout::Export => lines_in(bytes),
            // Each frame knows its own line.
            Layout::Frames => 0,
        }
    }
}

fn cut_lines(buf: &[u8]) -> Option<usize> {
    let mut joiner = Joiner::default();
    let mut best = None;
    let mut at = 0;
    // A line whose end is not there yet may turn out to be of any form.
    while let Some(range) = line_at(buf, at).filter(|range| range.end < buf.len()) {
        joiner.feed(Layout::Lines, buf, &range);
        if range.start > 0 && joiner.free() {
            best = Some(range.start);
        }
        at = range.end + 1;
    }
    best
}

fn cut_export(buf: &[u8]) -> Option<usize> {
    let mut joiner = Joiner::default();
    let mut best = None;
    let mut at = 0;
    while let Some((range, next)) = export::entry_at(buf, at) {
        joiner.feed(Layout::Export, buf, &range);
        if at > 0 && joiner.free() {
            best = Some(at);
        }
        at = next;
    }
    best
}

/// Cuts before the last frame that nothing before it reaches into, or, where there is none, before the first one behind
/// [`FORCED_CUT`].
fn cut_frames(buf: &[u8]) -> Option<usize> {
    let mut joiner = Joiner::default();
    let (mut best, mut forced) = (None, None);
    let mut at = 0;
    while let Some(range) = frame::frame_at(buf, at) {
        joiner.feed(Layout::Frames, buf, &range);
        if at > 0 && joiner.free() {
            best = Some(at);
        }
        if at >= FORCED_CUT && forced.is_none() {
            forced = Some(at);
        }
        at = range.end;
    }
    best.or(forced)
}
