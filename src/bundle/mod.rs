//! What a tree of files is and what each file in it is, from paths alone: the kinds of bundles are data (`patterns/bundles.toml`).
//!
//! Apart from reading, because members of archives become known only while these are read: this is asked when all paths are
//! known. Nothing here depends on the order of paths.

mod nodes;
mod pods;
mod roots;

pub use nodes::{in_common, nodes, Known};
pub use pods::written_by;
pub use roots::{find, Found};

use crate::base::glob::{self, Captured};
use crate::catalogue::bundles::Bundle;
use crate::summary::PodLog;

/// Ends of names that a packer adds.
const PACKED: [&str; 6] = [".gz", ".xz", ".zst", ".bz2", ".lz4", ".zip"];

/// What a kind of bundle says of one of its files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said<'b> {
    /// Why it is no log of a node.
    pub left_out: Option<&'b str>,
    /// What it is.
    pub role: Option<&'b str>,
    /// What `{node}`, `{pod}` and the other captures stand for.
    pub captured: Captured<'b>,
}

/// What a kind says of a file; `path` is relative to the root of the bundle. A packed file is what it is without its packing.
pub fn said<'b>(bundle: &'b Bundle, path: &'b str) -> Said<'b> {
    let fits = |wanted: &str| with_and_without_packing(path).find_map(|path| glob::fits(wanted, path));
    if let Some(left) = bundle.skip.iter().find(|left| fits(&left.glob).is_some()) {
        return Said { left_out: Some(&left.why), ..Said::default() };
    }
    let role = bundle.roles.iter().find_map(|role| fits(&role.glob).map(|captured| (role.role.as_str(), captured)));
    role.map_or_else(Said::default, |(role, captured)| Said { left_out: None, role: Some(role), captured })
}

/// The container that wrote a file, as far as its place in a bundle or else its path tells.
pub fn pod_log(said: &Said<'_>, path: &str) -> Option<PodLog> {
    let captured = &said.captured;
    let by_table = captured.namespace().zip(captured.pod()).map(|(namespace, pod)| PodLog {
        pod: format!("{namespace}/{pod}"),
        container: captured.container().unwrap_or_default().to_string(),
        restart: None,
    });
    by_table.or_else(|| pods::written_by(path))
}

fn with_and_without_packing(path: &str) -> impl Iterator<Item = &str> {
    let bare = PACKED.iter().find_map(|end| path.strip_suffix(end));
    std::iter::once(path).chain(bare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::load::built_in;

    #[test]
    fn the_first_role_that_fits_counts() {
        let bundles = built_in().bundles;
        let of = |id: &str| bundles.iter().find(|bundle| bundle.id == id).expect("it is built in");
        for (kind, path, role, node) in [
            ("sosreport", "sos_commands/kubernetes/journalctl_--no-pager_--unit_kubelet", "kubelet-log", None),
            ("support-bundle-kit", "nodes/a.zip!/a/logs/kubelet.log", "kubelet-log", Some("a")),
            ("support-bundle-kit", "logs/ns/pod/c.log.1", "previous-container-log", None),
            (
                "rancher-logs-collector",
                "n-1-2024-01-01_00_10_00/rke2/agent-logs/kubelet.log.gz",
                "kubelet-log",
                Some("n-1"),
            ),
            ("eks-log-collector", "var_log/kube-system_aws-node-x_1/aws-node/0.log", "container-log", None),
            ("kind-export-logs", "w/pods/kube-system_etcd-w_1/etcd/0.log", "etcd-log", Some("w")),
        ] {
            let said = said(of(kind), path);
            assert_eq!((said.role, said.captured.node()), (Some(role), node), "{kind} {path}");
        }
        for (kind, path, pod, container) in [
            ("support-bundle-kit", "logs/ns/web-1/app.log", "ns/web-1", "app"),
            ("longhorn-support-bundle", "logs/ns/web-1/app.log.1", "ns/web-1", "app"),
            ("cluster-info-dump", "ns/web-1/logs.txt", "ns/web-1", ""),
            ("replicated-troubleshoot", "cluster-resources/pods/logs/ns/web-1/app-previous.log", "ns/web-1", "app"),
            ("openshift-must-gather", "namespaces/ns/pods/web-1/app/app/logs/current.log", "ns/web-1", "app"),
            ("sonobuoy", "podlogs/ns/web-1/logs/app.txt", "ns/web-1", "app"),
            ("velero-debug", "velero-bundle/kubecapture/core_v1/ns/web-1/app/app.log", "ns/web-1", "app"),
            ("crash-diagnostics", "a/kubecapture/core_v1/ns/pods/web-1/app/app.log", "ns/web-1", "app"),
            ("rancher-logs-collector", "n-2024/rke2/podlogs/ns/web-1/app.log", "ns/web-1", "app"),
            (
                "eks-log-collector",
                "var_log/kube-system_aws-node-x_1/aws-node/0.log",
                "kube-system/aws-node-x",
                "aws-node",
            ),
        ] {
            let found = pod_log(&said(of(kind), path), path);
            let found = found.as_ref().map(|found| (found.pod.as_str(), found.container.as_str()));
            assert_eq!(found, Some((pod, container)), "{kind} {path}");
        }
        assert!(said(of("waagent-logs"), "truncated_var_log_syslog").left_out.is_some());
    }
}
