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

impl<B: BufRead> Lz4<B> {
    /// Reads past zeros between frames, as the other forms may have them.
    fn pass_padding(&mut self) -> io::Result<()> {
        let stream = &mut self.frames.get_mut().stream;
        loop {
            let padding = stream.fill_buf()?.iter().take_while(|&&byte| byte == 0).count();
            if padding == 0 {
                return Ok(());
            }
            stream.consume(padding);
        }
    }
}

impl<B: BufRead> Read for Lz4<B> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while !self.done && !into.is_empty() {
            if !self.within {
                self.pass_padding()?;
            }
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
