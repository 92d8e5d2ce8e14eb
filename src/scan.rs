//! From a plan to a summary: sources become blocks, blocks are scanned by workers, each with a summary of its own, and the
//! summaries merge. The only place that knows threads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;

use rayon::iter::{ParallelBridge, ParallelIterator};

use crate::base::Error;
use crate::catalogue::{Bundle, Role};
use crate::envelope::{self, Layout, LONGEST_LINE};
use crate::evidence;
use crate::input::open::{self, Opened};
use crate::input::sections::{heading, Sections};
use crate::input::{Block, Blocks, Input, Plan, Skipped, BLOCK_SIZE};
use crate::matcher::Matcher;
use crate::summary::Summary;

mod copies;
mod filter;
mod foreign;
mod mask;
mod places;
mod remembered;
mod totals;
mod worker;

use copies::{Content, Contents};
pub use filter::{Bound, Filter};
use places::Notes;
use worker::Worker;

/// Below so many bytes one thread is faster than starting more.
const SMALL_INPUT: u64 = 4 << 20;

/// An evidence file is read whole; a larger one is skipped and said so.
pub const LARGEST_EVIDENCE: u64 = 64 << 20;

/// How to scan.
#[derive(Clone)]
pub struct Options {
    /// Workers; 0: one per core.
    pub threads: usize,
    /// Bytes of a block.
    pub block_size: usize,
    /// Bytes that one thread reads alone before others are started: for a small input that is faster.
    pub alone: u64,
    /// Limit of the summary in stretches; 0: [`crate::summary::MOST_CELLS`].
    pub most_cells: u64,
    /// Which entries count.
    pub filter: Filter,
    /// Set by Ctrl-C: what is known so far is reported.
    pub stop: Arc<AtomicBool>,
    /// Bytes read so far, for a progress bar.
    pub read: Arc<AtomicU64>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            threads: 0,
            block_size: BLOCK_SIZE,
            alone: SMALL_INPUT,
            most_cells: 0,
            filter: Filter::default(),
            stop: Arc::default(),
            read: Arc::default(),
        }
    }
}

/// What a scan found.
#[derive(Debug, Default)]
pub struct Scanned {
    /// What is kept of the events.
    pub summary: Summary,
    /// What was not read, and why.
    pub skipped: Vec<Skipped>,
    /// What could not be read.
    pub unreadable: Vec<Error>,
    /// Support bundles that were recognised, by path.
    pub bundles: Vec<Recognised>,
    /// Ctrl-C ended it early.
    pub interrupted: bool,
}

/// A support bundle, and how it was told.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recognised {
    /// What the paths of its files begin with.
    pub path: String,
    /// Id of its kind.
    pub kind: String,
    /// What people call that.
    pub title: String,
    /// The path in it, or the line, that told.
    pub marker: String,
}

/// Reads and matches everything that a plan names.
pub fn scan(plan: Plan, matcher: &Matcher<'_>, options: &Options) -> Scanned {
    let mut scanned = Scanned { skipped: plan.skipped, unreadable: plan.unreadable, ..Scanned::default() };
    let bundles = &matcher.catalogue().bundles;
    let mut feed = Feed::new(plan.inputs, options, bundles);
    let mut worker = Worker::new(matcher, options);
    let mut done = 0;
    while done < options.alone || options.threads == 1 {
        let Some(piece) = feed.next() else { break };
        done += piece.block.length;
        worker.scan(&piece);
    }
    scanned.summary = worker.finish();
    if !feed.exhausted && options.threads != 1 {
        let rest = in_parallel(&mut feed, matcher, options);
        scanned.summary = scanned.summary.merge(rest);
    }
    scanned.summary.evidence = std::mem::take(&mut feed.evidence);
    scanned.skipped.append(&mut feed.skipped);
    scanned.unreadable.append(&mut feed.unreadable);
    drop_silent_text(&mut scanned, &feed.tentative);
    places::place(&mut scanned, &plan.roots, bundles, &feed.notes);
    std::mem::take(&mut feed.contents).mark(&mut scanned.summary);
    scanned.summary.settle();
    scanned.skipped.sort();
    scanned.interrupted = options.stop.load(Ordering::Relaxed);
    scanned
}

/// The summary of some blocks of one source: a part, to be merged with others in any order.
pub fn part(path: &str, layout: Layout, blocks: &[Block], matcher: &Matcher<'_>, options: &Options) -> Summary {
    let mut worker = Worker::new(matcher, options);
    for block in blocks {
        worker.scan(&Piece { block: block.clone(), layout, name: path.into() });
    }
    worker.finish()
}

