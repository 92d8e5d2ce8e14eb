//! The JSON report and its published schema say the same: every report is valid, and the schema describes every key.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

const INCIDENT: &str = "\
Nov 25 03:51:00.100200 node-1 kubelet[189]: I1125 03:51:00.100100     189 kubelet.go:2406] \"SyncLoop ADD\" source=\"api\" pods=[\"shop/web-0\"]
Nov 25 03:52:04.893699 node-1 kubelet[189]: I1125 03:52:04.893575     189 eviction_manager.go:369] \"Eviction manager: attempting to reclaim\" resourceName=\"ephemeral-storage\"
Nov 25 03:52:08.075914 node-1 kubelet[189]: I1125 03:52:08.075059     189 eviction_manager.go:616] \"Eviction manager: pod is evicted successfully\" pod=\"shop/web-0\"
";

const QUIET: &str = "\
I1125 03:51:00.100100     189 kubelet.go:2406] \"SyncLoop ADD\" source=\"api\" pods=[\"shop/web-0\"]
I1125 03:51:02.300400     189 kubelet.go:2428] \"SyncLoop (PLEG): event for pod\" pod=\"shop/web-0\" event={\"ID\":\"1\",\"Type\":\"ContainerStarted\"}
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> Json {
    let text =
        fs::read_to_string(root().join("schema/report.schema.json")).expect("the schema is part of the repository");
    serde_json::from_str(&text).expect("the schema is JSON")
}

/// The report on some paths and on a text that is piped in.
fn report(paths: &[&Path], piped: &str) -> Json {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nodecause"))
        .current_dir(root())
        .args(["--format", "json", "--quiet"])
        .args(paths)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program was built for this test");
    child.stdin.take().expect("it is a pipe").write_all(piped.as_bytes()).expect("it reads its standard input");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{paths:?}: {}", output.status);
    serde_json::from_slice(&output.stdout).expect("a report is JSON")
}

fn check(name: &str, report: &Json) {
    let validator = jsonschema::validator_for(&schema()).expect("the schema is valid");
    let wrong: Vec<String> =
        validator.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path)).take(5).collect();
    assert!(wrong.is_empty(), "{name}\n{}", wrong.join("\n"));
}

#[test]
fn the_schema_is_a_schema() {
    assert!(jsonschema::meta::is_valid(&schema()));
}

#[test]
fn an_incident_and_a_quiet_log_are_valid() {
    for (name, text) in [("incident", INCIDENT), ("quiet", QUIET)] {
        let report = report(&[Path::new("-")], text);
        assert_eq!(report["verdict"], name);
        check(name, &report);
    }
}

#[test]
fn a_report_on_what_could_not_be_read_is_valid() {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("schema-odd-input");
    fs::create_dir_all(&directory).expect("the directory for temporary files can be written");
    fs::write(directory.join("picture.bin"), [0, 1, 2, 3, 0, 0, 0, 0]).expect("so can its files");
    fs::write(directory.join("long.log"), format!("{QUIET}{}\n", "x".repeat(3 << 20))).expect("so can its files");
    let report = report(&[&directory, Path::new("no/such/file"), Path::new("-")], INCIDENT);
    assert_eq!(report["input"]["skipped"].as_array().map(Vec::len), Some(2));
    assert_eq!(report["gaps"][0]["what"], "truncated");
    check("odd input", &report);
}

#[test]
fn reports_of_all_samples_are_valid() {
    let entries = fs::read_dir(root().join("samples")).expect("the samples are part of the repository");
    let mut samples: Vec<PathBuf> =
        entries.map(|entry| entry.expect("it can be listed").path()).filter(|path| path.is_dir()).collect();
    samples.sort();
    assert!(samples.len() >= 12, "only {} samples", samples.len());
    for sample in samples {
        check(&sample.display().to_string(), &report(&[&sample.join("input")], ""));
    }
}

#[test]
fn every_key_is_described_and_no_other_allowed() {
    let schema = schema();
    let mut faults = Vec::new();
    look(&schema, "report", &mut faults);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Walks over a schema; every object with named keys is closed, and each of its keys has a description.
fn look(schema: &Json, place: &str, faults: &mut Vec<String>) {
    if let Some(keys) = schema["properties"].as_object() {
        if schema["additionalProperties"] != false {
            faults.push(format!("{place}: allows keys that are not described"));
        }
        for (key, value) in keys.iter().filter(|(_, value)| value["description"].as_str().is_none_or(str::is_empty)) {
            faults.push(format!("{place}.{key}: no description: {value}"));
        }
    }
    match schema {
        Json::Object(members) => members.iter().for_each(|(key, value)| look(value, &format!("{place}.{key}"), faults)),
        Json::Array(members) => members.iter().for_each(|value| look(value, place, faults)),
        _ => {}
    }
}
