//! Prints binary journals as `journalctl -o short-full --utc` does, nearly: what reading them costs without any diagnosis.
//!
//!     cargo run --release --example journal_short -- FILE...
//!
//! `bench/forms` runs it beside journalctl.

use std::io::{self, BufWriter, Write};

use chrono::{DateTime, Datelike, Timelike};
use nodecause::envelope::journal::{Entry, Merged, Opener, Part};
use nodecause::input::places;

fn main() -> io::Result<()> {
    let parts: Result<Vec<Part>, _> =
        std::env::args().skip(1).map(|path| Part::new(path.clone(), opener(path))).collect();
    let mut journal = Merged::new(parts.map_err(|error| io::Error::other(error.to_string()))?);
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    while journal.advance() {
        if let Some(entry) = journal.entry() {
            print(&entry, &mut out)?;
        }
    }
    for trouble in journal.troubles() {
        // Not what is measured.
        writeln!(io::stderr(), "{trouble}")?;
    }
    out.flush()
}

fn opener(path: String) -> Opener {
    Box::new(move || match places(path.as_ref())? {
        Some(places) => Ok(Box::new(places)),
        None => Err(io::Error::other("no file on disk")),
    })
}

fn print(entry: &Entry<'_>, out: &mut impl Write) -> io::Result<()> {
    let (Some(message), Some(time)) = (entry.message, DateTime::from_timestamp_micros(entry.time() as i64)) else {
        return Ok(());
    };
    let (month, day, micros) = (time.month(), time.day(), time.timestamp_subsec_micros());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    write!(out, "{}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06} ", time.year())?;
    out.write_all(entry.host)?;
    out.write_all(b" ")?;
    out.write_all(entry.ident)?;
    if entry.pid > 0 {
        write!(out, "[{}]", entry.pid)?;
    }
    out.write_all(b": ")?;
    out.write_all(message)?;
    out.write_all(b"\n")
}
