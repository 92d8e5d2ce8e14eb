//! zip by its list (the central directory), where the whole archive is at hand: in a file, or in memory. What the list says holds;
//! bytes between members, and what is in front of the archive, do not matter.

use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::sync::Arc;

use rawzip::{CompressionMethod, RangeReader, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder, ZipLocator};

use super::{link, shown, Archive, Member};
use crate::input::compressed::{self, Decode, Stepwise, Unpacked, CHUNK};
use crate::input::limits::{Account, LONGEST_LIST, LONGEST_NAME};

/// A whole archive.
pub type Store = Arc<dyn ReaderAt + Send + Sync>;

/// Do the first bytes of a stream begin with a zip archive?
pub fn begins(head: &[u8]) -> bool {
    // A member, or the end of an archive without any.
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// A zip archive with its list.
pub struct Zip {
    archive: ZipArchive<Store>,
    list: std::vec::IntoIter<Listed>,
    /// What was wrong with the list, said after what could be read of it.
    broken: Option<io::Error>,
    window_log: u32,
    account: Arc<Account>,
    held: u64,
}

struct Listed {
    name: Box<[u8]>,
    way: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    crc: u32,
    kind: Kind,
}

#[derive(PartialEq)]
enum Kind {
    File,
    Link,
    Encrypted,
}

impl Zip {
    /// Reads the list. `length`: of the whole archive; `held`: what of it is in memory.
    ///
    /// # Errors
    /// Where there is no list.
    pub fn open(store: Store, length: u64, held: u64, window_log: u32, account: Arc<Account>) -> io::Result<Zip> {
        let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
        let archive = ZipLocator::new().locate_in_reader(store, &mut buffer, length).map_err(|_| {
            io::Error::new(io::ErrorKind::UnexpectedEof, "cut: the list at the end of the zip archive is missing")
        })?;
        let (list, broken) = list(&archive, &mut buffer);
        Ok(Zip { archive, list: list.into_iter(), broken, window_log, account, held })
    }

    fn file(&self, listed: &Listed) -> io::Result<Box<dyn Read + Send>> {
        let entry = self.archive.get_entry(listed.way).map_err(invalid)?;
        let (start, end) = entry.compressed_data_range();
        let section = Section::new(self.archive.get_ref().clone(), start..end);
        let Some(stream) = decoded(listed.method, section, self.window_log, &self.account)? else {
            return Err(io::Error::new(io::ErrorKind::Unsupported, format!("zip method {}", listed.method.as_u16())));
        };
        Ok(Box::new(Checked::new(stream, listed.crc, listed.way.uncompressed_size_hint())))
    }
}

impl Archive for Zip {
    fn next(&mut self) -> Option<Member> {
        let Some(listed) = self.list.next() else {
            return self.broken.take().map(|error| Member::Broken { name: None, error });
        };
        let name = shown(&listed.name);
        Some(match listed.kind {
            Kind::Encrypted => Member::Skipped { name, why: "encrypted".into() },
            Kind::Link => {
                let mut target = Vec::new();
                // A target that cannot be read is shown as far as it was.
                let _ = self.file(&listed).map(|file| file.take(LONGEST_NAME as u64).read_to_end(&mut target));
                Member::Skipped { name, why: link(&target) }
            }
            Kind::File => match self.file(&listed) {
                Ok(stream) => Member::File { name, size: Some(listed.way.uncompressed_size_hint()), stream },
                Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                    Member::Skipped { name, why: format!("compressed in a way that is not known: {error}") }
                }
                Err(error) => Member::Broken { name: Some(name), error },
            },
        })
    }

    fn held(&self) -> u64 {
        self.held
    }
}

fn invalid(error: rawzip::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the zip archive is broken: {error}"))
}

