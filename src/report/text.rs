//! The text report: what a tired person needs at three in the morning, on one screen. `-v` shows everything.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::json::confidence;
use super::terminal::{duration, safe, width, wrap, Style};
use crate::base::{count, number};
use crate::verdict::*;

mod excerpt;
mod followed;

/// Columns of a report.
const COLUMNS: usize = 100;
/// Nodes named in the heading without `-v`.
const NAMED: usize = 6;
/// Lines of a log line shown without `-v`.
const LINE_ROWS: usize = 3;

/// How to print.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Colours.
    pub style: Style,
    /// Everything.
    pub verbose: bool,
}

/// The report as text.
pub fn report(verdict: &Verdict, look: Look) -> String {
    let mut out = String::new();
    let page = &mut Page { out: &mut out, look, several_nodes: nodes(&verdict.input).len() > 1 };
    page.heading(verdict);
    if verdict.incidents.is_empty() {
        page.quiet(verdict);
    }
    for (at, incident) in verdict.incidents.iter().enumerate() {
        if at == 0 || look.verbose {
            page.incident(incident, at, verdict.incidents.len());
        }
    }
    if verdict.incidents.len() > 1 && !look.verbose {
        page.others(&verdict.incidents[1..]);
    }
    page.candidates(verdict);
    page.leftovers(verdict);
    page.not_read(verdict);
    out
}

