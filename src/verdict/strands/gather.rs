//! Gathers what the sources hold, one after the other. A log goes on in the next file of its rotation: what several sources say of
//! one object is one strand.

use std::collections::hash_map::Entry;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::crowded::{self, Named, MOST_STRANDS};
use super::{Counted, Point};
use crate::base::Stamp;
use crate::catalogue::{CaptureId, Catalogue};
use crate::summary::{hash_of, Cell, Course, Line, Seen, Source, Summary, TallyKey, NO_HOST};
use crate::verdict::clocks::SourceClock;
use crate::verdict::nodes::Nodes;
use crate::verdict::views::Hidden;

/// A capture and its value.
pub(super) type Value = (CaptureId, Box<[u8]>);

/// What the events of several sources have in common that are one strand.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Same<'s> {
    pub(super) key: TallyKey,
    pub(super) run: u32,
    pub(super) node: &'s str,
    pub(super) object: &'s [Value],
    pub(super) captures: &'s [Value],
}

impl<'s> Same<'s> {
    pub(super) fn kind(&self) -> (TallyKey, &'s str) {
        (self.key.of_host(NO_HOST), self.node)
    }

    pub(super) fn hash(&self) -> u64 {
        hash_of(self.object)
    }
}

/// What the sources so far hold.
pub(super) struct Gathered<'s, 'c> {
    catalogue: &'c Catalogue,
    /// Where there are too many objects, those that are told apart.
    named: Option<Named<'s>>,
    known: FxHashMap<Same<'s>, usize>,
    all: Vec<Gathering<'s>>,
    counted: Counted<'s>,
    /// What the source at hand holds: points, and which of them are of one object.
    points: Vec<Point<'s>>,
    groups: Vec<(Same<'s>, Range<usize>)>,
}

/// A strand that grows.
struct Gathering<'s> {
    /// With the values of its first line.
    same: Same<'s>,
    points: Vec<Point<'s>>,
    /// The first of them in the order of time.
    first: Point<'s>,
    /// They come from several places and are not in the order of time.
    mixed: bool,
}

