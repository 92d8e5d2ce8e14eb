//! Facts from what lies beside a log: kubelet configuration, df, node objects, kube events, pods; and from the kubelet's own
//! start-up lines. Facts only, no judgement: what they mean for a condition is the verdict's work.
//!
//! [`read`] tells what a file is by what stands in it, never by its name alone: a log beside the evidence must not be taken for
//! it, and evidence arrives under any name.

use std::collections::BTreeMap;

use crate::base::Position;

mod clock;
mod config;
mod describe;
mod describe_pod;
mod df;
mod event_table;
mod events;
mod eviction;
mod flags;
mod found;
mod json;
mod listing;
mod memory;
mod node;
mod objects;
mod pods;
mod quantity;
mod runtime;
mod stats;
mod table;
mod thresholds;
mod time;
mod units;
mod value;
mod yaml;

pub use event_table::EventTable;
pub use events::{kube_event, kube_events, KubeEvent};
pub use quantity::{and_size, quantity, show_bytes, with_size};
pub use thresholds::thresholds_of_line;

/// Most facts kept of one file; the rest is counted in [`Evidence::left_out`]. The node list of a cluster of 5,000 nodes fits.
pub const MOST_FACTS: usize = 100_000;

/// Most pods of one file of which the node is kept, beside the facts. A file of objects that is still read has some 20,000.
pub const MOST_PODS: usize = 100_000;

/// Longest text kept in a fact, in bytes: the API server's own limit for the message of an event.
pub const LONGEST_TEXT: usize = 1024;

/// What a file says, if it is one of the kinds of evidence. `None` for all else.
///
/// `name` is a hint only where the content leaves it open: which list an empty `List` is, which unit rows of `df` without a
/// heading have. Of a file that is cut or broken, what could be read is kept. How large a file may be is the caller's limit.
pub fn read(name: &str, bytes: &[u8]) -> Option<Evidence> {
    objects::read(name, bytes)
        .or_else(|| df::read(name, bytes))
        .or_else(|| describe::read(bytes))
        .or_else(|| describe_pod::read(bytes))
        .or_else(|| event_table::read(bytes))
        .or_else(|| listing::read(bytes))
        .or_else(|| units::read(bytes))
        .or_else(|| memory::read(name, bytes))
        .or_else(|| clock::read(bytes))
        .or_else(|| runtime::docker(bytes))
        .or_else(|| flags::read(bytes))
}

/// Whether a file that looks like a log is evidence all the same: the status of a unit, whose tail stands in the journal too,
/// and tables behind warnings of the client. `head` is how it begins.
pub fn looks_like_a_log(head: &[u8]) -> bool {
    units::begins(head) || listing::begins(head)
}

