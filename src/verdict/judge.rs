//! Runs the steps and puts their results together.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::clocks::{Clocks, Given};
use super::confidence::{self, Grounds};
use super::episodes::{self, After, Episode, Told};
use super::gaps::{Dark, Unread};
use super::incidents::{self, Group, LogSpan};
use super::lifecycles::Lifecycles;
use super::links::{self, Link};
use super::nodes::{self, path_of, Nodes};
use super::outcome::*;
use super::sharpen::{self, Sharpened};
use super::strands::{self, Collected, Counted, Point, Strand};
use super::views::Views;
use super::{beside, chain, gaps, ruled_out, says, state};
use crate::catalogue::{Catalogue, ConditionId, Role, Severity};
use crate::summary::Summary;

/// What a run adds to the summary.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Year and zone that the user fills in.
    pub given: Given,
    /// What could not be read, or not to its end.
    pub unread: Vec<Unread>,
}

/// Roots that were weighed and are named at most.
const CANDIDATES: usize = 10;

/// Names of the severities, as reports have them.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "notice",
        Severity::Workload => "workload",
        Severity::NodeDegraded => "node-degraded",
        Severity::NodeDown => "node-down",
    }
}

/// The verdict on a summary.
pub fn judge(summary: &Summary, catalogue: &Catalogue, options: &Options) -> Verdict {
    let told = nodes::without_doubled_events(summary, catalogue);
    let whole: &Summary = &told;
    let split = nodes::split(whole, catalogue);
    let summary: &Summary = &split;
    let nodes = Nodes::find(summary, catalogue);
    let clocks = Clocks::find(summary, &nodes, options.given);
    let views = Views::find(summary, &nodes, &clocks);
    let Collected { strands, counted } = strands::collect(summary, catalogue, &nodes, &clocks, &views);
    let lifecycles = Lifecycles::find(summary, &nodes, &strands, catalogue, &clocks);
    let spans = spans(summary, &nodes, &clocks);
    let span_of = |node: &str| spans.get(node).copied().unwrap_or_default();
    let episodes = episodes::find(&strands, catalogue, &lifecycles, &|node| span_of(node).last);
    let beside = beside::by_node(summary, &nodes);
    let (mut episodes, sharpened) = sharpen_each(episodes, &beside, catalogue, &clocks);
    let links = links::find(&mut episodes, catalogue);
    let incidents::Found { named, weighed, passed } = incidents::find(&episodes, &links, catalogue, &span_of);
    let scene = Scene {
        whole,
        summary,
        catalogue,
        nodes: &nodes,
        spans: &spans,
        lifecycles: &lifecycles,
        clocks: &clocks,
        strands: &strands,
        counted: &counted,
        episodes: &episodes,
        links: &links,
        sharpened: &sharpened,
        unread: &options.unread,
    };
    let holes = gaps::find(&scene);
    let dark: Vec<Vec<Dark>> = named.iter().map(|group| gaps::dark(&scene, group, &holes)).collect();
    let incidents: Vec<Incident> =
        named.iter().zip(&dark).map(|(group, dark)| scene.incident(group, &named, dark)).collect();
    let mut gaps: Vec<Gap> = holes.into_iter().map(|hole| hole.gap).collect();
    for (group, dark) in named.iter().zip(&dark) {
        let own = gaps::of_incident(&scene, group, dark);
        gaps.extend(own.into_iter().filter(|gap| !gaps.contains(gap)).collect::<Vec<_>>());
    }
    let mut candidates: Vec<Candidate> = weighed.iter().map(|group| scene.candidate(group)).collect();
    candidates.truncate(CANDIDATES);
    Verdict {
        catalogue: catalogue.hash.clone(),
        input: InputFacts {
            sources: scene.sources(&views),
            more: whole.folded(),
            time_basis: clocks.basis(),
            evidence: summary.evidence.iter().map(|(path, found)| evidence_facts(summary, path, found.kind)).collect(),
            ..InputFacts::default()
        },
        lifecycles: lifecycles.report(catalogue, &clocks),
        background: scene.background(&passed),
        unexplained: scene.unexplained(&weighed),
        incidents,
        candidates,
        gaps,
    }
}

