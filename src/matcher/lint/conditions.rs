//! What can be wrong with a condition, its edges, and a component.

use std::collections::BTreeSet;

use super::patterns::is_kebab_case;
use super::places::Table;
use super::{Fault, Names};
use crate::catalogue::format::{ComponentDef, ConditionDef, EffectDef, Scope};

/// What the facts of `shown_by` begin with.
const SIGNS: [&str; 5] = ["node:", "runtime:", "unit:", "clock:", "memory:"];

/// All faults of a condition and its edges.
pub(super) fn check(def: &ConditionDef, table: &Table<'_>, names: &Names<'_>, faults: &mut Vec<Fault>) {
    if !is_kebab_case(&def.id) {
        faults.push(table.error(table.id_line(), "an id is small letters, digits and single hyphens (kebab-case)"));
    }
    for (key, text) in [("title", &def.title), ("says", &def.says), ("explanation", &def.explanation)] {
        if text.trim().is_empty() {
            faults.push(table.error(table.line_of_key(key), format!("{key} is empty")));
        }
    }
    sentence(def, table, names, faults);
    for (key, texts) in [("check", &def.check), ("do", &def.remedies)] {
        if texts.iter().all(|text| text.trim().is_empty()) {
            faults.push(
                table.warning(table.id_line(), format!("nothing under {key}: who reads the report is left alone")),
            );
        }
    }
    if let Some(url) = def.url.as_ref().filter(|url| !url.starts_with("https://")) {
        faults.push(table.warning(table.line_of_key("url"), format!("{url:?} does not begin with https://")));
    }
    if !names.spoken_of.contains(def.id.as_str()) && def.signals.is_empty() {
        faults.push(table.warning(table.id_line(), "no pattern speaks of this condition"));
    }
    for sign in def.shown_by.iter().filter(|sign| !SIGNS.iter().any(|kind| sign.starts_with(kind))) {
        let what = format!("{sign:?} names no fact: one begins with {}", SIGNS.join(" or "));
        faults.push(table.error(table.line_of_key("shown_by"), what));
    }
    if def.across && def.scope == Scope::Cluster {
        let wrong = "across = true says nothing here: what is of the cluster is one trouble on all nodes";
        faults.push(table.warning(table.line_of_key("across"), wrong));
    }
    let mut seen = BTreeSet::new();
    for (number, effect) in def.effects.iter().enumerate() {
        edge(def, effect, number, table, names, faults);
        let only: Vec<_> = effect.only.iter().chain(&effect.effect_where).collect();
        if !seen.insert((effect.effect.as_str(), only)) {
            let line = table.line_in_part("effects", number, "effect");
            let one = def.effects.iter().filter(|known| known.effect == effect.effect);
            let hint = if one.map(|known| known.across).collect::<BTreeSet<_>>().len() > 1 {
                ": one with across = true holds on the same node too"
            } else {
                ""
            };
            faults.push(table.warning(line, format!("a second edge to {} under the same terms{hint}", effect.effect)));
        }
    }
}

/// The braces and brackets of `says`, and the captures that it names.
fn sentence(def: &ConditionDef, table: &Table<'_>, names: &Names<'_>, faults: &mut Vec<Fault>) {
    let line = table.line_of_key("says");
    let (mut clause, mut field) = (false, None);
    for (at, letter) in def.says.char_indices() {
        let balanced = match (letter, clause, field) {
            ('[', false, None) => {
                clause = true;
                true
            }
            (']', true, None) => {
                clause = false;
                true
            }
            ('{', _, None) => {
                field = Some(at + 1);
                true
            }
            ('}', _, Some(start)) => {
                field = None;
                let name = &def.says[start..at];
                if !names.given.contains(name) {
                    faults.push(table.error(line, format!("says names {{{name}}}, which no pattern gives")));
                } else if !clause {
                    let wrong = format!(
                        "{{{name}}} stands outside of [...]: where it is not known, the words beside it are lost"
                    );
                    faults.push(table.warning(line, wrong));
                }
                true
            }
            ('[' | ']' | '{' | '}', _, _) => false,
            _ => true,
        };
        if !balanced {
            faults.push(table.error(line, format!("says has a {letter:?} that nothing opens or closes")));
            return;
        }
    }
    if clause || field.is_some() {
        let open = if clause { '[' } else { '{' };
        faults.push(table.error(line, format!("says has a {open:?} that nothing opens or closes")));
    }
}

fn edge(
    def: &ConditionDef,
    effect: &EffectDef,
    number: usize,
    table: &Table<'_>,
    names: &Names<'_>,
    faults: &mut Vec<Fault>,
) {
    let line = |key: &str| table.line_in_part("effects", number, key);
    if effect.effect == def.id {
        faults.push(table.error(line("effect"), "an edge from the condition to itself"));
    }
    if effect.delay[0] > effect.delay[1] {
        faults.push(
            table.error(line("delay"), format!("the edge to {}: the least delay is above the most", effect.effect)),
        );
    }
    if effect.after_end < 0.0 {
        faults.push(table.error(line("after_end"), format!("the edge to {}: after_end is below zero", effect.effect)));
    }
    for (key, name) in effect
        .same
        .iter()
        .map(|name| ("same", name))
        .chain(effect.only.keys().map(|name| ("where", name)))
        .chain(effect.effect_where.keys().map(|name| ("effect_where", name)))
    {
        if !names.given.contains(name) {
            let wrong = format!("the edge to {}: {key} names {name}, which no pattern gives", effect.effect);
            faults.push(table.error(line(key), wrong));
        }
    }
}

/// All faults of a component.
pub(super) fn component(def: &ComponentDef, table: &Table<'_>, names: &Names<'_>, faults: &mut Vec<Fault>) {
    if !is_kebab_case(&def.id) {
        faults.push(table.error(table.id_line(), "an id is small letters, digits and single hyphens (kebab-case)"));
    }
    if def.names.iter().chain(&def.units).all(|name| name.is_empty()) {
        faults.push(table.error(table.id_line(), "no name: no line can be its"));
    }
    for name in def.names.iter().chain(&def.units).collect::<BTreeSet<_>>() {
        if let Some(other) = names.speakers[name.as_str()].iter().find(|id| **id != def.id) {
            let wrong = format!("{other} has the name {name:?} too; only the first of them is heard");
            faults.push(table.warning(table.line_with(name), wrong));
        }
    }
}
