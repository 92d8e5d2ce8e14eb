//! Small sources that tell nothing: a bundle may hold hundreds of thousands of them. Some are kept one by one, so that a report
//! can list them; of the others only the totals. Which ones are kept depends on their paths alone, so that the order of merging
//! does not matter.

use std::collections::BTreeSet;

use super::{hash_of, Source, Summary};

/// Small sources without an event that are kept one by one. Each takes 2 to 3 KiB.
pub const MOST_QUIET: usize = 4096;

/// What sources held that are not kept one by one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Folded {
    /// How many sources.
    pub sources: u64,
    /// Physical lines.
    pub lines: u64,
    /// Entries.
    pub entries: u64,
    /// Bytes.
    pub bytes: u64,
    /// Lines in which no known form was found.
    pub unparsed_lines: u64,
    /// Entries left out by `--since`, `--until` or `--node`.
    pub left_out: u64,
}

impl Folded {
    fn add(&mut self, other: Folded) {
        self.sources += other.sources;
        self.lines += other.lines;
        self.entries += other.entries;
        self.bytes += other.bytes;
        self.unparsed_lines += other.unparsed_lines;
        self.left_out += other.left_out;
    }
}

/// The small quiet sources of a summary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Quiet {
    /// Hash and path of those that are kept: the ones with the smallest hashes.
    kept: BTreeSet<(u64, String)>,
    pub(super) folded: Folded,
}

impl Source {
    /// Has it nothing that a verdict could rest on?
    fn is_quiet(&self) -> bool {
        self.tallies.is_empty()
            && self.unknown.is_empty()
            && self.thresholds.is_empty()
            && self.cut_lines == 0
            && !self.events
    }

    fn folded(&self) -> Folded {
        // Text of no known form is no log, and is listed as skipped.
        if self.tentative {
            return Folded::default();
        }
        Folded {
            sources: 1,
            lines: self.lines,
            entries: self.entries,
            bytes: self.bytes,
            unparsed_lines: self.unparsed_lines,
            left_out: self.left_out,
        }
    }
}

impl Summary {
    /// Adds a source that is complete: all of its bytes were in one block.
    pub fn whole(&mut self, path: &str, source: Source) {
        let quiet = source.is_quiet();
        self.sources.insert(path.to_string(), source);
        if quiet {
            self.quiet.kept.insert((hash_of(path), path.to_string()));
            self.fold_quiet();
        }
    }

    /// What sources held that are not kept one by one.
    pub fn folded(&self) -> Folded {
        self.quiet.folded
    }

    /// All is read: which of the quiet ones are kept is settled.
    pub fn close(&mut self) {
        self.quiet.kept.clear();
    }

    pub(super) fn merge_quiet(&mut self, mut other: Quiet) {
        self.quiet.kept.append(&mut other.kept);
        self.quiet.folded.add(other.folded);
        self.fold_quiet();
    }

    fn fold_quiet(&mut self) {
        while self.quiet.kept.len() > MOST_QUIET {
            let Some((_, path)) = self.quiet.kept.pop_last() else { return };
            if let Some(source) = self.sources.remove(&path) {
                self.quiet.folded.add(source.folded());
            }
        }
    }
}
