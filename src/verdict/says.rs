//! Fills a condition's sentence with what is known: `{capture}` is replaced, a clause in `[...]` falls away when one of its
//! captures is not known.

/// The sentence, filled in.
pub fn fill(sentence: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = sentence;
    while let Some(open) = rest.find('[') {
        let (before, from) = rest.split_at(open);
        out.push_str(&plain(before, value).unwrap_or_default());
        let Some(close) = from.find(']') else {
            rest = from;
            break;
        };
        if let Some(clause) = plain(&from[1..close], value) {
            out.push_str(&clause);
        }
        rest = &from[close + 1..];
    }
    out.push_str(&plain(rest, value).unwrap_or_default());
    out
}

/// A text without clauses; `None` where a capture in it is not known.
fn plain(text: &str, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let close = open + rest[open..].find('}')?;
        out.push_str(&rest[..open]);
        out.push_str(&value(&rest[open + 1..close])?);
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    Some(out)
}

/// The captures that a sentence names.
pub fn captures(sentence: &str) -> Vec<String> {
    let parts = sentence.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_fall_away_when_a_value_is_unknown() {
        let known = |name: &str| (name == "threshold").then(|| "15%".to_string());
        let cases = [
            ("It ran low[: {available} left][, the threshold is {threshold}].", "It ran low, the threshold is 15%."),
            ("No clause.", "No clause."),
            ("[All of {available}.]", ""),
            ("An open [clause", "An open [clause"),
        ];
        for (sentence, expected) in cases {
            assert_eq!(fill(sentence, &known), expected);
        }
    }
}
