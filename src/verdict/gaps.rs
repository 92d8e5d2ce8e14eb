//! What the log does not hold: suppressed messages, cut lines, clock steps, a limit that was reached. And where an incident begins
//! at a border of the log, after a hole in it or after a boot whose end was not written, or where a log could not be read up to it, what came
//! before is not known: such a gap is named for that incident alone, since only there it may hide the cause.

use super::incidents::Group;
use super::judge::Scene;
use super::nodes::path_of;
use super::outcome::Gap;
use crate::base::count;
use crate::catalogue::Mark;

mod unread;

pub use unread::Unread;

/// A gap, and where it lies.
#[derive(Debug, Clone)]
pub(super) struct Hole {
    pub(super) gap: Gap,
    /// Node that it is of.
    node: String,
    /// When it was told, on the axis; `None`: it is no matter of time.
    at: Option<i64>,
}

/// What is lost this long before a first line, or up to a moment after it, may hold the cause.
const BEFORE: i64 = 600_000_000;
const AFTER: i64 = 60_000_000;

impl Hole {
    /// Could it hide what an incident began with?
    fn hides(&self, node: &str, first: i64) -> bool {
        self.node == node && self.at.is_some_and(|at| at >= first - BEFORE && at <= first + AFTER)
    }
}

/// What lies in the dark where an incident begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dark {
    /// The log begins with it.
    Border,
    /// Only events were given, and they are not kept for long.
    Events,
    /// Messages were suppressed shortly before.
    Suppressed,
    /// The log has a hole right before.
    Hole,
    /// The node came up after an end that was not written.
    Crash,
    /// A log that would tell of the time before could not be read, or not up to there.
    Unread,
}

impl Dark {
    /// As a reason of a confidence.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Dark::Border => "the log begins with it, so what came before is not known",
            Dark::Events => "only events were given, which are kept for an hour: there is no log of the node",
            Dark::Suppressed => "messages were suppressed by a rate limit shortly before",
            Dark::Hole => "the log has a hole right before it",
            Dark::Crash => "the boot before ended without a word, and what happened then may not be written",
            Dark::Unread => "a log of the node that would tell what came before could not be read up to there",
        }
    }
}

/// The gaps of all sources.
pub(super) fn find(scene: &Scene<'_>) -> Vec<Hole> {
    let mut holes = Vec::new();
    let mut gap = |path: &str, at: Option<i64>, what: &'static str, detail: String| {
        let gap = Gap { path: path_of(path).to_string(), what, detail };
        holes.push(Hole { gap, node: scene.nodes.of(path).to_string(), at });
    };
    for (path, source) in &scene.whole.sources {
        if source.cut_lines > 0 {
            let detail = format!("{} longer than 1 MiB: only the beginning was read", count(source.cut_lines, "line"));
            gap(path, None, "truncated", detail);
        }
        let most = scene.summary.caps().hosts;
        if source.hosts.len() > most {
            let detail = format!("it names more than {most} hosts: the events of the others are not told apart");
            gap(path, None, "limit", detail);
        }
    }
    for path in scene.summary.sources.keys() {
        for step in scene.clocks.of(path).into_iter().flat_map(|clock| &clock.steps) {
            let detail = format!("the clock was set back by {} s at byte {}", step.by / 1_000_000, step.offset);
            gap(path, None, "clock step", detail);
        }
    }
    for strand in scene.strands {
        if scene.catalogue.patterns[usize::from(strand.pattern)].marks == Some(Mark::Missing) {
            for point in &strand.points {
                let text = String::from_utf8_lossy(&point.line.text).into_owned();
                let detail = format!("line {}: {text}", point.line.position.line);
                gap(point.path, Some(point.first), "suppressed", detail);
            }
        }
    }
    let told = scene.whole.folded().told;
    if told > 0 {
        let detail =
            format!("{told} small files with events are counted and not weighed: what tells most and first is");
        gap("", None, "limit", detail);
    }
    if scene.summary.level > 0 {
        let detail = "so many different events that times are kept less finely; totals are exact".to_string();
        gap("", None, "limit", detail);
    }
    holes
}

/// What may hide the cause of an incident, the worst first.
pub(super) fn dark(scene: &Scene<'_>, group: &Group, holes: &[Hole]) -> Vec<Dark> {
    let first = scene.first_root(group).start;
    let begin = scene.span_of(&group.node).first;
    let mut found = Vec::new();
    if rests_on_events(scene, group) {
        found.push(Dark::Events);
    } else if first - begin < CUT_OFF {
        found.push(Dark::Border);
    }
    if holes.iter().any(|hole| hole.gap.what == "suppressed" && hole.hides(&group.node, first)) {
        found.push(Dark::Suppressed);
    }
    if hole_before(scene, &group.node, first).is_some() {
        found.push(Dark::Hole);
    }
    if crash_before(scene, &group.node, first).is_some() {
        found.push(Dark::Crash);
    }
    if unread::hiding(scene, &group.node, first).is_some() {
        found.push(Dark::Unread);
    }
    found
}

