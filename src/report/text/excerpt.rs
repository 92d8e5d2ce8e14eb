//! A long line in a few rows: its beginning, and the stretch that proves something where that stands further on.

use std::ops::Range;

/// Characters before the words that prove something: what they are said of.
const LEAD: usize = 60;

/// The same where two places of a line share the rows.
const SHORT_LEAD: usize = 24;

/// So many rows of a line, in so many columns. `words`: parts of the line that should be among them, the most important first.
pub(super) fn rows(line: &str, words: &[String], columns: usize, most: usize) -> Vec<String> {
    // As people read it: one blank between words.
    let text = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let beginning = Stretch::new(&text, 0, columns, most);
    let place = |word: &String| text.find(word.as_str()).map(|at| at..at + word.len());
    let places: Vec<Range<usize>> = words.iter().filter_map(place).collect();
    if most < 2 || places.iter().all(|place| beginning.shows(place)) {
        return beginning.rows;
    }
    let first_row = Stretch::new(&text, 0, columns, 1);
    let beyond: Vec<&Range<usize>> = places.iter().filter(|place| !first_row.shows(place)).collect();
    let (first, last) = (beyond[0], beyond.iter().max_by_key(|place| place.end).unwrap_or(&beyond[0]));
    let from = |place: &Range<usize>, lead: usize, most: usize| {
        Stretch::new(&text, begin(&text, place.start, lead), columns, most)
    };
    let mut leads = [LEAD, SHORT_LEAD, 1].into_iter().map(|lead| from(first, lead, most - 1));
    let further = match leads.find(|stretch| stretch.shows(first) && stretch.shows(last)) {
        Some(stretch) => vec![stretch],
        None => {
            let apart = from(first, SHORT_LEAD, (most - 1) / 2);
            match most > 2 && last.start >= apart.shown.end {
                true => vec![apart, from(last, SHORT_LEAD, (most - 1) / 2)],
                false => vec![from(first, SHORT_LEAD, most - 1)],
            }
        }
    };
    let further: Vec<String> = further.into_iter().flat_map(|stretch| stretch.rows).collect();
    let mut rows = Stretch::new(&text, 0, columns, most - further.len()).rows;
    rows.extend(further);
    rows
}

/// Where a stretch begins that leads up to a place: with a word, where one begins.
fn begin(text: &str, place: usize, lead: usize) -> usize {
    let from = text[..place].char_indices().rev().nth(lead - 1).map_or(0, |(at, _)| at);
    text[from..place].find(' ').map_or(from, |blank| from + blank + 1)
}

/// Some rows of a text from a place on.
struct Stretch {
    rows: Vec<String>,
    /// Which bytes of the text they show.
    shown: Range<usize>,
}

impl Stretch {
    fn new(text: &str, from: usize, columns: usize, most: usize) -> Stretch {
        let (mut rows, mut at) = (Vec::new(), from);
        while at < text.len() && rows.len() < most {
            let before = if at == from && from > 0 { "… " } else { "" };
            let room = columns.saturating_sub(before.chars().count()).max(4);
            let (mut row, mut next) = row(&text[at..], room);
            let after = if rows.len() + 1 == most && at + next < text.len() { " …" } else { "" };
            if !after.is_empty() {
                (row, next) = self::row(&text[at..], room - 2);
            }
            rows.push(format!("{before}{row}{after}"));
            at += next;
        }
        Stretch { rows, shown: from..at }
    }

    fn shows(&self, place: &Range<usize>) -> bool {
        self.shown.start <= place.start && place.end <= self.shown.end
    }
}

/// The first row of a text, and where the next one begins: behind a blank, where one is near the row's end.
fn row(text: &str, columns: usize) -> (&str, usize) {
    let Some((end, next)) = text.char_indices().nth(columns) else { return (text, text.len()) };
    if next == ' ' {
        return (&text[..end], end + 1);
    }
    let near = text[..end].char_indices().rev().nth(columns / 4).map_or(0, |(at, _)| at);
    match text[near..end].rfind(' ') {
        Some(blank) => (&text[..near + blank], near + blank + 1),
        None => (&text[..end], end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_short_line_is_whole() {
        assert_eq!(rows("one two three", &words(&["three"]), 20, 2), ["one two three"]);
    }

    #[test]
    fn what_is_at_the_beginning_is_shown_there() {
        let line = format!("the disk is full {}", "and so on ".repeat(20));
        let shown = rows(&line, &words(&["disk is full"]), 30, 2);
        assert_eq!(shown, ["the disk is full and so on and", "so on and so on and so on …"]);
    }

    #[test]
    fn what_stands_further_on_is_shown_too() {
        let line = format!("pod {} failed: too many open files {}", "x ".repeat(200), "y ".repeat(100));
        let shown = rows(&line, &words(&["too many open files", "pod"]), 80, 3);
        assert!(shown[0].starts_with("pod x") && shown[0].ends_with(" …"), "{shown:?}");
        assert!(shown[1].starts_with("… x") && shown[1].contains("failed:"), "{shown:?}");
        assert!(shown[1..].join(" ").contains("too many open files") && shown[2].ends_with('…'), "{shown:?}");
        assert!(shown.iter().all(|row| row.chars().count() <= 80), "{shown:?}");
        let at_the_end = format!("pod {} failed: too many open files", "x ".repeat(200));
        let shown = rows(&at_the_end, &words(&["too many open files"]), 80, 3);
        assert!(shown.last().is_some_and(|row| row.ends_with("files")), "{shown:?}");
    }

    #[test]
    fn two_places_share_the_rows() {
        let (x, y) = ("x ".repeat(100), "y ".repeat(100));
        let line = format!("op {x} MountVolume.SetUp failed for {y} : configmap \"settings\" not found");
        let shown = rows(&line, &words(&["MountVolume.SetUp failed", "settings"]), 80, 3);
        assert!(shown[1].contains("MountVolume.SetUp failed for y"), "{shown:?}");
        assert!(shown[2].contains("configmap \"settings\" not found"), "{shown:?}");
    }

    #[test]
    fn long_words_are_broken_between_characters() {
        let path = format!("fork rejected in /{}", "slice/".repeat(60));
        let shown = rows(&path, &words(&["fork rejected", &path[17..]]), 80, 3);
        assert!(shown[0].starts_with("fork rejected") && shown[1] != shown[2], "{shown:?}");
        let line = format!("{} ÄÖÜ zu viele offene Dateien", "ß".repeat(300));
        let shown = rows(&line, &words(&["viele offene"]), 40, 3);
        assert!(shown.join(" ").contains("viele offene"), "{shown:?}");
    }
}
