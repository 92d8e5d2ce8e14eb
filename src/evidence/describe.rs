//! `kubectl describe node`: the conditions and the capacity of a node object, as text. Its events are left out: their ages count
//! from a moment that the text does not tell.

use super::found::Found;
use super::quantity::quantity;
use super::time::rfc2822;
use super::{Evidence, What, LONGEST_TEXT};

/// Headings of the table of conditions, in their order.
const HEADINGS: [&str; 6] = ["Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message"];

/// Reads descriptions of one or more nodes; `None` for all else.
pub(super) fn read(bytes: &[u8]) -> Option<Evidence> {
    let is_one = bytes.trim_ascii_start().starts_with(b"Name:")
        && memchr::memmem::find(bytes, b"\nConditions:").is_some()
        && memchr::memmem::find(bytes, b" LastHeartbeatTime ").is_some();
    let text = is_one.then(|| std::str::from_utf8(bytes).ok()).flatten()?;
    let mut reader = Reader { node: String::new(), section: Section::Other, columns: None, found: Found::default() };
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        reader.line(line.trim_end(), offset);
        offset += line.len();
    }
    reader.found.end_object();
    Some(reader.found.evidence("node", bytes, 0))
}

#[derive(Clone, Copy, PartialEq)]
enum Section {
    Conditions,
    Capacity,
    Other,
}

struct Reader {
    node: String,
    section: Section,
    /// Where the columns of the conditions begin.
    columns: Option<[usize; HEADINGS.len()]>,
    found: Found,
}

impl Reader {
    fn line(&mut self, line: &str, offset: usize) {
        if !line.starts_with(' ') {
            let (name, value) = line.split_once(':').unwrap_or_default();
            self.section = match name {
                "Conditions" => Section::Conditions,
                "Capacity" => Section::Capacity,
                _ => Section::Other,
            };
            self.columns = None;
            if name == "Name" {
                self.node = value.trim().chars().take(LONGEST_TEXT).collect();
            }
        } else if self.section == Section::Capacity {
            self.capacity(line, offset);
        } else if self.section == Section::Conditions {
            self.condition(line, offset);
        }
    }

    fn capacity(&mut self, line: &str, offset: usize) {
        let Some((resource, amount)) = line.split_once(':') else { return };
        if let Some(value) = quantity(amount) {
            self.found
                .say(offset, What::Capacity { node: self.node.clone(), resource: resource.trim().to_owned(), value });
        }
    }

    fn condition(&mut self, line: &str, offset: usize) {
        let Some(columns) = self.columns else {
            self.columns = columns(line);
            return;
        };
        let ends = columns.iter().skip(1).copied().chain([usize::MAX]);
        let mut cells = columns.iter().zip(ends).map(|(&start, end)| cell(line, start, end));
        let mut next = || cells.next().unwrap_or_default();
        let [kind, status, heartbeat, since, reason, message] = [next(), next(), next(), next(), next(), next()];
        if kind.is_empty() || kind.starts_with('-') {
            return;
        }
        let since = rfc2822(&since);
        self.found.seen(since);
        self.found.seen(rfc2822(&heartbeat));
        self.found.say(offset, What::NodeCondition { node: self.node.clone(), kind, status, reason, message, since });
    }
}

/// Where the headings of the conditions stand on a line.
fn columns(line: &str) -> Option<[usize; HEADINGS.len()]> {
    let mut starts = [0; HEADINGS.len()];
    for (start, heading) in starts.iter_mut().zip(HEADINGS) {
        *start = line.find(heading)?;
    }
    starts.is_sorted().then_some(starts)
}

/// The text of a line between two columns.
fn cell(line: &str, start: usize, end: usize) -> String {
    let text = line.get(start..end.min(line.len())).unwrap_or_default().trim();
    text.chars().take(LONGEST_TEXT).collect()
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
        let condition = |kind: &str, status: &str, reason: &str, message: &str, since: i64| What::NodeCondition {
            node: "node-a".into(),
            kind: kind.into(),
            status: status.into(),
            reason: reason.into(),
            message: message.into(),
            since: Some(since),
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
                ),
            ),
            (10, capacity("cpu", 2.0)),
            (11, capacity("ephemeral-storage", 3021608.0 * 1024.0)),
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
