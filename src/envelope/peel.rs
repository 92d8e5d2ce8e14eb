//! Reads one entry: takes the envelope off its lines, decodes and joins the message, and reads the message's own
//! header.
//!
//! Layers are peeled from outside in: noise of a paste, a collector's prefix, the envelope, a supervisor's line
//! around the message. Each may be absent, and each line is looked at for itself.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr2, memmem};

use super::colours::{self, ESC};
use super::header::{self, SILENT};
use super::joiner::indented;
use super::logrus::{self, Wrapped};
use super::outer::{outer, Outer};
use super::{
    export, frame, klog, short, unescape, Coding, Entry, Envelope, Guess, Header, Layout, RawEntry, Severity,
    LONGEST_LINE,
};

/// The line at `range`, without its CR and not longer than is looked at.
pub(super) fn line<'b>(block: &'b [u8], range: &Range<usize>) -> &'b [u8] {
    let line = block.get(range.clone()).unwrap_or(&[]);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    &line[..line.len().min(LONGEST_LINE)]
}

/// Takes the envelope off what stands at `range`.
pub(super) fn unwrapped_at<'b>(layout: Layout, block: &'b [u8], range: &Range<usize>) -> Outer<'b> {
    match layout {
        Layout::Lines => outer(line(block, range)),
        Layout::Export => export::read(block.get(range.clone()).unwrap_or(&[])),
        Layout::Frames => frame::read(block.get(range.clone()).unwrap_or(&[])),
    }
}

impl RawEntry {
    /// Reads the entry. `block` is the one that it was found in. `guess` only saves time: the reading never depends
    /// on it.
    pub fn peel<'b>(&self, block: &'b [u8], guess: &mut Guess) -> Entry<'b> {
        let mut outer = self.outer(block, guess);
        if self.more.is_empty() && is_plain(&outer) {
            let header = header::read(outer.message);
            return entry(&outer, Cow::Borrowed(outer.message), header);
        }
        let said = said(&outer);
        if let Some(component) = &said.component {
            outer.stamp = outer.stamp.or(said.wrapper_stamp);
            outer.ident = within(component, outer.message).unwrap_or(outer.ident);
        }
        let message = self.joined(block, &outer, said.text);
        let header = match &message {
            Cow::Borrowed(message) => header::read(message),
            Cow::Owned(message) => header::read(message)
                .map(|header| Header { file: within(header.file, outer.message).unwrap_or(&[]), ..header }),
        };
        entry(&outer, message, header)
    }

    /// Only the severity, without decoding and joining the message where that is possible: for the many lines of
    /// which nothing else is wanted.
    pub fn peek(&self, block: &[u8], guess: &mut Guess) -> Severity {
        let outer = self.outer(block, guess);
        // Nothing in a klog header is ever escaped, so it can be read as it stands.
        match klog::header(outer.message) {
            Some(header) => header.severity,
            None => self.peel(block, guess).header.severity,
        }
    }

    /// The envelope of the head. The forms that most lines have come first.
    fn outer<'b>(&self, block: &'b [u8], guess: &mut Guess) -> Outer<'b> {
        if self.layout == Layout::Lines {
            let text = line(block, &self.head);
            if let Some(outer) = short::read_again(text, &mut guess.speakers) {
                return outer;
            }
            if klog::shape(text) {
                return Outer::new(text, Envelope::Bare);
            }
        }
        unwrapped_at(self.layout, block, &self.head)
    }

    /// The message with its further lines.
    fn joined<'b>(&self, block: &'b [u8], head: &Outer<'b>, first: Cow<'b, [u8]>) -> Cow<'b, [u8]> {
        if self.more.is_empty() {
            return first;
        }
        let mut message = first.into_owned();
        let layout = self.layout;
        let mut partial = head.partial;
        for range in &self.more {
            let text = line(block, range);
            if layout == Layout::Lines && indented(text) {
                let Some(indent) = head.indent else { continue };
                message.push(b'\n');
                message.extend_from_slice(&colours::strip(without_indent(text, indent)));
                continue;
            }
            let next = unwrapped_at(layout, block, range);
            if !partial {
                message.push(b'\n');
            }
            message.extend_from_slice(&said(&next).text);
            partial = next.partial;
        }
        Cow::Owned(message)
    }
}

