//! Entries in JSON: objects one after another or in an array, as log stores, collectors and `journalctl -o json-pretty` write
//! them, and the documents of the stores' own interfaces: Loki, CloudWatch, Elasticsearch, Azure Monitor, `dmesg -J`.

use std::borrow::Cow;
use std::io::{self, Cursor, Read};

use super::names;
use super::record::Record;
use super::stream::Framing;
use super::values::{Found, Step, Values};
use crate::base::Stamp;
use crate::envelope::outer::{outer, Outer};
use crate::envelope::{journal_json, json, kernel, peel, stamps, unescape, Envelope, Frame};
use Step::{Each, Key};

/// Where entries stand in the documents that are known, and what parts of entries stand beside them.
const PATHS: &[&[Step]] = &[
    &[Each],
    &[Key("events"), Each],
    &[Key("hits"), Key("hits"), Each],
    &[Key("dmesg"), Each],
    &[Key("data"), Key("result"), Each, Key("stream")],
    &[Key("data"), Key("result"), Each, Key("values"), Each],
    &[Key("tables"), Each, Key("columns")],
    &[Key("tables"), Each, Key("rows"), Each],
    &[Key("results"), Each],
];
const EACH: usize = 0;
const DMESG: usize = 3;
const LABELS: usize = 4;
const LABELLED: usize = 5;
const COLUMNS: usize = 6;
const ROW: usize = 7;
const FIELDS: usize = 8;

/// What a value turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An entry of a store.
    Stored,
    /// An entry of the journal.
    Journal,
    /// No entry: what labels or columns say of those that follow.
    Around,
    /// Text between the values.
    Text,
    /// An object that is no entry of a store; it may be a line that a program wrote as JSON.
    Other,
}

/// Reads the entries of JSON.
pub(super) struct Documents<R> {
    values: Values<R>,
    /// Labels of the stream, or columns of the table, at hand, as written.
    around: Vec<u8>,
}

/// At most so many bytes of labels or columns are kept.
const LONGEST_AROUND: usize = 64 << 10;

impl<R: Read> Documents<R> {
    pub(super) fn new(stream: R) -> Documents<R> {
        Documents { values: Values::new(stream, PATHS), around: Vec::new() }
    }

    /// Appends the frame of the next value; tells what it was.
    fn value(&mut self, out: &mut Vec<u8>) -> io::Result<Option<Kind>> {
        let Some((found, value, line)) = self.values.next()? else { return Ok(None) };
        let kind = match found {
            Found::Text => text(value, line, out),
            Found::Whole | Found::At(EACH) => object(value, line, out),
            Found::At(LABELS | COLUMNS) => {
                self.around.clear();
                self.around.extend_from_slice(&value[..value.len().min(LONGEST_AROUND)]);
                Kind::Around
            }
            Found::At(DMESG) => dmesg(value, line, out),
            Found::At(LABELLED) => labelled(&self.around, value, line, out),
            Found::At(ROW) => row(&self.around, value, line, out),
            Found::At(FIELDS) => fields(value, line, out),
            Found::At(_) => event(value, line, out),
        };
        Ok(Some(kind))
    }
}

impl<R: Read + Send> Framing for Documents<R> {
    fn more(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        Ok(self.value(out)?.is_some())
    }
}

/// Whether a source that begins so is JSON that holds entries. Lines of objects that are read as lines are left to that: it is
/// faster. The end of `head` may cut a value.
pub(super) fn begins(head: &[u8]) -> bool {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let Some(first) = start.first().filter(|first| matches!(first, b'{' | b'[')) else { return false };
    let inner = start[1..].trim_ascii_start().first();
    if !matches!((first, inner), (b'{', Some(b'"')) | (b'[', Some(b'{' | b'['))) {
        return false;
    }
    let mut documents = Documents::new(Cursor::new(head));
    let (mut stored, mut journal, mut other) = (0_usize, 0_usize, 0_usize);
    let mut ignored = Vec::new();
    while let Ok(Some(kind)) = documents.value(&mut ignored) {
        ignored.clear();
        match kind {
            Kind::Stored => stored += 1,
            Kind::Journal => journal += 1,
            Kind::Text | Kind::Other => other += 1,
            Kind::Around => {}
        }
    }
    // One object a line is a form of lines.
    let on_lines = first == &b'{' && journal_line(start);
    stored + if on_lines { 0 } else { journal } > other
}

/// Whether the first line is a whole entry of the journal.
fn journal_line(text: &[u8]) -> bool {
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    journal_json::read(&text[..end]).is_some() && text[..end].trim_ascii_end().ends_with(b"}")
}

/// An object that stands for itself.
fn object(object: &[u8], line: u64, out: &mut Vec<u8>) -> Kind {
    if let Some(outer) = journal_json::read(object) {
        write_outer(&outer, line, out);
        return Kind::Journal;
    }
    let record = Record::of_object(object);
    if record.is_stored() {
        record.write(line, out);
        return Kind::Stored;
    }
    // A program's own line of JSON.
    text(&on_one_line(object), line, out);
    Kind::Other
}

