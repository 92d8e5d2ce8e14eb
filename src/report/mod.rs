//! Prints a verdict: text for people, JSON for programs. Pure functions of a [`crate::verdict::Verdict`].

pub mod json;
pub mod terminal;
pub mod text;
