//! systemd's binary journal files, read without systemd: of any age and feature, copied from a running machine, cut or damaged.
//! What can be read is read, and what was lost is told.
//!
//! Flow: [`Journal`] walks over one file and gives each [`Entry`] in the order of writing; [`Merged`] does so for the files of
//! one directory; [`Framed`] writes what they give as frames, which flow on as lines do.

mod arrays;
mod entries;
mod fields;
mod framed;
mod header;
mod loss;
mod merge;
mod object;
mod payload;
mod search;
mod window;

pub use entries::{Journal, WINDOW};
pub use framed::{Framed, Troubles};
pub use header::{Header, Id, Refused, SIGNATURE};
pub use loss::Loss;
pub use merge::{Merged, Opener, Part};
pub use payload::LARGEST_VALUE;

use entries::Told;
use fields::{Field, Values};

use super::klog::pid;

/// An entry of a journal. What it has not is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'e> {
    /// Its number in the file, from 1.
    pub number: u64,
    /// Its number among all that this journald wrote.
    pub seqnum: u64,
    /// When journald took it: microseconds since 1970.
    pub realtime: u64,
    /// When whoever spoke sent it, where that is known.
    pub source_realtime: Option<u64>,
    /// Microseconds since boot.
    pub monotonic: u64,
    /// Which boot that was.
    pub boot: Id,
    /// journald's hash over all fields: tells entries of the same moment apart.
    pub hash: u64,
    /// Host name.
    pub host: &'e [u8],
    /// Identifier, else the name of the command.
    pub ident: &'e [u8],
    /// Name of the container, where docker's journald driver wrote the entry.
    pub container: &'e [u8],
    /// Process id, 0 where there is none.
    pub pid: u32,
    /// systemd unit of the sender, else the one that systemd speaks of.
    pub unit: &'e [u8],
    /// PRIORITY as journald has it: 0 (emergency) to 7 (debug). Of a service's output it says nothing.
    pub priority: Option<u8>,
    /// How it came: kernel, stdout, syslog, journal, audit, driver.
    pub transport: &'e [u8],
    /// The message; of several the last, as journalctl has it.
    pub message: Option<&'e [u8]>,
    /// The message goes on in the container's next entry.
    pub partial: bool,
    /// No field of it was damaged.
    pub whole: bool,
}

impl<'e> Entry<'e> {
    fn new(number: u64, told: &Told, values: &'e Values, whole: bool) -> Entry<'e> {
        let first = |fields: [Field; 2]| {
            let mut found = fields.iter().filter_map(|field| values.get(*field)).filter(|value| !value.is_empty());
            found.next().unwrap_or_default()
        };
        let digits = |field| values.get(field).and_then(|value| std::str::from_utf8(value).ok());
        Entry {
            number,
            seqnum: told.seqnum,
            realtime: told.realtime,
            source_realtime: digits(Field::SourceTime).and_then(|digits| digits.parse().ok()),
            monotonic: told.monotonic,
            boot: told.boot,
            hash: told.hash,
            host: values.get(Field::Host).unwrap_or_default(),
            ident: first([Field::Identifier, Field::Command]),
            container: values.get(Field::Container).unwrap_or_default(),
            pid: pid(first([Field::Pid, Field::SyslogPid])),
            unit: first([Field::Unit, Field::Subject]),
            priority: digits(Field::Priority).and_then(|digits| digits.parse().ok()),
            transport: values.get(Field::Transport).unwrap_or_default(),
            message: values.get(Field::Message),
            partial: values.get(Field::Partial) == Some(b"true"),
            whole,
        }
    }

    /// What tells that two files hold the same entry.
    fn identity(&self) -> Identity {
        Identity { boot: self.boot, monotonic: self.monotonic, realtime: self.realtime, hash: self.hash }
    }

    /// The time to show: the sender's where it is known, as journalctl has it.
    pub fn time(&self) -> u64 {
        self.source_realtime.unwrap_or(self.realtime)
    }
}

/// What tells an entry from every other one, in whatever file it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    boot: Id,
    monotonic: u64,
    realtime: u64,
    hash: u64,
}
