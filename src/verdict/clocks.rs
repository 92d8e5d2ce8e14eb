//! Puts every stamp on one axis, and finds the years and zones that lines do not carry: from the input itself, never from a
//! file's date or today's. What cannot be found stays unknown; order within a source holds all the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, FixedOffset, Timelike};

use super::nodes::{path_of, Nodes};
use super::outcome::{Moment, TimeBasis};
use super::quoted;
use crate::base::stamp::{civil_micros, DAY};
use crate::base::{Clock, Stamp, When};
use crate::summary::ruler::Reading;
use crate::summary::{Seen, Source, Summary};

mod booted;
mod borrowed;
mod zones;

pub use zones::zones;

const SECOND: i64 = 1_000_000;
/// Zones are multiples of a quarter of an hour.
const QUARTER: i64 = 900 * SECOND;
/// A clock that goes back by more than this was set, not jostled; less is threads and buffers.
const STEP: i64 = 120 * SECOND;
/// A clock that goes back by more was never right, or the line is no line of this log: nothing to bridge.
const YEAR: i64 = 366 * DAY;
/// A stamp that is nearer than this in one year is so in no other.
const HALF_A_YEAR: i64 = 182 * DAY;
/// Year-less stamps are placed near this leap year, so that 29 February has a place.
const SOME_YEAR: i32 = 2000;

/// What the user fills in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    /// `--year`
    pub year: Option<i32>,
    /// `--tz`, seconds east of UTC.
    pub zone: Option<i32>,
}

/// How the clocks of one source read.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceClock {
    /// Newest first: position runs against time.
    pub reversed: bool,
    /// Stamps that share no clock with other sources (uptime, none at all): no links across.
    pub apart: bool,
    /// No line has a stamp.
    pub untimed: bool,
    /// Where the axis of a source without stamps begins, or of one that counts from a boot.
    base: i64,
    /// It counts from a boot whose time was found.
    dated: bool,
    /// Where the clock was set back.
    pub steps: Vec<Step>,
    /// By how much the clocks of quoted programs are behind this one.
    others: BTreeSet<i64>,
    year: Known<i32>,
    outer: Known<i32>,
    inner: Known<i32>,
    /// Offsets and their place on the axis, to find the year of a stamp near them.
    marks: Vec<(u64, i64)>,
    basis: (String, String),
}

/// A clock that was set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Byte offset from which on the clock reads earlier.
    pub offset: u64,
    /// By how much, in microseconds: what is added to bridge it.
    pub by: i64,
}

/// A value and whether it was found or is only assumed, to have a place on the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Known<T> {
    value: T,
    found: bool,
}

/// The clocks of all sources, by path.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clocks {
    by_source: BTreeMap<String, SourceClock>,
}

impl Clocks {
    /// Finds the clocks of all sources.
    pub fn find(summary: &Summary, nodes: &Nodes, given: Given) -> Clocks {
        let mut by_source: BTreeMap<String, SourceClock> =
            summary.sources.iter().map(|(path, source)| (path.clone(), first_look(source, given))).collect();
        borrowed::from_sources(&mut by_source, nodes);
        borrowed::from_evidence(&mut by_source, summary);
        for (path, source) in &summary.sources {
            if let Some(clock) = by_source.get_mut(path) {
                clock.lay_out(source);
            }
        }
        booted::place(&mut by_source, summary, nodes);
        put_the_untimed_last(&mut by_source);
        Clocks { by_source }
    }

    /// The clock of a source.
    pub fn of(&self, path: &str) -> Option<&SourceClock> {
        self.by_source.get(path)
    }

    /// Has a source a clock of its own, so that its times lie nowhere beside those of others?
    pub fn are_apart(&self, path: &str) -> bool {
        self.of(path).is_some_and(|clock| clock.apart)
    }

