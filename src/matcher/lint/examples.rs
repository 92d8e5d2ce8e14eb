//! Matches every pattern against its examples and counter-examples, and against those of its neighbours.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::places::{At, Kind, Places, Table};
use super::Fault;
use crate::catalogue::format::{ExampleDef, Given, PatternDef};
use crate::catalogue::load::Source;
use crate::catalogue::{Catalogue, ComponentId, Pattern, PatternId};
use crate::matcher::{compile_regex, first_pair, holds, Captured, Event, Matcher, Rank};

/// All faults that matching shows. `repeated`: tables that are not in the catalogue, since their id was taken.
pub(super) fn check(
    catalogue: &Catalogue,
    known: &[Source],
    own: &[Source],
    places: &Places<'_>,
    repeated: &BTreeSet<At>,
    faults: &mut Vec<Fault>,
) {
    let ids = catalogue.patterns.iter().enumerate().map(|(at, pattern)| (pattern.id.as_str(), at as PatternId));
    let trial = Trial { catalogue, matcher: Matcher::new(catalogue), ids: ids.collect() };
    let mut tables: BTreeMap<&str, &Table<'_>> = BTreeMap::new();
    for (at, table) in places.own_tables().filter(|(at, _)| at.kind == Kind::Pattern && !repeated.contains(at)) {
        tables.insert(table.id, table);
        let def = &own[at.file].file.pattern[at.table];
        trial.pattern(def, table, faults);
    }
    for (at, table) in places.known_tables().filter(|(at, _)| at.kind == Kind::Pattern) {
        trial.taken(&known[at.file].file.pattern[at.table], table, &tables, faults);
    }
}

struct Trial<'c> {
    catalogue: &'c Catalogue,
    matcher: Matcher<'c>,
    ids: HashMap<&'c str, PatternId>,
}

