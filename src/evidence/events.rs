//! Events, of the core group and of events.k8s.io: evictions of pods, and all that is said of nodes. Every other event only tells
//! how late it was when the file was written.

use super::eviction::{eviction, is_low, pod_name};
use super::found::Found;
use super::time::rfc3339;
use super::value::{text_of, Value};
use super::What;

/// Notes what an event says.
pub(super) fn facts(event: Value<'_>, text: &str, found: &mut Found) {
    let names =
        ["involvedObject", "regarding", "reason", "message", "note", "source", "deprecatedSource", "reportingInstance"];
    let [involved, regarding, reason, message, note, source, old_source, instance] = event.fields(names);
    let course = Course::of(event);
    found.seen(course.last);
    let [kind, namespace, name] = involved
        .or(regarding)
        .map(|object| object.fields(["kind", "namespace", "name"]))
        .unwrap_or_default()
        .map(text_of);
    let reason = text_of(reason);
    let wording = message.or(note);
    let message = text_of(wording);
    let offset = wording.unwrap_or(event).offset(text);
    if kind == "Node" {
        found.say(offset, What::NodeEvent { node: name, reason, message, first: course.first, count: course.count });
    } else if (kind == "Pod" || kind.is_empty()) && (reason == "Evicted" || is_low(&message)) {
        let host = |source: Option<Value<'_>>| text_of(source.and_then(|s| s.field("host")));
        let hosts = [host(source), host(old_source), text_of(instance)];
        let node = hosts.into_iter().find(|host| !host.is_empty()).unwrap_or_default();
        found.say(offset, eviction(&message, pod_name(namespace, name), course.first, node));
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
