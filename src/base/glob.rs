//! Paths against globs with captures. Apart because the crates for globs match but do not capture, and a regex for each of
//! some hundred globs takes longer to compile than all paths take to match.
//!
//! `*` and `?` stay within a segment, `**/` stands for any number of whole segments, `**` at the end for whatever follows, and
//! `{node}`, `{namespace}`, `{pod}` and `{container}` are one or more characters within a segment, as few as fit. Separators are
//! `/`; a member of an archive stands behind `!/`, so that the archive is a segment that ends in `!`.

/// The captures, with their braces.
const CAPTURES: [&str; 4] = ["{node}", "{namespace}", "{pod}", "{container}"];

/// What the captures of a glob stand for; `None` for those that it does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Captured<'p> {
    /// In the order of [`CAPTURES`].
    values: [Option<&'p str>; CAPTURES.len()],
}

impl<'p> Captured<'p> {
    /// What `{node}` stands for.
    pub fn node(&self) -> Option<&'p str> {
        self.values[0]
    }

    /// What `{namespace}` stands for.
    pub fn namespace(&self) -> Option<&'p str> {
        self.values[1]
    }

    /// What `{pod}` stands for.
    pub fn pod(&self) -> Option<&'p str> {
        self.values[2]
    }

    /// What `{container}` stands for.
    pub fn container(&self) -> Option<&'p str> {
        self.values[3]
    }

    fn or(self, other: Captured<'p>) -> Captured<'p> {
        let mut values = self.values;
        values.iter_mut().zip(other.values).for_each(|(value, other)| *value = value.or(other));
        Captured { values }
    }
}

/// Fits the glob the whole path? `Some` with what its captures stand for.
pub fn fits<'p>(glob: &str, path: &'p str) -> Option<Captured<'p>> {
    if !ends_could_fit(glob, path) {
        return None;
    }
    let (mut rest_of_glob, mut rest_of_path) = (Some(glob), Some(path));
    let mut captured = Captured::default();
    // Where the last `**/` may begin anew, one segment further on. An earlier one needs no second try: what stood between the
    // two fitted as early as it could.
    let mut again: Option<(&str, &'p str, Captured<'p>)> = None;
    loop {
        match (rest_of_glob, rest_of_path) {
            (None, None) => return Some(captured),
            (Some("**"), Some(_)) => return Some(captured),
            (Some(glob), Some(path)) => {
                if let Some(after) = glob.strip_prefix("**/") {
                    again = Some((after, path, captured));
                    rest_of_glob = Some(after);
                    continue;
                }
                let ((of_glob, glob), (of_path, path)) = (first_segment(glob), first_segment(path));
                if let Some(found) = segment(of_glob, of_path) {
                    captured = captured.or(found);
                    (rest_of_glob, rest_of_path) = (glob, path);
                    continue;
                }
            }
            _ => {}
        }
        let (after, from, kept) = again?;
        let path = first_segment(from).1?;
        again = Some((after, path, kept));
        (rest_of_glob, rest_of_path, captured) = (Some(after), Some(path), kept);
    }
}

/// What is wrong with a glob, where something is.
pub fn fault(glob: &str) -> Option<&'static str> {
    if glob.is_empty() || glob.starts_with('/') || glob.starts_with("./") || glob.contains('\\') {
        return Some("a glob is relative to the root of the bundle, with / between segments");
    }
    let bare = CAPTURES.iter().fold(glob.to_string(), |bare, capture| bare.replacen(capture, "", 1));
    if bare.contains(['{', '}', '[', ']']) {
        return Some("a glob knows *, ?, **/ and, each once, {node}, {namespace}, {pod} and {container}");
    }
    let odd = |segment: &str| segment.contains("**") && segment != "**";
    glob.split('/').any(odd).then_some("** stands for whole segments: between slashes, or at the end")
}

fn first_segment(text: &str) -> (&str, Option<&str>) {
    text.split_once('/').map_or((text, None), |(first, rest)| (first, Some(rest)))
}

