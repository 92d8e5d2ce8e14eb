//! Facts beside the log sharpen a root: which filesystem, which threshold, how much was left. A snapshot (the evidence of one
//! directory) proves something only where it was taken while the episode lasted; the best witness is the eviction's own message.

use std::collections::BTreeMap;

use super::clocks::Clocks;
use super::episodes::Episode;
use super::outcome::{EvidenceLine, Value};
use crate::catalogue::{Catalogue, ConditionId};
use crate::evidence::{quantity, show_bytes, Amount, What};
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

/// A fact, where it stands and when it was taken.
#[derive(Debug, Clone)]
pub(super) struct Placed<'s> {
    pub(super) path: &'s str,
    pub(super) line: u64,
    /// Time of the snapshot on the axis; `None`: taken at no known time.
    pub(super) taken: Option<i64>,
    pub(super) what: &'s What,
}

/// All facts, sorted by what they are about.
#[derive(Debug, Clone, Default)]
pub struct Sharpened<'s> {
    thresholds: Vec<Placed<'s>>,
    evictions: Vec<Placed<'s>>,
    filesystems: Vec<Placed<'s>>,
    capacities: Vec<Placed<'s>>,
    /// Thresholds that the kubelet takes where it is told none: signal, value, as written.
    defaults: Vec<(String, Amount, String)>,
    /// Which episodes (by condition and start) got their precise condition here, and by which signal.
    signals: BTreeMap<(ConditionId, i64), String>,
}

/// Evidence of so much before an episode counts as taken while it lasts: clocks and threads change places.
const JUST_BEFORE: i64 = 2_000_000;
/// The same after it: events are written after the fact.
const JUST_AFTER: i64 = 60_000_000;
/// A share that agrees this closely with a percentage is that threshold.
const CLOSE: f64 = 0.3;
/// The same with a capacity that `df -h` rounded.
const ROUNDED: f64 = 0.8;

/// Directories of images and containers; the first that a mount holds decides.
const IMAGE_DIRECTORIES: [&str; 5] =
    ["/var/lib/containerd", "/var/lib/docker", "/var/lib/containers", "/var/lib/rancher", "/run/k3s"];
const KUBELET_DIRECTORY: &str = "/var/lib/kubelet";

/// Collects the facts, and gives episodes the precise condition where they decide it.
pub fn sharpen<'s>(
    episodes: &mut [Episode<'_>],
    summary: &'s Summary,
    catalogue: &Catalogue,
    clocks: &Clocks,
) -> Sharpened<'s> {
    let mut found = Sharpened::collect(summary, clocks);
    for (signal, written) in catalogue.conditions.iter().flat_map(|condition| &condition.defaults) {
        let value = match written.strip_suffix('%') {
            Some(percent) => percent.parse().ok().map(Amount::Percent),
            None => quantity(written).map(Amount::Quantity),
        };
        found.defaults.extend(value.map(|value| (signal.clone(), value, written.clone())));
    }
    let mut undecided: Vec<usize> = Vec::new();
    let mut decided: Vec<(ConditionId, String, i64, ConditionId, String)> = Vec::new();
    for (at, episode) in episodes.iter_mut().enumerate() {
        let choices: Vec<ConditionId> = (0..catalogue.conditions.len() as ConditionId)
            .filter(|id| catalogue.conditions[usize::from(*id)].refines == Some(episode.condition))
            .filter(|id| !catalogue.conditions[usize::from(*id)].signals.is_empty())
            .collect();
        if choices.is_empty() {
            continue;
        }
        match found.decide(episode, &choices, catalogue) {
            Some((condition, signal)) => {
                decided.push((episode.condition, episode.node.clone(), episode.start, condition, signal.clone()));
                episode.condition = condition;
                found.signals.insert((condition, episode.start), signal);
            }
            None => undecided.push(at),
        }
    }
    // Waves of one story have one name: where nothing decides an episode, the nearest that was decided does.
    for at in undecided {
        let episode = &mut episodes[at];
        let same = decided.iter().filter(|(vague, node, ..)| *vague == episode.condition && *node == episode.node);
        if let Some((_, _, _, condition, signal)) = same.min_by_key(|(_, _, start, ..)| (start - episode.start).abs()) {
            episode.condition = *condition;
            found.signals.insert((*condition, episode.start), signal.clone());
        }
    }
    found
}

