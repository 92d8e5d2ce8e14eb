//! How much of a resource was left, by the facts beside a log: the kubelet's own reckoning (`stats/summary`) before `df` and
//! `free`, which reckon otherwise.

use super::placed::Placed;
use crate::evidence::{show_bytes, What};

/// How much was left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figure<'f> {
    pub(super) placed: &'f Placed<'f>,
    /// Bytes or count.
    pub(super) available: f64,
    /// Of how much; 0 where that is not known.
    pub(super) capacity: f64,
    /// Bytes, or a plain count.
    pub(super) bytes: bool,
    /// Counted as the kubelet counts.
    pub(super) exact: bool,
}

impl Figure<'_> {
    /// `5.2 GiB of 7.8 GiB available`, `1,204 of 196,608 available`.
    pub(super) fn text(&self) -> String {
        let amount = |value: f64| if self.bytes { show_bytes(value) } else { format!("{value:.0}") };
        if self.capacity > 0.0 {
            format!("{} of {} available", amount(self.available), amount(self.capacity))
        } else {
            format!("{} available", amount(self.available))
        }
    }
}

/// Directories of images and containers; the first that a mount holds decides.
const IMAGE_DIRECTORIES: [&str; 5] =
    ["/var/lib/containerd", "/var/lib/docker", "/var/lib/containers", "/var/lib/rancher", "/run/k3s"];
const KUBELET_DIRECTORY: &str = "/var/lib/kubelet";

/// Does a signal count bytes, not inodes or process ids?
pub(super) fn is_of_bytes(signal: &str) -> bool {
    signal.ends_with(".available") && !signal.starts_with("pid")
}

/// The figure of a signal, of the earliest snapshot that counts.
pub(super) fn figure<'f>(
    facts: &'f [Placed<'f>],
    signal: &str,
    counts: impl Fn(&Placed<'f>) -> bool,
) -> Option<Figure<'f>> {
    let bytes = is_of_bytes(signal);
    let earliest =
        |found: Vec<Figure<'f>>| found.into_iter().min_by_key(|figure| (figure.placed.taken, figure.placed.path));
    let of_kubelet = facts.iter().filter(|placed| counts(placed)).filter_map(|placed| match placed.what {
        What::Signal { signal: known, available, capacity, .. } if known == signal => {
            Some(Figure { placed, available: *available, capacity: capacity.unwrap_or(0.0), bytes, exact: true })
        }
        _ => None,
    });
    if let Some(found) = earliest(of_kubelet.collect()) {
        return Some(found);
    }
    if signal.contains("fs.") {
        let placed = filesystem(facts, signal, counts)?;
        let What::Filesystem { size, available, .. } = placed.what else { return None };
        return Some(Figure { placed, available: *available, capacity: *size, bytes, exact: true });
    }
    let of_machine = facts.iter().filter(|placed| signal == "memory.available" && counts(placed));
    let of_machine = of_machine.filter_map(|placed| match placed.what {
        What::Memory { total, available: Some(available), .. } => {
            Some(Figure { placed, available: *available, capacity: *total, bytes, exact: false })
        }
        _ => None,
    });
    earliest(of_machine.collect())
}

