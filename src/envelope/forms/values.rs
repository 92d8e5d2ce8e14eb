//! Finds the objects and arrays of a JSON stream that hold entries, without building the document: values that follow
//! each other, in an array, or deep inside a document, on one line or over many. What is held is one value, up to a
//! limit, however large the document is.
//!
//! It is lenient, as logs need it: a value that is cut or broken is given up at the end of the line on which its string
//! does not end, and text between the values is given out as text.

use std::io::{self, Read};
use std::ops::Range;

use crate::envelope::LONGEST_LINE;

/// A step of the way from the document's root to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The value of this key.
    Key(&'static str),
    /// Each element of an array.
    Each,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A value at the wanted path of that number.
    At(usize),
    /// An object of the outermost level in which no wanted path was met.
    Whole,
    /// A line of text between the values.
    Text,
}

/// A level of nesting: what is open.
#[derive(Debug, Clone, Copy)]
enum Level {
    Array,
    /// With the key at hand, where it is one of the wanted paths'.
    Object(Option<&'static str>),
}

/// Levels of which the path is kept; below, they are only counted.
const DEEPEST: usize = 8;

/// Bytes kept of a key.
const LONGEST_KEY: usize = 64;

/// A value that is being copied.
#[derive(Debug, Default)]
struct Copied {
    bytes: Vec<u8>,
    line: u64,
    /// Too long, or not wanted any more.
    dropped: bool,
}

impl Copied {
    fn begin(&mut self, line: u64) {
        self.bytes.clear();
        self.line = line;
        self.dropped = false;
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.bytes.len() + bytes.len() <= LONGEST_LINE {
            self.bytes.extend_from_slice(bytes);
        } else {
            self.dropped = true;
        }
    }
}

/// Walks over a stream and gives the values that stand at the wanted paths.
pub(super) struct Values<R> {
    stream: R,
    wanted: &'static [&'static [Step]],
    buffer: Vec<u8>,
    unread: Range<usize>,
    line: u64,
    levels: Vec<Level>,
    /// Levels open below those.
    deeper: u32,
    in_string: bool,
    /// The string at hand, or the last one, as far as it may be a key.
    string: Vec<u8>,
    in_text: bool,
    whole: Copied,
    part: Copied,
    /// The path whose value is being copied.
    copying: Option<usize>,
    found: Option<Found>,
}

