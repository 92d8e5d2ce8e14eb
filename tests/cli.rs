//! The command line as scripts and people use it: statuses, streams, flags, the check for CI.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::PathBuf;

use common::command::{crash_loop, directory, fed, pressure, quiet, run, write};
use common::{difference, samples};

/// Status of a run over a log on standard input.
fn status(arguments: &[&str], log: &str) -> i32 {
    let ran = fed(arguments, log.as_bytes());
    assert!(ran.status != 2 || (ran.out.is_empty() && !ran.err.is_empty()), "{arguments:?}: {ran:?}");
    ran.status
}

#[test]
fn a_report_has_status_0_whatever_it_says_and_a_check_tells() {
    let cases: &[(&[&str], &str, i32)] = &[
        (&[], &quiet(), 0),
        (&[], &pressure(), 0),
        (&["-"], &pressure(), 0),
        (&["check"], &quiet(), 0),
        (&["check"], &pressure(), 1),
        (&["check", "-"], &pressure(), 1),
        (&["check"], &crash_loop(), 1),
        (&["check", "--fail-on", "node-degraded"], &crash_loop(), 0),
        (&["check", "--fail-on", "node-down"], &crash_loop(), 0),
        (&["check", "--fail-on", "workload"], &crash_loop(), 1),
        (&["check", "--fail-on", "notice"], &crash_loop(), 1),
        (&["check", "--fail-on", "suspects"], &crash_loop(), 1),
        (&["check", "--fail-on", "node-degraded"], &pressure(), 1),
        (&["check", "--expect", "ephemeral-storage-pressure"], &pressure(), 0),
        (&["check", "--expect", "memory-pressure"], &pressure(), 1),
        (&["check", "--expect", "memory-pressure", "--expect", "ephemeral-storage-pressure"], &pressure(), 0),
        (&["check", "--expect", "none"], &pressure(), 1),
        (&["check", "--expect", "none"], &quiet(), 0),
        (&["check", "--expect", "memory-pressure"], &quiet(), 1),
        (&["check", "--expect", "no-such-thing"], &quiet(), 2),
        (&["check", "--fail-on", "always"], &quiet(), 2),
        (&["--no-such-flag"], &quiet(), 2),
        (&["--format", "yaml"], &quiet(), 2),
        (&["check"], "", 2),
        (&["check", "--expect", "none"], "", 2),
        (&["check"], "-- No entries --\n", 2),
    ];
    for (arguments, log, expected) in cases {
        assert_eq!(status(arguments, log), *expected, "{arguments:?} on {} bytes", log.len());
    }
}

#[test]
fn a_vaguer_condition_is_met_by_what_refines_it() {
    let Some((_, paths)) = samples().into_iter().find(|(name, _)| name == "pressure-imagefs-control-plane") else {
        return;
    };
    let check = |expected: &str| {
        let arguments = ["check", "--expect", expected].into_iter().map(PathBuf::from).chain(paths.iter().cloned());
        run(&arguments.collect::<Vec<_>>()).status
    };
    assert_eq!(check("imagefs-pressure"), 0, "the evidence decides which filesystem");
    assert_eq!(check("ephemeral-storage-pressure"), 0);
    assert_eq!(check("nodefs-pressure"), 1);
}

#[test]
fn each_directory_is_a_case_and_the_worst_status_counts() {
    let root = directory("each");
    write(&root, "a-quiet/journal.log", quiet());
    write(&root, "b-crash/deep/journal.log", crash_loop());
    let path = root.to_string_lossy().into_owned();
    let ran = run(&["check", "--each", &path]);
    assert_eq!((ran.status, ran.out.lines().count()), (1, 2), "{ran:?}");
    assert!(ran.out.lines().next().unwrap().contains("a-quiet") && ran.out.contains("crash-loop"), "{ran:?}");
    let ran = run(&["check", "--each", "--fail-on", "node-down", &path]);
    assert_eq!((ran.status, ran.out.lines().count()), (0, 2), "{ran:?}");
    let ran = run(&["check", "--each", "--format", "json", &path]);
    let rows: Vec<serde_json::Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((rows[0]["status"].as_i64(), rows[1]["status"].as_i64()), (Some(0), Some(1)));
    write(&root, "c-empty/journal.log", "");
    let ran = run(&["check", "--each", &path]);
    assert_eq!((ran.status, ran.out.lines().count()), (2, 3), "an empty artifact never passes: {ran:?}");
    let empty = directory("each-nothing");
    assert_eq!(run(&["check", "--each", &empty.to_string_lossy()]).status, 2);
}

