//! What a reader would suspect next, and why it was not that.

use super::incidents::{Group, LogSpan};
use super::judge::Scene;
use super::outcome::RuledOut;
use crate::catalogue::{ConditionId, Severity, Usually};

/// Conditions ruled out at most.
const MOST: usize = 6;

/// Conditions that a reader would ask for and that no line of the log speaks of.
pub(super) fn find(scene: &Scene<'_>, group: &Group, condition: ConditionId, _span: LogSpan) -> Vec<RuledOut> {
    let area = &scene.catalogue.conditions[usize::from(condition)].area;
    let entries: u64 = scene.summary.sources.values().map(|source| source.entries).sum();
    let seen = |id: ConditionId| {
        scene.strands.iter().any(|strand| {
            strand.node == group.node
                && strand
                    .condition
                    .is_some_and(|known| scene.catalogue.refines(known, id) || scene.catalogue.refines(id, known))
        })
    };
    let mut found: Vec<(bool, RuledOut)> = Vec::new();
    for (id, about) in scene.catalogue.conditions.iter().enumerate() {
        let id = id as ConditionId;
        let Some(sentence) = &about.rule_out else { continue };
        if about.severity < Severity::NodeDegraded || about.usually == Usually::Effect || seen(id) {
            continue;
        }
        if scene.catalogue.refines(condition, id) || scene.catalogue.refines(id, condition) {
            continue;
        }
        let why = format!("{sentence} No line of it in {entries} entries.");
        found.push((about.area == *area, RuledOut { condition: about.id.clone(), title: about.title.clone(), why }));
    }
    found.sort_by_key(|(near, _)| !near);
    found.into_iter().take(MOST).map(|(_, ruled)| ruled).collect()
}
