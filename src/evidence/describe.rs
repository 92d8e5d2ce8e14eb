//! `kubectl describe node`: a node object and its events, as text. The events' ages count from a moment that the text does not
//! tell.

use super::event_table::Events;
use super::events::{self, KubeEvent};
use super::found::Found;
use super::objects;
use super::quantity::quantity;
use super::table::{limited, lines, Columns};
use super::time::rfc2822;
use super::{Evidence, What};

/// Reads descriptions of one or more nodes; `None` for all else.
pub(super) fn read(bytes: &[u8]) -> Option<Evidence> {
    let text = objects::text_of_file(bytes);
    let mut reader = Reader::default();
    let is_one = reader.text(text, &mut |event, found| events::facts(event, found));
    is_one.then(|| reader.found.evidence("node", text.as_bytes(), 0))
}

/// Calls `found` with each event of such descriptions. False where the file is none.
pub(super) fn each(text: &str, found: &mut dyn FnMut(KubeEvent)) -> bool {
    Reader::default().text(text, &mut |event, _| found(event))
}

/// Does a file begin as the description of a node does?
fn is_one(text: &str) -> bool {
    text.trim_start().starts_with("Name:") && text.contains("\nConditions:") && text.contains(" LastHeartbeatTime ")
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Section {
    Conditions,
    Capacity,
    Allocatable,
    Taints,
    Info,
    Events,
    #[default]
    Other,
}

#[derive(Default)]
struct Reader {
    node: String,
    section: Section,
    /// Where the columns of the conditions begin.
    columns: Option<Columns>,
    events: Events,
    found: Found,
}

/// What is done with an event.
type OnEvent<'f> = &'f mut dyn FnMut(KubeEvent, &mut Found);

impl Reader {
    /// Reads all of a file; false where it is no description of nodes.
    fn text(&mut self, text: &str, on_event: OnEvent<'_>) -> bool {
        if !is_one(text) {
            return false;
        }
        for (offset, line) in lines(text) {
            self.line(line, offset, on_event);
        }
        self.found.end_object();
        true
    }

    fn line(&mut self, line: &str, offset: usize, on_event: OnEvent<'_>) {
        if !line.starts_with(' ') {
            return self.section(line, offset);
        }
        match self.section {
            Section::Conditions => self.condition(line, offset),
            Section::Capacity | Section::Allocatable => self.amount(line, offset),
            Section::Taints => self.taint(line, offset),
            Section::Info => self.info(line, offset),
            Section::Events => self.event(line, offset, on_event),
            Section::Other => {}
        }
    }

    fn section(&mut self, line: &str, offset: usize) {
        let (name, value) = line.split_once(':').unwrap_or_default();
        self.section = match name {
            "Conditions" => Section::Conditions,
            "Capacity" => Section::Capacity,
            "Allocatable" => Section::Allocatable,
            "Taints" => Section::Taints,
            "System Info" => Section::Info,
            "Events" => Section::Events,
            _ => Section::Other,
        };
        (self.columns, self.events) = (None, Events::default());
        match name {
            "Name" => self.node = limited(value.trim()),
            "Taints" => self.taint(value, offset),
            _ => {}
        }
    }

    fn amount(&mut self, line: &str, offset: usize) {
        let Some((resource, amount)) = line.split_once(':') else { return };
        let Some(value) = quantity(amount) else { return };
        let (node, resource) = (self.node.clone(), limited(resource.trim()));
        self.found.say(
            offset,
            match self.section {
                Section::Capacity => What::Capacity { node, resource, value },
                _ => What::Allocatable { node, resource, value },
            },
        );
    }

    /// `node.kubernetes.io/not-ready:NoSchedule`; with a value, `key=value:effect`.
    fn taint(&mut self, text: &str, offset: usize) {
        let Some((key, effect)) = text.trim().rsplit_once(':') else { return };
        let key = key.split('=').next().unwrap_or(key);
        self.found.say(offset, What::Taint { node: self.node.clone(), key: limited(key), effect: limited(effect) });
    }

    fn info(&mut self, line: &str, offset: usize) {
        let (title, value) = line.trim_start().split_once(':').unwrap_or_default();
        let name = match title {
            "Kernel Version" => "kernelVersion",
            "OS Image" => "osImage",
            "Container Runtime Version" => "containerRuntimeVersion",
            "Kubelet Version" => "kubeletVersion",
            _ => return,
        };
        let (name, value) = (name.to_owned(), limited(value.trim()));
        self.found.say(offset, What::NodeInfo { node: self.node.clone(), name, value });
    }

    fn condition(&mut self, line: &str, offset: usize) {
        let Some(columns) = &self.columns else {
            self.columns = Columns::of(line).filter(|columns| columns.has("LASTHEARTBEATTIME"));
            return;
        };
        let row = columns.row(line);
        let kind = row.text("TYPE");
        if kind.is_empty() || kind.starts_with('-') {
            return;
        }
        let (since, heartbeat) = (rfc2822(row.cell("LASTTRANSITIONTIME")), rfc2822(row.cell("LASTHEARTBEATTIME")));
        self.found.seen(since);
        self.found.seen(heartbeat);
        let [status, reason, message] = ["STATUS", "REASON", "MESSAGE"].map(|name| row.text(name));
        let node = self.node.clone();
        self.found.say(offset, What::NodeCondition { node, kind, status, reason, message, since, heartbeat });
    }

    fn event(&mut self, line: &str, offset: usize, on_event: OnEvent<'_>) {
        let Some(event) = self.events.row(line) else { return };
        on_event(KubeEvent { offset, kind: "Node".to_owned(), name: self.node.clone(), ..event }, &mut self.found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: &str = "Name:               node-a
Roles:              <none>
CreationTimestamp:  Wed, 25 Nov 2026 04:20:05 +0000
Conditions:
  Type             Status  LastHeartbeatTime                 LastTransitionTime                Reason                     Message
  ----             ------  -----------------                 ------------------                ------                     -------
  DiskPressure     True    Wed, 25 Nov 2026 04:25:37 +0000   Wed, 25 Nov 2026 04:21:05 +0000   KubeletHasDiskPressure     kubelet has disk pressure
  Ready            Unknown <unknown>                         Wed, 25 Nov 2026 04:20:15 +0000   NodeStatusUnknown          Kubelet stopped posting node status.
Capacity:
  cpu:                2
  ephemeral-storage:  3021608Ki
  odd:                much
Allocatable:
  cpu:                1
Events:
  Type     Reason     Age    From     Message
  Normal   Starting   5m34s  kubelet  Starting kubelet.
";

    #[test]
    fn a_description_says_what_the_object_says() {
        let evidence = read(NODE.as_bytes()).expect("a description");
        let condition = |kind: &str, status: &str, reason: &str, message: &str, since: i64, heartbeat: Option<i64>| {
            What::NodeCondition {
                node: "node-a".into(),
                kind: kind.into(),
                status: status.into(),
                reason: reason.into(),
                message: message.into(),
                since: Some(since),
                heartbeat,
            }
        };
        let capacity =
            |resource: &str, value| What::Capacity { node: "node-a".into(), resource: resource.into(), value };
        let facts: Vec<_> = evidence.facts.iter().map(|f| (f.position.line, f.what.clone())).collect();
        let expected = [
            (
                7,
                condition(
                    "DiskPressure",
                    "True",
                    "KubeletHasDiskPressure",
                    "kubelet has disk pressure",
                    1_795_580_465_000_000,
                    Some(1_795_580_737_000_000),
                ),
            ),
            (
                8,
                condition(
                    "Ready",
                    "Unknown",
                    "NodeStatusUnknown",
                    "Kubelet stopped posting node status.",
                    1_795_580_415_000_000,
                    None,
                ),
            ),
            (10, capacity("cpu", 2.0)),
            (11, capacity("ephemeral-storage", 3021608.0 * 1024.0)),
            (14, What::Allocatable { node: "node-a".into(), resource: "cpu".into(), value: 1.0 }),
            (
                17,
                What::NodeEvent {
                    node: "node-a".into(),
                    reason: "Starting".into(),
                    message: "Starting kubelet.".into(),
                    first: None,
                    count: 1,
                },
            ),
        ];
        assert_eq!(facts, expected);
        assert_eq!((evidence.kind, evidence.latest), ("node", Some(1_795_580_737_000_000)));
    }

    #[test]
    fn anything_cut_out_of_it_does_no_harm() {
        for end in 0..NODE.len() {
            let _ = read(&NODE.as_bytes()[..end]);
            let _ = read(&NODE.as_bytes()[end..]);
        }
        assert_eq!(read(b"Name: pod-a\nConditions:\n  Type  Status\n"), None);
        let odd = NODE.replace("KubeletHasDiskPressure", "K\u{fc}belet").replace("True  ", "Tr\u{fc}e");
        assert!(read(odd.as_bytes()).is_some());
    }
}
