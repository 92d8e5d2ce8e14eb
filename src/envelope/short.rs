//! journalctl's short forms and syslog files: `TIME [HOST] IDENT[PID]: MESSAGE`. Only the time differs between them.

use memchr::{memchr, memchr_iter, memrchr};

use super::klog::pid;
use super::outer::Outer;
use super::{kernel, stamps, Coding, Envelope};
use crate::base::Stamp;

/// A longer head before `: ` is no identifier but text that happens to hold a colon.
const LONGEST_NAME: usize = 256;

/// Words that a head without `[PID]` may have: host and an identifier of two.
const MOST_WORDS: usize = 3;

/// Reads a line that begins with a time of the short family that cannot be mistaken: month and day, weekday and date,
/// epoch seconds.
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
fn stamped(line: &[u8], stamp: Stamp, taken: usize) -> Option<Outer<'_>> {
    let rest = line.get(taken..)?.strip_prefix(b" ")?;
    // The head of an entry of `journalctl -o verbose`: a cursor and no speaker.
    if rest.starts_with(b"[s=") {
        return None;
    }
    Some(speaker(rest).envelope(line, Some(stamp)))
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
    pub(super) fn envelope(self, line: &'a [u8], stamp: Option<Stamp>) -> Outer<'a> {
        let mut message = self.message;
        if self.ident == b"kernel" {
            message = kernel::without_uptime(message);
        }
        Outer {
            stamp,
            host: self.host,
            ident: self.ident,
            pid: self.pid,
            coding: Coding::Hashes,
            indent: Some(line.len() - self.message.len()),
            ..Outer::new(message, Envelope::Short)
        }
    }
}

/// Speakers of the lines before. A log has few, and the same ones speak again and again: to compare a few bytes is
/// cheaper than to take a name apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Speakers {
    known: [Known; SPEAKERS],
    /// The one to forget next.
    oldest: usize,
}

/// Speakers that are remembered.
const SPEAKERS: usize = 4;

/// The longest name with its colon and blank that is remembered.
const LONGEST_KNOWN: usize = 80;

/// One speaker: `HOST IDENT[PID]: ` and where its parts stand.
#[derive(Debug, Clone)]
struct Known {
    text: [u8; LONGEST_KNOWN],
    len: usize,
    host: usize,
    ident: usize,
    ident_end: usize,
    pid: u32,
}

impl Default for Known {
    fn default() -> Self {
        Known { text: [0; LONGEST_KNOWN], len: 0, host: 0, ident: 0, ident_end: 0, pid: 0 }
    }
}

impl Speakers {
    /// What [`speaker`] says of `rest`.
    fn speaker<'a>(&mut self, rest: &'a [u8]) -> Speaker<'a> {
        // An identifier ends at the first colon with a blank, and that is within the text compared: the same text is
        // always the same speaker.
        let known = self.known.iter().find(|known| known.len > 0 && rest.starts_with(&known.text[..known.len]));
        if let Some(known) = known {
            return Speaker {
                host: &rest[..known.host],
                ident: &rest[known.ident..known.ident_end],
                pid: known.pid,
                message: &rest[known.len..],
            };
        }
        let Some(speaker) = named(rest) else {
            return speaker(rest);
        };
        self.remember(&speaker, rest);
        speaker
    }

    fn remember(&mut self, speaker: &Speaker<'_>, rest: &[u8]) {
        let len = rest.len() - speaker.message.len();
        if len > LONGEST_KNOWN || !rest[..len].ends_with(b": ") {
            return;
        }
        let known = &mut self.known[self.oldest];
        self.oldest = (self.oldest + 1) % SPEAKERS;
        known.text[..len].copy_from_slice(&rest[..len]);
        known.len = len;
        known.host = speaker.host.len();
        // A blank parts host and identifier, also where the host was taken out of a paste.
        known.ident = speaker.host.len() + usize::from(rest[speaker.host.len()] == b' ');
        known.ident_end = known.ident + speaker.ident.len();
        known.pid = speaker.pid;
    }
}

/// Reads a line that begins with month and day, the most frequent form, with what is known of the lines before.
pub(super) fn read_again<'a>(line: &'a [u8], speakers: &mut Speakers) -> Option<Outer<'a>> {
    let (stamp, taken) = stamps::syslog(line)?;
    let rest = line.get(taken..)?.strip_prefix(b" ")?;
    Some(speakers.speaker(rest).envelope(line, Some(stamp)))
}

/// Splits `[HOST] IDENT[PID]: MESSAGE`. Without an identifier the first word is the host.
pub(super) fn speaker(rest: &[u8]) -> Speaker<'_> {
    named(rest).unwrap_or_else(|| {
        let at = memchr(b' ', rest).unwrap_or(rest.len());
        // A program's own pairs, pasted without host and name.
        if rest[..at].iter().any(|byte| matches!(byte, b'=' | b'"' | b'{')) {
            return Speaker { host: &[], ident: &[], pid: 0, message: rest };
        }
        Speaker { host: &rest[..at], ident: &[], pid: 0, message: rest.get(at + 1..).unwrap_or(&[]) }
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
    Some(Speaker { host, ident, pid: pid.unwrap_or(0), message })
}

/// Reads a line whose time was cut off: `[HOST] IDENT[PID]: MESSAGE`, or the kernel's with its uptime. Of other words
/// before it nothing is kept.
pub(super) fn untimed(line: &[u8]) -> Option<Outer<'_>> {
    let at = separator(line)?;
    let message = line.get(at + 2..).unwrap_or(&[]);
    let (name, pid) = name_and_pid(&line[..at]);
    let mut words = name.rsplit(|&b| b == b' ');
    let ident = words.next().filter(|ident| ident.first().is_some_and(u8::is_ascii_alphabetic))?;
    let host = words.next().filter(|host| !host.contains(&b':') && words.count() <= MOST_WORDS);
    let kernel = ident == b"kernel" && kernel::without_uptime(message).len() < message.len();
    if pid.is_none() && !kernel {
        return None;
    }
    let speaker = Speaker { host: host.unwrap_or(&[]), ident, pid: pid.unwrap_or(0), message };
    Some(speaker.envelope(line, None))
}

/// Place of the colon that ends the identifier.
fn separator(rest: &[u8]) -> Option<usize> {
    let near = &rest[..rest.len().min(LONGEST_NAME)];
    memchr_iter(b':', near).find(|&at| matches!(rest.get(at + 1), Some(b' ') | None))
}

/// Takes `[123]` off the end of a name.
fn name_and_pid(name: &[u8]) -> (&[u8], Option<u32>) {
    let bracket = name.strip_suffix(b"]").and_then(|inner| Some((inner, memrchr(b'[', inner)?)));
    match bracket {
        Some((inner, at)) if at + 1 < inner.len() && inner[at + 1..].iter().all(u8::is_ascii_digit) => {
            (&name[..at], Some(pid(&inner[at + 1..])))
        }
        _ => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_no_host() {
        let pasted = b"Aug  7 19:07:50 time=\"2024-08-07T19:07:50+08:00\" level=error msg=\"StopContainer failed\"";
        let read = read(pasted).map(|outer| (outer.host, outer.message.starts_with(b"time=")));
        assert_eq!(read, Some((&b""[..], true)));
        let bare = super::read(b"Aug  7 19:07:50 node-a something went on").map(|outer| outer.host);
        assert_eq!(bare, Some(&b"node-a"[..]));
    }
}
