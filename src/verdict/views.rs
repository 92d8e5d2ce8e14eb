//! Entries that several sources hold: the kubelet's file beside the journal, a live copy beside the rotated file, a copy that was
//! cut at another moment. Each counts once. Found by what sources hold, never by their names: the smallest hashes of both sides
//! are compared within the span of time that both cover, and there the side that adds less is left out.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use super::clocks::Clocks;
use super::nodes::{path_of, Nodes};
use super::strands::{is_whole, Point};
use crate::base::node;
use crate::catalogue::{ConditionId, PatternId};
use crate::summary::{Seen, Source, Summary, TallyKey};

const SECOND: i64 = 1_000_000;

/// Share of a source's entries within a span that must be in the other one.
const MOST: f64 = 0.5;

/// The larger source is left out instead of the smaller only where it adds clearly less.
const CLEARLY: f64 = 0.2;

/// First and last moment on the axis.
type Range = (i64, i64);

/// What one source holds of others.
#[derive(Debug, Clone, Default, PartialEq)]
struct View {
    /// Where it is left out, and which source counts there.
    spans: Vec<(Range, String)>,
    /// Most of it is in this one.
    mostly: Option<String>,
}

/// Which sources hold entries of others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Views {
    by_path: BTreeMap<String, View>,
}

/// A source, with what is compared of it.
struct Side<'s> {
    path: &'s str,
    source: &'s Source,
    range: Range,
    node: Option<String>,
    /// Hashes beyond this one were dropped.
    border: u64,
    hidden: Vec<Range>,
}

impl Views {
    /// Compares all sources.
    pub fn find(summary: &Summary, nodes: &Nodes, clocks: &Clocks) -> Views {
        let mut views = Views::default();
        let mut sides: Vec<Side<'_>> =
            summary.sources.iter().filter_map(|(path, source)| side(path, source, nodes, clocks)).collect();
        // Large to small; of equal ones the first name counts.
        sides.sort_by(|a, b| b.source.entries.cmp(&a.source.entries).then_with(|| a.path.cmp(b.path)));
        for (small, partners) in partners(&sides).into_iter().enumerate() {
            for large in partners {
                views.compare(&mut sides, small, large, summary, clocks);
            }
        }
        for (path, source) in &summary.sources {
            if let Some(first) = &source.copy_of {
                views.by_path.entry(path.clone()).or_default().mostly = Some(first.clone());
            }
        }
        views
    }

    /// The source that holds most of this one's entries, where one does.
    pub fn of(&self, path: &str) -> Option<&str> {
        self.by_path.get(path)?.mostly.as_deref()
    }

    /// Other sources that hold some of its entries.
    pub fn overlaps(&self, path: &str) -> Vec<String> {
        let own = self.by_path.get(path).into_iter().flat_map(|view| view.spans.iter().map(|(_, other)| other.clone()));
        let others = self.by_path.iter().filter(|(_, view)| view.spans.iter().any(|(_, other)| other == path));
        let all: BTreeSet<String> = own.chain(others.map(|(other, _)| other.clone())).collect();
        all.into_iter().collect()
    }

    /// What of a source is left out.
    pub fn hidden<'v>(&'v self, path: &str, summary: &'v Summary, clocks: &'v Clocks) -> Hidden<'v> {
        let spans = self.by_path.get(path).map_or(&[][..], |view| &view.spans);
        Hidden { spans, summary, clocks, at_edges: None }
    }

    /// Leaves out one of two sources where both have the same entries.
    fn compare(&mut self, sides: &mut [Side<'_>], small: usize, large: usize, summary: &Summary, clocks: &Clocks) {
        let (a, b) = (&sides[small], &sides[large]);
        let range = (a.range.0.max(b.range.0), a.range.1.min(b.range.1));
        if range.0 > range.1 || !may_share(a, b, summary) {
            return;
        }
        let (of_small, of_large) = (shared(a, b, range, clocks), shared(b, a, range, clocks));
        if of_small.max(of_large) < MOST {
            return;
        }
        let (out, kept) = if of_large > of_small + CLEARLY { (large, small) } else { (small, large) };
        // Never both: what is left out here for another source cannot count for this one.
        let open = without(range, &sides[kept].hidden);
        for span in open {
            sides[out].hidden.push(span);
            let view = self.by_path.entry(sides[out].path.to_string()).or_default();
            view.spans.push((span, sides[kept].path.to_string()));
            if view.mostly.is_none() && shared(&sides[out], &sides[kept], sides[out].range, clocks) >= MOST {
                view.mostly = Some(sides[kept].path.to_string());
            }
        }
    }
}

