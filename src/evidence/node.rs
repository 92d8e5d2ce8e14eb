//! A node object: its conditions, capacity, taints and versions.

use super::found::Found;
use super::quantity::quantity;
use super::time::rfc3339;
use super::value::{text_of, Value};
use super::What;

/// What of `nodeInfo` is kept.
pub(super) const INFO: [&str; 4] = ["kernelVersion", "osImage", "containerRuntimeVersion", "kubeletVersion"];

/// Notes what a node says of itself.
pub(super) fn facts(node: Value<'_>, text: &str, found: &mut Found) {
    let [metadata, spec, status] = node.fields(["metadata", "spec", "status"]);
    let [name, created] = metadata.map(|m| m.fields(["name", "creationTimestamp"])).unwrap_or_default();
    let name = text_of(name);
    found.seen(rfc3339(&text_of(created)));
    let parts = ["capacity", "allocatable", "conditions", "nodeInfo"];
    let [capacity, allocatable, conditions, info] = status.map(|s| s.fields(parts)).unwrap_or_default();
    let mut amounts = |part: Option<Value<'_>>, fact: &dyn Fn(String, String, f64) -> What| {
        let Some(part) = part else { return };
        part.entries(&mut |resource, amount| {
            if let Some(value) = amount.text().and_then(|written| quantity(&written)) {
                found.say(amount.offset(text), fact(name.clone(), resource.to_owned(), value));
            }
        });
    };
    amounts(capacity, &|node, resource, value| What::Capacity { node, resource, value });
    amounts(allocatable, &|node, resource, value| What::Allocatable { node, resource, value });
    if let Some(taints) = spec.and_then(|spec| spec.field("taints")) {
        taints.each(&mut |taint| {
            let [key, effect] = taint.fields(["key", "effect"]);
            if let Some(at) = key.filter(|key| key.text().is_some()) {
                let (key, effect) = (text_of(key), text_of(effect));
                found.say(at.offset(text), What::Taint { node: name.clone(), key, effect });
            }
        });
    }
    for (field, value) in INFO.iter().zip(info.map(|info| info.fields(INFO)).unwrap_or_default()) {
        let Some(value) = value else { continue };
        if let Some(written) = value.text() {
            found.say(
                value.offset(text),
                What::NodeInfo { node: name.clone(), name: (*field).to_owned(), value: written },
            );
        }
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
    let heartbeat = rfc3339(&heartbeat);
    found.seen(heartbeat);
    if !kind.is_empty() {
        found.say(
            condition.offset(text),
            What::NodeCondition { node: node.to_owned(), kind, status, reason, message, since, heartbeat },
        );
    }
}
