//! Writes the entries of journal files as frames, so that they flow on as any other source does. What `journalctl -o short` leaves
//! out is left out here: entries without a message. Between two boots stands the border that it prints.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Entry, Id, Merged};
use crate::base::{Error, Stamp};
use crate::envelope::frame::Frame;
use crate::envelope::Envelope;

/// Bytes of frames that are made at once.
const ROOM: usize = 256 << 10;

/// What was found out about the files while they were read, for whoever asks at their end.
pub type Troubles = Arc<Mutex<Vec<Error>>>;

/// A stream of frames.
pub struct Framed {
    journal: Merged,
    boot: Option<Id>,
    frames: Vec<u8>,
    /// Of these, so many were given out.
    given: usize,
    troubles: Troubles,
}

impl Framed {
    /// The frames of a journal. What could not be read of it is put into `troubles`.
    pub fn new(journal: Merged, troubles: Troubles) -> Framed {
        Framed { journal, boot: None, frames: Vec::new(), given: 0, troubles }
    }

    fn fill(&mut self) {
        self.frames.clear();
        self.given = 0;
        while self.frames.len() < ROOM && self.journal.advance() {
            if let Some(entry) = self.journal.entry() {
                write(&entry, &mut self.boot, &mut self.frames);
            }
        }
        let found = self.journal.troubles();
        if !found.is_empty() {
            self.troubles.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        }
    }
}

impl Read for Framed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.frames.len() {
            self.fill();
        }
        let rest = &self.frames[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

/// Writes an entry, and the border before it where it is the first of another boot.
fn write(entry: &Entry<'_>, boot: &mut Option<Id>, frames: &mut Vec<u8>) {
    let Some(message) = entry.message else { return };
    if boot.replace(entry.boot).is_some_and(|before| before != entry.boot) {
        let id: String = entry.boot.iter().map(|byte| format!("{byte:02x}")).collect();
        let border = format!("-- Boot {id} --");
        Frame { marker: true, ..Frame::new(Envelope::Journal, entry.number, border.as_bytes()) }.write(frames);
    }
    let message = message.strip_suffix(b"\n").unwrap_or(message);
    let contained = !entry.container.is_empty();
    let frame = Frame {
        partial: entry.partial,
        stamp: i64::try_from(entry.time()).ok().map(|micros| Stamp::Absolute { micros, offset: 0 }),
        pid: entry.pid,
        host: entry.host,
        // What docker's daemon wrote down for a container speaks for the container.
        ident: if contained { container(entry.container) } else { entry.ident },
        unit: if contained { &[] } else { entry.unit },
        ..Frame::new(Envelope::Journal, entry.number, message.strip_suffix(b"\r").unwrap_or(message))
    };
    frame.write(frames);
}

/// The name of a container; the kubelet called those of pods `k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT`.
fn container(name: &[u8]) -> &[u8] {
    let within = name.strip_prefix(b"k8s_").and_then(|rest| rest.split(|byte| *byte == b'_').next());
    within.filter(|within| !within.is_empty()).unwrap_or(name)
}
