//! Bad input: each kind gets a report that counts it or a message that says what to do; nothing panics, hangs or is lost in
//! silence. The program itself is run, so that streams and statuses are the real ones.

#![allow(clippy::unwrap_used)]
#![cfg(unix)]

mod common;

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use common::command::{directory, fed, piped, pressure, program, quiet, run, write, Ran};
use common::memory::{peak, BOUND};
use common::Dice;

const JSON: &[&str] = &["--format", "json"];

/// The incident that is in the log is found all the same.
fn finds(what: &str, ran: &Ran) {
    assert_eq!(ran.status, 0, "{what}: {}", ran.err);
    assert_eq!(ran.roots(), ["ephemeral-storage-pressure"], "{what}");
}

/// Nothing could be read: status 2, nothing printed, and a message with these words.
fn refuses(what: &str, ran: &Ran, words: &[&str]) {
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{what}: {ran:?}");
    for word in words {
        assert!(ran.err.contains(word), "{what}: {word} is not in {}", ran.err);
    }
}

fn garbage(length: usize) -> Vec<u8> {
    let mut dice = Dice::new(7);
    (0..length).map(|_| dice.below(256) as u8).collect()
}

#[test]
fn nothing_at_all() {
    let hint = ["sudo", "systemd-journal", "unit"];
    refuses("empty", &fed(&[] as &[&str], b""), &hint);
    refuses("no entries", &fed(&[] as &[&str], b"-- No entries --\n"), &hint);
    refuses("blank lines", &fed(&[] as &[&str], b"\n\n\n"), &[]);
    let case = directory("nothing");
    refuses("an empty directory", &run(&[&case]), &[]);
    write(&case, "empty.log", "");
    refuses("an empty file in a directory", &run(&[&case]), &[]);
    refuses("an empty file", &run(&[case.join("empty.log")]), &["empty.log"]);
}

#[test]
fn garbage_is_no_log() {
    refuses("garbage piped in", &fed(&[] as &[&str], &garbage(3 << 20)), &["standard input"]);
    let case = directory("garbage");
    let path = write(&case, "core", garbage(1 << 20));
    refuses("garbage as a file", &run(&[&path]), &["core"]);
    write(&case, "kubelet.log", pressure());
    let ran = run(&["--format", "json", &case.to_string_lossy()]);
    finds("garbage beside a log", &ran);
    assert!(ran.json()["input"]["skipped"].to_string().contains("core"), "{:?}", ran.json()["input"]["skipped"]);
    let prose = "It was a dark and stormy night.\nThe rain fell in torrents.\n".repeat(50);
    refuses("prose", &fed(&[] as &[&str], prose.as_bytes()), &["standard input"]);
}

#[test]
fn garbage_within_a_log_is_passed_over() {
    let log = pressure();
    let at = log.find("Nov 25 03:01:00").unwrap();
    for (what, junk) in [
        ("bytes that are no text", garbage(2000)),
        ("a run of NUL", vec![0; 200_000]),
        ("a short run of NUL", vec![0; 4096]),
        ("carriage returns", b"\r\r\n\r\n".to_vec()),
        ("overlong UTF-8", b"\xc0\x80\xf8\x88\x80\x80\x80\xff\xfe\n".repeat(40)),
        ("escape sequences", b"\x1b]0;title\x07\x1b[2J\x1b[31m\n".repeat(20)),
    ] {
        for place in [0, at, log.len()] {
            if place == 0 && junk.len() > 100_000 {
                // Nothing but NUL in the part that recognition looks at.
                refuses(what, &fed(JSON, &[&junk, log.as_bytes()].concat()), &["standard input"]);
                continue;
            }
            let mixed = [&log.as_bytes()[..place], &junk, b"\n", &log.as_bytes()[place..]].concat();
            let ran = fed(JSON, &mixed);
            finds(&format!("{what} at {place}"), &ran);
            let text = fed(&["-v"], &mixed).out;
            let shown = text.chars().all(|letter| letter == '\n' || !letter.is_control());
            assert!(shown, "{what} at {place}: control characters are sent");
        }
    }
}

