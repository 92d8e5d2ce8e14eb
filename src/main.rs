//! The command: the library does the work, this maps its outcome to a status.

use std::process::ExitCode;

/// A summary is many small pieces of text, made by several threads: an allocator made for that saves a twentieth of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(nodecause::cli::run())
}
