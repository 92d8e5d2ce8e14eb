//! Opens what a plan names: its first bytes for recognition, then the whole as a stream. UTF-16 text is decoded on the way.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read};
use std::path::Path;

use encoding_rs::Encoding;
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use rawzip::FileReader;

/// First bytes that recognition looks at.
pub const HEAD: usize = 64 << 10;

/// A stream that knows its first bytes.
pub struct Opened {
    /// Up to [`HEAD`] bytes.
    pub head: Vec<u8>,
    stream: Box<dyn Read + Send>,
}

impl Opened {
    /// A stream whose first bytes are known.
    pub fn new(head: Vec<u8>, stream: Box<dyn Read + Send>) -> Opened {
        Opened { head, stream }
    }

    /// Reads the first bytes of a stream: up to `most`, or up to what it has when `stop` says so.
    ///
    /// # Errors
    /// What the stream says, where it has nothing else to say; an error behind some bytes comes when they are read.
    pub fn begin(mut stream: Box<dyn Read + Send>, most: usize, stop: &dyn Fn() -> bool) -> io::Result<Opened> {
        let mut head = vec![0; most.min(HEAD)];
        let mut filled = 0;
        while filled < head.len() && !stop() {
            match stream.read(&mut head[filled..]) {
                Ok(0) => break,
                Ok(got) => filled += got,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if filled == 0 => return Err(error),
                Err(error) => {
                    stream = Box::new(Failing(Some(error)));
                    break;
                }
            }
        }
        head.truncate(filled);
        Ok(Opened { head, stream })
    }

    /// A stream that gives an error behind its first bytes.
    pub fn failing(head: Vec<u8>, error: io::Error) -> Opened {
        Opened { head, stream: Box::new(Failing(Some(error))) }
    }

    /// Decodes UTF-16, with its mark at the start or without.
    ///
    /// # Errors
    /// What the stream says.
    pub fn as_text(self, stop: &dyn Fn() -> bool) -> io::Result<Opened> {
        let marked = Encoding::for_bom(&self.head).map(|(encoding, _)| encoding);
        let encoding = marked.or_else(|| wide(&self.head)).filter(|encoding| *encoding != encoding_rs::UTF_8);
        let Some(encoding) = encoding else { return Ok(self) };
        let decoded: DecodeReaderBytes<_, Vec<u8>> =
            DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_override(true).build(self.stream());
        Opened::begin(Box::new(decoded), HEAD, stop)
    }

    /// The whole stream, from its first byte.
    pub fn stream(self) -> Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>> {
        Cursor::new(self.head).chain(self.stream)
    }
}

/// An error that a stream gave behind its first bytes.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Opens a file.
///
/// # Errors
/// What the file system says.
pub fn file(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    Ok(Box::new(File::open(path)?))
}

/// Opens a file to read it at any place, and tells its length.
///
/// # Errors
/// What the file system says.
pub fn at_any_place(path: &Path) -> io::Result<(FileReader, u64)> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    Ok((file.into(), length))
}

/// Standard input, never slurped. A read waits at most a moment before `stop` is asked, so that Ctrl-C ends it with what is
/// known so far.
pub fn standard_input(stop: Stop) -> Box<dyn Read + Send> {
    Box::new(Patient { stop })
}

/// Bytes that tell whether text is UTF-16.
const NEAR: usize = 1024;

/// UTF-16 without its mark: of nearly each two bytes one and the same is NUL, as no other text has it.
fn wide(head: &[u8]) -> Option<&'static Encoding> {
    let near = &head[..head.len().min(NEAR) / 2 * 2];
    let pairs = near.len() / 2;
    let nuls = |at: usize| near.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (nuls(0), nuls(1));
    if pairs < 16 {
        None
    } else if first == 0 && second * 10 >= pairs * 9 {
        Some(encoding_rs::UTF_16LE)
    } else if second == 0 && first * 10 >= pairs * 9 {
        Some(encoding_rs::UTF_16BE)
    } else {
        None
    }
}

/// Whether to stop: Ctrl-C.
pub type Stop = std::sync::Arc<dyn Fn() -> bool + Send + Sync>;

/// Standard input that looks up from time to time.
struct Patient {
    stop: Stop,
}

/// Milliseconds between two looks.
const LOOK_UP: i64 = 100;

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if (self.stop)() {
                return Ok(0);
            }
            if ready()? {
                return read_input(buffer);
            }
        }
    }
}

/// Past the buffer that `std` puts in front of standard input: what is in there, `ready` could not see.
#[cfg(unix)]
fn read_input(buffer: &mut [u8]) -> io::Result<usize> {
    Ok(rustix::io::read(rustix::stdio::stdin(), buffer)?)
}

#[cfg(not(unix))]
fn read_input(buffer: &mut [u8]) -> io::Result<usize> {
    io::stdin().lock().read(buffer)
}

#[cfg(unix)]
fn ready() -> io::Result<bool> {
    use rustix::event::{poll, PollFd, PollFlags, Timespec};
    let mut waiting = [PollFd::from_borrowed_fd(rustix::stdio::stdin(), PollFlags::IN)];
    let timeout = Timespec { tv_sec: 0, tv_nsec: LOOK_UP * 1_000_000 };
    match poll(&mut waiting, Some(&timeout)) {
        Ok(count) => Ok(count > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn ready() -> io::Result<bool> {
    Ok(true)
}
