//! One worker: takes blocks, matches their entries, folds the events into a summary of its own. No allocation for lines that
//! only count.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};

use super::mask::mask;
use super::names::{Namer, Names};
use super::remembered::{mix, Body, Counted, Remembered};
use super::totals::Totals;
use super::{Filter, Options, Piece};
use crate::base::{Position, When};
use crate::catalogue::{ComponentId, Role};
use crate::envelope::{self, Entry, Envelope, Guess, Layout, RawEntry, Severity, LONGEST_LINE};
use crate::evidence;
use crate::input::Block;
use crate::matcher::{Event, Hit, LiteralId, Matcher};
use crate::summary::course::LONGEST_TEXT;
use crate::summary::source::Unknown;
use crate::summary::{hash_of, Caps, Group, HostId, Line, Seen, Source, Summary, TallyKey, Values, NO_HOST};

/// Names of components by identifier remembered at most; beyond, they are looked up each time.
const REMEMBERED: usize = 4096;

pub(super) struct Worker<'w> {
    matcher: &'w Matcher<'w>,
    filter: &'w Filter,
    summary: Summary,
    hits: Vec<Hit>,
    literals: Vec<LiteralId>,
    found: Vec<Hit>,
    masked: Vec<u8>,
    remembered: Remembered,
    components: FxHashMap<Vec<u8>, Option<ComponentId>>,
    namer: Namer<'w>,
}

impl<'w> Worker<'w> {
    pub(super) fn new(matcher: &'w Matcher<'w>, options: &'w Options) -> Worker<'w> {
        Worker {
            matcher,
            filter: &options.filter,
            summary: Summary::limited(options.most_cells),
            hits: Vec::new(),
            literals: Vec::new(),
            found: Vec::new(),
            masked: Vec::new(),
            remembered: Remembered::new(),
            components: FxHashMap::default(),
            namer: Namer::new(matcher),
        }
    }

    pub(super) fn finish(mut self) -> Summary {
        self.summary.settle();
        self.summary
    }

    pub(super) fn scan(&mut self, piece: &Piece) {
        let block = &piece.block;
        let path = &*piece.name;
        let mut hits = std::mem::take(&mut self.hits);
        self.matcher.hits(&block.bytes, &mut hits);
        let mut source = self.summary.sources.remove(path).unwrap_or_default();
        source.component = self.matcher.component_of_path(path);
        source.events |= piece.events;
        source.tentative |= piece.tentative;
        source.cover(block.offset, block.offset + block.length);
        source.lines += block.lines;
        source.bytes += block.length;
        let mut guess = Guess::default();
        let mut place =
            Place { path, block, caps: self.summary.caps(), totals: Totals::default(), cursor: 0, begun: 0 };
        for raw in envelope::entries(piece.layout, &block.bytes) {
            if piece.layout == Layout::Frames {
                source.lines += 1 + raw.more.len() as u64;
            }
            let entry = raw.peel(&block.bytes, &mut guess);
            self.entry(&mut source, &mut place, &raw, &entry, &hits);
        }
        place.totals.give(&mut source, place.caps);
        source.fold_hosts(place.caps);
        let begun = place.begun;
        match piece.whole {
            true => self.summary.whole(path, source),
            false => drop(self.summary.sources.insert(path.to_string(), source)),
        }
        self.summary.grew(begun);
        self.hits = hits;
    }

    fn entry<'b>(
        &mut self,
        source: &mut Source,
        place: &mut Place<'b>,
        raw: &RawEntry,
        entry: &Entry<'b>,
        hits: &[Hit],
    ) {
        let block = place.block;
        let position = Position { offset: block.offset + raw.head.start as u64, line: block.line + raw.line + 1 };
        let when = entry.when().or_else(|| stamped_by(&block.bytes, raw));
        let seen = Seen { position, when };
        let line = || Line { position, when, text: text_of(&block.bytes, raw, entry), identities: Box::default() };
        source.cut_lines += u64::from(raw.head.len() > LONGEST_LINE);
        if entry.envelope == Envelope::Marker {
            return source.marker(hash_of(&block.bytes[raw.head.clone()]), line);
        }
        if !self.filter.is_open() && !self.filter.passes(place.path, entry.host, when) {
            source.left_out += 1;
            return;
        }
        let component = self.component(entry).or(source.component);
        let run = self.run(entry, component);
        source.unparsed_lines += if entry.envelope == Envelope::Text { 1 + raw.more.len() as u64 } else { 0 };
        let host = place.totals.add(source, entry, (component, run), position, when);
        if place.totals.is_crowded() {
            place.totals.give(source, place.caps);
        }
        let message = place_in(&block.bytes, &entry.message);
        let matcher = self.matcher;
        collect(hits, &mut place.cursor, raw, |hit| matcher.within(hit, &message), &mut self.literals);
        let told = Told { entry, component, run, host, seen, line: &line };
        if !self.events(source, place, &told) && entry.header.severity >= Severity::Warning {
            self.unknown(source, place.caps, &told);
        }
    }

