//! zip from the front, member by member as they pass, where the archive is a stream and too large to be held: on standard input,
//! or inside another archive. Its list at the end comes too late, so the headers in front of the members count.

use std::io::{self, BufReader, Read};
use std::sync::Arc;

use rawzip::CompressionMethod;

use super::zip::check;
use super::{lend, read_full, read_past, shown, Archive, Member, Slot};
use crate::input::compressed::{self, Stepwise, Unpacked, CHUNK};
use crate::input::limits::Account;

type Stream = BufReader<Box<dyn Read + Send>>;

/// A zip archive that passes by.
pub struct Passing {
    slot: Slot<Inside>,
    over: bool,
    account: Arc<Account>,
}

impl Passing {
    /// An archive that begins where the stream stands.
    pub fn new(stream: Box<dyn Read + Send>, account: Arc<Account>) -> Passing {
        let inside = Inside::behind(BufReader::with_capacity(CHUNK, stream));
        Passing { slot: Slot::full(inside), over: false, account }
    }

    fn stop(&mut self, error: io::Error) -> Option<Member> {
        self.over = true;
        Some(Member::Broken { name: None, error })
    }
}

impl Archive for Passing {
    fn next(&mut self) -> Option<Member> {
        while !self.over {
            let Some(inside) = self.slot.take().filter(|inside| !inside.failed) else {
                self.over = true;
                return None;
            };
            let mut stream = match inside.pass() {
                Ok(stream) => stream,
                Err(error) => return self.stop(error),
            };
            let header = match Local::read(&mut stream) {
                Ok(Some(header)) => header,
                Ok(None) => {
                    self.over = true;
                    return None;
                }
                Err(error) => return self.stop(error),
            };
            let name = shown(&header.name);
            let directory = header.name.ends_with(b"/");
            let Some(why) = header.unreadable().filter(|_| !directory) else {
                let size = (!header.follows()).then_some(header.size);
                let (lent, slot) = lend(Inside::member(stream, &header, &self.account));
                self.slot = slot;
                if directory {
                    continue;
                }
                return Some(Member::File { name, size, stream: Box::new(lent) });
            };
            if header.follows() {
                let what = format!("stopped at {name}, of which the length is not known: {why}");
                return self.stop(io::Error::new(io::ErrorKind::InvalidData, what));
            }
            if let Err(error) = read_past(&mut stream, header.packed) {
                return self.stop(error);
            }
            self.slot = Slot::full(Inside::behind(stream));
            return Some(Member::Skipped { name, why });
        }
        None
    }
}

/// The header in front of a member.
struct Local {
    flags: u16,
    method: CompressionMethod,
    crc: u32,
    packed: u64,
    size: u64,
    name: Vec<u8>,
    /// Lengths of 64 bits follow the member, if any do.
    wide: Wide,
}

/// Bytes of the fixed part of a header, behind its signature.
const FIXED: usize = 26;

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|two| two.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|eight| eight.try_into().ok()).map_or(0, u64::from_le_bytes)
}

impl Local {
    /// The next header; `None` where the list begins, or the end is.
    fn read(stream: &mut Stream) -> io::Result<Option<Local>> {
        let mut signature = [0; 4];
        let got = read_full(stream, &mut signature)?;
        match &signature[..got] {
            b"PK\x03\x04" => {}
            b"PK\x01\x02" | b"PK\x05\x06" | b"PK\x06\x06" => {
                // To the end, so that a compression around it meets its checksum.
                read_past(stream, u64::MAX)?;
                return Ok(None);
            }
            b"" => return Err(cut("its end is missing")),
            _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "there is no member where one should begin")),
        }
        let mut fixed = [0; FIXED];
        if read_full(stream, &mut fixed)? < FIXED {
            return Err(cut("it ends within the header of a member"));
        }
        let mut name = vec![0; usize::from(u16_at(&fixed, 22))];
        let mut extra = vec![0; usize::from(u16_at(&fixed, 24))];
        if read_full(stream, &mut name)? < name.len() || read_full(stream, &mut extra)? < extra.len() {
            return Err(cut("it ends within the header of a member"));
        }
        let (packed, size) = (u32_at(&fixed, 14), u32_at(&fixed, 18));
        let mut header = Local {
            flags: u16_at(&fixed, 2),
            method: CompressionMethod::new(u16_at(&fixed, 4)),
            crc: u32_at(&fixed, 10),
            packed: packed.into(),
            size: size.into(),
            name,
            wide: false,
        };
        if let Some(large) = zip64(&extra) {
            header.wide = true;
            if packed != u32::MAX && size != u32::MAX {
                return Ok(Some(header));
            }
            header.size = u64_at(large, 0);
            header.packed = u64_at(large, 8);
        }
        Ok(Some(header))
    }

    /// Lengths and checksum follow the member.
    fn follows(&self) -> bool {
        self.flags & 8 != 0
    }

    /// Why the member cannot be read.
    fn unreadable(&self) -> Option<String> {
        match self.method {
            _ if self.flags & 1 != 0 => Some("encrypted".into()),
            CompressionMethod::DEFLATE => None,
            // Where it ends must be told in front of it.
            CompressionMethod::STORE if !self.follows() => None,
            method => Some(format!("zip method {} in an archive that is too large to be held", method.as_u16())),
        }
    }
}

