//! One row of `df`: device, numbers, mount point. Device and mount point may hold blanks, so the numbers are what a row is
//! known by.

use super::heading::Column;

/// A row, its numbers as printed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) offset: usize,
    pub(super) device: String,
    pub(super) mount: String,
    /// One for each column; `None` for `-` and for words.
    pub(super) cells: Vec<Option<Cell>>,
}

/// A number and the letters behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::evidence) struct Cell {
    number: f64,
    letters: Letters,
}

/// What follows a number.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Letters {
    /// Nothing.
    None,
    /// `K`, `M`, … alone: powers of 1024, or of 1000 with `--si`. True for a small `k`, which only the latter writes.
    Bare(i32, bool),
    /// `KiB`, `MB`, …: so many bytes.
    Exact(f64),
}

impl Cell {
    /// A number with or without letters, with a point or (in some languages) a comma.
    pub(in crate::evidence) fn parse(word: &str) -> Option<Cell> {
        let end = word.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(word.len());
        let (number, letters) = word.split_at(end);
        if !number.starts_with(|c: char| c.is_ascii_digit()) || number.len() > 32 {
            return None;
        }
        let number = number.replace(',', ".").parse().ok()?;
        let letters = match letters.as_bytes() {
            [] => Letters::None,
            [letter] if *letter != b'B' => Letters::Bare(power(*letter)?, *letter == b'k'),
            _ => Letters::Exact(scale(letters, 1024.0)?),
        };
        Some(Cell { number, letters })
    }

    /// Whether it was shortened, as `-h` does.
    pub(super) fn is_short(&self) -> bool {
        self.letters != Letters::None
    }

    /// Whether it is written as only `--si` writes.
    pub(super) fn is_si(&self) -> bool {
        matches!(self.letters, Letters::Bare(_, true))
    }

    /// Whether it is a number that `-h` would have shortened.
    pub(super) fn is_long(&self) -> bool {
        self.letters == Letters::None && self.number >= 1024.0
    }

    /// The number as it is printed.
    pub(in crate::evidence) fn number(&self) -> f64 {
        self.number
    }

    /// What it stands for, where numbers without letters count `unit` and letters powers of `base`.
    pub(in crate::evidence) fn value(&self, unit: f64, base: f64) -> f64 {
        self.number
            * match self.letters {
                Letters::None => unit,
                Letters::Bare(power, _) => base.powi(power),
                Letters::Exact(scale) => scale,
            }
    }
}

/// What letters multiply by: `K`, `KiB`, `kB`, `B`, nothing. A letter alone is a power of `bare`.
pub(super) fn scale(letters: &str, bare: f64) -> Option<f64> {
    if letters.is_empty() || letters == "B" {
        return Some(1.0);
    }
    let (&first, rest) = letters.as_bytes().split_first()?;
    let base = match rest {
        b"" => bare,
        b"i" | b"iB" => 1024.0,
        b"B" => 1000.0,
        _ => return None,
    };
    Some(base.powi(power(first)?))
}

/// Which power a letter stands for.
fn power(letter: u8) -> Option<i32> {
    let place = b"KMGTPEZY".iter().position(|&known| known == if letter == b'k' { b'K' } else { letter })?;
    i32::try_from(place + 1).ok()
}

/// Types of filesystems as `-T` prints them: what stands between device and numbers where the heading could not be read.
const TYPES: [&str; 24] = [
    "9p",
    "aufs",
    "btrfs",
    "ceph",
    "cifs",
    "devtmpfs",
    "efivarfs",
    "ext2",
    "ext3",
    "ext4",
    "f2fs",
    "fuseblk",
    "iso9660",
    "nfs",
    "nfs4",
    "overlay",
    "overlayfs",
    "ramfs",
    "shm",
    "squashfs",
    "tmpfs",
    "vfat",
    "xfs",
    "zfs",
];

impl Row {
    /// Reads a line as a row with these columns. `before` is a device that stood alone on the line before.
    pub(super) fn parse(line: &str, offset: usize, columns: &[Column], before: Option<&str>) -> Option<Row> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let devices = if before.is_some() { 0..2 } else { 1..words.len() };
        devices.into_iter().find_map(|device| {
            let between = words.get(device..device + columns.len())?;
            let first_of_mount = words.get(device + columns.len())?;
            if !first_of_mount.starts_with('/') || !between.iter().zip(columns).all(|(word, column)| column.takes(word))
            {
                return None;
            }
            let ahead = words[..device].split_last();
            let device = match (before, ahead) {
                (Some(before), None) => before.to_owned(),
                (Some(before), Some((kind, []))) if is_type(kind) => before.to_owned(),
                (Some(_), Some(_)) => return None,
                (None, Some((kind, rest))) if !rest.is_empty() && is_type(kind) => rest.join(" "),
                (None, _) => words[..device].join(" "),
            };
            let mount = &line[first_of_mount.as_ptr() as usize - line.as_ptr() as usize..];
            let cells = between.iter().zip(columns).map(|(word, column)| column.cell(word)).collect();
            Some(Row { offset, device, mount: mount.trim_end().to_owned(), cells })
        })
    }
}

