//! An entry of a log store, put together from whatever the store calls its parts, and written as a frame.

use std::borrow::Cow;

use super::names::{self, Part};
use super::times;
use crate::base::Stamp;
use crate::envelope::outer::{self, Outer};
use crate::envelope::{header, klog, logrus, peel, Envelope, Frame, Severity};

/// The parts of an entry, each with its place in the order of preference of its names.
#[derive(Debug, Clone, Default)]
pub(super) struct Record<'r> {
    pub(super) message: Option<Cow<'r, [u8]>>,
    pub(super) stamp: Option<Stamp>,
    pub(super) host: Cow<'r, [u8]>,
    pub(super) ident: Cow<'r, [u8]>,
    pub(super) unit: Cow<'r, [u8]>,
    pub(super) pid: u32,
    pub(super) pod: Cow<'r, [u8]>,
    pub(super) namespace: Cow<'r, [u8]>,
    pub(super) container: Cow<'r, [u8]>,
    /// The line that it is in the source, where it is one.
    shown: &'r [u8],
    severity: Option<Severity>,
    file: Cow<'r, [u8]>,
    file_line: Cow<'r, [u8]>,
    log: Cow<'r, [u8]>,
    /// The message goes on in the next entry of the same speaker.
    partial: bool,
    /// The message stands under a name that only stores use.
    of_a_store: bool,
    foreign: bool,
    places: Places,
}

/// Places of the names that gave the parts so far.
type Places = [Option<usize>; 16];

/// Messages inside messages are looked into so deep: a collector's object in a store's, a container's line in that.
const MOST_LAYERS: usize = 3;

/// Names of messages that other objects have too, by their place in the table.
const COMMON_MESSAGES: [&str; 4] = ["message", "Message", "Msg", "log"];