fn in_parallel(feed: &mut Feed<'_>, matcher: &Matcher<'_>, options: &Options) -> Summary {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build();
    let work = |feed: &mut Feed<'_>| {
        feed.par_bridge()
            .fold(
                || Worker::new(matcher, options),
                |mut worker, piece| {
                    worker.scan(&piece);
                    worker
                },
            )
            .map(Worker::finish)
            .reduce(Summary::default, Summary::merge)
    };
    match pool {
        Ok(pool) => pool.install(|| work(feed)),
        // No further threads are to be had: the one that is here does it all.
        Err(_) => {
            let mut worker = Worker::new(matcher, options);
            for piece in feed.by_ref() {
                worker.scan(&piece);
            }
            worker.finish()
        }
    }
}

/// Text without a known form that was found in a directory counts only where a pattern other than background matches in it.
fn drop_silent_text(scanned: &mut Scanned, tentative: &[String]) {
    let speaks = |role: Role| !matches!(role, Role::Background | Role::Observation | Role::Lifecycle);
    for path in tentative {
        let Some(source) = scanned.summary.sources.get(path) else { continue };
        if !source.tallies.keys().any(|key| speaks(key.role) && key.condition.is_some()) {
            scanned.summary.sources.remove(path);
            scanned.skipped.push(Skipped { path: path.clone(), why: "no form of log that is known".into() });
        }
    }
}

/// A block, how it is framed, and the source that it is of.
pub(crate) struct Piece {
    /// The source, as reports name it.
    pub(crate) name: Arc<str>,
    pub(crate) block: Block,
    pub(crate) layout: Layout,
}

/// The source at hand: its blocks, how it is framed, its name, the sum of its bytes.
type Reading = (Blocks<Box<dyn std::io::Read + Send>>, Layout, Arc<str>, Content);

/// All blocks of all inputs, one after the other; evidence is read on the way.
struct Feed<'c> {
    inputs: std::vec::IntoIter<Input>,
    current: Option<Reading>,
    block_size: usize,
    stop: Arc<AtomicBool>,
    read: Arc<AtomicU64>,
    evidence: BTreeMap<String, evidence::Evidence>,
    skipped: Vec<Skipped>,
    unreadable: Vec<Error>,
    tentative: Vec<String>,
    notes: Notes,
    contents: Contents,
    /// More than one input: then one may be there twice.
    compares: bool,
    /// Kinds of bundles that are a single file: index in the table and the regex of its beginning.
    single: Vec<(usize, regex::bytes::Regex)>,
    bundles: &'c [Bundle],
    exhausted: bool,
}

