//! Facts beside the log sharpen a root: which filesystem, which threshold, how much was left.

use super::clocks::Clocks;
use super::episodes::Episode;
use super::outcome::{EvidenceLine, Value};
use crate::catalogue::{Catalogue, ConditionId};
use crate::summary::Summary;

/// What evidence says of one root.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Values for the report.
    pub values: Vec<(String, Value)>,
    /// Names of the object.
    pub object: Vec<(String, String)>,
    /// The facts themselves.
    pub evidence: Vec<EvidenceLine>,
}

/// What evidence says of all roots.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sharpened {}

impl Sharpened {
    /// The facts about a root.
    pub fn of(&self, _catalogue: &Catalogue, _condition: ConditionId, _node: &str, _first: &Episode<'_>) -> Facts {
        Facts::default()
    }
}

/// Gives episodes the precise condition where evidence decides it.
pub fn sharpen(_episodes: &mut [Episode<'_>], _summary: &Summary, _catalogue: &Catalogue, _clocks: &Clocks) -> Sharpened {
    Sharpened::default()
}
