//! Facts with their place and time. A snapshot is the evidence of one directory: taken at the latest time that it mentions, else
//! when the log ends.

use std::collections::BTreeMap;

use crate::evidence::What;
use crate::summary::Summary;
use crate::verdict::clocks::Clocks;
use crate::verdict::episodes::Episode;
use crate::verdict::outcome::EvidenceLine;

/// A fact, where it stands and when it was taken.
#[derive(Debug, Clone)]
pub(in crate::verdict) struct Placed<'s> {
    pub(in crate::verdict) path: &'s str,
    pub(in crate::verdict) line: u64,
    /// Its time on the axis; `None`: not known, as the log has no clock either.
    pub(in crate::verdict) taken: Option<i64>,
    pub(in crate::verdict) what: &'s What,
}

/// Evidence of so much before an episode counts as taken while it lasts: clocks and threads change places.
const JUST_BEFORE: i64 = 2_000_000;
/// The same after it: events are written after the fact.
const JUST_AFTER: i64 = 60_000_000;

/// All facts beside the log, in the order of their paths and lines.
pub(super) fn all<'s>(summary: &'s Summary, clocks: &Clocks) -> Vec<Placed<'s>> {
    let mut latest: BTreeMap<&str, i64> = BTreeMap::new();
    for (path, evidence) in &summary.evidence {
        if let Some(at) = evidence.latest {
            let known = latest.entry(directory(path)).or_insert(at);
            *known = (*known).max(at);
        }
    }
    let end = end_of_log(summary, clocks);
    let mut all = Vec::new();
    for (path, evidence) in &summary.evidence {
        let snapshot = latest.get(directory(path)).copied().or(end);
        let place = |fact: &'s crate::evidence::Fact| Placed {
            path,
            line: fact.position.line,
            taken: own_time(&fact.what).or(snapshot),
            what: &fact.what,
        };
        all.extend(evidence.facts.iter().map(place));
    }
    all
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// When a fact holds, where it tells that itself: an object that could not be updated is older than the file it stands in.
fn own_time(what: &What) -> Option<i64> {
    match what {
        What::Eviction { time, .. } => *time,
        What::NodeCondition { heartbeat, .. } => *heartbeat,
        What::Container { ended, .. } => *ended,
        _ => None,
    }
}

/// The last moment of all logs.
fn end_of_log(summary: &Summary, clocks: &Clocks) -> Option<i64> {
    let spans = summary.sources.iter().filter_map(|(path, source)| Some((path, source.span.as_ref()?)));
    spans.flat_map(|(path, span)| [clocks.axis(path, &span.first), clocks.axis(path, &span.last)]).max()
}

impl Placed<'_> {
    /// Was it taken while an episode lasted, or shortly after?
    pub(super) fn during(&self, episode: &Episode<'_>) -> bool {
        self.taken.is_some_and(|at| lasts(episode, at))
    }

    /// The same of any of several episodes.
    pub(super) fn during_any(&self, episodes: &[&Episode<'_>]) -> bool {
        episodes.iter().any(|episode| self.during(episode))
    }

    /// The part of a report that shows it.
    pub(super) fn shown(&self, fact: String, supports: Option<bool>) -> EvidenceLine {
        EvidenceLine { path: self.path.to_string(), line: self.line.max(1), fact, supports }
    }

    /// File and line in short: `config.yaml:19`.
    pub(super) fn short(&self) -> String {
        let file = self.path.rsplit('/').next().unwrap_or(self.path);
        format!("{file}:{}", self.line.max(1))
    }
}

/// Does a moment lie in an episode, or shortly beside it?
pub(super) fn lasts(episode: &Episode<'_>, at: i64) -> bool {
    at >= episode.start - JUST_BEFORE && at <= episode.last + JUST_AFTER
}
