//! Tables as `kubectl`, `crictl` and `docker` print them: a heading, and rows whose cells begin below its words. Apart because
//! every such table is cut the same way, whatever it shows.

use super::LONGEST_TEXT;

/// Most columns of a table; real ones have a dozen.
const MOST_COLUMNS: usize = 32;

/// The columns that a heading names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Columns {
    /// Names in capitals without blanks (`LASTSEEN`), and the characters before each.
    columns: Vec<(String, usize)>,
}

impl Columns {
    /// A heading: words parted by two blanks or more, since names of one column may have a blank (`LAST SEEN`).
    pub(super) fn of(line: &str) -> Option<Columns> {
        let mut columns: Vec<(String, usize)> = Vec::new();
        let mut blanks = 2;
        for (at, c) in line.trim_end().chars().enumerate() {
            if c == ' ' || c == '\t' {
                blanks += if c == '\t' { 2 } else { 1 };
                continue;
            }
            if blanks >= 2 {
                columns.push((String::new(), at));
            }
            blanks = 0;
            if columns.len() > MOST_COLUMNS {
                return None;
            }
            if let Some((name, _)) = columns.last_mut() {
                name.extend(c.to_uppercase());
            }
        }
        (columns.len() > 1).then_some(Columns { columns })
    }

    /// Whether there is a column of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|(known, _)| known == name)
    }

    /// The names, in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The cells of a row, by column: below the heading where they stand so; else parted by two blanks or more, as rows
    /// that a watch adds later have widths of their own.
    pub(super) fn row<'c, 'l>(&'c self, line: &'l str) -> Row<'c, 'l> {
        let aligned = self.aligned(line);
        Row { columns: self, cells: aligned.unwrap_or_else(|| parted(line, self.columns.len())) }
    }

    fn aligned<'l>(&self, line: &'l str) -> Option<Vec<&'l str>> {
        let mut places = line.char_indices().map(|(at, _)| at).enumerate();
        let mut starts = Vec::with_capacity(self.columns.len());
        for (_, wanted) in &self.columns {
            // A row may end before its last columns.
            let byte = places.by_ref().find(|(count, _)| count == wanted).map_or(line.len(), |(_, byte)| byte);
            if byte > 0 && byte < line.len() && !line[..byte].ends_with([' ', '\t']) {
                return None;
            }
            starts.push(byte);
        }
        let ends = starts.iter().skip(1).copied().chain([line.len()]);
        Some(starts.iter().zip(ends).map(|(&start, end)| line.get(start..end).unwrap_or_default().trim()).collect())
    }
}

/// The cells of a line parted by two blanks or more (or tabs); the last holds the rest.
fn parted(line: &str, most: usize) -> Vec<&str> {
    let mut cells = Vec::new();
    let mut rest = line.trim();
    while cells.len() + 1 < most {
        let Some(at) = rest.find("  ").into_iter().chain(rest.find('\t')).min() else { break };
        cells.push(&rest[..at]);
        rest = rest[at..].trim_start();
    }
    cells.push(rest);
    cells
}

/// A row of a table.
pub(super) struct Row<'c, 'l> {
    columns: &'c Columns,
    cells: Vec<&'l str>,
}

impl<'l> Row<'_, 'l> {
    /// The cell below a name; empty where there is none or it says so.
    pub(super) fn cell(&self, name: &str) -> &'l str {
        let at = self.columns.columns.iter().position(|(known, _)| known == name);
        let cell = at.and_then(|at| self.cells.get(at)).copied().unwrap_or_default();
        if matches!(cell, "<none>" | "<unknown>" | "<unset>" | "<invalid>" | "-") {
            ""
        } else {
            cell
        }
    }

    /// The same, to be kept: at most [`LONGEST_TEXT`] bytes.
    pub(super) fn text(&self, name: &str) -> String {
        limited(self.cell(name))
    }
}

/// Lines without the blanks at their ends, and the bytes before each.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |offset, line| {
        let start = *offset;
        *offset += line.len();
        Some((start, line.trim_end()))
    })
}

/// A text to be kept, cut to [`LONGEST_TEXT`] bytes between characters.
pub(super) fn limited(text: &str) -> String {
    limited_to(text, LONGEST_TEXT)
}

/// The same with another limit.
pub(super) fn limited_to(text: &str, most: usize) -> String {
    let end = (0..=most.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text[..end].to_owned()
}

/// An age as `kubectl` prints it, in seconds: `45s`, `3m12s`, `5h3m`, `2d`, `1y20d`.
pub(super) fn age(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut seconds: u64 = 0;
    if rest.is_empty() || rest.len() > 32 {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..end].parse().ok()?;
        let unit = match rest.as_bytes()[end] {
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            b'd' => 86_400,
            b'y' => 365 * 86_400,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        rest = rest.get(end + 1..)?;
    }
    Some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_below_their_headings() {
        let columns = Columns::of("LAST SEEN   TYPE      REASON   OBJECT        MESSAGE").expect("a heading");
        assert_eq!(columns.names().collect::<Vec<_>>(), ["LASTSEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]);
        let cases = [
            (
                "5m3s        Warning   BackOff  pod/web-1     Back-off  restarting",
                ["5m3s", "Warning", "BackOff", "pod/web-1", "Back-off  restarting"],
            ),
            // An empty cell, and a row that ends early.
            ("5m3s                  BackOff  pod/web-1", ["5m3s", "", "BackOff", "pod/web-1", ""]),
            // Wider than the heading: cut by blanks.
            (
                "5m3s   Warning   FailedScheduling   pod/web-1-with-a-long-name   0/3 nodes",
                ["5m3s", "Warning", "FailedScheduling", "pod/web-1-with-a-long-name", "0/3 nodes"],
            ),
            ("<unknown>   Normal    Pulled   pod/web-1     üü", ["", "Normal", "Pulled", "pod/web-1", "üü"]),
            ("", ["", "", "", "", ""]),
        ];
        for (line, expected) in cases {
            let row = columns.row(line);
            let cells: Vec<&str> = columns.names().map(|name| row.cell(name)).collect();
            assert_eq!(cells, expected, "{line}");
        }
        assert_eq!(Columns::of("one word"), None);
        assert_eq!(Columns::of(&"A  ".repeat(1000)), None);
        assert_eq!(Columns::of(""), None);
    }

    #[test]
    fn ages() {
        let cases = [
            ("45s", Some(45)),
            ("3m12s", Some(192)),
            ("5h3m", Some(18_180)),
            ("2d", Some(172_800)),
            ("1y20d", Some(33_264_000)),
            ("0s", Some(0)),
            ("<unknown>", None),
            ("5", None),
            ("5x", None),
            ("-5s", None),
            ("99999999999999999999d", None),
            ("9999999999999999999d", None),
            ("5ü", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(age(text), expected, "{text}");
        }
    }
}
