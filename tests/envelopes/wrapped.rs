//! Messages inside the forms of containers, distributions and supervisors.

use std::fs;

use nodecause::envelope::sniff;
use serde_json::Value;

use crate::expected::{field, is_klog, is_message, is_time, joined};
use crate::reading::read;
use crate::{rows, samples};

/// The wrapped samples that are lines, and how their expected rows tell speakers apart.
const WRAPPED: [&str; 14] = [
    "bare-klog.log",
    "cri-zone.log",
    "cri-interleaved.log",
    "docker-json.log",
    "kubectl-logs-timestamps.log",
    "kubectl-logs-prefix.log",
    "kubectl-logs-prefix-timestamps.log",
    "k0s-journal.log",
    "k3s-journal.log",
    "microk8s-kubelite-journal.log",
    "talos-dmesg.log",
    "openshift-masters-kubelet_service.log",
    "windows-kubelet.err.log",
    "var/log/pods/kube-system_kube-proxy-x7x2z_8f6f3a10-0000-4000-8000-000000000001/kube-proxy/0.log",
];

#[test]
fn wrapped() {
    let Some(samples) = samples() else { return };
    for file in WRAPPED {
        let source = fs::read(samples.join("wrapped").join(file)).unwrap();
        let layout = sniff(&source).unwrap_or_else(|| panic!("{file} is not known"));
        let expected = samples.join("wrapped").join(file.replace(".log", ".expected.jsonl"));
        let mut rows = rows(&expected);
        for row in &mut rows {
            if row.get("inner").is_some_and(Value::is_string) {
                row["message"] = row["inner"].clone();
                row["ident"] = row["component"].clone();
            }
        }
        let wanted = joined(rows, &["host", "ident", "pid", "stream", "pod", "container"]);
        let seen = read(layout, &source);
        for (seen, (row, said)) in seen.iter().zip(&wanted) {
            let place = format!("{file}: {row}\n{seen:?}");
            assert!(is_message(&seen.message, said.as_ref().unwrap()), "{place}");
            if let Some(micros) = row.get("ts_us").and_then(Value::as_i64) {
                let stamp = seen.stamp.or(seen.inner);
                let precision =
                    if ["k0s", "k3s", "microk8s"].iter().any(|name| file.starts_with(name)) { 1_000_000 } else { 1 };
                assert!(is_time(stamp, micros, precision, 0), "{place}");
            }
            assert_eq!(seen.host, field(row, "host"), "{place}");
            if row.get("ident").is_some() {
                assert_eq!(seen.ident, field(row, "ident"), "{place}");
                assert_eq!(seen.pid, field(row, "pid").parse().unwrap_or(0), "{place}");
            }
            if row.get("container").is_some() {
                assert_eq!(seen.ident, field(row, "container"), "{place}");
            }
            if is_klog(&seen.message) {
                assert!(seen.process > 0 && seen.file.ends_with(".go") && seen.inner.is_some(), "{place}");
            }
        }
        assert_eq!(seen.len(), wanted.len(), "{file}");
    }
}