/// Sharpens the episodes of each node by what lies beside its own logs. They stay in their order.
fn sharpen_each<'s>(
    episodes: Vec<Episode<'s>>,
    beside: &'s BTreeMap<String, Cow<'s, Summary>>,
    catalogue: &Catalogue,
    clocks: &Clocks,
) -> (Vec<Episode<'s>>, BTreeMap<String, Sharpened<'s>>) {
    let mut by_node: BTreeMap<String, (Vec<usize>, Vec<Episode<'s>>)> = BTreeMap::new();
    for (at, episode) in episodes.into_iter().enumerate() {
        let (places, own) = by_node.entry(episode.node.clone()).or_default();
        places.push(at);
        own.push(episode);
    }
    let mut none = Vec::new();
    let sharpened = beside.iter().map(|(node, summary)| {
        let own = by_node.get_mut(node).map_or(&mut none, |(_, own)| own);
        (node.clone(), sharpen::sharpen(own, summary, catalogue, clocks))
    });
    let sharpened = sharpened.collect();
    let mut placed: Vec<(usize, Episode<'s>)> =
        by_node.into_values().flat_map(|(places, own)| places.into_iter().zip(own)).collect();
    placed.sort_by_key(|(at, _)| *at);
    (placed.into_iter().map(|(_, episode)| episode).collect(), sharpened)
}

/// Span of the log of each node; times since boot count only where there are no others.
fn spans(summary: &Summary, nodes: &Nodes, clocks: &Clocks) -> BTreeMap<String, LogSpan> {
    let of = |apart: bool| {
        let mut spans: BTreeMap<String, LogSpan> = BTreeMap::new();
        for (path, source) in summary.sources.iter().filter(|(path, _)| clocks.are_apart(path) == apart) {
            let Some(span) = &source.span else { continue };
            let (a, b) = (clocks.axis(path, &span.first), clocks.axis(path, &span.last));
            let node = nodes.of(path).to_string();
            let known = spans.entry(node).or_insert(LogSpan { first: a.min(b), last: a.max(b) });
            known.first = known.first.min(a.min(b));
            known.last = known.last.max(a.max(b));
        }
        spans
    };
    let mut spans = of(true);
    spans.extend(of(false));
    spans
}

/// All that the steps found, for the parts of the verdict that look back at it.
pub(super) struct Scene<'s> {
    /// As it was read: by path.
    pub(super) whole: &'s Summary,
    /// As it is judged: by path and node.
    pub(super) summary: &'s Summary,
    pub(super) catalogue: &'s Catalogue,
    pub(super) nodes: &'s Nodes,
    /// Of the log of each node.
    pub(super) spans: &'s BTreeMap<String, LogSpan>,
    pub(super) lifecycles: &'s Lifecycles,
    pub(super) clocks: &'s Clocks,
    pub(super) strands: &'s [Strand<'s>],
    pub(super) counted: &'s Counted<'s>,
    pub(super) episodes: &'s [Episode<'s>],
    pub(super) links: &'s [Option<Link>],
    pub(super) sharpened: &'s BTreeMap<String, Sharpened<'s>>,
    pub(super) unread: &'s [Unread],
}

