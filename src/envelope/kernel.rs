//! The kernel's own log as `dmesg` and `/dev/kmsg` print it, and the uptime that kernel lines carry inside syslog.

use memchr::memchr;

use super::outer::Outer;
use super::{digits, short, stamps, talos, Coding, Envelope, Severity};
use crate::base::Stamp;

/// The longest bracket that is a stamp: uptime and delta.
const LONGEST_BRACKET: usize = 48;

/// Facilities as `dmesg -x` and Talos name them.
const FACILITIES: [&[u8]; 12] =
    [b"kern", b"user", b"mail", b"daemon", b"auth", b"syslog", b"lpr", b"news", b"uucp", b"cron", b"authpriv", b"ftp"];

/// Severity of a level's number, as syslog counts.
pub(super) fn severity(level: u32) -> Severity {
    match level {
        0..=3 => Severity::Error,
        4 => Severity::Warning,
        5 | 6 => Severity::Info,
        _ => Severity::Debug,
    }
}

/// Severity of a level's name.
fn named_severity(name: &[u8]) -> Option<Severity> {
    Some(match name {
        b"emerg" | b"alert" | b"crit" | b"err" => Severity::Error,
        b"warn" | b"warning" => Severity::Warning,
        b"notice" | b"info" => Severity::Info,
        b"debug" => Severity::Debug,
        _ => return None,
    })
}

/// An envelope of the kernel: `text` is the message, the end of `line`.
pub(super) fn stamped<'a>(text: &'a [u8], stamp: Option<Stamp>, line: &[u8]) -> Outer<'a> {
    let caller = without_caller(text);
    Outer {
        stamp,
        ident: if caller.starts_with(b"[talos]") { b"talos" } else { b"kernel" },
        indent: Some(line.len() - text.len()),
        ..Outer::new(caller, Envelope::Dmesg)
    }
}

/// Without `[    T1] `, which tells the thread or processor where the kernel is built so.
fn without_caller(text: &[u8]) -> &[u8] {
    let Some(inner) = text.strip_prefix(b"[") else {
        return text;
    };
    let blanks = inner.iter().take_while(|&&b| b == b' ').count();
    match &inner[blanks..] {
        [b'T' | b'C', rest @ ..] => {
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            rest[digits..].strip_prefix(b"] ").filter(|_| digits > 0).unwrap_or(text)
        }
        _ => text,
    }
}

/// Reads a line that begins with a bracket: uptime, also with a delta; C's time; the minute or the delta of
/// `dmesg -H`. Where host and identifier follow an uptime it is `journalctl -o short-monotonic` or `short-delta`.
pub(super) fn bracketed(line: &[u8]) -> Option<Outer<'_>> {
    let inner = line.strip_prefix(b"[")?;
    let end = memchr(b']', &inner[..inner.len().min(LONGEST_BRACKET)])?;
    let text = behind(&inner[end + 1..])?;
    let bracket = &inner[..end];
    if let Some((stamp, _)) = stamps::uptime(bracket).filter(|(_, taken)| delta(&bracket[*taken..])) {
        if let Some(speaker) = short::named(text).filter(follows_host) {
            return Some(speaker.envelope(line, Some(stamp)));
        }
        return Some(stamped(text, Some(stamp), line));
    }
    let stamp = match bracket {
        [b' ', b' ', .., b'0'..=b'9'] if bracket.contains(&b'+') => None,
        _ => Some(
            stamps::ctime(bracket)
                .or_else(|| stamps::minute(bracket))
                .or_else(|| stamps::ctime_local(bracket))
                .filter(|(_, taken)| *taken == bracket.len())?
                .0,
        ),
    };
    Some(stamped(text, stamp, line))
}

/// What follows a bracket: behind a blank, or at once where the bracket of the caller follows.
fn behind(text: &[u8]) -> Option<&[u8]> {
    match text.first() {
        None | Some(b'[') => Some(text),
        _ => text.strip_prefix(b" "),
    }
}

/// Whether what follows an uptime in its bracket is nothing, blanks, or `<    0.010000 >`.
fn delta(rest: &[u8]) -> bool {
    rest.iter().all(|b| matches!(b, b' ' | b'<' | b'>' | b'*' | b'.' | b'0'..=b'9'))
}

