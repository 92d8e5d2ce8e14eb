//! The clock of the machine: `timedatectl`, `date`, `uptime`. They give year and zone, which most lines of a log do not, and
//! whether the clock can be trusted.

use chrono::{DateTime, NaiveDateTime};

use super::found::Found;
use super::table::limited;
use super::time::{rfc3339, systemd};
use super::{Evidence, What};

/// No output of these programs is larger.
const LARGEST: usize = 4 * 1024;

/// Reads one of them; `None` for all else.
pub(super) fn read(bytes: &[u8]) -> Option<Evidence> {
    let text = (bytes.len() <= LARGEST).then(|| std::str::from_utf8(bytes).ok()).flatten()?;
    let mut found = Found::default();
    let (kind, what) = timedatectl(text)
        .map(|what| ("timedatectl", what))
        .or_else(|| date(text).map(|what| ("date", what)))
        .or_else(|| uptime(text).map(|what| ("uptime", what)))?;
    if let What::Clock { now, .. } = &what {
        found.seen(*now);
    }
    let offset = text.find("ynchronized").or(text.find("NTPSynchronized")).unwrap_or(0);
    found.say(offset, what);
    Some(found.evidence(kind, bytes, 0))
}

/// Both of its forms: for people, and `timedatectl show`.
fn timedatectl(text: &str) -> Option<What> {
    let value = |names: [&str; 2]| {
        text.lines().find_map(|line| {
            let (name, value) = line.split_once([':', '='])?;
            names.contains(&name.trim()).then(|| value.trim())
        })
    };
    let zone = value(["Time zone", "Timezone"])?;
    let truth = |text: &str| matches!(text, "yes" | "no").then_some(text == "yes");
    let old = value(["NTP synchronized", "NTPSynchronized"]);
    let synchronized = value(["System clock synchronized", "System clock synchronised"]).or(old).and_then(truth);
    let now = value(["Universal time", "TimeUSec"]).and_then(systemd).map(|(now, _)| now);
    let (name, told) = zone.split_once(" (").unwrap_or((zone, ""));
    let offset = told.trim_end_matches(')').rsplit(' ').next().and_then(offset);
    (synchronized.is_some() || now.is_some()).then(|| What::Clock { synchronized, zone: limited(name), offset, now })
}

/// `+0100` in seconds.
fn offset(text: &str) -> Option<i32> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = text.get(1..).filter(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))?;
    let (hours, minutes): (i32, i32) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// One line with a full date: as `date` prints it in English and in the form of ISO 8601.
fn date(text: &str) -> Option<What> {
    let line = text.trim();
    if line.contains('\n') || line.len() > 64 {
        return None;
    }
    let clock = |zone: &str, offset: Option<i32>, now: Option<i64>| {
        now.map(|now| What::Clock { synchronized: None, zone: zone.to_owned(), offset, now: Some(now) })
    };
    if let Ok(time) = DateTime::parse_from_rfc3339(line).or_else(|_| DateTime::parse_from_rfc2822(line)) {
        return clock("", Some(time.offset().local_minus_utc()), rfc3339(&time.to_rfc3339()));
    }
    // `Mon Jan  1 00:03:10 UTC 2024` and `Mon 01 Jan 2024 12:03:10 AM UTC`: only what names UTC or an offset is sure.
    let words: Vec<&str> = line.split_whitespace().collect();
    let (plain, zone, form) = match words[..] {
        [_, month, day, time, zone, year] if time.contains(':') => {
            (format!("{year} {month} {day} {time}"), zone, "%Y %b %d %H:%M:%S")
        }
        [_, day, month, year, time, half, zone] => {
            (format!("{year} {month} {day} {time} {half}"), zone, "%Y %b %d %I:%M:%S %p")
        }
        [_, day, month, year, time, zone] => (format!("{year} {month} {day} {time}"), zone, "%Y %b %d %H:%M:%S"),
        _ => return None,
    };
    let local = NaiveDateTime::parse_from_str(&plain, form).ok()?.and_utc().timestamp_micros();
    let east = match zone {
        "UTC" | "GMT" | "Z" => Some(0),
        zone => offset(zone).or_else(|| offset(&format!("{zone}00"))),
    }?;
    clock(zone, Some(east), Some(local - i64::from(east) * 1_000_000))
}

/// ` 12:03:10 up 5 min,  1 user,  load average: 0.00, 0.01, 0.05`
fn uptime(text: &str) -> Option<What> {
    let line = text.trim();
    let (before, load) = line.split_once("load average: ")?;
    if line.contains('\n') || !before.contains(" up ") {
        return None;
    }
    let mut loads = load.split(", ").map(|load| load.trim().replace(',', ".").parse().ok());
    let mut next = || loads.next().flatten().filter(|load: &f64| load.is_finite());
    Some(What::Load { averages: [next()?, next()?, next()?] })
}
