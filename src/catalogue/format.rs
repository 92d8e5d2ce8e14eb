//! The catalogue as an author writes it: the TOML of `patterns/`, one struct per table. `build.rs` reads the built-in files with
//! these, `--patterns` a user's. An unknown key is an error here, so that a typo never loses knowledge silently.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bundles::Bundle;

/// One file of the catalogue: any of the tables may stand in it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// `[[pattern]]`
    #[serde(default)]
    pub pattern: Vec<PatternDef>,
    /// `[[condition]]`
    #[serde(default)]
    pub condition: Vec<ConditionDef>,
    /// `[[component]]`
    #[serde(default)]
    pub component: Vec<ComponentDef>,
    /// `[[capture]]`
    #[serde(default)]
    pub capture: Vec<CaptureDef>,
    /// `[[bundle]]`
    #[serde(default)]
    pub bundle: Vec<Bundle>,
}

impl File {
    /// Adds the tables of another file.
    pub fn add(&mut self, other: File) {
        self.pattern.extend(other.pattern);
        self.condition.extend(other.condition);
        self.component.extend(other.component);
        self.capture.extend(other.capture);
        self.bundle.extend(other.bundle);
    }
}

/// What a line that matches a pattern means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// States the condition itself.
    Statement,
    /// Is there because the condition, or something it cannot name, holds.
    Symptom,
    /// Says that the condition has ended.
    Recovery,
    /// Marks a boot, the start or end of a component, a shutdown.
    Lifecycle,
    /// Carries a value, or forewarns.
    Observation,
    /// Usual and harmless, however loud.
    Background,
}

impl Role {
    /// The word that authors write for it.
    pub const fn word(self) -> &'static str {
        match self {
            Role::Statement => "statement",
            Role::Symptom => "symptom",
            Role::Recovery => "recovery",
            Role::Lifecycle => "lifecycle",
            Role::Observation => "observation",
            Role::Background => "background",
        }
    }
}

/// One pattern.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternDef {
    /// Unique name in kebab-case; reads well after "the log says".
    pub id: String,
    /// Condition that the line speaks of, unless `when` chooses another.
    pub condition: Option<String>,
    /// What the line means for it.
    pub role: Role,
    /// Ids of components that say this; empty: any.
    #[serde(default)]
    pub component: Vec<String>,
    /// Any of these is in the message.
    #[serde(default)]
    pub literals: Vec<String>,
    /// All of these too.
    #[serde(default)]
    pub all: Vec<String>,
    /// None of these.
    #[serde(default)]
    pub none: Vec<String>,
    /// Capture → keys whose value it is.
    #[serde(default)]
    pub pairs: BTreeMap<String, Vec<String>>,
    /// Named groups are captures.
    pub regex: Option<String>,
    /// Regexes that only give values where they match: none of them decides whether the pattern does.
    #[serde(default)]
    pub values: Vec<String>,
    /// Captures that name the object.
    #[serde(default)]
    pub object: Vec<String>,
    /// The first branch that holds decides the condition.
    #[serde(default)]
    pub when: Vec<BranchDef>,
    /// The state began this long before the line.
    pub began_before: Option<String>,
    /// An error text that stands inside other lines.
    #[serde(default)]
    pub fragment: bool,
    /// Usually follows another line that states the condition.
    #[serde(default)]
    pub weak: bool,
    /// Whoever it is about has given up and does not come back by itself.
    #[serde(default)]
    pub gives_up: bool,
    /// What it marks in time: `boot`, `shutdown`, `node-ready`, `<component>-start|ready|stop|exit`.
    pub marks: Option<String>,
    /// Recovery: the conditions that ended.
    #[serde(default)]
    pub recovers: Vec<String>,
    /// Patterns that may give a second event of the same entry.
    #[serde(default)]
    pub also: Vec<String>,
    /// Has a literal of less than ten bytes, and its author knows.
    #[serde(default)]
    pub short: bool,
    /// Versions of Kubernetes that say this.
    pub kubernetes: Option<String>,
    /// Where it is written.
    #[serde(default)]
    pub references: Vec<String>,
    /// Lines that it matches.
    #[serde(default)]
    pub example: Vec<ExampleDef>,
    /// Lines that look alike and are something else.
    #[serde(default)]
    pub counter: Vec<CounterDef>,
}

/// A branch of `when`: tests on captures, and what they decide.
#[derive(Debug, Clone, Deserialize)]
pub struct BranchDef {
    /// The condition it chooses.
    pub condition: Option<String>,
    /// The role it chooses.
    pub role: Option<Role>,
    /// Capture → test; all must hold.
    #[serde(flatten)]
    pub tests: BTreeMap<String, TestDef>,
}

/// A test on a captured value.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum TestDef {
    /// Equal to this.
    Is(String),
    /// Equal to one of these.
    OneOf(Vec<String>),
    /// Contains all of these.
    Has {
        /// The parts.
        has: Vec<String>,
    },
}

