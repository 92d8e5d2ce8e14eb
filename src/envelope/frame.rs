//! Entries of sources that are no lines: binary journals, JSON documents of log stores, tables, kube events. Whoever reads one
//! of these writes each entry as a frame, and frames flow through the same blocks and workers as lines do. Apart because it is
//! the one form here that nodecause itself defines; it never leaves the process.
//!
//! A frame, all numbers little endian: its length in bytes (u32, itself included), the line it stands for (u64), flags,
//! envelope, severity and the kind of stamp (a byte each), the stamp (i64 and i32), the process id (u32), the lengths of host,
//! identifier, unit and the line to show (u16 each), these four, and the message up to the end.

use std::ops::Range;

use chrono::{DateTime, Datelike, Timelike};
use memchr::memchr;

use super::outer::Outer;
use super::{Entry, Envelope, Severity};
use crate::base::Stamp;

/// Bytes of a frame before its first name.
const FIXED: usize = 40;

/// Of a longer message so many bytes are kept. Several times journald's own limit of a line, and less than a quarter of what a
/// block may have to hold.
pub const LONGEST_MESSAGE: usize = 256 << 10;

/// Bytes kept of a host, identifier or unit.
const LONGEST_NAME: usize = 1024;

/// Bytes kept of the line to show: somewhat more than a report shows of one.
const LONGEST_SHOWN: usize = 2048;

/// It is no entry but a note about the log.
const MARKER: u8 = 1;
/// The message goes on in the next frame of the same speaker.
const PARTIAL: u8 = 2;

const ENVELOPES: [Envelope; 10] = [
    Envelope::Text,
    Envelope::Short,
    Envelope::JournalJson,
    Envelope::Export,
    Envelope::Journal,
    Envelope::Cri,
    Envelope::DockerJson,
    Envelope::Bare,
    Envelope::Dmesg,
    Envelope::Store,
];

const SEVERITIES: [Severity; 6] =
    [Severity::Unknown, Severity::Debug, Severity::Info, Severity::Warning, Severity::Error, Severity::Fatal];

/// Months as journalctl writes them.
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// An entry before it is written as a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'f> {
    /// Number of its line (or entry, where the source has no lines) in the source as the user has it, from 1.
    pub line: u64,
    /// A note about the log (a boot border), no entry: only `message` counts.
    pub marker: bool,
    /// The message goes on in the next frame of the same speaker.
    pub partial: bool,
    /// What it was wrapped in.
    pub envelope: Envelope,
    /// Level that the envelope tells, where the message itself has none.
    pub severity: Severity,
    /// Stamp of the envelope.
    pub stamp: Option<Stamp>,
    /// Process id, 0 where there is none.
    pub pid: u32,
    /// Host name; empty where there is none.
    pub host: &'f [u8],
    /// Identifier, container or program; empty where there is none.
    pub ident: &'f [u8],
    /// systemd unit of the sender, or the pod (`namespace/name`) that the container is of; empty where there is none.
    pub unit: &'f [u8],
    /// The line as it stands in the source, to be shown; empty where the entry is no line there.
    pub shown: &'f [u8],
    /// The message, decoded; may hold several lines.
    pub message: &'f [u8],
}

