//! The same journal in another form tells the same story: JSON, export and the binary file against the short form, the kubelet's own
//! file against the journal reduced to the kubelet's lines. Needs the captures beside the repository; skipped without them.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use nodecause::scan::Options;
use nodecause::verdict::{Incident, Moment};
use serde_json::{json, Value};

use common::{beside, difference, directories, examine};

/// What must not depend on the envelope: conditions, causes, counts, objects and, where asked for, the times of klog.
fn story(path: &Path) -> Value {
    let (_, verdict) = examine(&[path.to_path_buf()], &Options::default());
    Value::from(verdict.incidents.iter().map(incident).collect::<Vec<_>>())
}

/// Entries of a log.
fn entries(path: &Path) -> u64 {
    let (scanned, _) = examine(&[path.to_path_buf()], &Options::default());
    scanned.summary.sources.values().map(|source| source.lines).sum()
}

/// The file was copied from the node after its text: roots may go on by the entries that came between.
fn without_what_came_later(expected: &Value, got: &mut Value, later: u64) {
    for (place, incident) in got.as_array_mut().unwrap().iter_mut().enumerate() {
        let (Some(before), Some(after)) =
            (expected[place]["root"]["count"].as_u64(), incident["root"]["count"].as_u64())
        else {
            continue;
        };
        if (before..=before + later).contains(&after) {
            incident["root"]["count"] = before.into();
        }
    }
}

fn incident(incident: &Incident) -> Value {
    let root = &incident.root;
    let chain: Vec<Value> = incident
        .chain
        .iter()
        .map(|effect| {
            json!({
                "condition": effect.condition, "caused_by": effect.caused_by, "count": effect.count,
                "objects": effect.objects, "more_objects": effect.more_objects,
                "klog": klog(&effect.first, effect.lines.first().map(|line| line.text.as_str())),
            })
        })
        .collect();
    json!({
        "root": {
            "condition": root.condition, "object": root.object.iter().filter(|(name, _)| name != "node").collect::<Vec<_>>(),
            "count": root.count, "recurrences": root.recurrences.len(),
            "klog": klog(&root.first, root.lines.first().map(|line| line.text.as_str())),
        },
        "chain": chain,
    })
}

/// The clock of a moment, where it is klog's own.
fn klog(moment: &Moment, text: Option<&str>) -> Option<String> {
    let clock = moment.clock.clone()?;
    // klog writes month and day in four digits: `1125 04:01:02.123456`.
    let own = clock.len() > 5 && clock.as_bytes()[..4].iter().all(u8::is_ascii_digit) && clock.as_bytes()[4] == b' ';
    (own && text.is_some()).then_some(clock)
}

/// Unpacks a view into the directory of the tests.
fn unpacked(path: &Path, case: &str) -> PathBuf {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    write(case, &path.file_stem().unwrap().to_string_lossy(), &bytes)
}

fn write(case: &str, name: &str, bytes: &[u8]) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("views").join(case);
    fs::create_dir_all(&directory).unwrap();
    let path = directory.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// The cases: name, directory of the views, the journal in its short form.
fn cases() -> Vec<(String, PathBuf, PathBuf)> {
    let (Some(views), Some(corpus)) = (beside("../shared/views"), beside("../shared/corpus")) else {
        return Vec::new();
    };
    let named = |directory: PathBuf| {
        let name = directory.file_name().unwrap().to_string_lossy().into_owned();
        let journal = corpus.join(&name).join("journal.log");
        (name, directory, journal)
    };
    directories(&views).into_iter().map(named).collect()
}

/// Fails with all faults; `stories`: what was compared, so that nothing is not taken for agreement.
fn hold(stories: &[Value], faults: Vec<String>) {
    let told = stories.iter().filter(|story| story.as_array().is_some_and(|incidents| !incidents.is_empty()));
    assert!(stories.is_empty() || told.count() > 2, "most of these logs have an incident");
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

fn compare(what: String, expected: &Value, got: &Value, faults: &mut Vec<String>) {
    let text = |value| serde_json::to_string_pretty(value).unwrap();
    if let Some(shown) = difference(&text(expected), &text(got)) {
        faults.push(format!("{what}: {shown}"));
    }
}

#[test]
fn json_export_and_binary_tell_what_the_short_form_tells() {
    let (mut stories, mut faults) = (Vec::new(), Vec::new());
    for (case, views, journal) in cases() {
        let expected = story(&journal);
        for view in ["journal.json", "journal.export", "journal.journal"] {
            let packed = views.join(format!("{view}.gz"));
            // Not each case was captured in each form.
            if view == "journal.journal" && !packed.exists() {
                continue;
            }
            let path = unpacked(&packed, &case);
            let mut got = story(&path);
            if view == "journal.journal" {
                without_what_came_later(&expected, &mut got, entries(&path).saturating_sub(entries(&journal)));
            }
            compare(format!("{case}: {view}"), &expected, &got, &mut faults);
        }
        stories.push(expected);
    }
    hold(&stories, faults);
}

#[test]
fn the_kubelets_own_file_tells_what_its_lines_in_the_journal_tell() {
    let (mut stories, mut faults) = (Vec::new(), Vec::new());
    for (case, views, journal) in cases() {
        let text = String::from_utf8_lossy(&fs::read(journal).unwrap()).into_owned();
        let reduced: String = text.lines().filter(|line| of_kubelet(line)).map(|line| format!("{line}\n")).collect();
        let expected = story(&write(&case, "kubelet-in-journal.log", reduced.as_bytes()));
        let path = unpacked(&views.join("kubelet.log.gz"), &case);
        compare(format!("{case}: kubelet.log"), &expected, &story(&path), &mut faults);
        stories.push(expected);
    }
    hold(&stories, faults);
}

/// `Nov 25 04:00:00.000000 host kubelet[7]: …`
fn of_kubelet(line: &str) -> bool {
    line.split_whitespace().nth(4).is_some_and(|who| who.starts_with("kubelet["))
}
