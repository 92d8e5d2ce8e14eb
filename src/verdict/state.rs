//! Whether an incident is over: by a recovery after its last line, by lines near the log's end, or not to be told.

use super::incidents::{Group, LogSpan};
use super::judge::Scene;
use super::outcome::{Shown, State};
use super::strands::Point;

/// The state of an incident, and the recovery that ended it.
pub(super) fn of(scene: &Scene<'_>, group: &Group, span: LogSpan) -> (State, Option<Shown>) {
    let about = &scene.catalogue.conditions[usize::from(group.condition)];
    let roots = || group.roots.iter().map(|&at| &scene.episodes[at]);
    let last = roots().map(|episode| episode.last).max().unwrap_or(0);
    let recovery: Option<&Point> = roots()
        .flat_map(|episode| &episode.recoveries)
        .filter(|point| point.first >= last)
        .min_by_key(|point| point.first);
    // What has come back after a recovery before is over only when it stays away.
    let back_before = roots().flat_map(|episode| &episode.recoveries).any(|point| point.first < last);
    let stays_away = span.last - last > about.silence;
    if let Some(point) = recovery.filter(|_| !back_before || stays_away) {
        return (State::Over, Some(point.shown(scene.clocks)));
    }
    if span.last - last <= about.silence {
        return (State::Ongoing, None);
    }
    (State::Unknown, None)
}
