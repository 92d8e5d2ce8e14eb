//! What is no evidence, and evidence that is broken, by accident or on purpose.

use nodecause::evidence::{read, MOST_FACTS};

use super::{facts, of};

#[test]
fn what_is_no_evidence() {
    let log = "Jan 01 00:03:10 node-a kubelet[1]: I0101 00:03:10.000000       1 server.go:400] \"Kubelet version\" kubeletVersion=\"v1.31.0\"\n";
    let klog = "I0101 00:03:10.000000       1 flags.go:64] FLAG: --eviction-hard=\"memory.available<100Mi\"\nkind: KubeletConfiguration\n";
    for text in [
        "",
        "\n\n",
        "\0\0\0",
        "{",
        "[",
        "{}",
        "[]",
        "[1, 2]",
        "null",
        "Filesystem      Size  Used Avail Use% Mounted on\n",
        "kind: Pod\n  broken: [\n\tx",
        log,
        klog,
        &log.repeat(1000),
        // A row of df in a log is not the log's subject.
        &format!("{}/dev/sda1 100 20 80 20% /\n", log.repeat(10)),
        // JSON logs, an audit log, kinds of other groups, and objects without evidence.
        "{\"ts\":1720826604731.3704,\"caller\":\"cm/container_manager_linux.go:270\",\"msg\":\"Creating\",\"nodeConfig\":{\"HardEvictionThresholds\":[]}}\n",
        "{\"MESSAGE\":\"x\",\"_HOSTNAME\":\"node-a\"}\n{\"kind\":\"Node\"}\n",
        "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"objectRef\":{}}\n",
        "{\"kind\":\"Node\",\"apiVersion\":\"longhorn.io/v1beta2\",\"status\":{\"conditions\":[{\"type\":\"Ready\"}]}}",
        "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\"}]}",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  kubelet: |\n    kind: KubeletConfiguration\n    evictionHard: {}\n",
        "apiVersion: apps/v1\nkind: Deployment\nspec: {}\n",
        "Mem:        24684092     3585380     1836976\n",
        "some avg10=4.24 avg60=5.16 avg300=5.46\nand more\n",
        "MemTotal: much\n",
        "● a story - of a file\n",
        "A=1\nB=2\n",
        "--\n-- a remark\n",
        "kubelet: --eviction-hard is a flag\n",
        "Mon Jan  1 00:03:10 CET 2024\n",
        "NAME   STATUS\na      Ready\n",
    ] {
        assert_eq!(of("node-events-df-i.json", text), None, "{}", &text[..text.len().min(200)]);
    }
}

#[test]
fn configurations_of_wrong_types_are_read_as_far_as_they_go() {
    for text in [
        "kind: KubeletConfiguration\nevictionHard: 5\n",
        "kind: KubeletConfiguration\nevictionHard: [memory.available]\n",
        "kind: KubeletConfiguration\nevictionHard: {memory.available: {a: b}, 5: [1]}\n",
        "kind: KubeletConfiguration\nevictionHard: {memory.available: .nan, nodefs.available: .inf, a: 1e999, b: -5%}\n",
        "kind: KubeletConfiguration\nevictionHard:\n",
        r#"{"kind":"KubeletConfiguration","evictionHard":null,"evictionSoft":[1],"evictionSoftGracePeriod":7}"#,
        r#"{"kubeletconfig":[]}"#,
    ] {
        assert_eq!(facts(text), [""; 0], "{text}");
    }
    let cut = "kind: KubeletConfiguration\nevictionHard: {memory.available: 100, nodefs.available: \"5";
    assert_eq!(facts(cut), ["2 memory.available<100 -"]);
}

