//! `kubectl describe pod`: where a pod runs, how its containers ended, and its events, as text. Apart from the description of a
//! node because nothing but the table of events is the same.

use super::event_table::Events;
use super::events::{self, KubeEvent};
use super::eviction::{eviction, is_low, pod_name};
use super::found::Found;
use super::objects;
use super::table::{limited, lines};
use super::time::rfc2822;
use super::{Evidence, What};

/// Reads descriptions of one or more pods; `None` for all else.
pub(super) fn read(bytes: &[u8]) -> Option<Evidence> {
    let mut reader = Reader::default();
    let text = objects::text_of_file(bytes);
    let is_one = reader.text(text, &mut |event, found| events::facts(event, found));
    is_one.then(|| reader.found.evidence("pods", text.as_bytes(), 0))
}

/// Calls `found` with each event of such descriptions. False where the file is none.
pub(super) fn each(text: &str, found: &mut dyn FnMut(KubeEvent)) -> bool {
    Reader::default().text(text, &mut |event, _| found(event))
}

/// Does a file begin as the description of a pod does?
fn is_one(text: &str) -> bool {
    text.trim_start().starts_with("Name:")
        && ["\nNamespace:", "\nNode:", "\nContainers:"].iter().all(|heading| text.contains(heading))
}

/// What is said of one state of a container.
#[derive(Default)]
struct State {
    offset: usize,
    kind: String,
    reason: String,
    exit: Option<i64>,
    ended: Option<i64>,
}

/// Why the pod as a whole has ended.
#[derive(Default)]
struct Ended {
    offset: usize,
    reason: String,
    message: String,
}

/// A pod, as far as its description was read.
#[derive(Default)]
struct Reader {
    namespace: String,
    name: String,
    node: String,
    ended: Option<Ended>,
    section: Section,
    container: String,
    restarts: u64,
    states: Vec<State>,
    /// The lines belong to the last of the states.
    in_state: bool,
    events: Events,
    found: Found,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Section {
    /// What is said of the pod itself comes first.
    #[default]
    Pod,
    Containers,
    Other,
    Events,
}

/// What is done with an event.
type OnEvent<'f> = &'f mut dyn FnMut(KubeEvent, &mut Found);

impl Reader {
    /// Reads all of a file; false where it is no description of pods.
    fn text(&mut self, text: &str, on_event: OnEvent<'_>) -> bool {
        if !is_one(text) {
            return false;
        }
        for (offset, line) in lines(text) {
            self.line(line, offset, on_event);
        }
        self.end_pod();
        true
    }

    fn line(&mut self, line: &str, offset: usize, on_event: OnEvent<'_>) {
        let indent = line.len() - line.trim_start().len();
        let (key, value) = line.trim_start().split_once(':').unwrap_or_default();
        let value = value.trim();
        match (self.section, indent) {
            (_, 0) => self.heading(key, value, offset),
            (Section::Containers, 2) => {
                self.end_container();
                self.container = limited(key);
            }
            (Section::Containers, 4) => self.about_container(key, value, offset),
            (Section::Containers, 6) if self.in_state => self.about_state(key, value, offset),
            (Section::Events, _) => self.event(line, offset, on_event),
            _ => {}
        }
    }

    /// A line that is not indented. The words with which a container ended may have such lines too: what is no heading there
    /// changes nothing.
    fn heading(&mut self, key: &str, value: &str, offset: usize) {
        match (key, self.section) {
            ("Containers" | "Init Containers" | "Ephemeral Containers", _) => self.begin(Section::Containers),
            ("Conditions" | "Volumes" | "QoS Class", _) => self.begin(Section::Other),
            ("Events", _) => self.begin(Section::Events),
            ("Name", Section::Pod | Section::Events) => {
                self.end_pod();
                self.name = limited(value);
            }
            (_, Section::Pod) => self.about_pod(key, value, offset),
            _ => {}
        }
    }

    fn begin(&mut self, section: Section) {
        self.end_container();
        self.events = Events::default();
        self.section = section;
    }

