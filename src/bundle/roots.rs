//! Where bundles begin. What was named is the root, or a directory below it, going down while there is only one; where neither
//! is of any kind, each directory (and archive) in it may be a bundle of its own.

use crate::base::glob;
use crate::catalogue::bundles::Bundle;

/// Directories that are gone down: archives mostly hold one that is named like themselves.
const DEEPEST: usize = 3;

/// A bundle that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What its paths begin with; ends in `/`, or is empty.
    pub root: String,
    /// Index in the table.
    pub bundle: usize,
    /// The marker that told, relative to the root: a glob, and the first path that it fits.
    pub marker: String,
}

/// All bundles below the roots. `paths` must be sorted. A root is a directory as typed, or an archive.
pub fn find(paths: &[&str], roots: &[String], bundles: &[Bundle]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut starts: Vec<String> = roots.iter().map(|root| with_slash(root)).collect();
    // An archive that was named itself is a root too.
    let archives = paths.iter().filter_map(|path| path.find("!/").map(|at| path[..at + 2].to_string()));
    starts.extend(archives);
    starts.sort();
    starts.dedup();
    let mut covered: Option<&String> = None;
    for start in &starts {
        if covered.is_some_and(|root| start.starts_with(root.as_str())) {
            continue;
        }
        covered = Some(start);
        let before = found.len();
        search(within(paths, start), start, bundles, 0, &mut found);
        if found.len() == before {
            let chain = chain(within(paths, start), start);
            found.extend(first_that_fits(within(paths, start), &chain, bundles, true));
        }
    }
    found
}

fn with_slash(root: &str) -> String {
    if root.is_empty() || root.ends_with('/') {
        root.to_string()
    } else {
        format!("{root}/")
    }
}

/// The paths that begin with this; sorted paths stand together.
fn within<'s, 'p>(paths: &'s [&'p str], start: &str) -> &'s [&'p str] {
    let from = paths.partition_point(|path| *path < start);
    let length = paths[from..].partition_point(|path| path.starts_with(start));
    &paths[from..from + length]
}

/// Bundles at a directory, or else in the directories below it.
fn search(paths: &[&str], start: &str, bundles: &[Bundle], depth: usize, found: &mut Vec<Found>) {
    let chain = chain(paths, start);
    if let Some(first) = first_that_fits(paths, &chain, bundles, false) {
        return found.push(first);
    }
    let start = chain.last().map_or(start, String::as_str);
    if depth >= DEEPEST {
        return;
    }
    let mut rest = within(paths, start);
    while let Some(path) = rest.first() {
        let directory = path[start.len()..].find('/').map(|at| &path[..start.len() + at + 1]);
        let length = match directory {
            Some(directory) => {
                let below = within(rest, directory);
                search(below, directory, bundles, depth + 1, found);
                below.len()
            }
            None => 1,
        };
        rest = &rest[length..];
    }
}

/// The directory, and those below it that have no other beside them.
fn chain(paths: &[&str], start: &str) -> Vec<String> {
    let mut chain = vec![start.to_string()];
    for _ in 0..DEEPEST {
        let known = chain.last().map_or("", String::as_str);
        let below = within(paths, known);
        let directories =
            below.iter().filter_map(|path| path[known.len()..].find('/').map(|at| &path[..known.len() + at + 1]));
        let mut directories = directories.peekable();
        let Some(only) = directories.peek().copied() else { break };
        if directories.any(|other| other != only) {
            break;
        }
        chain.push(only.to_string());
    }
    chain
}

/// The first kind of the table that fits at one of the roots, the upper first.
fn first_that_fits(paths: &[&str], roots: &[String], bundles: &[Bundle], fallback: bool) -> Option<Found> {
    let tried =
        bundles.iter().enumerate().filter(|(_, bundle)| bundle.fallback == fallback && !bundle.markers.is_empty());
    for (at, bundle) in tried {
        for root in roots {
            if let Some(marker) = fits(within(paths, root), root, bundle) {
                return Some(Found { root: root.clone(), bundle: at, marker });
            }
        }
    }
    None
}

