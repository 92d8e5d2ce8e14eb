//! Boots of the node and runs of its components: from lifecycle lines and from the process ids that speak. What is usual after
//! a start is harmless as long as it ends by itself; for that, the starts are needed.

use std::collections::{BTreeMap, BTreeSet};

use super::clocks::Clocks;
use super::nodes::Nodes;
use super::outcome;
use super::strands::Strand;
use crate::catalogue::{Catalogue, ComponentId, Mark, Role};
use crate::summary::{Seen, Speaker, Summary};

/// A lifecycle line.
#[derive(Debug, Clone, PartialEq)]
pub struct Marked {
    /// On the axis.
    pub at: i64,
    /// What it marks.
    pub mark: Mark,
    /// Process that wrote it.
    pub run: u32,
    /// Node.
    pub node: String,
    /// Path and reading, to show it.
    pub path: String,
    /// The reading.
    pub seen: Seen,
}

/// All lifecycle lines, in order of time.
#[derive(Debug, Clone, Default)]
pub struct Lifecycles {
    /// In order of time.
    pub marks: Vec<Marked>,
    /// Runs by component and process: first and last sign.
    pub runs: Vec<Run>,
}

/// One process of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Node.
    pub node: String,
    /// Component.
    pub component: ComponentId,
    /// Process id.
    pub pid: u32,
    /// First sign, on the axis.
    pub first: i64,
    /// Last sign, on the axis.
    pub last: i64,
    /// Path and readings, to show them.
    pub path: String,
    /// First reading.
    pub from: Seen,
    /// Last reading.
    pub to: Seen,
}

fn boots(marks: &[Marked]) -> impl Iterator<Item = &Marked> {
    marks.iter().filter(|mark| mark.mark == Mark::Boot)
}

/// Two marks of one start this close are one: several lines speak of it.
const SAME_START: i64 = 30_000_000;

/// A component is ready this soon after it began.
const LONGEST_START: i64 = 600_000_000;

