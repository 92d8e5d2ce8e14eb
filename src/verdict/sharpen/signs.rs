//! Facts that show a condition by themselves: a node's conditions, a unit that does not run, what the runtime says. Which fact
//! speaks of which condition is the catalogue's knowledge (`shown_by`).

use super::placed::{lasts, Placed};
use crate::base::node::same;
use crate::evidence::{show_bytes, What};
use crate::verdict::episodes::Episode;
use crate::verdict::outcome::EvidenceLine;

/// A state that a fact tells is as old as the last update: so long after an episode began it must be in.
const SETTLED: i64 = 60_000_000;

/// Facts shown of one condition.
const MOST: usize = 3;

/// What a fact says of a condition.
struct Sign {
    text: String,
    /// It holds.
    shows: bool,
    /// Since when that is so.
    since: Option<i64>,
}

/// The facts about the episodes of a root, those that prove something first, then the earliest.
pub(super) fn of(facts: &[Placed<'_>], shown_by: &[String], episodes: &[&Episode<'_>]) -> Vec<EvidenceLine> {
    let node = episodes.first().map_or("", |episode| &episode.node);
    let mut lines: Vec<(Option<i64>, EvidenceLine)> = Vec::new();
    for wanted in shown_by {
        for placed in facts {
            let Some(sign) = sign(placed.what, wanted, node) else { continue };
            let Some((supports, when)) = judge(&sign, placed, episodes) else { continue };
            lines.push((placed.taken, placed.shown(format!("{}{when}", sign.text), supports)));
        }
    }
    lines.sort_by(|(a, one), (b, other)| {
        let rank = |line: &EvidenceLine| line.supports.is_none();
        (rank(one), a, &one.path, one.line).cmp(&(rank(other), b, &other.path, other.line))
    });
    lines.dedup_by(|(_, a), (_, b)| a.fact == b.fact);
    lines.into_iter().take(MOST).map(|(_, line)| line).collect()
}

/// Whether a fact supports, contradicts, or only stands beside an episode. What says that all is well, at another time, says
/// nothing: `None`.
fn judge(sign: &Sign, placed: &Placed<'_>, episodes: &[&Episode<'_>]) -> Option<(Option<bool>, &'static str)> {
    if sign.shows {
        let began_in = episodes.iter().any(|episode| sign.since.is_some_and(|since| lasts(episode, since)));
        let proves = began_in || placed.during_any(episodes);
        return Some(if proves { (Some(true), "") } else { (None, BESIDE) });
    }
    let contradicts = |episode: &&Episode<'_>| {
        let within = placed.taken.is_some_and(|at| at > episode.start + SETTLED && at <= episode.last);
        within && sign.since.is_none_or(|since| since < episode.start)
    };
    episodes.iter().any(contradicts).then_some((Some(false), ""))
}

/// Added to facts that were taken at another time.
pub(super) const BESIDE: &str = " (taken before or after)";

/// What a fact says of a wanted one; `None` where it is about something else.
fn sign(what: &What, wanted: &str, node: &str) -> Option<Sign> {
    let (kind, wanted) = wanted.split_once(':')?;
    let (name, states) = wanted.split_once('=').unwrap_or((wanted, ""));
    match (kind, what) {
        ("node", What::NodeCondition { node: of, kind, status, since, reason, .. })
            if kind == name && is_here(of, node) =>
        {
            let shows = states.split('|').any(|state| state == status);
            let reason = if reason.is_empty() { String::new() } else { format!(", {reason}") };
            Some(Sign { text: format!("condition {kind} of node {of} is {status}{reason}"), shows, since: *since })
        }
        ("runtime", What::RuntimeCondition { kind, status, message, .. }) if kind == name => {
            let shows = states == status.to_string();
            let message = if message.is_empty() { String::new() } else { format!(": {message}") };
            Some(Sign { text: format!("{kind} is {status}{message}"), shows, since: None })
        }
        ("unit", What::Unit { unit, state, sub, result, exit, since, .. }) if unit == name => {
            let mut text = format!("{unit} is {state}");
            for (label, value) in [("", sub), ("result ", result), ("exit status ", exit)] {
                if !value.is_empty() {
                    text.push_str(&format!(", {label}{value}"));
                }
            }
            // One that was just started again may be well for a moment.
            Some(Sign { text, shows: !matches!(state.as_str(), "active" | "reloading"), since: *since })
        }
        ("clock", What::Clock { synchronized: Some(synchronized), .. }) => {
            let text = format!("the clock {} synchronised", if *synchronized { "is" } else { "is not" });
            Some(Sign { text, shows: !synchronized, since: None })
        }
        ("memory", What::Memory { swap: Some(swap), .. }) => {
            let text =
                if *swap > 0.0 { format!("swap is on: {}", show_bytes(*swap)) } else { "swap is off".to_owned() };
            Some(Sign { text, shows: *swap > 0.0, since: None })
        }
        _ => None,
    }
}

/// Whether a fact is about the node of an episode.
pub(super) fn is_here(of: &str, node: &str) -> bool {
    of.is_empty() || node.is_empty() || same(of, node)
}
