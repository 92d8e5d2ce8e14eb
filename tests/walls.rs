//! Who may import whom, and what must be absent where: the walls between the modules of one crate, held by reading its source.
//! Each test prints every fault with file and line, not just the first.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use nodecause::catalogue::load;

/// A module and what of this crate it may use beside itself; `None`: everything.
const IMPORTS: &[(&str, Option<&[&str]>)] = &[
    ("base", Some(&[])),
    ("input", Some(&["base"])),
    ("envelope", Some(&["base", "input"])),
    ("catalogue", Some(&["base"])),
    ("matcher", Some(&["base", "catalogue", "envelope"])),
    ("evidence", Some(&["base", "input", "catalogue"])),
    ("summary", Some(&["base", "catalogue", "matcher", "evidence"])),
    ("bundle", Some(&["base", "catalogue", "summary"])),
    ("scan", Some(&["base", "input", "envelope", "catalogue", "matcher", "evidence", "summary", "bundle"])),
    ("verdict", Some(&["base", "catalogue", "summary", "evidence"])),
    ("report", Some(&["base", "verdict"])),
    ("cli", None),
    ("lib", None),
    ("main", None),
];

/// Code that must not stand outside the named places.
struct Absent {
    what: &'static str,
    words: &'static [&'static str],
    /// Beginnings of paths where it may stand.
    only_in: &'static [&'static str],
}

const ABSENT: &[Absent] = &[
    Absent {
        what: "threads belong in scan; the progress bar's ticker is the one exception",
        words: &["std::thread", "thread::spawn", "thread::scope", "rayon"],
        only_in: &["scan.rs", "scan/", "cli/progress.rs"],
    },
    Absent {
        what: "files are opened in input, and catalogue files by the loader",
        words: &["std::fs", "fs::", "File::", "OpenOptions", "WalkDir", "read_dir(", ".metadata("],
        only_in: &["input/", "catalogue/load.rs"],
    },
    Absent {
        what: "only report and cli write",
        words: &[
            "print!",
            "println!",
            "eprint!",
            "eprintln!",
            "dbg!",
            "stdout()",
            "stderr()",
            "io::Write",
            "File::create",
            "fs::write",
        ],
        only_in: &["report/", "cli/", "cli.rs"],
    },
    Absent {
        what: "the clock of the machine has no say; only the progress bar looks at it",
        words: &["SystemTime::now", "Instant::now", "Local::now", "Utc::now"],
        only_in: &["cli/progress.rs"],
    },
    Absent { what: "no unsafe code", words: &["unsafe "], only_in: &[] },
];

/// A line of code: without comments and with its strings taken out.
struct Line {
    number: usize,
    code: String,
    strings: Vec<String>,
}

/// A source file without its tests.
struct Source {
    path: String,
    module: String,
    lines: Vec<Line>,
}

fn sources() -> Vec<Source> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths.sort();
    assert!(paths.len() > 20, "the source is in src/");
    let read = |path: &PathBuf| {
        let shown = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let module = shown.split('/').next().unwrap().trim_end_matches(".rs").to_string();
        Source { lines: lines(&fs::read_to_string(path).unwrap()), module, path: shown }
    };
    paths.iter().map(read).collect()
}

fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs")
            && path.file_stem().is_some_and(|stem| stem != "tests")
        {
            found.push(path);
        }
    }
}

/// Splits Rust text into code and strings, line by line, up to the module of tests at the end of the file.
fn lines(text: &str) -> Vec<Line> {
    let mut all = vec![Line { number: 1, code: String::new(), strings: Vec::new() }];
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("#[cfg(test)]\nmod ") {
            break;
        } else if let Some((string, length)) = string(rest, bytes.get(at.wrapping_sub(1)).copied()) {
            let line = all.last_mut().unwrap();
            line.code.push_str("\"\"");
            line.strings.push(string.to_string());
            let number = line.number + rest[..length].matches('\n').count();
            if number > all.last().unwrap().number {
                all.push(Line { number, code: String::new(), strings: Vec::new() });
            }
            at += length;
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") {
            at += rest[1..].find('\'').unwrap() + 2;
        } else {
            let letter = rest.chars().next().unwrap();
            if letter == '\n' {
                let number = all.last().unwrap().number + 1;
                all.push(Line { number, code: String::new(), strings: Vec::new() });
            } else {
                all.last_mut().unwrap().code.push(letter);
            }
            at += letter.len_utf8();
        }
    }
    all
}

