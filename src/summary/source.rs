//! What is kept of one source: totals, who spoke, the ruler of its clocks, tallies of events, unknown problems.

use std::collections::BTreeMap;

use super::course::{Line, Seen};
use super::host::{Host, HostId, NO_HOST, OTHERS};
use super::ruler::Ruler;
use super::sample::Smallest;
use super::tally::{Tally, TallyKey};
use super::{hash_of, Caps};
use crate::base::{Envelope, Severity};
use crate::catalogue::ComponentId;
use crate::evidence::What;

/// Hosts and processes kept by name.
const SPEAKERS: usize = 1024;

/// Tallies of one kind beside those of the hosts that are kept apart: of lines that name no host, and of all other hosts.
const BESIDE_THE_KEPT: usize = 2;

/// Markers of a log's own tools kept (boot borders, file headers).
const MARKERS: usize = 256;

/// A stretch of entries by one speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Entries.
    pub entries: u64,
    /// The first.
    pub first: Seen,
    /// The last.
    pub last: Seen,
}

/// One run of a component on one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// The host that its entries name.
    pub host: HostId,
    /// Where it is known.
    pub component: Option<ComponentId>,
    /// Process id; 0 where not known or of no matter.
    pub run: u32,
    /// Its entries.
    pub span: Span,
}

impl Span {
    /// Adds another stretch.
    pub fn join(&mut self, other: Span) {
        self.entries += other.entries;
        if other.first.position < self.first.position {
            self.first = other.first;
        }
        if other.last.position > self.last.position {
            self.last = other.last;
        }
    }
}

/// A warning or error that no pattern knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The host that its lines name.
    pub host: HostId,
    /// Numbers, ids and names replaced.
    pub masked: Box<str>,
    /// How bad it says it is.
    pub severity: Severity,
    /// How often.
    pub count: u64,
    /// The first line.
    pub first: Line,
    /// The last.
    pub last: Seen,
}

impl Unknown {
    fn join(&mut self, other: Unknown) {
        self.count += other.count;
        self.severity = self.severity.max(other.severity);
        if other.first.position < self.first.position {
            self.first = other.first;
        }
        self.last = self.last.max(other.last);
    }
}

/// An eviction threshold that the kubelet's own start-up lines tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// Always [`What::Threshold`].
    pub what: What,
    /// The host that the line names.
    pub host: HostId,
    /// First line that tells it.
    pub seen: Seen,
}

/// One source.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Source {
    /// The component that the path tells (a pod's log file), where it does.
    pub component: Option<ComponentId>,
    /// The node that its place in a bundle tells, where that is not the host of its lines.
    pub node: Option<String>,
    /// The source that has the same bytes and counts instead.
    pub copy_of: Option<String>,
    /// No form of log was recognised: it counts only where something in it is known.
    pub tentative: bool,
    /// It is no log but kube events and conditions of node objects.
    pub events: bool,
    /// Byte ranges that are in: the same range twice is refused.
    pub coverage: BTreeMap<u64, u64>,
    /// Physical lines.
    pub lines: u64,
    /// Entries.
    pub entries: u64,
    /// Bytes.
    pub bytes: u64,
    /// Lines in which no known form was found.
    pub unparsed_lines: u64,
    /// Lines cut because they were too long.
    pub cut_lines: u64,
    /// Entries left out by `--since`, `--until` or `--node`.
    pub left_out: u64,
    /// Entries by form.
    pub envelopes: BTreeMap<Envelope, u64>,
    /// Hosts that entries name, by their ids.
    pub hosts: Smallest<Host>,
    /// Who spoke, by the hash of host, component and run.
    pub speakers: Smallest<Speaker>,
    /// First and last stamped entry.
    pub span: Option<Span>,
    /// Readings of the clocks.
    pub ruler: Ruler,
    /// Events.
    pub tallies: BTreeMap<TallyKey, Tally>,
    /// Unknown warnings and errors, by the hash of host and masked text.
    pub unknown: Smallest<Unknown>,
    /// Markers of the log's own tools, by the hash of their text.
    pub markers: Smallest<Line>,
    /// Hashes of entries with events, and where such a one stands first.
    pub samples: Smallest<(Seen, HostId)>,
    /// Thresholds told by start-up lines, by host, signal, value and grace as text.
    pub thresholds: BTreeMap<String, Threshold>,
}

