//! Words for months. `journalctl -o short` follows the locale of whoever ran it, nothing else does; `months.txt` holds the words of
//! 40 groups of locales.

use std::collections::HashMap;
use std::sync::OnceLock;

/// The table, see its head.
const TABLE: &str = include_str!("months.txt");

/// Month of an English abbreviation, 1 to 12.
pub(super) fn english(word: [u8; 3]) -> Option<u8> {
    // The last two letters tell the months apart; one comparison then makes sure.
    let (month, whole) = match [word[1], word[2]] {
        [b'a', b'n'] => (1, b"Jan"),
        [b'e', b'b'] => (2, b"Feb"),
        [b'a', b'r'] => (3, b"Mar"),
        [b'p', b'r'] => (4, b"Apr"),
        [b'a', b'y'] => (5, b"May"),
        [b'u', b'n'] => (6, b"Jun"),
        [b'u', b'l'] => (7, b"Jul"),
        [b'u', b'g'] => (8, b"Aug"),
        [b'e', b'p'] => (9, b"Sep"),
        [b'c', b't'] => (10, b"Oct"),
        [b'o', b'v'] => (11, b"Nov"),
        [b'e', b'c'] => (12, b"Dec"),
        _ => return None,
    };
    (word == *whole).then_some(month)
}

/// Month of a word of any locale known, 1 to 12. Blanks around it, dots and case do not matter.
pub(super) fn local(word: &[u8]) -> Option<u8> {
    static WORDS: OnceLock<HashMap<String, u8>> = OnceLock::new();
    let word = fold(std::str::from_utf8(word).ok()?);
    WORDS.get_or_init(words).get(&word).copied()
}

/// The form under which words are compared.
fn fold(word: &str) -> String {
    word.trim_matches([' ', '.']).to_lowercase()
}

fn words() -> HashMap<String, u8> {
    let mut words = HashMap::new();
    let months = TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
    for (_, months) in months {
        for (month, word) in (1..).zip(months.split('|')) {
            words.entry(fold(word)).or_insert(month);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_many_locales() {
        let cases = [
            ("Dez", 12),
            ("déc.", 12),
            ("janv.", 1),
            (" 1月", 1),
            ("Thg 1", 1),
            ("de gen.", 1),
            ("дек", 12),
            ("lis", 11),
        ];
        for (word, month) in cases {
            assert_eq!(local(word.as_bytes()), Some(month), "{word}");
        }
        assert_eq!(local(b"node-a"), None);
        assert_eq!(local(b"\xff"), None);
    }

    #[test]
    fn every_line_of_the_table_has_twelve_words() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            assert_eq!(line.split('|').count(), 12, "{line}");
        }
    }
}