    /// Where a reading lies on the axis.
    pub fn axis(&self, path: &str, seen: &Seen) -> i64 {
        self.of(path).map_or(0, |clock| clock.axis(seen))
    }

    /// A reading for people and machines.
    pub fn moment(&self, path: &str, seen: &Seen) -> Moment {
        self.of(path).map_or_else(Moment::default, |clock| clock.moment(seen))
    }

    /// How year and zone of each source were found.
    pub fn basis(&self) -> Vec<TimeBasis> {
        let basis = |(path, clock): (&String, &SourceClock)| TimeBasis {
            path: path_of(path).to_string(),
            year: clock.basis.0.clone(),
            zone: clock.basis.1.clone(),
        };
        let mut all: Vec<TimeBasis> = self.by_source.iter().map(basis).collect();
        // Parts of one file have one clock, as a rule.
        all.dedup();
        all
    }
}

fn first_look(source: &Source, given: Given) -> SourceClock {
    let readings: Vec<&Reading> = source.ruler.readings().collect();
    let stamps = || readings.iter().flat_map(|reading| [reading.outer, reading.inner]).flatten();
    let absolute = stamps().any(|stamp| matches!(stamp, Stamp::Absolute { .. }));
    let local = stamps().any(|stamp| matches!(stamp, Stamp::Local { .. }));
    let untimed = stamps().next().is_none();
    let (outer, outer_from) = zone_of(&readings, Clock::Outer, given);
    let (inner, inner_from) = zone_of(&readings, Clock::Inner, given);
    let (year, year_from) = year_of(source, &readings, given);
    let basis = if untimed {
        ("no line has a stamp".to_string(), "no line has a stamp".to_string())
    } else if !local {
        let word = if absolute { "on the line" } else { "time since boot only" };
        (word.to_string(), word.to_string())
    } else {
        let only_inner = readings.iter().all(|reading| !matches!(reading.outer, Some(Stamp::Local { .. })));
        (year_from, if only_inner { inner_from } else { outer_from })
    };
    SourceClock {
        reversed: runs_backwards(&readings),
        apart: untimed || (!absolute && !local),
        untimed,
        base: 0,
        dated: false,
        steps: Vec::new(),
        others: BTreeSet::new(),
        year,
        outer,
        inner,
        marks: Vec::new(),
        basis,
    }
}

