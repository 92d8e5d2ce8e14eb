//! The oracle: a naive matcher that tries every pattern on every entry, as `patterns/README.md` describes a pattern, without the
//! search for literals that the fast way begins with. Both must say the same of every line, whole or mutilated, in any envelope.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, HashSet};

use memchr::memmem::Finder;
use nodecause::catalogue::{CaptureId, Catalogue, ComponentId, ConditionId, Pattern, PatternId, Role, Test};
use nodecause::envelope::{self, Entry, Guess, Layout};
use nodecause::input::Block;
use nodecause::matcher::captures::Form;
use nodecause::matcher::{compile_regex, Event};
use nodecause::scan::{part, Options};
use regex::bytes::{Captures, Regex};

use common::{matcher, messages, samples, Dice};

/// What a line says: pattern, condition, role and the object.
type Said = (PatternId, Option<ConditionId>, Role, Vec<(CaptureId, Vec<u8>)>);

/// Puts a message into an envelope.
type Wrap = Box<dyn Fn(&str) -> String>;

struct Oracle {
    catalogue: &'static Catalogue,
    regexes: Vec<Option<Regex>>,
    values: Vec<Vec<Regex>>,
    texts: Vec<Texts>,
}

/// The plain texts of a pattern, each ready to be looked for by itself.
struct Texts {
    literals: Vec<Finder<'static>>,
    all: Vec<Finder<'static>>,
    none: Vec<Finder<'static>>,
}

