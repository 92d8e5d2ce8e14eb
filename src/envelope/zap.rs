//! JSON messages: klog's JSON form, zap (etcd and others), logrus' JSON formatter.

use super::{json, logrus, stamps, Header, Severity};

/// Reads the header of a JSON message. klog's form has no level: what is no error has a verbosity.
pub(super) fn header(message: &[u8]) -> Option<Header<'_>> {
    let mut header = Header { severity: Severity::Unknown, stamp: None, pid: 0, file: &[], len: 0 };
    let (mut says, mut verbosity, mut error) = (false, false, false);
    for (key, value) in json::fields(message) {
        match key {
            b"ts" | b"time" | b"timestamp" | b"@timestamp" if header.stamp.is_none() => header.stamp = stamp(value),
            b"level" | b"severity" => {
                header.severity = json::string(value).and_then(logrus::severity).unwrap_or(header.severity)
            }
            b"caller" => header.file = json::string(value).map_or(&[], logrus::file),
            b"msg" | b"message" => says = true,
            b"v" => verbosity = true,
            b"err" => error = true,
            _ => {}
        }
    }
    if !says || (header.stamp.is_none() && header.severity == Severity::Unknown) {
        return None;
    }
    if header.severity == Severity::Unknown {
        header.severity = if error || !verbosity { Severity::Error } else { Severity::Info };
    }
    Some(header)
}

/// A time as a string or as a number.
fn stamp(value: &[u8]) -> Option<crate::base::Stamp> {
    match json::string(value) {
        Some(text) => stamps::iso(text).map(|(stamp, _)| stamp),
        None => stamps::scaled(value),
    }
}