/// The zone of one of a source's clocks, from lines that carry it beside an absolute one.
fn zone_of(readings: &[&Reading], clock: Clock, given: Given) -> (Known<i32>, String) {
    let mut distances: Vec<i64> = Vec::new();
    for reading in readings {
        let (own, other) = match clock {
            Clock::Outer => (reading.outer, reading.inner),
            Clock::Inner => (reading.inner, reading.outer),
        };
        let (Some(Stamp::Local { year, month, day, micros }), Some(Stamp::Absolute { micros: sure, offset: _ })) =
            (own, other)
        else {
            continue;
        };
        let near = DateTime::from_timestamp_micros(sure).map_or(SOME_YEAR, |time| time.year());
        let years = year.map_or(near - 1..=near + 1, |year| i32::from(year)..=i32::from(year));
        let distance = years.filter_map(|year| civil_micros(year, month, day, micros)).map(|local| local - sure);
        distances.extend(distance.min_by_key(|distance| distance.abs()));
    }
    distances.sort_unstable();
    if let Some(median) = distances.get(distances.len() / 2) {
        let rounded = (median + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
        let told = distances.iter().filter(|distance| (**distance - rounded).abs() < QUARTER / 2).count();
        if rounded.abs() <= 15 * 3600 * SECOND && told * 2 > distances.len() {
            let what = if clock == Clock::Outer { "stamps inside the messages" } else { "the envelope's stamps" };
            return (
                Known { value: (rounded / SECOND) as i32, found: true },
                format!("from {what}: {}", offset_text((rounded / SECOND) as i32)),
            );
        }
    }
    match given.zone {
        Some(zone) => (Known { value: zone, found: true }, "--tz".to_string()),
        None => (Known { value: 0, found: false }, "unknown (--tz sets it)".to_string()),
    }
}

/// The year of the first stamp that has none.
fn year_of(source: &Source, readings: &[&Reading], given: Given) -> (Known<i32>, String) {
    for reading in readings {
        for stamp in [reading.outer, reading.inner].into_iter().flatten() {
            let year = match stamp {
                Stamp::Absolute { micros, offset } => {
                    DateTime::from_timestamp_micros(micros + i64::from(offset) * SECOND).map(|time| time.year())
                }
                Stamp::Local { year: Some(year), .. } => Some(i32::from(year)),
                _ => None,
            };
            if let Some(year) = year.filter(|year| (1990..2200).contains(year)) {
                // A stamp of the message beside an envelope without year tells the year of that moment.
                return (Known { value: year, found: true }, "from stamps that carry it".to_string());
            }
        }
    }
    for (_, marker) in source.markers.iter() {
        if let Some(year) = year_in(&marker.text) {
            return (Known { value: year, found: true }, "from a header line".to_string());
        }
    }
    match given.year {
        Some(year) => (Known { value: year, found: true }, "--year".to_string()),
        None => (Known { value: SOME_YEAR, found: false }, "unknown (--year sets it)".to_string()),
    }
}

/// A year followed by a separator, in a line of the log's own tools: `Log file created at: 2024/01/01`.
fn year_in(text: &[u8]) -> Option<i32> {
    text.windows(5).enumerate().find_map(|(at, window)| {
        let starts = at == 0 || !text[at - 1].is_ascii_digit();
        let year: i32 = std::str::from_utf8(&window[..4]).ok()?.parse().ok()?;
        (starts && matches!(window[4], b'-' | b'/') && (1990..2200).contains(&year)).then_some(year)
    })
}

/// A text without stamps comes behind all that have some: what it says may be a copy of what they say.
fn put_the_untimed_last(clocks: &mut BTreeMap<String, SourceClock>) {
    let end = clocks.values().filter(|clock| !clock.apart).flat_map(|clock| &clock.marks).map(|(_, axis)| *axis).max();
    for clock in clocks.values_mut().filter(|clock| clock.untimed) {
        clock.base = end.unwrap_or(0);
    }
}

/// The stamp that a reading goes by.
fn when_of(reading: &Reading) -> Option<When> {
    match (reading.outer, reading.inner) {
        (Some(stamp), _) => Some(When { stamp, clock: Clock::Outer }),
        (None, Some(stamp)) => Some(When { stamp, clock: Clock::Inner }),
        (None, None) => None,
    }
}

/// Do most steps lead back in time?
fn runs_backwards(readings: &[&Reading]) -> bool {
    let key = |reading: &&Reading| match reading.outer.or(reading.inner)? {
        Stamp::Absolute { micros, .. } | Stamp::Uptime { micros } => Some(micros),
        Stamp::Local { year, month, day, micros } => {
            Some(((i64::from(year.unwrap_or(0)) * 12 + i64::from(month)) * 31 + i64::from(day)) * DAY + micros)
        }
    };
    let keys: Vec<i64> = readings.iter().filter_map(key).collect();
    let back = keys.windows(2).filter(|pair| pair[1] < pair[0]).count();
    let on = keys.windows(2).filter(|pair| pair[1] > pair[0]).count();
    back > on && keys.first() > keys.last()
}

impl SourceClock {
    /// Lays the readings out on the axis: finds New Year and clock steps.
    fn lay_out(&mut self, source: &Source) {
        let mut readings: Vec<&Reading> = source.ruler.readings().collect();
        if self.reversed {
            readings.reverse();
        }
        let stamped: Vec<(u64, When)> =
            readings.iter().filter_map(|reading| Some((reading.position.offset, when_of(reading)?))).collect();
        let mut last: Option<i64> = None;
        let mut bridge = 0;
        for (at, &(offset, when)) in stamped.iter().enumerate() {
            let mut plain = self.plain(when, last.map(|last| last - bridge));
            if let Some(before) = last {
                let back = before - (plain + bridge);
                let ahead = stamped[at..].iter().map(|(_, when)| self.plain(*when, None));
                if let Some(other) = quoted::behind(back, ahead) {
                    // Its place between the lines around it is all that is sure.
                    self.others.insert(other);
                    continue;
                }
                if back > STEP && back < YEAR && !matches!(when.stamp, Stamp::Uptime { .. }) {
                    self.steps.push(Step { offset, by: back });
                    bridge += back;
                }
                if let Stamp::Uptime { .. } = when.stamp {
                    plain = plain.max(before - bridge);
                }
            }
            let axis = plain + bridge;
            self.marks.push((offset, axis));
            last = Some(last.map_or(axis, |last| last.max(axis)));
        }
        self.marks.sort_unstable();
    }

    /// Where its readings lie on the axis.
    pub(super) fn marks(&self) -> impl Iterator<Item = i64> + '_ {
        self.marks.iter().map(|(_, axis)| *axis)
    }

    /// Where a reading lies on the axis.
    pub fn axis(&self, seen: &Seen) -> i64 {
        let near = self.near(seen.position.offset);
        let Some(when) = seen.when else {
            // Between its neighbours; without any, by its place alone: a line a millisecond.
            let place = if self.reversed { -(seen.position.line as i64) } else { seen.position.line as i64 };
            return near.unwrap_or(self.base + place * 1000);
        };
        let bridge: i64 = self.bridge(seen.position.offset);
        let axis = self.plain(when, near.map(|near| near - bridge)) + bridge;
        let Some(near) = near else { return axis };
        quoted::placed(axis, near, &self.others)
    }

    /// What must be added at an offset so that a clock that was set back reads on.
    fn bridge(&self, offset: u64) -> i64 {
        let passed = |step: &&Step| if self.reversed { offset <= step.offset } else { offset >= step.offset };
        self.steps.iter().filter(passed).map(|step| step.by).sum()
    }

    /// The axis of the nearest reading before an offset (or after, where there is none before).
    fn near(&self, offset: u64) -> Option<i64> {
        let at = self.marks.partition_point(|(mark, _)| *mark <= offset);
        self.marks.get(at.saturating_sub(1)).map(|(_, axis)| *axis)
    }

    /// UTC microseconds of a stamp, with what was found or assumed for year and zone. `near`: a moment not far from it.
    fn plain(&self, when: When, near: Option<i64>) -> i64 {
        match when.stamp {
            Stamp::Absolute { micros, .. } => micros,
            Stamp::Uptime { micros } => micros.saturating_add(self.base),
            Stamp::Local { year: Some(year), month, day, micros } => {
                civil_micros(year.into(), month, day, micros).unwrap_or(0) - self.zone(when.clock)
            }
            Stamp::Local { year: None, month, day, micros } => {
                let zone = self.zone(when.clock);
                let in_year = |year: i32| civil_micros(year, month, day, micros).map(|local| local - zone);
                match near {
                    None => in_year(self.year.value).or_else(|| in_year(self.year.value - 1)).unwrap_or(0),
                    Some(near) => {
                        let around = DateTime::from_timestamp_micros(near).map_or(self.year.value, |time| time.year());
                        if let Some(time) = in_year(around).filter(|time| (time - near).abs() < HALF_A_YEAR) {
                            return time;
                        }
                        let years = (around - 1..=around + 1).filter_map(in_year);
                        years.min_by_key(|time| (time - near).abs()).unwrap_or(near)
                    }
                }
            }
        }
    }

    fn zone(&self, clock: Clock) -> i64 {
        let zone = if clock == Clock::Outer { self.outer } else { self.inner };
        let other = if clock == Clock::Outer { self.inner } else { self.outer };
        let known = if zone.found || !other.found { zone } else { other };
        i64::from(known.value) * SECOND
    }

    fn zone_found(&self) -> bool {
        self.outer.found || self.inner.found
    }

    /// A reading for people and machines.
    pub fn moment(&self, seen: &Seen) -> Moment {
        let axis = self.axis(seen);
        let Some(When { stamp, clock }) = seen.when else { return Moment { axis, ..Moment::default() } };
        match stamp {
            Stamp::Uptime { micros } => {
                // The axis shows what the clocks of logs without a zone show.
                let time = zoned(axis, 0).filter(|_| self.dated);
                let since_boot = match micros % SECOND {
                    0 => format!("{} s", micros / SECOND),
                    part => format!("{}.{:03} s", micros / SECOND, part / 1000),
                };
                Moment {
                    axis,
                    time: None,
                    clock: Some(format!("{}.{:06}", micros / SECOND, micros % SECOND)),
                    short: time.map_or(since_boot, |time| time.format("%H:%M:%S").to_string()),
                    date: time.map_or_else(String::new, |time| date_text(time.month(), time.day())),
                }
            }
            Stamp::Absolute { micros, offset } => {
                let time = zoned(micros, offset);
                let text = time.map(|time| rfc3339(&time));
                Moment {
                    axis,
                    clock: text.clone(),
                    time: text,
                    short: time.map_or_else(String::new, |time| time.format("%H:%M:%S").to_string()),
                    date: time.map_or_else(String::new, |time| date_text(time.month(), time.day())),
                }
            }
            Stamp::Local { year, month, day, micros } => {
                let zone = self.zone(clock);
                let known = (self.year.found || year.is_some()) && self.zone_found();
                let utc = axis - self.bridge(seen.position.offset);
                let time = zoned(utc, (zone / SECOND) as i32).filter(|_| known).map(|time| rfc3339(&time));
                let (h, m, s) = (micros / SECOND / 3600, micros / SECOND / 60 % 60, micros / SECOND % 60);
                let clock = match (clock, year) {
                    (_, Some(year)) => {
                        format!("{year:04}-{month:02}-{day:02} {h:02}:{m:02}:{s:02}.{:06}", micros % SECOND)
                    }
                    (Clock::Inner, None) => format!("{month:02}{day:02} {h:02}:{m:02}:{s:02}.{:06}", micros % SECOND),
                    (Clock::Outer, None) => {
                        format!("{} {day:02} {h:02}:{m:02}:{s:02}.{:06}", month_text(month.into()), micros % SECOND)
                    }
                };
                Moment {
                    axis,
                    time,
                    clock: Some(clock),
                    short: format!("{h:02}:{m:02}:{s:02}"),
                    date: date_text(month.into(), day.into()),
                }
            }
        }
    }
}

fn zoned(micros: i64, offset: i32) -> Option<DateTime<FixedOffset>> {
    Some(DateTime::from_timestamp_micros(micros)?.with_timezone(&FixedOffset::east_opt(offset)?))
}

fn rfc3339(time: &DateTime<FixedOffset>) -> String {
    let zone = if time.offset().local_minus_utc() == 0 { "Z".to_string() } else { time.format("%:z").to_string() };
    format!("{}.{:06}{zone}", time.format("%Y-%m-%dT%H:%M:%S"), time.nanosecond() / 1000 % 1_000_000)
}

fn offset_text(seconds: i32) -> String {
    if seconds == 0 {
        return "UTC".to_string();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", seconds.abs() / 3600, seconds.abs() / 60 % 60)
}

fn month_text(month: u32) -> &'static str {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    NAMES.get((month.max(1) - 1) as usize).copied().unwrap_or("")
}

fn date_text(month: u32, day: u32) -> String {
    format!("{day} {}", month_text(month))
}