/// What stands in a glob for more than itself.
const WILD: [char; 4] = ['*', '?', '{', '}'];

/// The text that every path begins with that fits the glob.
pub fn beginning(glob: &str) -> &str {
    &glob[..glob.find(WILD).unwrap_or(glob.len())]
}

/// Most paths fail here: what a glob begins and ends with is mostly plain text.
fn ends_could_fit(glob: &str, path: &str) -> bool {
    let begins = beginning(glob);
    let ends = &glob[glob.rfind(WILD).map_or(0, |at| at + 1)..];
    // The slash behind `**` is there only where the stars stand for something.
    path.starts_with(begins) && path.ends_with(ends.strip_prefix('/').unwrap_or(ends))
}

/// One segment; gives what its captures stand for.
fn segment<'p>(glob: &str, path: &'p str) -> Option<Captured<'p>> {
    let (mut at_glob, mut at_path) = (0, 0);
    let mut captured: [Option<(usize, usize)>; CAPTURES.len()] = [None; CAPTURES.len()];
    // Behind the last wildcard of any length, and how far it reaches so far; which capture it is, if it is one.
    let mut again: Option<(usize, usize, Option<usize>)> = None;
    loop {
        let (glob_here, path_here) = (&glob[at_glob..], &path[at_path..]);
        let letter = path_here.chars().next();
        if glob_here.starts_with('*') {
            at_glob += 1;
            again = Some((at_glob, at_path, None));
            continue;
        }
        let capture = CAPTURES.iter().position(|capture| glob_here.starts_with(capture));
        if let (Some(capture), Some(letter)) = (capture, letter) {
            at_glob += CAPTURES[capture].len();
            captured[capture] = Some((at_path, at_path + letter.len_utf8()));
            at_path += letter.len_utf8();
            again = Some((at_glob, at_path, Some(capture)));
            continue;
        }
        match (glob_here.chars().next(), letter) {
            (None, None) => {
                return Some(Captured { values: captured.map(|place| place.map(|(start, end)| &path[start..end])) })
            }
            (Some(wanted), Some(letter)) if wanted == letter || wanted == '?' => {
                at_glob += wanted.len_utf8();
                at_path += letter.len_utf8();
                continue;
            }
            _ => {}
        }
        let (after, reached, capture) = again?;
        let longer = reached + path[reached..].chars().next()?.len_utf8();
        if let Some((_, end)) = capture.and_then(|capture| captured[capture].as_mut()) {
            *end = longer;
        }
        again = Some((after, longer, capture));
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
            assert_eq!(fits(glob, path).map(|captured| captured.node()), expected, "{glob} {path}");
        }
    }

    #[test]
    fn captures_are_told_apart() {
        let captured = |glob: &str, path: &'static str| {
            let found = fits(glob, path)?;
            Some([found.node(), found.namespace(), found.pod(), found.container()].map(Option::unwrap_or_default))
        };
        assert_eq!(
            captured("logs/{namespace}/{pod}/{container}.log.1", "logs/ns/web-1/app.log.1"),
            Some(["", "ns", "web-1", "app"])
        );
        assert_eq!(captured("x/{node}_{pod}/{container}.log", "x/n-1_io_2/a.log"), Some(["n-1", "", "io_2", "a"]));
        assert_eq!(
            captured("**/v1/{namespace}/{pod}/{container}/*.log", "v1/a/v1/b/c/d/e.log"),
            Some(["", "b", "c", "d"])
        );
        assert_eq!(captured("{namespace}/{pod}/logs.txt", "a/b/c/logs.txt"), None);
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
        for glob in ["", "/a", "./a", "a**/b", "[ab]", "{host}", "{node}/{node}", "a\\b", "{pod}{pod}"] {
            assert!(fault(glob).is_some(), "{glob}");
        }
        for glob in ["**", "a/**/b", "**/{node}*.log", "a.zip!/*", "{namespace}/{pod}/{container}.log"] {
            assert_eq!(fault(glob), None, "{glob}");
        }
    }
}
