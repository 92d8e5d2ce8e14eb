//! Compressed streams: recognised by their first bytes, never by a name, and decoded as they are read. Several members, frames or
//! streams behind each other are one. What could be decoded before an error is given out first.

mod codecs;
mod lz4;
mod stepwise;

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

use super::limits::Account;

pub use codecs::{bzip2, deflate, xz, zstd, Codec};
pub use stepwise::Stepwise;

/// Compressed bytes that are read at a time.
pub const CHUNK: usize = 128 << 10;

/// A form of compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1952.
    Gzip,
    /// RFC 8878, with skippable frames.
    Zstd,
    /// The .xz format; not the older .lzma.
    Xz,
    /// bzip2, without the first version's header.
    Bzip2,
    /// LZ4 frames; not the legacy format.
    Lz4,
}

impl Compression {
    /// As reports name it.
    pub fn name(self) -> &'static str {
        match self {
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Xz => "xz",
            Compression::Bzip2 => "bzip2",
            Compression::Lz4 => "lz4",
        }
    }
}

/// What the first bytes of a stream say.
pub fn recognise(head: &[u8]) -> Option<Compression> {
    match head {
        [0x1f, 0x8b, 8, ..] => Some(Compression::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Compression::Zstd),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Compression::Xz),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Some(Compression::Bzip2),
        [0x04, 0x22, 0x4d, 0x18, ..] => Some(Compression::Lz4),
        _ => None,
    }
}

/// The decoded stream. `window_log`: what a decoder may keep for looking back, as a power of two.
///
/// # Errors
/// Where the decoder cannot be set up.
pub fn unpacked(
    compression: Compression,
    stream: Box<dyn Read + Send>,
    window_log: u32,
    account: &Arc<Account>,
) -> io::Result<Box<dyn Read + Send>> {
    let stream = BufReader::with_capacity(CHUNK, stream);
    let codec = match compression {
        Compression::Gzip => codecs::gzip(),
        Compression::Zstd => codecs::zstd(window_log)?,
        Compression::Xz => codecs::xz(window_log)?,
        Compression::Bzip2 => codecs::bzip2(),
        Compression::Lz4 => {
            return Ok(Box::new(Unpacked::new("lz4", lz4::Lz4::new(stream), account.clone())));
        }
    };
    Ok(Box::new(Unpacked::new(compression.name(), Stepwise::new(stream, codec), account.clone())))
}

/// Decodes a stream and knows how much of it was used.
pub trait Decode: Read + Send {
    /// Bytes taken from the compressed stream.
    fn used(&self) -> u64;
}

/// A decoded stream that is accounted for and says where it broke.
pub struct Unpacked<D> {
    name: &'static str,
    decoder: D,
    made: u64,
    account: Arc<Account>,
    /// Comes with the next read.
    pending: Option<io::Error>,
}

impl<D: Decode> Unpacked<D> {
    /// `name`: the form, as reports name it.
    pub fn new(name: &'static str, decoder: D, account: Arc<Account>) -> Unpacked<D> {
        Unpacked { name, decoder, made: 0, account, pending: None }
    }

    /// The decoder.
    pub fn decoder(&mut self) -> &mut D {
        &mut self.decoder
    }

    /// The decoder.
    pub fn into_inner(self) -> D {
        self.decoder
    }

    fn said(&self, error: &io::Error) -> io::Error {
        let what = match error.kind() {
            io::ErrorKind::UnexpectedEof => "cut",
            io::ErrorKind::QuotaExceeded => "stopped",
            _ => "broken",
        };
        io::Error::new(error.kind(), format!("{what} after {} bytes: {}: {error}", self.made, self.name))
    }
}

impl<D: Decode> Read for Unpacked<D> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.pending.take() {
            return Err(error);
        }
        let got = match self.decoder.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => return Err(self.said(&error)),
            Ok(got) => got,
        };
        self.made += got as u64;
        if let Err(error) = self.account.unpack(got as u64, self.made, self.decoder.used()) {
            self.pending = Some(self.said(&error));
        }
        Ok(got)
    }
}

/// Counts what is taken from a stream.
pub(super) struct Counting<B> {
    stream: B,
    taken: u64,
}

impl<B> Counting<B> {
    pub(super) fn new(stream: B) -> Counting<B> {
        Counting { stream, taken: 0 }
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    pub(super) fn inner(&mut self) -> &mut B {
        &mut self.stream
    }

    pub(super) fn into_inner(self) -> B {
        self.stream
    }
}

impl<B: BufRead> Read for Counting<B> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.stream.read(into)?;
        self.taken += got as u64;
        Ok(got)
    }
}

impl<B: BufRead> BufRead for Counting<B> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.stream.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.taken += bytes as u64;
        self.stream.consume(bytes);
    }
}
