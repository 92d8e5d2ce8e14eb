//! Which node the files of a bundle are of: what stands in for `{node}`, the host of their lines, files that hold the name, the
//! only node of the cluster. Names of one node differ by domain and case (`ip-10-0-1-2`, `ip-10-0-1-2.ec2.internal`).

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{glob, node};
use crate::catalogue::bundles::Bundle;

/// What is known of one file of a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Its path, relative to the root.
    pub path: String,
    /// What stands in for `{node}`.
    pub captured: Option<String>,
    /// The host that most of its lines name.
    pub host: Option<String>,
    /// It is of a node, not of the whole cluster.
    pub of_a_node: bool,
}

/// The node of each file, in the order of the files. `hostnames`: files that hold a name, relative to the root, and the name.
/// `of_cluster`: nodes that objects name.
pub fn nodes(
    bundle: &Bundle,
    files: &[Known],
    hostnames: &[(String, String)],
    of_cluster: &[String],
) -> Vec<Option<String>> {
    let mut hosts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for file in files {
        if let (Some(captured), Some(host)) = (&file.captured, &file.host) {
            *hosts.entry(captured).or_default().entry(host).or_default() += 1;
        }
    }
    let written = written(bundle, hostnames);
    let scene = Scene { bundle, hosts: &hosts, written: &written, of_cluster };
    let captured: BTreeSet<&str> = files.iter().filter_map(|file| file.captured.as_deref()).collect();
    let alone = captured.len() == 1;
    let names: BTreeMap<&str, String> =
        captured.into_iter().map(|captured| (captured, scene.name_of(captured, alone))).collect();
    let only = only_host(files).or_else(|| only(of_cluster));
    let node = |file: &Known| {
        if let Some(captured) = &file.captured {
            let own = file.host.as_ref().filter(|host| bundle.alias || same(host, captured));
            return own.cloned().or_else(|| names.get(captured.as_str()).cloned());
        }
        if file.host.is_some() || !file.of_a_node {
            return file.host.clone();
        }
        let near = written.iter().max_by_key(|written| (in_common(&written.path, &file.path), written.path.len()));
        near.map(|written| written.name.clone()).or_else(|| only.clone())
    };
    files.iter().map(node).collect()
}

fn only(names: &[String]) -> Option<String> {
    names.first().filter(|_| names.len() == 1).cloned()
}

/// The host of all lines of a bundle, where it is one.
fn only_host(files: &[Known]) -> Option<String> {
    let mut hosts = files.iter().filter_map(|file| file.host.as_ref());
    let first = hosts.next()?;
    hosts.all(|host| same(host, first)).then(|| first.clone())
}

/// A file that holds the name of its node.
struct Written {
    path: String,
    captured: Option<String>,
    name: String,
}

fn written(bundle: &Bundle, hostnames: &[(String, String)]) -> Vec<Written> {
    let told = hostnames.iter().filter_map(|(path, name)| {
        let captured = bundle.hostname.iter().find_map(|wanted| glob::fits(wanted, path))?.node();
        Some(Written { path: path.clone(), captured: captured.map(str::to_string), name: name.clone() })
    });
    told.collect()
}

/// What names of nodes can be taken from.
struct Scene<'s> {
    bundle: &'s Bundle,
    /// Per part of the paths: hosts of lines, and of how many files.
    hosts: &'s BTreeMap<&'s str, BTreeMap<&'s str, usize>>,
    written: &'s [Written],
    of_cluster: &'s [String],
}

