//! From a message to events: literals give candidate patterns, candidates are confirmed, captures taken, `when` decides the
//! condition. The naive twin of this module is the oracle in `tests/oracle.rs`.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::OnceLock;

use memchr::memmem;
use regex::bytes::Regex;
use rustc_hash::FxHashMap;

use crate::catalogue::{CaptureId, Catalogue, ComponentId, ConditionId, PatternId, Role, Test};
use crate::envelope;

pub mod captures;
mod grouped;
pub mod lint;
pub mod search;
mod speaker;

use captures::Form;
use grouped::{Grouped, Groups};
pub use search::{Hit, LiteralId, Search};

/// A captured value and its name.
pub type Captured<'m> = (CaptureId, Cow<'m, [u8]>);

/// What a message says, after one pattern.
pub struct Event<'p, 'm> {
    /// The pattern that matched.
    pub pattern: PatternId,
    /// The condition that it speaks of.
    pub condition: Option<ConditionId>,
    /// What it says of it.
    pub role: Role,
    /// The captures that name the object, in the pattern's order; those that are not there are left out, and all of a harmless
    /// line.
    pub object: Vec<Captured<'m>>,
    found: Found<'p, 'm>,
}

/// The catalogue, made ready for matching. Shared by all workers.
pub struct Matcher<'c> {
    catalogue: &'c Catalogue,
    search: Search,
    by_literal: Vec<Vec<PatternId>>,
    /// Length of each literal.
    lengths: Vec<usize>,
    prepared: Vec<Prepared>,
    forms: Vec<Form>,
    /// Keys that carry a capture by themselves, by capture.
    keys: Vec<Keys>,
    components: FxHashMap<Vec<u8>, ComponentId>,
}

/// What is made of a pattern once: compiled on first use, since a run needs few of them.
struct Prepared {
    parts: OnceLock<Parts>,
    /// Captures that decide `when`, beside those of the object.
    tested: Vec<CaptureId>,
    /// Bytes of the texts that must all be there.
    all_bytes: usize,
    /// Its place when all ids are sorted, the last first.
    place: u32,
}

/// The searches of a pattern.
struct Parts {
    all: Vec<memmem::Finder<'static>>,
    none: Vec<memmem::Finder<'static>>,
    regex: Option<Grouped>,
    /// A group of the regex decides the object or the condition: else it is enough to know that the regex matches, which is
    /// several times cheaper.
    needs_groups: bool,
    /// What only gives values.
    values: Vec<Grouped>,
    /// The pattern's own pairs: preparing a search takes longer than searching a line.
    pairs: Vec<(CaptureId, Keys)>,
}

/// Keys whose value is a capture, the first that is there counts.
type Keys = Vec<memmem::Finder<'static>>;

/// A pattern in a message. Its regexes are run when a value of theirs is asked for, and once.
struct Found<'p, 'm> {
    parts: &'p Parts,
    message: &'m [u8],
    regex: OnceCell<Option<Groups>>,
    values: Vec<OnceCell<Option<Groups>>>,
}

impl<'p, 'm> Found<'p, 'm> {
    fn new(parts: &'p Parts, message: &'m [u8]) -> Found<'p, 'm> {
        Found { parts, message, regex: OnceCell::new(), values: parts.values.iter().map(|_| OnceCell::new()).collect() }
    }

    /// What a regex of the pattern gives.
    fn value(&self, capture: CaptureId) -> Option<&'m [u8]> {
        let regexes = self.parts.regex.iter().zip(std::iter::once(&self.regex));
        let mut giving = regexes
            .chain(self.parts.values.iter().zip(&self.values))
            .filter(|(grouped, _)| grouped.captures().any(|given| given == capture));
        giving.find_map(|(grouped, found)| {
            let found = found.get_or_init(|| grouped.find(self.message));
            grouped.value(found.as_ref()?, capture, self.message)
        })
    }
}

/// What a pattern makes of a message in which it is found.
struct Confirmed<'p, 'm> {
    pattern: PatternId,
    condition: Option<ConditionId>,
    role: Role,
    found: Found<'p, 'm>,
}

/// What decides between patterns that match the same message: see [`Matcher::events`].
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
struct Rank {
    class: u8,
    literal_bytes: usize,
    /// Where all else is equal: of the ids the one that stands first in the alphabet.
    place: u32,
}

