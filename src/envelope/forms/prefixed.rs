//! Lines before which a tool puts who spoke: stern, logcli, `aws logs tail`, a collector's lines in CloudWatch, fluent-bit's
//! own output. Apart from the forms of lines because here most lines of a source must be so before one is taken for it: two
//! words before a message may be anything.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;

use memchr::memchr;

use super::documents::write_outer;
use super::names;
use super::record::Record;
use super::stream::Framing;
use super::text::LineReader;
use super::times;
use crate::envelope::outer::{begins_message, outer};
use crate::envelope::{colours, marker, stamps};

/// Prefixes remembered at most.
const MOST_PREFIXES: usize = 4096;

/// The longest name in a prefix.
const LONGEST_NAME: usize = 256;

/// Reads the lines.
pub(super) struct Prefixed {
    lines: LineReader,
    /// Words that stood before a message: what follows them is a message too, whatever it looks like.
    known: BTreeSet<Vec<u8>>,
}

impl Prefixed {
    pub(super) fn new(lines: LineReader) -> Prefixed {
        Prefixed { lines, known: BTreeSet::new() }
    }
}

impl Framing for Prefixed {
    fn more(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        if !self.lines.next()? {
            return Ok(false);
        }
        let (number, shown) = (self.lines.number, &self.lines.line[..]);
        let line = colours::strip(&self.lines.line);
        if let Some(lined) = read(&line) {
            if self.known.len() < MOST_PREFIXES && !self.known.contains(lined.prefix) {
                self.known.insert(lined.prefix.to_vec());
            }
            lined.record.shown_as(shown).write(number, out);
        } else if let Some(record) = again(&line, &self.known) {
            record.shown_as(shown).write(number, out);
        } else if !line.is_empty() && !note(&line) {
            write_outer(&outer(&line), number, out);
        }
        Ok(true)
    }
}

/// A line and the words before its message.
struct Lined<'a> {
    prefix: &'a [u8],
    record: Record<'a>,
}

/// Whether most lines of a text have such a prefix.
pub(super) fn begins(text: &[u8]) -> bool {
    let (mut prefixed, mut other) = (0_usize, 0_usize);
    let mut known = BTreeSet::new();
    for line in text.split(|byte| *byte == b'\n') {
        let line = colours::strip(line.strip_suffix(b"\r").unwrap_or(line));
        if line.is_empty() || note(&line) {
            continue;
        }
        match read(&line) {
            Some(lined) => {
                prefixed += 1;
                if !known.contains(lined.prefix) {
                    known.insert(lined.prefix.to_vec());
                }
            }
            None if again(&line, &known).is_some() => prefixed += 1,
            None => other += 1,
        }
        // Most sources are told from their first lines.
        if other > TOLD && other > 2 * prefixed {
            return false;
        }
    }
    prefixed > other
}

/// Lines of another form after which a source is not looked at further.
const TOLD: usize = 32;

/// What a tool says between the lines: `+ pod › container`, markers of journalctl.
fn note(line: &[u8]) -> bool {
    ((line.starts_with(b"+ ") || line.starts_with(b"- ")) && line.contains(&0xe2)) || marker::read(line).is_some()
}

fn read(line: &[u8]) -> Option<Lined<'_>> {
    match line.first()? {
        b'[' => collected(line),
        b'0'..=b'9' => timed(line).or_else(|| named(line)),
        b'a'..=b'z' => named(line),
        _ => None,
    }
}

/// A line with a prefix that was seen before.
fn again<'a>(line: &'a [u8], known: &BTreeSet<Vec<u8>>) -> Option<Record<'a>> {
    if !matches!(line.first()?, b'a'..=b'z' | b'0'..=b'9') {
        return None;
    }
    let mut at = 0;
    for _ in 0..MOST_NAMES {
        at += memchr(b' ', &line[at..])? + 1;
        if known.contains(&line[..at]) {
            return Some(speaker(&line[..at], &line[at..]));
        }
    }
    None
}

/// Names in a prefix of stern at most: namespace, pod, container.
const MOST_NAMES: usize = 3;

/// `[NAMESPACE ]POD CONTAINER message`, as stern prints it.
fn named(line: &[u8]) -> Option<Lined<'_>> {
    let mut at = 0;
    for count in 1..=MOST_NAMES {
        let end = memchr(b' ', &line[at..]).filter(|&end| is_name(&line[at..at + end]))?;
        at += end + 1;
        let rest = &line[at..];
        if count > 1 && (begins_message(rest) && !rest.is_empty() || stamps::iso(rest).is_some()) {
            return Some(Lined { prefix: &line[..at], record: speaker(&line[..at], rest) });
        }
    }
    None
}

