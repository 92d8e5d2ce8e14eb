//! A node object: its conditions and its capacity.

use super::found::Found;
use super::quantity::quantity;
use super::time::rfc3339;
use super::value::{text_of, Value};
use super::What;

/// Notes what a node says of itself.
pub(super) fn facts(node: Value<'_>, text: &str, found: &mut Found) {
    let [metadata, status] = node.fields(["metadata", "status"]);
    let [name, created] = metadata.map(|m| m.fields(["name", "creationTimestamp"])).unwrap_or_default();
    let name = text_of(name);
    found.seen(rfc3339(&text_of(created)));
    let [capacity, conditions] = status.map(|s| s.fields(["capacity", "conditions"])).unwrap_or_default();
    if let Some(capacity) = capacity {
        capacity.entries(&mut |resource, amount| {
            if let Some(value) = amount.text().and_then(|written| quantity(&written)) {
                found.say(
                    amount.offset(text),
                    What::Capacity { node: name.clone(), resource: resource.to_owned(), value },
                );
            }
        });
    }
    if let Some(conditions) = conditions {
        conditions.each(&mut |one| condition(one, &name, text, found));
    }
}

/// Notes one condition; one without a type says nothing.
fn condition(condition: Value<'_>, node: &str, text: &str, found: &mut Found) {
    let names = ["type", "status", "reason", "message", "lastTransitionTime", "lastHeartbeatTime"];
    let [kind, status, reason, message, since, heartbeat] = condition.fields(names).map(text_of);
    let since = rfc3339(&since);
    found.seen(since);
    found.seen(rfc3339(&heartbeat));
    if !kind.is_empty() {
        found.say(
            condition.offset(text),
            What::NodeCondition { node: node.to_owned(), kind, status, reason, message, since },
        );
    }
}
