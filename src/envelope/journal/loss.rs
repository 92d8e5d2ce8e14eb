//! What of a journal file could not be read, in words for the report.

use crate::base::count;

/// What was lost. Nothing is, by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loss {
    /// Entries that the header counts and that were not found.
    pub missing: u64,
    /// Entries that were read without a field that was damaged.
    pub partial: u64,
    /// The bytes that are there, and those that the header tells of, where the end is missing.
    pub cut: Option<(u64, u64)>,
}

impl Loss {
    /// Whether nothing was lost.
    pub fn is_none(&self) -> bool {
        *self == Loss::default()
    }

    /// One sentence fragment; empty where nothing was lost.
    pub fn text(&self) -> String {
        let mut parts = Vec::new();
        if let Some((have, wanted)) = self.cut {
            parts.push(format!("the journal file is shorter than its header says: cut after {have} of {wanted} bytes"));
        }
        if self.missing > 0 {
            parts.push(format!("{} could not be read", count(self.missing, "entry")));
        }
        if self.partial > 0 {
            parts.push(format!("{} could be read only in part", count(self.partial, "entry")));
        }
        parts.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_told() {
        assert_eq!(Loss::default().text(), "");
        let loss = Loss { missing: 12, partial: 1, cut: Some((100, 300)) };
        assert_eq!(
            loss.text(),
            "the journal file is shorter than its header says: cut after 100 of 300 bytes; 12 entries could not be read; \
             1 entry could be read only in part"
        );
    }
}
