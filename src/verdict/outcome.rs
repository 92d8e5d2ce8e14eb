//! What a verdict says: the shapes that reports print. Everything is text, times and counts by now; a report needs no catalogue.

use crate::base::Position;
use crate::summary::Folded;

/// The answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verdict {
    /// Hash of the catalogue in use.
    pub catalogue: String,
    /// What was read.
    pub input: InputFacts,
    /// The main one first; empty: nothing was found.
    pub incidents: Vec<Incident>,
    /// Other roots that were weighed, best first.
    pub candidates: Vec<Candidate>,
    /// Boots and runs, in order of time.
    pub lifecycles: Vec<Lifecycle>,
    /// Usual and harmless, by condition.
    pub background: Vec<Leftover>,
    /// Problem groups that belong to no incident.
    pub unexplained: Vec<Leftover>,
    /// What the log does not hold.
    pub gaps: Vec<Gap>,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InputFacts {
    /// By path.
    pub sources: Vec<SourceFacts>,
    /// What small sources held that tell nothing and are not listed one by one.
    pub more: Folded,
    /// Paths that were not read, and why.
    pub skipped: Vec<(String, String)>,
    /// Paths that could not be read: what, what was wrong, what to do.
    pub unreadable: Vec<crate::base::Error>,
    /// Per source: how year and zone were found.
    pub time_basis: Vec<TimeBasis>,
    /// Support bundles that were recognised.
    pub bundles: Vec<BundleFacts>,
    /// Evidence files that were read.
    pub evidence: Vec<EvidenceFacts>,
    /// Ctrl-C ended the reading early.
    pub interrupted: bool,
}

/// A support bundle.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BundleFacts {
    /// What the paths of its files begin with.
    pub path: String,
    /// Id of its kind.
    pub kind: String,
    /// What people call that.
    pub title: String,
    /// The path in it, or the line, that told.
    pub marker: String,
}

/// An evidence file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EvidenceFacts {
    /// Path as typed.
    pub path: String,
    /// What it was recognised as.
    pub kind: String,
    /// What it is in its bundle.
    pub role: Option<String>,
    /// The node that it is of, where its place in a bundle tells.
    pub node: Option<String>,
}

/// One source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceFacts {
    /// Path as typed.
    pub path: String,
    /// The node that its place in a bundle tells, else the host that most lines name.
    pub node: Option<String>,
    /// The component that speaks, where only one does; else all, joined by `, `.
    pub component: Option<String>,
    /// `log`.
    pub kind: String,
    /// Physical lines.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
    /// Entries.
    pub entries: u64,
    /// Lines without a known form.
    pub unparsed_lines: u64,
    /// First stamp.
    pub first: Option<Moment>,
    /// Last stamp.
    pub last: Option<Moment>,
    /// What it is in its bundle.
    pub role: Option<String>,
    /// The pod that wrote it, `namespace/name`, and the container.
    pub pod: Option<(String, String)>,
    /// How often the container had been started before.
    pub restart: Option<u32>,
    /// The source whose entries it holds again, where it is a view.
    pub view_of: Option<String>,
    /// Sources that hold some of its entries again, or whose entries it holds: each counts once.
    pub overlaps: Vec<String>,
}

/// How the year and the zone of a source were found, in words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TimeBasis {
    /// Path as typed.
    pub path: String,
    /// `on the line`, `from …`, `unknown`.
    pub year: String,
    /// `on the line`, `from …`, `unknown`.
    pub zone: String,
}

/// A point in time, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// On the one axis that orders everything, in microseconds; its zero means nothing.
    pub axis: i64,
    /// RFC 3339 with microseconds and offset, where year and zone are known.
    pub time: Option<String>,
    /// The stamp as the line has it.
    pub clock: Option<String>,
    /// `22:14:03`, for people; empty where there is no stamp.
    pub short: String,
    /// `6 Dec`, for people; empty where there is no date.
    pub date: String,
}

/// A line that shows something.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Path as typed.
    pub path: String,
    /// Where in it.
    pub position: Position,
    /// When.
    pub moment: Moment,
    /// The raw line.
    pub text: String,
    /// Parts of it by which it was recognised, what decides most first.
    pub proof: Vec<String>,
}

/// A root with everything that followed from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Nodes that it happened on, first the one that it began on.
    pub nodes: Vec<String>,
    /// `node-down`, `node-degraded`, `workload`, `notice`.
    pub severity: &'static str,
    /// Whether it goes on.
    pub state: State,
    /// The recovery that ended it.
    pub ended_by: Option<Shown>,
    /// Commands that would show more, where that matters.
    pub look_at: Vec<String>,
    /// The cause.
    pub root: Root,
    /// Effects, each condition once, a cause before its effects.
    pub chain: Vec<Effect>,
    /// Pods that were hit, and by which condition.
    pub workloads: Vec<(String, String)>,
    /// What it was not, and why.
    pub ruled_out: Vec<RuledOut>,
    /// What to do.
    pub remedies: Vec<Remedy>,
}

