//! What only Talos writes: the brackets of `talosctl dmesg`, the node that stands before its lines where several were asked,
//! and machined's own lines as the console shows them before the kernel's log has them.

use memchr::memmem;

use super::outer::Outer;
use super::{kernel, stamps, Envelope};
use crate::base::Stamp;

/// How machined's lines begin.
const MACHINED: &[u8] = b"[talos] ";

/// Bytes of a task's name, behind which the stamp of a line on the console may stand.
const LONGEST_TASK: usize = 96;

/// The longest name of a node.
const LONGEST_NODE: usize = 253;

/// `[2024-01-01T00:03:10.5Z]: text`, as stamp and text. A paste may have lost the zone.
pub(super) fn bracket(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let inner = text.strip_prefix(b"[")?;
    let (stamp, taken) = stamps::iso(inner)?;
    let text = inner[taken..].strip_prefix(b"]:")?;
    Some((stamp, text.strip_prefix(b" ").unwrap_or(text)))
}

/// Length of the node's name before a line of the kernel, with the colon and its blank: `node-a: kern: …`.
pub(super) fn node(line: &[u8]) -> Option<usize> {
    let letters = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let name = line.iter().take(LONGEST_NODE).take_while(letters).count();
    let rest = line[name..].strip_prefix(b": ").filter(|_| name > 0)?;
    (rest.first().is_some_and(u8::is_ascii_lowercase) && kernel::shape(rest)).then(|| line.len() - rest.len())
}

/// Reads `[talos] 2024/01/01 00:03:10 text`, also with the name of a task before the stamp, or without a stamp.
pub(super) fn machined(line: &[u8]) -> Option<Outer<'_>> {
    let text = line.strip_prefix(MACHINED)?;
    let behind_task = || {
        let task = &text[..text.len().min(LONGEST_TASK)];
        stamps::iso(&text[memmem::find(task, b": ")? + 2..])
    };
    let stamp = stamps::iso(text).or_else(behind_task).map(|(stamp, _)| stamp);
    Some(Outer { stamp, ident: b"talos", ..Outer::new(line, Envelope::Bare) })
}
