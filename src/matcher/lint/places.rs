//! Where the tables of a source stand in its text, found line by line: the parsed tables do not tell. Where a text is written so
//! that this does not find them (inline tables, a header inside a text), the line of the id serves.

use super::{Fault, Level};
use crate::catalogue::load::Source;

/// The tables of the top level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Component,
    Capture,
    Condition,
    Pattern,
    Bundle,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::Component, Kind::Capture, Kind::Condition, Kind::Pattern, Kind::Bundle];

    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Component => "component",
            Kind::Capture => "capture",
            Kind::Condition => "condition",
            Kind::Pattern => "pattern",
            Kind::Bundle => "bundle",
        }
    }

    fn ids(self, source: &Source) -> Vec<&str> {
        let file = &source.file;
        match self {
            Kind::Component => file.component.iter().map(|def| def.id.as_str()).collect(),
            Kind::Capture => file.capture.iter().map(|def| def.name.as_str()).collect(),
            Kind::Condition => file.condition.iter().map(|def| def.id.as_str()).collect(),
            Kind::Pattern => file.pattern.iter().map(|def| def.id.as_str()).collect(),
            Kind::Bundle => file.bundle.iter().map(|def| def.id.as_str()).collect(),
        }
    }
}

/// Which table: the how manieth of its kind, in which source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    pub(super) kind: Kind,
    pub(super) file: usize,
    pub(super) table: usize,
}

/// All tables of the sources.
pub(super) struct Places<'s> {
    known: Vec<(At, Table<'s>)>,
    own: Vec<(At, Table<'s>)>,
    /// Texts of the own sources.
    texts: Vec<&'s str>,
}

impl<'s> Places<'s> {
    pub(super) fn new(known: &'s [Source], own: &'s [Source]) -> Places<'s> {
        let texts = own.iter().map(|source| source.text.as_str()).collect();
        Places { known: tables(known), own: tables(own), texts }
    }

    pub(super) fn known_tables(&self) -> impl Iterator<Item = (At, &Table<'s>)> {
        self.known.iter().map(|(at, table)| (*at, table))
    }

    pub(super) fn own_tables(&self) -> impl Iterator<Item = (At, &Table<'s>)> {
        self.own.iter().map(|(at, table)| (*at, table))
    }

    /// Stands this id in an own text, above no table that was parsed? Then the loader has said why.
    pub(super) fn is_unread(&self, id: &str) -> bool {
        let line = format!("id = \"{id}\"");
        let written = self.texts.iter().flat_map(|text| text.lines()).filter(|text| text.trim() == line);
        written.count() > self.own.iter().filter(|(_, table)| table.id == id).count()
    }

    /// The own table of that id; of several (a pattern may be named like a condition) one that holds the text, if any does.
    pub(super) fn own_table_with(&self, id: &str, text: &str) -> Option<&Table<'s>> {
        let mut named = self.own.iter().map(|(_, table)| table).filter(|table| table.id == id);
        let first = named.next()?;
        Some(std::iter::once(first).chain(named).find(|table| table.find(text).is_some()).unwrap_or(first))
    }
}

/// The lines of one table.
#[derive(Debug)]
pub(super) struct Table<'s> {
    pub(super) kind: Kind,
    pub(super) path: &'s str,
    pub(super) id: &'s str,
    /// Number of the first line, from 1.
    first: usize,
    lines: Vec<&'s str>,
}