impl Rank {
    /// Does nothing but its name tell it from the other?
    fn ties(self, other: Rank) -> bool {
        (self.class, self.literal_bytes) == (other.class, other.literal_bytes)
    }
}

impl<'c> Matcher<'c> {
    /// Tables for a catalogue.
    pub fn new(catalogue: &'c Catalogue) -> Matcher<'c> {
        let mut literals: Vec<Vec<u8>> = Vec::new();
        let mut by_literal: Vec<Vec<PatternId>> = Vec::new();
        let mut known: FxHashMap<&str, usize> = FxHashMap::default();
        for (id, pattern) in catalogue.patterns.iter().enumerate() {
            for literal in &pattern.literals {
                let at = *known.entry(literal).or_insert_with(|| {
                    literals.push(literal.as_bytes().to_vec());
                    by_literal.push(Vec::new());
                    literals.len() - 1
                });
                by_literal[at].push(id as PatternId);
            }
        }
        let mut components = FxHashMap::default();
        for (id, component) in catalogue.components.iter().enumerate() {
            for name in component.names.iter().chain(&component.units) {
                components.entry(name.as_bytes().to_vec()).or_insert(id as ComponentId);
            }
        }
        let mut by_id: Vec<usize> = (0..catalogue.patterns.len()).collect();
        by_id.sort_unstable_by_key(|&at| std::cmp::Reverse(&catalogue.patterns[at].id));
        let mut places = vec![0; by_id.len()];
        by_id.into_iter().enumerate().for_each(|(place, at)| places[at] = place as u32);
        let prepared = catalogue.patterns.iter().zip(places).map(|(pattern, place)| Prepared {
            place,
            all_bytes: pattern.all.iter().map(String::len).sum(),
            parts: OnceLock::new(),
            tested: pattern.when.iter().flat_map(|branch| branch.tests.iter().map(|(capture, _)| *capture)).collect(),
        });
        let names = catalogue.components.iter().flat_map(|component| component.names.iter().chain(&component.units));
        let names = names.map(String::as_str);
        Matcher {
            catalogue,
            lengths: literals.iter().map(Vec::len).collect(),
            search: Search::new(literals, names),
            by_literal,
            prepared: prepared.collect(),
            forms: catalogue.captures.iter().map(|capture| Form::of(&capture.name)).collect(),
            keys: catalogue.captures.iter().map(|capture| finders(&capture.pairs)).collect(),
            components,
        }
    }

    /// The catalogue that it was made from.
    pub fn catalogue(&self) -> &'c Catalogue {
        self.catalogue
    }

    /// All literals in a text.
    pub fn hits(&self, text: &[u8], found: &mut Vec<Hit>) {
        self.search.hits(text, found);
    }

    /// Does a literal stand in this part of the text, all of it?
    pub fn within(&self, hit: &Hit, part: &Range<usize>) -> bool {
        part.start <= hit.at && hit.at + self.search.length(hit.literal) <= part.end
    }

    /// The component of an identifier, unit or container name.
    pub fn component(&self, name: &[u8]) -> Option<ComponentId> {
        let bare = name.strip_suffix(b".service").unwrap_or(name);
        self.components.get(bare).or_else(|| self.components.get(name)).copied()
    }

    /// The component that the name of a log file tells: a pod's file names its container, a log directory often its program.
    pub fn component_of_path(&self, path: &str) -> Option<ComponentId> {
        speaker::names(path).into_iter().find_map(|name| self.component(name.as_bytes()))
    }

