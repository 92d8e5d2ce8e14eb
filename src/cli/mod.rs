//! The command line: what was typed becomes what is done. One file a verb; flags that verbs share are in [`flags`].

use std::io::{self, Write};

use clap::{Parser, Subcommand};

mod check;
mod examine;
pub mod explain;
pub mod flags;
mod inputs;
pub mod knowledge;
mod nearest;
mod page;
pub mod patterns;
mod progress;
mod show;
pub mod times;

use crate::base::Error;
use crate::report::terminal::safe_json;
use flags::Flags;

/// Names of the verbs.
const VERBS: [&str; 4] = ["check", "inputs", "explain", "patterns"];

/// A report was printed, or a check passed.
pub const FINE: u8 = 0;
/// A check found an incident, or not what was expected.
pub const FOUND: u8 = 1;
/// Wrong usage, or nothing could be read.
pub const TROUBLE: u8 = 2;

/// Finds the first cause of a Kubernetes node's cascade in its logs.
#[derive(Debug, Parser)]
#[command(
    name = "nodecause",
    version,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  journalctl -u kubelet -o short-precise | nodecause\n  journalctl -b -o short-precise | nodecause        the whole node: runtime and kernel too\n  nodecause bundle/ -v\n  nodecause check --each incidents/\n\nExit status: 0 a report was printed; check: 1 an incident; 2 nothing could be read, or wrong usage."
)]
struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// The same for CI: the exit status tells
    Check(check::Check),
    /// What was recognised and what is skipped, and why
    Inputs(inputs::Inputs),
    /// What a condition is, how it shows, what it causes, what to do
    Explain(explain::Explain),
    /// What the catalogue looks for: list, show, check your own, match a log
    Patterns(patterns::Patterns),
}

/// Runs the program on the process's own arguments and streams; the status to exit with.
pub fn run() -> u8 {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { TROUBLE } else { FINE };
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let done = match arguments.verb {
        None => show::run(&arguments.flags, &mut out),
        Some(Verb::Check(check)) => check::run(&check, &mut out),
        Some(Verb::Inputs(inputs)) => inputs::run(&inputs, &mut out),
        Some(Verb::Explain(explain)) => explain::run(&explain, &mut out),
        Some(Verb::Patterns(patterns)) => patterns::run(&patterns, &mut out),
    };
    match done.and_then(|status| kept(out.flush(), status)) {
        Ok(status) => status,
        // Whoever read the report has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => FINE,
        Err(error) => {
            complain(&format!("standard output: {error}"));
            TROUBLE
        }
    }
}

/// The status, also where whoever read the report has seen enough: a closed pipe must not make a failed check pass.
fn kept(printed: io::Result<()>, status: u8) -> io::Result<u8> {
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(status),
    }
}

/// Says everything that is wrong, on standard error; the status of it.
fn trouble(errors: &[Error]) -> io::Result<u8> {
    errors.iter().for_each(|error| complain(&error.to_string()));
    Ok(TROUBLE)
}

/// Writes JSON in which no character stands that a terminal obeys.
fn print_json(json: &serde_json::Value, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", safe_json(&serde_json::to_string_pretty(json)?))
}

/// One line on standard error.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "nodecause: {text}");
}