impl<'s, 'c> Gathered<'s, 'c> {
    /// Nothing, but that it is known how many objects there are.
    pub(super) fn new(summary: &'s Summary, catalogue: &'c Catalogue, nodes: &'s Nodes) -> Gathered<'s, 'c> {
        let all = || {
            let sames = summary.sources.iter().flat_map(|(path, source)| groups_of(source, nodes.of(path)));
            sames.map(|(same, _)| same).filter(|same| !Counted::takes(&same.key, catalogue))
        };
        let crowded = all().nth(MOST_STRANDS).is_some();
        Gathered {
            catalogue,
            named: crowded.then(|| Named::within(MOST_STRANDS, all())),
            known: FxHashMap::default(),
            all: Vec::new(),
            counted: Counted::default(),
            points: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// Adds what one source holds.
    pub(super) fn take(
        &mut self,
        path: &'s str,
        source: &'s Source,
        node: &'s str,
        clock: &SourceClock,
        mut hidden: Hidden<'_>,
    ) {
        for (same, course) in groups_of(source, node) {
            let from = self.points.len();
            let points = course.cells().map(|cell| point(path, cell, clock));
            self.points.extend(points.filter_map(|point| hidden.rest(&same.key, point)));
            if clock.reversed {
                self.points[from..].reverse();
            }
            if self.points.len() > from {
                self.groups.push((same, from..self.points.len()));
            }
        }
        keep_place_within_a_second(&mut self.points, clock.reversed);
        for at in 0..self.groups.len() {
            let (same, range) = self.groups[at].clone();
            match Counted::takes(&same.key, self.catalogue) {
                true => self.counted.add(node, &same.key, &self.points[range]),
                false => self.add(same, range),
            }
        }
        self.points.clear();
        self.groups.clear();
    }

    fn add(&mut self, same: Same<'s>, range: Range<usize>) {
        let same = self.named.as_ref().map_or(same, |named| named.of(same));
        // Where there are too many, objects are told apart and not what is said of each.
        let key = Same { captures: if self.named.is_some() { &[] } else { same.captures }, ..same };
        let points = &self.points[range];
        match self.known.entry(key) {
            Entry::Occupied(at) => self.all[*at.get()].add(same, points),
            Entry::Vacant(place) => {
                place.insert(self.all.len());
                self.all.push(Gathering { same, points: points.to_vec(), first: points[0].clone(), mixed: false });
            }
        }
    }

    /// All strands with their points, and what is only counted.
    pub(super) fn finish(self) -> (Vec<(Same<'s>, Vec<Point<'s>>)>, Counted<'s>) {
        let mut all: Vec<_> = self.all.into_iter().map(Gathering::in_order).collect();
        if self.named.is_some() {
            crowded::thin(&mut all);
        }
        (all, self.counted)
    }
}

impl<'s> Gathering<'s> {
    /// Adds points of another source or object. Of one object the values are those of its first line.
    fn add(&mut self, same: Same<'s>, points: &[Point<'s>]) {
        if points[0].order() < self.first.order() {
            (self.same, self.first) = (same, points[0].clone());
        }
        self.points.extend_from_slice(points);
        self.mixed = true;
    }

    fn in_order(mut self) -> (Same<'s>, Vec<Point<'s>>) {
        if self.mixed {
            self.points.sort_by(|a, b| a.order().cmp(&b.order()));
        }
        (self.same, self.points)
    }
}

/// The groups of one source and their courses.
fn groups_of<'s>(source: &'s Source, node: &'s str) -> impl Iterator<Item = (Same<'s>, &'s Course)> {
    source.tallies.iter().flat_map(move |(key, tally)| {
        let groups =
            tally.groups.values().map(|group| (group.run, &group.object[..], &group.captures[..], &group.course));
        let all = groups.chain([(0, &[][..], &[][..], &tally.rest)]).filter(|(.., course)| !course.is_empty());
        all.map(move |(run, object, captures, course)| (Same { key: *key, run, node, object, captures }, course))
    })
}

fn point<'s>(path: &'s str, cell: &'s Cell, clock: &SourceClock) -> Point<'s> {
    let start = Seen { position: cell.first.position, when: cell.first.when };
    let (a, b) = match cell.count {
        1 => [clock.axis(&start); 2].into(),
        _ => (clock.axis(&start), clock.axis(&cell.last)),
    };
    Point {
        path,
        first: a.min(b),
        last: a.max(b),
        count: cell.count,
        line: &cell.first,
        end: cell.last,
        end_path: path,
    }
}

/// A stamp of whole seconds tells less than the place: beside stamps with fractions, such a line is no earlier than the line of the
/// same second before it.
fn keep_place_within_a_second(points: &mut [Point<'_>], reversed: bool) {
    if !points.iter().any(|point| is_whole(point.line)) {
        return;
    }
    let place = |point: &Point<'_>| match reversed {
        true => u64::MAX - point.line.position.offset,
        false => point.line.position.offset,
    };
    let mut places: Vec<(u64, usize)> = points.iter().enumerate().map(|(at, point)| (place(point), at)).collect();
    places.sort_unstable();
    let mut latest = i64::MIN;
    for (_, at) in places {
        let point = &mut points[at];
        if latest > point.first && latest - point.first < SECOND && is_whole(point.line) {
            point.first = latest;
            point.last = point.last.max(latest);
        }
        latest = latest.max(point.first);
    }
}

const SECOND: i64 = 1_000_000;

/// Has the line a stamp without a fraction?
pub(in crate::verdict) fn is_whole(line: &Line) -> bool {
    match line.when.map(|when| when.stamp) {
        Some(Stamp::Absolute { micros, .. } | Stamp::Local { micros, .. }) => micros % SECOND == 0,
        _ => false,
    }
}
