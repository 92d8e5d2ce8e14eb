//! From groups to strands: the events of one pattern about one object, as points on the axis. What sources hold again counts once.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::clocks::Clocks;
use super::nodes::{path_of, Nodes};
use super::outcome::{Moment, Shown};
use super::views::Views;
use crate::base::Stamp;
use crate::catalogue::{CaptureId, Catalogue, ComponentId, ConditionId, PatternId, Role, Scope};
use crate::summary::{Course, Line, Seen, Summary};

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
}

impl Point<'_> {
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
    let identities = identities(summary);
    let mut strands = Vec::new();
    for (path, source) in &summary.sources {
        let node = nodes.of(path).to_string();
        let mut hidden = views.hidden(path, summary, clocks);
        for (key, tally) in &source.tallies {
            let groups = tally.groups.values().map(|group| (group.run, &group.object, &group.captures, &group.course));
            let none = Vec::new();
            for (run, object, captures, course) in groups.chain([(0, &none, &none, &tally.rest)]) {
                let points: Vec<Point> = course
                    .cells()
                    .map(|cell| {
                        let start = Seen { position: cell.first.position, when: cell.first.when };
                        let (a, b) = (clocks.axis(path, &start), clocks.axis(path, &cell.last));
                        Point {
                            path,
                            first: a.min(b),
                            last: a.max(b),
                            count: cell.count,
                            line: &cell.first,
                            end: cell.last,
                        }
                    })
                    .filter_map(|point| hidden.rest(key, point))
                    .collect();
                if points.is_empty() {
                    continue;
                }
                let mut points = points;
                if clocks.of(path).is_some_and(|clock| clock.reversed) {
                    points.reverse();
                }
                let object = named(object, &identities, catalogue);
                let about = about(key.condition, &object, nodes, catalogue);
                strands.push(Strand {
                    component: key.component,
                    pattern: key.pattern,
                    condition: key.condition,
                    role: key.role,
                    run,
                    node: about.unwrap_or(&node).to_string(),
                    object,
                    captures: named(captures, &identities, catalogue).into(),
                    points,
                });
            }
        }
    }
    keep_place_within_a_second(&mut strands, clocks);
    strands
}

/// A stamp of whole seconds tells less than the place: beside stamps with fractions, such a line is no earlier than the line of the
/// same second before it.
fn keep_place_within_a_second(strands: &mut [Strand<'_>], clocks: &Clocks) {
    let mut places: Vec<(&str, u64, usize, usize)> = Vec::new();
    for (at, strand) in strands.iter().enumerate() {
        let reversed = |path: &str| clocks.of(path).is_some_and(|clock| clock.reversed);
        let point = |(number, point): (usize, &Point<'_>)| (point.line.position.offset, number);
        for (offset, number) in strand.points.iter().enumerate().map(point) {
            let path = strand.points[number].path;
            let place = if reversed(path) { u64::MAX - offset } else { offset };
            places.push((path, place, at, number));
        }
    }
    places.sort_unstable();
    let mut before: Option<(&str, i64)> = None;
    for (path, _, at, number) in places {
        let point = &mut strands[at].points[number];
        if let Some((_, latest)) = before.filter(|(known, latest)| *known == path && *latest > point.first) {
            if is_whole(point.line) && latest - point.first < SECOND {
                point.first = latest;
                point.last = point.last.max(latest);
            }
        }
        before = Some((
            path,
            before.filter(|(known, _)| *known == path).map_or(point.first, |(_, latest)| latest.max(point.first)),
        ));
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
fn named(
    values: &[(CaptureId, Box<[u8]>)],
    identities: &Identities,
    catalogue: &Catalogue,
) -> Vec<(CaptureId, String)> {
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
