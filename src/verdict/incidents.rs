//! From linked episodes to incidents: each root with what follows, the main one first. Chosen by how much it hurts, whether it
//! goes on, what it explains, then by time: never by the number of lines.

use std::collections::{BTreeMap, BTreeSet};

use super::episodes::Episode;
use super::links::Link;
use crate::catalogue::{Catalogue, ConditionId, Severity, Usually};

/// A root and its tree, as indexes of episodes.
#[derive(Debug, Clone)]
pub struct Group {
    /// The condition of the root.
    pub condition: ConditionId,
    /// Node.
    pub node: String,
    /// Episodes of the root, in order of time: one object or several, first time and recurrences.
    pub roots: Vec<usize>,
    /// Episodes that follow.
    pub followers: Vec<usize>,
    /// The root is told only by what usually follows something else, or only by symptoms.
    pub last_resort: bool,
    /// How much it hurts: the worst of root and effects.
    pub severity: Severity,
    /// A condition that stands for the root where nothing explains it (`alone`): the root's own is then its first effect.
    pub stands_for: Option<ConditionId>,
}

/// Where the span of the log matters.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogSpan {
    /// First stamp on the axis.
    pub first: i64,
    /// Last stamp on the axis.
    pub last: i64,
}

/// The log must cover so much before an episode for the absence of a cause to mean something.
const COVERED_BEFORE: i64 = 20_000_000;

/// What the roots came to.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Incidents, the main one first.
    pub named: Vec<Group>,
    /// Roots that were weighed and left.
    pub weighed: Vec<Group>,
    /// Roots that passed without harm.
    pub passed: Vec<Group>,
}

/// Incidents, the main one first; and those roots that were weighed and left, or passed.
pub fn find(
    episodes: &[Episode<'_>],
    links: &[Option<Link>],
    catalogue: &Catalogue,
    spans: &dyn Fn(&str) -> LogSpan,
) -> Found {
    let root_of = |mut at: usize| {
        while let Some(link) = links[at] {
            at = link.cause;
        }
        at
    };
    let mut groups: BTreeMap<(String, ConditionId), Group> = BTreeMap::new();
    for (index, episode) in episodes.iter().enumerate() {
        if episode.settled {
            continue;
        }
        let root = root_of(index);
        let condition = episodes[root].condition;
        let about = &catalogue.conditions[usize::from(condition)];
        if about.usually == Usually::Background {
            continue;
        }
        let node = &episodes[root].node;
        let group = groups.entry((node.clone(), condition)).or_insert_with(|| Group {
            condition,
            node: node.clone(),
            roots: Vec::new(),
            followers: Vec::new(),
            last_resort: true,
            severity: about.severity,
            stands_for: None,
        });
        if root != index && episode.condition == condition {
            // What the root brought about brought the root about again: it is back, and no effect of itself.
            group.roots.push(index);
        } else if root == index {
            group.roots.push(index);
            group.last_resort &= !episode.firmly_stated() || about.usually == Usually::Effect;
        } else {
            group.followers.push(index);
            let effect = &catalogue.conditions[usize::from(episode.condition)];
            if episode.stated() {
                group.severity = group.severity.max(effect.severity);
            }
        }
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    for group in &mut groups {
        let about = &catalogue.conditions[usize::from(group.condition)];
        let first = group.roots.iter().map(|&root| episodes[root].start).min().unwrap_or(0);
        if let Some(alone) = about.alone.filter(|_| first - spans(&group.node).first >= COVERED_BEFORE) {
            group.stands_for = Some(alone);
            group.last_resort = false;
            group.severity = catalogue.conditions[usize::from(alone)].severity;
        }
    }
    let (passed, mut groups): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(|group| passed(group, episodes));
    join_the_precise(&mut groups, episodes, catalogue);
    let rank = |group: &Group| {
        let last = group.roots.iter().chain(&group.followers).map(|&at| episodes[at].last).max().unwrap_or(0);
        let silence = catalogue.conditions[usize::from(group.condition)].silence;
        let ongoing = spans(&group.node).last - last <= silence;
        let explained: BTreeSet<ConditionId> = group.followers.iter().map(|&at| episodes[at].condition).collect();
        let first = group.roots.iter().map(|&root| episodes[root].start).min().unwrap_or(0);
        (!group.last_resort, group.severity, ongoing, explained.len(), std::cmp::Reverse(first))
    };
    groups.sort_by(|a, b| rank(b).cmp(&rank(a)).then(a.condition.cmp(&b.condition)));
    if groups.is_empty() {
        return Found { passed, ..Found::default() };
    }
    // Roots of last resort are incidents only where there is no better one: beside it they are unexplained.
    // Each node has its own.
    let mut explained: BTreeSet<String> = BTreeSet::new();
    let (mut named, mut weighed) = (Vec::new(), Vec::new());
    for group in groups {
        if group.last_resort && explained.contains(&group.node) {
            weighed.push(group);
            continue;
        }
        explained.extend(nodes_of(&group, episodes));
        named.push(group);
    }
    Found { named, weighed, passed }
}

/// The nodes that an incident was seen on: first the one that it began on, then the others by name.
pub(super) fn nodes_of(group: &Group, episodes: &[Episode<'_>]) -> Vec<String> {
    let all = group.roots.iter().chain(&group.followers).map(|&at| &episodes[at].node);
    let others: BTreeSet<&String> = all.filter(|node| **node != group.node).collect();
    std::iter::once(&group.node).chain(others).filter(|node| !node.is_empty()).cloned().collect()
}

/// Did it pass without harm? Short episodes of what passes by itself now and then; and what only symptoms told, before it ended.
fn passed(group: &Group, episodes: &[Episode<'_>]) -> bool {
    group.roots.iter().map(|&at| &episodes[at]).all(|episode| {
        let recovered = episode.recoveries.iter().any(|recovery| recovery.first >= episode.last);
        episode.passing || (!episode.stated() && recovered)
    })
}

/// A root that says less precisely what another root says is part of that incident.
fn join_the_precise(groups: &mut Vec<Group>, episodes: &[Episode<'_>], catalogue: &Catalogue) {
    let mut at = 0;
    while at < groups.len() {
        let vague = &groups[at];
        let span = |group: &Group| {
            let start = group.roots.iter().map(|&root| episodes[root].start).min().unwrap_or(0);
            let last = group.roots.iter().map(|&root| episodes[root].last).max().unwrap_or(0);
            (start, last)
        };
        let (start, last) = span(vague);
        let precise = groups.iter().position(|other| {
            let (other_start, other_last) = span(other);
            other.condition != vague.condition
                && other.node == vague.node
                && catalogue.refines(other.condition, vague.condition)
                && other_start <= last
                && start <= other_last
        });
        match precise {
            Some(target) => {
                let vague = groups.remove(at);
                let target = if target > at { target - 1 } else { target };
                groups[target].followers.extend(vague.roots);
                groups[target].followers.extend(vague.followers);
                groups[target].followers.sort_unstable();
                groups[target].severity = groups[target].severity.max(vague.severity);
            }
            None => at += 1,
        }
    }
}