    fn about_pod(&mut self, key: &str, value: &str, offset: usize) {
        match key {
            "Namespace" => self.namespace = limited(value),
            // Behind it stands the node's address; before it is scheduled, `<none>`.
            "Node" => self.node = limited(value.split('/').next().filter(|node| *node != "<none>").unwrap_or_default()),
            "Start Time" => self.found.seen(rfc2822(value)),
            "Reason" => self.ended.get_or_insert_default().about(offset).reason = limited(value),
            "Message" => self.ended.get_or_insert_default().about(offset).message = limited(value),
            _ => {}
        }
    }

    fn about_container(&mut self, key: &str, value: &str, offset: usize) {
        self.in_state = matches!(key, "State" | "Last State");
        if self.in_state {
            self.states.push(State { offset, kind: limited(&value.to_ascii_lowercase()), ..State::default() });
        } else if key == "Restart Count" {
            self.restarts = value.parse().unwrap_or(0);
        }
    }

    fn about_state(&mut self, key: &str, value: &str, offset: usize) {
        let Some(state) = self.states.last_mut() else { return };
        match key {
            "Reason" => (state.reason, state.offset) = (limited(value), offset),
            "Exit Code" => state.exit = value.parse().ok(),
            "Started" => self.found.seen(rfc2822(value)),
            "Finished" => {
                state.ended = rfc2822(value);
                self.found.seen(state.ended);
            }
            _ => {}
        }
    }

    fn event(&mut self, line: &str, offset: usize, on_event: OnEvent<'_>) {
        let Some(event) = self.events.row(line) else { return };
        let (namespace, name) = (self.namespace.clone(), self.name.clone());
        // The table leaves out the host; of the components that speak of pods only a kubelet is on the pod's node.
        let is_own = event.host.is_empty() && event.component == "kubelet";
        let host = if is_own { self.node.clone() } else { event.host };
        on_event(KubeEvent { offset, kind: "Pod".to_owned(), namespace, name, host, ..event }, &mut self.found);
    }

    fn pod(&self) -> String {
        pod_name(self.namespace.clone(), self.name.clone())
    }

    /// Notes how a container ended and what it waits for, where that is trouble.
    fn end_container(&mut self) {
        let (container, restarts) = (std::mem::take(&mut self.container), std::mem::take(&mut self.restarts));
        self.in_state = false;
        for State { offset, kind, reason, exit, ended } in std::mem::take(&mut self.states) {
            let known = matches!(kind.as_str(), "terminated" | "waiting");
            let untold = exit.is_none() && reason.is_empty();
            if !known || untold || exit == Some(0) || matches!(reason.as_str(), "ContainerCreating" | "PodInitializing")
            {
                continue;
            }
            let (pod, container, node) = (self.pod(), container.clone(), self.node.clone());
            let what = What::Container { pod, container, state: kind, reason, exit, restarts, ended, node };
            self.found.say(offset, what);
        }
    }

    /// Notes why the pod as a whole ended, and is ready for the next.
    fn end_pod(&mut self) {
        self.end_container();
        self.found.runs(&self.pod(), &self.node);
        if let Some(Ended { offset, reason, message }) = self.ended.take() {
            let (pod, node) = (self.pod(), self.node.clone());
            if reason == "Evicted" || is_low(&message) {
                self.found.say(offset, eviction(&message, pod, None, node));
            } else if !reason.is_empty() {
                self.found.say(offset, What::PodStatus { pod, status: reason, message, restarts: 0, node });
            }
        }
        self.found.end_object();
        (self.namespace, self.name, self.node) = Default::default();
        self.begin(Section::Pod);
    }
}

impl Ended {
    /// The same at the line of its latest words.
    fn about(&mut self, offset: usize) -> &mut Ended {
        self.offset = offset;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = "Name:         web-1
Namespace:    shop
Node:         node-a/10.0.0.1
Containers:
  app:
    State:  Waiting
      Reason:  CrashLoopBackOff
Events:  <none>
";

    #[test]
    fn anything_cut_out_of_it_does_no_harm() {
        for end in 0..POD.len() {
            let _ = read(&POD.as_bytes()[..end]);
            let _ = read(&POD.as_bytes()[end..]);
        }
        assert_eq!(read(POD.as_bytes()).map(|evidence| evidence.facts.len()), Some(1));
        assert_eq!(read(b"Name: node-a\nConditions:\n  Type  Status\n"), None);
    }
}