    /// Counts the events of an entry. False where there is none.
    fn events(&mut self, source: &mut Source, place: &mut Place<'_>, told: &Told<'_>) -> bool {
        if let Cow::Owned(message) = &told.entry.message {
            // What raw bytes cannot show: escapes, colours, joined pieces.
            self.matcher.hits(message, &mut self.found);
            self.literals.clear();
            self.literals.extend(self.found.iter().map(|hit| hit.literal));
        }
        if self.literals.is_empty() {
            return false;
        }
        let body = Body::of(&told.entry.message, told.entry.header.len, told.component);
        let mut events = [None, None];
        let said = match self.remembered.recall(&body) {
            Some(said) => said,
            None => {
                if let Some((first, second)) =
                    self.matcher.events(&told.entry.message, &mut self.literals, told.component)
                {
                    events = [Some(first), second];
                }
                let said = [0, 1].map(|at| events[at].as_ref().map(|event| self.counted(event, told.component)));
                self.remembered.keep(&body, said);
                said
            }
        };
        if said[0].is_none() {
            return false;
        }
        // Same entry, same hash, whatever the envelope: the message's own stamp makes it unique, else identifier and pid help.
        let entry = told.entry;
        let mut own = FxHasher::default();
        match entry.header.stamp {
            Some(stamp) => (stamp, entry.process()).hash(&mut own),
            None => (entry.ident, entry.pid).hash(&mut own),
        }
        source.sample(mix(body.hash ^ mix(own.finish())), told.seen, told.host, place.caps);
        for (number, counted) in said.iter().enumerate() {
            let Some(counted) = counted else { continue };
            let event = events[number].as_ref();
            let recall = || self.remembered.noted(&body, number);
            let names = Names::new(&self.namer, counted.key.pattern, &entry.message, event, &recall);
            self.count(source, place, told, counted, &names);
            if let Some(learned) = names.learned() {
                self.remembered.note(&body, number, learned);
            }
        }
        true
    }

    /// What an event is counted under.
    fn counted(&self, event: &Event<'_, '_>, component: Option<ComponentId>) -> Counted {
        // Only one component says this: then it was that one.
        let speaker =
            component.or(match self.matcher.catalogue().patterns[usize::from(event.pattern)].components[..] {
                [only] => Some(only),
                _ => None,
            });
        let key = TallyKey {
            component: speaker,
            pattern: event.pattern,
            condition: event.condition,
            role: event.role,
            host: NO_HOST,
        };
        Counted { key, object: hash_of(&event.object) }
    }

