//! Stamps as logs write them, read at fixed positions: ISO 8601, syslog's month and day, epoch seconds, kernel
//! uptime.
//!
//! Each reader gives the stamp and how many bytes it took; none looks at what follows beyond its own end. They are
//! apart from the envelopes because several envelopes write the same stamp.

use memchr::memchr;

use super::digits::{digit, digits, number, six, two};
use super::months;
use crate::base::stamp::civil_micros;
use crate::base::Stamp;

/// A stamp and the bytes that it took.
pub(super) type Taken = (Stamp, usize);

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// `HH:MM:SS` at the start, in microseconds. A leap second is taken as the second before it.
pub(super) fn clock(b: &[u8]) -> Option<i64> {
    let values = digits(*b.first_chunk()?, *b"00:00:00")?;
    let two = |at: u32| (values >> (8 * at) & 0xf) * 10 + (values >> (8 * at + 8) & 0xf);
    let (hour, minute, second) = (two(0), two(3), two(6));
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some((hour * 3600 + minute * 60 + second.min(59)) as i64 * SECOND)
}

/// A fraction of up to nine digits after `.` or `,` at the start, in microseconds, and its length; nothing is a
/// fraction of nothing.
pub(super) fn fraction(b: &[u8]) -> (i64, usize) {
    if !matches!(b.first(), Some(b'.' | b',')) {
        return (0, 0);
    }
    if let Some(micros) = six(&b[1..]) {
        let more = b[7..].iter().take(3).take_while(|b| b.is_ascii_digit()).count();
        return (micros, 7 + more);
    }
    let digits = b[1..].iter().take(5).map_while(|&b| digit(b));
    let (micros, unit) =
        digits.fold((0, SECOND), |(micros, unit), value| (micros + i64::from(value) * unit / 10, unit / 10));
    match unit {
        SECOND => (0, 0),
        _ => (micros, 1 + SECOND.ilog10() as usize - unit.ilog10() as usize),
    }
}

