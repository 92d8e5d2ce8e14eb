//! From a plan to a summary: sources become blocks, blocks are scanned by workers, each with a summary of its own, and the
//! summaries merge. The only place that knows threads.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

use rayon::iter::{ParallelBridge, ParallelIterator};

use crate::base::Error;
use crate::catalogue::Role;
use crate::envelope::Layout;
use crate::input::{Block, Plan, Skipped, BLOCK_SIZE};
use crate::matcher::Matcher;
use crate::summary::{Source, Summary};

mod copies;
mod events;
mod feed;
mod filter;
mod foreign;
mod journals;
mod mask;
mod names;
mod places;
mod pods;
mod remembered;
mod totals;
mod worker;

use feed::Feed;
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
    /// Bytes read so far of the inputs themselves (of an archive, packed ones), for a progress bar.
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

/// A block takes as long as so many bytes, however few it holds: of small files too some are read before threads pay.
const PER_BLOCK: u64 = 32 << 10;

/// Reads and matches everything that a plan names.
pub fn scan(plan: Plan, matcher: &Matcher<'_>, options: &Options) -> Scanned {
    let mut scanned = Scanned { skipped: plan.skipped, unreadable: plan.unreadable, ..Scanned::default() };
    let bundles = &matcher.catalogue().bundles;
    let mut feed = Feed::new(plan.inputs, options, bundles);
    let mut worker = Worker::new(matcher, options);
    let mut done = 0;
    while done < options.alone || options.threads == 1 {
        let Some(piece) = feed.next() else { break };
        done += piece.block.length.max(PER_BLOCK);
        worker.scan(&piece);
    }
    scanned.summary = worker.finish();
    if !feed.exhausted && options.threads != 1 {
        let rest = in_parallel(&mut feed, matcher, options);
        scanned.summary = scanned.summary.merge(rest);
    }
    scanned.summary.close();
    scanned.summary.evidence = std::mem::take(&mut feed.evidence);
    scanned.skipped.append(&mut feed.skipped);
    scanned.unreadable.append(&mut feed.unreadable);
    scanned.unreadable.append(&mut feed.troubles.lock().unwrap_or_else(PoisonError::into_inner));
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
        worker.scan(&Piece {
            block: block.clone(),
            layout,
            name: path.into(),
            events: false,
            tentative: false,
            whole: false,
        });
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
    let broken: BTreeSet<&str> = scanned.unreadable.iter().map(|error| error.what.as_str()).collect();
    for path in tentative {
        // One that tells nothing may be gone already.
        let source = scanned.summary.sources.get(path);
        let tells = |source: &Source| source.tallies.keys().any(|key| speaks(key.role) && key.condition.is_some());
        if !source.map_or(broken.contains(path.as_str()), tells) {
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
    /// No form of log was recognised in the source.
    pub(crate) tentative: bool,
    /// The block is all there is of the source.
    pub(crate) whole: bool,
}
