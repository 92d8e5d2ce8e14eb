//! Thousands of sources have as many objects each as a summary holds of one source: then fewer are told apart, and times are told
//! in stretches.

use rustc_hash::FxHashMap;

use super::gather::Same;
use super::Point;
use crate::summary::{TallyKey, MOST_CELLS};

/// Objects of all kinds of events together that are told apart, roughly. A summary holds as few for one source.
pub(super) const MOST_STRANDS: usize = 4096;

/// Objects of one kind of events on one node that are told apart at least.
const FEWEST_OBJECTS: usize = 16;

/// Points of all strands together that are kept where there are too many strands: as many as a summary holds of one source, which
/// has half of its room left when it has become coarser.
const MOST_POINTS: usize = MOST_CELLS as usize / 2;

/// Which objects are told apart: of each kind of events those with the smallest hashes.
pub(super) struct Named<'s> {
    /// By kind of events and node: the largest hash that is told apart.
    borders: FxHashMap<(TallyKey, &'s str), u64>,
}

impl<'s> Named<'s> {
    /// As many of each kind as have room together, none being halved more often than needed.
    pub(super) fn within(most: usize, all: impl Iterator<Item = Same<'s>>) -> Named<'s> {
        let mut kinds: FxHashMap<(TallyKey, &'s str), Vec<u64>> = FxHashMap::default();
        for same in all {
            kinds.entry(same.kind()).or_default().push(same.hash());
        }
        for hashes in kinds.values_mut() {
            hashes.sort_unstable();
            hashes.dedup();
        }
        let mut objects = most;
        while objects > FEWEST_OBJECTS && kinds.values().map(|hashes| hashes.len().min(objects)).sum::<usize>() > most {
            objects /= 2;
        }
        let border = |(kind, hashes): ((TallyKey, &'s str), Vec<u64>)| {
            Some((kind, *hashes.get(objects - 1).filter(|_| hashes.len() > objects)?))
        };
        Named { borders: kinds.into_iter().filter_map(border).collect() }
    }

    /// What is told apart as it is, else as the rest of its kind.
    pub(super) fn of(&self, same: Same<'s>) -> Same<'s> {
        match self.borders.get(&same.kind()).is_some_and(|border| same.hash() > *border) {
            true => Same { run: 0, object: &[], captures: &[], ..same },
            false => same,
        }
    }
}

/// Joins points that follow each other, in stretches of time, as a summary does within one source.
pub(super) fn thin(all: &mut [(Same<'_>, Vec<Point<'_>>)]) {
    let mut most = MOST_POINTS;
    while most > 1 && all.iter().map(|(_, points)| points.len().min(most)).sum::<usize>() > MOST_POINTS {
        most /= 2;
    }
    for (_, points) in all.iter_mut().filter(|(_, points)| points.len() > most) {
        let begin = points[0].first;
        // Stretches of 2^k microseconds, from a second on.
        let stretch = |point: &Point<'_>, k: u32| point.first.saturating_sub(begin) >> k;
        let stretches = |k: u32| points.chunk_by(|a, b| stretch(a, k) == stretch(b, k)).count();
        let k = (20..63).find(|&k| stretches(k) <= most).unwrap_or(62);
        points.dedup_by(|next, kept| {
            let same = stretch(next, k) == stretch(kept, k);
            if same {
                kept.join(next);
            }
            same
        });
    }
}
