//! The header of a message, whichever program wrote it.

use memchr::memchr;

use super::{dated, klog, logrus, zap, Header, Severity};

/// A header that says nothing.
pub(super) const SILENT: Header<'static> =
    Header { severity: Severity::Unknown, stamp: None, pid: 0, file: &[], len: 0 };

/// Beginnings of what the Go runtime writes when a program dies.
const DYING: [&[u8]; 3] = [b"panic: ", b"fatal error: ", b"runtime: out of memory"];

/// What the consensus library of older etcd puts before its date, without a blank.
const RAFT: &[u8] = b"raft";

/// Reads what a message says of itself; `None` where it has no header that is known.
pub(super) fn read(message: &[u8]) -> Option<Header<'_>> {
    match message.first()? {
        b'I' | b'W' | b'E' | b'F' => klog::header(message)
            .or_else(|| logrus::terminal(message))
            .or_else(|| klog::remains(message))
            .or_else(|| klog::before_flags(message))
            .or_else(|| dated::levelled(message)),
        b'[' => level(message),
        b'D' | b'T' | b'P' => logrus::terminal(message),
        b'{' => zap::header(message),
        b'0'..=b'9' => dated::header(message),
        b'p' | b'f' | b'r' if DYING.iter().any(|start| message.starts_with(start)) => {
            Some(Header { severity: Severity::Fatal, ..SILENT })
        }
        b'r' if message.starts_with(RAFT) => dated::header(&message[RAFT.len()..]),
        b'a'..=b'z' => logrus::header(message).or_else(|| klog::place(message)),
        _ => None,
    }
}

/// A level in brackets at the start, as CoreDNS and others write it: `[ERROR] text`.
fn level(message: &[u8]) -> Option<Header<'_>> {
    let word = message.strip_prefix(b"[")?;
    let word = &word[..memchr(b']', &word[..word.len().min(LONGEST_LEVEL)])?];
    let severity = logrus::severity(word).filter(|_| word.iter().all(u8::is_ascii_uppercase))?;
    Some(Header { severity, ..SILENT })
}

/// Bytes within which the bracket behind a level stands.
const LONGEST_LEVEL: usize = 10;
