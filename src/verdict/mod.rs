//! From a summary to a verdict: what came first, what followed, how sure that is. A pure function; its steps are the modules.
//!
//! Order of work in [`judge()`]: nodes, clocks, views of the same entries, lifecycles, episodes, evidence, links along edges, roots and
//! incidents, state, what was ruled out, confidence.

mod beside;
mod calendar;
pub mod chain;
pub mod clocks;
mod confidence;
pub mod episodes;
mod gaps;
pub mod incidents;
mod judge;
pub mod lifecycles;
pub mod links;
pub mod nodes;
mod outcome;
mod proof;
mod quoted;
mod ruled_out;
pub mod says;
pub mod sharpen;
mod state;
pub mod strands;
mod views;

pub use clocks::{zones, Given};
pub use gaps::Unread;
pub use judge::{judge, severity_name, Options};
pub use outcome::*;
