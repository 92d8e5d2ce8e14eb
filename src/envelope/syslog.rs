//! What stands before syslog messages on the wire and in some files: `<PRI>`, RFC 5424's header, the count of an octet-counted stream.

use memchr::memchr;

use super::outer::Outer;
use super::{cri, digits, kernel, short, stamps, Coding, Envelope};
use crate::base::Stamp;

/// Reads a line that begins with `<PRI>`.
pub(super) fn read(line: &[u8]) -> Option<Outer<'_>> {
    let end = memchr(b'>', &line[..line.len().min(5)])?;
    let priority = digits::number(line[..end].strip_prefix(b"<")?)?;
    let rest = &line[end + 1..];
    if let Some(outer) = rfc5424(rest) {
        return Some(outer);
    }
    kernel::raw(rest, (priority & 7) as u32).or_else(|| short::read(rest)).or_else(|| cri::read(rest))
}

/// Reads an octet-counted line: `123 <13>1 …`.
pub(super) fn counted(line: &[u8]) -> Option<Outer<'_>> {
    let digits = line.iter().take(7).take_while(|b| b.is_ascii_digit()).count();
    read(line[digits..].strip_prefix(b" ").filter(|_| digits > 0)?)
}

/// `1 TIME HOST APP PROCID MSGID SD [MSG]` behind the priority; `-` is nothing.
fn rfc5424(rest: &[u8]) -> Option<Outer<'_>> {
    let rest = rest.strip_prefix(b"1 ")?;
    let (time, rest) = word(rest)?;
    let stamp = match time {
        b"-" => None,
        _ => Some(stamps::iso(time)?.0),
    };
    protocol(rest, stamp)
}

/// What follows the time: `HOST APP PROCID MSGID SD [MSG]`. Some templates write priority and version no more.
pub(super) fn protocol(rest: &[u8], stamp: Option<Stamp>) -> Option<Outer<'_>> {
    let (host, rest) = word(rest)?;
    let (ident, rest) = word(rest)?;
    let (process, rest) = word(rest)?;
    let (_, rest) = word(rest)?;
    let pid = digits::number(process).map_or(0, |pid| u32::try_from(pid).unwrap_or(0));
    let message = message(&rest[data_end(rest)?..]);
    Some(Outer {
        stamp,
        host: value(host),
        ident: value(ident),
        pid,
        coding: Coding::Hashes,
        ..Outer::new(message, Envelope::Short)
    })
}

/// The next word and what follows the blank behind it.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr(b' ', text)?;
    Some((&text[..end], &text[end + 1..]))
}

/// A header's value.
fn value(word: &[u8]) -> &[u8] {
    if word == b"-" {
        &[]
    } else {
        word
    }
}

/// Length of the structured data: `-` or elements in brackets, whose quoted values may hold an escaped bracket.
fn data_end(text: &[u8]) -> Option<usize> {
    if text.first() == Some(&b'-') {
        return Some(1);
    }
    let mut at = 0;
    while text.get(at) == Some(&b'[') {
        let mut quoted = false;
        loop {
            at += 1;
            match text.get(at)? {
                b'\\' if quoted => at += 1,
                b'"' => quoted = !quoted,
                b']' if !quoted => break,
                _ => {}
            }
        }
        at += 1;
    }
    (at > 0).then_some(at)
}

/// The message behind the structured data. rsyslog's own template leaves a second blank before it, which is no part of it; the sign that ends a klog
/// value has one of its own.
fn message(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match text {
        [b' ', b'>', ..] => text,
        [b' ', rest @ ..] => rest,
        _ => text,
    }
}
