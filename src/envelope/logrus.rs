//! logrus and other logfmt writers: `time="…" level=info msg="…" key=value`, the form it has on a terminal (`INFO[0000] text`), and k0s, which wraps
//! the lines of the programs that it runs in `msg`.

use std::borrow::Cow;

use memchr::memmem;

use super::json::string_end;
use super::{stamps, unescape, Header, Severity};

/// Pairs at the start of a line among which stamp, level and caller stand.
const FIRST_PAIRS: usize = 5;

/// Severity of a level's word, in any case and also cut to four letters.
pub(super) fn severity(word: &[u8]) -> Option<Severity> {
    let mut lower = [0; 8];
    let word = word.get(..word.len().min(8))?;
    lower[..word.len()].copy_from_slice(word);
    lower.make_ascii_lowercase();
    Some(match &lower[..word.len()] {
        b"trace" | b"debug" | b"trac" | b"debu" => Severity::Debug,
        b"info" | b"notice" => Severity::Info,
        b"warn" | b"warning" => Severity::Warning,
        b"error" | b"erro" | b"err" => Severity::Error,
        b"fatal" | b"panic" | b"dpanic" | b"fata" | b"pani" | b"critical" => Severity::Fatal,
        _ => return None,
    })
}

/// Reads the header of a logfmt line: a level, and a stamp or a message.
pub(super) fn header(message: &[u8]) -> Option<Header<'_>> {
    let mut header = Header { severity: Severity::Unknown, stamp: None, pid: 0, file: &[], len: 0 };
    let mut rest = message;
    for _ in 0..FIRST_PAIRS {
        let Some((key, value, len)) = pair(rest) else {
            break;
        };
        match key {
            b"time" | b"ts" | b"t" => header.stamp = stamps::iso(value).map(|(stamp, _)| stamp),
            b"level" | b"lvl" => header.severity = severity(value)?,
            b"caller" | b"source" => header.file = file(value),
            b"msg" => break,
            _ => {}
        }
        rest = rest.get(len..).and_then(|rest| rest.strip_prefix(b" ")).unwrap_or(&[]);
    }
    (header.severity != Severity::Unknown).then_some(header)
}

/// The pair that `text` begins with: key, value without its quotes but still escaped, and length.
fn pair(text: &[u8]) -> Option<(&[u8], &[u8], usize)> {
    let key = text.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'/')).count();
    let value = text[key..].strip_prefix(b"=").filter(|_| key > 0)?;
    if let Some(end) = string_end(value) {
        return Some((&text[..key], &value[1..end - 1], key + 1 + end));
    }
    let end = memchr::memchr(b' ', value).unwrap_or(value.len());
    Some((&text[..key], &value[..end], key + 1 + end))
}

/// Base name of a `dir/file.go:12`.
pub(super) fn file(caller: &[u8]) -> &[u8] {
    let caller = &caller[..caller.iter().rposition(|&b| b == b':').unwrap_or(caller.len())];
    &caller[caller.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1)..]
}

/// Reads the header of logrus' terminal form: four letters and the time, or the seconds since the program began, in brackets.
pub(super) fn terminal(message: &[u8]) -> Option<Header<'_>> {
    let bracket = message.get(4..)?.strip_prefix(b"[")?;
    if !message[..4].iter().all(u8::is_ascii_uppercase) {
        return None;
    }
    let severity = severity(&message[..4])?;
    let stamp = stamps::iso(bracket);
    let closes = match stamp {
        Some((_, taken)) => bracket.get(taken) == Some(&b']'),
        None => {
            bracket.get(4..).is_some_and(|rest| bracket[..4].iter().all(u8::is_ascii_digit) && rest.starts_with(b"]"))
        }
    };
    closes.then_some(Header { severity, stamp: stamp.map(|(stamp, _)| stamp), pid: 0, file: &[], len: 0 })
}

/// A line of another program that k0s wraps: the inner line still quoted, and the component that wrote it.
pub(super) struct Wrapped<'a> {
    pub(super) inner: &'a [u8],
    pub(super) component: &'a [u8],
}

/// Whether a message ends as k0s ends the lines that it wraps.
pub(super) fn ends_wrapped(message: &[u8]) -> bool {
    message.ends_with(b" stream=stderr") || message.ends_with(b" stream=stdout")
}

/// Finds the wrapped line in a message.
pub(super) fn wrapped(message: &[u8]) -> Option<Wrapped<'_>> {
    if !message.starts_with(b"time=\"") || !ends_wrapped(message) {
        return None;
    }
    let start = memmem::find(message, b" msg=\"")? + 5;
    let end = start + string_end(&message[start..])?;
    let (key, component, _) = pair(message[end..].strip_prefix(b" ")?)?;
    (key == b"component").then_some(Wrapped { inner: &message[start + 1..end - 1], component })
}

/// The wrapped line, unquoted.
pub(super) fn unwrap<'a>(wrapped: &Wrapped<'a>) -> Cow<'a, [u8]> {
    unescape::go(wrapped.inner)
}