#[test]
fn strict_refuses_what_is_incomplete() {
    let case = directory("strict");
    let good = write(&case, "kubelet.log", quiet()).to_string_lossy().into_owned();
    let missing = case.join("not-there.log").to_string_lossy().into_owned();
    write(&case, "notes.txt", "no log at all");
    let directory = case.to_string_lossy().into_owned();
    let cases: &[(&[&str], i32)] = &[
        (&[&good, &missing], 0),
        (&["--strict", &good, &missing], 2),
        (&["check", &good, &missing], 0),
        (&["check", "--strict", &good, &missing], 2),
        (&["check", "--strict", &good], 0),
        // What is no log is skipped, not unreadable.
        (&["check", "--strict", &directory], 0),
    ];
    for (arguments, expected) in cases {
        let ran = run(arguments);
        assert_eq!(ran.status, *expected, "{arguments:?}: {ran:?}");
    }
    let ran = run(&["--format", "json", &good, &missing]);
    let skipped = &ran.json()["input"]["skipped"];
    assert_eq!(skipped[0]["path"], missing.as_str(), "{skipped}");
    assert!(run(&[&good, &missing]).out.contains("not-there.log"), "the text report names it too");
}

#[test]
fn since_until_and_node_choose_entries() {
    let log = pressure();
    let entries = |arguments: &[&str]| {
        let arguments = [arguments, &["--format", "json"]].concat();
        fed(&arguments, log.as_bytes()).json()["input"]["entries"].as_u64().unwrap()
    };
    // 120 healthy lines of 03:00:00 to 03:01:59, then six.
    let cases: &[(&[&str], u64)] = &[
        (&[], 126),
        (&["--since", "11-25 03:52"], 6),
        (&["--since", "11-25 03:52:20"], 1),
        (&["--until", "11-25 03:00:59"], 59),
        (&["--since", "11-25 03:01:00", "--until", "11-25 03:52:05"], 63),
        (&["--node", "cp-1"], 126),
        (&["--node", "cp-1.example.org"], 126),
    ];
    for (arguments, expected) in cases {
        assert_eq!(entries(arguments), *expected, "{arguments:?}");
    }
    let ran = fed(&["--until", "11-25 03:52:20.000000", "--format", "json"], log.as_bytes());
    assert_eq!(ran.json()["input"]["entries"], 126, "the end belongs to the span");
    let ran = fed(&["--node", "other"], log.as_bytes());
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.err.contains("--node") && ran.out.is_empty(), "{ran:?}");
    for words in ["yesterday", "-2h", "10 minutes ago"] {
        let ran = fed(&[format!("--since={words}")], log.as_bytes());
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.err.contains("journalctl"), "the hint names journalctl's own flag: {ran:?}");
    }
}

#[test]
fn the_report_is_on_standard_output_and_all_else_on_standard_error() {
    for arguments in [&[][..], &["-q"], &["--format", "json"], &["-v"]] {
        let ran = fed(arguments, pressure().as_bytes());
        assert!(ran.err.is_empty() && !ran.out.is_empty(), "{arguments:?}: {ran:?}");
        assert!(!ran.out.contains('\x1b'), "no colour without a terminal");
    }
    let ran = fed(&["check"], pressure().as_bytes());
    assert!(ran.err.contains("ephemeral-storage-pressure"), "why it failed: {ran:?}");
    assert!(fed(&["check", "-q"], pressure().as_bytes()).err.is_empty());
    let ran = run(&["--help"]);
    assert!(ran.status == 0 && ran.err.is_empty() && ran.out.contains("journalctl"), "{ran:?}");
    let ran = run(&["--version"]);
    assert!(ran.status == 0 && ran.out.starts_with("nodecause "), "{ran:?}");
}

