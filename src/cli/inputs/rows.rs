//! Rows of a list of files that a person can read when the files are thousands: those that are alike share a row.

use std::collections::BTreeMap;

use crate::base::count;

/// So many files that are alike have a row each; of more, those of one directory share one.
const FEW: usize = 5;

/// So many directories have a row each; of more, the one above them all has.
const FEW_DIRECTORIES: usize = 8;

/// A file and what is said of it.
pub(super) struct Row<'r> {
    pub(super) path: &'r str,
    /// Files of which the same is said here may share a row; `None`: this one may not.
    pub(super) alike: Option<String>,
    /// Lines, where that matters.
    pub(super) lines: Option<u64>,
    /// What stands behind its path.
    pub(super) says: String,
}

/// The rows, those that share one at the place of the first; all by themselves where `all` is set.
pub(super) fn grouped(rows: Vec<Row<'_>>, all: bool) -> Vec<String> {
    let mut groups: BTreeMap<&str, Vec<&Row<'_>>> = BTreeMap::new();
    for row in &rows {
        if let Some(alike) = row.alike.as_deref().filter(|_| !all) {
            groups.entry(alike).or_default().push(row);
        }
    }
    groups.retain(|_, group| group.len() > FEW);
    let mut shown = Vec::new();
    for row in &rows {
        match row.alike.as_deref() {
            // The first stands for all; then there is nothing left of them.
            Some(alike) if groups.contains_key(alike) => {
                shown.extend(shared(alike, &std::mem::take(groups.entry(alike).or_default())));
            }
            _ => shown.push(format!("{}  {}", row.path, row.says)),
        }
    }
    shown
}

fn shared(alike: &str, group: &[&Row<'_>]) -> Vec<String> {
    let mut directories: BTreeMap<&str, Vec<&Row<'_>>> = BTreeMap::new();
    for row in group {
        directories.entry(directory(row.path)).or_default().push(row);
    }
    if directories.len() > FEW_DIRECTORIES {
        let paths: Vec<&str> = directories.keys().copied().collect();
        directories = BTreeMap::from([(in_common(&paths), group.to_vec())]);
    }
    let row = |(directory, rows): (&str, Vec<&Row<'_>>)| match rows[..] {
        [only] => format!("{}  {}", only.path, only.says),
        _ => {
            let lines = rows.iter().filter_map(|row| row.lines).sum::<u64>();
            let lines = if rows[0].lines.is_some() { format!(", {}", count(lines, "line")) } else { String::new() };
            format!("{directory}…  {}{lines}: {alike}", count(rows.len() as u64, "file"))
        }
    };
    directories.into_iter().map(row).collect()
}

/// Up to the last slash, with it.
fn directory(path: &str) -> &str {
    &path[..path.rfind('/').map_or(0, |at| at + 1)]
}

/// The directory that all are in.
fn in_common<'p>(directories: &[&'p str]) -> &'p str {
    let Some((first, last)) = directories.first().zip(directories.last()) else { return "" };
    // They are sorted: what the first and the last have in common, all have.
    let same = first.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count();
    let whole = (0..=same).rev().find(|&at| first.is_char_boundary(at)).unwrap_or(0);
    directory(&first[..whole])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(paths: &[String]) -> Vec<Row<'_>> {
        let row = |path| Row { path, alike: Some("empty".to_string()), lines: None, says: "empty".to_string() };
        paths.iter().map(|path| row(path)).collect()
    }

    #[test]
    fn many_files_share_a_row() {
        let few: Vec<String> = (0..3).map(|at| format!("a/{at}")).collect();
        assert_eq!(grouped(rows(&few), false).len(), 3);
        let many: Vec<String> = (0..1000).map(|at| format!("a/{at}")).collect();
        assert_eq!(grouped(rows(&many), false), ["a/…  1,000 files: empty"]);
        assert_eq!(grouped(rows(&many), true).len(), 1000);
        let spread: Vec<String> = (0..100).map(|at| format!("top/é{at}/x")).collect();
        assert_eq!(grouped(rows(&spread), false), ["top/…  100 files: empty"]);
        let two: Vec<String> = (0..10).map(|at| format!("{}/{at}", at % 2)).collect();
        assert_eq!(grouped(rows(&two), false), ["0/…  5 files: empty", "1/…  5 files: empty"]);
    }
}
