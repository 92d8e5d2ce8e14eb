//! Decides which lines belong together. It is the one place that does: [`super::Entries`] builds entries of its
//! decisions, and the cut of a [`Layout`] asks it where nothing is open.
//!
//! Three things join lines. A line that begins with a blank continues the one before it. A klog value `key=<` goes on
//! in the following lines of the same speaker, between which others may stand. A partial record of a container goes
//! on in the next of its stream. All are bounded by [`REACH`] from the entry's first byte, so that what a block must
//! hold is bounded.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memchr;
use memchr::memmem::{self, Finder};

use super::marker::{self, Marker};
use super::outer::{self, outer, Outer};
use super::peel::{line, said, unwrapped_at};
use super::{colours, docker, frame, header, klog, logrus, noise, stamps, Envelope, Layout, REACH};

/// At most so many values are open at once; the one opened first is closed when another opens.
const MOST_OPEN: usize = 64;

/// Bytes of a name by which speakers are told apart.
const LONGEST_NAME: usize = 256;

/// Where a line belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It begins an entry.
    Begins,
    /// It belongs to the entry of that number.
    Joins(u64),
}

/// An entry that later lines may join.
#[derive(Debug, Clone, Copy)]
struct Head {
    entry: u64,
    /// Its first byte.
    start: usize,
}

impl Head {
    /// Whether a line that ends there is near enough to join.
    fn reaches(&self, end: usize) -> bool {
        end <= self.start + REACH
    }
}

/// A value or message that goes on in later lines of the same speaker.
#[derive(Debug)]
struct Open {
    head: Head,
    speaker: Vec<u8>,
    /// The record before was partial: the next of the speaker is its next piece.
    partial: bool,
    /// A klog value is open.
    value: bool,
}

/// Decides line by line. Feed it every line of a block in order.
#[derive(Debug, Default)]
pub(super) struct Joiner {
    /// Entries begun so far.
    begun: u64,
    open: Vec<Open>,
    /// The entry that an indented line would join.
    last: Option<Head>,
    stamped: Option<Range<usize>>,
    /// Room for the speaker of the line at hand.
    speaker: Vec<u8>,
    free: bool,
}

impl Joiner {
    /// Takes the next line (Export: the next entry). `range` is where it stands in `block`, without its line end.
    pub(super) fn feed(&mut self, layout: Layout, block: &[u8], range: &Range<usize>) -> Place {
        if !self.open.is_empty() {
            self.open.retain(|open| open.head.reaches(range.end));
        }
        self.free = self.open.is_empty();
        if layout == Layout::Lines {
            let text = line(block, range);
            if text.is_empty() || indented(text) {
                return self.indented(text, range);
            }
            if outer::stamped(text) {
                self.stamped = Some(range.clone());
            } else {
                self.free &= self.stamp_before(range).is_none();
                if let Some(found) = marker::read(text) {
                    return self.marker(found, range);
                }
            }
        }
        if layout == Layout::Frames {
            let outer = frame::read(&block[range.clone()]);
            if outer.envelope == Envelope::Marker {
                return self.marker(Marker::Border, range);
            }
            if outer.stamp.is_some() || header::read(outer.message).is_some_and(|header| header.stamp.is_some()) {
                self.stamped = Some(range.clone());
            } else {
                self.free &= self.stamp_before(range).is_none();
            }
        }
        if !self.open.is_empty() || may_open(layout, block, range) {
            let outer = unwrapped_at(layout, block, range);
            let message = said(&outer);
            self.speaker.clear();
            if speaker(&outer, message.component.as_deref(), &mut self.speaker) {
                return self.spoken(outer.partial, &message.text, range);
            }
        }
        self.begin(range)
    }

    /// Whether a block may end before the line that was fed last: nothing that stands before it matters to it or to a
    /// later line.
    pub(super) fn free(&self) -> bool {
        self.free
    }

    /// The nearest stamped line before `range` that is within reach.
    pub(super) fn stamp_before(&self, range: &Range<usize>) -> Option<Range<usize>> {
        self.stamped.clone().filter(|stamped| range.start <= stamped.start + REACH)
    }

    /// Whether the entry of that number may still grow.
    pub(super) fn may_grow(&self, entry: u64) -> bool {
        self.last.is_some_and(|last| last.entry == entry) || self.open.iter().any(|open| open.head.entry == entry)
    }

    /// The line begins an entry.
    fn begin(&mut self, range: &Range<usize>) -> Place {
        self.last = Some(Head { entry: self.begun, start: range.start });
        self.begin_apart()
    }

    /// The line is an entry that no other joins.
    fn begin_apart(&mut self) -> Place {
        self.begun += 1;
        Place::Begins
    }

