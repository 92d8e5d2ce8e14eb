//! What systemd says of its units: `systemctl status` and `systemctl show`. The tail of the log below a status is left alone: it
//! stands in the journal too, and must not count twice.

use super::found::Found;
use super::table::{limited, lines};
use super::time::systemd;
use super::{Evidence, What};

/// Longest output that is read; `systemctl status --all` of a large machine has some megabytes.
const LARGEST: usize = 16 << 20;

/// What a status begins with, by state and by how old systemd is.
const MARKS: [&str; 6] = ["● ", "○ ", "× ", "↻ ", "↺ ", "* "];

/// Whether a file begins as the status of a unit. Asked before a file is taken for a log, which its tail is.
pub(super) fn begins(head: &[u8]) -> bool {
    let mut lines =
        head.split(|&byte| byte == b'\n').map(String::from_utf8_lossy).filter(|line| !line.trim().is_empty());
    let first = lines.next().is_some_and(|line| unit_of(&line).is_some());
    first && lines.next().is_some_and(|line| line.trim_start().starts_with("Loaded:"))
}

/// Reads one of them; `None` for all else.
pub(super) fn read(bytes: &[u8]) -> Option<Evidence> {
    if bytes.len() > LARGEST {
        return None;
    }
    let mut found = Found::default();
    let text = String::from_utf8_lossy(bytes);
    let is_one = if begins(bytes) { status(&text, &mut found) } else { show(&text, &mut found) };
    is_one.then(|| found.evidence("units", bytes, 0))
}

/// The unit of a status' first line.
fn unit_of(line: &str) -> Option<&str> {
    let rest = MARKS.iter().find_map(|mark| line.strip_prefix(mark))?;
    let unit = rest.split(' ').next()?;
    let (name, kind) = unit.rsplit_once('.')?;
    let kinds =
        ["service", "socket", "mount", "slice", "target", "timer", "scope", "path", "swap", "automount", "device"];
    (!name.is_empty() && kinds.contains(&kind)).then_some(unit)
}

/// A unit in the making.
#[derive(Default)]
struct Unit {
    offset: usize,
    unit: String,
    state: String,
    sub: String,
    result: String,
    exit: String,
    since: Option<i64>,
    zone: Option<i32>,
    restarts: Option<u64>,
}

impl Unit {
    fn end(self, found: &mut Found) {
        let Unit { offset, unit, state, sub, result, exit, since, zone, restarts } = self;
        if !state.is_empty() {
            found.say(offset, What::Unit { unit, state, sub, result, exit, since, offset: zone, restarts });
        }
    }
}

fn status(text: &str, found: &mut Found) -> bool {
    let mut unit = Unit::default();
    let mut head = false;
    for (start, line) in lines(text) {
        if let Some(name) = unit_of(line) {
            std::mem::take(&mut unit).end(found);
            unit.unit = limited(name);
            head = true;
        } else if line.is_empty() {
            head = false; // What follows is the tail of the log, up to the next unit.
        } else if head {
            let line = line.trim_start();
            if let Some(active) = line.strip_prefix("Active: ") {
                unit.offset = start;
                activity(active, &mut unit, found);
            } else if line.starts_with("Process: ") || line.starts_with("Main PID: ") {
                if let Some(exit) = exit_of(line) {
                    unit.exit = exit;
                }
            }
        }
    }
    unit.end(found);
    !found.is_empty()
}

/// `failed (Result: oom-kill) since Mon 2024-01-01 00:03:10 UTC; 5min ago`
fn activity(active: &str, unit: &mut Unit, found: &mut Found) {
    let (what, since) = active.split_once(" since ").unwrap_or((active, ""));
    unit.state = limited(what.split(' ').next().unwrap_or_default());
    for part in what.split('(').skip(1) {
        let part = part.split(')').next().unwrap_or_default();
        match part.strip_prefix("Result: ") {
            Some(result) => unit.result = limited(result),
            None => unit.sub = limited(part),
        }
    }
    let (at, ago) = since.split_once("; ").unwrap_or((since, ""));
    (unit.since, unit.zone) = systemd(at).unzip();
    // The moment of the snapshot, as far as systemd rounds it.
    let now = unit.since.zip(span(ago.trim_end_matches(" ago"))).map(|(since, span)| since + span);
    found.seen(now.or(unit.since));
}

/// A time span as systemd writes it, in microseconds: `4min 37s`, `2h 5min`, `1 month 3 days`.
fn span(text: &str) -> Option<i64> {
    let mut seconds: i64 = 0;
    let mut number: Option<i64> = None;
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    for word in text.split(' ') {
        let letters = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
        if letters > 0 {
            number = Some(word[..letters].parse().ok()?);
        }
        let unit = match &word[letters..] {
            "" => continue,
            "ms" => 0,
            "s" => 1,
            "min" => 60,
            "h" => 3600,
            "day" | "days" => 86_400,
            "week" | "weeks" => 7 * 86_400,
            "month" | "months" => 2_629_800,
            "year" | "years" => 31_557_600,
            _ => return None,
        };
        seconds = seconds.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    seconds.checked_mul(1_000_000)
}

/// `status=203/EXEC` inside `(code=exited, status=203/EXEC)`; `signal=KILL` where a signal ended it.
fn exit_of(line: &str) -> Option<String> {
    let (_, told) = line.rsplit_once("(code=")?;
    let told = told.split(')').next()?;
    let (code, status) = told.split_once(", ")?;
    let value = status.split_once('=').map_or(status, |(_, value)| value);
    Some(limited(&if code == "exited" { value.to_owned() } else { format!("{code} {value}") }))
}

/// `systemctl show`: properties line by line, units parted by an empty line.
fn show(text: &str, found: &mut Found) -> bool {
    let mut unit = Unit::default();
    let mut known = 0;
    for (start, line) in lines(text) {
        if line.is_empty() {
            std::mem::take(&mut unit).end(found);
            continue;
        }
        let Some((name, value)) = line.split_once('=') else { return false };
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return false;
        }
        known += 1;
        match name {
            "Id" => unit.unit = limited(value),
            "ActiveState" => (unit.state, unit.offset) = (limited(value), start),
            "SubState" => unit.sub = limited(value),
            "Result" if value != "success" => unit.result = limited(value),
            "ExecMainStatus" if value != "0" => unit.exit = limited(value),
            "ActiveEnterTimestamp" => (unit.since, unit.zone) = systemd(value).unzip(),
            "NRestarts" => unit.restarts = value.parse().ok(),
            _ => known -= usize::from(!name.starts_with(|c: char| c.is_ascii_uppercase())),
        }
    }
    unit.end(found);
    known > 1 && !found.is_empty()
}
