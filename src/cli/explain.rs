//! `nodecause explain`: a condition in words, for somebody who met its name in a report at night: what it is, how it shows, what
//! causes it and what it causes, what to check, what to do.

use std::io::{self, Write};

use clap::Args;
use serde_json::json;

use super::flags::Format;
use super::knowledge::{self, Choice, Knowledge};
use super::nearest::{did_you_mean, nearest};
use super::page::Page;
use super::{complain, trouble, FINE, TROUBLE};
use crate::base::Error;
use crate::catalogue::{CaptureId, Catalogue, Condition, ConditionId, Edge, Role, Scope, Severity, Usually};
use crate::matcher::Matcher;
use crate::report::terminal::{duration, safe, width};

/// Patterns shown of a condition; `patterns list` has them all.
const SHOWN: usize = 5;
/// Lines shown that end it.
const ENDINGS: usize = 2;

/// Arguments of `explain`.
#[derive(Debug, Clone, Args)]
pub struct Explain {
    /// Id of the condition, as reports name it; without one, all are listed
    #[arg(value_name = "CONDITION")]
    condition: Option<String>,
    #[command(flatten)]
    choice: Choice,
}

/// Prints what is known of a condition; the status to exit with.
///
/// # Errors
/// What standard output says.
pub fn run(arguments: &Explain, out: &mut dyn Write) -> io::Result<u8> {
    let choice = &arguments.choice;
    let knowledge = match knowledge::load(choice.patterns.as_deref()) {
        Ok(knowledge) => knowledge,
        Err(errors) => return trouble(&errors),
    };
    let catalogue = &knowledge.catalogue;
    let Some(name) = &arguments.condition else {
        return list(catalogue, choice, out);
    };
    let Some(id) = catalogue.condition(name) else {
        complain(&unknown(name, catalogue).to_string());
        return Ok(TROUBLE);
    };
    let subject = Subject { knowledge: &knowledge, id, lines: lines_of(&knowledge, id) };
    match choice.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &subject.json())?;
            writeln!(out)?;
        }
        Format::Text => {
            let mut page = Page::new(choice.look().style);
            subject.write(&mut page, choice.verbose);
            out.write_all(page.finish().as_bytes())?;
        }
    }
    Ok(FINE)
}

fn unknown(name: &str, catalogue: &Catalogue) -> Error {
    let what = format!("explain {}", safe(name));
    if let Some(pattern) = catalogue.patterns.iter().find(|pattern| pattern.id == name) {
        return Error::new(
            what,
            "that is a pattern, not a condition",
            format!("nodecause patterns show {}", pattern.id),
        );
    }
    let near = did_you_mean(&nearest(name, catalogue.conditions.iter().map(|condition| condition.id.as_str())));
    let hint = if near.is_empty() { "nodecause explain lists all conditions".to_string() } else { near };
    Error::new(what, "there is no such condition", hint)
}

/// All conditions, one line each.
fn list(catalogue: &Catalogue, choice: &Choice, out: &mut dyn Write) -> io::Result<u8> {
    let conditions = &catalogue.conditions;
    if choice.format == Format::Json {
        let all: Vec<_> =
            conditions.iter().map(|it| json!({ "id": it.id, "area": it.area, "title": it.title })).collect();
        serde_json::to_writer_pretty(&mut *out, &all)?;
        writeln!(out)?;
        return Ok(FINE);
    }
    let ids = conditions.iter().map(|condition| width(&condition.id)).max().unwrap_or(0);
    for condition in conditions {
        writeln!(out, "{}", safe(&format!("{:ids$}  {}", condition.id, condition.title)))?;
    }
    Ok(FINE)
}

/// An example line that speaks of a condition.
struct Line<'k> {
    pattern: &'k str,
    role: Role,
    /// Usually another line says more.
    weak: bool,
    text: &'k str,
}

