//! Files that are there twice: which sources have the same bytes, packed or not. Bytes are summed up as they are read, in the one
//! place through which all of them come in their order.

use std::collections::BTreeMap;

use crate::summary::{Source, Summary};

/// Sums up the bytes of a source: the same for the same bytes, however they come in pieces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Content {
    hash: u64,
    length: u64,
    /// Up to seven bytes that make no word yet, and how many.
    begun: u64,
    held: u32,
}

impl Content {
    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        self.length += bytes.len() as u64;
        while self.held > 0 || bytes.len() < 8 {
            let Some((&first, rest)) = bytes.split_first() else { return };
            self.byte(first);
            bytes = rest;
        }
        let words = bytes.chunks_exact(8);
        let rest = words.remainder();
        for word in words {
            self.word(u64::from_le_bytes(word.try_into().unwrap_or_default()));
        }
        rest.iter().for_each(|&byte| self.byte(byte));
    }

    fn byte(&mut self, byte: u8) {
        self.begun |= u64::from(byte) << (8 * self.held);
        self.held += 1;
        if self.held == 8 {
            let word = std::mem::take(&mut self.begun);
            self.held = 0;
            self.word(word);
        }
    }

    fn word(&mut self, word: u64) {
        self.hash = (self.hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

/// Writers of the same bytes that one is compared with which is not fully known: a thousand replicas may say the same.
const MOST_WRITERS: usize = 32;

/// Who has which bytes.
#[derive(Debug, Default)]
pub(super) struct Contents {
    by_content: BTreeMap<Content, Vec<String>>,
}

impl Contents {
    pub(super) fn add(&mut self, content: Content, path: &str) {
        self.by_content.entry(content).or_default().push(path.to_string());
    }

    /// Marks each source whose bytes another one has too, and keeps nothing of it that would count. Of the same bytes the first by
    /// name counts. Files of different nodes or containers are not the same, however alike.
    pub(super) fn mark(self, summary: &mut Summary) {
        for mut paths in self.by_content.into_values().filter(|paths| paths.len() > 1) {
            paths.sort();
            let mut kept: Vec<String> = Vec::new();
            let mut writers: BTreeMap<Writer, String> = BTreeMap::new();
            for path in paths {
                let Some(source) = summary.sources.get(&path) else { continue };
                let writer = writer(summary, &path);
                let alike = |first: &&String| alike(&summary.sources[*first], source);
                let known = writers.get(&writer).filter(alike);
                let other = || kept.iter().find(|first| alike(first) && agree(&self::writer(summary, first), &writer));
                let Some(first) = known.or_else(other).cloned() else {
                    if kept.len() < MOST_WRITERS {
                        kept.push(path.clone());
                    }
                    writers.entry(writer).or_insert(path);
                    continue;
                };
                if let Some(source) = summary.sources.get_mut(&path) {
                    source.copy_of = Some(first);
                    source.tallies.clear();
                    source.unknown = Default::default();
                }
            }
        }
    }
}

/// Guards against two texts with one sum.
fn alike(one: &Source, other: &Source) -> bool {
    (one.bytes, one.lines, one.entries, &one.span) == (other.bytes, other.lines, other.entries, &other.span)
}

/// Node, and pod and container, as far as a path tells them.
type Writer = (Option<String>, Option<(String, String)>);

fn writer(summary: &Summary, path: &str) -> Writer {
    let place = summary.places.get(path);
    let pod = place.and_then(|place| place.pod.as_ref());
    (place.and_then(|place| place.node.clone()), pod.map(|pod| (pod.pod.clone(), pod.container.clone())))
}

/// May these be one? Where both are known, they must be the same.
fn agree(one: &Writer, other: &Writer) -> bool {
    fn either<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
        one.is_none() || other.is_none() || one == other
    }
    either(&one.0, &other.0) && either(&one.1, &other.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_do_not_matter_and_bytes_do() {
        let text: Vec<u8> = (0..1000u32).map(|at| (at * 7 % 251) as u8).collect();
        let sum = |pieces: &mut dyn Iterator<Item = &[u8]>| {
            let mut content = Content::default();
            pieces.for_each(|piece| content.add(piece));
            content
        };
        let whole = sum(&mut std::iter::once(&text[..]));
        for step in [1, 3, 7, 8, 9, 64, 333] {
            assert_eq!(sum(&mut text.chunks(step)), whole, "{step} bytes at a time");
        }
        let mut other = text.clone();
        other[500] ^= 1;
        assert_ne!(sum(&mut std::iter::once(&other[..])), whole);
        assert_ne!(sum(&mut std::iter::once(&text[..999])), whole);
    }
}