impl<'s> Sharpened<'s> {
    fn collect(summary: &'s Summary, clocks: &Clocks) -> Sharpened<'s> {
        let mut found = Sharpened::default();
        let directory =
            |path: &str| path.rsplit_once('/').map_or(String::new(), |(directory, _)| directory.to_string());
        let mut taken: BTreeMap<String, i64> = BTreeMap::new();
        for (path, evidence) in &summary.evidence {
            if let Some(latest) = evidence.latest {
                let known = taken.entry(directory(path)).or_insert(latest);
                *known = (*known).max(latest);
            }
        }
        for (path, evidence) in &summary.evidence {
            for fact in &evidence.facts {
                let own_time = match &fact.what {
                    What::Eviction { time, .. } => *time,
                    _ => None,
                };
                let taken = own_time.or_else(|| taken.get(&directory(path)).copied());
                let placed = Placed { path, line: fact.position.line, taken, what: &fact.what };
                match &fact.what {
                    What::Threshold { .. } => found.thresholds.push(placed),
                    What::Eviction { .. } => found.evictions.push(placed),
                    What::Filesystem { .. } => found.filesystems.push(placed),
                    What::Capacity { .. } => found.capacities.push(placed),
                    What::NodeCondition { .. } | What::NodeEvent { .. } => {}
                }
            }
        }
        for (path, source) in &summary.sources {
            for threshold in source.thresholds.values() {
                found.thresholds.push(Placed {
                    path,
                    line: threshold.seen.position.line,
                    taken: Some(clocks.axis(path, &threshold.seen)),
                    what: &threshold.what,
                });
            }
        }
        // What the kubelet itself says it uses comes before what a file says; then the order of time.
        // Its later lines before earlier ones: flags with defaults are printed before the configuration in use.
        let from_log = |placed: &Placed| !summary.sources.contains_key(placed.path);
        found.thresholds.sort_by_key(|placed| (from_log(placed), placed.taken.map(|at| -at), placed.path, placed.line));
        found.evictions.sort_by_key(|placed| (placed.taken.unwrap_or(i64::MAX), placed.path, placed.line));
        found
    }

    /// Which of the precise conditions an episode is, and by which signal.
    fn decide(
        &self,
        episode: &Episode<'_>,
        choices: &[ConditionId],
        catalogue: &Catalogue,
    ) -> Option<(ConditionId, String)> {
        let signals: Vec<(ConditionId, &String)> = choices
            .iter()
            .flat_map(|id| catalogue.conditions[usize::from(*id)].signals.iter().map(|signal| (*id, signal)))
            .collect();
        // Where the thresholds of all others are switched off, it is the one that is left.
        let watched =
            |id: ConditionId| signals.iter().find(|(known, signal)| *known == id && self.threshold(signal).is_some());
        let mut left = choices.iter().filter_map(|id| watched(*id));
        if let (Some((id, signal)), None) = (left.next(), left.next()) {
            return Some((*id, (*signal).clone()));
        }
        if let Some(eviction) = self.eviction_of(episode, signals.iter().map(|(_, signal)| signal.as_str())) {
            let mut fitting = signals.iter().filter(|(_, signal)| self.crossed(eviction, signal));
            if let Some((id, signal)) = fitting.next() {
                if fitting.all(|(other, _)| other == id) {
                    return Some((*id, (*signal).clone()));
                }
            }
        }
        self.decide_by_df(episode, &signals)
    }

    /// The earliest eviction of an episode whose resource one of the signals is about.
    fn eviction_of<'a>(&self, episode: &Episode<'_>, signals: impl Iterator<Item = &'a str>) -> Option<&Placed<'s>> {
        let resources: Vec<&str> = signals.map(resource_of).collect();
        self.evictions.iter().find(|placed| match placed.what {
            What::Eviction { resource, threshold: Some(_), node, .. } => {
                let here = node.is_empty() || episode.node.is_empty() || same_node(node, &episode.node);
                here && resources.contains(&resource.as_str()) && placed.taken.is_none_or(|at| lasts(episode, at))
            }
            _ => false,
        })
    }

    /// Is an eviction's threshold quantity the one of this signal?
    fn crossed(&self, eviction: &Placed<'_>, signal: &str) -> bool {
        let What::Eviction { threshold: Some(quantity), .. } = eviction.what else { return false };
        let Some(limit) = self.threshold(signal) else { return false };
        match limit.value {
            Amount::Quantity(wanted) => (wanted - quantity).abs() <= wanted * 0.001,
            Amount::Percent(percent) => self.capacities_of(signal).into_iter().any(|(capacity, exact)| {
                (quantity / capacity * 100.0 - percent).abs() < if exact { CLOSE } else { ROUNDED }
            }),
        }
    }

    /// The hard threshold of a signal: told by the log or a file, else the kubelet's default.
    fn threshold(&self, signal: &str) -> Option<Limit<'_>> {
        // A threshold of nothing is switched off.
        let off = |value: &Amount| matches!(value, Amount::Percent(v) | Amount::Quantity(v) if *v <= 0.0);
        let told = self.thresholds.iter().find_map(|placed| match placed.what {
            What::Threshold { signal: known, value, soft: false, written, .. } if known == signal => {
                Some(Limit { value: *value, written, placed: Some(placed) })
            }
            _ => None,
        });
        let default = || self.defaults.iter().find(|(known, _, _)| known == signal);
        let limit =
            told.or_else(|| default().map(|(_, value, written)| Limit { value: *value, written, placed: None }));
        limit.filter(|limit| !off(&limit.value))
    }

