//! What is kept of the events: small, bounded, and merged in any order to the same bytes. Everything leans on that: parallel
//! scanning, streaming, merging over machines. The laws are property tests (`tests/laws.rs`).
//!
//! An empty summary is neutral; [`Summary::merge`] is associative and commutative. It is not idempotent: coverage knows which
//! bytes of which source are in, and the same bytes twice are refused.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use crate::catalogue::Role;
use crate::evidence::Evidence;

pub mod course;
pub mod host;
pub mod place;
pub mod ruler;
pub mod sample;
pub mod small;
pub mod source;
pub mod tally;

pub use course::{Cell, Course, Identity, Line, Seen};
pub use host::{host_id, Host, HostId, NO_HOST};
pub use place::{Place, PodLog};
pub use small::Folded;
pub use source::{Source, Span, Speaker, Unknown};
pub use tally::{Group, Tally, TallyKey, Values};

/// Stretches that one summary may hold before it becomes coarser. A stretch with its line takes about half a KiB: this is some
/// 20 MiB.
pub const MOST_CELLS: u64 = 40_000;

/// Hashes of entries per source that are held to tell whether two sources hold the same ones.
const SAMPLES: usize = 2048;

/// Readings of the clocks per source.
const READINGS: usize = 1024;

/// What is held of each kind at most; follows from the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Stretches per object.
    pub cells: usize,
    /// Objects per tally.
    pub objects: usize,
    /// Unknown texts per source.
    pub unknown: usize,
    /// Hashes of entries per source, to tell whether two sources hold the same ones.
    pub samples: usize,
    /// Readings of the clocks per source.
    pub readings: usize,
    /// Hosts kept apart per source.
    pub hosts: usize,
}

impl Caps {
    /// The caps of a level: all are halved from one level to the next.
    pub fn of(level: u8) -> Caps {
        let level = level.min(8);
        Caps {
            cells: (256 >> level).max(1),
            objects: (1024 >> level).max(4),
            unknown: (512 >> level).max(16),
            samples: (SAMPLES >> level).max(32),
            readings: (READINGS >> level).max(16),
            hosts: (64 >> level).max(2),
        }
    }
}

/// Stretches held of harmless lines: only how often, and where the first and some others stand.
const HARMLESS_CELLS: usize = 8;

impl Caps {
    /// The caps of tallies of a role.
    pub fn of_role(self, role: Role) -> Caps {
        match role {
            Role::Background => Caps { cells: self.cells.min(HARMLESS_CELLS), ..self },
            _ => self,
        }
    }
}

/// What is kept of any part of the input.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// By path as given.
    pub sources: BTreeMap<String, Source>,
    /// Evidence files by path.
    pub evidence: BTreeMap<String, Evidence>,
    /// What the paths of sources and evidence tell, once all are known.
    pub places: BTreeMap<String, Place>,
    /// How often the limit was reached: the caps are halved each time.
    pub level: u8,
    /// A byte range was added twice.
    pub doubled: bool,
    /// Limit in stretches; 0: [`MOST_CELLS`].
    pub most_cells: u64,
    /// Stretches begun since the weight was last reckoned.
    fresh: u64,
    small: small::Small,
}

impl Summary {
    /// An empty summary that may hold so many stretches; 0: [`MOST_CELLS`].
    pub fn limited(most_cells: u64) -> Summary {
        Summary { most_cells, ..Summary::default() }
    }

    /// The caps that hold now.
    pub fn caps(&self) -> Caps {
        Caps::of(self.level)
    }

    /// The part of a source, made where it is new.
    pub fn source(&mut self, path: &str) -> &mut Source {
        if !self.sources.contains_key(path) {
            self.sources.insert(path.to_string(), Source::default());
        }
        self.sources.get_mut(path).expect("it was inserted just now")
    }

    /// The same with other sources: these ones, cut in another way.
    pub fn with_sources(&self, sources: BTreeMap<String, Source>) -> Summary {
        Summary {
            sources,
            evidence: self.evidence.clone(),
            places: self.places.clone(),
            level: self.level,
            doubled: self.doubled,
            most_cells: self.most_cells,
            fresh: self.fresh,
            small: self.small.clone(),
        }
    }

    /// Adds all of another summary.
    pub fn merge(mut self, other: Summary) -> Summary {
        if self.sources.is_empty() && self.evidence.is_empty() && !self.doubled && self.folded() == Folded::default() {
            return Summary { level: self.level.max(other.level), ..other };
        }
        let differ = self.level != other.level;
        self.level = self.level.max(other.level);
        self.doubled |= other.doubled;
        let caps = self.caps();
        for (path, source) in other.sources {
            match self.sources.get_mut(&path) {
                Some(known) => self.doubled |= !known.merge(source, caps),
                None => {
                    self.sources.insert(path, source);
                }
            }
        }
        self.merge_small(other.small);
        self.evidence.extend(other.evidence);
        self.places.extend(other.places);
        if differ {
            self.shrink();
        }
        self.settle();
        self
    }

    /// Counts stretches begun, and becomes coarser where the limit is reached. Cheap: the weight is reckoned rarely.
    pub fn grew(&mut self, stretches: u64) {
        self.fresh += stretches;
        if self.fresh > self.limit() / 4 {
            self.settle();
        }
    }

    /// Becomes as coarse as the limit demands. The level depends only on the set of events: the weight grows with it.
    pub fn settle(&mut self) {
        self.fresh = 0;
        let level = self.level;
        // The weight does not depend on what was dropped already.
        while self.level < 8 && self.weight() > self.limit() {
            self.level += 1;
        }
        if self.level > level {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        let caps = self.caps();
        self.sources.values_mut().for_each(|source| source.shrink(caps));
    }

    fn limit(&self) -> u64 {
        if self.most_cells == 0 {
            MOST_CELLS
        } else {
            self.most_cells
        }
    }

    fn weight(&self) -> u64 {
        let caps = self.caps();
        self.sources.values().map(|source| source.weight(caps)).sum()
    }
}

/// The hash that decides what is kept: the same in every run and thread.
pub fn hash_of(value: impl Hash) -> u64 {
    // `DefaultHasher::new` has fixed keys.
    #[allow(deprecated)]
    let mut hasher = std::hash::SipHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
