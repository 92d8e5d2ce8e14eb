//! Points in time and zones as they are typed. Words and relative times are refused: the same command must mean the same
//! tomorrow.

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};

use crate::scan::Bound;

/// `[YYYY-]MM-DD HH:MM[:SS]` in the log's own time, or RFC 3339.
///
/// # Errors
/// What is wrong with it, and where relative times are understood.
pub fn bound(text: &str) -> Result<Bound, String> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(Bound::Absolute(time.timestamp_micros()));
    }
    let parse = |text: &str| {
        ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
    };
    let spaced = text.replacen('T', " ", 1);
    let (year, time) = match parse(&spaced) {
        Some(time) => (i16::try_from(time.year()).ok(), Some(time)),
        // A leap year, so that 29 February can be named without one.
        None => (None, parse(&format!("2000-{spaced}"))),
    };
    let Some(time) = time else {
        return Err(
            "write [YYYY-]MM-DD HH:MM[:SS] or RFC 3339; for \"yesterday\" or \"-2h\" use journalctl's own --since"
                .to_string(),
        );
    };
    let micros = i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1000);
    Ok(Bound::Local { year, month: time.month() as u8, day: time.day() as u8, micros })
}

/// A zone as its distance to UTC, in seconds.
///
/// # Errors
/// What is wrong with it.
pub fn zone(text: &str) -> Result<i32, String> {
    if matches!(text, "Z" | "z" | "UTC" | "utc" | "GMT") {
        return Ok(0);
    }
    let wrong = || "write Z, +01:00 or -0500; names of zones are ambiguous".to_string();
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => return Err(wrong()),
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let (hours, minutes): (i32, i32) =
        (digits[..2].parse().map_err(|_| wrong())?, digits[2..].parse().map_err(|_| wrong())?);
    if hours > 15 || minutes > 59 {
        return Err(wrong());
    }
    Ok(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_and_without_year_and_zone() {
        assert_eq!(bound("2026-11-25T03:52:00Z"), Ok(Bound::Absolute(1_795_578_720_000_000)));
        let local = |year| Bound::Local { year, month: 11, day: 25, micros: 13_920_000_000 };
        assert_eq!(bound("2026-11-25 03:52"), Ok(local(Some(2026))));
        assert_eq!(bound("11-25 03:52:00"), Ok(local(None)));
        assert!(bound("yesterday").is_err_and(|text| text.contains("journalctl")));
        assert!(bound("-1h").is_err());
    }

    #[test]
    fn zones_are_offsets() {
        assert_eq!(zone("Z"), Ok(0));
        assert_eq!(zone("+05:30"), Ok(19_800));
        assert_eq!(zone("-0500"), Ok(-18_000));
        for wrong in ["CET", "+1", "+99:00", "", "+0a:00"] {
            assert!(zone(wrong).is_err(), "{wrong}");
        }
    }
}