/// Whether a word may name a pod or a container.
fn is_name(word: &[u8]) -> bool {
    let letters = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    !word.is_empty()
        && word.len() <= LONGEST_NAME
        && word.iter().all(letters)
        && word[0].is_ascii_alphanumeric()
        && word[word.len() - 1].is_ascii_alphanumeric()
}

fn speaker<'a>(prefix: &'a [u8], message: &'a [u8]) -> Record<'a> {
    let mut names = prefix.split(|byte| *byte == b' ').filter(|name| !name.is_empty()).rev();
    let mut record = Record::said(None, Cow::Borrowed(message));
    let mut next = || Cow::Borrowed(names.next().unwrap_or_default());
    // `aws logs tail` has one name only, the stream's.
    if prefix.iter().filter(|byte| **byte == b' ').count() > 1 {
        record.container = next();
        record.pod = next();
        record.namespace = next();
    }
    record
}

/// A time, then labels in braces (logcli), an object (a collector in CloudWatch), or the name of a stream (`aws logs tail`).
fn timed(line: &[u8]) -> Option<Lined<'_>> {
    let (_, taken) = stamps::iso(line)?;
    let stamp = times::read(&line[..taken]);
    let rest = line[taken..].strip_prefix(b" ")?;
    if let Some(inner) = rest.strip_prefix(b"{") {
        if inner.first() == Some(&b'"') {
            let stored = Record::of_object(rest);
            let record = Record::said(stamp, Cow::Borrowed(rest));
            return stored.is_stored().then_some(Lined { prefix: &[], record });
        }
        let (mut record, end) = labels(inner)?;
        let message = inner[end..].strip_prefix(b" ").unwrap_or(&inner[end..]);
        record.message = Some(Cow::Borrowed(message));
        record.stamp = stamp;
        return Some(Lined { prefix: &[], record });
    }
    let end = memchr(b' ', &rest[..rest.len().min(LONGEST_NAME)])?;
    let (word, message) = (&rest[..end], &rest[end + 1..]);
    if matches!(word, b"stdout" | b"stderr") || message.is_empty() || word.ends_with(b":") || begins_message(rest) {
        return None;
    }
    let own = begins_message(message) && !word.contains(&b'=');
    let record = Record::said(stamp, Cow::Borrowed(message));
    own.then_some(Lined { prefix: &[], record })
}

/// `name="value", name="value"}` and how far it reaches.
fn labels(text: &[u8]) -> Option<(Record<'_>, usize)> {
    let mut record = Record::default();
    let mut at = 0;
    while text.get(at)? != &b'}' {
        let rest = &text[at..];
        let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let value = rest.get(name..)?.strip_prefix(b"=")?;
        let end = crate::envelope::json::string_end(value)?;
        let known = std::str::from_utf8(&rest[..name]).ok().and_then(names::part);
        if let Some((part, place)) = known {
            record.put(part, place, crate::envelope::unescape::go(&value[1..end - 1]));
        }
        at += name + 1 + end;
        let between = text[at..].iter().take_while(|byte| matches!(byte, b',' | b' ')).count();
        at += between;
    }
    Some((record, at + 1))
}

/// `[0] tag: [1704067390.123456789, {"MESSAGE"=>"…"}]`, as fluent-bit prints what it collects; newer ones put time and
/// metadata in brackets of their own.
fn collected(line: &[u8]) -> Option<Lined<'_>> {
    let digits = line[1..].iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
    let rest = line[1 + digits..].strip_prefix(b"] ").filter(|_| digits > 0)?;
    let tag = memchr::memmem::find(&rest[..rest.len().min(LONGEST_NAME)], b": [")?;
    let inner = rest[tag + 3..].strip_prefix(b"[").unwrap_or(&rest[tag + 3..]);
    let end = inner.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let stamp = times::read(&inner[..end])?;
    let object = memchr::memmem::find(inner, b", {\"").or_else(|| memchr::memmem::find(inner, b" {\""))?;
    let json = with_colons(inner[object..].trim_ascii_start().strip_prefix(b",").unwrap_or(&inner[object..]));
    let record = Record::said(Some(stamp), Cow::Owned(json));
    Some(Lined { prefix: &[], record })
}

/// The object as JSON: `=>` outside strings becomes a colon.
fn with_colons(text: &[u8]) -> Vec<u8> {
    let text = text.trim_ascii_start();
    let mut json = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let taken = match text[at] {
            b'"' => crate::envelope::json::string_end(&text[at..]).unwrap_or(text.len() - at),
            b'=' if text.get(at + 1) == Some(&b'>') => {
                json.push(b':');
                at += 2;
                continue;
            }
            _ => 1,
        };
        json.extend_from_slice(&text[at..at + taken]);
        at += taken;
    }
    json
}
