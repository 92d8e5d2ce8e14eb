//! `nodecause patterns` and `nodecause explain` as a user runs them: what stands on standard output, and the status.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nodecause")).args(arguments).output().expect("the program can be started")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A directory with one pattern file; removed with the test's own directory by cargo.
fn directory(name: &str, content: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&directory).expect("cargo gives a directory to write to");
    fs::write(directory.join("mine.toml"), content).expect("the directory can be written to");
    directory
}

const GOOD: &str = r#"
[[condition]]
id = "shop-closed"
title = "The shop is closed"
area = "shop"
scope = "pod"
severity = "workload"
usually = "root"
silence = "10m"
settling = "0s"
says = "The shop was closed[ for {pod}]."
explanation = "Nobody can buy anything."
check = ["shopctl status"]
do = ["Open it."]

[[pattern]]
id = "shop-says-closed"
condition = "shop-closed"
role = "statement"
literals = ["the shop is closed today"]
references = ["shop/door.go"]
  [[pattern.example]]
  line = '''E0105 10:00:01.000000    1 door.go:12] "Sorry, the shop is closed today" pod="shop/web-1"'''
  gives = { pod = "shop/web-1" }
"#;

#[test]
fn a_sound_directory_passes_and_can_be_used() {
    let directory = directory("sound", GOOD);
    let own = directory.to_str().expect("a plain path");
    let checked = run(&["patterns", "check", own]);
    assert_eq!(text(&checked.stdout), "1 pattern, 1 condition: 0 errors, 0 warnings\n");
    assert_eq!(checked.status.code(), Some(0));

    let explained = text(&run(&["explain", "shop-closed", "--patterns", own]).stdout);
    for part in ["The shop is closed", "Nobody can buy", "shop-says-closed", "shopctl status", "1. Open it."] {
        assert!(explained.contains(part), "{part:?} is not in\n{explained}");
    }

    let listed = text(&run(&["patterns", "list", "--patterns", own]).stdout);
    let row = listed.lines().last().unwrap_or_default();
    let words: Vec<&str> = row.splitn(4, "  ").map(str::trim).filter(|word| !word.is_empty()).collect();
    assert!(row.starts_with("shop-says-closed") && row.ends_with("the shop is closed today"), "{words:?}");

    let shown = text(&run(&["patterns", "--patterns", own, "show", "shop-says-closed"]).stdout);
    assert!(shown.contains("mine.toml:17") && shown.contains("shop/door.go"), "{shown}");

    let log = directory.join("shop.log");
    let line = "E0105 10:00:01.000000    1 door.go:12] \"Sorry, the shop is closed today\" pod=\"shop/web-1\"\n";
    fs::write(&log, format!("nothing\n{line}")).expect("the directory can be written to");
    let matched = run(&["patterns", "match", log.to_str().expect("a plain path"), "--patterns", own]);
    assert_eq!(
        text(&matched.stdout),
        "{\"line\":2,\"patterns\":[\"shop-says-closed\"],\"condition\":\"shop-closed\",\"role\":\"statement\",\
         \"captures\":{\"pod\":\"shop/web-1\"}}\n"
    );
}

#[test]
fn a_faulty_directory_is_refused_with_every_fault() {
    let faulty =
        GOOD.replace("shop is closed today\"]", "shop is open\"]").replace("scope = \"pod\"", "scope = \"shop\"");
    let directory = directory("faulty", &faulty);
    let own = directory.to_str().expect("a plain path");
    let checked = run(&["patterns", "check", own]);
    let said = text(&checked.stdout);
    for part in ["mine.toml:6: error: unknown variant `shop`", "mine.toml:20: error: shop-says-closed", "errors, "] {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    assert!(!said.contains("there is no condition"), "what follows from a table that does not parse is noise:\n{said}");
    assert_eq!(checked.status.code(), Some(1));
    let used = run(&["explain", "shop-closed", "--patterns", own]);
    assert_eq!((used.status.code(), text(&used.stdout)), (Some(2), String::new()));
    assert!(text(&used.stderr).contains("mine.toml:6"), "{}", text(&used.stderr));
}

#[test]
fn clashes_with_built_in_ids_are_faults() {
    let taken = text(&run(&["patterns", "list"]).stdout);
    let taken = taken.split_whitespace().next().unwrap_or_default().to_string();
    let directory = directory("clash", &GOOD.replace("shop-says-closed", &taken));
    let checked = run(&["patterns", "check", directory.to_str().expect("a plain path"), "--format", "json"]);
    let said: serde_json::Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    let fault = &said["faults"][0];
    assert_eq!((fault["line"].as_u64(), fault["id"].as_str()), (Some(17), Some(taken.as_str())), "{said}");
    assert!(
        fault["wrong"].as_str().is_some_and(|wrong| wrong.contains("already defined at patterns/messages/")),
        "{said}"
    );
    assert_eq!(checked.status.code(), Some(1));
}

#[test]
fn what_is_not_there_is_said_with_a_hint() {
    // Arguments, what standard error holds.
    let cases: &[(&[&str], &str)] = &[
        (&["patterns", "check", "/no/such/directory"], "give the directory that holds your pattern files"),
        (&["patterns", "match", "/no/such/file"], "give a log file"),
        (&["patterns", "show", "no-such"], "there is no such pattern"),
        (&["explain", "memory-presure"], "did you mean memory-pressure"),
        (&["explain", "MemoryPressure"], "did you mean memory-pressure"),
    ];
    for (arguments, expected) in cases {
        let done = run(arguments);
        assert!(text(&done.stderr).contains(expected), "{arguments:?}: {}", text(&done.stderr));
        assert_eq!((done.status.code(), text(&done.stdout)), (Some(2), String::new()), "{arguments:?}");
    }
}

/// A file packed by gzip.
fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).expect("a vector takes all");
    gzip.finish().expect("a vector takes all")
}

