//! Small sources: a bundle may hold hundreds of thousands. As many are kept one by one as have room; of the others only the
//! totals. What tells most stays, and of that what speaks first. The choice depends on the sources alone, so that the order of
//! merging does not matter: a source stays where all that go before it and itself have room together, and that is never true
//! again once it was not.

use std::collections::BTreeMap;

use super::course::Course;
use super::{hash_of, Source, Summary, TallyKey, NO_HOST};
use crate::catalogue::Role;

/// Room for small sources: each takes three for itself and one for each kind of message in it, of 1 to 2 KiB. Together some
/// 100 MiB, of each thread while it reads.
pub const ROOM: usize = 60_000;

/// Room for small sources without an event: some four thousand.
const ROOM_FOR_QUIET: usize = 3 * 4096;

/// What sources held that are not kept one by one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Folded {
    /// How many sources.
    pub sources: u64,
    /// How many of them had events.
    pub told: u64,
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
        self.told += other.told;
        self.lines += other.lines;
        self.entries += other.entries;
        self.bytes += other.bytes;
        self.unparsed_lines += other.unparsed_lines;
        self.left_out += other.left_out;
    }
}

/// How much a source tells: less is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// It states a condition.
    States,
    /// It has symptoms, recoveries or starts.
    Speaks,
    /// It has only what is usual.
    Usual,
}

/// In which order sources find room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    worth: Worth,
    /// Its first line of that worth, roughly.
    first: i64,
    /// Where all else is equal, any order that does not depend on names that are alike.
    hash: u64,
    path: String,
}

/// Sources that are kept, in the order of their ranks, with the room that they take.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Kept {
    by_rank: BTreeMap<Rank, usize>,
    taken: usize,
}

impl Kept {
    fn put(&mut self, rank: Rank, room: usize) {
        self.taken += room;
        self.by_rank.insert(rank, room);
    }

    /// Takes out the last one where there is too little room.
    fn crowded_out(&mut self, most: usize) -> Option<String> {
        if self.taken <= most {
            return None;
        }
        let (rank, room) = self.by_rank.pop_last()?;
        self.taken -= room;
        Some(rank.path)
    }

    fn merge(&mut self, other: Kept) {
        other.by_rank.into_iter().for_each(|(rank, room)| self.put(rank, room));
    }
}

/// The small sources of a summary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Small {
    telling: Kept,
    quiet: Kept,
    pub(super) folded: Folded,
}

impl Source {
    /// Has it nothing that a verdict could rest on?
    fn is_quiet(&self) -> bool {
        self.tallies.is_empty() && self.unknown.is_empty() && self.thresholds.is_empty() && !self.events
    }

    fn rank(&self, path: &str) -> Rank {
        let worth = self.tallies.keys().map(worth).min().unwrap_or(Worth::Usual);
        let told = self.tallies.iter().filter(|(key, _)| self::worth(key) == worth);
        let courses = told.flat_map(|(_, tally)| tally.groups.values().map(|group| &group.course).chain([&tally.rest]));
        let first = courses.filter_map(rough).min().unwrap_or(i64::MAX);
        Rank { worth, first, hash: hash_of(path), path: path.to_string() }
    }

    /// Kinds of messages do not depend on the level, objects do.
    fn room(&self) -> usize {
        let mut kinds: Vec<TallyKey> = self.tallies.keys().map(|key| key.of_host(NO_HOST)).collect();
        kinds.dedup();
        3 + kinds.len()
    }

    fn folded(&self) -> Folded {
        // Text of no known form is no log, and is listed as skipped.
        if self.tentative && self.is_quiet() {
            return Folded::default();
        }
        Folded {
            sources: 1,
            told: u64::from(!self.is_quiet()),
            lines: self.lines,
            entries: self.entries,
            bytes: self.bytes,
            unparsed_lines: self.unparsed_lines,
            left_out: self.left_out,
        }
    }
}

fn worth(key: &TallyKey) -> Worth {
    match key.role {
        Role::Statement => Worth::States,
        Role::Symptom | Role::Recovery | Role::Lifecycle => Worth::Speaks,
        Role::Observation | Role::Background => Worth::Usual,
    }
}

/// When events were first seen, by the stamp as it stands.
fn rough(course: &Course) -> Option<i64> {
    course.first()?.when?.stamp.rough()
}

impl Summary {
    /// Adds a source that is complete: all of its bytes were in one block.
    pub fn whole(&mut self, path: &str, source: Source) {
        let (quiet, rank, room) = (source.is_quiet(), source.rank(path), source.room());
        self.sources.insert(path.to_string(), source);
        match quiet {
            true => self.small.quiet.put(rank, room),
            false => self.small.telling.put(rank, room),
        }
        self.fold();
    }

    /// What sources held that are not kept one by one.
    pub fn folded(&self) -> Folded {
        self.small.folded
    }

    /// All is read: which small sources are kept is settled.
    pub fn close(&mut self) {
        self.small.telling = Kept::default();
        self.small.quiet = Kept::default();
    }

    pub(super) fn merge_small(&mut self, other: Small) {
        self.small.telling.merge(other.telling);
        self.small.quiet.merge(other.quiet);
        self.small.folded.add(other.folded);
        self.fold();
    }

    fn fold(&mut self) {
        let small = &mut self.small;
        while let Some(path) = small.quiet.crowded_out(ROOM_FOR_QUIET).or_else(|| small.telling.crowded_out(ROOM)) {
            if let Some(source) = self.sources.remove(&path) {
                small.folded.add(source.folded());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_does_not_depend_on_the_order() {
        let rank = |at: u64| Rank {
            worth: if at % 3 == 0 { Worth::States } else { Worth::Speaks },
            first: (at * 7 % 50) as i64,
            hash: at,
            path: at.to_string(),
        };
        let stays = |order: &mut dyn Iterator<Item = u64>| {
            let mut kept = Kept::default();
            for at in order {
                kept.put(rank(at), 1 + (at % 5) as usize);
                while kept.crowded_out(100).is_some() {}
            }
            kept
        };
        let expected = stays(&mut (0..300));
        assert!(expected.by_rank.keys().all(|rank| rank.worth == Worth::States), "what states comes first");
        assert!(expected.taken > 95, "{}", expected.taken);
        assert_eq!(stays(&mut (0..300).rev()), expected);
        assert_eq!(stays(&mut (0..300).map(|at| at * 77 % 300)), expected);
    }
}
