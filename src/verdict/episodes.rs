//! From strands to episodes: one condition on one object over one interval of time. Split by silence and by restarts; ended by
//! recoveries; harmless where the condition is usual after a start and ends by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::lifecycles::Lifecycles;
use super::strands::{Point, Strand};
use crate::catalogue::{CaptureId, Catalogue, ConditionId, Mark, PatternId, Role, Scope};

/// Some events of an episode.
#[derive(Debug, Clone)]
pub struct Told<'s> {
    /// The events.
    pub point: Point<'s>,
    /// The pattern that they match.
    pub pattern: PatternId,
    /// Statement or symptom.
    pub role: Role,
    /// The lines usually follow others that state it.
    pub weak: bool,
    /// Whoever it is about does not come back by itself.
    pub gives_up: bool,
    /// The state began this much before the line.
    pub began_before: i64,
    /// The line marks a shutdown.
    pub shutdown: bool,
    /// What the strand's first line tells.
    pub captures: Rc<[(CaptureId, String)]>,
}

/// One condition on one object over one interval.
#[derive(Debug, Clone)]
pub struct Episode<'s> {
    /// The condition.
    pub condition: ConditionId,
    /// The node.
    pub node: String,
    /// What names the object among others of this condition; empty: the node, or not known.
    pub key: String,
    /// Values that name the object: what edges compare.
    pub names: BTreeMap<CaptureId, BTreeSet<String>>,
    /// All values that its lines tell, as far as they are kept.
    pub values: BTreeMap<CaptureId, BTreeSet<String>>,
    /// When the state began, on the axis.
    pub start: i64,
    /// Its last line, on the axis.
    pub last: i64,
    /// Events.
    pub count: u64,
    /// In order of time.
    pub told: Vec<Told<'s>>,
    /// Recoveries within it and after it, before the next episode.
    pub recoveries: Vec<Point<'s>>,
    /// Usual after a start, and over with it.
    pub settled: bool,
    /// It is taken to be so only because the log ends so soon after the start.
    pub cut_short: bool,
    /// It ended by itself, as far as the log tells.
    pub ended_early: bool,
    /// Short, of a condition that passes by itself now and then, and the log goes on without it.
    pub passing: bool,
    /// What lies between it and the one before of the same condition and object; `None`: a recovery, or it is the first.
    pub after: Option<After>,
}

/// What an episode began after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// `kubelet restart`, `reboot`, `a pause`.
    pub what: String,
    /// When, on the axis.
    pub at: i64,
    /// A restart or reboot.
    pub restart: bool,
}

impl Episode<'_> {
    /// Does a line state the condition?
    pub fn stated(&self) -> bool {
        self.told.iter().any(|told| told.role == Role::Statement)
    }

    /// Has it a line between two moments?
    pub fn speaks_between(&self, from: i64, to: i64) -> bool {
        let begun = self.told.partition_point(|told| told.point.first <= to);
        self.last >= from && self.told[..begun].iter().rev().any(|told| told.point.last >= from)
    }

    /// Does a line state it that is not itself usually a consequence?
    pub fn firmly_stated(&self) -> bool {
        self.told.iter().any(|told| told.role == Role::Statement && !told.weak)
    }
}

/// All episodes, in order of their starts.
pub fn find<'s>(
    strands: &[Strand<'s>],
    catalogue: &Catalogue,
    lifecycles: &Lifecycles,
    end_of: &dyn Fn(&str) -> i64,
) -> Vec<Episode<'s>> {
    let mut threads: Threads = BTreeMap::new();
    for (index, strand) in strands.iter().enumerate() {
        let Some(condition) = strand.condition else { continue };
        // A lifecycle line that names a condition states it: a shutdown, an exit that nobody asked for.
        if !matches!(strand.role, Role::Statement | Role::Symptom | Role::Lifecycle) {
            continue;
        }
        let pattern = &catalogue.patterns[usize::from(strand.pattern)];
        let key = object_key(strand, condition, catalogue);
        let thread = threads.entry((condition, strand.node.clone(), key)).or_default();
        for point in &strand.points {
            let told = Told {
                point: point.clone(),
                pattern: strand.pattern,
                role: if strand.role == Role::Symptom { Role::Symptom } else { Role::Statement },
                weak: pattern.weak || strand.role == Role::Lifecycle,
                gives_up: pattern.gives_up,
                shutdown: pattern.marks == Some(Mark::Shutdown),
                began_before: pattern.began_before,
                captures: strand.captures.clone(),
            };
            thread.push((told, index));
        }
    }
    join_the_nameless(&mut threads, catalogue);
    let enders = enders(strands, catalogue);
    let mut episodes = Vec::new();
    for ((condition, node, key), mut told) in threads {
        told.sort_by(|(a, _), (b, _)| a.point.order().cmp(&b.point.order()));
        let recoveries = recoveries(&enders, catalogue, condition, &node, &key);
        let from = episodes.len();
        split(condition, &node, &key, told, &recoveries, strands, catalogue, lifecycles, &mut episodes);
        settle(&mut episodes[from..], catalogue, lifecycles, end_of(&node));
    }
    episodes.sort_by(|a, b| (a.start, a.condition, &a.node, &a.key).cmp(&(b.start, b.condition, &b.node, &b.key)));
    episodes
}