fn side<'s>(path: &'s str, source: &'s Source, nodes: &Nodes, clocks: &Clocks) -> Option<Side<'s>> {
    let span = source.span.as_ref()?;
    let comparable = clocks.of(path).is_some_and(|clock| !clock.untimed);
    if !comparable || source.samples.is_empty() || source.copy_of.is_some() {
        return None;
    }
    let (first, last) = (clocks.axis(path, &span.first), clocks.axis(path, &span.last));
    // The last entry may have a coarser stamp than one before it.
    let latest = source.samples.iter().map(|(_, (seen, _))| clocks.axis(path, seen)).max().unwrap_or(last);
    let range = (first.min(last), first.max(last).max(latest));
    let border =
        source.samples.iter().next_back().filter(|_| source.samples.dropped).map_or(u64::MAX, |(hash, _)| *hash);
    Some(Side {
        path,
        source,
        range,
        node: Some(nodes.of(path).to_string()).filter(|node| !node.is_empty()),
        border,
        hidden: Vec::new(),
    })
}

/// A hash that more sources hold is that of a message without a stamp, which tells nothing.
const MOST_HOLDERS: usize = 64;

/// For each side the larger sides that share a hash with it, the largest first.
fn partners(sides: &[Side<'_>]) -> Vec<BTreeSet<usize>> {
    let hashes =
        || sides.iter().enumerate().flat_map(|(at, side)| side.source.samples.iter().map(move |(hash, _)| (*hash, at)));
    // Most hashes are held once.
    let mut once: FxHashSet<u64> = FxHashSet::default();
    let shared: FxHashSet<u64> = hashes().map(|(hash, _)| hash).filter(|hash| !once.insert(*hash)).collect();
    let mut holders: Vec<(u64, usize)> = hashes().filter(|(hash, _)| shared.contains(hash)).collect();
    holders.sort_unstable();
    let mut partners = vec![BTreeSet::new(); sides.len()];
    for same in holders.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() <= MOST_HOLDERS) {
        for (number, (_, small)) in same.iter().enumerate() {
            partners[*small].extend(same[..number].iter().map(|(_, large)| *large));
        }
    }
    partners
}

/// Different nodes and different containers may say the same at the same time.
fn may_share(a: &Side<'_>, b: &Side<'_>, summary: &Summary) -> bool {
    let nodes = a.node.as_ref().zip(b.node.as_ref());
    let pod = |side: &Side<'_>| summary.places.get(path_of(side.path)).and_then(|place| place.pod.as_ref());
    let pods = pod(a).zip(pod(b));
    nodes.is_none_or(|(a, b)| node::same(a, b))
        && pods.is_none_or(|(a, b)| a.pod == b.pod && a.container == b.container)
}

/// The share of a side's entries within a range that the other holds too, from the samples: those with the smallest hashes of both.
fn shared(side: &Side<'_>, other: &Side<'_>, range: Range, clocks: &Clocks) -> f64 {
    let border = side.border.min(other.border);
    let within = |seen: &Seen| (range.0..=range.1).contains(&clocks.axis(side.path, seen));
    let mine =
        side.source.samples.iter().take_while(|(hash, _)| **hash <= border).filter(|(_, (seen, _))| within(seen));
    let (mut all, mut both) = (0u32, 0u32);
    for (hash, _) in mine {
        all += 1;
        both += u32::from(other.source.samples.contains(*hash));
    }
    if all == 0 {
        0.0
    } else {
        f64::from(both) / f64::from(all)
    }
}

