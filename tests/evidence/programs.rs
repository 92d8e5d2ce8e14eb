//! What programs print on a node: `free`, `systemctl`, `timedatectl`, `crictl`, `docker`, tables of `kubectl`. Expectations are
//! written from the grammar.

use nodecause::evidence::looks_like_a_log;

use super::{facts, facts_of, of};

#[test]
fn memory_in_other_languages_and_versions() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "x",
            "              gesamt       benutzt     frei      gemns.  Puffer/Cache verfügbar\nSpeicher:    8000000     4000000     1000000       10000     3000000     3500000\nSwap:        2000000           0     2000000\n",
            &["2 memory 3584000000/8192000000 swap 2048000000"],
        ),
        // Before 3.3.10: what is available stands in a row of its own.
        (
            "x",
            "             total       used       free     shared    buffers     cached\nMem:       8000000    7000000    1000000          0     500000    2500000\n-/+ buffers/cache:    4000000    4000000\nSwap:            0          0          0\n",
            &["2 memory 4096000000/8192000000 swap 0"],
        ),
        ("free-m.txt", "              total        used        free      shared  buff/cache   available\nMem:          7812        3000         500          10        4312        4500\n", &["2 memory 4718592000/8191475712 swap -"]),
        ("x", "               total        used        free      shared  buff/cache   available\nMem:            7,6G        3,0G        500M         10M        4,1G        4,0G\nSwap:             0B          0B          0B\n", &["2 memory 4294967296/8160437862.4 swap 0"]),
        ("x", "==> /proc/pressure/memory <==\nsome avg10=1.00 avg60=2.00 avg300=3.00 total=5\n\n==> /proc/pressure/io <==\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=5\n", &["2 memory some 1 2 3", "5 io full 0.5 0 0"]),
        ("meminfo", "MemTotal:        8000000 kB\nMemFree:          500000 kB\nSwapTotal:       1000000 kB\n", &["1 memory -/8192000000 swap 1024000000"]),
        ("uptime", " 12:03:10 up 5 min,  1 user,  load average: 12.50, 3.01, 0.05\n", &["1 load 12.5 3.01 0.05"]),
    ];
    for (name, text, expected) in cases {
        assert_eq!(facts_of(name, text), *expected, "{text}");
    }
}

const STATUS: &str = "\
● kubelet.service - kubelet: The Kubernetes Node Agent
     Loaded: loaded (/lib/systemd/system/kubelet.service; enabled; vendor preset: enabled)
    Drop-In: /etc/systemd/system/kubelet.service.d
             └─10-kubeadm.conf
     Active: activating (auto-restart) (Result: exit-code) since Mon 2024-01-01 00:03:10 UTC; 4min 37s ago
    Process: 1032 ExecStart=/usr/bin/kubelet $KUBELET_ARGS (code=exited, status=203/EXEC)
   Main PID: 1032 (code=exited, status=203/EXEC)

Jan 01 00:03:10 node-a systemd[1]: kubelet.service: Main process exited, code=exited, status=203/EXEC
Jan 01 00:03:10 node-a systemd[1]: kubelet.service: Failed with result 'exit-code'.

× containerd.service - containerd container runtime
     Loaded: loaded (/lib/systemd/system/containerd.service; enabled)
     Active: failed (Result: oom-kill) since Mon 2024-01-01 01:02:10 CET; 1h 5min ago
   Main PID: 900 (code=killed, signal=KILL)
* docker.service - Docker
   Loaded: loaded (/lib/systemd/system/docker.service)
   Active: active (running) since Mon 2024-01-01 03:00:00 +03; 8min ago
 Main PID: 700 (dockerd)
";

