//! `nodecause patterns match`: which patterns match each line of a log, one JSON object a line. It reads like a run does, but
//! keeps nothing and shows the patterns that lost too.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use crate::base::{count, Error};
use crate::catalogue::Catalogue;
use crate::cli::{complain, FINE, TROUBLE};
use crate::envelope::journal::SIGNATURE;
use crate::envelope::{self, Entry, Envelope, Guess, Layout, Recognised, LONGEST_LINE};
use crate::input::{self, limits, Block, Blocks, Found, Skipped, Source, Sources, BLOCK_SIZE};
use crate::matcher::Matcher;
use crate::report::terminal::safe;

/// What is said of a line.
#[derive(Serialize)]
struct Matched<'m> {
    /// Which file, where the argument is a directory or an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'m str>,
    /// Number of the entry's first line, from 1.
    line: u64,
    /// The winner first.
    patterns: Vec<&'m str>,
    /// What the winner speaks of.
    condition: Option<&'m str>,
    /// The winner's.
    role: &'static str,
    /// The winner's.
    captures: BTreeMap<&'m str, String>,
}

/// Prints an object for each line that a pattern matches; the status to exit with. No file: standard input. Packed files,
/// archives and directories are looked into as a run does.
pub(super) fn print(file: Option<&Path>, catalogue: &Catalogue, out: &mut dyn Write) -> io::Result<u8> {
    let argument = file.unwrap_or_else(|| Path::new("-"));
    let plan = input::plan(&[argument.to_path_buf()]);
    let matcher = Matcher::new(catalogue);
    let mut reading = Reading { matcher: &matcher, lines: 0, matched: 0, sources: 0, left: plan.unreadable };
    reading.left.extend(plan.skipped.iter().map(left_alone));
    for found in Sources::new(plan.inputs, Arc::new(|| false), Arc::default()) {
        match found {
            Found::Source(source) => reading.source(source, out)?,
            Found::Skipped(skipped) => reading.left.push(left_alone(&skipped)),
            Found::Unreadable(error) => reading.left.push(error),
        }
    }
    reading.left.iter().for_each(|error| complain(&error.to_string()));
    if reading.sources == 0 {
        return Ok(TROUBLE);
    }
    if reading.matched == 0 {
        let shown = file.map_or_else(|| "standard input".to_string(), |file| file.display().to_string());
        complain(&safe(&format!("{shown}: {} read, and no pattern matches", count(reading.lines, "line"))));
    }
    Ok(FINE)
}

/// What was read so far.
struct Reading<'m, 'c> {
    matcher: &'m Matcher<'c>,
    lines: u64,
    matched: u64,
    /// Sources of which something was read.
    sources: u64,
    /// What could not be read, or is no text.
    left: Vec<Error>,
}

impl Reading<'_, '_> {
    /// Reads one source and prints what matches in it.
    fn source(&mut self, source: Source, out: &mut dyn Write) -> io::Result<()> {
        let Source { shown, named, is_member, opened, .. } = source;
        if let Some(error) = not_text(&shown, &opened.head) {
            self.left.push(error);
            return Ok(());
        }
        self.sources += 1;
        let path = (!named || is_member).then(|| shown.clone());
        let speaker = self.matcher.component_of_path(&shown);
        let (stream, layout): (Box<dyn Read + Send>, Layout) = match envelope::recognise(&opened.head) {
            Some(Recognised::Form(form)) => (form.frames(Box::new(opened.stream())), Layout::Frames),
            Some(Recognised::Layout(layout)) => (Box::new(opened.stream()), layout),
            None => (Box::new(opened.stream()), Layout::Lines),
        };
        let mut blocks = Blocks::new(stream, BLOCK_SIZE, LONGEST_LINE);
        loop {
            let block = match blocks.next(&layout, &|| false) {
                Ok(Some(block)) => block,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.left.push(Error::new(shown, &error, limits::advice(&error)));
                    return Ok(());
                }
            };
            self.block(&block, layout, speaker, path.as_deref(), out)?;
        }
    }

    fn block(
        &mut self,
        block: &Block,
        layout: Layout,
        speaker: Option<u16>,
        path: Option<&str>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut guess = Guess::default();
        self.lines += block.lines;
        for raw in envelope::entries(layout, &block.bytes) {
            let entry = raw.peel(&block.bytes, &mut guess);
            self.lines += u64::from(layout == Layout::Frames);
            if entry.envelope == Envelope::Marker {
                continue;
            }
            let component = speaker_of(&entry, self.matcher).or(speaker);
            if let Some(matched) = matched(&entry, component, block.line + raw.line + 1, self.matcher) {
                self.matched += 1;
                serde_json::to_writer(&mut *out, &Matched { path, ..matched })?;
                writeln!(out)?;
            }
        }
        Ok(())
    }
}

