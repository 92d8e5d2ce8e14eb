//! Gives every file its place once all paths are known: the bundle that it is in, what it is there, its node, its container. What
//! the kind of bundle knows to be no log of a node is taken out here, members of archives included.

use std::collections::BTreeMap;

use super::{pods, Recognised, Scanned};
use crate::bundle::{self, Found, Known};
use crate::catalogue::Bundle;
use crate::evidence::What;
use crate::input::Skipped;
use crate::summary::{Place, PodLog, Summary};

/// What the reading told of files, beside their entries.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Files that hold nothing but a name, and the name.
    pub(super) hostnames: BTreeMap<String, String>,
    /// Files that are a bundle by themselves: index in the table, and the line that told.
    pub(super) single: BTreeMap<String, (usize, String)>,
}

/// Names with more bytes than this are none.
const LONGEST_NAME: usize = 253;

/// The name in a file that holds nothing else.
pub(super) fn name_in(path: &str, bytes: &[u8]) -> Option<String> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let text = std::str::from_utf8(bytes).ok().filter(|_| matches!(file, "hostname" | "hostname.txt"))?.trim();
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_');
    (!text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(is_name)).then(|| text.to_string())
}

/// Recognises bundles and places all files. `roots`: directories as typed.
pub(super) fn place(scanned: &mut Scanned, roots: &[String], bundles: &[Bundle], notes: &Notes) {
    let mut paths: Vec<String> =
        scanned.summary.sources.keys().chain(scanned.summary.evidence.keys()).cloned().collect();
    paths.extend(scanned.skipped.iter().map(|skipped| skipped.path.clone()));
    paths.extend(scanned.unreadable.iter().map(|error| error.what.clone()));
    paths.sort();
    paths.dedup();
    let all: Vec<&str> = paths.iter().map(String::as_str).collect();
    let found = bundle::find(&all, roots, bundles);
    for found in &found {
        within(scanned, &all, found, &bundles[found.bundle], notes);
        scanned.bundles.push(recognised(found, bundles));
    }
    for (path, (at, line)) in &notes.single {
        if !found.iter().any(|found| path.starts_with(&found.root)) && scanned.summary.sources.contains_key(path) {
            let file = path.rsplit('/').next().unwrap_or(path);
            let role = bundle::said(&bundles[*at], file).role.map(str::to_string);
            scanned.summary.places.insert(path.clone(), Place { role, ..Place::default() });
            let found = Found { root: path.clone(), bundle: *at, marker: line.clone() };
            scanned.bundles.push(recognised(&found, bundles));
        }
    }
    scanned.bundles.sort();
    pods::place(&mut scanned.summary, &scanned.bundles);
}

fn recognised(found: &Found, bundles: &[Bundle]) -> Recognised {
    let bundle = &bundles[found.bundle];
    Recognised {
        path: found.root.clone(),
        kind: bundle.id.clone(),
        title: bundle.title.clone(),
        marker: found.marker.clone(),
    }
}

/// Roles that tell of a cluster, not of the node that they were asked on.
const OF_CLUSTER: [&str; 3] = ["nodes", "events", "pods"];

/// Places the files of one bundle.
fn within(scanned: &mut Scanned, all: &[&str], found: &Found, bundle: &Bundle, notes: &Notes) {
    let summary = &mut scanned.summary;
    let mut files: Vec<(&str, Known, Option<&str>, Option<PodLog>)> = Vec::new();
    for path in all.iter().filter(|path| path.starts_with(&found.root)) {
        let below = &path[found.root.len()..];
        let said = bundle::said(bundle, below);
        if let Some(why) = said.left_out {
            let was_read = summary.sources.remove(*path).is_some() | summary.evidence.remove(*path).is_some();
            if was_read {
                scanned.skipped.push(Skipped { path: path.to_string(), why: why.to_string() });
            }
            continue;
        }
        let source = summary.sources.get(*path);
        if source.is_none() && !summary.evidence.contains_key(*path) {
            continue;
        }
        let pod = bundle::pod_log(&said, below);
        let by_api = || pod.as_ref().is_some_and(|pod| pod.restart.is_none());
        let of_a_node = match said.role {
            Some(role) if OF_CLUSTER.contains(&role) => false,
            Some("container-log" | "previous-container-log") => !by_api(),
            _ => true,
        };
        let host = source.and_then(|source| source.main_host());
        let captured = said.captured.node().map(str::to_string);
        files.push((path, Known { path: below.to_string(), captured, host, of_a_node }, said.role, pod));
    }
    let known: Vec<Known> = files.iter().map(|(_, known, ..)| known.clone()).collect();
    let hostnames: Vec<(String, String)> = notes
        .hostnames
        .iter()
        .filter_map(|(path, name)| Some((path.strip_prefix(&found.root)?.to_string(), name.clone())))
        .collect();
    let nodes = bundle::nodes(bundle, &known, &hostnames, &cluster(summary, &found.root));
    for ((path, known, role, pod), node) in files.into_iter().zip(nodes) {
        if let Some(source) = summary.sources.get_mut(path).filter(|_| node != known.host) {
            source.node = node.clone();
        }
        let place = Place { node, role: role.map(str::to_string), pod };
        if !place.is_empty() {
            summary.places.insert(path.to_string(), place);
        }
    }
}

/// The nodes that objects of a bundle name.
fn cluster(summary: &Summary, root: &str) -> Vec<String> {
    let within = summary.evidence.iter().filter(|(path, _)| path.starts_with(root));
    let facts = within.flat_map(|(_, evidence)| &evidence.facts);
    let mut names: Vec<String> = facts
        .filter_map(|fact| match &fact.what {
            What::NodeCondition { node, .. } | What::Capacity { node, .. } if !node.is_empty() => Some(node.clone()),
            _ => None,
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_a_name_and_nothing_else_is_known() {
        assert_eq!(name_in("a/hostname", b"node-a.local\n").as_deref(), Some("node-a.local"));
        assert_eq!(name_in("a/hostname.txt", b"  node_b ").as_deref(), Some("node_b"));
        for (path, bytes) in
            [("a/hostname", &b"two words"[..]), ("a/hostname", b""), ("a/other", b"x"), ("hostname", b"\xff")]
        {
            assert_eq!(name_in(path, bytes), None);
        }
    }
}
