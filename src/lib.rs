//! nodecause finds the first cause of a Kubernetes node's cascade in its logs.
//!
//! Data flows one way: `bytes → blocks → entries → events → summary → verdict → report`. Each module imports only what is
//! before it (`tests/walls.rs` holds the table).

pub mod base;
pub mod bundle;
pub mod catalogue;
pub mod cli;
pub mod envelope;
pub mod evidence;
pub mod input;
pub mod matcher;
pub mod report;
pub mod scan;
pub mod summary;
pub mod verdict;