#[test]
fn units_of_systemd() {
    let expected = [
        "5 kubelet.service activating (auto-restart) exit-code [203/EXEC] 1704067390 0 restarts -",
        "14 containerd.service failed () oom-kill [killed KILL] - - restarts -",
        "18 docker.service active (running)  [] 1704067200 10800 restarts -",
    ];
    // 8 minutes after midnight in UTC, by the last; 4 minutes and 37 seconds after 00:03:10, by the first.
    let latest = Some(1_704_067_680);
    assert_eq!(of("x", STATUS), Some(("units", expected.map(str::to_owned).to_vec(), latest)));
    assert!(looks_like_a_log(STATUS.as_bytes()));
    assert!(!looks_like_a_log(b"Jan 01 00:03:10 node-a systemd[1]: kubelet.service: Failed\n"));

    let show = "Id=kubelet.service\nNRestarts=11\nExecMainStatus=1\nResult=exit-code\nActiveState=activating\nSubState=auto-restart\n\nId=a.service\nActiveState=active\nActiveEnterTimestamp=Mon 2024-01-01 00:00:00 UTC\n";
    let expected = [
        "5 kubelet.service activating (auto-restart) exit-code [1] - - restarts 11",
        "9 a.service active ()  [] 1704067200 0 restarts -",
    ];
    assert_eq!(facts(show), expected);
}

#[test]
fn clocks() {
    let timedatectl = "\
               Local time: Mon 2024-01-01 01:03:10 CET
           Universal time: Mon 2024-01-01 00:03:10 UTC
                 RTC time: Mon 2024-01-01 00:03:09
                Time zone: Europe/Berlin (CET, +0100)
System clock synchronized: no
              NTP service: inactive
          RTC in local TZ: no
";
    let cases: &[(&str, &str, &str)] = &[
        ("timedatectl", timedatectl, "5 clock Some(false) Europe/Berlin Some(3600) 1704067390"),
        (
            "timedatectl",
            "Timezone=Etc/UTC\nLocalRTC=no\nNTP=yes\nNTPSynchronized=yes\nTimeUSec=Mon 2024-01-01 00:03:10 UTC\n",
            "4 clock Some(true) Etc/UTC None 1704067390",
        ),
        ("date", "Mon Jan  1 00:03:10 UTC 2024\n", "1 clock None UTC Some(0) 1704067390"),
        ("date", "Mon 01 Jan 2024 12:03:10 AM UTC\n", "1 clock None UTC Some(0) 1704067390"),
        ("date", "Mon Jan  1 03:03:10 +03 2024\n", "1 clock None +03 Some(10800) 1704067390"),
        ("date", "2024-01-01T01:03:10+01:00\n", "1 clock None  Some(3600) 1704067390"),
    ];
    for (kind, text, fact) in cases {
        assert_eq!(of("x", text), Some((*kind, vec![(*fact).to_owned()], Some(1_704_067_390))), "{text}");
    }
}

#[test]
fn container_runtimes() {
    let info = "WARN[0000] runtime connect using default endpoints\n{\n  \"status\": {\n    \"conditions\": [\n      {\"type\": \"RuntimeReady\", \"status\": true, \"reason\": \"\", \"message\": \"\"},\n      {\"type\": \"NetworkReady\", \"status\": false, \"reason\": \"NetworkPluginNotReady\", \"message\": \"cni plugin not initialized\"}\n    ]\n  },\n  \"config\": {}\n}\n";
    let expected =
        ["5 RuntimeReady=true  ()", "6 NetworkReady=false NetworkPluginNotReady (cni plugin not initialized)"];
    assert_eq!(facts(info), expected);
    let old = "{\n \"status\": {\"timestamp\": \"1704067390000000000\",\n  \"fsId\": {\"mountpoint\": \"/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs\"},\n  \"usedBytes\": {\"value\": \"1024\"}, \"inodesUsed\": {\"value\": \"7\"}}}\n";
    let expected = "2 images /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs 1024 7".to_owned();
    assert_eq!(of("x", old), Some(("image filesystem", vec![expected], Some(1_704_067_390))));
    let new = "{\"status\":{\"imageFilesystems\":[{\"timestamp\":\"1704067390000000000\",\"fsId\":{\"mountpoint\":\"/a\"},\"usedBytes\":{\"value\":\"5\"}}],\"containerFilesystems\":[]}}";
    assert_eq!(facts(new), ["1 images /a 5 -"]);
    let ps = "{\"containers\":[\n{\"id\":\"a\",\"podSandboxId\":\"b\",\"metadata\":{\"name\":\"etcd\",\"attempt\":5},\"state\":\"CONTAINER_EXITED\",\"createdAt\":\"1704067390000000000\",\"labels\":{\"io.kubernetes.pod.name\":\"etcd-a\",\"io.kubernetes.pod.namespace\":\"kube-system\"}},\n{\"id\":\"c\",\"podSandboxId\":\"d\",\"metadata\":{\"name\":\"web\"},\"state\":\"CONTAINER_RUNNING\"}]}";
    assert_eq!(facts(ps), ["2 kube-system/etcd-a/etcd exited  exit - restarts 5 - "]);
    let docker = "Client:\n Version: 24.0\n\nServer:\n Containers: 5\n  Running: 3\n Images: 7\n Server Version: 24.0.7\n Storage Driver: overlay2\n Docker Root Dir: /data/docker\n";
    assert_eq!(
        facts(docker),
        ["8 Server Version: 24.0.7", "9 Storage Driver: overlay2", "10 Docker Root Dir: /data/docker"]
    );
    let down = "Client:\n Debug Mode: false\n\nServer:\nERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n";
    assert_eq!(facts(down), ["5 RuntimeReady=false DockerDaemonNotReady (Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?)"]);
}

