//! Reads a stream into blocks that end where an entry ends, with the place of each in the source.

use std::io::{self, Read};

use super::Cut;

/// A piece of a source that holds only whole entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Bytes of the source before it.
    pub offset: u64,
    /// Bytes of the source that it stands for; more than `bytes` holds where a line was too long to keep.
    pub length: u64,
    /// Lines of the source before it.
    pub line: u64,
    /// Lines in it.
    pub lines: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The block size that reads well: a block and what is found in it stay in the second cache of a core, and smaller ones lose to
/// the calls.
pub const BLOCK_SIZE: usize = 1 << 18;

/// Cuts a stream into blocks.
pub struct Blocks<R> {
    stream: R,
    size: usize,
    longest_line: usize,
    /// First bytes of the stream that need no waiting: they are given out even after a stop.
    at_hand: u64,
    /// Bytes read and not yet given out; always begins at an entry.
    rest: Vec<u8>,
    offset: u64,
    line: u64,
    at_end: bool,
    /// An error of the stream, said after what was read before it.
    failed: Option<io::Error>,
}

impl<R: Read> Blocks<R> {
    /// Blocks of about `size` bytes. `longest_line`: of a longer line so many bytes (and one, as a sign) are kept.
    pub fn new(stream: R, size: usize, longest_line: usize) -> Blocks<R> {
        Blocks {
            stream,
            size: size.max(1),
            longest_line,
            at_hand: 0,
            rest: Vec::new(),
            offset: 0,
            line: 0,
            at_end: false,
            failed: None,
        }
    }

    /// So many first bytes were read before, for recognition: a stop must not lose them.
    pub fn with_at_hand(self, at_hand: usize) -> Blocks<R> {
        Blocks { at_hand: at_hand as u64, ..self }
    }

    /// The next block, or `None` at the end. `stop` is asked before each read and ends the stream early, with what was read.
    ///
    /// # Errors
    /// What the stream says; what was read before is given out first.
    pub fn next(&mut self, cut: &dyn Cut, stop: &dyn Fn() -> bool) -> io::Result<Option<Block>> {
        let mut wanted = self.size;
        loop {
            if !self.at_end && self.rest.len() < wanted {
                let waits = self.offset + self.rest.len() as u64 >= self.at_hand;
                if waits && stop() {
                    self.at_end = true;
                } else {
                    self.fill(wanted);
                    if self.rest.len() < wanted && !self.at_end {
                        continue;
                    }
                }
            }
            if self.at_end {
                if self.rest.is_empty() {
                    return self.failed.take().map_or(Ok(None), Err);
                }
                let length = self.rest.len();
                return Ok(Some(self.take(cut, length)));
            }
            if let Some(length) = cut.cut(&self.rest).filter(|&length| length > 0) {
                return Ok(Some(self.take(cut, length)));
            }
            let line_start = memchr::memrchr(b'\n', &self.rest).map_or(0, |at| at + 1);
            if self.rest.len() - line_start > self.longest_line {
                return Ok(Some(self.long_line(cut, line_start)));
            }
            wanted = self.rest.len() + self.size.max(4096);
        }
    }

    /// Was the last block given out?
    pub fn is_done(&self) -> bool {
        self.at_end && self.rest.is_empty() && self.failed.is_none()
    }

    fn fill(&mut self, wanted: usize) {
        let before = self.rest.len();
        self.rest.resize(wanted, 0);
        let got = self.stream.read(&mut self.rest[before..]);
        self.rest.truncate(before + *got.as_ref().unwrap_or(&0));
        match got {
            // A signal: the caller asks `stop` before the next read.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.fail(error),
            Ok(bytes) => self.at_end = bytes == 0,
        }
    }

    fn fail(&mut self, error: io::Error) {
        self.at_end = true;
        self.failed = Some(error);
    }

    /// Gives out everything up to a line that is too long to keep, with that line's beginning; the rest of it is read past.
    fn long_line(&mut self, cut: &dyn Cut, line_start: usize) -> Block {
        let keep = line_start + self.longest_line + 1;
        let mut length = self.rest.len() as u64;
        let mut kept = std::mem::take(&mut self.rest);
        kept.truncate(keep);
        let mut buffer = vec![0u8; 64 << 10];
        let mut ended = false;
        while !ended {
            let got = match self.stream.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.fail(error);
                    break;
                }
                Ok(got) => got,
            };
            if got == 0 {
                self.at_end = true;
                break;
            }
            let end = memchr::memchr(b'\n', &buffer[..got]);
            let used = end.map_or(got, |at| at + 1);
            length += used as u64;
            self.rest.extend_from_slice(&buffer[used..got]);
            ended = end.is_some();
        }
        kept.push(b'\n');
        self.block(cut, kept, length)
    }

    fn take(&mut self, cut: &dyn Cut, length: usize) -> Block {
        let tail = self.rest[length..].to_vec();
        let mut bytes = std::mem::replace(&mut self.rest, tail);
        bytes.truncate(length);
        self.block(cut, bytes, length as u64)
    }

    fn block(&mut self, cut: &dyn Cut, bytes: Vec<u8>, length: u64) -> Block {
        let lines = cut.lines(&bytes);
        let block = Block { offset: self.offset, length, line: self.line, lines, bytes };
        self.offset += length;
        self.line += lines;
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Lines;

    impl Cut for Lines {
        fn cut(&self, buf: &[u8]) -> Option<usize> {
            memchr::memrchr(b'\n', buf).map(|at| at + 1)
        }
    }

    fn blocks(text: &[u8], size: usize, longest: usize) -> Vec<Block> {
        let mut reader = Blocks::new(text, size, longest);
        let mut all = Vec::new();
        while let Some(block) = reader.next(&Lines, &|| false).expect("a slice can be read") {
            all.push(block);
        }
        all
    }

    #[test]
    fn blocks_follow_each_other_without_a_gap() {
        let text = b"one\ntwo\n\nfour and more\nfive";
        for size in 1..40 {
            let all = blocks(text, size, 1000);
            assert_eq!(all.iter().flat_map(|block| block.bytes.clone()).collect::<Vec<u8>>(), text, "size {size}");
            let (mut offset, mut line) = (0, 0);
            for block in &all {
                assert_eq!((block.offset, block.line), (offset, line), "size {size}");
                offset += block.length;
                line += block.lines;
            }
            assert_eq!(line, 5);
        }
    }

    #[test]
    fn a_stop_loses_nothing_that_is_at_hand() {
        let text = b"one\ntwo\nthree\n";
        for size in [1, 5, 100] {
            let mut reader = Blocks::new(&text[..], size, 1000).with_at_hand(8);
            let mut got = Vec::new();
            while let Some(block) = reader.next(&Lines, &|| true).expect("a slice can be read") {
                got.extend(block.bytes);
            }
            assert!(got.starts_with(b"one\ntwo\n"), "size {size}");
        }
    }

    #[test]
    fn a_line_too_long_is_kept_in_part_and_its_place_is_not_lost() {
        let text = [b"first\n".to_vec(), vec![b'x'; 100_000], b"\nlast\n".to_vec()].concat();
        for size in [3, 64, 70_000] {
            let all = blocks(&text, size, 1000);
            let last = all.last().expect("there are blocks");
            assert!(last.bytes.ends_with(b"last\n"));
            assert_eq!(last.offset + last.length, text.len() as u64);
            assert_eq!(last.line + last.lines, 3);
            let held: usize = all.iter().map(|block| block.bytes.len()).sum();
            assert!(held < 3000 + 70_000, "{held}");
        }
    }
}