/// The string literal that begins here: its content and the length of the whole.
fn string(rest: &str, before: Option<u8>) -> Option<(&str, usize)> {
    let in_word = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if rest.starts_with('r') && !(in_word && before != Some(b'b')) {
        let hashes = rest[1..].len() - rest[1..].trim_start_matches('#').len();
        let content = rest[1 + hashes..].strip_prefix('"')?;
        let end = content.find(&format!("\"{}", "#".repeat(hashes)))?;
        return Some((&content[..end], 1 + hashes + 1 + end + 1 + hashes));
    }
    let content = rest.strip_prefix('"')?;
    let mut escaped = false;
    for (at, byte) in content.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some((&content[..at], at + 2)),
            _ => {}
        }
    }
    None
}

/// Names of the crate's modules that a line of code uses.
fn used(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::").filter(|(at, _)| !code[..*at].ends_with('$')) {
        let rest = &code[at + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            // `use crate::{base::Error, input}`: the first word after the brace and after each comma outside inner braces.
            Some(list) => top_level(list),
            None => vec![word(rest)],
        };
        found.extend(names.into_iter().filter(|name| !name.is_empty()));
    }
    found
}

fn word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn top_level(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = vec![word(list)];
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(word(&list[at + 1..])),
            _ => {}
        }
    }
    names
}

/// Fails with all faults, one a line.
fn hold(faults: &[String], rule: &str) {
    assert!(faults.is_empty(), "{rule}:\n{}\n", faults.join("\n"));
}

#[test]
fn modules_import_only_what_is_before_them() {
    let modules: BTreeSet<&str> = IMPORTS.iter().map(|(module, _)| *module).collect();
    let mut faults = Vec::new();
    for source in sources() {
        let Some((_, allowed)) = IMPORTS.iter().find(|(module, _)| *module == source.module) else {
            faults.push(format!("src/{}: no row for this module in the table of imports", source.path));
            continue;
        };
        let Some(allowed) = allowed else { continue };
        for line in &source.lines {
            for name in used(&line.code) {
                let own = name == source.module || !modules.contains(name.as_str());
                if !own && !allowed.contains(&name.as_str()) {
                    faults.push(format!("src/{}:{}: {} may not use {name}", source.path, line.number, source.module));
                }
            }
        }
    }
    hold(&faults, "who may import whom");
}

#[test]
fn what_must_be_absent_is_absent() {
    for absent in ABSENT {
        let mut faults = Vec::new();
        for source in sources() {
            if absent.only_in.iter().any(|place| source.path.starts_with(place)) {
                continue;
            }
            for line in &source.lines {
                for word in absent.words.iter().filter(|word| stands(&line.code, word)) {
                    faults.push(format!("src/{}:{}: {word}", source.path, line.number));
                }
            }
        }
        hold(&faults, absent.what);
    }
}

/// Does a word stand in the code, not as the end of a longer one?
fn stands(code: &str, word: &str) -> bool {
    let whole = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') || word.starts_with('.');
    code.match_indices(word).any(|(at, _)| whole(at))
}

#[test]
fn ids_of_the_catalogue_are_data() {
    // Ids of one word (`unauthorized`) are also plain words and cannot be told apart.
    let files = load::built_in_sources().unwrap();
    let ids: BTreeSet<String> = files
        .iter()
        .flat_map(|file| {
            let conditions = file.file.condition.iter().map(|condition| condition.id.clone());
            conditions.chain(file.file.pattern.iter().map(|pattern| pattern.id.clone()))
        })
        .filter(|id| id.contains('-'))
        .collect();
    assert!(ids.len() > 100, "the catalogue has ids");
    let mut faults = Vec::new();
    for source in sources() {
        for line in &source.lines {
            for string in line.strings.iter().filter(|string| ids.contains(*string)) {
                faults.push(format!("src/{}:{}: \"{string}\"", source.path, line.number));
            }
        }
    }
    hold(&faults, "no condition or pattern is named in code");
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    let mut faults = Vec::new();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    for source in sources() {
        let text = fs::read_to_string(root.join("src").join(&source.path)).unwrap();
        if !text.starts_with("//!") {
            faults.push(format!("src/{}:1: does not open with //!", source.path));
        }
        let count = text.lines().count();
        if count > 500 {
            faults.push(format!("src/{}:{count}: more than 500 lines", source.path));
        }
    }
    hold(&faults, "a file has one subject");
}

#[test]
fn the_reading_of_source_text_is_right() {
    let text = "use crate::{base::{Error, Stamp}, input}; // crate::cli\nlet a = \"one \\\" // two\"; let b = br#\"x\"y\"#;\n'\"'; fs::read\n";
    let lines = lines(text);
    assert_eq!(used(&lines[0].code), ["base", "input"]);
    assert_eq!(lines[1].strings, ["one \\\" // two", "x\"y"]);
    assert!(stands(&lines[2].code, "fs::") && !stands("offs::", "fs::") && lines[2].number == 3);
}
