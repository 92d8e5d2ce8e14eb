//! Reads a source into owned entries, at once or in blocks.

use std::io::{Cursor, Read};

use nodecause::base::Stamp;
use nodecause::envelope::{entries, recognise, Entry, Envelope, Guess, Layout, Recognised, Severity};
use nodecause::input::Cut;

/// An entry in owned form.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) envelope: Envelope,
    pub(crate) stamp: Option<Stamp>,
    pub(crate) inner: Option<Stamp>,
    pub(crate) host: String,
    pub(crate) ident: String,
    pub(crate) pid: u32,
    pub(crate) unit: String,
    pub(crate) severity: Severity,
    pub(crate) process: u32,
    pub(crate) file: String,
    pub(crate) message: String,
}

fn seen(entry: &Entry<'_>) -> Seen {
    Seen {
        envelope: entry.envelope,
        stamp: entry.outer,
        inner: entry.header.stamp,
        host: text(entry.host),
        ident: text(entry.ident),
        pid: entry.pid,
        unit: text(entry.unit),
        severity: entry.header.severity,
        process: entry.process(),
        file: text(entry.header.file),
        message: text(&entry.message),
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// All entries of a source, markers and empty lines left out.
pub(crate) fn read(layout: Layout, source: &[u8]) -> Vec<Seen> {
    let mut guess = Guess::default();
    let all = entries(layout, source).map(|raw| seen(&raw.peel(source, &mut guess)));
    all.filter(|seen| {
        seen.envelope != Envelope::Marker && !(seen.envelope == Envelope::Text && seen.message.is_empty())
    })
    .collect()
}

/// What is cut into blocks: the source itself, or the frames that its form makes of it. `None` where it is no log form.
pub(crate) fn framed(source: &[u8]) -> Option<(Layout, Vec<u8>)> {
    let head = &source[..source.len().min(64 << 10)];
    let form = match recognise(head)? {
        Recognised::Form(form) => form,
        Recognised::Layout(layout) => return Some((layout, source.to_vec())),
    };
    let mut frames = Vec::new();
    form.frames(Box::new(Cursor::new(source.to_vec()))).read_to_end(&mut frames).unwrap();
    Some((Layout::Frames, frames))
}

/// All entries of a source of whatever form.
pub(crate) fn read_any(source: &[u8]) -> Vec<Seen> {
    let (layout, bytes) = framed(source).unwrap_or((Layout::Lines, source.to_vec()));
    read(layout, &bytes)
}

/// All entries of a source read in blocks of about `size` bytes.
pub(crate) fn read_in_blocks(layout: Layout, source: &[u8], size: usize) -> Vec<Seen> {
    blocks(layout, source, size).into_iter().flat_map(|(start, end)| read(layout, &source[start..end])).collect()
}

/// Where an entry stands: lines before it, its first byte, and the first byte of the line that gives it its time.
pub(crate) type Place = (u64, usize, Option<usize>);

/// The places of all entries of a source.
pub(crate) fn places(layout: Layout, source: &[u8]) -> Vec<Place> {
    entries(layout, source).map(|raw| (raw.line, raw.head.start, raw.stamped_by.map(|line| line.start))).collect()
}

/// The same, read in blocks of about `size` bytes.
pub(crate) fn places_in_blocks(layout: Layout, source: &[u8], size: usize) -> Vec<Place> {
    let mut all = Vec::new();
    for (start, end) in blocks(layout, source, size) {
        let lines = match layout {
            Layout::Frames => 0,
            _ => source[..start].iter().filter(|&&b| b == b'\n').count() as u64,
        };
        let places = places(layout, &source[start..end]).into_iter();
        all.extend(places.map(|(line, first, by)| (lines + line, start + first, by.map(|by| start + by))));
    }
    all
}

/// Cuts a source into blocks of about `size` bytes as a reader does.
fn blocks(layout: Layout, source: &[u8], size: usize) -> Vec<(usize, usize)> {
    let (mut start, mut end, mut blocks) = (0, size, Vec::new());
    while end < source.len() {
        match layout.cut(&source[start..end]) {
            Some(cut) => {
                assert!(cut > 0 && cut <= end - start);
                blocks.push((start, start + cut));
                start += cut;
                end = start + size;
            }
            None => end += size,
        }
    }
    blocks.push((start, source.len()));
    blocks
}
