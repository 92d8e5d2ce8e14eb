//! A page of text for people: headings, wrapped paragraphs, points, commands that can be copied, log lines. What is hostile in
//! it is shown, never sent.

use crate::report::terminal::{cut, safe, wrap, Style};

/// Columns of a page.
pub const COLUMNS: usize = 100;

/// Lines of a log line shown.
const LINE_ROWS: usize = 4;

/// A page that is being written.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
    style: Style,
}

impl Page {
    /// An empty page.
    pub fn new(style: Style) -> Page {
        Page { text: String::new(), style }
    }

    /// What was written.
    pub fn finish(self) -> String {
        self.text
    }

    /// The first line: a name, and what it is.
    pub fn name(&mut self, name: &str, what: &str) {
        let rest = if what.is_empty() { String::new() } else { format!("  {}", safe(what)) };
        self.row(&format!("{}{rest}", self.style.bold(&safe(name))));
    }

    /// A heading, with an empty line before it.
    pub fn heading(&mut self, text: &str) {
        self.row("");
        self.row(&self.style.bold(text));
    }

    /// A paragraph.
    pub fn paragraph(&mut self, indent: usize, text: &str) {
        self.hanging(indent, "", text);
    }

    /// A text behind a label; its further rows stand under its first.
    pub fn hanging(&mut self, indent: usize, label: &str, text: &str) {
        let label = safe(label);
        let from = indent + label.chars().count();
        // Line ends in a text of the catalogue are no more than blanks.
        let plain: Vec<&str> = text.split_whitespace().collect();
        let rows = wrap(&safe(&plain.join(" ")), COLUMNS.saturating_sub(from));
        for (at, row) in rows.iter().enumerate() {
            let margin = if at == 0 { format!("{:indent$}{label}", "") } else { " ".repeat(from) };
            self.row(&format!("{margin}{row}"));
        }
        if rows.is_empty() {
            self.row(&format!("{:indent$}{label}", ""));
        }
    }

    /// Something to copy: never broken. Its own lines stay.
    pub fn command(&mut self, indent: usize, text: &str) {
        for line in text.trim().lines() {
            self.row(&format!("{:indent$}{}", "", safe(line)));
        }
    }

    /// A line of a log, cut after a few rows. Its blanks stay.
    pub fn log_line(&mut self, indent: usize, text: &str) {
        let columns = COLUMNS - indent;
        let mut rows = broken(&safe(text), columns);
        if rows.len() > LINE_ROWS {
            rows.truncate(LINE_ROWS);
            if let Some(last) = rows.last_mut() {
                *last = cut(&format!("{last:columns$}…"), columns);
            }
        }
        for row in rows {
            let row = self.style.dim(&row);
            self.row(&format!("{:indent$}{row}", ""));
        }
    }

    /// A text behind a label whose blanks matter, such as a regex.
    pub fn exact(&mut self, indent: usize, label: &str, text: &str) {
        let from = indent + label.chars().count();
        for (at, row) in broken(&safe(text), COLUMNS.saturating_sub(from)).iter().enumerate() {
            let margin = if at == 0 { format!("{:indent$}{label}", "") } else { " ".repeat(from) };
            self.row(&format!("{margin}{row}"));
        }
    }

    fn row(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }
}

/// A text in rows of at most so many columns, broken behind blanks where there are some; nothing is left out.
fn broken(text: &str, columns: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut rows = Vec::new();
    let mut rest = letters.as_slice();
    while rest.len() > columns {
        let blank = rest[..columns].iter().rposition(|letter| *letter == ' ').filter(|at| *at > columns / 2);
        let (row, after) = rest.split_at(blank.map_or(columns, |at| at + 1));
        rows.push(row.iter().collect());
        rest = after;
    }
    rows.push(rest.iter().collect());
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_wrapped_and_hostile_text_is_shown() {
        let mut page = Page::new(Style::default());
        page.name("disk-full", "A\x1b[2J disk");
        page.heading("WHAT");
        page.hanging(2, "1. ", &"word ".repeat(40));
        page.command(2, "a\nb");
        page.log_line(4, &"x".repeat(1000));
        let text = page.finish();
        assert!(text.lines().all(|line| line.chars().count() <= COLUMNS), "{text}");
        assert!(text.starts_with("disk-full  A^[[2J disk\n\nWHAT\n  1. word word"), "{text}");
        assert!(text.contains("\n     word"), "{text}");
        assert!(text.contains("\n  a\n  b\n"), "{text}");
        assert!(text.trim_end().ends_with('…'), "{text}");
        assert_eq!(broken("two  blanks  stay here", 12), ["two  blanks ", " stay here"]);
    }
}
