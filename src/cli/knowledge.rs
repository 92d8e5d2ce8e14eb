//! Flags of verbs that read the catalogue and no logs, and the catalogue with the files it was made of: a run needs only what was
//! compiled, these verbs show examples and places as well.

use std::path::{Path, PathBuf};

use clap::Args;

use super::flags::{Colour, Flags, Format};
use crate::base::Error;
use crate::catalogue::load::{self, Source};
use crate::catalogue::Catalogue;
use crate::matcher::lint::{lint, Level};
use crate::report::text::Look;

/// Flags of verbs that read the catalogue.
#[derive(Debug, Clone, Default, Args)]
pub struct Choice {
    /// Add the patterns of a directory of your own
    #[arg(long, value_name = "DIR", global = true)]
    pub patterns: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text, global = true)]
    pub format: Format,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN", global = true)]
    pub color: Colour,
    /// Show everything
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

impl Choice {
    /// How text is printed.
    pub fn look(&self) -> Look {
        let flags = Flags { color: self.color, verbose: self.verbose, ..Flags::default() };
        flags.look()
    }
}

/// The catalogue and the files that it was made of.
#[derive(Debug)]
pub struct Knowledge {
    /// Compiled.
    pub catalogue: Catalogue,
    /// Built-in files first, then the user's.
    pub sources: Vec<Source>,
}

/// The built-in catalogue, with the files of a directory added.
///
/// # Errors
/// Every fault of the user's files.
pub fn load(own: Option<&Path>) -> Result<Knowledge, Vec<Error>> {
    let catalogue = catalogue(own)?;
    let mut sources = load::built_in_sources().map_err(|error| vec![error])?;
    if let Some(directory) = own {
        sources.extend(load::directory(directory).0);
    }
    Ok(Knowledge { catalogue, sources })
}

/// The compiled catalogue alone. A user's files are linted first: with an error in them they are not used.
///
/// # Errors
/// Every fault of the user's files.
pub fn catalogue(own: Option<&Path>) -> Result<Catalogue, Vec<Error>> {
    let Some(directory) = own else { return Ok(load::built_in()) };
    let (sources, errors) = load::directory(directory);
    if !errors.is_empty() {
        return Err(errors);
    }
    let known = load::built_in_sources().map_err(|error| vec![error])?;
    let faults = lint(&known, &sources).into_iter().filter(|fault| fault.level == Level::Error);
    let hint = format!("nodecause patterns check {} shows warnings too", directory.display());
    let errors: Vec<Error> = faults
        .map(|fault| Error::new(format!("{}:{}", fault.path, fault.line), format!("{}: {}", fault.id, fault.wrong), ""))
        .collect();
    match errors.split_last() {
        None => load::with_directory(directory),
        Some((last, before)) => {
            let mut errors = before.to_vec();
            errors.push(Error { hint, ..last.clone() });
            Err(errors)
        }
    }
}