/// One example of each pattern that speaks of the condition: the telling ones first, else in the order of the files.
fn lines_of(knowledge: &Knowledge, id: ConditionId) -> Vec<Line<'_>> {
    let catalogue = &knowledge.catalogue;
    let matcher = Matcher::new(catalogue);
    let defs = knowledge.sources.iter().flat_map(|source| &source.file.pattern);
    let mut lines = Vec::new();
    for (at, (pattern, def)) in catalogue.patterns.iter().zip(defs).enumerate() {
        let ends = pattern.recovers.iter().any(|&vague| catalogue.refines(id, vague));
        let speaks = pattern.condition == Some(id) || pattern.when.iter().any(|branch| branch.condition == Some(id));
        if !ends && !speaks {
            continue;
        }
        let found = def.example.iter().find_map(|example| {
            let message = example.line.as_bytes();
            let mut hits = Vec::new();
            matcher.hits(message, &mut hits);
            let mut literals = hits.iter().map(|hit| hit.literal).collect();
            let events = matcher.all(message, &mut literals, None);
            let event = events.iter().find(|event| usize::from(event.pattern) == at)?;
            // A start that succeeds ends what kept the ones before it from succeeding.
            let role = match event.role {
                Role::Recovery | Role::Lifecycle if ends => Role::Recovery,
                role => role,
            };
            let fits = role == Role::Recovery && ends || event.condition == Some(id);
            fits.then_some((role, example.line.as_str()))
        });
        if let Some((role, text)) = found {
            lines.push(Line { pattern: &def.id, role, weak: def.weak || def.fragment, text });
        }
    }
    lines.sort_by_key(|line| (line.role, line.weak));
    lines
}

/// The condition that is explained.
struct Subject<'k> {
    knowledge: &'k Knowledge,
    id: ConditionId,
    lines: Vec<Line<'k>>,
}

impl<'k> Subject<'k> {
    fn catalogue(&self) -> &'k Catalogue {
        &self.knowledge.catalogue
    }

    fn condition(&self, id: ConditionId) -> &'k Condition {
        &self.catalogue().conditions[usize::from(id)]
    }

    fn write(&self, page: &mut Page, verbose: bool) {
        let about = self.condition(self.id);
        page.name(&about.id, &about.title);
        page.paragraph(2, &self.standing());
        page.heading("WHAT IT IS");
        page.paragraph(2, &about.explanation);
        self.shows(page, verbose);
        self.causes(page);
        self.effects(page);
        if !about.check.is_empty() {
            page.heading("WHAT TO CHECK");
            about.check.iter().for_each(|command| page.command(2, command));
        }
        if !about.remedies.is_empty() {
            page.heading("WHAT TO DO");
            for (at, remedy) in about.remedies.iter().enumerate() {
                page.hanging(2, &format!("{}. ", at + 1), remedy);
            }
        }
        if let Some(url) = &about.url {
            page.heading("MORE");
            page.command(2, url);
        }
    }

    /// What it holds of, how bad it is, and what it is a form of.
    fn standing(&self) -> String {
        let about = self.condition(self.id);
        let mut said = vec![
            format!("It concerns {}.", scope(about.scope)),
            format!("As the root of an incident it {}.", severity(about.severity)),
            usually(about.usually).to_string(),
        ];
        if let Some(vague) = about.refines {
            said.push(format!("It says more precisely what {} says.", self.condition(vague).id));
        }
        let precise: Vec<&str> = self
            .catalogue()
            .conditions
            .iter()
            .filter(|it| it.refines == Some(self.id))
            .map(|it| it.id.as_str())
            .collect();
        if !precise.is_empty() {
            said.push(format!("More precise: {}.", precise.join(", ")));
        }
        if about.across {
            said.push("Where several nodes notice it at once, it is one trouble.".to_string());
        }
        if about.settling > 0 {
            said.push(format!(
                "In the first {} after a start it is usual and harmless, if it ends by itself.",
                time(about.settling)
            ));
        }
        said.join(" ")
    }

    fn shows(&self, page: &mut Page, verbose: bool) {
        page.heading("HOW IT SHOWS");
        let with = |roles: &[Role]| -> Vec<&Line<'_>> {
            self.lines.iter().filter(|line| roles.contains(&line.role)).collect()
        };
        let stating = with(&[Role::Statement, Role::Lifecycle]);
        let hinting = with(&[Role::Symptom, Role::Observation, Role::Background]);
        let endings = with(&[Role::Recovery]);
        if stating.is_empty() && hinting.is_empty() {
            page.paragraph(
                2,
                "No line says so by itself: it is concluded from other conditions and from what is beside the log.",
            );
        } else if stating.is_empty() {
            page.paragraph(2, "No line states it, but these are there because of it:");
        }
        let most = if verbose { usize::MAX } else { SHOWN };
        let mut left = 0;
        let mut show = |lines: &[&Line<'_>], most: usize| {
            for line in lines.iter().take(most) {
                page.paragraph(2, line.pattern);
                page.log_line(4, line.text);
            }
            left += lines.len().saturating_sub(most);
        };
        show(&stating, most);
        show(&hinting, if stating.is_empty() || verbose { most } else { 0 });
        if !endings.is_empty() {
            page.paragraph(2, "It has ended when the log says:");
            let most = if verbose { usize::MAX } else { ENDINGS };
            endings.iter().take(most).for_each(|line| page.log_line(4, line.text));
            left += endings.len().saturating_sub(most);
        }
        if left > 0 {
            page.paragraph(2, &format!("And {left} more: nodecause explain {} -v", self.condition(self.id).id));
        }
    }

    fn causes(&self, page: &mut Page) {
        let edges: Vec<&Edge> = self.catalogue().edges.iter().filter(|edge| edge.effect == self.id).collect();
        if !edges.is_empty() {
            page.heading("WHAT CAUSES IT");
        }
        edges.iter().for_each(|edge| self.edge(page, edge, edge.cause));
    }

    fn effects(&self, page: &mut Page) {
        let edges: Vec<&Edge> = self.catalogue().edges.iter().filter(|edge| edge.cause == self.id).collect();
        if !edges.is_empty() {
            page.heading("WHAT IT CAUSES");
        }
        edges.iter().for_each(|edge| self.edge(page, edge, edge.effect));
    }

    fn edge(&self, page: &mut Page, edge: &Edge, other: ConditionId) {
        let about = self.condition(other);
        page.paragraph(2, &format!("{}  ({}), {}", about.id, about.title, terms(edge, self.catalogue())));
        page.paragraph(4, &edge.why);
    }

    fn json(&self) -> serde_json::Value {
        let about = self.condition(self.id);
        let edge = |edge: &Edge, other: ConditionId| {
            json!({
                "condition": self.condition(other).id,
                "delay": [edge.delay.0 as f64 / MICROS, edge.delay.1 as f64 / MICROS],
                "after_end": edge.after_end as f64 / MICROS,
                "across": edge.across,
                "why": edge.why,
            })
        };
        let edges = &self.catalogue().edges;
        let causes = edges.iter().filter(|it| it.effect == self.id).map(|it| edge(it, it.cause));
        let effects = edges.iter().filter(|it| it.cause == self.id).map(|it| edge(it, it.effect));
        let lines = self
            .lines
            .iter()
            .map(|line| json!({ "pattern": line.pattern, "role": line.role.word(), "line": line.text }));
        json!({
            "id": about.id,
            "title": about.title,
            "area": about.area,
            "scope": about.scope,
            "severity": about.severity,
            "usually": about.usually,
            "across": about.across,
            "refines": about.refines.map(|id| &self.condition(id).id),
            "explanation": about.explanation,
            "shows": lines.collect::<Vec<_>>(),
            "causes": causes.collect::<Vec<_>>(),
            "effects": effects.collect::<Vec<_>>(),
            "check": about.check,
            "do": about.remedies,
            "url": about.url,
        })
    }
}