    /// An indented line joins the entry before it. Beyond reach it stands alone, as does an empty line, and so does
    /// each one after it.
    fn indented(&mut self, text: &[u8], range: &Range<usize>) -> Place {
        let last = self.last.filter(|last| last.reaches(range.end));
        self.free &= last.is_none() && self.stamp_before(range).is_none();
        match last.filter(|_| !text.is_empty()) {
            Some(last) => {
                // The envelope itself indents what follows, so the value does not go on in other entries.
                self.open.retain(|open| open.head.entry != last.entry || open.partial);
                Place::Joins(last.entry)
            }
            None => self.begin_apart(),
        }
    }

    /// A border ends whatever is open: another boot, another file.
    fn marker(&mut self, found: Marker, range: &Range<usize>) -> Place {
        if found == Marker::Border {
            self.open.clear();
            self.stamped = None;
            self.free = true;
        }
        self.begin(range)
    }

    /// A line whose speaker is known: goes on with what that one has open, ends it, or opens something.
    fn spoken(&mut self, partial: bool, message: &[u8], range: &Range<usize>) -> Place {
        let value = message.ends_with(b"=<");
        if let Some(at) = self.open.iter().position(|open| open.speaker == self.speaker) {
            let open = &mut self.open[at];
            let head = open.head;
            let piece = open.partial;
            if piece || header::read(message).is_none() {
                // A collector may have taken the blank before the sign.
                let ends = !piece && (message.starts_with(b" >") || message.starts_with(b"> "));
                open.partial = partial;
                open.value = value || (open.value && !ends);
                if !open.partial && !open.value {
                    self.open.remove(at);
                }
                self.last = Some(head);
                return Place::Joins(head.entry);
            }
            if klog::shape(message) {
                self.open.remove(at);
            }
        }
        let place = self.begin(range);
        if partial || value {
            if self.open.len() == MOST_OPEN {
                self.open.remove(0);
            }
            let head = Head { entry: self.begun - 1, start: range.start };
            self.open.push(Open { head, speaker: self.speaker.clone(), partial, value });
        }
        place
    }
}

/// Whether a line begins with a blank and is no head of its own: some locales' months begin with a blank, and so do
/// numbers before pasted lines and lines pasted into a text with a margin.
pub(super) fn indented(text: &[u8]) -> bool {
    let [b' ' | b'\t', ..] = text else {
        return false;
    };
    let blanks = text.iter().take_while(|b| **b == b' ').count();
    match text.get(blanks) {
        Some(b'0'..=b'9' | 0x80..) => stamps::local(text).is_none() && outer(text).envelope == Envelope::Text,
        Some(b'A'..=b'Z' | b'a'..=b'z' | b'[') => noise::margin(text).is_none(),
        _ => true,
    }
}

/// Whether a line may open something, told from its ends. Errs on the side of looking closer.
fn may_open(layout: Layout, block: &[u8], range: &Range<usize>) -> bool {
    static VALUE: LazyLock<Finder> = LazyLock::new(|| Finder::new("=<"));
    if layout == Layout::Export {
        return block.get(range.clone()).is_some_and(|entry| memmem::find(entry, b"=<\n").is_some());
    }
    if layout == Layout::Frames {
        let outer = frame::read(&block[range.clone()]);
        return outer.partial || outer.message.ends_with(b"=<");
    }
    let text = line(block, range);
    match text.last() {
        Some(b'<' | b'm') => colours::strip(text).ends_with(b"=<"),
        Some(b'}') if text.starts_with(b"{\"log\"") => docker::may_open(text),
        Some(b'}') => VALUE.find(text).is_some(),
        Some(b'r' | b't') if logrus::ends_wrapped(text) => VALUE.find(text).is_some(),
        _ => match text.first() {
            Some(b'0'..=b'9') => partial_record(text),
            Some(b'[') => text.starts_with(b"[pod/"),
            _ => false,
        },
    }
}

/// Whether a line has the shape of a partial record of a container runtime.
fn partial_record(text: &[u8]) -> bool {
    let near = &text[..text.len().min(40)];
    let stream = memchr(b' ', near).map(|end| &text[end + 1..]);
    stream.is_some_and(|rest| rest.starts_with(b"std") && rest.get(7) == Some(&b'P'))
}

/// Writes down who speaks in a line, as bytes to compare; false where the line does not tell.
fn speaker(outer: &Outer<'_>, component: Option<&[u8]>, into: &mut Vec<u8>) -> bool {
    let told = matches!(
        outer.envelope,
        Envelope::Short
            | Envelope::JournalJson
            | Envelope::Export
            | Envelope::Journal
            | Envelope::Cri
            | Envelope::DockerJson
            | Envelope::Store
    );
    let names = [outer.prefix, outer.host, outer.ident, outer.unit, component.unwrap_or(&[])];
    for name in names {
        into.extend_from_slice(&name[..name.len().min(LONGEST_NAME)]);
        into.push(0);
    }
    into.extend_from_slice(&outer.pid.to_le_bytes());
    into.push(outer.stream as u8);
    told || component.is_some()
}