#[test]
fn a_log_ended_by_nul_after_a_power_cut() {
    let case = directory("power-cut");
    let log = [pressure().as_bytes(), &[0; 60_000]].concat();
    let path = write(&case, "kubelet.log", log).to_string_lossy().into_owned();
    finds("as a file", &run(&["--format", "json", &path]));
    finds("in a directory", &run(&["--format", "json", &case.to_string_lossy()]));
}

#[test]
fn lines_without_end() {
    let log = pressure();
    let piece = vec![b'x'; 1 << 20];
    let long = |first: &str, last: &str| {
        piped(JSON, |pipe| {
            pipe.write_all(first.as_bytes())?;
            (0..64).try_for_each(|_| pipe.write_all(&piece))?;
            pipe.write_all(last.as_bytes())
        })
    };
    let ran = long(&log, "");
    finds("64 MB at the end", &ran);
    assert_eq!(ran.json()["gaps"][0]["what"], "truncated", "{}", ran.json()["gaps"]);
    finds("64 MB at the beginning", &long("", &format!("\n{log}")));
    let ran = long("Nov 25 03:00:00.000000 cp-1 kubelet[189]: ", &format!("\n{log}"));
    finds("64 MB in one entry", &ran);
    assert_eq!(ran.json()["input"]["lines"], 127, "lines behind it keep their numbers");
    assert_eq!(long("", "").status, 2);
}

#[test]
#[ignore = "pipes a gigabyte; for a release build"]
fn a_gigabyte_without_a_line_end_takes_little_memory() {
    let piece = vec![b'x'; 1 << 20];
    let (_, held) = peak(&[] as &[&str], |pipe| (0..1024).try_for_each(|_| pipe.write_all(&piece)));
    assert!(held < BOUND, "{} MiB", held >> 20);
}

#[test]
#[ignore = "pipes some hundred megabytes; for a release build"]
fn a_log_in_which_no_two_lines_are_alike_takes_little_memory() {
    let mut dice = Dice::new(3);
    let (_, held) = peak(&[] as &[&str], |pipe| {
        for number in 0..1_000_000 {
            let pod = format!("ns-{}/pod-{:x}", dice.below(1000), dice.below(usize::MAX));
            writeln!(pipe, "Nov 25 {:02}:{:02}:{:02}.000000 cp-1 kubelet[{}]: E1125 03:00:00.000000     189 pod_workers.go:1301] \"Error syncing pod, skipping\" err=\"failed to \\\"StartContainer\\\" for \\\"{pod}\\\" with CrashLoopBackOff: back-off\" pod=\"{pod}\" podUID=\"{:x}\"", number / 3600 % 24, number / 60 % 60, number % 60, dice.below(40_000), dice.below(usize::MAX))?;
        }
        Ok(())
    });
    assert!(held < BOUND, "{} MiB", held >> 20);
}

#[test]
fn utf_16_is_read_as_text() {
    for (what, big, bom) in [("little-endian", false, [0xff, 0xfe]), ("big-endian", true, [0xfe, 0xff])] {
        let units = pressure()
            .encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect::<Vec<u8>>();
        let log = [&bom[..], &units].concat();
        finds(what, &fed(JSON, &log));
        let path = write(&directory(&format!("utf-16-{what}")), "kubelet.log", &log).to_string_lossy().into_owned();
        finds(what, &run(&["--format", "json", &path]));
        // Cut in the middle of a character.
        finds(what, &fed(JSON, &log[..log.len() - 1]));
        finds(&format!("{what} without a mark"), &fed(JSON, &units));
    }
    finds("UTF-8 with a mark", &fed(JSON, &[b"\xef\xbb\xbf", pressure().as_bytes()].concat()));
}

