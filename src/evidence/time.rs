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
    }
}
