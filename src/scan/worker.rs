//! One worker: takes blocks, matches their entries, folds the events into a summary of its own. No allocation for lines that
//! only count.

use std::borrow::Cow;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::mask::mask;
use super::{Filter, Options, Piece};
use crate::base::{Position, When};
use crate::catalogue::{CaptureId, ComponentId, PatternId, Role};
use crate::envelope::{self, Entry, Envelope, Guess, RawEntry, Severity, LONGEST_LINE};
use crate::evidence;
use crate::matcher::{Event, Hit, LiteralId, Matcher};
use crate::summary::course::LONGEST_TEXT;
use crate::summary::ruler::Reading;
use crate::summary::source::Unknown;
use crate::summary::{hash_of, Group, Identity, Line, Seen, Summary, TallyKey};

/// Names of components by identifier remembered at most; beyond, they are looked up each time.
const REMEMBERED: usize = 4096;

pub(super) struct Worker<'w> {
    matcher: &'w Matcher<'w>,
    names: &'w [String],
    filter: &'w Filter,
    summary: Summary,
    hits: Vec<Hit>,
    literals: Vec<LiteralId>,
    found: Vec<Hit>,
    masked: Vec<u8>,
    components: FxHashMap<Vec<u8>, Option<ComponentId>>,
    pod: Option<CaptureId>,
    known_by: Vec<CaptureId>,
}

