//! A pattern's regex with the captures that its groups give. Most of them begin with a text: that is looked for first, and the
//! regex is tried where it stands. That spares the engine two passes, one to find the match's end and one to find its start.

use memchr::memmem;
use regex_automata::meta::{self, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input, Span};
use regex_syntax::hir::literal::Extractor;

use crate::catalogue::compile::capture_name;
use crate::catalogue::{CaptureId, Catalogue};

/// Places at which a regex is tried by itself; behind them it searches as usual, in time that grows with the message alone.
const MOST_TRIES: usize = 8;

/// A shorter text at the beginning stands in too many places.
const SHORTEST_PREFIX: usize = 3;

/// A regex and which of its groups give which capture.
pub(super) struct Grouped {
    regex: Regex,
    /// The text that each match begins with.
    prefix: Option<memmem::Finder<'static>>,
    groups: Vec<(CaptureId, usize)>,
}

/// Where the groups of a regex matched.
pub(super) struct Groups(Captures);

impl Grouped {
    /// `None` where the text is no regex.
    pub(super) fn new(text: &str, catalogue: &Catalogue) -> Option<Grouped> {
        let bytes = regex_automata::util::syntax::Config::new().unicode(false).utf8(false);
        let utf8 = regex_automata::util::syntax::Config::new().utf8(false);
        // As the regex over bytes that the lint compiles: without Unicode where that serves.
        [bytes, utf8].into_iter().find_map(|syntax| {
            let hir = regex_automata::util::syntax::parse_with(text, &syntax).ok()?;
            let regex = Regex::builder().configure(meta::Config::new().utf8_empty(false)).build_from_hir(&hir).ok()?;
            let names = regex.group_info().pattern_names(regex_automata::PatternID::ZERO).enumerate();
            let named = |(group, name): (usize, Option<&str>)| Some((catalogue.capture(capture_name(name?))?, group));
            let groups = names.filter_map(named).collect();
            let begins = Extractor::new().extract(&hir).longest_common_prefix().map(<[u8]>::to_vec);
            let prefix = begins.filter(|text| text.len() >= SHORTEST_PREFIX);
            Some(Grouped { prefix: prefix.map(|text| memmem::Finder::new(&text).into_owned()), regex, groups })
        })
    }

    /// Captures that a group gives.
    pub(super) fn captures(&self) -> impl Iterator<Item = CaptureId> + '_ {
        self.groups.iter().map(|(capture, _)| *capture)
    }

    pub(super) fn is_match(&self, message: &[u8]) -> bool {
        self.search(message, |input| self.regex.search_half(input).is_some())
    }

    pub(super) fn find(&self, message: &[u8]) -> Option<Groups> {
        let mut groups = self.regex.create_captures();
        let found = self.search(message, |input| {
            self.regex.search_captures(input, &mut groups);
            groups.is_match()
        });
        found.then_some(Groups(groups))
    }

    /// The value of a capture: of its groups the first that matched.
    pub(super) fn value<'m>(&self, found: &Groups, capture: CaptureId, message: &'m [u8]) -> Option<&'m [u8]> {
        let mut given = self.groups.iter().filter(|(named, _)| *named == capture);
        given.find_map(|(_, group)| found.0.get_group(*group).map(|Span { start, end }| &message[start..end]))
    }

    /// Tries the places where a match may begin, from left to right, until one is taken.
    fn search(&self, message: &[u8], mut at: impl FnMut(&Input<'_>) -> bool) -> bool {
        let Some(prefix) = &self.prefix else { return at(&Input::new(message)) };
        let mut from = 0;
        for _ in 0..MOST_TRIES {
            let Some(start) = message.get(from..).and_then(|rest| prefix.find(rest)) else { return false };
            let input = Input::new(message).range(from + start..).anchored(Anchored::Yes);
            if at(&input) {
                return true;
            }
            from += start + 1;
        }
        at(&Input::new(message).range(from..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::compile_regex;

    #[test]
    fn finds_what_the_regex_finds() {
        let texts = [
            r"abc(?<x>\d+)d",
            r"abc(?:(?<x>\d+)|(?<y>[a-z]+)) ",
            r"(?:abc|abd)(?<x>.)",
            r"\babc(?<x>\d*)$",
            r"(?i)abc(?<x>\d)",
            r"(?<x>\d+)abc",
            r"abc|xyz(?<x>1)",
        ];
        let many = "abc ".repeat(20) + "abc7d";
        let messages = ["", "abc", "abcabc12d", "zabc1 abcq abc34d", "abdabc5d xyz1", "ABC1abc", "abc\nabc12d", &many];
        let catalogue = crate::catalogue::load::built_in();
        for text in texts {
            let (grouped, plain) =
                (Grouped::new(text, &catalogue).expect("it compiles"), compile_regex(text).expect("too"));
            for message in messages.map(str::as_bytes) {
                let found = grouped.find(message);
                let wanted = plain.captures(message);
                let spans = |at: usize| found.as_ref().and_then(|found| found.0.get_group(at)).map(|span| span.range());
                for group in 0..plain.captures_len() {
                    let wanted = wanted.as_ref().and_then(|found| found.get(group)).map(|group| group.range());
                    assert_eq!(spans(group), wanted, "{text} in {:?}", String::from_utf8_lossy(message));
                }
                assert_eq!(grouped.is_match(message), wanted.is_some());
            }
        }
    }
}
