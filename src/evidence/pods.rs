//! Pods: those that were evicted, in the words of their status; those that failed otherwise; and containers that ended badly or
//! wait. Every other pod only tells where it runs and how late it was when the file was written.

use super::eviction::{eviction, is_low, pod_name};
use super::found::Found;
use super::time::rfc3339;
use super::value::{text_of, Value};
use super::What;

/// Notes what a pod's status says.
pub(super) fn facts(pod: Value<'_>, text: &str, found: &mut Found) {
    let [metadata, spec, status] = pod.fields(["metadata", "spec", "status"]);
    let names = ["namespace", "name", "creationTimestamp"];
    let [namespace, name, created] = metadata.map(|m| m.fields(names)).unwrap_or_default().map(text_of);
    found.seen(rfc3339(&created));
    let node = text_of(spec.and_then(|s| s.field("nodeName")));
    let pod = pod_name(namespace, name);
    found.runs(&pod, &node);
    let Some(status) = status else { return };
    let ended = seen_in(status, found);
    let [reason, wording, phase] = status.fields(["reason", "message", "phase"]);
    let (message, reason_text) = (text_of(wording), text_of(reason));
    if reason_text == "Evicted" || is_low(&message) {
        let offset = wording.unwrap_or(status).offset(text);
        found.say(offset, eviction(&message, pod.clone(), ended, node.clone()));
    } else if let Some(at) = reason.filter(|_| text_of(phase) == "Failed" || !reason_text.is_empty()) {
        let (pod, node) = (pod.clone(), node.clone());
        found.say(at.offset(text), What::PodStatus { pod, status: reason_text, message, restarts: 0, node });
    }
    for statuses in status.fields(["containerStatuses", "initContainerStatuses"]).into_iter().flatten() {
        statuses.each(&mut |container| troubled(container, (&pod, &node), text, found));
    }
}

/// Notes a container that waits for a reason, ended badly, or was killed for its memory the last time.
fn troubled(container: Value<'_>, (pod, node): (&str, &str), text: &str, found: &mut Found) {
    let [name, restarts, state, last] = container.fields(["name", "restartCount", "state", "lastState"]);
    let (name, restarts) = (text_of(name), restarts.and_then(Value::count).unwrap_or(0));
    for state in [last, state].into_iter().flatten() {
        let [ended, waiting] = state.fields(["terminated", "waiting"]);
        let (kind, Some(about)) = (if ended.is_some() { "terminated" } else { "waiting" }, ended.or(waiting)) else {
            continue;
        };
        let [reason, exit, finished] = about.fields(["reason", "exitCode", "finishedAt"]);
        let exit = exit.and_then(Value::text).and_then(|code| code.parse().ok());
        let reason_text = text_of(reason);
        let untold = exit.is_none() && reason_text.is_empty();
        if untold || exit == Some(0) || matches!(reason_text.as_str(), "ContainerCreating" | "PodInitializing") {
            continue;
        }
        let what = What::Container {
            pod: pod.to_owned(),
            container: name.clone(),
            state: kind.to_owned(),
            reason: reason_text,
            exit,
            restarts,
            ended: rfc3339(&text_of(finished)),
            node: node.to_owned(),
        };
        found.say(reason.unwrap_or(about).offset(text), what);
    }
}

/// Notes the times of a status. Gives the one at which the kubelet ended the pod: of the condition that says so (1.26 and
/// later), else of the last thing that ended in it. Older statuses of evicted pods have no such time, only the pod's start.
fn seen_in(status: Value<'_>, found: &mut Found) -> Option<i64> {
    let names = ["startTime", "conditions", "containerStatuses", "initContainerStatuses"];
    let [start, conditions, containers, init] = status.fields(names);
    found.seen(rfc3339(&text_of(start)));
    let (mut disrupted, mut ended) = (None, None);
    if let Some(conditions) = conditions {
        conditions.each(&mut |condition| {
            let [kind, state, since, probed] =
                condition.fields(["type", "status", "lastTransitionTime", "lastProbeTime"]).map(text_of);
            let since = rfc3339(&since);
            found.seen(since);
            found.seen(rfc3339(&probed));
            match (kind.as_str(), state.as_str()) {
                ("DisruptionTarget", "True") => disrupted = since,
                ("Ready", "False") => ended = since,
                _ => {}
            }
        });
    }
    for statuses in [containers, init].into_iter().flatten() {
        statuses.each(&mut |container| ended = ended.max(seen_in_container(container, found)));
    }
    disrupted.or(ended)
}

/// Notes the times at which a container began and ended; gives the end of its last run.
fn seen_in_container(container: Value<'_>, found: &mut Found) -> Option<i64> {
    let mut ended = None;
    for state in container.fields(["lastState", "state"]).into_iter().flatten() {
        for run in state.fields(["running", "terminated"]).into_iter().flatten() {
            let [started, finished] = run.fields(["startedAt", "finishedAt"]).map(|time| rfc3339(&text_of(time)));
            found.seen(started);
            found.seen(finished);
            ended = ended.max(finished);
        }
    }
    ended
}
