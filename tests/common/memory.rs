//! How much memory the program itself takes, over what is handed to it.

use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use super::command::{program, Ran};

/// What the program may hold whatever it is given, in bytes: the bound that README states.
pub const BOUND: u64 = 128 << 20;

/// What it may hold over something that it refuses, in bytes.
pub const REFUSED: u64 = 48 << 20;

/// Threads, whatever the machine has: each holds a block and what it found.
const THREADS: [&str; 2] = ["--threads", "2"];

/// Runs the program with `write` on its standard input. Gives what it said and the most resident memory it had, in bytes.
pub fn peak<A: AsRef<std::ffi::OsStr>>(
    arguments: &[A],
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send,
) -> (Ran, u64) {
    let mut child = program()
        .args(THREADS)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut stdin = child.stdin.take().unwrap();
    let (done, most) = thread::scope(|scope| {
        scope.spawn(move || {
            let _ = write(&mut stdin);
        });
        let watch = scope.spawn(move || {
            let mut most = 0;
            // The system keeps the highest value, so nothing that came between two looks is missed. A process that has ended
            // has none any more.
            while let Some(now) = fs::read_to_string(&status).ok().as_deref().and_then(highest) {
                most = now;
                thread::sleep(Duration::from_millis(1));
            }
            most
        });
        let done = child.wait_with_output().unwrap();
        (done, watch.join().unwrap())
    });
    let err = String::from_utf8(done.stderr).unwrap();
    let status = done.status.code().unwrap_or_else(|| panic!("ended by a signal: {err}"));
    assert!(!err.contains("panicked"), "{err}");
    assert!(most > 0, "the system does not tell");
    (Ran { status, out: String::from_utf8(done.stdout).unwrap(), err }, most)
}

/// The most resident memory, in bytes, in what the system tells of a process.
fn highest(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10)
}
