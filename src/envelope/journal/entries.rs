//! Reads the entries of one journal file in the order in which they were written: walks over all objects from the first to the
//! last, and puts each entry together from the fields that it names. Where objects are damaged, the walk goes on at the next
//! that is whole.

use std::io;

use super::arrays::Arrays;
use super::fields::{Field, Known, Values, LONGEST_NAME};
use super::header::{id_at, u32_at, u64_at, Header, Id, Refused, SHORTEST};
use super::object::{Head, Kind, ENTRY, HEAD};
use super::payload::{Packing, Unpacker, LARGEST_VALUE};
use super::search::{self, Ground};
use super::window::{Window, SMALL};
use super::{Entry, Loss};
use crate::envelope::frame::LONGEST_MESSAGE;
use crate::input::ReadAt;

/// Bytes of a value that are looked at: those of the longest message and its name.
const LONGEST_VALUE: usize = LONGEST_MESSAGE + LONGEST_NAME;

/// Bytes of values that are read at most, for each byte of the file, and this many more: entries share values, and a made-up file
/// could have each of millions name the same long one.
const MOST_READ: u64 = 256;
const MOST_READ_MORE: u64 = 256 << 20;

/// Bytes that the walk reads at once; larger ones gain nothing.
pub const WINDOW: usize = 1 << 20;

/// A journal file being read.
pub struct Journal {
    source: Box<dyn ReadAt>,
    header: Header,
    /// Where the content ends.
    end: u64,
    /// The next object.
    at: u64,
    /// The last object that was whole.
    sound: u64,
    /// Up to here the file was searched for objects.
    searched: u64,
    /// Moves along with the walk.
    near: Window,
    /// Looks back at fields of long ago.
    far: Window,
    arrays: Arrays,
    known: Known,
    values: Values,
    unpacker: Unpacker,
    /// Places of the fields of the entry at hand.
    items: Vec<u64>,
    /// Bytes of values that may still be read.
    budget: u64,
    /// The entry at hand, and whether all of its fields could be read.
    told: Told,
    whole: bool,
    /// Entries so far.
    number: u64,
    /// Of these, those of which a field could not be read.
    partial: u64,
}

/// What the object of an entry itself tells.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    pub(super) seqnum: u64,
    pub(super) realtime: u64,
    pub(super) monotonic: u64,
    pub(super) boot: Id,
    pub(super) hash: u64,
}

/// A field that could not be read.
struct Unread;

impl Journal {
    /// Begins to read a file. `window`: bytes to read at once, [`WINDOW`] unless many files are read at the same time.
    ///
    /// # Errors
    /// What the source says.
    pub fn open(source: Box<dyn ReadAt>, window: usize) -> io::Result<Result<Journal, Refused>> {
        let length = source.length();
        let mut near = Window::new(window);
        let header = match Header::read(near.at(&*source, length, 0, SHORTEST as usize)?) {
            Ok(header) => header,
            Err(refused) => return Ok(Err(refused)),
        };
        Ok(Ok(Journal {
            end: header.end(length),
            at: header.size,
            sound: header.size - 8,
            searched: header.size,
            arrays: Arrays::new(&header),
            known: Known::new(),
            values: Values::default(),
            unpacker: Unpacker::default(),
            items: Vec::new(),
            budget: length.saturating_mul(MOST_READ).saturating_add(MOST_READ_MORE),
            told: Told::default(),
            whole: true,
            number: 0,
            partial: 0,
            far: Window::new(SMALL),
            near,
            header,
            source,
        }))
    }

    /// What the header tells.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How far the walk is: bytes of the file.
    pub fn place(&self) -> u64 {
        self.at.min(self.end)
    }

    /// What could not be read. Complete once there are no more entries.
    pub fn loss(&self) -> Loss {
        let length = self.source.length();
        let wanted = self.header.size.saturating_add(self.header.arena);
        let missing = self.header.expected().min(wanted / ENTRY as u64).saturating_sub(self.number);
        let cut = length < wanted && (missing > 0 || self.header.tail_object >= length);
        Loss { missing, partial: self.partial, cut: cut.then_some((length, wanted)) }
    }

    /// Goes on to the next entry; false after the last.
    ///
    /// # Errors
    /// What the source says.
    pub fn advance(&mut self) -> io::Result<bool> {
        let Some(head) = self.walk()? else { return Ok(false) };
        let offset = self.sound;
        self.told = self.read_entry(offset, &head)?;
        self.values.begin();
        self.whole = true;
        for place in 0..self.items.len() {
            self.whole &= self.field(self.items[place], offset)?.is_ok();
        }
        self.number += 1;
        self.partial += u64::from(!self.whole);
        Ok(true)
    }

    /// What the object of the entry at hand tells.
    pub(super) fn told(&self) -> &Told {
        &self.told
    }

