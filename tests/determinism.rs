//! The same bytes of report whatever the number of workers, the size of blocks and the order of the paths: over the samples and
//! over a log made to be awkward (long lines, values across entries, partial records, bytes that are no text).

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use nodecause::scan::Options;

use common::{beside, difference, examine, messages, reports, samples, Dice};

/// Workers, bytes of a block: each value of either stands in several rows.
const WAYS: &[(usize, usize)] = &[
    (1, 64),
    (2, 64),
    (8, 64),
    (1, 4 << 10),
    (2, 4 << 10),
    (8, 4 << 10),
    (2, 1 << 20),
    (8, 1 << 20),
    (1, 8 << 20),
    (8, 8 << 20),
];

fn options((threads, block_size): (usize, usize)) -> Options {
    // Small inputs go to the workers too.
    Options { threads, block_size, alone: 0, ..Options::default() }
}

/// Reads the paths in each way and in both orders; fails with the first difference.
fn hold(name: &str, paths: &[PathBuf], ways: &[(usize, usize)]) {
    let (scanned, verdict) = examine(paths, &Options { threads: 1, ..Options::default() });
    let expected = reports(&verdict);
    for &way in ways {
        let mut turned = paths.to_vec();
        if way.0 > 1 {
            turned.reverse();
        }
        let (again, verdict) = examine(&turned, &options(way));
        let got = reports(&verdict);
        for (form, expected, got) in [("JSON", &expected.0, &got.0), ("text", &expected.1, &got.1)] {
            if let Some(shown) = difference(expected, got) {
                panic!("{name}: {form} differs with {} threads and blocks of {} bytes, {shown}", way.0, way.1);
            }
        }
        if scanned.summary != again.summary {
            let shown = difference(&format!("{:#?}", scanned.summary), &format!("{:#?}", again.summary));
            panic!("{name}: the summary differs with {} threads and blocks of {} bytes, {shown:?}", way.0, way.1);
        }
    }
}

#[test]
fn samples_read_the_same_in_every_way() {
    for (at, (name, paths)) in samples().iter().enumerate() {
        // Each sample in a third of the ways: together they are all there many times.
        let ways: Vec<_> = WAYS.iter().skip(at % 3).step_by(3).copied().collect();
        hold(name, paths, &ways);
    }
}

#[test]
fn one_sample_reads_the_same_in_all_ways() {
    if let Some((name, paths)) = samples().into_iter().find(|(_, paths)| paths.len() > 1) {
        hold(&name, &paths, WAYS);
    }
}

#[test]
fn reference_forms_read_the_same_in_every_way() {
    let Some(root) = beside("../shared/reference/samples") else { return };
    let mut files: Vec<PathBuf> =
        walkdir(&root).into_iter().filter(|path| path.metadata().unwrap().len() < 300_000).collect();
    files.sort();
    for (at, file) in files.iter().enumerate() {
        let ways: Vec<_> = WAYS.iter().skip(at % 5).step_by(5).copied().collect();
        hold(&file.display().to_string(), std::slice::from_ref(file), &ways);
    }
}

fn walkdir(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walkdir(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn an_awkward_log_reads_the_same_in_every_way() {
    for seed in 0..2 {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("awkward-{seed}.log"));
        fs::write(&path, awkward(seed)).unwrap();
        hold(&format!("awkward log {seed}"), &[path], WAYS);
    }
}

/// Every envelope after the other, with what is hard about each between.
fn awkward(seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut log = Vec::new();
    for number in 0..900 {
        let message = dice.pick(messages()).replace("pod=\"", &format!("pod=\"shop/web-{}", dice.below(60)));
        let clock = format!("{:02}:{:02}:{:02}", number / 3600, number / 60 % 60, number % 60);
        let line = match dice.below(14) {
            0 => format!("2026-11-25T{clock}.000000000Z stderr P {message}\n2026-11-25T{clock}.000000001Z stderr F  and more\n"),
            1 => format!("{}\n", serde_json::json!({"log": format!("{message}\n"), "stream": "stderr", "time": format!("2026-11-25T{clock}Z")})),
            2 => format!("{message}\n"),
            3 => format!("Nov 25 {clock} n kubelet[7]: E1125 {clock}.000000       7 a.go:1] \"Failed\" err=<\nNov 25 {clock} n systemd[1]: Started it.\nNov 25 {clock} n kubelet[7]: \tinner {message}\nNov 25 {clock} n kubelet[7]:  >\n"),
            4 => "\tindented, for whom?\n\n".to_string(),
            5 => "panic: without header\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:1\n".to_string(),
            6 if number % 400 == 0 => format!("Nov 25 {clock} n kubelet[7]: {} {message}\n", "x".repeat((1 << 20) - 40 + dice.below(80))),
            6 if number % 100 == 0 => format!("Nov 25 {clock} n kubelet[7]: {message} {}\n", "y".repeat(70_000)),
            7 => format!("-- Boot {:032x} --\n", dice.below(usize::MAX)),
            8 => format!("{}\n", serde_json::json!({"__REALTIME_TIMESTAMP": "1795579200000000", "_HOSTNAME": "n", "SYSLOG_IDENTIFIER": "kubelet", "_PID": "7", "MESSAGE": message})),
            _ => format!("Nov 25 {clock} n kubelet[7]: {message}\n"),
        };
        log.extend_from_slice(line.as_bytes());
        if dice.below(40) == 0 {
            log.extend((0..dice.below(30)).map(|_| dice.below(256) as u8));
        }
    }
    log
}
