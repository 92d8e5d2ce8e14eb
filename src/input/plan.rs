//! From the paths of the command line to the list of files to read: directories walked in the order of names, links followed
//! without loops, devices and pipes inside directories left alone, no file twice.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::base::Error;

/// One thing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// As reports name it: the argument as typed, joined with the part below it; `-` for standard input.
    pub shown: String,
    /// Where it is; `None` for standard input.
    pub path: Option<PathBuf>,
    /// It was named itself, not found in a directory: then it is read as text even where no log form is recognised.
    pub named: bool,
    /// Bytes, where the file system tells; 0 for pipes.
    pub size: u64,
}

/// Something that is not read, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// As reports name it.
    pub path: String,
    /// Why, for the reader of the report.
    pub why: String,
}

/// What will be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order of their names.
    pub inputs: Vec<Input>,
    /// Left alone: no file of a kind that can be a log.
    pub skipped: Vec<Skipped>,
    /// Directories that were named, as typed: bundles may begin there.
    pub roots: Vec<String>,
    /// Could not be looked at.
    pub unreadable: Vec<Error>,
}

/// Files that one call reads at most: more is a wrong argument (a home directory, `/`).
pub const MOST_FILES: usize = 1_000_000;

/// What the arguments mean. `-` is standard input.
pub fn plan(arguments: &[PathBuf]) -> Plan {
    let mut plan = Plan::default();
    let mut known = Known::default();
    for argument in arguments {
        let shown = argument.to_string_lossy().into_owned();
        if shown == "-" {
            if known.insert(Identity::Path(PathBuf::from("-"))) {
                plan.inputs.push(Input { shown, path: None, named: true, size: 0 });
            }
            continue;
        }
        match std::fs::metadata(argument) {
            Err(error) => {
                plan.unreadable.push(Error::new(shown, error, "give a log file, a directory or - for standard input"))
            }
            Ok(about) if about.is_dir() => {
                walk(argument, &mut plan, &mut known);
                plan.roots.push(shown);
            }
            Ok(about) => {
                if known.insert(identity(argument, &about)) {
                    plan.inputs.push(Input { shown, path: Some(argument.clone()), named: true, size: about.len() });
                }
            }
        }
    }
    plan.inputs.sort_by(|a, b| a.shown.cmp(&b.shown));
    plan.skipped.sort();
    plan
}

fn walk(directory: &Path, plan: &mut Plan, known: &mut Known) {
    for entry in WalkDir::new(directory).follow_links(true).sort_by_file_name() {
        if plan.inputs.len() >= MOST_FILES {
            let why = format!("more than {MOST_FILES} files: the rest is not read");
            plan.skipped.push(Skipped { path: directory.to_string_lossy().into_owned(), why });
            return;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(directory).to_string_lossy().into_owned();
                match error.loop_ancestor() {
                    Some(_) => plan
                        .skipped
                        .push(Skipped { path, why: "a link that leads back to a directory above it".into() }),
                    None if is_dangling_link(error.path()) => {
                        plan.skipped.push(Skipped { path, why: "a link to something that is not there".into() });
                    }
                    None => {
                        let wrong = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                        plan.unreadable.push(Error::new(path, wrong, "read as a user who may, or copy it first"));
                    }
                }
                continue;
            }
        };
        let kind = entry.file_type();
        let shown = entry.path().to_string_lossy().into_owned();
        if kind.is_dir() {
            continue;
        }
        if !kind.is_file() {
            plan.skipped.push(Skipped { path: shown, why: "a device, pipe or socket".into() });
            continue;
        }
        let about = entry.metadata().ok();
        let size = about.as_ref().map_or(0, |about| about.len());
        let identity =
            about.map_or_else(|| Identity::Path(entry.path().into()), |about| identity(entry.path(), &about));
        if known.insert(identity) {
            plan.inputs.push(Input { shown, path: Some(entry.into_path()), named: false, size });
        }
    }
}

fn is_dangling_link(path: Option<&Path>) -> bool {
    path.is_some_and(|path| path.symlink_metadata().is_ok_and(|about| about.file_type().is_symlink()) && !path.exists())
}

/// The files that are in the plan.
type Known = BTreeSet<Identity>;

/// The file behind a path, so that an argument named twice, or inside another, is read once.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    /// Its device and number.
    #[cfg(unix)]
    Number(u64, u64),
    /// Its path, where the system has no numbers for files.
    Path(PathBuf),
}

#[cfg(unix)]
fn identity(path: &Path, about: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    // A file with several names may be a bundle's, that keeps one copy for several nodes.
    if about.nlink() > 1 {
        return resolved(path);
    }
    Identity::Number(about.dev(), about.ino())
}

#[cfg(not(unix))]
fn identity(path: &Path, _: &Metadata) -> Identity {
    resolved(path)
}

fn resolved(path: &Path) -> Identity {
    Identity::Path(path.canonicalize().unwrap_or_else(|_| path.to_path_buf()))
}

/// The direct sub-directories of a directory, in the order of their names.
///
/// # Errors
/// What the file system says of the directory.
pub fn directories(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for entry in WalkDir::new(path).min_depth(1).max_depth(1).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            Error::new(path.display().to_string(), error, "give a directory that holds one directory a case")
        })?;
        if entry.path().is_dir() {
            found.push(entry.into_path());
        }
    }
    Ok(found)
}
