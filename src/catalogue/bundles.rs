//! Kinds of support bundles as an author writes them (`[[bundle]]`): how a kind is told from its paths, and what its files are.
//! Apart from the other tables because nothing of it is compiled: a run uses what the author wrote.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One kind of bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Unique name in kebab-case.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// What is odd about it, for who reads the list of kinds.
    #[serde(default)]
    pub note: String,
    /// Globs, relative to its root: each must fit some path.
    #[serde(default)]
    pub markers: Vec<String>,
    /// Globs of which one must fit some path; empty: none needs to.
    #[serde(default)]
    pub any: Vec<String>,
    /// Regex that the beginning of a single file must match: the kind is one file.
    #[serde(default)]
    pub content: Option<String>,
    /// Names that its archives mostly have: never a test.
    #[serde(default)]
    pub archives: Vec<String>,
    /// Globs of files that hold nothing but the name of their node.
    #[serde(default)]
    pub hostname: Vec<String>,
    /// What `{node}` stands for is an address or another name of the node: where lines name a host, that counts.
    #[serde(default)]
    pub alias: bool,
    /// Tried last, when nothing in the whole tree is of another kind.
    #[serde(default)]
    pub fallback: bool,
    /// Files that are no logs of a node, however much they look like some.
    #[serde(default)]
    pub skip: Vec<Left>,
    /// Sections of a file (`==> name <==`) that are no logs of a node, and why: left out where there are others.
    #[serde(default)]
    pub sections_left_out: BTreeMap<String, String>,
    /// What its files are: of each, the first that fits.
    pub roles: Vec<FileRole>,
    /// Where this is known from.
    #[serde(default)]
    pub references: Vec<String>,
}

/// Files that are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// Which.
    pub glob: String,
    /// Why.
    pub why: String,
}

/// What the files of a glob are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRole {
    /// Which files; `{node}` captures the name of the node.
    pub glob: String,
    /// One of [`ROLES`].
    pub role: String,
}

/// What a file of a bundle may be.
pub const ROLES: &[&str] = &[
    "kubelet-log",
    "journal",
    "kernel-log",
    "runtime-log",
    "etcd-log",
    "apiserver-log",
    "container-log",
    "previous-container-log",
    "console-log",
    "build-log",
    "nodes",
    "events",
    "pods",
    "kubelet-config",
    "df",
    "memory",
    "psi",
    "crictl",
    "ctr",
    "docker-info",
    "systemctl-status",
    "host-info",
    "supportconfig",
    "talos-resource",
];
