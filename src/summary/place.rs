//! What the path of a file tells: which node it is of, what it is, which container wrote it. Known only when all paths are, so it
//! is added to a summary that is complete.

/// What a path tells, as far as it does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The node that it is of.
    pub node: Option<String>,
    /// What it is: a role of the table of bundles.
    pub role: Option<String>,
    /// The pod that wrote it.
    pub pod: Option<PodLog>,
}

impl Place {
    /// Does it tell anything?
    pub fn is_empty(&self) -> bool {
        self == &Place::default()
    }
}

/// Whose log a file is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodLog {
    /// `namespace/name`.
    pub pod: String,
    /// The container; empty where the log is of all of them.
    pub container: String,
    /// How often the container had been started before, where the name tells.
    pub restart: Option<u32>,
}
