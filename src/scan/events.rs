//! Kube events and conditions of node objects as a source of entries: where nobody kept a log, they are all that is left of what
//! happened. Apart because it is here that evidence becomes entries; whether they count beside a log is the verdict's work.
//!
//! An event is written as the recorder of the component that made it logs it, so that the patterns that know the log know it too.

use std::fmt::Write;
use std::io::{self, Read};

use crate::base::{Envelope, Severity, Stamp};
use crate::envelope::Frame;
use crate::evidence::{self, Evidence, KubeEvent, What};

/// An event that was seen more often stands for so many entries.
const MOST_OF_ONE: u64 = 200;
/// Entries made of one file at most: those of the first events in it.
const MOST: usize = 200_000;

const SECOND: i64 = 1_000_000;

/// What an event or a condition tells, however many entries it stands for.
struct Told {
    /// When its first entry was, in microseconds of its clock.
    first: i64,
    /// When its last one was, same unit.
    last: i64,
    /// How many there are.
    count: u64,
    clock: Clock,
    line: u64,
    severity: Severity,
    host: String,
    component: String,
    /// The row of a table that tells it; empty for an object, which has many lines.
    row: String,
    message: String,
}

/// What times are told from.
#[derive(Clone, Copy, PartialEq)]
enum Clock {
    /// 1970, in UTC.
    World,
    /// The moment at which a table was printed: it tells ages, which place events beside each other and give no time.
    Age,
    /// None is told.
    Unknown,
}

/// The entries of a file of events or node objects, as frames in the order of time; each is written when it is asked for, since
/// all of them together may be several times as large as the file.
#[derive(Default)]
pub(super) struct Frames {
    told: Vec<Told>,
    /// When an entry is, and the place of what it tells; in the order of time.
    entries: std::vec::IntoIter<(i64, u32)>,
    /// Of the frame at hand, and how much of it was given out.
    frame: Vec<u8>,
    given: usize,
}

impl Frames {
    /// Of a file and what was found in it.
    pub(super) fn new(bytes: &[u8], evidence: &Evidence) -> Frames {
        let mut lines = Lines { bytes, offset: 0, line: 1 };
        let mut told: Vec<Told> = Vec::new();
        evidence::kube_events(bytes, &mut |event| {
            if told.len() < MOST {
                let (line, row) = lines.at(event.offset);
                let begins = event.offset == 0 || bytes.get(event.offset - 1) == Some(&b'\n');
                let row = if begins { row_of(row, &event) } else { String::new() };
                told.push(of_event(event, line, row));
            }
        });
        // The oldest is at zero.
        let aged = |told: &&mut Told| told.clock == Clock::Age;
        let oldest = told.iter_mut().filter(aged).map(|told| told.first.min(told.last)).min().unwrap_or(0);
        for told in told.iter_mut().filter(aged) {
            (told.first, told.last) = (told.first - oldest, told.last - oldest);
        }
        let events = told.len();
        told.extend(evidence.facts.iter().filter_map(|fact| of_condition(&fact.what, fact.position.line)));
        let of = |(told, place): (&Told, u32)| told.times().map(move |at| (at, place)).collect::<Vec<_>>();
        let all = || told.iter().zip(0..);
        let mut entries: Vec<(i64, u32)> = all().take(events).flat_map(of).take(MOST).collect();
        entries.extend(all().skip(events).flat_map(of));
        entries.sort_by_key(|&(at, place)| (at, told[place as usize].line));
        Frames { told, entries: entries.into_iter(), frame: Vec::new(), given: 0 }
    }

    /// There are none.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.len() == 0
    }
}

impl Read for Frames {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < into.len() {
            if self.given == self.frame.len() {
                let Some((at, place)) = self.entries.next() else { break };
                self.given = 0;
                self.frame.clear();
                self.told[place as usize].write(at, &mut self.frame);
            }
            let length = (into.len() - filled).min(self.frame.len() - self.given);
            into[filled..filled + length].copy_from_slice(&self.frame[self.given..self.given + length]);
            self.given += length;
            filled += length;
        }
        Ok(filled)
    }
}

