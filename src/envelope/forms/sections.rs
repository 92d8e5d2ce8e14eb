//! Files in which logs of several programs stand below headings: `minikube logs`, `tail` of several files,
//! `kubectl cluster-info dump`. The heading tells who speaks in the lines below it, and which of them are no log of the node.

use std::io::{self, Read};

use memchr::memmem;

use super::stream::Framing;
use crate::envelope::entries::line_at;
use crate::envelope::{entries, peel, Entry, Envelope, Frame, Guess, Layout, RawEntry, LONGEST_LINE};
use crate::input::{Block, Blocks, BLOCK_SIZE};

/// Reads the lines below headings.
pub(super) struct Sections {
    blocks: Blocks<Box<dyn Read + Send>>,
    section: Section,
    /// Frames of the client's own log: all there is where nothing of the node's follows.
    client: Vec<u8>,
    /// The node's log has spoken.
    spoken: bool,
}

/// Bytes held of the client's own log.
const MOST_HELD: usize = 16 << 20;

/// Whose lines stand below a heading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Section {
    /// Its lines are no log of the node: the client's own log, tables, documents.
    silent: bool,
    /// They are the client's own log.
    client: bool,
    /// Program or container, where the heading tells.
    program: Vec<u8>,
    /// `namespace/name`, where the heading tells.
    pod: Vec<u8>,
}

/// Sections of `minikube logs` that are tables.
const SILENT: [&str; 5] = ["Audit", "container status", "describe nodes", "kernel", "Docker info"];

/// The section that is the client's own log.
const CLIENT: &str = "Last Start";

impl Sections {
    /// `silent`: what stands before the first heading is no log.
    pub(super) fn new(stream: Box<dyn Read + Send>, silent: bool) -> Sections {
        let section = Section { silent, ..Section::default() };
        let blocks = Blocks::new(stream, BLOCK_SIZE, LONGEST_LINE);
        Sections { blocks, section, client: Vec::new(), spoken: false }
    }
}

impl Framing for Sections {
    fn more(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        let Some(block) = self.blocks.next(&Layout::Lines, &|| false)? else {
            if !self.spoken {
                out.append(&mut self.client);
            }
            return Ok(false);
        };
        let section = &mut self.section;
        each(&block, |raw, entry| {
            let line = block.line + raw.line + 1;
            if entry.envelope == Envelope::Marker {
                if let Some(other) = heading(&entry.message) {
                    *section = other;
                } else if section.silent {
                    // What the client's own log says of itself is not said of the node's.
                    return;
                }
                return Frame { marker: true, ..Frame::new(Envelope::Marker, line, &entry.message) }.write(out);
            }
            let text = entry.envelope == Envelope::Text;
            let held = section.client && !self.spoken && self.client.len() < MOST_HELD;
            if (section.silent && !held) || (text && entry.message.trim_ascii().is_empty()) {
                return;
            }
            let frame = frame(raw, entry, &block.bytes, line);
            if section.silent {
                return frame.write(&mut self.client);
            }
            self.spoken = true;
            let ident = if frame.ident.is_empty() { &section.program } else { frame.ident };
            // What a program wrote itself, below its name.
            let envelope = if text && !ident.is_empty() { Envelope::Bare } else { frame.envelope };
            let unit = if frame.unit.is_empty() { &section.pod } else { frame.unit };
            Frame { ident, unit, envelope, ..frame }.write(out);
        });
        Ok(true)
    }
}

/// Gives each entry of a block.
pub(super) fn each(block: &Block, mut give: impl FnMut(&RawEntry, &Entry<'_>)) {
    let mut guess = Guess::default();
    for raw in entries(Layout::Lines, &block.bytes) {
        give(&raw, &raw.peel(&block.bytes, &mut guess));
    }
}

/// An entry of the lines of `text` as a frame.
pub(super) fn frame<'e>(raw: &RawEntry, entry: &'e Entry<'_>, text: &'e [u8], line: u64) -> Frame<'e> {
    Frame {
        shown: peel::line(text, &raw.head),
        severity: entry.header.severity,
        stamp: entry.outer,
        pid: entry.pid,
        host: entry.host,
        ident: entry.ident,
        unit: entry.unit,
        ..Frame::new(entry.envelope, line, &entry.message)
    }
}

