//! Forms of logs that cannot be read line by line: documents and tables of log stores, entries over several lines, sections
//! below headings, files whose newest entry stands first. Each is told from the first bytes of a source and becomes a stream
//! of frames; memory is bounded by what one entry takes, or by a named limit where a source has to be turned round.

mod documents;
mod names;
mod order;
mod prefixed;
mod record;
mod sections;
mod stream;
mod table;
mod text;
mod times;
mod turned;
mod values;
mod verbose;

use std::io::{Cursor, Read};

use super::Layout;
use order::Order;
use stream::{FrameStream, Framing};
use text::LineReader;

/// A form that is read as frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    kind: Kind,
    /// The newest entry stands first.
    newest_first: bool,
    /// Several streams stand one after another.
    by_time: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Documents,
    /// With what parts the columns.
    Table(u8),
    Verbose,
    Prefixed,
    /// Whether what stands before the first heading is no log.
    Sections(bool),
    /// Lines in another order than that of time.
    Lines(Order),
}

/// Beginning of what Loki answers.
const LOKI: &[u8] = b"\"resultType\"";

/// How a source is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// As the frames that its form makes of it.
    Form(Form),
    /// As it stands.
    Layout(Layout),
}

/// How a source that begins so (up to 64 KiB) is read. `None` where it is no log form known here.
pub fn recognise(head: &[u8]) -> Option<Recognised> {
    let layout = super::sniff(head);
    form(head, layout).map(Recognised::Form).or(layout.map(Recognised::Layout))
}

/// The form, if it is one that cannot be read line by line.
fn form(head: &[u8], layout: Option<Layout>) -> Option<Form> {
    let kind = kind(head, layout)?;
    if let Kind::Lines(order) = kind {
        return Some(Form { kind, newest_first: order.newest_first, by_time: false });
    }
    let mut frames = Vec::new();
    // What is at hand in memory can be read.
    let _ = FrameStream::new(framing(kind, Box::new(Cursor::new(head.to_vec())))).read_to_end(&mut frames);
    let newest_first = !matches!(kind, Kind::Sections(_)) && order::newest_first(Layout::Frames, &frames);
    let by_time = kind == Kind::Documents && memchr::memmem::find(&head[..head.len().min(NEAR)], LOKI).is_some();
    Some(Form { kind, newest_first, by_time })
}

/// Bytes in which a document says what it is.
const NEAR: usize = 1024;

fn kind(head: &[u8], layout: Option<Layout>) -> Option<Kind> {
    let whole = &head[..memchr::memrchr(b'\n', head).map_or(head.len(), |end| end + 1)];
    if let Some(silent) = sections::begins(whole) {
        return Some(Kind::Sections(silent));
    }
    if documents::begins(head) {
        return Some(Kind::Documents);
    }
    if let Some(delimiter) = table::begins(head) {
        return Some(Kind::Table(delimiter));
    }
    if verbose::begins(whole) {
        return Some(Kind::Verbose);
    }
    if prefixed::begins(whole) {
        return Some(Kind::Prefixed);
    }
    layout?;
    let order = order::of_lines(whole);
    (order.newest_first || order.lines_before_head).then_some(Kind::Lines(order))
}

fn framing(kind: Kind, stream: Box<dyn Read + Send>) -> Box<dyn Framing> {
    match kind {
        Kind::Documents => Box::new(documents::Documents::new(stream)),
        Kind::Table(delimiter) => Box::new(table::Table::new(stream, delimiter)),
        Kind::Verbose => Box::new(verbose::Verbose::new(LineReader::new(stream))),
        Kind::Prefixed => Box::new(prefixed::Prefixed::new(LineReader::new(stream))),
        Kind::Sections(silent) => Box::new(sections::Sections::new(stream, silent)),
        Kind::Lines(order) => Box::new(turned::TurnedLines::new(stream, order)),
    }
}

impl Form {
    /// The frames of a source of this form, in the order of time.
    pub fn frames(self, stream: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        let frames = FrameStream::new(framing(self.kind, stream));
        let turned = (self.newest_first || self.by_time) && !matches!(self.kind, Kind::Lines(_));
        match turned {
            true => {
                Box::new(FrameStream::new(Box::new(turned::TurnedFrames::new(frames, self.newest_first, self.by_time))))
            }
            false => Box::new(frames),
        }
    }
}
