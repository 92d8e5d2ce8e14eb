//! tar from the front: ustar, GNU with long names, pax. Sparse files are skipped: their bytes are not where they seem to be.

use std::io::{self, BufReader, Read};

use tar::{EntryType, Header, PaxExtensions};

use super::{lend, link, read_full, read_past, shown, Archive, Member, Slot};

/// Bytes of a header, and what the bytes of a member are filled up to.
const BLOCK: usize = 512;

/// Bytes of a header that holds a long name or pax fields; of more, nothing is used.
const LONGEST_HEADER: u64 = 1 << 20;

/// Do the first bytes of a stream begin with a tar header?
pub fn begins(head: &[u8]) -> bool {
    head.get(..BLOCK).is_some_and(|block| is_header(Header::from_byte_slice(block)))
}

/// The sum of all bytes, those of the sum itself taken as blanks.
fn is_header(header: &Header) -> bool {
    let bytes = header.as_bytes();
    let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>();
    bytes[0] != 0
        && header.cksum().is_ok_and(|told| told == sum(&bytes[..148]) + 8 * u32::from(b' ') + sum(&bytes[156..]))
}

/// A tar archive.
pub struct Tar {
    slot: Slot<Inside>,
    /// An end was marked; what follows may still be another archive.
    ended: bool,
    over: bool,
}

/// What stands before a member and speaks of it.
#[derive(Default)]
struct About {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

impl Tar {
    /// An archive that begins where the stream stands.
    pub fn new(stream: Box<dyn Read + Send>) -> Tar {
        let stream = BufReader::with_capacity(super::super::compressed::CHUNK, stream);
        let inside = Inside { stream, size: 0, left: 0, padding: 0, failed: false };
        Tar { slot: Slot::full(inside), ended: false, over: false }
    }

    fn stop(&mut self, error: io::Error) -> Option<Member> {
        self.over = true;
        Some(Member::Broken { name: None, error })
    }

    /// The next header; `None` at the end.
    fn header(&mut self, inside: &mut Inside) -> io::Result<Option<Header>> {
        let mut header = Header::new_old();
        loop {
            let got = read_full(&mut inside.stream, header.as_mut_bytes())?;
            if got == 0 {
                return Ok(None);
            }
            if got == BLOCK && header.as_bytes().iter().all(|&byte| byte == 0) {
                self.ended = true;
                continue;
            }
            if got == BLOCK && is_header(&header) {
                self.ended = false;
                return Ok(Some(header));
            }
            if self.ended {
                // Something else behind the end. It is read past, so that a compressed archive's checksum is met.
                read_past(&mut inside.stream, u64::MAX)?;
                return Ok(None);
            }
            let (kind, what) = match got {
                BLOCK => (io::ErrorKind::InvalidData, "there is no member where one should begin"),
                _ => (io::ErrorKind::UnexpectedEof, "cut: it ends within the header of a member"),
            };
            return Err(io::Error::new(kind, what));
        }
    }

    /// Reads headers up to that of a member that is shown.
    fn advance(&mut self, inside: &mut Inside) -> io::Result<Option<Head>> {
        let mut about = About::default();
        loop {
            let Some(header) = self.header(inside)? else { return Ok(None) };
            let kind = header.entry_type();
            let size = header.entry_size().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            match kind {
                EntryType::GNULongName => about.name = inside.long(size)?.map(without_nul),
                EntryType::GNULongLink => about.link = inside.long(size)?.map(without_nul),
                EntryType::XHeader => {
                    if let Some(fields) = inside.long(size)? {
                        about.pax(&fields);
                    }
                }
                EntryType::XGlobalHeader => {
                    inside.long(size)?;
                }
                _ => return Ok(Some(about.head(&header, size))),
            }
        }
    }
}

impl Archive for Tar {
    fn next(&mut self) -> Option<Member> {
        while !self.over {
            let Some(mut inside) = self.slot.take().filter(|inside| !inside.failed) else {
                // The reader of the member before was told what is wrong.
                self.over = true;
                return None;
            };
            if let Err(error) = inside.pass() {
                return self.stop(error);
            }
            let head = match self.advance(&mut inside) {
                Ok(Some(head)) => head,
                Ok(None) => {
                    self.over = true;
                    return None;
                }
                Err(error) => return self.stop(error),
            };
            inside.begin(head.size);
            if head.file {
                let (lent, slot) = lend(inside);
                self.slot = slot;
                return Some(Member::File { name: head.name, size: Some(head.size), stream: Box::new(lent) });
            }
            if head.extended {
                if let Err(error) = inside.pass_extensions() {
                    return self.stop(error);
                }
            }
            self.slot = Slot::full(inside);
            if let Some(why) = head.why {
                return Some(Member::Skipped { name: head.name, why });
            }
        }
        None
    }
}

/// A member's header, understood.
struct Head {
    name: String,
    size: u64,
    file: bool,
    /// Why it is skipped; `None` for what needs no word, as directories.
    why: Option<String>,
    /// Blocks with the map of an old GNU sparse file follow.
    extended: bool,
}

impl About {
    fn pax(&mut self, fields: &[u8]) {
        for field in PaxExtensions::new(fields).flatten() {
            let value = field.value_bytes();
            match field.key_bytes() {
                b"path" | b"GNU.sparse.name" => self.name = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                b"size" => self.size = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()),
                _ => {}
            }
            self.sparse |= field.key_bytes().starts_with(b"GNU.sparse.");
        }
    }

