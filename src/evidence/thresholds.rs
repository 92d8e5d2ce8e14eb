//! The eviction thresholds that a kubelet itself tells when it starts: in its node configuration, and in its flags.
//! Apart from the configuration file because these lines are what the kubelet really used.

use std::borrow::Cow;

use super::quantity::{amount, duration};
use super::{Origin, What};

/// Most thresholds taken from one line; there are about ten signals, each hard or soft.
const MOST_THRESHOLDS: usize = 64;

/// Longest text of a value (`15%`, `100Mi`) or of a signal's name.
const LONGEST_VALUE: usize = 64;

/// The eviction thresholds ([`What::Threshold`]) told by one line of a kubelet's start: `Node Config: {…}` and
/// `nodeConfig={…}` (as Go prints a struct, up to 1.27, or as JSON), `FLAG: --eviction-hard="…"`, and command lines with
/// `--eviction-hard=…`. Empty where the line tells none.
pub fn thresholds_of_line(message: &[u8]) -> Vec<What> {
    let holds = |literal: &[u8]| memchr::memmem::find(message, literal).is_some();
    if holds(STRUCT.as_bytes()) {
        of_struct(&String::from_utf8_lossy(message))
    } else if holds(b"--eviction-") {
        of_flags(&String::from_utf8_lossy(message))
    } else {
        Vec::new()
    }
}

/// One threshold, if signal and value are such.
pub(super) fn threshold(signal: &str, written: &str, soft: bool, grace: Option<f64>, origin: Origin) -> Option<What> {
    let (signal, written) = (signal.trim(), written.trim());
    let named = !signal.is_empty() && signal.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    if !named || signal.len() > LONGEST_VALUE || written.len() > LONGEST_VALUE {
        return None;
    }
    Some(What::Threshold {
        signal: signal.to_owned(),
        value: amount(written)?,
        written: written.to_owned(),
        soft,
        grace: if soft { grace } else { None },
        origin,
    })
}

/// The field of the container manager's configuration that lists thresholds; the same name in all forms.
const STRUCT: &str = "HardEvictionThresholds";

/// The list of thresholds inside a printed struct. All three forms name the same fields in the same order, and a message may
/// still stand in its quotes (`\"Signal\":\"memory.available\"`): names are found, and what stands between them is skipped.
fn of_struct(message: &str) -> Vec<What> {
    let Some(start) = message.find(STRUCT) else { return Vec::new() };
    let list = message[start + STRUCT.len()..].trim_start_matches(['"', '\\', ':']);
    let Some(list) = list.strip_prefix('[') else { return Vec::new() };
    let (list, origin) = match list.find(']') {
        Some(end) => (&list[..end], Origin::InUse),
        None => (list, Origin::InUseInPart),
    };
    list.split("Signal").skip(1).filter_map(|entry| of_entry(entry, origin)).take(MOST_THRESHOLDS).collect()
}

/// One entry of the list, from behind the name `Signal` on.
fn of_entry(entry: &str, origin: Origin) -> Option<What> {
    let signal = field_value(entry)?;
    let written = match field(entry, "Quantity") {
        Some(quantity) if quantity != "<nil>" && quantity != "null" => quantity.to_owned(),
        _ => percent(field(entry, "Percentage")?)?,
    };
    // JSON has nanoseconds; only zero and not zero matter for hard or soft, and hard ones are all that is listed here.
    threshold(signal, &written, false, None, origin)
}

/// The value of a named field of an entry.
fn field<'a>(entry: &'a str, name: &str) -> Option<&'a str> {
    let start = entry.find(name)? + name.len();
    field_value(&entry[start..])
}

/// The value behind a field's name. What follows it must be there too, else the line may have been cut inside the value.
fn field_value(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['"', '\\', ':', ' ']);
    let end = text.find(['"', '\\', ',', '}', ' '])?;
    (end > 0).then(|| &text[..end])
}

/// A share (`0.15`) as percent is written: `15%`. The kubelet holds it in single precision: what lies beyond is noise.
fn percent(share: &str) -> Option<String> {
    let share: f64 = share.parse().ok()?;
    let rounded = (share * 1e6).round() / 1e4;
    rounded.is_finite().then(|| format!("{rounded}%"))
}

/// The thresholds in the flags of a command line, or of a line that shows one flag.
fn of_flags(message: &str) -> Vec<What> {
    let [hard, soft, grace] = ["--eviction-hard", "--eviction-soft", "--eviction-soft-grace-period"]
        .map(|name| flag(message, name).unwrap_or_default());
    let pairs = grace.split(',').filter_map(|pair| pair.split_once('='));
    let periods: Vec<(&str, &str)> = pairs.take(MOST_THRESHOLDS).collect();
    let grace_of = |signal: &str| {
        let period = periods.iter().find(|(name, _)| name.trim() == signal.trim());
        period.and_then(|(_, period)| duration(period))
    };
    let of = |list: &str, soft: bool| -> Vec<What> {
        let pairs = list.split(',').filter_map(|pair| pair.split_once('<'));
        pairs
            .filter_map(|(signal, value)| threshold(signal, value, soft, grace_of(signal), Origin::Flag))
            .take(MOST_THRESHOLDS)
            .collect()
    };
    let mut found = of(&hard, false);
    found.extend(of(&soft, true));
    found
}

