//! What a reader would suspect next, and why it was not that.

use std::collections::BTreeSet;

use super::gaps;
use super::incidents::Group;
use super::judge::Scene;
use super::outcome::RuledOut;
use crate::catalogue::{ComponentId, ConditionId, Pattern, Role, Severity, Usually};

/// Conditions ruled out at most.
const MOST: usize = 6;

/// Conditions that a reader would ask for and that no line of the log speaks of.
pub(super) fn find(scene: &Scene<'_>, group: &Group, condition: ConditionId) -> Vec<RuledOut> {
    let area = &scene.catalogue.conditions[usize::from(condition)].area;
    if gaps::rests_on_events(scene, group) {
        return Vec::new();
    }
    let sources = || scene.summary.sources.iter().filter(|(path, _)| scene.nodes.of(path) == group.node);
    let entries: u64 = sources().map(|(_, source)| source.entries).sum();
    let told = scene.strands.iter().filter(|strand| strand.node == group.node);
    let told = told.filter_map(|strand| strand.condition).chain(scene.counted.conditions(&group.node));
    let told: BTreeSet<ConditionId> = told.collect();
    let seen = |id: ConditionId| {
        told.iter().any(|&known| scene.catalogue.refines(known, id) || scene.catalogue.refines(id, known))
    };
    let speakers: BTreeSet<ComponentId> =
        sources().flat_map(|(_, source)| source.speakers.iter().filter_map(|(_, speaker)| speaker.component)).collect();
    // Where nobody who would say it has spoken, its absence proves nothing.
    let would_be_said = |id: ConditionId| {
        let states = |pattern: &&Pattern| pattern.role == Role::Statement && pattern.condition == Some(id);
        let mut stating = scene.catalogue.patterns.iter().filter(states);
        stating.any(|pattern| pattern.components.iter().any(|component| speakers.contains(component)))
    };
    let (from, to) = scene.span(group);
    let mut found: Vec<(bool, bool, RuledOut)> = Vec::new();
    for (id, about) in scene.catalogue.conditions.iter().enumerate() {
        let id = id as ConditionId;
        let Some(sentence) = &about.rule_out else { continue };
        if about.severity < Severity::NodeDegraded || about.usually == Usually::Effect || seen(id) || !would_be_said(id)
        {
            continue;
        }
        if scene.catalogue.refines(condition, id) || scene.catalogue.refines(id, condition) {
            continue;
        }
        let sharpened = scene.sharpened.get(&group.node);
        let Ok(figure) = sharpened.map_or(Ok(None), |sharpened| sharpened.kept(&about.signals, from, to)) else {
            continue;
        };
        let says = match &figure {
            Some(figure) => format!("{}: {figure}.", sentence.trim_end_matches('.')),
            None => sentence.clone(),
        };
        let ruled = RuledOut { condition: about.id.clone(), says, entries };
        found.push((about.area == *area, figure.is_some(), ruled));
    }
    found.sort_by_key(|(near, figured, _)| (!near, !figured));
    found.into_iter().take(MOST).map(|(_, _, ruled)| ruled).collect()
}
