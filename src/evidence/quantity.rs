//! Amounts as Kubernetes writes them (`100Mi`, `1G`, `15%`, `1m30s`) read as numbers, and bytes written for a person.
//! Apart because configuration, messages and objects all write amounts, and must be understood alike.

use super::Amount;

/// Longest text that is tried as a quantity, percentage or duration; real ones have a dozen characters.
const LONGEST: usize = 64;

/// A Kubernetes quantity (`100Mi`, `1G`, `500m`, `1e3`, `264172`) as a number: bytes, or a plain count.
/// `None` where the text is no quantity, or one too large for a number.
pub fn quantity(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let (number, suffix) = split_number(text)?;
    let value = match suffix {
        // Divided, since a thousandth is no exact number.
        "n" => number / 1e9,
        "u" => number / 1e6,
        "m" => number / 1e3,
        _ => match scale(suffix) {
            Some(scale) => number * scale,
            None => {
                suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?;
                text.parse().ok()?
            }
        },
    };
    value.is_finite().then_some(value)
}

/// What a suffix multiplies by. `E` alone is exa; with digits behind it, it is an exponent of ten and no suffix.
fn scale(suffix: &str) -> Option<f64> {
    let binary = |power: i32| 1024f64.powi(power);
    Some(match suffix {
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => return None,
    })
}

/// An eviction threshold's value: a share (`15%`) or a quantity (`100Mi`). Never below zero.
pub(super) fn amount(text: &str) -> Option<Amount> {
    let text = text.trim();
    let amount = match text.strip_suffix('%') {
        Some(_) if text.len() > LONGEST => return None,
        Some(share) => match split_number(share)? {
            (value, "") => Amount::Percent(value),
            _ => return None,
        },
        None => Amount::Quantity(quantity(text)?),
    };
    let (Amount::Quantity(value) | Amount::Percent(value)) = amount;
    (value >= 0.0).then_some(amount)
}

/// A duration as Go writes it (`1m30s`, `90s`, `1.5h`, `0`), in seconds.
pub(super) fn duration(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    if rest.is_empty() || rest.len() > LONGEST {
        return None;
    }
    if rest == "0" {
        return Some(0.0);
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let (number, after) = split_number(rest)?;
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        seconds += number
            * match unit {
                "ns" => 1e-9,
                "us" | "µs" | "μs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = next;
    }
    Some(seconds)
}

/// A decimal number that stands alone, in blanks.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    match (text.len() <= LONGEST).then(|| split_number(text))?? {
        (number, "") => Some(number),
        _ => None,
    }
}

/// The decimal number at the start of a text and what follows it. The standard library reads `inf` and `nan` as numbers
/// too, so the digits are cut out first.
fn split_number(text: &str) -> Option<(f64, &str)> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let end = text.len() - unsigned.len() + digits;
    Some((text[..end].parse().ok()?, &text[end..]))
}

/// Units of 1, 1024, … bytes.
const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// Bytes for a person, with at most three figures: `9.1 GiB`, `258 MiB`, `40 GiB`, `512 B`.
pub fn show_bytes(bytes: f64) -> String {
    if !bytes.is_finite() {
        return "unknown".to_owned();
    }
    let mut value = bytes;
    let mut unit = 0;
    // 1023.5 of a unit would be shown as 1024 of it.
    while value.abs() >= 1023.5 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let shown = if value.abs() < 99.95 { format!("{value:.1}") } else { format!("{value:.0}") };
    let shown = shown.strip_suffix(".0").unwrap_or(&shown);
    let shown = if shown == "-0" { "0" } else { shown };
    format!("{shown} {}", UNITS[unit])
}

/// Digits of a quantity from which a person has to count them.
const MANY_DIGITS: usize = 4;

/// Bytes as somebody wrote them, with the size beside them where they are hard to take in: `143424Ki (140.1 MiB)`,
/// but `2200Mi` and `15%`. Two sizes that are compared need more figures than [`show_bytes`] has.
pub fn with_size(written: &str) -> String {
    sized(written).map_or_else(|| written.to_owned(), |size| format!("{written} ({size})"))
}

/// The same inside brackets: `143424Ki, 140.1 MiB`.
pub fn and_size(written: &str) -> String {
    sized(written).map_or_else(|| written.to_owned(), |size| format!("{written}, {size}"))
}

