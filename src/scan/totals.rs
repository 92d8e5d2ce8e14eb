//! What is counted for every entry of a block, in plain variables: the maps of the source are touched once a block.

use crate::base::{Position, When};
use crate::catalogue::ComponentId;
use crate::envelope::{Entry, Envelope};
use crate::summary::ruler::Reading;
use crate::summary::{host_id, Caps, Host, HostId, Seen, Source, Span, Speaker, NO_HOST};

/// Totals of one block.
#[derive(Default)]
pub(super) struct Totals<'b> {
    entries: u64,
    envelopes: Vec<(Envelope, u64)>,
    hosts: Vec<Named<'b>>,
    speakers: Vec<Speaker>,
    span: Option<Span>,
    readings: Vec<Reading>,
    /// Stretch of the ruler that has its reading.
    stretch: Option<u64>,
}

/// Entries of one host.
struct Named<'b> {
    name: &'b [u8],
    id: HostId,
    entries: u64,
    span: Option<Span>,
}

impl<'b> Totals<'b> {
    /// Counts an entry; the id of its host.
    pub(super) fn add(
        &mut self,
        source: &Source,
        entry: &Entry<'b>,
        speaker: (Option<ComponentId>, u32),
        position: Position,
        when: Option<When>,
    ) -> HostId {
        let seen = Seen { position, when };
        self.entries += 1;
        match self.envelopes.iter_mut().find(|(known, _)| *known == entry.envelope) {
            Some((_, count)) => *count += 1,
            None => self.envelopes.push((entry.envelope, 1)),
        }
        let stamped = entry.outer.is_some() || entry.header.stamp.is_some();
        let host = self.host(entry.host, seen, stamped);
        let (component, run) = speaker;
        let same = |known: &&mut Speaker| known.component == component && known.run == run && known.host == host;
        match self.speakers.iter_mut().find(same) {
            Some(known) => extend(&mut known.span, seen),
            None => {
                self.speakers.push(Speaker { host, component, run, span: Span { entries: 1, first: seen, last: seen } })
            }
        }
        if !stamped {
            return host;
        }
        let stretch = source.ruler.stretch(position.offset);
        if self.stretch != Some(stretch) {
            self.stretch = Some(stretch);
            self.readings.push(Reading { position, outer: entry.outer, inner: entry.header.stamp, host });
        }
        match &mut self.span {
            Some(span) => extend(span, seen),
            None => self.span = Some(Span { entries: 1, first: seen, last: seen }),
        }
        host
    }

    /// Counts an entry of a host.
    fn host(&mut self, name: &'b [u8], seen: Seen, stamped: bool) -> HostId {
        if name.is_empty() {
            return NO_HOST;
        }
        let at = self.hosts.iter().position(|known| known.name == name).unwrap_or_else(|| {
            self.hosts.push(Named { name, id: host_id(name), entries: 0, span: None });
            self.hosts.len() - 1
        });
        let host = &mut self.hosts[at];
        host.entries += 1;
        match &mut host.span {
            _ if !stamped => {}
            Some(span) => extend(span, seen),
            None => host.span = Some(Span { entries: 1, first: seen, last: seen }),
        }
        host.id
    }

    /// Are there so many names that looking through them takes long? Then they are given to the source before the block ends.
    pub(super) fn is_crowded(&self) -> bool {
        self.hosts.len() + self.speakers.len() > CROWDED
    }

    /// Gives everything to the source, and begins anew.
    pub(super) fn give(&mut self, source: &mut Source, caps: Caps) {
        source.entries += std::mem::take(&mut self.entries);
        for (envelope, count) in self.envelopes.drain(..) {
            *source.envelopes.entry(envelope).or_default() += count;
        }
        for Named { name, id, entries, span } in self.hosts.drain(..) {
            source.host(id, Host { name: name.into(), entries, span });
        }
        for speaker in self.speakers.drain(..) {
            source.speaker(speaker);
        }
        for reading in self.readings.drain(..) {
            source.ruler.add(reading, caps.readings);
        }
        if let Some(span) = self.span.take() {
            source.widen(span);
        }
    }
}

/// Names in a block beyond which they are no longer looked for one after the other.
const CROWDED: usize = 64;

/// Entries of a block come in the order of their heads, but for those that wait for their last line.
fn extend(span: &mut Span, seen: Seen) {
    span.entries += 1;
    if seen.position > span.last.position {
        span.last = seen;
    }
    if seen.position < span.first.position {
        span.first = seen;
    }
}
