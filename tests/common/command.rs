//! Runs the program itself, and small logs to run it on.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Conditions of the roots.
    pub fn roots(&self) -> Vec<String> {
        let json = self.json();
        let incidents = json["incidents"].as_array().unwrap();
        incidents.iter().map(|incident| incident["root"]["condition"].as_str().unwrap().to_string()).collect()
    }
}

/// The program with an environment that does not depend on who runs the tests.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nodecause"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("COLORTERM");
    command
}

/// Runs it on arguments, with nothing on standard input.
pub fn run<A: AsRef<std::ffi::OsStr>>(arguments: &[A]) -> Ran {
    piped(arguments, |_| Ok(()))
}

/// Runs it with these bytes on standard input.
pub fn fed<A: AsRef<std::ffi::OsStr>>(arguments: &[A], input: &[u8]) -> Ran {
    piped(arguments, |pipe| pipe.write_all(input))
}

/// Runs it and lets `write` write to its standard input; a reader that ends early is no error.
pub fn piped<A: AsRef<std::ffi::OsStr>>(
    arguments: &[A],
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send,
) -> Ran {
    let mut child =
        program().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let read = |from: &mut dyn Read| {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let (out, err) = std::thread::scope(|scope| {
        scope.spawn(move || {
            let _ = write(&mut stdin);
        });
        let err = scope.spawn(move || read(&mut err));
        (read(&mut out), err.join().unwrap())
    });
    let status = child.wait().unwrap().code().unwrap_or_else(|| panic!("ended by a signal: {err}"));
    assert!(!err.contains("panicked"), "{err}");
    Ran { status, out, err }
}

/// A new empty directory for a test.
pub fn directory(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// A file in a directory, made with what leads to it.
pub fn write(directory: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = directory.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

/// A healthy minute of a kubelet, with nothing to complain about.
pub fn quiet() -> String {
    let line = |second: usize| {
        format!(
            "Nov 25 03:{:02}:{:02}.076344 cp-1 kubelet[189]: I1125 03:{:02}:{:02}.076240     189 kubelet.go:2453] \
             \"SyncLoop (PLEG): event for pod\" pod=\"shop/backup-{second}\" event={{\"ID\":\"9db7c355\",\"Type\":\"ContainerDied\"}}\n",
            second / 60, second % 60, second / 60, second % 60,
        )
    };
    (0..120).map(line).collect()
}

/// The image filesystem crosses its threshold at 03:52:04 and a pod is evicted; the last line is of 03:52:20.
pub fn pressure() -> String {
    let mut log = quiet();
    for (clock, message) in [
        ("52:04.893575", "eviction_manager.go:369] \"Eviction manager: attempting to reclaim\" resourceName=\"ephemeral-storage\""),
        ("52:04.957556", "eviction_manager.go:380] \"Eviction manager: must evict pod(s) to reclaim\" resourceName=\"ephemeral-storage\""),
        ("52:04.958000", "eviction_manager.go:398] \"Eviction manager: pods ranked for eviction\" pods=[\"shop/web-1\"]"),
        ("52:05.200000", "eviction_manager.go:627] \"Eviction manager: pod is evicted successfully\" pod=\"shop/web-1\""),
        ("52:15.000000", "eviction_manager.go:369] \"Eviction manager: attempting to reclaim\" resourceName=\"ephemeral-storage\""),
        ("52:20.000000", "kubelet.go:2453] \"SyncLoop (PLEG): event for pod\" pod=\"shop/web-1\" event={\"Type\":\"ContainerDied\"}"),
    ] {
        let level = if message.contains("attempting") { 'W' } else { 'I' };
        log.push_str(&format!("Nov 25 03:{clock} cp-1 kubelet[189]: {level}1125 03:{clock}     189 {message}\n"));
    }
    log
}

/// A container that exits after each start; the node is well.
pub fn crash_loop() -> String {
    let mut log = quiet();
    for minute in 4..30 {
        let clock = format!("{minute:02}:10.893575");
        log.push_str(&format!(
            "Nov 25 03:{clock} cp-1 kubelet[189]: E1125 03:{clock}     189 pod_workers.go:1301] \"Error syncing pod, skipping\" \
             err=\"failed to \\\"StartContainer\\\" for \\\"app\\\" with CrashLoopBackOff: \\\"back-off 5m0s restarting failed \
             container=app pod=web-1_shop(0f3b7f5e-8c2c-4bb0-9a3c-1f1f1f1f1f1f)\\\"\" pod=\"shop/web-1\" podUID=\"0f3b7f5e-8c2c-4bb0-9a3c-1f1f1f1f1f1f\"\n"
        ));
    }
    log
}
