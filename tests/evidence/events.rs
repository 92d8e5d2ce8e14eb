//! Events in one form, whatever wrote them: what readers of events as a log build on.

use nodecause::evidence::{kube_event, kube_events, EventTable, KubeEvent, MOST_FACTS};

use super::of;

/// `kind namespace/name reason severity component@host xcount time..last: message`, times in seconds.
fn show(event: &KubeEvent) -> String {
    let time = |at: Option<i64>| at.map_or("-".to_owned(), |at| (at / 1_000_000).to_string());
    let KubeEvent { kind, namespace, name, reason, message, severity, component, host, count, .. } = event;
    let (first, last) = (time(event.time), time(event.last));
    format!("{kind} {namespace}/{name} {reason} {severity} {component}@{host} x{count} {first}..{last}: {message}")
}

pub(super) fn events(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    kube_events(text.as_bytes(), &mut |event| all.push(show(&event)));
    all
}

const CORE: &str = r#"{"kind":"Event","apiVersion":"v1","type":"Warning","involvedObject":{"kind":"Pod","namespace":"shop","name":"web-1"},"reason":"BackOff","message":"Back-off restarting","source":{"component":"kubelet","host":"node-a"},"firstTimestamp":"2024-01-01T00:05:00Z","lastTimestamp":"2024-01-01T00:06:00Z","count":3,"eventTime":null,"reportingComponent":"","reportingInstance":""}"#;
const NEW: &str = r#"{"kind":"Event","apiVersion":"events.k8s.io/v1","type":"Normal","regarding":{"kind":"Node","name":"node-a"},"reason":"Starting","note":"Starting","eventTime":"2024-01-01T00:05:00.5Z","reportingController":"kubelet","reportingInstance":"node-a","deprecatedFirstTimestamp":null,"deprecatedSource":{}}"#;

#[test]
fn both_groups_in_every_form() {
    let expected = [
        "Pod shop/web-1 BackOff Warning kubelet@node-a x3 1704067500..1704067560: Back-off restarting",
        "Node /node-a Starting Normal kubelet@node-a x1 1704067500..1704067500: Starting",
    ];
    assert_eq!(events(&format!("{CORE}\n{NEW}\n")), expected);
    assert_eq!(events(&format!("{{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[{CORE},{NEW}]}}")), expected);
    // JSON is YAML, block style or not.
    assert_eq!(events(&format!("apiVersion: v1\nkind: List\nitems:\n- {CORE}\n- {NEW}\n")), expected);
    assert_eq!([CORE, NEW].map(|one| kube_event(one).map(|event| show(&event)).unwrap_or_default()), expected);
    for other in [
        "",
        "[]",
        "{}",
        "I0101 a log",
        "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\"}",
        "{\"kind\":\"Node\"}",
    ] {
        assert_eq!(kube_event(other), None, "{other}");
    }
}

#[test]
fn a_table_is_evidence_too() {
    let table = "\
LAST SEEN   TYPE      REASON                 OBJECT        MESSAGE
5m          Warning   EvictionThresholdMet   node/node-a   Attempting to reclaim memory
2m          Warning   Evicted                pod/web-1     The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi.
1m          Normal    Pulled                 pod/web-2     Pulled
";
    let expected = [
        "2 node-a EvictionThresholdMet (Attempting to reclaim memory) - x1",
        "3 evicted web-1 memory 94371840<104857600 (90Mi) - ",
    ];
    assert_eq!(of("x", table), Some(("events", expected.map(str::to_owned).to_vec(), None)));
    let heading = EventTable::heading(table.lines().next().unwrap_or_default()).expect("a heading");
    let ages: Vec<Option<u64>> =
        table.lines().skip(1).map(|line| heading.row(line).and_then(|event| event.age)).collect();
    assert_eq!(ages, [Some(300), Some(120), Some(60)]);
}

/// A list of tens of megabytes costs what is kept of it, and time in proportion.
#[test]
fn a_large_list_is_gone_through_event_by_event() {
    const MANY: usize = MOST_FACTS / 5;
    let padding = "x".repeat(400);
    let one = CORE.replace("\"count\":3", &format!("\"count\":3,\"padding\":\"{padding}\""));
    let text = format!("{{\"kind\":\"EventList\",\"apiVersion\":\"v1\",\"items\":[{}]}}", vec![one; MANY].join(",\n"));
    let mut count = 0;
    assert!(kube_events(text.as_bytes(), &mut |event| count += event.count));
    assert_eq!(count, 3 * MANY as u64);
    let evidence = nodecause::evidence::read("x", text.as_bytes()).expect("events");
    assert_eq!((evidence.facts.len(), evidence.latest), (0, Some(1_704_067_560_000_000)));
}
