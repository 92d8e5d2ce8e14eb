//! From a plan to a summary: sources become blocks, blocks are scanned by workers, each with a summary of its own, and the
//! summaries merge. The only place that knows threads.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use rayon::iter::{ParallelBridge, ParallelIterator};

use crate::base::Error;
use crate::catalogue::Role;
use crate::envelope::journal::{Troubles, SIGNATURE};
use crate::envelope::{self, Layout, LONGEST_LINE};
use crate::evidence;
use crate::input::open::{self, Opened};
use crate::input::{Block, Blocks, Input, Plan, Skipped, BLOCK_SIZE};
use crate::matcher::Matcher;
use crate::summary::Summary;

mod events;
mod filter;
mod journals;
mod mask;
mod remembered;
mod totals;
mod worker;

pub use filter::{Bound, Filter};
pub use journals::LARGEST_HELD;
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
    /// Ctrl-C ended it early.
    pub interrupted: bool,
}

/// Reads and matches everything that a plan names.
pub fn scan(plan: Plan, matcher: &Matcher<'_>, options: &Options) -> Scanned {
    let mut scanned = Scanned { skipped: plan.skipped, unreadable: plan.unreadable, ..Scanned::default() };
    let mut feed = Feed::new(plan.inputs, options);
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
    scanned.unreadable.append(&mut feed.troubles.lock().unwrap_or_else(PoisonError::into_inner));
    drop_silent_text(&mut scanned, &feed.tentative);
    scanned.summary.settle();
    scanned.skipped.sort();
    scanned.interrupted = options.stop.load(Ordering::Relaxed);
    scanned
}

/// The summary of some blocks of one source: a part, to be merged with others in any order.
pub fn part(path: &str, layout: Layout, blocks: &[Block], matcher: &Matcher<'_>, options: &Options) -> Summary {
    let mut worker = Worker::new(matcher, options);
    for block in blocks {
        worker.scan(&Piece { block: block.clone(), layout, name: path.into(), events: false });
    }
    worker.finish()
}

fn in_parallel(feed: &mut Feed, matcher: &Matcher<'_>, options: &Options) -> Summary {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build();
    let work = |feed: &mut Feed| {
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
    /// The source is no log but kube events and node objects.
    pub(crate) events: bool,
}

/// The source at hand: its blocks, how it is framed, its name, and whether it is events instead of a log.
type Reading = (Blocks<Box<dyn std::io::Read + Send>>, Layout, Arc<str>, bool);

/// All blocks of all inputs, one after the other; evidence is read on the way.
struct Feed {
    inputs: std::vec::IntoIter<Input>,
    /// Journals of several files, to be read after the inputs.
    journals: VecDeque<journals::Rotated>,
    /// What could not be read of journals.
    troubles: Troubles,
    current: Option<Reading>,
    block_size: usize,
    stop: Arc<AtomicBool>,
    read: Arc<AtomicU64>,
    evidence: BTreeMap<String, evidence::Evidence>,
    skipped: Vec<Skipped>,
    unreadable: Vec<Error>,
    tentative: Vec<String>,
    exhausted: bool,
}

impl Feed {
    fn new(inputs: Vec<Input>, options: &Options) -> Feed {
        let (inputs, directories) = journals::split(inputs);
        let mut feed = Feed {
            inputs: inputs.into_iter(),
            journals: VecDeque::new(),
            troubles: Troubles::default(),
            current: None,
            block_size: options.block_size,
            stop: options.stop.clone(),
            read: options.read.clone(),
            evidence: BTreeMap::new(),
            skipped: Vec::new(),
            unreadable: Vec::new(),
            tentative: Vec::new(),
            exhausted: false,
        };
        for directory in directories {
            feed.plan_journals(directory);
        }
        feed
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
        if opened.head.starts_with(SIGNATURE) {
            return self.journal(input, opened);
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
                self.events(&input.shown, events::frames(&bytes, &found));
                self.evidence.insert(input.shown, found);
            }
            None => {
                let head = bytes[..bytes.len().min(open::HEAD)].to_vec();
                // A pipe may have more than a file of its kind: the rest is text too.
                let rest =
                    std::io::Read::chain(std::io::Cursor::new(bytes.split_off(head.len())), limited.into_inner());
                self.text(input, Opened::new(head, Box::new(rest)));
            }
        }
    }

    /// Reads the entries that were made of events.
    fn events(&mut self, shown: &str, frames: Vec<u8>) {
        if !frames.is_empty() {
            let stream = Box::new(std::io::Cursor::new(frames)) as Box<dyn std::io::Read + Send>;
            let blocks = Blocks::new(stream, self.block_size, LONGEST_LINE);
            self.current = Some((blocks, Layout::Frames, shown.into(), true));
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
        let stream = Box::new(opened.stream()) as Box<dyn std::io::Read + Send>;
        let blocks = Blocks::new(stream, self.block_size, LONGEST_LINE).with_at_hand(at_hand);
        self.current = Some((blocks, layout, input.shown.into(), false));
    }
}

impl Iterator for Feed {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some((blocks, layout, shown, events)) = &mut self.current {
                let stop = || self.stop.load(Ordering::Relaxed);
                match blocks.next(layout, &stop) {
                    Ok(Some(block)) => {
                        self.read.fetch_add(block.length, Ordering::Relaxed);
                        return Some(Piece { block, layout: *layout, name: shown.clone(), events: *events });
                    }
                    Ok(None) => self.current = None,
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
                None if !self.journals.is_empty() => {
                    let next = self.journals.pop_front();
                    next.into_iter().for_each(|next| self.read_journal(next));
                }
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
