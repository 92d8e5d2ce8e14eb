//! Reads journal files as one journal: those of a directory, where rotation left one after another, a crash left one that
//! overlaps, and users have their own beside the system's. A single file is the simplest case.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::io;

use super::entries::Told;
use super::window::SMALL;
use super::{Entry, Header, Id, Identity, Journal, Refused, WINDOW};
use crate::base::Error;
use crate::input::ReadAt;

/// At most so many files are open at once; of more that overlap each other, some are read one after another.
const MOST_STRANDS: usize = 256;

/// Bytes that all open files together read ahead.
const WINDOWS: usize = 64 << 20;

/// Opens a file when its turn comes.
pub type Opener = Box<dyn Fn() -> io::Result<Box<dyn ReadAt>> + Send>;

/// A journal file to be read.
pub struct Part {
    /// As reports name it.
    pub name: String,
    /// Opens it.
    pub open: Opener,
    header: Header,
}

impl Part {
    /// Looks at the header of a file.
    ///
    /// # Errors
    /// What the system says, or why it is not read.
    pub fn new(name: String, open: Opener) -> Result<Part, Error> {
        let hint = "read as a user who may (sudo), or copy the file first";
        let looked = open().and_then(|source| Journal::open(source, SMALL));
        match looked {
            Err(error) => Err(Error::new(name, error, hint)),
            Ok(Err(refused)) => Err(Error::new(name, refused, hint_for(refused))),
            Ok(Ok(journal)) => Ok(Part { header: *journal.header(), name, open }),
        }
    }

    /// The machine whose journal it is.
    pub fn machine(&self) -> Id {
        self.header.machine
    }
}

fn hint_for(refused: Refused) -> &'static str {
    match refused {
        Refused::Unknown(_) => "write it out where it was made: journalctl --file FILE -o export",
        Refused::NoJournal | Refused::TooShort(_) => "copy the file again; its beginning is missing",
    }
}

/// Files that follow each other.
struct Strand {
    waiting: VecDeque<Part>,
    /// The file at hand, which stands at an entry, and its name.
    journal: Option<(Journal, String)>,
}

/// Journal files read as one.
pub struct Merged {
    strands: Vec<Strand>,
    /// Bytes that each file reads ahead.
    window: usize,
    /// The strand whose entry is at hand.
    current: Option<usize>,
    /// What the last entry was, so that it does not come twice.
    last: Option<Identity>,
    number: u64,
    troubles: Vec<Error>,
    begun: bool,
}

impl Merged {
    /// Files to be read as one, in whatever order.
    pub fn new(mut parts: Vec<Part>) -> Merged {
        parts.sort_by(|a, b| {
            let key = |part: &Part| (part.header.chain, part.header.first, part.header.last);
            key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
        });
        let mut strands: Vec<Strand> = Vec::new();
        for part in parts {
            let full = strands.len() >= MOST_STRANDS;
            let fits = |strand: &&mut Strand| strand.waiting.back().is_some_and(|last| follows(last, &part)) || full;
            match strands.iter_mut().find(fits) {
                Some(strand) => strand.waiting.push_back(part),
                None => strands.push(Strand { waiting: VecDeque::from([part]), journal: None }),
            }
        }
        let window = (WINDOWS / strands.len().max(1)).clamp(SMALL, WINDOW);
        Merged { strands, window, current: None, last: None, number: 0, troubles: Vec::new(), begun: false }
    }

    /// Goes on to the next entry; false after the last. A file that cannot be read on is left, and that is told by
    /// [`Merged::troubles`].
    pub fn advance(&mut self) -> bool {
        loop {
            match self.current.take() {
                Some(strand) => self.step(strand),
                None if !self.begun => (0..self.strands.len()).for_each(|strand| self.step(strand)),
                None => {}
            }
            self.begun = true;
            let Some(first) = self.first() else { return false };
            self.current = Some(first);
            let Some((journal, _)) = &self.strands[first].journal else { return false };
            let identity = journal.entry().identity();
            if self.last.replace(identity) != Some(identity) {
                self.number += 1;
                return true;
            }
        }
    }

    /// The entry at hand, numbered in the order of all files. `None` before the first and after the last.
    pub fn entry(&self) -> Option<Entry<'_>> {
        let (journal, _) = self.strands.get(self.current?)?.journal.as_ref()?;
        Some(Entry { number: self.number, ..journal.entry() })
    }

    /// What could not be read of the files that are done, since this was asked last.
    pub fn troubles(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.troubles)
    }

    /// The strand whose entry comes next.
    fn first(&self) -> Option<usize> {
        let mut first: Option<(usize, &Journal)> = None;
        for (place, strand) in self.strands.iter().enumerate() {
            let Some((journal, _)) = &strand.journal else { continue };
            let earlier = first.is_none_or(|(_, best)| {
                order((&journal.header().chain, journal.told()), (&best.header().chain, best.told())) == Ordering::Less
            });
            if earlier {
                first = Some((place, journal));
            }
        }
        first.map(|(place, _)| place)
    }

    /// Goes on in a strand, to its next file where one is at its end.
    fn step(&mut self, strand: usize) {
        let strand = &mut self.strands[strand];
        loop {
            if let Some((journal, name)) = &mut strand.journal {
                match journal.advance() {
                    Ok(true) => return,
                    Ok(false) => {
                        let loss = journal.loss();
                        if !loss.is_none() {
                            let hint =
                                "what could be read counts; journalctl --verify --file FILE tells where it is damaged";
                            self.troubles.push(Error::new(&**name, loss.text(), hint));
                        }
                    }
                    Err(error) => {
                        let hint = "what was read before counts; copy the file and try again for the rest";
                        self.troubles.push(Error::new(&**name, error, hint));
                    }
                }
            }
            strand.journal = None;
            let Some(part) = strand.waiting.pop_front() else { return };
            match (part.open)().and_then(|source| Journal::open(source, self.window)) {
                Ok(Ok(journal)) => strand.journal = Some((journal, part.name)),
                Ok(Err(refused)) => self.troubles.push(Error::new(part.name, refused, hint_for(refused))),
                Err(error) => self.troubles.push(Error::new(part.name, error, "copy the file and try again")),
            }
        }
    }
}

/// Whether all of a file comes after another: both are of one chain, and their numbers do not overlap.
fn follows(before: &Part, after: &Part) -> bool {
    let (before, after) = (&before.header, &after.header);
    before.chain == after.chain && before.first != 0 && before.last < after.first
}

/// Which of two entries came first: by number where one journald wrote both, by uptime within a boot, else by the clock.
fn order(a: (&Id, &Told), b: (&Id, &Told)) -> Ordering {
    if a.0 == b.0 {
        a.1.seqnum.cmp(&b.1.seqnum)
    } else if a.1.boot == b.1.boot {
        a.1.monotonic.cmp(&b.1.monotonic)
    } else {
        a.1.realtime.cmp(&b.1.realtime)
    }
}
