//! Clocks as a log has them: with or without year and zone. What is missing is found by the verdict, from the whole input.

use std::collections::BTreeMap;

/// Microseconds in a day.
pub const DAY: i64 = 86_400_000_000;

/// One reading of a clock, exactly as far as the line tells it. Microseconds throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stamp {
    /// Year and zone are known. `offset` is the zone's distance to UTC in seconds as the line has it (0 for an epoch time).
    Absolute {
        /// Since 1970-01-01 00:00 UTC.
        micros: i64,
        /// East of UTC, in seconds.
        offset: i32,
    },
    /// Calendar time of an unknown zone, often without the year.
    Local {
        /// The year, where the line has it.
        year: Option<i16>,
        /// 1 to 12.
        month: u8,
        /// 1 to 31.
        day: u8,
        /// Since midnight.
        micros: i64,
    },
    /// Since the kernel booted.
    Uptime {
        /// Since boot.
        micros: i64,
    },
}

/// Stamps without a year are compared as of this leap year, which has every day.
const LEAP_YEAR: i32 = 2000;

impl Stamp {
    /// A number to compare with other stamps of the same clock, without what the whole input tells of years and zones.
    pub fn rough(self) -> Option<i64> {
        match self {
            Stamp::Absolute { micros, .. } | Stamp::Uptime { micros } => Some(micros),
            Stamp::Local { year, month, day, micros } => {
                civil_micros(year.map_or(LEAP_YEAR, i32::from), month, day, micros)
            }
        }
    }
}

/// Whose clock a stamp was read from: a source has at most these two, and they may be in different zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Clock {
    /// The envelope's: journald, syslog, CRI, docker.
    Outer,
    /// The message's own: klog header, `time=` of logrus, `ts` of zap.
    Inner,
}

/// Zones of stamps that carry none, in seconds east of UTC, by path: of the envelope's clock and of the message's own, each as
/// far as it is known.
pub type Zones = BTreeMap<String, [Option<i32>; 2]>;

/// A stamp and whose clock it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct When {
    /// The reading.
    pub stamp: Stamp,
    /// Whose it is.
    pub clock: Clock,
}

/// Microseconds since 1970-01-01 00:00 of a calendar date and time, as if it were UTC. `None` where there is no such date.
pub fn civil_micros(year: i32, month: u8, day: u8, micros_of_day: i64) -> Option<i64> {
    let date = chrono::NaiveDate::from_ymd_opt(year, month.into(), day.into())?;
    let epoch = chrono::NaiveDate::from_ymd_opt(1970, 1, 1)?;
    Some(date.signed_duration_since(epoch).num_days() * DAY + micros_of_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_micros_knows_leap_years_and_negative_times() {
        assert_eq!(civil_micros(1970, 1, 1, 5), Some(5));
        assert_eq!(civil_micros(2026, 11, 25, 0), Some(20_782 * DAY));
        assert_eq!(civil_micros(1969, 12, 31, 0), Some(-DAY));
        assert_eq!(civil_micros(2023, 2, 29, 0), None);
    }
}
