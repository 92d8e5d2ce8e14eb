//! From lines to entries: peels what wraps a message (journalctl forms, syslog, CRI, docker json-file, export, bare
//! klog …) and reads what the message says of itself (klog header, logrus, zap, kernel).
//!
//! Flow of a source: [`sniff`] looks at its first bytes and gives a [`Layout`]; the layout cuts the source into
//! blocks of whole entries ([`crate::input::Cut`]); [`entries`] walks over a block and gives each [`RawEntry`];
//! [`RawEntry::peel`] reads one. The form is decided line by line, not by file: k3s, minikube and concatenated files
//! mix several.

mod colours;
mod cri;
mod dated;
mod desktop;
mod digits;
mod docker;
mod entries;
mod export;
mod forms;
mod frame;
mod header;
mod joiner;
pub mod journal;
mod journal_json;
mod json;
mod kernel;
mod klog;
mod layout;
mod logrus;
mod marker;
mod months;
mod noise;
mod outer;
mod pairs;
mod peel;
mod short;
mod stamps;
mod syslog;
mod talos;
mod unescape;
mod zap;

pub use crate::base::{Envelope, Severity};
pub use entries::{entries, Entries};
pub use forms::{recognise, Form, Recognised};
pub use frame::{shown, shown_frame, Frame};
pub use layout::{sniff, Layout};
pub use pairs::{pair, pairs, value_of};

use std::borrow::Cow;
use std::ops::Range;

use crate::base::{Clock, Stamp, When};

/// Bytes over which what one line opened (a multi-line value, a partial CRI record, an indented continuation) may
/// reach. A line further away is an entry of its own. This bounds what a block must hold.
pub const REACH: usize = 64 << 10;

/// The longest line that is looked at whole; of a longer one the first so many bytes are, and the rest is counted as
/// cut.
pub const LONGEST_LINE: usize = 1 << 20;

/// What was found out about the lines before, so that the next is read faster. The reading of an entry never depends
/// on it.
#[derive(Debug, Clone, Default)]
pub struct Guess {
    speakers: short::Speakers,
}

/// How the bytes of the message are written in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// As they are.
    Plain,
    /// A JSON string: escapes.
    JsonString,
    /// A JSON array of byte values, as journald writes a message with control characters.
    JsonBytes,
    /// Control characters as `#` and three octal digits, as rsyslog writes them.
    Hashes,
    /// Backslash escapes as Go and the kernel write them.
    Go,
}

/// Where an entry stands in its block, before anything is read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEntry {
    /// How the source is laid out.
    pub layout: Layout,
    /// The head line without its line end; of an export the whole entry; the whole frame.
    pub head: Range<usize>,
    /// Further lines that belong to it, in order. They need not follow each other: lines of other processes may stand
    /// between.
    pub more: Vec<Range<usize>>,
    /// Lines before the head in the block; before the frame in the whole source.
    pub line: u64,
    /// The head of the nearest stamped line before it within [`REACH`], for a line that has no stamp of its own.
    pub stamped_by: Option<Range<usize>>,
}

/// An entry: who spoke when, and the message, as slices of the block.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// What it was wrapped in.
    pub envelope: Envelope,
    /// Stamp of the envelope.
    pub outer: Option<Stamp>,
    /// Host name, as written; empty where there is none.
    pub host: &'a [u8],
    /// Identifier (journal, syslog), stream-less program name; empty where there is none.
    pub ident: &'a [u8],
    /// systemd unit of the sender, where the envelope carries it (JSON, export).
    pub unit: &'a [u8],
    /// Process id in the envelope, 0 where there is none.
    pub pid: u32,
    /// The message: colours removed, escapes decoded, continuation lines joined by LF. Borrowed where it stands so in
    /// the block.
    pub message: Cow<'a, [u8]>,
    /// What the message says of itself.
    pub header: Header<'a>,
}

/// What a message says of itself: a klog header, logrus' or zap's fields, klog JSON's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// Level.
    pub severity: Severity,
    /// The message's own stamp.
    pub stamp: Option<Stamp>,
    /// Process id of a klog header, 0 where there is none.
    pub pid: u32,
    /// Source file (`eviction_manager.go`), empty where not told.
    pub file: &'a [u8],
    /// Length of the klog header in the message, 0 where there is none.
    pub len: usize,
}

impl Entry<'_> {
    /// The stamp to reckon with: the message's own where it has one, else the envelope's.
    pub fn when(&self) -> Option<When> {
        match (self.header.stamp, self.outer) {
            (Some(stamp), _) => Some(When { stamp, clock: Clock::Inner }),
            (None, Some(stamp)) => Some(When { stamp, clock: Clock::Outer }),
            (None, None) => None,
        }
    }

    /// The process that spoke: klog's own pid where there is one, else the envelope's; 0 where neither tells.
    pub fn process(&self) -> u32 {
        if self.header.pid != 0 {
            self.header.pid
        } else {
            self.pid
        }
    }
}
