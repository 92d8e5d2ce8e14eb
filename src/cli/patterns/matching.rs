//! `nodecause patterns match`: which patterns match each line of a log, one JSON object a line. It reads like a run does, but
//! keeps nothing and shows the patterns that lost too.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use crate::base::Error;
use crate::catalogue::Catalogue;
use crate::cli::trouble;
use crate::cli::FINE;
use crate::envelope::{self, Entry, Envelope, Guess, Layout, LONGEST_LINE};
use crate::input::open::{self, Opened, HEAD};
use crate::input::{Blocks, BLOCK_SIZE};
use crate::matcher::Matcher;

/// What is said of a line.
#[derive(Serialize)]
struct Matched<'m> {
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

/// Prints an object for each line that a pattern matches; the status to exit with. No file: standard input.
pub(super) fn print(file: Option<&Path>, catalogue: &Catalogue, out: &mut dyn Write) -> io::Result<u8> {
    let shown = file.map_or_else(|| "standard input".to_string(), |file| file.display().to_string());
    let stream = match file {
        Some(file) => open::file(file),
        None => Ok(open::standard_input(Arc::new(|| false))),
    };
    let go_on = || false;
    let opened = stream.and_then(|stream| Opened::begin(stream, HEAD, &go_on)?.as_text(&go_on));
    let unreadable =
        |error: &io::Error| trouble(&[Error::new(&*shown, error, "give a log file, or - for standard input")]);
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => return unreadable(&error),
    };
    let matcher = Matcher::new(catalogue);
    let speaker = file.and_then(|file| matcher.component_of_path(&file.to_string_lossy()));
    let layout = envelope::sniff(&opened.head).unwrap_or(Layout::Lines);
    let mut blocks = Blocks::new(opened.stream(), BLOCK_SIZE, LONGEST_LINE);
    loop {
        let block = match blocks.next(&layout, &go_on) {
            Ok(Some(block)) => block,
            Ok(None) => return Ok(FINE),
            Err(error) => return unreadable(&error),
        };
        let mut guess = Guess::default();
        for raw in envelope::entries(layout, &block.bytes) {
            let entry = raw.peel(&block.bytes, &mut guess);
            if entry.envelope == Envelope::Marker {
                continue;
            }
            let component = speaker_of(&entry, &matcher).or(speaker);
            if let Some(matched) = matched(&entry, component, block.line + raw.line + 1, &matcher) {
                serde_json::to_writer(&mut *out, &matched)?;
                writeln!(out)?;
            }
        }
    }
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
