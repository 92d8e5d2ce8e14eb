//! How sure a verdict is, always with its reasons. High means right in 95 of 100.

use super::episodes::Episode;
use super::gaps::Dark;
use super::incidents::Group;
use super::judge::Scene;
use super::outcome::{Confidence, Effect};
use super::sharpen::Facts;
use crate::catalogue::Usually;

/// What speaks for and against a verdict.
pub(super) struct Grounds<'g> {
    pub(super) group: &'g Group,
    pub(super) first: &'g Episode<'g>,
    pub(super) outside: bool,
    pub(super) facts: &'g Facts,
    pub(super) dark: &'g [Dark],
    pub(super) rivals: &'g [Group],
    pub(super) chain: &'g [Effect],
}

pub(super) fn of(scene: &Scene<'_>, grounds: &Grounds<'_>) -> (Confidence, Vec<String>) {
    let about = &scene.catalogue.conditions[usize::from(grounds.group.condition)];
    let mut reasons = Vec::new();
    let mut level: i32 = 2;
    if grounds.outside {
        level -= 2;
        reasons.push("only symptoms of it are in the log".to_string());
    } else if grounds.first.firmly_stated() {
        reasons.push("a line states it".to_string());
    } else {
        level -= 1;
        reasons.push("the lines that state it usually follow another one".to_string());
    }
    if about.usually == Usually::Effect && grounds.group.stands_for.is_none() {
        level -= 1;
        reasons.push("it is usually the consequence of something else, which is not in this log".to_string());
    }
    for dark in grounds.dark {
        level -= 1;
        reasons.push(dark.reason().to_string());
    }
    if grounds.facts.evidence.iter().any(|fact| fact.supports == Some(true)) {
        reasons.push("evidence beside the log confirms it".to_string());
    }
    if grounds.facts.evidence.iter().any(|fact| fact.supports == Some(false)) {
        level -= 1;
        reasons.push("evidence beside the log contradicts it".to_string());
    }
    let rival = grounds.rivals.iter().find(|other| {
        other.condition != grounds.group.condition
            && other.node == grounds.group.node
            && other.severity >= grounds.group.severity
    });
    if let Some(rival) = rival {
        let title = &scene.catalogue.conditions[usize::from(rival.condition)].title;
        let start = scene.first_root(rival).start;
        if start <= grounds.first.start && !grounds.chain.is_empty() {
            level -= 1;
        }
        reasons.push(format!("another root stands beside it: {}", title.to_lowercase()));
    }
    let confidence = match level {
        2.. => Confidence::High,
        1 => Confidence::Medium,
        _ => Confidence::Low,
    };
    (confidence, reasons)
}
