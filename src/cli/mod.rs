//! The command line: what was typed becomes what is done. One file a verb.

use std::io::Write;
use std::path::PathBuf;

use clap::Parser;

use crate::{catalogue, input, matcher, report, scan, verdict};

/// Arguments.
#[derive(Debug, Parser)]
#[command(name = "nodecause", version)]
pub struct Arguments {
    /// Logs, directories; none: standard input.
    pub paths: Vec<PathBuf>,
    /// text or json
    #[arg(long, default_value = "text")]
    pub format: String,
    /// Leave out what states a condition.
    #[arg(long)]
    pub without: Vec<String>,
    /// Worker threads.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
}

/// Runs the program; the status to exit with.
pub fn run() -> u8 {
    let mut arguments = Arguments::parse();
    if arguments.paths.is_empty() {
        arguments.paths.push(PathBuf::from("-"));
    }
    let mut catalogue = catalogue::load::built_in();
    for name in &arguments.without {
        if let Some(id) = catalogue.condition(name) {
            catalogue.without(id);
        }
    }
    let matcher = matcher::Matcher::new(&catalogue);
    let plan = input::plan(&arguments.paths);
    let options = scan::Options { threads: arguments.threads, ..scan::Options::default() };
    let scanned = scan::scan(plan, &matcher, &options);
    let mut verdict = verdict::judge(&scanned.summary, &catalogue, &verdict::Options::default());
    verdict.input.skipped = scanned.skipped.iter().map(|skipped| (skipped.path.clone(), skipped.why.clone())).collect();
    verdict.input.unreadable = scanned.unreadable;
    let mut out = std::io::stdout().lock();
    let text = serde_json::to_string_pretty(&report::json::report(&verdict)).unwrap_or_default();
    let _ = writeln!(out, "{text}");
    0
}
