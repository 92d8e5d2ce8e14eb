//! Times as API objects write them. Apart because they name year and zone, unlike the clocks of a log.

use chrono::DateTime;

/// An RFC 3339 time in microseconds since 1970 UTC. `None` also for the zero time, which Go writes where there is none.
pub(super) fn rfc3339(text: &str) -> Option<i64> {
    known(DateTime::parse_from_rfc3339(text.trim()).ok()?.timestamp_micros())
}

/// The time of `kubectl describe`: `Wed, 25 Nov 2026 04:20:05 +0000`.
pub(super) fn rfc2822(text: &str) -> Option<i64> {
    known(DateTime::parse_from_rfc2822(text.trim()).ok()?.timestamp_micros())
}

/// The time of systemd and its zone in seconds east of UTC: `Wed 2026-11-25 03:52:15 UTC`, `Wed 2026-11-25 06:52:15 +03`.
/// `None` where the zone is an abbreviation that several zones share.
pub(super) fn systemd(text: &str) -> Option<(i64, i32)> {
    let mut words = text.split_whitespace().rev();
    let [zone, time, date] = [words.next()?, words.next()?, words.next()?];
    let zone = match zone {
        "UTC" | "GMT" => "+00:00".to_owned(),
        zone if zone.len() == 3 => format!("{zone}:00"),
        zone if zone.len() == 5 => format!("{}:{}", zone.get(..3)?, zone.get(3..)?),
        _ => return None,
    };
    let time = DateTime::parse_from_rfc3339(&format!("{date}T{time}{zone}")).ok()?;
    Some((known(time.timestamp_micros())?, time.offset().local_minus_utc()))
}

/// Nothing of Kubernetes is as old as 1970: what is not after it is no time.
fn known(micros: i64) -> Option<i64> {
    (micros > 0).then_some(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_objects() {
        let cases: &[(&str, Option<i64>)] = &[
            ("1970-01-02T00:00:00Z", Some(86_400_000_000)),
            ("2026-11-25T04:20:05Z", Some(1_795_580_405_000_000)),
            ("2026-11-25T04:20:05.123456Z", Some(1_795_580_405_123_456)),
            ("2026-11-25T05:20:05+01:00", Some(1_795_580_405_000_000)),
            ("0001-01-01T00:00:00Z", None),
            ("2026-02-30T00:00:00Z", None),
            ("2026-11-25", None),
            ("<unset>", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(rfc3339(text), *expected, "{text}");
        }
        assert_eq!(rfc2822("Wed, 25 Nov 2026 04:20:05 +0000"), Some(1_795_580_405_000_000));
        assert_eq!(rfc2822("yesterday"), None);
        let systemd_cases = [
            ("Wed 2026-11-25 04:20:05 UTC", Some((1_795_580_405_000_000, 0))),
            ("2026-11-25 07:20:05 +03", Some((1_795_580_405_000_000, 10_800))),
            ("Wed 2026-11-25 09:50:05 +0530", Some((1_795_580_405_000_000, 19_800))),
            ("Wed 2026-11-25 05:20:05 CET", None),
            ("n/a", None),
            ("a b cüü", None),
            ("", None),
        ];
        for (text, expected) in systemd_cases {
            assert_eq!(systemd(text), expected, "{text}");
        }
    }
}
