//! docker's json-file: `{"log":"text\n","stream":"stderr","time":"…"}`. A record whose text lacks the final LF goes on in the next of the stream.

use super::outer::{Outer, Stream};
use super::{json, stamps, Coding, Envelope};

/// Reads a line as a record.
pub(super) fn read(line: &[u8]) -> Option<Outer<'_>> {
    let mut fields = json::fields(line);
    let (key, log) = fields.next()?;
    if key != b"log" {
        return None;
    }
    let log = json::string(log)?;
    let whole = ends_in_break(log);
    let text = if whole { &log[..log.len() - 2] } else { log };
    let mut outer = Outer { coding: Coding::JsonString, partial: !whole, ..Outer::new(text, Envelope::DockerJson) };
    for (key, value) in fields {
        match key {
            b"stream" => outer.stream = if value == b"\"stdout\"" { Stream::Out } else { Stream::Error },
            b"time" => outer.stamp = json::string(value).and_then(stamps::iso).map(|(stamp, _)| stamp),
            _ => {}
        }
    }
    outer.stamp.is_some().then_some(outer)
}

/// Whether a record may open something: its text lacks the final LF, or ends in the sign of a klog value.
pub(super) fn may_open(line: &[u8]) -> bool {
    let Some(log) = json::fields(line).next().and_then(|(_, value)| json::string(value)) else {
        return false;
    };
    !ends_in_break(log) || log.ends_with(br"=\u003c\n") || log.ends_with(br"=<\n")
}

/// Whether an escaped text ends in `\n`, the backslash not being escaped itself.
fn ends_in_break(text: &[u8]) -> bool {
    let Some(before) = text.strip_suffix(b"n") else {
        return false;
    };
    before.iter().rev().take_while(|&&b| b == b'\\').count() % 2 == 1
}
