//! Which entries count: `--since`, `--until` and `--node`, compared with the line's own stamp while scanning.

use std::cmp::Ordering;

use crate::base::{node, stamp::civil_micros, Stamp, When, Zones};

/// In days, months counted as 31.
const HALF_A_YEAR: i32 = 186;

/// One end of a span of time, as far as the user gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// With zone: microseconds since 1970 UTC.
    Absolute(i64),
    /// Without zone, in the log's own; the year may be left out.
    Local {
        /// The year, where given.
        year: Option<i16>,
        /// 1 to 12.
        month: u8,
        /// 1 to 31.
        day: u8,
        /// Microseconds since midnight.
        micros: i64,
    },
}

impl Bound {
    /// How a stamp lies to this. `zone`: that of a stamp without one, in seconds east of UTC. `None` where they cannot be
    /// compared (an uptime).
    pub fn order_of(&self, stamp: &Stamp, zone: i32) -> Option<Ordering> {
        match (*self, *stamp) {
            (Bound::Absolute(bound), Stamp::Absolute { micros, .. }) => Some(micros.cmp(&bound)),
            (Bound::Local { year, month, day, micros: bound }, Stamp::Absolute { micros, offset }) => {
                let local = micros + i64::from(offset) * 1_000_000;
                let year = year.map(i32::from).or_else(|| year_of(local))?;
                Some(local.cmp(&civil_micros(year, month, day, bound)?))
            }
            (
                Bound::Local { year, month, day, micros: bound },
                Stamp::Local { year: have, month: m, day: d, micros },
            ) => {
                // Without years: the one that lies nearest. More than half a year apart is the other side of New Year.
                let days = |month: u8, day: u8| i32::from(month) * 31 + i32::from(day);
                let apart = days(m, d) - days(month, day);
                if (year.is_none() || have.is_none()) && apart.abs() > HALF_A_YEAR {
                    return Some(0.cmp(&apart));
                }
                let key = (month, day, bound);
                match (year, have) {
                    (Some(year), Some(have)) if year != have => Some(have.cmp(&year)),
                    _ => Some((m, d, micros).cmp(&key)),
                }
            }
            (Bound::Absolute(bound), Stamp::Local { year, month, day, micros }) => {
                let near = year_of(bound)?;
                // Around New Year a stamp without a year is of the one that brings it nearest.
                let years = year.map_or(near - 1..=near + 1, |year| i32::from(year)..=i32::from(year));
                let times = years.filter_map(|year| civil_micros(year, month, day, micros));
                let times = times.map(|local| local - i64::from(zone) * 1_000_000);
                times.min_by_key(|time| time.abs_diff(bound)).map(|time| time.cmp(&bound))
            }
            (_, Stamp::Uptime { .. }) => None,
        }
    }
}

fn year_of(micros: i64) -> Option<i32> {
    chrono::DateTime::from_timestamp_micros(micros).map(|time| chrono::Datelike::year(&time))
}

/// Which entries count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Not before.
    pub since: Option<Bound>,
    /// Not after.
    pub until: Option<Bound>,
    /// Only this node's, compared by the first label of the host's name.
    pub node: Option<String>,
    /// The zone of all stamps that carry none, where the user tells it.
    pub zone: Option<i32>,
    /// Else those of single sources, as far as they are known.
    pub zones: Zones,
}

impl Filter {
    /// Does everything count?
    pub fn is_open(&self) -> bool {
        self.since.is_none() && self.until.is_none() && self.node.is_none()
    }

    /// Is a time given with a zone? Then that of the stamps matters.
    pub fn is_zoned(&self) -> bool {
        [self.since, self.until].iter().flatten().any(|bound| matches!(bound, Bound::Absolute(_)))
    }

    /// The zone in which stamps of a source that carry none are compared; UTC where it is not known.
    pub fn zone_of(&self, path: &str, when: When) -> i32 {
        let known = || self.zones.get(path).and_then(|zones| zones[when.clock as usize]);
        self.zone.or_else(known).unwrap_or(0)
    }

    /// Does an entry of this source, host and stamp count? What a line does not tell leaves nothing out.
    pub fn passes(&self, path: &str, host: &[u8], when: Option<When>) -> bool {
        if self.node.as_ref().is_some_and(|wanted| !host.is_empty() && !node::same(host, wanted)) {
            return false;
        }
        let Some(when) = when else { return true };
        let zone = self.zone_of(path, when);
        let lies = |bound: &Option<Bound>, side| {
            bound.as_ref().and_then(|bound| bound.order_of(&when.stamp, zone)) == Some(side)
        };
        !lies(&self.since, Ordering::Less) && !lies(&self.until, Ordering::Greater)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Clock;

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn stamps_without_a_zone_are_compared_in_the_one_that_is_known() {
        let local = |year, month, day, hour: i64| When {
            stamp: Stamp::Local { year, month, day, micros: hour * HOUR },
            clock: Clock::Outer,
        };
        let at = |year, month, day, hour: i64| civil_micros(year, month, day, hour * HOUR).map(Bound::Absolute);
        let found = Zones::from([("a.log".to_string(), [Some(7200), None])]);
        // Since when, the stamp, what `--tz` says, whether it counts in a source whose zone is two hours east, and in another.
        let cases = [
            (at(2026, 11, 25, 3), local(None, 11, 25, 4), None, false, true),
            (at(2026, 11, 25, 3), local(None, 11, 25, 5), None, true, true),
            (at(2026, 11, 25, 3), local(Some(2026), 11, 25, 2), None, false, false),
            (at(2026, 11, 25, 3), local(Some(2026), 11, 25, 2), Some(-3600), true, true),
            (at(2026, 1, 1, 0), local(None, 12, 31, 23), None, false, false),
            (at(2025, 12, 31, 23), local(None, 1, 1, 0), None, false, true),
        ];
        for (since, when, zone, here, elsewhere) in cases {
            let filter = Filter { since, zone, zones: found.clone(), ..Filter::default() };
            let passes = |path| filter.passes(path, b"", Some(when));
            assert_eq!((passes("a.log"), passes("b.log")), (here, elsewhere), "{since:?} {when:?} {zone:?}");
        }
    }
}
