//! Bytes that no honest log holds: nothing panics, no line is lost, no cut changes what is read.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod forms;
mod laws;

use std::fs;
use std::path::PathBuf;

use nodecause::envelope::{entries, pair, pairs, Guess, Layout, LONGEST_LINE, REACH};
use nodecause::input::Cut;
use proptest::prelude::*;

/// The inputs that the fuzzer's finds and known tricks are kept as: each must hold.
fn kept(target: &str, hold: impl Fn(&[u8])) {
    let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let Ok(inputs) = fs::read_dir(&kept) else {
        println!("skipped: no kept inputs");
        return;
    };
    let mut count = 0;
    for input in inputs {
        let path = input.unwrap().path();
        println!("{}", path.display());
        hold(&fs::read(&path).unwrap());
        count += 1;
    }
    assert!(count >= 10);
}

#[test]
fn kept_inputs() {
    kept("entries", |bytes| laws::hold(bytes, &[16, 64, 1000]));
    kept("forms", laws::frames_are_whole);
}

/// Pieces of lines, to be put together in any order.
const PIECES: [&str; 64] = [
    "Dec 31 22:50:04.310000 node-a kubelet[1234]: ",
    "Jan  1 00:00:00 ",
    "déc. 31 23:02:01 ",
    " 1月 31 23:02:01 ",
    "Sun 2023-12-31 22:50:00 UTC ",
    "1704063000.000000 ",
    "[    3.000000] ",
    "[    3.0 <    1.0 >] ",
    "[Wed Nov 25 03:13:06 2026] ",
    "[Nov25 03:13] ",
    "[  +0.000004] ",
    "2024-01-01T00:03:10.000000123Z ",
    "2023-12-31T22:50:00+0100 ",
    "2026-11-25T04:13:06,000000+01:00 ",
    "2026-11-25 03:39:01.956343 W | ",
    "2026-11-25T03:39:19.160Z\tERROR\tz/main.go:25\t",
    "stdout P ",
    "stderr F ",
    "stdout F:x ",
    "node-a kernel: ",
    "kubelet[7]: ",
    "E0101 00:03:13.100000    1032 x.go:72] ",
    "W0216 eviction_manager.go:329] ",
    "\"msg\" err=<",
    "\tvalue",
    "        value",
    " > pod=\"a/b\"",
    " > e2=<",
    "time=\"2024-01-01 00:03:10\" level=info msg=\"",
    "\" component=kubelet stream=stderr",
    "time=\"2024-01-01T00:03:10Z\" level=error msg=x",
    "INFO[0000] ",
    "ERRO[2026-11-25T03:39:01.9Z] ",
    "{\"log\":\"",
    "\\n\",\"stream\":\"stderr\",\"time\":\"2024-01-01T00:03:10.1Z\"}",
    "\",\"stream\":\"stdout\",\"time\":\"2024-01-01T00:03:10Z\"}",
    "{\"MESSAGE\":\"",
    "{\"MESSAGE\":[27,91,",
    "\",\"__REALTIME_TIMESTAMP\":\"1704063000000000\",\"_PID\":\"7\"}",
    "\\u003c\\ud83d\\",
    "{\"ts\":1795577959149.2893,\"caller\":\"a/b.go:1\",\"msg\":\"x\",\"err\":\"",
    "{\"level\":\"warn\",\"msg\":\"x\"}",
    "<27>1 - - kubelet 1 - [a b=\"]\\\"\"] ",
    "<6>",
    "12 <6>1 ",
    "6,410,2311245,-;",
    "kern  :err   : ",
    "kern:     err: [2024-01-01T00:03:10Z]: ",
    "[pod/a/b] ",
    "192.0.2.20: ",
    "  12. ",
    "> ",
    "kubelet.log:",
    "\u{1b}[0;1;31m",
    "\u{1b}[32m[    0.0] \u{1b}[0m",
    "-- Boot 9b7a6c5d4e3f40218899aabbccddeeff --",
    "==> kubelet <==",
    "Log file created at: 2024/01/01 00:03:10",
    "-- cursor: s=1",
    "panic: ",
    "#012#011#000#377",
    "\r",
    "pod={\"name\":\"a\",\"namespace\":[\"b c",
    "__CURSOR=1\n__REALTIME_TIMESTAMP=1704063000000000\nMESSAGE\n",
];

