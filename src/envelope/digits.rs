//! Decimal numbers at fixed places, read eight digits at once: a stamp of each line is read, often two.

/// Value of one decimal digit.
pub(super) fn digit(b: u8) -> Option<u32> {
    let value = b.wrapping_sub(b'0');
    (value < 10).then_some(u32::from(value))
}

/// Value of the two digits at `at`.
pub(super) fn two(b: &[u8], at: usize) -> Option<u32> {
    let pair: &[u8; 2] = b.get(at..)?.first_chunk()?;
    Some(digit(pair[0])? * 10 + digit(pair[1])?)
}

/// Eight bytes of digits and signs as the digits' values, first byte lowest, or `None` where they do not fit `pattern`: `0` stands for any digit,
/// each other byte for itself. Eight are checked at once: this runs several times on every line of a log.
pub(super) fn digits(bytes: [u8; 8], pattern: [u8; 8]) -> Option<u64> {
    let values = u64::from_le_bytes(bytes) ^ u64::from_le_bytes(pattern);
    // A value above nine sets the highest bit of its byte; where a sign should be, any value but zero is wrong.
    let above_nine = values.wrapping_add(0x7676_7676_7676_7676) | values;
    let signs = u64::from_le_bytes(pattern.map(|b| if b == b'0' { 0 } else { 0xff }));
    (above_nine & 0x8080_8080_8080_8080 == 0 && values & signs == 0).then_some(values)
}

/// The value of six digits.
pub(super) fn six(b: &[u8]) -> Option<i64> {
    let [a, b, c, d, e, f] = *b.first_chunk()?;
    Some(i64::from(number_of_eight(digits([b'0', b'0', a, b, c, d, e, f], *b"00000000")?)))
}

/// The number that eight digits' values make, first byte lowest: pairs, then fours, then all.
pub(super) fn number_of_eight(values: u64) -> u32 {
    let pairs = values.wrapping_mul(10).wrapping_add(values >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff) as u32
}

/// A number right aligned behind at least one blank in eight places.
pub(super) fn padded(places: [u8; 8]) -> Option<u32> {
    let text = u64::from_le_bytes(places);
    let blanks = 0x1010_1010_1010_1010;
    // A blank differs from the digit nought by this one bit. No blank may stand behind a digit.
    let figures = text & blanks;
    if places[0] != b' ' || figures == 0 || (figures << 8) & !figures != 0 {
        return None;
    }
    Some(number_of_eight(digits((text | blanks).to_le_bytes(), *b"00000000")?))
}

/// A decimal number of up to 18 digits; none where there is no digit.
pub(super) fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits.iter().try_fold(0, |value, &b| Some(value * 10 + i64::from(digit(b)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_places() {
        let cases = [
            (" 1234567", Some(1_234_567)),
            ("       9", Some(9)),
            ("        ", None),
            ("12345678", None),
            (" 12 3456", None),
            (" 1234x67", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(padded(*text.as_bytes().first_chunk().expect("eight bytes")), wanted, "{text}");
        }
        // Bytes that look like blanks or digits once a bit is set.
        assert_eq!(padded(*b" \x21\x22\x23\x24\x25\x26\x27"), None);
    }

    #[test]
    fn numbers_of_any_length() {
        assert_eq!(number(b"0012"), Some(12));
        assert_eq!(number(b""), None);
        assert_eq!(number(b"1x"), None);
        assert_eq!(number(b"1234567890123456789"), None);
        assert_eq!(six(b"0123456"), Some(12_345));
        assert_eq!(six(b"12345"), None);
    }
}
