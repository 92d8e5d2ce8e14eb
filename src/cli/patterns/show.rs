//! `nodecause patterns show`: everything about one pattern, in words.

use std::io::{self, Write};

use serde_json::json;

use crate::catalogue::format::{BranchDef, Given, PatternDef, Role, TestDef};
use crate::catalogue::load::Source;
use crate::cli::flags::Format;
use crate::cli::knowledge::{Choice, Knowledge};
use crate::cli::page::Page;
use crate::cli::FINE;

/// Prints a pattern; the status to exit with.
pub(super) fn print(
    source: &Source,
    pattern: &PatternDef,
    knowledge: &Knowledge,
    choice: &Choice,
    out: &mut dyn Write,
) -> io::Result<u8> {
    let place = format!("{}:{}", source.path, source.line_of(&pattern.id));
    if choice.format == Format::Json {
        serde_json::to_writer_pretty(&mut *out, &as_json(source, pattern))?;
        writeln!(out)?;
    } else {
        let mut page = Page::new(choice.look().style);
        page.name(&pattern.id, &place);
        about(&mut page, pattern, knowledge);
        examples(&mut page, pattern);
        out.write_all(page.finish().as_bytes())?;
    }
    Ok(FINE)
}

/// Columns of the labels.
const LABEL: usize = 13;

fn about(page: &mut Page, pattern: &PatternDef, knowledge: &Knowledge) {
    let mut point = |label: &str, text: String| labelled(page, label, &text);
    let title = |id: &String| {
        let found = knowledge.catalogue.condition(id);
        found.map_or_else(
            || id.clone(),
            |at| format!("{id} ({})", knowledge.catalogue.conditions[usize::from(at)].title),
        )
    };
    let condition = pattern.condition.as_ref().map_or_else(|| "nothing that has a name".to_string(), title);
    point("means", format!("{} {condition}", meaning(pattern.role)));
    for branch in &pattern.when {
        point("", branch_in_words(branch));
    }
    let list = |texts: &[String]| texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", ");
    point("any of", list(&pattern.literals));
    point("and all of", list(&pattern.all));
    point("and none of", list(&pattern.none));
    if let Some(regex) = &pattern.regex {
        page.exact(2, &format!("{:LABEL$}", "regex"), regex);
    }
    for regex in &pattern.values {
        page.exact(2, &format!("{:LABEL$}", "value"), regex);
    }
    let mut point = |label: &str, text: String| labelled(page, label, &text);
    let pairs = pattern.pairs.iter().map(|(name, keys)| {
        let keys: Vec<String> = keys.iter().map(|key| format!("{key}=")).collect();
        format!("{name} from {}", keys.join(" or "))
    });
    point("takes", pairs.collect::<Vec<_>>().join(", "));
    point("object", pattern.object.join(", "));
    point("said by", if pattern.component.is_empty() { "anybody".to_string() } else { pattern.component.join(", ") });
    point("marks", pattern.marks.clone().unwrap_or_default());
    point("ends", pattern.recovers.join(", "));
    point(
        "began before",
        pattern.began_before.as_ref().map_or_else(String::new, |time| format!("{time} before the line")),
    );
    let traits = [
        (pattern.fragment, "an error text that stands inside other lines"),
        (pattern.weak, "usually follows a line that says more"),
        (pattern.gives_up, "whoever it is about does not come back by itself"),
        (pattern.short, "has a short literal"),
    ];
    let holding: Vec<&str> = traits.iter().filter(|(holds, _)| *holds).map(|(_, text)| *text).collect();
    point("note", holding.join("; "));
    point("also", pattern.also.join(", "));
    point("kubernetes", pattern.kubernetes.clone().unwrap_or_default());
    for reference in &pattern.references {
        point("written in", reference.clone());
    }
}

fn labelled(page: &mut Page, label: &str, text: &str) {
    if !text.is_empty() {
        page.hanging(2, &format!("{label:LABEL$}"), text);
    }
}

/// What a line of this role says of its condition.
fn meaning(role: Role) -> &'static str {
    match role {
        Role::Statement => "statement: the line states",
        Role::Symptom => "symptom: it is there because of",
        Role::Recovery => "recovery: it has ended:",
        Role::Lifecycle => "lifecycle: a point in time, of",
        Role::Observation => "observation: a value that tells about",
        Role::Background => "background: usual and harmless; else",
    }
}

