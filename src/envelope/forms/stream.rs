//! A stream of frames out of a reader that makes them piece by piece, so that frames flow where bytes flow.

use std::io::{self, Read};

/// Makes the frames of a source.
pub(super) trait Framing: Send {
    /// Appends the next frames to `out`, none or a few; false at the end of the source.
    ///
    /// # Errors
    /// What the source says. What was appended before counts.
    fn more(&mut self, out: &mut Vec<u8>) -> io::Result<bool>;
}

/// The bytes of the frames of a source.
pub(super) struct FrameStream {
    framing: Box<dyn Framing>,
    /// Frames made and not yet given out, from `at` on.
    made: Vec<u8>,
    at: usize,
    at_end: bool,
    /// What went wrong, told after everything before it was given out.
    failed: Option<io::Error>,
}

impl FrameStream {
    pub(super) fn new(framing: Box<dyn Framing>) -> FrameStream {
        FrameStream { framing, made: Vec::new(), at: 0, at_end: false, failed: None }
    }
}

/// Bytes of frames made at least before they are given out: a call for each frame would cost more than the frame.
const AT_ONCE: usize = 16 << 10;

impl Read for FrameStream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.made.len() {
            self.made.clear();
            self.at = 0;
            while self.made.len() < AT_ONCE && !self.at_end && self.failed.is_none() {
                match self.framing.more(&mut self.made) {
                    Ok(goes_on) => self.at_end = !goes_on,
                    Err(error) => self.failed = Some(error),
                }
            }
        }
        let given = into.len().min(self.made.len() - self.at);
        if given == 0 && !into.is_empty() {
            if let Some(error) = self.failed.take() {
                // What could not be read is not asked for again, unless a signal only interrupted it.
                self.at_end |= error.kind() != io::ErrorKind::Interrupted;
                return Err(error);
            }
        }
        into[..given].copy_from_slice(&self.made[self.at..self.at + given]);
        self.at += given;
        Ok(given)
    }
}
