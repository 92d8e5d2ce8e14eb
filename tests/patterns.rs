//! The built-in catalogue passes its own lint, and the lint finds each kind of fault in small made-up files.

use std::io::Write;

use nodecause::catalogue::load::{self, Source};
use nodecause::catalogue::Pattern;
use nodecause::matcher::lint::{circles, lint, Fault, Level};
use nodecause::matcher::Matcher;

/// A catalogue without fault; the cases below spoil one place of it each.
const GOOD: &str = r#"
[[component]]
id = "agent"
names = ["agentd"]

[[capture]]
name = "pod"
pairs = ["pod"]

[[capture]]
name = "device"

[[condition]]
id = "disk-lost"
title = "A disk is gone"
area = "disks"
scope = "device"
severity = "node-down"
usually = "root"
silence = "10m"
settling = "0s"
says = "The disk was lost[: {device}]."
explanation = "The kernel no longer sees it."
check = ["lsblk"]
do = ["Replace it."]
url = "https://example.org/disks"
  [[condition.effects]]
  effect = "writes-failed"
  delay = [0, 60]
  same = ["pod"]
  after_end = 10
  why = "Nothing can be written to it."

[[condition]]
id = "writes-failed"
title = "Writes fail"
area = "disks"
scope = "pod"
severity = "workload"
usually = "effect"
silence = "10m"
settling = "0s"
says = "Writes failed."
explanation = "What a pod writes is lost."
check = ["dmesg"]
do = ["Look at the disk."]

[[pattern]]
id = "disk-vanished"
condition = "disk-lost"
role = "statement"
component = ["agent"]
literals = ["has vanished from the bus"]
regex = 'disk (?<device>[a-z]+) has'
object = ["device"]
references = ["example/agent disks.go"]
  [[pattern.example]]
  line = '''E0105 10:00:01.000000    1 disks.go:12] disk sdb has vanished from the bus'''
  gives = { condition = "disk-lost", device = "sdb" }

[[pattern]]
id = "write-refused"
condition = "writes-failed"
role = "statement"
literals = ["write was refused"]
none = ["read-only by request"]
pairs = { reason = ["reason"] }
object = ["pod"]
when = [{ reason = "quota", role = "background" }]
references = ["example/agent writes.go"]
  [[pattern.example]]
  line = '''E0105 10:00:01.000000    1 writes.go:12] "A write was refused" pod="shop/web-1" reason="gone"'''
  gives = { condition = "writes-failed", pod = "shop/web-1" }
  [[pattern.example]]
  line = '''E0105 10:00:01.000000    1 writes.go:12] "A write was refused" pod="shop/web-1" reason="quota"'''
  gives = { role = "background" }
  [[pattern.counter]]
  line = '''E0105 10:00:01.000000    1 writes.go:12] "A write was refused" reason="read-only by request"'''
  why = "asked for"
"#;

fn source(path: &str, text: String) -> Source {
    let (source, errors) = load::parse(path, text);
    assert_eq!(errors, [], "{path} does not parse");
    source
}

/// The catalogue with one text replaced everywhere, and its faults.
fn spoilt(from: &str, to: &str) -> Vec<Fault> {
    assert!(GOOD.contains(from), "the good catalogue has no {from:?}");
    lint(&[], &[source("x.toml", GOOD.replacen(from, to, 1))])
}

fn shown(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}

#[test]
fn a_good_catalogue_has_no_faults() {
    assert_eq!(shown(&spoilt("Nothing", "Nothing")), "");
}

/// One way to spoil the good catalogue.
struct Case {
    /// Text in it, and what it becomes.
    change: (&'static str, &'static str),
    /// Text on the line that the fault must be found on.
    at: &'static str,
    /// Beginning of the fault, behind file and line.
    fault: &'static str,
}