/// The field of a header that holds lengths of 64 bits.
fn zip64(mut extra: &[u8]) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let (id, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let content = extra.get(4..4 + length)?;
        if id == 1 {
            return Some(content);
        }
        extra = &extra[4 + length..];
    }
    None
}

fn cut(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, format!("cut: {what}"))
}

/// The archive's stream, in or behind a member.
struct Inside {
    body: Body,
    /// Lengths and checksum follow; with lengths of 64 bits.
    follows: Option<Wide>,
    told: (u32, u64),
    crc: flate2::Crc,
    size: u64,
    checked: bool,
    /// The member's reader met an error and was told.
    failed: bool,
}

type Wide = bool;

enum Body {
    Deflated(Unpacked<Stepwise<Stream>>),
    Stored { stream: Stream, left: u64 },
}

impl Inside {
    /// Behind a member.
    fn behind(stream: Stream) -> Inside {
        let body = Body::Stored { stream, left: 0 };
        Inside { body, follows: None, told: (0, 0), crc: flate2::Crc::new(), size: 0, checked: true, failed: false }
    }

    fn member(stream: Stream, header: &Local, account: &Arc<Account>) -> Inside {
        let body = match header.method {
            CompressionMethod::DEFLATE => {
                Body::Deflated(Unpacked::new("zip", Stepwise::single(stream, compressed::deflate()), account.clone()))
            }
            _ => Body::Stored { stream, left: header.packed },
        };
        let told = (header.crc, header.size);
        let follows = header.follows().then_some(header.wide);
        Inside { body, follows, told, crc: flate2::Crc::new(), size: 0, checked: false, failed: false }
    }

    /// Reads past the rest of the member.
    fn pass(mut self) -> io::Result<Stream> {
        let mut buffer = vec![0; if self.checked { 1 } else { CHUNK }];
        while !self.checked {
            match self.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => drop(other?),
            }
        }
        Ok(match self.body {
            Body::Deflated(unpacked) => unpacked.into_inner().into_inner(),
            Body::Stored { stream, .. } => stream,
        })
    }

    fn some(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = match &mut self.body {
            Body::Deflated(unpacked) => unpacked.read(into)?,
            Body::Stored { stream, left } => {
                let most = into.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                let got = stream.read(&mut into[..most])?;
                *left -= got as u64;
                got
            }
        };
        self.crc.update(&into[..got]);
        self.size += got as u64;
        if got == 0 && !into.is_empty() && !self.checked {
            self.checked = true;
            if let Some(wide) = self.follows {
                self.told = self.descriptor(wide)?;
            }
            check(self.told, (self.crc.sum(), self.size))?;
        }
        Ok(got)
    }

    /// Checksum and length behind a member, with or without a signature in front.
    fn descriptor(&mut self, wide: Wide) -> io::Result<(u32, u64)> {
        let stream = match &mut self.body {
            Body::Deflated(unpacked) => unpacked.decoder().stream(),
            Body::Stored { stream, .. } => stream,
        };
        let mut bytes = [0; 24];
        let start = if four(stream, &mut bytes)? == *b"PK\x07\x08" { 4 } else { 0 };
        let lengths = start + 4;
        // What of the checksum and the two lengths is not there yet.
        read_exact(stream, &mut bytes[4..lengths + 8])?;
        let crc = u32_at(&bytes, start);
        if !wide && u64::from(u32_at(&bytes, lengths + 4)) == self.size & u64::from(u32::MAX) {
            return Ok((crc, self.size));
        }
        if !wide && self.size <= u64::from(u32::MAX) {
            return Ok((crc, u32_at(&bytes, lengths + 4).into()));
        }
        read_exact(stream, &mut bytes[lengths + 8..lengths + 16])?;
        Ok((crc, u64_at(&bytes, lengths + 8)))
    }
}

fn four(stream: &mut Stream, into: &mut [u8]) -> io::Result<[u8; 4]> {
    let mut signature = [0; 4];
    read_exact(stream, &mut signature)?;
    into[..4].copy_from_slice(&signature);
    Ok(signature)
}

fn read_exact(stream: &mut Stream, into: &mut [u8]) -> io::Result<()> {
    if read_full(stream, into)? < into.len() {
        return Err(cut("the checksum behind a member is missing"));
    }
    Ok(())
}

impl Read for Inside {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.some(into);
        self.failed |= got.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        got
    }
}