impl Scene<'_> {
    /// The name of the node that a part of the paths stands for. `alone`: there is no other such part.
    fn name_of(&self, captured: &str, alone: bool) -> String {
        let hosts = || self.hosts.get(captured).into_iter().flatten();
        if let Some((host, _)) = hosts().find(|(host, _)| same(host, captured)) {
            return (*host).to_string();
        }
        if let Some(written) = self.written.iter().find(|written| written.captured.as_deref() == Some(captured)) {
            return written.name.clone();
        }
        let known = self.of_cluster.iter().find(|name| same(name, captured)).cloned();
        if let (None, true) = (&known, self.bundle.alias) {
            // The most files, then the first by name.
            if let Some((host, _)) = hosts().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0))) {
                return (*host).to_string();
            }
            if let Some(only) = only(self.of_cluster).filter(|_| alone) {
                return only;
            }
        }
        known.unwrap_or_else(|| captured.to_string())
    }
}

/// Are these names of one node? Compared by the first label, without case; `_` may stand for what is no letter or digit.
pub(super) fn same(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.to_lowercase().replace(|letter: char| !letter.is_alphanumeric(), "_");
    node::same(one, other) || plain(one) == plain(other) || plain(node::label(one)) == plain(other)
}

/// Segments that two paths have in common from the root on.
pub fn in_common(one: &str, other: &str) -> usize {
    one.split('/').zip(other.split('/')).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, captured: Option<&str>, host: Option<&str>) -> Known {
        Known { path: path.into(), captured: captured.map(Into::into), host: host.map(Into::into), of_a_node: true }
    }

    fn first(bundle: &Bundle, files: &[Known], hostnames: &[(&str, &str)], cluster: &[&str]) -> Option<String> {
        let hostnames: Vec<(String, String)> =
            hostnames.iter().map(|(path, name)| (path.to_string(), name.to_string())).collect();
        let cluster: Vec<String> = cluster.iter().map(ToString::to_string).collect();
        nodes(bundle, files, &hostnames, &cluster).into_iter().next().flatten()
    }

    #[test]
    fn names_of_one_node_are_known_as_such() {
        assert!(same("ip-10-0-1-2", "IP-10-0-1-2.ec2.internal"));
        assert!(same("node-a", "node_a") && same("node-a.example.org", "node_a"));
        assert!(same("192.0.2.20", "192_0_2_20"));
        assert!(!same("node-a", "node-b"));
    }

    #[test]
    fn path_then_lines_then_hostname_then_cluster() {
        let plain = Bundle { hostname: vec!["etc/hostname".into()], ..Bundle::default() };
        let with = |captured, host| [file("a/k.log", captured, host)];
        assert_eq!(first(&plain, &with(Some("n1"), None), &[], &[]).as_deref(), Some("n1"));
        assert_eq!(first(&plain, &with(Some("n1"), Some("n1.local")), &[], &[]).as_deref(), Some("n1.local"));
        assert_eq!(first(&plain, &with(Some("n1"), Some("other")), &[], &[]).as_deref(), Some("n1"));
        assert_eq!(first(&plain, &with(None, Some("h")), &[("etc/hostname", "x")], &["y"]).as_deref(), Some("h"));
        assert_eq!(first(&plain, &with(None, None), &[("etc/hostname", "x")], &["y"]).as_deref(), Some("x"));
        assert_eq!(first(&plain, &with(None, None), &[("other/hostname", "x")], &["y"]).as_deref(), Some("y"));
        assert_eq!(first(&plain, &with(None, None), &[], &["y", "z"]), None);
    }

    #[test]
    fn an_alias_gives_way_to_what_lines_say() {
        let alias = Bundle { alias: true, ..Bundle::default() };
        let files = [file("m1/kern.log", Some("m1"), None), file("m1/kubelet.log", Some("m1"), Some("node-a"))];
        assert_eq!(first(&alias, &files, &[], &[]).as_deref(), Some("node-a"));
        assert_eq!(first(&alias, &files[..1], &[], &["m1.local"]).as_deref(), Some("m1.local"));
        assert_eq!(first(&alias, &files[..1], &[], &["n1"]).as_deref(), Some("n1"));
        assert_eq!(first(&alias, &files[..1], &[], &["n1", "n2"]).as_deref(), Some("m1"));
    }
}