/// The value of a flag: bare, in quotes of its own (which may be escaped), or up to the quote that closes the whole argument.
/// The last one given counts, as it does for the kubelet.
pub(super) fn flag<'a>(message: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let value = message.rmatch_indices(name).find_map(|(at, _)| {
        let rest = &message[at + name.len()..];
        // `--eviction-soft` is also the beginning of another flag's name; a blank before the value is a shell's way.
        let rest = rest.strip_prefix(['=', ' '])?.trim_start_matches('\\');
        let value = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest[1..].split(quote).next(),
            _ => rest.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ']' | '}')).next(),
        };
        value.map(|value| value.trim_end_matches('\\'))
    })?;
    Some(if value.contains("\\u003c") { Cow::Owned(value.replace("\\u003c", "<")) } else { Cow::Borrowed(value) })
}

#[cfg(test)]
mod tests {
    use super::super::Amount;
    use super::*;

    /// `signal<value`, with `~` for a soft one and its grace period in seconds where told.
    fn short(found: &[What]) -> Vec<String> {
        let one = |what: &What| match what {
            What::Threshold { signal, written, soft, grace, value, .. } => {
                assert_eq!(Some(*value), amount(written), "value and wording agree");
                let soft = if *soft { "~" } else { "" };
                let grace = grace.map(|g| format!(" {g}s")).unwrap_or_default();
                format!("{soft}{signal}<{written}{grace}")
            }
            other => panic!("no threshold: {other:?}"),
        };
        found.iter().map(one).collect()
    }

