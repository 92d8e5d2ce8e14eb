//! The heading of `df`: which columns follow, and in which unit. Apart from the rows because it is written in the reader's
//! language, and may be missing.

use super::row::scale;

/// What a column between the device and the mount point holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Column {
    /// Something in one word that is not looked at: a type, a file.
    Word,
    Size,
    Used,
    Available,
    Percent,
    /// The same four for inodes, where a table shows both.
    Inodes,
    InodesUsed,
    InodesFree,
    InodesPercent,
}

/// What the heading says of the numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unit {
    /// Blocks of so many bytes.
    Blocks(f64),
    /// Bytes, shortened with a letter.
    Human,
    Inodes,
    /// Nothing: the rows must tell.
    Untold,
}

/// A heading, understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heading {
    pub(super) columns: Vec<Column>,
    pub(super) unit: Unit,
}

impl Heading {
    /// What most calls of `df` print, and what rows without a heading are taken for.
    pub(super) fn usual(unit: Unit) -> Heading {
        Heading { columns: vec![Column::Size, Column::Used, Column::Available, Column::Percent], unit }
    }

    /// A heading in English.
    pub(super) fn english(line: &str) -> Option<Heading> {
        let words: Vec<&str> = line.split_whitespace().take(32).collect();
        let ["Filesystem", between @ .., "Mounted", "on"] = words.as_slice() else { return None };
        let mut unit = Unit::Untold;
        let mut columns: Vec<Column> = Vec::new();
        for word in between {
            columns.push(match word.to_ascii_lowercase().as_str() {
                "size" => {
                    unit = Unit::Human;
                    Column::Size
                }
                "used" => Column::Used,
                "available" | "avail" => Column::Available,
                "use%" | "capacity" => Column::Percent,
                "inodes" => Column::Inodes,
                "iused" => Column::InodesUsed,
                "ifree" => Column::InodesFree,
                "iuse%" | "%iused" => Column::InodesPercent,
                other => match other.strip_suffix("-blocks").and_then(|_| block_size(word)) {
                    Some(size) => {
                        unit = Unit::Blocks(size);
                        Column::Size
                    }
                    None => Column::Word,
                },
            });
        }
        if unit == Unit::Untold {
            // Inodes alone stand in the places of sizes, whatever their columns are called (busybox: `Used`, `Available`).
            unit = Unit::Inodes;
            columns.iter_mut().for_each(|column| *column = column.without_inodes());
        }
        columns.contains(&Column::Size).then_some(Heading { columns, unit })
    }

    /// A line that may be a heading in another language: some words, no path, and a block size or a percent sign. Whether it
    /// is one shows only when rows follow.
    pub(super) fn foreign(line: &str) -> Option<Heading> {
        let words = || line.split_whitespace();
        if words().count() < 4 || line.contains('/') {
            return None;
        }
        let lower = line.to_lowercase();
        let unit = if INODES.iter().any(|word| lower.contains(word)) {
            Unit::Inodes
        } else if let Some(size) = words().find_map(block_size) {
            Unit::Blocks(size)
        } else if line.contains('%') {
            Unit::Untold
        } else {
            return None;
        };
        Some(Heading::usual(unit))
    }
}

impl Column {
    fn without_inodes(self) -> Column {
        match self {
            Column::Inodes => Column::Size,
            Column::InodesUsed => Column::Used,
            Column::InodesFree => Column::Available,
            Column::InodesPercent => Column::Percent,
            other => other,
        }
    }
}

/// What inodes are called in the translations of coreutils, in small letters.
const INODES: [&str; 9] = ["inode", "inœud", "nodos-i", "inós", "iwęz", "iнод", "ノード", "i-uzl", "dosya indeks"];

/// The block size that a word of a heading names: `1K-blocks`, `1024-Blöcke`, `1K的块`, `512B-blocks`, `1K`.
fn block_size(word: &str) -> Option<f64> {
    let letters = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
    let number: f64 = word[..letters].parse().ok()?;
    let rest = &word[letters..];
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let size = number * scale(&rest[..end], 1024.0)?;
    (size > 0.0 && size.is_finite()).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_sizes_of_headings() {
        let cases = [
            ("1K-blocks", Some(1024.0)),
            ("1024-blocks", Some(1024.0)),
            ("512B-blocks", Some(512.0)),
            ("1M-blocks", Some(1_048_576.0)),
            ("1MB-blocks", Some(1e6)),
            ("1kB-blocks", Some(1e3)),
            ("1B-blocks", Some(1.0)),
            ("4K-blocks", Some(4096.0)),
            ("1024-Blöcke", Some(1024.0)),
            ("1K的块", Some(1024.0)),
            ("1024的块", Some(1024.0)),
            ("1K", Some(1024.0)),
            ("1024", Some(1024.0)),
            ("0K-blocks", None),
            ("Size", None),
            ("", None),
        ];
        for (word, expected) in cases {
            assert_eq!(block_size(word), expected, "{word}");
        }
        assert_eq!(block_size(&format!("{}-blocks", "9".repeat(400))), None);
    }

    #[test]
    fn headings_in_english() {
        use Column::*;
        type Expected = Option<(Unit, &'static [Column])>;
        let cases: &[(&str, Expected)] = &[
            (
                "Filesystem 1K-blocks Used Available Use% Mounted on",
                Some((Unit::Blocks(1024.0), &[Size, Used, Available, Percent])),
            ),
            ("Filesystem Size Used Avail Use% Mounted on", Some((Unit::Human, &[Size, Used, Available, Percent]))),
            (
                "Filesystem Type Size Used Avail Use% Mounted on",
                Some((Unit::Human, &[Word, Size, Used, Available, Percent])),
            ),
            ("Filesystem Inodes IUsed IFree IUse% Mounted on", Some((Unit::Inodes, &[Size, Used, Available, Percent]))),
            (
                "Filesystem Inodes Used Available Use% Mounted on",
                Some((Unit::Inodes, &[Size, Used, Available, Percent])),
            ),
            (
                "Filesystem Type Inodes IUsed IUse% 1K-blocks Used Avail Use% Mounted on",
                Some((
                    Unit::Blocks(1024.0),
                    &[Word, Inodes, InodesUsed, InodesPercent, Size, Used, Available, Percent],
                )),
            ),
            ("Filesystem Use% Mounted on", None),
            ("Filesystem Size Used", None),
            ("Dateisystem Größe Benutzt Verf. Verw% Eingehängt auf", None),
        ];
        for (line, expected) in cases {
            let heading = Heading::english(line);
            assert_eq!(heading.as_ref().map(|h| (h.unit, h.columns.as_slice())), *expected, "{line}");
        }
    }
}