#[test]
fn tables() {
    let nodes = "NAME     STATUS                        ROLES    AGE   VERSION   INTERNAL-IP\nnode-a   NotReady,SchedulingDisabled   <none>   5d    v1.31.0   10.0.0.1\nnode-b   Ready                         <none>   5d    v1.31.0   10.0.0.2\n";
    assert_eq!(facts(nodes), ["2 node-a NotReady,SchedulingDisabled v1.31.0", "3 node-b Ready v1.31.0"]);
    let pods = "NAMESPACE   NAME    READY   STATUS             RESTARTS       AGE   IP         NODE\nshop        web-1   0/1     CrashLoopBackOff   12 (30s ago)   5m    10.0.0.5   node-a\nshop        web-2   1/1     Running            0              5m    10.0.0.6   node-a\n";
    assert_eq!(facts(pods), ["2 shop/web-1 CrashLoopBackOff () restarts 12 node-a"]);
    let containers = "WARN[0000] image connect using default endpoints: [unix:///var/run/dockershim.sock]. As the default settings are now deprecated, you should set the endpoint instead.\nCONTAINER           IMAGE               CREATED             STATE               NAME                ATTEMPT             POD ID              POD\n1a2b3c4d5e6f7       aabbccddeeff0       2 minutes ago       Exited              etcd                5                   99887766554433      etcd-node-a\n2a2b3c4d5e6f7       aabbccddeeff0       2 hours ago         Running             kube-proxy          0                   89887766554433      kube-proxy-x\n";
    assert_eq!(facts(containers), ["3 etcd-node-a/etcd exited  exit - restarts 5 - "]);
    assert!(looks_like_a_log(containers.as_bytes()));
}

#[test]
fn the_kubelets_own_reckoning() {
    let summary = "{\n \"node\": {\n  \"nodeName\": \"node-a\",\n  \"memory\": {\"time\": \"2024-01-01T00:03:10Z\", \"availableBytes\": 1000, \"workingSetBytes\": 3000},\n  \"fs\": {\"time\": \"2024-01-01T00:03:05Z\", \"availableBytes\": 10, \"capacityBytes\": 100, \"usedBytes\": 85, \"inodesFree\": 5, \"inodes\": 50},\n  \"runtime\": {\"imageFs\": {\"availableBytes\": 20, \"capacityBytes\": 200}},\n  \"rlimit\": {\"maxpid\": 32768, \"curproc\": 700}\n },\n \"pods\": []\n}\n";
    let expected = [
        "4 node-a memory.available=1000/-",
        "5 node-a nodefs.available=10/100",
        "5 node-a nodefs.inodesFree=5/50",
        "6 node-a imagefs.available=20/200",
        "7 node-a pid.available=32068/32768",
    ];
    assert_eq!(of("x", summary), Some(("stats/summary", expected.map(str::to_owned).to_vec(), Some(1_704_067_390))));
}

