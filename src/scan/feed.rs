//! All blocks of all inputs, one after the other: each source is opened, looked at, and read as what it is. Evidence is read on
//! the way, whole.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use super::copies::{Contents, Sum};
use super::places::{self, Notes};
use super::{events, foreign, journals, Options, Piece, LARGEST_EVIDENCE};
use crate::base::Error;
use crate::catalogue::Bundle;
use crate::envelope::journal::{Troubles, SIGNATURE};
use crate::envelope::{self, Form, Layout, Recognised, LONGEST_LINE};
use crate::evidence;
use crate::input::open::{self, Opened, HEAD};
use crate::input::sections::{self, Sections};
use crate::input::{limits, Blocks, Found, Input, Skipped, Source, Sources};

/// The source at hand.
pub(super) struct Reading {
    pub(super) blocks: Blocks<Box<dyn Read + Send>>,
    pub(super) layout: Layout,
    /// As reports name it.
    pub(super) name: Arc<str>,
    /// Where there are others, the sum of its bytes.
    pub(super) sum: Option<Box<Sum>>,
    /// It is events instead of a log.
    pub(super) events: bool,
    /// No form of log was recognised.
    pub(super) tentative: bool,
}

/// Blocks are never made smaller than this for a source that seems small: it may have grown since it was looked at.
const SMALLEST_BLOCK: u64 = 64 << 10;

/// Gives blocks.
pub(super) struct Feed<'c> {
    sources: Sources,
    /// Journals of several files, read before the sources.
    pub(super) journals: VecDeque<journals::Rotated>,
    /// What could not be read of journals.
    pub(super) troubles: Troubles,
    pub(super) current: Option<Reading>,
    pub(super) block_size: usize,
    stop: Arc<AtomicBool>,
    pub(super) evidence: BTreeMap<String, evidence::Evidence>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) unreadable: Vec<Error>,
    /// Sources of no form that is known, which count only where something in them is.
    pub(super) tentative: Vec<String>,
    pub(super) notes: Notes,
    pub(super) contents: Contents,
    /// More than one input: then one may be there twice.
    several: bool,
    /// Kinds of bundles that are a single file: index in the table and the regex of its beginning.
    single: Vec<(usize, regex::bytes::Regex)>,
    bundles: &'c [Bundle],
    pub(super) exhausted: bool,
}

