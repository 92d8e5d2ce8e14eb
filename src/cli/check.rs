//! `nodecause check`: the same reading for CI, where the exit status tells.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::examine::{examine, stop_on_interrupt, Examined};
use super::flags::{Flags, Format};
use super::{complain, show, trouble, FINE, FOUND, TROUBLE};
use crate::base::Error;
use crate::catalogue::Catalogue;

/// Arguments of `check`.
#[derive(Debug, Clone, Args)]
pub struct Check {
    #[command(flatten)]
    flags: Flags,
    /// Take each direct sub-directory of the paths as a case of its own; one row a case, the worst status
    #[arg(long)]
    each: bool,
    /// Pass if the main incident's root is this condition (or refines it), or `none` (repeatable: any of them)
    #[arg(long, value_name = "CONDITION|none")]
    expect: Vec<String>,
    /// Fail from this severity on
    #[arg(long, value_enum, default_value_t = FailOn::Workload, value_name = "SEVERITY")]
    fail_on: FailOn,
}

/// The least severity that fails a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum FailOn {
    /// Only what leaves the node not ready, or nearly
    NodeDown,
    /// Also what harms part of the node
    NodeDegraded,
    /// Also what harms single pods, images, volumes
    Workload,
    /// Also what is only worth a word
    Notice,
    /// Also unknown messages that may be a cause
    Suspects,
}

/// Runs a check; the status to exit with.
///
/// # Errors
/// What standard output says.
pub fn run(check: &Check, out: &mut dyn Write) -> io::Result<u8> {
    let catalogue =
        match check.flags.catalogue().and_then(|catalogue| known(&check.expect, &catalogue).map(|()| catalogue)) {
            Ok(catalogue) => catalogue,
            Err(errors) => return trouble(&errors),
        };
    let stop = stop_on_interrupt();
    if !check.each {
        let examined = examine(&check.flags.paths, &check.flags, &catalogue, &stop);
        if let Some(error) = &examined.nothing {
            complain(&error.to_string());
            return Ok(TROUBLE);
        }
        let (status, word) = check.judge(&examined, &catalogue);
        let printed = show::print(&examined.verdict, &check.flags, out);
        if status != FINE && !check.flags.quiet {
            complain(&word);
        }
        return super::kept(printed, status);
    }
    let cases = match cases(&check.flags.paths) {
        Ok(cases) => cases,
        Err(error) => {
            complain(&error.to_string());
            return Ok(TROUBLE);
        }
    };
    let mut worst = FINE;
    for case in cases {
        let examined = examine(std::slice::from_ref(&case), &check.flags, &catalogue, &stop);
        let (status, word) = match &examined.nothing {
            Some(error) => (TROUBLE, error.wrong.clone()),
            None => check.judge(&examined, &catalogue),
        };
        worst = worst.max(status);
        super::kept(row(check.flags.format, &case, status, &word, &examined, out), status)?;
    }
    Ok(worst)
}

impl Check {
    fn judge(&self, examined: &Examined, catalogue: &Catalogue) -> (u8, String) {
        if self.flags.strict && examined.incomplete {
            return (TROUBLE, "part of the input could not be read, and --strict was given".to_string());
        }
        let main = examined.verdict.incidents.first();
        let root = main.map_or("none", |incident| incident.root.condition.as_str());
        if !self.expect.is_empty() {
            let met = self.expect.iter().any(|expected| is_a(root, expected, catalogue));
            let word = format!("the root is {root}, expected was {}", self.expect.join(" or "));
            return if met { (FINE, format!("{root}, as expected")) } else { (FOUND, word) };
        }
        let grave = examined.verdict.incidents.iter().find(|incident| counts(incident.severity, self.fail_on));
        match grave {
            Some(incident) => (FOUND, format!("{}: {}", incident.severity, incident.root.condition)),
            None if main.is_some() => (FINE, format!("only {root}, which --fail-on lets pass")),
            None => (FINE, "quiet".to_string()),
        }
    }
}

/// Does an incident of this severity fail the check?
fn counts(severity: &str, fail_on: FailOn) -> bool {
    let level = match severity {
        "node-down" => FailOn::NodeDown,
        "node-degraded" => FailOn::NodeDegraded,
        "workload" => FailOn::Workload,
        _ => FailOn::Notice,
    };
    level <= fail_on
}

fn is_a(root: &str, expected: &str, catalogue: &Catalogue) -> bool {
    if root == expected {
        return true;
    }
    match (catalogue.condition(root), catalogue.condition(expected)) {
        (Some(root), Some(expected)) => catalogue.refines(root, expected),
        _ => false,
    }
}

/// Every expected condition exists: a typo must not look like a failed check.
fn known(expected: &[String], catalogue: &Catalogue) -> Result<(), Vec<Error>> {
    let wrong = expected.iter().find(|name| *name != "none" && catalogue.condition(name).is_none());
    match wrong {
        None => Ok(()),
        Some(name) => {
            let hint = "name a condition of the catalogue, or none";
            Err(vec![Error::new(format!("--expect {name}"), "there is no such condition", hint)])
        }
    }
}

/// The direct sub-directories of the paths, in the order of their names.
fn cases(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut cases = Vec::new();
    for path in paths {
        cases.extend(crate::input::plan::directories(path)?);
    }
    if cases.is_empty() {
        let what = paths.first().map_or_else(|| "check --each".to_string(), |path| path.display().to_string());
        return Err(Error::new(
            what,
            "there is no directory in it",
            "give a directory that holds one directory a case",
        ));
    }
    Ok(cases)
}

fn row(
    format: Format,
    case: &Path,
    status: u8,
    word: &str,
    examined: &Examined,
    out: &mut dyn Write,
) -> io::Result<()> {
    let result = match status {
        FINE => "pass",
        FOUND => "FAIL",
        _ => "UNREADABLE",
    };
    match format {
        Format::Text => {
            let place = examined.verdict.incidents.first().and_then(|incident| incident.root.lines.first());
            let place = place.map_or_else(String::new, |line| format!("  {}:{}", line.path, line.position.line));
            let text = crate::report::terminal::safe(&format!("{result:<10}  {}  {word}{place}", case.display()));
            writeln!(out, "{text}")
        }
        Format::Json => {
            let root = examined.verdict.incidents.first().map(|incident| &incident.root.condition);
            let object = serde_json::json!({
                "case": case.to_string_lossy(), "status": status, "result": result.to_lowercase(), "root": root, "why": word,
            });
            writeln!(out, "{object}")
        }
    }
}
