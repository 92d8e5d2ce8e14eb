//! From a message to events: literals give candidate patterns, candidates are confirmed, captures taken, `when` decides the
//! condition. The naive twin of this module is the oracle in `tests/oracle.rs`.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use memchr::memmem;
use regex::bytes::Regex;
use rustc_hash::FxHashMap;

use crate::catalogue::{Catalogue, CaptureId, ComponentId, ConditionId, Pattern, PatternId, Role, Test};
use crate::envelope;

pub mod captures;
pub mod lint;
pub mod search;

use captures::Form;
pub use search::{Hit, LiteralId, Search};

/// A captured value and its name.
pub type Captured<'m> = (CaptureId, Cow<'m, [u8]>);

/// What a message says, after one pattern.
#[derive(Debug, Clone)]
pub struct Event<'m> {
    /// The pattern that matched.
    pub pattern: PatternId,
    /// The condition that it speaks of.
    pub condition: Option<ConditionId>,
    /// What it says of it.
    pub role: Role,
    /// The captures that name the object, in the pattern's order; those that are not there are left out.
    pub object: Vec<Captured<'m>>,
}

/// The catalogue, made ready for matching. Shared by all workers.
pub struct Matcher<'c> {
    catalogue: &'c Catalogue,
    search: Search,
    by_literal: Vec<Vec<PatternId>>,
    prepared: Vec<Prepared>,
    forms: Vec<Form>,
    components: FxHashMap<Vec<u8>, ComponentId>,
}

/// What is made of a pattern once: compiled on first use, since a run needs few of them.
struct Prepared {
    regex: OnceLock<Option<Regex>>,
    /// Captures that decide `when`, beside those of the object.
    tested: Vec<CaptureId>,
}

