//! Lines of a program in another zone that a log quotes between its own: a client's log with the errors of a command that ran in
//! a container. Their stamps step back by whole quarters of an hour and on again; that is no clock that was set back.

use std::collections::BTreeSet;

const SECOND: i64 = 1_000_000;

/// Zones differ by whole quarters of an hour.
const QUARTER: i64 = 900 * SECOND;

/// What is quoted was said no longer than this before.
const NEAR: i64 = 5 * SECOND;

/// The log's own lines follow each other within this, where others are quoted between them.
const SHORTLY: i64 = 60 * SECOND;

/// Readings within which the log's own clock comes back.
const SOON: usize = 64;

/// By how much the clock of a quoted program is behind the log's own, where a step back of `back` is the beginning of a quotation.
/// `ahead`: the readings from there on. A clock that was set back goes on from where it is, as all do in the night in which
/// summer time ends. All in microseconds.
pub(super) fn behind(back: i64, ahead: impl Iterator<Item = i64>) -> Option<i64> {
    let quarters = (back + QUARTER / 2) / QUARTER;
    if quarters < 1 || (back - quarters * QUARTER).abs() > NEAR {
        return None;
    }
    let mut before: Option<i64> = None;
    let returns = ahead
        .take(SOON)
        .any(|reading| before.replace(reading).is_some_and(|before| (reading - before - back).abs() < SHORTLY));
    returns.then_some(quarters * QUARTER)
}

/// Where a reading lies that may be quoted: `near` is the axis of a line close to it, `others` what quoted clocks are behind.
pub(super) fn placed(axis: i64, near: i64, others: &BTreeSet<i64>) -> i64 {
    let mut shifted = others.iter().map(|other| axis + other);
    shifted.find(|shifted| (near - shifted).abs() < SHORTLY).unwrap_or(axis)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600 * SECOND;

    #[test]
    fn what_comes_back_is_quoted_and_what_goes_on_was_set_back() {
        let own = |seconds: i64| 100 * HOUR + seconds * SECOND;
        let quoted = [own(0) - HOUR, own(1) - HOUR, own(4), own(5)];
        assert_eq!(behind(HOUR - SECOND / 50, quoted.into_iter()), Some(HOUR));
        let summer_ends = (0..60).map(|minute| own(60 * minute) - HOUR);
        assert_eq!(behind(HOUR, summer_ends), None);
        let odd = [own(0) - 1000 * SECOND, own(1)];
        assert_eq!(behind(1000 * SECOND, odd.into_iter()), None);
        assert_eq!(behind(0, quoted.into_iter()), None);
    }

    #[test]
    fn a_quoted_reading_lies_beside_its_neighbours() {
        let others = BTreeSet::from([HOUR]);
        assert_eq!(placed(9 * HOUR, 10 * HOUR + 3, &others), 10 * HOUR);
        assert_eq!(placed(10 * HOUR, 10 * HOUR + 3, &others), 10 * HOUR);
        assert_eq!(placed(9 * HOUR, 9 * HOUR + 600 * SECOND, &others), 9 * HOUR);
    }
}
