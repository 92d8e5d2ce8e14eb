//! The documents point only at what is there, and name the limits as the code has them.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let in_directory = |directory: PathBuf| {
        let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
        entries.map(|entry| entry.expect("it can be listed").path()).collect::<Vec<_>>()
    };
    let mut found: Vec<PathBuf> = ["", "docs", "patterns", "samples"].iter().flat_map(|name| in_directory(root().join(name))).collect();
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
    let text = fs::read_to_string(root().join("docs/architecture.md")).expect("docs/architecture.md is part of the repository");
    let cells = |row: &str| row.split('|').skip(1).take(3).map(|cell| cell.trim().trim_matches('`').to_string()).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = text.lines().filter(|line| line.starts_with("| `") && line.contains("src/")).map(cells).collect();
    let limits = rows.iter().filter(|row| row[0].bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'));
    let mut checked = 0;
    for limit in limits {
        let [name, file, value] = limit.as_slice() else { panic!("a row needs a name, a file and a value: {limit:?}") };
        let source = fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let stands = source.lines().any(|line| line.contains(&format!("const {name}: ")) && line.contains(&format!("= {value};")));
        assert!(stands, "{file} does not say that {name} is {value}");
        checked += 1;
    }
    assert!(checked >= 10, "only {checked} limits were found in the table");
}