/// The row of `df` that a signal is about, of the earliest snapshot that counts.
pub(super) fn filesystem<'f>(
    facts: &'f [Placed<'f>],
    signal: &str,
    counts: impl Fn(&Placed<'f>) -> bool,
) -> Option<&'f Placed<'f>> {
    let wants_inodes = signal.ends_with("inodesFree");
    let is_row = |placed: &&Placed<'f>| {
        matches!(placed.what, What::Filesystem { inodes, .. } if *inodes == wants_inodes) && counts(placed)
    };
    let rows = || facts.iter().filter(is_row);
    let earliest = rows().min_by_key(|placed| (placed.taken.unwrap_or(i64::MAX), placed.path))?;
    let rows: Vec<&Placed<'f>> = rows().filter(|placed| placed.path == earliest.path).collect();
    let holding = |directory: &str| {
        let holds = |placed: &&&Placed<'f>| mount_of(placed.what).is_some_and(|mount| is_under(directory, mount));
        rows.iter().filter(holds).max_by_key(|placed| mount_of(placed.what).map_or(0, str::len)).copied()
    };
    let setting = |wanted: &str| {
        facts.iter().find_map(|placed| match placed.what {
            What::Setting { name, value } if name == wanted => Some(value.as_str()),
            _ => None,
        })
    };
    if signal.starts_with("nodefs") {
        return holding(setting("rootDirectory").unwrap_or(KUBELET_DIRECTORY));
    }
    // Where the runtime says where its images are, that decides.
    let store = facts.iter().find_map(|placed| match placed.what {
        What::ImageStore { mount, .. } => Some(mount.as_str()),
        _ => None,
    });
    if let Some(directory) = store.or_else(|| setting("Docker Root Dir")) {
        return holding(directory);
    }
    // A mount of its own for images decides; else the one that holds the directory.
    let own = rows.iter().find(|placed| {
        mount_of(placed.what).is_some_and(|mount| {
            IMAGE_DIRECTORIES.iter().any(|directory| mount.starts_with(directory))
                && !mount.contains("/rootfs")
                && !mount.contains("/overlay")
        })
    });
    own.copied().or_else(|| holding(IMAGE_DIRECTORIES[0]))
}

fn mount_of(what: &What) -> Option<&str> {
    match what {
        What::Filesystem { mount, .. } => Some(mount),
        _ => None,
    }
}

/// Is a directory on a filesystem mounted there?
fn is_under(directory: &str, mount: &str) -> bool {
    mount == "/" || directory == mount || directory.strip_prefix(mount).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(mount: &str) -> What {
        What::Filesystem {
            mount: mount.into(),
            device: "d".into(),
            size: 100.0,
            used: 40.0,
            available: 60.0,
            percent: Some(40.0),
            inodes: false,
        }
    }

    fn placed(what: &What) -> Placed<'_> {
        Placed { path: "df", line: 1, taken: None, what }
    }

    #[test]
    fn mounts_by_their_longest_prefix() {
        let cases: &[(&[&str], &str, &str)] = &[
            (&["/", "/var", "/var/lib/kubelet"], "/var", "/var/lib/kubelet"),
            (&["/", "/var/lib"], "/var/lib", "/var/lib"),
            (&["/", "/var/library"], "/", "/"),
            (&["/", "/var/lib/containerd"], "/var/lib/containerd", "/"),
            (&["/", "/var/lib/docker"], "/var/lib/docker", "/"),
            (&["/", "/var/lib/docker/overlay2/a/merged"], "/", "/"),
        ];
        for (mounts, images, kubelet) in cases {
            let rows: Vec<What> = mounts.iter().map(|mount| row(mount)).collect();
            let facts: Vec<Placed<'_>> = rows.iter().map(placed).collect();
            let of = |signal| filesystem(&facts, signal, |_| true).and_then(|placed| mount_of(placed.what));
            assert_eq!(
                (of("imagefs.available"), of("nodefs.available")),
                (Some(*images), Some(*kubelet)),
                "{mounts:?}"
            );
        }
    }

    #[test]
    fn the_runtime_knows_where_its_images_are() {
        let rows =
            [row("/"), row("/data"), What::ImageStore { mount: "/data/containerd/x".into(), used: None, inodes: None }];
        let facts: Vec<Placed<'_>> = rows.iter().map(placed).collect();
        let found = filesystem(&facts, "imagefs.available", |_| true);
        assert_eq!(found.and_then(|placed| mount_of(placed.what)), Some("/data"));
    }

    #[test]
    fn figures_of_memory() {
        let free = What::Memory { total: 8_589_934_592.0, available: Some(5_583_457_484.8), swap: None };
        let stats =
            What::Signal { node: String::new(), signal: "memory.available".into(), available: 1024.0, capacity: None };
        let text = |facts: &[Placed<'_>]| figure(facts, "memory.available", |_| true).map(|figure| figure.text());
        assert_eq!(text(&[placed(&free)]).as_deref(), Some("5.2 GiB of 8 GiB available"));
        assert_eq!(text(&[placed(&free), placed(&stats)]).as_deref(), Some("1 KiB available"));
        assert_eq!(text(&[]), None);
    }
}