impl Source {
    /// Marks a byte range as read. False where part of it was read before.
    pub fn cover(&mut self, start: u64, end: u64) -> bool {
        if start >= end {
            return true;
        }
        let before = self.coverage.range(..end).next_back();
        if before.is_some_and(|(_, &stop)| stop > start) {
            return false;
        }
        let (mut start, mut end) = (start, end);
        if let Some((&known, &stop)) = self.coverage.range(..=start).next_back() {
            if stop == start {
                self.coverage.remove(&known);
                start = known;
            }
        }
        if let Some(stop) = self.coverage.remove(&end) {
            end = stop;
        }
        self.coverage.insert(start, end);
        true
    }

    /// Counts entries by their host.
    pub fn host(&mut self, id: HostId, host: Host) {
        if self.hosts.wants(id.into(), SPEAKERS) {
            self.hosts.add(id.into(), host, SPEAKERS, Host::join);
        }
    }

    /// Counts entries by who spoke.
    pub fn speaker(&mut self, speaker: Speaker) {
        let hash = hash_of((speaker.host, speaker.component, speaker.run));
        if let Some(known) = self.speakers.get_mut(hash) {
            known.span.join(speaker.span);
        } else if self.speakers.wants(hash, SPEAKERS) {
            self.speakers.add(hash, speaker, SPEAKERS, |known, new| known.span.join(new.span));
        }
    }

    /// Adds a stretch of stamped entries.
    pub fn widen(&mut self, span: Span) {
        match &mut self.span {
            Some(known) => known.join(span),
            None => self.span = Some(span),
        }
    }

    /// Keeps a sample of an entry with an event.
    pub fn sample(&mut self, hash: u64, seen: Seen, host: HostId, caps: Caps) {
        if self.samples.wants(hash, caps.samples) {
            self.samples.add(hash, (seen, host), caps.samples, |known, new| *known = (*known).min(new));
        }
    }

    /// The host that most lines name; of several the first by name.
    pub fn main_host(&self) -> Option<String> {
        let hosts = self.hosts.iter().map(|(_, host)| host);
        let most = hosts.max_by(|a, b| a.entries.cmp(&b.entries).then_with(|| b.name.cmp(&a.name)));
        most.map(|host| String::from_utf8_lossy(&host.name).into_owned())
    }

    /// Keeps a marker line.
    pub fn marker(&mut self, hash: u64, line: impl FnOnce() -> Line) {
        if self.markers.wants(hash, MARKERS) {
            self.markers.add(hash, line(), MARKERS, earlier);
        }
    }

    /// Keeps an unknown warning or error.
    pub fn unknown(&mut self, hash: u64, caps: Caps, seen: Seen, severity: Severity, new: impl FnOnce() -> Unknown) {
        if let Some(known) = self.unknown.get_mut(hash) {
            known.count += 1;
            known.last = known.last.max(seen);
            known.severity = known.severity.max(severity);
            if seen.position < known.first.position {
                known.first = new().first;
            }
        } else if self.unknown.wants(hash, caps.unknown) {
            self.unknown.add(hash, new(), caps.unknown, Unknown::join);
        }
    }

    /// Keeps a threshold that a line tells.
    pub fn threshold(&mut self, what: What, host: HostId, seen: Seen) {
        let key = format!("{host:08x} {what:?}");
        let known = self.thresholds.entry(key).or_insert(Threshold { what, host, seen });
        if seen.position < known.seen.position {
            known.seen = seen;
        }
    }

