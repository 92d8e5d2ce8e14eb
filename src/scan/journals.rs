//! Binary journals among the inputs: the files of one directory are one source, a file on disk is read at any place, and what
//! comes as a stream is held.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::feed::{Feed, Reading};
use crate::base::Error;
use crate::envelope::journal::{Framed, Id, Merged, Opener, Part, WINDOW};
use crate::envelope::{Layout, LONGEST_LINE};
use crate::input::{places, Blocks, Input, ReadAt, Source};

/// Of a journal that comes as a stream, packed or through a pipe, so many bytes are held. journald lets no file grow beyond 128 MiB
/// unless it is told to.
pub const LARGEST_HELD: u64 = 256 << 20;

/// Journal files of one directory.
pub(super) struct Directory {
    path: PathBuf,
    files: Vec<Input>,
}

/// A journal to be read: its name in reports, and its files.
pub(super) type Rotated = (String, Vec<Part>);

/// Takes files out of the inputs that are journals of one directory, as journald names them.
pub(super) fn split(inputs: Vec<Input>) -> (Vec<Input>, Vec<Directory>) {
    let mut directories: BTreeMap<PathBuf, Vec<Input>> = BTreeMap::new();
    let mut others = Vec::new();
    for input in inputs {
        match directory_of(&input) {
            Some(path) => directories.entry(path).or_default().push(input),
            None => others.push(input),
        }
    }
    let mut rotated = Vec::new();
    for (path, mut files) in directories {
        if files.len() > 1 {
            rotated.push(Directory { path, files });
        } else {
            others.append(&mut files);
        }
    }
    others.sort_by(|a, b| a.shown.cmp(&b.shown));
    (others, rotated)
}

/// The directory of a file that is named as journald names its own.
fn directory_of(input: &Input) -> Option<PathBuf> {
    let path = input.path.as_deref()?;
    let name = path.file_name()?.to_str()?;
    let named = name.ends_with(".journal") || name.ends_with(".journal~");
    let own = name.starts_with("system.") || name.starts_with("system@") || name.starts_with("user-");
    (named && own).then(|| Path::new(&input.shown).parent().unwrap_or(Path::new("")).to_path_buf())
}

fn opener(path: PathBuf) -> Opener {
    Box::new(move || match places(&path)? {
        Some(places) => Ok(Box::new(places)),
        None => Err(std::io::Error::other("no file on disk")),
    })
}

/// An id as systemd prints it.
fn printed(id: Id) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Feed<'_> {
    /// Looks at the journal files of a directory; those of each machine are one source.
    pub(super) fn plan_journals(&mut self, directory: Directory) {
        let mut machines: BTreeMap<Id, Vec<Part>> = BTreeMap::new();
        for input in directory.files {
            let Some(path) = input.path.filter(|_| input.size > 0) else {
                self.skip(input.shown, "empty");
                continue;
            };
            match Part::new(input.shown, opener(path)) {
                Ok(part) => machines.entry(part.machine()).or_default().push(part),
                Err(error) => self.unreadable.push(error),
            }
        }
        let shown = match directory.path.as_os_str().is_empty() {
            true => ".".to_string(),
            false => directory.path.to_string_lossy().into_owned(),
        };
        let one = machines.len() == 1;
        self.journals.extend(machines.into_iter().map(|(machine, parts)| match one {
            true => (shown.clone(), parts),
            false => (format!("{shown} (machine {})", printed(machine)), parts),
        }));
    }

    /// Reads a single journal.
    pub(super) fn journal(&mut self, source: Source) {
        let on_disk = source.path.filter(|path| matches!(places(path), Ok(Some(_))));
        let part = match on_disk {
            Some(path) => Part::new(source.shown.clone(), opener(path)),
            None => self.held(source.shown.clone(), source.opened.stream()),
        };
        match part {
            Ok(part) => self.read_journal((source.shown, vec![part])),
            Err(error) => self.unreadable.push(error),
        }
    }

    /// A journal out of a stream, as far as it is held.
    fn held(&mut self, shown: String, stream: impl Read) -> Result<Part, Error> {
        let mut bytes = Vec::new();
        let mut limited = stream.take(LARGEST_HELD + 1);
        if let Err(error) = limited.read_to_end(&mut bytes) {
            self.broken(&shown, &error);
        }
        if bytes.len() as u64 > LARGEST_HELD {
            bytes.truncate(LARGEST_HELD as usize);
            let wrong = format!("a journal that comes as a stream is read up to {} MiB", LARGEST_HELD >> 20);
            self.unreadable.push(Error::new(
                shown.clone(),
                wrong,
                "unpack it: a file on disk is read whatever its size",
            ));
        }
        let bytes = Arc::new(bytes);
        Part::new(shown, Box::new(move || Ok(Box::new(bytes.clone()) as Box<dyn ReadAt>)))
    }

    /// Makes a journal the source at hand.
    pub(super) fn read_journal(&mut self, (shown, parts): Rotated) {
        let framed = Framed::new(Merged::new(parts), self.troubles.clone());
        let blocks = Blocks::new(Box::new(framed) as Box<dyn Read + Send>, self.block_size.min(WINDOW), LONGEST_LINE);
        self.current = Some(Reading {
            blocks,
            layout: Layout::Frames,
            name: shown.into(),
            sum: None,
            events: false,
            tentative: false,
        });
    }
}
