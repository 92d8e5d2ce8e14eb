//! Links over the border of a node: what stays unexplained on one node may be the view that it has of another node's trouble.
//! Apart because nothing here may change what is found within a node: only what has no cause there is looked at.

use std::collections::{BTreeMap, BTreeSet};

use super::{agree, effect_named_so, in_time_within, leads_to, named_so, Edges, Link};
use crate::catalogue::{Catalogue, ConditionId};
use crate::verdict::episodes::Episode;

/// Clocks of the nodes of a cluster differ by less than this; where they differ by more, nothing is linked that should not be.
const CLOCKS: i64 = 5_000_000;

/// Nodes notice a trouble that they share within this time of each other: the kubelet asks at least every ten seconds, but a
/// request that gets no answer may wait a minute for it, and some ask only once a minute.
const NOTICED: i64 = 120_000_000;

/// Links what has no cause on its own node to what happened on another one.
pub(super) fn link(episodes: &[Episode<'_>], links: &mut [Option<Link>], catalogue: &Catalogue, edges: &Edges<'_>) {
    let is_one_node = episodes.windows(2).all(|pair| pair[0].node == pair[1].node);
    if is_one_node {
        return;
    }
    let across = |condition: ConditionId| catalogue.conditions[usize::from(condition)].across;
    let mut by_condition: BTreeMap<ConditionId, Vec<usize>> = BTreeMap::new();
    for at in (0..episodes.len()).filter(|at| !episodes[*at].settled) {
        by_condition.entry(episodes[at].condition).or_default().push(at);
    }
    for effect in 0..episodes.len() {
        if episodes[effect].settled || links[effect].is_some() {
            continue;
        }
        let condition = episodes[effect].condition;
        let mut best: Option<(Fit, Link)> = None;
        let same = across(condition).then_some(condition);
        let causes: BTreeSet<ConditionId> = edges.across(condition).chain(same).collect();
        let mut crossing: Vec<usize> =
            causes.iter().filter_map(|cause| by_condition.get(cause)).flatten().copied().collect();
        crossing.sort_unstable();
        for cause in crossing.into_iter().filter(|&cause| episodes[cause].node != episodes[effect].node) {
            let (c, e) = (&episodes[cause], &episodes[effect]);
            if c.passing && !e.passing {
                continue;
            }
            let explained = links[cause].is_some();
            let found = if c.condition == e.condition && across(condition) {
                is_same_trouble(c, e, explained || cause < effect, explained).then_some(None)
            } else {
                edge_between(c, e, edges).map(Some)
            };
            let Some(edge) = found else { continue };
            let fit = Fit { explained, by_edge: edge.is_some(), start: std::cmp::Reverse((c.start - e.start).abs()) };
            if best.as_ref().is_some_and(|(known, _)| *known >= fit) || leads_to(links, cause, effect) {
                continue;
            }
            best = Some((fit, Link { cause, edge }));
        }
        links[effect] = best.map(|(_, link)| link);
    }
}

/// How well the trouble of another node explains; the greater the better.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
struct Fit {
    /// Its own cause is known: it is no mere view of the trouble, as this one is.
    explained: bool,
    by_edge: bool,
    start: std::cmp::Reverse<i64>,
}

/// Do two nodes speak of one trouble? They notice it together; where one of them knows the cause, the other may also come to
/// notice it as long as it lasts.
fn is_same_trouble(cause: &Episode<'_>, effect: &Episode<'_>, may_lead: bool, explained: bool) -> bool {
    let together = (cause.start - effect.start).abs() <= NOTICED;
    let while_it_lasts = explained && effect.start >= cause.start - NOTICED && effect.start <= cause.last + CLOCKS;
    may_lead && (together || while_it_lasts)
}

/// An edge that leads from one node to another. What an edge says of objects must be known here: an object without a name may be
/// any.
fn edge_between(cause: &Episode<'_>, effect: &Episode<'_>, edges: &Edges<'_>) -> Option<usize> {
    let holds = |edge: &crate::catalogue::Edge| {
        edge.across
            && agree(cause, effect, edge).is_some()
            && named_so(cause, edge)
            && effect_named_so(effect, edge)
            && in_time_within(cause, effect, edge, CLOCKS)
    };
    edges.between(cause.condition, effect.condition).find(|(_, edge)| holds(edge)).map(|(index, _)| index)
}
