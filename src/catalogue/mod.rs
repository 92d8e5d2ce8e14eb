//! What nodecause knows: conditions, edges and patterns. [`mod@format`] is the TOML that authors write, [`compile`] what a run uses,
//! [`load`] the only place that reads catalogue files at run time. Code knows how to match and reason; it knows no message.

pub mod bundles;
pub mod compile;
pub mod format;
pub mod load;

pub use bundles::Bundle;
pub use compile::{
    Branch, CaptureId, Catalogue, ComponentId, Condition, ConditionId, Edge, Mark, Pattern, PatternId, Test,
};
pub use format::{Role, Scope, Severity, Usually};

impl Catalogue {
    /// Index of a condition by its id.
    pub fn condition(&self, id: &str) -> Option<ConditionId> {
        self.conditions.iter().position(|condition| condition.id == id).map(|at| at as ConditionId)
    }

    /// Index of a capture by its name.
    pub fn capture(&self, name: &str) -> Option<CaptureId> {
        self.captures.iter().position(|capture| capture.name == name).map(|at| at as CaptureId)
    }

    /// The component that an identifier, unit or container name belongs to.
    pub fn component(&self, name: &str) -> Option<ComponentId> {
        let bare = name.strip_suffix(".service").unwrap_or(name);
        let known = |component: &compile::Component| {
            component.names.iter().any(|known| known == name || known == bare)
                || component.units.iter().any(|known| known == bare)
        };
        self.components.iter().position(known).map(|at| at as ComponentId)
    }

    /// Does `precise` say the same as `vague`, or the same more precisely?
    pub fn refines(&self, precise: ConditionId, vague: ConditionId) -> bool {
        precise == vague || self.conditions[usize::from(precise)].refines.is_some_and(|next| self.refines(next, vague))
    }

    /// Leaves out all that states a condition (`--without`): lines that did are unknown then.
    pub fn without(&mut self, condition: ConditionId) {
        for pattern in &mut self.patterns {
            for branch in &mut pattern.when {
                if branch.condition == Some(condition) {
                    branch.unknown = true;
                }
            }
            if pattern.condition == Some(condition)
                && matches!(pattern.role, Role::Statement | Role::Symptom | Role::Observation)
            {
                // The default of the pattern goes; its other branches stay.
                pattern.when.push(Branch { tests: Vec::new(), condition: None, role: None, unknown: true });
            }
        }
    }
}