impl<R: Read> Values<R> {
    pub(super) fn new(stream: R, wanted: &'static [&'static [Step]]) -> Values<R> {
        Values {
            stream,
            wanted,
            buffer: vec![0; 64 << 10],
            unread: 0..0,
            line: 1,
            levels: Vec::new(),
            deeper: 0,
            in_string: false,
            string: Vec::new(),
            in_text: false,
            whole: Copied::default(),
            part: Copied::default(),
            copying: None,
            found: None,
        }
    }

    /// The next value: what it is, its bytes, and the line on which it begins.
    ///
    /// # Errors
    /// What the stream says.
    pub(super) fn next(&mut self) -> io::Result<Option<(Found, &[u8], u64)>> {
        self.found = None;
        while self.found.is_none() {
            if self.unread.is_empty() {
                let got = self.stream.read(&mut self.buffer)?;
                self.unread = 0..got;
                if got == 0 {
                    self.at_end();
                    break;
                }
            }
            self.step();
        }
        let Some(found) = self.found else { return Ok(None) };
        let copied = if matches!(found, Found::At(_)) { &self.part } else { &self.whole };
        Ok(Some((found, &copied.bytes, copied.line)))
    }

    /// A text or an object that the end of the stream cuts short is given out as far as it goes.
    fn at_end(&mut self) {
        if self.in_text {
            self.found = Some(Found::Text);
        } else if let Some(path) = self.copying {
            self.found = Some(Found::At(path)).filter(|_| !self.part.dropped);
        } else if matches!(self.levels[..], [Level::Object(_), ..]) && !self.whole.dropped {
            self.found = Some(Found::Whole);
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.levels.clear();
        self.deeper = 0;
        self.in_string = false;
        self.in_text = false;
        self.copying = None;
    }

    /// Reads the next stretch of a string or of a text, or the next byte of anything else.
    fn step(&mut self) {
        let unread = &self.buffer[self.unread.clone()];
        if !self.in_string && !self.in_text {
            let byte = unread[0];
            self.unread.start += 1;
            return self.byte(byte);
        }
        let end =
            if self.in_text { memchr::memchr(b'\n', unread) } else { memchr::memchr3(b'"', b'\\', b'\n', unread) };
        let taken = end.map_or(unread.len(), |end| end + 1);
        let stretch = self.unread.start..self.unread.start + taken;
        self.unread.start += taken;
        let last = self.buffer[stretch.end - 1];
        if self.in_text {
            return self.text(stretch, end.is_some());
        }
        self.copy(stretch.clone());
        let room = LONGEST_KEY.saturating_sub(self.string.len()).min(taken);
        self.string.extend_from_slice(&self.buffer[stretch.start..stretch.start + room]);
        match last {
            b'"' if end.is_some() => self.in_string = false,
            b'\\' if end.is_some() => self.escaped(),
            b'\n' if end.is_some() => {
                self.line += 1;
                self.reset();
            }
            _ => {}
        }
    }

    /// The byte behind a backslash belongs to the string whatever it is.
    fn escaped(&mut self) {
        if self.unread.is_empty() {
            let got = loop {
                match self.stream.read(&mut self.buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other.unwrap_or(0),
                }
            };
            self.unread = 0..got;
        }
        if !self.unread.is_empty() && self.buffer[self.unread.start] != b'\n' {
            let at = self.unread.start;
            self.unread.start += 1;
            self.copy(at..at + 1);
        }
    }

    fn text(&mut self, stretch: Range<usize>, ends: bool) {
        let text = &self.buffer[stretch.start..stretch.end - usize::from(ends)];
        let room = LONGEST_LINE.saturating_sub(self.whole.bytes.len()).min(text.len());
        self.whole.bytes.extend_from_slice(&text[..room]);
        if ends {
            self.line += 1;
            self.in_text = false;
            self.found = Some(Found::Text);
        }
    }

    fn copy(&mut self, stretch: Range<usize>) {
        if self.copying.is_some() {
            self.part.push(&self.buffer[stretch.clone()]);
        }
        if !self.whole.dropped && !self.levels.is_empty() {
            self.whole.push(&self.buffer[stretch]);
        }
    }

    fn byte(&mut self, byte: u8) {
        match byte {
            b'{' | b'[' => self.open(byte),
            b'}' | b']' => self.close(byte),
            _ if self.levels.is_empty() => match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' | b',' | 0x1e => {}
                0xef | 0xbb | 0xbf if self.line == 1 => {}
                _ => {
                    self.in_text = true;
                    self.whole.begin(self.line);
                    self.whole.push(&[byte]);
                }
            },
            _ => {
                self.put(byte);
                match byte {
                    b'"' => {
                        self.in_string = true;
                        self.string.clear();
                    }
                    b':' if self.deeper == 0 => self.key(),
                    b'\n' => self.line += 1,
                    _ => {}
                }
            }
        }
    }

    fn put(&mut self, byte: u8) {
        if self.copying.is_some() {
            self.part.push(&[byte]);
        }
        if !self.whole.dropped {
            self.whole.push(&[byte]);
        }
    }

    /// The string at hand is the key of what follows.
    fn key(&mut self) {
        let string = self.string.strip_suffix(b"\"").unwrap_or(&self.string);
        let mut keys = self.wanted.iter().flat_map(|path| path.iter()).filter_map(|step| match step {
            Step::Key(key) => Some(*key),
            Step::Each => None,
        });
        let key = keys.find(|key| key.as_bytes() == string);
        if let Some(Level::Object(at_hand)) = self.levels.last_mut() {
            *at_hand = key;
        }
    }

    /// The wanted path that leads to a value which begins here.
    fn here(&self) -> Option<usize> {
        let fits = |(level, step): (&Level, &Step)| match (level, step) {
            (Level::Array, Step::Each) => true,
            (Level::Object(at_hand), Step::Key(key)) => *at_hand == Some(*key),
            _ => false,
        };
        let leads = |path: &&'static [Step]| path.len() == self.levels.len() && self.levels.iter().zip(*path).all(fits);
        if self.deeper > 0 || self.levels.is_empty() {
            return None;
        }
        self.wanted.iter().position(leads)
    }

    fn open(&mut self, byte: u8) {
        if self.levels.is_empty() {
            self.whole.begin(self.line);
        }
        if self.copying.is_none() {
            self.copying = self.here();
            if self.copying.is_some() {
                self.part.begin(self.line);
                // Its entries are given out one by one.
                self.whole.dropped = true;
            }
        }
        self.put(byte);
        if self.levels.len() < DEEPEST {
            self.levels.push(if byte == b'[' { Level::Array } else { Level::Object(None) });
        } else {
            self.deeper = self.deeper.saturating_add(1);
        }
    }

    fn close(&mut self, byte: u8) {
        if self.levels.is_empty() {
            return;
        }
        self.put(byte);
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let closed = self.levels.pop();
        if let Some(path) = self.copying {
            if self.levels.len() == self.wanted[path].len() {
                self.copying = None;
                self.found = Some(Found::At(path)).filter(|_| !self.part.dropped);
            }
        } else if self.levels.is_empty() && matches!(closed, Some(Level::Object(_))) && !self.whole.dropped {
            self.found = Some(Found::Whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: &[&[Step]] = &[&[Step::Each], &[Step::Key("events"), Step::Each]];

    fn found(text: &str) -> Vec<(Found, String, u64)> {
        let mut values = Values::new(text.as_bytes(), PATHS);
        let mut all = Vec::new();
        while let Some((found, bytes, line)) = values.next().expect("a slice can be read") {
            all.push((found, String::from_utf8_lossy(bytes).into_owned(), line));
        }
        all
    }

    #[test]
    fn values_wherever_they_stand() {
        let whole = |text: &str, line| (Found::Whole, text.to_string(), line);
        let at = |path, text: &str, line| (Found::At(path), text.to_string(), line);
        assert_eq!(found("{\"a\":1}\n{\"b\":\"}\\\"\"}"), [whole("{\"a\":1}", 1), whole("{\"b\":\"}\\\"\"}", 2)]);
        assert_eq!(found("[\n {\"a\":1},\n {\"b\":[1]}]"), [at(0, "{\"a\":1}", 2), at(0, "{\"b\":[1]}", 3)]);
        let document = "{\"x\": {\"events\": [1]},\n\"events\" : [\n{\"events\":[]}, []], \"y\": 2}";
        assert_eq!(found(document), [at(1, "{\"events\":[]}", 3), at(1, "[]", 3)]);
    }

    #[test]
    fn what_is_broken_costs_its_line_and_text_is_told() {
        let text = |text: &str, line| (Found::Text, text.to_string(), line);
        let whole = |text: &str, line| (Found::Whole, text.to_string(), line);
        assert_eq!(found("note\n{\"a\": \"cut\n{\"b\":1}"), [text("note", 1), whole("{\"b\":1}", 3)]);
        assert_eq!(found("}]]\n{\"b\":"), [whole("{\"b\":", 2)]);
        let deep = "[".repeat(100_000) + &"]".repeat(100_000) + "{}";
        assert_eq!(found(&deep).last(), Some(&whole("{}", 1)));
    }
}