#[test]
fn colour_is_a_choice() {
    let with = |arguments: &[&str]| fed(arguments, pressure().as_bytes()).out;
    let plain = with(&["--color", "never"]);
    let coloured = with(&["--color", "always"]);
    assert!(coloured.contains("\x1b["), "asked for");
    let mut bare = String::new();
    let mut rest = coloured.as_str();
    while let Some(at) = rest.find("\x1b[") {
        bare.push_str(&rest[..at]);
        rest = &rest[at + rest[at..].find('m').unwrap() + 1..];
    }
    bare.push_str(rest);
    assert_eq!(bare, plain, "colour is never the only sign");
}

#[test]
fn two_runs_and_standard_input_give_the_same_bytes() {
    let case = directory("twice");
    let path = write(&case, "kubelet.log", pressure()).to_string_lossy().into_owned();
    for form in ["text", "json"] {
        let first = run(&["--format", form, &path]);
        assert_eq!(first, run(&["--format", form, "--threads", "3", &path]));
        let piped = fed(&["--format", form], pressure().as_bytes());
        let renamed = first.out.replace(&path, "-");
        if form == "json" {
            assert_eq!(difference(&renamed, &piped.out), None, "file against standard input");
        }
    }
}

#[test]
fn a_path_is_read_once_and_order_does_not_matter() {
    let case = directory("once");
    let path = write(&case, "kubelet.log", pressure());
    let other = write(&case, "other.log", quiet().replace("cp-1", "cp-2"));
    let named = |paths: &[&PathBuf]| {
        let arguments: Vec<String> = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        run(&[&["--format".to_string(), "json".to_string()], &arguments[..]].concat())
    };
    let lines = |paths: &[&PathBuf]| named(paths).json()["input"]["lines"].as_u64();
    assert_eq!(lines(&[&path, &path]), lines(&[&path]));
    assert_eq!(lines(&[&path, &other, &case]), lines(&[&path, &other]));
    assert_eq!(named(&[&path, &other]), named(&[&other, &path]));
}

#[test]
fn the_users_patterns_are_linted_and_used() {
    let own = directory("own-patterns");
    write(&own, "own.toml", "[[pattern]]\nid = \"our-agent-gives-up\"\nrole = \"statement\"\ncondition = \"memory-pressure\"\nliterals = [\"our agent gives up\"]\n[[pattern.example]]\nline = 'E1125 03:52:30.000000     189 agent.go:1] our agent gives up'\n");
    let log = format!(
        "{}Nov 25 03:52:30.000000 cp-1 kubelet[189]: E1125 03:52:30.000000     189 agent.go:1] our agent gives up\n",
        quiet()
    );
    let path = own.to_string_lossy().into_owned();
    assert_eq!(fed(&["--format", "json", "--patterns", &path], log.as_bytes()).roots(), ["memory-pressure"]);
    assert!(fed(&["--format", "json"], log.as_bytes()).roots().is_empty());
    let broken: &[(&str, &str, &str)] = &[
        ("no-toml", "[[pattern]]\nid = \n", ":2"),
        ("unknown-key", "[[pattern]]\nid = \"a-b\"\nrole = \"statement\"\nliteral = [\"ten letters\"]\n", "literal"),
        ("unknown-condition", "[[pattern]]\nid = \"a-b\"\nrole = \"statement\"\ncondition = \"no-such-thing\"\nliterals = [\"ten letters\"]\n[[pattern.example]]\nline = 'ten letters'\n", "no-such-thing"),
        ("broken-regex", "[[pattern]]\nid = \"a-b\"\nrole = \"statement\"\ncondition = \"memory-pressure\"\nliterals = [\"ten letters\"]\nregex = '(('\n[[pattern.example]]\nline = 'ten letters'\n", "regex"),
        ("no-file", "", "toml"),
    ];
    for (name, text, word) in broken {
        let own = directory(&format!("own-{name}"));
        if !text.is_empty() {
            write(&own, "own.toml", text);
        }
        let ran = fed(&["--patterns", &own.to_string_lossy()], quiet().as_bytes());
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{name}: {ran:?}");
        assert!(ran.err.contains(word) && (text.is_empty() || ran.err.contains("own.toml:")), "{name}: {}", ran.err);
    }
}

