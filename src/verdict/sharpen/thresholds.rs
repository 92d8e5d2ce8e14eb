//! Which eviction thresholds were in force, of all that configuration files, flags and the log tell. Apart because several of
//! them may stand beside each other, and the kubelet's own rules say which one wins.

use super::figures::is_of_bytes;
use super::placed::Placed;
use crate::catalogue::Catalogue;
use crate::evidence::{quantity, with_size, Amount, Origin, What};
use crate::summary::Summary;
use crate::verdict::clocks::Clocks;

/// Thresholds, those that win first.
#[derive(Debug, Clone, Default)]
pub(super) struct Thresholds<'s> {
    told: Vec<(Rank, Placed<'s>)>,
    /// What the kubelet takes where it is told none: signal, value, as written.
    defaults: Vec<(String, Amount, String)>,
    /// The defaults of what is left out stay in force (`mergeDefaultEvictionSettings`).
    merged: bool,
}

/// Whose word counts more (kubernetes/kubernetes cmd/kubelet/app/server.go: files, then drop-ins, then flags).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The kubelet's log, of the values in use.
    Log,
    /// The kubelet's `/configz`.
    Endpoint,
    /// A flag that the log shows.
    LoggedFlag,
    /// A flag in a file or a list of processes.
    Flag,
    DropIn,
    File,
    /// A flag in the log that repeats the defaults: nobody set it, and files win.
    DefaultFlag,
    /// A drop-in whose name the kubelet passes over.
    Ignored,
}

/// A threshold, and where it is told; a default stands nowhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit<'f> {
    pub(super) value: Amount,
    pub(super) written: &'f str,
    pub(super) soft: bool,
    /// Grace period of a soft one, in seconds.
    pub(super) grace: Option<f64>,
    /// Nobody set it: the kubelet's own.
    pub(super) default: bool,
    pub(super) placed: Option<&'f Placed<'f>>,
}

impl Limit<'_> {
    /// In the unit of a capacity.
    pub(super) fn of(&self, capacity: f64) -> f64 {
        match self.value {
            Amount::Percent(percent) => capacity * percent / 100.0,
            Amount::Quantity(quantity) => quantity,
        }
    }

    /// Where it comes from, in short: `the default`, `config.yaml:19`, `soft, config.yaml:19`.
    pub(super) fn source(&self) -> String {
        let place = self.placed.filter(|_| !self.default).map_or_else(|| "the default".to_owned(), Placed::short);
        if self.soft {
            format!("soft, {place}")
        } else {
            place
        }
    }

    /// The value as it is written; of bytes with their size, where that is hard to take in.
    pub(super) fn shown(&self, signal: &str) -> String {
        if is_of_bytes(signal) {
            with_size(self.written)
        } else {
            self.written.to_owned()
        }
    }

    /// As a fact: `the soft threshold of memory.available is 1.5Gi, after 90 s`.
    pub(super) fn fact(&self, signal: &str) -> String {
        let kind = if self.soft { "soft threshold" } else { "threshold" };
        let grace = self.grace.map_or_else(String::new, |seconds| format!(", after {seconds} s"));
        format!("the {kind} of {signal} is {}{grace}", self.shown(signal))
    }
}

impl<'s> Thresholds<'s> {
    pub(super) fn collect(
        facts: &[Placed<'s>],
        summary: &'s Summary,
        catalogue: &Catalogue,
        clocks: &Clocks,
    ) -> Thresholds<'s> {
        let mut found = Thresholds::default();
        for (signal, written) in catalogue.conditions.iter().flat_map(|condition| &condition.defaults) {
            let value = match written.strip_suffix('%') {
                Some(percent) => percent.parse().ok().map(Amount::Percent),
                None => quantity(written).map(Amount::Quantity),
            };
            found.defaults.extend(value.map(|value| (signal.clone(), value, written.clone())));
        }
        for placed in facts {
            match placed.what {
                What::Threshold { origin, .. } => found.told.push((rank_of_file(*origin, placed.path), placed.clone())),
                What::Setting { name, value } if name == "mergeDefaultEvictionSettings" => {
                    found.merged |= value == "true";
                }
                _ => {}
            }
        }
        for (path, source) in &summary.sources {
            let placed = source.thresholds.values().map(|threshold| Placed {
                path,
                line: threshold.seen.position.line,
                taken: Some(clocks.axis(path, &threshold.seen)),
                what: &threshold.what,
            });
            let placed: Vec<Placed<'_>> = placed.collect();
            let untouched = placed.iter().all(|placed| found.is_default(placed.what));
            found.told.extend(placed.into_iter().map(|placed| (rank_of_line(placed.what, untouched), placed)));
        }
        // Of equals the later: a kubelet that was restarted with other values, a drop-in by its name.
        found.told.sort_by(|(a_rank, a), (b_rank, b)| {
            let by_name =
                if *a_rank == Rank::DropIn { file_of(b.path).cmp(file_of(a.path)) } else { a_rank.cmp(a_rank) };
            let by_time = b.taken.cmp(&a.taken);
            a_rank.cmp(b_rank).then(by_name).then(by_time).then(a.path.cmp(b.path)).then(a.line.cmp(&b.line))
        });
        found.told.retain(|(rank, _)| *rank != Rank::Ignored);
        found
    }

