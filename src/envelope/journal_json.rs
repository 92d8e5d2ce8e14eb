//! `journalctl -o json`: one object a line, every value a string, `null` (too long, lost) or an array: of byte values
//! where the text holds control characters, else of the values of a field that occurs more than once.

use super::klog::pid;
use super::outer::Outer;
use super::{json, stamps, Coding, Envelope};

/// Reads a line as an entry of the journal: an object with a time of the journal, or at least a message.
pub(super) fn read(line: &[u8]) -> Option<Outer<'_>> {
    let mut outer = Outer::new(&[], Envelope::JournalJson);
    let (mut known, mut comm, mut subject) = (false, &[][..], &[][..]);
    let mut source_time = None;
    for (key, value) in json::fields(line) {
        // Journal fields are upper case.
        if !matches!(key.first(), Some(b'M' | b'S' | b'U' | b'_')) {
            continue;
        }
        let text = json::string(value).unwrap_or(&[]);
        match key {
            b"MESSAGE" => {
                known = true;
                (outer.message, outer.coding) = message(value);
            }
            b"__REALTIME_TIMESTAMP" => {
                known = true;
                outer.stamp = stamps::micros(text);
            }
            b"_SOURCE_REALTIME_TIMESTAMP" => source_time = stamps::micros(text),
            b"SYSLOG_IDENTIFIER" => outer.ident = text,
            b"_COMM" => comm = text,
            b"_PID" => outer.pid = pid(text),
            b"SYSLOG_PID" if outer.pid == 0 => outer.pid = pid(text),
            b"_HOSTNAME" => outer.host = text,
            b"_SYSTEMD_UNIT" => outer.unit = text,
            b"UNIT" => subject = text,
            _ => {}
        }
    }
    outer.stamp = source_time.or(outer.stamp);
    if outer.ident.is_empty() {
        outer.ident = comm;
    }
    if outer.unit.is_empty() {
        outer.unit = subject;
    }
    known.then_some(outer)
}

/// The message as written: of a field that occurs more than once the last value, as journalctl shows it.
fn message(value: &[u8]) -> (&[u8], Coding) {
    if let Some(text) = json::string(value) {
        return (text, Coding::JsonString);
    }
    if !value.starts_with(b"[") {
        return (&[], Coding::Plain);
    }
    let repeated = json::elements(value).any(|element| !element[0].is_ascii_digit());
    match json::elements(value).last() {
        Some(last) if repeated => {
            json::string(last).map_or((last, Coding::JsonBytes), |text| (text, Coding::JsonString))
        }
        _ => (value, Coding::JsonBytes),
    }
}
