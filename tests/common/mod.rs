//! What several test files share: the catalogue, messages to make logs of, cases on disk, a deterministic generator.

#![allow(dead_code, clippy::unwrap_used, clippy::print_stdout)]

pub mod command;
pub mod memory;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use nodecause::catalogue::{load, Catalogue};
use nodecause::input;
use nodecause::matcher::Matcher;
use nodecause::report;
use nodecause::scan::{self, Options, Scanned};
use nodecause::verdict::{self, Verdict};

/// The built-in catalogue and its matcher, made once.
pub fn matcher() -> &'static Matcher<'static> {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    static MATCHER: OnceLock<Matcher<'static>> = OnceLock::new();
    MATCHER.get_or_init(|| Matcher::new(CATALOGUE.get_or_init(load::built_in)))
}

/// The examples and counter-examples of the catalogue: messages of one line, without envelope.
pub fn messages() -> &'static [String] {
    static MESSAGES: OnceLock<Vec<String>> = OnceLock::new();
    MESSAGES.get_or_init(|| {
        let files = load::built_in_sources().unwrap();
        let patterns = files.iter().flat_map(|file| &file.file.pattern);
        let lines = patterns.flat_map(|pattern| {
            let examples = pattern.example.iter().map(|example| example.line.clone());
            examples.chain(pattern.counter.iter().map(|counter| counter.line.clone()))
        });
        lines.filter(|line| !line.contains('\n')).collect()
    })
}

/// A path beside the manifest, if it is there; says so where it is not.
pub fn beside(path: &str) -> Option<PathBuf> {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if !full.exists() {
        println!("skipped: there is no {path}");
        return None;
    }
    Some(full)
}

/// The cases of the samples: name and what is handed over (without the answer and the reports). Paths are relative to the
/// checkout, where tests run: a report is wrapped with them, so that it must not depend on where the checkout lies.
pub fn samples() -> Vec<(String, Vec<PathBuf>)> {
    let mut cases: Vec<(String, Vec<PathBuf>)> = directories(Path::new("samples"))
        .into_iter()
        .map(|directory| {
            let mut paths: Vec<PathBuf> =
                fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
            paths.retain(|path| !matches!(stem(path).as_str(), "truth" | "report"));
            paths.sort();
            (stem(&directory), paths)
        })
        .collect();
    cases.sort();
    cases
}

/// Sub-directories, in the order of their names.
pub fn directories(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// Scans and judges, as the command does.
pub fn examine(paths: &[PathBuf], options: &Options) -> (Scanned, Verdict) {
    let matcher = matcher();
    let scanned = scan::scan(input::plan(paths), matcher, options);
    let mut verdict = verdict::judge(&scanned.summary, matcher.catalogue(), &verdict::Options::default());
    verdict.input.skipped = scanned.skipped.iter().map(|skipped| (skipped.path.clone(), skipped.why.clone())).collect();
    verdict.input.unreadable = scanned.unreadable.clone();
    (scanned, verdict)
}

/// The report in both forms.
pub fn reports(verdict: &Verdict) -> (String, String) {
    let json = serde_json::to_string_pretty(&report::json::report(verdict)).unwrap();
    (json, report::text::report(verdict, report::text::Look::default()))
}

/// The first place where two texts differ, with what is around it.
pub fn difference(left: &str, right: &str) -> Option<String> {
    if left == right {
        return None;
    }
    let (left, right): (Vec<&str>, Vec<&str>) = (left.lines().collect(), right.lines().collect());
    let at = (0..).find(|&at| left.get(at) != right.get(at)).unwrap();
    let around = |lines: &[&str]| lines[at.saturating_sub(6).min(lines.len())..(at + 3).min(lines.len())].join("\n");
    Some(format!("line {}:\n{}\n--- against\n{}", at + 1, around(&left), around(&right)))
}

/// Numbers that look random and are the same in every run (xorshift).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides`.
    pub fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides.max(1)
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