#[test]
fn what_a_run_reads_is_matched_and_silence_is_never_the_answer() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("matched");
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("many")).expect("cargo gives a directory to write to");
    let line = "W0105 10:00:01.000000    1 eviction_manager.go:341] \"Eviction manager: attempting to reclaim\" resourceName=\"memory\"\n";
    let log = format!("I0105 10:00:00.000000    1 kubelet.go:1] \"Hello\"\n{line}");
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(log.len() as u64);
    archive.append_data(&mut header, "node/kubelet.log", log.as_bytes()).expect("a vector takes all");
    let archive = archive.into_inner().expect("a vector takes all");
    let whole = packed(log.as_bytes());
    let files: &[(&str, &[u8])] = &[
        ("kubelet.log.gz", &whole),
        ("bundle.tar.gz", &packed(&archive)),
        ("many/a.log", log.as_bytes()),
        ("cut.gz", &whole[..whole.len() - 9]),
        ("quiet.log", b"one\ntwo\n"),
        ("single.log", b"one\n"),
        ("empty.log", b""),
        ("system.journal", b"LPKSHHRH\0\0\0\0\0\0\0\0"),
    ];
    for (name, bytes) in files {
        fs::write(root.join(name), bytes).expect("the directory can be written to");
    }
    // Argument, status, what a matching line names as its path, what standard error holds.
    let cases: &[(&str, i32, Option<&str>, &str)] = &[
        ("kubelet.log.gz", 0, Some(""), ""),
        ("bundle.tar.gz", 0, Some("bundle.tar.gz!/node/kubelet.log"), ""),
        ("many", 0, Some("many/a.log"), ""),
        ("cut.gz", 0, None, "cut"),
        ("quiet.log", 0, None, "2 lines read, and no pattern matches"),
        ("single.log", 0, None, "1 line read, and no pattern matches"),
        ("empty.log", 2, None, "it is empty"),
        ("system.journal", 2, None, "journalctl --file"),
    ];
    for (name, status, path, said) in cases {
        let done = run(&["patterns", "match", root.join(name).to_str().expect("a plain path")]);
        let (out, err) = (text(&done.stdout), text(&done.stderr));
        assert_eq!((done.status.code(), err.is_empty()), (Some(*status), said.is_empty()), "{name}: {out}{err}");
        assert!(err.contains(said), "{name}: {err}");
        let Some(path) = path else { continue };
        let matched: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"));
        assert_eq!(
            (matched["line"].as_u64(), matched["condition"].as_str()),
            (Some(2), Some("memory-pressure")),
            "{out}"
        );
        assert!(matched["path"].as_str().unwrap_or_default().ends_with(path), "{name}: {out}");
        assert_eq!(matched.get("path").is_none(), path.is_empty(), "{name}: {out}");
    }
}

#[test]
fn edges_to_other_nodes_are_explained_and_checked() {
    let explained = text(&run(&["explain", "etcd-corrupt"]).stdout);
    assert!(explained.contains("also on another node"), "{explained}");
    let json: serde_json::Value =
        serde_json::from_slice(&run(&["explain", "etcd-corrupt", "--format", "json"]).stdout).expect("JSON");
    let across = |effect: &serde_json::Value| effect["across"] == true;
    assert!(json["effects"].as_array().is_some_and(|effects| effects.iter().any(across)), "{json}");

    let edge = |effect: &str| {
        format!("  [[condition.effects]]\n  effect = \"{effect}\"\n  delay = [0, 60]\n  across = true\n  why = \"So it is.\"\n")
    };
    let near = edge("node-not-ready").replace("  across = true\n", "");
    let edges = [edge("node-not-redy"), edge("node-not-ready"), near].concat();
    let faulty = GOOD
        .replace("[[pattern]]", &format!("{edges}[[pattern]]"))
        .replace("scope = \"pod\"", "scope = \"cluster\"\nacross = true");
    let directory = directory("across", &faulty);
    let checked = text(&run(&["patterns", "check", directory.to_str().expect("a plain path")]).stdout);
    for part in [
        "mine.toml:7: warning: shop-closed: across = true says nothing here",
        "error: shop-closed: there is no condition node-not-redy",
        "warning: shop-closed: a second edge to node-not-ready under the same terms: one with across = true holds",
    ] {
        assert!(checked.contains(part), "{part:?} is not in\n{checked}");
    }
}
