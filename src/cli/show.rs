//! The main job: read, judge, print the report.

use std::io::{self, IsTerminal, Write};

use super::examine::{examine, stop_on_interrupt, Examined};
use super::flags::{Flags, Format};
use super::{complain, trouble, FINE, TROUBLE};
use crate::report;
use crate::verdict::Verdict;

const USAGE: &str = "nodecause finds the first cause of a Kubernetes node's cascade in its logs.

On the node:            sudo journalctl -b -o short-precise | nodecause
Only the kubelet:       sudo journalctl -u kubelet -o short-precise | nodecause
A file or a directory:  nodecause PATH…
More:                   nodecause --help
";

/// Prints the report; the status to exit with.
///
/// # Errors
/// What standard output says.
pub fn run(flags: &Flags, out: &mut dyn Write) -> io::Result<u8> {
    if flags.paths.is_empty() && io::stdin().is_terminal() {
        let _ = write!(io::stderr(), "{USAGE}");
        return Ok(TROUBLE);
    }
    let is_verb =
        |path: &&std::path::PathBuf| !path.exists() && path.to_str().is_some_and(|name| super::VERBS.contains(&name));
    if let Some(verb) = flags.paths.iter().find(is_verb) {
        complain(&format!("{0}: flags come after the verb: nodecause {0} …", verb.display()));
        return Ok(TROUBLE);
    }
    let catalogue = match flags.catalogue() {
        Ok(catalogue) => catalogue,
        Err(errors) => return trouble(&errors),
    };
    let examined = examine(&flags.paths, flags, &catalogue, &stop_on_interrupt());
    if let Some(error) = &examined.nothing {
        complain(&error.to_string());
        return Ok(TROUBLE);
    }
    print(&examined.verdict, flags, out)?;
    Ok(status(&examined, flags))
}

fn status(examined: &Examined, flags: &Flags) -> u8 {
    if flags.strict && examined.incomplete {
        TROUBLE
    } else {
        FINE
    }
}

/// The report in the form that was asked for.
///
/// # Errors
/// What standard output says.
pub fn print(verdict: &Verdict, flags: &Flags, out: &mut dyn Write) -> io::Result<()> {
    match flags.format {
        Format::Text => out.write_all(report::text::report(verdict, flags.look()).as_bytes()),
        Format::Json => super::print_json(&report::json::report(verdict), out),
    }
}
