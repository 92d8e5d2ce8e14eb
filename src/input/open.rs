//! Opens what a plan names: its first bytes for recognition, then the whole as a stream. UTF-16 text is decoded on the way.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read};
use std::path::Path;

use encoding_rs::Encoding;
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

/// First bytes that recognition looks at.
pub const HEAD: usize = 64 << 10;

/// A stream that knows its first bytes.
pub struct Opened {
    /// Up to [`HEAD`] bytes, decoded.
    pub head: Vec<u8>,
    stream: Box<dyn Read + Send>,
}

impl Opened {
    /// A stream whose first bytes are known.
    pub fn new(head: Vec<u8>, stream: Box<dyn Read + Send>) -> Opened {
        Opened { head, stream }
    }

    /// The whole stream, from its first byte.
    pub fn stream(self) -> Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>> {
        Cursor::new(self.head).chain(self.stream)
    }
}

/// Opens a file.
///
/// # Errors
/// What the file system says.
pub fn file(path: &Path) -> io::Result<Opened> {
    opened(Box::new(File::open(path)?), &|| false)
}

/// Standard input, never slurped. A read waits at most a moment before `stop` is asked, so that Ctrl-C ends it with what is
/// known so far.
///
/// # Errors
/// What the stream says.
pub fn standard_input(stop: std::sync::Arc<dyn Fn() -> bool + Send + Sync>) -> io::Result<Opened> {
    let asked = stop.clone();
    opened(Box::new(Patient { stop }), &move || asked())
}

fn opened(mut stream: Box<dyn Read + Send>, stop: &dyn Fn() -> bool) -> io::Result<Opened> {
    let mut head = first_bytes(&mut stream, stop)?;
    if let Some((encoding, _)) = Encoding::for_bom(&head).filter(|(encoding, _)| *encoding != encoding_rs::UTF_8) {
        let whole = Cursor::new(head).chain(stream);
        let decoded: DecodeReaderBytes<_, Vec<u8>> =
            DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_override(true).build(whole);
        stream = Box::new(decoded);
        head = first_bytes(&mut stream, stop)?;
    }
    Ok(Opened { head, stream })
}

fn first_bytes(stream: &mut dyn Read, stop: &dyn Fn() -> bool) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD];
    let mut filled = 0;
    while filled < HEAD && !stop() {
        match stream.read(&mut head[filled..]) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    head.truncate(filled);
    Ok(head)
}

/// Standard input that looks up from time to time.
struct Patient {
    stop: std::sync::Arc<dyn Fn() -> bool + Send + Sync>,
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
