//! From groups to strands: the events of one pattern about one object, as points on the axis. What sources hold again counts once.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::clocks::Clocks;
use super::nodes::{path_of, Nodes};
use super::outcome::{Moment, Shown};
use super::views::Views;
use crate::catalogue::{CaptureId, Catalogue, ComponentId, ConditionId, PatternId, Role, Scope};
use crate::summary::{Course, Line, Seen, Summary};

mod counted;
mod crowded;
mod gather;

pub use counted::Counted;
pub(super) use gather::is_whole;
use gather::{Gathered, Same, Value};

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
            proof: Vec::new(),
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

/// What a verdict rests on, and what is only counted.
pub struct Collected<'s> {
    /// In the order of sources.
    pub strands: Vec<Strand<'s>>,
    /// What is usual or says nothing of a condition.
    pub counted: Counted<'s>,
}

/// All strands of a summary, without what sources hold again.
pub fn collect<'s>(
    summary: &'s Summary,
    catalogue: &Catalogue,
    nodes: &'s Nodes,
    clocks: &Clocks,
    views: &Views,
) -> Collected<'s> {
    let mut gathered = Gathered::new(summary, catalogue, nodes);
    for (path, source) in &summary.sources {
        if let Some(clock) = clocks.of(path) {
            gathered.take(path, source, nodes.of(path), clock, views.hidden(path, summary, clocks));
        }
    }
    let (gathered, counted) = gathered.finish();
    let identities = identities(summary);
    let strands = gathered.into_iter().map(|(same, points)| strand(&same, points, &identities, nodes, catalogue));
    Collected { strands: strands.collect(), counted }
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
