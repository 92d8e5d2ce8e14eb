//! `journalctl -o export`: `NAME=value` lines, an empty line after each entry. A value that is not plain text stands as `NAME`, LF, its length in
//! eight bytes (little endian), its bytes, LF; it may hold anything, so entries are found by walking over fields, never by searching for lines.

use std::ops::Range;

use memchr::memchr;

use super::klog::pid;
use super::outer::Outer;
use super::{stamps, Envelope};

/// Bytes of a binary value's length.
const LENGTH: usize = 8;

/// One field: where its name and value stand, and where the next begins.
struct Field {
    name: Range<usize>,
    value: Range<usize>,
    next: usize,
}

/// The field that begins at `at`. `Err` where `text` ends within it.
fn field(text: &[u8], at: usize) -> Result<Field, ()> {
    let line_end = at + memchr(b'\n', &text[at..]).ok_or(())?;
    if let Some(sign) = memchr(b'=', &text[at..line_end]) {
        return Ok(Field { name: at..at + sign, value: at + sign + 1..line_end, next: line_end + 1 });
    }
    let start = line_end + 1 + LENGTH;
    let length = text.get(line_end + 1..start).and_then(|bytes| bytes.try_into().ok()).ok_or(())?;
    let length = usize::try_from(u64::from_le_bytes(length)).map_err(|_| ())?;
    let end = start.checked_add(length).filter(|&end| end < text.len()).ok_or(())?;
    Ok(Field { name: at..line_end, value: start..end, next: end + 1 })
}

/// The entry that begins at or after `at`, without the empty line that ends it, and where the next may begin. `None` where `text` ends before
/// the entry does.
pub(super) fn entry_at(text: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    let start = at + text.get(at..)?.iter().take_while(|&&b| b == b'\n').count();
    let mut at = start;
    while at < text.len() {
        if text[at] == b'\n' {
            return Some((start..at, at + 1));
        }
        at = field(text, at).ok()?.next;
    }
    None
}

/// The entry that begins at or after `at` and that the end of `text` cuts off, up to its last line end.
pub(super) fn rest_at(text: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    let start = at + text.get(at..)?.iter().take_while(|&&b| b == b'\n').count();
    let end = start + memchr::memrchr(b'\n', &text[start..])? + 1;
    Some((start..end, text.len()))
}

/// Reads an entry.
pub(super) fn read(entry: &[u8]) -> Outer<'_> {
    let mut outer = Outer::new(&[], Envelope::Export);
    let (mut comm, mut subject) = (&[][..], &[][..]);
    let mut source_time = None;
    let mut at = 0;
    while at < entry.len() {
        let Some((name, value, next)) = slices(entry, at) else {
            break;
        };
        match name {
            b"MESSAGE" => outer.message = value,
            b"__REALTIME_TIMESTAMP" => outer.stamp = stamps::micros(value),
            b"_SOURCE_REALTIME_TIMESTAMP" => source_time = stamps::micros(value),
            b"SYSLOG_IDENTIFIER" => outer.ident = value,
            b"_COMM" => comm = value,
            b"_PID" => outer.pid = pid(value),
            b"SYSLOG_PID" if outer.pid == 0 => outer.pid = pid(value),
            b"_HOSTNAME" => outer.host = value,
            b"_SYSTEMD_UNIT" => outer.unit = value,
            b"UNIT" => subject = value,
            _ => {}
        }
        at = next;
    }
    outer.stamp = source_time.or(outer.stamp);
    if outer.ident.is_empty() {
        outer.ident = comm;
    }
    if outer.unit.is_empty() {
        outer.unit = subject;
    }
    outer
}

/// Name and value of the field at `at`, and where the next begins; the last field of an entry may lack its line end.
fn slices(entry: &[u8], at: usize) -> Option<(&[u8], &[u8], usize)> {
    match field(entry, at) {
        Ok(field) => Some((&entry[field.name], &entry[field.value], field.next)),
        Err(()) => {
            let sign = memchr(b'=', &entry[at..])?;
            Some((&entry[at..at + sign], &entry[at + sign + 1..], entry.len()))
        }
    }
}

/// Whether a source begins as an export does: a field of the journal's own in the first entry.
pub(super) fn begins(head: &[u8]) -> bool {
    let start = head.iter().take_while(|&&b| b == b'\n').count();
    let mut at = start;
    while at < head.len() {
        let Ok(field) = field(head, at) else {
            return false;
        };
        let name = &head[field.name];
        if name == b"__REALTIME_TIMESTAMP" || name == b"__CURSOR" {
            return true;
        }
        if name.is_empty() || !name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_') {
            return false;
        }
        at = field.next;
    }
    false
}