/// Whether an incident goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Lines of it stand near the log's end.
    Ongoing,
    /// A recovery was logged after its last line.
    Over,
    /// The log does not tell.
    Unknown,
}

/// How sure a verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// A guess with reasons.
    Low,
    /// More likely right than not.
    Medium,
    /// Right in 95 of 100.
    High,
}

/// The cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Root {
    /// Id of the condition.
    pub condition: String,
    /// Its title.
    pub title: String,
    /// One sentence with values.
    pub summary: String,
    /// What it holds of: capture → value.
    pub object: Vec<(String, String)>,
    /// How sure.
    pub confidence: Confidence,
    /// Why that sure.
    pub reasons: Vec<String>,
    /// Only symptoms are in the log: the cause itself is elsewhere.
    pub outside_log: bool,
    /// First line of it.
    pub first: Moment,
    /// Last line of it.
    pub last: Moment,
    /// Events.
    pub count: u64,
    /// The line an expert would point at is the first.
    pub lines: Vec<Shown>,
    /// Values: name → text or number.
    pub values: Vec<(String, Value)>,
    /// What lies beside the log and speaks for or against it.
    pub evidence: Vec<EvidenceLine>,
    /// Lines that announced it.
    pub forewarnings: Vec<Shown>,
    /// It came back.
    pub recurrences: Vec<Recurrence>,
}

/// A value of a root.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
}

/// A fact beside the log.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceLine {
    /// Path as typed.
    pub path: String,
    /// Line, where known.
    pub line: u64,
    /// The fact, in words.
    pub fact: String,
    /// For the root (true), against it (false), or neither (a fact from before or after).
    pub supports: Option<bool>,
}

/// A root that came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Recurrence {
    /// First line of it.
    pub first: Moment,
    /// Last line of it.
    pub last: Moment,
    /// `kubelet restart`, `reboot`, `a pause`.
    pub after: String,
    /// Seconds from that to its first line.
    pub delay: f64,
}

/// What followed.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// Id of the condition.
    pub condition: String,
    /// Its title.
    pub title: String,
    /// Index of its cause in the chain; `None`: the root.
    pub caused_by: Option<usize>,
    /// Why the cause brings it about.
    pub why: String,
    /// Seconds from the cause's first line.
    pub delay: f64,
    /// Events.
    pub count: u64,
    /// First line.
    pub first: Moment,
    /// Last line.
    pub last: Moment,
    /// What was hit, by name.
    pub objects: Vec<String>,
    /// How many more were.
    pub more_objects: u64,
    /// Nodes that it was seen on, by name; empty where the input is of one node.
    pub nodes: Vec<String>,
    /// Lines that show it.
    pub lines: Vec<Shown>,
}

/// What it was not.
#[derive(Debug, Clone, PartialEq)]
pub struct RuledOut {
    /// Id of the condition.
    pub condition: String,
    /// That it was not this, in a sentence.
    pub says: String,
    /// Entries among which no line of it is.
    pub entries: u64,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Remedy {
    /// In words.
    pub text: String,
    /// Commands.
    pub commands: Vec<String>,
}

/// Another root that was weighed.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Id of the condition.
    pub condition: String,
    /// Why it is not the root.
    pub why_not: String,
    /// Lines that speak for it.
    pub lines: Vec<Shown>,
}

/// One boot, or one run of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Lifecycle {
    /// Node, where known.
    pub node: Option<String>,
    /// Component; `node` for a boot.
    pub component: String,
    /// `boot`, `run`, `shutdown`.
    pub what: String,
    /// Process id, 0 where unknown.
    pub pid: u32,
    /// Its first sign.
    pub first: Moment,
    /// Its last sign.
    pub last: Moment,
    /// `stopped`, `exited`, `reboot`; empty where the log does not tell.
    pub ended_by: String,
}

/// What belongs to no incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Leftover {
    /// Id of the condition, where the lines name one.
    pub condition: Option<String>,
    /// Events.
    pub count: u64,
    /// First.
    pub first: Moment,
    /// Last.
    pub last: Moment,
    /// The first line.
    pub lines: Vec<Shown>,
}

/// What the log does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Path as typed; empty: of the input as a whole.
    pub path: String,
    /// `suppressed`, `truncated`, `no start`, `hole`, `no end`, `clock step`, `no zone`, `limit`.
    pub what: &'static str,
    /// In words.
    pub detail: String,
}
