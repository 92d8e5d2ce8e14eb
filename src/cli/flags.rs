//! Flags that verbs share, and what they mean.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::nearest::{did_you_mean, nearest};
use super::{knowledge, times};
use crate::base::{Error, Zones};
use crate::catalogue::Catalogue;
use crate::report::terminal::Style;
use crate::report::text::Look;
use crate::scan::{Bound, Filter};
use crate::verdict::Given;

/// Flags of every verb that reads logs.
#[derive(Debug, Clone, Default, Args)]
pub struct Flags {
    /// Log files, directories, or - for standard input (the default)
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Only entries from then on
    #[arg(
        long,
        help = "Only entries from then on: [YYYY-]MM-DD HH:MM[:SS] in the log's own time, or RFC 3339, which is compared in the zone of the stamps, where it is on the line, given by --tz or found in the input (else they are taken to be UTC, and the report says so)",
        value_name = "TIME",
        value_parser = times::bound
    )]
    pub since: Option<Bound>,
    /// Only entries up to then, written as for --since
    #[arg(long, value_name = "TIME", value_parser = times::bound)]
    pub until: Option<Bound>,
    /// Only entries of this node
    #[arg(long, value_name = "NAME")]
    pub node: Option<String>,
    /// The year of stamps that carry none
    #[arg(long, value_parser = clap::value_parser!(i32).range(1990..2200))]
    pub year: Option<i32>,
    /// The zone of stamps that carry none: Z, +01:00, -0500
    #[arg(long, value_name = "OFFSET", value_parser = times::zone, allow_hyphen_values = true)]
    pub tz: Option<i32>,
    /// Add the patterns of a directory of your own
    #[arg(long, value_name = "DIR")]
    pub patterns: Option<PathBuf>,
    /// Leave out what states a condition: shows what an unknown cause would look like (repeatable)
    #[arg(long, value_name = "CONDITION")]
    pub without: Vec<String>,
    /// Worker threads; 0: one a core
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub threads: usize,
    /// Bytes read at a time; changes nothing but speed
    #[arg(long, default_value_t = crate::input::BLOCK_SIZE, value_name = "BYTES", hide = true)]
    pub block_size: usize,
    /// Status 2 if anything was unreadable, cut or over a limit
    #[arg(long)]
    pub strict: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
    /// Show everything
    #[arg(short, long)]
    pub verbose: bool,
    /// No hints and no progress on standard error
    #[arg(short, long)]
    pub quiet: bool,
}

/// How to print.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For programs: schema/report.schema.json
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Flags {
    /// Which entries count.
    pub fn filter(&self) -> Filter {
        Filter { since: self.since, until: self.until, node: self.node.clone(), zone: self.tz, zones: Zones::new() }
    }

    /// Year and zone that the user fills in.
    pub fn given(&self) -> Given {
        Given { year: self.year, zone: self.tz }
    }

    /// How text is printed. Colours follow `--color`, then NO_COLOR and CLICOLOR_FORCE, then whether there is a terminal.
    pub fn look(&self) -> Look {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
        let colour = match self.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto if set("NO_COLOR") => false,
            Colour::Auto if set("CLICOLOR_FORCE") => true,
            Colour::Auto => std::io::stdout().is_terminal(),
        };
        Look { style: Style { colour }, verbose: self.verbose }
    }

    /// The catalogue that this run uses.
    ///
    /// # Errors
    /// Faults of the user's files; a condition that is not there.
    pub fn catalogue(&self) -> Result<Catalogue, Vec<Error>> {
        let mut catalogue = knowledge::catalogue(self.patterns.as_deref())?;
        for name in &self.without {
            let Some(id) = catalogue.condition(name) else {
                let near = nearest(name, catalogue.conditions.iter().map(|condition| condition.id.as_str()));
                let hint = match did_you_mean(&near) {
                    none if none.is_empty() => "nodecause explain lists all conditions".to_string(),
                    near => near,
                };
                return Err(vec![Error::new(format!("--without {name}"), "there is no such condition", hint)]);
            };
            catalogue.without(id);
        }
        Ok(catalogue)
    }
}
