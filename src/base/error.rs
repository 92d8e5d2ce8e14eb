//! The one error type: what was being read, what was wrong, and what to do about it.

use std::fmt;

/// An error for the person at the terminal: every part is a sentence fragment that can be read aloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What was being read or done, usually a path.
    pub what: String,
    /// What was wrong with it.
    pub wrong: String,
    /// What to do about it; empty where nothing sensible can be said.
    pub hint: String,
}

impl Error {
    /// An error with a hint (which may be empty).
    pub fn new(what: impl Into<String>, wrong: impl fmt::Display, hint: impl Into<String>) -> Self {
        Error { what: what.into(), wrong: wrong.to_string(), hint: hint.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.wrong)?;
        if !self.hint.is_empty() {
            write!(f, "\n  {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