    #[test]
    fn examples_of_each_form() {
        let cases: &[(&str, &[&str])] = &[
            (
                "Creating Container Manager object based on Node Config: {RuntimeCgroupsName: CgroupsPerQOS:true NodeAllocatableConfig:{EnforceNodeAllocatable:map[pods:{}] KubeReserved:map[] HardEvictionThresholds:[{Signal:memory.available Operator:LessThan Value:{Quantity:100Mi Percentage:0} GracePeriod:0s MinReclaim:<nil>} {Signal:nodefs.available Operator:LessThan Value:{Quantity:<nil> Percentage:0.1} GracePeriod:0s MinReclaim:<nil>} {Signal:imagefs.available Operator:LessThan Value:{Quantity:<nil> Percentage:0.15} GracePeriod:0s MinReclaim:<nil>}]} QOSReserved:map[]}",
                &["memory.available<100Mi", "nodefs.available<10%", "imagefs.available<15%"],
            ),
            (
                r#"I0105 10:00:00.000000    1001 container_manager_linux.go:272] "Creating Container Manager object based on Node Config" nodeConfig={RuntimeCgroupsName: NodeAllocatableConfig:{HardEvictionThresholds:[{Signal:nodefs.inodesFree Operator:LessThan Value:{Quantity:<nil> Percentage:0.05} GracePeriod:0s MinReclaim:<nil>} {Signal:pid.available Operator:LessThan Value:{Quantity:<nil> Percentage:0.07} GracePeriod:0s MinReclaim:<nil>}]} PodPidsLimit:-1}"#,
                &["nodefs.inodesFree<5%", "pid.available<7%"],
            ),
            (
                r#""Creating Container Manager object based on Node Config" nodeConfig={"NodeName":"node-a","KubeReserved":null,"HardEvictionThresholds":[{"Signal":"memory.available","Operator":"LessThan","Value":{"Quantity":"750Mi","Percentage":0},"GracePeriod":0,"MinReclaim":null},{"Signal":"nodefs.available","Operator":"LessThan","Value":{"Quantity":null,"Percentage":0.1},"GracePeriod":0,"MinReclaim":null}],"QOSReserved":{}}"#,
                &["memory.available<750Mi", "nodefs.available<10%"],
            ),
            (
                // The same inside another program's quotes, cut by the journal inside the second value.
                r#"level=info msg="nodeConfig={\"HardEvictionThresholds\":[{\"Signal\":\"imagefs.available\",\"Operator\":\"LessThan\",\"Value\":{\"Quantity\":null,\"Percentage\":0.15},\"GracePeriod\":0,\"MinReclaim\":null},{\"Signal\":\"nodefs.available\",\"Operator\":\"LessThan\",\"Value\":{\"Quantity\":null,\"Percentage\":0.1"#,
                &["imagefs.available<15%"],
            ),
            ("Node Config: {HardEvictionThresholds:[] QOSReserved:map[]}", &[]),
            (r#"nodeConfig={"HardEvictionThresholds":null,"QOSReserved":{}}"#, &[]),
            (
                r#"FLAG: --eviction-hard="imagefs.available<15%,memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%""#,
                &["imagefs.available<15%", "memory.available<100Mi", "nodefs.available<10%", "nodefs.inodesFree<5%"],
            ),
            (r#"FLAG: --eviction-hard=\"memory.available<200Mi,nodefs.available<10\"" component=kubelet"#, &[
                "memory.available<200Mi",
                "nodefs.available<10",
            ]),
            (r#"{"msg":"FLAG: --eviction-hard=\"memory.available\u003c1Gi\""}"#, &["memory.available<1Gi"]),
            (r#"FLAG: --eviction-hard="""#, &[]),
            (r#"FLAG: --eviction-soft="memory.available<1.5Gi""#, &["~memory.available<1.5Gi"]),
            (r#"FLAG: --eviction-soft-grace-period="memory.available=1m30s""#, &[]),
            (r#"FLAG: --eviction-minimum-reclaim="imagefs.available=10%""#, &[]),
            (
                "Running kubelet --address=0.0.0.0 --eviction-hard=imagefs.available<5%,nodefs.available<5% --eviction-minimum-reclaim=imagefs.available=10%,nodefs.available=10% --eviction-soft=memory.available<1Gi,pid.available<10% --eviction-soft-grace-period=memory.available=1m30s --fail-swap-on=false",
                &["imagefs.available<5%", "nodefs.available<5%", "~memory.available<1Gi 90s", "~pid.available<10%"],
            ),
            ("ExecStart=/usr/bin/kubelet '--eviction-hard=memory.available<1Gi' --v=2", &["memory.available<1Gi"]),
            ("kubelet --eviction-hard 'nodefs.available<5%' --v 2", &["nodefs.available<5%"]),
            ("args: [--eviction-hard=nodefs.available<5%]", &["nodefs.available<5%"]),
            ("kubelet --eviction-hard=nodefs.available<5% --eviction-hard=nodefs.available<6%", &["nodefs.available<6%"]),
            ("Flag --eviction-hard has been deprecated, This parameter should be set via the config file", &[]),
            ("Use --eviction-hard or --eviction-soft instead. Will be removed in a future version.", &[]),
            ("nothing of the kind", &[]),
        ];
        for (line, expected) in cases {
            assert_eq!(short(&thresholds_of_line(line.as_bytes())), *expected, "{line}");
        }
    }

    #[test]
    fn a_share_is_written_without_noise() {
        let line = |share: &str| {
            format!("HardEvictionThresholds:[{{Signal:nodefs.available Value:{{Quantity:<nil> Percentage:{share}}}}}]")
        };
        for (share, written) in [
            ("0.15", "15%"),
            ("0.07", "7%"),
            ("0.29", "29%"),
            ("0.15000000596046448", "15%"),
            ("0.075", "7.5%"),
            ("1e-05", "0.001%"),
        ] {
            let found = thresholds_of_line(line(share).as_bytes());
            assert_eq!(short(&found), [format!("nodefs.available<{written}")], "{share}");
        }
        for share in ["NaN", "inf", "-0.1", "1e999", "0xc000123456", ""] {
            assert_eq!(thresholds_of_line(line(share).as_bytes()), [], "{share}");
        }
    }

    #[test]
    fn hostile_lines_are_bounded_and_do_no_harm() {
        let many = format!("--eviction-hard={}", "nodefs.available<5%,".repeat(10_000));
        assert_eq!(thresholds_of_line(many.as_bytes()).len(), MOST_THRESHOLDS);
        let many = format!("HardEvictionThresholds:[{}", "{Signal:a Value:{Quantity:1 }}".repeat(10_000));
        assert_eq!(thresholds_of_line(many.as_bytes()).len(), MOST_THRESHOLDS);
        // Nothing here may take more than linear time.
        for part in
            ["--eviction-hard=", "--eviction-soft=a<1,--eviction-soft-grace-period=", "HardEvictionThresholds:[{Signal"]
        {
            thresholds_of_line(part.repeat(100_000).as_bytes());
        }
        for line in [
            &b"HardEvictionThresholds"[..],
            b"HardEvictionThresholds:[{Signal",
            b"HardEvictionThresholds:[{Signal:\xff\xfe Value:{Quantity:1 }}]",
            b"--eviction-hard",
            b"--eviction-hard=",
            b"--eviction-hard=\"",
            b"--eviction-hard=\\",
            b"--eviction-hard=\xc3<1",
            b"--eviction-hard=a<99999999999999999999999999999999999999999999999999999999999999999999999999999",
        ] {
            assert_eq!(thresholds_of_line(line), [], "{}", String::from_utf8_lossy(line));
        }
        assert_eq!(
            thresholds_of_line(b"\xff --eviction-hard=a<1"),
            [What::Threshold {
                signal: "a".into(),
                value: Amount::Quantity(1.0),
                written: "1".into(),
                soft: false,
                grace: None,
                origin: Origin::Flag
            }]
        );
    }
}