#[test]
fn nodes_tell_taints_versions_and_what_they_may_give() {
    let node = "{\"kind\":\"Node\",\"metadata\":{\"name\":\"a\"},\n\"spec\":{\"taints\":[{\"key\":\"node.kubernetes.io/disk-pressure\",\"effect\":\"NoSchedule\"}]},\n\"status\":{\"allocatable\":{\"memory\":\"1Ki\"},\n\"nodeInfo\":{\"kubeletVersion\":\"v1.31.0\",\"bootID\":\"x\"}}}";
    let expected = [
        "2 a taint node.kubernetes.io/disk-pressure:NoSchedule",
        "3 a may give memory=1024",
        "4 a kubeletVersion: v1.31.0",
    ];
    assert_eq!(facts(node), expected);
    let described = "Name:               a\nTaints:             node.kubernetes.io/unreachable:NoExecute\n                    dedicated=gpu:NoSchedule\nConditions:\n  Type    Status    LastHeartbeatTime                 LastTransitionTime                Reason              Message\n  ----    ------    -----------------                 ------------------                ------              -------\n  Ready   Unknown   Wed, 25 Nov 2026 04:20:15 +0000   Wed, 25 Nov 2026 04:21:05 +0000   NodeStatusUnknown   Kubelet stopped posting node status.\nAllocatable:\n  pods:  110\nSystem Info:\n  Kubelet Version:            v1.31.0\nEvents:              <none>\n";
    let expected = [
        "2 a taint node.kubernetes.io/unreachable:NoExecute",
        "3 a taint dedicated:NoSchedule",
        "7 a Ready=Unknown NodeStatusUnknown (Kubelet stopped posting node status.) 1795580465",
        "9 a may give pods=110",
        "11 a kubeletVersion: v1.31.0",
    ];
    assert_eq!(facts(described), expected);
}

#[test]
fn pods_tell_how_their_containers_ended() {
    let pods = r#"{"kind":"PodList","apiVersion":"v1","items":[
{"metadata":{"name":"a","namespace":"shop"},"spec":{"nodeName":"n","containers":[]},"status":{"phase":"Running","containerStatuses":[
 {"name":"web","restartCount":3,
  "lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","finishedAt":"2024-01-01T00:03:10Z"}},
  "state":{"waiting":{"reason":"CrashLoopBackOff"}}},
 {"name":"ok","restartCount":0,"state":{"running":{}}},
 {"name":"done","state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}},
{"metadata":{"name":"b","namespace":"shop"},"status":{"phase":"Failed",
 "reason":"UnexpectedAdmissionError","message":"Allocate failed"}}
]}"#;
    let expected = [
        "4 shop/a/web terminated OOMKilled exit 137 restarts 3 1704067390 n",
        "5 shop/a/web waiting CrashLoopBackOff exit - restarts 3 - n",
        "9 shop/b UnexpectedAdmissionError (Allocate failed) restarts 0 ",
    ];
    assert_eq!(facts(pods), expected);
}

/// Cuts and changes of what programs print: whatever comes out, nothing panics.
#[test]
fn cut_and_changed_output_does_no_harm() {
    let crictl = "WARN[0000] x\nCONTAINER   IMAGE   CREATED   STATE    NAME   ATTEMPT   POD ID\na           b       c         Exited   ü      1         d\n";
    for file in [
        STATUS,
        crictl,
        "  total used free\nMem: 1Gi 2Gi 3Gi\n-/+ x: 1 2\n",
        "Mon Jan  1 00:03:10 UTC 2024",
        "KUBELET_ARGS=\"--eviction-hard=a<1 --eviction-soft=b<2\"\n",
    ] {
        let bytes = file.as_bytes();
        for at in 0..bytes.len() {
            let _ = nodecause::evidence::read("x", &bytes[..at]);
            let _ = looks_like_a_log(&bytes[at..]);
            for byte in [b'"', b':', b'\n', b' ', 0xff, 0] {
                let mut changed = bytes.to_vec();
                changed[at] = byte;
                let _ = nodecause::evidence::read("x", &changed);
            }
        }
    }
}