#[test]
fn what_people_paste_is_read() {
    let log = pressure();
    let each = |change: &dyn Fn(usize, &str) -> String| {
        log.lines().enumerate().map(|(at, line)| change(at, line) + "\n").collect::<String>()
    };
    finds("quoted in a mail", &fed(JSON, each(&|_, line| format!("> {line}")).as_bytes()));
    finds("with line numbers", &fed(JSON, each(&|at, line| format!("{:6}\t{line}", at + 1)).as_bytes()));
    let pager = |_: usize, line: &str| match line.len() {
        0..=169 => line.to_string(),
        _ => format!("{}>", &line[..169]),
    };
    finds("cut by a pager", &fed(JSON, each(&pager).as_bytes()));
}

#[test]
fn the_lines_at_the_end_of_a_status_are_a_log() {
    let log = pressure();
    let tail = log.lines().rev().take(10).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
    let status = format!(
        "● kubelet.service - kubelet: The Kubernetes Node Agent\n     Loaded: loaded (/lib/systemd/system/kubelet.service; enabled; preset: enabled)\n    Drop-In: /usr/lib/systemd/system/kubelet.service.d\n             └─10-kubeadm.conf\n     Active: active (running) since Wed 2026-11-25 03:50:49 UTC; 1min 31s ago\n   Main PID: 189 (kubelet)\n      Tasks: 16 (limit: 28734)\n     Memory: 38.1M\n     CGroup: /system.slice/kubelet.service\n             └─189 /usr/bin/kubelet --config=/var/lib/kubelet/config.yaml\n\n{tail}\n"
    );
    let ran = fed(JSON, status.as_bytes());
    finds("piped in", &ran);
    let line = ran.json()["incidents"][0]["root"]["lines"][0].clone();
    assert!(line["text"].as_str().unwrap().contains("eviction_manager"), "{line}");
}

#[test]
fn broken_json_lines_are_counted() {
    let line = |line: &str| {
        let message = line.split_once("]: ").unwrap().1;
        serde_json::json!({"__REALTIME_TIMESTAMP": "1795579200000000", "_HOSTNAME": "cp-1", "SYSLOG_IDENTIFIER": "kubelet", "_PID": "189", "MESSAGE": message}).to_string()
    };
    let good: Vec<String> = pressure().lines().map(line).collect();
    let mut log = String::new();
    for (at, line) in good.iter().enumerate() {
        match at % 30 {
            7 => log.push_str(&format!("{}\n", &line[..line.len() / 2])),
            13 => log.push_str("{\"MESSAGE\":\n"),
            17 => log.push_str("{}\n[]\nnull\n{\"MESSAGE\":null}\n{\"MESSAGE\":[300,-1,\"x\"]}\n"),
            19 => log.push_str(&format!("{}{}\n", "[".repeat(100_000), "{\"a\":".repeat(100_000))),
            _ => {}
        }
        log.push_str(&format!("{line}\n"));
    }
    let ran = fed(JSON, log.as_bytes());
    finds("broken JSON", &ran);
    assert!(ran.json()["input"]["unparsed_lines"].as_u64().unwrap() >= 8, "{}", ran.json()["input"]);
}

#[test]
fn what_is_missing_or_unreadable_is_named() {
    let case = directory("unreadable");
    let good = write(&case, "kubelet.log", pressure()).to_string_lossy().into_owned();
    let missing = case.join("missing.log").to_string_lossy().into_owned();
    refuses("a missing path", &run(&[&missing]), &["missing.log", "No such file"]);
    let ran = run(&["--format", "json", &good, &missing]);
    finds("one missing", &ran);
    assert!(ran.json()["input"]["skipped"].to_string().contains("missing.log"));
    // A file below a file, and a name too long: errors that even root gets.
    let below = format!("{good}/below");
    let long = format!("{}/{}", case.display(), "n".repeat(300));
    let ran = run(&["--format", "json", &good, &below, &long]);
    finds("two that cannot be opened", &ran);
    assert_eq!(ran.json()["input"]["skipped"].as_array().map(Vec::len), Some(2), "{}", ran.json()["input"]);
    // Opens, but each read fails.
    if Path::new("/proc/self/mem").exists() {
        let ran = run(&["--format", "json", &good, "/proc/self/mem"]);
        finds("one that fails when read", &ran);
        assert!(ran.json()["input"]["skipped"].to_string().contains("/proc/self/mem"), "{}", ran.json()["input"]);
        assert_eq!(run(&["--strict", &good, "/proc/self/mem"]).status, 2);
    }
    let odd = write(&case, "od\u{202e}d\n\x1b[31m name.log", quiet()).to_string_lossy().into_owned();
    let ran = run(&["-v", &odd]);
    assert!(ran.status == 0 && !ran.out.contains(['\x1b', '\u{202e}']), "a hostile name is shown, never sent: {ran:?}");
}