    fn is_default(&self, what: &What) -> bool {
        let What::Threshold { signal, value, soft, origin, .. } = what else { return true };
        *origin != Origin::Flag || (!soft && self.is_default_value(signal, value))
    }

    fn is_default_value(&self, signal: &str, value: &Amount) -> bool {
        self.defaults.iter().any(|(known, default, _)| known == signal && default == value)
    }

    /// The file or flag that sets the hard threshold of a signal to this value: what a reader would change, wherever else the
    /// value is shown.
    fn set_by(&self, signal: &str, value: &Amount) -> Option<&Placed<'s>> {
        let sets = |what: &What| matches!(what, What::Threshold { signal: known, soft: false, value: set, .. } if known == signal && set == value);
        let by_someone = |rank: Rank| !matches!(rank, Rank::Log | Rank::Endpoint | Rank::DefaultFlag);
        self.told.iter().find(|(rank, placed)| by_someone(*rank) && sets(placed.what)).map(|(_, placed)| placed)
    }

    /// The hard threshold of a signal; `None` where it is switched off.
    pub(super) fn hard<'a>(&'a self, signal: &str) -> Option<Limit<'a>> {
        let mut set = false;
        for (rank, placed) in &self.told {
            let What::Threshold { signal: known, value, written, soft: false, .. } = placed.what else { continue };
            // A flag replaces all that files set: what it leaves out is off.
            let replaced = set && *rank > Rank::Flag && self.flagged();
            if known == signal && !replaced {
                let set_by = self.set_by(signal, value);
                let default = set_by.is_none() && self.is_default_value(signal, value);
                let placed = Some(set_by.unwrap_or(placed));
                let limit = Limit { value: *value, written, soft: false, grace: None, default, placed };
                return Some(limit).filter(Limit::is_on);
            }
            set |= *rank != Rank::DefaultFlag && !is_part(placed.what);
        }
        // Whoever sets one threshold drops the defaults of all others.
        let default = self.defaults.iter().find(|(known, _, _)| known == signal).filter(|_| !set || self.merged)?;
        let (_, value, written) = default;
        Some(Limit { value: *value, written, soft: false, grace: None, default: true, placed: None })
            .filter(Limit::is_on)
    }

    /// Whether a flag set hard thresholds.
    fn flagged(&self) -> bool {
        let is_flag = |rank: Rank| matches!(rank, Rank::LoggedFlag | Rank::Flag);
        self.told
            .iter()
            .any(|(rank, placed)| is_flag(*rank) && matches!(placed.what, What::Threshold { soft: false, .. }))
    }

    /// The soft threshold of a signal. There are none but those that somebody set.
    pub(super) fn soft<'a>(&'a self, signal: &str) -> Option<Limit<'a>> {
        self.told.iter().find_map(|(_, placed)| match placed.what {
            What::Threshold { signal: known, value, written, soft: true, grace, .. } if known == signal => {
                Some(Limit { value: *value, written, soft: true, grace: *grace, default: false, placed: Some(placed) })
                    .filter(Limit::is_on)
            }
            _ => None,
        })
    }

    /// Hard and soft, as far as there are such.
    pub(super) fn both<'a>(&'a self, signal: &str) -> impl Iterator<Item = Limit<'a>> {
        self.hard(signal).into_iter().chain(self.soft(signal))
    }
}

impl Limit<'_> {
    /// A threshold of nothing is switched off.
    fn is_on(&self) -> bool {
        matches!(self.value, Amount::Percent(value) | Amount::Quantity(value) if value > 0.0)
    }
}

/// Whether a list was cut, so that what is not in it is not known to be off.
fn is_part(what: &What) -> bool {
    matches!(what, What::Threshold { origin: Origin::InUseInPart, .. })
}

fn file_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// By what a file is, and for drop-ins by where it lies: in a directory of `--config-dir` only names that end with `.conf` count.
fn rank_of_file(origin: Origin, path: &str) -> Rank {
    let directory = path.rsplit('/').nth(1).unwrap_or_default();
    match origin {
        Origin::InUse | Origin::InUseInPart => Rank::Endpoint,
        Origin::Flag => Rank::Flag,
        Origin::File if !directory.ends_with(".d") => Rank::File,
        Origin::File if path.ends_with(".conf") => Rank::DropIn,
        Origin::File => Rank::Ignored,
    }
}

fn rank_of_line(what: &What, untouched: bool) -> Rank {
    match what {
        What::Threshold { origin: Origin::Flag, .. } if untouched => Rank::DefaultFlag,
        What::Threshold { origin: Origin::Flag, .. } => Rank::LoggedFlag,
        _ => Rank::Log,
    }
}
