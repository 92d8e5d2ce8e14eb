//! From a plan to sources: each file, and each member of an archive, one after the other, uncompressed and with its first bytes
//! at hand. Archives are entered while they are read, so that nothing is unpacked to disk and little is held.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use rawzip::ReaderAt;

use super::archive::{passing::Passing, tar, zip, Archive, Member};
use super::compressed;
use super::limits::{self, Account};
use super::open::{self, Opened, Stop, HEAD};
use super::plan::{Input, Skipped};
use crate::base::Error;

/// What was found next.
pub enum Found {
    /// Something to read.
    Source(Source),
    /// Something that is left alone.
    Skipped(Skipped),
    /// Something that cannot be read, or not whole.
    Unreadable(Error),
}

/// Something to read.
pub struct Source {
    /// As reports name it: `bundle.tar.gz!/node/kubelet.log` for a member of an archive.
    pub shown: String,
    /// It was named itself, not found in a directory or an archive.
    pub named: bool,
    /// It came out of an archive.
    pub is_member: bool,
    /// It is standard input as it comes, which may be a pipe without end.
    pub live: bool,
    /// Bytes, where they are known beforehand.
    pub size: Option<u64>,
    /// Where it lies on disk, where it does as it is: not packed, no member, no pipe.
    pub path: Option<PathBuf>,
    /// Its bytes.
    pub opened: Opened,
}

/// All sources of a plan.
pub struct Sources {
    inputs: std::vec::IntoIter<Input>,
    /// Archives that are open, each in the one before.
    open: Vec<Level>,
    account: Arc<Account>,
    stop: Stop,
    read: Arc<AtomicU64>,
}

/// An archive that is open.
struct Level {
    archive: Box<dyn Archive>,
    shown: String,
    /// Compressions and archives around its members.
    depth: usize,
    /// How often each name came: a name may come twice.
    names: HashMap<String, u32>,
}

/// A stream, and where it comes from.
struct Stream {
    bytes: Box<dyn Read + Send>,
    shown: String,
    named: bool,
    size: Option<u64>,
    depth: usize,
    origin: Origin,
}

/// Where a stream comes from.
enum Origin {
    File(PathBuf),
    StandardInput,
    Member,
}

impl Sources {
    /// `stop` ends it early; `read` counts the bytes read of the inputs themselves.
    pub fn new(inputs: Vec<Input>, stop: Stop, read: Arc<AtomicU64>) -> Sources {
        Sources { inputs: inputs.into_iter(), open: Vec::new(), account: Arc::new(Account::new(None)), stop, read }
    }

    /// Opens an input of the plan.
    fn begin(&mut self, input: Input) -> Option<Found> {
        self.account = Arc::new(Account::new(input.path.is_some().then_some(input.size)));
        let (bytes, origin) = match input.path {
            None => (open::standard_input(self.stop.clone()), Origin::StandardInput),
            Some(path) => match open::file(&path) {
                Ok(bytes) => (bytes, Origin::File(path)),
                Err(error) => {
                    let hint = "read as a user who may (sudo), or copy the file first";
                    return Some(Found::Unreadable(Error::new(input.shown, error, hint)));
                }
            },
        };
        let bytes = Box::new(Counted {
            bytes,
            account: self.account.clone(),
            read: self.read.clone(),
            stop: self.stop.clone(),
        });
        let size = matches!(origin, Origin::File(_)).then_some(input.size);
        self.look(Stream { bytes, shown: input.shown, named: input.named, size, depth: 0, origin })
    }

    /// Looks at what a stream is: unpacks it, enters it as an archive (then nothing is found yet), or gives it out.
    fn look(&mut self, mut stream: Stream) -> Option<Found> {
        let stop = self.stop.clone();
        loop {
            // Of a member, one byte more than there should be, so that the end is met and checked. What the file system tells
            // may be less than there is.
            let told = stream.size.filter(|_| matches!(stream.origin, Origin::Member));
            let most = told.map_or(HEAD, |size| usize::try_from(size).unwrap_or(HEAD).saturating_add(1));
            let opened = match Opened::begin(stream.bytes, most, &*stop) {
                Ok(opened) => opened,
                Err(error) => return self.unreadable(stream.shown, &error),
            };
            let packed = compressed::recognise(&opened.head);
            let (is_tar, is_zip) = (tar::begins(&opened.head), zip::begins(&opened.head));
            if packed.is_none() && !is_tar && !is_zip {
                return match opened.as_text(&*stop) {
                    Ok(opened) => {
                        let Stream { shown, named, size, depth, origin, .. } = stream;
                        let live = matches!(origin, Origin::StandardInput) && depth == 0;
                        let is_member = matches!(origin, Origin::Member);
                        let path = match origin {
                            Origin::File(path) if depth == 0 => Some(path),
                            _ => None,
                        };
                        Some(Found::Source(Source { shown, named, is_member, live, size, path, opened }))
                    }
                    Err(error) => self.unreadable(stream.shown, &error),
                };
            }
            if stream.depth == limits::DEEPEST {
                let why = format!("more than {} compressions and archives in each other", limits::DEEPEST);
                return Some(Found::Skipped(Skipped { path: stream.shown, why }));
            }
            stream.bytes = Box::new(opened.stream());
            if let Some(form) = packed {
                let window = limits::window_log(stream.depth);
                match compressed::unpacked(form, stream.bytes, window, &self.account) {
                    Ok(bytes) => stream = Stream { bytes, size: None, depth: stream.depth + 1, ..stream },
                    Err(error) => return self.unreadable(stream.shown, &error),
                }
                continue;
            }
            return self.enter(stream, is_tar);
        }
    }