    /// Capacities that a signal's percentage may be of: as exact figures of the node, or rounded ones of df.
    fn capacities_of(&self, signal: &str) -> Vec<(f64, bool)> {
        let mut found = Vec::new();
        for placed in &self.capacities {
            if let What::Capacity { resource, value, .. } = placed.what {
                if *value > 0.0 && resource == resource_of(signal) {
                    found.push((*value, true));
                }
            }
        }
        if let Some(What::Filesystem { size, .. }) = self.filesystem(signal, |_| true).map(|placed| placed.what) {
            if *size > 0.0 {
                found.push((*size, false));
            }
        }
        found
    }

    /// The row of df that a signal is about, of the earliest snapshot that counts.
    fn filesystem(&self, signal: &str, counts: impl Fn(&Placed<'s>) -> bool) -> Option<&Placed<'s>> {
        let wants_inodes = signal.ends_with("inodesFree");
        let is_row = |placed: &&Placed<'s>| {
            matches!(placed.what, What::Filesystem { inodes, .. } if *inodes == wants_inodes) && counts(placed)
        };
        let earliest = self
            .filesystems
            .iter()
            .filter(is_row)
            .min_by_key(|placed| (placed.taken.unwrap_or(i64::MAX), placed.path))?;
        let rows: Vec<&Placed<'s>> =
            self.filesystems.iter().filter(is_row).filter(|placed| placed.path == earliest.path).collect();
        let holding = |directory: &str| {
            let holds = |placed: &&&Placed<'s>| mount_of(placed.what).is_some_and(|mount| is_under(directory, mount));
            rows.iter().filter(holds).max_by_key(|placed| mount_of(placed.what).map_or(0, str::len)).copied()
        };
        if signal.starts_with("nodefs") {
            return holding(KUBELET_DIRECTORY);
        }
        // A mount of its own for images decides; else the one that holds the directory.
        let own = rows.iter().find(|placed| {
            mount_of(placed.what).is_some_and(|mount| {
                IMAGE_DIRECTORIES.iter().any(|directory| mount.starts_with(directory))
                    && !mount.contains("/rootfs")
                    && !mount.contains("/overlay")
            })
        });
        own.copied().or_else(|| holding(IMAGE_DIRECTORIES[0]))
    }

    /// Without an eviction's message: where one filesystem serves all signals, the higher threshold is crossed first; where
    /// they have filesystems of their own, the one below its threshold is it.
    fn decide_by_df(&self, episode: &Episode<'_>, signals: &[(ConditionId, &String)]) -> Option<(ConditionId, String)> {
        let counts = |placed: &Placed<'s>| placed.taken.is_some_and(|at| lasts(episode, at));
        let mut below: Vec<(f64, ConditionId, &String)> = Vec::new();
        for (id, signal) in signals {
            let Some(What::Filesystem { size, available, .. }) =
                self.filesystem(signal, counts).map(|placed| placed.what)
            else {
                continue;
            };
            let Some(limit) = self.threshold(signal).map(|limit| limit.of(*size)) else { continue };
            if *available < limit {
                below.push((limit, *id, signal));
            }
        }
        below.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        match below[..] {
            [(limit, id, signal), (next, _, _), ..] if limit > next * 1.01 => Some((id, signal.clone())),
            [(_, id, signal)] => Some((id, signal.clone())),
            _ => None,
        }
    }

    /// The facts about a root.
    pub fn of(&self, catalogue: &Catalogue, condition: ConditionId, first: &Episode<'_>) -> Facts {
        let about = &catalogue.conditions[usize::from(condition)];
        let mut facts = Facts::default();
        let decided = self.signals.get(&(condition, first.start));
        let signal = decided.cloned().or_else(|| {
            let own =
                about.signals.iter().find(|signal| self.eviction_of(first, std::iter::once(signal.as_str())).is_some());
            own.or(about.signals.first().filter(|_| about.signals.len() == 1)).cloned()
        });
        let Some(signal) = signal else { return facts };
        let mut set = |name: &str, value: Value| facts.values.push((name.to_string(), value));
        set("signal", Value::Text(signal.clone()));
        let threshold = self.threshold(&signal);
        if let Some(Limit { written, placed, .. }) = threshold {
            set("threshold", Value::Text(written.to_string()));
            let from = if placed.is_some() { "configured" } else { "default of the kubelet" };
            set("threshold_from", Value::Text(from.to_string()));
            facts
                .evidence
                .extend(placed.map(|placed| line(placed, format!("the threshold of {signal} is {written}"), None)));
        }
        self.witness(&signal, first, threshold.map(|limit| limit.value), &mut facts);
        self.disk(&signal, first, threshold, &mut facts);
        facts
    }

    /// The eviction's own message.
    fn witness(&self, signal: &str, first: &Episode<'_>, threshold: Option<Amount>, facts: &mut Facts) {
        let fits = |placed: &&Placed<'s>| match placed.what {
            What::Eviction { resource, available: Some(_), threshold: quantity, .. } => {
                resource == resource_of(signal)
                    && placed.taken.is_none_or(|at| lasts(first, at))
                    && (quantity.is_none() || threshold.is_none() || self.crossed(placed, signal))
            }
            _ => false,
        };
        let Some(placed) = self.evictions.iter().find(fits) else { return };
        let What::Eviction { pod, available: Some(available), available_written, .. } = placed.what else { return };
        let capacity = self.capacities_of(signal).into_iter().next().map(|(capacity, _)| capacity);
        let percent = capacity.map(|capacity| (available / capacity * 1000.0).round() / 10.0);
        let text = match percent.filter(|_| matches!(threshold, Some(Amount::Percent(_)))) {
            Some(percent) => format!("{percent}% ({available_written})"),
            None => available_written.clone(),
        };
        facts.values.push(("available".to_string(), Value::Text(text.clone())));
        if let Some(percent) = percent {
            facts.values.push(("available_percent".to_string(), Value::Number(percent)));
        }
        facts.evidence.push(line(placed, format!("{pod} was evicted while {text} was available"), Some(true)));
    }