/// A recognised evidence file: what it is and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// What was recognised, as reports name it: `kubelet configuration`, `kubelet flags`, `df`, `node`, `events`, `pods` …
    pub kind: &'static str,
    /// What it says, in the order of the file.
    pub facts: Vec<Fact>,
    /// The latest time that the file itself mentions, in microseconds since 1970 UTC: the moment of the snapshot is the
    /// latest of its directory.
    pub latest: Option<i64>,
    /// Facts beyond [`MOST_FACTS`] and pods beyond [`MOST_PODS`], counted but not kept.
    pub left_out: u64,
    /// Where pods run, as far as it tells: `namespace/name` (the name alone in a table without namespaces) and the node.
    pub pods: BTreeMap<String, String>,
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
        /// Who told it.
        origin: Origin,
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
        /// When the kubelet last said so, same unit. An object that could not be updated is as old as this.
        heartbeat: Option<i64>,
    },
    /// What of a resource the scheduler may give to pods.
    Allocatable {
        /// Name of the node.
        node: String,
        /// Name of the resource.
        resource: String,
        /// Bytes or count.
        value: f64,
    },
    /// A taint of a node: `node.kubernetes.io/disk-pressure` with `NoSchedule`.
    Taint {
        /// Name of the node.
        node: String,
        /// Its key.
        key: String,
        /// `NoSchedule`, `PreferNoSchedule`, `NoExecute`.
        effect: String,
    },
    /// What a node object says of the machine and its programs.
    NodeInfo {
        /// Name of the node.
        node: String,
        /// `kubeletVersion`, `kernelVersion`, `containerRuntimeVersion`, `osImage`.
        name: String,
        /// The value.
        value: String,
    },
    /// A node in a table.
    NodeStatus {
        /// Name of the node.
        node: String,
        /// `Ready`, `NotReady,SchedulingDisabled`.
        status: String,
        /// Version of its kubelet.
        version: String,
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
    /// A pod that is in trouble, by its status or the table's: `Evicted`, `CrashLoopBackOff`, `NodeLost`, `Error`.
    PodStatus {
        /// `namespace/name`
        pod: String,
        /// Its status.
        status: String,
        /// Its message, where there is one.
        message: String,
        /// Restarts of its containers.
        restarts: u64,
        /// Its node, where told.
        node: String,
    },
    /// A container that ended badly, waits, or does not run.
    Container {
        /// `namespace/name` of the pod.
        pod: String,
        /// Name of the container.
        container: String,
        /// `terminated`, `waiting`; the runtime's own words in small letters where it tells (`exited`, `created`).
        state: String,
        /// `OOMKilled`, `Error`, `CrashLoopBackOff`, `ImagePullBackOff` …
        reason: String,
        /// Exit code; 137 alone only says that it was killed.
        exit: Option<i64>,
        /// How often it was restarted.
        restarts: u64,
        /// When it ended, microseconds since 1970 UTC.
        ended: Option<i64>,
        /// The node, where told.
        node: String,
    },
    /// What is left of a resource in the kubelet's own reckoning (`stats/summary`), by the name that thresholds have for it.
    Signal {
        /// Name of the node.
        node: String,
        /// `memory.available`, `nodefs.inodesFree` …
        signal: String,
        /// Bytes or count.
        available: f64,
        /// Of how much.
        capacity: Option<f64>,
    },
    /// Memory of the machine, in bytes.
    Memory {
        /// All of it.
        total: f64,
        /// Available for new programs, where told: the kernel's estimate, near to the kubelet's figure but not the same.
        available: Option<f64>,
        /// Swap space.
        swap: Option<f64>,
    },
    /// Share of time in which tasks waited for a resource, in percent.
    Stall {
        /// `cpu`, `memory`, `io`; empty where neither file nor name tells.
        resource: String,
        /// True: all tasks at once; false: some.
        full: bool,
        /// Over 10, 60 and 300 seconds.
        averages: [f64; 3],
    },
    /// Load over 1, 5 and 15 minutes.
    Load {
        /// Tasks that run or wait for the disk.
        averages: [f64; 3],
    },
    /// A condition of the container runtime.
    RuntimeCondition {
        /// `RuntimeReady`, `NetworkReady`.
        kind: String,
        /// Whether it holds.
        status: bool,
        /// The reason.
        reason: String,
        /// The message.
        message: String,
    },
    /// A filesystem that holds images or containers, as the runtime sees it.
    ImageStore {
        /// A directory on it.
        mount: String,
        /// Bytes that images use.
        used: Option<f64>,
        /// Inodes that images use.
        inodes: Option<f64>,
    },
    /// A unit of systemd.
    Unit {
        /// `kubelet.service`; empty where the file does not name it.
        unit: String,
        /// `active`, `inactive`, `failed`, `activating`.
        state: String,
        /// `running`, `dead`, `auto-restart`.
        sub: String,
        /// Why it failed: `exit-code`, `oom-kill`; empty where it did not.
        result: String,
        /// How its process ended: `203/EXEC`, `killed KILL`; empty where it did not.
        exit: String,
        /// Since when it is so, microseconds since 1970 UTC, where the zone is sure.
        since: Option<i64>,
        /// Seconds east of UTC of that time as written: the zone of the machine.
        offset: Option<i32>,
        /// How often systemd restarted it.
        restarts: Option<u64>,
    },
    /// The clock of the machine.
    Clock {
        /// Whether it follows a time server.
        synchronized: Option<bool>,
        /// Zone as written: `Europe/Berlin`, `UTC`; empty where only the offset is told.
        zone: String,
        /// Seconds east of UTC.
        offset: Option<i32>,
        /// What it showed, microseconds since 1970 UTC.
        now: Option<i64>,
    },
    /// A setting of the kubelet or of the container runtime.
    Setting {
        /// Its name in the configuration: `failSwapOn`, `imageGCHighThresholdPercent`, `Docker Root Dir`.
        name: String,
        /// As written.
        value: String,
    },
}

/// Who told a setting. Which of several counts is the verdict's to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The kubelet itself, of the values that it uses: its node configuration in the log, `/configz`.
    InUse,
    /// The same, in a line that was cut: what is not named is not known to be off.
    InUseInPart,
    /// A flag.
    Flag,
    /// A configuration file, main or drop-in.
    File,
}
