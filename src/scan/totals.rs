//! What is counted for every entry of a block, in plain variables: the maps of the source are touched once a block.

use crate::base::{Position, When};
use crate::catalogue::ComponentId;
use crate::envelope::{Entry, Envelope};
use crate::summary::ruler::Reading;
use crate::summary::{hash_of, Seen, Source, Span};

/// Totals of one block.
#[derive(Default)]
pub(super) struct Totals<'b> {
    entries: u64,
    envelopes: Vec<(Envelope, u64)>,
    hosts: Vec<(&'b [u8], u64)>,
    speakers: Vec<(Option<ComponentId>, u32, Span)>,
    span: Option<Span>,
    readings: Vec<Reading>,
    /// Stretch of the ruler that has its reading.
    stretch: Option<u64>,
}

impl<'b> Totals<'b> {
    pub(super) fn add(
        &mut self,
        source: &Source,
        entry: &Entry<'b>,
        speaker: (Option<ComponentId>, u32),
        position: Position,
        when: Option<When>,
    ) {
        let seen = Seen { position, when };
        self.entries += 1;
        match self.envelopes.iter_mut().find(|(known, _)| *known == entry.envelope) {
            Some((_, count)) => *count += 1,
            None => self.envelopes.push((entry.envelope, 1)),
        }
        if !entry.host.is_empty() {
            match self.hosts.iter_mut().find(|(known, _)| *known == entry.host) {
                Some((_, count)) => *count += 1,
                None => self.hosts.push((entry.host, 1)),
            }
        }
        let (component, run) = speaker;
        match self.speakers.iter_mut().find(|(known, pid, _)| *known == component && *pid == run) {
            Some((_, _, span)) => extend(span, seen),
            None => self.speakers.push((component, run, Span { entries: 1, first: seen, last: seen })),
        }
        if entry.outer.is_none() && entry.header.stamp.is_none() {
            return;
        }
        let stretch = source.ruler.stretch(position.offset);
        if self.stretch != Some(stretch) {
            self.stretch = Some(stretch);
            self.readings.push(Reading { position, outer: entry.outer, inner: entry.header.stamp });
        }
        match &mut self.span {
            Some(span) => extend(span, seen),
            None => self.span = Some(Span { entries: 1, first: seen, last: seen }),
        }
    }

    /// Are there so many names that looking through them takes long? Then they are given to the source before the block ends.
    pub(super) fn is_crowded(&self) -> bool {
        self.hosts.len() + self.speakers.len() > CROWDED
    }

    /// Gives everything to the source, and begins anew.
    pub(super) fn give(&mut self, source: &mut Source) {
        source.entries += std::mem::take(&mut self.entries);
        for (envelope, count) in self.envelopes.drain(..) {
            *source.envelopes.entry(envelope).or_default() += count;
        }
        for (host, count) in self.hosts.drain(..) {
            source.host(hash_of(host), host, count);
        }
        for (component, run, span) in self.speakers.drain(..) {
            source.speaker(hash_of((component, run)), component, run, span);
        }
        for reading in self.readings.drain(..) {
            source.ruler.add(reading);
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