/// `YYYY-MM-DD` at the start, also with `/`.
fn date(b: &[u8]) -> Option<(i16, u8, u8)> {
    let start = *b.first_chunk()?;
    let values = digits(start, *b"0000-00-").or_else(|| digits(start, *b"0000/00/"))?;
    let digit = |at: u32| values >> (8 * at) & 0xf;
    let year = digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3);
    let (month, day) = (digit(5) * 10 + digit(6), two(b, 8)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
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
        None => Some(Stamp::Local { year: Some(year), month, day, micros }),
        Some(offset) => {
            let local = civil_micros(i32::from(year), month, day, micros)?;
            Some(Stamp::Absolute { micros: local - i64::from(offset) * SECOND, offset })
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

/// Whether a line has the shape of [`iso`]'s time, told from a few places.
pub(super) fn iso_shape(b: &[u8]) -> bool {
    let Some(b) = b.first_chunk::<19>() else {
        return false;
    };
    b[4] == b[7] && matches!(b[4], b'-' | b'/') && matches!(b[10], b'T' | b' ') && b[13] == b':' && b[16] == b':'
}

/// `Mmm DD HH:MM:SS[.ffffff]`, English month, day padded by zero or blank: journalctl's short forms and syslog.
pub(super) fn syslog(b: &[u8]) -> Option<Taken> {
    let head: &[u8; 15] = b.first_chunk()?;
    let month = months::english([head[0], head[1], head[2]])?;
    let tens = if head[4] == b' ' { 0 } else { digit(head[4])? };
    let day = tens * 10 + digit(head[5])?;
    if head[3] != b' ' || head[6] != b' ' || !(1..=31).contains(&day) {
        return None;
    }
    let seconds = clock(&head[7..])?;
    let (part, taken) = fraction(&b[15..]);
    Some((Stamp::Local { year: None, month, day: day as u8, micros: seconds + part }, 15 + taken))
}

/// Whether a line has the shape of [`syslog`]'s time, told from a few places.
pub(super) fn syslog_shape(b: &[u8]) -> bool {
    let Some(b) = b.first_chunk::<15>() else {
        return false;
    };
    b[3] == b' ' && b[6] == b' ' && b[9] == b':' && b[12] == b':' && months::english([b[0], b[1], b[2]]).is_some()
}

/// klog's `MMDD HH:MM:SS.uuuuuu`, 20 bytes.
pub(super) fn klog(b: &[u8]) -> Option<Stamp> {
    let b: &[u8; 20] = b.first_chunk()?;
    let (month, day) = (two(b, 0)?, two(b, 2)?);
    if b[4] != b' ' || b[13] != b'.' || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let micros = clock(&b[5..])? + six(&b[14..])?;
    Some(Stamp::Local { year: None, month: month as u8, day: day as u8, micros })
}

/// `Sun 2023-12-31 22:50:00[.ffffff] ZONE`: journalctl's full form. UTC and numbers are sure, other abbreviations
/// leave the time local.
pub(super) fn full(b: &[u8]) -> Option<Taken> {
    if b.len() < 24 || b[3] != b' ' || !weekday(b) {
        return None;
    }
    let day = date(&b[4..])?;
    if b[14] != b' ' {
        return None;
    }
    let seconds = clock(&b[15..])?;
    let (part, taken) = fraction(&b[23..]);
    let rest = b[23 + taken..].strip_prefix(b" ")?;
    let word = &rest[..memchr(b' ', rest).unwrap_or(rest.len())];
    let zone = match word {
        b"UTC" | b"GMT" => Some(0),
        _ => offset(word).filter(|(_, len)| *len == word.len()).map(|(zone, _)| zone),
    };
    let abbreviation = !word.is_empty()
        && word.len() <= 6
        && word.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-'));
    if !abbreviation {
        return None;
    }
    Some((with_zone(day, seconds + part, zone)?, 23 + taken + 1 + word.len()))
}

/// Whether the line begins with an English weekday.
fn weekday(b: &[u8]) -> bool {
    matches!(b.get(..3), Some(b"Mon" | b"Tue" | b"Wed" | b"Thu" | b"Fri" | b"Sat" | b"Sun"))
}

/// `Wed Nov 25 03:13:06 2026`: C's form, as `dmesg -T` prints it.
pub(super) fn ctime(b: &[u8]) -> Option<Taken> {
    if b.len() < 24 || b[3] != b' ' || !weekday(b) {
        return None;
    }
    let (stamp, taken) = syslog(&b[4..])?;
    with_year(b, stamp, 4 + taken)
}

/// `Mi Nov 25 03:13:06 2026`: the same in the words of any locale, with nothing behind it.
pub(super) fn ctime_local(b: &[u8]) -> Option<Taken> {
    if !b.last()?.is_ascii_digit() {
        return None;
    }
    let date_at = memchr(b' ', &b[..b.len().min(LONGEST_LOCAL)]).filter(|end| *end > 0)? + 1;
    let (stamp, taken) = local(&b[date_at..])?;
    with_year(b, stamp, date_at + taken)
}

/// A stamp behind which, at `end`, a blank and its year stand.
fn with_year(b: &[u8], stamp: Stamp, end: usize) -> Option<Taken> {
    let rest = b[end..].strip_prefix(b" ")?;
    let year = two(rest, 0)? * 100 + two(rest, 2)?;
    match stamp {
        Stamp::Local { month, day, micros, .. } => {
            Some((Stamp::Local { year: Some(year as i16), month, day, micros }, end + 5))
        }
        _ => None,
    }
}

/// `Nov25 03:13`, `Jan 1 00:00`: the minute that `dmesg -H` prints when it changes.
pub(super) fn minute(b: &[u8]) -> Option<Taken> {
    let word: [u8; 3] = b.get(..3)?.try_into().ok()?;
    let month = months::english(word)?;
    let blanks = b[3..].iter().take_while(|&&b| b == b' ').count();
    let at = 3 + blanks;
    let digits = b[at..].iter().take(2).take_while(|b| b.is_ascii_digit()).count();
    let day = number(&b[at..at + digits])?;
    let rest = b[at + digits..].strip_prefix(b" ")?;
    let (hour, minute) = (two(rest, 0)?, two(rest, 3)?);
    if rest[2] != b':' || hour > 23 || minute > 59 || !(1..=31).contains(&day) {
        return None;
    }
    let micros = i64::from(hour * 3600 + minute * 60) * SECOND;
    Some((Stamp::Local { year: None, month, day: day as u8, micros }, at + digits + 6))
}

/// `   1.234567`: seconds since boot, six digits behind the dot, blanks before it.
pub(super) fn uptime(b: &[u8]) -> Option<Taken> {
    let blanks = b.iter().take_while(|&&b| b == b' ').count();
    let (micros, taken) = seconds(&b[blanks..])?;
    Some((Stamp::Uptime { micros }, blanks + taken))
}

/// `1704063000.000000`: seconds since the epoch, ten digits before the dot.
pub(super) fn epoch(b: &[u8]) -> Option<Taken> {
    let (micros, taken) = seconds(b)?;
    (taken == 17).then_some((Stamp::Absolute { micros, offset: 0 }, taken))
}

/// Up to ten digits, a dot, six digits.
fn seconds(b: &[u8]) -> Option<(i64, usize)> {
    let digits = b.iter().take(10).take_while(|b| b.is_ascii_digit()).count();
    let whole = number(&b[..digits])?;
    if b.get(digits) != Some(&b'.') {
        return None;
    }
    let (part, taken) = fraction(&b[digits..]);
    (taken == 7).then_some((whole * SECOND + part, digits + taken))
}

/// Decimal microseconds since the epoch, as journald writes them.
pub(super) fn micros(digits: &[u8]) -> Option<Stamp> {
    number(digits).map(|micros| Stamp::Absolute { micros, offset: 0 })
}

/// A JSON number since the epoch whose unit its size tells: seconds, milliseconds, microseconds or nanoseconds.
pub(super) fn scaled(text: &[u8]) -> Option<Stamp> {
    let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
    // How many digits there are, and how many places the decimal point moves to microseconds.
    let (digits, places) = match count {
        0..=11 => (count, 6),
        12..=14 => (count, 3),
        15..=17 => (count, 0),
        _ => (count - 3, 0),
    };
    let whole = number(&text[..digits])?;
    let (part, _) = fraction(&text[digits..]);
    let scale = 10_i64.pow(places);
    Some(Stamp::Absolute { micros: whole.checked_mul(scale)? + (part * scale + SECOND / 2) / SECOND, offset: 0 })
}

/// `WORD DD HH:MM:SS[.ffffff]` with the month's word of any locale, in front of which blanks may stand: journalctl's
/// short forms.
pub(super) fn local(b: &[u8]) -> Option<Taken> {
    let near = &b[..b.len().min(LONGEST_LOCAL)];
    let colon = memchr(b':', near)?;
    let clock_at = colon.checked_sub(2)?;
    let before = b[..clock_at].strip_suffix(b" ")?;
    let digits = before.iter().rev().take(2).take_while(|b| b.is_ascii_digit()).count();
    let day = number(&before[before.len() - digits..])?;
    let word = before[..before.len() - digits].strip_suffix(b" ")?;
    if !(1..=31).contains(&day) {
        return None;
    }
    let seconds = clock(&b[clock_at..])?;
    let month = months::local(word)?;
    let (part, taken) = fraction(&b[clock_at + 8..]);
    Some((Stamp::Local { year: None, month, day: day as u8, micros: seconds + part }, clock_at + 8 + taken))
}

/// Bytes within which the clock of [`local`] begins; the longest word has 18 bytes.
const LONGEST_LOCAL: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day() {
        let second = SECOND;
        let cases = [
            ("00:00:00", Some(0)),
            ("23:59:60", Some(86_399 * second)),
            ("12:34:56 rest", Some(45_296 * second)),
            ("24:00:00", None),
            ("12-34-56", None),
            ("1a:34:56", None),
            ("12:34:5", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(clock(text.as_bytes()), wanted, "{text}");
        }
    }

    #[test]
    fn fractions_of_any_length() {
        let cases = [
            ("", (0, 0)),
            (".", (0, 0)),
            (".5Z", (500_000, 2)),
            (",123456+", (123_456, 7)),
            (".123456789Z", (123_456, 10)),
            (".1234567890", (123_456, 10)),
            (".00001", (10, 6)),
        ];
        for (text, wanted) in cases {
            assert_eq!(fraction(text.as_bytes()), wanted, "{text}");
        }
    }

    #[test]
    fn numbers_since_the_epoch_by_their_size() {
        let cases = [
            "1704063000",
            "1704063000000",
            "1704063000000000",
            "1704063000000000000",
            "1704063000.0000004",
            "1704063000000.0004",
        ];
        for text in cases {
            assert_eq!(
                scaled(text.as_bytes()),
                Some(Stamp::Absolute { micros: 1_704_063_000_000_000, offset: 0 }),
                "{text}"
            );
        }
        assert_eq!(scaled(b"-1"), None);
    }

    #[test]
    fn zones() {
        let cases = [
            ("Z", Some((0, 1))),
            ("+01:00 x", Some((3600, 6))),
            ("-0530", Some((-19_800, 5))),
            ("+03", Some((10_800, 3))),
            ("CET", None),
            ("+99:00", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(offset(text.as_bytes()), wanted, "{text}");
        }
    }
}
