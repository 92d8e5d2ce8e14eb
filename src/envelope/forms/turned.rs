//! Turns a source round that stands newest first, so that position is the order of time as everywhere else, and puts lines in
//! their place that stand before the head they belong to. Numbers of lines stay those of the source.

use std::io::{self, Read};
use std::ops::Range;

use super::order::Order;
use super::sections;
use super::stream::{FrameStream, Framing};
use crate::base::Stamp;
use crate::envelope::entries::line_at;
use crate::envelope::frame::frame_at;
use crate::envelope::joiner::indented;
use crate::envelope::{entries, peel, Envelope, Frame, Guess, Layout};

/// What is turned round is held whole: of a longer source the oldest entries, at its end, are not read.
pub(super) const MOST_HELD: usize = 64 << 20;

/// Reads a stream whole, as far as it is held; true where there is more.
fn read_whole(stream: &mut dyn Read, into: &mut Vec<u8>) -> io::Result<bool> {
    let mut limited = stream.take(MOST_HELD as u64 + 1);
    // Interruptions by signals are seen to by the standard library.
    limited.read_to_end(into)?;
    Ok(into.len() > MOST_HELD)
}

fn too_long() -> io::Error {
    let limit = MOST_HELD >> 20;
    io::Error::other(format!("the newest entries stand first: those beyond the first {limit} MiB are not read"))
}

/// Lines that stand newest first, or whose further lines stand before their heads.
pub(super) struct TurnedLines {
    stream: Option<Box<dyn Read + Send>>,
    order: Order,
    text: Vec<u8>,
    /// Number of each line of `text` in the source.
    numbers: Vec<u64>,
    /// Starts of the parts of `text` that are not given out, the next last.
    parts: Vec<Range<usize>>,
    /// Lines before the next part.
    line: usize,
    too_long: bool,
}

/// Bytes of a part.
const PART: usize = 1 << 20;

impl TurnedLines {
    pub(super) fn new(stream: Box<dyn Read + Send>, order: Order) -> TurnedLines {
        let (text, numbers, parts) = (Vec::new(), Vec::new(), Vec::new());
        TurnedLines { stream: Some(stream), order, text, numbers, parts, line: 0, too_long: false }
    }

    fn turn(&mut self, stream: &mut dyn Read) -> io::Result<()> {
        let mut source = Vec::new();
        self.too_long = read_whole(stream, &mut source)?;
        if self.too_long {
            source.truncate(memchr::memrchr(b'\n', &source[..MOST_HELD]).map_or(0, |end| end + 1));
        }
        (self.text, self.numbers) = in_order(&source, self.order);
        let mut at = 0;
        while at < self.text.len() {
            use crate::input::Cut;
            let rest = &self.text[at..];
            let cut = if rest.len() > PART { Layout::Lines.cut(&rest[..PART]) } else { None };
            let length = cut.or_else(|| memchr::memchr(b'\n', rest.get(PART..)?).map(|end| PART + end + 1));
            let length = length.unwrap_or(rest.len());
            self.parts.push(at..at + length);
            at += length;
        }
        self.parts.reverse();
        Ok(())
    }
}

impl Framing for TurnedLines {
    fn more(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        if let Some(mut stream) = self.stream.take() {
            self.turn(&mut stream)?;
        }
        let Some(part) = self.parts.pop() else {
            return if self.too_long { Err(too_long()) } else { Ok(false) };
        };
        let text = &self.text[part];
        let mut guess = Guess::default();
        for raw in entries(Layout::Lines, text) {
            let entry = raw.peel(text, &mut guess);
            let line = self.numbers.get(self.line + raw.line as usize).copied().unwrap_or(0);
            if entry.envelope == Envelope::Text && entry.message.is_empty() {
                continue;
            }
            let marker = entry.envelope == Envelope::Marker;
            Frame { marker, ..sections::frame(&raw, &entry, text, line) }.write(out);
        }
        self.line += memchr::memchr_iter(b'\n', text).count();
        Ok(true)
    }
}

/// The lines in the order of time, each with an end, and their numbers.
fn in_order(source: &[u8], order: Order) -> (Vec<u8>, Vec<u64>) {
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(range) = line_at(source, at) {
        at = range.end + 1;
        lines.push(range);
    }
    let is_further = |range: &Range<usize>| {
        let line = peel::line(source, range);
        !line.is_empty() && indented(line)
    };
    // Entries with the lines that belong to them, as they stand.
    let mut units: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for at in 0..lines.len() {
        let ends = match order.lines_before_head {
            true => !is_further(&lines[at]),
            false => lines.get(at + 1).is_none_or(|next| !is_further(next)),
        };
        if ends || at + 1 == lines.len() {
            units.push(start..at + 1);
            start = at + 1;
        }
    }
    if order.newest_first {
        units.reverse();
    }
    let (mut text, mut numbers) = (Vec::with_capacity(source.len() + 1), Vec::with_capacity(lines.len()));
    let mut put = |at: usize| {
        text.extend_from_slice(&source[lines[at].clone()]);
        text.push(b'\n');
        numbers.push(at as u64 + 1);
    };
    for unit in units {
        match order.lines_before_head {
            true => unit.rev().for_each(&mut put),
            false => unit.for_each(&mut put),
        }
    }
    (text, numbers)
}

/// Frames that stand newest first, or each stream of which does.
pub(super) struct TurnedFrames {
    frames: Option<FrameStream>,
    held: Vec<u8>,
    /// The frames not given out, the next last.
    left: Vec<Range<usize>>,
    newest_first: bool,
    by_time: bool,
    too_long: bool,
}

impl TurnedFrames {
    /// `by_time`: they are several streams one after another, so their times decide.
    pub(super) fn new(frames: FrameStream, newest_first: bool, by_time: bool) -> TurnedFrames {
        let (held, left) = (Vec::new(), Vec::new());
        TurnedFrames { frames: Some(frames), held, left, newest_first, by_time, too_long: false }
    }

    fn turn(&mut self, frames: &mut FrameStream) -> io::Result<()> {
        self.too_long = read_whole(frames, &mut self.held)?;
        let mut at = 0;
        while let Some(range) = frame_at(&self.held, at) {
            at = range.end;
            self.left.push(range);
        }
        if self.newest_first {
            self.left.reverse();
        }
        if self.by_time {
            let held = &self.held;
            let time = |range: &Range<usize>| {
                Frame::read(&held[range.clone()]).and_then(|frame| frame.stamp).and_then(Stamp::rough)
            };
            self.left.sort_by_cached_key(time);
        }
        self.left.reverse();
        Ok(())
    }
}

impl Framing for TurnedFrames {
    fn more(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        if let Some(mut frames) = self.frames.take() {
            self.turn(&mut frames)?;
        }
        match self.left.pop() {
            Some(range) => {
                out.extend_from_slice(&self.held[range]);
                Ok(true)
            }
            None if self.too_long => Err(too_long()),
            None => Ok(false),
        }
    }
}