/// Whether a host stands before the identifier. The kernel's own messages have colons behind one, two or three words
/// (`usb 1-1: new …`), so only a pid, or one of the identifiers that have none, is a sure sign.
fn follows_host(speaker: &short::Speaker<'_>) -> bool {
    !speaker.host.is_empty() && (speaker.pid != 0 || matches!(speaker.ident, b"kernel" | b"audit" | b"unknown"))
}

/// Reads what follows `<N>` in a raw kernel log.
pub(super) fn raw(line: &[u8], level: u32) -> Option<Outer<'_>> {
    let outer = bracketed(line).filter(|outer| outer.envelope == Envelope::Dmesg)?;
    Some(Outer { severity: severity(level), ..outer })
}

/// Reads `kern  :err   : [ 1300.130000] text` of `dmesg -x`, also without a stamp, and
/// `kern:     err: [2024-01-01T00:03:10Z]: text` of Talos.
pub(super) fn decoded(line: &[u8]) -> Option<Outer<'_>> {
    let (facility, rest) = up_to_colon(line)?;
    let told = facility.split(u8::is_ascii_whitespace).next().filter(|word| is_facility(word))?;
    let level = facility[told.len()..].trim_ascii();
    // A paste may have lost the colon between the two; then only what follows can tell.
    let (severity, rest) = match level {
        b"" => up_to_colon(rest).and_then(|(level, rest)| Some((named_severity(level.trim_ascii())?, rest)))?,
        level => (named_severity(level).filter(|_| talos::bracket(rest).is_some())?, rest),
    };
    let rest = rest.strip_prefix(b" ")?;
    let stamped_text = talos::bracket(rest).map(|(stamp, text)| stamped(text, Some(stamp), line));
    let outer = stamped_text.or_else(|| bracketed(rest).filter(|outer| outer.envelope == Envelope::Dmesg));
    let outer = outer.unwrap_or_else(|| stamped(rest, None, line));
    Some(Outer { severity, indent: Some(line.len() - outer.message.len()), ..outer })
}

/// Reads `kernel:[ 1300.130000] text`, as syslog's daemons write the worst to all terminals.
pub(super) fn announced(line: &[u8]) -> Option<Outer<'_>> {
    let rest = line.strip_prefix(b"kernel:")?;
    bracketed(rest).filter(|outer| outer.envelope == Envelope::Dmesg && outer.stamp.is_some())
}

/// Bytes within which a facility and a level end.
const LONGEST_LEVEL: usize = 16;

/// What stands before the first colon, and what behind it.
fn up_to_colon(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = memchr(b':', &text[..text.len().min(LONGEST_LEVEL)])?;
    Some((&text[..colon], &text[colon + 1..]))
}

/// Whether a word names a facility.
fn is_facility(word: &[u8]) -> bool {
    FACILITIES.contains(&word) || word.starts_with(b"local")
}

/// Whether a line has a stamp in brackets behind facility and level: nothing else looks so.
pub(super) fn shape(line: &[u8]) -> bool {
    match line.first() {
        Some(b'[') => without_uptime(line).len() < line.len(),
        Some(b'a'..=b'z') => decoded(line).or_else(|| announced(line)).is_some_and(|outer| outer.stamp.is_some()),
        _ => false,
    }
}

/// Reads a record of `/dev/kmsg`: `PRI,SEQ,USEC,FLAGS;text`. Further lines hold fields, not text.
pub(super) fn kmsg(line: &[u8]) -> Option<Outer<'_>> {
    let end = memchr(b';', &line[..line.len().min(80)])?;
    let mut parts = line[..end].split(|&b| b == b',');
    let (priority, _, micros) =
        (digits::number(parts.next()?)?, digits::number(parts.next()?)?, digits::number(parts.next()?)?);
    parts.next()?;
    let text = &line[end + 1..];
    let outer = stamped(text, Some(Stamp::Uptime { micros }), line);
    Some(Outer { severity: severity((priority & 7) as u32), coding: Coding::Go, indent: None, ..outer })
}

/// A kernel message inside syslog or a journal, without the uptime that stands before it: the envelope's stamp is
/// better.
pub(super) fn without_uptime(text: &[u8]) -> &[u8] {
    let rest = text.strip_prefix(b"[").and_then(|inner| {
        let (_, taken) = stamps::uptime(inner)?;
        inner[taken..].strip_prefix(b"]").and_then(behind)
    });
    rest.map_or(text, without_caller)
}
