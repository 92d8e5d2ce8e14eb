//! Who speaks in a file, guessed from its path: what a collector or the kubelet called it. Apart from the names themselves
//! (`components.toml`), because this knows how names of files are built, and no component.

/// Ends of names that tell the form of a file, not its subject.
const ENDS: [&str; 16] = [
    ".gz",
    ".xz",
    ".zst",
    ".bz2",
    ".lz4",
    ".log",
    ".txt",
    ".csv",
    "-log",
    "_log",
    "_logs",
    "-service",
    "_service",
    "-previous",
    "-exited",
    ".current",
];

/// Names that any log may have: then the directory tells.
const GENERIC: [&str; 7] = ["journal", "current", "previous", "logs", "log", "stdout", "stderr"];

/// Names that may be those of a component, the likeliest first.
pub(super) fn names(path: &str) -> Vec<&str> {
    let mut parts = path.rsplit(['/', '\\']).map(|part| part.trim_end_matches('!')).filter(|part| !part.is_empty());
    let file = parts.next().unwrap_or(path);
    let mut names = Vec::new();
    if let Some(container) = container(file) {
        names.push(container);
    }
    of_name(file, &mut names);
    let stem = file.split('.').next().unwrap_or(file);
    let is_restart = !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit());
    if is_restart || GENERIC.contains(&stem) {
        // must-gather has `<container>/<container>/logs/current.log`.
        let directory = parts.find(|part| !GENERIC.contains(part));
        names.extend(directory);
    }
    names
}

/// The container in a name that holds the pod too.
fn container(file: &str) -> Option<&str> {
    if let Some((_, pod)) = file.split_once("var_log_pods_") {
        return pod.rsplit('_').nth(1);
    }
    let parts: Vec<&str> = file.split('_').collect();
    let [_, _, container] = parts[..] else { return None };
    without_id(container.strip_suffix(".log")?)
}

fn of_name<'p>(file: &'p str, names: &mut Vec<&'p str>) {
    let mut bare = file;
    while let Some(shorter) = ENDS.iter().find_map(|end| bare.strip_suffix(end)) {
        bare = shorter;
    }
    names.push(bare);
    // `kubelet.log.1`, `etcd.log-20240101`
    let stem = file.split('.').next().unwrap_or(file);
    names.push(stem);
    names.extend(without_id(bare));
    names.extend(without_date(bare));
    if bare.contains("journalctl") {
        // The command with its last word: `journalctl_--no-pager_--unit_kubelet`, `journalctl-k0s`.
        names.extend(bare.rsplit('_').next());
        names.extend(bare.rsplit(['_', '-']).next());
    }
}

/// A name without the time behind it: `kubelet-2024-01-01T00-03-10.000`.
fn without_date(name: &str) -> Option<&str> {
    let at = name.find("-20")?;
    let rest = &name[at + 1..];
    (rest.len() >= 8 && rest.bytes().all(|byte| byte.is_ascii_digit() || b"-_.:TZ".contains(&byte)))
        .then(|| &name[..at])
}

/// A name without the id behind it: `etcd-4f1c09d2e8a7`.
fn without_id(name: &str) -> Option<&str> {
    let (name, id) = name.rsplit_once('-')?;
    (id.len() >= 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::load::built_in;

    #[test]
    fn layouts_tell_who_speaks() {
        let catalogue = built_in();
        let who = |path: &str| {
            let id = names(path).into_iter().find_map(|name| catalogue.component(name))?;
            Some(catalogue.components[usize::from(id)].id.clone())
        };
        for (path, expected) in [
            ("kubelet.log", "kubelet"),
            ("n/kubelet.log.gz", "kubelet"),
            ("n/kubelet.log.1", "kubelet"),
            ("n/rke2/agent-logs/kubelet-2024-01-01T00-03-10.000.log.gz", "kubelet"),
            ("n/rke2/agent-logs/kubelet.log", "kubelet"),
            ("journald/k3s-agent", "k3s"),
            ("i/snap.microk8s.daemon-kubelite/journal.log", "k3s"),
            ("i/k8s.kubelet/journal.log", "kubelet"),
            ("sos_commands/kubernetes/journalctl_--no-pager_--unit_kubelet", "kubelet"),
            ("node_a/sudo_journalctl__xeu_kubelet.txt", "kubelet"),
            ("host-collectors/run-host/journalctl-k0s.txt", "k3s"),
            ("host_service_logs/masters/kubelet_service.log", "kubelet"),
            ("host_service_logs/masters/crio_service.log", "crio"),
            ("containerd/containerd-log.txt", "containerd"),
            ("system/kubelet/kubelet-service.csv", "kubelet"),
            ("root/kubelet_logs", "kubelet"),
            ("pods/kube-system_etcd-n_1/etcd/0.log.20240101-000310.gz", "etcd"),
            ("n/var_log_pods_kube-system_etcd-n_0f1e_etcd_0.log", "etcd"),
            ("containers/etcd-n_kube-system_etcd-0123456789abcdef.log", "etcd"),
            ("namespaces/o/pods/kube-apiserver-n/kube-apiserver/kube-apiserver/logs/current.log", "kube-apiserver"),
            ("control-plane/192.0.2.1/containers/etcd-4f1c09d2e8a7.log", "etcd"),
            ("logs.tar.gz!/n/kubelet.log", "kubelet"),
            ("node-a/journal.log", ""),
            ("podlogs/default/app-0/logs/app.txt", ""),
            ("openshift-etcd-operator/etcd-operator-7d9c/etcd-operator.log", ""),
        ] {
            assert_eq!(who(path).unwrap_or_default(), expected, "{path}");
        }
    }
}
