//! Files that are there twice: which sources have the same bytes, packed or not. Bytes are summed up as they are read, in the one
//! place through which all of them come in their order.

use std::collections::BTreeMap;
use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHashSet};
use twox_hash::xxhash3_64;

use crate::summary::{hash_of, Source, Summary};

/// What tells the bytes of a source from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Content {
    hash: u64,
    length: u64,
}

/// Sums up the bytes of a source, however they come in pieces.
#[derive(Default)]
pub(super) struct Sum {
    hasher: xxhash3_64::Hasher,
    length: u64,
}

impl Sum {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.hasher.write(bytes);
    }

    pub(super) fn content(&self) -> Content {
        Content { hash: self.hasher.finish(), length: self.length }
    }
}

/// Writers of the same bytes that one is compared with which is not fully known: a thousand replicas may say the same.
const MOST_WRITERS: usize = 32;

/// Who has which bytes: the sum of each source and the hash of its path.
#[derive(Debug, Default)]
pub(super) struct Contents {
    all: Vec<(Content, u64)>,
}

impl Contents {
    pub(super) fn add(&mut self, content: Content, path: &str) {
        self.all.push((content, hash_of(path)));
    }

    /// Marks each source whose bytes another one has too, and keeps nothing of it that would count. Of the same bytes the first by
    /// name counts. Files of different nodes or containers are not the same, however alike.
    pub(super) fn mark(mut self, summary: &mut Summary) {
        self.all.sort_unstable();
        // Most of very many files are not in the summary.
        let held: FxHashSet<u64> = summary.sources.keys().map(|path| hash_of(path.as_str())).collect();
        let same = self.all.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1).flatten();
        let several: FxHashMap<u64, Content> =
            same.filter(|(_, path)| held.contains(path)).map(|(content, path)| (*path, *content)).collect();
        let mut by_content: BTreeMap<Content, Vec<String>> = BTreeMap::new();
        for path in summary.sources.keys() {
            if let Some(content) = several.get(&hash_of(path.as_str())) {
                by_content.entry(*content).or_default().push(path.clone());
            }
        }
        for paths in by_content.into_values() {
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
