//! What can be wrong with a pattern by itself, before it is matched against anything.

use std::collections::{BTreeMap, BTreeSet};

use super::places::Table;
use super::{Fault, Names};
use crate::catalogue::compile::group_names;
use crate::catalogue::format::{PatternDef, Role};
use crate::matcher::compile_regex;
use crate::matcher::search::SHORTEST;

/// All faults of a pattern that need no matching.
pub(super) fn check(def: &PatternDef, table: &Table<'_>, names: &Names<'_>, faults: &mut Vec<Fault>) {
    if !is_kebab_case(&def.id) {
        faults.push(table.error(table.id_line(), "an id is small letters, digits and single hyphens (kebab-case)"));
    }
    literals(def, table, faults);
    regex(def, table, faults);
    captures(def, table, names, faults);
    branches(def, table, faults);
    roles(def, table, faults);
    if def.references.iter().all(|text| text.trim().is_empty()) {
        faults.push(table.warning(table.id_line(), "no reference tells where this message is written"));
    }
    if def.example.is_empty() {
        faults.push(table.error(table.id_line(), "no example"));
    }
    for (number, counter) in def.counter.iter().enumerate() {
        if counter.why.trim().is_empty() {
            faults.push(table.error(table.line_in_part("counter", number, "why"), "a counter-example without why"));
        }
    }
}

/// Small letters and digits, in words joined by single hyphens.
pub(super) fn is_kebab_case(id: &str) -> bool {
    let plain = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    id.split('-').all(plain)
}

fn literals(def: &PatternDef, table: &Table<'_>, faults: &mut Vec<Fault>) {
    if def.literals.is_empty() {
        faults.push(table.error(table.id_line(), "no literal: without one no line is ever looked at"));
    }
    for literal in def.literals.iter().chain(&def.all) {
        let line = table.line_with(literal);
        if literal.is_empty() {
            faults.push(table.error(table.id_line(), "an empty literal"));
        } else if let Some(letter) = literal.chars().find(|&letter| changes_when_escaped(letter)) {
            let wrong = format!("{literal:?} holds {letter:?}, which escaped forms of the line write differently");
            faults.push(table.error(line, wrong));
        }
    }
    let short: Vec<&String> = def.literals.iter().filter(|literal| literal.len() < SHORTEST).collect();
    if def.short && short.is_empty() {
        let wrong = format!("short = true, but every literal has {SHORTEST} bytes or more");
        faults.push(table.warning(table.line_of_key("short"), wrong));
    }
    for literal in short.into_iter().filter(|literal| !def.short && !literal.is_empty()) {
        let wrong = format!(
            "{literal:?} has less than {SHORTEST} bytes, which slows the search: lengthen it or say short = true"
        );
        faults.push(table.warning(table.line_with(literal), wrong));
    }
    let examples = |literal: &str| def.example.iter().any(|example| example.line.contains(literal));
    for literal in def.literals.iter().filter(|literal| !def.example.is_empty() && !examples(literal)) {
        faults.push(table.error(table.line_with(literal), format!("{literal:?} is in none of the examples")));
    }
}

/// Does JSON, logfmt or HTML escaping write this letter as something else?
fn changes_when_escaped(letter: char) -> bool {
    matches!(letter, '"' | '\\' | '<' | '>' | '&') || !matches!(letter, ' '..='~')
}

fn regex(def: &PatternDef, table: &Table<'_>, faults: &mut Vec<Fault>) {
    if let Some(text) = &def.regex {
        let line = table.line_of_key("regex");
        match compiled(text) {
            Err(reason) => faults.push(table.error(line, format!("the regex does not compile: {reason}"))),
            Ok(regex) if regex.is_match(b"") => {
                let wrong = "the regex matches the empty string, so it says nothing (what only gives values: values)";
                faults.push(table.error(line, wrong));
            }
            Ok(_) => {}
        }
    }
    for text in &def.values {
        let line = table.line_of_key("values");
        match compiled(text) {
            Err(reason) => faults.push(table.error(line, format!("{text} of values does not compile: {reason}"))),
            Ok(_) if group_names(text).is_empty() => {
                faults.push(table.error(line, format!("{text} of values names no group, so it gives none")));
            }
            Ok(_) => {}
        }
    }
}