fn fits(paths: &[&str], root: &str, bundle: &Bundle) -> Option<String> {
    // An archive that was read is named by its members alone.
    let archive = |path: &str| memchr::memchr(b'!', path.as_bytes()).and_then(|_| path.rfind("!/"));
    let first = |wanted: &str| {
        // Most globs begin with text, and sorted paths that begin so stand together.
        let begins = format!("{root}{}", glob::beginning(wanted));
        let below = within(paths, &begins).iter().map(|path| &path[root.len()..]);
        let mut all = below.flat_map(|path| std::iter::once(path).chain(archive(path).map(|at| &path[..at])));
        all.find(|path| glob::fits(wanted, path).is_some())
    };
    let mut told = None;
    for marker in &bundle.markers {
        let path = first(marker)?;
        told.get_or_insert_with(|| path.to_string());
    }
    let any = bundle.any.is_empty() || bundle.any.iter().any(|wanted| first(wanted).is_some());
    told.filter(|_| any)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::load::built_in;

    fn kinds(paths: &[&str], roots: &[&str]) -> Vec<(String, String)> {
        let bundles = built_in().bundles;
        let mut paths = paths.to_vec();
        paths.sort_unstable();
        let roots: Vec<String> = roots.iter().map(ToString::to_string).collect();
        let found = find(&paths, &roots, &bundles);
        found.into_iter().map(|found| (found.root, bundles[found.bundle].id.clone())).collect()
    }

    fn one(root: &str, kind: &str) -> Vec<(String, String)> {
        vec![(root.to_string(), kind.to_string())]
    }

    #[test]
    fn a_root_is_what_was_named_or_below_it() {
        let sos = ["d/sos-x/sos_commands/k/a", "d/sos-x/sos_reports/b", "d/sos-x/var/log/messages"];
        assert_eq!(kinds(&sos, &["d"]), one("d/sos-x/", "sosreport"));
        assert_eq!(kinds(&sos, &["d/sos-x/"]), one("d/sos-x/", "sosreport"));
        let tar = ["s.tar.xz!/sos-x/sos_commands/k/a", "s.tar.xz!/sos-x/version.txt"];
        assert_eq!(kinds(&tar, &[]), one("s.tar.xz!/sos-x/", "sosreport"));
    }

    #[test]
    fn several_bundles_in_one_directory_are_each_their_own() {
        let paths = [
            "d/a.tar.gz!/system/instance-id.txt",
            "d/a.tar.gz!/kubelet/kubelet.log",
            "d/b.tar.gz!/system/instance-id.txt",
            "d/b.tar.gz!/kubelet/kubelet.log",
            "d/notes.txt",
        ];
        let expected = ["d/a.tar.gz!/", "d/b.tar.gz!/"].map(|root| (root.to_string(), "eks-log-collector".to_string()));
        assert_eq!(kinds(&paths, &["d"]), expected);
    }

    #[test]
    fn an_archive_within_an_archive_is_part_of_its_bundle() {
        let paths = [
            "b.zip!/x/metadata.yaml",
            "b.zip!/x/nodes/n.zip",
            "b.zip!/x/nodes/n.zip!/n/logs/kubelet.log",
            "b.zip!/x/yamls/a",
        ];
        assert_eq!(kinds(&paths, &[]), one("b.zip!/x/", "support-bundle-kit"));
        // Whether the archive itself is named or only what is in it.
        let paths = ["b.zip!/x/metadata.yaml", "b.zip!/x/nodes/n.zip!/n/logs/kubelet.log", "b.zip!/x/yamls/a"];
        assert_eq!(kinds(&paths, &[]), one("b.zip!/x/", "support-bundle-kit"));
    }

    #[test]
    fn the_last_resort_comes_last() {
        let paths = ["d/a/sos_commands/x", "d/a/version.txt", "d/a/var/log/journal/1/system.journal", "d/b/c"];
        assert_eq!(kinds(&paths, &["d"]), one("d/a/", "sosreport"));
        assert_eq!(kinds(&paths[2..3], &["d"]), one("d/a/", "node-filesystem"));
        assert_eq!(kinds(&["d/x.log"], &["d"]), []);
    }
}
