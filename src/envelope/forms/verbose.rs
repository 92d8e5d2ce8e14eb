//! `journalctl -o verbose`: a line with time and cursor, then a line for each field, indented.

use std::io;

use super::stream::Framing;
use super::text::LineReader;
use crate::base::Stamp;
use crate::envelope::{colours, klog, marker, stamps, Envelope, Frame, LONGEST_LINE};

/// Blanks before a field.
const MARGIN: &[u8] = b"    ";

/// Reads the entries.
pub(super) struct Verbose {
    lines: LineReader,
    entry: Option<Entry>,
}

/// An entry whose fields are being read.
#[derive(Default)]
struct Entry {
    line: u64,
    stamp: Option<Stamp>,
    source_time: Option<Stamp>,
    fields: [Option<Vec<u8>>; FIELDS.len()],
    /// The field that an indented line goes on with, and the blanks before it.
    open: Option<(usize, usize)>,
}

/// Fields that are kept.
const FIELDS: [&[u8]; 10] = [
    b"MESSAGE",
    b"_HOSTNAME",
    b"SYSLOG_IDENTIFIER",
    b"_COMM",
    b"_PID",
    b"SYSLOG_PID",
    b"_SYSTEMD_UNIT",
    b"UNIT",
    b"_SOURCE_REALTIME_TIMESTAMP",
    b"USER_UNIT",
];
const MESSAGE: usize = 0;
const HOST: usize = 1;
const IDENT: [usize; 2] = [2, 3];
const PID: [usize; 2] = [4, 5];
const UNIT: [usize; 3] = [6, 7, 9];
const SOURCE_TIME: usize = 8;

impl Verbose {
    pub(super) fn new(lines: LineReader) -> Verbose {
        Verbose { lines, entry: None }
    }
}

impl Framing for Verbose {
    fn more(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        if !self.lines.next()? {
            write(self.entry.take(), out);
            return Ok(false);
        }
        let (line, number) = (&self.lines.line[..], self.lines.number);
        if let Some(stamp) = head(line) {
            write(self.entry.take(), out);
            self.entry = Some(Entry { line: number, stamp: Some(stamp), ..Entry::default() });
        } else if marker::read(line).is_some() {
            write(self.entry.take(), out);
            Frame { marker: true, ..Frame::new(Envelope::Marker, number, line) }.write(out);
        } else if let Some(entry) = &mut self.entry {
            entry.field(line);
        }
        Ok(true)
    }
}

impl Entry {
    fn field(&mut self, line: &[u8]) {
        if let Some((at, indent)) = self.open.filter(|(_, indent)| goes_on(line, *indent)) {
            if let Some(value) = self.fields[at].as_mut().filter(|value| value.len() + line.len() < LONGEST_LINE) {
                value.push(b'\n');
                value.extend_from_slice(line.get(indent..).unwrap_or(&[]));
            }
            return;
        }
        let text = line.strip_prefix(MARGIN).unwrap_or(line);
        let Some(end) = memchr::memchr(b'=', text) else { return };
        let name = &text[..end];
        let at = FIELDS.iter().position(|field| *field == name);
        // Lines of a value are indented as far as its name reaches, whether it is wanted or not.
        self.open = at.map(|at| (at, MARGIN.len() + end + 1));
        let Some(at) = at else { return };
        let value = &text[end + 1..];
        if at == SOURCE_TIME {
            self.source_time = stamps::micros(value);
        }
        // Of a field that is there more than once the last counts, as in the other forms.
        self.fields[at] = Some(value.to_vec());
    }

    fn first(&self, fields: &[usize]) -> &[u8] {
        fields.iter().find_map(|&at| self.fields[at].as_deref().filter(|value| !value.is_empty())).unwrap_or(&[])
    }
}

/// Whether a line goes on with a value: blanks as far as the value's own beginning.
fn goes_on(line: &[u8], indent: usize) -> bool {
    line.iter().take(indent).all(|byte| *byte == b' ') && (line.len() >= indent || line.is_empty())
}

/// The time of a head line: the cursor's, which has no zone to guess.
fn head(line: &[u8]) -> Option<Stamp> {
    let line = colours::skip(line);
    if !line.first()?.is_ascii_uppercase() {
        return None;
    }
    let (stamp, taken) = stamps::full(line)?;
    let cursor = line[taken..].strip_prefix(b" [s=")?;
    let time = cursor.split(|byte| matches!(byte, b';' | b']')).find_map(|part| part.strip_prefix(b"t="));
    let micros = time.and_then(|hex| i64::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
    Some(micros.map_or(stamp, |micros| Stamp::Absolute { micros, offset: 0 }))
}

fn write(entry: Option<Entry>, out: &mut Vec<u8>) {
    let Some(entry) = entry else { return };
    let message = entry.fields[MESSAGE].as_deref().unwrap_or_default();
    let message = message.strip_suffix(b"\n").unwrap_or(message);
    let message = colours::strip(message);
    Frame {
        stamp: entry.source_time.or(entry.stamp),
        pid: klog::pid(entry.first(&PID)),
        host: entry.first(&[HOST]),
        ident: entry.first(&IDENT),
        unit: entry.first(&UNIT),
        ..Frame::new(Envelope::JournalJson, entry.line, &message)
    }
    .write(out);
}

/// Whether a source begins as this form does, notes before it left aside.
pub(super) fn begins(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n');
    let first = lines.find(|line| !line.is_empty() && marker::read(line).is_none());
    first.is_some_and(|line| head(line).is_some())
}
