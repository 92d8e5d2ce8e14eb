//! `nodecause patterns`: what the catalogue looks for. `list` and `check` are here, the longer verbs in files of their own.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

use super::flags::Format;
use super::knowledge::{self, Choice, Knowledge};
use super::nearest::{did_you_mean, nearest};
use super::{trouble, FINE, FOUND};
use crate::base::{count, Error};
use crate::catalogue::format::PatternDef;
use crate::catalogue::load::{self, Source};
use crate::matcher::lint::{circles, lint, Fault, Level};
use crate::report::terminal::{safe, width};

mod matching;
mod show;

/// Arguments of `patterns`.
#[derive(Debug, Clone, Args)]
pub struct Patterns {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    choice: Choice,
}

/// What to do with the patterns.
#[derive(Debug, Clone, Subcommand)]
enum Verb {
    /// One line a pattern: id, role, condition, first literal
    List,
    /// Everything about one pattern, with its examples
    Show {
        /// Id of the pattern
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Every fault of your pattern files, or of the built-in ones; status 1 where there is an error
    Check {
        /// Directory that holds your pattern files (*.toml)
        #[arg(value_name = "DIR")]
        directory: Option<PathBuf>,
    },
    /// Which patterns match each line of a log, as JSON lines
    Match {
        /// A log, packed or not, an archive or a directory of logs, or - for standard input (the default)
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// Does what was asked for; the status to exit with.
///
/// # Errors
/// What standard output says.
pub fn run(arguments: &Patterns, out: &mut dyn Write) -> io::Result<u8> {
    let choice = &arguments.choice;
    if let Verb::Check { directory } = &arguments.verb {
        return check(directory.as_deref().or(choice.patterns.as_deref()), choice, out);
    }
    let knowledge = match knowledge::load(choice.patterns.as_deref()) {
        Ok(knowledge) => knowledge,
        Err(errors) => return trouble(&errors),
    };
    match &arguments.verb {
        Verb::List => list(&knowledge, choice, out),
        Verb::Show { id } => match find(&knowledge, id) {
            Ok((source, pattern)) => show::print(source, pattern, &knowledge, choice, out),
            Err(error) => trouble(&[error]),
        },
        Verb::Match { file } => {
            let standard_input = Path::new("-");
            let file = file.as_deref().filter(|file| *file != standard_input);
            matching::print(file, &knowledge.catalogue, out)
        }
        Verb::Check { .. } => Ok(FINE),
    }
}

/// The pattern of that id, and where it stands.
fn find<'k>(knowledge: &'k Knowledge, id: &str) -> Result<(&'k Source, &'k PatternDef), Error> {
    let all =
        || knowledge.sources.iter().flat_map(|source| source.file.pattern.iter().map(move |pattern| (source, pattern)));
    all().find(|(_, pattern)| pattern.id == id).ok_or_else(|| {
        let what = format!("patterns show {}", safe(id));
        if knowledge.catalogue.condition(id).is_some() {
            return Error::new(what, "that is a condition, not a pattern", format!("nodecause explain {id}"));
        }
        let near = did_you_mean(&nearest(id, all().map(|(_, pattern)| pattern.id.as_str())));
        let hint = if near.is_empty() { "nodecause patterns list shows all".to_string() } else { near };
        Error::new(what, "there is no such pattern", hint)
    })
}

/// A row of the list.
#[derive(Serialize)]
struct Row<'k> {
    id: &'k str,
    role: &'static str,
    condition: Option<&'k str>,
    literal: Option<&'k str>,
    path: &'k str,
    line: usize,
}

fn list(knowledge: &Knowledge, choice: &Choice, out: &mut dyn Write) -> io::Result<u8> {
    let rows: Vec<Row<'_>> = knowledge
        .sources
        .iter()
        .flat_map(|source| {
            source.file.pattern.iter().map(|pattern| Row {
                id: &pattern.id,
                role: pattern.role.word(),
                condition: pattern.condition.as_deref(),
                literal: pattern.literals.first().map(String::as_str),
                path: &source.path,
                line: source.line_of(&pattern.id),
            })
        })
        .collect();
    if choice.format == Format::Json {
        serde_json::to_writer_pretty(&mut *out, &rows)?;
        writeln!(out)?;
        return Ok(FINE);
    }
    let widest = |of: &dyn Fn(&Row<'_>) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let ids = widest(&|row| width(row.id));
    let roles = widest(&|row| width(row.role));
    let conditions = widest(&|row| width(row.condition.unwrap_or("-")));
    for row in &rows {
        let (condition, literal) = (row.condition.unwrap_or("-"), row.literal.unwrap_or("-"));
        let text = format!("{:ids$}  {:roles$}  {condition:conditions$}  {literal}", row.id, row.role);
        writeln!(out, "{}", safe(&text))?;
    }
    Ok(FINE)
}

/// Lints a user's files together with the built-in ones, or the built-in ones alone.
fn check(own: Option<&Path>, choice: &Choice, out: &mut dyn Write) -> io::Result<u8> {
    let known = match load::built_in_sources() {
        Ok(known) => known,
        Err(error) => return trouble(&[error]),
    };
    let (known, own, unread) = match own {
        None => (Vec::new(), known, Vec::new()),
        Some(directory) => {
            let (own, errors) = load::directory(directory);
            if own.is_empty() {
                return trouble(&errors);
            }
            (known, own, errors)
        }
    };
    let faults = lint(&known, &own);
    let circles = if choice.verbose { circles(&known, &own) } else { Vec::new() };
    let errors = unread.len() + faults.iter().filter(|fault| fault.level == Level::Error).count();
    let warnings = faults.len() + unread.len() - errors;
    let patterns = own.iter().map(|source| source.file.pattern.len()).sum();
    let conditions = own.iter().map(|source| source.file.condition.len()).sum();
    let checked =
        Checked { faults: &faults, unread: &unread, circles: &circles, errors, warnings, patterns, conditions };
    match choice.format {
        Format::Json => checked.json(out)?,
        Format::Text => checked.text(out)?,
    }
    Ok(if errors > 0 { FOUND } else { FINE })
}

/// What a check found.
struct Checked<'c> {
    faults: &'c [Fault],
    unread: &'c [Error],
    circles: &'c [Vec<String>],
    errors: usize,
    warnings: usize,
    patterns: usize,
    conditions: usize,
}

impl Checked<'_> {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        for error in self.unread {
            writeln!(out, "{}", safe(&format!("{}: error: {}", error.what, error.wrong)))?;
        }
        for fault in self.faults {
            writeln!(out, "{}", safe(&fault.to_string()))?;
        }
        for circle in self.circles {
            let first = circle.first().map_or("", String::as_str);
            writeln!(out, "{}", safe(&format!("circle: {} -> {first}", circle.join(" -> "))))?;
        }
        writeln!(
            out,
            "{}, {}: {}, {}",
            count(self.patterns as u64, "pattern"),
            count(self.conditions as u64, "condition"),
            count(self.errors as u64, "error"),
            count(self.warnings as u64, "warning")
        )
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let unread = self.unread.iter().map(|error| {
            let (path, line) = place(&error.what);
            json!({ "path": path, "line": line, "level": "error", "id": null, "wrong": error.wrong })
        });
        let faults = self.faults.iter().map(|fault| {
            json!({
                "path": fault.path, "line": fault.line, "level": fault.level.word(), "id": fault.id, "wrong": fault.wrong
            })
        });
        let all = json!({
            "patterns": self.patterns,
            "conditions": self.conditions,
            "errors": self.errors,
            "warnings": self.warnings,
            "faults": unread.chain(faults).collect::<Vec<_>>(),
            "circles": self.circles,
        });
        serde_json::to_writer_pretty(&mut *out, &all)?;
        writeln!(out)
    }
}

/// Path and line of `path:line`.
fn place(text: &str) -> (&str, Option<usize>) {
    let split = text.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse().ok()?)));
    split.map_or((text, None), |(path, line)| (path, Some(line)))
}
