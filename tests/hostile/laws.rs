//! What holds for any bytes whatever, as one function: the property test, the kept inputs and the fuzz target all
//! call it.

use std::io::{Cursor, Read};

use nodecause::envelope::{
    entries, pair, pairs, recognise, sniff, Envelope, Frame, Guess, Layout, RawEntry, Recognised,
};
use nodecause::input::Cut;

/// Reads `bytes` in every way there is, also in blocks of about `sizes`. Panics where a law is broken.
pub fn hold(bytes: &[u8], sizes: &[usize]) {
    sniff(bytes);
    frames_are_whole(bytes);
    for layout in [Layout::Lines, Layout::Export, Layout::Frames] {
        let all: Vec<RawEntry> = entries(layout, bytes).collect();
        each_reads_alike(bytes, &all);
        if layout == Layout::Lines {
            no_line_is_lost(bytes, &all);
        }
        cuts_change_nothing(layout, bytes, &all, sizes);
    }
    pairs(bytes);
    for key in ["err", "pod", "msg", "MESSAGE", "", "="] {
        pair(bytes, key);
    }
}

/// A form that is read as frames gives whole ones only, each of a line of the source, however the stream is cut; and reads
/// back what it says it reads.
pub fn frames_are_whole(bytes: &[u8]) {
    let Some(Recognised::Form(form)) = recognise(&bytes[..bytes.len().min(64 << 10)]) else { return };
    let mut frames = Vec::new();
    form.frames(Box::new(Cursor::new(bytes.to_vec()))).read_to_end(&mut frames).expect("memory can be read");
    let lines = bytes.iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
    let mut read = 0;
    for raw in entries(Layout::Frames, &frames) {
        for range in std::iter::once(&raw.head).chain(&raw.more) {
            let frame = Frame::read(&frames[range.clone()]).expect("it was just written");
            assert!((1..=lines).contains(&frame.line), "{} of {lines}", frame.line);
            read += range.len();
        }
        raw.peel(&frames, &mut Guess::default());
    }
    assert_eq!(read, frames.len());
    let mut in_drops = Vec::new();
    let drops = Drops(Cursor::new(bytes.to_vec()));
    form.frames(Box::new(drops)).read_to_end(&mut in_drops).expect("memory can be read");
    assert!(in_drops == frames, "it matters how much a read gives");
}

/// A stream that gives a few bytes at a time.
struct Drops(Cursor<Vec<u8>>);

impl Read for Drops {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let few = into.len().min(7);
        self.0.read(&mut into[..few])
    }
}

/// An entry's reading does not depend on those before it, nor on how much of it is asked for.
fn each_reads_alike(bytes: &[u8], all: &[RawEntry]) {
    let (mut guess, mut other) = (Guess::default(), Guess::default());
    for raw in all {
        let entry = raw.peel(bytes, &mut guess);
        let alone = raw.peel(bytes, &mut Guess::default());
        assert_eq!(format!("{entry:?}"), format!("{alone:?}"));
        assert_eq!(raw.peek(bytes, &mut other), entry.header.severity);
        for pointed in [entry.host, entry.ident, entry.unit, entry.header.file] {
            assert!(pointed.len() <= bytes.len().max(8));
        }
        assert!(entry.header.len <= entry.message.len());
        let stamped = entry.when().is_some() && raw.stamped_by.is_some() && entry.envelope != Envelope::Text;
        assert!(!stamped || raw.head.start > 0);
        pair(&entry.message, "err");
        pairs(&entry.message);
    }
}

/// Each line is in exactly one entry, and entries come in the order of their first lines.
fn no_line_is_lost(bytes: &[u8], all: &[RawEntry]) {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for raw in all {
        found.push((raw.head.start, raw.head.end));
        found.extend(raw.more.iter().map(|more| (more.start, more.end)));
        let lines = bytes[..raw.head.start].iter().filter(|&&b| b == b'\n').count();
        assert_eq!(raw.line, lines as u64);
    }
    assert!(all.windows(2).all(|two| two[0].head.start < two[1].head.start));
    found.sort_unstable();
    let mut start = 0;
    let mut lines = Vec::new();
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        let end = start + line.len();
        lines.push((start, end - usize::from(line.ends_with(b"\n"))));
        start = end;
    }
    assert_eq!(found, lines);
}

/// Reading in blocks gives the same entries as reading at once.
fn cuts_change_nothing(layout: Layout, bytes: &[u8], all: &[RawEntry], sizes: &[usize]) {
    for &size in sizes {
        let (mut start, mut end, mut parts) = (0, size, Vec::new());
        while end < bytes.len() {
            match layout.cut(&bytes[start..end]) {
                Some(cut) => {
                    assert!(cut > 0 && cut <= end - start);
                    parts.extend(moved(layout, bytes, start, start + cut));
                    start += cut;
                    end = start + size;
                }
                None => end += size,
            }
        }
        parts.extend(moved(layout, bytes, start, bytes.len()));
        assert_eq!(parts, all, "blocks of {size}");
    }
}

/// The entries of a block, placed as in the whole.
fn moved(layout: Layout, bytes: &[u8], start: usize, end: usize) -> Vec<RawEntry> {
    let lines = layout.lines(&bytes[..start]);
    let shift = |range: std::ops::Range<usize>| range.start + start..range.end + start;
    let here = |raw: RawEntry| RawEntry {
        layout,
        head: shift(raw.head),
        more: raw.more.into_iter().map(shift).collect(),
        line: raw.line + lines,
        stamped_by: raw.stamped_by.map(shift),
    };
    entries(layout, &bytes[start..end]).map(here).collect()
}
