//! The kubelet's own words for an eviction, which stand alike in events and in the status of pods.

use super::quantity::quantity;
use super::What;

/// What precedes the resource; since 1.4.
const LOW: &str = "The node was low on resource: ";

/// Whether a message is that of an eviction for want of a resource.
pub(super) fn is_low(message: &str) -> bool {
    message.contains(LOW)
}

/// An eviction from its message:
/// `The node was low on resource: ephemeral-storage. Threshold quantity: 281212Ki, available: 264172Ki. Container …`.
/// The figures are there from about 1.26 on.
pub(super) fn eviction(message: &str, pod: String, time: Option<i64>, node: String) -> What {
    let available_written = amount(message, ", available: ").unwrap_or_default();
    What::Eviction {
        pod,
        resource: resource(message).unwrap_or_default().to_owned(),
        threshold: amount(message, "Threshold quantity: ").and_then(quantity),
        available: quantity(available_written),
        available_written: available_written.to_owned(),
        time,
        node,
    }
}

/// The resource that was short. In brackets stand the conditions for which a pod was refused (`[DiskPressure]`).
fn resource(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(LOW)?;
    let end = rest.find(['.', ' ', ',']).unwrap_or(rest.len());
    let resource = &rest[..end];
    (!resource.starts_with('[')).then_some(resource)
}

/// The quantity behind a label, without the full stop or comma that ends it.
fn amount<'a>(message: &'a str, label: &str) -> Option<&'a str> {
    let (_, rest) = message.split_once(label)?;
    let written = rest.split_whitespace().next()?.trim_end_matches(['.', ',']);
    quantity(written).map(|_| written)
}

/// `namespace/name`, or the name alone where there is no namespace.
pub(super) fn pod_name(namespace: String, name: String) -> String {
    if namespace.is_empty() {
        name
    } else {
        format!("{namespace}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_evictions() {
        type Figure = Option<f64>;
        let cases: &[(&str, &str, Figure, Figure, &str)] = &[
            (
                "The node was low on resource: ephemeral-storage. Threshold quantity: 288239013, available: 264172Ki. Container worker was using 36Ki, request is 0, has larger consumption of ephemeral-storage. ",
                "ephemeral-storage",
                Some(288_239_013.0),
                Some(270_512_128.0),
                "264172Ki",
            ),
            (
                "The node was low on resource: memory. Threshold quantity: 2200Mi, available: 2246940Ki. ",
                "memory",
                Some(2_306_867_200.0),
                Some(2_300_866_560.0),
                "2246940Ki",
            ),
            ("The node was low on resource: inodes. Threshold quantity: 1209, available: 0. ", "inodes", Some(1209.0), Some(0.0), "0"),
            ("The node was low on resource: memory. Container etl was using 1370644Ki, which exceeds its request of 16Mi. ", "memory", None, None, ""),
            ("The node was low on resource: imagefs.", "imagefs", None, None, ""),
            ("The node was low on resource: [DiskPressure].", "", None, None, ""),
            ("Pod The node had condition: [DiskPressure]. ", "", None, None, ""),
            ("Pod ephemeral local storage usage exceeds the total limit of containers 60Mi. ", "", None, None, ""),
            ("The node was low on resource: memory. Threshold quantity: NaN, available: much.", "memory", None, None, ""),
            ("The node was low on resource: ", "", None, None, ""),
            ("", "", None, None, ""),
        ];
        for (message, resource, threshold, available, written) in cases {
            let expected = What::Eviction {
                pod: "shop/web".into(),
                resource: (*resource).into(),
                threshold: *threshold,
                available: *available,
                available_written: (*written).into(),
                time: Some(5),
                node: "node-a".into(),
            };
            assert_eq!(eviction(message, "shop/web".into(), Some(5), "node-a".into()), expected, "{message}");
        }
    }
}
