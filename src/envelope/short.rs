//! journalctl's short forms and syslog files: `TIME [HOST] IDENT[PID]: MESSAGE`.

use memchr::{memchr, memchr_iter, memrchr};

use super::klog::number;
use super::peel::Outer;
use super::{stamps, Coding, Envelope};

/// A longer head before `: ` is no identifier but text that happens to hold a colon.
const LONGEST_NAME: usize = 256;

/// Reads a line of the short family.
pub(super) fn read(line: &[u8]) -> Option<Outer<'_>> {
    let (stamp, taken) = stamps::syslog(line)?;
    let rest = line.get(taken..)?.strip_prefix(b" ")?;
    let speaker = speaker(rest);
    Some(Outer {
        envelope: Envelope::Short,
        stamp: Some(stamp),
        host: speaker.host,
        ident: speaker.ident,
        unit: &[],
        pid: speaker.pid,
        message: speaker.message,
        coding: Coding::Plain,
        indent: line.len() - speaker.message.len(),
    })
}

/// Who speaks, and what.
struct Speaker<'a> {
    host: &'a [u8],
    ident: &'a [u8],
    pid: u32,
    message: &'a [u8],
}

/// Splits `[HOST] IDENT[PID]: MESSAGE`. Without a `: ` there is no identifier.
fn speaker(rest: &[u8]) -> Speaker<'_> {
    let (name, message) = match separator(rest) {
        Some(at) => (&rest[..at], rest.get(at + 2..).unwrap_or(&[])),
        None => {
            let at = memchr(b' ', rest).unwrap_or(rest.len());
            return Speaker {
                host: &rest[..at],
                ident: &[],
                pid: 0,
                message: rest.get(at + 1..).unwrap_or(&[]),
            };
        }
    };
    let (name, pid) = name_and_pid(name);
    let (host, ident) = match memchr(b' ', name) {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => (&name[..0], name),
    };
    Speaker {
        host,
        ident,
        pid,
        message,
    }
}

/// Place of the colon that ends the identifier.
fn separator(rest: &[u8]) -> Option<usize> {
    let near = &rest[..rest.len().min(LONGEST_NAME)];
    memchr_iter(b':', near).find(|&at| matches!(rest.get(at + 1), Some(b' ') | None))
}

/// Takes `[123]` off the end of a name.
fn name_and_pid(name: &[u8]) -> (&[u8], u32) {
    let Some(inner) = name.strip_suffix(b"]") else {
        return (name, 0);
    };
    match memrchr(b'[', inner) {
        Some(at) if at + 1 < inner.len() && inner[at + 1..].iter().all(u8::is_ascii_digit) => {
            (&name[..at], number(&inner[at + 1..]))
        }
        _ => (name, 0),
    }
}
