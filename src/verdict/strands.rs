//! From groups to strands: the events of one pattern about one object, as points on the axis. What sources hold again counts once.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::clocks::{Clocks, SourceClock};
use super::nodes::{path_of, Nodes};
use super::outcome::{Moment, Shown};
use super::views::Views;
use crate::base::Stamp;
use crate::catalogue::{CaptureId, Catalogue, ComponentId, ConditionId, PatternId, Role, Scope};
use crate::summary::{hash_of, Cell, Course, Line, Seen, Source, Summary, TallyKey, MOST_CELLS, NO_HOST};

/// Some events of a strand that were counted together; mostly one.
#[derive(Debug, Clone)]
pub struct Point<'s> {
    /// Path of the source, or the name of its part.
    pub path: &'s str,
    /// Where the first lies on the axis.
    pub first: i64,
    /// Where the last does.
    pub last: i64,
    /// How many.
    pub count: u64,
    /// The first line.
    pub line: &'s Line,
    /// The last reading.
    pub end: Seen,
    /// The source that it is of.
    pub end_path: &'s str,
}

impl<'s> Point<'s> {
    /// When the last line was written.
    pub fn last_moment(&self, clocks: &Clocks) -> Moment {
        clocks.moment(self.end_path, &self.end)
    }

    /// Takes over one that does not begin before this one.
    fn join(&mut self, other: &Point<'s>) {
        self.count += other.count;
        if other.last >= self.last {
            (self.last, self.end, self.end_path) = (other.last, other.end, other.end_path);
        }
    }

    /// Order of time; where clocks agree, of place.
    pub(super) fn order(&self) -> (i64, &str, u64) {
        (self.first, self.path, self.line.position.offset)
    }

    /// When the first line was written.
    pub fn moment(&self, clocks: &Clocks) -> Moment {
        clocks.moment(self.path, &Seen { position: self.line.position, when: self.line.when })
    }

    /// The first line.
    pub fn shown(&self, clocks: &Clocks) -> Shown {
        Shown {
            path: path_of(self.path).to_string(),
            position: self.line.position,
            moment: self.moment(clocks),
            text: String::from_utf8_lossy(&self.line.text).into_owned(),
        }
    }
}

/// The events of one pattern about one object in one run, in the order of time.
#[derive(Debug, Clone)]
pub struct Strand<'s> {
    /// Who spoke.
    pub component: Option<ComponentId>,
    /// The pattern.
    pub pattern: PatternId,
    /// The condition.
    pub condition: Option<ConditionId>,
    /// What the lines say of it.
    pub role: Role,
    /// Process that spoke, 0 where not known.
    pub run: u32,
    /// Node that it is about.
    pub node: String,
    /// What names the object.
    pub object: Vec<(CaptureId, String)>,
    /// All that the first line tells.
    pub captures: Rc<[(CaptureId, String)]>,
    /// The events.
    pub points: Vec<Point<'s>>,
}

/// All strands of a summary, without what sources hold again.
pub fn collect<'s>(
    summary: &'s Summary,
    catalogue: &Catalogue,
    nodes: &Nodes,
    clocks: &Clocks,
    views: &Views,
) -> Vec<Strand<'s>> {
    let mut all: Vec<(Same<'_>, Vec<Point<'s>>)> = Vec::new();
    for (path, source) in &summary.sources {
        all.extend(of_source(path, source, summary, nodes, clocks, views));
    }
    let mut joined = join(all);
    if joined.len() > MOST_STRANDS {
        joined = Named::within(MOST_STRANDS, &joined).join(joined);
        thin(&mut joined);
    }
    let identities = identities(summary);
    joined.into_iter().map(|(same, points)| strand(&same, points, &identities, nodes, catalogue)).collect()
}

/// What is the same in several sources, with the points of all.
fn join<'n, 's>(all: Vec<(Same<'n>, Vec<Point<'s>>)>) -> Vec<(Same<'n>, Vec<Point<'s>>)> {
    let mut known: FxHashMap<Same<'n>, usize> = FxHashMap::default();
    let mut joined: Vec<(Same<'n>, Vec<Point<'s>>)> = Vec::new();
    for (same, points) in all {
        match known.entry(same) {
            Entry::Occupied(at) => joined[*at.get()].1.extend(points),
            Entry::Vacant(place) => {
                joined.push((*place.key(), points));
                place.insert(joined.len() - 1);
            }
        }
    }
    joined.iter_mut().for_each(|(_, points)| sort(points));
    joined
}

