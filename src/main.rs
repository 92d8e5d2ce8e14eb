//! The command: the library does the work, this maps its outcome to a status.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(nodecause::cli::run())
}
