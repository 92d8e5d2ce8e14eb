//! Archives and compressed files: the same answer as for the directory that was packed; bounds on what is hostile; and what is cut
//! or broken counts as far as it could be read, and is said.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use common::command::{directory, fed, pressure, quiet, run, write, Ran};
use common::{beside, difference, directories, examine, reports, samples};
use nodecause::base::Error;
use nodecause::input::limits;
use nodecause::scan::{Options, Scanned};
use nodecause::verdict::Verdict;

/// Files: path and content.
type Files = Vec<(String, Vec<u8>)>;

type Pack = fn(&[u8]) -> Vec<u8>;

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    let mut packer = zstd::Encoder::new(Vec::new(), 1).unwrap();
    packer.include_checksum(true).unwrap();
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut packer = liblzma::write::XzEncoder::new(Vec::new(), 0);
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn bz2(bytes: &[u8]) -> Vec<u8> {
    let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut about = lz4_flex::frame::FrameInfo::new();
    about.content_checksum = true;
    about.block_size = lz4_flex::frame::BlockSize::Max64KB;
    let mut packer = lz4_flex::frame::FrameEncoder::with_frame_info(about, Vec::new());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

const PACKERS: &[(&str, Pack)] = &[("gz", gz), ("zst", zst), ("xz", xz), ("bz2", bz2), ("lz4", lz4)];

fn tar(files: &Files) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        add(&mut archive, name, tar::EntryType::Regular, bytes, "");
    }
    archive.into_inner().unwrap()
}

/// Adds a member whatever its name is; the crate itself refuses hostile ones.
fn add(archive: &mut tar::Builder<Vec<u8>>, name: &str, kind: tar::EntryType, bytes: &[u8], target: &str) {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
    if name.len() > 100 {
        header.set_cksum();
        archive.append_data(&mut header, name, bytes).unwrap();
        return;
    }
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_cksum();
    archive.append(&header, bytes).unwrap();
}

fn zip(files: &Files) -> Vec<u8> {
    zip_by(files, zip::CompressionMethod::Deflated)
}

