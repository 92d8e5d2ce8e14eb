//! Lines of a stream with their numbers, each held only as far as it is looked at.

use std::io::{self, BufRead, BufReader, Read};

use crate::envelope::LONGEST_LINE;

/// Reads a stream line by line.
pub(super) struct LineReader {
    stream: BufReader<Box<dyn Read + Send>>,
    /// The line at hand, without its end.
    pub(super) line: Vec<u8>,
    /// Its number, from 1.
    pub(super) number: u64,
}

impl LineReader {
    pub(super) fn new(stream: Box<dyn Read + Send>) -> LineReader {
        LineReader { stream: BufReader::with_capacity(64 << 10, stream), line: Vec::new(), number: 0 }
    }

    /// Reads the next line; false at the end. Of a line longer than [`LONGEST_LINE`] the rest is read past.
    ///
    /// # Errors
    /// What the stream says.
    pub(super) fn next(&mut self) -> io::Result<bool> {
        self.line.clear();
        let mut any = false;
        loop {
            let bytes = match self.stream.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if bytes.is_empty() {
                break;
            }
            any = true;
            let end = memchr::memchr(b'\n', bytes);
            let taken = end.map_or(bytes.len(), |end| end + 1);
            let room = (LONGEST_LINE + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(&bytes[..end.unwrap_or(taken).min(room)]);
            self.stream.consume(taken);
            if end.is_some() {
                break;
            }
        }
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        self.number += u64::from(any);
        Ok(any)
    }
}
