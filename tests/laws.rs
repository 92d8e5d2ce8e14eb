//! The laws of the summary as properties: any split of a log into blocks, any order and any grouping of merges give what the
//! whole gives; nothing added changes nothing; the same bytes twice are noticed. With a small limit too, so that it is reached.

#![allow(clippy::unwrap_used)]

mod common;

use nodecause::envelope::Layout;
use nodecause::input::{Block, Cut};
use nodecause::scan::{part, Options};
use nodecause::summary::Summary;
use proptest::prelude::*;

use common::{difference, matcher, messages, Dice};

/// What a random log is made from.
#[derive(Debug, Clone)]
struct Recipe {
    seed: u64,
    lines: usize,
    /// How many different messages it holds: few make large groups.
    kinds: usize,
    /// Names of pods, ids and processes.
    names: usize,
    /// Hosts that its lines name.
    hosts: usize,
    /// Limit of the summary; 0: its own.
    most_cells: u64,
}

fn recipe() -> impl Strategy<Value = Recipe> {
    let limits = prop_oneof![Just(0u64), Just(12), Just(60), Just(400)];
    let hosts = prop_oneof![1usize..4, 50usize..150];
    (any::<u64>(), 1usize..260, 1usize..14, 1usize..60, hosts, limits).prop_map(
        |(seed, lines, kinds, names, hosts, most_cells)| Recipe { seed, lines, kinds, names, hosts, most_cells },
    )
}

impl Recipe {
    fn options(&self) -> Options {
        Options { most_cells: self.most_cells, ..Options::default() }
    }

    /// journalctl's short form and klog without envelope, one message a line; some lines are unknown errors, some have values
    /// over several lines, some carry no stamp.
    fn log(&self) -> String {
        let mut dice = Dice::new(self.seed);
        let kinds: Vec<&String> = (0..self.kinds).map(|_| dice.pick(messages())).collect();
        let mut log = String::new();
        for number in 0..self.lines {
            let clock = format!("{:02}:{:02}.{:06}", number / 60 % 60, number % 60, dice.below(1_000_000));
            let pid = 100 + dice.below(3);
            let message = match dice.below(8) {
                0 => self.unknown(&mut dice, &clock, pid),
                1 => self.unknown(&mut dice, &clock, pid),
                2 => format!("E1125 04:{clock}    {pid} server.go:1] \"Failed\" err=<\n\tfirst\n > pod=\"a/b\""),
                _ => {
                    let kind = *dice.pick(&kinds);
                    self.vary(kind, &mut dice)
                }
            };
            match dice.below(10) {
                0 => log.push_str(&format!("{message}\n")),
                1 => log.push_str("Nov 25 04:00:00.000000 node-1 kubelet[100]: plain text without meaning\n"),
                _ => {
                    let who = *dice.pick(&["kubelet", "containerd", "kernel", "systemd", "etcd"]);
                    let host = 1 + dice.below(self.hosts);
                    for line in message.split('\n') {
                        log.push_str(&format!("Nov 25 04:{clock} node-{host} {who}[{pid}]: {line}\n"));
                    }
                }
            }
        }
        log
    }

    fn unknown(&self, dice: &mut Dice, clock: &str, pid: usize) -> String {
        let level = *dice.pick(&["I", "W", "E", "F"]);
        let word: String = (0..3).map(|_| *dice.pick(&['a', 'b', 'c', 'd', 'e'])).collect();
        format!("{level}1125 04:{clock}    {pid} some.go:{}] nobody knows {word} {}", dice.below(9), dice.below(100))
    }

    /// The same message of another pod, container and process.
    fn vary(&self, message: &str, dice: &mut Dice) -> String {
        let mut varied = message.to_string();
        for key in ["pod=\"", "podUID=\"", "pods=[\"", "containerID=\"", "image=\"", "podName=\"", "sandboxID=\""] {
            if let Some(at) = varied.find(key).map(|at| at + key.len()) {
                let end = varied[at..].find('"').map_or(varied.len(), |end| at + end);
                varied.replace_range(at..end, &format!("shop/name-{}", dice.below(self.names)));
            }
        }
        varied
    }
}

/// The log in blocks: cut where the layout allows, at random places or as rarely as it can be.
fn blocks(log: &str, dice: &mut Dice, largest: usize) -> Vec<Block> {
    let bytes = log.as_bytes();
    let (mut start, mut line, mut all) = (0, 0, Vec::new());
    while start < bytes.len() {
        let mut end = start;
        let length = loop {
            end += 1 + dice.below(largest);
            if end >= bytes.len() {
                break bytes.len() - start;
            }
            if let Some(length) = Layout::Lines.cut(&bytes[start..end]) {
                break length;
            }
        };
        let bytes = bytes[start..start + length].to_vec();
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        all.push(Block { offset: start as u64, length: length as u64, line, lines, bytes });
        start += length;
        line += lines;
    }
    all
}

fn whole(log: &str, path: &str, options: &Options) -> Summary {
    let lines = log.lines().count() as u64;
    let block = Block { offset: 0, length: log.len() as u64, line: 0, lines, bytes: log.as_bytes().to_vec() };
    part(path, Layout::Lines, &[block], matcher(), options)
}