impl Lifecycles {
    /// Collects lifecycle lines and runs.
    pub fn find(
        summary: &Summary,
        nodes: &Nodes,
        strands: &[Strand<'_>],
        catalogue: &Catalogue,
        clocks: &Clocks,
    ) -> Lifecycles {
        let mut marks = Vec::new();
        for strand in strands.iter().filter(|strand| matches!(strand.role, Role::Lifecycle | Role::Recovery)) {
            let Some(mark) = catalogue.patterns[usize::from(strand.pattern)].marks else { continue };
            for point in &strand.points {
                marks.push(Marked {
                    at: point.first,
                    mark,
                    run: strand.run,
                    node: strand.node.clone(),
                    path: point.path.to_string(),
                    seen: Seen { position: point.line.position, when: point.line.when },
                });
            }
        }
        // `dmesg` and `dmesg -T` tell of one boot; only the second tells when that was.
        let dated: BTreeSet<String> =
            boots(&marks).filter(|mark| !clocks.are_apart(&mark.path)).map(|mark| mark.node.clone()).collect();
        marks.retain(|mark| mark.mark != Mark::Boot || !clocks.are_apart(&mark.path) || !dated.contains(&mark.node));
        let mut runs: BTreeMap<(String, ComponentId, u32), Run> = BTreeMap::new();
        for (path, source) in &summary.sources {
            let node = nodes.of(path).to_string();
            for (_, Speaker { component, run: pid, span, .. }) in source.speakers.iter() {
                let Some(component) = component.filter(|id| catalogue.components[usize::from(*id)].run && *pid != 0)
                else {
                    continue;
                };
                let (a, b) = (clocks.axis(path, &span.first), clocks.axis(path, &span.last));
                let run = Run {
                    node: node.clone(),
                    component,
                    pid: *pid,
                    first: a.min(b),
                    last: a.max(b),
                    path: path.clone(),
                    from: span.first,
                    to: span.last,
                };
                let known = runs.entry((node.clone(), component, *pid)).or_insert_with(|| run.clone());
                if run.first < known.first {
                    (known.first, known.from, known.path) = (run.first, run.from, run.path);
                }
                if run.last > known.last {
                    (known.last, known.to) = (run.last, run.to);
                }
            }
        }
        let mut lifecycles = Lifecycles { marks, runs: runs.into_values().collect() };
        lifecycles.start_by_new_process();
        lifecycles.start_of_what_is_ready(catalogue);
        lifecycles
            .marks
            .sort_by(|a, b| (a.at, a.mark, &a.path, a.seen.position).cmp(&(b.at, b.mark, &b.path, b.seen.position)));
        lifecycles
    }

    /// A component that goes on under another pid was started, also where the line that says so is not in the log.
    fn start_by_new_process(&mut self) {
        let mut last: BTreeMap<(String, ComponentId), i64> = BTreeMap::new();
        self.runs.sort_by_key(|run| (run.first, run.component, run.pid));
        for run in &self.runs {
            let key = (run.node.clone(), run.component);
            let follows = last.get(&key).is_some_and(|end| *end <= run.first);
            let told = self.marks.iter().any(|mark| {
                mark.mark == Mark::Start(run.component)
                    && mark.node == run.node
                    && (mark.at - run.first).abs() <= SAME_START
            });
            if follows && !told {
                self.marks.push(Marked {
                    at: run.first,
                    mark: Mark::Start(run.component),
                    run: run.pid,
                    node: run.node.clone(),
                    path: run.path.clone(),
                    seen: run.from,
                });
            }
            let end = last.entry(key).or_insert(run.last);
            *end = (*end).max(run.last);
        }
    }

    /// The node's agent says once that it is ready, at the end of its start: where the log begins in between, this is all there
    /// is of it.
    fn start_of_what_is_ready(&mut self, catalogue: &Catalogue) {
        let is_agent = |id: ComponentId| catalogue.components[usize::from(id)].agent;
        let mut begun: BTreeSet<(&str, Mark, i64)> = BTreeSet::new();
        for mark in self.marks.iter().filter(|mark| matches!(mark.mark, Mark::Start(_) | Mark::Boot)) {
            begun.insert((&mark.node, mark.mark, mark.at));
        }
        let is_told = |ready: &Marked, id: ComponentId| {
            [Mark::Start(id), Mark::Boot].into_iter().any(|mark| {
                let of = |at: i64| (ready.node.as_str(), mark, at);
                begun.range(of(ready.at - LONGEST_START)..=of(ready.at + SAME_START)).next().is_some()
            })
        };
        let of = |ready: &Marked| match ready.mark {
            Mark::Ready(id) if is_agent(id) && !is_told(ready, id) => {
                Some(Marked { mark: Mark::Start(id), ..ready.clone() })
            }
            _ => None,
        };
        let starts: Vec<Marked> = self.marks.iter().filter_map(of).collect();
        self.marks.extend(starts);
    }

    /// The latest start (boot, or start of any component) of a node at or before a moment.
    pub fn start_before(&self, node: &str, at: i64) -> Option<&Marked> {
        let starts = |mark: &&Marked| matches!(mark.mark, Mark::Start(_) | Mark::Boot) && mark.node == node;
        self.marks[..self.marks.partition_point(|mark| mark.at <= at)].iter().rev().find(starts)
    }

    /// Starts of a node between two moments: boots and starts of components.
    pub fn starts_between<'a>(&'a self, node: &'a str, from: i64, to: i64) -> impl Iterator<Item = &'a Marked> {
        let first = self.marks.partition_point(|mark| mark.at <= from);
        let last = self.marks.partition_point(|mark| mark.at <= to);
        self.marks[first.min(last)..last]
            .iter()
            .filter(move |mark| matches!(mark.mark, Mark::Start(_) | Mark::Boot) && mark.node == node)
    }

    /// Did the node say that it is ready between two moments?
    pub fn ready_between(&self, node: &str, from: i64, to: i64) -> bool {
        let first = self.marks.partition_point(|mark| mark.at < from);
        let last = self.marks.partition_point(|mark| mark.at < to);
        self.marks[first.min(last)..last].iter().any(|mark| mark.mark == Mark::NodeReady && mark.node == node)
    }

    /// Did a component end unasked between two moments?
    pub fn exit_between(&self, node: &str, from: i64, to: i64) -> bool {
        let first = self.marks.partition_point(|mark| mark.at < from);
        let last = self.marks.partition_point(|mark| mark.at < to);
        self.marks[first.min(last)..last].iter().any(|mark| matches!(mark.mark, Mark::Exit(_)) && mark.node == node)
    }

    /// For the report: each boot and each run, with how it ended.
    pub fn report(&self, catalogue: &Catalogue, clocks: &Clocks) -> Vec<outcome::Lifecycle> {
        let mut all: Vec<outcome::Lifecycle> = Vec::new();
        for run in &self.runs {
            let ended = self.marks.iter().rev().find(|mark| {
                mark.node == run.node
                    && mark.at >= run.last - SAME_START
                    && mark.at <= run.last + SAME_START
                    && matches!(mark.mark, Mark::Stop(id) | Mark::Exit(id) if id == run.component)
            });
            all.push(outcome::Lifecycle {
                node: Some(run.node.clone()).filter(|node| !node.is_empty()),
                component: catalogue.components[usize::from(run.component)].id.clone(),
                what: "run".to_string(),
                pid: run.pid,
                first: clocks.moment(&run.path, &run.from),
                last: clocks.moment(&run.path, &run.to),
                ended_by: match ended.map(|mark| mark.mark) {
                    Some(Mark::Stop(_)) => "stopped".to_string(),
                    Some(Mark::Exit(_)) => "exited".to_string(),
                    _ => String::new(),
                },
            });
        }
        let mut last_boot: BTreeMap<&str, i64> = BTreeMap::new();
        for mark in self.marks.iter().filter(|mark| matches!(mark.mark, Mark::Boot | Mark::Shutdown)) {
            if mark.mark == Mark::Boot && last_boot.get(mark.node.as_str()).is_some_and(|at| mark.at - at < SAME_START)
            {
                continue;
            }
            if mark.mark == Mark::Boot {
                last_boot.insert(&mark.node, mark.at);
            }
            let moment = clocks.moment(&mark.path, &mark.seen);
            all.push(outcome::Lifecycle {
                node: Some(mark.node.clone()).filter(|node| !node.is_empty()),
                component: "node".to_string(),
                what: if mark.mark == Mark::Boot { "boot" } else { "shutdown" }.to_string(),
                pid: 0,
                first: moment.clone(),
                last: moment,
                ended_by: String::new(),
            });
        }
        all.sort_by(|a, b| (a.first.axis, &a.component, a.pid).cmp(&(b.first.axis, &b.component, b.pid)));
        all
    }
}
