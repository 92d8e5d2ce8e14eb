//! Configuration of the kubelet beside its main file: flags in every place where they are kept or shown, and settings.

use super::{facts, of};

#[test]
fn flags_of_a_kubelet() {
    let cases: &[(&str, &[&str])] = &[
        (
            "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/containerd/containerd.sock --eviction-hard=memory.available<200Mi,nodefs.available<5%\"\n",
            &[
                "1 memory.available<200Mi - Flag",
                "1 nodefs.available<5% - Flag",
                "1 containerRuntimeEndpoint: unix:///run/containerd/containerd.sock",
            ],
        ),
        ("# remarks\n\nKUBELET_EXTRA_ARGS=--fail-swap-on=false\n", &["3 failSwapOn: false"]),
        // One flag a line, as in an arguments file.
        (
            "--root-dir=${SNAP_COMMON}/var/lib/kubelet\n--eviction-hard=\"memory.available<100Mi,nodefs.available<1Gi,imagefs.available<1Gi\"\n--eviction-soft=\"memory.available<1Gi\"\n--eviction-soft-grace-period=\"memory.available=1m30s\"\n",
            &[
                "2 memory.available<100Mi - Flag",
                "2 nodefs.available<1Gi - Flag",
                "2 imagefs.available<1Gi - Flag",
                "3 ~memory.available<1Gi 90 Flag",
            ],
        ),
        (
            "[Service]\nRestart=always\nExecStart=/usr/bin/kubelet \\\n  --config=/etc/kubernetes/kubelet.yaml \\\n  --eviction-hard=nodefs.available<3%\n",
            &["4 config: /etc/kubernetes/kubelet.yaml", "5 nodefs.available<3% - Flag"],
        ),
        (
            "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\nroot           1  0.0  0.1 168000 11000 ?        Ss   Jan01   0:09 /sbin/init\nroot         900  2.0  1.1 168000 11000 ?        Ssl  Jan01   9:09 /usr/bin/kubelet --eviction-hard=imagefs.available<5% --v=2\nroot         901  2.0  1.1 168000 11000 ?        Ssl  Jan01   9:09 /csi-registrar --kubelet-registration-path=/var/lib/kubelet/x\n",
            &["3 imagefs.available<5% - Flag"],
        ),
        ("/usr/bin/kubelet\0--config=/a\0--eviction-hard=pid.available<5%\0", &["1 pid.available<5% - Flag", "1 config: /a"]),
    ];
    for (text, expected) in cases {
        let expected = expected.iter().map(|fact| (*fact).to_owned()).collect();
        assert_eq!(of("x", text), Some(("kubelet flags", expected, None)), "{text}");
    }
}

#[test]
fn settings_beside_the_thresholds() {
    let text = "kind: KubeletConfiguration\nfailSwapOn: false\ncgroupDriver: systemd\nmergeDefaultEvictionSettings: true\nmaxPods: 5\nevictionHard: {memory.available: 1Gi}\n";
    let expected = [
        "2 failSwapOn: false",
        "3 cgroupDriver: systemd",
        "4 mergeDefaultEvictionSettings: true",
        "6 memory.available<1Gi -",
    ];
    assert_eq!(facts(text), expected);
}
