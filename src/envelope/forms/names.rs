//! Under which names log stores keep the parts of an entry. One table for all of them: they borrow names from each other, and
//! whoever runs one may rename what it likes, so that the store itself tells little.

use std::borrow::Cow;

use crate::envelope::{json, unescape};

/// A part of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Message,
    Time,
    Host,
    Ident,
    Unit,
    Pid,
    Pod,
    Namespace,
    Container,
    Severity,
    /// The source file that wrote the line, and its line there.
    File,
    FileLine,
    /// The name of the log that the store filed it under.
    Log,
    /// Stream of a container.
    Stream,
    /// The object is one of Kubernetes' own and no log.
    Foreign,
}

/// Names by part; of several that are there the one that stands first here counts. Cloud consoles, fluent-bit, promtail, the
/// journal's own fields as collectors pass them on, Elastic's common schema, stern, Azure's tables and its
/// Container Apps.
const NAMES: &[(Part, &[&str])] = &[
    (
        Part::Message,
        &[
            "textPayload",
            "MESSAGE",
            "SyslogMessage",
            "LogMessage",
            "LogEntry",
            "log_s",
            "@message",
            "message",
            "Message",
            "Msg",
            "log",
            "line",
            "Line",
            "_raw",
        ],
    ),
    (
        Part::Time,
        &[
            "_SOURCE_REALTIME_TIMESTAMP",
            "__REALTIME_TIMESTAMP",
            "timestamp",
            "@timestamp",
            "TimeGenerated",
            "TimeCreated",
            "time",
            "ts",
            "_time",
            "Time",
            "Date",
            "date",
            "LogEntryTimeStamp",
            "TimeStamp",
        ],
    ),
    (
        Part::Host,
        &[
            "_HOSTNAME",
            "hostname",
            "host.name",
            "MachineName",
            "host.hostname",
            "host",
            "nodeName",
            "node_name",
            "node.name",
            "nodename",
            "node",
            "compute.googleapis.com/resource_name",
            "Computer",
            "HostName",
            "Host",
        ],
    ),
    (
        Part::Ident,
        &[
            "SYSLOG_IDENTIFIER",
            "syslog_identifier",
            "ProcessName",
            "log.syslog.appname",
            "syslog.appname",
            "appname",
            "identifier",
            "_COMM",
            "process.name",
        ],
    ),
    (Part::Unit, &["_SYSTEMD_UNIT", "systemd_unit", "systemd.unit", "unit", "UNIT"]),
    (Part::Pid, &["_PID", "pid", "SYSLOG_PID", "process.pid", "ProcessID", "procid"]),
    (Part::Pod, &["podName", "pod_name", "pod.name", "PodName", "pod", "ReplicaName"]),
    (Part::Namespace, &["namespace", "namespace_name", "PodNamespace", "namespaceName"]),
    (Part::Container, &["containerName", "container_name", "container.name", "ContainerName", "container"]),
    (Part::Severity, &["severity", "level", "log.level"]),
    (Part::File, &["sourceLocation.file"]),
    (Part::FileLine, &["sourceLocation.line"]),
    (Part::Log, &["logName"]),
    (Part::Stream, &["stream", "LogSource"]),
    (Part::Foreign, &["apiVersion", "involvedObject"]),
];

/// Objects around the parts, whose own names tell nothing.
const WRAPPERS: [&str; 7] = ["_source", "jsonPayload", "resource", "labels", "stream", "kubernetes", "fields"];

/// Levels of objects that are looked into.
const DEEPEST: usize = 5;

/// Bytes of the longest name with those around it.
const LONGEST_NAME: usize = 128;

/// The part that a name stands for, and its place among the names of that part.
pub(super) fn part(name: &str) -> Option<(Part, usize)> {
    let name = without_wrappers(name);
    NAMES.iter().find_map(|(part, names)| names.iter().position(|known| *known == name).map(|place| (*part, place)))
}

fn without_wrappers(mut name: &str) -> &str {
    while let Some((first, rest)) = name.split_once('.') {
        if !WRAPPERS.contains(&first) {
            break;
        }
        name = rest;
    }
    name
}

/// Gives each string or number of an object that is a part of an entry, with its place in the order of preference. Values are
/// decoded.
pub(super) fn each<'o>(object: &'o [u8], part_of: &mut dyn FnMut(Part, usize, Cow<'o, [u8]>)) {
    below(object, "", 0, part_of);
}

fn below<'o>(object: &'o [u8], around: &str, depth: usize, give: &mut dyn FnMut(Part, usize, Cow<'o, [u8]>)) {
    for (key, value) in json::fields(object) {
        let Some(key) = std::str::from_utf8(key).ok().filter(|key| key.len() + around.len() < LONGEST_NAME) else {
            continue;
        };
        let name = if around.is_empty() { Cow::Borrowed(key) } else { Cow::Owned(format!("{around}.{key}")) };
        match value.first() {
            Some(b'{') if depth < DEEPEST => below(value, &name, depth + 1, give),
            Some(b'"') => {
                if let (Some((part, place)), Some(text)) = (part(&name), json::string(value)) {
                    give(part, place, unescape::json(text));
                }
            }
            Some(b'0'..=b'9') => match part(&name) {
                Some((Part::Message, _)) | None => {}
                Some((part, place)) => give(part, place, Cow::Borrowed(value)),
            },
            _ => {}
        }
    }
}