impl<'c> Feed<'c> {
    pub(super) fn new(inputs: Vec<Input>, options: &Options, bundles: &'c [Bundle]) -> Feed<'c> {
        let regex = |(at, bundle): (usize, &Bundle)| {
            let content = bundle.content.as_ref()?;
            Some((at, regex::bytes::Regex::new(content).ok()?))
        };
        let stop = options.stop.clone();
        let asked = stop.clone();
        let several = inputs.len() > 1;
        let (inputs, directories) = journals::split(inputs);
        let mut feed = Feed {
            sources: Sources::new(inputs, Arc::new(move || asked.load(Ordering::Relaxed)), options.read.clone()),
            journals: VecDeque::new(),
            troubles: Troubles::default(),
            current: None,
            block_size: options.block_size,
            stop,
            evidence: BTreeMap::new(),
            skipped: Vec::new(),
            unreadable: Vec::new(),
            tentative: Vec::new(),
            notes: Notes::default(),
            contents: Contents::default(),
            several,
            single: bundles.iter().enumerate().filter_map(regex).collect(),
            bundles,
            exhausted: false,
        };
        for directory in directories {
            feed.plan_journals(directory);
        }
        feed
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn skip(&mut self, path: String, why: &str) {
        self.skipped.push(Skipped { path, why: why.to_string() });
    }

    /// What was read before counts. A stream that a stop has ended is not broken.
    pub(super) fn broken(&mut self, shown: &str, error: &io::Error) {
        if !self.stopped() {
            self.unreadable.push(Error::new(shown, error, limits::advice(error)));
        }
    }

    /// Decides by the first bytes of a source what it is.
    fn begin(&mut self, source: Source) {
        let head = &source.opened.head;
        if head.is_empty() {
            if !self.stopped() {
                self.skip(source.shown, "empty");
            }
            return;
        }
        if head.starts_with(SIGNATURE) {
            return self.journal(source);
        }
        if let Some(why) = foreign::why(head) {
            return self.skip(source.shown, why);
        }
        // Of a unit's status beside logs the tail is in these too; alone it is all there is of a log.
        let beside = (self.several || source.is_member) && !source.live;
        let aside = beside && evidence::looks_like_a_log(head);
        match envelope::recognise(head).filter(|_| !aside) {
            Some(Recognised::Form(form)) => return self.read_framed(source, form),
            Some(Recognised::Layout(layout)) => return self.read_as(source, layout),
            None => {}
        }
        if is_binary(head) {
            return self.skip(source.shown, "binary, no form of log that is known");
        }
        if !source.live && source.size.is_none_or(|size| size <= LARGEST_EVIDENCE) {
            return self.evidence_or_text(source);
        }
        self.text(source);
    }

    fn evidence_or_text(&mut self, source: Source) {
        let Source { shown, named, is_member, live, size, path, opened } = source;
        let mut limited = opened.stream().take(LARGEST_EVIDENCE + 1);
        let (bytes, read) = held(&mut limited, size);
        if let Err(error) = read {
            self.broken(&shown, &error);
        }
        let whole = bytes.len() as u64 <= LARGEST_EVIDENCE;
        match evidence::read(&shown, &bytes).filter(|_| whole) {
            Some(found) => {
                self.events(&shown, events::Frames::new(&bytes, &found));
                self.evidence.insert(shown, found);
            }
            None => {
                if let Some(name) = places::name_in(&shown, &bytes) {
                    self.notes.hostnames.insert(shown.clone(), name);
                    let found = evidence::Evidence {
                        kind: "host name",
                        facts: Vec::new(),
                        latest: None,
                        left_out: 0,
                        pods: BTreeMap::new(),
                    };
                    self.evidence.insert(shown, found);
                    return;
                }
                let head = bytes[..bytes.len().min(HEAD)].to_vec();
                let mut rest = io::Cursor::new(bytes);
                rest.set_position(head.len() as u64);
                // It may have more than a file of its kind: the rest is text too.
                let rest = Box::new(rest.chain(limited.into_inner()));
                self.text(Source { shown, named, is_member, live, size, path, opened: Opened::new(head, rest) });
            }
        }
    }

    /// Reads the entries that were made of events.
    fn events(&mut self, shown: &str, frames: events::Frames) {
        if !frames.is_empty() {
            let blocks = Blocks::new(Box::new(frames) as Box<dyn Read + Send>, self.block_size, LONGEST_LINE);
            self.current = Some(Reading {
                blocks,
                layout: Layout::Frames,
                name: shown.into(),
                sum: None,
                events: true,
                tentative: false,
            });
        }
    }

    /// Text without a recognised form.
    fn text(&mut self, source: Source) {
        if !source.named && is_document(&source.opened.head) {
            return self.skip(source.shown, "a JSON document that is no log and no evidence that is known");
        }
        let tentative = !source.named;
        if tentative {
            self.tentative.push(source.shown.clone());
        }
        self.read_as(source, Layout::Lines);
        if let Some(reading) = &mut self.current {
            reading.tentative = tentative;
        }
    }

    /// A form that is read as frames. Their order may not be that of the source, so nothing is at hand before it is read.
    fn read_framed(&mut self, source: Source, form: Form) {
        // The form knows by itself which sections are no log of the node; what was left out is noted all the same.
        self.sections_left_out(&source);
        let frames = form.frames(Box::new(source.opened.stream()));
        let blocks = Blocks::new(frames, self.block_size, LONGEST_LINE);
        self.take_up(blocks, Layout::Frames, source.shown, source.is_member);
    }

    fn read_as(&mut self, source: Source, layout: Layout) {
        let at_hand = source.opened.head.len();
        let size = source.size.map_or(u64::MAX, |size| size.max(SMALLEST_BLOCK));
        let block_size = self.block_size.min(usize::try_from(size).unwrap_or(usize::MAX));
        let left_out = self.sections_left_out(&source);
        let mut stream = Box::new(source.opened.stream()) as Box<dyn Read + Send>;
        if !left_out.is_empty() {
            stream = Box::new(Sections::new(stream, left_out));
        }
        let blocks = Blocks::new(stream, block_size, LONGEST_LINE).with_at_hand(at_hand);
        self.take_up(blocks, layout, source.shown, source.is_member);
    }

    /// Makes a log the source at hand.
    fn take_up(&mut self, blocks: Blocks<Box<dyn Read + Send>>, layout: Layout, shown: String, is_member: bool) {
        let sum = (self.several || is_member).then(Box::<Sum>::default);
        self.current = Some(Reading { blocks, layout, name: shown.into(), sum, events: false, tentative: false });
    }

    /// Sections of a file that is a bundle by itself which are no logs of a node. A file that has nothing else is read for what it
    /// is; of a stream that cannot be read twice only the beginning tells.
    fn sections_left_out(&mut self, source: &Source) -> Vec<String> {
        let (shown, head) = (&source.shown, &source.opened.head);
        let told = self.single.iter().find_map(|(at, regex)| Some((*at, regex.find(head)?)));
        let Some((at, line)) = told else { return Vec::new() };
        self.notes.single.insert(shown.clone(), (at, String::from_utf8_lossy(line.as_bytes()).trim().to_string()));
        let left_out = &self.bundles[at].sections_left_out;
        let again = source.path.as_ref().and_then(|path| open::file(path).ok());
        let names = again.map_or_else(|| sections::names(&head[..]), sections::names).unwrap_or_default();
        let (own, others): (Vec<String>, Vec<String>) = names
            .iter()
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .partition(|name| left_out.contains_key(name));
        if others.is_empty() {
            return Vec::new();
        }
        for name in own {
            let why = left_out[&name].clone();
            self.skipped.push(Skipped { path: format!("{shown} ({name})"), why });
        }
        left_out.keys().cloned().collect()
    }
}

impl Iterator for Feed<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(Reading { blocks, layout, name, sum, events, tentative }) = &mut self.current {
                let stop = || self.stop.load(Ordering::Relaxed);
                match blocks.next(layout, &stop) {
                    Ok(Some(block)) => {
                        if let Some(sum) = sum {
                            sum.add(&block.bytes);
                        }
                        let whole = block.offset == 0 && blocks.is_done();
                        let name = name.clone();
                        let (events, tentative) = (*events, *tentative);
                        return Some(Piece { block, layout: *layout, name, events, tentative, whole });
                    }
                    Ok(None) => {
                        if let Some(sum) = sum {
                            self.contents.add(sum.content(), name);
                        }
                        self.current = None;
                    }
                    Err(error) => {
                        let name = name.clone();
                        self.current = None;
                        self.broken(&name, &error);
                    }
                }
                continue;
            }
            if let Some(journal) = self.journals.pop_front() {
                self.read_journal(journal);
                continue;
            }
            match self.sources.next() {
                Some(Found::Source(source)) => self.begin(source),
                Some(Found::Skipped(skipped)) => self.skipped.push(skipped),
                Some(Found::Unreadable(error)) => self.unreadable.push(error),
                None => {
                    self.exhausted = true;
                    return None;
                }
            }
        }
    }
}