impl Told {
    /// When its entries are.
    fn times(&self) -> impl Iterator<Item = i64> + '_ {
        // What is a problem goes on in between, as far as anybody can tell; what is not (a recovery) is not to be made up.
        let steady = self.severity == Severity::Warning;
        let course = i128::from(self.last) - i128::from(self.first);
        (0..self.count).map(move |number| match number {
            0 => self.first,
            _ if steady => self.first + (course * i128::from(number) / i128::from(self.count.max(2) - 1)) as i64,
            _ => self.last,
        })
    }

    /// Appends the frame of the entry at this time.
    fn write(&self, at: i64, out: &mut Vec<u8>) {
        let stamp = match self.clock {
            Clock::World => Some(Stamp::Absolute { micros: at, offset: 0 }),
            Clock::Age => Some(Stamp::Uptime { micros: at }),
            Clock::Unknown => None,
        };
        let frame = Frame {
            severity: self.severity,
            stamp,
            host: self.host.as_bytes(),
            ident: self.component.as_bytes(),
            shown: self.row.as_bytes(),
            ..Frame::new(Envelope::Store, self.line, self.message.as_bytes())
        };
        frame.write(out);
    }
}

/// The longest age that is told apart, in seconds: no cluster is older than its machines.
const OLDEST: u64 = 100 * 366 * 86_400;

/// What an event tells.
fn of_event(event: KubeEvent, line: u64, row: String) -> Told {
    let before = |age: u64| -(age.min(OLDEST) as i64) * SECOND;
    let (first, last, clock) = match (event.time.or(event.last), event.last.or(event.time), event.age) {
        (Some(first), Some(last), _) => (first, last, Clock::World),
        (_, _, Some(age)) => (before(event.first_age.unwrap_or(age)), before(age), Clock::Age),
        _ => (0, 0, Clock::Unknown),
    };
    let last = last.max(first);
    let count = match last == first {
        true => event.count.min(MOST_OF_ONE),
        false => event.count.clamp(2, MOST_OF_ONE),
    };
    let severity = if event.severity == "Warning" { Severity::Warning } else { Severity::Info };
    let message = message(&event);
    let host = if event.host.is_empty() && event.kind == "Node" { event.name } else { event.host };
    Told { first, last, count, clock, line, severity, host, component: event.component, row, message }
}

/// The line at an event's beginning, where it tells the event: reason and the beginning of its message.
fn row_of(line: &[u8], event: &KubeEvent) -> String {
    let line = String::from_utf8_lossy(line);
    let begins = event.message.chars().take(ENOUGH).collect::<String>();
    let tells = !event.reason.is_empty() && line.contains(&event.reason) && line.contains(&begins);
    if tells && !line.trim_start().starts_with('{') {
        line.trim_end().to_string()
    } else {
        String::new()
    }
}

/// Characters of a message by which it is known again.
const ENOUGH: usize = 24;

/// As the recorder logs it; which pod or node it is about is told once more, in the words of other lines.
fn message(event: &KubeEvent) -> String {
    let object = match event.namespace.as_str() {
        "" => event.name.clone(),
        namespace => format!("{namespace}/{}", event.name),
    };
    let mut text = format!(
        "\"Event occurred\" object={object:?} kind={:?} type={:?} reason={:?} message={:?}",
        event.kind, event.severity, event.reason, event.message
    );
    let key = match event.kind.as_str() {
        "Pod" => "pod",
        "Node" => "node",
        _ => return text,
    };
    // Writing to a String cannot fail.
    let _ = write!(text, " {key}={object:?}");
    text
}

/// A condition of a node object that is a problem, since when it holds.
fn of_condition(what: &What, line: u64) -> Option<Told> {
    let What::NodeCondition { node, kind, status, reason, message, since, .. } = what else { return None };
    let told = match (kind.as_str(), status.as_str()) {
        ("DiskPressure", "True") => "NodeHasDiskPressure",
        ("MemoryPressure", "True") => "NodeHasInsufficientMemory",
        ("PIDPressure", "True") => "NodeHasInsufficientPID",
        ("Ready", "False" | "Unknown") => "NodeNotReady",
        _ => return None,
    };
    let at = (*since)?;
    Some(Told {
        first: at,
        last: at,
        count: 1,
        clock: Clock::World,
        line,
        severity: Severity::Warning,
        host: node.clone(),
        component: "kubelet".to_string(),
        row: String::new(),
        message: format!("Node {node} status is now: {told} ({kind} is {status}: {reason}: {message})"),
    })
}

/// Counts lines up to offsets that mostly rise; one that falls starts the count anew.
struct Lines<'b> {
    bytes: &'b [u8],
    offset: usize,
    line: u64,
}

impl<'b> Lines<'b> {
    /// The number of the line at an offset, and what stands from there to its end.
    fn at(&mut self, offset: usize) -> (u64, &'b [u8]) {
        let offset = offset.min(self.bytes.len());
        if offset < self.offset {
            (self.offset, self.line) = (0, 1);
        }
        self.line += memchr::memchr_iter(b'\n', &self.bytes[self.offset..offset]).count() as u64;
        self.offset = offset;
        let rest = &self.bytes[offset..];
        (self.line, &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())])
    }
}