impl<'w> Worker<'w> {
    pub(super) fn new(matcher: &'w Matcher<'w>, names: &'w [String], options: &'w Options) -> Worker<'w> {
        let catalogue = matcher.catalogue();
        Worker {
            matcher,
            names,
            filter: &options.filter,
            summary: Summary::limited(options.most_cells),
            hits: Vec::new(),
            literals: Vec::new(),
            found: Vec::new(),
            masked: Vec::new(),
            components: FxHashMap::default(),
            pod: catalogue.capture("pod"),
            known_by: ["pod_uid", "container_id"].iter().filter_map(|name| catalogue.capture(name)).collect(),
        }
    }

    pub(super) fn finish(mut self) -> Summary {
        self.summary.settle();
        self.summary
    }

    pub(super) fn scan(&mut self, piece: &Piece) {
        let block = &piece.block;
        let path = &self.names[block.source];
        let path_component = self.matcher.component_of_path(path);
        let mut hits = std::mem::take(&mut self.hits);
        self.matcher.hits(&block.bytes, &mut hits);
        let mut place = Place { source: block.source, offset: block.offset, line: block.line, path_component, stretch: None };
        let source = self.summary.source(path);
        source.component = path_component;
        source.cover(block.offset, block.offset + block.length);
        source.lines += block.lines;
        source.bytes += block.length;
        let mut guess = Guess::default();
        let mut cursor = 0;
        for raw in envelope::entries(piece.layout, &block.bytes) {
            if raw.head.len() > LONGEST_LINE {
                self.source(&place).cut_lines += 1;
            }
            let entry = raw.peel(&block.bytes, &mut guess);
            self.literals.clear();
            let message = place_in(&block.bytes, &entry.message);
            collect(&hits, &mut cursor, &raw, |hit| self.matcher.within(hit, &message), &mut self.literals);
            self.entry(&mut place, &block.bytes, &raw, &entry);
        }
        self.hits = hits;
    }

    fn source(&mut self, place: &Place) -> &mut crate::summary::Source {
        self.summary.source(&self.names[place.source])
    }

    fn entry(&mut self, place: &mut Place, block: &[u8], raw: &RawEntry, entry: &Entry<'_>) {
        let position = Position { offset: place.offset + raw.head.start as u64, line: place.line + raw.line + 1 };
        let when = entry.when().or_else(|| stamped_by(block, raw));
        let seen = Seen { position, when };
        let line = || Line { position, when, text: text_of(block, raw), identities: Box::default() };
        let names = self.names;
        if entry.envelope == Envelope::Marker {
            let source = self.summary.source(&names[place.source]);
            let text = &block[raw.head.clone()];
            return source.marker(hash_of(text), line);
        }
        if !self.filter.is_open() && !self.filter.passes(entry.host, when.map(|when| when.stamp)) {
            self.source(place).left_out += 1;
            return;
        }
        let component = self.component(entry).or(place.path_component);
        let run = self.run(entry, component);
        let source = self.summary.source(&names[place.source]);
        source.entries += 1;
        *source.envelopes.entry(entry.envelope).or_default() += 1;
        if entry.envelope == Envelope::Text {
            source.unparsed_lines += 1 + raw.more.len() as u64;
        }
        if !entry.host.is_empty() {
            source.host(hash_of(entry.host), entry.host);
        }
        source.speaker(hash_of((component, run)), component, run, seen);
        place.measure(source, entry, position, seen);
        let events = if self.literals.is_empty() && !matches!(entry.message, Cow::Owned(_)) {
            None
        } else {
            self.events(entry, component)
        };
        match events {
            Some((first, second)) => {
                self.sample(place, entry, position);
                self.event(place, entry, &first, component, run, seen, &line);
                if let Some(second) = second {
                    self.event(place, entry, &second, component, run, seen, &line);
                }
            }
            None if entry.header.severity >= Severity::Warning => self.unknown(place, entry, seen, &line),
            None => {}
        }
    }

    /// The events of an entry whose raw bytes hold literals, or whose message had to be decoded.
    fn events<'m>(
        &mut self,
        entry: &'m Entry<'_>,
        component: Option<ComponentId>,
    ) -> Option<(Event<'m>, Option<Event<'m>>)> {
        if let Cow::Owned(message) = &entry.message {
            // What raw bytes cannot show: escapes, colours, joined pieces.
            self.matcher.hits(message, &mut self.found);
            self.literals.clear();
            self.literals.extend(self.found.iter().map(|hit| hit.literal));
            if self.literals.is_empty() {
                return None;
            }
        }
        self.matcher.events(&entry.message, &mut self.literals, component)
    }

    #[allow(clippy::too_many_arguments)]
    fn event(
        &mut self,
        place: &Place,
        entry: &Entry<'_>,
        event: &Event<'_>,
        component: Option<ComponentId>,
        run: u32,
        seen: Seen,
        line: &dyn Fn() -> Line,
    ) {
        let catalogue = self.matcher.catalogue();
        let pattern = &catalogue.patterns[usize::from(event.pattern)];
        // Only one component says this: then it was that one.
        let speaker = component.or(match pattern.components[..] {
            [only] => Some(only),
            _ => None,
        });
        let key = TallyKey { component: speaker, pattern: event.pattern, condition: event.condition, role: event.role };
        let hash = hash_of((run, &event.object));
        let captures = || {
            let mut all: Vec<(CaptureId, Box<[u8]>)> = Vec::new();
            for (name, value) in event.object.iter().cloned().chain(self.matcher.captures(event.pattern, &entry.message)) {
                if !all.iter().any(|(known, _)| *known == name) {
                    all.push((name, limited(&value)));
                }
            }
            all
        };
        let new = || Group {
            run,
            object: event.object.iter().map(|(name, value)| (*name, limited(value))).collect(),
            ..Group::default()
        };
        let line = || {
            let named = |pod| Self::identities(self.matcher, pod, &self.known_by, event.pattern, &entry.message);
            Line { identities: self.pod.map(named).unwrap_or_default(), ..line() }
        };
        let caps = self.summary.caps();
        let source = self.summary.source(&self.names[place.source]);
        let fresh = source.tallies.entry(key).or_default().add(hash, seen, caps, new, line, captures);
        if fresh {
            self.summary.grew(1);
        }
        if event.role == Role::Observation {
            for what in evidence::thresholds_of_line(&entry.message) {
                self.source(place).threshold(what, seen);
            }
        }
    }

    /// Which pod a uid or container id belongs to, as far as an entry tells.
    fn identities(matcher: &Matcher<'_>, pod: CaptureId, known_by: &[CaptureId], id: PatternId, message: &[u8]) -> Box<[Identity]> {
        let captures = matcher.captures(id, message);
        let Some((_, pod)) = captures.iter().find(|(name, _)| *name == pod) else { return Box::default() };
        let others = captures.iter().filter(|(name, _)| known_by.contains(name));
        others.map(|(name, value)| Identity { known_by: *name, value: limited(value), pod: limited(pod) }).collect()
    }

    /// Same entry, same hash, whatever the envelope: klog's header makes it unique, else identifier and pid help.
    fn sample(&mut self, place: &Place, entry: &Entry<'_>, position: Position) {
        let hash = match entry.header.len {
            0 => hash_of((entry.ident, entry.pid, &*entry.message)),
            _ => hash_of(&*entry.message),
        };
        self.source(place).sample(hash, position);
    }

    fn unknown(&mut self, place: &Place, entry: &Entry<'_>, seen: Seen, line: &dyn Fn() -> Line) {
        mask(&entry.message[entry.header.len..], &mut self.masked);
        let (masked, severity, caps) = (&self.masked, entry.header.severity, self.summary.caps());
        let hash = hash_of(masked);
        let new = || Unknown {
            masked: String::from_utf8_lossy(masked).into(),
            severity,
            count: 1,
            first: line(),
            last: seen,
        };
        self.summary.source(&self.names[place.source]).unknown(hash, caps, seen, severity, new);
    }

    fn component(&mut self, entry: &Entry<'_>) -> Option<ComponentId> {
        let mut named = |name: &[u8]| {
            if name.is_empty() {
                return None;
            }
            if let Some(known) = self.components.get(name) {
                return *known;
            }
            let found = self.matcher.component(name);
            if self.components.len() < REMEMBERED {
                self.components.insert(name.to_vec(), found);
            }
            found
        };
        let component = named(entry.ident).or_else(|| named(entry.unit))?;
        let foreign = entry.header.len > 0 && !self.matcher.catalogue().components[usize::from(component)].klog;
        (!foreign).then_some(component)
    }

    /// Which process spoke, where that tells runs of a component apart.
    fn run(&self, entry: &Entry<'_>, component: Option<ComponentId>) -> u32 {
        match component {
            Some(id) if self.matcher.catalogue().components[usize::from(id)].run => entry.process(),
            Some(_) => 0,
            None => entry.header.pid,
        }
    }
}

