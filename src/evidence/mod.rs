//! Facts from what lies beside a log: kubelet configuration, df, node objects, kube events, pods; and from the kubelet's own
//! start-up lines. Facts only, no judgement: what they mean for a condition is the verdict's work.
//!
//! [`read`] tells what a file is by what stands in it, never by its name alone: a log beside the evidence must not be taken for
//! it, and evidence arrives under any name.

use crate::base::Position;

mod config;
mod describe;
mod df;
mod event_table;
mod events;
mod eviction;
mod found;
mod json;
mod node;
mod objects;
mod pods;
mod quantity;
mod table;
mod thresholds;
mod time;
mod value;
mod yaml;

pub use event_table::EventTable;
pub use events::{kube_event, kube_events, KubeEvent};
pub use quantity::{quantity, show_bytes};
pub use thresholds::thresholds_of_line;

/// Most facts kept of one file; the rest is counted in [`Evidence::left_out`]. The node list of a cluster of 5,000 nodes fits.
pub const MOST_FACTS: usize = 100_000;

/// Longest text kept in a fact, in bytes: the API server's own limit for the message of an event.
pub const LONGEST_TEXT: usize = 1024;

/// What a file says, if it is one of the kinds of evidence: a kubelet's configuration (YAML or JSON, also as `/configz` gives
/// it), `df`, or nodes, events and pods (JSON or YAML lists or single objects; `kubectl describe node`). `None` for all else.
///
/// `name` is a hint only where the content leaves it open: which list an empty `List` is, which unit rows of `df` without a
/// heading have. Of a file that is cut or broken, what could be read is kept. How large a file may be is the caller's limit.
pub fn read(name: &str, bytes: &[u8]) -> Option<Evidence> {
    objects::read(name, bytes)
        .or_else(|| df::read(name, bytes))
        .or_else(|| describe::read(bytes))
        .or_else(|| event_table::read(bytes))
}

/// A recognised evidence file: what it is and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// What was recognised, as reports name it: `kubelet configuration`, `df`, `node`, `events`, `pods`.
    pub kind: &'static str,
    /// What it says, in the order of the file.
    pub facts: Vec<Fact>,
    /// The latest time that the file itself mentions, in microseconds since 1970 UTC: the moment of the snapshot is the
    /// latest of its directory.
    pub latest: Option<i64>,
    /// Facts beyond [`MOST_FACTS`], counted but not kept.
    pub left_out: u64,
}

/// One fact and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Line of the fact (offset may be 0 where a file was parsed as a whole).
    pub position: Position,
    /// The fact.
    pub what: What,
}

/// A size in bytes, or a share of the capacity in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// Bytes, or a plain count (inodes, pids).
    Quantity(f64),
    /// Percent of the capacity, 15.0 for `15%`.
    Percent(f64),
}

/// What a fact says.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// An eviction threshold in use: `imagefs.available<15%`.
    Threshold {
        /// `imagefs.available`
        signal: String,
        /// The value below which the kubelet evicts.
        value: Amount,
        /// As it was written: `15%`, `100Mi`.
        written: String,
        /// True for a soft threshold, which only counts after its grace period.
        soft: bool,
        /// Grace period of a soft threshold in seconds, where told beside it.
        grace: Option<f64>,
    },
    /// A row of `df`.
    Filesystem {
        /// Where it is mounted.
        mount: String,
        /// The device or other source.
        device: String,
        /// Bytes (or inodes, with `inodes`), as far as df printed them: rounded for `df -h`.
        size: f64,
        /// Used, same unit.
        used: f64,
        /// Available, same unit.
        available: f64,
        /// `Use%` as printed.
        percent: Option<f64>,
        /// True for `df -i`.
        inodes: bool,
    },
    /// A condition of a node object.
    NodeCondition {
        /// Name of the node.
        node: String,
        /// `DiskPressure`, `Ready`, …
        kind: String,
        /// `True`, `False`, `Unknown`.
        status: String,
        /// `KubeletHasDiskPressure`, …
        reason: String,
        /// The message.
        message: String,
        /// Last transition, microseconds since 1970 UTC.
        since: Option<i64>,
    },
    /// Capacity of a node object: `ephemeral-storage`, `memory`, `pods`, … in bytes or as a count.
    Capacity {
        /// Name of the node.
        node: String,
        /// Name of the resource.
        resource: String,
        /// Bytes or count.
        value: f64,
    },
    /// An eviction's own message, from an event or a pod's status:
    /// `The node was low on resource: ephemeral-storage. Threshold quantity: 281212Ki, available: 264172Ki.`
    Eviction {
        /// `namespace/name` of the pod.
        pod: String,
        /// `ephemeral-storage`, `memory`, `inodes`, `pids` (`nodefs`, `imagefs` up to 1.10). Empty where the message blames no
        /// resource of the node: a limit of the pod's own, or a pod that was refused at a node under pressure.
        resource: String,
        /// Threshold quantity in bytes or count.
        threshold: Option<f64>,
        /// Available quantity, same unit.
        available: Option<f64>,
        /// Available as written: `264172Ki`.
        available_written: String,
        /// When, microseconds since 1970 UTC.
        time: Option<i64>,
        /// The node it happened on, where told.
        node: String,
    },
    /// An event about a node: of the eviction manager (`EvictionThresholdMet`), of the node's conditions, of its start.
    NodeEvent {
        /// Name of the node.
        node: String,
        /// Its reason.
        reason: String,
        /// Its message.
        message: String,
        /// When it was first seen, microseconds since 1970 UTC.
        first: Option<i64>,
        /// How often.
        count: u64,
    },
}
