//! Kube events in one form, whatever wrote them: the core group, events.k8s.io, a table of `kubectl`. As evidence: evictions of
//! pods, and all that is said of nodes; every other event only tells how late it was when the file was written.

use super::eviction::{eviction, is_low, pod_name};
use super::found::Found;
use super::objects::{self, Kind};
use super::table::limited_to;
use super::time::rfc3339;
use super::value::{text_of, Value};
use super::{describe, describe_pod, event_table, What};

/// An event, as far as its source tells it. What is not told is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KubeEvent {
    /// Bytes of the text before it (of its message, where it is an object).
    pub offset: usize,
    /// When it was first seen, microseconds since 1970 UTC. `None` in tables, which tell ages.
    pub time: Option<i64>,
    /// When it was last seen, same unit.
    pub last: Option<i64>,
    /// In tables: seconds from its last sight to the moment at which the table was printed. That moment is not told, so ages
    /// order events and give no time.
    pub age: Option<u64>,
    /// In tables: seconds from its first sight to that moment.
    pub first_age: Option<u64>,
    /// How often it was seen; at least one, since it is there.
    pub count: u64,
    /// Kind of the object that it is about: `Pod`, `Node`.
    pub kind: String,
    /// Namespace of that object.
    pub namespace: String,
    /// Name of that object.
    pub name: String,
    /// Reason: `Evicted`, `BackOff`.
    pub reason: String,
    /// Message, at most [`super::LONGEST_TEXT`] bytes.
    pub message: String,
    /// `Normal` or `Warning`.
    pub severity: String,
    /// Who wrote it: `kubelet`, `default-scheduler`.
    pub component: String,
    /// On which node.
    pub host: String,
}

/// The event that one JSON object is; `None` for all else. List elements that leave out their kind are known by their shape.
pub fn kube_event(object: &str) -> Option<KubeEvent> {
    let object = object.trim();
    let value = Value::Json(object);
    (object.starts_with('{') && Kind::of_object(value) == Some(Kind::Event)).then(|| of_object(value, object))
}

/// Calls `found` with each event of a file, in its order: lists and single objects in JSON and YAML, JSON lines, tables of
/// `kubectl get events` and `kubectl events`, descriptions of nodes and pods. Nothing is built but the event at hand. False where the file holds none of these.
pub fn kube_events(bytes: &[u8], found: &mut dyn FnMut(KubeEvent)) -> bool {
    let text = objects::text_of_file(bytes);
    let mut any = false;
    objects::each(text, &mut |kind, object| {
        if kind == Kind::Event {
            any = true;
            found(of_object(object, text));
        }
    });
    any || describe::each(text, found) || describe_pod::each(text, found) || event_table::each(text, found)
}

/// An event from its object.
pub(super) fn of_object(event: Value<'_>, text: &str) -> KubeEvent {
    let names = ["involvedObject", "regarding", "reason", "message", "note", "type", "source", "deprecatedSource"];
    let [involved, regarding, reason, message, note, severity, source, old_source] = event.fields(names);
    let [component, old_component, instance] =
        event.fields(["reportingComponent", "reportingController", "reportingInstance"]).map(text_of);
    let [kind, namespace, name] = involved
        .or(regarding)
        .map(|object| object.fields(["kind", "namespace", "name"]))
        .unwrap_or_default()
        .map(text_of);
    let of_source = |name: &str| [source, old_source].map(|s| text_of(s.and_then(|s| s.field(name))));
    let first_told = |all: Vec<String>| all.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let wording = message.or(note);
    let course = Course::of(event);
    KubeEvent {
        offset: wording.unwrap_or(event).offset(text),
        time: course.first,
        last: course.last,
        age: None,
        first_age: None,
        count: course.count,
        kind,
        namespace,
        name,
        reason: text_of(reason),
        message: text_of(wording),
        severity: text_of(severity),
        component: first_told([of_source("component").to_vec(), vec![component, old_component]].concat()),
        host: first_told([of_source("host").to_vec(), vec![instance]].concat()),
    }
}

/// Longest message kept of an event about a node, in bytes: there may be as many as facts are kept.
const NODE_MESSAGE: usize = 256;

/// Notes what an event says.
pub(super) fn facts(event: KubeEvent, found: &mut Found) {
    found.seen(event.last);
    if event.kind == "Node" {
        let KubeEvent { name, reason, time, count, .. } = event;
        let message = limited_to(&event.message, NODE_MESSAGE);
        found.say(event.offset, What::NodeEvent { node: name, reason, message, first: time, count });
    } else if (event.kind == "Pod" || event.kind.is_empty()) && (event.reason == "Evicted" || is_low(&event.message)) {
        let pod = pod_name(event.namespace, event.name);
        found.say(event.offset, eviction(&event.message, pod, event.time, event.host));
    }
}

/// When and how often an event was seen. Which fields tell it depends on the API group and on who wrote the event.
struct Course {
    first: Option<i64>,
    last: Option<i64>,
    /// At least one, since the event is there.
    count: u64,
}

impl Course {
    fn of(event: Value<'_>) -> Course {
        let times =
            ["firstTimestamp", "deprecatedFirstTimestamp", "eventTime", "lastTimestamp", "deprecatedLastTimestamp"];
        let [first, old_first, time, last, old_last] = event.fields(times).map(at);
        let [metadata, series, count, old_count] = event.fields(["metadata", "series", "count", "deprecatedCount"]);
        let created = at(metadata.and_then(|m| m.field("creationTimestamp")));
        let [seen, observed] = series.map(|s| s.fields(["count", "lastObservedTime"])).unwrap_or_default();
        let observed = at(observed);
        Course {
            first: first.or(old_first).or(time).or(created).or(last).or(old_last),
            last: [first, old_first, time, created, observed, last, old_last].into_iter().flatten().max(),
            count: [count, old_count, seen].into_iter().flatten().filter_map(Value::count).max().unwrap_or(1).max(1),
        }
    }
}

fn at(value: Option<Value<'_>>) -> Option<i64> {
    rfc3339(&text_of(value))
}