/// The files of an archive, as far as the list can be read.
fn list(archive: &ZipArchive<Store>, buffer: &mut [u8]) -> (Vec<Listed>, Option<io::Error>) {
    let mut found = Vec::new();
    let mut length = 0;
    let mut entries = archive.entries(buffer);
    loop {
        let entry = match entries.next_entry() {
            Ok(Some(entry)) => entry,
            Ok(None) => return (found, None),
            Err(error) => return (found, Some(invalid(error))),
        };
        if entry.is_dir() {
            continue;
        }
        let path = entry.file_path();
        let name: Box<[u8]> = path.as_bytes().into();
        length += name.len() + std::mem::size_of::<Listed>();
        if length > LONGEST_LIST {
            let what = format!("its list is longer than {} MiB: the rest is not read", LONGEST_LIST >> 20);
            return (found, Some(crate::input::limits::beyond(what)));
        }
        let kind = match () {
            () if entry.flags().is_encrypted() => Kind::Encrypted,
            () if entry.mode().is_symlink() => Kind::Link,
            () => Kind::File,
        };
        let (way, method, crc) = (entry.wayfinder(), entry.compression_method(), entry.crc32());
        found.push(Listed { name, way, method, crc, kind });
    }
}

/// The decoded bytes of a member that ends where `stream` ends; `None` where the method is not known here.
pub(super) fn decoded(
    method: CompressionMethod,
    stream: Section,
    window_log: u32,
    account: &Arc<Account>,
) -> io::Result<Option<Box<dyn Read + Send>>> {
    let codec = match method {
        CompressionMethod::STORE => return Ok(Some(Box::new(Unpacked::new("stored", stream, account.clone())))),
        CompressionMethod::DEFLATE => compressed::deflate(),
        CompressionMethod::BZIP2 => compressed::bzip2(),
        CompressionMethod::ZSTD => compressed::zstd(window_log)?,
        CompressionMethod::XZ => compressed::xz(window_log)?,
        _ => return Ok(None),
    };
    let stream = BufReader::with_capacity(CHUNK, stream);
    Ok(Some(Box::new(Unpacked::new("zip", Stepwise::new(stream, codec), account.clone()))))
}

/// A range of an archive.
pub(super) struct Section {
    reader: RangeReader<Store>,
    taken: u64,
}

impl Section {
    fn new(store: Store, range: Range<u64>) -> Section {
        Section { reader: RangeReader::new(store, range), taken: 0 }
    }
}

impl Read for Section {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.reader.read(into)?;
        self.taken += got as u64;
        Ok(got)
    }
}

impl Decode for Section {
    fn used(&self) -> u64 {
        self.taken
    }
}

/// Compares a member with what the archive says of it.
pub(super) struct Checked<R> {
    stream: R,
    told: (u32, u64),
    crc: flate2::Crc,
    size: u64,
    done: bool,
}

impl<R: Read> Checked<R> {
    pub(super) fn new(stream: R, crc: u32, size: u64) -> Checked<R> {
        Checked { stream, told: (crc, size), crc: flate2::Crc::new(), size: 0, done: false }
    }
}

/// Holds what was read against what was told.
pub(super) fn check(told: (u32, u64), read: (u32, u64)) -> io::Result<()> {
    let (kind, what) = match () {
        () if told == read => return Ok(()),
        () if read.1 < told.1 => (io::ErrorKind::UnexpectedEof, format!("cut after {} of {} bytes", read.1, told.1)),
        () if read.1 > told.1 => {
            (io::ErrorKind::InvalidData, format!("broken: {} bytes, of which the archive tells {}", read.1, told.1))
        }
        () => (io::ErrorKind::InvalidData, format!("broken: the checksum of its {} bytes is wrong", read.1)),
    };
    Err(io::Error::new(kind, what))
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.stream.read(into)?;
        self.crc.update(&into[..got]);
        self.size += got as u64;
        if got == 0 && !into.is_empty() && !self.done {
            self.done = true;
            check(self.told, (self.crc.sum(), self.size))?;
        }
        Ok(got)
    }
}
