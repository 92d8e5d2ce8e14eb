//! Which nodes an input is about, and which lines are whose. A source in which the lines of several nodes are merged is split
//! into a part for each as the first step of a verdict: from there on a part is a source like any other.
//!
//! A part is named by the path, a NUL (which no path holds) and the node; [`path_of`] gives the path back.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::base::{node, Stamp};
use crate::catalogue::{Catalogue, ComponentId};
use crate::summary::{Host, HostId, Seen, Source, Span, Speaker, Summary, TallyKey};

/// Names of a machine that does not know its own yet.
const NAMELESS: [&str; 2] = ["localhost", "localhost6"];

/// Two names that are in use together for less than this, and for less than half the time that either is, are one machine that
/// was renamed: lines of before and after a change may stand mixed for a moment.
const RENAMING: i64 = 60_000_000;

fn part_name(path: &str, node: &str) -> String {
    format!("{path}\0{node}")
}

/// The path of a part of a source.
pub fn path_of(part: &str) -> &str {
    part.split('\0').next().unwrap_or(part)
}

/// What a map by part has of a path.
pub(super) fn parts<'m, 'p, T>(
    map: &'m BTreeMap<String, T>,
    path: &'p str,
) -> impl Iterator<Item = (&'m String, &'m T)> + use<'m, 'p, T> {
    // No byte is smaller than the NUL behind the path, so that its parts follow it directly.
    map.range(path.to_string()..).take_while(move |(part, _)| path_of(part) == path)
}

/// The first label of a host's name in small letters: what tells nodes apart.
fn label(name: &str) -> String {
    node::label(name).to_ascii_lowercase()
}

/// The summary with a source for each node; borrowed where every source is of one node anyway.
pub(super) fn split<'s>(summary: &'s Summary, catalogue: &Catalogue) -> Cow<'s, Summary> {
    let found = summary.sources.iter().map(|(path, source)| (path, nodes_in(source, catalogue)));
    let mixed: BTreeMap<&String, Vec<Named>> = found.filter(|(_, nodes)| nodes.len() > 1).collect();
    if mixed.is_empty() {
        return Cow::Borrowed(summary);
    }
    let mut sources = BTreeMap::new();
    for (path, source) in &summary.sources {
        let Some(nodes) = mixed.get(path) else {
            sources.insert(path.clone(), source.clone());
            continue;
        };
        // Lines of no host, or of one that is no node, belong to the node that says most: the first.
        let elsewhere = |host: HostId| nodes[1..].iter().any(|other| other.hosts.contains(&host));
        sources.insert(part_name(path, &nodes[0].name), source.of_hosts(|host| !elsewhere(host)));
        for node in &nodes[1..] {
            sources.insert(part_name(path, &node.name), source.of_hosts(|host| node.hosts.contains(&host)));
        }
    }
    Cow::Owned(summary.with_sources(sources))
}

/// The summary without the events of nodes whose log is there: the log says the same, and more. Where a log does not tell its
/// node, it may be any.
pub(super) fn without_doubled_events<'s>(summary: &'s Summary, catalogue: &Catalogue) -> Cow<'s, Summary> {
    if !summary.sources.values().any(|source| source.events) {
        return Cow::Borrowed(summary);
    }
    let logs: Vec<&Source> = summary.sources.values().filter(|source| is_log(source, catalogue)).collect();
    let nameless = logs.iter().any(|log| log.hosts.is_empty());
    let hosts = logs.iter().flat_map(|log| log.hosts.iter());
    let logged: BTreeSet<String> = hosts.map(|(_, host)| label(&String::from_utf8_lossy(&host.name))).collect();
    let mut sources = BTreeMap::new();
    for (path, source) in &summary.sources {
        if !source.events || logs.is_empty() {
            sources.insert(path.clone(), source.clone());
        } else if !nameless {
            let hosts = source.hosts.iter();
            let others: BTreeSet<HostId> = hosts
                .filter(|(_, host)| !logged.contains(&label(&String::from_utf8_lossy(&host.name))))
                .map(|(id, _)| *id as HostId)
                .collect();
            if !others.is_empty() {
                sources.insert(path.clone(), source.of_hosts(|host| others.contains(&host)));
            }
        }
    }
    Cow::Owned(summary.with_sources(sources))
}

/// Is it the log of a node? Logs of workloads are not: they tell nothing of what events tell.
fn is_log(source: &Source, catalogue: &Catalogue) -> bool {
    let machine = |id: ComponentId| catalogue.components[usize::from(id)].machine;
    let mut speakers = source.speakers.iter().filter_map(|(_, speaker)| speaker.component);
    let mut told = source.tallies.keys().filter_map(|key| key.component);
    !source.events && (speakers.any(machine) || told.any(machine))
}

/// The hosts of a source that are one node.
#[derive(Debug, Clone)]
struct Named {
    name: String,
    hosts: BTreeSet<HostId>,
    entries: u64,
    spans: Vec<(i64, i64)>,
}