fn branch_in_words(branch: &BranchDef) -> String {
    let tests: Vec<String> = branch
        .tests
        .iter()
        .map(|(name, test)| match test {
            TestDef::Is(value) => format!("{name} is {value:?}"),
            TestDef::OneOf(values) => format!("{name} is one of {values:?}"),
            TestDef::Has { has } => {
                format!("{name} has {}", has.iter().map(|part| format!("{part:?}")).collect::<Vec<_>>().join(" and "))
            }
        })
        .collect();
    let test = if tests.is_empty() { "else".to_string() } else { format!("where {}", tests.join(" and ")) };
    let chosen = [branch.role.map(Role::word), branch.condition.as_deref()];
    format!("{test}: {}", chosen.into_iter().flatten().collect::<Vec<_>>().join(" of "))
}

fn examples(page: &mut Page, pattern: &PatternDef) {
    page.heading("LINES IT MATCHES");
    for example in &pattern.example {
        page.log_line(2, &example.line);
        let gives: Vec<String> = example.gives.iter().map(|(name, value)| given_in_words(name, value)).collect();
        if !gives.is_empty() {
            page.hanging(4, "gives ", &gives.join(", "));
        }
    }
    if !pattern.counter.is_empty() {
        page.heading("LINES IT LEAVES ALONE");
    }
    for counter in &pattern.counter {
        page.log_line(2, &counter.line);
        page.hanging(4, "since ", &counter.why);
    }
}

fn given_in_words(name: &str, value: &Given) -> String {
    match value {
        Given::Is(value) => format!("{name} = {value}"),
        Given::Present(true) => format!("some {name}"),
        Given::Present(false) => format!("no {name}"),
    }
}

fn as_json(source: &Source, pattern: &PatternDef) -> serde_json::Value {
    let test = |test: &TestDef| match test {
        TestDef::Is(value) => json!(value),
        TestDef::OneOf(values) => json!(values),
        TestDef::Has { has } => json!({ "has": has }),
    };
    let branch = |branch: &BranchDef| {
        let tests: serde_json::Map<_, _> =
            branch.tests.iter().map(|(name, value)| (name.clone(), test(value))).collect();
        json!({ "tests": tests, "condition": branch.condition, "role": branch.role.map(Role::word) })
    };
    let given = |value: &Given| match value {
        Given::Is(value) => json!(value),
        Given::Present(present) => json!(present),
    };
    let examples = pattern.example.iter().map(|example| {
        let gives: serde_json::Map<_, _> =
            example.gives.iter().map(|(name, value)| (name.clone(), given(value))).collect();
        json!({ "line": example.line, "gives": gives })
    });
    json!({
        "id": pattern.id,
        "path": source.path,
        "line": source.line_of(&pattern.id),
        "role": pattern.role.word(),
        "condition": pattern.condition,
        "component": pattern.component,
        "literals": pattern.literals,
        "all": pattern.all,
        "none": pattern.none,
        "regex": pattern.regex,
        "values": pattern.values,
        "pairs": pattern.pairs,
        "object": pattern.object,
        "when": pattern.when.iter().map(branch).collect::<Vec<_>>(),
        "began_before": pattern.began_before,
        "fragment": pattern.fragment,
        "weak": pattern.weak,
        "gives_up": pattern.gives_up,
        "short": pattern.short,
        "marks": pattern.marks,
        "recovers": pattern.recovers,
        "also": pattern.also,
        "kubernetes": pattern.kubernetes,
        "references": pattern.references,
        "example": examples.collect::<Vec<_>>(),
        "counter": pattern.counter.iter().map(|counter| json!({ "line": counter.line, "why": counter.why })).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::knowledge;
    use crate::cli::page::COLUMNS;
    use crate::report::terminal::Style;

    #[test]
    fn every_pattern_is_shown_whole_and_within_the_width() {
        let knowledge = knowledge::load(None).expect("the built-in catalogue is sound");
        for pattern in knowledge.sources.iter().flat_map(|source| &source.file.pattern) {
            let mut page = Page::new(Style::default());
            about(&mut page, pattern, &knowledge);
            examples(&mut page, pattern);
            let text = page.finish();
            assert!(text.lines().all(|line| line.chars().count() <= COLUMNS), "{text}");
            let bare: String = text.split_whitespace().collect();
            let parts = [&pattern.literals, &pattern.all, &pattern.none, &pattern.values]
                .into_iter()
                .flatten()
                .chain(&pattern.regex);
            for part in parts
                .chain(&pattern.references)
                .chain(pattern.when.iter().filter_map(|branch| branch.condition.as_ref()))
            {
                let wanted: String = part.split_whitespace().collect();
                assert!(bare.contains(&wanted), "{} lacks {part}:\n{text}", pattern.id);
            }
        }
    }
}
