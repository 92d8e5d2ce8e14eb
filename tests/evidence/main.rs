//! Evidence files in every form: written by hand from the grammar, real ones where they are at hand, and hostile ones.

mod configuration;
mod descriptions;
mod events;
mod examples;
mod hostile;
mod programs;
mod samples;

use nodecause::evidence::{read, Evidence, Origin, What};

/// Facts in one line each, to be compared by eye: `line what`.
fn show(evidence: &Evidence) -> Vec<String> {
    evidence.facts.iter().map(|fact| format!("{} {}", fact.position.line, show_what(&fact.what))).collect()
}

fn show_what(what: &What) -> String {
    let or_none = |value: &Option<f64>| value.map_or("-".to_owned(), |v| v.to_string());
    let time = |value: &Option<i64>| value.map_or("-".to_owned(), |v| (v / 1_000_000).to_string());
    match what {
        What::Threshold { signal, written, soft, grace, origin, .. } => {
            let origin = if *origin == Origin::File { String::new() } else { format!(" {origin:?}") };
            format!("{}{signal}<{written} {}{origin}", if *soft { "~" } else { "" }, or_none(grace))
        }
        What::Filesystem { mount, device, size, used, available, percent, inodes } => {
            let unit = if *inodes { " inodes" } else { "" };
            format!("{device} {size} {used} {available} {}%{unit} {mount}", or_none(percent))
        }
        What::NodeCondition { node, kind, status, reason, message, since, .. } => {
            format!("{node} {kind}={status} {reason} ({message}) {}", time(since))
        }
        What::Allocatable { node, resource, value } => format!("{node} may give {resource}={value}"),
        What::Taint { node, key, effect } => format!("{node} taint {key}:{effect}"),
        What::NodeInfo { node, name, value } => format!("{node} {name}: {value}"),
        What::NodeStatus { node, status, version } => format!("{node} {status} {version}"),
        What::PodStatus { pod, status, message, restarts, node } => {
            format!("{pod} {status} ({message}) restarts {restarts} {node}")
        }
        What::Container { pod, container, state, reason, exit, restarts, ended, node } => {
            let exit = exit.map_or("-".to_owned(), |code| code.to_string());
            format!("{pod}/{container} {state} {reason} exit {exit} restarts {restarts} {} {node}", time(ended))
        }
        What::Signal { node, signal, available, capacity } => {
            format!("{node} {signal}={available}/{}", or_none(capacity))
        }
        What::Memory { total, available, swap } => {
            format!("memory {}/{total} swap {}", or_none(available), or_none(swap))
        }
        What::Stall { resource, full, averages: [ten, minute, five] } => {
            format!("{resource} {} {ten} {minute} {five}", if *full { "full" } else { "some" })
        }
        What::Load { averages: [one, five, fifteen] } => format!("load {one} {five} {fifteen}"),
        What::RuntimeCondition { kind, status, reason, message } => format!("{kind}={status} {reason} ({message})"),
        What::ImageStore { mount, used, inodes } => format!("images {mount} {} {}", or_none(used), or_none(inodes)),
        What::Unit { unit, state, sub, result, exit, since, offset, restarts } => {
            let offset = offset.map_or("-".to_owned(), |offset| offset.to_string());
            let restarts = restarts.map_or("-".to_owned(), |restarts| restarts.to_string());
            format!("{unit} {state} ({sub}) {result} [{exit}] {} {offset} restarts {restarts}", time(since))
        }
        What::Clock { synchronized, zone, offset, now } => {
            format!("clock {synchronized:?} {zone} {offset:?} {}", time(now))
        }
        What::Setting { name, value } => format!("{name}: {value}"),
        What::Capacity { node, resource, value } => format!("{node} {resource}={value}"),
        What::Eviction { pod, resource, threshold, available, available_written, time: at, node } => {
            let (threshold, available) = (or_none(threshold), or_none(available));
            format!("evicted {pod} {resource} {available}<{threshold} ({available_written}) {} {node}", time(at))
        }
        What::NodeEvent { node, reason, message, first, count } => {
            format!("{node} {reason} ({message}) {} x{count}", time(first))
        }
    }
}

/// Kind, facts and the latest time in seconds, of a text.
fn of(name: &str, text: &str) -> Option<(&'static str, Vec<String>, Option<i64>)> {
    let evidence = read(name, text.as_bytes())?;
    Some((evidence.kind, show(&evidence), evidence.latest.map(|t| t / 1_000_000)))
}

fn facts_of(name: &str, text: &str) -> Vec<String> {
    of(name, text).unwrap_or_else(|| panic!("not recognised: {text}")).1
}

fn facts(text: &str) -> Vec<String> {
    facts_of("x", text)
}