/// The nodes whose lines are merged in a source, the one with most entries first.
fn nodes_in(source: &Source, catalogue: &Catalogue) -> Vec<Named> {
    let machines: BTreeSet<HostId> = source
        .speakers
        .iter()
        .filter(|(_, speaker)| is_machine(speaker, catalogue))
        .map(|(_, speaker)| speaker.host)
        .collect();
    let mut nodes: Vec<Named> = Vec::new();
    let mut hosts: Vec<(HostId, &Host)> = source.hosts.iter().map(|(id, host)| (*id as HostId, host)).collect();
    hosts.sort_by(|(_, a), (_, b)| b.entries.cmp(&a.entries).then_with(|| a.name.cmp(&b.name)));
    for (id, host) in hosts {
        let name = String::from_utf8_lossy(&host.name).into_owned();
        if !(machines.contains(&id) || source.events) || NAMELESS.contains(&label(&name).as_str()) {
            continue;
        }
        let span = host.span.as_ref().and_then(rough_span);
        let its = agents(source, catalogue, |other| other == id);
        let known = nodes.iter_mut().find(|node| {
            let mine = agents(source, catalogue, |other| node.hosts.contains(&other));
            node::same(&node.name, &name) && !are_apart((&node.name, &mine), (&name, &its))
        });
        match known {
            Some(node) => {
                node.hosts.insert(id);
                node.entries += host.entries;
                node.spans.extend(span);
            }
            None => nodes.push(Named {
                name,
                hosts: BTreeSet::from([id]),
                entries: host.entries,
                spans: span.into_iter().collect(),
            }),
        }
    }
    // Events tell the node that they are of: there is no telling a machine that was renamed.
    let mixed =
        source.events || (0..nodes.len()).any(|at| nodes[..at].iter().any(|other| interleave(&nodes[at], other)));
    if !mixed {
        return Vec::new();
    }
    nodes.sort_by(|a, b| b.entries.cmp(&a.entries).then_with(|| a.name.cmp(&b.name)));
    nodes
}

fn is_machine(speaker: &Speaker, catalogue: &Catalogue) -> bool {
    speaker.component.is_some_and(|id| catalogue.components[usize::from(id)].machine)
}

/// Two full names with the same first label are two nodes where the agents of both run at the same time under different pids.
fn are_apart(one: (&str, &[Agent]), other: (&str, &[Agent])) -> bool {
    let full = |name: &str| name.contains('.');
    full(one.0)
        && full(other.0)
        && !one.0.eq_ignore_ascii_case(other.0)
        && one.1.iter().any(|mine| other.1.iter().any(|its| mine.pid != its.pid && overlap(mine.span, its.span) > 0))
}

/// A run of a node's agent.
struct Agent {
    pid: u32,
    span: (i64, i64),
}

/// The agents that speak for some hosts of a source.
fn agents(source: &Source, catalogue: &Catalogue, wanted: impl Fn(HostId) -> bool) -> Vec<Agent> {
    let is_agent = |speaker: &&Speaker| {
        let component = speaker.component.map(|id| &catalogue.components[usize::from(id)]);
        wanted(speaker.host) && speaker.run != 0 && component.is_some_and(|component| component.agent)
    };
    let speakers = source.speakers.iter().map(|(_, speaker)| speaker).filter(is_agent);
    speakers.filter_map(|speaker| Some(Agent { pid: speaker.run, span: rough_span(&speaker.span)? })).collect()
}

/// Are both names in use at the same time? Else it is one machine that was renamed.
fn interleave(one: &Named, other: &Named) -> bool {
    one.spans.iter().any(|&a| {
        other.spans.iter().any(|&b| {
            let (both, shorter) = (overlap(a, b), (a.1 - a.0).min(b.1 - b.0));
            both >= RENAMING || (both >= 0 && both * 2 >= shorter)
        })
    })
}

/// How long two spans overlap; below zero: they are so far apart.
fn overlap(a: (i64, i64), b: (i64, i64)) -> i64 {
    a.1.min(b.1) - a.0.max(b.0)
}

/// A span by the stamps as they stand, without what the whole input tells of years and zones: within one source that is enough.
fn rough_span(span: &Span) -> Option<(i64, i64)> {
    let (a, b) = (rough(&span.first)?, rough(&span.last)?);
    Some((a.min(b), a.max(b)))
}

fn rough(seen: &Seen) -> Option<i64> {
    let stamp = seen.when?.stamp;
    stamp.rough().filter(|_| !matches!(stamp, Stamp::Uptime { .. }))
}

/// The node of each source, by its path (or the name of its part).
#[derive(Debug, Clone, Default)]
pub struct Nodes {
    of: BTreeMap<String, String>,
    /// Sources that tell their node themselves.
    telling: BTreeSet<String>,
    /// Names of all nodes.
    names: BTreeSet<String>,
}

/// Name of the node of sources that tell none.
pub const THE_NODE: &str = "";

