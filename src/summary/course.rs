//! How often something was seen, and where: aligned stretches of 2^k bytes of the source, each with count, first line and last
//! reading. k rises until few enough stretches are held. Stretches nest, so k depends only on the set of events, not on the
//! order in which parts were added or merged. Positions never fold, whatever the clock does.

use crate::base::{Position, When};
use crate::catalogue::CaptureId;

/// A line that was kept: where it stands, its clock and its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Where it begins.
    pub position: Position,
    /// Its stamp, where it has one.
    pub when: Option<When>,
    /// The raw line, at most [`LONGEST_TEXT`] bytes.
    pub text: Box<[u8]>,
    /// What it tells of a pod's other names. They go with the line, so that they depend on the set of events alone.
    pub identities: Box<[Identity]>,
}

/// Two names of one pod: what a uid or a container id belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The capture that is known (`pod_uid`, `container_id`).
    pub known_by: CaptureId,
    /// Its value.
    pub value: Box<[u8]>,
    /// The pod, `namespace/name`.
    pub pod: Box<[u8]>,
}

/// Bytes kept of a line's text; a longer one is cut and ends in `…`.
pub const LONGEST_TEXT: usize = 1500;

/// A reading without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Where the line begins.
    pub position: Position,
    /// Its stamp, where it has one.
    pub when: Option<When>,
}

/// One stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Events in it.
    pub count: u64,
    /// The first.
    pub first: Line,
    /// The last.
    pub last: Seen,
}

impl Cell {
    /// Takes over all of another; what stays in that is of no use.
    fn merge(&mut self, other: &mut Cell) {
        self.count += other.count;
        if other.first.position < self.first.position {
            std::mem::swap(&mut self.first, &mut other.first);
        }
        if other.last.position > self.last.position {
            self.last = other.last;
        }
    }
}

/// Counts over position.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Course {
    /// Stretches are 2^k bytes long.
    k: u8,
    /// In the order of the source. Events mostly come in that order too, so that a new stretch goes to the end.
    cells: Vec<(u64, Cell)>,
}

impl Course {
    /// Adds one event; `line` is asked for only where its text must be kept. True where a new stretch began.
    pub fn add(&mut self, seen: Seen, most: usize, line: impl FnOnce() -> Line) -> bool {
        let stretch = seen.position.offset >> self.k;
        let place = match self.cells.last() {
            Some((last, _)) if *last < stretch => Err(self.cells.len()),
            _ => self.cells.binary_search_by_key(&stretch, |(known, _)| *known),
        };
        match place {
            Ok(at) => {
                let cell = &mut self.cells[at].1;
                cell.count += 1;
                if seen.position > cell.last.position {
                    cell.last = seen;
                }
                if seen.position < cell.first.position {
                    cell.first = line();
                }
                false
            }
            Err(at) => {
                if self.cells.is_empty() {
                    // Most are seen once.
                    self.cells.reserve_exact(1);
                }
                self.cells.insert(at, (stretch, Cell { count: 1, first: line(), last: seen }));
                self.shrink(most);
                true
            }
        }
    }

    /// Adds all events of another course.
    pub fn merge(&mut self, mut other: Course, most: usize) {
        let k = self.k.max(other.k);
        self.widen(k);
        other.widen(k);
        self.cells.append(&mut other.cells);
        self.cells.sort_by_key(|(stretch, _)| *stretch);
        self.join();
        self.shrink(most);
    }

    /// Holds at most `most` stretches from now on.
    pub fn shrink(&mut self, most: usize) {
        while self.cells.len() > most.max(1) {
            self.widen(self.k + 1);
        }
    }

    /// The stretches, in the order of the source.
    pub fn cells(&self) -> impl DoubleEndedIterator<Item = &Cell> {
        self.cells.iter().map(|(_, cell)| cell)
    }

    /// How many stretches are held.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// True where no event was added.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// All events.
    pub fn count(&self) -> u64 {
        self.cells().map(|cell| cell.count).sum()
    }

    /// The first line of all.
    pub fn first(&self) -> Option<&Line> {
        self.cells().next().map(|cell| &cell.first)
    }

    fn widen(&mut self, k: u8) {
        if k == self.k {
            return;
        }
        let by = k - self.k;
        self.k = k;
        self.cells.iter_mut().for_each(|(stretch, _)| *stretch >>= by);
        self.join();
    }

    /// Joins cells of the same stretch.
    fn join(&mut self) {
        self.cells.dedup_by(|(stretch, cell), (before, known)| {
            let same = stretch == before;
            if same {
                known.merge(cell);
            }
            same
        });
    }
}
