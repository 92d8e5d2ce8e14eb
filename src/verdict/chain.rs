//! The chain of an incident: its effects, each condition once, a cause before its effects.

use std::collections::{BTreeMap, BTreeSet};

use super::clocks::Clocks;
use super::episodes::{Episode, Told};
use super::incidents::Group;
use super::links::Link;
use super::outcome::{Effect, Moment, Shown};
use super::proof;
use crate::catalogue::{Catalogue, ConditionId, Role};

/// Objects that a report names per effect.
const NAMED: usize = 20;

/// Lines shown per effect.
const LINES: usize = 3;

const SECOND: f64 = 1_000_000.0;

/// The chain of a group.
pub fn build(
    group: &Group,
    episodes: &[Episode<'_>],
    links: &[Option<Link>],
    catalogue: &Catalogue,
    clocks: &Clocks,
) -> Vec<Effect> {
    let mut rows: BTreeMap<ConditionId, Vec<usize>> = BTreeMap::new();
    for &at in &group.followers {
        rows.entry(episodes[at].condition).or_default().push(at);
    }
    if group.stands_for.is_some() {
        rows.entry(group.condition).or_default().extend(&group.roots);
    }
    if group.stands_for.is_none() {
        rows.remove(&group.condition);
    }
    let start = |condition: &ConditionId| first_line(&rows[condition], episodes);
    let mut left: Vec<ConditionId> = rows.keys().copied().collect();
    left.sort_by_key(|condition| (start(condition), *condition));
    let root_start = first_line(&group.roots, episodes);
    let mut placed: Vec<ConditionId> = Vec::new();
    let mut chain: Vec<Effect> = Vec::new();
    while !left.is_empty() {
        // The first whose cause is placed already; links of single episodes form trees, those of conditions need not.
        let parent = |condition: &ConditionId| parent_of(&rows[condition], episodes, links, group);
        let ready = left.iter().position(|condition| {
            parent(condition).0.is_none_or(|cause| placed.contains(&cause) || !rows.contains_key(&cause))
        });
        let condition = left.remove(ready.unwrap_or(0));
        let (cause, why) = parent(&condition);
        let caused_by = cause.and_then(|cause| placed.iter().position(|known| *known == cause));
        let from = caused_by.map_or(root_start, |at| start(&placed[at]));
        chain.push(effect(condition, &rows[&condition], episodes, clocks, caused_by, from, why, catalogue));
        placed.push(condition);
    }
    chain
}

/// Time of the first line of some episodes: what reports count delays from, as they show it.
fn first_line(row: &[usize], episodes: &[Episode<'_>]) -> i64 {
    row.iter().filter_map(|&at| Some(episodes[at].told.first()?.point.first)).min().unwrap_or(0)
}

/// The condition that the earliest episode of a row followed from (`None`: the root), and the edge.
fn parent_of(
    row: &[usize],
    episodes: &[Episode<'_>],
    links: &[Option<Link>],
    group: &Group,
) -> (Option<ConditionId>, Option<usize>) {
    let first = row.iter().copied().min_by_key(|&at| (episodes[at].start, at));
    let Some(link) = first.and_then(|at| links[at]) else { return (None, None) };
    let condition = episodes[link.cause].condition;
    let is_root = group.stands_for.is_none() && condition == group.condition;
    ((!is_root).then_some(condition), link.edge)
}

#[allow(clippy::too_many_arguments)]
fn effect(
    condition: ConditionId,
    row: &[usize],
    episodes: &[Episode<'_>],
    clocks: &Clocks,
    caused_by: Option<usize>,
    from: i64,
    edge: Option<usize>,
    catalogue: &Catalogue,
) -> Effect {
    let about = &catalogue.conditions[usize::from(condition)];
    let start = first_line(row, episodes);
    let mut told: Vec<&Told> = row.iter().flat_map(|&at| &episodes[at].told).collect();
    told.sort_by_key(|told| (told.point.first, told.point.path, told.point.line.position));
    let mut objects: Vec<(i64, String)> = Vec::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for &at in row {
        let name = &episodes[at].key;
        if !name.is_empty() && known.insert(name) {
            objects.push((episodes[at].start, name.clone()));
        }
    }
    objects.sort();
    let more_objects = objects.len().saturating_sub(NAMED) as u64;
    Effect {
        condition: about.id.clone(),
        title: about.title.clone(),
        caused_by,
        why: edge.map_or_else(String::new, |edge| catalogue.edges[edge].why.clone()),
        delay: (start - from) as f64 / SECOND,
        count: row.iter().map(|&at| episodes[at].count).sum(),
        first: told.first().map_or_else(Moment::default, |told| told.point.moment(clocks)),
        last: last_moment(&told, clocks),
        objects: objects.into_iter().take(NAMED).map(|(_, name)| name).collect(),
        more_objects,
        nodes: row
            .iter()
            .map(|&at| &episodes[at].node)
            .filter(|node| !node.is_empty())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .cloned()
            .collect(),
        lines: lines(&told, condition, clocks, LINES, catalogue),
    }
}

/// When the last line of some events was written.
pub fn last_moment(told: &[&Told<'_>], clocks: &Clocks) -> Moment {
    told.iter()
        .max_by_key(|told| (told.point.last, told.point.end.position))
        .map_or_else(Moment::default, |told| told.point.last_moment(clocks))
}

/// The lines to point at, best first: what states the condition and is not itself a consequence, then weak statements, then
/// symptoms; by time among equals, and one line of each pattern.
pub fn lines(
    told: &[&Told<'_>],
    condition: ConditionId,
    clocks: &Clocks,
    most: usize,
    catalogue: &Catalogue,
) -> Vec<Shown> {
    let worth = |told: &Told| match (told.role, told.weak) {
        (Role::Statement, false) => 0,
        (Role::Statement, true) => 1,
        _ => 2,
    };
    let mut sorted: Vec<&&Told> = told.iter().collect();
    sorted.sort_by_key(|told| (worth(told), told.point.first, told.point.path, told.point.line.position));
    let mut patterns = Vec::new();
    let mut lines = Vec::new();
    for told in sorted {
        if lines.len() < most && !patterns.contains(&told.pattern) {
            patterns.push(told.pattern);
            lines.push(Shown { proof: proof::words(told, condition, catalogue), ..told.point.shown(clocks) });
        }
    }
    lines
}
