//! Evidence files in every form: written by hand from the grammar, real ones where they are at hand, and hostile ones.

mod events;
mod examples;
mod hostile;
mod samples;

use nodecause::evidence::{read, Evidence, What};

/// Facts in one line each, to be compared by eye: `line what`.
fn show(evidence: &Evidence) -> Vec<String> {
    evidence.facts.iter().map(|fact| format!("{} {}", fact.position.line, show_what(&fact.what))).collect()
}

fn show_what(what: &What) -> String {
    let or_none = |value: &Option<f64>| value.map_or("-".to_owned(), |v| v.to_string());
    let time = |value: &Option<i64>| value.map_or("-".to_owned(), |v| (v / 1_000_000).to_string());
    match what {
        What::Threshold { signal, written, soft, grace, .. } => {
            format!("{}{signal}<{written} {}", if *soft { "~" } else { "" }, or_none(grace))
        }
        What::Filesystem { mount, device, size, used, available, percent, inodes } => {
            let unit = if *inodes { " inodes" } else { "" };
            format!("{device} {size} {used} {available} {}%{unit} {mount}", or_none(percent))
        }
        What::NodeCondition { node, kind, status, reason, message, since } => {
            format!("{node} {kind}={status} {reason} ({message}) {}", time(since))
        }
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
