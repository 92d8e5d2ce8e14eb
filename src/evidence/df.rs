//! `df`, in whatever units, language and columns it was called with, and its rows alone. A heading in English names the columns;
//! any other is only asked for its unit, since the shape of the rows is the same in all languages.

mod heading;
mod row;

pub(super) use row::Cell;

use heading::{Column, Heading, Unit};
use row::Row;

use super::found::Found;
use super::{Evidence, What, LONGEST_TEXT, MOST_FACTS};

/// So much of a file is looked at before it is read as a whole: most files are logs.
const SNIFFED: usize = 16 * 1024;

/// Longest line that is read: the longest path and as much again for the rest.
const LONGEST_LINE: usize = 8 * LONGEST_TEXT;

/// Unit of rows without a heading whose numbers have no letters: what `df` prints unless told otherwise.
const USUAL_BLOCK: f64 = 1024.0;

/// Reads the output of `df`; `None` for all else.
pub(super) fn read(name: &str, bytes: &[u8]) -> Option<Evidence> {
    if bytes.len() > SNIFFED {
        Reader::of(name, &bytes[..SNIFFED]).is_df().then_some(())?;
    }
    let reader = Reader::of(name, bytes);
    reader.is_df().then(|| reader.found.evidence("df", bytes, 0))
}

/// Goes through the lines.
struct Reader<'n> {
    name: &'n str,
    /// The table at hand: its heading, if any, and its rows.
    heading: Option<Heading>,
    rows: Vec<Row>,
    /// A line of one word: a device too long for its column, whose numbers stand on the next line.
    device: Option<(usize, String)>,
    /// Lines that are rows or headings, and all others that are not empty.
    good: usize,
    other: usize,
    found: Found,
}

impl<'n> Reader<'n> {
    fn of(name: &'n str, bytes: &[u8]) -> Self {
        let (heading, rows, device, found) = (None, Vec::new(), None, Found::default());
        let mut reader = Reader { name, heading, rows, device, good: 0, other: 0, found };
        let mut offset = 0;
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            if line.len() <= LONGEST_LINE {
                reader.line(String::from_utf8_lossy(line).trim_end(), offset);
            } else {
                reader.other += 1;
            }
            offset += line.len();
        }
        reader.end_table();
        reader
    }

    /// Whether what was read is `df`'s: has rows, and they outweigh what else there is (a prompt, a complaint).
    fn is_df(&self) -> bool {
        self.good > 0 && self.good >= self.other && !self.found.is_empty()
    }

    fn line(&mut self, line: &str, offset: usize) {
        if line.is_empty() {
            return;
        }
        let device = self.device.take();
        if let Some(row) = self.row(line, offset, device.as_ref()) {
            self.good += 1;
            if self.rows.len() < MOST_FACTS {
                self.rows.push(row);
            } else {
                self.found.leave_out();
            }
            return;
        }
        if device.is_some() {
            self.other += 1;
        }
        if let Some(heading) = Heading::english(line) {
            self.end_table();
            self.heading = Some(heading);
            self.good += 1;
        } else if let Some(heading) = Heading::foreign(line) {
            self.end_table();
            self.heading = Some(heading);
            self.other += 1;
        } else if !line.starts_with(' ') && !line.contains(' ') {
            self.device = Some((offset, line.to_owned()));
        } else {
            self.other += 1;
        }
    }

    fn row(&self, line: &str, offset: usize, device: Option<&(usize, String)>) -> Option<Row> {
        let usual = Heading::usual(Unit::Untold);
        let columns = &self.heading.as_ref().unwrap_or(&usual).columns;
        let joined = device.and_then(|(start, device)| Row::parse(line, *start, columns, Some(device)));
        joined.or_else(|| Row::parse(line, offset, columns, None))
    }

    /// Turns the rows of the table at hand into facts, now that all of them are known.
    fn end_table(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let heading = self.heading.take();
        let scale = Scale::of(heading.as_ref(), &rows, self.name);
        let columns = heading.unwrap_or_else(|| Heading::usual(Unit::Untold)).columns;
        for row in rows {
            for table in [SIZES, INODES] {
                if let Some(what) = fact(&row, &columns, table, &scale) {
                    self.found.say(row.offset, what);
                }
            }
        }
        self.found.end_object();
    }
}

/// The four columns of sizes, and those of inodes where a table has both.
const SIZES: [Column; 4] = [Column::Size, Column::Used, Column::Available, Column::Percent];
const INODES: [Column; 4] = [Column::Inodes, Column::InodesUsed, Column::InodesFree, Column::InodesPercent];

/// What the numbers of a table count.
struct Scale {
    inodes: bool,
    /// Of numbers without letters, in bytes.
    unit: f64,
    /// Base of the letters' powers.
    base: f64,
}

impl Scale {
    fn of(heading: Option<&Heading>, rows: &[Row], name: &str) -> Scale {
        let any = |test: fn(&row::Cell) -> bool| rows.iter().flat_map(|row| row.cells.iter().flatten()).any(test);
        let named = |words: &[&str]| name.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word));
        let (inodes, unit) = match heading.map(|heading| heading.unit) {
            Some(Unit::Blocks(size)) => (false, size),
            Some(Unit::Human) => (false, 1.0),
            Some(Unit::Inodes) => (true, 1.0),
            // A heading that names no block size is that of sizes with letters, or of inodes.
            Some(Unit::Untold) => (any(row::Cell::is_long) && !any(row::Cell::is_short), 1.0),
            None if named(&["i", "inodes"]) => (true, 1.0),
            None => (false, if any(row::Cell::is_short) { 1.0 } else { USUAL_BLOCK }),
        };
        let si = any(row::Cell::is_si) || named(&["si", "H"]);
        Scale { inodes, unit, base: if si { 1000.0 } else { 1024.0 } }
    }
}

/// The fact of a row in four of its columns; `None` where they are not there or hold no numbers.
fn fact(row: &Row, columns: &[Column], table: [Column; 4], scale: &Scale) -> Option<What> {
    let cells = table
        .map(|column| columns.iter().position(|&c| c == column).and_then(|at| row.cells.get(at).copied().flatten()));
    let inodes = scale.inodes || table == INODES;
    let unit = if inodes { 1.0 } else { scale.unit };
    let [size, used, available, _] = cells.map(|cell| cell.map(|cell| cell.value(unit, scale.base)));
    let (size, used) = (size?, used?);
    // `--output` may leave the free inodes out; unlike blocks, none of them are reserved.
    let available = available.or_else(|| inodes.then_some((size - used).max(0.0)))?;
    let percent = cells[3].map(|cell| cell.number());
    Some(What::Filesystem {
        mount: row.mount.clone(),
        device: row.device.clone(),
        size,
        used,
        available,
        percent,
        inodes,
    })
}