impl<'c> Feed<'c> {
    fn new(inputs: Vec<Input>, options: &Options, bundles: &'c [Bundle]) -> Feed<'c> {
        let regex = |(at, bundle): (usize, &Bundle)| {
            let content = bundle.content.as_ref()?;
            Some((at, regex::bytes::Regex::new(content).ok()?))
        };
        Feed {
            compares: inputs.len() > 1,
            single: bundles.iter().enumerate().filter_map(regex).collect(),
            bundles,
            notes: Notes::default(),
            contents: Contents::default(),
            inputs: inputs.into_iter(),
            current: None,
            block_size: options.block_size,
            stop: options.stop.clone(),
            read: options.read.clone(),
            evidence: BTreeMap::new(),
            skipped: Vec::new(),
            unreadable: Vec::new(),
            tentative: Vec::new(),
            exhausted: false,
        }
    }

    fn skip(&mut self, path: String, why: &str) {
        self.skipped.push(Skipped { path, why: why.to_string() });
    }

    /// Opens an input and decides by its first bytes what it is.
    fn begin(&mut self, input: Input) {
        let opened = match &input.path {
            None => {
                let stop = self.stop.clone();
                open::standard_input(Arc::new(move || stop.load(Ordering::Relaxed)))
            }
            Some(path) => open::file(path),
        };
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let hint = "read as a user who may (sudo), or copy the file first";
                self.unreadable.push(Error::new(input.shown, error, hint));
                return;
            }
        };
        if opened.head.is_empty() {
            return self.skip(input.shown, "empty");
        }
        if let Some(why) = foreign::why(&opened.head) {
            return self.skip(input.shown, why);
        }
        if let Some(layout) = envelope::sniff(&opened.head) {
            return self.read_as(input, opened, layout);
        }
        if is_binary(&opened.head) {
            return self.skip(input.shown, "binary, no form of log that is known");
        }
        if input.size <= LARGEST_EVIDENCE && input.path.is_some() {
            return self.evidence_or_text(input, opened);
        }
        self.text(input, opened);
    }

    fn evidence_or_text(&mut self, input: Input, opened: Opened) {
        let mut bytes = Vec::new();
        let mut limited = std::io::Read::take(opened.stream(), LARGEST_EVIDENCE);
        if let Err(error) = std::io::Read::read_to_end(&mut limited, &mut bytes) {
            self.unreadable.push(Error::new(input.shown, error, "copy the file and try again"));
            return;
        }
        match evidence::read(&input.shown, &bytes) {
            Some(found) => {
                self.evidence.insert(input.shown, found);
            }
            None => {
                if let Some(name) = places::name_in(&input.shown, &bytes) {
                    self.notes.hostnames.insert(input.shown.clone(), name);
                    let found = evidence::Evidence { kind: "host name", facts: Vec::new(), latest: None, left_out: 0 };
                    self.evidence.insert(input.shown, found);
                    return;
                }
                let head = bytes[..bytes.len().min(open::HEAD)].to_vec();
                // A pipe may have more than a file of its kind: the rest is text too.
                let rest =
                    std::io::Read::chain(std::io::Cursor::new(bytes.split_off(head.len())), limited.into_inner());
                self.text(input, Opened::new(head, Box::new(rest)));
            }
        }
    }

    /// Text without a recognised form.
    fn text(&mut self, input: Input, opened: Opened) {
        if !input.named && is_document(&opened.head) {
            return self.skip(input.shown, "a JSON document that is no log and no evidence that is known");
        }
        if !input.named {
            self.tentative.push(input.shown.clone());
        }
        self.read_as(input, opened, Layout::Lines);
    }

    fn read_as(&mut self, input: Input, opened: Opened, layout: Layout) {
        let at_hand = opened.head.len();
        let left_out = self.sections_left_out(&input.shown, &opened.head);
        let mut stream = Box::new(opened.stream()) as Box<dyn std::io::Read + Send>;
        if !left_out.is_empty() {
            stream = Box::new(Sections::new(stream, left_out));
        }
        let blocks = Blocks::new(stream, self.block_size, LONGEST_LINE).with_at_hand(at_hand);
        self.current = Some((blocks, layout, input.shown.into(), Content::default()));
    }

    /// Sections of a file that is a bundle by itself which are no logs of a node.
    fn sections_left_out(&mut self, shown: &str, head: &[u8]) -> Vec<String> {
        let told = self.single.iter().find_map(|(at, regex)| Some((*at, regex.find(head)?)));
        let Some((at, line)) = told else { return Vec::new() };
        self.notes.single.insert(shown.to_string(), (at, String::from_utf8_lossy(line.as_bytes()).trim().to_string()));
        let left_out = &self.bundles[at].sections_left_out;
        for name in head.split(|&byte| byte == b'\n').filter_map(heading) {
            let name = String::from_utf8_lossy(name);
            if let Some(why) = left_out.get(&*name) {
                self.skipped.push(Skipped { path: format!("{shown} ({name})"), why: why.clone() });
            }
        }
        left_out.keys().cloned().collect()
    }
}

impl Iterator for Feed<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some((blocks, layout, shown, content)) = &mut self.current {
                let stop = || self.stop.load(Ordering::Relaxed);
                match blocks.next(layout, &stop) {
                    Ok(Some(block)) => {
                        self.read.fetch_add(block.length, Ordering::Relaxed);
                        if self.compares {
                            content.add(&block.bytes);
                        }
                        return Some(Piece { block, layout: *layout, name: shown.clone() });
                    }
                    Ok(None) => {
                        if self.compares {
                            self.contents.add(*content, shown);
                        }
                        self.current = None;
                    }
                    Err(error) => {
                        let hint = "what was read before counts; copy the file and try again for the rest";
                        self.unreadable.push(Error::new(&**shown, error, hint));
                        self.current = None;
                    }
                }
                continue;
            }
            if self.stop.load(Ordering::Relaxed) {
                self.exhausted = true;
                return None;
            }
            match self.inputs.next() {
                Some(input) => self.begin(input),
                None => {
                    self.exhausted = true;
                    return None;
                }
            }
        }
    }
}

/// JSON that goes on over several lines: what it quotes are no lines of a log.
fn is_document(head: &[u8]) -> bool {
    let first = head.iter().position(|byte| !byte.is_ascii_whitespace());
    let Some(first) = first.filter(|&at| matches!(head[at], b'{' | b'[')) else { return false };
    let line = head[first..].split(|&byte| byte == b'\n').next().unwrap_or_default();
    !matches!(line.trim_ascii_end().last(), Some(b'}' | b']')) || line.trim_ascii_end().len() < 3
}

/// A share of NUL and control bytes that no text has.
fn is_binary(head: &[u8]) -> bool {
    let odd = head.iter().filter(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31)).count();
    odd * 10 > head.len()
}