const MICROS: f64 = 1e6;

fn time(micros: i64) -> String {
    duration(micros as f64 / MICROS)
}

/// When an effect follows, and of what: `within 5 min, of the same pod`.
fn terms(edge: &Edge, catalogue: &Catalogue) -> String {
    let (least, most) = edge.delay;
    let mut words = match (least, most) {
        (1.., _) => format!("{} to {} later", time(least), time(most)),
        (_, ..=0) => format!("up to {} before", time(-least)),
        _ => format!("within {}", time(most)),
    };
    if least < 0 && most > 0 {
        words.push_str(&format!(" (its line may come {} earlier)", time(-least)));
    }
    if edge.after_end > 0 {
        words.push_str(&format!(", up to {} after the end", time(edge.after_end)));
    }
    if edge.across {
        words.push_str(", also on another node");
    }
    let name = |id: &CaptureId| catalogue.captures[usize::from(*id)].name.replace('_', " ");
    if !edge.same.is_empty() {
        let names: Vec<String> = edge.same.iter().map(name).collect();
        words.push_str(&format!(", of the same {}", names.join(" and ")));
    }
    for (whose, terms) in [("cause", &edge.only), ("effect", &edge.effect_only)] {
        for (id, named) in terms {
            words.push_str(&format!(", only where the {whose}'s {} is named {}", name(id), named.join(" or ")));
        }
    }
    words
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Node => "the whole node",
        Scope::Filesystem => "a filesystem",
        Scope::Pod => "a pod",
        Scope::Container => "a container",
        Scope::Image => "an image",
        Scope::Volume => "a volume",
        Scope::Endpoint => "an endpoint, a server that others talk to",
        Scope::Device => "a device",
        Scope::Cluster => "the cluster",
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Notice => "is worth a word, but breaks nothing",
        Severity::Workload => "hits single workloads, while the node is well",
        Severity::NodeDegraded => "makes part of the node fail, or all of it slow",
        Severity::NodeDown => "takes the node down: hardly any new work runs",
    }
}