impl Oracle {
    fn new() -> Oracle {
        let catalogue = matcher().catalogue();
        let regex = |pattern: &Pattern| pattern.regex.as_ref().map(|text| compile_regex(text).unwrap());
        let values = |pattern: &Pattern| pattern.values.iter().map(|text| compile_regex(text).unwrap()).collect();
        let finders = |texts: &'static [String]| texts.iter().map(|text| Finder::new(text.as_bytes())).collect();
        let texts = |pattern: &'static Pattern| Texts {
            literals: finders(&pattern.literals),
            all: finders(&pattern.all),
            none: finders(&pattern.none),
        };
        Oracle {
            catalogue,
            regexes: catalogue.patterns.iter().map(regex).collect(),
            values: catalogue.patterns.iter().map(values).collect(),
            texts: catalogue.patterns.iter().map(texts).collect(),
        }
    }

    /// One event, and a second where the first's pattern allows it.
    fn says(&self, message: &[u8], component: Option<ComponentId>) -> Vec<Said> {
        let speaker = component.filter(|&id| !self.catalogue.components[usize::from(id)].many);
        let mut matches: Vec<_> =
            (0..self.catalogue.patterns.len()).filter_map(|id| self.one(id, message, speaker)).collect();
        matches.sort_by_key(|(class, literal_bytes, said)| {
            (std::cmp::Reverse((*class, *literal_bytes)), &self.catalogue.patterns[usize::from(said.0)].id)
        });
        let mut ranked = matches.into_iter().map(|(_, _, said)| said);
        let Some(first) = ranked.next() else { return Vec::new() };
        let also = &self.catalogue.patterns[usize::from(first.0)].also;
        let second = ranked.find(|said| also.contains(&said.0));
        std::iter::once(first).chain(second).collect()
    }

    fn one(&self, id: usize, message: &[u8], speaker: Option<ComponentId>) -> Option<(u8, usize, Said)> {
        let pattern = &self.catalogue.patterns[id];
        let foreign = speaker.is_some_and(|who| !pattern.components.is_empty() && !pattern.components.contains(&who));
        let stands = |text: &&Finder<'static>| text.find(message).is_some();
        let texts = &self.texts[id];
        let literal = texts.literals.iter().filter(stands).map(|text| text.needle().len()).max()?;
        let all = texts.all.iter().all(|text| stands(&text));
        if foreign || !all || texts.none.iter().any(|text| stands(&text)) {
            return None;
        }
        let found = self.regexes[id].as_ref().and_then(|regex| regex.captures(message));
        let by_pairs =
            pattern.pairs.iter().any(|(_, keys)| keys.iter().any(|key| envelope::pair(message, key).is_some()));
        if self.regexes[id].is_some() && found.is_none() && !by_pairs {
            return None;
        }
        let value = |capture: CaptureId| self.value(id, capture, found.as_ref(), message);
        let (mut condition, mut role) = (pattern.condition, pattern.role);
        let branch = pattern.when.iter().find(|branch| {
            branch.tests.iter().all(|(capture, test)| {
                value(*capture).is_some_and(|value| match test {
                    Test::OneOf(wanted) => wanted.iter().any(|wanted| wanted.as_bytes() == value),
                    Test::Has(parts) => parts.iter().all(|part| holds(&value, part)),
                })
            })
        });
        if let Some(branch) = branch {
            condition = branch.condition.or(condition);
            role = branch.role.unwrap_or(role);
        }
        let class = if role == Role::Symptom && condition.is_none() { 0 } else { 2 - u8::from(pattern.fragment) };
        let named: &[CaptureId] = if role == Role::Background { &[] } else { &pattern.object };
        let object = named.iter().filter_map(|&capture| Some((capture, value(capture)?))).collect();
        let length = literal + pattern.all.iter().map(String::len).sum::<usize>();
        Some((class, length, (id as PatternId, condition, role, object)))
    }

    /// From the pattern's own keys, then its regex, then those that only give values, then the keys that carry a capture by
    /// themselves.
    fn value(&self, id: usize, capture: CaptureId, found: Option<&Captures<'_>>, message: &[u8]) -> Option<Vec<u8>> {
        let about = &self.catalogue.captures[usize::from(capture)];
        let pair = |keys: &[String]| keys.iter().find_map(|key| Some(envelope::pair(message, key)?.into_owned()));
        let own = self.catalogue.patterns[id].pairs.iter().find(|(name, _)| *name == capture);
        let group = |regex: &Regex, found: Option<&Captures<'_>>| {
            let mut named = regex.capture_names().flatten().filter(|name| {
                // `pod_2` is `pod` in another branch.
                name.strip_prefix(about.name.as_str()).is_some_and(|rest| {
                    rest.is_empty()
                        || rest
                            .strip_prefix('_')
                            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
                })
            });
            named.find_map(|name| Some(found?.name(name)?.as_bytes().to_vec()))
        };
        let own = own.and_then(|(_, keys)| pair(keys));
        let by_regex = || group(self.regexes[id].as_ref()?, found);
        let by_values = || self.values[id].iter().find_map(|regex| group(regex, regex.captures(message).as_ref()));
        let raw = own.or_else(by_regex).or_else(by_values).or_else(|| pair(&about.pairs))?;
        let formed = Form::of(&about.name).apply(raw.into()).into_owned();
        (!formed.is_empty()).then_some(formed)
    }

    /// Who speaks, as `Matcher` and the reader of entries have it.
    fn component(&self, entry: &Entry<'_>) -> Option<ComponentId> {
        let named = |name: &[u8]| if name.is_empty() { None } else { matcher().component(name) };
        let component = named(entry.ident).or_else(|| named(entry.unit))?;
        (entry.header.len == 0 || self.catalogue.components[usize::from(component)].klog).then_some(component)
    }
}

fn holds(text: &[u8], part: &str) -> bool {
    memchr::memmem::find(text, part.as_bytes()).is_some()
}

fn owned(event: Event<'_, '_>) -> Said {
    let object = event.object.into_iter().map(|(name, value)| (name, value.into_owned())).collect();
    (event.pattern, event.condition, event.role, object)
}

/// What the fast matcher says of a message.
fn fast(message: &[u8], component: Option<ComponentId>) -> Vec<Said> {
    let mut hits = Vec::new();
    matcher().hits(message, &mut hits);
    let mut literals = hits.iter().map(|hit| hit.literal).collect();
    match matcher().events(message, &mut literals, component) {
        Some((first, second)) => std::iter::once(first).chain(second).map(owned).collect(),
        None => Vec::new(),
    }
}