/// Puts points of several sources in the order of time; those of one are in its order.
fn sort(points: &mut [Point<'_>]) {
    if points.windows(2).any(|pair| pair[0].path != pair[1].path) {
        points.sort_by(|a, b| a.order().cmp(&b.order()));
    }
}

/// Objects of all kinds of events together that are told apart, roughly. A summary holds as few for one source; thousands of
/// sources have as many each.
const MOST_STRANDS: usize = 4096;

/// Objects of one kind of events on one node that are told apart at least.
const FEWEST_OBJECTS: usize = 16;

/// Points of all strands together that are kept where there are too many strands: as many as a summary holds of one source.
const MOST_POINTS: usize = MOST_CELLS as usize;

/// Joins points that follow each other, in stretches of time, as a summary does within one source.
fn thin(all: &mut [(Same<'_>, Vec<Point<'_>>)]) {
    let mut most = MOST_POINTS;
    while most > 1 && all.iter().map(|(_, points)| points.len().min(most)).sum::<usize>() > MOST_POINTS {
        most /= 2;
    }
    for (_, points) in all.iter_mut().filter(|(_, points)| points.len() > most) {
        points.sort_by(|a, b| a.order().cmp(&b.order()));
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

/// Which objects are told apart: of each kind of events those with the smallest hashes.
struct Named<'n> {
    /// By kind of events and node: the largest hash that is told apart.
    borders: FxHashMap<(TallyKey, &'n str), u64>,
}

impl<'n> Named<'n> {
    /// As many of each kind as have room together, none being halved more often than needed.
    fn within(most: usize, all: &[(Same<'n>, Vec<Point<'_>>)]) -> Named<'n> {
        let mut kinds: FxHashMap<(TallyKey, &'n str), BTreeSet<u64>> = FxHashMap::default();
        for (same, _) in all {
            kinds.entry(same.kind()).or_default().insert(same.hash());
        }
        let mut objects = most;
        while objects > FEWEST_OBJECTS && kinds.values().map(|hashes| hashes.len().min(objects)).sum::<usize>() > most {
            objects /= 2;
        }
        let border = |(kind, hashes): ((TallyKey, &'n str), BTreeSet<u64>)| {
            Some((kind, *hashes.iter().nth(objects - 1).filter(|_| hashes.len() > objects)?))
        };
        Named { borders: kinds.into_iter().filter_map(border).collect() }
    }

    /// What is told apart as it is, else as the rest of its kind. Of one object the values are those of its first line.
    fn join<'s>(&self, mut all: Vec<(Same<'n>, Vec<Point<'s>>)>) -> Vec<(Same<'n>, Vec<Point<'s>>)> {
        all.sort_by(|(_, a), (_, b)| a[0].order().cmp(&b[0].order()));
        let mut captures: FxHashMap<Same<'n>, &'n [Value]> = FxHashMap::default();
        for (same, _) in &mut all {
            if self.borders.get(&same.kind()).is_some_and(|border| same.hash() > *border) {
                *same = Same { run: 0, object: &[], captures: &[], ..*same };
            }
            same.captures = captures.entry(Same { captures: &[], ..*same }).or_insert(same.captures);
        }
        join(all)
    }
}

/// What the events of several sources have in common that are one strand: a log goes on in the next file of its rotation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Same<'s> {
    key: TallyKey,
    run: u32,
    node: &'s str,
    object: &'s [Value],
    captures: &'s [Value],
}

impl<'s> Same<'s> {
    fn kind(&self) -> (TallyKey, &'s str) {
        (self.key.of_host(NO_HOST), self.node)
    }

    fn hash(&self) -> u64 {
        hash_of(self.object)
    }
}

/// A capture and its value.
type Value = (CaptureId, Box<[u8]>);

/// What one source holds, in the order of the source.
fn of_source<'n, 's: 'n>(
    path: &'s str,
    source: &'s Source,
    summary: &'s Summary,
    nodes: &'n Nodes,
    clocks: &Clocks,
    views: &Views,
) -> Vec<(Same<'n>, Vec<Point<'s>>)> {
    let Some(clock) = clocks.of(path) else { return Vec::new() };
    let node = nodes.of(path);
    let mut hidden = views.hidden(path, summary, clocks);
    let mut all = Vec::new();
    for (key, tally) in &source.tallies {
        let groups =
            tally.groups.values().map(|group| (group.run, &group.object[..], &group.captures[..], &group.course));
        for (run, object, captures, course) in groups.chain([(0, &[][..], &[][..], &tally.rest)]) {
            let points = course.cells().map(|cell| point(path, cell, clock));
            let mut points: Vec<Point> = points.filter_map(|point| hidden.rest(key, point)).collect();
            if points.is_empty() {
                continue;
            }
            if clock.reversed {
                points.reverse();
            }
            all.push((Same { key: *key, run, node, object, captures }, points));
        }
    }
    keep_place_within_a_second(&mut all, clock.reversed);
    all
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

fn strand<'s>(
    same: &Same<'_>,
    points: Vec<Point<'s>>,
    identities: &Identities,
    nodes: &Nodes,
    catalogue: &Catalogue,
) -> Strand<'s> {
    let object = named(same.object, identities, catalogue);
    let about = about(same.key.condition, &object, nodes, catalogue);
    Strand {
        component: same.key.component,
        pattern: same.key.pattern,
        condition: same.key.condition,
        role: same.key.role,
        run: same.run,
        node: about.unwrap_or(same.node).to_string(),
        object,
        captures: named(same.captures, identities, catalogue).into(),
        points,
    }
}

