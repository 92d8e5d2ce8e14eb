//! The log that Docker Desktop keeps of its virtual machine: `[TIME][COMPONENT][LEVEL] message`.

use memchr::memchr;

use super::outer::Outer;
use super::{stamps, Envelope, Severity};

/// The longest name of a component.
const LONGEST_NAME: usize = 64;

/// Reads a line of it.
pub(super) fn read(line: &[u8]) -> Option<Outer<'_>> {
    let inner = line.strip_prefix(b"[")?;
    let (stamp, taken) = stamps::iso(inner)?;
    let rest = inner[taken..].strip_prefix(b"][")?;
    let end = memchr(b']', &rest[..rest.len().min(LONGEST_NAME)]).filter(|end| *end > 0)?;
    let severity = match rest[end..].strip_prefix(b"][")?.first()? {
        b'D' => Severity::Debug,
        b'I' => Severity::Info,
        b'W' => Severity::Warning,
        b'E' => Severity::Error,
        b'F' => Severity::Fatal,
        _ => return None,
    };
    let text = rest[end + 3..].strip_prefix(b"]")?;
    let message = text.strip_prefix(b" ").unwrap_or(text);
    Some(Outer { stamp: Some(stamp), ident: &rest[..end], severity, ..Outer::new(message, Envelope::Short) })
}