/// The gaps that are named because an incident begins there.
pub(super) fn of_incident(scene: &Scene<'_>, group: &Group, dark: &[Dark]) -> Vec<Gap> {
    let first = scene.first_root(group);
    let Some(told) = first.told.first() else { return Vec::new() };
    let path = path_of(told.point.path);
    let gap = |path: &str, what: &'static str, detail: String| Gap { path: path.to_string(), what, detail };
    let about = |dark: &Dark| match dark {
        Dark::Suppressed => None,
        Dark::Border => {
            let detail = format!(
                "the first incident line is line {}: what came before is not here",
                told.point.line.position.line
            );
            Some(gap(path, "no start", detail))
        }
        Dark::Events => {
            let detail =
                "only events were given, no log: they are kept for an hour, and like ones are counted together";
            Some(gap(path, "no start", detail.to_string()))
        }
        Dark::Hole => hole_before(scene, &group.node, first.start).map(|(path, long)| {
            gap(path_of(path), "hole", format!("not a line in the {} before the first incident line", minutes(long)))
        }),
        Dark::Crash => crash_before(scene, &group.node, first.start).map(|path| {
            gap(path_of(path), "no end", "the node booted, and nothing says that it was shut down before".to_string())
        }),
        Dark::Unread => unread::hiding(scene, &group.node, first.start).map(|path| {
            let detail =
                "it could not be read up to the first incident line, and no other log of its kind tells of that time";
            gap(path, "truncated", detail.to_string())
        }),
    };
    dark.iter().filter_map(about).collect()
}

fn minutes(micros: i64) -> String {
    format!("{} minutes", micros / 60_000_000)
}

/// Is there no log of the node, only events?
pub(super) fn rests_on_events(scene: &Scene<'_>, group: &Group) -> bool {
    let mut sources = scene.summary.sources.iter().filter(|(path, _)| scene.nodes.of(path) == group.node);
    sources.all(|(_, source)| source.events)
}

/// A log that begins this close before the root may have lost what came before it.
const CUT_OFF: i64 = 5_000_000;

/// Without a line for so long, and for many times longer than ever before, a log has a hole.
const HOLE: i64 = 600_000_000;
const LONGER: i64 = 10;
/// Readings from which the usual distance of lines is known.
const ENOUGH: usize = 16;
/// An incident that begins this soon after a hole may have begun in it.
const AFTER_HOLE: i64 = 60_000_000;

/// A hole in the log of a node that ends where an incident begins: the source, and how long it is.
fn hole_before<'s>(scene: &Scene<'s>, node: &str, first: i64) -> Option<(&'s str, i64)> {
    let mut readings: Vec<(i64, &'s str)> = Vec::new();
    for path in scene.summary.sources.keys().filter(|path| scene.nodes.of(path) == node) {
        let clock = scene.clocks.of(path).filter(|clock| !clock.apart);
        let marks = clock.into_iter().flat_map(|clock| clock.marks()).filter(|at| *at <= first);
        readings.extend(marks.map(|at| (at, path.as_str())));
    }
    readings.sort_unstable();
    let last = readings.iter().rposition(|(at, _)| first - at > AFTER_HOLE).filter(|at| *at >= ENOUGH)?;
    let begins = readings.get(last + 1).map_or(first, |(at, _)| *at);
    let long = begins - readings[last].0;
    let mut usual: Vec<i64> = readings[..=last].windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    usual.sort_unstable();
    let most = usual[usual.len() - 1 - usual.len() / 20];
    (long >= HOLE && long > most * LONGER).then_some((readings[last].1, long))
}

/// A shutdown is written at most this long before the boot that follows it: firmware and disks take their time.
const SHUTDOWN_BEFORE: i64 = 1_800_000_000;

/// Did the node boot shortly before, after it had spoken in the boot before, without a shutdown? Then the source of the boot.
fn crash_before<'s>(scene: &Scene<'s>, node: &str, first: i64) -> Option<&'s str> {
    let marks = &scene.lifecycles.marks;
    let of_node = || marks.iter().rev().filter(|mark| mark.node == node);
    let boot = of_node().find(|mark| mark.mark == Mark::Boot && mark.at <= first && first - mark.at <= BEFORE)?;
    if boot.at - scene.span_of(node).first < AFTER {
        return None;
    }
    let asked = |mark: &Mark| matches!(mark, Mark::Shutdown | Mark::Stop(_));
    let told = of_node().any(|mark| asked(&mark.mark) && mark.at <= boot.at && boot.at - mark.at <= SHUTDOWN_BEFORE);
    (!told).then_some(boot.path.as_str())
}
