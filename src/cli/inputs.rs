//! `nodecause inputs`: what was recognised, and what is skipped and why.

use std::io::{self, Write};

use clap::Args;

use super::examine::{examine, stop_on_interrupt};
use super::flags::{Flags, Format};
use super::{complain, trouble, FINE, TROUBLE};
use crate::report::terminal::{number, safe};

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
        for source in &input.sources {
            let node = source.node.as_deref().unwrap_or("no node named");
            let who = source.component.as_deref().unwrap_or("speaker not known");
            let unparsed = if source.unparsed_lines > 0 {
                format!(", {} of no known form", number(source.unparsed_lines))
            } else {
                String::new()
            };
            let view = source.view_of.as_ref().map_or_else(String::new, |larger| format!(", again in {larger}"));
            let text =
                format!("log       {}  {} lines{unparsed}, {node}, {who}{view}", source.path, number(source.lines));
            writeln!(out, "{}", safe(&text))?;
        }
        for (path, kind) in &input.evidence {
            writeln!(out, "{}", safe(&format!("evidence  {path}  {kind}")))?;
        }
        for (path, why) in &input.skipped {
            writeln!(out, "{}", safe(&format!("skipped   {path}  {why}")))?;
        }
        for error in &input.unreadable {
            writeln!(out, "{}", safe(&format!("unreadable  {}  {}", error.what, error.wrong)))?;
        }
    }
    let failed = examined.nothing.is_some() || (flags.strict && examined.incomplete);
    if let Some(error) = &examined.nothing {
        complain(&error.to_string());
    }
    Ok(if failed { TROUBLE } else { FINE })
}
