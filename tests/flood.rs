//! A flood changes no root: each line that shows an effect, repeated a thousand times where it stands, leaves every root and the
//! line that shows it as they were. Loudness is no argument.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use nodecause::scan::Options;
use nodecause::verdict::Verdict;

use common::{examine, samples};

const TIMES: usize = 1000;

/// Condition of each root and the text of the line that shows it, the main incident first.
fn roots(verdict: &Verdict) -> Vec<(String, String)> {
    let line = |lines: &[nodecause::verdict::Shown]| lines.first().map_or(String::new(), |line| line.text.clone());
    verdict.incidents.iter().map(|incident| (incident.root.condition.clone(), line(&incident.root.lines))).collect()
}

/// Files and, in each, the lines (from 1) that show effects.
fn effect_lines(verdict: &Verdict) -> BTreeMap<String, Vec<u64>> {
    let mut found: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for line in verdict.incidents.iter().flat_map(|incident| &incident.chain).flat_map(|effect| &effect.lines) {
        found.entry(line.path.clone()).or_default().push(line.position.line);
    }
    found
}

/// Copies the case with the lines repeated behind themselves.
fn flooded(name: &str, paths: &[PathBuf], loud: &BTreeMap<String, Vec<u64>>) -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("flood").join(name);
    let _ = fs::remove_dir_all(&root);
    paths.iter().map(|path| copy(path, &root.join(path.file_name().unwrap()), loud)).collect()
}

fn copy(from: &Path, to: &Path, loud: &BTreeMap<String, Vec<u64>>) -> PathBuf {
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()), loud);
        }
        return to.to_path_buf();
    }
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    let bytes = fs::read(from).unwrap();
    let numbers = loud.get(from.to_string_lossy().as_ref()).cloned().unwrap_or_default();
    let mut all = Vec::with_capacity(bytes.len());
    for (at, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        all.extend_from_slice(line);
        if numbers.contains(&(at as u64 + 1)) {
            all.extend_from_slice(&line.repeat(TIMES));
        }
    }
    fs::write(to, all).unwrap();
    to.to_path_buf()
}

#[test]
fn effects_repeated_a_thousand_times_change_no_root() {
    let (mut faults, mut floods) = (Vec::new(), 0);
    let samples = samples();
    for (name, paths) in &samples {
        let (_, verdict) = examine(paths, &Options::default());
        let loud = effect_lines(&verdict);
        if loud.is_empty() {
            continue;
        }
        floods += 1;
        let (_, flooded) = examine(&flooded(name, paths, &loud), &Options::default());
        if roots(&flooded) != roots(&verdict) {
            faults.push(format!("{name}:\n  before {:#?}\n  after  {:#?}", roots(&verdict), roots(&flooded)));
        }
    }
    assert!(samples.is_empty() || floods > 5, "most samples have effects");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
