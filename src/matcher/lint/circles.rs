//! Circles of edges: conditions that can cause each other. They are no fault (episodes are told apart by time), but an author should
//! know of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::catalogue::load::Source;

/// For every condition of `own` that can come to cause itself, the shortest such circle, each circle once, as ids.
pub fn circles(known: &[Source], own: &[Source]) -> Vec<Vec<String>> {
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for condition in known.iter().chain(own).flat_map(|source| &source.file.condition) {
        edges.entry(&condition.id).or_default().extend(condition.effects.iter().map(|edge| edge.effect.as_str()));
    }
    let starts = own.iter().flat_map(|source| &source.file.condition);
    let found: BTreeSet<Vec<&str>> = starts.filter_map(|start| shortest(&edges, &start.id)).collect();
    let mut circles: Vec<Vec<&str>> = found.into_iter().collect();
    circles.sort_by_key(|circle| circle.len());
    circles.into_iter().map(|circle| circle.into_iter().map(String::from).collect()).collect()
}

/// The shortest way from a condition back to itself, turned so that the first id by the alphabet stands first.
fn shortest<'s>(edges: &BTreeMap<&'s str, BTreeSet<&'s str>>, start: &'s str) -> Option<Vec<&'s str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(at) = waiting.pop_front() {
        for &next in edges.get(at).into_iter().flatten() {
            if next == start {
                let mut circle = vec![at];
                while let Some(&before) = came_from.get(circle[circle.len() - 1]) {
                    circle.push(before);
                }
                circle.reverse();
                let first = (0..circle.len()).min_by_key(|&at| circle[at]).unwrap_or(0);
                circle.rotate_left(first);
                return Some(circle);
            }
            if !came_from.contains_key(next) {
                came_from.insert(next, at);
                waiting.push_back(next);
            }
        }
    }
    None
}
