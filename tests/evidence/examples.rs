//! One example of each form, written from the grammar.

use super::{facts, facts_of, of};

#[test]
fn kubelet_configurations() {
    let block = "\
# made by hand
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
evictionHard:
  memory.available: \"100Mi\"
  nodefs.available: 10%   # a remark
  bad.available: lots
evictionSoft:
  memory.available: 1.5Gi
  imagefs.available: 15%
evictionSoftGracePeriod: {memory.available: 1m30s}
";
    let expected = [
        "5 memory.available<100Mi -",
        "6 nodefs.available<10% -",
        "9 ~memory.available<1.5Gi 90",
        "10 ~imagefs.available<15% -",
    ];
    assert_eq!(of("kubelet.conf", block), Some(("kubelet configuration", expected.map(str::to_owned).to_vec(), None)));

    let flow = "kind: KubeletConfiguration\nevictionHard: {memory.available: \"2200Mi\", nodefs.available: '0%'}\n";
    assert_eq!(facts(flow), ["2 memory.available<2200Mi -", "2 nodefs.available<0% -"]);
    // Not the first of several documents.
    let after_another = format!("apiVersion: kubeadm.k8s.io/v1beta3\nkind: InitConfiguration\n---\n{flow}");
    assert_eq!(facts(&after_another), ["5 memory.available<2200Mi -", "5 nodefs.available<0% -"]);
    // One that leaves out what it is.
    assert_eq!(facts("evictionHard:\n  pid.available: 5%\n"), ["2 pid.available<5% -"]);
    assert_eq!(facts("maxPods: 20\nkind: KubeletConfiguration\n"), [""; 0]);

    let json = "{\n\t\"kind\": \"KubeletConfiguration\",\n\t\"evictionHard\": {\n\t\t\"memory.available\": \"100Mi\",\n\t\t\"nodefs.available\": \"10%\"\n\t}\n}\n";
    assert_eq!(facts(json), ["4 memory.available<100Mi -", "5 nodefs.available<10% -"]);
    let configz = r#"{"kubeletconfig":{"syncFrequency":"1m0s","evictionHard":{"imagefs.available":"15%"},"evictionSoft":{"memory.available":"1Gi"},"evictionSoftGracePeriod":{"memory.available":"30s"}}}"#;
    assert_eq!(facts(configz), ["1 imagefs.available<15% - InUse", "1 ~memory.available<1Gi 30 InUse"]);
    assert_eq!(facts(&format!("\u{feff}{configz}")).len(), 2);
}