const fn case(from: &'static str, to: &'static str, at: &'static str, fault: &'static str) -> Case {
    Case { change: (from, to), at, fault }
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    // Names.
    case("id = \"disk-vanished\"", "id = \"Disk_vanished\"", "Disk_vanished", "error: Disk_vanished: an id is small letters"),
    case("id = \"writes-failed\"", "id = \"Writes\"", "Writes", "error: Writes: an id is small letters"),
    case("id = \"agent\"", "id = \"the agent\"", "the agent", "error: the agent: an id is small letters"),
    case("id = \"write-refused\"", "id = \"disk-vanished\"", "", "error: disk-vanished: this pattern is already defined at x.toml:49"),
    case("id = \"writes-failed\"", "id = \"disk-lost\"", "", "error: disk-lost: this condition is already defined at x.toml:14"),
    case("name = \"device\"", "name = \"pod\"", "", "error: pod: this capture is already defined at x.toml:7"),
    case("condition = \"disk-lost\"", "condition = \"disk-list\"", "disk-list", "error: disk-vanished: there is no condition disk-list"),
    case("[\"agent\"]", "[\"agents\"]", "component =", "error: disk-vanished: there is no component agents"),
    case("role = \"background\" }]", "condition = \"quota\" }]", "when =", "error: write-refused: there is no condition quota"),
    case("object = [\"pod\"]", "also = [\"other\"]", "also =", "error: write-refused: there is no pattern other"),
    case("effect = \"writes-failed\"", "effect = \"reads-failed\"", "effect =", "error: disk-lost: there is no condition reads-failed"),
    case("[\"agentd\"]", "[\"\"]", "id = \"agent\"", "error: agent: no name"),
    case("[[capture]]", "[[component]]\nid = \"other\"\nnames = [\"agentd\"]\n\n[[capture]]", "names =", "warning: other: agent has the name \"agentd\" too"),
    // Literals.
    case("literals = [\"has vanished from the bus\"]", "", "id = \"disk-vanished\"", "error: disk-vanished: no literal"),
    case("[\"has vanished", "[\"\", \"has vanished", "id = \"disk-vanished\"", "error: disk-vanished: an empty literal"),
    case("[\"has vanished", "[\"has \\\"vanished", "", "error: disk-vanished: \"has \\\"vanished from the bus\" holds '\"'"),
    case("object = [\"device\"]", "all = [\"sdb häs\"]", "all =", "error: disk-vanished: \"sdb häs\" holds 'ä'"),
    case("[\"has vanished from the bus\"]", "[\"vanished\"]", "literals =", "warning: disk-vanished: \"vanished\" has less than 10 bytes"),
    case("object = [\"device\"]", "short = true", "short =", "warning: disk-vanished: short = true, but"),
    case("the bus\"]", "the bus\",\n\"is not on the bus\"]", "is not on", "error: disk-vanished: \"is not on the bus\" is in none of the examples"),
    // Regexes.
    case("[a-z]+)", "[a-z]+", "regex =", "error: disk-vanished: the regex does not compile: unclosed group"),
    case("'disk (?<device>[a-z]+) has'", "'(?<device>[a-z]*)'", "regex =", "error: disk-vanished: the regex matches the empty string"),
    case("'disk (?<device>[a-z]+) has'", "'^(?:disk [a-z]+|)'", "regex =", "error: disk-vanished: the regex matches the empty string"),
    case("'disk (?<device>[a-z]+) has'", "'^(?:.*?disc (?<device>[a-z]+)|)'", "regex =", "warning: disk-vanished: the regex finds nothing"),
    case("pairs = {", "regex = 'for want of (?<reason>.+)'\npairs = {", "regex =", "warning: write-refused: the regex finds nothing in any of the examples"),
    // Captures.
    case("object = [\"device\"]", "object = [\"image\"]", "object =", "error: disk-vanished: object names image"),
    case("{ reason = \"quota\"", "{ reasom = \"quota\"", "when =", "error: write-refused: when tests reasom"),
    case("[\"reason\"] }", "[\"reason\"], image = [\"image\"] }", "pairs =", "warning: write-refused: no example has a pair for image (image)"),
    case("reason = [\"reason\"] }", "reason = [] }", "pairs =", "error: write-refused: pairs names no key for reason"),
    case("Writes failed.", "Writes failed[ to {image}].", "says =", "error: writes-failed: says names {image}"),
    case("Writes failed.", "Writes of {pod} failed.", "says =", "warning: writes-failed: {pod} stands outside"),
    case("Writes failed.", "Writes [failed.", "says =", "error: writes-failed: says has a '['"),
    case("Writes failed.", "Writes failed}.", "says =", "error: writes-failed: says has a '}'"),
    case("Writes failed.", "Writes {failed.", "says =", "error: writes-failed: says has a '{'"),
    // Branches and roles.
    case(", role = \"background\" }]", " }]", "when =", "error: write-refused: a branch of when that chooses neither"),
    case("when = [{", "when = [{ role = \"background\" }, {", "when =", "error: write-refused: a branch of when without a test"),
    case("{ reason = \"quota\"", "{ reason = \"full\"", "when =", "warning: write-refused: no example comes to these branches of when: 1 (background)"),
    case("condition = \"disk-lost\"\n", "", "role =", "error: disk-vanished: a statement without a condition"),
    case("object = [\"device\"]", "recovers = [\"disk-lost\"]", "recovers =", "error: disk-vanished: recovers is for the roles"),
    case("role = \"statement\"", "role = \"recovery\"", "role =", "warning: disk-vanished: a recovery that recovers nothing"),
    case("condition = \"disk-lost\"\nrole = \"statement\"", "role = \"lifecycle\"", "role =", "warning: disk-vanished: a lifecycle line that marks nothing"),
    case("role = \"statement\"", "role = \"lifecycle\"\nmarks = \"agent-begin\"", "marks =", "error: disk-vanished: marks = \"agent-begin\" is neither"),
    case("object = [\"device\"]", "began_before = \"soon\"", "began_before =", "error: disk-vanished: \"soon\" is no duration"),
    case("object = [\"device\"]", "began_before = \"500d\"", "began_before =", "error: disk-vanished: \"500d\" is no duration"),
    case("references = [\"example/agent disks.go\"]", "", "id =", "warning: disk-vanished: no reference"),
    // Examples.
    case("  [[pattern.example]]", "  [[pattern.counter]]\n  why = 'x'\n  line = 'y'\n\n[[pattern]]\nid = \"other\"\nrole = \"background\"\nliterals = [\"has vanished from\"]\n  [[pattern.example]]", "id = \"disk-vanished\"", "error: disk-vanished: no example"),
    case("sdb has vanished", "sdb vanished", "line =", "error: disk-vanished: the example does not match: none of its literals is in it"),
    case("object = [\"device\"]", "all = [\"at boot\"]", "line =", "error: disk-vanished: the example does not match: \"at boot\" of all is not in it"),
    case("none = [", "none = [\"quota\", ", "reason=\"quota\"", "error: write-refused: the example does not match: \"quota\" of none is in it"),
    case("'disk (?<device>", "'disk (?<device>x", "line =", "error: disk-vanished: the example does not match: the regex does not"),
    case("device = \"sdb\" }", "device = \"sda\" }", "gives =", "error: disk-vanished: the example gives device = \"sdb\", not \"sda\""),
    case("device = \"sdb\" }", "image = \"sda\" }", "gives =", "error: disk-vanished: the example gives no image"),
    case("{ condition = \"disk-lost\"", "{ condition = false", "gives =", "error: disk-vanished: the example gives condition = \"disk-lost\", where none is expected"),
    case("{ role = \"background\" }\n", "{ role = \"symptom\" }\n", "gives =", "error: write-refused: the example gives role = \"background\", not \"symptom\""),
    case("reason=\"read-only by request\"", "reason=\"other\"", "reason=\"other\"", "error: write-refused: the counter-example matches"),
    case("why = \"asked for\"", "why = \"\"", "why =", "error: write-refused: a counter-example without why"),
    // Conditions and edges.
    case("\"The kernel no longer sees it.\"", "\"\"", "explanation =", "error: disk-lost: explanation is empty"),
    case("\"A disk is gone\"", "\"\"", "title =", "error: disk-lost: title is empty"),
    case("do = [\"Replace it.\"]", "", "id =", "warning: disk-lost: nothing under do"),
    case("url = \"https", "url = \"http", "url =", "warning: disk-lost: \"http://example.org/disks\" does not begin with https://"),
    case("\"Nothing can be written to it.\"", "\"\"", "effect =", "error: disk-lost: the edge to writes-failed has no why"),
    case("effect = \"writes-failed\"", "effect = \"disk-lost\"", "effect =", "error: disk-lost: an edge from the condition to itself"),
    case("delay = [0, 60]", "delay = [60, 0]", "delay =", "error: disk-lost: the edge to writes-failed: the least delay is above the most"),
    case("delay = [0, 60]", "delay = [0, inf]", "effect =", "error: disk-lost: the edge to writes-failed: inf is no number of seconds"),
    case("delay = [0, 60]", "delay = [nan, 0]", "effect =", "error: disk-lost: the edge to writes-failed: NaN is no number of seconds"),
    case("after_end = 10", "after_end = -1", "after_end =", "error: disk-lost: the edge to writes-failed: after_end is below zero"),
    case("same = [\"pod\"]", "same = [\"image\"]", "same =", "error: disk-lost: the edge to writes-failed: same names image"),
    case("same = [\"pod\"]", "where = { image = [\"a\"] }", "where =", "error: disk-lost: the edge to writes-failed: where names image"),
    case("  [[condition.effects]]\n", "  [[condition.effects]]\n  effect = \"writes-failed\"\n  delay = [0, 1]\n  why = 'x'\n  [[condition.effects]]\n", "effect =", "warning: disk-lost: a second edge to writes-failed"),
    case("same = [\"pod\"]", "effect_where = { image = [\"a\"] }", "effect_where =", "error: disk-lost: the edge to writes-failed: effect_where names image"),
    case("silence = \"10m\"", "silence = \"ten\"", "silence =", "error: disk-lost: \"ten\" is no duration"),
    case("settling = \"0s\"", "refines = \"disk-lost\"\nsettling = \"0s\"", "refines =", "error: disk-lost: it refines itself"),
    case("condition = \"disk-lost\"\nrole = \"statement\"", "role = \"background\"", "id = \"disk-lost\"", "warning: disk-lost: no pattern speaks of this condition"),
];

