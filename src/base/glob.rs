//! Paths against globs with one capture. Apart because the crates for globs match but do not capture, and a regex for each of
//! some hundred globs takes longer to compile than all paths take to match.
//!
//! `*` and `?` stay within a segment, `**/` stands for any number of whole segments, `**` at the end for whatever follows, and
//! `{node}` is one or more characters within a segment, as few as fit. Separators are `/`; a member of an archive stands behind
//! `!/`, so that the archive is a segment that ends in `!`.

/// The name of the capture, with its braces.
pub const NODE: &str = "{node}";

/// Fits the glob the whole path? `Some` with what `{node}` stands for, where the glob has it.
pub fn fits<'p>(glob: &str, path: &'p str) -> Option<Option<&'p str>> {
    if !ends_could_fit(glob, path) {
        return None;
    }
    let (mut rest_of_glob, mut rest_of_path) = (Some(glob), Some(path));
    let mut node = None;
    // Where the last `**/` may begin anew, one segment further on. An earlier one needs no second try: what stood between the
    // two fitted as early as it could.
    let mut again: Option<(&str, &'p str, Option<&'p str>)> = None;
    loop {
        match (rest_of_glob, rest_of_path) {
            (None, None) => return Some(node),
            (Some("**"), Some(_)) => return Some(node),
            (Some(glob), Some(path)) => {
                if let Some(after) = glob.strip_prefix("**/") {
                    again = Some((after, path, node));
                    rest_of_glob = Some(after);
                    continue;
                }
                let ((of_glob, glob), (of_path, path)) = (first_segment(glob), first_segment(path));
                if let Some(found) = segment(of_glob, of_path) {
                    node = node.or(found);
                    (rest_of_glob, rest_of_path) = (glob, path);
                    continue;
                }
            }
            _ => {}
        }
        let (after, from, kept) = again?;
        let path = first_segment(from).1?;
        again = Some((after, path, kept));
        (rest_of_glob, rest_of_path, node) = (Some(after), Some(path), kept);
    }
}

/// What is wrong with a glob, where something is.
pub fn fault(glob: &str) -> Option<&'static str> {
    if glob.is_empty() || glob.starts_with('/') || glob.starts_with("./") || glob.contains('\\') {
        return Some("a glob is relative to the root of the bundle, with / between segments");
    }
    if glob.matches(NODE).count() > 1 || glob.replacen(NODE, "", 1).contains(['{', '}', '[', ']']) {
        return Some("a glob knows *, ?, **/ and one {node}");
    }
    let odd = |segment: &str| segment.contains("**") && segment != "**";
    glob.split('/').any(odd).then_some("** stands for whole segments: between slashes, or at the end")
}

fn first_segment(text: &str) -> (&str, Option<&str>) {
    text.split_once('/').map_or((text, None), |(first, rest)| (first, Some(rest)))
}

/// Most paths fail here: what a glob begins and ends with is mostly plain text.
fn ends_could_fit(glob: &str, path: &str) -> bool {
    const WILD: [char; 4] = ['*', '?', '{', '}'];
    let begins = &glob[..glob.find(WILD).unwrap_or(glob.len())];
    let ends = &glob[glob.rfind(WILD).map_or(0, |at| at + 1)..];
    // The slash behind `**` is there only where the stars stand for something.
    path.starts_with(begins) && path.ends_with(ends.strip_prefix('/').unwrap_or(ends))
}

/// One segment; gives what `{node}` stands for.
fn segment<'p>(glob: &str, path: &'p str) -> Option<Option<&'p str>> {
    let (mut at_glob, mut at_path) = (0, 0);
    let mut node: Option<(usize, usize)> = None;
    // Behind the last wildcard of any length, and how far it reaches so far; whether it is the capture.
    let mut again: Option<(usize, usize, bool)> = None;
    loop {
        let (glob_here, path_here) = (&glob[at_glob..], &path[at_path..]);
        let letter = path_here.chars().next();
        if glob_here.starts_with('*') {
            at_glob += 1;
            again = Some((at_glob, at_path, false));
            continue;
        }
        if let (true, Some(letter)) = (glob_here.starts_with(NODE), letter) {
            at_glob += NODE.len();
            node = Some((at_path, at_path + letter.len_utf8()));
            at_path += letter.len_utf8();
            again = Some((at_glob, at_path, true));
            continue;
        }
        match (glob_here.chars().next(), letter) {
            (None, None) => return Some(node.map(|(start, end)| &path[start..end])),
            (Some(wanted), Some(letter)) if wanted == letter || wanted == '?' => {
                at_glob += wanted.len_utf8();
                at_path += letter.len_utf8();
                continue;
            }
            _ => {}
        }
        let (after, reached, is_node) = again?;
        let longer = reached + path[reached..].chars().next()?.len_utf8();
        if let (true, Some((_, end))) = (is_node, &mut node) {
            *end = longer;
        }
        again = Some((after, longer, is_node));
        (at_glob, at_path) = (after, longer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_fit_as_they_say() {
        for (glob, path, expected) in [
            ("a/*.log", "a/b.log", Some(None)),
            ("a/*.log", "a/b/c.log", None),
            ("**/b.log", "b.log", Some(None)),
            ("**/b.log", "x/y/b.log", Some(None)),
            ("**/b.log", "x/y/ab.log", None),
            ("a/**", "a/b/c", Some(None)),
            ("a/**", "a", None),
            ("**", "a", Some(None)),
            ("a?c", "aßc", Some(None)),
            ("{node}/kubelet.log", "node-a/kubelet.log", Some(Some("node-a"))),
            ("{node}/kubelet.log", "/kubelet.log", None),
            ("{node}-20*/journald/*", "n-a-2024-01-01_0/journald/k3s", Some(Some("n-a"))),
            ("logs/*/{node}_*/*.log", "logs/e/n_p_q/c.log", Some(Some("n"))),
            ("**/machines/{node}/pods/*/*/*.log", "c/machines/x/machines/m/pods/p/c/0.log", Some(Some("m"))),
            ("nodes/{node}.zip!/*/logs/kubelet.log", "nodes/a.b.zip!/a/logs/kubelet.log", Some(Some("a.b"))),
            ("**/resources/**/Node/*.yaml", "c/resources/d/e/Node/n.yaml", Some(None)),
            ("*a*b*c", "xxaxxbxxbc", Some(None)),
            ("*a*b*c", "xxaxxbxxb", None),
            ("etcd-{node}", "etcd-", None),
        ] {
            assert_eq!(fits(glob, path), expected, "{glob} {path}");
        }
    }

    #[test]
    fn long_paths_do_not_take_long() {
        let path = "a/".repeat(2000) + "b";
        assert_eq!(fits("**/a/**/a/**/a/**/c*c", &path), None);
        let name = "a".repeat(4000);
        assert_eq!(fits("*a*a*a*a*a*b*", &name), None);
    }

    #[test]
    fn faulty_globs_are_named() {
        for glob in ["", "/a", "./a", "a**/b", "[ab]", "{host}", "{node}/{node}", "a\\b"] {
            assert!(fault(glob).is_some(), "{glob}");
        }
        for glob in ["**", "a/**/b", "**/{node}*.log", "a.zip!/*"] {
            assert_eq!(fault(glob), None, "{glob}");
        }
    }
}