/// Bytes of a stream whose size is not known that are read before room is made for all that may be held.
const SMALL: u64 = 1 << 20;

/// What a stream has, whole. Room is made once, or twice where there is more than was told: a buffer that grows step by step is
/// there twice whenever it is moved.
fn held(stream: &mut impl Read, size: Option<u64>) -> (Vec<u8>, io::Result<usize>) {
    let room = |bytes: u64| usize::try_from(bytes.min(LARGEST_EVIDENCE) + 1).unwrap_or(0);
    let first = size.map_or(SMALL, |size| room(size) as u64);
    let mut bytes = Vec::with_capacity(size.map_or(0, room));
    let mut read = stream.take(first).read_to_end(&mut bytes);
    if read.is_ok() && bytes.len() as u64 == first {
        bytes.reserve_exact(room(LARGEST_EVIDENCE).saturating_sub(bytes.len()));
        read = stream.read_to_end(&mut bytes);
    }
    (bytes, read)
}

/// JSON that goes on over several lines: what it quotes are no lines of a log.
fn is_document(head: &[u8]) -> bool {
    let text = head.trim_ascii_start();
    let first = text.get(1..).unwrap_or_default().trim_ascii_start();
    let json = match text.first() {
        Some(b'{') => matches!(first.first(), None | Some(b'"' | b'}')),
        Some(b'[') => matches!(first.first(), None | Some(b'"' | b'{' | b'[')) || is_literal(first),
        _ => false,
    };
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    json && (!matches!(line.last(), Some(b'}' | b']')) || line.len() < 3)
}

/// Whether an array goes on behind a number or a literal word: in a log a bracket closes it, or words follow.
fn is_literal(text: &[u8]) -> bool {
    let letters = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
    let word = text.iter().take_while(letters).count();
    let value = std::str::from_utf8(&text[..word])
        .is_ok_and(|word| matches!(word, "true" | "false" | "null") || word.parse::<f64>().is_ok());
    value && matches!(text.get(word), Some(b',' | b'\r' | b'\n'))
}

/// A share of NUL and control bytes that no text has.
fn is_binary(head: &[u8]) -> bool {
    let odd = head.iter().filter(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31)).count();
    odd * 10 > head.len()
}

#[cfg(test)]
mod tests {
    use super::is_document;

    #[test]
    fn documents_begin_as_json_does() {
        let documents = [
            "{\n  \"kind\": \"NodeList\",\n",
            "[\n  {\n",
            "[ { \"a\": 1,\n",
            "[\"one\",\n\"two\"]\n",
            "[\n  1,\n  2\n]\n",
            "[-1.5e3, 2,\n",
            "[\r\n  true,\r\n",
            "{\n",
        ];
        for text in documents {
            assert!(is_document(text.as_bytes()), "{text}");
        }
        let logs = [
            "    [  467.112195] ata2.00: text\n",
            "[2024-01-01T00:03:10Z][kubelet][I] text\n",
            "[talos] 2024/01/01 00:03:10 text\n",
            "[true] text\n",
            "[1] text\n",
            "[conmon:d]: text\n",
            "{text} more\n",
            "{\"level\":\"info\",\"msg\":\"x\"}\n",
            "text\n",
            "",
        ];
        for text in logs {
            assert!(!is_document(text.as_bytes()), "{text}");
        }
    }
}
