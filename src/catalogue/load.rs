//! Loads a catalogue: the built-in one from the binary, a user's from a directory (`--patterns DIR`).

use std::fs;
use std::path::{Path, PathBuf};

use super::compile::{compile, Catalogue};
use super::format::File;
use crate::base::Error;

static COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalogue.bin"));

/// The texts of the built-in catalogue: path and content.
pub static SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// A catalogue file that was read and parsed.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path, as shown in faults.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Its tables.
    pub file: File,
}

impl Source {
    /// Line of the table that has this id, from 1; 1 where there is none.
    pub fn line_of(&self, id: &str) -> usize {
        let key = format!("id = \"{id}\"");
        self.text.lines().position(|line| line.trim() == key).map_or(1, |at| at + 1)
    }
}

/// The built-in catalogue.
///
/// # Panics
/// Never: a test decodes the embedded bytes, which the build script wrote with the same types.
pub fn built_in() -> Catalogue {
    postcard::from_bytes(COMPILED).expect("the build script wrote this catalogue with the same types")
}

/// The built-in files, parsed.
///
/// # Errors
/// None in a released binary: the build fails on a file that does not parse.
pub fn built_in_sources() -> Result<Vec<Source>, Error> {
    let parsed = SOURCES.iter().map(|(path, text)| parse(path, (*text).to_string()));
    parsed.map(|(source, errors)| errors.into_iter().next().map_or(Ok(source), Err)).collect()
}

/// The catalogue files of a directory, parsed; every file that cannot be read and every table that does not parse is an error of
/// its own, and the source holds the tables that do.
pub fn directory(directory: &Path) -> (Vec<Source>, Vec<Error>) {
    let (mut sources, mut errors, mut paths) = (Vec::new(), Vec::new(), Vec::new());
    if let Err(error) = toml_files(directory, &mut paths) {
        errors.push(Error::new(
            directory.display().to_string(),
            error,
            "give the directory that holds your pattern files (*.toml)",
        ));
    }
    paths.sort();
    for path in paths {
        let shown = path.display().to_string();
        match fs::read_to_string(&path) {
            Ok(text) => {
                let (source, faulty) = parse(&shown, text);
                sources.push(source);
                errors.extend(faulty);
            }
            Err(error) => errors.push(Error::new(shown, error, "pattern files are UTF-8 text in TOML")),
        }
    }
    if sources.is_empty() && errors.is_empty() {
        errors.push(Error::new(
            directory.display().to_string(),
            "there is no .toml file in it",
            "patterns/README.md shows what a pattern file looks like",
        ));
    }
    (sources, errors)
}

/// The built-in catalogue with a user's files added.
///
/// # Errors
/// Every fault of the user's files, joined, so that one run shows them all.
pub fn with_directory(path: &Path) -> Result<Catalogue, Vec<Error>> {
    let (user, errors) = directory(path);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut sources = built_in_sources().map_err(|error| vec![error])?;
    let shown = user.clone();
    sources.extend(user);
    let texts: String = shown.iter().map(|source| source.text.as_str()).collect();
    let hash = format!("{:016x}", fnv(texts.as_bytes()) ^ fnv(built_in().hash.as_bytes()));
    let files: Vec<File> = sources.iter().map(|source| source.file.clone()).collect();
    let (mut catalogue, faults) = compile(&files, hash);
    if faults.is_empty() {
        // The first kind that fits wins: a user knows his own bundles best.
        catalogue.bundles.rotate_right(shown.iter().map(|source| source.file.bundle.len()).sum());
        return Ok(catalogue);
    }
    let place = |id: &str| {
        let holder = shown.iter().find(|source| source.text.contains(&format!("\"{id}\"")));
        holder.map_or_else(|| path.display().to_string(), |source| format!("{}:{}", source.path, source.line_of(id)))
    };
    Err(faults
        .iter()
        .map(|fault| {
            Error::new(
                place(&fault.id),
                format!("{}: {}", fault.id, fault.wrong),
                "nodecause patterns check DIR shows all faults",
            )
        })
        .collect())
}

/// A source, and an error for every table that does not parse: one run shows them all.
pub fn parse(path: &str, text: String) -> (Source, Vec<Error>) {
    let (file, errors) = match toml::from_str::<File>(&text) {
        Ok(file) => (file, Vec::new()),
        Err(error) => table_by_table(path, &text, &error),
    };
    (Source { path: path.to_string(), text, file }, errors)
}

/// Parses each table of a faulty text by itself.
fn table_by_table(path: &str, text: &str, whole: &toml::de::Error) -> (File, Vec<Error>) {
    let (mut file, mut errors) = (File::default(), Vec::new());
    let (mut start, mut lines_before) = (0, 0);
    while start < text.len() {
        let rest = &text[start..];
        let piece = &rest[..next_table(rest).unwrap_or(rest.len())];
        match toml::from_str::<File>(piece) {
            Ok(found) => file.add(found),
            Err(error) => errors.push(error_at(path, piece, lines_before, &error)),
        }
        lines_before += piece.matches('\n').count();
        start += piece.len();
    }
    if errors.is_empty() {
        errors.push(error_at(path, text, 0, whole));
    }
    (file, errors)
}

/// Where the next table of the top level begins, after the one that the text begins with.
fn next_table(text: &str) -> Option<usize> {
    let header = |line: &str| line.starts_with("[[") && !line.split(']').next().unwrap_or(line).contains('.');
    let mut at = text.find('\n')? + 1;
    for line in text[at..].split_inclusive('\n') {
        if header(line) {
            return Some(at);
        }
        at += line.len();
    }
    None
}

fn error_at(path: &str, text: &str, lines_before: usize, error: &toml::de::Error) -> Error {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = lines_before + before.matches('\n').count() + 1;
    Error::new(
        format!("{path}:{line}"),
        error.message().replace('\n', "; "),
        "patterns/README.md lists the keys of a pattern",
    )
}

fn toml_files(directory: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            toml_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    Ok(())
}

/// FNV-1a: the same on every machine.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