/// An object that the document around it tells to be an entry.
fn event(object: &[u8], line: u64, out: &mut Vec<u8>) -> Kind {
    let record = Record::of_object(object);
    if !record.is_timed() && !record.is_stored() {
        return Kind::Other;
    }
    record.write(line, out);
    Kind::Stored
}

/// `{"pri":5,"time":0.0,"msg":"…"}` of `dmesg -J`.
fn dmesg(object: &[u8], line: u64, out: &mut Vec<u8>) -> Kind {
    let (mut priority, mut stamp, mut message) = (None, None, None);
    for (key, value) in json::fields(object) {
        match key {
            b"pri" => priority = crate::envelope::digits::number(value),
            b"time" => stamp = seconds(value),
            b"msg" => message = json::string(value),
            _ => {}
        }
    }
    let Some(message) = message else { return Kind::Other };
    let severity = priority.map_or(crate::envelope::Severity::Unknown, |level| kernel::severity((level & 7) as u32));
    let message = unescape::json(message);
    Frame { severity, stamp, ident: b"kernel", ..Frame::new(Envelope::Dmesg, line, &message) }.write(out);
    Kind::Stored
}

/// Seconds since boot with however many decimals.
fn seconds(number: &[u8]) -> Option<Stamp> {
    let whole = number.split(|byte| *byte == b'.').next()?;
    let (part, _) = stamps::fraction(&number[whole.len()..]);
    let micros = crate::envelope::digits::number(whole)?.checked_mul(1_000_000)?.checked_add(part)?;
    Some(Stamp::Uptime { micros })
}

/// `["1704067390000000000", "text", {…}]` below the labels of its stream.
fn labelled(labels: &[u8], value: &[u8], line: u64, out: &mut Vec<u8>) -> Kind {
    let mut elements = json::elements(value);
    let time = elements.next().and_then(json::string).and_then(super::times::read);
    let Some(text) = elements.next().and_then(json::string) else { return Kind::Other };
    let mut record = Record::of_object(labels);
    record.stamp = time;
    record.message = Some(unescape::json(text));
    record.write(line, out);
    Kind::Stored
}

/// An array of values below the columns' names.
fn row(columns: &[u8], value: &[u8], line: u64, out: &mut Vec<u8>) -> Kind {
    let mut record = Record::default();
    for (column, value) in json::elements(columns).zip(json::elements(value)) {
        let name = json::fields(column).find(|(key, _)| *key == b"name").and_then(|(_, name)| json::string(name));
        put(&mut record, name, value);
    }
    if !record.is_timed() {
        return Kind::Other;
    }
    record.write(line, out);
    Kind::Stored
}

/// An array of `{"field": name, "value": value}`.
fn fields(value: &[u8], line: u64, out: &mut Vec<u8>) -> Kind {
    let mut record = Record::default();
    for field in json::elements(value) {
        let (mut name, mut said) = (None, &b""[..]);
        for (key, value) in json::fields(field) {
            match key {
                b"field" => name = json::string(value),
                b"value" => said = value,
                _ => {}
            }
        }
        put(&mut record, name, said);
    }
    if !record.is_timed() {
        return Kind::Other;
    }
    record.write(line, out);
    Kind::Stored
}

fn put<'r>(record: &mut Record<'r>, name: Option<&[u8]>, value: &'r [u8]) {
    let known = name.and_then(|name| std::str::from_utf8(name).ok()).and_then(names::part);
    if let (Some((part, place)), Some(text)) = (known, json::string(value)) {
        record.put(part, place, unescape::json(text));
    }
}

/// Text between the values, or a program's own line of JSON: read as a line is.
fn text(text: &[u8], line: u64, out: &mut Vec<u8>) -> Kind {
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    if !text.trim_ascii().is_empty() {
        write_outer(&outer(text), line, out);
    }
    Kind::Text
}

/// Appends what an envelope holds as a frame.
pub(super) fn write_outer(outer: &Outer<'_>, line: u64, out: &mut Vec<u8>) {
    let said = peel::said(outer);
    Frame {
        marker: outer.envelope == Envelope::Marker,
        partial: outer.partial,
        severity: outer.severity,
        stamp: outer.stamp,
        pid: outer.pid,
        host: outer.host,
        ident: said.component.as_deref().unwrap_or(outer.ident),
        unit: outer.unit,
        ..Frame::new(outer.envelope, line, &said.text)
    }
    .write(out);
}

/// An object as it would stand on one line: in JSON a line end is only ever between the parts.
fn on_one_line(object: &[u8]) -> Cow<'_, [u8]> {
    if !object.contains(&b'\n') {
        return Cow::Borrowed(object);
    }
    let lines = object.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    Cow::Owned(lines.collect::<Vec<_>>().join(&b' '))
}