impl<'r> Record<'r> {
    /// A message and its time.
    pub(super) fn said(stamp: Option<Stamp>, message: Cow<'r, [u8]>) -> Record<'r> {
        Record { stamp, message: Some(message), ..Record::default() }
    }

    /// The same, to be shown as the line that it is in the source.
    pub(super) fn shown_as(self, line: &'r [u8]) -> Record<'r> {
        Record { shown: line, ..self }
    }

    /// What an object holds.
    pub(super) fn of_object(object: &'r [u8]) -> Record<'r> {
        let mut record = Record::default();
        names::each(object, &mut |part, place, value| record.put(part, place, value));
        record
    }

    /// Takes a part, unless one under a better name is there.
    pub(super) fn put(&mut self, part: Part, place: usize, value: Cow<'r, [u8]>) {
        let best = &mut self.places[part as usize];
        if value.is_empty() || best.is_some_and(|best| best <= place) {
            return;
        }
        match part {
            Part::Message => {
                self.of_a_store = !COMMON_MESSAGES.iter().any(|name| names::part(name) == Some((Part::Message, place)));
                self.message = Some(value);
            }
            Part::Time => match times::read(&value) {
                Some(stamp) => self.stamp = Some(stamp),
                None => return,
            },
            Part::Host => self.host = value,
            Part::Ident => self.ident = value,
            Part::Unit => self.unit = value,
            Part::Pid => self.pid = klog::pid(value.trim_ascii()),
            Part::Pod => self.pod = value,
            Part::Namespace => self.namespace = value,
            Part::Container => self.container = value,
            Part::Severity => self.severity = severity(&value),
            Part::File => self.file = value,
            Part::FileLine => self.file_line = value,
            Part::Log => self.log = value,
            Part::Stream => {}
            Part::Foreign => self.foreign = true,
        }
        *best = Some(place);
    }

    /// Whether an object with these parts is an entry of a log store: it has a message, and a place where it was said or a
    /// name that tells that a store keeps it.
    pub(super) fn is_stored(&self) -> bool {
        let placed =
            [&self.host, &self.unit, &self.ident, &self.pod, &self.container].iter().any(|name| !name.is_empty());
        self.message.is_some() && !self.foreign && (placed || (self.of_a_store && self.stamp.is_some()))
    }

    /// Whether it has a message and a time at least: enough where the document around it tells that it is an entry.
    pub(super) fn is_timed(&self) -> bool {
        self.message.is_some() && !self.foreign && self.stamp.is_some()
    }

    /// Appends the entry as a frame. What the message itself is wrapped in is taken off, and tells what the store did not.
    pub(super) fn write(mut self, line: u64, out: &mut Vec<u8>) {
        let message = self.message.take().unwrap_or_default();
        self.write_said(&message, MOST_LAYERS, line, out);
    }

    fn write_said(&mut self, message: &[u8], layers: usize, line: u64, out: &mut Vec<u8>) {
        let message = message.strip_suffix(b"\n").unwrap_or(message);
        let message = message.strip_suffix(b"\r").unwrap_or(message);
        if layers > 0 && message.starts_with(b"{") {
            let inner = Record::of_object(message);
            if inner.is_stored() {
                return inner.within(self).write_inner(layers - 1, line, out);
            }
        }
        let outer = outer::outer(message);
        let wrapped = !matches!(outer.envelope, Envelope::Bare | Envelope::Text | Envelope::Marker)
            && (outer.stamp.is_some() || outer.pid != 0);
        if layers > 0 && wrapped {
            return self.write_wrapped(&outer, layers - 1, line, out);
        }
        let rebuilt = self.with_header(message);
        self.frame(rebuilt.as_deref().unwrap_or(message), line).write(out);
    }

    fn write_inner(mut self, layers: usize, line: u64, out: &mut Vec<u8>) {
        let message = self.message.take().unwrap_or_default();
        self.write_said(&message, layers, line, out);
    }

    /// What the envelope of the message tells comes before what the store tells.
    fn write_wrapped(&mut self, outer: &Outer<'_>, layers: usize, line: u64, out: &mut Vec<u8>) {
        let message = peel::decoded(outer);
        let named = |name: &[u8], else_: &Cow<'r, [u8]>| if name.is_empty() { else_.to_vec() } else { name.to_vec() };
        let mut inner = Record {
            stamp: outer.stamp.or(self.stamp),
            host: Cow::Owned(named(outer.host, &self.host)),
            ident: Cow::Owned(named(outer.ident, &self.ident)),
            unit: Cow::Owned(named(outer.unit, &self.unit)),
            pid: if outer.pid != 0 { outer.pid } else { self.pid },
            pod: std::mem::take(&mut self.pod),
            namespace: std::mem::take(&mut self.namespace),
            container: std::mem::take(&mut self.container),
            shown: self.shown,
            severity: self.severity,
            partial: outer.partial,
            ..Record::default()
        };
        inner.write_said(&message, layers, line, out);
    }

    /// What a store's entry holds, with what is known around it where it does not tell itself.
    fn within<'a>(self, around: &'a Record<'_>) -> Record<'a>
    where
        'r: 'a,
    {
        fn or<'a>(own: Cow<'a, [u8]>, around: &'a [u8]) -> Cow<'a, [u8]> {
            if own.is_empty() {
                Cow::Borrowed(around)
            } else {
                own
            }
        }
        Record {
            stamp: self.stamp.or(around.stamp),
            host: or(self.host, &around.host),
            ident: or(self.ident, &around.ident),
            unit: or(self.unit, &around.unit),
            pid: if self.pid != 0 { self.pid } else { around.pid },
            pod: or(self.pod, &around.pod),
            namespace: or(self.namespace, &around.namespace),
            container: or(self.container, &around.container),
            shown: around.shown,
            ..self
        }
    }

    /// The message with the klog header that a store took off it and keeps apart: patterns look at file and level.
    fn with_header(&self, message: &[u8]) -> Option<Vec<u8>> {
        if self.file.is_empty() || header::read(message).is_some() {
            return None;
        }
        let letter = match self.severity? {
            Severity::Fatal => 'F',
            Severity::Error => 'E',
            Severity::Warning => 'W',
            _ => 'I',
        };
        let Some(Stamp::Absolute { micros, .. }) = self.stamp else { return None };
        let time = chrono::DateTime::from_timestamp_micros(micros)?.format("%m%d %H:%M:%S%.6f");
        let file = String::from_utf8_lossy(logrus::file(&self.file)).into_owned();
        let line = if self.file_line.is_empty() { "1".into() } else { String::from_utf8_lossy(&self.file_line) };
        let head = format!("{letter}{time} {:7} {file}:{line}] ", self.pid);
        Some([head.as_bytes(), message].concat())
    }

    fn frame<'f>(&'f mut self, message: &'f [u8], line: u64) -> Frame<'f> {
        let program = self.log.rsplit(|byte| *byte == b'/').next().filter(|log| !matches!(*log, b"stderr" | b"stdout"));
        let streamed = !self.log.is_empty() && program.is_none();
        if self.unit.is_empty() && !self.pod.is_empty() {
            let pod = if self.namespace.is_empty() {
                self.pod.to_vec()
            } else {
                [&self.namespace[..], b"/", &self.pod].concat()
            };
            self.unit = Cow::Owned(pod);
        }
        let ident = [&self.container[..], &self.ident].into_iter().find(|name| !name.is_empty());
        let unnamed = if self.unit.is_empty() { program.unwrap_or_default() } else { &[] };
        Frame {
            // Of a container's stream a store tells only which of the two it was.
            severity: self.severity.filter(|_| !streamed).unwrap_or(Severity::Unknown),
            partial: self.partial,
            stamp: self.stamp,
            pid: self.pid,
            host: &self.host,
            ident: ident.unwrap_or(unnamed),
            unit: &self.unit,
            shown: self.shown,
            ..Frame::new(Envelope::Store, line, message)
        }
    }
}

/// Severity of a level's word, as programs and as stores write it.
fn severity(word: &[u8]) -> Option<Severity> {
    match word {
        b"CRITICAL" | b"ALERT" | b"EMERGENCY" => Some(Severity::Fatal),
        _ => logrus::severity(word),
    }
}
