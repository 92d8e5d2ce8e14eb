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

/// Reads a line as a marker.
pub(super) fn read(line: &[u8]) -> Option<Marker> {
    let line = if line.first() == Some(&colours::ESC) { colours::skip(line) } else { line };
    let (borders, notes) = beginnings(*line.first()?);
    let begins = |starts: &[&str]| starts.iter().any(|start| line.starts_with(start.as_bytes()));
    if begins(borders) {
        return Some(Marker::Border);
    }
    (begins(notes) || line == b"--").then_some(Marker::Note)
}

/// Beginnings of borders and of notes, by their first byte: most lines need no comparison.
fn beginnings(first: u8) -> (&'static [&'static str], &'static [&'static str]) {
    match first {
        b'-' => (&["-- Boot ", "-- Reboot --"], &["-- "]),
        b'=' => (&["==> ", "==== "], &[]),
        b'*' => (&["* ==> "], &["* -- "]),
        b'L' => (&["Log file created at: "], &["Log line format: "]),
        b'R' => (&[], &["Running on machine: "]),
        b'B' => (&[], &["Binary: Built with "]),
        b'H' => (&[], &["Hint: You are currently not seeing messages"]),
        b'N' => (&[], &["No journal files were "]),
        b'W' => (&[], &["Warning: Journal has been rotated"]),
        b'E' => (&[], &["Error from server ("]),
        b'F' => (&[], &["Failed to get journal "]),
        b'f' => (&[], &["failed to try resolving symlinks in path "]),
        b'u' => (&[], &["unable to retrieve container logs for "]),
        // The shaded blocks before lines of the catalogue.
        0xe2 => (&[], &["\u{2591}\u{2591}"]),
        _ => (&[], &[]),
    }
}
