//! Each sample gives the report that stands beside it, and the report agrees with what a person wrote before any tool was asked.
//! `UPDATE=1 cargo test --test samples` rewrites the reports; `truth.json` is never touched.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::{difference, examine, reports, samples};
use nodecause::scan::Options;
use serde_json::Value;

/// The reports of a sample as they are kept: paths below the sample, the tool's own version and catalogue left out.
fn kept(paths: &[std::path::PathBuf]) -> (String, Value) {
    let (_, verdict) = examine(paths, &Options::default());
    let (json, text) = reports(&verdict);
    let root = paths[0].parent().unwrap().to_string_lossy().into_owned() + "/";
    let mut json: Value = serde_json::from_str(&json.replace(&root, "")).unwrap();
    json["tool"] = Value::Null;
    (text.replace(&root, ""), json)
}

#[test]
fn every_sample_gives_its_report() {
    let mut wrong = Vec::new();
    for (name, paths) in samples() {
        let (text, json) = kept(&paths);
        let json = serde_json::to_string_pretty(&json).unwrap() + "\n";
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(&name);
        for (file, now) in [("report.txt", text), ("report.json", json)] {
            let path = directory.join(file);
            if std::env::var_os("UPDATE").is_some() {
                fs::write(&path, &now).unwrap();
                continue;
            }
            let then = fs::read_to_string(&path).unwrap_or_default();
            if let Some(difference) = difference(&then, &now) {
                wrong.push(format!("{name}/{file}: {difference}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\nUPDATE=1 cargo test --test samples rewrites them", wrong.join("\n"));
}

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(|text| Some(text.as_str()?.to_string())).collect()
}

/// What a report says against a truth, in words; nothing where they agree.
fn disagreements(truth: &Value, report: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let incidents = report["incidents"].as_array().unwrap();
    if truth["quiet"] == true {
        wrong.extend(
            incidents.iter().map(|incident| format!("it is healthy, and {} is said", incident["root"]["condition"])),
        );
        return wrong;
    }
    let Some(main) = incidents.first() else { return vec!["an incident is missed".to_string()] };
    let root = &main["root"];
    if !texts(&truth["root"]).contains(root["condition"].as_str().unwrap()) {
        wrong.push(format!("the root is {}, not {}", root["condition"], truth["root"]));
    }
    let shown = &root["lines"][0];
    let labelled = truth["lines"].as_array().unwrap().iter().any(|line| {
        let near =
            line["line"].as_u64().is_none_or(|first| (first..=first + 10).contains(&shown["line"].as_u64().unwrap()));
        let same = shown["path"].as_str().unwrap().ends_with(line["file"].as_str().unwrap());
        near && same
    });
    if !labelled {
        wrong.push(format!("the line is {}:{}, not one of {}", shown["path"], shown["line"], truth["lines"]));
    }
    let chain: BTreeSet<String> = main["chain"]
        .as_array()
        .unwrap()
        .iter()
        .map(|effect| effect["condition"].as_str().unwrap().to_string())
        .collect();
    for forbidden in texts(&truth["not_effects"]).intersection(&chain) {
        wrong.push(format!("{forbidden} is no effect of it"));
    }
    let further: BTreeSet<String> =
        incidents[1..].iter().map(|incident| incident["root"]["condition"].as_str().unwrap().to_string()).collect();
    for also in truth["also"].as_array().into_iter().flatten() {
        if texts(also).is_disjoint(&further) {
            wrong.push(format!("the independent incident {also} is missed"));
        }
    }
    if let Some(recurrences) = truth["recurrences"].as_u64() {
        let said = root["recurrences"].as_array().unwrap().len() as u64;
        if said != recurrences {
            wrong.push(format!("{said} recurrences, not {recurrences}"));
        }
    }
    wrong
}

#[test]
fn every_report_agrees_with_the_truth() {
    let mut wrong = Vec::new();
    for (name, paths) in samples() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(&name);
        let truth: Value = serde_json::from_slice(&fs::read(directory.join("truth.json")).unwrap()).unwrap();
        let (_, report) = kept(&paths);
        wrong.extend(disagreements(&truth, &report).into_iter().map(|text| format!("{name}: {text}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_report_is_noticed() {
    let truth = serde_json::json!({"root": ["a"], "lines": [{"file": "x.log", "line": 5}], "not_effects": ["c"], "also": [["d"]],
        "recurrences": 1});
    let report = serde_json::json!({"incidents": [{"root": {"condition": "b", "lines": [{"path": "x.log", "line": 4}],
        "recurrences": []}, "chain": [{"condition": "c"}]}]});
    assert_eq!(disagreements(&truth, &report).len(), 5);
    assert_eq!(disagreements(&serde_json::json!({"quiet": true}), &report).len(), 1);
}