    /// The events of a message in which these literals stand: one, and a second where the pattern allows it. `component`: who
    /// speaks, where that is known.
    ///
    /// Of several patterns that match, whole lines win over fragments and these over symptoms that name no condition; then the
    /// most literal bytes, then the id.
    pub fn events<'m>(
        &self,
        message: &'m [u8],
        literals: &mut Vec<LiteralId>,
        component: Option<ComponentId>,
    ) -> Option<(Event<'_, 'm>, Option<Event<'_, 'm>>)> {
        let candidates = self.candidates(literals, component);
        let (mut best, mut confirmed): (Option<Rank>, Vec<(Rank, Confirmed)>) = (None, Vec::new());
        for &(bound, id) in &candidates {
            if best.is_some_and(|best| best >= bound) {
                break;
            }
            if let Some((rank, found)) = self.confirm(id, bound, message) {
                best = best.max(Some(rank));
                confirmed.push((rank, found));
            }
        }
        let (_, first) = confirmed.into_iter().max_by_key(|(rank, _)| *rank)?;
        let also = &self.catalogue.patterns[usize::from(first.pattern)].also;
        let second = candidates.iter().filter(|(_, id)| also.contains(id) && *id != first.pattern);
        let second = second.filter_map(|&(bound, id)| self.confirm(id, bound, message)).max_by_key(|(rank, _)| *rank);
        Some((self.event(first), second.map(|(_, second)| self.event(second))))
    }

    /// What every pattern that matches makes of a message, the winner first: to show and to lint. As [`Matcher::events`] else.
    pub fn all<'m>(
        &self,
        message: &'m [u8],
        literals: &mut Vec<LiteralId>,
        component: Option<ComponentId>,
    ) -> Vec<Event<'_, 'm>> {
        self.ranked(message, literals, component).into_iter().map(|(_, event)| event).collect()
    }

    fn ranked<'m>(
        &self,
        message: &'m [u8],
        literals: &mut Vec<LiteralId>,
        component: Option<ComponentId>,
    ) -> Vec<(Rank, Event<'_, 'm>)> {
        let candidates = self.candidates(literals, component);
        let mut confirmed: Vec<(Rank, Confirmed)> =
            candidates.into_iter().filter_map(|(bound, id)| self.confirm(id, bound, message)).collect();
        confirmed.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        confirmed.into_iter().map(|(rank, found)| (rank, self.event(found))).collect()
    }

    /// The patterns that may match a message with these literals, each with the highest rank that it can have, that first.
    fn candidates(&self, literals: &mut Vec<LiteralId>, component: Option<ComponentId>) -> Vec<(Rank, PatternId)> {
        literals.sort_unstable();
        literals.dedup();
        let speaker = component.filter(|&id| !self.catalogue.components[usize::from(id)].many);
        let mut candidates: Vec<(Rank, PatternId)> = Vec::new();
        for &literal in literals.iter() {
            for &id in &self.by_literal[literal as usize] {
                let pattern = &self.catalogue.patterns[usize::from(id)];
                if speaker.is_some_and(|who| !pattern.components.is_empty() && !pattern.components.contains(&who)) {
                    continue;
                }
                let prepared = &self.prepared[usize::from(id)];
                let rank = Rank {
                    class: if pattern.fragment { 1 } else { 2 },
                    literal_bytes: self.lengths[literal as usize] + prepared.all_bytes,
                    place: prepared.place,
                };
                match candidates.iter_mut().find(|(_, known)| *known == id) {
                    Some((highest, _)) => *highest = rank.max(*highest),
                    None => candidates.push((rank, id)),
                }
            }
        }
        candidates.sort_unstable_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        candidates
    }

    /// All captures of a message by a pattern: for the first event of a group, and for tests.
    pub fn captures<'m>(&self, id: PatternId, message: &'m [u8]) -> Vec<Captured<'m>> {
        let all: Vec<CaptureId> = (0..self.catalogue.captures.len() as CaptureId).collect();
        self.values(id, &all, message)
    }

    /// Those captures of a message by a pattern that are wanted. A regex runs only where a group of it is one of them.
    pub fn values<'m>(&self, id: PatternId, wanted: &[CaptureId], message: &'m [u8]) -> Vec<Captured<'m>> {
        self.those(wanted, &Found::new(self.parts(id), message))
    }

    /// Those captures of an event's message that are wanted. What was found to match it is not searched for again.
    pub fn values_of<'m>(&self, event: &Event<'_, 'm>, wanted: &[CaptureId]) -> Vec<Captured<'m>> {
        self.those(wanted, &event.found)
    }

    fn those<'m>(&self, wanted: &[CaptureId], found: &Found<'_, 'm>) -> Vec<Captured<'m>> {
        wanted.iter().filter_map(|&capture| Some((capture, self.value(capture, found)?))).collect()
    }

    /// Does the pattern match? `bound`: the highest rank that it can have here.
    fn confirm<'m>(&self, id: PatternId, bound: Rank, message: &'m [u8]) -> Option<(Rank, Confirmed<'_, 'm>)> {
        let pattern = &self.catalogue.patterns[usize::from(id)];
        let parts = self.parts(id);
        let stands = |finder: &memmem::Finder| finder.find(message).is_some();
        if !parts.all.iter().all(stands) || parts.none.iter().any(stands) {
            return None;
        }
        let found = Found::new(parts, message);
        if let Some(grouped) = &parts.regex {
            let matches = match parts.needs_groups {
                true => found.regex.get_or_init(|| grouped.find(message)).is_some(),
                false => grouped.is_match(message),
            };
            if !matches && !parts.pairs.iter().any(|(_, keys)| first_pair(message, keys).is_some()) {
                return None;
            }
        }
        let (mut condition, mut role) = (pattern.condition, pattern.role);
        if !pattern.when.is_empty() {
            let tested = self.those(&self.prepared[usize::from(id)].tested, &found);
            let holds = |(capture, test): &(CaptureId, Test)| {
                tested.iter().find(|(name, _)| name == capture).is_some_and(|(_, value)| holds(test, value))
            };
            if let Some(branch) = pattern.when.iter().find(|branch| branch.tests.iter().all(holds)) {
                if branch.unknown {
                    return None;
                }
                condition = branch.condition.or(condition);
                role = branch.role.unwrap_or(role);
            }
        }
        let class = if (role, condition) == (Role::Symptom, None) { 0 } else { bound.class };
        Some((Rank { class, ..bound }, Confirmed { pattern: id, condition, role, found }))
    }

    /// What is told about a pattern that was found.
    fn event<'p, 'm>(&self, confirmed: Confirmed<'p, 'm>) -> Event<'p, 'm> {
        let Confirmed { pattern, condition, role, found } = confirmed;
        // Harmless lines are only counted: nobody asks which object they are about.
        let named: &[CaptureId] = match role {
            Role::Background => &[],
            _ => &self.catalogue.patterns[usize::from(pattern)].object,
        };
        let object = self.those(named, &found);
        Event { pattern, condition, role, object, found }
    }

    /// The value of a capture: the pattern's own pairs, its regexes, then the keys that carry the capture by themselves.
    fn value<'m>(&self, capture: CaptureId, found: &Found<'_, 'm>) -> Option<Cow<'m, [u8]>> {
        let own = found.parts.pairs.iter().find(|(named, _)| *named == capture);
        let value = own
            .and_then(|(_, keys)| first_pair(found.message, keys))
            .or_else(|| found.value(capture).map(Cow::Borrowed))
            .or_else(|| first_pair(found.message, &self.keys[usize::from(capture)]))?;
        let formed = self.forms[usize::from(capture)].apply(value);
        (!formed.is_empty()).then_some(formed)
    }

    fn parts(&self, id: PatternId) -> &Parts {
        self.prepared[usize::from(id)].parts.get_or_init(|| {
            let pattern = &self.catalogue.patterns[usize::from(id)];
            let grouped = |text: &String| Grouped::new(text, self.catalogue);
            let regex = pattern.regex.as_ref().and_then(grouped);
            let harmless = pattern.role == Role::Background && pattern.when.is_empty();
            let decides = |capture: &CaptureId| {
                (!harmless && pattern.object.contains(capture))
                    || self.prepared[usize::from(id)].tested.contains(capture)
            };
            Parts {
                needs_groups: regex.iter().any(|grouped| grouped.captures().any(|capture| decides(&capture))),
                values: pattern.values.iter().filter_map(grouped).collect(),
                all: finders(&pattern.all),
                none: finders(&pattern.none),
                regex,
                pairs: pattern.pairs.iter().map(|(capture, keys)| (*capture, finders(keys))).collect(),
            }
        })
    }
}

fn finders(texts: &[String]) -> Vec<memmem::Finder<'static>> {
    texts.iter().map(|text| memmem::Finder::new(text).into_owned()).collect()
}

/// A pattern's regex over bytes: logs are not always UTF-8.
///
/// # Errors
/// What the regex crate says of a faulty one.
pub fn compile_regex(text: &str) -> Result<Regex, regex::Error> {
    regex::bytes::RegexBuilder::new(text).unicode(false).build().or_else(|_| Regex::new(text))
}

fn first_pair<'m>(message: &'m [u8], keys: &[memmem::Finder<'_>]) -> Option<Cow<'m, [u8]>> {
    keys.iter().find_map(|key| envelope::value_of(message, key))
}

fn holds(test: &Test, value: &[u8]) -> bool {
    match test {
        Test::OneOf(values) => values.iter().any(|wanted| wanted.as_bytes() == value),
        Test::Has(parts) => parts.iter().all(|part| memmem::find(value, part.as_bytes()).is_some()),
    }
}