#[test]
fn df_with_its_headings_and_units() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "x",
            "Filesystem     1K-blocks    Used Available Use% Mounted on\n/dev/sda1        3021608  690176   2331432  23% /\n",
            &["2 /dev/sda1 3094126592 706740224 2387386368 23% /"],
        ),
        (
            "x",
            "Filesystem      Size  Used Avail Use% Mounted on\n/dev/sda1       2.0G  1.0G  1.0G  50% /\nudev 0 0 0 - /dev\n",
            &["2 /dev/sda1 2147483648 1073741824 1073741824 50% /", "3 udev 0 0 0 -% /dev"],
        ),
        // Decimal comma, and a unit that only the numbers tell.
        (
            "x",
            "Dateisystem    Größe Benutzt Verf. Verw% Eingehängt auf\n/dev/sda1       1,5K     512  1,0K   34% /\n",
            &["2 /dev/sda1 1536 512 1024 34% /"],
        ),
        // A heading that names no block size above long numbers: inodes.
        (
            "x",
            "Something        Here There Rest Pct% Where it is\n/dev/sda1       196608 1470 195138 1% /\n",
            &["2 /dev/sda1 196608 1470 195138 1% inodes /"],
        ),
        // Powers of 1000: a small k tells, else the name.
        ("x", "Filesystem Size Used Avail Use% Mounted on\na 1.0M 2.0k 998k 1% /\n", &["2 a 1000000 2000 998000 1% /"]),
        ("df-H.txt", "Filesystem Size Used Avail Use% Mounted on\na 2M 1M 1M 50% /\n", &["2 a 2000000 1000000 1000000 50% /"]),
        // busybox calls the columns of inodes as those of blocks; a long device stands alone.
        (
            "x",
            "Filesystem              Inodes      Used Available Use% Mounted on\n/dev/mapper/vg--data-lv--containerd\n                       3085511         2   3085509   0% /var/lib/containerd\n",
            &["2 /dev/mapper/vg--data-lv--containerd 3085511 2 3085509 0% inodes /var/lib/containerd"],
        ),
        (
            "x",
            "Filesystem     Type 1M-blocks Used Available Use% Mounted on\n/dev/mapper/a-long-one\n               ext4        10    4         6  40% /data\n",
            &["2 /dev/mapper/a-long-one 10485760 4194304 6291456 40% /data"],
        ),
        // -BG prints the letter with each number; -B1MB counts in powers of ten.
        (
            "x",
            "Filesystem 1G-blocks Used Available Use% Mounted on\na 40G 0G 40G 0% /\n",
            &["2 a 42949672960 0 42949672960 0% /"],
        ),
        (
            "x",
            "Filesystem 1MB-blocks Used Available Use% Mounted on\na 40MB 1 39MB 0% /\n",
            &["2 a 40000000 1000000 39000000 0% /"],
        ),
        ("x", "Filesystem 512-blocks Used Available Capacity Mounted on\na 4 2 2 50% /\n", &["2 a 2048 1024 1024 50% /"]),
        // Rows alone, as some bundles keep them.
        (
            "x",
            "/dev/sda1        59G   12G   45G  21% /\n/dev/sdb1       10M     0   10M   0% /mnt/with blank\n",
            &["1 /dev/sda1 63350767616 12884901888 48318382080 21% /", "2 /dev/sdb1 10485760 0 10485760 0% /mnt/with blank"],
        ),
        ("x", "/dev/sda1 2000 500 1500 25% /\n", &["1 /dev/sda1 2048000 512000 1536000 25% /"]),
        ("node/df_-i", "/dev/sda1 2000 500 1500 25% /\n", &["1 /dev/sda1 2000 500 1500 25% inodes /"]),
        // Both tables in one file, with the prompt; a complaint; a row without numbers.
        (
            "x",
            "$ df -h; df -i\ndf: /root/.cache/doc: Operation not permitted\nFilesystem Size Used Avail Use% Mounted on\noverlay overlay 2K 1K 1K 50% /\nproc - - - - /proc\n\nFilesystem Inodes IUsed IFree IUse% Mounted on\noverlay 9 3 6 34% /\n",
            &["4 overlay 2048 1024 1024 50% /", "8 overlay 9 3 6 34% inodes /"],
        ),
    ];
    for (name, text, expected) in cases {
        assert_eq!(facts_of(name, text), *expected, "{text}");
    }
}

