//! Leaves out sections of a text that a tool made of several (`==> name <==`): their bytes become blanks, so that lines and
//! offsets stay what they are.

use std::collections::BTreeSet;
use std::io::{self, Read};

/// A line longer than this is no heading.
const LONGEST_HEADING: usize = 256;

/// Names of sections that are told apart at most.
const MOST_NAMES: usize = 1000;

/// A stream without some of its sections.
pub struct Sections<R> {
    inner: R,
    left_out: Vec<String>,
    /// Names of the sections so far.
    seen: BTreeSet<Vec<u8>>,
    /// The section at hand is left out.
    hidden: bool,
    /// The beginning of a line that may be a heading.
    held: Vec<u8>,
    /// Ready to be given out.
    ready: Vec<u8>,
    given: usize,
    /// The line at hand is no heading: it need not be held.
    in_line: bool,
}

impl<R: Read> Sections<R> {
    /// `left_out`: names of sections.
    pub fn new(inner: R, left_out: Vec<String>) -> Sections<R> {
        Sections {
            inner,
            left_out,
            seen: BTreeSet::new(),
            hidden: false,
            held: Vec::new(),
            ready: Vec::new(),
            given: 0,
            in_line: false,
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let ended = piece.ends_with(b"\n");
            if self.in_line {
                self.put(piece.to_vec());
                self.in_line = !ended;
                continue;
            }
            self.held.extend_from_slice(piece);
            if ended || self.held.len() > LONGEST_HEADING {
                self.line();
                self.in_line = !ended;
            }
        }
    }

    /// What is held is a line, or the beginning of one that is no heading.
    fn line(&mut self) {
        let held = std::mem::take(&mut self.held);
        if let Some(name) = heading(&held) {
            if self.seen.len() < MOST_NAMES {
                self.seen.insert(name.to_vec());
            }
            self.hidden = self.left_out.iter().any(|left| left.as_bytes() == name);
        }
        self.put(held);
    }

    fn put(&mut self, mut bytes: Vec<u8>) {
        if self.hidden {
            bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        }
        self.ready.append(&mut bytes);
    }
}

/// The names of all sections of a text.
///
/// # Errors
/// What the stream says.
pub fn names(stream: impl Read) -> io::Result<BTreeSet<Vec<u8>>> {
    let mut sections = Sections::new(stream, Vec::new());
    io::copy(&mut sections, &mut io::sink())?;
    Ok(sections.seen)
}

/// The name in a heading.
fn heading(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"* ").unwrap_or(line);
    line.strip_prefix(b"==> ")?.strip_suffix(b" <==")
}

impl<R: Read> Read for Sections<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
            let mut bytes = vec![0; 64 << 10];
            let got = self.inner.read(&mut bytes)?;
            if got == 0 {
                self.line();
                if self.ready.is_empty() {
                    return Ok(0);
                }
                break;
            }
            self.take(&bytes[..got]);
        }
        let got = buffer.len().min(self.ready.len() - self.given);
        buffer[..got].copy_from_slice(&self.ready[self.given..self.given + got]);
        self.given += got;
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Slow<'t>(&'t [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let got = self.0.len().min(self.1).min(buffer.len());
            buffer[..got].copy_from_slice(&self.0[..got]);
            self.0 = &self.0[got..];
            Ok(got)
        }
    }

    #[test]
    fn sections_left_out_are_blank_and_keep_their_place() {
        let text =
            format!("before\n\n==> Audit <==\n| x |\n{}\n* ==> kubelet <==\nkept ==> Audit <==\nend", "y".repeat(600));
        let expected = format!(
            "before\n\n{}\n{}\n{}\n* ==> kubelet <==\nkept ==> Audit <==\nend",
            " ".repeat(13),
            " ".repeat(5),
            " ".repeat(600)
        );
        for step in [1, 7, 100, 100_000] {
            let mut got = String::new();
            Sections::new(Slow(text.as_bytes(), step), vec!["Audit".to_string()])
                .read_to_string(&mut got)
                .expect("text");
            assert_eq!(got, expected, "{step} bytes at a time");
        }
    }
}