/// A stamp of whole seconds tells less than the place: beside stamps with fractions, such a line is no earlier than the line of the
/// same second before it.
fn keep_place_within_a_second(source: &mut [(Same<'_>, Vec<Point<'_>>)], reversed: bool) {
    let points = || source.iter().flat_map(|(_, points)| points);
    if !points().any(|point| is_whole(point.line)) {
        return;
    }
    let mut places: Vec<(u64, usize, usize)> = Vec::new();
    for (at, (_, points)) in source.iter().enumerate() {
        let place = |point: &Point<'_>| match reversed {
            true => u64::MAX - point.line.position.offset,
            false => point.line.position.offset,
        };
        places.extend(points.iter().enumerate().map(|(number, point)| (place(point), at, number)));
    }
    places.sort_unstable();
    let mut latest = i64::MIN;
    for (_, at, number) in places {
        let point = &mut source[at].1[number];
        if latest > point.first && latest - point.first < SECOND && is_whole(point.line) {
            point.first = latest;
            point.last = point.last.max(latest);
        }
        latest = latest.max(point.first);
    }
}

const SECOND: i64 = 1_000_000;

/// Has the line a stamp without a fraction?
pub(super) fn is_whole(line: &Line) -> bool {
    match line.when.map(|when| when.stamp) {
        Some(Stamp::Absolute { micros, .. } | Stamp::Local { micros, .. }) => micros % SECOND == 0,
        _ => false,
    }
}

/// The other node that a line is about: the control plane says that a node is not ready, and that is no trouble of its own.
fn about<'n>(
    condition: Option<ConditionId>,
    object: &[(CaptureId, String)],
    nodes: &'n Nodes,
    catalogue: &Catalogue,
) -> Option<&'n str> {
    let is_of_node = catalogue.conditions[usize::from(condition?)].scope == Scope::Node;
    let id = catalogue.capture("node").filter(|_| is_of_node && nodes.are_several())?;
    let (_, name) = object.iter().find(|(capture, _)| *capture == id)?;
    nodes.named(name)
}

type Identities = BTreeMap<(CaptureId, Vec<u8>), String>;

/// What kept lines tell of pods' other names; where they disagree, the first by name.
fn identities(summary: &Summary) -> Identities {
    let tallies = summary.sources.values().flat_map(|source| source.tallies.values());
    let courses = tallies.flat_map(|tally| tally.groups.values().map(|group| &group.course).chain([&tally.rest]));
    let mut all = Identities::new();
    for identity in courses.flat_map(Course::cells).flat_map(|cell| &cell.first.identities) {
        let pod = String::from_utf8_lossy(&identity.pod).into_owned();
        let known = all.entry((identity.known_by, identity.value.to_vec())).or_insert_with(|| pod.clone());
        if pod < *known {
            *known = pod;
        }
    }
    all
}

/// Values as text; a pod known only by uid or container id gets its name.
fn named(values: &[Value], identities: &Identities, catalogue: &Catalogue) -> Vec<(CaptureId, String)> {
    let pod = catalogue.capture("pod");
    let mut named: Vec<(CaptureId, String)> =
        values.iter().map(|(name, value)| (*name, String::from_utf8_lossy(value).into_owned())).collect();
    if let Some(pod) = pod.filter(|pod| !named.iter().any(|(name, _)| name == pod)) {
        let found = values.iter().find_map(|(name, value)| identities.get(&(*name, value.to_vec())));
        if let Some(found) = found {
            named.push((pod, found.clone()));
        }
    }
    named
}
