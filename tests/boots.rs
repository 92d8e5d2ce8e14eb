//! Times since boot beside times of day: what a raw `dmesg` holds of a journal counts once, and nothing of it lies decades before
//! the log.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::examine;
use nodecause::scan::Options;
use nodecause::verdict::Verdict;

/// Stamps of a log of one day as microseconds of that day.
fn micros(clock: &str) -> Option<u64> {
    let (time, fraction) = clock.split_once('.')?;
    let mut parts = time.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    Some(((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction.parse::<u64>().ok()?)
}

/// What `dmesg` shows of a journal on a machine that booted at a time of that day.
fn dmesg(journal: &str, booted: &str) -> String {
    let boot = micros(booted).unwrap();
    let line = |line: &str| {
        let (stamp, message) = line.split_once(" worker-1 kernel: ")?;
        let since = micros(stamp.rsplit(' ').next()?)? - boot;
        Some(format!("[{:5}.{:06}] {message}\n", since / 1_000_000, since % 1_000_000))
    };
    journal.lines().filter_map(line).collect()
}

fn judged(name: &str, files: &[(&str, &str)]) -> Verdict {
    let case: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("boots").join(name);
    let _ = fs::remove_dir_all(&case);
    fs::create_dir_all(&case).unwrap();
    for (file, text) in files {
        fs::write(case.join(file), text).unwrap();
    }
    examine(&[case], &Options::default()).1
}

fn journal() -> String {
    fs::read_to_string("samples/workload-container-oom/input/journal.log").unwrap()
}

/// Condition, how often, and by the clock from when.
fn story(verdict: &Verdict) -> Vec<(String, u64, String)> {
    let root = &verdict.incidents[0].root;
    let chain = verdict.incidents[0].chain.iter();
    let effects = chain.map(|effect| (effect.condition.clone(), effect.count, effect.first.short.clone()));
    std::iter::once((root.condition.clone(), root.count, root.first.short.clone())).chain(effects).collect()
}

#[test]
fn a_ring_of_the_kernel_beside_the_journal_adds_nothing() {
    let journal = journal();
    let ring = dmesg(&journal, "01:10:00.000000");
    assert!(ring.contains("oom-kill:"), "the kernel speaks of it");
    let alone = judged("journal", &[("journal.log", &journal)]);
    let both = judged("both", &[("journal.log", &journal), ("dmesg.txt", &ring)]);
    assert_eq!(story(&both), story(&alone));
    let source = both.input.sources.iter().find(|source| source.path.ends_with("dmesg.txt")).unwrap();
    assert!(source.view_of.is_some(), "{source:?}");
    let first = source.first.as_ref().unwrap();
    assert_eq!(first.date, "25 Nov", "{first:?}");
}

#[test]
fn a_ring_that_shares_nothing_ends_with_the_log() {
    let journal = journal();
    let ring = dmesg(&journal, "01:10:00.000000");
    let (kernel, others): (Vec<&str>, Vec<&str>) = journal.lines().partition(|line| line.contains(" kernel: "));
    assert!(!kernel.is_empty());
    let verdict = judged("apart", &[("journal.log", &(others.join("\n") + "\n")), ("dmesg.txt", &ring)]);
    let delays: Vec<f64> =
        verdict.incidents.iter().flat_map(|incident| &incident.chain).map(|effect| effect.delay).collect();
    assert!(delays.iter().all(|delay| delay.abs() < 3600.0), "{delays:?}");
    assert!(story(&verdict).iter().any(|(condition, ..)| condition.contains("oom")), "{:?}", story(&verdict));
}
