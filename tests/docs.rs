//! The documents point only at what is there, name the limits as the code has them, and show what works.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let in_directory = |directory: PathBuf| {
        let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
        entries.map(|entry| entry.expect("it can be listed").path()).collect::<Vec<_>>()
    };
    let mut found: Vec<PathBuf> =
        ["", "docs", "patterns", "samples"].iter().flat_map(|name| in_directory(root().join(name))).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    found.sort();
    found
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut broken = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a document is UTF-8 text");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            let outside = link.contains("://") || path.is_empty();
            if !outside && !document.with_file_name(path).exists() {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// A row of the table of limits: `NAME`, where it stands, its value.
#[test]
fn limits_in_the_architecture_are_those_of_the_code() {
    let text = fs::read_to_string(root().join("docs/architecture.md"))
        .expect("docs/architecture.md is part of the repository");
    let cells = |row: &str| {
        row.split('|').skip(1).take(3).map(|cell| cell.trim().trim_matches('`').to_string()).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> =
        text.lines().filter(|line| line.starts_with("| `") && line.contains("src/")).map(cells).collect();
    let limits = rows.iter().filter(|row| row[0].bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'));
    let mut checked = 0;
    for limit in limits {
        let [name, file, value] = limit.as_slice() else { panic!("a row needs a name, a file and a value: {limit:?}") };
        let source = fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let stands = source
            .lines()
            .any(|line| line.contains(&format!("const {name}: ")) && line.contains(&format!("= {value};")));
        assert!(stands, "{file} does not say that {name} is {value}");
        checked += 1;
    }
    assert!(checked >= 10, "only {checked} limits were found in the table");
}

/// The pattern that CONTRIBUTING.md shows works, and is no copy of one that is there.
#[test]
fn the_pattern_shown_to_contributors_works() {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).expect("CONTRIBUTING.md is part of the repository");
    let (_, rest) = text.split_once("```toml\n").expect("CONTRIBUTING.md shows a pattern");
    let (pattern, _) = rest.split_once("```").expect("it has an end");
    let line = pattern.split("'''").nth(1).expect("the pattern has an example");
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("docs-pattern");
    fs::create_dir_all(&directory).expect("the directory for temporary files can be written");
    fs::write(directory.join("shown.toml"), pattern).expect("so can its files");
    let with = roots(&["--patterns".as_ref(), directory.as_os_str()], line);
    let without = roots(&[], line);
    assert_eq!(with, ["volume-mount-failed"]);
    assert!(without.is_empty(), "another pattern matches already: {without:?}");
}

/// Conditions of the roots that are found in a text.
fn roots(flags: &[&std::ffi::OsStr], text: &str) -> Vec<String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nodecause"))
        .args(["--format", "json"])
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program was built for this test");
    child.stdin.take().expect("it is a pipe").write_all(text.as_bytes()).expect("it reads its standard input");
    let output = child.wait_with_output().expect("it ends");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report is JSON");
    let incidents = report["incidents"].as_array().cloned().unwrap_or_default();
    incidents.iter().filter_map(|incident| incident["root"]["condition"].as_str()).map(str::to_string).collect()
}