#[test]
fn without_leaves_a_condition_out() {
    let ran = fed(&["--format", "json", "--without", "ephemeral-storage-pressure"], pressure().as_bytes());
    assert!(!ran.roots().contains(&"ephemeral-storage-pressure".to_string()), "{:?}", ran.roots());
    assert_eq!(fed(&["--without", "no-such-thing"], quiet().as_bytes()).status, 2);
}

#[test]
fn one_is_counted_in_the_singular() {
    let root = directory("singular");
    let last = pressure().lines().nth(120).unwrap().to_string() + "\n";
    let log = write(&root, "case/journal.log", &last);
    write(&root, "case/photo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    let case = log.parent().unwrap().to_string_lossy().into_owned();
    let plural = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let after_one =
            |pair: &&[&str]| pair[0].trim_start_matches('(') == "1" && pair[1].len() > 2 && pair[1].ends_with('s');
        words.windows(2).find(after_one).map(|pair| pair.join(" "))
    };
    for ran in [
        run(&[case.as_str()]),
        run(&["-v", case.as_str()]),
        run(&["inputs", case.as_str()]),
        run(&["--since", "12-31 00:00", case.as_str()]),
        fed::<&str>(&[], b"nothing to see here\n"),
    ] {
        assert_eq!(plural(&ran.out).or(plural(&ran.err)), None, "{ran:?}");
    }
    let report = run(&[case.as_str()]).out;
    assert!(report.contains("1 line of kubelet") && report.contains("1 file was skipped"), "{report}");
}

#[test]
fn times_with_a_zone_are_compared_in_the_zone_of_the_log() {
    let root = directory("zones");
    let log = write(&root, "plain/journal.log", pressure());
    write(&root, "told/journal.log", pressure());
    let clock = "               Local time: Wed 2026-11-25 04:10:00 CET\n           Universal time: Wed 2026-11-25 03:10:00 UTC\n\
                 \u{20}                RTC time: Wed 2026-11-25 03:10:00\n                Time zone: Europe/Berlin (CET, +0100)\n\
                 System clock synchronized: yes\n              NTP service: active\n          RTC in local TZ: no\n";
    write(&root, "told/timedatectl.txt", clock);
    let told = root.join("told").to_string_lossy().into_owned();
    let plain = log.parent().unwrap().to_string_lossy().into_owned();
    let since = "2026-11-25T02:52:00Z";
    // Arguments, entries, whether the report says that the zone is not known.
    let cases: &[(&[&str], u64, bool)] = &[
        (&["--since", since, &told], 6, false),
        (&["--since", "2026-11-25T03:52:00+01:00", &told], 6, false),
        (&["--since", since, &plain], 126, true),
        (&["--since", since, "--tz", "+01:00", &plain], 6, false),
        (&["--since", "2026-11-25 03:52:00", &told], 6, false),
        (&["--since", "2026-11-25 03:52:00", &plain], 6, false),
    ];
    for (arguments, entries, noted) in cases {
        let report = run(&[arguments, &["--format", "json"][..]].concat()).json();
        assert_eq!(report["input"]["entries"], *entries, "{arguments:?}");
        let gaps = report["gaps"].as_array().unwrap();
        assert_eq!(gaps.iter().any(|gap| gap["what"] == "no zone"), *noted, "{arguments:?}: {gaps:?}");
    }
    let piped = fed(&["--since", since, "--format", "json"], pressure().as_bytes()).json();
    assert!(piped["gaps"].as_array().unwrap().iter().any(|gap| gap["what"] == "no zone"), "{piped}");
    assert!(run(&["--help"]).out.contains("taken to be UTC"));
}