fn usually(usually: Usually) -> &'static str {
    match usually {
        Usually::Root => "Mostly it is the root.",
        Usually::Effect => "Mostly it is the effect of something else.",
        Usually::Either => "It is as often the root as an effect.",
        Usually::Background => "Mostly it is harmless.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::page::COLUMNS;
    use crate::report::terminal::Style;

    /// The page of each built-in condition.
    fn pages(verbose: bool) -> Vec<(String, String)> {
        let knowledge = knowledge::load(None).expect("the built-in catalogue is sound");
        let all = 0..knowledge.catalogue.conditions.len() as ConditionId;
        let page_of = |id: ConditionId| {
            let mut page = Page::new(Style::default());
            Subject { knowledge: &knowledge, id, lines: lines_of(&knowledge, id) }.write(&mut page, verbose);
            (knowledge.catalogue.conditions[usize::from(id)].id.clone(), page.finish())
        };
        all.map(page_of).collect()
    }

    #[test]
    fn every_condition_is_explained_within_the_width() {
        for (id, page) in pages(false).into_iter().chain(pages(true)) {
            for heading in ["WHAT IT IS", "HOW IT SHOWS", "WHAT TO CHECK", "WHAT TO DO"] {
                assert!(page.contains(heading), "{id} lacks {heading}:\n{page}");
            }
            // Commands and addresses are never broken: they are for copying.
            let prose = page.split("\nWHAT TO CHECK").next().unwrap_or_default();
            let long = prose.lines().find(|line| width(line) > COLUMNS);
            assert_eq!(long, None, "{id}");
        }
    }

    #[test]
    fn terms_of_edges_read_well() {
        let catalogue = Catalogue {
            captures: ["pod", "container_id"]
                .map(|name| crate::catalogue::compile::Capture { name: name.into(), pairs: Vec::new() })
                .into(),
            ..Catalogue::default()
        };
        let edge = |delay: (i64, i64), after_end: i64| Edge {
            cause: 0,
            effect: 0,
            delay: (delay.0 * 1_000_000, delay.1 * 1_000_000),
            across: false,
            same: Vec::new(),
            only: Vec::new(),
            effect_only: Vec::new(),
            after_end: after_end * 1_000_000,
            why: String::new(),
        };
        let cases = [
            (edge((0, 300), 0), "within 5 min"),
            (edge((-2, 600), 60), "within 10 min (its line may come 2 s earlier), up to 1 min after the end"),
            (edge((120, 7200), 0), "2 min to 2 h later"),
            (edge((-60, 0), 0), "up to 1 min before"),
            (Edge { across: true, ..edge((0, 300), 0) }, "within 5 min, also on another node"),
            (Edge { same: vec![0, 1], ..edge((0, 1), 0) }, "within 1 s, of the same pod and container id"),
            (
                Edge { only: vec![(0, vec!["etcd".into(), "dns".into()])], ..edge((0, 1), 0) },
                "within 1 s, only where the cause's pod is named etcd or dns",
            ),
        ];
        for (edge, expected) in cases {
            assert_eq!(terms(&edge, &catalogue), expected);
        }
    }

    #[test]
    fn an_unknown_name_gets_a_hint() {
        let catalogue = crate::catalogue::load::built_in();
        let (condition, pattern) = (&catalogue.conditions[0].id, &catalogue.patterns[0].id);
        assert!(unknown(&condition[1..], &catalogue).hint.contains(condition.as_str()));
        assert_eq!(unknown(pattern, &catalogue).hint, format!("nodecause patterns show {pattern}"));
        assert_eq!(unknown("\u{1b}[2J", &catalogue).hint, "nodecause explain lists all conditions");
    }
}
