//! From paths to blocks: files, standard input and directories are opened here and nowhere else, archives and compressed files are
//! looked into as they are read, and all is cut into blocks of whole entries. Where an entry begins is the envelope's knowledge: it implements [`Cut`].

pub mod archive;
pub mod block;
pub mod compressed;
pub mod limits;
pub mod open;
pub mod places;
pub mod plan;
pub mod sections;
pub mod sources;

pub use block::{Block, Blocks, BLOCK_SIZE};
pub use places::{places, Places, ReadAt};
pub use plan::{plan, Input, Plan, Skipped};
pub use sources::{Found, Source, Sources};

/// Knows where a source may be cut so that no entry is torn apart.
pub trait Cut: Send + Sync {
    /// Length of the longest prefix of `buf` that holds only whole entries, or `None` where there is none yet and more bytes
    /// are needed. `buf` begins where an earlier cut was made (or at the start of the source). The cut depends only on the
    /// bytes of the source, not on how much of them `buf` happens to hold: a cut made at an offset is possible at any time.
    fn cut(&self, buf: &[u8]) -> Option<usize>;

    /// Lines in a block that was cut here.
    fn lines(&self, bytes: &[u8]) -> u64 {
        lines_in(bytes)
    }
}

/// Lines of a text; the last may lack its end.
pub fn lines_in(bytes: &[u8]) -> u64 {
    let ends = memchr::memchr_iter(b'\n', bytes).count() as u64;
    ends + u64::from(bytes.last().is_some_and(|&last| last != b'\n'))
}