/// Where the block stands.
struct Place {
    source: usize,
    offset: u64,
    line: u64,
    path_component: Option<ComponentId>,
    /// Stretch of the ruler that has its reading.
    stretch: Option<u64>,
}

impl Place {
    /// Offers the first stamped entry of each stretch to the ruler, and keeps the source's span.
    fn measure(&mut self, source: &mut crate::summary::Source, entry: &Entry<'_>, position: Position, seen: Seen) {
        if entry.outer.is_none() && entry.header.stamp.is_none() {
            return;
        }
        let stretch = source.ruler.stretch(position.offset);
        if self.stretch != Some(stretch) {
            self.stretch = Some(stretch);
            source.ruler.add(Reading { position, outer: entry.outer, inner: entry.header.stamp });
        }
        match &mut source.span {
            Some(span) => {
                span.entries += 1;
                if seen.position > span.last.position {
                    span.last = seen;
                }
                if seen.position < span.first.position {
                    span.first = seen;
                }
            }
            None => source.span = Some(crate::summary::Span { entries: 1, first: seen, last: seen }),
        }
    }
}

/// The stamp of the line before that has one.
fn stamped_by(block: &[u8], raw: &RawEntry) -> Option<When> {
    let head = raw.stamped_by.clone()?;
    let line = head.start;
    let before = RawEntry { head, more: Vec::new(), line: line as u64, stamped_by: None };
    before.peel(block, &mut Guess::default()).when()
}

/// Where a message stands in its block; an empty range where it had to be decoded.
fn place_in(block: &[u8], message: &Cow<'_, [u8]>) -> Range<usize> {
    let Cow::Borrowed(message) = message else { return 0..0 };
    let start = (message.as_ptr() as usize).checked_sub(block.as_ptr() as usize);
    start.map(|start| start..start + message.len()).filter(|range| range.end <= block.len()).unwrap_or(0..0)
}

/// The literals that stand in the message of an entry; what wraps it may hold some too. Entries mostly follow each other, so the
/// cursor mostly moves on.
fn collect(
    hits: &[Hit],
    cursor: &mut usize,
    raw: &RawEntry,
    in_message: impl Fn(&Hit) -> bool,
    literals: &mut Vec<LiteralId>,
) {
    let mut within = |range: &Range<usize>| {
        if *cursor > 0 && hits[*cursor - 1].at >= range.start {
            *cursor = hits.partition_point(|hit| hit.at < range.start);
        }
        while *cursor < hits.len() && hits[*cursor].at < range.start {
            *cursor += 1;
        }
        while *cursor < hits.len() && hits[*cursor].at < range.end {
            if in_message(&hits[*cursor]) {
                literals.push(hits[*cursor].literal);
            }
            *cursor += 1;
        }
    };
    within(&raw.head);
    raw.more.iter().for_each(&mut within);
}

/// The raw line, as far as it is kept. Lines that follow it directly belong to it.
fn text_of(block: &[u8], raw: &RawEntry) -> Box<[u8]> {
    let head = &block[raw.head.clone()];
    if head.len() <= LONGEST_TEXT {
        return head.into();
    }
    let mut cut = head[..LONGEST_TEXT].to_vec();
    // Not in the middle of a character.
    while std::str::from_utf8(&cut).is_err_and(|error| error.error_len().is_none()) {
        cut.pop();
    }
    cut.extend_from_slice("…".as_bytes());
    cut.into()
}

/// Bytes kept of a captured value.
const LONGEST_VALUE: usize = 256;

fn limited(value: &[u8]) -> Box<[u8]> {
    value[..value.len().min(LONGEST_VALUE)].into()
}
