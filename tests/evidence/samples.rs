//! Reference samples and real files, where they are at hand.

use std::fs;
use std::path::{Path, PathBuf};

use nodecause::evidence::{read, thresholds_of_line, Evidence, What};

use super::{facts, facts_of};

/// A directory of reference samples or labelled cases; a line says that it is not there.
#[allow(clippy::print_stdout)]
fn shared(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(part);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

#[test]
fn the_samples_of_df() {
    let Some(directory) = shared("reference/samples/evidence") else { return };
    let read_sample = |name: &str| facts_of(name, &fs::read_to_string(directory.join(name)).expect("a sample"));
    let long = "/dev/mapper/vg--data-lv--containerd--with--a--long--name";
    let of = |unit: &str, rows: [(&str, &str); 2]| {
        let [kubelet, containerd] = rows.map(|(numbers, percent)| format!("{numbers} {percent}%{unit}"));
        vec![format!("2 /dev/sda1 {kubelet} /var/lib/kubelet"), format!("3 {long} {containerd} /var/lib/containerd")]
    };
    let exact = of("", [("42949672960 0 42949672960", "0"), ("10737418240 300003328 10437414912", "3")]);
    let blank = vec!["4 shm 67108864 0 67108864 0% /mnt/with blank".to_owned()];
    assert_eq!(read_sample("df.txt"), [exact.clone(), blank.clone()].concat());
    assert_eq!(read_sample("df-P.txt"), exact);
    assert_eq!(read_sample("df-posix.txt"), exact);
    assert_eq!(read_sample("df-a.txt"), [exact.clone(), vec!["4 proc 0 0 0 -% /proc".to_owned()]].concat());
    let mebibytes = of("", [("42949672960 0 42949672960", "0"), ("10737418240 300941312 10437525504", "3")]);
    assert_eq!(read_sample("df-B1M.txt"), mebibytes);
    let human = of("", [("42949672960 0 42949672960", "0"), ("10737418240 300941312 10522669875.2", "3")]);
    assert_eq!(read_sample("df-Ph.txt"), human);
    assert_eq!(read_sample("df-h.txt"), [human.clone(), blank.clone()].concat());
    assert_eq!(read_sample("df-hT.txt"), [human, blank].concat());
    let si = of("", [("43000000000 0 43000000000", "0"), ("11000000000 301000000 11000000000", "3")]);
    assert_eq!(read_sample("df-si.txt"), si);
    let inodes = of(" inodes", [("102400 1 102399", "1"), ("3085511 2 3085509", "1")]);
    assert_eq!(read_sample("df-i.txt"), inodes);
    assert_eq!(read_sample("df-Pi.txt"), inodes);
    let short = of(" inodes", [("102400 1 102400", "1"), ("3145728 2 3145728", "1")]);
    assert_eq!(read_sample("df-hi.txt"), short);
    let both: Vec<String> = exact.iter().zip(&inodes).flat_map(|(size, inode)| [size.clone(), inode.clone()]).collect();
    assert_eq!(read_sample("df-output.txt"), both);
}

#[test]
fn the_samples_of_memory_and_pressure() {
    let Some(directory) = shared("reference/samples/evidence") else { return };
    let read_sample = |name: &str| facts_of(name, &fs::read_to_string(directory.join(name)).expect("a sample"));
    // Written from the files by hand: KiB, MiB or letters, times their unit.
    let cases: &[(&str, &[&str])] = &[
        ("free.txt", &["2 memory 21605081088/25276510208 swap 0"]),
        ("free-w.txt", &["2 memory 21588123648/25276510208 swap 0"]),
        ("free-m.txt", &["2 memory 21590179840/25275924480 swap 0"]),
        ("free-h.txt", &["2 memory 21474836480/24696061952 swap 0"]),
        ("free-ht.txt", &["2 memory 21474836480/24696061952 swap 0"]),
        ("meminfo.txt", &["3 memory 21885222912/25276510208 swap 0"]),
        ("psi-cpu.txt", &["1 cpu some 63.15 47.54 63.12", "2 cpu full 0 0 0"]),
        ("psi-io.txt", &["1 io some 4.24 5.16 5.46", "2 io full 0.06 0.24 0.17"]),
        ("psi-memory.txt", &["1 memory some 0 0.01 0.39", "2 memory full 0 0 0.14"]),
    ];
    for (name, expected) in cases {
        assert_eq!(read_sample(name), *expected, "{name}");
    }
}

#[test]
fn the_headings_of_df_in_other_languages() {
    let Some(directory) = shared("reference/samples/evidence") else { return };
    let headings = fs::read_to_string(directory.join("df-headings.tsv")).expect("headings");
    let mut count = 0;
    for line in headings.lines() {
        let mut parts = line.splitn(3, '\t');
        let [locale, call, heading] = [(); 3].map(|()| parts.next().unwrap_or_default());
        let (row, expected) = match call.trim() {
            "df" | "df -P" => ("/dev/sda1 4000 1000 3000 25% /", "2 /dev/sda1 4096000 1024000 3072000 25% /"),
            "df -h" => ("/dev/sda1 4,0K 1,0K 3,0K 25% /", "2 /dev/sda1 4096 1024 3072 25% /"),
            "df -i" => ("/dev/sda1 400 100 300 25% /", "2 /dev/sda1 400 100 300 25% inodes /"),
            other => panic!("unknown call {other:?}"),
        };
        let text = format!("{heading}\n{row}\n");
        assert_eq!(facts(&text), [expected], "{locale} {call}: {heading}");
        count += 1;
    }
    assert!(count > 40, "{count}");
}

#[test]
fn the_facts_of_the_corpus() {
    let Some(corpus) = shared("corpus") else { return };
    let mut seen = 0;
    for case in fs::read_dir(corpus).expect("the corpus").flatten() {
        for facts in fs::read_dir(case.path()).into_iter().flatten().flatten() {
            if !facts.file_name().to_string_lossy().starts_with("facts") {
                continue;
            }
            for file in fs::read_dir(facts.path()).into_iter().flatten().flatten() {
                let name = file.file_name().to_string_lossy().into_owned();
                let bytes = fs::read(file.path()).expect("a file");
                let evidence = read(&name, &bytes);
                let expected = match name.as_str() {
                    "config.yaml" => Some("kubelet configuration"),
                    "df-h.txt" | "df-i.txt" => Some("df"),
                    "node.json" | "describe-node.txt" => Some("node"),
                    "events.json" => Some("events"),
                    "pods.json" | "pods.txt" => Some("pods"),
                    "systemctl-status.txt" | "systemctl-show.txt" => Some("units"),
                    "kubelet.service" => Some("kubelet flags"),
                    _ => None,
                };
                assert_eq!(evidence.as_ref().map(|evidence| evidence.kind), expected, "{}", file.path().display());
                seen += 1;
                if let Some(evidence) = evidence {
                    check_lines(&evidence, &bytes, &file.path());
                }
            }
        }
    }
    assert!(seen > 0);
}

/// Every fact stands on the line it names.
fn check_lines(evidence: &Evidence, bytes: &[u8], path: &Path) {
    let lines: Vec<&[u8]> = bytes.split_inclusive(|&b| b == b'\n').collect();
    for fact in &evidence.facts {
        let at = usize::try_from(fact.position.line).expect("a line") - 1;
        let before: usize = lines[..at].iter().map(|line| line.len()).sum();
        assert_eq!(before as u64, fact.position.offset, "{}", path.display());
        let line = String::from_utf8_lossy(lines[at]);
        let holds = match &fact.what {
            What::Threshold { signal, written, .. } => line.contains(signal) && line.contains(written),
            What::Filesystem { mount, device, .. } => line.contains(mount) && line.contains(device),
            What::Capacity { resource, .. } => line.contains(resource),
            What::Eviction { available_written, .. } => {
                line.contains(available_written) && line.contains("\"message\"")
            }
            What::NodeEvent { message, .. } => line.contains(&message[..message.len().min(10)]),
            What::NodeCondition { kind, .. } => line.contains(kind) || line.trim() == "{",
            What::Allocatable { resource, .. } => line.contains(resource),
            What::Taint { key, .. } => line.contains(key),
            What::NodeInfo { value, .. } | What::Setting { value, .. } => line.contains(value),
            What::PodStatus { status, .. } => line.contains(status),
            What::Container { reason, .. } => line.contains(reason),
            What::Unit { state, .. } => line.contains(state),
            other => panic!("nothing of the corpus says this: {other:?}"),
        };
        assert!(holds, "{}:{}: {:?}: {line}", path.display(), fact.position.line, fact.what);
    }
}

/// The text of a node and its object say the same.
#[test]
fn a_description_equals_its_object() {
    let Some(corpus) = shared("corpus") else { return };
    let facts_of = |path: PathBuf| -> Option<Vec<What>> {
        let evidence = read("x", &fs::read(path).ok()?)?;
        // The object does not hold the events.
        let is_object = |what: &What| !matches!(what, What::NodeEvent { .. });
        let mut facts: Vec<What> = evidence.facts.into_iter().map(|fact| fact.what).filter(is_object).collect();
        // Between the two commands, a heartbeat may have come.
        for fact in &mut facts {
            if let What::NodeCondition { heartbeat, .. } = fact {
                *heartbeat = None;
            }
        }
        facts.sort_by_key(|what| format!("{what:?}"));
        Some(facts)
    };
    let mut compared = 0;
    for case in fs::read_dir(corpus).expect("the corpus").flatten() {
        let directory = case.path().join("facts");
        if let Some(described) = facts_of(directory.join("describe-node.txt")) {
            assert_eq!(Some(described), facts_of(directory.join("node.json")), "{}", directory.display());
            compared += 1;
        }
    }
    assert!(compared > 0);
}

#[test]
fn the_start_up_lines_of_the_corpus() {
    let Some(corpus) = shared("corpus") else { return };
    let (mut structs, mut flags) = (0, 0);
    for case in fs::read_dir(corpus).expect("the corpus").flatten() {
        for file in fs::read_dir(case.path()).into_iter().flatten().flatten().filter(|file| file.path().is_file()) {
            let bytes = fs::read(file.path()).expect("a file");
            assert_eq!(read(&file.file_name().to_string_lossy(), &bytes), None, "{}", file.path().display());
            for line in bytes.split(|&b| b == b'\n') {
                let found = thresholds_of_line(line);
                let text = String::from_utf8_lossy(line);
                if let Some((_, list)) = text.split_once("HardEvictionThresholds") {
                    assert_eq!(found.len(), list.matches("Signal").count(), "{text}");
                    structs += 1;
                } else if let Some((_, list)) = text.split_once("--eviction-hard=") {
                    let list = list.split(' ').next().unwrap_or_default();
                    assert_eq!(found.len(), list.matches('<').count(), "{text}");
                    flags += 1;
                } else {
                    assert_eq!(found, [], "{text}");
                }
            }
        }
    }
    assert!(structs > 0 && flags > 0);
}