#[test]
fn each_kind_of_fault_is_found_on_its_line() {
    for Case { change: (from, to), at, fault } in CASES {
        let text = GOOD.replacen(from, to, 1);
        let faults = spoilt(from, to);
        let begins =
            |found: &&Fault| found.to_string().split(": ").skip(1).collect::<Vec<_>>().join(": ").starts_with(fault);
        let found = faults.iter().find(begins);
        let found =
            found.unwrap_or_else(|| panic!("{from:?} -> {to:?} should give {fault:?}, gave\n{}", shown(&faults)));
        let line = text.lines().nth(found.line - 1).unwrap_or_default();
        assert!(line.contains(at), "{found}\nstands on {line:?}, which does not hold {at:?}");
    }
}

#[test]
fn all_faults_are_reported_not_just_the_first() {
    let text = GOOD.replace("sdb has vanished", "sdb vanished").replace("Writes failed.", "Writes [failed.");
    let faults = lint(&[], &[source("x.toml", text.replace("same = [\"pod\"]", "same = [\"image\"]"))]);
    let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
    assert!(lines.len() >= 3 && lines.is_sorted(), "{}", shown(&faults));
}

#[test]
fn every_table_that_does_not_parse_is_an_error_on_its_line() {
    let text = GOOD.replacen("literals =", "literal =", 1).replacen("why = \"asked for\"", "wy = \"asked for\"", 1);
    let (source, errors) = load::parse("x.toml", text.replacen("scope = \"device\"", "scope = \"planet\"", 1));
    let places: Vec<&str> = errors.iter().map(|error| error.what.as_str()).collect();
    assert_eq!(places, ["x.toml:17", "x.toml:53", "x.toml:79"], "{errors:?}");
    assert!(errors[1].wrong.contains("unknown field `literal`"), "{}", errors[1]);
    let file = &source.file;
    assert_eq!((file.component.len(), file.capture.len(), file.condition.len(), file.pattern.len()), (1, 2, 1, 0));
}