/// A condition, a node and an object: what episodes are cut from.
type Threads<'s> = BTreeMap<(ConditionId, String, String), Vec<(Told<'s>, usize)>>;

/// Lines that do not name their object belong to the one whose lines stand nearest: an OOM report names the pod in one of its
/// fifty lines.
fn join_the_nameless(threads: &mut Threads<'_>, catalogue: &Catalogue) {
    let nameless: Vec<(ConditionId, String, String)> =
        threads.keys().filter(|(_, _, key)| key.is_empty()).cloned().collect();
    for thread in nameless {
        let (condition, node, _) = &thread;
        if matches!(catalogue.conditions[usize::from(*condition)].scope, Scope::Node | Scope::Cluster) {
            continue;
        }
        let mut places: Vec<(i64, String)> = Vec::new();
        for ((known, other, key), told) in threads.iter() {
            if known == condition && other == node && !key.is_empty() {
                places.extend(told.iter().map(|(told, _)| (told.point.first, key.clone())));
            }
        }
        if places.is_empty() {
            continue;
        }
        places.sort();
        for (told, strand) in threads.remove(&thread).unwrap_or_default() {
            let at = places.partition_point(|(place, _)| *place < told.point.first);
            let near = [at.checked_sub(1), Some(at)].into_iter().flatten().filter_map(|at| places.get(at));
            let nearest = near.min_by_key(|(place, _)| (place - told.point.first).abs());
            let key = nearest
                .filter(|(place, _)| (place - told.point.first).abs() <= SAME_REPORT)
                .map(|(_, key)| key.clone());
            threads.entry((*condition, node.clone(), key.unwrap_or_default())).or_default().push((told, strand));
        }
    }
}

/// Lines of one report stand this near to each other.
const SAME_REPORT: i64 = 10_000_000;

/// What names the object of a condition, by the condition's scope.
fn object_key(strand: &Strand<'_>, condition: ConditionId, catalogue: &Catalogue) -> String {
    let value = |name: &str| {
        let id = catalogue.capture(name)?;
        strand.object.iter().find(|(known, _)| *known == id).map(|(_, value)| value.clone())
    };
    let pod = || value("pod").or_else(|| value("pod_uid"));
    let found = match catalogue.conditions[usize::from(condition)].scope {
        Scope::Node | Scope::Cluster => None,
        Scope::Pod | Scope::Container => pod().or_else(|| value("container")),
        Scope::Image => value("image").or_else(pod),
        Scope::Volume => value("volume").or_else(pod),
        Scope::Endpoint => value("endpoint"),
        Scope::Filesystem => value("filesystem"),
        Scope::Device => value("device"),
    };
    found.unwrap_or_default()
}

/// Strands that may end episodes, by node.
fn enders<'a, 's>(strands: &'a [Strand<'s>], catalogue: &Catalogue) -> BTreeMap<&'a str, Vec<&'a Strand<'s>>> {
    let mut enders: BTreeMap<&str, Vec<&Strand<'s>>> = BTreeMap::new();
    for strand in strands.iter().filter(|strand| matches!(strand.role, Role::Recovery | Role::Lifecycle)) {
        if !catalogue.patterns[usize::from(strand.pattern)].recovers.is_empty() {
            enders.entry(&strand.node).or_default().push(strand);
        }
    }
    enders
}