struct Page<'p> {
    out: &'p mut String,
    look: Look,
    several_nodes: bool,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.out, "{}", text.trim_end());
    }

    fn title(&mut self, text: &str) {
        let text = self.look.style.bold(text);
        self.line("");
        self.line(&text);
    }

    /// Node, span, lines, restarts.
    fn heading(&mut self, verdict: &Verdict) {
        let input = &verdict.input;
        let nodes = nodes(input);
        let mut parts: Vec<String> = Vec::new();
        if !nodes.is_empty() {
            let named = if self.look.verbose || nodes.len() <= NAMED + 1 { nodes.len() } else { NAMED };
            let more = match nodes.len() - named {
                0 => String::new(),
                more => format!(" and {more} more nodes"),
            };
            parts.push(safe(&nodes[..named].join(", ")) + &more);
        }
        parts.extend(span(input));
        let lines: u64 = input.sources.iter().map(|source| source.lines).sum::<u64>() + input.more.lines;
        let mut speakers: Vec<&str> = input
            .sources
            .iter()
            .filter_map(|source| source.component.as_deref())
            .flat_map(|names| names.split(", "))
            .collect();
        speakers.sort_unstable();
        speakers.dedup();
        let of = if speakers.is_empty() { String::new() } else { format!(" of {}", speakers.join(", ")) };
        let files = input.sources.len() as u64 + input.more.sources;
        let files = if files > 1 { format!(" in {}", count(files, "file")) } else { String::new() };
        parts.push(format!("{}{of}{files}", count(lines, "line")));
        let restarts = restarts(verdict);
        if !restarts.is_empty() {
            parts.push(restarts);
        }
        for row in wrap(&parts.join(" · "), COLUMNS) {
            self.line(&row);
        }
    }

    fn quiet(&mut self, verdict: &Verdict) {
        self.line("");
        let text = self.look.style.bold("NOTHING FOUND");
        self.line(&format!("{text}  No line of these logs states a problem that outlasts a start."));
        let missing = missing(verdict);
        if !missing.is_empty() {
            self.line(&format!("  Not in this input: {missing}."));
        }
    }

    fn incident(&mut self, incident: &Incident, at: usize, of: usize) {
        let root = &incident.root;
        let name = if at == 0 { "ROOT CAUSE".to_string() } else { format!("INCIDENT {} OF {of}", at + 1) };
        let right = format!("confidence: {}", confidence(root.confidence));
        let left = format!("{name}  {}", root.title);
        let gap = COLUMNS.saturating_sub(width(&left) + width(&right)).max(2);
        self.line("");
        let head = format!("{}  {}", self.look.style.red(&name), self.look.style.bold(&root.title));
        self.line(&format!("{head}{}{right}", " ".repeat(gap)));
        for row in wrap(&safe(&root.summary), COLUMNS - 2) {
            self.line(&format!("  {row}"));
        }
        if let Some((first, others)) = incident.nodes.split_first().filter(|_| self.several_nodes) {
            let others =
                if others.is_empty() { String::new() } else { format!("; also seen on {}", others.join(", ")) };
            self.wrapped("  ", &safe(&format!("It began on {first}{others}.")), 2);
        }
        if root.outside_log {
            self.line("  Only its symptoms are in this log: the cause itself is elsewhere.");
        }
        let shown = if self.look.verbose { root.lines.len() } else { 1 };
        for line in root.lines.iter().take(shown) {
            self.shown(line);
        }
        for fact in &root.evidence {
            let word = match fact.supports {
                Some(true) => "confirmed by",
                Some(false) => "contradicted by",
                None => "beside it",
            };
            let place = if fact.line > 1 { format!("{}:{}", safe(&fact.path), fact.line) } else { safe(&fact.path) };
            self.wrapped("  ", &format!("{word} {place}: {}", safe(&fact.fact)), 2);
        }
        if self.look.verbose || root.confidence != Confidence::High {
            self.wrapped(
                "  ",
                &format!("confidence is {}: {}", confidence(root.confidence), root.reasons.join("; ")),
                3,
            );
        }
        self.state(incident);
        self.followed(incident);
        self.recurrences(root);
        self.forewarnings(root);
        self.workloads(incident);
        self.ruled_out(incident);
        self.what_to_do(incident);
    }

    fn shown(&mut self, line: &Shown) {
        let when = [line.moment.date.as_str(), line.moment.short.as_str()].join(" ");
        let place = format!("{}:{}", safe(&line.path), line.position.line);
        let head = [when.trim(), place.as_str()]
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("  ");
        self.line(&format!("  {head}"));
        let words: Vec<String> = line.proof.iter().map(|word| safe(word)).collect();
        let most = if self.look.verbose { usize::MAX } else { LINE_ROWS };
        for row in excerpt::rows(&safe(&line.text), &words, COLUMNS - 4, most) {
            self.line(&format!("    {}", self.look.style.bold(&row)));
        }
    }

    fn wrapped(&mut self, indent: &str, text: &str, most: usize) {
        let rows = wrap(text, COLUMNS - indent.len() - 2);
        let most = if self.look.verbose { rows.len() } else { most };
        for (at, row) in rows.iter().take(most).enumerate() {
            let more = if at + 1 == most && rows.len() > most { " …" } else { "" };
            let hang = if at == 0 { "" } else { "  " };
            self.line(&format!("{indent}{hang}{row}{more}"));
        }
    }

    fn state(&mut self, incident: &Incident) {
        let text = match (&incident.state, &incident.ended_by) {
            (State::Over, Some(line)) => {
                let when = with(&line.moment.short, "", " ");
                format!("It is over: {when}{}:{}", safe(&line.path), line.position.line)
            }
            (State::Over, None) => "It is over.".to_string(),
            (State::Ongoing, _) => "It goes on at the end of the log.".to_string(),
            (State::Unknown, _) => "The log does not tell whether it is over.".to_string(),
        };
        self.line(&format!("  {text}"));
    }

    fn recurrences(&mut self, root: &Root) {
        if root.recurrences.is_empty() {
            return;
        }
        let all = root.recurrences.len();
        let shown = if self.look.verbose { all } else { 3 };
        let each: Vec<String> = root
            .recurrences
            .iter()
            .take(shown)
            .map(|again| {
                let when = with(&again.first.short, "at ", ", ");
                format!("{when}{} after {}", duration(again.delay), article(&again.after))
            })
            .collect();
        let more =
            if all > shown { format!(" and {}", count((all - shown) as u64, "more time")) } else { String::new() };
        self.wrapped("  ", &format!("It came back: {}{more}.", each.join("; ")), 3);
    }

    fn forewarnings(&mut self, root: &Root) {
        if let Some(line) = root.forewarnings.first() {
            let more = if root.forewarnings.len() > 1 {
                format!(" (and {} more)", root.forewarnings.len() - 1)
            } else {
                String::new()
            };
            let place = format!("{}:{}", safe(&line.path), line.position.line);
            let when = with(&line.moment.short, "at ", " ");
            self.line(&format!("  Announced {when}by {place}{more}"));
        }
    }

    fn workloads(&mut self, incident: &Incident) {
        if incident.workloads.is_empty() {
            return;
        }
        let shown = if self.look.verbose { usize::MAX } else { 6 };
        let names: Vec<String> = incident.workloads.iter().take(shown).map(|(pod, _)| safe(pod)).collect();
        let more = incident.workloads.len() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        self.wrapped("  ", &format!("Pods hit: {}{more}", names.join(", ")), 2);
    }

    fn ruled_out(&mut self, incident: &Incident) {
        if incident.ruled_out.is_empty() {
            return;
        }
        self.title(&format!("RULED OUT  (no line of it in {})", count(incident.ruled_out[0].entries, "entry")));
        let most = if self.look.verbose { usize::MAX } else { 4 };
        for ruled in incident.ruled_out.iter().take(most) {
            self.wrapped("  ", &safe(&ruled.says), 2);
        }
    }

    fn what_to_do(&mut self, incident: &Incident) {
        if incident.remedies.is_empty() {
            return;
        }
        self.title("WHAT TO DO");
        let mut number = 0;
        for remedy in &incident.remedies {
            if remedy.commands.is_empty() {
                number += 1;
                self.wrapped("  ", &format!("{number}. {}", remedy.text), usize::MAX);
            } else {
                let most = if self.look.verbose { usize::MAX } else { 3 };
                for command in remedy.commands.iter().take(most) {
                    self.line(&format!("  $ {command}"));
                }
            }
        }
        if !incident.look_at.is_empty() && self.look.verbose {
            self.line(&format!("  More would be seen in: {}", incident.look_at.join("; ")));
        }
    }

    fn others(&mut self, incidents: &[Incident]) {
        self.title("ALSO, AND INDEPENDENT OF IT");
        for incident in incidents.iter().take(5) {
            let root = &incident.root;
            let place = root
                .lines
                .first()
                .map_or_else(String::new, |line| format!("{}:{}", safe(&line.path), line.position.line));
            let node = incident.nodes.first().filter(|_| self.several_nodes);
            let node = node.map_or_else(String::new, |node| format!(" on {}", safe(node)));
            let range = with(&range(&root.first, &root.last), ", ", "");
            let text = format!("{}{node} ({} ×{range}): {place}", root.title, number(root.count));
            self.wrapped("  ", &text, 2);
        }
        if incidents.len() > 5 {
            self.line(&format!("  … and {} more (-v shows them)", incidents.len() - 5));
        }
    }

    fn candidates(&mut self, verdict: &Verdict) {
        if !self.look.verbose || verdict.candidates.is_empty() {
            return;
        }
        self.title("WEIGHED AND LEFT");
        for candidate in &verdict.candidates {
            self.wrapped("  ", &format!("{}: {}", candidate.condition, candidate.why_not), 2);
        }
    }

    fn leftovers(&mut self, verdict: &Verdict) {
        if !self.look.verbose {
            return;
        }
        for (title, rows) in [("UNEXPLAINED", &verdict.unexplained), ("USUAL AND HARMLESS", &verdict.background)] {
            if rows.is_empty() {
                continue;
            }
            self.title(title);
            for row in rows {
                let name = row.condition.as_deref().unwrap_or("no condition");
                self.line(&format!("  {} × {name}   {}", number(row.count), range(&row.first, &row.last)));
            }
        }
    }

    fn not_read(&mut self, verdict: &Verdict) {
        let mut rows: Vec<String> = Vec::new();
        for error in &verdict.input.unreadable {
            rows.push(format!("{}: {}", safe(&error.what), safe(&error.wrong)));
        }
        for gap in &verdict.gaps {
            let path = if gap.path.is_empty() { String::new() } else { format!("{}: ", safe(&gap.path)) };
            rows.push(format!("{path}{}: {}", gap.what, safe(&gap.detail)));
        }
        for source in &verdict.input.sources {
            if let Some(larger) = &source.view_of {
                rows.push(format!("{} holds entries of {} again: they count once", safe(&source.path), safe(larger)));
            }
        }
        if self.look.verbose {
            for (path, why) in &verdict.input.skipped {
                rows.push(format!("{}: {}", safe(path), why));
            }
            for basis in &verdict.input.time_basis {
                rows.push(format!("{}: year {}, zone {}", safe(&basis.path), basis.year, basis.zone));
            }
        } else if !verdict.input.skipped.is_empty() {
            let skipped = verdict.input.skipped.len() as u64;
            let were = if skipped == 1 { "was" } else { "were" };
            rows.push(format!("{} {were} skipped: no log, no evidence (-v names them)", count(skipped, "file")));
        }
        if verdict.input.interrupted {
            rows.push("the reading was interrupted: this is what was known by then".to_string());
        }
        if rows.is_empty() {
            return;
        }
        self.title("TO KNOW");
        let most = if self.look.verbose { usize::MAX } else { 5 };
        for row in rows.iter().take(most) {
            self.wrapped("  ", row, 2);
        }
        if rows.len() > most {
            self.line(&format!("  … and {} more (-v shows them)", rows.len() - most));
        }
    }
}

