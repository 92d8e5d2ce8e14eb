//! Lines that begin with an RFC 3339 time: Kubernetes container logs (`TIME stream TAGS text`), `kubectl logs --timestamps` and its like
//! (`TIME text`), journalctl's `short-iso` and syslog's file format (`TIME HOST IDENT[PID]: text`), `dmesg --time-format iso`.
//!
//! They are read in one place because only what follows the time tells them apart.

use memchr::memchr;

use super::outer::{begins_message, Outer, Stream};
use super::{dated, kernel, short, stamps, syslog, Envelope};
use crate::base::Stamp;

/// A fraction of more digits is written neither by journald nor by syslog.
const MICROSECONDS: usize = 6;

/// Reads a line that begins with a date.
pub(super) fn read(line: &[u8]) -> Option<Outer<'_>> {
    let (stamp, taken) = stamps::iso(line)?;
    if line[10] == b' ' || line[taken..].first() == Some(&b'\t') {
        // A blank between date and time, or a TAB behind it: a program's own line.
        return dated::header(line).map(|_| Outer::new(line, Envelope::Bare));
    }
    if line.get(19) == Some(&b',') {
        return Some(kernel::stamped(line[taken..].strip_prefix(b" ")?, Some(stamp), line));
    }
    let rest = match line.get(taken) {
        None => &[],
        Some(b' ') => &line[taken + 1..],
        Some(_) => return None,
    };
    if let Some(outer) = record(rest, stamp) {
        return Some(outer);
    }
    let (_, fraction) = stamps::fraction(&line[19..]);
    if fraction <= 1 + MICROSECONDS && !begins_message(rest) {
        if let Some(outer) = without_priority(rest, stamp) {
            return Some(outer);
        }
        if let Some(speaker) = short::named(rest).filter(|speaker| speaks(speaker, line[taken - 1])) {
            return Some(speaker.envelope(line, Some(stamp)));
        }
    }
    Some(Outer { stamp: Some(stamp), ..Outer::new(rest, Envelope::Cri) })
}

/// Whether what reads as host and identifier is one, and not text with a colon. `zone` is the last byte of the time: neither journald nor
/// syslog's file format writes `Z`, so then only a sure sign will do.
fn speaks(speaker: &short::Speaker<'_>, zone: u8) -> bool {
    let word = |name: &[u8]| !name.is_empty() && name.iter().all(|b| b.is_ascii_graphic());
    speaker.pid != 0 || speaker.ident == b"kernel" || (zone != b'Z' && word(speaker.ident))
}

/// RFC 5424 without priority and version, where process id, message id and structured data make it sure.
fn without_priority(rest: &[u8], stamp: Stamp) -> Option<Outer<'_>> {
    let mut words = rest.splitn(6, |&b| b == b' ').skip(2);
    let (process, id, data) = (words.next()?, words.next()?, words.next()?);
    let number = !process.is_empty() && process.iter().all(u8::is_ascii_digit);
    if !(number || process == b"-") || id != b"-" || !matches!(data.first(), Some(b'-' | b'[')) {
        return None;
    }
    syslog::protocol(rest, Some(stamp))
}

/// The rest of a container runtime's record: `stdout F text`.
fn record(rest: &[u8], stamp: Stamp) -> Option<Outer<'_>> {
    let (stream, rest) = match rest.strip_prefix(b"stdout ") {
        Some(rest) => (Stream::Out, rest),
        None => (Stream::Error, rest.strip_prefix(b"stderr ")?),
    };
    let end = memchr(b' ', rest).unwrap_or(rest.len());
    let partial = match rest[..end].split(|&b| b == b':').next()? {
        b"F" => false,
        b"P" => true,
        _ => return None,
    };
    let text = rest.get(end + 1..).unwrap_or(&[]);
    Some(Outer { stamp: Some(stamp), stream, partial, ..Outer::new(text, Envelope::Cri) })
}
