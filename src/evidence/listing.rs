//! Tables of nodes, pods and containers: `kubectl get nodes`, `kubectl get pods`, `crictl ps -a`. They show a moment, which they
//! do not name.

use super::eviction::pod_name;
use super::found::Found;
use super::table::{limited, Columns, Row};
use super::{Evidence, What};

/// Lines before the heading at most: a prompt, warnings of the client.
const BEFORE_HEADING: usize = 8;

/// What a table lists.
#[derive(Clone, Copy, PartialEq)]
enum Listed {
    Nodes,
    Pods,
    Containers,
}

impl Listed {
    fn of(columns: &Columns) -> Option<Listed> {
        let has = |names: &[&str]| names.iter().all(|name| columns.has(name));
        if has(&["NAME", "STATUS", "ROLES", "VERSION"]) {
            Some(Listed::Nodes)
        } else if has(&["NAME", "READY", "STATUS", "RESTARTS"]) {
            Some(Listed::Pods)
        } else if has(&["CONTAINER", "IMAGE", "STATE", "NAME", "ATTEMPT"]) {
            Some(Listed::Containers)
        } else {
            None
        }
    }

    fn name(self) -> &'static str {
        match self {
            Listed::Nodes => "node",
            Listed::Pods => "pods",
            Listed::Containers => "containers",
        }
    }

    fn fact(self, row: &Row<'_, '_>) -> Option<What> {
        match self {
            Listed::Nodes => node(row),
            Listed::Pods => pod(row),
            Listed::Containers => container(row),
        }
    }
}

/// Whether a file begins with such a heading, behind warnings of the client that look like a log. Asked before a file is taken for
/// a log.
pub(super) fn begins(head: &[u8]) -> bool {
    let is_warning = |line: &str| line.starts_with("WARN[") || line.starts_with("time=") || line.starts_with("W0");
    let lines = head.split(|&byte| byte == b'\n').take(BEFORE_HEADING).map(String::from_utf8_lossy);
    let mut lines = lines.skip_while(|line| is_warning(line) || line.trim().is_empty());
    // A line of a log begins with other letters: it is not worth being taken apart.
    let heading = lines.next().filter(|line| line.bytes().take(2).all(|byte| byte.is_ascii_uppercase()));
    heading.and_then(|line| Columns::of(&line)).and_then(|columns| Listed::of(&columns)).is_some()
}

/// Reads such a table; `None` for all else.
pub(super) fn read(bytes: &[u8]) -> Option<Evidence> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Found::default();
    let mut table: Option<(Columns, Listed)> = None;
    let mut offset = 0;
    for (count, line) in text.split_inclusive('\n').enumerate() {
        let start = offset;
        offset += line.len();
        let line = line.trim_end();
        let heading = line.starts_with(|c: char| c.is_ascii_uppercase()).then(|| Columns::of(line)).flatten();
        if let Some((columns, listed)) =
            heading.and_then(|columns| Listed::of(&columns).map(|listed| (columns, listed)))
        {
            table = Some((columns, listed));
        } else if let Some((columns, listed)) = &table {
            let row = columns.row(line);
            if *listed == Listed::Pods {
                found.runs(&pod_of(&row), &row.text("NODE"));
            }
            if let Some(what) = listed.fact(&row) {
                found.say(start, what);
            }
        } else if count >= BEFORE_HEADING {
            return None;
        }
    }
    let (_, listed) = table?;
    Some(found.evidence(listed.name(), bytes, 0))
}

fn node(row: &Row<'_, '_>) -> Option<What> {
    let (node, status) = (row.text("NAME"), row.text("STATUS"));
    let known = status.split(',').any(|state| matches!(state, "Ready" | "NotReady" | "Unknown"));
    known.then(|| What::NodeStatus { node, status, version: row.text("VERSION") })
}

fn pod_of(row: &Row<'_, '_>) -> String {
    pod_name(row.text("NAMESPACE"), row.text("NAME"))
}

/// A pod that is not simply running or done.
fn pod(row: &Row<'_, '_>) -> Option<What> {
    let status = row.text("STATUS");
    let count = row.cell("RESTARTS").split(' ').next().unwrap_or_default();
    let restarts = count.parse().ok()?;
    let unremarkable = matches!(status.as_str(), "Running" | "Completed" | "Succeeded") && restarts == 0;
    let pod = pod_of(row);
    (!unremarkable && !status.is_empty()).then(|| What::PodStatus {
        pod,
        status,
        message: String::new(),
        restarts,
        node: row.text("NODE"),
    })
}

/// A container that does not run.
fn container(row: &Row<'_, '_>) -> Option<What> {
    let state = row.cell("STATE");
    (matches!(state, "Exited" | "Created" | "Unknown")).then(|| What::Container {
        pod: pod_name(row.text("NAMESPACE"), row.text("POD")),
        container: row.text("NAME"),
        state: limited(&state.to_lowercase()),
        reason: String::new(),
        exit: None,
        restarts: row.cell("ATTEMPT").parse().unwrap_or(0),
        ended: None,
        node: String::new(),
    })
}
