//! Events in tables: `kubectl get events` (default, wide, all namespaces, and its form before 1.14), `kubectl events`, and the
//! `Events:` of a description. Apart because a table tells ages, from a moment that it does not name.

use super::events::{self, KubeEvent};
use super::found::Found;
use super::table::{age, limited, Columns, Row};
use super::time::rfc3339;
use super::{objects, Evidence};

/// The heading of a table of events.
#[derive(Debug, Clone, PartialEq)]
pub struct EventTable(Columns);

/// Lines before the heading at most: a prompt, a warning of the client.
const BEFORE_HEADING: usize = 8;

impl EventTable {
    /// A line that is such a heading.
    pub fn heading(line: &str) -> Option<EventTable> {
        // Cheap tests first: most lines are no headings.
        let is_one = ["REASON", "Reason"].iter().any(|word| line.contains(word))
            && ["MESSAGE", "Message"].iter().any(|word| line.contains(word));
        let columns = Columns::of(is_one.then_some(line)?)?;
        let aged = columns.has("LASTSEEN") || columns.has("AGE");
        let known = columns.names().all(|name| NAMES.contains(&name));
        (aged && known && columns.has("TYPE") && columns.has("REASON") && columns.has("MESSAGE"))
            .then_some(EventTable(columns))
    }

    /// A row below the heading; `None` for a line that is none (the rule below a heading, a message's further lines).
    pub fn row(&self, line: &str) -> Option<KubeEvent> {
        let row = self.0.row(line);
        let reason = row.cell("REASON");
        let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_word(reason) || !matches!(row.cell("TYPE"), "Normal" | "Warning" | "") {
            return None;
        }
        let seen = Seen::of(&row)?;
        let (kind, name) = object(&row);
        let source = if self.0.has("SOURCE") { row.cell("SOURCE") } else { row.cell("FROM") };
        let (component, host) = source.split_once(',').unwrap_or((source, ""));
        let count = row.cell("COUNT").parse().ok().or(seen.count).unwrap_or(1).max(1);
        Some(KubeEvent {
            offset: 0,
            time: seen.time,
            last: seen.time,
            age: seen.age,
            first_age: seen.first_age,
            count,
            kind,
            namespace: row.text("NAMESPACE"),
            name,
            reason: limited(reason),
            message: row.text("MESSAGE"),
            severity: row.text("TYPE"),
            component: limited(component.trim()),
            host: limited(host.trim()),
        })
    }
}

/// A table line by line, whose heading comes among the lines.
#[derive(Default)]
pub(super) struct Events(Option<EventTable>);

impl Events {
    /// The event of a line below a heading; a further heading begins another table. Rows of a description that were copied
    /// without their heading are known by themselves.
    pub(super) fn row(&mut self, line: &str) -> Option<KubeEvent> {
        if let Some(heading) = EventTable::heading(line) {
            self.0 = Some(heading);
            return None;
        }
        if self.0.is_none() && is_bare_row(line) {
            self.0 = EventTable::heading(OF_DESCRIPTIONS);
        }
        self.0.as_ref()?.row(line)
    }

    /// Whether a heading has come.
    fn has_begun(&self) -> bool {
        self.0.is_some()
    }
}

/// The heading of the events of a description, as narrow as it can be: no row stands below it in place, so that cells are parted
/// by the blanks between them.
const OF_DESCRIPTIONS: &str = "Type  Reason  Age  From  Message";

/// Whether a line is a row of such a table: type, reason, age and source, each parted from the next by two blanks or more.
fn is_bare_row(line: &str) -> bool {
    let mut cells = line.trim().split("  ").map(str::trim).filter(|cell| !cell.is_empty());
    let mut next = || cells.next().unwrap_or_default();
    let is_word = |text: &str| text.len() > 3 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    matches!(next(), "Normal" | "Warning")
        && is_word(next())
        && age(next().split(' ').next().unwrap_or_default()).is_some()
        && !next().is_empty()
        && !next().is_empty()
}

/// All names of columns, in whatever form of the table.
const NAMES: [&str; 14] = [
    "AGE",
    "COUNT",
    "FIRSTSEEN",
    "FROM",
    "KIND",
    "LASTSEEN",
    "MESSAGE",
    "NAME",
    "NAMESPACE",
    "OBJECT",
    "REASON",
    "SOURCE",
    "SUBOBJECT",
    "TYPE",
];

