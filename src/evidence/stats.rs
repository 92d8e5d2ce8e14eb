//! The kubelet's `stats/summary`: what the eviction manager itself compares with its thresholds, by the same names.

use super::found::Found;
use super::quantity::decimal;
use super::time::rfc3339;
use super::value::{text_of, Value};
use super::What;

/// Whether an object is a summary.
pub(super) fn is_summary(root: Value<'_>) -> bool {
    root.field("node").and_then(|node| node.field("nodeName")).is_some() && root.field("pods").is_some()
}

/// Notes the signals of the node.
pub(super) fn facts(root: Value<'_>, text: &str, found: &mut Found) {
    let Some(node) = root.field("node") else { return };
    let [name, memory, fs, runtime, rlimit] = node.fields(["nodeName", "memory", "fs", "runtime", "rlimit"]);
    let name = text_of(name);
    let number = |value: Option<Value<'_>>| value.and_then(Value::text).and_then(|text| decimal(&text));
    let mut say = |signal: &str, part: Option<Value<'_>>, available: &str, capacity: &str| {
        let Some(part) = part else { return };
        let [time, left, whole] = part.fields(["time", available, capacity]);
        found.seen(rfc3339(&text_of(time)));
        if let (Some(available), Some(at)) = (number(left), left) {
            let (node, signal) = (name.clone(), signal.to_owned());
            found.say(at.offset(text), What::Signal { node, signal, available, capacity: number(whole) });
        }
    };
    say("memory.available", memory, "availableBytes", "capacityBytes");
    say("nodefs.available", fs, "availableBytes", "capacityBytes");
    say("nodefs.inodesFree", fs, "inodesFree", "inodes");
    let [images, containers] = runtime.map(|r| r.fields(["imageFs", "containerFs"])).unwrap_or_default();
    for (filesystem, part) in [("imagefs", images), ("containerfs", containers)] {
        say(&format!("{filesystem}.available"), part, "availableBytes", "capacityBytes");
        say(&format!("{filesystem}.inodesFree"), part, "inodesFree", "inodes");
    }
    if let Some(rlimit) = rlimit {
        let [time, most, current] = rlimit.fields(["time", "maxpid", "curproc"]);
        found.seen(rfc3339(&text_of(time)));
        if let (Some(most), Some(current), Some(at)) = (number(most), number(current), current) {
            let signal = "pid.available".to_owned();
            found.say(
                at.offset(text),
                What::Signal { node: name, signal, available: most - current, capacity: Some(most) },
            );
        }
    }
}