/// Why the bytes of a source are no text that patterns could match, where they are none.
fn not_text(shown: &str, head: &[u8]) -> Option<Error> {
    if head.is_empty() {
        return Some(Error::new(shown, "it is empty", "give a log file, or - for standard input"));
    }
    if head.starts_with(SIGNATURE) {
        let hint = "journalctl --file PATH -o short-precise | nodecause patterns match";
        return Some(Error::new(shown, "it is a binary journal, which this verb does not read", hint));
    }
    None
}

fn left_alone(skipped: &Skipped) -> Error {
    Error::new(skipped.path.clone(), format!("left alone: {}", skipped.why), "")
}

/// Who speaks. A klog header under the name of a component that does not log so is somebody else's.
fn speaker_of(entry: &Entry<'_>, matcher: &Matcher<'_>) -> Option<u16> {
    let component = matcher.component(entry.ident).or_else(|| matcher.component(entry.unit))?;
    let klog = matcher.catalogue().components[usize::from(component)].klog;
    (klog || entry.header.len == 0).then_some(component)
}

fn matched<'c>(entry: &Entry<'_>, component: Option<u16>, line: u64, matcher: &Matcher<'c>) -> Option<Matched<'c>> {
    let catalogue = matcher.catalogue();
    let mut hits = Vec::new();
    matcher.hits(&entry.message, &mut hits);
    let mut literals = hits.iter().map(|hit| hit.literal).collect();
    let events = matcher.all(&entry.message, &mut literals, component);
    let winner = events.first()?;
    let captures = matcher.captures(winner.pattern, &entry.message);
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    Some(Matched {
        path: None,
        line,
        patterns: events.iter().map(|event| catalogue.patterns[usize::from(event.pattern)].id.as_str()).collect(),
        condition: winner.condition.map(|id| catalogue.conditions[usize::from(id)].id.as_str()),
        role: winner.role.word(),
        captures: captures
            .iter()
            .map(|(name, value)| (catalogue.captures[usize::from(*name)].name.as_str(), text(value)))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::compile::compile;
    use crate::catalogue::format::File;

    const PATTERNS: &str = r#"
        [[component]]
        id = "agent"
        names = ["agentd"]
        [[component]]
        id = "other"
        names = ["otherd"]
        [[capture]]
        name = "pod"
        pairs = ["pod"]
        [[pattern]]
        id = "write-refused"
        role = "background"
        component = ["agent"]
        literals = ["write was refused"]
        [[pattern]]
        id = "refused"
        role = "symptom"
        literals = ["was refused"]
    "#;

    #[test]
    fn the_winner_comes_first_and_who_speaks_counts() {
        let file: File = toml::from_str(PATTERNS).expect("made up above");
        let (catalogue, faults) = compile(&[file], String::new());
        assert_eq!(faults, []);
        let matcher = Matcher::new(&catalogue);
        let log = b"Jan 05 10:00:01 n agentd[7]: a write was refused pod=\"shop/web-1\"\n\
                    Jan 05 10:00:02 n otherd[8]: a write was refused\n\
                    Jan 05 10:00:03 n agentd[7]: all is well\n\
                    Jan 05 10:00:04 n agentd[7]: it was refused\n";
        let layout = envelope::sniff(log).unwrap_or(Layout::Lines);
        let found: Vec<String> = envelope::entries(layout, log)
            .filter_map(|raw| {
                let entry = raw.peel(log, &mut Guess::default());
                let matched = matched(&entry, speaker_of(&entry, &matcher), raw.line + 1, &matcher)?;
                Some(serde_json::to_string(&matched).expect("plain values"))
            })
            .collect();
        assert_eq!(
            found,
            [
                r#"{"line":1,"patterns":["write-refused","refused"],"condition":null,"role":"background","captures":{"pod":"shop/web-1"}}"#,
                r#"{"line":2,"patterns":["refused"],"condition":null,"role":"symptom","captures":{}}"#,
                r#"{"line":4,"patterns":["refused"],"condition":null,"role":"symptom","captures":{}}"#,
            ]
        );
    }
}
