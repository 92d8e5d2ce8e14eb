//! Lines that are no entries but tell about the log: journalctl's borders and notes, headings of files, notes in place of logs.

use super::colours;

/// What such a line does to what is open around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    /// Another boot, file or section begins: nothing before it belongs to what follows.
    Border,
    /// A note.
    Note,
}

/// Beginnings of borders.
const BORDERS: [&[u8]; 6] = [
    b"-- Boot ",
    b"-- Reboot --",
    b"==> ",
    b"* ==> ",
    b"==== ",
    b"Log file created at: ",
];

/// Beginnings of notes.
const NOTES: [&[u8]; 12] = [
    b"-- ",
    "\u{2591}\u{2591}".as_bytes(),
    b"Running on machine: ",
    b"Binary: Built with ",
    b"Log line format: ",
    b"Hint: You are currently not seeing messages",
    b"No journal files were ",
    b"Warning: Journal has been rotated",
    b"Error from server (",
    b"failed to try resolving symlinks in path ",
    b"unable to retrieve container logs for ",
    b"Failed to get journal ",
];

/// Reads a line as a marker.
pub(super) fn read(line: &[u8]) -> Option<Marker> {
    let line = colours::skip(line);
    if !matches!(
        line.first(),
        Some(
            b'-' | b'='
                | b'*'
                | b'L'
                | b'R'
                | b'B'
                | b'H'
                | b'N'
                | b'W'
                | b'E'
                | b'F'
                | b'f'
                | b'u'
                | 0xe2
        )
    ) {
        return None;
    }
    if BORDERS.iter().any(|start| line.starts_with(start)) {
        return Some(Marker::Border);
    }
    (line == b"--" || NOTES.iter().any(|start| line.starts_with(start))).then_some(Marker::Note)
}