/// Runs the program on files that change after it has looked at them and before it reads them: the pipe in front, which sorts
/// before them, keeps it waiting. `change` is done in between.
fn while_waiting(case: &Path, change: impl FnOnce()) -> Ran {
    let pipe = case.join("a-pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let files = case.join("files");
    let arguments = ["--format".as_ref(), "json".as_ref(), pipe.as_os_str(), files.as_os_str()];
    std::thread::scope(|scope| {
        let ran = scope.spawn(|| run(&arguments));
        // Opens when the program does, which is after it has looked at all paths.
        let mut writer = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
        change();
        writer.write_all(quiet().as_bytes()).unwrap();
        drop(writer);
        ran.join().unwrap()
    })
}

#[test]
fn a_file_that_changes_before_it_is_read() {
    let log = pressure();
    let first = log.len() - log.len() / 10;
    let case = directory("vanishes");
    let gone = write(&case, "files/gone.log", &log);
    write(&case, "files/kubelet.log", &log);
    let ran = while_waiting(&case, || fs::remove_file(&gone).unwrap());
    finds("one vanishes", &ran);
    assert!(ran.json()["input"]["skipped"].to_string().contains("gone.log"), "{}", ran.json()["input"]);
    // What was added to a file counts, also where it was empty before.
    for (what, before) in [("grows", &log[..first]), ("begins", "")] {
        let case = directory(&format!("file-{what}"));
        let path = write(&case, "files/kubelet.log", before);
        let ran = while_waiting(&case, || fs::write(&path, &log).unwrap());
        finds(what, &ran);
        let sources = ran.json()["input"]["sources"].clone();
        let lines = sources.as_array().unwrap().iter().map(|source| source["lines"].as_u64().unwrap()).max();
        assert_eq!(lines, Some(126), "{what}: {sources}");
    }
    let case = directory("file-shrinks");
    let path = write(&case, "files/kubelet.log", format!("{log}{}", quiet().repeat(50)));
    finds("shrinks", &while_waiting(&case, || fs::write(&path, &log).unwrap()));
}

#[test]
fn a_file_that_grows_while_it_is_read() {
    let case = directory("growing");
    let path = write(&case, "kubelet.log", pressure() + &quiet().repeat(200));
    let ended = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            while !ended.load(std::sync::atomic::Ordering::Relaxed) {
                // In the middle of a line, too.
                file.write_all(&quiet().as_bytes()[..700]).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        });
        let ran = run(&["--format", "json", &path.to_string_lossy()]);
        ended.store(true, std::sync::atomic::Ordering::Relaxed);
        finds("a log that is written to", &ran);
    });
}

/// Links between two directories lead from each into the other.
#[test]
fn links_in_a_ring_come_to_an_end() {
    let case = directory("ring");
    write(&case, "a/kubelet.log", pressure());
    write(&case, "b/other.log", quiet());
    symlink(case.join("b"), case.join("a/to-b")).unwrap();
    symlink(case.join("a"), case.join("b/to-a")).unwrap();
    let ran = run(&["--format", "json", &case.to_string_lossy()]);
    finds("a ring of links", &ran);
    assert_eq!(ran.json()["input"]["sources"].as_array().map(Vec::len), Some(2), "each file once");
    assert!(ran.json()["input"]["skipped"].to_string().contains("leads back"), "{}", ran.json()["input"]);
}

