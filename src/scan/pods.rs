//! Whose container logs are, in a bundle or not, and on which node they were written where neither path nor lines tell it, as with
//! those that were fetched through the API: then what lies beside them and lists pods tells where each runs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::Recognised;
use crate::base::node;
use crate::bundle;
use crate::summary::Summary;

/// Gives all container logs their pod, and those without a node that of their pod.
pub(super) fn place(summary: &mut Summary, bundles: &[Recognised]) {
    for path in summary.sources.keys() {
        if let Some(pod) = bundle::written_by(path) {
            summary.places.entry(path.clone()).or_default().pod.get_or_insert(pod);
        }
    }
    let roots = Roots(bundles.iter().map(|bundle| bundle.path.as_str()).collect());
    let told = Told::of(summary, &roots);
    if told.nodes.is_empty() {
        return;
    }
    let known = known(summary, &roots);
    let mut nodes: Vec<(String, String)> = Vec::new();
    for (path, source) in &summary.sources {
        let Some(place) = summary.places.get(path) else { continue };
        let Some(pod) = place.pod.as_ref().filter(|_| place.node.is_none()) else { continue };
        if source.node.is_some() || !source.hosts.is_empty() {
            continue;
        }
        let root = roots.of(path);
        let node = told.node(&pod.pod, path, root);
        let named = node.and_then(|node| told.as_known(node, root, known.get(root)));
        nodes.extend(named.map(|node| (path.clone(), node.to_owned())));
    }
    for (path, node) in nodes {
        if let Some(source) = summary.sources.get_mut(&path) {
            source.node = Some(node.clone());
        }
        summary.places.entry(path).or_default().node = Some(node);
    }
}

/// The roots of bundles; none is within another.
struct Roots<'s>(BTreeSet<&'s str>);

/// What is in no bundle, which may be told of any.
const NO_BUNDLE: &str = "";

impl<'s> Roots<'s> {
    /// The bundle that a path is in.
    fn of(&self, path: &str) -> &'s str {
        let before = self.0.range::<str, _>((Bound::Unbounded, Bound::Included(path))).next_back();
        before.filter(|root| path.starts_with(**root)).copied().unwrap_or(NO_BUNDLE)
    }
}

/// Names of nodes by their first labels in small letters.
type Names<'s> = BTreeMap<String, BTreeSet<&'s str>>;

fn label(name: &str) -> String {
    node::label(name).to_ascii_lowercase()
}

/// The nodes that logs name, by bundle.
fn known<'s>(summary: &'s Summary, roots: &Roots<'s>) -> BTreeMap<&'s str, Names<'s>> {
    let mut known: BTreeMap<&str, Names<'_>> = BTreeMap::new();
    for (path, source) in &summary.sources {
        let hosts = source.hosts.iter().filter_map(|(_, host)| std::str::from_utf8(&host.name).ok());
        for name in source.node.as_deref().into_iter().chain(hosts) {
            known.entry(roots.of(path)).or_default().entry(label(name)).or_default().insert(name);
        }
    }
    known
}

/// What lists of pods tell.
struct Told<'s> {
    /// By pod: the file that lists it, its bundle, and the node.
    pods: BTreeMap<&'s str, Vec<(&'s str, &'s str, &'s str)>>,
    /// The first labels of all nodes, by bundle.
    nodes: BTreeMap<&'s str, BTreeSet<String>>,
}

