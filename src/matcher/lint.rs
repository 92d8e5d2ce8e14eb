//! One lint over catalogue sources, the built-in ones and a user's alike: every fault with its file and line, not just the first.
//!
//! Apart from the compiler of the catalogue because most of what can be wrong with a pattern shows only when it is matched against its
//! examples. Those of its neighbours serve as counter-examples, since every example must be won by its own pattern.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use crate::catalogue::compile::{self, group_names};
use crate::catalogue::format::File;
use crate::catalogue::load::Source;

mod bundles;
mod circles;
mod conditions;
mod examples;
mod patterns;
mod places;

pub use circles::circles;
use places::{At, Kind, Places, Table};

/// How bad a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// The catalogue is not used with it.
    Error,
    /// It can be used, but it is not as good as it should be.
    Warning,
}

impl Level {
    /// `error` or `warning`.
    pub const fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
        }
    }
}

/// Something that is wrong with a table of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// File, as the source names it.
    pub path: String,
    /// Line in it, from 1: that of the fault itself where it can be told, else that of the table's id.
    pub line: usize,
    /// How bad it is.
    pub level: Level,
    /// Id of the table.
    pub id: String,
    /// What is wrong, and what would be right where that is not plain.
    pub wrong: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}: {}", self.path, self.line, self.level.word(), self.id, self.wrong)
    }
}

/// Every fault of the sources `own`, sorted by file and line. `known` is what they build on (the built-in sources where `own` are a
/// user's): names in it count, ids must not clash with it, and no word is said about it.
pub fn lint(known: &[Source], own: &[Source]) -> Vec<Fault> {
    let places = Places::new(known, own);
    let mut faults = Vec::new();
    let (files, repeated) = without_repeated(known, own, &places, &mut faults);
    let (catalogue, unknown) = compile::compile(&files, String::new());
    for fault in unknown.iter().filter(|fault| !places.is_unread(&fault.near)) {
        faults.extend(places.own_table_with(&fault.id, &fault.near).map(|table| {
            let line = table.line_with(&fault.near);
            table.error(line, fault.wrong.clone())
        }));
    }
    let names = Names::of(known.iter().chain(own));
    for (at, table) in places.own_tables() {
        let file = &own[at.file].file;
        match at.kind {
            Kind::Pattern => patterns::check(&file.pattern[at.table], table, &names, &mut faults),
            Kind::Condition => conditions::check(&file.condition[at.table], table, &names, &mut faults),
            Kind::Component => conditions::component(&file.component[at.table], table, &names, &mut faults),
            Kind::Bundle => bundles::check(&file.bundle[at.table], table, &mut faults),
            Kind::Capture => {}
        }
    }
    examples::check(&catalogue, known, own, &places, &repeated, &mut faults);
    faults.sort();
    faults.dedup();
    faults
}

/// Names that are defined or given somewhere in the sources.
struct Names<'s> {
    /// Captures that keys carry by themselves: any pattern has them.
    automatic: BTreeSet<&'s str>,
    /// Captures of the closed list, and those that some pattern gives.
    given: BTreeSet<String>,
    /// Conditions that some pattern speaks of, or that another becomes.
    spoken_of: BTreeSet<&'s str>,
    /// Name in logs → components that claim it.
    speakers: HashMap<&'s str, Vec<&'s str>>,
}

impl<'s> Names<'s> {
    fn of(sources: impl Iterator<Item = &'s Source>) -> Names<'s> {
        let mut names = Names {
            automatic: BTreeSet::new(),
            given: BTreeSet::new(),
            spoken_of: BTreeSet::new(),
            speakers: HashMap::new(),
        };
        for file in sources.map(|source| &source.file) {
            for capture in &file.capture {
                names.given.insert(capture.name.clone());
                if !capture.pairs.is_empty() {
                    names.automatic.insert(&capture.name);
                }
            }
            for component in &file.component {
                for name in component.names.iter().chain(&component.units).collect::<BTreeSet<_>>() {
                    names.speakers.entry(name).or_default().push(&component.id);
                }
            }
            names.spoken_of.extend(file.condition.iter().filter_map(|def| def.alone.as_deref()));
            names.spoken_of.extend(file.condition.iter().filter_map(|def| def.refines.as_deref()));
            for pattern in &file.pattern {
                names.given.extend(pattern.pairs.keys().cloned());
                let regexes = pattern.regex.iter().chain(&pattern.values);
                names.given.extend(regexes.flat_map(|regex| group_names(regex)));
                let chosen = pattern.when.iter().filter_map(|branch| branch.condition.as_deref());
                names.spoken_of.extend(pattern.condition.as_deref().into_iter().chain(chosen));
            }
        }
        names
    }
}

/// The files without the tables whose id was there before, so that one clash does not make everything after it look wrong. Gives
/// the places of the tables that were left out too.
fn without_repeated<'s>(
    known: &'s [Source],
    own: &'s [Source],
    places: &Places<'s>,
    faults: &mut Vec<Fault>,
) -> (Vec<File>, BTreeSet<At>) {
    let mut first: HashMap<(Kind, &str), &Table<'_>> = HashMap::new();
    let mut repeated = BTreeSet::new();
    for (_, table) in places.known_tables() {
        first.entry((table.kind, table.id)).or_insert(table);
    }
    for (at, table) in places.own_tables() {
        let before = *first.entry((table.kind, table.id)).or_insert(table);
        if !std::ptr::eq(before, table) {
            let place = format!("{}:{}", before.path, before.id_line());
            faults.push(
                table.error(table.id_line(), format!("this {} is already defined at {place}", table.kind.word())),
            );
            repeated.insert(at);
        }
    }
    let mut files: Vec<File> = known.iter().map(|source| source.file.clone()).collect();
    for (number, source) in own.iter().enumerate() {
        let mut file = source.file.clone();
        keep(&mut file.pattern, |table| !repeated.contains(&At { kind: Kind::Pattern, file: number, table }));
        keep(&mut file.condition, |table| !repeated.contains(&At { kind: Kind::Condition, file: number, table }));
        keep(&mut file.component, |table| !repeated.contains(&At { kind: Kind::Component, file: number, table }));
        keep(&mut file.capture, |table| !repeated.contains(&At { kind: Kind::Capture, file: number, table }));
        keep(&mut file.bundle, |table| !repeated.contains(&At { kind: Kind::Bundle, file: number, table }));
        files.push(file);
    }
    (files, repeated)
}

/// Keeps the tables whose number passes.
fn keep<T>(tables: &mut Vec<T>, passes: impl Fn(usize) -> bool) {
    let mut number = 0;
    tables.retain(|_| {
        number += 1;
        passes(number - 1)
    });
}
