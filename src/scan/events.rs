//! Kube events and conditions of node objects as a source of entries: where nobody kept a log, they are all that is left of what
//! happened. Apart because it is here that evidence becomes entries; whether they count beside a log is the verdict's work.
//!
//! An event is written as the recorder of the component that made it logs it, so that the patterns that know the log know it too.

use std::fmt::Write;

use crate::base::{Envelope, Severity, Stamp};
use crate::envelope::Frame;
use crate::evidence::{self, Evidence, KubeEvent, What};

/// An event that was seen more often stands for so many entries.
const MOST_OF_ONE: u64 = 200;
/// Entries made of one file at most: those of the first events in it.
const MOST: usize = 200_000;

const SECOND: i64 = 1_000_000;

/// An entry in the making.
struct Told {
    at: i64,
    stamp: Option<Stamp>,
    line: u64,
    severity: Severity,
    host: String,
    component: String,
    message: String,
}

/// The entries of a file of events or node objects, as frames in the order of time; empty where it holds none.
pub(super) fn frames(bytes: &[u8], evidence: &Evidence) -> Vec<u8> {
    let mut lines = Lines { bytes, offset: 0, line: 1 };
    let mut told: Vec<Told> = Vec::new();
    let mut events: Vec<KubeEvent> = Vec::new();
    evidence::kube_events(bytes, &mut |event| {
        if events.len() < MOST {
            events.push(event);
        }
    });
    // Tables tell ages: they place events beside each other, from the oldest on, and give no time.
    let oldest = events.iter().filter_map(|event| event.first_age.max(event.age)).max().unwrap_or(0);
    for event in &events {
        let line = lines.at(event.offset);
        told.extend(of_event(event, line, oldest).take(MOST - told.len()));
    }
    told.extend(evidence.facts.iter().filter_map(|fact| of_condition(&fact.what, fact.position.line)));
    told.sort_by_key(|told| (told.at, told.line));
    let mut out = Vec::new();
    for told in &told {
        let frame = Frame {
            severity: told.severity,
            stamp: told.stamp,
            host: told.host.as_bytes(),
            ident: told.component.as_bytes(),
            ..Frame::new(Envelope::Store, told.line, told.message.as_bytes())
        };
        frame.write(&mut out);
    }
    out
}

/// The entries that an event stands for, from its first time to its last.
fn of_event(event: &KubeEvent, line: u64, oldest: u64) -> impl Iterator<Item = Told> + '_ {
    let ago = |age: Option<u64>| age.map(|age| (oldest - age.min(oldest)) as i64 * SECOND);
    let uptime = event.time.is_none() && event.last.is_none();
    let (first, last) = match uptime {
        true => (ago(event.first_age.or(event.age)), ago(event.age)),
        false => (event.time.or(event.last), event.last.or(event.time)),
    };
    let (first, last) = (first.unwrap_or(0), last.or(first).unwrap_or(0).max(first.unwrap_or(0)));
    let count = match last - first {
        0 => event.count.min(MOST_OF_ONE),
        _ => event.count.clamp(2, MOST_OF_ONE),
    };
    let timed = event.time.or(event.last).is_some() || event.age.is_some();
    let message = message(event);
    let host = if event.host.is_empty() && event.kind == "Node" { &event.name } else { &event.host };
    let steady = event.severity == "Warning";
    (0..count).map(move |number| {
        // What is a problem goes on in between, as far as anybody can tell; what is not (a recovery) is not to be made up.
        let at = match number {
            0 => first,
            _ if steady => {
                first + (i128::from(last - first) * i128::from(number) / i128::from(count.max(2) - 1)) as i64
            }
            _ => last,
        };
        let stamp = match uptime {
            true => Stamp::Uptime { micros: at },
            false => Stamp::Absolute { micros: at, offset: 0 },
        };
        Told {
            at,
            stamp: timed.then_some(stamp),
            line,
            severity: if event.severity == "Warning" { Severity::Warning } else { Severity::Info },
            host: host.clone(),
            component: event.component.clone(),
            message: message.clone(),
        }
    })
}

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
        at,
        stamp: Some(Stamp::Absolute { micros: at, offset: 0 }),
        line,
        severity: Severity::Warning,
        host: node.clone(),
        component: "kubelet".to_string(),
        message: format!("Node {node} status is now: {told} ({kind} is {status}: {reason}: {message})"),
    })
}

/// Counts lines up to offsets that mostly rise; one that falls starts the count anew.
struct Lines<'b> {
    bytes: &'b [u8],
    offset: usize,
    line: u64,
}

impl Lines<'_> {
    fn at(&mut self, offset: usize) -> u64 {
        let offset = offset.min(self.bytes.len());
        if offset < self.offset {
            (self.offset, self.line) = (0, 1);
        }
        self.line += memchr::memchr_iter(b'\n', &self.bytes[self.offset..offset]).count() as u64;
        self.offset = offset;
        self.line
    }
}