impl<'s> Told<'s> {
    fn of(summary: &'s Summary, roots: &Roots<'s>) -> Told<'s> {
        let mut told = Told { pods: BTreeMap::new(), nodes: BTreeMap::new() };
        for (path, evidence) in &summary.evidence {
            let root = roots.of(path);
            for (pod, node) in &evidence.pods {
                told.pods.entry(pod).or_default().push((path, root, node));
                told.nodes.entry(root).or_default().insert(label(node));
            }
        }
        told
    }

    /// The node of a pod: what the lists nearest to its log tell, in the same bundle or in none, where they agree.
    fn node(&self, pod: &str, path: &str, root: &str) -> Option<&'s str> {
        let name = pod.rsplit('/').next().unwrap_or(pod);
        let lists = self.pods.get(pod).or_else(|| self.pods.get(name))?;
        let near = lists.iter().filter(|(_, of, _)| *of == root || *of == NO_BUNDLE);
        let near = near.map(|(list, _, node)| (bundle::in_common(list, path), *node));
        let nearest = near.clone().map(|(shared, _)| shared).max()?;
        let mut nodes = near.filter(|(shared, _)| *shared == nearest).map(|(_, node)| node);
        let first = nodes.next()?;
        nodes.all(|node| node::same(node, first)).then_some(first)
    }

    /// A node in the form in which logs of its bundle name it. `None` where these name other nodes than all that lists tell: their
    /// names are of another kind (addresses, ids of machines), and a node of that name would be one more.
    fn as_known(&self, node: &'s str, root: &str, known: Option<&Names<'s>>) -> Option<&'s str> {
        let Some(known) = known else { return Some(node) };
        let told = [root, NO_BUNDLE].into_iter().filter_map(|root| self.nodes.get(root)).flatten();
        let are_alike = told.into_iter().any(|label| known.contains_key(label));
        let forms = known.get(&label(node));
        let only = forms.filter(|forms| forms.len() == 1).and_then(|forms| forms.first()).copied();
        are_alike.then(|| only.unwrap_or(node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Evidence;
    use crate::summary::Source;

    fn list(pods: &[(&str, &str)]) -> Evidence {
        let pods = pods.iter().map(|(pod, node)| (pod.to_string(), node.to_string())).collect();
        Evidence { kind: "pods", facts: Vec::new(), latest: None, left_out: 0, pods }
    }

    /// The node that the log of shop/web-1 gets beside lists of pods and logs whose nodes are known.
    fn node_of(
        log: &str,
        lists: &[(&str, &[(&str, &str)])],
        logs: &[(&str, &str)],
        bundles: &[&str],
    ) -> Option<String> {
        let mut summary = Summary::default();
        summary.sources.insert(log.to_string(), Source::default());
        for (path, node) in logs {
            let source = Source { node: Some(node.to_string()), ..Source::default() };
            summary.sources.insert(path.to_string(), source);
        }
        summary.evidence.extend(lists.iter().map(|(path, pods)| (path.to_string(), list(pods))));
        let bundle = |path: &&str| Recognised { path: path.to_string(), ..Recognised::default() };
        place(&mut summary, &bundles.iter().map(bundle).collect::<Vec<_>>());
        summary.sources[log].node.clone()
    }

    #[test]
    fn the_nearest_list_that_tells_it_counts() {
        let log = "a/x/containers/web-1_shop_app-0123456789abcdef.log";
        let (on_a, on_b): (&[_], &[_]) = (&[("shop/web-1", "node-a")], &[("shop/web-1", "node-b")]);
        let without_namespace: &[_] = &[("web-1", "node-c")];
        let node = |lists: &[(&str, &[(&str, &str)])]| node_of(log, lists, &[], &["a/", "b/"]);
        assert_eq!(node(&[("a/pods", on_a)]).as_deref(), Some("node-a"));
        assert_eq!(node(&[("a/pods", without_namespace)]).as_deref(), Some("node-c"));
        assert_eq!(node(&[("a/pods", on_a), ("a/x/pods", on_b)]).as_deref(), Some("node-b"));
        // Two that are as near and disagree; another bundle; none at all; one beside all bundles.
        assert_eq!(node(&[("a/x/one", on_a), ("a/x/two", on_b)]), None);
        assert_eq!(node(&[("b/pods", on_a)]), None);
        assert_eq!(node(&[("a/pods", &[("shop/web-2", "node-a")])]), None);
        assert_eq!(node(&[("pods", on_a)]).as_deref(), Some("node-a"));
    }

    #[test]
    fn names_are_those_of_the_logs() {
        let log = "containers/web-1_shop_app-0123456789abcdef.log";
        let lists: &[(&str, &[(&str, &str)])] = &[("pods", &[("shop/web-1", "node-a"), ("shop/web-2", "node-b")])];
        let node = |logs: &[(&str, &str)]| node_of(log, lists, logs, &[]);
        assert_eq!(node(&[("k", "node-a.local")]).as_deref(), Some("node-a.local"));
        assert_eq!(node(&[("k", "node-a.local"), ("l", "node-a.other")]).as_deref(), Some("node-a"));
        assert_eq!(node(&[("k", "node-b")]).as_deref(), Some("node-a"));
        // Machines under names of another kind: which of them it is cannot be told.
        assert_eq!(node(&[("k", "i-0abc")]), None);
        // What the place or the lines tell stays.
        assert_eq!(node_of(log, lists, &[(log, "node-c")], &[]).as_deref(), Some("node-c"));
    }
}
