//! Year and zone that a source does not tell itself: from other sources, and from what lies beside the logs.

use std::collections::BTreeMap;

use super::super::calendar;
use super::super::nodes::{path_of, Nodes};
use super::{Known, SourceClock};
use crate::base::Stamp;
use crate::summary::Summary;

/// Sources of the same node tell each other the year and the zone.
pub(super) fn from_sources(clocks: &mut BTreeMap<String, SourceClock>, nodes: &Nodes) {
    let nodes = |path: &str| Some(nodes.of(path).to_string()).filter(|node| !node.is_empty());
    let years: Vec<(String, Option<String>, i32)> = clocks
        .iter()
        .filter(|(_, clock)| clock.year.found)
        .map(|(path, clock)| (path.clone(), nodes(path), clock.year.value))
        .collect();
    let zones: Vec<(String, Option<String>, i32)> = clocks
        .iter()
        .filter(|(_, clock)| clock.outer.found)
        .map(|(path, clock)| (path.clone(), nodes(path), clock.outer.value))
        .collect();
    for (path, clock) in clocks.iter_mut() {
        let node = nodes(path);
        let same = |from: &String, other: &Option<String>| {
            node.is_none() || other.is_none() || *other == node || path_of(from) == path_of(path)
        };
        // Another node's clock tells nothing for sure, but places both on the axis as they most likely are.
        let nearest = |all: &[(String, Option<String>, i32)]| {
            let others = || all.iter().filter(|(from, ..)| from != path);
            let near = others()
                .find(|(from, other, _)| same(from, other))
                .map(|(from, _, value)| (from.clone(), *value, true));
            near.or_else(|| others().next().map(|(from, _, value)| (from.clone(), *value, false)))
        };
        if !clock.year.found && !clock.untimed {
            if let Some((from, value, found)) = nearest(&years) {
                clock.year = Known { value, found };
                clock.basis.0 = told_by(&from, found);
            }
        }
        if !clock.outer.found && !clock.inner.found && !clock.untimed {
            if let Some((from, value, found)) = nearest(&zones) {
                clock.outer = Known { value, found };
                clock.inner = clock.outer;
                clock.basis.1 = told_by(&from, found);
            }
        }
    }
}

fn told_by(from: &str, found: bool) -> String {
    let path = path_of(from);
    if found {
        format!("from {path}")
    } else {
        format!("unknown, taken to be as in {path}")
    }
}

/// What lies beside the log tells year and zone where no log does.
pub(super) fn from_evidence(clocks: &mut BTreeMap<String, SourceClock>, summary: &Summary) {
    let told = calendar::told(summary);
    for (path, clock) in clocks.iter_mut().filter(|(_, clock)| !clock.untimed) {
        let source = &summary.sources[path];
        let outer = source.ruler.readings().any(|reading| matches!(reading.outer, Some(Stamp::Local { .. })));
        if let Some((year, from)) = told.year.as_ref().filter(|_| !clock.year.found) {
            if let Some(year) = calendar::year_before(*year, source, clock.reversed) {
                clock.year = Known { value: year, found: true };
                clock.basis.0 = format!("from {from}");
            }
        }
        // A program in a container keeps UTC, whatever the node's clock shows.
        let fits = |zone: i32| !clock.outer.found && !clock.inner.found && (outer || zone == 0);
        if let Some((zone, from)) = told.zone.as_ref().filter(|(zone, _)| fits(*zone)) {
            clock.outer = Known { value: *zone, found: true };
            clock.inner = clock.outer;
            clock.basis.1 = format!("from {from}");
        }
    }
}
