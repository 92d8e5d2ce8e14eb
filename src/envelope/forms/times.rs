//! Times as log stores and their exports write them. Where a zone is missing it is UTC: that is what stores keep and what
//! their exports say in the heading.

use crate::base::stamp::civil_micros;
use crate::base::Stamp;
use crate::envelope::{digits, months, stamps};

/// Microseconds in an hour.
const HOUR: i64 = 3_600_000_000;

/// Reads a time: ISO 8601, a number since the epoch of any unit, `1/31/2024, 12:03:10.000 AM` as Azure exports it, or
/// `Jan 31, 2024 @ 00:03:10.000` as Kibana does, in the reader's own zone.
pub(super) fn read(text: &[u8]) -> Option<Stamp> {
    let text = text.trim_ascii();
    if let Some((stamp, taken)) = stamps::iso(text) {
        // Go parts the zone with a blank: `2024-01-01 00:03:10.5 +0000 UTC`.
        let zoned =
            matches!(text[taken..], [b' ', b'+' | b'-', ..]).then(|| [&text[..taken], &text[taken + 1..]].concat());
        return match zoned.and_then(|zoned| stamps::iso(&zoned)).map_or(stamp, |(stamp, _)| stamp) {
            Stamp::Local { year: Some(year), month, day, micros } => utc(year, month, day, micros),
            other => Some(other),
        };
    }
    if text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return stamps::scaled(text).filter(|_| text.len() >= 9);
    }
    american(text).or_else(|| kibana(text))
}

fn utc(year: i16, month: u8, day: u8, micros: i64) -> Option<Stamp> {
    Some(Stamp::Absolute { micros: civil_micros(i32::from(year), month, day, micros)?, offset: 0 })
}

/// The number that a text begins with, of at most four digits, and what follows it.
fn number(text: &[u8]) -> Option<(i64, &[u8])> {
    let count = text.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    Some((digits::number(&text[..count]).filter(|_| count > 0)?, &text[count..]))
}

/// `M/D/YYYY[,] h:mm:ss[.fff] [AM|PM]`.
fn american(text: &[u8]) -> Option<Stamp> {
    let (month, rest) = number(text)?;
    let (day, rest) = number(rest.strip_prefix(b"/")?)?;
    let (year, rest) = number(rest.strip_prefix(b"/")?)?;
    let rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
    let (hour, rest) = number(rest)?;
    let mut padded = [b'0'; 8];
    padded[2..].copy_from_slice(rest.get(..6)?);
    let within_hour = stamps::clock(&padded)?;
    let (part, taken) = stamps::fraction(&rest[6..]);
    let hour = match rest[6 + taken..].trim_ascii() {
        b"AM" | b"am" => hour % 12,
        b"PM" | b"pm" => hour % 12 + 12,
        _ => hour,
    };
    if hour > 23 {
        return None;
    }
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    utc(i16::try_from(year).ok()?, month, day, hour * HOUR + within_hour + part)
}

/// `Mmm D, YYYY @ HH:MM:SS.fff`.
fn kibana(text: &[u8]) -> Option<Stamp> {
    let month = months::english(*text.first_chunk()?)?;
    let (day, rest) = number(text[3..].trim_ascii_start())?;
    let (year, rest) = number(rest.strip_prefix(b", ")?)?;
    let rest = rest.strip_prefix(b" @ ")?;
    let micros = stamps::clock(rest)? + stamps::fraction(&rest[8..]).0;
    let day = u8::try_from(day).ok().filter(|day| (1..=31).contains(day))?;
    Some(Stamp::Local { year: Some(i16::try_from(year).ok()?), month, day, micros })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_stores() {
        let at = Some(Stamp::Absolute { micros: 1_704_067_390_500_000, offset: 0 });
        for text in [
            "2024-01-01T00:03:10.500Z",
            "2024-01-01 00:03:10.500",
            "2024-01-01 00:03:10.500 +0000 UTC",
            "1/1/2024, 12:03:10.500 AM",
            "1/1/2024 12:03:10.5 AM",
            "1/1/2024, 0:03:10.500",
            "1704067390500",
            "1704067390.5",
            "1704067390500000123",
        ] {
            assert_eq!(read(text.as_bytes()), at, "{text}");
        }
        let local = Some(Stamp::Local { year: Some(2024), month: 1, day: 1, micros: 190_500_000 });
        assert_eq!(read(b"Jan 1, 2024 @ 00:03:10.500"), local);
        for text in
            ["", "13/1/2024, 1:00:00 AM", "1/1/2024, 25:00:00", "5", "soon", "1/1/2024, 1", "Jan 40, 2024 @ 00:00:00"]
        {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