fn recoveries<'s>(
    enders: &BTreeMap<&str, Vec<&Strand<'s>>>,
    catalogue: &Catalogue,
    condition: ConditionId,
    node: &str,
    key: &str,
) -> Vec<Point<'s>> {
    let ends = |strand: &&&Strand<'_>| {
        catalogue.patterns[usize::from(strand.pattern)]
            .recovers
            .iter()
            .any(|vague| catalogue.refines(condition, *vague))
            && (strand.object.is_empty() || key.is_empty() || strand.object.iter().any(|(_, value)| value == key))
    };
    let mut points: Vec<Point> =
        enders.get(node).into_iter().flatten().filter(ends).flat_map(|strand| strand.points.clone()).collect();
    points.sort_by(|a, b| a.order().cmp(&b.order()));
    points
}

#[allow(clippy::too_many_arguments)]
fn split<'s>(
    condition: ConditionId,
    node: &str,
    key: &str,
    told: Vec<(Told<'s>, usize)>,
    recoveries: &[Point<'s>],
    strands: &[Strand<'s>],
    catalogue: &Catalogue,
    lifecycles: &Lifecycles,
    episodes: &mut Vec<Episode<'s>>,
) {
    let about = &catalogue.conditions[usize::from(condition)];
    let from = episodes.len();
    for (told, strand) in told {
        let begin = told.point.first - told.began_before;
        let last = episodes[from..].last().map(|episode| episode.last);
        let after = last.and_then(|last| broken_by(catalogue, lifecycles, node, last, told.point.first));
        let paused = last.is_some_and(|last| told.point.first - last > about.silence);
        // A recovery in between: another wave of the same story, no recurrence.
        let recovered = last.is_some_and(|last| {
            recoveries.iter().any(|recovery| recovery.first > last && recovery.first < told.point.first)
        });
        if last.is_none() || paused || recovered || after.is_some() {
            episodes.push(Episode {
                condition,
                node: node.to_string(),
                key: key.to_string(),
                names: BTreeMap::new(),
                values: BTreeMap::new(),
                start: begin,
                last: told.point.last,
                count: 0,
                told: Vec::new(),
                recoveries: Vec::new(),
                settled: false,
                cut_short: false,
                ended_early: false,
                passing: false,
                after: after.or(last.filter(|_| paused).map(|at| After {
                    what: "a pause".to_string(),
                    at,
                    restart: false,
                })),
            });
        }
        let Some(episode) = episodes.last_mut() else { continue };
        episode.start = episode.start.min(begin);
        episode.last = episode.last.max(told.point.last);
        episode.count += told.point.count;
        if episode.told.last().is_none_or(|known| !Rc::ptr_eq(&known.captures, &told.captures)) {
            for (name, value) in &strands[strand].object {
                episode.names.entry(*name).or_default().insert(value.clone());
            }
            for (name, value) in told.captures.iter() {
                episode.values.entry(*name).or_default().insert(value.clone());
            }
        }
        episode.told.push(told);
    }
    let starts: Vec<i64> = episodes[from..].iter().skip(1).map(|episode| episode.told[0].point.first).collect();
    for (at, episode) in episodes[from..].iter_mut().enumerate() {
        let next = starts.get(at).copied().unwrap_or(i64::MAX);
        let within = |point: &&Point<'_>| point.first >= episode.start && point.first < next;
        episode.recoveries = recoveries.iter().filter(within).cloned().collect();
    }
}

/// What broke off an episode between two of its lines: a boot, or a start of the node's agent. Starts of others do not: a runtime
/// that is restarted again and again is one story.
fn broken_by(catalogue: &Catalogue, lifecycles: &Lifecycles, node: &str, last: i64, next: i64) -> Option<After> {
    let mut starts = lifecycles.starts_between(node, last, next);
    starts.find_map(|mark| match mark.mark {
        Mark::Boot => Some(After { what: "reboot".to_string(), at: mark.at, restart: true }),
        Mark::Start(id) => {
            let component = &catalogue.components[usize::from(id)];
            component.agent.then(|| After { what: format!("{} restart", component.id), at: mark.at, restart: true })
        }
        _ => None,
    })
}

/// Threads of a start write before the line that marks it.
const EARLY: i64 = 5_000_000;
/// What begins this soon after a start belongs to the start.
const BEGINNING: i64 = 60_000_000;
/// The exit that a start's last line brings is written at most this much before that line, by the clocks.
const EXIT_BEFORE: i64 = 2_000_000;
/// A log that ends this soon after a start does not tell how the start went.
const CUT_SHORT: i64 = 120_000_000;

/// Finds what is usual and harmless: what a start brings with it, as long as it ends by itself within the settling time, and a
/// shutdown after which the node came up again. `thread`: all episodes of one condition on one object, in order of time.
fn settle(thread: &mut [Episode<'_>], catalogue: &Catalogue, lifecycles: &Lifecycles, log_end: i64) {
    let mut from = 0;
    while from < thread.len() {
        // Episodes that only restarts tear apart are one: a start that fails again and again has not ended by itself.
        let mut to = from + 1;
        while to < thread.len()
            && thread[to].after.as_ref().is_some_and(|after| after.restart)
            && thread[to - 1].recoveries.is_empty()
        {
            to += 1;
        }
        let usual = harmless(&thread[from..to], catalogue, lifecycles, log_end);
        let next = next_life(lifecycles, catalogue, &thread[from].node, thread[to - 1].last);
        for episode in &mut thread[from..to] {
            episode.settled = usual != Usual::No;
            episode.cut_short = usual == Usual::AsFarAsSeen;
            episode.passing = is_passing(episode, catalogue, log_end);
            episode.ended_early = ended(episode, catalogue, next.unwrap_or(log_end));
        }
        from = to;
    }
}

/// Is it what a start brings with it?
#[derive(PartialEq, Eq)]
enum Usual {
    No,
    /// It ended by itself.
    Yes,
    /// The log ends before that could be told.
    AsFarAsSeen,
}

fn harmless(chain: &[Episode<'_>], catalogue: &Catalogue, lifecycles: &Lifecycles, log_end: i64) -> Usual {
    let (Some(first), Some(last)) = (chain.first(), chain.last()) else { return Usual::No };
    let next = next_life(lifecycles, catalogue, &first.node, last.last);
    let told = || chain.iter().flat_map(|episode| &episode.told);
    if told().all(|told| told.shutdown) {
        return if next.is_some() { Usual::Yes } else { Usual::No };
    }
    let settling = catalogue.conditions[usize::from(first.condition)].settling;
    if settling == 0 {
        return Usual::No;
    }
    let Some(start) = lifecycles.start_before(&first.node, first.start + EARLY) else { return Usual::No };
    if first.start - start.at > settling || last.last - start.at > settling {
        return Usual::No;
    }
    // Once the node has said that it is ready, its start is over but for the first minute.
    if first.start - start.at > BEGINNING && lifecycles.ready_between(&first.node, start.at, first.start - EARLY) {
        return Usual::No;
    }
    if last.recoveries.iter().any(|recovery| recovery.first >= last.last) {
        return Usual::Yes;
    }
    // Stamps of systemd's lines are of whole seconds in some envelopes.
    if lifecycles.exit_between(&first.node, last.last - EXIT_BEFORE, next.unwrap_or(i64::MAX)) {
        return Usual::No;
    }
    if ended(last, catalogue, next.unwrap_or(log_end)) {
        return Usual::Yes;
    }
    let gave_up = told().any(|told| told.gives_up);
    let soon = first.start - start.at <= BEGINNING && log_end - start.at <= CUT_SHORT;
    if next.is_none() && !gave_up && soon {
        Usual::AsFarAsSeen
    } else {
        Usual::No
    }
}

/// So long without a line of it, and the log going on, means that something passed.
const PASSED: i64 = 60_000_000;

fn is_passing(episode: &Episode<'_>, catalogue: &Catalogue, log_end: i64) -> bool {
    let passing = catalogue.conditions[usize::from(episode.condition)].passing;
    passing > 0 && episode.last - episode.start <= passing && log_end - episode.last >= PASSED
}

/// When the node or its agent started next.
fn next_life(lifecycles: &Lifecycles, catalogue: &Catalogue, node: &str, from: i64) -> Option<i64> {
    let begins = |mark: &Mark| match mark {
        Mark::Boot => true,
        Mark::Start(id) => catalogue.components[usize::from(*id)].agent,
        _ => false,
    };
    lifecycles.starts_between(node, from, i64::MAX).find(|mark| begins(&mark.mark)).map(|mark| mark.at)
}

/// Did it end by itself before the next start, or before the log ended?
fn ended(episode: &Episode<'_>, catalogue: &Catalogue, horizon: i64) -> bool {
    // Retries back off: half the time after which an episode is over without a word.
    let quiet = catalogue.conditions[usize::from(episode.condition)].silence / 2;
    episode.recoveries.iter().any(|recovery| recovery.first >= episode.last) || horizon - episode.last >= quiet
}
