//! The zones of stamps that carry none, for those who compare such stamps before there is a verdict: `--since` and `--until`
//! with a zone of their own.

use super::{Clock, Clocks, Given, SECOND};
use crate::base::{Stamp, Zones};
use crate::catalogue::Catalogue;
use crate::summary::Summary;
use crate::verdict::nodes::{self, path_of, Nodes};

/// Zones of the sources that have stamps without one, by path and clock; none where it is not known for sure. Where nodes of one
/// source differ, it is not known.
pub fn zones(summary: &Summary, catalogue: &Catalogue, given: Given) -> Zones {
    let split = nodes::split(summary, catalogue);
    let clocks = Clocks::find(&split, &Nodes::find(&split, catalogue), given);
    let mut zones: Zones = Zones::new();
    for (path, source) in &split.sources {
        let Some(clock) = clocks.of(path) else { continue };
        let readings = || source.ruler.readings().flat_map(|reading| [reading.outer, reading.inner]).flatten();
        if !readings().any(|stamp| matches!(stamp, Stamp::Local { .. })) {
            continue;
        }
        let known = |clock_of| clock.zone_found().then(|| (clock.zone(clock_of) / SECOND) as i32);
        let own = [known(Clock::Outer), known(Clock::Inner)];
        let zone = zones.entry(path_of(path).to_string()).or_insert(own);
        if *zone != own {
            *zone = [None, None];
        }
    }
    zones
}
