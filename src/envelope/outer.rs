//! Finds the envelope of a line: looks at its first bytes, asks the readers of the forms that may begin so, and takes
//! noise off where none fits.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{
    colours, cri, desktop, docker, header, journal_json, kernel, klog, marker, noise, peel, short, stamps, syslog,
    talos,
};
use super::{Coding, Envelope, Severity};
use crate::base::Stamp;

/// Layers of noise that are taken off at most.
const MOST_NOISE: usize = 3;

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
    /// What else tells speakers apart: a collector's prefix.
    pub(super) prefix: &'a [u8],
    pub(super) stream: Stream,
    /// The message goes on in the next record of the stream.
    pub(super) partial: bool,
    /// Level that the envelope itself tells, as the kernel's does.
    pub(super) severity: Severity,
    /// Blanks that the envelope puts before each further line of the message; `None` where such lines are no part of
    /// it.
    pub(super) indent: Option<usize>,
}

/// The stream that a container wrote to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Unknown,
    Out,
    Error,
}

impl<'a> Outer<'a> {
    /// An envelope that tells nothing.
    pub(super) fn new(message: &'a [u8], envelope: Envelope) -> Self {
        Outer {
            envelope,
            stamp: None,
            host: &[],
            ident: &[],
            unit: &[],
            pid: 0,
            message,
            coding: Coding::Plain,
            prefix: &[],
            stream: Stream::Unknown,
            partial: false,
            severity: Severity::Unknown,
            indent: Some(0),
        }
    }
}

/// Takes the envelope off a line.
pub(super) fn outer(line: &[u8]) -> Outer<'_> {
    peeled(line, MOST_NOISE)
}

fn peeled(line: &[u8], noise_left: usize) -> Outer<'_> {
    if let Some(outer) = known(line) {
        return outer;
    }
    if marker::read(line).is_some() {
        return Outer::new(line, Envelope::Marker);
    }
    if noise_left > 0 {
        if let Some(stripped) = noise::strip(line) {
            if let Some(outer) = below(stripped, noise_left) {
                return outer;
            }
        }
    }
    short::untimed(line).unwrap_or_else(|| Outer::new(line, Envelope::Text))
}

/// What stands behind noise, where that is of a known form or the noise itself tells that it is a container's log.
fn below(stripped: noise::Stripped<'_>, noise_left: usize) -> Option<Outer<'_>> {
    let inner = peeled(stripped.rest, noise_left - 1);
    let plain = matches!(inner.envelope, Envelope::Text | Envelope::Marker);
    if !stripped.container.is_empty() {
        let envelope = if plain || inner.envelope == Envelope::Bare { Envelope::Cri } else { inner.envelope };
        return Some(Outer { envelope, ident: stripped.container, prefix: stripped.prefix, ..inner });
    }
    if plain {
        return None;
    }
    let host = if inner.host.is_empty() { stripped.host } else { inner.host };
    let indent = inner.indent.map(|indent| indent + stripped.prefix.len());
    Some(Outer { host, indent, ..inner })
}

/// Reads a line of a known form.
fn known(line: &[u8]) -> Option<Outer<'_>> {
    let bare = |line| header::read(line).map(|_| Outer::new(line, Envelope::Bare));
    match line.first()? {
        b'I' | b'W' | b'E' | b'F' if klog::shape(line) => Some(Outer::new(line, Envelope::Bare)),
        b'A'..=b'Z' => short::read(line).or_else(|| bare(line)).or_else(|| short::read_local(line)),
        b'0'..=b'9' => {
            let dated = if matches!(line.get(4), Some(b'-' | b'/')) { cri::read(line) } else { short::read(line) };
            dated.or_else(|| kernel::kmsg(line)).or_else(|| syslog::counted(line)).or_else(|| short::read_local(line))
        }
        b'[' => kernel::bracketed(line)
            .or_else(|| desktop::read(line))
            .or_else(|| talos::machined(line))
            .or_else(|| bare(line)),
        b'<' => syslog::read(line),
        b'{' => object(line).or_else(|| bare(line)),
        &colours::ESC => coloured(line),
        b' ' | b'\t' => short::read_local(line).filter(|_| line[0] == b' '),
        b'a'..=b'z' => kernel::decoded(line)
            .or_else(|| kernel::announced(line))
            .or_else(|| short::read_local(line))
            .or_else(|| bare(line)),
        _ => short::read_local(line),
    }
}

/// Reads a line that begins with a colour. Where colours stand inside the header of a bare message, the reading takes
/// them out.
fn coloured(line: &[u8]) -> Option<Outer<'_>> {
    let rest = colours::skip(line);
    if rest.len() == line.len() {
        return None;
    }
    known(rest).or_else(|| header::read(&colours::strip(rest)).map(|_| Outer::new(rest, Envelope::Bare)))
}

/// Reads an object that is an envelope. The journal's fields are upper case, or begin with `_`.
fn object(line: &[u8]) -> Option<Outer<'_>> {
    match first_letter(line)? {
        b'A'..=b'Z' | b'_' => journal_json::read(line),
        b'l' => docker::read(line),
        _ => None,
    }
}

/// Whether a line carries a stamp of its own, told from its shape where that is enough.
pub(super) fn stamped(line: &[u8]) -> bool {
    let quick = match line {
        [b'A'..=b'Z', ..] => stamps::syslog_shape(line) || klog::shape(line),
        [b'0'..=b'9', ..] => stamps::iso_shape(line),
        [b'{', ..] => return object_stamped(line),
        _ => false,
    };
    if quick {
        return true;
    }
    let outer = outer(line);
    let own = |outer: &Outer<'_>| header::read(&peel::said(outer).text).is_some_and(|header| header.stamp.is_some());
    outer.stamp.is_some() || (outer.envelope != Envelope::Text && own(&outer))
}

/// Whether an object names a time: the journal's and docker's always do.
fn object_stamped(line: &[u8]) -> bool {
    static TIME: LazyLock<Finder> = LazyLock::new(|| Finder::new("\"time\""));
    static TS: LazyLock<Finder> = LazyLock::new(|| Finder::new("\"ts\""));
    match first_letter(line) {
        Some(b'A'..=b'Z' | b'_') => true,
        _ => TS.find(line).is_some() || TIME.find(line).is_some(),
    }
}

/// The first letter of an object's first key.
fn first_letter(line: &[u8]) -> Option<u8> {
    line.iter().skip(1).copied().find(|b| !matches!(b, b' ' | b'"'))
}

/// Whether a text begins as a message does that has a form of its own, or as a line inside one.
pub(super) fn begins_message(text: &[u8]) -> bool {
    matches!(text.first(), None | Some(b' ' | b'\t' | b'{')) || header::read(text).is_some()
}
