//! Counts in words for people: `1 line`, `3,811 lines`. In one place, so that no message says `1 lines`.

/// A number with separators: `3,811`.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// So many of what `one` names in the singular, an English noun whose plural is regular: `0 lines`, `1 entry`, `2 entries`.
pub fn count(value: u64, one: &str) -> String {
    let many = match one.strip_suffix('y') {
        _ if value == 1 => one.to_string(),
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{one}s"),
    };
    format!("{} {many}", number(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        let cases = [
            (0, "line", "0 lines"),
            (1, "line", "1 line"),
            (1, "entry", "1 entry"),
            (1_234_567, "entry", "1,234,567 entries"),
            (2, "day", "2 days"),
            (1000, "kubelet restart", "1,000 kubelet restarts"),
        ];
        for (value, one, expected) in cases {
            assert_eq!(count(value, one), expected);
        }
    }
}