/// Puts together what was read.
fn entry<'b>(outer: &Outer<'b>, message: Cow<'b, [u8]>, header: Option<Header<'b>>) -> Entry<'b> {
    Entry {
        envelope: outer.envelope,
        outer: outer.stamp,
        host: outer.host,
        ident: outer.ident,
        unit: outer.unit,
        pid: outer.pid,
        message,
        header: header.unwrap_or(Header { severity: outer.severity, ..SILENT }),
    }
}

/// Whether a message is what it is as it stands in the line, as most are.
fn is_plain(outer: &Outer<'_>) -> bool {
    matches!(outer.coding, Coding::Plain | Coding::Hashes)
        && memchr2(ESC, b'#', outer.message).is_none()
        && !logrus::ends_wrapped(outer.message)
}

/// A further line of a message without the blanks that the envelope puts before it.
fn without_indent(text: &[u8], indent: usize) -> &[u8] {
    let blanks = text.iter().take(indent).take_while(|&&b| b == b' ').count();
    &text[blanks..]
}

/// What a line says once everything around it is gone.
pub(super) struct Said<'a> {
    /// The message.
    pub(super) text: Cow<'a, [u8]>,
    /// Name of the program whose line a supervisor wrapped.
    pub(super) component: Option<Vec<u8>>,
    /// The supervisor's stamp.
    wrapper_stamp: Option<crate::base::Stamp>,
}

/// Decodes a message and takes a supervisor's line off it.
pub(super) fn said<'a>(outer: &Outer<'a>) -> Said<'a> {
    let text = decoded(outer);
    if !logrus::ends_wrapped(&text) {
        return Said { text, component: None, wrapper_stamp: None };
    }
    let Some(Wrapped { component, .. }) = logrus::wrapped(&text) else {
        return Said { text, component: None, wrapper_stamp: None };
    };
    let component = Some(component.to_vec());
    let wrapper_stamp = header::read(&text).and_then(|header| header.stamp);
    let inner = match &text {
        Cow::Borrowed(text) => logrus::wrapped(text).map(|wrapped| logrus::unwrap(&wrapped)),
        Cow::Owned(text) => logrus::wrapped(text).map(|wrapped| Cow::Owned(logrus::unwrap(&wrapped).into_owned())),
    };
    Said { text: inner.unwrap_or(text), component, wrapper_stamp }
}

/// The message as it was before it was written into the line, without colours.
pub(super) fn decoded<'a>(outer: &Outer<'a>) -> Cow<'a, [u8]> {
    let raw = outer.message;
    let text = match outer.coding {
        Coding::Plain => return colours::strip(raw),
        // One pass tells of most messages that there is nothing to do.
        Coding::Hashes if memchr2(ESC, b'#', raw).is_none() => return Cow::Borrowed(raw),
        Coding::Hashes => unescape::hashes(raw),
        Coding::JsonString => unescape::json(raw),
        Coding::Go => unescape::go(raw),
        Coding::JsonBytes => unescape::bytes(raw).map_or(Cow::Borrowed(raw), Cow::Owned),
    };
    match text {
        Cow::Borrowed(text) => colours::strip(text),
        Cow::Owned(text) => match colours::strip(&text) {
            Cow::Owned(stripped) => Cow::Owned(stripped),
            Cow::Borrowed(_) => Cow::Owned(text),
        },
    }
}

/// Where `part` stands in `whole`: what was read from a decoded copy, as a slice of the block.
fn within<'b>(part: &[u8], whole: &'b [u8]) -> Option<&'b [u8]> {
    let at = memmem::find(whole, part)?;
    Some(&whole[at..at + part.len()])
}