/// A range without others.
fn without(range: Range, others: &[Range]) -> Vec<Range> {
    let mut open = vec![range];
    for other in others {
        let cut = |range: Range| [(range.0, range.1.min(other.0 - 1)), (range.0.max(other.1 + 1), range.1)];
        open = open.into_iter().flat_map(cut).filter(|(from, to)| from <= to).collect();
    }
    open
}

/// Event and moment, to tell whether the other source has it too.
type Mark = (PatternId, Option<ConditionId>, i64);

/// What of one source is left out.
pub struct Hidden<'v> {
    spans: &'v [(Range, String)],
    summary: &'v Summary,
    clocks: &'v Clocks,
    /// How often events within a second of the spans' ends are in the sources that count.
    at_edges: Option<BTreeMap<Mark, u64>>,
}

impl Hidden<'_> {
    /// What is left of a point.
    pub fn rest<'s>(&mut self, key: &TallyKey, point: Point<'s>) -> Option<Point<'s>> {
        let mut point = point;
        for at in 0..self.spans.len() {
            let range = self.spans[at].0;
            if point.last < range.0 - SECOND || point.first > range.1 + SECOND {
                continue;
            }
            if point.count == 1 && is_whole(point.line) && (near(point.first, range.0) || near(point.first, range.1)) {
                // A stamp of whole seconds does not tell on which side of the end it is.
                if self.is_at_edge((key.pattern, key.condition, point.first)) {
                    return None;
                }
                continue;
            }
            if point.last < range.0 || point.first > range.1 {
                continue;
            }
            point.count = point.count.min(outside(&point, range));
            if point.count == 0 {
                return None;
            }
        }
        Some(point)
    }

    fn is_at_edge(&mut self, mark: Mark) -> bool {
        let (spans, summary, clocks) = (self.spans, self.summary, self.clocks);
        let marks = self.at_edges.get_or_insert_with(|| at_edges(spans, summary, clocks));
        let Some(left) = marks.get_mut(&mark).filter(|left| **left > 0) else { return false };
        *left -= 1;
        true
    }
}

fn near(moment: i64, end: i64) -> bool {
    (moment - end).abs() <= SECOND
}

/// Events of a point that lie outside of a range: of some that were counted together, as if they were evenly spread.
fn outside(point: &Point<'_>, range: Range) -> u64 {
    let before = (range.0 - point.first).max(0);
    let after = (point.last - range.1).max(0);
    if before + after == 0 {
        return 0;
    }
    let share = (before + after) as f64 / (point.last - point.first).max(1) as f64;
    ((point.count as f64 * share).round() as u64).clamp(1, point.count)
}

fn at_edges(spans: &[(Range, String)], summary: &Summary, clocks: &Clocks) -> BTreeMap<Mark, u64> {
    let mut marks = BTreeMap::new();
    let kept: BTreeSet<&String> = spans.iter().map(|(_, kept)| kept).collect();
    for path in kept {
        let ends = || spans.iter().filter(|(_, other)| other == path).flat_map(|((from, to), _)| [*from, *to]);
        for (key, tally) in &summary.sources[path].tallies {
            let courses = tally.groups.values().map(|group| &group.course).chain([&tally.rest]);
            for cell in courses.flat_map(|course| course.cells()).filter(|cell| is_whole(&cell.first)) {
                let seen = Seen { position: cell.first.position, when: cell.first.when };
                let moment = clocks.axis(path, &seen);
                if ends().any(|end| near(moment, end)) {
                    *marks.entry((key.pattern, key.condition, moment)).or_default() += cell.count;
                }
            }
        }
    }
    marks
}