    /// Enters an archive.
    fn enter(&mut self, stream: Stream, is_tar: bool) -> Option<Found> {
        let Stream { bytes, shown, depth, origin, .. } = stream;
        let archive: io::Result<Box<dyn Archive>> = match origin {
            _ if is_tar => Ok(Box::new(tar::Tar::new(bytes))),
            Origin::File(path) if depth == 0 => match self.zip_in_file(&path) {
                Ok(zip) => Ok(Box::new(zip)),
                // Cut: what is there passes by.
                Err(_) => Ok(Box::new(Passing::new(bytes, self.account.clone()))),
            },
            _ => self.zip_in_stream(bytes, depth),
        };
        match archive {
            Ok(archive) => {
                self.open.push(Level { archive, shown, depth: depth + 1, names: HashMap::new() });
                None
            }
            Err(error) => self.unreadable(shown, &error),
        }
    }

    fn zip_in_file(&self, path: &Path) -> io::Result<zip::Zip> {
        let (file, length) = open::at_any_place(path)?;
        let store = Arc::new(CountedAt { file, account: self.account.clone(), read: self.read.clone() });
        zip::Zip::open(store, length, 0, limits::window_log(0), self.account.clone())
    }

    /// A zip archive has its list at its end: what is not too large is held for that.
    fn zip_in_stream(&self, mut bytes: Box<dyn Read + Send>, depth: usize) -> io::Result<Box<dyn Archive>> {
        let held: u64 = self.open.iter().map(|level| level.archive.held()).sum();
        let most = limits::MOST_HELD.saturating_sub(held);
        let mut front = Vec::new();
        let whole = bytes.by_ref().take(most).read_to_end(&mut front);
        let mut one = [0];
        let rest = match whole {
            Ok(_) if front.len() as u64 == most => bytes.read(&mut one)?,
            Ok(_) => 0,
            // Cut: what is there passes by.
            Err(error) => {
                let rest = Opened::failing(front, error).stream();
                return Ok(Box::new(Passing::new(Box::new(rest), self.account.clone())));
            }
        };
        let length = front.len() as u64;
        if rest == 0 {
            let store: zip::Store = Arc::new(front);
            let listed = zip::Zip::open(store.clone(), length, length, limits::window_log(depth), self.account.clone());
            return Ok(match listed {
                Ok(zip) => Box::new(zip),
                Err(_) => {
                    let bytes = rawzip::RangeReader::new(store, 0..length);
                    Box::new(Passing::new(Box::new(bytes), self.account.clone()))
                }
            });
        }
        let whole = io::Cursor::new(front).chain(io::Cursor::new(one)).chain(bytes);
        Ok(Box::new(Passing::new(Box::new(whole), self.account.clone())))
    }

    fn unreadable(&self, shown: String, error: &io::Error) -> Option<Found> {
        if (self.stop)() {
            return None;
        }
        Some(Found::Unreadable(Error::new(shown, error, limits::advice(error))))
    }

    /// What the innermost open archive has next.
    fn member(&mut self) -> Option<Found> {
        let level = self.open.last_mut()?;
        let Some(member) = level.archive.next() else {
            self.open.pop();
            return None;
        };
        if !self.account.member() {
            let why = format!("more than {} members: the rest is not read", limits::MOST_MEMBERS);
            let path = level.shown.clone();
            self.open.clear();
            return Some(Found::Skipped(Skipped { path, why }));
        }
        match member {
            Member::File { name, size, stream } => {
                let stream = Stream {
                    bytes: stream,
                    shown: level.name(name),
                    named: false,
                    size,
                    depth: level.depth,
                    origin: Origin::Member,
                };
                self.look(stream)
            }
            Member::Skipped { name, why } => Some(Found::Skipped(Skipped { path: level.name(name), why })),
            Member::Broken { name, error } => {
                let shown = match name {
                    Some(name) => level.name(name),
                    None => level.shown.clone(),
                };
                self.unreadable(shown, &error)
            }
        }
    }
}

impl Level {
    fn name(&mut self, name: String) -> String {
        let shown = format!("{}!/{name}", self.shown);
        let times = self.names.entry(name).or_default();
        *times += 1;
        if *times > 1 {
            format!("{shown} ({times})")
        } else {
            shown
        }
    }
}

impl Iterator for Sources {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        while !(self.stop)() {
            if let Some(outermost) = self.open.first().filter(|_| self.account.is_spent()) {
                let path = outermost.shown.clone();
                self.open.clear();
                return Some(Found::Skipped(Skipped { path, why: "the rest of it, because of a limit".into() }));
            }
            let found = match self.open.is_empty() {
                true => {
                    let input = self.inputs.next()?;
                    self.begin(input)
                }
                false => self.member(),
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

/// The bytes of an input itself: counted, and at an end when a stop is asked for.
struct Counted {
    bytes: Box<dyn Read + Send>,
    account: Arc<Account>,
    read: Arc<AtomicU64>,
    stop: Stop,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if (self.stop)() {
            return Ok(0);
        }
        let got = self.bytes.read(into)?;
        self.account.read(got as u64);
        self.read.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}

/// The bytes of a file that is read at any place, counted.
struct CountedAt {
    file: rawzip::FileReader,
    account: Arc<Account>,
    read: Arc<AtomicU64>,
}

impl ReaderAt for CountedAt {
    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        let got = self.file.read_at(into, offset)?;
        self.account.read(got as u64);
        self.read.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}
