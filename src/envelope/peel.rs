//! Reads one entry: takes the envelope off its lines, decodes and joins the message, and reads the message's own header.

use std::borrow::Cow;
use std::ops::Range;

use super::{
    klog, marker, short, stamps, Coding, Entry, Envelope, Guess, Header, RawEntry, Severity,
    LONGEST_LINE,
};
use crate::base::Stamp;

/// What an envelope says, and where its message stands, still coded.
#[derive(Debug, Clone)]
pub(super) struct Outer<'a> {
    pub(super) envelope: Envelope,
    pub(super) stamp: Option<Stamp>,
    pub(super) host: &'a [u8],
    pub(super) ident: &'a [u8],
    pub(super) unit: &'a [u8],
    pub(super) pid: u32,
    /// The message as it stands in the line.
    pub(super) message: &'a [u8],
    pub(super) coding: Coding,
    /// Blanks that stand before each further line of the message where the envelope indents it.
    pub(super) indent: usize,
}

impl<'a> Outer<'a> {
    /// A line without an envelope.
    pub(super) fn none(line: &'a [u8], envelope: Envelope) -> Self {
        Outer {
            envelope,
            stamp: None,
            host: &[],
            ident: &[],
            unit: &[],
            pid: 0,
            message: line,
            coding: Coding::Plain,
            indent: 0,
        }
    }
}

/// A header that says nothing.
const SILENT: Header<'static> = Header {
    severity: Severity::Unknown,
    stamp: None,
    pid: 0,
    file: &[],
    len: 0,
};

/// The line at `range`, without its CR and not longer than is looked at.
pub(super) fn line<'b>(block: &'b [u8], range: &Range<usize>) -> &'b [u8] {
    let line = block.get(range.clone()).unwrap_or(&[]);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    &line[..line.len().min(LONGEST_LINE)]
}

/// Whether a line carries a stamp of its own.
pub(super) fn stamped(line: &[u8]) -> bool {
    klog::shape(line) || stamps::syslog(line).is_some()
}

/// Takes the envelope off a line.
pub(super) fn outer(line: &[u8]) -> Outer<'_> {
    if marker::read(line).is_some() {
        return Outer::none(line, Envelope::Marker);
    }
    if let Some(outer) = short::read(line) {
        return outer;
    }
    let envelope = if klog::shape(line) {
        Envelope::Bare
    } else {
        Envelope::Text
    };
    Outer::none(line, envelope)
}

impl RawEntry {
    /// Reads the entry. `block` is the one that it was found in. `guess` only saves time: the reading never depends on it.
    pub fn peel<'b>(&self, block: &'b [u8], _guess: &mut Guess) -> Entry<'b> {
        let outer = outer(line(block, &self.head));
        let header = klog::header(outer.message).unwrap_or(SILENT);
        let message = self.message(block, &outer);
        Entry {
            envelope: outer.envelope,
            outer: outer.stamp,
            host: outer.host,
            ident: outer.ident,
            unit: outer.unit,
            pid: outer.pid,
            message,
            header,
        }
    }

    /// The message with its further lines.
    fn message<'b>(&self, block: &'b [u8], head: &Outer<'b>) -> Cow<'b, [u8]> {
        if self.more.is_empty() {
            return Cow::Borrowed(head.message);
        }
        let mut message = head.message.to_vec();
        for range in &self.more {
            message.push(b'\n');
            message.extend_from_slice(continued(line(block, range), head.indent));
        }
        Cow::Owned(message)
    }
}

/// What a further line adds to the message.
fn continued(line: &[u8], indent: usize) -> &[u8] {
    if matches!(line.first(), Some(b' ' | b'\t') | None) {
        let blanks = line.iter().take(indent).take_while(|&&b| b == b' ').count();
        return &line[blanks..];
    }
    outer(line).message
}
