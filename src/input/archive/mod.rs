//! Archives, read from the front (tar, zip in a stream) or by their list (zip in a file): each gives its members one after the
//! other. Names from an archive are shown and never opened, and nothing is written.

pub mod passing;
pub mod tar;
pub mod zip;

use std::io::{self, BufRead, Read};
use std::sync::{Arc, Mutex, PoisonError};

use super::limits::LONGEST_NAME;

/// What an archive has next.
pub enum Member {
    /// A file.
    File {
        /// Its path in the archive.
        name: String,
        /// Bytes, where the archive tells beforehand.
        size: Option<u64>,
        /// Its bytes.
        stream: Box<dyn Read + Send>,
    },
    /// No file, or one that cannot be read.
    Skipped {
        /// Its path in the archive.
        name: String,
        /// Why, for the reader of the report.
        why: String,
    },
    /// The archive, or a member of it, cannot be read.
    Broken {
        /// The member's path in the archive; `None` for the archive itself.
        name: Option<String>,
        /// What was wrong.
        error: io::Error,
    },
}

/// An open archive.
pub trait Archive: Send {
    /// The next member; the one before must have been dropped.
    fn next(&mut self) -> Option<Member>;

    /// Bytes of it that are held in memory.
    fn held(&self) -> u64 {
        0
    }
}

/// A member's name as it is shown.
pub fn shown(name: &[u8]) -> String {
    let mut rest = name;
    while let Some(inner) = rest.strip_prefix(b"./") {
        rest = inner;
    }
    let mut text = String::from_utf8_lossy(rest).into_owned();
    if text.len() > LONGEST_NAME {
        let mut end = LONGEST_NAME;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Why a link is skipped.
fn link(target: &[u8]) -> String {
    format!("a link to {}", shown(target))
}

/// Where a thing that was lent comes back.
pub(super) struct Slot<T>(Arc<Mutex<Option<T>>>);

/// A stream on loan: what is in it goes back to its [`Slot`] when this is dropped.
pub(super) struct Lent<T> {
    thing: Option<T>,
    slot: Arc<Mutex<Option<T>>>,
}

/// Lends a thing.
pub(super) fn lend<T>(thing: T) -> (Lent<T>, Slot<T>) {
    let slot = Arc::new(Mutex::new(None));
    (Lent { thing: Some(thing), slot: slot.clone() }, Slot(slot))
}

impl<T> Slot<T> {
    /// A slot in which the thing already is.
    pub(super) fn full(thing: T) -> Slot<T> {
        Slot(Arc::new(Mutex::new(Some(thing))))
    }

    /// The thing, if it has come back.
    pub(super) fn take(&mut self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Drop for Lent<T> {
    fn drop(&mut self) {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = self.thing.take();
    }
}

impl<T: Read> Read for Lent<T> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.thing.as_mut().map_or(Ok(0), |thing| thing.read(into))
    }
}

/// Reads as much as there is, up to the length of `into`.
pub(super) fn read_full(stream: &mut dyn Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match stream.read(&mut into[filled..]) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reads past `bytes` of a stream; how many there were.
pub(super) fn read_past(stream: &mut dyn BufRead, bytes: u64) -> io::Result<u64> {
    let mut past = 0;
    while past < bytes {
        let there = match stream.fill_buf() {
            Ok(there) => there.len(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if there == 0 {
            break;
        }
        let step = there.min(usize::try_from(bytes - past).unwrap_or(usize::MAX));
        stream.consume(step);
        past += step as u64;
    }
    Ok(past)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_whole_but_not_without_end() {
        for (name, text) in
            [("./a/b.log", "a/b.log"), ("././a", "a"), ("/etc/passwd", "/etc/passwd"), ("../../x", "../../x"), ("", "")]
        {
            assert_eq!(shown(name.as_bytes()), text);
        }
        assert_eq!(shown(b"a\xffb"), "a\u{fffd}b");
        let long = shown("ä".repeat(LONGEST_NAME).as_bytes());
        assert!(long.len() <= LONGEST_NAME + 3 && long.ends_with('…'));
    }

    #[test]
    fn what_is_lent_comes_back() {
        let (mut lent, mut slot) = lend(&b"abc"[..]);
        let mut two = [0; 2];
        lent.read_exact(&mut two).expect("there are three");
        assert!(slot.take().is_none());
        drop(lent);
        assert_eq!(slot.take(), Some(&b"c"[..]));
    }
}