/// When a row was seen.
struct Seen {
    time: Option<i64>,
    age: Option<u64>,
    first_age: Option<u64>,
    count: Option<u64>,
}

impl Seen {
    /// From `5m`, `5m (x12 over 1h)`, `<unknown>`, or a full time, as some print it. `None` where the cell is nothing of these.
    fn of(row: &Row<'_, '_>) -> Option<Seen> {
        let cell = [row.cell("LASTSEEN"), row.cell("AGE")].into_iter().find(|cell| !cell.is_empty());
        let mut seen = Seen { time: None, age: None, first_age: age(row.cell("FIRSTSEEN")), count: None };
        let Some(cell) = cell else { return Some(seen) };
        let (last, more) = cell.split_once(' ').unwrap_or((cell, ""));
        seen.age = age(last);
        seen.time = rfc3339(last);
        if let Some((times, since)) = more.trim_matches(['(', ')']).split_once(" over ") {
            seen.count = times.trim_start_matches('x').parse().ok();
            seen.first_age = age(since);
        }
        (seen.age.is_some() || seen.time.is_some()).then_some(seen)
    }
}

/// Kind and name of the object: `pod/web-1`, or in columns of their own (there the name is the event's up to 1.13: the
/// object's, and behind a point a number in hexadecimal digits).
fn object(row: &Row<'_, '_>) -> (String, String) {
    if let Some((kind, name)) = row.cell("OBJECT").split_once('/') {
        return (proper(kind), limited(name));
    }
    let name = row.cell("NAME");
    let of_object =
        name.rsplit_once('.').filter(|(_, end)| end.len() >= 10 && end.bytes().all(|b| b.is_ascii_hexdigit()));
    let kind = row.cell("KIND");
    if kind.is_empty() {
        return (String::new(), String::new());
    }
    (proper(kind), limited(of_object.map_or(name, |(object, _)| object)))
}

/// Kinds that are not one word; `kubectl` writes them small.
const KINDS: [&str; 12] = [
    "CronJob",
    "CSINode",
    "DaemonSet",
    "EndpointSlice",
    "HorizontalPodAutoscaler",
    "NetworkPolicy",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "PodDisruptionBudget",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
];

