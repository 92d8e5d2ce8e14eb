//! Programs' own lines that begin with a date: capnslog (old etcd), zap's console form, and others that write date,
//! time and a level.

use memchr::memchr;

use super::{logrus, stamps, Header, Severity};

/// Words behind the stamp among which a level may stand.
const FIRST_WORDS: usize = 3;

/// Reads the header: `2023-12-31 22:59:00.000001 W | etcdserver: text`, `TIME TAB LEVEL TAB …`, `TIME [INFO] text`.
pub(super) fn header(message: &[u8]) -> Option<Header<'_>> {
    let (stamp, taken) = stamps::iso(message)?;
    let rest = &message[taken..];
    let header = Header { severity: Severity::Unknown, stamp: Some(stamp), pid: 0, file: &[], len: 0 };
    match rest.first() {
        Some(b'\t') => Some(console(rest, header)),
        Some(b' ') | None => Some(capnslog(rest, header).unwrap_or_else(|| Header { severity: level(rest), ..header })),
        _ => None,
    }
}

/// Reads what gRPC's own logger writes: `WARNING: 2024/01/01 00:03:10 text`.
pub(super) fn levelled(message: &[u8]) -> Option<Header<'_>> {
    let end = memchr(b':', &message[..message.len().min(LONGEST_LEVEL)])?;
    let severity = logrus::severity(&message[..end]).filter(|_| message[..end].iter().all(u8::is_ascii_uppercase))?;
    let (stamp, _) = stamps::iso(message[end + 1..].strip_prefix(b" ")?)?;
    Some(Header { severity, stamp: Some(stamp), pid: 0, file: &[], len: 0 })
}

/// Bytes within which a level and its colon stand.
const LONGEST_LEVEL: usize = 10;

/// ` W | package: text`, with `[file.go:12]` before the letter in the debug form.
fn capnslog<'a>(rest: &'a [u8], header: Header<'a>) -> Option<Header<'a>> {
    let rest = rest.strip_prefix(b" ")?;
    let (file, rest) = match rest.strip_prefix(b"[") {
        Some(inner) => {
            let end = memchr(b']', inner)?;
            (logrus::file(&inner[..end]), inner[end + 1..].strip_prefix(b" ")?)
        }
        None => (&[][..], rest),
    };
    let (letter, rest) = rest.split_first()?;
    if !rest.starts_with(b" | ") {
        return None;
    }
    let severity = match letter {
        b'C' => Severity::Fatal,
        b'E' => Severity::Error,
        b'W' => Severity::Warning,
        b'N' | b'I' => Severity::Info,
        b'D' | b'T' => Severity::Debug,
        _ => return None,
    };
    Some(Header { severity, file, ..header })
}

/// Columns parted by TAB: level first, then perhaps a logger, then the caller.
fn console<'a>(rest: &'a [u8], header: Header<'a>) -> Header<'a> {
    let mut columns = rest.split(|&b| b == b'\t').skip(1);
    let severity = columns.next().and_then(logrus::severity).unwrap_or(Severity::Unknown);
    let is_caller = |column: &&[u8]| column.contains(&b':') && !column.contains(&b' ');
    let file = columns.take(2).find(is_caller).map_or(&[][..], logrus::file);
    Header { severity, file, ..header }
}

/// A level among the first words, in brackets or not; only in capitals, since a sentence may hold such a word too.
fn level(rest: &[u8]) -> Severity {
    let words = rest.split(|b| matches!(b, b' ' | b'[' | b']' | b':' | b'|')).filter(|word| !word.is_empty());
    let capitals = |word: &&[u8]| word.iter().all(u8::is_ascii_uppercase);
    words.take(FIRST_WORDS).filter(capitals).find_map(logrus::severity).unwrap_or(Severity::Unknown)
}