impl<'s> Scene<'s> {
    fn incident(&self, group: &Group, all: &[Group], dark: &[Dark]) -> Incident {
        let condition = group.stands_for.unwrap_or(group.condition);
        let about = &self.catalogue.conditions[usize::from(condition)];
        let first = self.first_root(group);
        let told: Vec<&Told> = first.told.iter().collect();
        let all_told: Vec<&Told> = group.roots.iter().flat_map(|&at| &self.episodes[at].told).collect();
        let lines = chain::lines(&told, group.condition, self.clocks, 5, self.catalogue);
        let mut values = self.values(&all_told);
        let mut object: Vec<(String, String)> = Vec::new();
        if !group.node.is_empty() {
            object.push(("node".to_string(), group.node.clone()));
        }
        for (name, names) in &first.names {
            let name = &self.catalogue.captures[usize::from(*name)].name;
            if let Some(value) = names.iter().next() {
                object.push((name.clone(), value.clone()));
            }
        }
        let mut roots: Vec<&Episode> = group.roots.iter().map(|&at| &self.episodes[at]).collect();
        roots.sort_by_key(|episode| episode.start);
        let sharpened = self.sharpened.get(&group.node);
        let facts = sharpened.map(|sharpened| sharpened.of(self.catalogue, condition, &roots)).unwrap_or_default();
        for (name, value) in &facts.values {
            values.retain(|(known, _)| known != name);
            values.push((name.clone(), value.clone()));
        }
        for (name, value) in &facts.object {
            object.retain(|(known, _)| known != name);
            object.push((name.clone(), value.clone()));
        }
        let mut chain = chain::build(group, self.episodes, self.links, self.catalogue, self.clocks);
        if !self.nodes.are_several() {
            chain.iter_mut().for_each(|effect| effect.nodes.clear());
        }
        let value = |name: &str| {
            let text = self.value_text(name, &values, &object)?;
            Some(sharpen::in_words(name, text, &about.signals))
        };
        let outside = !group.roots.iter().any(|&at| self.episodes[at].stated());
        let (state, ended_by) = state::of(self, group, self.span_of(&group.node));
        let grounds = Grounds { group, first, outside, facts: &facts, dark, rivals: all, chain: &chain };
        let (confidence, reasons) = confidence::of(self, &grounds);
        Incident {
            nodes: incidents::nodes_of(group, self.episodes),
            severity: severity_name(group.severity),
            state,
            ended_by,
            look_at: if outside || group.last_resort {
                about.check.iter().take(3).cloned().collect()
            } else {
                Vec::new()
            },
            workloads: self.workloads(group),
            ruled_out: ruled_out::find(self, group, condition),
            remedies: remedies(about),
            root: Root {
                condition: about.id.clone(),
                title: about.title.clone(),
                summary: says::fill(&about.says, &value),
                object,
                confidence,
                reasons,
                outside_log: outside,
                first: lines.iter().map(|line| line.moment.clone()).min().unwrap_or_default(),
                last: chain::last_moment(&all_told, self.clocks),
                count: group.roots.iter().map(|&at| self.episodes[at].count).sum(),
                lines,
                values,
                evidence: facts.evidence.clone(),
                forewarnings: self.forewarnings(group, condition, first),
                recurrences: self.recurrences(group),
            },
            chain,
        }
    }

    /// First and last stamp of a node's log.
    pub(super) fn span_of(&self, node: &str) -> LogSpan {
        self.spans.get(node).copied().unwrap_or_default()
    }

    /// The episode that an incident began with.
    pub(super) fn first_root(&self, group: &Group) -> &'s Episode<'s> {
        let first = group.roots.iter().copied().min_by_key(|&at| (self.episodes[at].start, at)).unwrap_or(0);
        &self.episodes[first]
    }

    /// From the first line of an incident to its last, and a minute more: evidence is taken after the fact.
    pub(super) fn span(&self, group: &Group) -> (i64, i64) {
        let episodes = || group.roots.iter().chain(&group.followers).map(|&at| &self.episodes[at]);
        let from = episodes().map(|episode| episode.start).min().unwrap_or(i64::MAX);
        (from, episodes().map(|episode| episode.last).max().map_or(i64::MIN, |last| last.saturating_add(MINUTE)))
    }