fn named(said: &[Said]) -> String {
    let catalogue = matcher().catalogue();
    let name = |(pattern, condition, role, object): &Said| {
        let condition = condition.map_or("-", |id| &catalogue.conditions[usize::from(id)].id);
        let object: Vec<_> = object
            .iter()
            .map(|(name, value)| {
                format!("{}={}", catalogue.captures[usize::from(*name)].name, String::from_utf8_lossy(value))
            })
            .collect();
        format!("{} {condition} {role:?} {}", catalogue.patterns[usize::from(*pattern)].id, object.join(" "))
    };
    said.iter().map(name).collect::<Vec<_>>().join("; ")
}

/// Lines of the samples that differ in more than numbers, and the messages of the catalogue.
fn lines() -> Vec<Vec<u8>> {
    let mut known = HashSet::new();
    let mut found: Vec<Vec<u8>> = Vec::new();
    for (_, paths) in samples() {
        for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "log")) {
            for line in std::fs::read(path).unwrap().split(|byte| *byte == b'\n') {
                let shape: Vec<u8> = line.iter().copied().filter(|byte| !byte.is_ascii_digit()).collect();
                if known.insert(shape) {
                    found.push(line.to_vec());
                }
            }
        }
    }
    found.extend(messages().iter().map(|message| message.clone().into_bytes()));
    found
}

/// The line an hour later, by another process.
fn later(line: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(line).into_owned();
    text.replace(" 03:", " 04:")
        .replace(" 04:", " 05:")
        .replace("     189 ", "    2189 ")
        .replace("[189]", "[2189]")
        .into_bytes()
}

/// A line with something wrong: cut, a piece repeated, bytes put in, case changed, two lines in one.
fn mutilated(line: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut line = line.to_vec();
    let at = dice.below(line.len() + 1);
    match dice.below(6) {
        0 => line.truncate(at),
        1 => drop(line.drain(..at)),
        2 => line
            .splice(
                at..at,
                (0..1 + dice.below(4)).map(|_| dice.below(256) as u8).filter(|byte| *byte != b'\n').collect::<Vec<_>>(),
            )
            .for_each(drop),
        3 => line.splice(at..at, [*dice.pick(b"\"\\={}<> ")]).for_each(drop),
        4 => line.splice(at..at, other.iter().copied()).for_each(drop),
        _ => line[at..].make_ascii_uppercase(),
    }
    line
}

/// Reads lines as a log both ways and compares the tallies.
fn compare(oracle: &Oracle, layout: Layout, log: &[u8]) -> Result<usize, String> {
    let mut expected: BTreeMap<Said, u64> = BTreeMap::new();
    for raw in envelope::entries(layout, log) {
        let entry = raw.peel(log, &mut Guess::default());
        if entry.envelope == envelope::Envelope::Marker {
            continue;
        }
        let component = oracle.component(&entry);
        let (naive, quick) = (oracle.says(&entry.message, component), fast(&entry.message, component));
        if naive != quick {
            let message = String::from_utf8_lossy(&entry.message);
            return Err(format!(
                "the message says\n  naive: {}\n  fast:  {}\nof {message}",
                named(&naive),
                named(&quick)
            ));
        }
        for mut said in naive {
            // A tally keeps so many bytes of a value.
            said.3.iter_mut().for_each(|(_, value)| value.truncate(256));
            *expected.entry(said).or_default() += 1;
        }
    }
    let lines = log.iter().filter(|byte| **byte == b'\n').count() as u64;
    let block = Block { offset: 0, length: log.len() as u64, line: 0, lines, bytes: log.to_vec() };
    let summary = part("x.log", layout, &[block], matcher(), &Options::default());
    let mut got: BTreeMap<Said, u64> = BTreeMap::new();
    for (key, tally) in summary.sources.values().flat_map(|source| &source.tallies) {
        for group in tally.groups.values() {
            let object = group.object.iter().map(|(name, value)| (*name, value.to_vec())).collect();
            *got.entry((key.pattern, key.condition, key.role, object)).or_default() += group.course.count();
        }
    }
    if let Some((said, count)) = expected.iter().find(|(said, count)| got.get(*said) != Some(count)) {
        return Err(format!(
            "{count} times expected, {:?} times counted: {}",
            got.get(said),
            named(std::slice::from_ref(said))
        ));
    }
    if let Some((said, count)) = got.iter().find(|(said, _)| !expected.contains_key(*said)) {
        return Err(format!("{count} times counted, but nothing says so: {}", named(std::slice::from_ref(said))));
    }
    Ok(expected.len())
}

