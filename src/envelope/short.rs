//! journalctl's short forms and syslog files: `TIME [HOST] IDENT[PID]: MESSAGE`. Only the time differs between them.

use memchr::{memchr, memchr_iter, memrchr};

use super::klog::pid;
use super::outer::Outer;
use super::{stamps, Coding, Envelope};

/// A longer head before `: ` is no identifier but text that happens to hold a colon.
const LONGEST_NAME: usize = 256;

/// Words that a head without `[PID]` may have: host and an identifier of two.
const MOST_WORDS: usize = 3;

/// Reads a line that begins with a time of the short family that cannot be mistaken: month and day, weekday and date, epoch seconds.
pub(super) fn read(line: &[u8]) -> Option<Outer<'_>> {
    let (stamp, taken) = match line.first()? {
        b'A'..=b'Z' => stamps::syslog(line).or_else(|| stamps::full(line))?,
        b'0'..=b'9' => stamps::epoch(line)?,
        _ => return None,
    };
    stamped(line, stamp, taken)
}

/// Reads a line that begins with a month's word of another locale.
pub(super) fn read_local(line: &[u8]) -> Option<Outer<'_>> {
    let (stamp, taken) = stamps::local(line)?;
    stamped(line, stamp, taken)
}

/// The envelope of a line whose stamp took `taken` bytes.
fn stamped(line: &[u8], stamp: crate::base::Stamp, taken: usize) -> Option<Outer<'_>> {
    let rest = line.get(taken..)?.strip_prefix(b" ")?;
    Some(speaker(rest).envelope(line, stamp))
}

/// Who speaks, and what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speaker<'a> {
    pub(super) host: &'a [u8],
    pub(super) ident: &'a [u8],
    pub(super) pid: u32,
    pub(super) message: &'a [u8],
}

impl<'a> Speaker<'a> {
    /// The envelope that this speaker and `stamp` make of `line`.
    pub(super) fn envelope(self, line: &'a [u8], stamp: crate::base::Stamp) -> Outer<'a> {
        Outer {
            stamp: Some(stamp),
            host: self.host,
            ident: self.ident,
            pid: self.pid,
            coding: Coding::Hashes,
            indent: Some(line.len() - self.message.len()),
            ..Outer::new(self.message, Envelope::Short)
        }
    }
}

/// Splits `[HOST] IDENT[PID]: MESSAGE`. Without an identifier the first word is the host.
pub(super) fn speaker(rest: &[u8]) -> Speaker<'_> {
    named(rest).unwrap_or_else(|| {
        let at = memchr(b' ', rest).unwrap_or(rest.len());
        Speaker {
            host: &rest[..at],
            ident: &[],
            pid: 0,
            message: rest.get(at + 1..).unwrap_or(&[]),
        }
    })
}

/// Splits `[HOST] IDENT[PID]: MESSAGE`; `None` where no identifier stands there.
pub(super) fn named(rest: &[u8]) -> Option<Speaker<'_>> {
    let at = separator(rest)?;
    let message = rest.get(at + 2..).unwrap_or(&[]);
    let (name, pid) = name_and_pid(&rest[..at]);
    if pid.is_none() && memchr_iter(b' ', name).count() >= MOST_WORDS {
        return None;
    }
    let (host, ident) = match memchr(b' ', name) {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => (&name[..0], name),
    };
    Some(Speaker {
        host,
        ident,
        pid: pid.unwrap_or(0),
        message,
    })
}

/// Place of the colon that ends the identifier.
fn separator(rest: &[u8]) -> Option<usize> {
    let near = &rest[..rest.len().min(LONGEST_NAME)];
    memchr_iter(b':', near).find(|&at| matches!(rest.get(at + 1), Some(b' ') | None))
}

/// Takes `[123]` off the end of a name.
fn name_and_pid(name: &[u8]) -> (&[u8], Option<u32>) {
    let bracket = name
        .strip_suffix(b"]")
        .and_then(|inner| Some((inner, memrchr(b'[', inner)?)));
    match bracket {
        Some((inner, at))
            if at + 1 < inner.len() && inner[at + 1..].iter().all(u8::is_ascii_digit) =>
        {
            (&name[..at], Some(pid(&inner[at + 1..])))
        }
        _ => (name, None),
    }
}
