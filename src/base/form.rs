//! What an entry is by its form: what wraps it and how bad it says it is. The envelope reads these, the summary counts by them;
//! they stand here so that neither needs the other.

/// What wraps a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Envelope {
    /// journalctl's short family and syslog files: time, host, identifier, pid.
    Short,
    /// `journalctl -o json`: one object a line.
    JournalJson,
    /// `journalctl -o export`.
    Export,
    /// A binary journal file.
    Journal,
    /// Kubernetes container log: time, stream, tag.
    Cri,
    /// docker's json-file.
    DockerJson,
    /// Nothing around klog, logrus, zap or klog JSON.
    Bare,
    /// dmesg's forms.
    Dmesg,
    /// A document of a log store or a cluster dump: the log came with the store's own fields around it.
    Store,
    /// Text without any envelope that is known.
    Text,
    /// No entry but a note about the log: a boot border, the range of the journal, a file's heading. Never a message to match.
    Marker,
}

/// Level of a message as it says itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The message does not tell.
    Unknown,
    /// debug, trace.
    Debug,
    /// info, notice.
    Info,
    /// warning.
    Warning,
    /// error.
    Error,
    /// fatal, panic.
    Fatal,
}
