//! The decoders of crates behind one small interface: a step takes some input and makes some output, and always tells how much,
//! so that nothing that was decoded before an error is lost.

use std::io;

use bzip2::Decompress as Bunzip;
use flate2::{Decompress, FlushDecompress, Status};
use liblzma::stream::{Action, Error as XzError, Status as XzStatus, Stream as XzStream};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use crate::input::limits::beyond;

/// What a step came to.
pub struct Step {
    /// Bytes of input taken.
    pub used: usize,
    /// Bytes of output made.
    pub made: usize,
    /// Whether a member, frame or stream has ended; what was wrong.
    pub ended: io::Result<bool>,
}

/// Decodes step by step.
pub trait Codec: Send {
    /// Decodes some of `input` into `output`.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step;

    /// Another member, frame or stream follows the one that has ended.
    ///
    /// # Errors
    /// Where a decoder cannot be set up.
    fn renew(&mut self) -> io::Result<()>;
}

/// gzip, with its header and checksum.
pub fn gzip() -> Box<dyn Codec> {
    Box::new(Inflate { state: gzip_state(), gzip: true })
}

/// zstd; `window_log`: the largest window, as a power of two.
///
/// # Errors
/// Where it cannot be set up.
pub fn zstd(window_log: u32) -> io::Result<Box<dyn Codec>> {
    Ok(Box::new(Zstd::new(window_log)?))
}

/// xz; `window_log`: the largest window, as a power of two.
///
/// # Errors
/// Where it cannot be set up.
pub fn xz(window_log: u32) -> io::Result<Box<dyn Codec>> {
    Ok(Box::new(Xz::new(window_log)?))
}

/// bzip2.
pub fn bzip2() -> Box<dyn Codec> {
    Box::new(Bzip2 { state: Bunzip::new(false) })
}

/// Deflate without a header, as in zip.
pub fn deflate() -> Box<dyn Codec> {
    Box::new(Inflate { state: Decompress::new(false), gzip: false })
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

struct Inflate {
    state: Decompress,
    gzip: bool,
}

/// With the largest window that the format has, 32 KiB.
fn gzip_state() -> Decompress {
    Decompress::new_gzip(15)
}

impl Codec for Inflate {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (before_in, before_out) = (self.state.total_in(), self.state.total_out());
        let status = self.state.decompress(input, output, FlushDecompress::None);
        let ended = match status {
            Ok(status) => Ok(status == Status::StreamEnd),
            Err(error) => Err(match error.message() {
                Some("incorrect data check") => invalid("the checksum is wrong"),
                Some("incorrect length check") => invalid("the length is wrong"),
                Some(message) => invalid(message),
                None => invalid("the data are corrupt"),
            }),
        };
        Step {
            used: (self.state.total_in() - before_in) as usize,
            made: (self.state.total_out() - before_out) as usize,
            ended,
        }
    }

    fn renew(&mut self) -> io::Result<()> {
        self.state = if self.gzip { gzip_state() } else { Decompress::new(false) };
        Ok(())
    }
}

struct Zstd {
    state: Decoder<'static>,
    /// Bytes that the decoder wants next: a header, a block, a checksum. Given just that, an error takes nothing with it that
    /// came before.
    wanted: usize,
    window_log: u32,
}

/// Bytes of a frame's beginning that tell its size, and that of a skippable frame.
const ZSTD_BEGINNING: usize = 5;

impl Zstd {
    fn new(window_log: u32) -> io::Result<Zstd> {
        let mut state = Decoder::new()?;
        state.set_parameter(DParameter::WindowLogMax(window_log))?;
        Ok(Zstd { state, wanted: ZSTD_BEGINNING, window_log })
    }
}

impl Codec for Zstd {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let mut from = InBuffer::around(&input[..input.len().min(self.wanted)]);
        let mut into = OutBuffer::around(output);
        let outcome = self.state.run(&mut from, &mut into);
        let (used, made) = (from.pos(), into.pos());
        let ended = match outcome {
            Ok(hint) => {
                self.wanted = if hint == 0 { ZSTD_BEGINNING } else { hint };
                Ok(hint == 0)
            }
            Err(error) => {
                let text = error.to_string();
                Err(if text.contains("too much memory") {
                    beyond(format!("a window of more than {} MiB", (1_u64 << self.window_log) >> 20))
                } else if text.contains("checksum") {
                    invalid("the checksum is wrong")
                } else {
                    invalid(&text)
                })
            }
        };
        Step { used, made, ended }
    }

    fn renew(&mut self) -> io::Result<()> {
        self.state.reinit()?;
        self.wanted = ZSTD_BEGINNING;
        Ok(())
    }
}

struct Xz {
    state: XzStream,
    most: u64,
}

/// What a decoder needs beside its window.
const XZ_OVERHEAD: u64 = 8 << 20;

impl Xz {
    fn new(window_log: u32) -> io::Result<Xz> {
        let most = (1 << window_log) + XZ_OVERHEAD;
        Ok(Xz { state: XzStream::new_stream_decoder(most, 0)?, most })
    }
}

impl Codec for Xz {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (before_in, before_out) = (self.state.total_in(), self.state.total_out());
        let ended = match self.state.process(input, output, Action::Run) {
            Ok(status) => Ok(status == XzStatus::StreamEnd),
            Err(XzError::MemLimit) => Err(beyond(format!("decoding it takes more than {} MiB", self.most >> 20))),
            Err(XzError::Data) => Err(invalid("the data are corrupt or the checksum is wrong")),
            Err(error) => Err(invalid(&error.to_string())),
        };
        Step {
            used: (self.state.total_in() - before_in) as usize,
            made: (self.state.total_out() - before_out) as usize,
            ended,
        }
    }

    fn renew(&mut self) -> io::Result<()> {
        self.state = XzStream::new_stream_decoder(self.most, 0)?;
        Ok(())
    }
}

struct Bzip2 {
    state: Bunzip,
}

impl Codec for Bzip2 {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (before_in, before_out) = (self.state.total_in(), self.state.total_out());
        let ended = match self.state.decompress(input, output) {
            Ok(bzip2::Status::MemNeeded) => Err(beyond("there is not enough memory".into())),
            Ok(status) => Ok(status == bzip2::Status::StreamEnd),
            Err(_) => Err(invalid("the data are corrupt or the checksum is wrong")),
        };
        Step {
            used: (self.state.total_in() - before_in) as usize,
            made: (self.state.total_out() - before_out) as usize,
            ended,
        }
    }

    fn renew(&mut self) -> io::Result<()> {
        self.state = Bunzip::new(false);
        Ok(())
    }
}
