//! Where something stands in a source. Within a source, position is the only truth about order.

/// Start of a line: byte offset in the decoded source, and line number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Position {
    /// Bytes before the line, in the source as read (after decompression or decoding).
    pub offset: u64,
    /// Line number, from 1.
    pub line: u64,
}