    fn count(&self, source: &mut Source, place: &mut Place<'_>, told: &Told<'_>, counted: &Counted, names: &Names<'_>) {
        if counted.key.role == Role::Background {
            return self.count_harmless(source, place, told, counted);
        }
        let captures = || names.named().captures.clone();
        let new = || Group { run: told.run, object: names.named().object.clone(), ..Group::default() };
        let line = || Line { identities: names.identities(), ..(told.line)() };
        let hash = mix(counted.object ^ u64::from(told.run));
        let key = counted.key.of_host(told.host);
        let began = source.tallies.entry(key).or_default().add(hash, told.seen, place.caps, new, line, captures);
        place.begun += u64::from(began);
        if counted.key.role == Role::Observation {
            for what in evidence::thresholds_of_line(&told.entry.message) {
                source.threshold(what, told.host, told.seen);
            }
        }
    }

    /// Counts a harmless line: only how often, and where the first and some others stand.
    fn count_harmless(&self, source: &mut Source, place: &mut Place<'_>, told: &Told<'_>, counted: &Counted) {
        let caps = place.caps.of_role(counted.key.role);
        let new = || Group { run: told.run, ..Group::default() };
        let hash = mix(counted.object ^ u64::from(told.run));
        let tally = source.tallies.entry(counted.key.of_host(told.host)).or_default();
        place.begun += u64::from(tally.add(hash, told.seen, caps, new, told.line, Values::default));
    }

    fn unknown(&mut self, source: &mut Source, caps: Caps, told: &Told<'_>) {
        mask(&told.entry.message[told.entry.header.len..], &mut self.masked);
        let masked = &self.masked;
        let new = || Unknown {
            host: told.host,
            masked: String::from_utf8_lossy(masked).into(),
            severity: told.entry.header.severity,
            count: 1,
            first: (told.line)(),
            last: told.seen,
        };
        source.unknown(hash_of((told.host, masked)), caps, told.seen, told.entry.header.severity, new);
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

/// The block at hand, and what is counted of it.
struct Place<'b> {
    /// Of the source.
    path: &'b str,
    block: &'b Block,
    caps: Caps,
    totals: Totals<'b>,
    /// Next hit to look at.
    cursor: usize,
    /// Stretches begun.
    begun: u64,
}

/// An entry, who told it and when.
struct Told<'t> {
    entry: &'t Entry<'t>,
    component: Option<ComponentId>,
    run: u32,
    host: HostId,
    seen: Seen,
    line: &'t dyn Fn() -> Line,
}

/// The stamp of the line before that has one.
fn stamped_by(block: &[u8], raw: &RawEntry) -> Option<When> {
    let head = raw.stamped_by.clone()?;
    let line = head.start;
    let before = RawEntry { layout: raw.layout, head, more: Vec::new(), line: line as u64, stamped_by: None };
    before.peel(block, &mut Guess::default()).when()
}

/// Where a message stands in its block; an empty range where it had to be decoded.
fn place_in(block: &[u8], message: &[u8]) -> Range<usize> {
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
    literals.clear();
    if *cursor > 0 && hits[*cursor - 1].at >= raw.head.start {
        *cursor = hits.partition_point(|hit| hit.at < raw.head.start);
    }
    while *cursor < hits.len() && hits[*cursor].at < raw.head.start {
        *cursor += 1;
    }
    while *cursor < hits.len() && hits[*cursor].at < raw.head.end {
        if in_message(&hits[*cursor]) {
            literals.push(hits[*cursor].literal);
        }
        *cursor += 1;
    }
}

/// The raw line, as far as it is kept (lines that follow it directly belong to it); of what is no line, the entry as one.
fn text_of(block: &[u8], raw: &RawEntry, entry: &Entry<'_>) -> Box<[u8]> {
    let made;
    let head = match raw.layout {
        Layout::Lines => &block[raw.head.clone()],
        Layout::Export => {
            made = envelope::shown(entry);
            &made
        }
        Layout::Frames => {
            made = envelope::shown_frame(&block[raw.head.clone()], entry);
            &made
        }
    };
    let head = head.strip_suffix(b"\r").unwrap_or(head);
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