/// The size of a quantity with many digits, of a KiB or more.
fn sized(written: &str) -> Option<String> {
    let digits = written.bytes().take_while(u8::is_ascii_digit).count();
    let is_small = matches!(&written[digits..], "" | "Ki" | "k");
    let bytes = quantity(written).filter(|bytes| *bytes >= 1024.0 && is_small && digits >= MANY_DIGITS)?;
    // A few GiB are told in MiB, as most thresholds are set.
    let unit = ((bytes / 10.0).log2() / 10.0).max(1.0) as usize;
    let unit = unit.min(UNITS.len() - 1);
    Some(format!("{:.1} {}", bytes / 1024f64.powi(unit as i32), UNITS[unit]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_stand_beside_long_quantities() {
        let cases = [
            ("164839840", "164839840 (157.2 MiB)"),
            ("143424Ki", "143424Ki (140.1 MiB)"),
            ("2200Mi", "2200Mi"),
            ("2224476Ki", "2224476Ki (2172.3 MiB)"),
            ("22244760Ki", "22244760Ki (21.2 GiB)"),
            ("1024", "1024 (1.0 KiB)"),
            ("100Mi", "100Mi"),
            ("1.5Gi", "1.5Gi"),
            ("1000", "1000"),
            ("15%", "15%"),
            ("0", "0"),
            ("1e999", "1e999"),
            ("much", "much"),
        ];
        for (written, expected) in cases {
            assert_eq!(with_size(written), expected);
        }
        assert_eq!(and_size("264172Ki"), "264172Ki, 258.0 MiB");
    }

    #[test]
    fn quantities_as_kubernetes_writes_them() {
        let cases: &[(&str, Option<f64>)] = &[
            ("0", Some(0.0)),
            ("100Mi", Some(104_857_600.0)),
            ("264172Ki", Some(270_512_128.0)),
            ("288239013", Some(288_239_013.0)),
            ("1G", Some(1e9)),
            ("1Gi", Some(1_073_741_824.0)),
            ("1.5Gi", Some(1_610_612_736.0)),
            ("2Ti", Some(2.0 * 1024f64.powi(4))),
            ("1Ei", Some(1024f64.powi(6))),
            ("1E", Some(1e18)),
            ("1E3", Some(1000.0)),
            ("1e3", Some(1000.0)),
            ("12e-1", Some(1.2)),
            ("500m", Some(0.5)),
            ("5k", Some(5000.0)),
            ("3n", Some(3e-9)),
            ("7u", Some(7e-6)),
            ("+2Ki", Some(2048.0)),
            ("-1", Some(-1.0)),
            (" 100Mi ", Some(104_857_600.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            // No quantities.
            ("", None),
            (".", None),
            ("Mi", None),
            ("100 Mi", None),
            ("100MiB", None),
            ("1K", None),
            ("10%", None),
            ("1.2.3", None),
            ("0x10", None),
            ("inf", None),
            ("NaN", None),
            ("<nil>", None),
            ("1e", None),
            ("1e99999999999", None),
            ("1e400", None),
            ("--5", None),
            ("١٠", None),
        ];
        for (text, expected) in cases {
            assert_eq!(quantity(text), *expected, "{text:?}");
        }
        assert_eq!(quantity(&"9".repeat(1000)), None);
    }

    #[test]
    fn amounts_of_thresholds() {
        let cases: &[(&str, Option<Amount>)] = &[
            ("15%", Some(Amount::Percent(15.0))),
            ("7.5%", Some(Amount::Percent(7.5))),
            ("0%", Some(Amount::Percent(0.0))),
            ("100Mi", Some(Amount::Quantity(104_857_600.0))),
            ("10", Some(Amount::Quantity(10.0))),
            ("-5%", None),
            ("-100Mi", None),
            ("%", None),
            ("15Mi%", None),
            ("nan%", None),
            ("15 %%", None),
        ];
        for (text, expected) in cases {
            assert_eq!(amount(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn durations_as_go_writes_them() {
        let cases: &[(&str, Option<f64>)] = &[
            ("0", Some(0.0)),
            ("90s", Some(90.0)),
            ("1m30s", Some(90.0)),
            ("1h0m0s", Some(3600.0)),
            ("1.5h", Some(5400.0)),
            ("500ms", Some(0.5)),
            ("", None),
            ("30", None),
            ("s", None),
            ("1m30", None),
            ("1d", None),
            ("1m 30s", None),
        ];
        for (text, expected) in cases {
            assert_eq!(duration(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn bytes_for_a_person() {
        let cases: &[(f64, &str)] = &[
            (0.0, "0 B"),
            (512.0, "512 B"),
            (1024.0, "1 KiB"),
            (1023.9, "1 KiB"),
            (270_512_128.0, "258 MiB"),
            (9.1 * 1024f64.powi(3), "9.1 GiB"),
            (12.34 * 1024f64.powi(3), "12.3 GiB"),
            (40.0 * 1024f64.powi(3), "40 GiB"),
            (1023.7 * 1024f64.powi(2), "1 GiB"),
            (-2048.0, "-2 KiB"),
            (-0.01, "0 B"),
            (1e30, "867361737988 EiB"),
            (f64::NAN, "unknown"),
            (f64::INFINITY, "unknown"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(show_bytes(*bytes), *expected, "{bytes}");
        }
    }
}
