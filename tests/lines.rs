//! Single lines and what is read of them: the forms that people paste and tools print, apart from those of the
//! reference samples.

#![allow(clippy::unwrap_used)]

use nodecause::envelope::{entries, sniff, Envelope, Guess, Layout, Severity};

use Envelope::{Bare, Cri, Dmesg, DockerJson, JournalJson, Marker, Short, Text};
use Severity::{Error, Fatal, Info, Unknown, Warning};

/// Line, envelope, host, identifier, pid, severity, and how the message begins.
type Case = (&'static str, Envelope, &'static str, &'static str, u32, Severity, &'static str);

const CASES: &[Case] = &[
    // Time cut off, or taken out.
    ("kubelet[2158]: E1210 09:01:27.456248    2158 kubelet.go:1612] x", Short, "", "kubelet", 2158, Error, "E1210"),
    ("node-1 kubelet[7082]: W 7082 eviction_manager.go:330] attempting", Short, "node-1", "kubelet", 7082, Warning, "W 7082"),
    ("9 09:58:07 node kubelet[5738]: E1029 09:58:07.693335    5738 a.go:1] x", Short, "node", "kubelet", 5738, Error, "E1029"),
    ("kernel: [16068718.482673] mount.nfs       D    0 22247", Short, "", "kernel", 0, Unknown, "mount.nfs"),
    ("containerd[15986]: time=\"2025-09-11T00:05:51.9+08:00\" level=error msg=x", Short, "", "containerd", 15986, Error, "time="),
    ("Jun 10 12:19:18  kubelet: E0610 12:19:18.397158    8820 kubelet.go:2272] x", Short, "", "kubelet", 0, Error, "E0610"),
    // Without an identifier.
    ("Dec 31 22:50:04 node-a last message repeated 3 times", Short, "node-a", "", 0, Unknown, "last message"),
    ("Dec 31 22:50:04 node-a some text about a thing: it broke", Short, "node-a", "", 0, Unknown, "some text"),
    ("Dec 31 22:50:04 node-a kubelet[1]:", Short, "node-a", "kubelet", 1, Unknown, ""),
    ("Dec 31 22:50:04 2001:db8::1 kubelet[1]: x", Short, "2001:db8::1", "kubelet", 1, Unknown, "x"),
    ("Dec 31 22:50:04 node-a (kubelet)[1]: x", Short, "node-a", "(kubelet)", 1, Unknown, "x"),
    // Kernel lines inside syslog and journals lose their uptime.
    ("Dec 31 22:50:04 node-a kernel: [ 1300.123456] Call Trace:", Short, "node-a", "kernel", 0, Unknown, "Call Trace:"),
    ("2024-01-01T00:03:10.5+01:00 node-a kernel: [ 1.000000][    T1] x", Short, "node-a", "kernel", 0, Unknown, "x"),
    // One time, several forms.
    ("2024-01-01T00:03:10+0000 node-a kubelet[1]: x", Short, "node-a", "kubelet", 1, Unknown, "x"),
    ("2024-01-01T00:03:10.123456+00:00 kubelet[1]: x", Short, "", "kubelet", 1, Unknown, "x"),
    ("2024-01-01T00:03:10.123456+00:00 node-a kubelet: x", Short, "node-a", "kubelet", 0, Unknown, "x"),
    ("2024-02-07T02:45:40.739274+00:00 NodeA kubelet 22938 - -  E0207 02:49:40.738973   24578 a.go:1] x", Short, "NodeA", "kubelet", 22938, Error, "E0207"),
    ("2024-01-01T00:03:10.5Z panic: it broke", Cri, "", "", 0, Fatal, "panic:"),
    ("2024-01-01T00:03:10Z stdout F:x text", Cri, "", "", 0, Unknown, "text"),
    ("2024-01-01T00:03:10Z", Cri, "", "", 0, Unknown, ""),
    ("2024-01-01 00:03:10.123 [WARNING][1] felix/int_dataplane.go 123: x", Bare, "", "", 0, Warning, "2024-01-01"),
    ("2019/06/06 11:55:29 <cloud-provider> INFO: x", Bare, "", "", 0, Info, "2019/06/06"),
    // The kernel's messages have colons too.
    ("[    3.000000] usb 1-1: new high-speed USB device", Dmesg, "", "kernel", 0, Unknown, "usb 1-1:"),
    ("[    3.000000] systemd[1]: Detected architecture x86-64.", Dmesg, "", "kernel", 0, Unknown, "systemd[1]:"),
    ("[    3.000000] node-a systemd[1]: Started.", Short, "node-a", "systemd", 1, Unknown, "Started."),
    ("<3>[ 1300.130000][  T42] Memory cgroup out of memory", Dmesg, "", "kernel", 0, Error, "Memory"),
    ("[Mo Jan  1 00:03:10 2024] sd 1:0:0:1: [sdb] x", Dmesg, "", "kernel", 0, Unknown, "sd 1:0:0:1:"),
    ("[\u{6708} 11\u{6708} 25 03:13:06 2024] x", Dmesg, "", "kernel", 0, Unknown, "x"),
    ("[lun. janv.  1 00:03:10 2024] x", Dmesg, "", "kernel", 0, Unknown, "x"),
    ("    [  467.112195] ata2.00: x", Dmesg, "", "kernel", 0, Unknown, "ata2.00: x"),
    ("** 12 printk messages dropped ** [  737.350162] bond0: x", Dmesg, "", "kernel", 0, Unknown, "bond0: x"),
    ("11 printk messages dropped ** [ 737.350162] bond0: x", Dmesg, "", "kernel", 0, Unknown, "bond0: x"),
    // Talos, whole and as pastes leave it.
    ("kern:     err: [2024-01-01T00:03:10.5Z]: nvme nvme1: x", Dmesg, "", "kernel", 0, Error, "nvme nvme1: x"),
    ("kern info: [2024-01-01T00:03:10.5]: eth0: x", Dmesg, "", "kernel", 0, Info, "eth0: x"),
    (" kern: warning: [2024-01-01T00:03:10.5Z]: nvme nvme2: x", Dmesg, "", "kernel", 0, Warning, "nvme nvme2: x"),
    ("node-a: kern:    info: [2024-01-01T00:03:10.5Z]: bond0: x", Dmesg, "node-a", "kernel", 0, Info, "bond0: x"),
    ("node-a.example: user: warning: [2024-01-01T00:03:10.5Z]: [talos] x", Dmesg, "node-a.example", "talos", 0, Warning, "[talos] x"),
    ("[talos] 2024/01/01 00:03:10 service[kubelet](Running): x", Bare, "", "talos", 0, Unknown, "[talos] 2024"),
    ("[talos] task startAllServices (1/1): 2024/01/01 00:03:10 x", Bare, "", "talos", 0, Unknown, "[talos] task"),
    // Docker Desktop.
    ("[2024-01-01T00:03:10.5Z][kubelet][I] E0101 00:03:13.100000     768 x.go:72] x", Short, "", "kubelet", 0, Error, "E0101"),
    ("[2024-01-01T00:03:10.5Z][dockerd][W] x", Short, "", "dockerd", 0, Warning, "x"),
    // A terminal shows what syslog's daemon announces to all.
    (" kernel:[ 4071.489871] watchdog: x", Dmesg, "", "kernel", 0, Unknown, "watchdog: x"),
    // Messages of their own form.
    ("ERROR: logging before flag.Parse: I0101 00:03:13.100000 1 x.go:72] x", Bare, "", "", 0, Info, "ERROR:"),
    ("WARNING: 2024/01/01 00:03:10 Failed to dial 127.0.0.1:2379: x", Bare, "", "", 0, Warning, "WARNING:"),
    ("raft2024/01/01 00:03:10 INFO: 597a4ac774716ff7 became leader at term 3", Bare, "", "", 0, Info, "raft2024"),
    ("kubelet.go:2267] node \"node-a\" not found", Bare, "", "", 0, Unknown, "kubelet.go"),
    ("E0101 00:03:13.100000    1032 x.go:72] x", Bare, "", "", 0, Error, "E0101"),
    ("F0101 00:03:13.100000 1312451 x.go:72] x", Bare, "", "", 0, Fatal, "F0101"),
    ("W0216 eviction_manager.go:329] eviction manager", Bare, "", "", 0, Warning, "W0216"),
    ("level=error msg=\"no time\" subsys=daemon", Bare, "", "", 0, Error, "level="),
    ("ts=2024-01-01T00:03:10Z caller=main.go:1 level=warn msg=x", Bare, "", "", 0, Warning, "ts="),
    ("[ERROR] plugin/kubernetes: Unhandled Error", Bare, "", "", 0, Error, "[ERROR]"),
    ("{\"level\":\"fatal\",\"msg\":\"x\"}", Bare, "", "", 0, Fatal, "{"),
    ("fatal error: concurrent map writes", Bare, "", "", 0, Fatal, "fatal"),
    // Noise of pastes and searches.
    ("    Dec 31 22:50:04 node-a kubelet[1]: x", Short, "node-a", "kubelet", 1, Unknown, "x"),
    ("  12. Dec 31 22:50:04 node-a kubelet[1]: x", Short, "node-a", "kubelet", 1, Unknown, "x"),
    ("12:Dec 31 22:50:04 node-a kubelet[1]: x", Short, "node-a", "kubelet", 1, Unknown, "x"),
    ("46948 I0617 03:05:13.803095    5478 eviction_manager.go:346] x", Bare, "", "", 0, Info, "I0617"),
    ("Line 81243: W0805 14:50:25.334153   30356 predicate.go:83] x", Bare, "", "", 0, Warning, "W0805"),
    ("> > E0101 00:03:13.100000    1032 x.go:72] x", Bare, "", "", 0, Error, "E0101"),
    ("- E0101 00:03:13.100000    1032 x.go:72] x", Bare, "", "", 0, Error, "E0101"),
    ("/var/log/kubelet.log:E0101 00:03:13.100000    1032 x.go:72] x", Bare, "", "", 0, Error, "E0101"),
    ("kubelet.log:17:E0101 00:03:13.100000    1032 x.go:72] x", Bare, "", "", 0, Error, "E0101"),
    ("\u{feff}E0101 00:03:13.100000    1032 x.go:72] x", Bare, "", "", 0, Error, "E0101"),
    ("192.0.2.20: E0101 00:03:13.100000    1032 x.go:72] x", Bare, "192.0.2.20", "", 0, Error, "E0101"),
    ("2001:db8::1: E0101 00:03:13.100000    1032 x.go:72] x", Bare, "2001:db8::1", "", 0, Error, "E0101"),
    ("[pod/a/b] plain text", Cri, "", "b", 0, Unknown, "plain text"),
    ("\u{1b}[31mE0101 00:03:13.100000    1032 x.go:72] x\u{1b}[0m", Bare, "", "", 0, Error, "E0101"),
    ("Dec 31 22:50:04 node-a kubelet[1]: \u{1b}[0;1;31mE0101 00:03:13.100000    1032 x.go:72] x", Short, "node-a", "kubelet", 1, Error, "E0101"),
    ("E0101 00:03:13.100000    1032 x.go:72] x\r", Bare, "", "", 0, Error, "E0101"),
    // Coded messages.
    ("{\"MESSAGE\":[69,48,49,48,49],\"_PID\":\"7\",\"_COMM\":\"a\",\"__REALTIME_TIMESTAMP\":\"1\"}", JournalJson, "", "a", 7, Unknown, "E0101"),
    ("{\"MESSAGE\":[\"one\",\"two\"],\"__REALTIME_TIMESTAMP\":\"1\"}", JournalJson, "", "", 0, Unknown, "two"),
    ("{\"MESSAGE\":null,\"_HOSTNAME\":\"n\",\"__REALTIME_TIMESTAMP\":\"1\"}", JournalJson, "n", "", 0, Unknown, ""),
    ("{\"log\":\"{\\\"level\\\":\\\"warn\\\",\\\"msg\\\":\\\"x\\\"}\\n\",\"stream\":\"stderr\",\"time\":\"2024-01-01T00:03:10Z\"}", DockerJson, "", "", 0, Warning, "{\"level\""),
    ("{\"log\":\"E0101 00:03:13.100000    1032 x.go:72] x\\n\",\"stream\":\"stderr\",\"time\":\"2024-01-01T00:03:10Z\"}", DockerJson, "", "", 0, Error, "E0101"),
    ("Dec 31 22:50:04 node-a kubelet[1]: a#011b #180-Ubuntu", Short, "node-a", "kubelet", 1, Unknown, "a\tb #180"),
    // No entries.
    ("-- Logs begin at Wed 2020-09-02 09:57:30 UTC, end at Thu 2020-09-03 09:57:30 UTC. --", Marker, "", "", 0, Unknown, "-- Logs"),
    ("-- Subject: Unit kubelet.service has finished start-up", Marker, "", "", 0, Unknown, "-- Subject"),
    ("\u{2591}\u{2591} Subject: x", Marker, "", "", 0, Unknown, ""),
    ("==> /var/log/kubelet.log <==", Marker, "", "", 0, Unknown, "==>"),
    ("Log file created at: 2024/01/01 00:03:10", Marker, "", "", 0, Unknown, "Log file"),
    ("Error from server (BadRequest): container \"x\" is waiting to start", Marker, "", "", 0, Unknown, "Error"),
    // Nothing known.
    ("goroutine 331 [running]:", Text, "", "", 0, Unknown, "goroutine"),
    ("Sun 2023-12-31 22:50:00.000000 UTC [s=0;i=1;b=2;m=3;t=4;x=5]", Text, "", "", 0, Unknown, "Sun"),
    ("NAME STATUS ROLES AGE VERSION", Text, "", "", 0, Unknown, "NAME"),
    ("{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"stageTimestamp\":\"2024-01-01T00:03:10Z\"}", Text, "", "", 0, Unknown, "{"),
];

