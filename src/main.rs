//! The command: parse arguments, call the library, map the outcome to a status.

fn main() {}