impl Table<'_> {
    pub(super) fn error(&self, line: usize, wrong: impl Into<String>) -> Fault {
        self.fault(line, Level::Error, wrong.into())
    }

    pub(super) fn warning(&self, line: usize, wrong: impl Into<String>) -> Fault {
        self.fault(line, Level::Warning, wrong.into())
    }

    fn fault(&self, line: usize, level: Level, wrong: String) -> Fault {
        Fault { path: self.path.to_string(), line, level, id: self.id.to_string(), wrong }
    }

    /// Line of the id.
    pub(super) fn id_line(&self) -> usize {
        let key = if self.kind == Kind::Capture { "name" } else { "id" };
        self.first + self.lines.iter().position(|line| is_key(line, key)).unwrap_or(0)
    }

    /// First line that holds the text; that of the id where none does.
    pub(super) fn line_with(&self, text: &str) -> usize {
        self.find(text).unwrap_or_else(|| self.id_line())
    }

    /// Line of a key of the table itself; that of the id where it is not found.
    pub(super) fn line_of_key(&self, key: &str) -> usize {
        let own = self.lines.iter().skip(1).take_while(|line| !line.trim_start().starts_with("[["));
        own.zip(self.first + 1..).find(|(line, _)| is_key(line, key)).map_or_else(|| self.id_line(), |(_, at)| at)
    }

    /// Line of a key in the how manieth sub-table of a name (`example`); that of the id where it is not found.
    pub(super) fn line_in_part(&self, part: &str, number: usize, key: &str) -> usize {
        let wanted = format!("[[{}.{part}]]", self.kind.word());
        let mut starts = self.lines.iter().enumerate().filter(|(_, line)| header(line).as_deref() == Some(&wanted));
        let Some((start, _)) = starts.nth(number) else {
            return self.id_line();
        };
        let within = self.lines[start + 1..].iter().take_while(|line| !line.trim_start().starts_with("[["));
        let found = within.zip(start + 1..).find(|(line, _)| is_key(line, key)).map_or(start, |(_, at)| at);
        self.first + found
    }

    /// First line that holds the text as a value; else the first that holds it at all.
    fn find(&self, text: &str) -> Option<usize> {
        if text.is_empty() {
            return None;
        }
        let holds = |wanted: &str| self.lines.iter().position(|line| line.contains(wanted));
        let found = holds(&format!("\"{text}\"")).or_else(|| holds(&format!("'{text}'")));
        found.or_else(|| holds(text)).map(|at| self.first + at)
    }
}

fn tables(sources: &[Source]) -> Vec<(At, Table<'_>)> {
    let mut all = Vec::new();
    for (file, source) in sources.iter().enumerate() {
        let lines: Vec<&str> = source.text.lines().collect();
        let is_top = |line: &&str| header(line).is_some_and(|header| !header.contains('.'));
        let tops: Vec<usize> = (0..lines.len()).filter(|&at| is_top(&lines[at])).collect();
        for kind in Kind::ALL {
            let wanted = format!("[[{}]]", kind.word());
            let starts: Vec<usize> =
                tops.iter().copied().filter(|&at| header(lines[at]).as_deref() == Some(&wanted)).collect();
            let ids = kind.ids(source);
            for (table, id) in ids.iter().enumerate() {
                let at = At { kind, file, table };
                let start = if starts.len() == ids.len() { starts[table] } else { source.line_of(id) - 1 };
                let end = tops.get(tops.partition_point(|&top| top <= start)).copied().unwrap_or(lines.len());
                let held = lines.get(start..end).unwrap_or_default().to_vec();
                all.push((at, Table { kind, path: &source.path, id, first: start + 1, lines: held }));
            }
        }
    }
    all
}

/// A line as the header of an array's table, without blanks and comment.
fn header(line: &str) -> Option<String> {
    let trimmed = line.trim_start();
    if !trimmed.starts_with("[[") {
        return None;
    }
    let bare = trimmed.split('#').next().unwrap_or(trimmed);
    Some(bare.chars().filter(|letter| !letter.is_whitespace()).collect())
}

/// Is this the line `key = …`?
fn is_key(line: &str, key: &str) -> bool {
    line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::load::parse;

    #[test]
    fn lines_are_those_of_the_text() {
        let text = "# heading\n[[pattern]] # first\nid = \"a\"\nrole = \"background\"\n\n[[ pattern ]]\nid = \"b\"\n\
                    role = \"background\"\nliterals = [\"some words\"]\n  [[pattern.example]]\n  line = '''x'''\n\
                    [[pattern.example]]\n\nline = 'y'\ngives = { pod = 'z' }\n";
        let (source, errors) = parse("x.toml", text.to_string());
        assert_eq!(errors, []);
        let sources = [source];
        let places = Places::new(&[], &sources);
        let tables: Vec<&Table> = places.own_tables().map(|(_, table)| table).collect();
        assert_eq!((tables[0].id_line(), tables[1].id_line()), (3, 7));
        let table = tables[1];
        assert_eq!(
            (table.line_of_key("literals"), table.line_of_key("gives"), table.line_with("some words")),
            (9, 7, 9)
        );
        let part = |number, key| table.line_in_part("example", number, key);
        assert_eq!(
            (part(0, "line"), part(1, "line"), part(1, "gives"), part(0, "gives"), part(2, "line")),
            (11, 14, 15, 10, 7)
        );
    }

    #[test]
    fn an_odd_text_gives_the_line_of_the_id() {
        let text = "pattern = [\n  { id = \"a\", role = \"background\" },\n]\n";
        let (source, errors) = parse("x.toml", text.to_string());
        assert_eq!(errors, []);
        let sources = [source];
        let places = Places::new(&[], &sources);
        assert_eq!(places.own_tables().map(|(_, table)| table.id_line()).collect::<Vec<_>>(), [1]);
    }
}
