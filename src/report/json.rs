//! The JSON report: one object with stable keys, described by `schema/report.schema.json`.

use serde_json::{json, Map, Value as Json};

use crate::verdict::*;

/// Version of the form of the report: rises when a key changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// The report as one JSON object.
pub fn report(verdict: &Verdict) -> Json {
    json!({
        "schema_version": SCHEMA_VERSION,
        "tool": {
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "catalogue": verdict.catalogue,
        },
        "input": input(&verdict.input),
        "verdict": if verdict.incidents.is_empty() { "quiet" } else { "incident" },
        "incidents": verdict.incidents.iter().map(incident).collect::<Vec<_>>(),
        "candidates": verdict.candidates.iter().map(candidate).collect::<Vec<_>>(),
        "suspects": [],
        "lifecycles": verdict.lifecycles.iter().map(lifecycle).collect::<Vec<_>>(),
        "background": verdict.background.iter().map(leftover).collect::<Vec<_>>(),
        "unexplained": verdict.unexplained.iter().map(leftover).collect::<Vec<_>>(),
        "gaps": verdict.gaps.iter().map(gap).collect::<Vec<_>>(),
    })
}

/// A gap of the input as a whole has no path.
fn gap(gap: &Gap) -> Json {
    let mut object = json!({"what": gap.what, "detail": gap.detail});
    if !gap.path.is_empty() {
        object["path"] = gap.path.clone().into();
    }
    object
}

fn input(input: &InputFacts) -> Json {
    let sum = |of: fn(&SourceFacts) -> u64, more: u64| input.sources.iter().map(of).sum::<u64>() + more;
    let more = &input.more;
    let sources: Vec<Json> = input
        .sources
        .iter()
        .map(|source| {
            json!({
                "path": source.path,
                "node": source.node,
                "component": source.component,
                "kind": source.kind,
                "lines": source.lines,
                "bytes": source.bytes,
                "entries": source.entries,
                "unparsed_lines": source.unparsed_lines,
                "first": source.first.as_ref().map(moment),
                "last": source.last.as_ref().map(moment),
                "view_of": source.view_of,
                "overlaps": source.overlaps,
                "role": source.role,
                "pod": source.pod.as_ref().map(|(pod, _)| pod),
                "container": source.pod.as_ref().map(|(_, container)| container).filter(|container| !container.is_empty()),
                "restart": source.restart,
            })
        })
        .collect();
    let mut skipped: Vec<Json> = input.skipped.iter().map(|(path, why)| json!({"path": path, "why": why})).collect();
    skipped.extend(input.unreadable.iter().map(|error| json!({"path": error.what, "why": error.wrong})));
    json!({
        "sources": sources,
        "more_sources": more.sources,
        "lines": sum(|source| source.lines, more.lines),
        "entries": sum(|source| source.entries, more.entries),
        "bytes": sum(|source| source.bytes, more.bytes),
        "unparsed_lines": sum(|source| source.unparsed_lines, more.unparsed_lines),
        "skipped": skipped,
        "bundles": input.bundles.iter().map(|bundle| json!({
            "path": bundle.path, "kind": bundle.kind, "title": bundle.title, "marker": bundle.marker,
        })).collect::<Vec<_>>(),
        "evidence": input.evidence.iter().map(|evidence| json!({
            "path": evidence.path, "kind": evidence.kind, "role": evidence.role, "node": evidence.node,
        })).collect::<Vec<_>>(),
        "time_basis": input.time_basis.iter().map(|basis| json!({
            "path": basis.path, "year": basis.year, "zone": basis.zone,
        })).collect::<Vec<_>>(),
        "interrupted": input.interrupted,
    })
}

fn incident(incident: &Incident) -> Json {
    json!({
        "nodes": incident.nodes,
        "severity": incident.severity,
        "state": state(incident.state),
        "ended_by": incident.ended_by.as_ref().map(shown),
        "look_at": incident.look_at,
        "fingerprint": "",
        "root": root(&incident.root),
        "chain": incident.chain.iter().map(effect).collect::<Vec<_>>(),
        "workloads": incident.workloads.iter().map(|(pod, how)| json!({"pod": pod, "how": how})).collect::<Vec<_>>(),
        "ruled_out": incident.ruled_out.iter().map(|ruled| json!({
            "condition": ruled.condition,
            "why": format!("{} No line of it in {}.", ruled.says, crate::base::count(ruled.entries, "entry")),
        })).collect::<Vec<_>>(),
        "remedies": incident.remedies.iter().map(|remedy| json!({
            "text": remedy.text, "commands": remedy.commands,
        })).collect::<Vec<_>>(),
    })
}

