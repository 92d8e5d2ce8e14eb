//! Which entries count: `--since`, `--until` and `--node`, compared with the line's own stamp while scanning.

use std::cmp::Ordering;

use crate::base::{node, stamp::civil_micros, Stamp};

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
    /// How a stamp lies to this. `None` where they cannot be compared (an uptime, a local time against a zoned one).
    pub fn order_of(&self, stamp: &Stamp) -> Option<Ordering> {
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
                let year = year.map(i32::from).or_else(|| year_of(bound))?;
                Some(civil_micros(year, month, day, micros)?.cmp(&bound))
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
}

impl Filter {
    /// Does everything count?
    pub fn is_open(&self) -> bool {
        self == &Filter::default()
    }

    /// Does an entry of this host and stamp count? What a line does not tell leaves nothing out.
    pub fn passes(&self, host: &[u8], stamp: Option<Stamp>) -> bool {
        if self.node.as_ref().is_some_and(|wanted| !host.is_empty() && !node::same(host, wanted)) {
            return false;
        }
        let Some(stamp) = stamp else { return true };
        let lies = |bound: &Option<Bound>, side| bound.as_ref().and_then(|bound| bound.order_of(&stamp)) == Some(side);
        !lies(&self.since, Ordering::Less) && !lies(&self.until, Ordering::Greater)
    }
}