#[test]
fn events_of_an_age_that_no_cluster_has() {
    let case = directory("old-events");
    let row = |age: &str| {
        format!("shop        {age}   Warning   BackOff   pod/web-1   Back-off restarting failed container\n")
    };
    let heading = "NAMESPACE   LAST SEEN   TYPE      REASON    OBJECT      MESSAGE\n";
    let table = format!("{heading}{}{}", row("200000000000d"), row("5m"));
    write(&case, "events.txt", table);
    write(&case, "kubelet.log", pressure());
    let ran = run(&["--format", "json", &case.to_string_lossy()]);
    finds("events of any age", &ran);
    assert!(ran.json()["input"]["evidence"].to_string().contains("events.txt"), "{}", ran.json()["input"]);
}

#[test]
fn pipes_devices_and_loops_in_a_directory_are_left_alone() {
    let case = directory("odd-files");
    write(&case, "logs/kubelet.log", pressure());
    assert!(Command::new("mkfifo").arg(case.join("fifo")).status().unwrap().success());
    symlink("/dev/zero", case.join("zero")).unwrap();
    symlink("/dev/null", case.join("null")).unwrap();
    symlink(&case, case.join("logs/loop")).unwrap();
    symlink("itself", case.join("itself")).unwrap();
    symlink("nowhere", case.join("dangling")).unwrap();
    symlink("logs/kubelet.log", case.join("again.log")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(case.join("socket")).unwrap();
    let ran = run(&["--format", "json", &case.to_string_lossy()]);
    finds("odd files beside a log", &ran);
    let json = ran.json();
    assert_eq!(
        json["input"]["sources"].as_array().map(Vec::len),
        Some(1),
        "a link is no second log: {}",
        json["input"]
    );
    let skipped = json["input"]["skipped"].to_string();
    for name in ["fifo", "zero", "null", "loop", "itself", "dangling", "socket"] {
        assert!(skipped.contains(&format!("/{name}\"")), "{name} is not named in {skipped}");
    }
    assert_eq!(
        run(&["check", "--strict", "--expect", "ephemeral-storage-pressure", &case.to_string_lossy()]).status,
        0,
        "skipped, not unreadable"
    );
}

#[test]
fn a_named_pipe_that_is_named_is_read() {
    let case = directory("named-pipe");
    let path = case.join("fifo");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| fs::write(&path, pressure()));
        run(&["--format", "json", &path.to_string_lossy()])
    });
    finds("a named pipe", &ran);
    refuses("a device without end", &run(&["/dev/zero"]), &["/dev/zero"]);
    refuses("a device without content", &run(&["/dev/null"]), &["/dev/null"]);
}

#[test]
fn a_closed_output_ends_it_quietly() {
    let case = directory("closed");
    let path = write(&case, "one/kubelet.log", pressure());
    for arguments in [&["-v"][..], &["--format", "json"], &["inputs"], &["check"], &["check", "--each"], &["--help"]] {
        let place = if arguments.contains(&"--each") { case.clone() } else { path.clone() };
        let mut child =
            program().args(arguments).arg(place).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let done = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.code().is_some(), "{arguments:?}: ended by a signal");
        assert!(!err.contains("panicked") && !err.contains("pipe"), "{arguments:?}: {err}");
    }
}

#[test]
fn an_interrupted_pipe_reports_what_is_known() {
    let mut child =
        program().args(JSON).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(pressure().as_bytes()).unwrap();
    stdin.flush().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let done = child.wait_with_output().unwrap();
    drop(stdin);
    let ran = Ran {
        status: done.status.code().unwrap(),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    };
    finds("interrupted", &ran);
    assert_eq!(ran.json()["input"]["interrupted"], true);
}