fn root(root: &Root) -> Json {
    json!({
        "condition": root.condition,
        "title": root.title,
        "summary": root.summary,
        "object": object(&root.object),
        "confidence": confidence(root.confidence),
        "reasons": root.reasons,
        "outside_log": root.outside_log,
        "first": moment(&root.first),
        "last": moment(&root.last),
        "count": root.count,
        "lines": root.lines.iter().map(shown).collect::<Vec<_>>(),
        "values": root.values.iter().map(|(name, value)| (name.clone(), self::value(value))).collect::<Map<_, _>>(),
        "evidence": root.evidence.iter().map(|fact| json!({
            "path": fact.path, "line": fact.line, "fact": fact.fact, "supports": fact.supports,
        })).collect::<Vec<_>>(),
        "forewarnings": root.forewarnings.iter().map(shown).collect::<Vec<_>>(),
        "recurrences": root.recurrences.iter().map(|recurrence| json!({
            "first": moment(&recurrence.first),
            "last": moment(&recurrence.last),
            "after": recurrence.after,
            "delay": recurrence.delay,
        })).collect::<Vec<_>>(),
    })
}

/// Which nodes an effect was seen on is told only where the input is of several.
fn effect(effect: &Effect) -> Json {
    let mut object = json!({
        "condition": effect.condition,
        "title": effect.title,
        "caused_by": effect.caused_by,
        "edge": {"why": effect.why},
        "delay": effect.delay,
        "count": effect.count,
        "first": moment(&effect.first),
        "last": moment(&effect.last),
        "objects": effect.objects,
        "more_objects": effect.more_objects,
        "lines": effect.lines.iter().map(shown).collect::<Vec<_>>(),
    });
    if !effect.nodes.is_empty() {
        object["nodes"] = effect.nodes.clone().into();
    }
    object
}

fn candidate(candidate: &Candidate) -> Json {
    json!({
        "condition": candidate.condition,
        "why_not": candidate.why_not,
        "lines": candidate.lines.iter().map(shown).collect::<Vec<_>>(),
    })
}

fn lifecycle(lifecycle: &Lifecycle) -> Json {
    json!({
        "node": lifecycle.node,
        "component": lifecycle.component,
        "what": lifecycle.what,
        "pid": if lifecycle.pid == 0 { Json::Null } else { lifecycle.pid.into() },
        "first": moment(&lifecycle.first),
        "last": moment(&lifecycle.last),
        "ended_by": if lifecycle.ended_by.is_empty() { Json::Null } else { lifecycle.ended_by.clone().into() },
    })
}

fn leftover(leftover: &Leftover) -> Json {
    json!({
        "condition": leftover.condition,
        "count": leftover.count,
        "first": moment(&leftover.first),
        "last": moment(&leftover.last),
        "lines": leftover.lines.iter().map(shown).collect::<Vec<_>>(),
    })
}

fn moment(moment: &Moment) -> Json {
    json!({"time": moment.time, "clock": moment.clock})
}

/// A line: path, number, time, text. Log text is hostile; JSON escapes what a terminal would obey.
fn shown(shown: &Shown) -> Json {
    json!({
        "path": shown.path,
        "line": shown.position.line,
        "time": shown.moment.time,
        "clock": shown.moment.clock,
        "text": shown.text,
    })
}

fn object(pairs: &[(String, String)]) -> Map<String, Json> {
    pairs.iter().map(|(name, value)| (name.clone(), Json::from(value.clone()))).collect()
}

fn value(value: &Value) -> Json {
    match value {
        Value::Text(text) => text.clone().into(),
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => (*number as i64).into(),
        Value::Number(number) => (*number).into(),
    }
}

fn state(state: State) -> &'static str {
    match state {
        State::Ongoing => "ongoing",
        State::Over => "over",
        State::Unknown => "unknown",
    }
}

/// The name of a level, as reports have it.
pub fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}