fn zip_by(files: &Files, method: zip::CompressionMethod) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name, zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// As programs write that cannot go back: lengths behind the members.
fn zip_on_a_stream(files: &Files) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new_stream(Vec::new());
    for (name, bytes) in files {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn named(name: &str, bytes: impl AsRef<[u8]>) -> Files {
    vec![(name.to_string(), bytes.as_ref().to_vec())]
}

/// The files below a directory.
fn files(root: &Path) -> Files {
    fn walk(root: &Path, at: &Path, found: &mut Files) {
        let mut paths: Vec<PathBuf> = fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(root, root, &mut found);
    found
}

fn one_thread() -> Options {
    Options { threads: 1, ..Options::default() }
}

/// Reads bytes as a file of this name.
fn read(case: &str, name: &str, bytes: impl AsRef<[u8]>) -> (Scanned, String) {
    let path = write(&directory(case), name, bytes);
    let (scanned, verdict) = examine(std::slice::from_ref(&path), &one_thread());
    let at = format!("{}/", path.parent().unwrap().display());
    (scanned, reports(&verdict).0.replace(&at, ""))
}

/// What could not be read, and why.
fn wrong(scanned: &Scanned) -> Vec<String> {
    let cut = |what: &str| {
        what.rsplit_once("archives-").map_or(what.to_string(), |(_, name)| name.split_once('/').unwrap().1.into())
    };
    let text = |error: &Error| format!("{}: {}", cut(&error.what), error.wrong);
    let skipped = scanned.skipped.iter().map(|skipped| format!("{}: {}", cut(&skipped.path), skipped.why));
    scanned.unreadable.iter().map(text).chain(skipped).collect()
}

fn holds(scanned: &Scanned, words: &str) {
    assert!(wrong(scanned).iter().any(|text| text.contains(words)), "{words} is not in {:#?}", wrong(scanned));
}

fn entries(scanned: &Scanned) -> u64 {
    scanned.summary.sources.values().map(|source| source.entries).sum()
}

fn lines(log: &str) -> u64 {
    log.lines().count() as u64
}

/// The same report, but for where the files are.
fn same_as_directory(case: &Path, packed: &[(&str, Vec<u8>, &str)]) {
    let (_, verdict) = examine(&[case.to_path_buf()], &one_thread());
    let plain = reports(&verdict).0.replace(&format!("{}/", case.display()), "AT/");
    for (name, bytes, inner) in packed {
        let path = write(&directory("archives-same"), name, bytes);
        let (scanned, verdict) = examine(std::slice::from_ref(&path), &Options::default());
        assert_eq!(scanned.unreadable, [], "{}: {name}", case.display());
        let report = reports(&verdict).0.replace(&format!("{}{inner}!/", path.display()), "AT/");
        if let Some(difference) = difference(&plain, &report) {
            panic!("{} as {name}: {difference}", case.display());
        }
    }
}

fn in_all_forms(case: &Path) {
    let files = files(case);
    let archive = tar(&files);
    let mut packed = vec![("b.tar", archive.clone(), "")];
    for (end, pack) in PACKERS {
        packed.push((end, pack(&archive), ""));
    }
    packed.push(("b.zip", zip(&files), ""));
    packed.push(("stream.zip", zip_on_a_stream(&files), ""));
    packed.push(("stored.zip", zip_by(&files, zip::CompressionMethod::Stored), ""));
    packed.push(("zstd.zip", zip_by(&files, zip::CompressionMethod::Zstd), ""));
    packed.push(("bzip2.zip", zip_by(&files, zip::CompressionMethod::Bzip2), ""));
    packed.push(("outer.zip", zip(&named("in/b.tar.gz", gz(&archive))), "!/in/b.tar.gz"));
    packed.push(("outer.tar.xz", xz(&tar(&named("./b.zip", zip(&files)))), "!/b.zip"));
    let singly: Files = files.iter().map(|(name, bytes)| (name.clone(), gz(bytes))).collect();
    packed.push(("singly.tar", tar(&singly), ""));
    same_as_directory(case, &packed);
}

#[test]
fn a_packed_sample_gives_the_same_report() {
    for name in ["pressure-imagefs-control-plane", "quiet-"] {
        let (found, paths) = samples().into_iter().find(|(case, _)| case.starts_with(name)).unwrap();
        let input = paths.iter().find(|path| path.is_dir()).unwrap_or_else(|| panic!("{found} has no directory"));
        in_all_forms(input);
    }
}

#[test]
fn packed_cases_of_the_lab_give_the_same_report() {
    let Some(corpus) = beside("../shared/corpus") else { return };
    for case in directories(&corpus) {
        if !case.file_name().unwrap().to_string_lossy().starts_with("lab-") {
            continue;
        }
        let files = files(&case);
        let archive = tar(&files);
        same_as_directory(&case, &[("b.tar.gz", gz(&archive), ""), ("b.zip", zip(&files), "")]);
    }
}

/// The pressure is found.
fn finds(what: &str, ran: &Ran) {
    assert_eq!(ran.status, 0, "{what}: {}", ran.err);
    assert_eq!(ran.roots(), ["ephemeral-storage-pressure"], "{what}");
}

#[test]
fn standard_input_may_be_packed() {
    let json = ["--format", "json"];
    let archive = tar(&named("node/kubelet.log", pressure()));
    finds("a tar archive", &fed(&json, &archive));
    for (end, pack) in PACKERS {
        finds(end, &fed(&json, &pack(pressure().as_bytes())));
        finds(end, &fed(&json, &pack(&archive)));
    }
    for bytes in [zip(&named("kubelet.log", pressure())), zip_on_a_stream(&named("kubelet.log", pressure()))] {
        finds("zip", &fed(&json, &bytes));
        let ran = fed(&["inputs"], &bytes);
        assert!(ran.out.contains("-!/kubelet.log"), "{}", ran.out);
    }
    // Cut before its list: what is there passes by.
    let whole = zip(&named("kubelet.log", pressure()));
    let list = whole.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let ran = fed(&json, &whole[..list]);
    finds("zip without its end", &ran);
    assert!(ran.json()["input"]["skipped"].to_string().contains("end is missing"), "{}", ran.json()["input"]);
}

#[test]
fn a_compressed_file_keeps_its_name() {
    let (plain, report) = read("archives-plain", "kubelet.log", pressure());
    for (end, pack) in PACKERS {
        let name = format!("kubelet.log.{end}");
        let (scanned, packed) = read(&format!("archives-{end}"), &name, pack(pressure().as_bytes()));
        let source = scanned.summary.sources.iter().next().unwrap();
        assert!(source.0.ends_with(&name), "{}", source.0);
        assert_eq!(source.1.component, plain.summary.sources.values().next().unwrap().component);
        assert_eq!(difference(&report, &packed.replace(&name, "kubelet.log")), None, "{end}");
        // In each other, and under a name that does not say so.
        let (scanned, _) = read("archives-twice", "kubelet.log", pack(&pack(pressure().as_bytes())));
        assert_eq!(entries(&scanned), lines(&pressure()), "{end}");
    }
}

#[test]
fn members_behind_each_other_are_one_log() {
    let log = pressure();
    let (first, second) = log.as_bytes().split_at(4000);
    for (end, pack) in PACKERS {
        let mut bytes = [pack(first), pack(b""), pack(second)].concat();
        if *end == "zst" {
            // A frame to be skipped, of five bytes.
            bytes = [b"\x53\x2a\x4d\x18\x05\0\0\0hello".to_vec(), bytes, b"\x50\x2a\x4d\x18\0\0\0\0".to_vec()].concat();
        }
        let (scanned, _) = read("archives-members", "kubelet.log", &bytes);
        assert_eq!((entries(&scanned), wrong(&scanned)), (lines(&log), vec![]), "{end}");
        bytes.extend([0; 512]);
        let (scanned, _) = read("archives-padded", "kubelet.log", &bytes);
        assert_eq!((entries(&scanned), wrong(&scanned)), (lines(&log), vec![]), "{end} with padding");
        bytes.extend(b"and something else");
        let (scanned, _) = read("archives-tail", "kubelet.log", &bytes);
        assert_eq!(
            (entries(&scanned), wrong(&scanned).len()),
            (lines(&log), 1),
            "{end} with a tail: {:?}",
            wrong(&scanned)
        );
    }
}

/// A log that no packer makes much smaller, so that a cut leaves most of it.
fn varied() -> String {
    let mut dice = common::Dice::new(11);
    let noise = |dice: &mut common::Dice| (0..8).map(|_| format!("{:x}", dice.below(usize::MAX))).collect::<String>();
    let log = pressure().repeat(8);
    log.lines().map(|line| format!("{line} {}\n", noise(&mut dice))).collect()
}

#[test]
fn what_stands_before_a_cut_or_a_fault_counts() {
    let log = varied();
    for (end, pack) in PACKERS {
        let whole = pack(log.as_bytes());
        let (scanned, _) = read("archives-cut", "kubelet.log", &whole[..whole.len() * 9 / 10]);
        holds(&scanned, "kubelet.log: cut after ");
        holds(&scanned, end.trim_end_matches('2').trim_end_matches("st"));
        // They work in blocks.
        assert!(entries(&scanned) > lines(&log) / 4, "{end}: {} of {}", entries(&scanned), lines(&log));
        // Within the checksum and what else ends it.
        let (scanned, _) = read("archives-end", "kubelet.log", &whole[..whole.len() - 2]);
        assert_eq!(entries(&scanned), lines(&log), "{end}");
        holds(&scanned, "cut after ");
        let mut broken = whole.clone();
        let at = match *end {
            "gz" => whole.len() - 6,
            "zst" | "lz4" => whole.len() - 2,
            "bz2" => whole.len() - 3,
            // The check of the last block stands in front of the index.
            _ => whole.len() - 40,
        };
        broken[at] ^= 0x55;
        let (scanned, _) = read("archives-sum", "kubelet.log", &broken);
        holds(&scanned, "broken after ");
        assert!(entries(&scanned) > lines(&log) / 4, "{end}: {} of {}", entries(&scanned), lines(&log));
    }
    let (scanned, _) = read("archives-crc", "kubelet.log.gz", {
        let mut bytes = gz(log.as_bytes());
        let at = bytes.len() - 6;
        bytes[at] ^= 1;
        bytes
    });
    assert_eq!(entries(&scanned), lines(&log));
    holds(&scanned, &format!("kubelet.log.gz: broken after {} bytes: gzip: the checksum is wrong", log.len()));
}

#[test]
fn a_broken_archive_is_read_up_to_the_fault() {
    let log = varied();
    let both: Files = [named("first.log", quiet()), named("kubelet.log", &log)].concat();
    let archive = tar(&both);
    let (scanned, _) = read("archives-tar", "b.tar", &archive[..archive.len() / 2]);
    holds(&scanned, "b.tar!/kubelet.log: cut after ");
    assert!(entries(&scanned) > lines(&log) / 3);
    assert_eq!(wrong(&scanned).len(), 1, "{:?}", wrong(&scanned));
    let packed = gz(&archive);
    let (scanned, _) = read("archives-tgz", "b.tar.gz", &packed[..packed.len() / 2]);
    holds(&scanned, "b.tar.gz!/kubelet.log: cut after ");
    assert_eq!(wrong(&scanned).len(), 1, "{:?}", wrong(&scanned));
    // The checksum stands behind the last member.
    let mut packed = packed;
    let at = packed.len() - 6;
    packed[at] ^= 1;
    let (scanned, _) = read("archives-tgz-sum", "b.tar.gz", &packed);
    holds(&scanned, "b.tar.gz: broken after ");
    assert_eq!(entries(&scanned), lines(&log) + lines(&quiet()));
    // Of a zip archive, one member may be broken and the others whole.
    let mut bytes = zip(&both);
    let at = bytes.windows(9).position(|name| name == b"first.log").unwrap() + 60;
    bytes[at] ^= 0x10;
    let (scanned, _) = read("archives-zip-sum", "b.zip", &bytes);
    holds(&scanned, "b.zip!/first.log: broken");
    assert!(entries(&scanned) >= lines(&log));
    let bytes = zip(&both);
    let (scanned, _) = read("archives-zip-cut", "b.zip", &bytes[..bytes.len() / 2]);
    holds(&scanned, "b.zip!/kubelet.log: cut after ");
    assert!(entries(&scanned) > lines(&log) / 3);
}

#[test]
fn a_member_that_is_no_file_is_skipped_and_said() {
    let mut archive = tar::Builder::new(Vec::new());
    let kind = tar::EntryType::new;
    add(&mut archive, "./dir/", kind(b'5'), b"", "");
    add(&mut archive, "./dir/current.log", kind(b'2'), b"", "../../etc/passwd");
    add(&mut archive, "hard.log", kind(b'1'), b"", "dir/kubelet.log");
    add(&mut archive, "dev/null", kind(b'3'), b"", "");
    add(&mut archive, "dev/sda", kind(b'4'), b"", "");
    add(&mut archive, "run/pipe", kind(b'6'), b"", "");
    add(&mut archive, "sparse.log", kind(b'S'), pressure().as_bytes(), "");
    add(&mut archive, "odd", kind(b'Q'), b"xyz", "");
    add(&mut archive, "/etc/kubelet.log", kind(b'0'), pressure().as_bytes(), "");
    add(&mut archive, "../../up/kubelet.log", kind(b'0'), pressure().as_bytes(), "");
    add(&mut archive, "../../up/kubelet.log", kind(b'0'), pressure().as_bytes(), "");
    add(&mut archive, &format!("{}/kubelet.log", "long/".repeat(60)), kind(b'0'), pressure().as_bytes(), "");
    let (scanned, _) = read("archives-links", "b.tar", archive.into_inner().unwrap());
    for words in [
        "b.tar!/dir/current.log: a link to ../../etc/passwd",
        "b.tar!/hard.log: a link to dir/kubelet.log",
        "b.tar!/dev/null: a device, pipe or socket",
        "b.tar!/dev/sda: a device, pipe or socket",
        "b.tar!/run/pipe: a device, pipe or socket",
        "b.tar!/sparse.log: a sparse file",
        "b.tar!/odd: a kind of member",
    ] {
        holds(&scanned, words);
    }
    let sources: Vec<&str> = scanned.summary.sources.keys().map(|path| path.split_once("!/").unwrap().1).collect();
    let long = format!("{}kubelet.log", "long/".repeat(60));
    let long = long.replace("long/kubelet", "long//kubelet");
    assert_eq!(sources.len(), 4, "{sources:?}");
    for name in ["/etc/kubelet.log", "../../up/kubelet.log", "../../up/kubelet.log (2)"] {
        assert!(sources.contains(&name), "{name}: {sources:?}");
    }
    assert!(sources.iter().any(|name| name.len() + 1 >= long.len()), "{sources:?}");
    assert_eq!(entries(&scanned), 4 * lines(&pressure()), "a name that comes twice is two sources");
}

#[test]
fn sizes_that_are_not_true() {
    for size in [u64::MAX, 1 << 62, 8 << 30] {
        let mut header = tar::Header::new_gnu();
        header.set_path("kubelet.log").unwrap();
        header.set_size(size);
        header.set_cksum();
        let bytes = [header.as_bytes().as_slice(), pressure().as_bytes()].concat();
        let (scanned, _) = read("archives-size", "b.tar", bytes);
        assert_eq!(entries(&scanned), lines(&pressure()));
        holds(&scanned, &format!("b.tar!/kubelet.log: cut after {} of its {size} bytes", pressure().len()));
    }
    let mut bytes = zip(&named("kubelet.log", pressure()));
    let list = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    bytes[list + 24..list + 28].copy_from_slice(&100_u32.to_le_bytes());
    let (scanned, _) = read("archives-zip-size", "b.zip", &bytes);
    holds(&scanned, "b.zip!/kubelet.log: broken: ");
}

#[test]
fn an_encrypted_member_is_skipped_and_said() {
    let files = [named("secret.log", pressure()), named("kubelet.log", pressure())].concat();
    let mut bytes = zip(&files);
    let (here, list) = (0, bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap());
    bytes[here + 6] |= 1;
    bytes[list + 8] |= 1;
    let (scanned, _) = read("archives-encrypted", "b.zip", &bytes);
    holds(&scanned, "b.zip!/secret.log: encrypted");
    assert_eq!(entries(&scanned), lines(&pressure()));
}

#[test]
fn a_bomb_is_stopped() {
    // Zeros are binary, and passed over quickly: it is the archive that is stopped.
    let zeros = vec![0; 96 << 20];
    let started = std::time::Instant::now();
    let once = zst(&tar(&[named("core", zeros), named("kubelet.log", pressure())].concat()));
    let (scanned, _) = read("archives-bomb", "b.tar.zst", &once);
    holds(&scanned, "b.tar.zst: stopped after ");
    holds(&scanned, "more than 1000 times its size");
    // Each member is within bounds; all of them together are not.
    let most = vec![0; (limits::RATIO_FROM - 1) as usize];
    let member = zst(&tar(&named("core", most)));
    let files: Files = (0..3).map(|number| (format!("{number}.log"), member.clone())).collect();
    let (scanned, _) = read("archives-bombs", "b.tar", tar(&files));
    holds(&scanned, "more than 1000 times its size");
    assert!(started.elapsed().as_secs() < 60);
}

#[test]
fn boxes_in_boxes_come_to_an_end() {
    let mut bytes = named("kubelet.log", pressure());
    for level in 1..=8 {
        bytes = named("inner.zip", zip(&bytes));
        let (scanned, _) = read("archives-deep", "b.zip", &bytes[0].1);
        let deep = level > limits::DEEPEST;
        assert_eq!(entries(&scanned) > 0, !deep, "level {level}");
        if deep {
            holds(&scanned, "in each other");
        }
    }
    // A file that holds itself has no end either.
    let mut bytes = pressure().into_bytes();
    for _ in 0..20 {
        bytes = gz(&bytes);
    }
    let (scanned, _) = read("archives-deep-gz", "kubelet.log.gz", &bytes);
    holds(&scanned, "in each other");
}

#[test]
fn a_window_that_is_too_large_is_refused() {
    // A frame header that asks for 2 GiB, and a block that would be read.
    let frame = [b"\x28\xb5\x2f\xfd\x00".as_slice(), &[21 << 3], &[0x21, 0, 0], b"some"].concat();
    let (scanned, _) = read("archives-window-zst", "kubelet.log.zst", &frame);
    holds(&scanned, "a window of more than 128 MiB");
    let mut options = liblzma::stream::LzmaOptions::new_preset(6).unwrap();
    options.dict_size(1 << 20);
    let mut filters = liblzma::stream::Filters::new();
    filters.lzma2(&options);
    let stream = liblzma::stream::Stream::new_stream_encoder(&filters, liblzma::stream::Check::Crc32).unwrap();
    let mut packer = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    packer.write_all(pressure().as_bytes()).unwrap();
    let mut bytes = packer.finish().unwrap();
    // The block's header: its filter's id, the length of its properties, and the window: 1 MiB is 16, 1.5 GiB is 37.
    let at = bytes.windows(3).position(|three| three == [0x21, 1, 16]).unwrap();
    bytes[at + 2] = 37;
    let header = bytes[12..12 + usize::from(bytes[12]) * 4].to_vec();
    let sum = header.iter().fold(flate2::Crc::new(), |mut sum, byte| {
        sum.update(&[*byte]);
        sum
    });
    let end = 12 + header.len();
    bytes[end..end + 4].copy_from_slice(&sum.sum().to_le_bytes());
    let (scanned, _) = read("archives-window-xz", "kubelet.log.xz", &bytes);
    holds(&scanned, "takes more than 136 MiB");
}

#[test]
fn names_cannot_deceive_the_terminal() {
    let archive = tar(&named("a\x1b[2J\nunreadable  b.log", pressure()));
    let path = write(&directory("archives-names"), "b.tar", archive);
    let ran = run(&["inputs".to_string(), path.to_string_lossy().into_owned()]);
    assert!(!ran.out.contains('\x1b'), "{:?}", ran.out);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
}

#[test]
fn evidence_in_an_archive_is_evidence() {
    let df = "Filesystem      Size  Used Avail Use% Mounted on\n/dev/sda1        20G   19G  100M  99% /\n";
    let files = [named("df.txt", df), named("node/kubelet.log", pressure()), named("notes.txt", "Nothing.\n")].concat();
    for (name, bytes) in [("b.tar.gz", gz(&tar(&files))), ("b.zip", zip(&files))] {
        let (scanned, _) = read("archives-evidence", name, bytes);
        assert_eq!(scanned.summary.evidence.len(), 1, "{name}");
        holds(&scanned, "notes.txt: no form of log that is known");
    }
    let (scanned, _) = read("archives-df", "df.txt.gz", gz(df.as_bytes()));
    assert_eq!(scanned.summary.evidence.len(), 1);
}

#[test]
fn utf_16_is_read_after_it_is_unpacked() {
    let units: Vec<u8> = pressure().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (scanned, _) = read("archives-utf-16", "kubelet.log.gz", gz(&[&[0xff, 0xfe], &units[..]].concat()));
    assert_eq!(entries(&scanned), lines(&pressure()));
}

#[test]
fn a_packed_copy_counts_once() {
    let case = directory("archives-copies");
    let log = pressure();
    let alone = examine(&[write(&case, "alone.log", &log)], &one_thread()).1;
    write(&case, "both/kubelet.log", &log);
    write(&case, "both/old/kubelet.log.1.gz", gz(log.as_bytes()));
    write(&case, "both/old/kubelet.log.zst", zst(log.as_bytes()));
    let both = examine(&[case.join("both")], &one_thread()).1;
    let story = |verdict: &Verdict| {
        let incident = &verdict.incidents[0];
        let effects: Vec<_> = incident.chain.iter().map(|effect| (effect.condition.clone(), effect.count)).collect();
        (incident.root.condition.clone(), incident.root.count, effects)
    };
    assert_eq!(story(&both), story(&alone));
    let again = both.input.sources.iter().filter(|source| source.view_of.is_some());
    assert_eq!(again.count(), 2);
    // Rotated away and packed in the middle of what the plain file still has.
    let lines: Vec<&str> = log.lines().collect();
    let (from, to) = (lines.len() / 3, lines.len() * 2 / 3);
    write(&case, "rotated/kubelet.log", lines[from..].join("\n") + "\n");
    write(&case, "rotated/kubelet.log.1.gz", gz((lines[..to].join("\n") + "\n").as_bytes()));
    assert_eq!(story(&examine(&[case.join("rotated")], &one_thread()).1), story(&alone));
}

#[test]
fn any_damage_is_survived() {
    let files = [named("first.log", quiet()), named("in.zip", zip(&named("kubelet.log", pressure())))].concat();
    let mut dice = common::Dice::new(5);
    // A small log, so that a round is short.
    let mut forms = vec![tar(&files), zip(&files), zip_on_a_stream(&files)];
    forms.extend(PACKERS.iter().map(|(_, pack)| pack(&tar(&files))));
    for bytes in forms {
        for _ in 0..8 {
            let mut bytes = bytes.clone();
            for _ in 0..1 + dice.below(8) {
                let at = dice.below(bytes.len());
                bytes[at] = dice.below(256) as u8;
            }
            bytes.truncate(bytes.len() - dice.below(bytes.len() / 4));
            read("archives-damage", "b", &bytes);
        }
    }
}

#[test]
fn a_zip_archive_too_large_to_be_held_passes_by() {
    // Noise that fills what may be held.
    let mut dice = common::Dice::new(9);
    let noise: Vec<u8> = (0..limits::MOST_HELD / 8 + 1000).flat_map(|_| dice.below(usize::MAX).to_le_bytes()).collect();
    let files = [named("core", noise), named("node/kubelet.log", pressure())].concat();
    for bytes in [zip(&files), zip_on_a_stream(&files), zip_by(&files, zip::CompressionMethod::Stored)] {
        let ran = fed(&["--format", "json"], &bytes);
        finds("a large zip archive", &ran);
        assert_eq!(ran.json()["input"]["lines"], lines(&pressure()));
    }
}

/// Reading is what counts here: nothing is written beside what is read.
#[test]
fn nothing_is_unpacked() {
    let case = directory("archives-nothing");
    let path = write(&case, "b.tar.gz", gz(&tar(&named("../../x/kubelet.log", pressure()))));
    let mut bytes = Vec::new();
    fs::File::open(&path).unwrap().read_to_end(&mut bytes).unwrap();
    finds("a packed log", &run(&["--format", "json", &path.to_string_lossy()]));
    assert_eq!(fs::read_dir(&case).unwrap().count(), 1);
    assert_eq!(fs::read(&path).unwrap(), bytes);
}
