//! Facts beside the log sharpen a root: which filesystem, which threshold, how much was left. A snapshot (the evidence of one
//! directory) proves something only where it was taken while the episode lasted; the best witness is the eviction's own message.

use std::collections::BTreeMap;

mod figures;
mod placed;
mod signs;
mod thresholds;

use figures::{figure, filesystem, is_of_bytes, Figure};
use placed::Placed;
use thresholds::{Limit, Thresholds};

use super::clocks::Clocks;
use super::episodes::Episode;
use super::outcome::{EvidenceLine, Value};
use crate::catalogue::{Catalogue, ConditionId};
use crate::evidence::{and_size, show_bytes, with_size, Amount, What};
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

/// All facts, and what they decided.
#[derive(Debug, Clone, Default)]
pub struct Sharpened<'s> {
    facts: Vec<Placed<'s>>,
    thresholds: Thresholds<'s>,
    /// In order of time.
    evictions: Vec<Placed<'s>>,
    /// Which episodes (by condition and start) got their precise condition here, and by which signal.
    signals: BTreeMap<(ConditionId, i64), String>,
}

/// A share that agrees this closely with a percentage is that threshold.
const CLOSE: f64 = 0.3;
/// The same with a capacity that `df -h` rounded.
const ROUNDED: f64 = 0.8;