    /// The row of df: its filesystem always, its figure where it was taken while the episode lasted.
    fn disk(&self, signal: &str, first: &Episode<'_>, threshold: Option<Limit<'_>>, facts: &mut Facts) {
        if !signal.contains("fs.") {
            return;
        }
        let during = self.filesystem(signal, |placed| placed.taken.is_some_and(|at| lasts(first, at)));
        let Some(placed) = during.or_else(|| self.filesystem(signal, |_| true)) else { return };
        let What::Filesystem { mount, size, available, percent, inodes, .. } = placed.what else { return };
        facts.object.push(("filesystem".to_string(), mount.clone()));
        facts.values.push(("filesystem".to_string(), Value::Text(mount.clone())));
        let limit = threshold.map(|limit| limit.of(*size));
        let used = percent.map_or_else(String::new, |percent| format!("{percent:.0} % full, "));
        let left =
            if *inodes { format!("{available:.0} inodes free") } else { format!("{} free", show_bytes(*available)) };
        let supports = match (during.is_some(), limit) {
            (true, Some(limit)) => Some(*available < limit),
            _ => None,
        };
        let when = if during.is_some() { "" } else { " (taken before or after)" };
        facts.evidence.push(line(placed, format!("{mount} is {used}{left}{when}"), supports));
    }
}

/// A threshold, and where it is told; a default stands nowhere.
#[derive(Clone, Copy)]
struct Limit<'f> {
    value: Amount,
    written: &'f str,
    placed: Option<&'f Placed<'f>>,
}

impl Limit<'_> {
    /// In the unit of a capacity.
    fn of(self, capacity: f64) -> f64 {
        match self.value {
            Amount::Percent(percent) => capacity * percent / 100.0,
            Amount::Quantity(quantity) => quantity,
        }
    }
}

/// The part of a report that shows a fact.
fn line(placed: &Placed<'_>, fact: String, supports: Option<bool>) -> EvidenceLine {
    EvidenceLine { path: placed.path.to_string(), line: placed.line.max(1), fact, supports }
}

/// Was something taken while an episode lasted, or shortly after?
fn lasts(episode: &Episode<'_>, at: i64) -> bool {
    at >= episode.start - JUST_BEFORE && at <= episode.last + JUST_AFTER
}

/// The resource that an eviction names for a signal (kubernetes/kubernetes pkg/kubelet/eviction/helpers.go,
/// `signalToResource`).
fn resource_of(signal: &str) -> &'static str {
    match signal.rsplit_once('.') {
        Some((_, "inodesFree")) => "inodes",
        Some(("memory" | "allocatableMemory", _)) => "memory",
        Some(("pid", _)) => "pids",
        _ => "ephemeral-storage",
    }
}

fn mount_of(what: &What) -> Option<&str> {
    match what {
        What::Filesystem { mount, .. } => Some(mount),
        _ => None,
    }
}

/// Is a directory on a filesystem mounted there?
fn is_under(directory: &str, mount: &str) -> bool {
    mount == "/" || directory == mount || directory.strip_prefix(mount).is_some_and(|rest| rest.starts_with('/'))
}

/// Names of one node differ by domain and case.
fn same_node(a: &str, b: &str) -> bool {
    let label = |name: &str| name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    label(a) == label(b)
}
