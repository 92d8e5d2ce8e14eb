//! Hosts in one source: a file in which the lines of several nodes are merged must keep them apart, and a hostile one may name
//! millions. Names are counted by an id; tallies of all but the hosts with the smallest ids are added up under [`OTHERS`].

use super::hash_of;
use super::source::{Source, Span};

/// Which host an entry names: from the hash of its name as written.
pub type HostId = u32;

/// The entry names none.
pub const NO_HOST: HostId = 0;

/// All hosts beyond those that are kept apart.
pub const OTHERS: HostId = HostId::MAX;

/// The id of a host; [`NO_HOST`] for an empty name.
pub fn host_id(name: &[u8]) -> HostId {
    if name.is_empty() {
        return NO_HOST;
    }
    (hash_of(name) as HostId).clamp(NO_HOST + 1, OTHERS - 1)
}

/// A host that a source names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// As written.
    pub name: Box<[u8]>,
    /// Entries that name it.
    pub entries: u64,
    /// Its first and last stamped entry.
    pub span: Option<Span>,
}

impl Host {
    /// Adds all entries of the same host.
    pub(super) fn join(&mut self, other: Host) {
        self.entries += other.entries;
        if let Some(span) = other.span {
            match &mut self.span {
                Some(known) => known.join(span),
                None => self.span = Some(span),
            }
        }
        // Of two names with one id the first counts, in whatever order they come.
        if other.name < self.name {
            self.name = other.name;
        }
    }
}

impl Source {
    /// What it holds of some hosts, as if it were a source of its own. Lines, bytes and the like stay with the whole.
    pub fn of_hosts(&self, wanted: impl Fn(HostId) -> bool) -> Source {
        let mut part = Source {
            component: self.component,
            events: self.events,
            envelopes: self.envelopes.clone(),
            hosts: self.hosts.only(|host| wanted(host_id(&host.name))),
            speakers: self.speakers.only(|speaker| wanted(speaker.host)),
            ruler: self.ruler.only(&wanted),
            unknown: self.unknown.only(|unknown| wanted(unknown.host)),
            markers: self.markers.clone(),
            samples: self.samples.only(|(_, host)| wanted(*host)),
            copy_of: self.copy_of.clone(),
            ..Source::default()
        };
        let tallies = self.tallies.iter().filter(|(key, _)| wanted(key.host));
        part.tallies = tallies.map(|(key, tally)| (*key, tally.clone())).collect();
        let thresholds = self.thresholds.iter().filter(|(_, threshold)| wanted(threshold.host));
        part.thresholds = thresholds.map(|(text, threshold)| (text.clone(), threshold.clone())).collect();
        let spans: Vec<Span> = part.speakers.iter().map(|(_, speaker)| speaker.span.clone()).collect();
        part.entries = spans.iter().map(|span| span.entries).sum();
        spans
            .into_iter()
            .filter(|span| span.first.when.is_some() && span.last.when.is_some())
            .for_each(|span| part.widen(span));
        part
    }
}