/// The faults of a user's pattern beside the good catalogue.
fn user(id: &str, literal: &str, more: &str) -> Vec<Fault> {
    let line = "E0105 10:00:01.000000    1 disks.go:12] disk sdb has vanished from the bus and away";
    let text = format!(
        "[[pattern]]\nid = \"{id}\"\ncondition = \"disk-lost\"\nrole = \"statement\"\nliterals = [\"{literal}\"]\n\
         references = [\"mine\"]\n{more}\n  [[pattern.example]]\n  line = '{line}'\n"
    );
    lint(&[source("x.toml", GOOD.to_string())], &[source("mine.toml", text)])
}

#[test]
fn a_users_files_are_linted_together_with_the_known_ones() {
    // Id, literal, further keys, what is said.
    let cases = [
        ("mine", "and away from here", "", "error: mine: \"and away from here\" is in none of the examples"),
        ("mine", "bus and away", "", "warning: mine: disk-vanished wins this example"),
        ("mine", "has vanished from the bus and", "", ""),
        (
            "mine",
            "sdb has vanished from the",
            "",
            "warning: mine: disk-vanished wins this example by nothing but its name",
        ),
        (
            "disk-vanished",
            "has vanished from the bus and",
            "",
            "error: disk-vanished: this pattern is already defined at x.toml:49",
        ),
        (
            "mine",
            "disk sdb has vanished from the bus",
            "",
            "warning: mine: wins an example of disk-vanished (x.toml:58)",
        ),
        ("mine", "disk sdb has vanished from the bus", "also = [\"disk-vanished\"]", ""),
    ];
    for (id, literal, more, expected) in cases {
        let faults = user(id, literal, more);
        assert!(faults.iter().all(|fault| fault.path == "mine.toml"), "{}", shown(&faults));
        let found = shown(&faults);
        match expected {
            "" => assert_eq!(found, "", "{literal}"),
            _ => assert!(found.contains(expected), "{literal}: {expected:?} is not in\n{found}"),
        }
    }
}