/// Whether a source has such headings among its first lines, and whether what stands before the first of them is no log.
pub(super) fn begins(text: &[u8]) -> Option<bool> {
    let mut at = 0;
    for _ in 0..=FIRST_LINES {
        let Some(range) = line_at(text, at) else { break };
        let line = peel::line(text, &range);
        if matches!(line.first(), Some(b'=' | b'*')) && heading(line).is_some() {
            return Some(line.starts_with(DUMP));
        }
        at = range.end + 1;
    }
    // The heading of a dump stands behind documents, any other at the beginning.
    let mut dumps = memmem::find_iter(text, DUMP).filter(|&at| at == 0 || text[at - 1] == b'\n');
    dumps.any(|at| line_at(text, at).is_some_and(|range| heading(peel::line(text, &range)).is_some())).then_some(true)
}

/// Lines among which the first heading stands.
const FIRST_LINES: usize = 8;

const DUMP: &[u8] = b"==== START logs for container ";

/// Reads a heading.
fn heading(line: &[u8]) -> Option<Section> {
    if let Some(rest) = line.strip_prefix(DUMP) {
        let text = String::from_utf8_lossy(rest.strip_suffix(b" ====").unwrap_or(rest)).into_owned();
        let (container, pod) = text.split_once(" of pod ")?;
        return Some(Section { program: container.into(), pod: pod.into(), ..Section::default() });
    }
    if line.starts_with(b"==== END logs ") {
        return Some(Section { silent: true, ..Section::default() });
    }
    let line = line.strip_prefix(b"* ").unwrap_or(line);
    let name = line.strip_prefix(b"==> ")?.strip_suffix(b" <==")?;
    let name = std::str::from_utf8(name).ok()?;
    Some(match name.contains('/') || name.contains('.') {
        true => file(name),
        false => section(name),
    })
}

/// A section of minikube: a program, or a container with its id.
fn section(name: &str) -> Section {
    let client = name == CLIENT;
    if client || SILENT.contains(&name) {
        return Section { silent: true, client, ..Section::default() };
    }
    let program = match name.split(' ').next().unwrap_or_default() {
        "Docker" => "dockerd",
        "CRI-O" => "crio",
        "dmesg" => "kernel",
        other => other,
    };
    Section { program: program.as_bytes().to_vec(), ..Section::default() }
}

/// A file: below the pods' directory it names pod and container, else its name is often the program's.
fn file(path: &str) -> Section {
    let mut parts = path.rsplit(['/', '\\']);
    let name = parts.next().unwrap_or_default();
    let directory = parts.next().unwrap_or_default();
    if directory == "containers" {
        // POD_NAMESPACE_CONTAINER-ID.log
        let mut words = name.trim_end_matches(".log").split('_');
        if let (Some(pod), Some(namespace), Some(last)) = (words.next(), words.next(), words.next()) {
            let container = last.rsplit_once('-').map_or(last, |(container, _)| container);
            return Section {
                program: container.into(),
                pod: format!("{namespace}/{pod}").into_bytes(),
                ..Section::default()
            };
        }
    }
    let stem = name.split('.').next().unwrap_or_default();
    if !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit()) {
        // NAMESPACE_POD_UID/CONTAINER/N.log
        let mut words = parts.next().unwrap_or_default().split('_');
        let pod = words.next().zip(words.next()).map(|(namespace, pod)| format!("{namespace}/{pod}"));
        return Section { program: directory.into(), pod: pod.unwrap_or_default().into_bytes(), ..Section::default() };
    }
    Section { program: stem.into(), ..Section::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings() {
        let cases = [
            ("==> kubelet <==", false, "kubelet", ""),
            ("* ==> Last Start <==", true, "", ""),
            ("==> etcd [0a1b2c3d4e5f] <==", false, "etcd", ""),
            ("==> Docker <==", false, "dockerd", ""),
            ("==> /var/log/kubelet.log <==", false, "kubelet", ""),
            ("==> /var/log/containers/a-0_shop_app-0a1b.log <==", false, "app", "shop/a-0"),
            ("==> /var/log/pods/shop_a-0_8f6f/app/1.log <==", false, "app", "shop/a-0"),
            ("==== START logs for container app of pod shop/a-0 ====", false, "app", "shop/a-0"),
            ("==== END logs for container app of pod shop/a-0 ====", true, "", ""),
        ];
        for (line, silent, program, pod) in cases {
            let client = line.contains(CLIENT);
            let wanted = Section { silent, client, program: program.into(), pod: pod.into() };
            assert_eq!(heading(line.as_bytes()), Some(wanted), "{line}");
        }
        assert_eq!(heading(b"==> not a heading"), None);
    }
}