impl<'f> Frame<'f> {
    /// An entry of this form with this message, of which nothing else is known.
    pub fn new(envelope: Envelope, line: u64, message: &'f [u8]) -> Frame<'f> {
        Frame {
            line,
            marker: false,
            partial: false,
            envelope,
            severity: Severity::Unknown,
            stamp: None,
            pid: 0,
            host: &[],
            ident: &[],
            unit: &[],
            shown: &[],
            message,
        }
    }

    /// Appends the frame's bytes. What is too long is cut.
    pub fn write(&self, out: &mut Vec<u8>) {
        let limited = |text: &'f [u8], limit: usize| &text[..text.len().min(limit)];
        let [host, ident, unit] = [self.host, self.ident, self.unit].map(|name| limited(name, LONGEST_NAME));
        let names = [host, ident, unit, limited(self.shown, LONGEST_SHOWN)];
        let message = &self.message[..self.message.len().min(LONGEST_MESSAGE)];
        let length = FIXED + names.iter().map(|name| name.len()).sum::<usize>() + message.len();
        let flags = if self.marker { MARKER } else { 0 } | if self.partial { PARTIAL } else { 0 };
        let (kind, wide, narrow) = written(self.stamp);
        out.extend_from_slice(&(length as u32).to_le_bytes());
        out.extend_from_slice(&self.line.to_le_bytes());
        out.extend_from_slice(&[flags, place(&ENVELOPES, &self.envelope), place(&SEVERITIES, &self.severity), kind]);
        out.extend_from_slice(&wide.to_le_bytes());
        out.extend_from_slice(&narrow.to_le_bytes());
        out.extend_from_slice(&self.pid.to_le_bytes());
        for name in names {
            out.extend_from_slice(&(name.len() as u16).to_le_bytes());
        }
        for part in names {
            out.extend_from_slice(part);
        }
        out.extend_from_slice(message);
    }

    /// Reads a frame. `None` where the bytes are none.
    pub fn read(bytes: &'f [u8]) -> Option<Frame<'f>> {
        let flags = *bytes.get(12)?;
        let mut at = FIXED;
        let mut name = |from: usize| {
            let length = usize::from(u16::from_le_bytes(part(bytes, from)?));
            let name = bytes.get(at..at + length)?;
            at += length;
            Some(name)
        };
        let (host, ident, unit, shown) = (name(32)?, name(34)?, name(36)?, name(38)?);
        Some(Frame {
            line: line_of(bytes)?,
            marker: flags & MARKER != 0,
            partial: flags & PARTIAL != 0,
            envelope: *ENVELOPES.get(usize::from(*bytes.get(13)?))?,
            severity: *SEVERITIES.get(usize::from(*bytes.get(14)?))?,
            stamp: stamp(*bytes.get(15)?, i64::from_le_bytes(part(bytes, 16)?), i32::from_le_bytes(part(bytes, 24)?)),
            pid: u32::from_le_bytes(part(bytes, 28)?),
            host,
            ident,
            unit,
            shown,
            message: &bytes[at..],
        })
    }
}

/// The frame that begins at `at`, whole. `None` where the text ends before it does, or no frame is there.
pub(super) fn frame_at(text: &[u8], at: usize) -> Option<Range<usize>> {
    let length = u32::from_le_bytes(part(text, at)?) as usize;
    let end = at.checked_add(length).filter(|&end| length >= FIXED && end <= text.len())?;
    Some(at..end)
}

/// Lines before the one that a frame stands for.
pub(super) fn lines_before(frame: &[u8]) -> u64 {
    line_of(frame).unwrap_or(0).saturating_sub(1)
}

/// What the frame says, as the envelope of a line does.
pub(super) fn read(frame: &[u8]) -> Outer<'_> {
    let Some(frame) = Frame::read(frame) else { return Outer::new(&[], Envelope::Text) };
    Outer {
        stamp: frame.stamp,
        host: frame.host,
        ident: frame.ident,
        unit: frame.unit,
        pid: frame.pid,
        partial: frame.partial,
        severity: frame.severity,
        indent: None,
        ..Outer::new(frame.message, if frame.marker { Envelope::Marker } else { frame.envelope })
    }
}

/// An entry of frames as one line to show: the source's own, where `frame` has one, else as [`shown`] has it.
pub fn shown_frame(frame: &[u8], entry: &Entry<'_>) -> Vec<u8> {
    let own = Frame::read(frame).map(|frame| frame.shown).filter(|line| !line.is_empty());
    own.map_or_else(|| shown(entry), <[u8]>::to_vec)
}

/// An entry as one line to show: as `journalctl -o short-iso-precise --utc` prints it, the first line of its message. Parts
/// that are not known are left out.
pub fn shown(entry: &Entry<'_>) -> Vec<u8> {
    let mut line = Vec::with_capacity(entry.message.len() + 128);
    if let Some(stamp) = entry.outer {
        line.extend_from_slice(stamp_text(stamp).as_bytes());
        line.push(b' ');
    }
    if !entry.host.is_empty() {
        line.extend_from_slice(entry.host);
        line.push(b' ');
    }
    if !entry.ident.is_empty() {
        line.extend_from_slice(entry.ident);
        if entry.pid > 0 {
            line.extend_from_slice(format!("[{}]", entry.pid).as_bytes());
        }
        line.extend_from_slice(b": ");
    }
    let end = memchr(b'\n', &entry.message).unwrap_or(entry.message.len());
    line.extend_from_slice(&entry.message[..end]);
    line
}

fn stamp_text(stamp: Stamp) -> String {
    match stamp {
        Stamp::Absolute { micros, .. } => DateTime::from_timestamp_micros(micros).map_or_else(String::new, |time| {
            // A pattern of chrono's takes three times as long.
            let (year, month, day) = (time.year(), time.month(), time.day());
            let (hour, minute, second) = (time.hour(), time.minute(), time.second());
            let micros = time.timestamp_subsec_micros();
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}+00:00")
        }),
        Stamp::Local { year, month, day, micros } => {
            let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
            let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
            let date = match (year, usize::from(month).checked_sub(1).and_then(|at| MONTHS.get(at))) {
                // As the short forms have it, which know no year.
                (None, Some(name)) => format!("{name} {day:02}"),
                (year, _) => format!("{:04}-{month:02}-{day:02}", year.unwrap_or(0)),
            };
            format!("{date} {hour:02}:{minute:02}:{second:02}{fraction}")
        }
        Stamp::Uptime { micros } => format!("[{:5}.{:06}]", micros / 1_000_000, micros % 1_000_000),
    }
}

fn line_of(frame: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(part(frame, 4)?))
}