#[test]
fn nodes() {
    let node = r#"{
 "apiVersion": "v1",
 "kind": "Node",
 "metadata": {"name": "node-a", "creationTimestamp": "2024-01-01T00:00:00Z"},
 "status": {
  "capacity": {
   "cpu": "2",
   "ephemeral-storage": "3021608Ki",
   "odd": {}
  },
  "conditions": [
   {"type": "DiskPressure", "status": "True", "reason": "KubeletHasDiskPressure", "message": "kubelet has disk pressure",
    "lastHeartbeatTime": "2024-01-01T00:10:00Z", "lastTransitionTime": "2024-01-01T00:05:00Z"},
   {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "lastTransitionTime": null},
   {"status": "True"}, "odd", null
  ],
  "nodeInfo": {}
 }
}"#;
    let at = |offset: usize| {
        vec![
            format!("{} node-a cpu=2", offset + 7),
            format!("{} node-a ephemeral-storage=3094126592", offset + 8),
            format!(
                "{} node-a DiskPressure=True KubeletHasDiskPressure (kubelet has disk pressure) 1704067500",
                offset + 12
            ),
            format!("{} node-a Ready=Unknown NodeStatusUnknown () -", offset + 14),
        ]
    };
    let latest = Some(1_704_067_800);
    assert_eq!(of("x", node), Some(("node", at(0), latest)));
    assert_eq!(of("x", &format!("{{\"kind\":\"List\",\"items\":[\n{node}]}}")), Some(("node", at(1), latest)));
    // As the API server sends it, elements do not name their kind; sorted by key, the list does so last.
    let bare = node.replace(" \"apiVersion\": \"v1\",\n \"kind\": \"Node\",\n", "\n\n");
    let server = format!("{{\"kind\":\"NodeList\",\"apiVersion\":\"v1\",\"items\":[\n{bare}]}}");
    assert_eq!(of("x", &server), Some(("node", at(1), latest)));
    assert_eq!(of("x", &format!("{{\"items\":[\n{bare}],\n\"kind\":\"NodeList\"}}")), Some(("node", at(1), latest)));
    assert_eq!(of("x", &format!("[\n{node}]")), Some(("node", at(1), latest)));
    // One after another, and cut.
    let twice = format!("{node}\n{node}");
    assert_eq!(facts(&twice), [at(0), at(19)].concat());
    assert_eq!(facts(&twice[..twice.len() - 40]), at(0));

    let yaml = "\
apiVersion: v1
items:
- apiVersion: v1
  kind: Node
  metadata: {name: node-a}
  status:
    capacity:
      pods: 110
    conditions:
    - lastHeartbeatTime: \"2024-01-01T00:10:00Z\"
      lastTransitionTime: 2024-01-01T00:05:00Z
      status: \"False\"
      type: Ready
kind: List
";
    let expected = ["8 node-a pods=110", "10 node-a Ready=False  () 1704067500"].map(str::to_owned).to_vec();
    assert_eq!(of("x", yaml), Some(("node", expected, latest)));
}

#[test]
fn events() {
    let v1 = r#"{"kind": "List", "apiVersion": "v1", "items": [
{"kind": "Event", "apiVersion": "v1", "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-1"}, "reason": "Evicted",
 "message": "The node was low on resource: ephemeral-storage. Threshold quantity: 281212Ki, available: 264172Ki. Container web was using 36Ki. ",
 "source": {"component": "kubelet", "host": "node-a"}, "firstTimestamp": "2024-01-01T00:05:00Z", "lastTimestamp": "2024-01-01T00:05:10Z", "count": 1, "eventTime": null},
{"kind": "Event", "apiVersion": "v1", "involvedObject": {"kind": "Node", "name": "node-a", "uid": "node-a"}, "reason": "EvictionThresholdMet",
 "message": "Attempting to reclaim ephemeral-storage", "firstTimestamp": "2024-01-01T00:04:00Z", "lastTimestamp": "2024-01-01T00:06:00Z", "count": 7},
{"kind": "Event", "apiVersion": "v1", "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-2"}, "reason": "Pulled", "message": "Pulled", "lastTimestamp": "2024-01-01T00:07:00Z"}
]}"#;
    let expected = [
        "3 evicted shop/web-1 ephemeral-storage 270512128<287961088 (264172Ki) 1704067500 node-a",
        "6 node-a EvictionThresholdMet (Attempting to reclaim ephemeral-storage) 1704067440 x7",
    ];
    assert_eq!(of("x", v1), Some(("events", expected.map(str::to_owned).to_vec(), Some(1_704_067_620))));

    let new = r#"{"kind": "EventList", "apiVersion": "events.k8s.io/v1", "items": [
{"regarding": {"kind": "Node", "name": "node-a"}, "reason": "NodeHasDiskPressure", "note": "Node node-a status is now: NodeHasDiskPressure",
 "eventTime": "2024-01-01T00:05:00.123456Z", "series": {"count": 3, "lastObservedTime": "2024-01-01T00:08:00.000000Z"}, "deprecatedFirstTimestamp": null},
{"regarding": {"kind": "Pod", "namespace": "shop", "name": "etl"}, "reason": "Evicted", "note": "The node was low on resource: memory. ",
 "deprecatedSource": {"host": "node-b"}, "deprecatedFirstTimestamp": "2024-01-01T00:06:00Z", "deprecatedLastTimestamp": "2024-01-01T00:06:00Z", "deprecatedCount": 1},
{"regarding": {"kind": "Pod", "namespace": "shop", "name": "tmp"}, "reason": "Evicted", "note": "Usage of EmptyDir volume \"idx\" exceeds the limit \"32Mi\". ", "reportingInstance": "node-c", "metadata": {"creationTimestamp": "2024-01-01T00:07:00Z"}}
]}"#;
    let expected = [
        "2 node-a NodeHasDiskPressure (Node node-a status is now: NodeHasDiskPressure) 1704067500 x3",
        "4 evicted shop/etl memory -<- () 1704067560 node-b",
        "6 evicted shop/tmp  -<- () 1704067620 node-c",
    ];
    assert_eq!(of("x", new), Some(("events", expected.map(str::to_owned).to_vec(), Some(1_704_067_680))));

    // One event a line, as a watch or an exporter prints them.
    let watch = "\
{\"involvedObject\":{\"kind\":\"Node\",\"name\":\"a\"},\"reason\":\"Rebooted\"}
{\"involvedObject\":{\"kind\":\"Node\",\"name\":\"a\"},\"reason\":\"Starting\"}
";
    assert_eq!(facts(watch), ["1 a Rebooted () - x1", "2 a Starting () - x1"]);
}