/// A regex, or why it does not compile.
fn compiled(text: &str) -> Result<regex::bytes::Regex, String> {
    compile_regex(text).map_err(|error| {
        let shown = error.to_string();
        shown.lines().last().unwrap_or_default().trim_start_matches("error: ").to_string()
    })
}

/// Captures that are named must be given by the pattern, or by keys that carry them by themselves.
fn captures(def: &PatternDef, table: &Table<'_>, names: &Names<'_>, faults: &mut Vec<Fault>) {
    let groups: BTreeSet<String> = def.regex.iter().chain(&def.values).flat_map(|regex| group_names(regex)).collect();
    let given = |name: &String| {
        def.pairs.contains_key(name) || groups.contains(name) || names.automatic.contains(name.as_str())
    };
    for name in def.object.iter().filter(|name| !given(name)) {
        let wrong = format!("object names {name}, but neither pairs nor a regex give it");
        faults.push(table.error(table.line_of_key("object"), wrong));
    }
    let tested: BTreeSet<&String> = def.when.iter().flat_map(|branch| branch.tests.keys()).collect();
    for name in tested.into_iter().filter(|name| !given(name)) {
        let wrong = format!("when tests {name}, but neither pairs nor a regex give it");
        faults.push(table.error(table.line_of_key("when"), wrong));
    }
    for (name, keys) in &def.pairs {
        if keys.iter().all(|key| key.is_empty()) {
            faults.push(table.error(table.line_of_key("pairs"), format!("pairs names no key for {name}")));
        }
    }
}

fn branches(def: &PatternDef, table: &Table<'_>, faults: &mut Vec<Fault>) {
    let line = table.line_of_key("when");
    for branch in &def.when {
        if branch.condition.is_none() && branch.role.is_none() {
            faults.push(table.error(line, "a branch of when that chooses neither condition nor role"));
        }
    }
    let always = def.when.iter().position(|branch| branch.tests.is_empty());
    if always.is_some_and(|at| at + 1 < def.when.len()) {
        faults.push(table.error(line, "a branch of when without a test holds always: those after it never do"));
    }
}

/// The roles that a line of this pattern can have, and the conditions that it can speak of with them.
fn outcomes(def: &PatternDef) -> BTreeMap<Role, BTreeSet<Option<&str>>> {
    let mut all: BTreeMap<Role, BTreeSet<Option<&str>>> = BTreeMap::new();
    let default = def.condition.as_deref();
    for branch in &def.when {
        let condition = branch.condition.as_deref().or(default);
        all.entry(branch.role.unwrap_or(def.role)).or_default().insert(condition);
    }
    if !def.when.iter().any(|branch| branch.tests.is_empty()) {
        all.entry(def.role).or_default().insert(default);
    }
    all
}

fn roles(def: &PatternDef, table: &Table<'_>, faults: &mut Vec<Fault>) {
    let outcomes = outcomes(def);
    if outcomes.get(&Role::Statement).is_some_and(|conditions| conditions.contains(&None)) {
        faults.push(table.error(table.line_of_key("role"), "a statement without a condition states nothing"));
    }
    let silent = outcomes.get(&Role::Lifecycle).is_some_and(|conditions| conditions.contains(&None));
    if def.marks.is_none() && silent {
        faults
            .push(table.warning(table.line_of_key("role"), "a lifecycle line that marks nothing and has no condition"));
    }
    let recovery = outcomes.contains_key(&Role::Recovery);
    if !def.recovers.is_empty() && !recovery && !outcomes.contains_key(&Role::Lifecycle) {
        faults.push(table.error(table.line_of_key("recovers"), "recovers is for the roles recovery and lifecycle"));
    }
    if def.recovers.is_empty() && recovery {
        faults.push(table.warning(table.line_of_key("role"), "a recovery that recovers nothing"));
    }
}