/// Collects the facts, and gives episodes the precise condition where they decide it.
pub fn sharpen<'s>(
    episodes: &mut [Episode<'_>],
    summary: &'s Summary,
    catalogue: &Catalogue,
    clocks: &Clocks,
) -> Sharpened<'s> {
    let facts = placed::all(summary, clocks);
    let thresholds = Thresholds::collect(&facts, summary, catalogue, clocks);
    let mut evictions: Vec<Placed<'_>> =
        facts.iter().filter(|placed| matches!(placed.what, What::Eviction { .. })).cloned().collect();
    evictions.sort_by_key(|placed| (placed.taken.unwrap_or(i64::MAX), placed.path, placed.line));
    let mut found = Sharpened { facts, thresholds, evictions, signals: BTreeMap::new() };
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
        let watched = |id: ConditionId| {
            signals.iter().find(|(known, signal)| *known == id && self.thresholds.both(signal).next().is_some())
        };
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
                signs::is_here(node, &episode.node)
                    && resources.contains(&resource.as_str())
                    && placed.taken.is_none_or(|at| placed::lasts(episode, at))
            }
            _ => false,
        })
    }

    /// Is an eviction's threshold quantity one of this signal?
    fn crossed(&self, eviction: &Placed<'_>, signal: &str) -> bool {
        self.thresholds.both(signal).any(|limit| self.is_limit(eviction, signal, &limit))
    }

    /// Is an eviction's threshold quantity this threshold?
    fn is_limit(&self, eviction: &Placed<'_>, signal: &str, limit: &Limit<'_>) -> bool {
        let What::Eviction { threshold: Some(quantity), .. } = eviction.what else { return false };
        match limit.value {
            Amount::Quantity(wanted) => (wanted - quantity).abs() <= wanted * 0.001,
            Amount::Percent(percent) => self.capacities_of(signal).into_iter().any(|(capacity, exact)| {
                (quantity / capacity * 100.0 - percent).abs() < if exact { CLOSE } else { ROUNDED }
            }),
        }
    }

    /// Capacities that a signal's percentage may be of: as exact figures of the node, or rounded ones of df.
    fn capacities_of(&self, signal: &str) -> Vec<(f64, bool)> {
        let mut found = Vec::new();
        for placed in &self.facts {
            if let What::Capacity { resource, value, .. } = placed.what {
                if *value > 0.0 && resource == resource_of(signal) {
                    found.push((*value, true));
                }
            }
        }
        if let Some(What::Filesystem { size, .. }) = filesystem(&self.facts, signal, |_| true).map(|placed| placed.what)
        {
            if *size > 0.0 {
                found.push((*size, false));
            }
        }
        found
    }

    /// Without an eviction's message: where one filesystem serves all signals, the higher threshold is crossed first; where
    /// they have filesystems of their own, the one below its threshold is it.
    fn decide_by_df(&self, episode: &Episode<'_>, signals: &[(ConditionId, &String)]) -> Option<(ConditionId, String)> {
        let mut below: Vec<(f64, ConditionId, &String)> = Vec::new();
        for (id, signal) in signals {
            let Some(figure) = figure(&self.facts, signal, |placed| placed.during(episode)) else { continue };
            let crossed = self.thresholds.both(signal).map(|limit| limit.of(figure.capacity));
            below.extend(
                crossed.filter(|limit| figure.available < *limit).reduce(f64::max).map(|limit| (limit, *id, *signal)),
            );
        }
        below.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        match below[..] {
            [(limit, id, signal), (next, _, _), ..] if limit > next * 1.01 => Some((id, signal.clone())),
            [(_, id, signal)] => Some((id, signal.clone())),
            _ => None,
        }
    }

    /// The facts about a root.
    ///
    /// `roots`: its episodes in the order of time; one that comes back is still the same incident.
    pub fn of(&self, catalogue: &Catalogue, condition: ConditionId, roots: &[&Episode<'_>]) -> Facts {
        let about = &catalogue.conditions[usize::from(condition)];
        let mut facts = Facts::default();
        let Some(first) = roots.first() else { return facts };
        let decided = self.signals.get(&(condition, first.start));
        let signal = decided.cloned().or_else(|| {
            let own =
                about.signals.iter().find(|signal| self.eviction_of(first, std::iter::once(signal.as_str())).is_some());
            own.or_else(|| self.only_watched(&about.signals)).cloned()
        });
        match signal {
            Some(signal) => self.pressure(&signal, roots, &mut facts),
            None => {
                let refining = catalogue.conditions.iter().filter(|other| other.refines == Some(condition));
                let signals = about.signals.iter().chain(refining.flat_map(|other| &other.signals));
                self.undecided(signals, roots, &mut facts);
            }
        }
        let proven = facts.evidence.iter().any(|line| line.supports.is_some());
        let signs = signs::of(&self.facts, &about.shown_by, roots);
        facts.evidence.extend(signs.into_iter().filter(|line| !proven || line.supports.is_some()));
        facts
    }

    /// The only signal of several that has a threshold.
    fn only_watched<'a>(&self, signals: &'a [String]) -> Option<&'a String> {
        let mut watched = signals.iter().filter(|signal| self.thresholds.both(signal).next().is_some());
        let only = watched.next().filter(|_| watched.next().is_none());
        only.or(signals.first().filter(|_| signals.len() == 1))
    }

    /// The filesystems that it may have been, where nothing tells which.
    fn undecided<'a>(&self, signals: impl Iterator<Item = &'a String>, roots: &[&Episode<'_>], facts: &mut Facts) {
        for signal in signals.filter(|signal| signal.contains("fs.")) {
            let Some((placed, during)) = self.row(signal, roots) else { continue };
            let line = disk_line(placed, during, self.thresholds.hard(signal).as_ref(), roots);
            if !facts.evidence.iter().any(|known| (&known.path, known.line) == (&line.path, line.line)) {
                facts.evidence.push(line);
            }
        }
    }

    /// The row of df about a signal, and whether it was taken while one of the episodes lasted.
    fn row(&self, signal: &str, roots: &[&Episode<'_>]) -> Option<(&Placed<'_>, bool)> {
        match filesystem(&self.facts, signal, |placed| placed.during_any(roots)) {
            Some(during) => Some((during, true)),
            None => filesystem(&self.facts, signal, |_| true).map(|placed| (placed, false)),
        }
    }

    /// What is known of the signal that went below its threshold.
    fn pressure(&self, signal: &str, roots: &[&Episode<'_>], facts: &mut Facts) {
        let witness = roots.iter().find_map(|root| self.witness(signal, root));
        let during = figure(&self.facts, signal, |placed| placed.during_any(roots));
        let limit = self.limit(signal, witness, during.as_ref());
        let mut set = |name: &str, text: String| facts.values.push((name.to_string(), Value::Text(text)));
        set("signal", signal.to_string());
        if let Some(limit) = &limit {
            set("threshold", limit.written.to_string());
            set("threshold_from", if limit.default { "default of the kubelet" } else { "configured" }.to_string());
            set("threshold_kind", if limit.soft { "soft" } else { "hard" }.to_string());
            set("threshold_source", limit.source());
            facts.evidence.extend(limit.placed.map(|placed| placed.shown(limit.fact(signal), None)));
        }
        if let Some(witness) = witness {
            self.say_witness(signal, witness, limit.as_ref(), facts);
        }
        if signal.contains("fs.") {
            self.disk(signal, roots, limit.as_ref(), facts);
        }
        if let Some(figure) = during {
            let known = facts.values.iter().any(|(name, _)| name == "available");
            let crossed = limit.as_ref().is_some_and(|limit| figure.available < limit.of(figure.capacity));
            if crossed && !known && figure.exact {
                let text = if figure.bytes { show_bytes(figure.available) } else { format!("{:.0}", figure.available) };
                facts.values.push(("available".to_string(), Value::Text(text)));
            }
            if !matches!(figure.placed.what, What::Filesystem { .. }) {
                let fact = format!("{signal}: {}", figure.text());
                facts.evidence.push(figure.placed.shown(fact, crossed.then_some(true)));
            }
        }
    }

    /// Which threshold of a signal was crossed, hard or soft: the one that the eviction names; else the one that a figure lies
    /// below; else the hard one, if there is one.
    fn limit(&self, signal: &str, witness: Option<&Placed<'s>>, during: Option<&Figure<'_>>) -> Option<Limit<'_>> {
        let all = || self.thresholds.both(signal);
        let named = witness.and_then(|witness| all().find(|limit| self.is_limit(witness, signal, limit)));
        let below = || all().find(|limit| during.is_some_and(|figure| figure.available < limit.of(figure.capacity)));
        named.or_else(below).or_else(|| all().next())
    }

    /// The first eviction of an episode that tells what was available of a signal.
    fn witness(&self, signal: &str, first: &Episode<'_>) -> Option<&Placed<'s>> {
        let any = self.thresholds.both(signal).next().is_some();
        let fits = |placed: &&Placed<'s>| match placed.what {
            What::Eviction { resource, available: Some(_), threshold: quantity, .. } => {
                resource == resource_of(signal)
                    && placed.taken.is_none_or(|at| placed::lasts(first, at))
                    && (quantity.is_none() || !any || self.crossed(placed, signal))
            }
            _ => false,
        };
        self.evictions.iter().find(fits)
    }

    /// The eviction's own message.
    fn say_witness(&self, signal: &str, placed: &Placed<'s>, limit: Option<&Limit<'_>>, facts: &mut Facts) {
        let What::Eviction { pod, available: Some(available), available_written, .. } = placed.what else { return };
        let capacity = self.capacities_of(signal).into_iter().next().map(|(capacity, _)| capacity);
        let percent = capacity.map(|capacity| (available / capacity * 1000.0).round() / 10.0);
        let by_share = limit.is_some_and(|limit| matches!(limit.value, Amount::Percent(_)));
        let bytes = is_of_bytes(signal);
        let (text, shown) = match percent.filter(|_| by_share) {
            Some(percent) => {
                let amount = if bytes { and_size(available_written) } else { available_written.clone() };
                let text = format!("{percent}% ({amount})");
                (text.clone(), text)
            }
            None => (
                available_written.clone(),
                if bytes { with_size(available_written) } else { available_written.clone() },
            ),
        };
        facts.values.push(("available".to_string(), Value::Text(text)));
        if let Some(percent) = percent {
            facts.values.push(("available_percent".to_string(), Value::Number(percent)));
        }
        facts.evidence.push(placed.shown(format!("{pod} was evicted while {shown} was available"), Some(true)));
    }

    /// The row of df: its filesystem always, its figure where it was taken while the episode lasted.
    fn disk(&self, signal: &str, roots: &[&Episode<'_>], limit: Option<&Limit<'_>>, facts: &mut Facts) {
        let Some((placed, during)) = self.row(signal, roots) else { return };
        let What::Filesystem { mount, .. } = placed.what else { return };
        facts.object.push(("filesystem".to_string(), mount.clone()));
        facts.values.push(("filesystem".to_string(), Value::Text(mount.clone())));
        facts.evidence.push(disk_line(placed, during, limit, roots));
    }

    /// Why a condition was not it, by a figure taken in a stretch of time: `5.2 GiB of 7.8 GiB available, the threshold is 100Mi
    /// (free.txt:2)`. An error where the figure says the opposite.
    pub(super) fn kept(&self, signals: &[String], from: i64, to: i64) -> Result<Option<String>, BelowThreshold> {
        let counts = |placed: &Placed<'_>| placed.taken.is_some_and(|at| at >= from && at <= to);
        let mut text = None;
        for signal in signals {
            let Some(limit) = self.thresholds.hard(signal) else { continue };
            let Some(figure) = figure(&self.facts, signal, counts) else { continue };
            if figure.available < limit.of(figure.capacity) {
                return Err(BelowThreshold);
            }
            let (place, written) = (figure.placed.short(), limit.shown(signal));
            text.get_or_insert(format!("{}, the threshold is {written} ({place})", figure.text()));
        }
        Ok(text)
    }
}

/// A row of df in words, and what it proves.
fn disk_line(placed: &Placed<'_>, during: bool, limit: Option<&Limit<'_>>, roots: &[&Episode<'_>]) -> EvidenceLine {
    let What::Filesystem { mount, size, available, percent, inodes, .. } = placed.what else {
        return placed.shown(String::new(), None);
    };
    let used = percent.map_or_else(String::new, |percent| format!("{percent:.0} % full, "));
    let left = if *inodes { format!("{available:.0} inodes free") } else { format!("{} free", show_bytes(*available)) };
    let below = limit.map(|limit| *available < limit.of(*size));
    // Just after it, space may have been made already.
    let within = roots.iter().any(|root| placed.taken.is_some_and(|at| at >= root.start && at <= root.last));
    let supports = below.filter(|below| during && (*below || within));
    let when = if during { "" } else { signs::BESIDE };
    placed.shown(format!("{mount} is {used}{left}{when}"), supports)
}

/// A value of a condition as its sentence shows it: of what is measured in bytes, long figures have their size beside them.
pub(super) fn in_words(name: &str, value: String, signals: &[String]) -> String {
    let is_amount = matches!(name, "available" | "threshold") && signals.iter().all(|signal| is_of_bytes(signal));
    if is_amount {
        with_size(&value)
    } else {
        value
    }
}

/// A figure lies below a threshold that no line of the log speaks of.
pub(super) struct BelowThreshold;

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
