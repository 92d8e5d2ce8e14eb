//! Which evidence lies beside which node's log: the configuration of one node says nothing of another. Apart because evidence has
//! no node of its own: it belongs to the logs that it lies with.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::nodes::{path_of, Nodes};
use crate::summary::Summary;

/// The summary as each node has it: its own sources, and the evidence that lies with them or with nobody's. Borrowed where the
/// input is of one node.
pub(super) fn by_node<'s>(summary: &'s Summary, nodes: &Nodes) -> BTreeMap<String, Cow<'s, Summary>> {
    let names: BTreeSet<&str> = summary.sources.keys().map(|path| nodes.of(path)).collect();
    if names.len() < 2 {
        return names.into_iter().map(|name| (name.to_string(), Cow::Borrowed(summary))).collect();
    }
    let of_node = |name: &str| {
        let sources = summary.sources.iter().filter(|(path, _)| nodes.of(path) == name);
        let mut own = summary.with_sources(sources.map(|(path, source)| (path.clone(), source.clone())).collect());
        own.evidence.retain(|path, _| owner(path, summary, nodes).is_none_or(|owner| owner == name));
        own
    };
    names.into_iter().map(|name| (name.to_string(), Cow::Owned(of_node(name)))).collect()
}

/// The one node whose logs lie nearest to a file: in its directory, or in the first above it that has any.
fn owner<'n>(path: &str, summary: &Summary, nodes: &'n Nodes) -> Option<&'n str> {
    let mut directory = path;
    while let Some((above, _)) = directory.rsplit_once('/') {
        let within = |part: &&String| path_of(part).strip_prefix(above).is_some_and(|rest| rest.starts_with('/'));
        let found: BTreeSet<&str> = summary.sources.keys().filter(within).map(|part| nodes.of(part)).collect();
        if !found.is_empty() {
            return found.first().copied().filter(|_| found.len() == 1);
        }
        directory = above;
    }
    None
}