#[test]
fn circles_of_edges_are_found_once_each() {
    let none: Vec<Vec<String>> = Vec::new();
    assert_eq!(circles(&[], &[source("x.toml", GOOD.to_string())]), none);
    let back = "do = [\"Look at it.\"]\n[[condition.effects]]\neffect = \"disk-lost\"\ndelay = [0, 1]\nwhy = 'x'\n";
    let text = GOOD.replacen("do = [\"Look at the disk.\"]", back, 1);
    assert_eq!(circles(&[], &[source("x.toml", text)]), [["disk-lost", "writes-failed"]]);
}

#[test]
fn the_built_in_catalogue_is_the_one_of_its_texts() {
    let catalogue = load::built_in();
    let sources = built_in_sources();
    let count = |of: &dyn Fn(&Source) -> usize| sources.iter().map(of).sum::<usize>();
    assert_eq!(catalogue.patterns.len(), count(&|source| source.file.pattern.len()));
    assert_eq!(catalogue.conditions.len(), count(&|source| source.file.condition.len()));
    assert_eq!(catalogue.components.len(), count(&|source| source.file.component.len()));
    assert!(!catalogue.patterns.is_empty() && !catalogue.edges.is_empty());
}

fn built_in_sources() -> Vec<Source> {
    load::built_in_sources().expect("the build parses the same files")
}

#[test]
fn the_built_in_catalogue_has_no_errors() {
    let faults = lint(&[], &built_in_sources());
    let (errors, warnings): (Vec<Fault>, Vec<Fault>) =
        faults.into_iter().partition(|fault| fault.level == Level::Error);
    // Straight to the stream, past the capture of passing tests: a count that nobody sees never shrinks.
    let _ = writeln!(std::io::stderr(), "{} warnings; nodecause patterns check shows them", warnings.len());
    assert!(errors.is_empty(), "{} errors\n{}", errors.len(), shown(&errors));
}

/// Independent of the lint: what a run would make of every example, whichever of the pattern's components says it.
#[test]
fn every_example_is_won_by_its_pattern() {
    let catalogue = load::built_in();
    let matcher = Matcher::new(&catalogue);
    let matching = |line: &str, speaker: Option<u16>| -> Vec<&Pattern> {
        let mut hits = Vec::new();
        matcher.hits(line.as_bytes(), &mut hits);
        let mut literals = hits.iter().map(|hit| hit.literal).collect();
        let events = matcher.all(line.as_bytes(), &mut literals, speaker);
        events.iter().map(|event| &catalogue.patterns[usize::from(event.pattern)]).collect()
    };
    let mut wrong = Vec::new();
    for (def, own) in built_in_sources().iter().flat_map(|source| &source.file.pattern).zip(&catalogue.patterns) {
        assert_eq!(def.id, own.id);
        let grants = |winner: &Pattern| {
            winner.id == own.id || winner.also.iter().any(|&also| catalogue.patterns[usize::from(also)].id == own.id)
        };
        let known = own.components.iter().map(|&speaker| Some(speaker));
        let speakers: Vec<Option<u16>> = known.chain(own.components.is_empty().then_some(None)).collect();
        for example in &def.example {
            let winners = speakers.iter().map(|&speaker| matching(&example.line, speaker).first().copied());
            if let Some(winner) = winners.into_iter().find(|winner| !winner.is_some_and(grants)) {
                let winner = winner.map_or("nothing", |winner| winner.id.as_str());
                wrong.push(format!("{}: {winner} wins its example {}", own.id, example.line));
            }
        }
        for counter in
            def.counter.iter().filter(|counter| matching(&counter.line, None).iter().any(|it| it.id == own.id))
        {
            wrong.push(format!("{} matches its counter-example {}", own.id, counter.line));
        }
    }
    assert!(wrong.is_empty(), "{} lines\n{}", wrong.len(), wrong.join("\n"));
}
