//! Memory of the machine: `free`, `/proc/meminfo` and the kernel's pressure figures (`/proc/pressure/*`). Apart from the
//! kubelet's own reckoning, which counts what it could reclaim otherwise.

use super::df::Cell;
use super::found::Found;
use super::quantity::decimal;
use super::table::lines;
use super::{Evidence, What};

/// No output of these programs is larger.
const LARGEST: usize = 64 * 1024;

const KIB: f64 = 1024.0;

/// Reads one of them; `None` for all else.
pub(super) fn read(name: &str, bytes: &[u8]) -> Option<Evidence> {
    let text = (bytes.len() <= LARGEST).then(|| std::str::from_utf8(bytes).ok()).flatten()?;
    let attempt = |kind: &'static str, reads: &dyn Fn(&mut Found) -> bool| {
        let mut found = Found::default();
        reads(&mut found).then(|| found.evidence(kind, bytes, 0))
    };
    attempt("/proc/meminfo", &|found| meminfo(text, found))
        .or_else(|| attempt("pressure stall", &|found| pressure(name, text, found)))
        .or_else(|| attempt("free", &|found| free(name, text, found)))
}

fn meminfo(text: &str, found: &mut Found) -> bool {
    if !text.trim_start().starts_with("MemTotal:") {
        return false;
    }
    let value = |name: &str| {
        lines(text).find_map(|(offset, line)| {
            let rest = line.strip_prefix(name)?.strip_prefix(':')?.trim();
            Some((offset, decimal(rest.strip_suffix("kB")?)? * KIB))
        })
    };
    let Some((offset, total)) = value("MemTotal") else { return false };
    let amount = |name: &str| value(name).map(|(_, value)| value);
    let at = value("MemAvailable").map_or(offset, |(offset, _)| offset);
    found.say(at, What::Memory { total, available: amount("MemAvailable"), swap: amount("SwapTotal") });
    true
}

fn pressure(name: &str, text: &str, found: &mut Found) -> bool {
    let resource_in = |text: &str| ["memory", "cpu", "io"].into_iter().find(|word| words(text).any(|w| w == *word));
    let mut resource = resource_in(name.rsplit('/').next().unwrap_or(name)).unwrap_or_default();
    for (offset, line) in lines(text).filter(|(_, line)| !line.is_empty()) {
        let line = line.trim_start();
        match stall(line, resource) {
            Some(what) => found.say(offset, what),
            // A heading of whoever put several of these files into one.
            None if line.len() < 128 && resource_in(line).is_some() => resource = resource_in(line).unwrap_or_default(),
            None => return false,
        }
    }
    !found.is_empty()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphabetic())
}

/// `some avg10=0.12 avg60=0.03 avg300=0.00 total=123456`
fn stall(line: &str, resource: &str) -> Option<What> {
    let mut parts = line.split(' ');
    let full = match parts.next()? {
        "some" => false,
        "full" => true,
        _ => return None,
    };
    let mut next = |name: &str| decimal(parts.next()?.strip_prefix(name)?.strip_prefix('=')?);
    let averages = [next("avg10")?, next("avg60")?, next("avg300")?];
    Some(What::Stall { resource: resource.to_owned(), full, averages })
}

fn free(name: &str, text: &str, found: &mut Found) -> bool {
    let mut rows = lines(text).filter(|(_, line)| !line.is_empty()).take(64).peekable();
    let mut heading: Option<Vec<&str>> = None;
    while let Some((offset, line)) = rows.next() {
        if line.starts_with("   ") && !line.contains(':') {
            let is_word = |word: &&str| !word.starts_with(|c: char| c.is_ascii_digit());
            heading = Some(line.split_whitespace().collect())
                .filter(|names: &Vec<&str>| names.iter().all(is_word) && names.len() >= 3);
            continue;
        }
        let Some(names) = heading.take() else { continue };
        let Some(cells) = cells(line) else { continue };
        if cells.len() > names.len() || cells.len() < 3 {
            continue;
        }
        let unit = unit(name, &cells);
        let value = |cell: &Cell| cell.value(unit, 1024.0);
        // procps before 3.3.10 has no column for it, but a row below.
        let below = rows.peek().filter(|(_, line)| line.starts_with("-/+")).and_then(|(_, line)| self::cells(line));
        let column = names.iter().position(|name| *name == "available");
        let place = if below.is_some() || names.contains(&"cached") {
            None
        } else {
            column.or(Some(names.len() - 1).filter(|at| *at >= 5))
        };
        let available = below.and_then(|cells| cells.get(1).map(value)).or_else(|| cells.get(place?).map(value));
        if rows.peek().is_some_and(|(_, line)| line.starts_with("-/+")) {
            rows.next();
        }
        let swap = rows.peek().and_then(|(_, line)| self::cells(line)).and_then(|cells| cells.first().map(value));
        if cells[0].number() > 0.0 {
            found.say(offset, What::Memory { total: value(&cells[0]), available, swap });
        }
    }
    !found.is_empty()
}

/// The numbers behind a label that ends with a colon; `None` where there is something else.
fn cells(line: &str) -> Option<Vec<Cell>> {
    let (label, numbers) = line.rsplit_once(':')?;
    let short = !label.is_empty() && label.len() < 40 && !label.contains(|c: char| c.is_ascii_digit());
    short.then(|| numbers.split_whitespace().map(Cell::parse).collect()).flatten()
}

/// What numbers without letters count. `free` does not say: the file's name may (`free-m.txt`); else the size tells, since
/// machines with less than 256 MiB or more than 8 TiB are no nodes.
fn unit(name: &str, cells: &[Cell]) -> f64 {
    let file = name.rsplit('/').next().unwrap_or(name);
    let named = |word: &str| words(file).any(|known| known == word);
    let total = cells.first().map_or(0.0, Cell::number);
    if named("m") || named("mega") {
        KIB * KIB
    } else if named("b") || named("bytes") {
        1.0
    } else if total < 64.0 {
        KIB * KIB * KIB
    } else if total < 256.0 * KIB {
        KIB * KIB
    } else if total >= 8.0 * KIB * KIB * KIB {
        1.0
    } else {
        KIB
    }
}