/// A line that a pattern matches, and what it must give.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleDef {
    /// The message, without envelope.
    pub line: String,
    /// `condition`, `role`, or a capture → its value; `false`: there must be none.
    #[serde(default)]
    pub gives: BTreeMap<String, Given>,
}

/// A value that an example must give.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Given {
    /// This one.
    Is(String),
    /// Whether there is one at all.
    Present(bool),
}

/// A line that a pattern must not match.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CounterDef {
    /// The message, without envelope.
    pub line: String,
    /// What it is instead.
    pub why: String,
}

/// What a condition holds of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Scope {
    Node,
    Filesystem,
    Pod,
    Container,
    Image,
    Volume,
    Endpoint,
    Device,
    Cluster,
}

/// What a condition means for the node when it is a root, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth a word, nothing is broken by it.
    Notice,
    /// One pod, image or volume; the node is well.
    Workload,
    /// Part of the node fails, or all of it slowly.
    NodeDegraded,
    /// No or hardly any new work runs.
    NodeDown,
}

/// What a condition mostly is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Usually {
    Root,
    Effect,
    Either,
    Background,
}

/// One condition.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionDef {
    /// Unique name in kebab-case.
    pub id: String,
    /// Short noun phrase, a heading of the report.
    pub title: String,
    /// Area of the catalogue.
    pub area: String,
    /// What it holds of.
    pub scope: Scope,
    /// How bad it is as a root.
    pub severity: Severity,
    /// Root, effect, either, background.
    pub usually: Usually,
    /// An episode is over after that long without a line.
    pub silence: String,
    /// Usual and harmless that long after a start, if it ends by itself.
    pub settling: String,
    /// No longer than this, and the log goes on without it: passing and harmless, unless a cause explains it.
    pub passing: Option<String>,
    /// The vaguer condition that this one makes precise.
    pub refines: Option<String>,
    /// Eviction signals that speak of it.
    #[serde(default)]
    pub signals: Vec<String>,
    /// What the kubelet takes for these signals where it is told nothing: `imagefs.available` → `15%`.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    /// Facts beside a log that show it: `node:DiskPressure=True`, `unit:containerd.service`.
    #[serde(default)]
    pub shown_by: Vec<String>,
    /// One sentence; `{capture}` is filled in, `[...]` falls away when a capture in it is unknown.
    pub says: String,
    /// Sentence for "it was not this".
    pub rule_out: Option<String>,
    /// An episode of this that nothing explains is that condition.
    pub alone: Option<String>,
    /// What it is.
    pub explanation: String,
    /// Commands that show more.
    #[serde(default)]
    pub check: Vec<String>,
    /// What to do.
    #[serde(default, rename = "do")]
    pub remedies: Vec<String>,
    /// A page that says more.
    pub url: Option<String>,
    /// Lines of it on several nodes at once speak of one thing. So do those of every condition of the cluster.
    #[serde(default)]
    pub across: bool,
    /// What it brings about.
    #[serde(default)]
    pub effects: Vec<EffectDef>,
}

/// An edge, written under its cause.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectDef {
    /// Id of the effect.
    pub effect: String,
    /// Seconds from a line of the cause to the effect's first line: least and most.
    pub delay: [f64; 2],
    /// It also holds for an effect on another node.
    #[serde(default)]
    pub across: bool,
    /// Captures that must agree where both sides have them.
    #[serde(default)]
    pub same: Vec<String>,
    /// Capture of the cause → words of which its value must hold one.
    #[serde(default, rename = "where")]
    pub only: BTreeMap<String, Vec<String>>,
    /// Capture of the effect → words: only an effect whose first line is named so (or tells no such name).
    #[serde(default)]
    pub effect_where: BTreeMap<String, Vec<String>>,
    /// Seconds after the cause's end in which it still explains.
    #[serde(default)]
    pub after_end: f64,
    /// One sentence.
    pub why: String,
}

/// Who speaks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComponentDef {
    /// Unique name.
    pub id: String,
    /// Identifiers, containers and programs.
    pub names: Vec<String>,
    /// systemd units, without suffix.
    #[serde(default)]
    pub units: Vec<String>,
    /// One process that logs as several components.
    #[serde(default)]
    pub many: bool,
    /// One process at a time on a node: its pid tells one run from the next.
    #[serde(default)]
    pub run: bool,
    /// Logs with klog: a klog header under another component's name is not that component's.
    #[serde(default)]
    pub klog: bool,
    /// Its lines show that the host they name is a machine, and no appliance that only sends its log there.
    #[serde(default)]
    pub machine: bool,
    /// The node's agent: its restart begins a new life of the node.
    #[serde(default)]
    pub agent: bool,
}

/// A capture of the closed list.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptureDef {
    /// Its name.
    pub name: String,
    /// Keys that carry it by themselves.
    #[serde(default)]
    pub pairs: Vec<String>,
}

/// A duration like `90s`, `2m`, `1h30m`, `0s` in seconds.
pub fn seconds(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let value: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        total += value
            * match &rest[..unit] {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86_400.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    Some(total)
}
