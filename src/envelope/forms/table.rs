//! Tables that log stores export: CSV whose heading names the parts of an entry.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::names::{self, Part};
use super::record::Record;
use super::stream::Framing;
use crate::envelope::LONGEST_LINE;

/// Columns looked at at most.
const MOST_COLUMNS: usize = 1024;

/// What parts the columns. Kibana lets its users choose.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Reads the rows of a table.
pub(super) struct Table {
    stream: BufReader<Box<dyn Read + Send>>,
    reader: Reader,
    /// What each column holds; `None` before the heading is read.
    columns: Option<Vec<Option<(Part, usize)>>>,
    row: Vec<u8>,
    ends: Vec<usize>,
    at_end: bool,
}

impl Table {
    pub(super) fn new(stream: Box<dyn Read + Send>, delimiter: u8) -> Table {
        Table {
            stream: BufReader::with_capacity(64 << 10, stream),
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            columns: None,
            row: vec![0; LONGEST_LINE],
            ends: vec![0; MOST_COLUMNS],
            at_end: false,
        }
    }

    /// Reads the next row into `row` and `ends`: how many cells it has, and its line. What is too long is cut.
    fn next(&mut self) -> io::Result<Option<(usize, u64)>> {
        let (mut written, mut cells) = (0, 0);
        let line = self.reader.line();
        loop {
            let input = match self.stream.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            // A row that has no room any more is read past.
            let mut past = [0; 256];
            let mut past_ends = [0; 16];
            let full = written == self.row.len();
            let out = if full { &mut past[..] } else { &mut self.row[written..] };
            let ends = if cells == self.ends.len() { &mut past_ends[..] } else { &mut self.ends[cells..] };
            let beyond = cells == MOST_COLUMNS;
            let (result, read, wrote, ended) = self.reader.read_record(input, out, ends);
            self.stream.consume(read);
            written += if full { 0 } else { wrote };
            cells += if beyond { 0 } else { ended };
            match result {
                ReadRecordResult::Record => {
                    for end in &mut self.ends[..cells] {
                        *end = (*end).min(written);
                    }
                    // Empty lines before a row count to it.
                    return Ok(Some((cells, line)));
                }
                ReadRecordResult::End => return Ok(None),
                _ => {}
            }
        }
    }

    fn cell(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        self.row.get(start..self.ends[at]).unwrap_or(&[])
    }

    fn heading(&self, cells: usize) -> Vec<Option<(Part, usize)>> {
        (0..cells).map(|at| column(self.cell(at))).collect()
    }
}

impl Framing for Table {
    fn more(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        let Some((cells, line)) = self.next()? else {
            self.at_end = true;
            return Ok(false);
        };
        let Some(columns) = &self.columns else {
            if !self.cell(0).starts_with(TYPE) {
                self.columns = Some(self.heading(cells));
            }
            return Ok(true);
        };
        let mut record = Record::default();
        for (at, known) in columns.iter().enumerate().take(cells) {
            if let Some((part, place)) = known {
                record.put(*part, *place, Cow::Borrowed(self.cell(at)));
            }
        }
        if record.message.is_some() {
            record.write(line, out);
        }
        Ok(true)
    }
}

/// What a column of that name holds. Exports add the zone to the name of a time.
fn column(name: &[u8]) -> Option<(Part, usize)> {
    let name = std::str::from_utf8(name).ok()?.trim_start_matches('\u{feff}').trim();
    let name = name.strip_suffix(" [UTC]").unwrap_or(name);
    names::part(name)
}

/// What parts the columns of a table whose heading names at least a time and a message; `None` where there is no such heading.
pub(super) fn begins(head: &[u8]) -> Option<u8> {
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.by_ref().find(|line| !unmarked(line).starts_with(TYPE))?;
    // The end of the heading must be at hand.
    lines.next()?;
    if first.len() > LONGEST_HEADING {
        return None;
    }
    DELIMITERS.into_iter().find(|delimiter| {
        let names = first.split(|byte| byte == delimiter);
        let parts: Vec<Part> =
            names.filter_map(|name| column(unquoted(name.trim_ascii()))).map(|(part, _)| part).collect();
        parts.contains(&Part::Time) && parts.contains(&Part::Message)
    })
}

/// What PowerShell's `Export-Csv` writes before the heading.
const TYPE: &[u8] = b"#TYPE ";

/// Without the mark of UTF-8 at the beginning of a file.
fn unmarked(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
}

fn unquoted(name: &[u8]) -> &[u8] {
    let name = unmarked(name);
    name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(name)
}

/// Bytes of the longest heading.
const LONGEST_HEADING: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::stream::FrameStream;
    use super::*;
    use crate::envelope::{entries, Guess, Layout};

    #[test]
    fn what_powershell_exports() {
        let text = "\u{feff}#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n\"Message\",\"TimeCreated\",\"MachineName\"\r\n\
                    \"I1125 03:52:20.190719     226 a.go:1] \"\"x\"\"\",\"11/25/2026 3:52:20 AM\",\"worker-1\"\r\n";
        assert_eq!(begins(text.as_bytes()), Some(b','));
        let mut frames = Vec::new();
        let table = Table::new(Box::new(Cursor::new(text.to_string())), b',');
        FrameStream::new(Box::new(table)).read_to_end(&mut frames).expect("memory can be read");
        let all: Vec<_> = entries(Layout::Frames, &frames).collect();
        assert_eq!(all.len(), 1);
        let entry = all[0].peel(&frames, &mut Guess::default());
        assert_eq!((entry.host, &entry.message[entry.header.len..]), (&b"worker-1"[..], &b"\"x\""[..]));
        assert_eq!(begins(b"#TYPE x\n\"Message\",\"Message\"\n1,2\n"), None);
        assert_eq!(begins(b"#TYPE x\n\"Message\",\"TimeCreated\""), None, "the heading may go on");
    }
}