impl<'c> Trial<'c> {
    /// All patterns that match a line, the winner first.
    fn ranked<'m>(&self, line: &'m str, speaker: Option<ComponentId>) -> Vec<(Rank, Event<'_, 'm>)> {
        let mut hits = Vec::new();
        self.matcher.hits(line.as_bytes(), &mut hits);
        let mut literals = hits.iter().map(|hit| hit.literal).collect();
        self.matcher.ranked(line.as_bytes(), &mut literals, speaker)
    }

    fn of(&self, id: PatternId) -> &'c Pattern {
        &self.catalogue.patterns[usize::from(id)]
    }

    fn pattern(&self, def: &PatternDef, table: &Table<'_>, faults: &mut Vec<Fault>) {
        let id = self.ids[def.id.as_str()];
        for (number, example) in def.example.iter().enumerate() {
            let ranked = self.ranked(&example.line, None);
            let line = table.line_in_part("example", number, "line");
            match ranked.iter().find(|(_, event)| event.pattern == id) {
                None => faults.push(
                    table.error(line, format!("the example does not match: {}", self.why_not(id, &example.line))),
                ),
                Some((_, event)) => {
                    let line = table.line_in_part("example", number, "gives");
                    self.gives(example, event, |wrong| faults.push(table.error(line, wrong)));
                }
            }
            if let Some(wrong) = self.contested(id, &example.line) {
                faults.push(table.warning(line, wrong));
            }
        }
        for (number, counter) in def.counter.iter().enumerate() {
            if self.ranked(&counter.line, None).iter().any(|(_, event)| event.pattern == id) {
                let line = table.line_in_part("counter", number, "line");
                faults.push(table.error(line, "the counter-example matches"));
            }
        }
        self.unproven(def, id, table, faults);
    }

    /// The first thing that keeps a line from matching.
    fn why_not(&self, id: PatternId, line: &str) -> String {
        let pattern = self.of(id);
        if !pattern.literals.iter().any(|literal| line.contains(literal.as_str())) {
            return "none of its literals is in it".into();
        }
        if let Some(missing) = pattern.all.iter().find(|text| !line.contains(text.as_str())) {
            return format!("{missing:?} of all is not in it");
        }
        if let Some(there) = pattern.none.iter().find(|text| line.contains(text.as_str())) {
            return format!("{there:?} of none is in it");
        }
        match pattern.pairs.is_empty() {
            true => "the regex does not".into(),
            false => "the regex does not, and none of its pairs is there".into(),
        }
    }

    /// Does the example give what it says?
    fn gives(&self, example: &ExampleDef, event: &Event<'_, '_>, mut wrong: impl FnMut(String)) {
        let captures = self.matcher.captures(event.pattern, example.line.as_bytes());
        for (name, expected) in &example.gives {
            let got = match name.as_str() {
                "condition" => event.condition.map(|id| self.catalogue.conditions[usize::from(id)].id.clone()),
                "role" => Some(event.role.word().to_string()),
                _ => self.value(&captures, name),
            };
            match (expected, got) {
                (Given::Is(expected), Some(got)) if got != *expected => {
                    wrong(format!("the example gives {name} = {got:?}, not {expected:?}"));
                }
                (Given::Is(expected), None) => wrong(format!("the example gives no {name}; expected {expected:?}")),
                (Given::Present(true), None) => wrong(format!("the example gives no {name}")),
                (Given::Present(false), Some(got)) => {
                    wrong(format!("the example gives {name} = {got:?}, where none is expected"));
                }
                _ => {}
            }
        }
    }

    fn value(&self, captures: &[Captured<'_>], name: &str) -> Option<String> {
        let capture = self.catalogue.capture(name)?;
        let (_, value) = captures.iter().find(|(id, _)| *id == capture)?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    /// Says which other pattern takes the line, whoever of the pattern's components says it.
    fn contested(&self, id: PatternId, line: &str) -> Option<String> {
        let components = &self.of(id).components;
        if components.is_empty() {
            return self.contested_as(id, &self.ranked(line, None));
        }
        let mut taken: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for &speaker in components {
            if let Some(wrong) = self.contested_as(id, &self.ranked(line, Some(speaker))) {
                taken.entry(wrong).or_default().push(&self.catalogue.components[usize::from(speaker)].id);
            }
        }
        let (wrong, speakers) = taken.into_iter().next()?;
        match speakers.len() == components.len() {
            true => Some(wrong),
            false => Some(format!("{wrong} where {} says it", speakers.join(" or "))),
        }
    }

    fn contested_as(&self, id: PatternId, ranked: &[(Rank, Event<'_, '_>)]) -> Option<String> {
        let (best, winner) = ranked.first()?;
        let (rank, _) = ranked.iter().find(|(_, event)| event.pattern == id)?;
        let spared = |a: PatternId, b: PatternId| self.of(a).also.contains(&b);
        if winner.pattern != id {
            let how = if rank.ties(*best) { " by nothing but its name" } else { "" };
            let other = &self.of(winner.pattern).id;
            return (!spared(winner.pattern, id)).then(|| format!("{other} wins this example{how}"));
        }
        let (_, rival) = ranked[1..].iter().find(|(rank, _)| rank.ties(*best))?;
        let other = &self.of(rival.pattern).id;
        let wrong = format!("{other} loses this example by nothing but its name");
        (!spared(id, rival.pattern)).then_some(wrong)
    }

    /// Parts of the pattern that no example shows.
    fn unproven(&self, def: &PatternDef, id: PatternId, table: &Table<'_>, faults: &mut Vec<Fault>) {
        let lines = || def.example.iter().map(|example| example.line.as_bytes());
        let finds = |text: &String| {
            let Ok(regex) = compile_regex(text) else { return true };
            let named = regex.capture_names().flatten().next().is_some();
            lines().any(|line| match named {
                true => regex.captures(line).is_some_and(|found| found.iter().skip(1).flatten().next().is_some()),
                false => regex.is_match(line),
            })
        };
        let mut warn = |key: &str, wrong: &str| faults.push(table.warning(table.line_of_key(key), wrong));
        if !def.example.is_empty() && def.regex.iter().any(|text| !finds(text)) {
            warn("regex", "the regex finds nothing in any of the examples");
        }
        // Several patterns share a list of the ways in which an object is named: one that an example shows is enough.
        if !def.example.is_empty() && !def.values.is_empty() && !def.values.iter().any(finds) {
            warn("values", "none of values finds anything in any of the examples");
        }
        for (name, keys) in &def.pairs {
            if !def.example.is_empty() && !lines().any(|line| first_pair(line, &super::super::finders(keys)).is_some())
            {
                let wrong = format!("no example has a pair for {name} ({})", keys.join(", "));
                faults.push(table.warning(table.line_of_key("pairs"), wrong));
            }
        }
        let taken: BTreeSet<usize> = lines().filter_map(|line| self.branch(id, line)).collect();
        let chosen = |at: usize| {
            let branch = &def.when[at];
            branch.condition.as_deref().or(branch.role.map(|role| role.word())).unwrap_or_default()
        };
        let missing = (0..def.when.len()).filter(|at| !taken.contains(at));
        let missing: Vec<String> = missing.map(|at| format!("{} ({})", at + 1, chosen(at))).collect();
        if !missing.is_empty() {
            let wrong = format!("no example comes to these branches of when: {}", missing.join(", "));
            faults.push(table.warning(table.line_of_key("when"), wrong));
        }
    }

    /// Number of the branch that decides a line.
    fn branch(&self, id: PatternId, line: &[u8]) -> Option<usize> {
        let captures = self.matcher.captures(id, line);
        self.of(id).when.iter().position(|branch| {
            branch.tests.iter().all(|(capture, test)| {
                captures.iter().find(|(name, _)| name == capture).is_some_and(|(_, value)| holds(test, value))
            })
        })
    }

    /// Examples of the known catalogue that an own pattern takes.
    fn taken(&self, def: &PatternDef, table: &Table<'_>, own: &BTreeMap<&str, &Table<'_>>, faults: &mut Vec<Fault>) {
        for (number, example) in def.example.iter().enumerate() {
            let ranked = self.ranked(&example.line, None);
            let Some((_, winner)) = ranked.first() else {
                continue;
            };
            let winner = self.of(winner.pattern);
            let Some(taker) = own.get(winner.id.as_str()) else {
                continue;
            };
            if !self.ids.get(def.id.as_str()).is_some_and(|id| winner.also.contains(id)) {
                let place = format!("{}:{}", table.path, table.line_in_part("example", number, "line"));
                let wrong =
                    format!("wins an example of {} ({place}); say also = [{:?}] if both are meant", def.id, def.id);
                faults.push(taker.warning(taker.id_line(), wrong));
            }
        }
    }
}
