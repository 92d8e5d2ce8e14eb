//! What of a line proves that it says what it is taken for: a report that has no room for a long line shows this part of it.

use super::episodes::Told;
use crate::catalogue::{Catalogue, ConditionId, Pattern, Test};

/// A shorter value stands in a line by chance.
const SHORTEST_VALUE: usize = 4;

/// The texts by which a line was recognised, what decides most first: what chose this condition, the pattern's literals, and the
/// last value that its regex took, since reasons mostly stand at the end.
pub(super) fn words(told: &Told<'_>, condition: ConditionId, catalogue: &Catalogue) -> Vec<String> {
    let text = String::from_utf8_lossy(&told.point.line.text);
    let stands = |word: &&String| text.contains(word.as_str());
    let pattern = &catalogue.patterns[usize::from(told.pattern)];
    let chosen = pattern.when.iter().filter(|branch| branch.condition == Some(condition)).find_map(|branch| {
        let tested: Vec<&String> = branch.tests.iter().flat_map(|(_, test)| texts(test)).filter(stands).collect();
        (!tested.is_empty()).then_some(tested)
    });
    let literals = pattern.literals.iter().chain(&pattern.all).filter(stands);
    chosen.into_iter().flatten().chain(literals).chain(last_value(told, pattern, &text, catalogue)).cloned().collect()
}

fn texts(test: &Test) -> &[String] {
    match test {
        Test::OneOf(texts) | Test::Has(texts) => texts,
    }
}

fn last_value<'t>(told: &'t Told<'_>, pattern: &Pattern, text: &str, catalogue: &Catalogue) -> Option<&'t String> {
    let regex = pattern.regex.as_ref()?;
    let of_regex = |name: &str| [format!("<{name}>"), format!("<{name}_")].iter().any(|group| regex.contains(group));
    let taken = told
        .captures
        .iter()
        .filter(|(id, value)| value.len() >= SHORTEST_VALUE && of_regex(&catalogue.captures[usize::from(*id)].name));
    taken.filter_map(|(_, value)| Some((text.find(value.as_str())?, value))).max().map(|(_, value)| value)
}
