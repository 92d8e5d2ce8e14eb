//! `nodecause inputs`: which bundle it is, what was recognised and what for, and what is skipped and why.

use std::io::{self, Write};

use clap::Args;

use super::examine::{examine, stop_on_interrupt};
use super::flags::{Flags, Format};
use super::{complain, trouble, FINE, TROUBLE};
use crate::base::{count, number};
use crate::report::terminal::safe;
use crate::verdict::{InputFacts, SourceFacts};

mod rows;

use rows::{grouped, Row};

/// Arguments of `inputs`.
#[derive(Debug, Clone, Args)]
pub struct Inputs {
    #[command(flatten)]
    flags: Flags,
}

/// Lists the inputs; the status to exit with.
///
/// # Errors
/// What standard output says.
pub fn run(inputs: &Inputs, out: &mut dyn Write) -> io::Result<u8> {
    let flags = &inputs.flags;
    let catalogue = match flags.catalogue() {
        Ok(catalogue) => catalogue,
        Err(errors) => return trouble(&errors),
    };
    let examined = examine(&flags.paths, flags, &catalogue, &stop_on_interrupt());
    let input = &examined.verdict.input;
    if flags.format == Format::Json {
        let report = crate::report::json::report(&examined.verdict);
        super::print_json(&report["input"], out)?;
    } else {
        for line in lines(input, flags.verbose) {
            writeln!(out, "{}", safe(&line))?;
        }
    }
    let failed = examined.nothing.is_some() || (flags.strict && examined.incomplete);
    if let Some(error) = &examined.nothing {
        complain(&error.to_string());
    }
    Ok(if failed { TROUBLE } else { FINE })
}

/// A row a file; files that are alike share one, unless all are asked for.
fn lines(input: &InputFacts, all: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for bundle in &input.bundles {
        let (path, kind, title, marker) = (&bundle.path, &bundle.kind, &bundle.title, &bundle.marker);
        lines.push(format!("bundle    {path}  {kind} ({title}), told by {marker}"));
    }
    let logs = input.sources.iter().map(|source| {
        let alike = shares_a_row(source).then(|| used_for(source));
        Row { path: &source.path, alike, lines: Some(source.lines), says: log(source) }
    });
    lines.extend(grouped(logs.collect(), all).into_iter().map(|row| format!("log       {row}")));
    if input.more.sources > 0 {
        let (files, lines_in) = (count(input.more.sources, "small file"), count(input.more.lines, "line"));
        lines.push(format!("log       {files} more, {lines_in}: nothing to tell, not listed one by one"));
    }
    let evidence = input.evidence.iter().map(|evidence| {
        let of = evidence.node.as_ref().map_or_else(String::new, |node| format!(" of {node}"));
        let says = format!("{}{of}", evidence.kind);
        Row { path: &evidence.path, alike: Some(says.clone()), lines: None, says }
    });
    lines.extend(grouped(evidence.collect(), all).into_iter().map(|row| format!("evidence  {row}")));
    let skipped =
        input.skipped.iter().map(|(path, why)| Row { path, alike: Some(why.clone()), lines: None, says: why.clone() });
    lines.extend(grouped(skipped.collect(), all).into_iter().map(|row| format!("skipped   {row}")));
    lines.extend(input.unreadable.iter().map(|error| format!("unreadable  {}  {}", error.what, error.wrong)));
    lines
}

/// Of container logs there may be a thousand, each with little to say.
fn shares_a_row(source: &SourceFacts) -> bool {
    let role = source.role.as_deref().unwrap_or_default();
    source.pod.is_some() || matches!(role, "container-log" | "previous-container-log")
}

fn log(source: &SourceFacts) -> String {
    let mut says = count(source.lines, "line");
    if source.unparsed_lines > 0 {
        says.push_str(&format!(", {} of no known form", number(source.unparsed_lines)));
    }
    says.push_str(&format!(", {}", used_for(source)));
    if let Some((pod, container)) = &source.pod {
        match container.is_empty() {
            true => says.push_str(&format!(", {pod}")),
            false => says.push_str(&format!(", {container} of {pod}")),
        }
    }
    if let Some(restart) = source.restart.filter(|restart| *restart > 0) {
        says.push_str(&format!(", restart {restart}"));
    }
    if let Some(larger) = &source.view_of {
        says.push_str(&format!(", again in {larger}"));
    }
    let others: Vec<&str> =
        source.overlaps.iter().map(String::as_str).filter(|other| Some(*other) != source.view_of.as_deref()).collect();
    if !others.is_empty() {
        says.push_str(&format!(", in part again in {}", others.join(", ")));
    }
    says
}

/// Whose log it is.
fn used_for(source: &SourceFacts) -> String {
    let node = source.node.as_deref().unwrap_or("no node named");
    let who = source.component.as_deref().unwrap_or("speaker not known");
    let role = source.role.as_ref().map_or_else(String::new, |role| format!(", {role}"));
    format!("{node}, {who}{role}")
}
