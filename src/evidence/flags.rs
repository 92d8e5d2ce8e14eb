//! Flags of a kubelet where they are kept or shown: `kubeadm-flags.env`, `/etc/default/kubelet`, an arguments file with one flag
//! a line, a unit's `ExecStart=`, `ps` and `/proc/PID/cmdline`. Flags win over every configuration file.

use super::found::Found;
use super::quantity::duration;
use super::table::limited;
use super::thresholds::{flag, thresholds_of_line};
use super::{Evidence, What};

/// Largest file that is looked at; such files have some lines, a listing of processes some thousand.
const LARGEST: usize = 4 << 20;

/// Flags that say where other things are or how they are kept, by the name of the same setting in a configuration.
const SETTINGS: [(&str, &str); 7] = [
    ("--config", "config"),
    ("--config-dir", "configDirectory"),
    ("--root-dir", "rootDirectory"),
    ("--container-runtime-endpoint", "containerRuntimeEndpoint"),
    ("--cgroup-driver", "cgroupDriver"),
    ("--fail-swap-on", "failSwapOn"),
    ("--image-gc-high-threshold", "imageGCHighThresholdPercent"),
];

/// Reads a file with flags of a kubelet; `None` for all else.
pub(super) fn read(bytes: &[u8]) -> Option<Evidence> {
    let is_json = bytes.trim_ascii_start().starts_with(b"{");
    if bytes.len() > LARGEST || is_json || memchr::memmem::find(bytes, b"--").is_none() {
        return None;
    }
    // Arguments of a process are parted by NUL.
    let text = String::from_utf8_lossy(bytes).replace('\0', " ");
    let grace = flag(&text, "--eviction-soft-grace-period").unwrap_or_default().into_owned();
    let mut found = Found::default();
    let (mut flags, mut others, mut continued, mut offset) = (0_usize, 0_usize, false, 0);
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', '[', ';']) {
            continue;
        }
        if !continued && !holds_flags(line) {
            others += usize::from(is_odd(line));
            continue;
        }
        flags += 1;
        continued = line.ends_with('\\');
        facts(line, &grace, start, &mut found);
    }
    let is_one = flags > 0 && (others == 0 || others < flags || is_processes(&text));
    (is_one && !found.is_empty()).then(|| found.evidence("kubelet flags", bytes, 0))
}

/// Whether a line is one of such a file: a flag alone, a variable of flags, a command line of a kubelet.
fn holds_flags(line: &str) -> bool {
    if line.starts_with("--") {
        return line.as_bytes().get(2).is_some_and(u8::is_ascii_lowercase);
    }
    let assigned = line.trim_start_matches("export ").split_once('=');
    let is_variable = assigned.is_some_and(|(name, value)| {
        let is_name =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        is_name && value.trim_start_matches(['"', '\'']).trim_start().starts_with("--")
    });
    is_variable || runs_kubelet(line)
}

/// Whether a command line starts a kubelet with flags. What only names one among its own flags does not.
fn runs_kubelet(line: &str) -> bool {
    let mut words =
        line.split_whitespace().map(|word| word.trim_start_matches("ExecStart=").trim_start_matches(['-', '@', '"']));
    let is_kubelet = |word: &str| matches!(word.rsplit('/').next(), Some("kubelet" | "hyperkube"));
    words.any(is_kubelet) && line.contains(" --") && !line.contains(": ")
}

/// Whether a line belongs to no file of this kind: not an assignment, as units and environment files have them.
fn is_odd(line: &str) -> bool {
    let name = line.split('=').next().unwrap_or_default();
    !line.contains('=') || name.contains(' ')
}

/// Whether a text lists processes: then most of its lines are about other things.
fn is_processes(text: &str) -> bool {
    let heading = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    heading.contains("PID") && ["CMD", "COMMAND"].iter().any(|word| heading.contains(word))
}

fn facts(line: &str, grace: &str, offset: usize, found: &mut Found) {
    for mut what in thresholds_of_line(line.as_bytes()) {
        if let What::Threshold { signal, soft: true, grace: None, .. } = &what {
            let pair = grace.split(',').filter_map(|pair| pair.split_once('=')).find(|(name, _)| name.trim() == signal);
            let told = pair.and_then(|(_, period)| duration(period));
            if let What::Threshold { grace, .. } = &mut what {
                *grace = told;
            }
        }
        found.say(offset, what);
    }
    for (name, setting) in SETTINGS {
        if let Some(value) = flag(line, name).filter(|value| !value.is_empty() && !value.contains('$')) {
            found.say(offset, What::Setting { name: setting.to_owned(), value: limited(&value) });
        }
    }
}