/// Shares the blocks out to workers, in any order, and merges what they have in any order and grouping.
fn scattered(log: &str, path: &str, options: &Options, dice: &mut Dice) -> Vec<Summary> {
    let largest = *dice.pick(&[40, 600, 6000]);
    let mut workers: Vec<Vec<Block>> = vec![Vec::new(); 1 + dice.below(6)];
    for block in shuffled(blocks(log, dice, largest), dice) {
        let at = dice.below(workers.len());
        workers[at].push(block);
    }
    workers.iter().map(|blocks| part(path, Layout::Lines, blocks, matcher(), options)).collect()
}

fn shuffled<T>(mut all: Vec<T>, dice: &mut Dice) -> Vec<T> {
    for at in (1..all.len()).rev() {
        all.swap(at, dice.below(at + 1));
    }
    all
}

fn merged(parts: Vec<Summary>, dice: &mut Dice) -> Summary {
    let mut parts = shuffled(parts, dice);
    while parts.len() > 1 {
        let left = parts.swap_remove(dice.below(parts.len()));
        let right = parts.swap_remove(dice.below(parts.len()));
        parts.push(left.merge(right));
    }
    parts.pop().unwrap_or_default()
}

fn same(left: &Summary, right: &Summary) -> Result<(), TestCaseError> {
    if left == right {
        return Ok(());
    }
    let shown = difference(&format!("{left:#?}"), &format!("{right:#?}"));
    Err(TestCaseError::fail(shown.unwrap_or_else(|| "unequal, but shown alike".into())))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_in_any_order_equals_the_whole(recipe in recipe(), order in any::<u64>()) {
        let (log, options, mut dice) = (recipe.log(), recipe.options(), Dice::new(order));
        let parts = scattered(&log, "a.log", &options, &mut dice);
        let merged = merged(parts, &mut dice);
        prop_assert!(!merged.doubled);
        same(&whole(&log, "a.log", &options), &merged)?;
    }

    #[test]
    fn sources_do_not_mind_each_other(one in recipe(), two in recipe(), order in any::<u64>()) {
        let two = Recipe { most_cells: one.most_cells, ..two };
        let (options, mut dice) = (one.options(), Dice::new(order));
        let (first, second) = (one.log(), two.log());
        let mut parts = scattered(&first, "a.log", &options, &mut dice);
        parts.extend(scattered(&second, "b.log", &options, &mut dice));
        let expected = whole(&first, "a.log", &options).merge(whole(&second, "b.log", &options));
        same(&expected, &merged(parts, &mut dice))?;
    }

    #[test]
    fn empty_is_neutral(recipe in recipe()) {
        let summary = whole(&recipe.log(), "a.log", &recipe.options());
        same(&summary, &Summary::default().merge(summary.clone()))?;
        same(&summary, &summary.clone().merge(Summary::default()))?;
        let limited = Summary::limited(recipe.most_cells);
        same(&summary, &summary.clone().merge(limited.clone()).merge(limited))?;
    }

    #[test]
    fn the_same_bytes_twice_are_noticed(recipe in recipe(), order in any::<u64>()) {
        let (log, options, mut dice) = (recipe.log(), recipe.options(), Dice::new(order));
        let mut parts = scattered(&log, "a.log", &options, &mut dice);
        parts.retain(|part| !part.sources.is_empty());
        let again = dice.pick(&parts).clone();
        parts.push(again);
        prop_assert!(merged(parts, &mut dice).doubled);
    }
}

/// One pattern about many pods, so that the objects of a single tally decide when the limit is reached.
fn loud(lines: usize) -> String {
    let line = |number: usize| {
        let (minute, second) = (number / 60, number % 60);
        format!(
            "Nov 25 04:{minute:02}:{second:02}.000000 n kubelet[7]: E1125 04:{minute:02}:{second:02}.000000       7 pod_workers.go:1] \
             \"Error syncing pod, skipping\" err=\"failed to \\\"StartContainer\\\" for \\\"app\\\" with CrashLoopBackOff\" pod=\"shop/web-{}\"\n",
            number * 7 % 40,
        )
    };
    (0..lines).map(line).collect()
}

#[test]
fn every_limit_gives_one_level() {
    let mut levels = std::collections::BTreeSet::new();
    // Long logs, where a limit cuts at any of their weights; and such that only just reach it, with their last line.
    let long = (60..420).step_by(9).map(|most_cells| (400, most_cells));
    let just = (64..72).chain(128..138).map(|most_cells| (most_cells as usize + 1, most_cells));
    for (lines, most_cells) in long.chain(just) {
        let log = loud(lines);
        let options = Options { most_cells, ..Options::default() };
        let (expected, mut dice) = (whole(&log, "a.log", &options), Dice::new(most_cells));
        levels.insert(expected.level);
        let parts = scattered(&log, "a.log", &options, &mut dice);
        for got in [merged(parts, &mut dice), expected.clone().merge(Summary::default())] {
            if let Err(wrong) = same(&expected, &got) {
                panic!("limit {most_cells}: {wrong}");
            }
        }
    }
    assert!(levels.len() > 2, "{levels:?}");
}

#[test]
fn the_limit_is_reached_in_these_logs() {
    let reached = (0..20).filter(|&seed| {
        let recipe = Recipe { seed, lines: 250, kinds: 10, names: 50, hosts: 3, most_cells: 60 };
        whole(&recipe.log(), "a.log", &recipe.options()).level > 0
    });
    assert!(reached.count() > 10, "a limit that is never reached proves nothing");
}