#[test]
fn pods() {
    let pods = r#"{"apiVersion": "v1", "kind": "PodList", "items": [
{"metadata": {"name": "web-1", "namespace": "shop", "creationTimestamp": "2024-01-01T00:00:00Z"}, "spec": {"nodeName": "node-a", "containers": []},
 "status": {"phase": "Failed", "reason": "Evicted",
  "message": "The node was low on resource: inodes. Threshold quantity: 1209, available: 0. ",
  "startTime": "2024-01-01T00:01:00Z",
  "conditions": [{"type": "DisruptionTarget", "status": "True", "lastTransitionTime": "2024-01-01T00:05:00Z"},
                 {"type": "Ready", "status": "False", "lastTransitionTime": "2024-01-01T00:05:30Z"}]}},
{"metadata": {"name": "web-2", "namespace": "shop"}, "status": {"phase": "Failed", "reason": "Evicted", "startTime": "2024-01-01T00:01:00Z",
  "message": "Pod ephemeral local storage usage exceeds the total limit of containers 60Mi. "}},
{"metadata": {"name": "web-3", "namespace": "shop"}, "status": {"phase": "Failed", "message": "The node was low on resource: memory. ", "reason": "Evicted",
  "containerStatuses": [{"state": {"terminated": {"startedAt": "2024-01-01T00:02:00Z", "finishedAt": "2024-01-01T00:06:00Z"}}}]}},
{"metadata": {"name": "web-4", "namespace": "shop"}, "status": {"phase": "Running", "containerStatuses": [{"state": {"running": {"startedAt": "2024-01-01T00:07:00Z"}}}]}}
]}"#;
    let expected = [
        "4 evicted shop/web-1 inodes 0<1209 (0) 1704067500 node-a",
        "9 evicted shop/web-2  -<- () - ",
        "10 evicted shop/web-3 memory -<- () 1704067560 ",
    ];
    assert_eq!(of("x", pods), Some(("pods", expected.map(str::to_owned).to_vec(), Some(1_704_067_620))));
}

#[test]
fn empty_lists_are_evidence_that_nothing_was_there() {
    assert_eq!(of("x", r#"{"kind":"EventList","apiVersion":"v1","items":[]}"#), Some(("events", vec![], None)));
    assert_eq!(of("x", r#"{"kind":"PodList","apiVersion":"v1","items":null}"#), Some(("pods", vec![], None)));
    for list in ["{\"apiVersion\":\"v1\",\"items\":[],\"kind\":\"List\"}", "apiVersion: v1\nitems: []\nkind: List\n"] {
        assert_eq!(of("facts/events.json", list), Some(("events", vec![], None)));
        assert_eq!(of("facts/node.json", list), Some(("node", vec![], None)));
        assert_eq!(of("x", list), None);
    }
}