    /// What the lines of the root tell, first come first served.
    fn values(&self, told: &[&Told<'_>]) -> Vec<(String, Value)> {
        let mut values: BTreeMap<String, Value> = BTreeMap::new();
        for (name, value) in told.iter().flat_map(|told| told.captures.iter()) {
            let name = &self.catalogue.captures[usize::from(*name)].name;
            values.entry(name.clone()).or_insert_with(|| Value::Text(value.clone()));
        }
        values.into_iter().collect()
    }

    fn value_text(&self, name: &str, values: &[(String, Value)], object: &[(String, String)]) -> Option<String> {
        let of_object = object.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        of_object.or_else(|| {
            values.iter().find(|(known, _)| known == name).map(|(_, value)| match value {
                Value::Text(text) => text.clone(),
                Value::Number(number) => number.to_string(),
            })
        })
    }

    /// Earlier observations of the root's condition.
    fn forewarnings(&self, group: &Group, condition: ConditionId, first: &Episode<'_>) -> Vec<Shown> {
        let related = |id: ConditionId| self.catalogue.refines(condition, id) || self.catalogue.refines(id, condition);
        let mut found: Vec<Shown> = Vec::new();
        for strand in self.strands {
            if strand.role != Role::Observation || strand.node != group.node || !strand.condition.is_some_and(related) {
                continue;
            }
            let early =
                strand.points.iter().find(|point| point.first < first.start && first.start - point.first < FOREWARNING);
            if let Some(point) = early {
                found.push(point.shown(self.clocks));
            }
        }
        found.sort_by(|a, b| (a.moment.axis, &a.path, a.position).cmp(&(b.moment.axis, &b.path, b.position)));
        found.truncate(5);
        found
    }

    fn recurrences(&self, group: &Group) -> Vec<Recurrence> {
        let mut roots: Vec<&Episode> = group.roots.iter().map(|&at| &self.episodes[at]).collect();
        roots.sort_by_key(|episode| episode.start);
        let mut found: Vec<(i64, Recurrence)> = Vec::new();
        for episode in roots.iter().skip(1) {
            let Some(After { what, at, .. }) = &episode.after else { continue };
            let told: Vec<&Told> = episode.told.iter().collect();
            // Several objects that come back after one restart are one recurrence.
            if let Some((_, known)) = found.iter_mut().find(|(known, _)| known == at) {
                known.last = known.last.clone().max(chain::last_moment(&told, self.clocks));
                continue;
            }
            let Some(first) = told.first().map(|told| told.point.moment(self.clocks)) else { continue };
            let delay = (told[0].point.first - at) as f64 / 1e6;
            let last = chain::last_moment(&told, self.clocks);
            found.push((*at, Recurrence { first, last, after: what.clone(), delay }));
        }
        found.into_iter().map(|(_, recurrence)| recurrence).collect()
    }

    /// Pods that were hit, each by the first condition that names it.
    fn workloads(&self, group: &Group) -> Vec<(String, String)> {
        let Some(pod) = self.catalogue.capture("pod") else { return Vec::new() };
        let mut hit: Vec<(String, String)> = Vec::new();
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let mut episodes: Vec<usize> = group.roots.iter().chain(&group.followers).copied().collect();
        episodes.sort_by_key(|&at| (self.episodes[at].start, at));
        for at in episodes {
            let episode = &self.episodes[at];
            for name in episode.names.get(&pod).into_iter().flatten() {
                if known.insert(name) {
                    hit.push((name.clone(), self.catalogue.conditions[usize::from(episode.condition)].id.clone()));
                }
            }
        }
        hit
    }

    fn candidate(&self, group: &Group) -> Candidate {
        let about = &self.catalogue.conditions[usize::from(group.condition)];
        let told: Vec<&Told> = self.first_root(group).told.iter().collect();
        Candidate {
            condition: about.id.clone(),
            why_not: "usually a consequence; a condition that is a cause of its own was found beside it".to_string(),
            lines: chain::lines(&told, group.condition, self.clocks, 1, self.catalogue),
        }
    }

    fn sources(&self, views: &Views) -> Vec<SourceFacts> {
        let facts = |(path, source): (&String, &crate::summary::Source)| {
            let mut names: BTreeSet<&str> = BTreeSet::new();
            for (_, speaker) in source.speakers.iter() {
                names.extend(speaker.component.map(|id| self.catalogue.components[usize::from(id)].id.as_str()));
            }
            let place = self.summary.places.get(path);
            let pod = place.and_then(|place| place.pod.as_ref());
            let (first, last) = self.ends(path);
            SourceFacts {
                path: path.clone(),
                node: Some(self.nodes.in_path(path).join(", ")).filter(|names| !names.is_empty()),
                component: (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join(", ")),
                kind: if source.events { "events" } else { "log" }.to_string(),
                lines: source.lines,
                bytes: source.bytes,
                entries: source.entries,
                unparsed_lines: source.unparsed_lines,
                first,
                last,
                role: place.and_then(|place| place.role.clone()),
                pod: pod.map(|pod| (pod.pod.clone(), pod.container.clone())),
                restart: pod.and_then(|pod| pod.restart),
                view_of: views.of(path).map(|larger| path_of(larger).to_string()),
                overlaps: views.overlaps(path),
            }
        };
        self.whole.sources.iter().map(facts).collect()
    }

    /// First and last stamp of a path.
    fn ends(&self, path: &str) -> (Option<Moment>, Option<Moment>) {
        let parts = nodes::parts(&self.summary.sources, path);
        let stamped = parts.filter_map(|(part, source)| Some((part, source.span.as_ref()?)));
        let moments =
            stamped.flat_map(|(part, span)| [&span.first, &span.last].map(|seen| self.clocks.moment(part, seen)));
        let moments: Vec<Moment> = moments.collect();
        (moments.iter().min().cloned(), moments.into_iter().max())
    }

    /// Lines that are usual and harmless, conditions that ended with a start, and what passed.
    fn background(&self, passed: &[Group]) -> Vec<Leftover> {
        let mut rows: BTreeMap<Option<ConditionId>, Vec<&Point<'_>>> = BTreeMap::new();
        for (condition, points) in self.counted.of(Role::Background) {
            rows.entry(condition).or_default().extend(points);
        }
        for episode in self.episodes.iter().filter(|episode| episode.settled) {
            rows.entry(Some(episode.condition)).or_default().extend(episode.told.iter().map(|told| &told.point));
        }
        for &at in passed.iter().flat_map(|group| group.roots.iter().chain(&group.followers)) {
            let episode = &self.episodes[at];
            rows.entry(Some(episode.condition)).or_default().extend(episode.told.iter().map(|told| &told.point));
        }
        rows.into_iter().map(|(condition, tails)| self.leftover(condition, tails)).collect()
    }

    /// Problem groups that belong to no incident: wrappers without a cause, and roots that were weighed and left.
    fn unexplained(&self, weighed: &[Group]) -> Vec<Leftover> {
        let mut rows: BTreeMap<Option<ConditionId>, Vec<&Point<'_>>> = BTreeMap::new();
        for (condition, points) in self.counted.of(Role::Symptom) {
            rows.entry(condition).or_default().extend(points);
        }
        for &at in weighed.iter().flat_map(|group| group.roots.iter().chain(&group.followers)) {
            let episode = &self.episodes[at];
            rows.entry(Some(episode.condition)).or_default().extend(episode.told.iter().map(|told| &told.point));
        }
        rows.into_iter().map(|(condition, tails)| self.leftover(condition, tails)).collect()
    }

    fn leftover(&self, condition: Option<ConditionId>, mut points: Vec<&Point<'_>>) -> Leftover {
        points.sort_by_key(|point| (point.first, point.path, point.line.position));
        let last = points.iter().max_by_key(|point| point.last);
        Leftover {
            condition: condition.map(|id| self.catalogue.conditions[usize::from(id)].id.clone()),
            count: points.iter().map(|point| point.count).sum(),
            first: points.first().map_or_else(Moment::default, |point| point.moment(self.clocks)),
            last: last.map_or_else(Moment::default, |point| point.last_moment(self.clocks)),
            lines: points.first().map(|point| point.shown(self.clocks)).into_iter().collect(),
        }
    }
}

fn evidence_facts(summary: &Summary, path: &str, kind: &str) -> EvidenceFacts {
    let place = summary.places.get(path);
    EvidenceFacts {
        path: path.to_string(),
        kind: kind.to_string(),
        role: place.and_then(|place| place.role.clone()),
        node: place.and_then(|place| place.node.clone()),
    }
}

const MINUTE: i64 = 60 * 1_000_000;

/// An observation counts as a forewarning for so long.
const FOREWARNING: i64 = 3600 * 1_000_000;

fn remedies(about: &crate::catalogue::Condition) -> Vec<Remedy> {
    let mut remedies: Vec<Remedy> = Vec::new();
    if !about.check.is_empty() {
        remedies.push(Remedy { text: "Look first".to_string(), commands: about.check.clone() });
    }
    remedies.extend(about.remedies.iter().map(|text| Remedy { text: text.clone(), commands: Vec::new() }));
    remedies
}