/// Compares line by line where the whole differs, so that the line is named.
fn hold(oracle: &Oracle, what: &str, lines: &[Vec<u8>]) {
    let text =
        |lines: &[Vec<u8>]| lines.iter().flat_map(|line| line.iter().copied().chain([b'\n'])).collect::<Vec<u8>>();
    // Chunks, so that no tally has more objects than it keeps.
    for chunk in lines.chunks(500) {
        let Err(wrong) = compare(oracle, Layout::Lines, &text(chunk)) else { continue };
        for line in chunk {
            if let Err(wrong) = compare(oracle, Layout::Lines, &text(std::slice::from_ref(line))) {
                panic!("{what}: {wrong}\nin the line {}", String::from_utf8_lossy(line));
            }
        }
        panic!("{what}: {wrong}");
    }
}

#[test]
fn both_say_the_same_of_every_line() {
    let oracle = Oracle::new();
    let mut lines = lines();
    hold(&oracle, "lines as they are", &lines);
    // Again with other stamps: what is remembered of the first time must be right for the second.
    let again: Vec<Vec<u8>> = lines.iter().step_by(3).map(|line| later(line)).collect();
    lines = lines.into_iter().step_by(3).zip(again).flat_map(|(line, again)| [line, again]).collect();
    hold(&oracle, "lines that come again", &lines);
}

#[test]
fn both_say_the_same_of_mutilated_lines() {
    let (oracle, lines) = (Oracle::new(), lines());
    for seed in 1..3 {
        let mut dice = Dice::new(seed);
        let mut wrong: Vec<Vec<u8>> = Vec::new();
        for line in &lines {
            let other = dice.pick(&lines);
            wrong.push(mutilated(line, other, &mut dice));
        }
        hold(&oracle, &format!("mutilated lines, seed {seed}"), &wrong);
    }
}

#[test]
fn envelopes_change_nothing() {
    let oracle = Oracle::new();
    let plain: Vec<&String> =
        messages().iter().filter(|message| message.bytes().all(|byte| (b' '..=b'~').contains(&byte))).collect();
    let json = |message: &str| {
        serde_json::json!({
        "__REALTIME_TIMESTAMP": "1795579200000000", "_HOSTNAME": "node-1", "SYSLOG_IDENTIFIER": "somebody", "_PID": "7",
        "_CMDLINE": "/usr/bin/somebody --attempting to reclaim --skipping pod synchronization", "MESSAGE": message})
    };
    let docker = |message: &str| serde_json::json!({"log": format!("{message}\n"), "stream": "stderr", "time": "2026-11-25T04:00:00.5Z"});
    let wrappings: [(&str, Wrap); 4] = [
        ("short", Box::new(|message| format!("Nov 25 04:00:00.000000 node-1 somebody[7]: {message}"))),
        ("journal JSON", Box::new(move |message| json(message).to_string())),
        ("CRI", Box::new(|message| format!("2026-11-25T04:00:00.500000000Z stderr F {message}"))),
        ("docker JSON", Box::new(move |message| docker(message).to_string())),
    ];
    let bare: Vec<String> = plain.iter().map(|message| named(&oracle.says(message.as_bytes(), None))).collect();
    for (what, wrap) in &wrappings {
        let lines: Vec<Vec<u8>> = plain.iter().map(|message| wrap(message).into_bytes()).collect();
        hold(&oracle, what, &lines);
        for (bare, line) in bare.iter().zip(&lines) {
            let raw = envelope::entries(Layout::Lines, line).next().unwrap();
            let entry = raw.peel(line, &mut Guess::default());
            assert_eq!(
                named(&oracle.says(&entry.message, None)),
                *bare,
                "{what} changes what is read from {}",
                String::from_utf8_lossy(line)
            );
        }
    }
}