/// All nodes that lines name.
fn nodes(input: &InputFacts) -> Vec<&str> {
    let named = input.sources.iter().filter_map(|source| source.node.as_deref());
    let mut nodes: Vec<&str> = named.flat_map(|names| names.split(", ")).collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// First and last stamp of all sources; times since boot only where there are no others.
fn span(input: &InputFacts) -> Option<String> {
    let dated = |moment: &&Moment| !moment.date.is_empty();
    let all = || input.sources.iter().flat_map(|source| [&source.first, &source.last]).flatten();
    let first = all().filter(dated).min().or_else(|| all().min())?;
    let last = all().filter(dated).max().or_else(|| all().max())?;
    let begin = format!("{} {}", first.date, first.short);
    let end = if first.date == last.date { last.short.clone() } else { format!("{} {}", last.date, last.short) };
    Some(format!("{} – {}", begin.trim(), end.trim()))
}

/// First and last time, as far as they are known.
fn range(first: &Moment, last: &Moment) -> String {
    if last.short.is_empty() || (first.short == last.short && first.date == last.date) {
        return first.short.clone();
    }
    if first.short.is_empty() {
        return last.short.clone();
    }
    if first.date == last.date {
        return format!("{} – {}", first.short, last.short);
    }
    let dated = |moment: &Moment| format!("{} {}", moment.date, moment.short).trim().to_string();
    format!("{} – {}", dated(first), dated(last))
}

/// What is known, between words that say something of it; nothing where it is not known.
fn with(known: &str, before: &str, after: &str) -> String {
    match known.is_empty() {
        true => String::new(),
        false => format!("{before}{known}{after}"),
    }
}

/// How often kubelets were started again, and how often nodes booted, where that is more than once.
fn restarts(verdict: &Verdict) -> String {
    let mut boots: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    let mut pids: BTreeMap<Option<&str>, Vec<u32>> = BTreeMap::new();
    for life in &verdict.lifecycles {
        let node = life.node.as_deref();
        if life.what == "boot" {
            *boots.entry(node).or_default() += 1;
        } else if life.what == "run" && life.component == "kubelet" {
            pids.entry(node).or_default().push(life.pid);
        }
    }
    pids.values_mut().for_each(Vec::dedup);
    let starts: usize = pids.values().map(|pids| pids.len() - 1).sum();
    let boots: usize = boots.values().filter(|count| **count > 1).sum();
    let mut parts = Vec::new();
    if starts > 0 {
        parts.push(count(starts as u64, "kubelet restart"));
    }
    if boots > 1 {
        parts.push(count(boots as u64, "boot"));
    }
    parts.join(", ")
}

/// What a quiet log lacks: the kernel's lines, a start.
fn missing(verdict: &Verdict) -> String {
    let speaks = |name: &str| {
        verdict
            .input
            .sources
            .iter()
            .any(|source| source.component.as_deref().is_some_and(|names| names.split(", ").any(|n| n == name)))
    };
    let mut parts = Vec::new();
    if !speaks("kernel") {
        parts.push("the kernel log (journalctl -k)");
    }
    if !speaks("kubelet") && !speaks("k3s") {
        parts.push("the kubelet (journalctl -u kubelet)");
    }
    parts.join(", ")
}

fn article(after: &str) -> String {
    if after.starts_with("a ") {
        after.to_string()
    } else {
        format!("the {after}")
    }
}