fn is_type(word: &str) -> bool {
    word.starts_with("fuse.") || TYPES.binary_search(&word).is_ok()
}

impl Column {
    /// Whether a word can stand in this column.
    fn takes(self, word: &str) -> bool {
        word == "-" || self == Column::Word || self.cell(word).is_some()
    }

    fn cell(self, word: &str) -> Option<Cell> {
        match self {
            Column::Word => None,
            Column::Percent | Column::InodesPercent => {
                Cell::parse(word.strip_suffix('%')?).filter(|cell| !cell.is_short())
            }
            _ => Cell::parse(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::heading::{Heading, Unit};
    use super::*;

    #[test]
    fn numbers_with_and_without_letters() {
        let cases: &[(&str, Option<f64>)] = &[
            ("0", Some(0.0)),
            ("41943040", Some(41_943_040.0 * 512.0)),
            ("40G", Some(42_949_672_960.0)),
            ("9.8G", Some(9.8 * 1_073_741_824.0)),
            ("9,8G", Some(9.8 * 1_073_741_824.0)),
            ("287M", Some(300_941_312.0)),
            ("1.5KiB", Some(1536.0)),
            ("2Gi", Some(2_147_483_648.0)),
            ("301MB", Some(301e6)),
            ("12k", Some(12_288.0)),
            ("100B", Some(100.0)),
            ("", None),
            ("-", None),
            ("-5", None),
            ("NaN", None),
            ("inf", None),
            ("G", None),
            ("1.2.3", None),
            ("5X", None),
            ("5Kx", None),
            (",5", None),
        ];
        for (word, expected) in cases {
            assert_eq!(Cell::parse(word).map(|cell| cell.value(512.0, 1024.0)), *expected, "{word:?}");
        }
        assert_eq!(Cell::parse("12k").map(|cell| cell.value(1.0, 1000.0)), Some(12_000.0));
        assert_eq!(Cell::parse(&"9".repeat(400)), None);
    }

    #[test]
    fn types_are_sorted() {
        assert!(TYPES.is_sorted());
    }

    #[test]
    fn rows_by_their_numbers() {
        type Expected = Option<(&'static str, &'static str)>;
        let cases: &[(&str, Option<&str>, Expected)] = &[
            ("/dev/sda1 100 20 80 20% /", None, Some(("/dev/sda1", "/"))),
            ("shm  64M  0  64M  0% /mnt/with  blank", None, Some(("shm", "/mnt/with  blank"))),
            ("//server/a share 100 20 80 20% /mnt", None, Some(("//server/a share", "/mnt"))),
            ("tmpfs tmpfs 64M 0 64M 0% /run", None, Some(("tmpfs", "/run"))),
            ("gluster:v fuse.glusterfs 64M 0 64M 0% /g", None, Some(("gluster:v", "/g"))),
            ("proc 0 0 0 - /proc", None, Some(("proc", "/proc"))),
            ("none - - - - /sys", None, Some(("none", "/sys"))),
            ("   100 20 80 20% /", Some("/dev/mapper/long"), Some(("/dev/mapper/long", "/"))),
            ("  ext4 100 20 80 20% /", Some("/dev/mapper/long"), Some(("/dev/mapper/long", "/"))),
            ("  word 100 20 80 20% /", Some("/dev/mapper/long"), None),
            ("100 20 80 20% /", None, None),
            ("/dev/sda1 100 20 80 20%", None, None),
            ("/dev/sda1 100 20 80 20 /", None, None),
            ("/dev/sda1 100 20 80 20K% /", None, None),
            ("a b c d e /", None, None),
            ("", None, None),
        ];
        let columns = Heading::usual(Unit::Untold).columns;
        for (line, before, expected) in cases {
            let row = Row::parse(line, 0, &columns, *before);
            assert_eq!(row.as_ref().map(|row| (row.device.as_str(), row.mount.as_str())), *expected, "{line}");
        }
    }
}