    /// Adds all of another part of the same source. False where both hold the same bytes.
    pub fn merge(&mut self, other: Source, caps: Caps) -> bool {
        let apart = other.coverage.into_iter().fold(true, |apart, (start, end)| self.cover(start, end) && apart);
        self.component = self.component.or(other.component);
        self.events |= other.events;
        self.tentative |= other.tentative;
        self.lines += other.lines;
        self.entries += other.entries;
        self.bytes += other.bytes;
        self.unparsed_lines += other.unparsed_lines;
        self.cut_lines += other.cut_lines;
        self.left_out += other.left_out;
        for (envelope, count) in other.envelopes {
            *self.envelopes.entry(envelope).or_default() += count;
        }
        self.hosts.merge(other.hosts, SPEAKERS, Host::join);
        self.speakers.merge(other.speakers, SPEAKERS, |known, new| known.span.join(new.span));
        if let Some(span) = other.span {
            self.widen(span);
        }
        self.ruler.merge(other.ruler, caps.readings);
        for (key, tally) in other.tallies {
            self.tallies.entry(key).or_default().merge(tally, caps.of_role(key.role));
        }
        self.unknown.merge(other.unknown, caps.unknown, Unknown::join);
        self.markers.merge(other.markers, MARKERS, earlier);
        self.samples.merge(other.samples, caps.samples, |known, new| *known = (*known).min(new));
        for threshold in other.thresholds.into_values() {
            self.threshold(threshold.what, threshold.host, threshold.seen);
        }
        self.fold_hosts(caps);
        apart
    }

    /// Keeps to the caps.
    pub fn shrink(&mut self, caps: Caps) {
        self.fold_hosts(caps);
        self.tallies.iter_mut().for_each(|(key, tally)| tally.shrink(caps.of_role(key.role)));
        self.ruler.shrink(caps.readings);
        self.unknown.shrink(caps.unknown);
        self.samples.shrink(caps.samples);
    }

    /// Adds up the tallies of hosts beyond those that are kept apart. A host that is kept at the end was never folded by a part.
    pub fn fold_hosts(&mut self, caps: Caps) {
        let Some(border) = self.hosts.border(caps.hosts) else { return };
        let beyond = |key: &&TallyKey| u64::from(key.host) > border && key.host != OTHERS;
        let keys: Vec<TallyKey> = self.tallies.keys().filter(beyond).copied().collect();
        for key in keys {
            let Some(tally) = self.tallies.remove(&key) else { continue };
            self.tallies.entry(key.of_host(OTHERS)).or_default().merge(tally, caps.of_role(key.role));
        }
    }

    /// Most stretches that the tallies can hold under the caps: grows with the set of events, whatever the order. A host that is
    /// folded leaves a tally less; so that this does not make less of the weight, all kinds count for the most that there can be
    /// from the first such host on.
    pub fn weight(&self, caps: Caps) -> u64 {
        let kept_apart = (self.hosts.len() > caps.hosts).then_some(caps.hosts + BESIDE_THE_KEPT);
        let mut weight = 0;
        let mut kind: Option<(TallyKey, u64, usize, usize)> = None;
        let weigh = |(key, count, hosts, held): (TallyKey, u64, usize, usize)| {
            let tallies = kept_apart.unwrap_or(hosts);
            count.min((tallies * held * caps.of_role(key.role).cells) as u64)
        };
        for (key, tally) in &self.tallies {
            let (key, held) = (key.of_host(NO_HOST), tally.held(caps.of_role(key.role)));
            match &mut kind {
                Some((known, count, hosts, most)) if *known == key => {
                    (*count, *hosts, *most) = (*count + tally.count, *hosts + 1, held.max(*most));
                }
                _ => weight += kind.replace((key, tally.count, 1, held)).map_or(0, weigh),
            }
        }
        weight + kind.map_or(0, weigh)
    }
}

fn earlier(known: &mut Line, new: Line) {
    if new.position < known.position {
        *known = new;
    }
}