    fn head(self, header: &Header, size: u64) -> Head {
        let kind = header.entry_type();
        let name = self.name.unwrap_or_else(|| header.path_bytes().into_owned());
        let target = || self.link.unwrap_or_else(|| header.link_name_bytes().unwrap_or_default().into_owned());
        // Old archives have no kind for directories.
        let directory = kind.is_dir() || (kind.is_file() && name.ends_with(b"/"));
        let sparse = self.sparse || kind.is_gnu_sparse();
        let file = (kind.is_file() || kind.is_contiguous()) && !sparse && !directory;
        let why = match kind {
            _ if file || directory => None,
            _ if sparse => Some("a sparse file in a tar archive".to_string()),
            EntryType::Link | EntryType::Symlink => Some(link(&target())),
            EntryType::Char | EntryType::Block | EntryType::Fifo => Some("a device, pipe or socket".to_string()),
            // The name of the whole archive.
            _ if kind.as_byte() == b'V' => None,
            _ => Some("a kind of member that is not known".to_string()),
        };
        // Links and devices have no bytes, whatever their size says: it is that of what they link to.
        let empty = matches!(
            kind,
            EntryType::Link
                | EntryType::Symlink
                | EntryType::Char
                | EntryType::Block
                | EntryType::Fifo
                | EntryType::Directory
        );
        let size = if empty { 0 } else { self.size.unwrap_or(size) };
        let extended = header.as_gnu().is_some_and(|gnu| kind.is_gnu_sparse() && gnu.is_extended());
        Head { name: shown(&name), size, file, why, extended }
    }
}

fn without_nul(mut name: Vec<u8>) -> Vec<u8> {
    while name.last() == Some(&0) {
        name.pop();
    }
    name
}

/// The archive's stream, and how much of it belongs to the member at hand.
struct Inside {
    stream: BufReader<Box<dyn Read + Send>>,
    size: u64,
    left: u64,
    padding: u64,
    /// The member's reader met an error and was told.
    failed: bool,
}

impl Inside {
    fn begin(&mut self, size: u64) {
        self.size = size;
        self.left = size;
        self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    }

    fn cut(&self) -> io::Error {
        let (there, size) = (self.size - self.left, self.size);
        let what = format!("cut after {there} of its {size} bytes: the archive ends there");
        io::Error::new(io::ErrorKind::UnexpectedEof, what)
    }

    /// Reads past the rest of the member.
    fn pass(&mut self) -> io::Result<()> {
        let skipped = read_past(&mut self.stream, self.left)?;
        self.left -= skipped;
        if self.left > 0 {
            return Err(self.cut());
        }
        read_past(&mut self.stream, std::mem::take(&mut self.padding))?;
        Ok(())
    }

    /// The content of a header that goes on in blocks of its own, if it is not too long.
    fn long(&mut self, size: u64) -> io::Result<Option<Vec<u8>>> {
        self.begin(size);
        let mut content = Vec::new();
        if size <= LONGEST_HEADER {
            self.read_to_end(&mut content)?;
        }
        self.pass()?;
        Ok((size <= LONGEST_HEADER).then_some(content))
    }

    /// Reads past the blocks that go on with the map of an old GNU sparse file.
    fn pass_extensions(&mut self) -> io::Result<()> {
        let mut block = [0; BLOCK];
        // The flag that another one follows stands behind 21 pieces of 24 bytes.
        loop {
            if read_full(&mut self.stream, &mut block)? < BLOCK || block[504] == 0 {
                return Ok(());
            }
        }
    }
}

impl Read for Inside {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(0);
        }
        let got = match self.stream.read(&mut into[..most]) {
            Ok(0) => {
                self.failed = true;
                return Err(self.cut());
            }
            Ok(got) => got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                self.failed = true;
                let there = self.size - self.left;
                let what = format!("cut after {there} of its {} bytes: the archive around it is {error}", self.size);
                return Err(io::Error::new(error.kind(), what));
            }
        };
        self.left -= got as u64;
        Ok(got)
    }
}
