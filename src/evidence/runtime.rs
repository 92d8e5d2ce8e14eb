//! What the container runtime says of itself: `crictl info`, `crictl imagefsinfo`, `crictl ps -o json`, `docker info`.

use super::found::Found;
use super::quantity::decimal;
use super::table::{limited, lines};
use super::value::{text_of, Value};
use super::{Evidence, What};

/// Lines of `docker info` looked at.
const MOST_LINES: usize = 500;

/// Notes the conditions of `crictl info`: `RuntimeReady`, `NetworkReady`.
pub(super) fn info(root: Value<'_>, text: &str, found: &mut Found) {
    let Some(conditions) = root.field("status").and_then(|status| status.field("conditions")) else { return };
    conditions.each(&mut |condition| {
        let [kind, status, reason, message] = condition.fields(["type", "status", "reason", "message"]).map(text_of);
        if !kind.is_empty() {
            found.say(
                condition.offset(text),
                What::RuntimeCondition { kind, status: status == "true", reason, message },
            );
        }
    });
}

/// Whether an object is `crictl info`'s: other conditions have texts for their states.
pub(super) fn is_info(root: Value<'_>) -> bool {
    let mut is_one = false;
    if let Some(conditions) = root.field("status").and_then(|status| status.field("conditions")) {
        conditions.each(&mut |condition| is_one |= text_of(condition.field("type")) == "RuntimeReady");
    }
    is_one
}

/// Notes the filesystems of `crictl imagefsinfo`, in its older and newer form.
pub(super) fn image_stores(root: Value<'_>, text: &str, found: &mut Found) {
    let Some(status) = root.field("status") else { return };
    let [images, containers] = status.fields(["imageFilesystems", "containerFilesystems"]);
    image_store(status, text, found);
    for list in [images, containers].into_iter().flatten() {
        list.each(&mut |one| image_store(one, text, found));
    }
}

/// Whether an object is `crictl imagefsinfo`'s.
pub(super) fn is_image_stores(root: Value<'_>) -> bool {
    let status = root.field("status").map(|status| status.fields(["fsId", "imageFilesystems"]));
    status.is_some_and(|fields| fields.iter().any(Option::is_some))
}

fn image_store(store: Value<'_>, text: &str, found: &mut Found) {
    let [id, used, inodes, time] = store.fields(["fsId", "usedBytes", "inodesUsed", "timestamp"]);
    let number =
        |value: Option<Value<'_>>| value.and_then(|v| v.field("value")).and_then(Value::text).and_then(|t| decimal(&t));
    let mount = text_of(id.and_then(|id| id.field("mountpoint")));
    // Nanoseconds, as a string.
    let time = text_of(time).parse::<i64>().ok().map(|nanos| nanos / 1000).filter(|micros| *micros > 0);
    found.seen(time);
    if !mount.is_empty() {
        found.say(store.offset(text), What::ImageStore { mount, used: number(used), inodes: number(inodes) });
    }
}

/// Notes the containers of `crictl ps -o json` that do not run.
pub(super) fn containers(root: Value<'_>, text: &str, found: &mut Found) {
    let Some(containers) = root.field("containers") else { return };
    containers.each(&mut |container| {
        let [metadata, labels, state, created] = container.fields(["metadata", "labels", "state", "createdAt"]);
        found.seen(text_of(created).parse::<i64>().ok().map(|nanos| nanos / 1000).filter(|micros| *micros > 0));
        let [name, attempt] = metadata.map(|m| m.fields(["name", "attempt"])).unwrap_or_default();
        let names = ["io.kubernetes.pod.namespace", "io.kubernetes.pod.name"];
        let [namespace, pod] = labels.map(|l| l.fields(names)).unwrap_or_default().map(text_of);
        let state = text_of(state);
        let state = state.strip_prefix("CONTAINER_").unwrap_or(&state);
        if state != "RUNNING" && !state.is_empty() {
            let what = What::Container {
                pod: super::eviction::pod_name(namespace, pod),
                container: text_of(name),
                state: state.to_lowercase(),
                reason: String::new(),
                exit: None,
                restarts: attempt.and_then(Value::count).unwrap_or(0),
                ended: None,
                node: String::new(),
            };
            found.say(container.offset(text), what);
        }
    });
}

/// Whether an object is `crictl ps`'.
pub(super) fn is_containers(root: Value<'_>) -> bool {
    let mut is_one = false;
    if let Some(containers) = root.field("containers") {
        containers.each(&mut |one| is_one |= one.field("podSandboxId").is_some());
    }
    is_one
}

/// What of `docker info` is kept: where images are, and how.
const DOCKER: [&str; 4] = ["Server Version", "Storage Driver", "Cgroup Driver", "Docker Root Dir"];

/// Reads `docker info`; `None` for all else.
pub(super) fn docker(bytes: &[u8]) -> Option<Evidence> {
    let text = std::str::from_utf8(bytes.get(..bytes.len().min(64 << 10))?).ok()?;
    let mut found = Found::default();
    let mut sections = 0;
    for (start, line) in lines(text).take(MOST_LINES) {
        if line.contains("Cannot connect to the Docker daemon") {
            sections += 2;
            let message = limited(line.trim_start_matches("ERROR: "));
            let kind = "RuntimeReady".to_owned();
            found.say(
                start,
                What::RuntimeCondition { kind, status: false, reason: "DockerDaemonNotReady".into(), message },
            );
            continue;
        }
        let Some((name, value)) = line.trim_start().split_once(':') else { continue };
        sections += usize::from(matches!(name, "Client" | "Server" | "Containers" | "Images" | "Docker Root Dir"));
        if DOCKER.contains(&name) && !value.trim().is_empty() {
            found.say(start, What::Setting { name: name.to_owned(), value: limited(value.trim()) });
        }
    }
    (sections >= 2 && !found.is_empty()).then(|| found.evidence("docker info", bytes, 0))
}