/// What decides between patterns that match the same message: see [`Matcher::events`].
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
struct Rank {
    class: u8,
    literal_bytes: usize,
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
        let prepared = catalogue.patterns.iter().map(|pattern| Prepared {
            regex: OnceLock::new(),
            tested: pattern.when.iter().flat_map(|branch| branch.tests.iter().map(|(capture, _)| *capture)).collect(),
        });
        Matcher {
            catalogue,
            search: Search::new(literals),
            by_literal,
            prepared: prepared.collect(),
            forms: catalogue.captures.iter().map(|capture| Form::of(&capture.name)).collect(),
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
        let mut parts = path.rsplit(['/', '\\']);
        let file = parts.next().unwrap_or(path);
        let stem = file.split('.').next().unwrap_or(file);
        let is_restart = !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit());
        let name = if is_restart { parts.next()? } else { stem };
        self.component(name.as_bytes())
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
    ) -> Option<(Event<'m>, Option<Event<'m>>)> {
        let mut ranked = self.ranked(message, literals, component).into_iter().map(|(_, event)| event);
        let first = ranked.next()?;
        let also = &self.catalogue.patterns[usize::from(first.pattern)].also;
        let second = ranked.find(|event| also.contains(&event.pattern));
        Some((first, second))
    }

    /// What every pattern that matches makes of a message, the winner first: to show and to lint. As [`Matcher::events`] else.
    pub fn all<'m>(
        &self,
        message: &'m [u8],
        literals: &mut Vec<LiteralId>,
        component: Option<ComponentId>,
    ) -> Vec<Event<'m>> {
        self.ranked(message, literals, component).into_iter().map(|(_, event)| event).collect()
    }

    fn ranked<'m>(
        &self,
        message: &'m [u8],
        literals: &mut Vec<LiteralId>,
        component: Option<ComponentId>,
    ) -> Vec<(Rank, Event<'m>)> {
        literals.sort_unstable();
        literals.dedup();
        let speaker = component.filter(|&id| !self.catalogue.components[usize::from(id)].many);
        let mut candidates: Vec<(PatternId, usize)> = Vec::new();
        for &literal in literals.iter() {
            for &id in &self.by_literal[literal as usize] {
                let pattern = &self.catalogue.patterns[usize::from(id)];
                if speaker.is_some_and(|who| !pattern.components.is_empty() && !pattern.components.contains(&who)) {
                    continue;
                }
                let length = self.literal_length(pattern, message, literals);
                if !candidates.iter().any(|(known, _)| *known == id) {
                    candidates.push((id, length));
                }
            }
        }
        let mut matches: Vec<(Rank, Event<'m>)> =
            candidates.into_iter().filter_map(|(id, length)| self.confirm(id, length, message)).collect();
        matches.sort_by(|(a, left), (b, right)| {
            let name = |event: &Event| &self.catalogue.patterns[usize::from(event.pattern)].id;
            b.cmp(a).then_with(|| name(left).cmp(name(right)))
        });
        matches
    }

    /// All captures of a message by a pattern: for the first event of a group, and for tests.
    pub fn captures<'m>(&self, id: PatternId, message: &'m [u8]) -> Vec<Captured<'m>> {
        let pattern = &self.catalogue.patterns[usize::from(id)];
        let groups = self.regex_of(id).and_then(|regex| regex.captures(message).map(|found| (regex, found)));
        let mut wanted: Vec<CaptureId> = (0..self.catalogue.captures.len() as CaptureId).collect();
        wanted.retain(|&capture| {
            !self.catalogue.captures[usize::from(capture)].pairs.is_empty()
                || pattern.pairs.iter().any(|(named, _)| *named == capture)
                || groups.is_some()
        });
        wanted.into_iter().filter_map(|capture| Some((capture, self.value(pattern, capture, groups.as_ref(), message)?))).collect()
    }

    /// The longest literal that is on the line, with all that must be there too.
    fn literal_length(&self, pattern: &Pattern, message: &[u8], hits: &[LiteralId]) -> usize {
        let longest = match pattern.literals.len() {
            1 => pattern.literals[0].len(),
            // Few patterns share a line: looking again is cheaper than keeping which hit belonged to which.
            _ if hits.is_empty() => 0,
            _ => pattern
                .literals
                .iter()
                .filter(|literal| memmem::find(message, literal.as_bytes()).is_some())
                .map(String::len)
                .max()
                .unwrap_or(0),
        };
        longest + pattern.all.iter().map(String::len).sum::<usize>()
    }

    fn confirm<'m>(&self, id: PatternId, literal_bytes: usize, message: &'m [u8]) -> Option<(Rank, Event<'m>)> {
        let pattern = &self.catalogue.patterns[usize::from(id)];
        let stands = |text: &String| memmem::find(message, text.as_bytes()).is_some();
        if !pattern.all.iter().all(stands) || pattern.none.iter().any(stands) {
            return None;
        }
        let groups = match self.regex_of(id) {
            None => None,
            Some(regex) => {
                let found = regex.captures(message).map(|found| (regex, found));
                if found.is_none() && !pattern.pairs.iter().any(|(_, keys)| first_pair(message, keys).is_some()) {
                    return None;
                }
                found
            }
        };
        let value = |capture: CaptureId| self.value(pattern, capture, groups.as_ref(), message);
        let (mut condition, mut role) = (pattern.condition, pattern.role);
        if !pattern.when.is_empty() {
            let tested: Vec<Captured> = self.prepared[usize::from(id)]
                .tested
                .iter()
                .filter_map(|&capture| Some((capture, value(capture)?)))
                .collect();
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
        let class = match (role, condition) {
            (Role::Symptom, None) => 0,
            _ if pattern.fragment => 1,
            _ => 2,
        };
        let object = pattern.object.iter().filter_map(|&capture| Some((capture, value(capture)?))).collect();
        Some((Rank { class, literal_bytes }, Event { pattern: id, condition, role, object }))
    }

    /// The value of a capture: the pattern's own pairs, its regex, then the keys that carry the capture by themselves.
    fn value<'m>(
        &self,
        pattern: &Pattern,
        capture: CaptureId,
        groups: Option<&(&Regex, regex::bytes::Captures<'m>)>,
        message: &'m [u8],
    ) -> Option<Cow<'m, [u8]>> {
        let own = pattern.pairs.iter().find(|(named, _)| *named == capture);
        let found = own
            .and_then(|(_, keys)| first_pair(message, keys))
            .or_else(|| groups.and_then(|(regex, found)| self.group(regex, found, capture)))
            .or_else(|| first_pair(message, &self.catalogue.captures[usize::from(capture)].pairs))?;
        let formed = self.forms[usize::from(capture)].apply(found);
        (!formed.is_empty()).then_some(formed)
    }

    fn group<'m>(
        &self,
        regex: &Regex,
        found: &regex::bytes::Captures<'m>,
        capture: CaptureId,
    ) -> Option<Cow<'m, [u8]>> {
        let wanted = &self.catalogue.captures[usize::from(capture)].name;
        regex.capture_names().enumerate().find_map(|(at, name)| {
            let name = crate::catalogue::compile::capture_name(name?);
            (name == wanted).then(|| found.get(at).map(|m| Cow::Borrowed(m.as_bytes()))).flatten()
        })
    }

    fn regex_of(&self, id: PatternId) -> Option<&Regex> {
        let text = self.catalogue.patterns[usize::from(id)].regex.as_ref()?;
        self.prepared[usize::from(id)].regex.get_or_init(|| compile_regex(text).ok()).as_ref()
    }
}

/// A pattern's regex over bytes: logs are not always UTF-8.
///
/// # Errors
/// What the regex crate says of a faulty one.
pub fn compile_regex(text: &str) -> Result<Regex, regex::Error> {
    regex::bytes::RegexBuilder::new(text).unicode(false).build().or_else(|_| Regex::new(text))
}

fn first_pair<'m>(message: &'m [u8], keys: &[String]) -> Option<Cow<'m, [u8]>> {
    keys.iter().find_map(|key| envelope::pair(message, key))
}

fn holds(test: &Test, value: &[u8]) -> bool {
    match test {
        Test::OneOf(values) => values.iter().any(|wanted| wanted.as_bytes() == value),
        Test::Has(parts) => parts.iter().all(|part| memmem::find(value, part.as_bytes()).is_some()),
    }
}