/// A kind as objects name it: `Pod` for `pod`, `ReplicaSet` for `replicaset`.
fn proper(kind: &str) -> String {
    let kind = limited(kind.split('.').next().unwrap_or(kind));
    if let Some(known) = KINDS.iter().find(|known| known.eq_ignore_ascii_case(&kind)) {
        return (*known).to_owned();
    }
    let mut letters = kind.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Reads a file that is such a table; `None` for all else.
pub(super) fn read(bytes: &[u8]) -> Option<Evidence> {
    let mut found = Found::default();
    let is_one = each(objects::text_of_file(bytes), &mut |event| events::facts(event, &mut found));
    is_one.then(|| found.evidence("events", bytes, 0))
}

/// Calls `found` with each event of a file that is such a table. False where it is none.
pub(super) fn each(text: &str, found: &mut dyn FnMut(KubeEvent)) -> bool {
    let mut events = Events::default();
    let mut offset = 0;
    for (count, line) in text.split_inclusive('\n').enumerate() {
        let start = offset;
        offset += line.len();
        if let Some(event) = events.row(line.trim_end()) {
            found(KubeEvent { offset: start, ..event });
        } else if count >= BEFORE_HEADING && !events.has_begun() {
            return false;
        }
    }
    events.has_begun()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `kind namespace/name reason type age/first x count component@host: message`
    fn show(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        each(text, &mut |e| {
            let or_none = |age: Option<u64>| age.map_or("-".to_owned(), |age| age.to_string());
            all.push(format!(
                "{} {}/{} {} {} {}/{} x{} {}@{}: {}",
                e.kind,
                e.namespace,
                e.name,
                e.reason,
                e.severity,
                or_none(e.age),
                or_none(e.first_age),
                e.count,
                e.component,
                e.host,
                e.message
            ));
        });
        all
    }

    #[test]
    fn tables_of_all_forms() {
        let cases: &[(&str, &[&str])] = &[
            (
                "LAST SEEN   TYPE      REASON                 OBJECT                       MESSAGE
5m3s        Warning   FreeDiskSpaceFailed    node/node-a                  failed to garbage collect required amount of images
<unknown>   Normal    ScalingReplicaSet      replicaset/web               Scaled up
2m          Warning   Evicted                pod/web-1                    The node was low on resource: ephemeral-storage.
",
                &[
                    "Node /node-a FreeDiskSpaceFailed Warning 303/- x1 @: failed to garbage collect required amount of images",
                    "ReplicaSet /web ScalingReplicaSet Normal -/- x1 @: Scaled up",
                    "Pod /web-1 Evicted Warning 120/- x1 @: The node was low on resource: ephemeral-storage.",
                ],
            ),
            (
                "NAMESPACE   LAST SEEN             TYPE      REASON    OBJECT      MESSAGE
shop        5m (x12 over 1h)      Warning   BackOff   Pod/web-1   Back-off restarting failed container
",
                &["Pod shop/web-1 BackOff Warning 300/3600 x12 @: Back-off restarting failed container"],
            ),
            (
                "LAST SEEN   TYPE      REASON    OBJECT      SUBOBJECT                  SOURCE            MESSAGE       FIRST SEEN   COUNT   NAME
4m          Warning   BackOff   pod/web-1   spec.containers{web}       kubelet, node-a   Back-off it   1h           12      web-1.17a0b1c2d3e4f506
3m          Normal    Rebooted  node/a                                 kubelet, a        Node a was    3m           1       a.17a0b1c2d3e4f507
",
                &[
                    "Pod /web-1 BackOff Warning 240/3600 x12 kubelet@node-a: Back-off it",
                    "Node /a Rebooted Normal 180/180 x1 kubelet@a: Node a was",
                ],
            ),
            (
                "LAST SEEN   FIRST SEEN   COUNT     NAME                     KIND      SUBOBJECT   TYPE      REASON                  SOURCE            MESSAGE
1m          2h           17        node-a.155f1c1a5e1b5a1c   Node                  Warning   EvictionThresholdMet    kubelet, node-a   Attempting to reclaim memory
",
                &["Node /node-a EvictionThresholdMet Warning 60/7200 x17 kubelet@node-a: Attempting to reclaim memory"],
            ),
            (
                "  Type     Reason     Age                From             Message
  ----     ------     ----               ----             -------
  Normal   Starting   5m34s              kubelet          Starting kubelet.
  Warning  SystemOOM  12s (x3 over 5m)   kubelet, node-a  System OOM encountered
",
                &[" / Starting Normal 334/- x1 kubelet@: Starting kubelet.", " / SystemOOM Warning 12/300 x3 kubelet@node-a: System OOM encountered"],
            ),
            (
                "LAST SEEN              TYPE     REASON   OBJECT   MESSAGE\n2024-01-01T00:00:00Z   Normal   Pulled   pod/a    Pulled\n",
                &["Pod /a Pulled Normal -/- x1 @: Pulled"],
            ),
            (
                "Normal   Scheduled  18m                  default-scheduler  Successfully assigned shop/web-1 to node-a
  Warning  FailedMount  9m30s (x2 over 11m)  kubelet, node-a  Unable to attach or mount volumes
",
                &[" / Scheduled Normal 1080/- x1 default-scheduler@: Successfully assigned shop/web-1 to node-a", " / FailedMount Warning 570/660 x2 kubelet@node-a: Unable to attach or mount volumes"],
            ),
            ("Warning  this  is  no  row\nNormal operation  resumed  5m  ago\n", &[]),
            ("No resources found.\n", &[]),
            ("NAME   STATUS   ROLES\na      Ready    <none>\n", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(show(text), *expected, "{text}");
        }
    }

    #[test]
    fn a_log_that_quotes_a_heading_is_no_table() {
        let log = format!("{}LAST SEEN   TYPE   REASON   OBJECT   MESSAGE\n", "Jan 01 00:00:00 a b[1]: c\n".repeat(20));
        assert!(!each(&log, &mut |_| panic!("no event")));
        assert!(EventTable::heading("5m   Warning   Reason   x   Message").is_none());
    }
}
