//! What reading one file has found so far, with its bound. Facts are noted by their offset; which line that is, is
//! counted once at the end.

use std::collections::BTreeMap;

use super::{Evidence, Fact, What, MOST_FACTS, MOST_PODS};
use crate::base::Position;

/// Facts in the making.
#[derive(Default)]
pub(super) struct Found {
    facts: Vec<(usize, What)>,
    /// Where the facts of the current object begin.
    object: usize,
    latest: Option<i64>,
    left_out: u64,
    pods: BTreeMap<String, String>,
}

impl Found {
    /// Notes a fact and the offset at which it stands.
    pub(super) fn say(&mut self, offset: usize, what: What) {
        if self.facts.len() < MOST_FACTS {
            self.facts.push((offset, what));
        } else {
            self.leave_out();
        }
    }

    /// Whether nothing was found.
    pub(super) fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Counts a fact that was found and not kept.
    pub(super) fn leave_out(&mut self) {
        self.left_out += 1;
    }

    /// Notes the node that a pod is on; one that is on none yet is left alone.
    pub(super) fn runs(&mut self, pod: &str, node: &str) {
        if pod.is_empty() || node.is_empty() {
            return;
        }
        if let Some(known) = self.pods.get_mut(pod) {
            node.clone_into(known);
        } else if self.pods.len() < MOST_PODS {
            self.pods.insert(pod.to_owned(), node.to_owned());
        } else {
            self.leave_out();
        }
    }

    /// Notes a time at which something in this file happened.
    pub(super) fn seen(&mut self, time: Option<i64>) {
        self.latest = self.latest.max(time);
    }

    /// Ends an object: its facts are put into the order of the file, whatever order they were asked in.
    pub(super) fn end_object(&mut self) {
        self.facts[self.object..].sort_by_key(|(offset, _)| *offset);
        self.object = self.facts.len();
    }

    /// The evidence: `text` is what the offsets count in, `skipped` the bytes of the file before it.
    pub(super) fn evidence(self, kind: &'static str, text: &[u8], skipped: usize) -> Evidence {
        let mut lines = Lines { text, offset: 0, start: 0, line: 1 };
        let place = |(offset, what)| {
            let mut position = lines.position(offset);
            position.offset += if position.offset > 0 { skipped as u64 } else { 0 };
            Fact { position, what }
        };
        Evidence {
            kind,
            facts: self.facts.into_iter().map(place).collect(),
            latest: self.latest,
            left_out: self.left_out,
            pods: self.pods,
        }
    }
}

/// Counts lines up to offsets that mostly rise; one that falls starts the count anew.
struct Lines<'a> {
    text: &'a [u8],
    offset: usize,
    start: usize,
    line: u64,
}

impl Lines<'_> {
    fn position(&mut self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        if offset < self.offset {
            (self.offset, self.start, self.line) = (0, 0, 1);
        }
        for newline in memchr::memchr_iter(b'\n', &self.text[self.offset..offset]) {
            self.line += 1;
            self.start = self.offset + newline + 1;
        }
        self.offset = offset;
        Position { offset: self.start as u64, line: self.line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capacity(value: f64) -> What {
        What::Capacity { node: String::new(), resource: String::new(), value }
    }

    #[test]
    fn facts_are_placed_on_lines_in_order() {
        let mut found = Found::default();
        for offset in [5, 1, 8] {
            found.say(offset, capacity(offset as f64));
        }
        found.end_object();
        found.say(0, capacity(0.0));
        found.seen(Some(3));
        found.seen(None);
        found.seen(Some(2));
        let evidence = found.evidence("node", b"a\nbc\n\nd\ne", 3);
        let placed: Vec<_> = evidence.facts.iter().map(|f| (f.position.line, f.position.offset)).collect();
        assert_eq!(placed, [(1, 0), (3, 8), (5, 11), (1, 0)]);
        assert_eq!(evidence.latest, Some(3));
    }

    #[test]
    fn facts_are_bounded_and_counted() {
        let mut found = Found::default();
        for _ in 0..MOST_FACTS + 7 {
            found.say(0, capacity(0.0));
        }
        let evidence = found.evidence("node", b"", 0);
        assert_eq!((evidence.facts.len(), evidence.left_out), (MOST_FACTS, 7));
    }

    #[test]
    fn pods_are_bounded_beside_the_facts() {
        let mut found = Found::default();
        found.say(0, capacity(0.0));
        for number in 0..MOST_PODS + 7 {
            found.runs(&format!("shop/web-{number}"), "node-a");
        }
        // The later word counts, and what tells no node is no word.
        for node in ["node-b", ""] {
            found.runs("shop/web-0", node);
        }
        let evidence = found.evidence("pods", b"", 0);
        assert_eq!((evidence.facts.len(), evidence.pods.len(), evidence.left_out), (1, MOST_PODS, 7));
        assert_eq!(evidence.pods.get("shop/web-0").map(String::as_str), Some("node-b"));
    }
}
