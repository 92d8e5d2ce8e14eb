//! Year and zone of a node's clock, from what lies beside its log: `timedatectl`, `date`, since when a unit runs, when a node last
//! reported. Apart from the stamps of the log itself, which count first.

use chrono::{DateTime, Datelike};

use super::nodes::main_host;
use crate::base::stamp::{civil_micros, DAY};
use crate::base::Stamp;
use crate::evidence::What;
use crate::summary::{Source, Summary};

/// What evidence tells, and which file.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Told {
    /// The latest moment that the node's clock showed, in microseconds since 1970 UTC.
    pub(super) year: Option<(i64, String)>,
    /// Seconds east of UTC.
    pub(super) zone: Option<(i32, String)>,
}

/// Asks the evidence. Where it is of several nodes, or not of one mind, it tells nothing.
pub(super) fn told(summary: &Summary) -> Told {
    let mut hosts: Vec<String> = summary.sources.values().filter_map(main_host).collect();
    hosts.sort();
    hosts.dedup();
    if hosts.len() > 1 {
        return Told::default();
    }
    let mut told = Told::default();
    let mut zones: Vec<(i32, String)> = Vec::new();
    for (path, evidence) in &summary.evidence {
        for fact in &evidence.facts {
            let (moment, zone) = match &fact.what {
                What::Clock { now, offset, .. } => (*now, *offset),
                What::Unit { since, offset, .. } => (*since, *offset),
                What::NodeCondition { heartbeat, .. } => (*heartbeat, None),
                _ => continue,
            };
            if let Some(moment) = moment.filter(|moment| told.year.as_ref().is_none_or(|(known, _)| known < moment)) {
                told.year = Some((moment, path.clone()));
            }
            zones.extend(zone.map(|zone| (zone, path.clone())));
        }
    }
    let agreed = zones.iter().all(|(zone, _)| Some(zone) == zones.first().map(|(first, _)| first));
    told.zone = zones.into_iter().next().filter(|_| agreed);
    told
}

/// The year of a source's first stamp, where its last is the latest that is not after a moment (by more than a day, as the
/// evidence may be a little older than the log's end).
pub(super) fn year_before(moment: i64, source: &Source, reversed: bool) -> Option<i32> {
    let local = |stamp: Option<Stamp>| match stamp? {
        Stamp::Local { year: None, month, day, micros } => Some((month, day, micros)),
        _ => None,
    };
    let mut stamps = source.ruler.readings().filter_map(|reading| local(reading.outer).or(local(reading.inner)));
    let first = stamps.next()?;
    let last = stamps.next_back().unwrap_or(first);
    let (first, last) = if reversed { (last, first) } else { (first, last) };
    let around = DateTime::from_timestamp_micros(moment)?.year();
    let (month, day, micros) = last;
    let fits = |year: &i32| civil_micros(*year, month, day, micros).is_some_and(|at| at <= moment + DAY);
    let year = (around - 2..=around + 1).rev().find(fits)?;
    // A log that begins in December and ends in January began a year earlier.
    Some(if first > last { year - 1 } else { year })
}
