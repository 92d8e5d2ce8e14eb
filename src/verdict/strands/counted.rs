//! What is only counted: lines that are usual, symptoms and values that name no condition. Of each source and condition one point
//! tells how many there were, the first and the last.

use rustc_hash::FxHashMap;

use super::Point;
use crate::catalogue::{Catalogue, ConditionId, Role};
use crate::summary::TallyKey;

/// A node, what lines say and of what.
type Row<'s> = (&'s str, Role, Option<ConditionId>);

/// Events that no verdict rests on.
#[derive(Debug, Default)]
pub struct Counted<'s> {
    rows: FxHashMap<Row<'s>, Vec<Point<'s>>>,
}

impl<'s> Counted<'s> {
    /// Are events of this kind only counted?
    pub(super) fn takes(key: &TallyKey, catalogue: &Catalogue) -> bool {
        let tells_nothing = match key.role {
            Role::Background => true,
            Role::Symptom | Role::Observation => key.condition.is_none(),
            _ => false,
        };
        tells_nothing && catalogue.patterns[usize::from(key.pattern)].marks.is_none()
    }

    /// Adds events of one source; the sources come one after the other.
    pub(super) fn add(&mut self, node: &'s str, key: &TallyKey, points: &[Point<'s>]) {
        let row = self.rows.entry((node, key.role, key.condition)).or_default();
        for point in points {
            match row.last_mut().filter(|known| known.path == point.path) {
                Some(known) => known.unite(point),
                None => row.push(point.clone()),
            }
        }
    }

    /// Points of a role, with what they are about.
    pub fn of(&self, role: Role) -> impl Iterator<Item = (Option<ConditionId>, &[Point<'s>])> {
        self.rows.iter().filter(move |((_, known, _), _)| *known == role).map(|((.., about), row)| (*about, &row[..]))
    }

    /// What lines of a node are about.
    pub fn conditions<'a>(&'a self, node: &'a str) -> impl Iterator<Item = ConditionId> + 'a {
        self.rows.keys().filter(move |(known, ..)| *known == node).filter_map(|(.., condition)| *condition)
    }
}

impl<'s> Point<'s> {
    /// Takes over another one of the same source, whichever comes first.
    fn unite(&mut self, other: &Point<'s>) {
        if other.order() < self.order() {
            (self.first, self.line) = (other.first, other.line);
        }
        self.join(other);
    }
}