    /// The entry at hand, once there is one.
    pub fn entry(&self) -> Entry<'_> {
        Entry::new(self.number, &self.told, &self.values, self.whole)
    }

    /// Goes on to the next entry; the walk stands behind it then, and `sound` is its place.
    fn walk(&mut self) -> io::Result<Option<Head>> {
        loop {
            let at = self.at;
            if at.saturating_add(HEAD as u64) > self.end {
                return Ok(None);
            }
            let bytes = self.near.at(&*self.source, self.end, at, ENTRY)?;
            let head = Head::read(bytes, self.end - at);
            let is_entry = search::may_be_entry(bytes);
            // Room that was set aside for what never came.
            let is_room = head.is_none() && at > self.header.tail_object && bytes.starts_with(&[0; HEAD]);
            if is_room && self.arrays.above(&*self.source, self.end, at) == u64::MAX {
                return Ok(None);
            }
            if let Some(head) = head.filter(|head| head.kind != Kind::Entry || is_entry) {
                if !self.hides(at, &head)? {
                    self.sound = at;
                    self.at = at + head.step();
                    if head.kind == Kind::Entry {
                        return Ok(Some(head));
                    }
                    continue;
                }
            }
            let ground = Ground { source: &*self.source, end: self.end, header: &self.header };
            let from = self.searched.max(self.sound + 8);
            let Some(found) = search::next(&ground, &mut self.near, &mut self.far, from, at)? else { return Ok(None) };
            self.at = found;
            self.searched = found + 8;
        }
    }

    /// Whether an object claims bytes in which the list knows of an entry, and one is there.
    fn hides(&mut self, at: u64, head: &Head) -> io::Result<bool> {
        let listed = self.arrays.above(&*self.source, self.end, at);
        if listed >= at + head.size {
            return Ok(false);
        }
        let ground = Ground { source: &*self.source, end: self.end, header: &self.header };
        ground.is_entry(&mut self.far, listed)
    }

    /// Reads the object of an entry and the places of its fields.
    fn read_entry(&mut self, offset: u64, head: &Head) -> io::Result<Told> {
        let bytes = self.near.at(&*self.source, self.end, offset, head.size as usize)?;
        self.items.clear();
        let items = bytes.get(ENTRY..).unwrap_or_default();
        if self.header.compact {
            self.items.extend(items.chunks_exact(4).map(|item| u64::from(u32_at(item, 0))));
        } else {
            self.items.extend(items.chunks_exact(16).map(|item| u64_at(item, 0)));
        }
        Ok(Told {
            seqnum: u64_at(bytes, 16),
            realtime: u64_at(bytes, 24),
            monotonic: u64_at(bytes, 32),
            boot: id_at(bytes, 40),
            hash: u64_at(bytes, 56),
        })
    }

    /// Takes the field at a place into the entry at hand, where it is of use.
    fn field(&mut self, offset: u64, entry: u64) -> io::Result<Result<(), Unread>> {
        if offset == 0 {
            return Ok(Err(Unread));
        }
        match self.known.find(offset) {
            Some((Field::Other, _)) => return Ok(Ok(())),
            Some((field, value)) => {
                if !self.values.again(field, offset) {
                    self.values.set(field, offset, value);
                }
                return Ok(Ok(()));
            }
            None => {}
        }
        // An entry is written after its fields.
        if offset % 8 != 0 || offset < self.header.size || offset >= entry {
            return Ok(Err(Unread));
        }
        self.read_field(offset)
    }

    /// Reads the object of a field.
    fn read_field(&mut self, offset: u64) -> io::Result<Result<(), Unread>> {
        let start = if self.header.compact { 72 } else { 64 };
        let (source, end) = (&*self.source, self.end);
        let bytes = look(&mut self.near, &mut self.far, source, end, offset, start + LONGEST_NAME)?;
        let head = Head::read(bytes, end - offset).filter(|head| head.kind == Kind::Field && head.size >= start as u64);
        let Some(head) = head else { return Ok(Err(Unread)) };
        let Ok(packing) = Packing::of(head.flags) else { return Ok(Err(Unread)) };
        // Most objects of which only one entry makes use are never asked for again.
        let shared = u64_at(bytes, 56) != 1;
        let size = usize::try_from(head.size).unwrap_or(usize::MAX);
        if packing.is_none() {
            let name = &bytes[start..bytes.len().min(size)];
            if Field::of(name).0 == Field::Other {
                if shared {
                    self.known.keep(offset, Field::Other, &[]);
                }
                return Ok(Ok(()));
            }
        }
        let wanted = if packing.is_some() { size } else { size.min(start + LONGEST_VALUE) };
        if wanted as u64 > LARGEST_VALUE {
            return Ok(Err(Unread));
        }
        let bytes = look(&mut self.near, &mut self.far, source, end, offset, wanted)?;
        let Some(stored) = bytes.get(start..wanted) else { return Ok(Err(Unread)) };
        let spent = packing.map_or(0, |packing| packing.cost(stored, LONGEST_VALUE)) + wanted as u64;
        if spent > self.budget {
            return Ok(Err(Unread));
        }
        let value = match packing {
            None => Some(stored),
            Some(packing) => self.unpacker.unpack(packing, stored, LONGEST_VALUE),
        };
        self.budget = self.budget.saturating_sub(spent);
        let Some(value) = value else { return Ok(Err(Unread)) };
        let (field, from) = Field::of(value);
        let value = if field == Field::Other { &[] } else { &value[from..] };
        if field != Field::Other {
            self.values.set(field, offset, value);
        }
        if shared {
            self.known.keep(offset, field, value);
        }
        Ok(Ok(()))
    }
}

/// The bytes at an offset: mostly they are in the window of the walk.
fn look<'w>(
    near: &'w mut Window,
    far: &'w mut Window,
    source: &dyn ReadAt,
    end: u64,
    offset: u64,
    wanted: usize,
) -> io::Result<&'w [u8]> {
    let there = wanted.min(usize::try_from(end - offset).unwrap_or(usize::MAX));
    match near.held(offset, there) {
        Some(bytes) => Ok(bytes),
        None => far.at(source, end, offset, wanted),
    }
}
