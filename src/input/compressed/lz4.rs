//! LZ4 frames: their crate has a reader, which takes the end of the stream inside a frame for the end of the frame. Here it is
//! told apart.

use std::io::{self, BufRead, Read};

use lz4_flex::frame::FrameDecoder;

use super::{Counting, Decode};

/// A stream of LZ4 frames.
pub struct Lz4<B: BufRead> {
    frames: FrameDecoder<Watched<B>>,
    within: bool,
    done: bool,
}

impl<B: BufRead> Lz4<B> {
    pub fn new(stream: B) -> Lz4<B> {
        let watched = Watched { stream: Counting::new(stream), at_end: false };
        Lz4 { frames: FrameDecoder::new(watched), within: false, done: false }
    }
}

impl<B: BufRead> Read for Lz4<B> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while !self.done && !into.is_empty() {
            let before = self.frames.get_ref().stream.taken();
            let got =
                self.frames.read(into).inspect_err(|error| self.done = error.kind() != io::ErrorKind::Interrupted)?;
            self.within |= self.frames.get_ref().stream.taken() > before;
            if got > 0 {
                return Ok(got);
            }
            if self.frames.get_ref().at_end {
                self.done = true;
                if self.within {
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ends too early"));
                }
            }
            self.within = false;
        }
        Ok(0)
    }
}

impl<B: BufRead + Send> Decode for Lz4<B> {
    fn used(&self) -> u64 {
        self.frames.get_ref().stream.taken()
    }
}

/// Notices that a read met the end.
struct Watched<B> {
    stream: Counting<B>,
    at_end: bool,
}

impl<B: BufRead> Read for Watched<B> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.stream.read(into)?;
        self.at_end |= got == 0 && !into.is_empty();
        Ok(got)
    }
}
