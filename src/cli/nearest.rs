//! Which of the known names somebody may have meant. Apart because every verb that takes an id wants the same hint.

/// Names offered at most.
const MOST: usize = 4;

/// Letters of what was typed that are looked at: ids are shorter.
const LONGEST: usize = 64;

/// Distance of a name that holds what was typed; below are names that differ by typing errors alone.
const PART: usize = 100;

/// Distance of a name that has a word of what was typed.
const WORD: usize = 1000;

/// The names nearest to what was typed, best first; none where nothing is near.
pub fn nearest<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let typed = kebab(typed);
    let mut rated: Vec<(usize, &str)> =
        names.into_iter().filter_map(|name| Some((distance(&typed, name)?, name))).collect();
    rated.sort_unstable();
    if rated.first().is_some_and(|(best, _)| *best < PART) {
        rated.retain(|(distance, _)| *distance < PART);
    }
    rated.into_iter().map(|(_, name)| name).take(MOST).collect()
}

/// A hint that offers these names; empty where there is none.
pub fn did_you_mean(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => format!("did you mean {only}?"),
        [before @ .., last] => format!("did you mean {} or {last}?", before.join(", ")),
    }
}

/// `DiskPressure`, `disk_pressure` and `disk pressure` as `disk-pressure`.
fn kebab(typed: &str) -> String {
    let mut out = String::new();
    let mut before = '-';
    for letter in typed.chars().take(LONGEST) {
        if letter.is_uppercase() && before.is_lowercase() {
            out.push('-');
        }
        let plain = if letter.is_alphanumeric() { letter } else { '-' };
        out.extend(plain.to_lowercase());
        before = letter;
    }
    out
}

/// How far a name is from what was typed: by typing errors first, then by a part, then by common words. `None`: too far.
fn distance(typed: &str, name: &str) -> Option<usize> {
    let errors = typing_errors(typed, name);
    if errors <= 1 + name.len() / 8 {
        return Some(errors);
    }
    if typed.len() >= 3 && name.contains(typed) {
        return Some(PART + name.len() - typed.len());
    }
    let words = || name.split('-');
    let common = typed.split('-').filter(|word| word.len() >= 3 && words().any(|other| is_like(word, other))).count();
    (common > 0).then(|| WORD - 100 * common.min(8) + words().count())
}

/// Is a word the same, or the beginning of the other?
fn is_like(word: &str, other: &str) -> bool {
    other.starts_with(word)
        || (other.len() >= 4 && word.starts_with(other))
        || (word.len() >= 5 && typing_errors(word, other) == 1)
}

/// Letters to insert, leave out or change (Levenshtein's distance).
fn typing_errors(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, letter) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (other, &wanted) in b.iter().enumerate() {
            let change = diagonal + usize::from(letter != wanted);
            diagonal = row[other + 1];
            row[other + 1] = change.min(row[other] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_parts_and_words_are_near() {
        let names =
            ["memory-pressure", "imagefs-pressure", "disk-full", "disk-slow", "pleg-unhealthy", "api-unreachable"];
        let cases: &[(&str, &[&str])] = &[
            ("imagefs-presure", &["imagefs-pressure"]),
            ("pleg", &["pleg-unhealthy"]),
            ("MemoryPressure", &["memory-pressure"]),
            ("DiskPressure", &["disk-full", "disk-slow", "imagefs-pressure", "memory-pressure"]),
            ("disk is full", &["disk-full", "disk-slow"]),
            ("unreachable api", &["api-unreachable"]),
            ("xyz", &[]),
            ("", &[]),
        ];
        for (typed, expected) in cases {
            assert_eq!(nearest(typed, names), *expected, "{typed}");
        }
    }

    #[test]
    fn the_hint_is_a_question() {
        assert_eq!(did_you_mean(&[]), "");
        assert_eq!(did_you_mean(&["a"]), "did you mean a?");
        assert_eq!(did_you_mean(&["a", "b", "c"]), "did you mean a, b or c?");
    }
}
