//! Stamps as logs write them, read at fixed positions: ISO 8601, syslog's month and day, epoch seconds, kernel uptime.
//!
//! Each reader gives the stamp and how many bytes it took; none looks at what follows beyond its own end. They are apart from the
//! envelopes because several envelopes write the same stamp.

use super::months;
use crate::base::stamp::civil_micros;
use crate::base::Stamp;

/// A stamp and the bytes that it took.
pub(super) type Taken = (Stamp, usize);

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// Value of one decimal digit.
fn digit(b: u8) -> Option<u32> {
    let value = b.wrapping_sub(b'0');
    (value < 10).then_some(u32::from(value))
}

/// Value of the two digits at `at`.
fn two(b: &[u8], at: usize) -> Option<u32> {
    let pair = b.get(at..at + 2)?;
    Some(digit(pair[0])? * 10 + digit(pair[1])?)
}

/// `HH:MM:SS` at the start, in microseconds. A leap second is taken as the second before it.
pub(super) fn clock(b: &[u8]) -> Option<i64> {
    let b = b.get(..8)?;
    let (hour, minute, second) = (two(b, 0)?, two(b, 3)?, two(b, 6)?);
    if b[2] != b':' || b[5] != b':' || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(i64::from(hour * 3600 + minute * 60 + second.min(59)) * SECOND)
}

/// A fraction of up to nine digits after `.` or `,` at the start, in microseconds, and its length; nothing is a fraction of nothing.
pub(super) fn fraction(b: &[u8]) -> (i64, usize) {
    if !matches!(b.first(), Some(b'.' | b',')) {
        return (0, 0);
    }
    let mut micros = 0;
    let mut count = 0;
    for value in b[1..].iter().take(9).map_while(|&b| digit(b)) {
        if count < 6 {
            micros = micros * 10 + i64::from(value);
        }
        count += 1;
    }
    if count == 0 {
        return (0, 0);
    }
    for _ in count..6 {
        micros *= 10;
    }
    (micros, count + 1)
}

/// `YYYY-MM-DD` at the start, also with `/`.
fn date(b: &[u8]) -> Option<(i16, u8, u8)> {
    let b = b.get(..10)?;
    let (year, month, day) = (two(b, 0)? * 100 + two(b, 2)?, two(b, 5)?, two(b, 8)?);
    if b[4] != b[7]
        || !matches!(b[4], b'-' | b'/')
        || !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
    {
        return None;
    }
    Some((year as i16, month as u8, day as u8))
}

/// `Z`, `+01:00`, `+0100` or `+01` at the start: seconds east of UTC and length.
fn offset(b: &[u8]) -> Option<(i32, usize)> {
    let sign = match b.first()? {
        b'Z' | b'z' => return Some((0, 1)),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = two(b, 1)?;
    let (minutes, len) = match (b.get(3), two(b, 3), two(b, 4)) {
        (Some(b':'), _, Some(minutes)) => (minutes, 6),
        (_, Some(minutes), _) => (minutes, 5),
        _ => (0, 3),
    };
    if hours > 15 || minutes > 59 {
        return None;
    }
    Some((sign * (hours * 3600 + minutes * 60) as i32, len))
}

/// A calendar time with its year: absolute where the zone is known.
fn with_zone((year, month, day): (i16, u8, u8), micros: i64, zone: Option<i32>) -> Option<Stamp> {
    match zone {
        None => Some(Stamp::Local {
            year: Some(year),
            month,
            day,
            micros,
        }),
        Some(offset) => {
            let local = civil_micros(i32::from(year), month, day, micros)?;
            Some(Stamp::Absolute {
                micros: local - i64::from(offset) * SECOND,
                offset,
            })
        }
    }
}

/// `YYYY-MM-DD` + `T` or blank + `HH:MM:SS[.fraction][zone]`. Without a zone the time is local.
pub(super) fn iso(b: &[u8]) -> Option<Taken> {
    let day = date(b)?;
    if !matches!(b.get(10), Some(b'T' | b't' | b' ')) {
        return None;
    }
    let seconds = clock(&b[11..])?;
    let (part, taken) = fraction(&b[19..]);
    let end = 19 + taken;
    let (zone, zone_len) = offset(&b[end..]).map_or((None, 0), |(zone, len)| (Some(zone), len));
    Some((with_zone(day, seconds + part, zone)?, end + zone_len))
}

/// `Mmm DD HH:MM:SS[.ffffff]`, English month, day padded by zero or blank: journalctl's short forms and syslog.
pub(super) fn syslog(b: &[u8]) -> Option<Taken> {
    let word: [u8; 3] = b.get(..3)?.try_into().ok()?;
    let month = months::english(word)?;
    month_day_clock(&b[3..], month).map(|(stamp, taken)| (stamp, taken + 3))
}

/// ` DD HH:MM:SS[.ffffff]` behind the month's word.
pub(super) fn month_day_clock(b: &[u8], month: u8) -> Option<Taken> {
    if b.len() < 12 || b[0] != b' ' {
        return None;
    }
    let tens = if b[1] == b' ' { 0 } else { digit(b[1])? };
    let day = tens * 10 + digit(b[2])?;
    if b[3] != b' ' || !(1..=31).contains(&day) {
        return None;
    }
    let seconds = clock(&b[4..])?;
    let (part, taken) = fraction(&b[12..]);
    Some((
        Stamp::Local {
            year: None,
            month,
            day: day as u8,
            micros: seconds + part,
        },
        12 + taken,
    ))
}

/// klog's `MMDD HH:MM:SS.uuuuuu`, 20 bytes.
pub(super) fn klog(b: &[u8]) -> Option<Stamp> {
    let b: &[u8; 20] = b.get(..20)?.try_into().ok()?;
    let (month, day) = (two(b, 0)?, two(b, 2)?);
    if b[4] != b' ' || b[13] != b'.' || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let micros =
        clock(&b[5..13])? + i64::from(two(b, 14)? * 10_000 + two(b, 16)? * 100 + two(b, 18)?);
    Some(Stamp::Local {
        year: None,
        month: month as u8,
        day: day as u8,
        micros,
    })
}