fn part<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn place<T: PartialEq>(all: &[T], one: &T) -> u8 {
    all.iter().position(|other| other == one).unwrap_or(0) as u8
}

/// The year of a stamp that has none.
const NO_YEAR: i16 = i16::MIN;

fn written(stamp: Option<Stamp>) -> (u8, i64, i32) {
    match stamp {
        None => (0, 0, 0),
        Some(Stamp::Absolute { micros, offset }) => (1, micros, offset),
        Some(Stamp::Local { year, month, day, micros }) => {
            (2, micros, i32::from(year.unwrap_or(NO_YEAR)) << 16 | i32::from(month) << 8 | i32::from(day))
        }
        Some(Stamp::Uptime { micros }) => (3, micros, 0),
    }
}

fn stamp(kind: u8, wide: i64, narrow: i32) -> Option<Stamp> {
    match kind {
        1 => Some(Stamp::Absolute { micros: wide, offset: narrow }),
        2 => {
            let year = Some((narrow >> 16) as i16).filter(|&year| year != NO_YEAR);
            Some(Stamp::Local { year, month: (narrow >> 8) as u8, day: narrow as u8, micros: wide })
        }
        3 => Some(Stamp::Uptime { micros: wide }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{entries, Guess, Layout};

    const STAMPS: [Option<Stamp>; 5] = [
        None,
        Some(Stamp::Absolute { micros: 1_704_067_390_123_456, offset: -19_800 }),
        Some(Stamp::Local { year: None, month: 12, day: 31, micros: 86_399_999_999 }),
        Some(Stamp::Local { year: Some(2023), month: 1, day: 2, micros: 3_661_000_007 }),
        Some(Stamp::Uptime { micros: 1_300_123_456 }),
    ];

    fn frame<'f>(line: u64, stamp: Option<Stamp>, message: &'f [u8]) -> Frame<'f> {
        Frame {
            stamp,
            pid: 1032,
            host: b"node-a",
            ident: b"kubelet",
            unit: b"kubelet.service",
            severity: Severity::Warning,
            ..Frame::new(Envelope::Journal, line, message)
        }
    }

    #[test]
    fn what_was_written_is_read() {
        for stamp in STAMPS {
            let mut bytes = Vec::new();
            let frame = frame(7, stamp, b"two\nlines");
            frame.write(&mut bytes);
            assert_eq!(frame_at(&bytes, 0), Some(0..bytes.len()));
            assert_eq!(Frame::read(&bytes), Some(frame));
            for cut in 0..bytes.len() {
                assert_eq!(frame_at(&bytes[..cut], 0), None);
                let _ = Frame::read(&bytes[..cut]);
            }
        }
    }

    #[test]
    fn frames_are_entries_with_lines_of_their_own() {
        let mut block = Vec::new();
        let open = b"E1231 22:50:04.309588    1234 server.go:416] \"Failed\" err=<";
        Frame { marker: true, ..Frame::new(Envelope::Journal, 3, b"-- Boot 9b7a --") }.write(&mut block);
        frame(3, STAMPS[1], open).write(&mut block);
        Frame { ident: b"systemd", pid: 1, ..frame(4, STAMPS[1], b"Started kubelet.") }.write(&mut block);
        frame(5, STAMPS[1], b"\tone").write(&mut block);
        frame(6, STAMPS[1], b" > pod=\"a/b\"").write(&mut block);
        let mut guess = Guess::default();
        let read = entries(Layout::Frames, &block).map(|raw| {
            let entry = raw.peel(&block, &mut guess);
            (raw.line + 1, entry.envelope, String::from_utf8_lossy(&entry.message).into_owned())
        });
        let read: Vec<_> = read.collect();
        assert_eq!(read[0], (3, Envelope::Marker, "-- Boot 9b7a --".into()));
        assert!(read[1].2.ends_with("err=<\n\tone\n > pod=\"a/b\""), "{read:?}");
        assert_eq!(read[2], (4, Envelope::Journal, "Started kubelet.".into()));
        assert_eq!(read.len(), 3);
    }

    #[test]
    fn an_entry_is_shown_as_journalctl_would() {
        let shown_of = |stamp| {
            let mut bytes = Vec::new();
            frame(1, stamp, b"first\nsecond").write(&mut bytes);
            let raw = entries(Layout::Frames, &bytes).next().expect("there is one");
            String::from_utf8_lossy(&shown(&raw.peel(&bytes, &mut Guess::default()))).into_owned()
        };
        assert_eq!(shown_of(STAMPS[1]), "2024-01-01T00:03:10.123456+00:00 node-a kubelet[1032]: first");
        assert_eq!(shown_of(STAMPS[2]), "Dec 31 23:59:59.999999 node-a kubelet[1032]: first");
        assert_eq!(shown_of(STAMPS[3]), "2023-01-02 01:01:01.000007 node-a kubelet[1032]: first");
        assert_eq!(shown_of(STAMPS[4]), "[ 1300.123456] node-a kubelet[1032]: first");
    }
}