#[test]
fn single_lines() {
    for (line, envelope, host, ident, pid, severity, message) in CASES {
        let block = line.as_bytes();
        let raw = entries(Layout::Lines, block).next().unwrap();
        let entry = raw.peel(block, &mut Guess::default());
        let said = String::from_utf8_lossy(&entry.message);
        assert_eq!(entry.envelope, *envelope, "{line}");
        assert_eq!((entry.host, entry.ident, entry.pid), (host.as_bytes(), ident.as_bytes(), *pid), "{line}");
        assert_eq!(entry.header.severity, *severity, "{line}");
        assert!(
            said.starts_with(message) && (!message.is_empty() || said.is_empty() || *envelope == Marker),
            "{line}: {said}"
        );
        assert!(!said.ends_with('\r'), "{line}");
    }
}

/// What is no log must not be taken for one.
#[test]
fn other_texts_are_no_logs() {
    let texts = [
        "apiVersion: v1\nkind: Node\nmetadata:\n  name: node-a\n",
        "{\n  \"kind\": \"NodeList\",\n  \"items\": []\n}\n",
        "Filesystem     1K-blocks    Used Available Use% Mounted on\n/dev/sda1       10000000 5000000   5000000  50% /\n",
        "NAME     STATUS   ROLES    AGE   VERSION\nnode-a   Ready    <none>   10d   v1.28.5\n",
        "#!/bin/sh\nset -e\necho 'Dec 31'\n",
        "-- A comment of SQL\nSELECT 1;\n-- another\n",
        "<!DOCTYPE html>\n<html><body>\n",
        "fn main() {\n    println!(\"x\");\n}\n",
        "WARNING: a word\nERROR: another\nmain.go:12: no bracket\nraft is a library\n",
        "user: a name\nkern: another\n",
        "[one two three 4 5]\n[2024] a year\n",
        "+ a line of a diff\n- another\n",
        "\u{7f}ELF\u{2}\u{1}\u{1}\0\0\0\0\0\0\0\0\0\u{3}\0>\0",
        "",
    ];
    for text in texts {
        assert_eq!(sniff(text.as_bytes()), None, "{text}");
    }
}

/// Lines below a margin begin entries where their form is sure, and continue the line before them where it is not.
#[test]
fn margins_before_lines_of_the_kernel() {
    let block = b" kern: err: [2024-01-01T00:03:10Z]: x\n   TDH <4>\n kern: info: [2024-01-01T00:03:11Z]: y\n  [    1.500000] z\n  [<ffff>] w\n  kernel: v\n";
    let heads: Vec<usize> = entries(Layout::Lines, block).map(|raw| 1 + raw.more.len()).collect();
    assert_eq!(heads, [2, 1, 3]);
}

/// A line without a stamp takes that of the line before, but not across a border.
#[test]
fn stamps_reach_on() {
    let block =
        b"E0101 00:03:13.100000    1032 x.go:72] x\npanic: y\n\ngoroutine 1 [running]:\n==> other <==\nheaderless\n";
    let by: Vec<Option<usize>> =
        entries(Layout::Lines, block).map(|raw| raw.stamped_by.map(|line| line.start)).collect();
    assert_eq!(by, [None, Some(0), Some(0), Some(0), None, None]);
}