#[test]
fn exploding_anchors_are_harmless() {
    let mut text = "kind: KubeletConfiguration\na0: &a0 {memory.available: 5%}\n".to_owned();
    for level in 1..200 {
        let aliases = vec![format!("*a{}", level - 1); 20].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    text.push_str("evictionHard: {nodefs.available: 10%, <<: *a0}\nevictionSoft: *a199\n");
    assert_eq!(facts(&text), ["202 nodefs.available<10% -"]);
}

#[test]
fn hostile_files_do_no_harm() {
    let deep = |open: &str| open.repeat(200_000);
    for text in [
        deep("["),
        deep("{\"items\":"),
        deep("{\"kind\":\"Node\",\"status\":"),
        deep("[{\"status\":"),
        format!("{{\"kind\":\"Node\",\"status\":{}", deep("[")),
        format!("{{\"kind\":\"Node\",\"status\":{}{}}}", deep("["), deep("]")),
        format!("kind: Node\nstatus: {}", deep("[")),
        format!("kind: Node\nstatus:\n  {}", deep("- ")),
        format!("kind: Node\n{}: 1\n", deep("? ")),
        format!("kind: Node\nx: \"{}", deep("\\u0041")),
        format!("kind: Node\n{}", (0..50_000).map(|key| format!("k{key}: 1\n")).collect::<String>()),
        format!("kind: Node\n{}", deep("items: []\n")),
        format!("Filesystem Size Used Avail Use% Mounted on\n{}", deep("1 ")),
        format!("Filesystem Size Used Avail Use% Mounted on\n/dev/a {} 1 1 1% /\n", "9".repeat(100_000)),
        format!("{}/", deep("0% ")),
    ] {
        let _ = read("x", text.as_bytes());
    }
    let numbers = r#"{"kind":"Node","status":{"capacity":{"a":NaN}}}"#;
    assert_eq!(facts(numbers), [""; 0]);
    let numbers = r#"{"kind":"Node","metadata":{"name":7},"status":{"capacity":{"a":1e999,"b":99999999999999999999999999,"c":"1e999","d":-1}}}"#;
    assert_eq!(facts(numbers), ["1 7 b=100000000000000000000000000", "1 7 d=-1"]);
    let event = r#"{"involvedObject":{"kind":"Node"},"count":1e99,"series":{"count":-3},"firstTimestamp":"9999999-01-01T00:00:00Z","eventTime":5}"#;
    assert_eq!(facts(event), ["1   () - x1"]);
}

#[test]
fn facts_are_bounded() {
    let one = r#"{"involvedObject":{"kind":"Node","name":"a"},"reason":"r"}"#;
    let many = format!("[{}]", vec![one; MOST_FACTS + 5].join(","));
    let evidence = read("x", many.as_bytes()).expect("events");
    assert_eq!((evidence.facts.len(), evidence.left_out), (MOST_FACTS, 5));
    let many = "a 1K 1K 0 1% /\n".repeat(MOST_FACTS + 5);
    let evidence = read("x", many.as_bytes()).expect("df");
    assert_eq!((evidence.facts.len(), evidence.left_out), (MOST_FACTS, 5));
}

/// Cuts and changes of every kind of file: whatever comes out, nothing panics.
#[test]
fn cut_and_changed_files_do_no_harm() {
    let files = [
        "kind: KubeletConfiguration\nevictionHard: {a.b: \"1Mi\", c: 5%}\nevictionSoft:\n  x: 1Gi\n",
        "Filesystem Type Inodes IUsed IUse% 1K-blocks Used Avail Use% Mounted on\n/dev/sda1 tmpfs 1 1 1% 4 0 4 0% /\nlong\n t 1 1 1% 1 1 1 1% /ü\n",
        r#"{"kind":"List","items":[{"kind":"Event","involvedObject":{"kind":"Pod","name":"ü"},"reason":"Evicted","message":"The node was low on resource: memory. Threshold quantity: 1, available: 2."},{"kind":"Node","status":{"conditions":[{"type":"Ready"}],"capacity":{"cpu":"2"}}}]}"#,
    ];
    for file in files {
        let bytes = file.as_bytes();
        for at in 0..bytes.len() {
            let _ = read("x", &bytes[..at]);
            let _ = read("x", &bytes[at..]);
            for byte in [b'"', b'{', b']', b'\n', b' ', b'%', 0xff, 0] {
                let mut changed = bytes.to_vec();
                changed[at] = byte;
                let _ = read("x", &changed);
            }
        }
    }
}