/// Bytes that look like logs: pieces of lines, line ends, and noise between them.
fn logs() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
        3 => Just(b"\n".to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
        1 => prop::sample::select(&[0_u64, 3, 200, u64::MAX][..]).prop_map(|length| length.to_le_bytes().to_vec()),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Whole lines of logs that join, in every form.
const LINES: [&str; 24] = [
    "Dec 31 22:50:04.310000 node-a kubelet[1234]: E0101 00:03:13.100000    1032 x.go:72] \"msg\" err=<",
    "Dec 31 22:50:04.310000 node-a kubelet[1234]:         value",
    "Dec 31 22:50:04.310000 node-a kubelet[1234]:  > pod=\"a/b\"",
    "Dec 31 22:50:04.310000 node-a kubelet[1234]:  > pod=\"a/b\" e2=<",
    "Dec 31 22:50:04.310000 node-a kubelet[1234]: I0101 00:03:13.100000    1032 x.go:72] next",
    "Dec 31 22:50:04.310000 node-a k0s[7]: time=\"2024-01-01 00:03:10\" level=info msg=\"E0101 00:03:13.100000    1032 x.go:72] x err=<\" component=kubelet stream=stderr",
    "time=\"2024-01-01 00:03:10\" level=info msg=\"\\tvalue\" component=kubelet stream=stderr",
    "E0101 00:03:13.100000    1032 x.go:72] \"msg\" err=<",
    "\tvalue",
    " > pod=\"a/b\"",
    "                                         indented",
    "2024-01-01T00:03:10.000000123Z stderr P E0101 00:03:13.100000    1032 x.go:72] part ",
    "2024-01-01T00:03:10.000000124Z stdout P other ",
    "2024-01-01T00:03:10.000000125Z stderr F end err=<",
    "2024-01-01T00:03:10.000000126Z stdout F end",
    "2024-01-01T00:03:10.000000126Z E0101 00:03:13.100000    1032 x.go:72] kubectl err=<",
    "{\"log\":\"part \",\"stream\":\"stderr\",\"time\":\"2024-01-01T00:03:10.1Z\"}",
    "{\"log\":\"end err=\\u003c\\n\",\"stream\":\"stderr\",\"time\":\"2024-01-01T00:03:10.1Z\"}",
    "{\"MESSAGE\":\"x err=<\",\"__REALTIME_TIMESTAMP\":\"1704063000000000\",\"_PID\":\"7\"}",
    "{\"MESSAGE\":\"\\tvalue\",\"__REALTIME_TIMESTAMP\":\"1704063000000000\",\"_PID\":\"7\"}",
    "[pod/a/b] E0101 00:03:13.100000    1032 x.go:72] x err=<",
    "[pod/a/b] \tvalue",
    "-- Boot 9b7a6c5d4e3f40218899aabbccddeeff --",
    "headerless",
];

/// Lines that join, in any order, now and then parted by so much that they are out of reach.
fn joining(filler: usize) -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        20 => prop::sample::select(&LINES[..]).prop_map(|line| line.as_bytes().to_vec()),
        1 => Just([&b" "[..], &vec![b'x'; filler]].concat()),
        1 => Just(vec![b'x'; filler]),
        1 => Just(Vec::new()),
    ];
    prop::collection::vec(line, 0..40).prop_map(|lines| lines.join(&b'\n'))
}