impl Nodes {
    /// Names the node of every source of a summary that was split.
    pub(super) fn find(summary: &Summary, catalogue: &Catalogue) -> Nodes {
        let own: BTreeMap<&String, Option<String>> =
            summary.sources.iter().map(|(path, source)| (path, own_name(path, source, catalogue))).collect();
        let mut forms: BTreeMap<String, BTreeMap<&String, u64>> = BTreeMap::new();
        for (path, name) in &own {
            let Some(name) = name else { continue };
            *forms.entry(label(name)).or_default().entry(name).or_default() += summary.sources[*path].entries;
        }
        let contested = contested(&own, summary, catalogue);
        // The form of a name that most lines have.
        let usual = |label: &String| {
            let most = forms.get(label)?.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
            most.map(|(name, _)| (*name).clone())
        };
        let only = forms.keys().next().filter(|_| forms.len() == 1 && contested.is_empty());
        let node = |(path, name): (&&String, &Option<String>)| {
            let known = name.clone().map(|name| match label(&name) {
                label if contested.contains(&label) => name,
                label => usual(&label).unwrap_or(name),
            });
            let node = known.or_else(|| only.and_then(usual)).or_else(|| main_host(&summary.sources[*path]));
            ((*path).clone(), node.unwrap_or_else(|| THE_NODE.to_string()))
        };
        let tells =
            |(path, name): &(&&String, &Option<String>)| name.is_some() || !summary.sources[**path].hosts.is_empty();
        let telling = own.iter().filter(tells).map(|(path, _)| (*path).clone()).collect();
        let of: BTreeMap<String, String> = own.iter().map(node).collect();
        let names = of.values().filter(|name| !name.is_empty()).cloned().collect();
        Nodes { of, telling, names }
    }

    /// The node of a source.
    pub fn of(&self, path: &str) -> &str {
        self.of.get(path).map_or(THE_NODE, String::as_str)
    }

    /// The node that a name in a message means, where it is one of the input.
    pub fn named(&self, name: &str) -> Option<&str> {
        self.names.iter().map(String::as_str).find(|known| node::same(known, name))
    }

    /// All nodes, by name.
    pub fn all(&self) -> BTreeSet<&str> {
        self.names.iter().map(String::as_str).collect()
    }

    /// Are several nodes in the input?
    pub fn are_several(&self) -> bool {
        self.names.len() > 1
    }

    /// The nodes whose lines a path holds, as far as it tells, by name.
    pub fn in_path(&self, path: &str) -> Vec<&str> {
        let tells = |(part, node): &(&String, &String)| !node.is_empty() && self.telling.contains(*part);
        let names: BTreeSet<&str> = parts(&self.of, path).filter(tells).map(|(_, node)| node.as_str()).collect();
        names.into_iter().collect()
    }
}

/// First labels that full names of two nodes share: there the full names tell them apart.
fn contested(own: &BTreeMap<&String, Option<String>>, summary: &Summary, catalogue: &Catalogue) -> BTreeSet<String> {
    let mut named: Vec<(&str, Vec<Agent>)> = Vec::new();
    let mut contested = BTreeSet::new();
    for (path, name) in own {
        let Some(name) = name.as_deref().filter(|name| name.contains('.')) else { continue };
        let agents = agents(&summary.sources[*path], catalogue, |_| true);
        let mut same = named.iter().filter(|(other, _)| node::same(other, name));
        if same.any(|(other, theirs)| are_apart((other, theirs), (name, &agents))) {
            contested.insert(label(name));
        }
        named.push((name, agents));
    }
    contested
}

/// What a source itself says its node is called.
fn own_name(path: &str, source: &Source, catalogue: &Catalogue) -> Option<String> {
    match path.split_once('\0') {
        Some((_, node)) => Some(node.to_string()),
        None if source.node.is_none() && source.hosts.is_empty() => agents_name(source, catalogue),
        None => main_host(source).filter(|name| !NAMELESS.contains(&label(name).as_str())),
    }
}

/// What the node's agent calls its node in its own lines, where all of them agree: for logs without hosts.
fn agents_name(source: &Source, catalogue: &Catalogue) -> Option<String> {
    let id = catalogue.capture("node")?;
    let is_agent = |key: &TallyKey| key.component.is_some_and(|id| catalogue.components[usize::from(id)].agent);
    let tallies = source.tallies.iter().filter(|(key, _)| is_agent(key)).map(|(_, tally)| tally);
    let captures = tallies.flat_map(|tally| tally.groups.values()).flat_map(|group| group.captures.iter());
    let names: BTreeSet<&[u8]> = captures.filter(|(name, _)| *name == id).map(|(_, value)| &**value).collect();
    let name = names.first().filter(|_| names.len() == 1)?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    (!name.is_empty() && name.iter().all(is_name)).then(|| String::from_utf8_lossy(name).into_owned())
}

/// The node of a source: what its place in a bundle tells, else the host that most of its lines name, one that is no name only
/// where there is no other.
pub(super) fn main_host(source: &Source) -> Option<String> {
    if source.node.is_some() {
        return source.node.clone();
    }
    let named = |host: &&Host| !NAMELESS.contains(&label(&String::from_utf8_lossy(&host.name)).as_str());
    let most = source
        .hosts
        .iter()
        .map(|(_, host)| host)
        .max_by(|a, b| named(a).cmp(&named(b)).then(a.entries.cmp(&b.entries)).then_with(|| b.name.cmp(&a.name)));
    most.map(|host| String::from_utf8_lossy(&host.name).into_owned())
}
