//! Links each episode to the cause that explains it best, along edges of the catalogue. Links form trees: of two that could
//! explain each other, the one that began earlier is the cause.

use rustc_hash::FxHashMap;

use super::episodes::Episode;
use crate::catalogue::{CaptureId, Catalogue, ConditionId, Edge};

mod across;

/// A link from an effect to its cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Index of the cause's episode.
    pub cause: usize,
    /// Index of the edge; `None`: the cause says the same more precisely.
    pub edge: Option<usize>,
}

/// For each episode the link to its cause, where one explains it.
pub fn find(episodes: &mut [Episode<'_>], catalogue: &Catalogue) -> Vec<Option<Link>> {
    let edges = Edges::new(catalogue);
    let causes = causes(episodes, catalogue, &edges);
    unsettle_effects(episodes, &causes);
    let mut links = choose(episodes, &causes);
    if settle_consequences(episodes, &links, &causes) {
        links = choose(episodes, &causes);
    }
    across::link(episodes, &mut links, catalogue, &edges);
    links
}

/// Of each episode what could explain it, and how well.
type Causes = Vec<Vec<(Fit, Link)>>;

fn causes(episodes: &[Episode<'_>], catalogue: &Catalogue, edges: &Edges<'_>) -> Causes {
    let index = Index::new(episodes);
    let of = |effect: usize| {
        let near = index.near(effect, episodes, edges).into_iter();
        near.filter_map(|cause| explains(cause, effect, episodes, catalogue, edges)).collect()
    };
    (0..episodes.len()).map(of).collect()
}

/// What is stated and a trouble of the same start explains is no usual thing that the log ended too soon to see pass.
fn unsettle_effects(episodes: &mut [Episode<'_>], causes: &Causes) {
    for effect in 0..episodes.len() {
        if episodes[effect].cut_short && episodes[effect].stated() {
            let explains = |(_, link): &(Fit, Link)| {
                let cause = &episodes[link.cause];
                !cause.settled && !cause.passing && cause.stated()
            };
            episodes[effect].settled = !causes[effect].iter().any(explains);
        }
    }
}

/// What only a harmless start explains is harmless too. True where an episode was found to be so.
fn settle_consequences(episodes: &mut [Episode<'_>], links: &[Option<Link>], causes: &Causes) -> bool {
    let by_start = |effect: usize| {
        causes[effect].iter().any(|(_, link)| {
            let (c, e) = (&episodes[link.cause], &episodes[effect]);
            c.settled && (e.ended_early || e.last <= c.last + LINGERS)
        })
    };
    let open = (0..episodes.len()).filter(|&effect| !episodes[effect].settled && links[effect].is_none());
    let harmless: Vec<usize> = open.filter(|&effect| by_start(effect)).collect();
    harmless.iter().for_each(|&effect| episodes[effect].settled = true);
    !harmless.is_empty()
}

/// What a start brings with it outlasts its own cause by no more than this.
const LINGERS: i64 = 30_000_000;

/// The best of the causes. Episodes are in the order of their starts: causes mostly get their links before their effects.
fn choose(episodes: &[Episode<'_>], causes: &Causes) -> Vec<Option<Link>> {
    let mut links: Vec<Option<Link>> = vec![None; episodes.len()];
    for (effect, causes) in causes.iter().enumerate().filter(|(effect, _)| !episodes[*effect].settled) {
        let mut best: Option<(Fit, Link)> = None;
        for &(fit, link) in causes {
            let cause = &episodes[link.cause];
            // What passed by itself left nothing behind that lasts.
            if cause.settled || (cause.passing && !episodes[effect].passing) {
                continue;
            }
            if best.is_some_and(|(known, _)| known >= fit) || leads_to(&links, link.cause, effect) {
                continue;
            }
            best = Some((fit, link));
        }
        links[effect] = best.map(|(_, link)| link);
    }
    links
}

/// Episodes by node and condition, to find those that can explain another one.
struct Index<'e> {
    by_condition: FxHashMap<(&'e str, ConditionId), Row>,
}

/// Episodes of one condition on one node.
#[derive(Default)]
struct Row {
    /// In the order of their starts.
    all: Vec<usize>,
    /// Places in `all` of those that last while [`NEAREST`] others begin.
    lasting: Vec<usize>,
}

/// Episodes of one condition that are looked at for each effect: the nearest ones before its start, and those after.
const NEAREST: usize = 32;

impl<'e> Index<'e> {
    fn new(episodes: &'e [Episode<'_>]) -> Index<'e> {
        let mut by_condition: FxHashMap<(&str, ConditionId), Row> = FxHashMap::default();
        for (at, episode) in episodes.iter().enumerate() {
            by_condition.entry((&episode.node, episode.condition)).or_default().all.push(at);
        }
        for Row { all, lasting } in by_condition.values_mut() {
            let lasts = |&at: &usize| {
                let beyond = all.get(at + NEAREST);
                beyond.is_some_and(|&beyond| episodes[all[at]].last >= episodes[beyond].start)
            };
            lasting.extend((0..all.len()).filter(lasts));
        }
        Index { by_condition }
    }

    /// Episodes that an edge leads from, or that say the same more precisely, near the effect's start; in order.
    fn near(&self, effect: usize, episodes: &[Episode<'_>], edges: &Edges<'_>) -> Vec<usize> {
        let mut near: Vec<usize> = Vec::new();
        let (node, start) = (episodes[effect].node.as_str(), episodes[effect].start);
        for &cause in &edges.causes[usize::from(episodes[effect].condition)] {
            let Some(Row { all, lasting }) = self.by_condition.get(&(node, cause)) else { continue };
            let (earliest, latest) = edges.window(cause, &episodes[effect]);
            let speaks = |at: &usize| episodes[*at].last >= earliest;
            let at = all.partition_point(|&at| episodes[at].start <= start);
            let nearest = at.saturating_sub(NEAREST);
            near.extend(all[nearest..at].iter().copied().filter(speaks));
            near.extend(all[at..].iter().take(NEAREST).take_while(|&&at| episodes[at].start <= latest));
            // One that began long ago and lasts explains too.
            let earlier = lasting.iter().take_while(|place| **place < nearest).map(|&place| all[place]);
            near.extend(earlier.filter(|&at| episodes[at].last >= start).take(NEAREST));
        }
        near.sort_unstable();
        near
    }
}

/// How well a cause explains an effect; the greater the better.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy, Debug)]
struct Fit {
    agrees: bool,
    began_before: bool,
    stated: bool,
    /// The nearest cause is the step between where there is one.
    start: i64,
    /// Of equal ones the first in the order of the catalogue.
    order: std::cmp::Reverse<usize>,
}

/// Edges by cause and effect, an edge of a vaguer condition holding for what refines it too.
struct Edges<'c> {
    catalogue: &'c Catalogue,
    /// By effect: conditions that can be its cause.
    causes: Vec<Vec<ConditionId>>,
    between: FxHashMap<(ConditionId, ConditionId), Vec<usize>>,
}

impl<'c> Edges<'c> {
    fn new(catalogue: &'c Catalogue) -> Edges<'c> {
        let all = || 0..catalogue.conditions.len() as ConditionId;
        let mut between: FxHashMap<(ConditionId, ConditionId), Vec<usize>> = FxHashMap::default();
        let mut causes: Vec<Vec<ConditionId>> = vec![Vec::new(); catalogue.conditions.len()];
        for (index, edge) in catalogue.edges.iter().enumerate() {
            for cause in all().filter(|cause| catalogue.refines(*cause, edge.cause)) {
                for effect in all().filter(|effect| catalogue.refines(*effect, edge.effect)) {
                    between.entry((cause, effect)).or_default().push(index);
                    causes[usize::from(effect)].push(cause);
                }
            }
        }
        for effect in all() {
            let of_effect = &mut causes[usize::from(effect)];
            of_effect.extend(all().filter(|precise| *precise != effect && catalogue.refines(*precise, effect)));
            of_effect.sort_unstable();
            of_effect.dedup();
        }
        Edges { catalogue, causes, between }
    }

    /// When a cause must still speak at the earliest, and when it may begin at the latest.
    fn window(&self, cause: ConditionId, effect: &Episode<'_>) -> (i64, i64) {
        if self.catalogue.refines(cause, effect.condition) {
            return (effect.start.saturating_sub(SAME_STORY), effect.last.saturating_add(SAME_STORY));
        }
        let delays = || self.between(cause, effect.condition).map(|(_, edge)| edge.delay);
        let least = delays().map(|(least, _)| least).min().unwrap_or(0);
        let most = delays().map(|(_, most)| most).max().unwrap_or(0);
        let latest = effect.start.saturating_sub(least.min(-SYMPTOMS_FIRST));
        (effect.start.saturating_sub(most.max(0)), latest)
    }

    /// Conditions that may lead to this one on another node.
    fn across(&self, effect: ConditionId) -> impl Iterator<Item = ConditionId> + '_ {
        let causes = self.causes[usize::from(effect)].iter().copied();
        causes.filter(move |cause| self.between(*cause, effect).any(|(_, edge)| edge.across))
    }

    fn between(&self, cause: ConditionId, effect: ConditionId) -> impl Iterator<Item = (usize, &'c Edge)> + '_ {
        let indexes = self.between.get(&(cause, effect)).into_iter().flatten();
        indexes.map(|&index| (index, &self.catalogue.edges[index]))
    }
}

fn explains(
    cause: usize,
    effect: usize,
    episodes: &[Episode<'_>],
    catalogue: &Catalogue,
    edges: &Edges<'_>,
) -> Option<(Fit, Link)> {
    let (c, e) = (&episodes[cause], &episodes[effect]);
    if cause == effect || c.condition == e.condition || (c.node != e.node) {
        return None;
    }
    let began_before = c.start <= e.start;
    let fit = |agrees: bool, order: usize| Fit {
        agrees,
        began_before,
        stated: c.stated(),
        start: if began_before { c.start } else { -c.start },
        order: std::cmp::Reverse(order),
    };
    if catalogue.refines(c.condition, e.condition) {
        // The precise one names what the vague one says.
        let overlap = c.start <= e.last + SAME_STORY && e.start <= c.last + SAME_STORY;
        let same_object = c.key.is_empty() || e.key.is_empty() || shares_a_name(c, e);
        return (overlap && same_object).then_some((fit(true, 0), Link { cause, edge: None }));
    }
    if catalogue.refines(e.condition, c.condition) {
        return None;
    }
    let mut best = None;
    for (index, edge) in edges.between(c.condition, e.condition) {
        // What is cheap to find out comes first.
        if !in_time(c, e, edge) || !effect_named_so(e, edge) {
            continue;
        }
        let Some(agrees) = agree(c, e, edge).filter(|_| named_so(c, edge)) else { continue };
        // Of two that begin at once, the first in the catalogue's order.
        // What only symptoms tell explains nothing that is stated and could explain it.
        if !c.stated() && e.stated() && could_be_the_cause(e, c, edges) {
            continue;
        }
        let second = c.start > e.start || (c.start == e.start && c.condition > e.condition);
        if second && could_be_the_cause(e, c, edges) {
            continue;
        }
        let link = Link { cause, edge: Some(index) };
        let fit = fit(agrees, index);
        if best.as_ref().is_none_or(|(known, _)| *known < fit) {
            best = Some((fit, link));
        }
    }
    best
}

/// Symptoms may come this much before the line that states their cause.
const SYMPTOMS_FIRST: i64 = 5_000_000;

/// Vague and precise lines of one state stand this near, in microseconds.
const SAME_STORY: i64 = 120_000_000;

/// Do the captures that an edge names agree? `None`: they differ. `true`: known on both sides.
fn agree(cause: &Episode<'_>, effect: &Episode<'_>, edge: &Edge) -> Option<bool> {
    let mut known = false;
    for capture in &edge.same {
        match (cause.names.get(capture), effect.names.get(capture)) {
            (Some(mine), Some(theirs)) if mine.is_disjoint(theirs) => return None,
            (Some(_), Some(_)) => known = true,
            _ => {}
        }
    }
    Some(known)
}

fn shares_a_name(a: &Episode<'_>, b: &Episode<'_>) -> bool {
    a.names.iter().any(|(name, values)| b.names.get(name).is_some_and(|other| !values.is_disjoint(other)))
}

/// Is the cause's object named as the edge demands?
fn named_so(cause: &Episode<'_>, edge: &Edge) -> bool {
    edge.only.iter().all(|(capture, words): &(CaptureId, Vec<String>)| {
        let holds = |value: &String| words.iter().any(|word| value.contains(word.as_str()));
        cause.names.get(capture).is_some_and(|values| values.iter().any(holds))
            || cause.values.get(capture).is_some_and(|values| values.iter().any(holds))
    })
}

/// Is the effect's object, as its first line names it, one that the edge is about?
fn effect_named_so(effect: &Episode<'_>, edge: &Edge) -> bool {
    edge.effect_only.iter().all(|(capture, words)| {
        let first = effect.told.first().and_then(|told| told.captures.iter().find(|(name, _)| name == capture));
        first.is_none_or(|(_, value)| words.iter().any(|word| value.contains(word.as_str())))
    })
}

/// Does a line of the cause lie within the edge's delay before the effect's first line, the cause not being over?
fn in_time(cause: &Episode<'_>, effect: &Episode<'_>, edge: &Edge) -> bool {
    in_time_within(cause, effect, edge, 0)
}

/// The same where clocks may differ by so much.
fn in_time_within(cause: &Episode<'_>, effect: &Episode<'_>, edge: &Edge, clocks: i64) -> bool {
    let (least, most) = edge.delay;
    let (mut least, most) = (least.saturating_sub(clocks), most.saturating_add(clocks));
    if !effect.stated() {
        // Symptoms speak at once, the component that knows the cause at its next turn.
        least = least.min(-SYMPTOMS_FIRST);
    }
    let begin = effect.start;
    let (from, to) = (begin.saturating_sub(most), begin.saturating_sub(least));
    if cause.start > to {
        return false;
    }
    let line = cause.start >= from || cause.speaks_between(from, to);
    let going_on = cause.start <= begin && cause.last >= begin;
    if !line && !going_on {
        return false;
    }
    let over = cause.recoveries.partition_point(|recovery| recovery.first <= begin);
    let Some(ended) = cause.recoveries[..over].last() else { return true };
    cause.speaks_between(ended.first + 1, to) || begin - ended.first <= edge.after_end
}

/// Could the later one be explained by the earlier one just as well?
fn could_be_the_cause(earlier: &Episode<'_>, later: &Episode<'_>, edges: &Edges<'_>) -> bool {
    edges.between(earlier.condition, later.condition).any(|(_, edge)| {
        in_time(earlier, later, edge)
            && effect_named_so(later, edge)
            && agree(earlier, later, edge).is_some()
            && named_so(earlier, edge)
    })
}

/// Is `cause` itself a consequence of `effect`?
fn leads_to(links: &[Option<Link>], cause: usize, effect: usize) -> bool {
    let mut at = cause;
    while let Some(link) = links[at] {
        if link.cause == effect {
            return true;
        }
        at = link.cause;
    }
    false
}