/// Entries of an export, whole or not.
fn exports() -> impl Strategy<Value = Vec<u8>> {
    let pieces: [&[u8]; 12] = [
        b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1704063000000000\n",
        b"_HOSTNAME=node-a\n_PID=7\nSYSLOG_IDENTIFIER=kubelet\n",
        b"MESSAGE=E0101 00:03:13.100000    1032 x.go:72] x err=<\n",
        b"MESSAGE=\tvalue\n",
        b"MESSAGE= > pod=1\n",
        b"MESSAGE\n\x09\0\0\0\0\0\0\0two\n\nlines\n",
        b"MESSAGE\n\x05\0\0\0\0\0\0\0x\n=<\n",
        b"MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffx\n",
        b"\n",
        b"\n",
        b"=\n",
        b"NAME\n",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_pieces(bytes in logs()) {
        laws::hold(&bytes, &[16, 64, 300]);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        laws::hold(&bytes, &[16, 64]);
    }

    #[test]
    fn any_lines(bytes in joining(100)) {
        laws::hold(&bytes, &[16, 300, 1000]);
    }

    #[test]
    fn any_export(bytes in exports()) {
        laws::hold(&bytes, &[16, 300, 1000]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_out_of_reach(bytes in joining(REACH / 3)) {
        laws::hold(&bytes, &[1000, 50_000]);
    }
}

/// Values opened across each other without end allow no cut; one is made all the same, at a line end, however much
/// more there is.
#[test]
fn a_source_that_never_lets_go_is_cut() {
    let line = |pid: usize| {
        format!(
            "Dec 31 22:50:04 node-a kubelet[{}]: E1231 22:50:04.309588    1234 x.go:1] \"x\" err=<\n",
            pid % 7919 + 1
        )
    };
    let mut log: Vec<u8> = (0..30_000).flat_map(|pid| line(pid).into_bytes()).collect();
    assert!(log.len() > 4 * REACH + LONGEST_LINE);
    assert_eq!(Layout::Lines.cut(&log[..REACH]), None);
    let cut = Layout::Lines.cut(&log).unwrap();
    assert!(log[..cut].ends_with(b"\n"));
    log.extend_from_slice(b"Dec 31 22:50:05 node-a kubelet[1]: end\n");
    assert_eq!(Layout::Lines.cut(&log), Some(cut));
    assert_eq!(Layout::Lines.cut(&vec![b'x'; 2 << 20]), None, "one line without end");
}

/// A field of an export that claims to be larger than everything.
#[test]
fn an_export_with_a_length_from_nowhere_is_cut() {
    let mut log = b"__CURSOR=1\nMESSAGE\n".to_vec();
    log.extend_from_slice(&(1_u64 << 60).to_le_bytes());
    log.extend_from_slice(&b"text\n".repeat(400_000));
    assert_eq!(Layout::Export.cut(&log[..REACH]), None);
    assert!(log[..Layout::Export.cut(&log).unwrap()].ends_with(b"\n"));
}

/// What costs a search through the rest of the line must not be done at each byte of it.
#[test]
fn long_lines_take_no_time() {
    let head = b"E0101 00:03:13.100000    1032 x.go:72] ";
    for piece in [
        "a=[ ",
        "a=\"b\\\" ",
        "\"\\",
        "a=<\n",
        "a=",
        "{\"a\":[",
        "=<\"",
        "\u{1b}]0;",
        "\u{1b}[0;",
        ": ",
        "#012",
        "[pod/",
    ] {
        let line = [&head[..], &piece.as_bytes().repeat(LONGEST_LINE / 4 / piece.len())].concat();
        pair(&line, "a");
        pairs(&line[head.len()..]);
        for block in [&line[..], &line[head.len()..]] {
            let mut guess = Guess::default();
            entries(Layout::Lines, block).for_each(|raw| drop(raw.peel(block, &mut guess)));
            Layout::Lines.cut(block);
            Layout::Export.cut(block);
        }
    }
}
