//! In which order a source stands, told from its first entries: oldest first as logs are written, newest first as
//! `journalctl -r` and log stores print them, or with the further lines of each entry before its first one, as a file is that
//! was turned round line by line.

use std::ops::Range;

use crate::base::stamp::DAY;
use crate::base::Clock;
use crate::envelope::entries::line_at;
use crate::envelope::joiner::indented;
use crate::envelope::{entries, outer, peel, Envelope, Guess, Layout};

/// How the entries of a source follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    /// The newest entry stands first.
    pub(super) newest_first: bool,
    /// Further lines of an entry stand before its first line, the last of them first.
    pub(super) lines_before_head: bool,
}

/// Steps between stamps that are too few to tell a direction.
const FEWEST_STEPS: usize = 3;

/// Of the steps at most one in so many may lead forward in a source that stands newest first.
const FORWARD_SHARE: usize = 4;

/// A step by more than half a year leads over New Year.
const HALF_A_YEAR: i64 = 183 * DAY;

/// Whether the newest entry of some frames or lines stands first: nearly all steps between stamps lead back, and the whole way
/// does. Entries that changed places by some milliseconds, files that were merged, and an hour that comes twice have as many
/// steps forward.
pub(super) fn newest_first(layout: Layout, text: &[u8]) -> bool {
    let mut guess = Guess::default();
    let mut ways = [Way::default(), Way::default()];
    for raw in entries(layout, text) {
        let entry = raw.peel(text, &mut guess);
        if let Some(when) = entry.when() {
            ways[usize::from(when.clock == Clock::Inner)].step(when.stamp.rough());
            if ways.iter().any(Way::leads_on) {
                return false;
            }
        }
    }
    let way = if ways[1].back + ways[1].forward >= FEWEST_STEPS { &ways[1] } else { &ways[0] };
    way.back >= FEWEST_STEPS && way.forward * FORWARD_SHARE <= way.back && way.sum < 0
}

/// The way that one clock goes.
#[derive(Debug, Default)]
struct Way {
    last: Option<i64>,
    back: usize,
    forward: usize,
    sum: i64,
}

/// Steps forward after which a source that has fewer back is known to be written as logs are.
const LEADS_ON: usize = 32;

impl Way {
    fn leads_on(&self) -> bool {
        self.forward >= LEADS_ON && self.forward > self.back
    }

    fn step(&mut self, micros: Option<i64>) {
        let Some(micros) = micros else { return };
        if let Some(last) = self.last {
            let step = match micros.saturating_sub(last) {
                step if step > HALF_A_YEAR => step.saturating_sub(366 * DAY),
                step if step < -HALF_A_YEAR => step.saturating_add(366 * DAY),
                step => step,
            };
            self.back += usize::from(step < 0);
            self.forward += usize::from(step > 0);
            self.sum = self.sum.saturating_add(step);
        }
        self.last = Some(micros);
    }
}

/// The order of lines that begin so; `text` ends with a whole line.
pub(super) fn of_lines(text: &[u8]) -> Order {
    let lines_before_head = lines_before_head(text);
    Order { newest_first: newest_first(Layout::Lines, text), lines_before_head }
}

/// Whether indented lines belong to the head behind them rather than to the one before: where both have one, the sign of a
/// klog value and the width of the heads tell.
fn lines_before_head(text: &[u8]) -> bool {
    let (mut before, mut after) = (0_usize, 0_usize);
    let mut last: Option<Range<usize>> = None;
    let mut first_indented: Option<Range<usize>> = None;
    let mut at = 0;
    while let Some(range) = line_at(text, at) {
        at = range.end + 1;
        let line = peel::line(text, &range);
        if line.is_empty() {
            continue;
        }
        if indented(line) {
            first_indented.get_or_insert(range);
            continue;
        }
        if let Some(run) = first_indented.take() {
            let line = peel::line(text, &run);
            let other = last.as_ref().map_or(0, |head| nearness(peel::line(text, head), line));
            let next = nearness(peel::line(text, &range), line);
            before += usize::from(next > other);
            after += usize::from(other > next);
        }
        last = Some(range);
    }
    before > after
}

/// How much speaks for an indented line belonging to a head: that it opens a value, or is as wide as the blanks.
fn nearness(head: &[u8], line: &[u8]) -> u8 {
    if head.ends_with(b"=<") {
        return 2;
    }
    let outer = outer::outer(head);
    let wide = outer.indent.filter(|_| matches!(outer.envelope, Envelope::Short | Envelope::Dmesg)).unwrap_or(0);
    let blanks = line.iter().take_while(|byte| **byte == b' ').count();
    u8::from(wide > 0 && blanks >= wide && blanks < wide + TAB)
}

/// Blanks that journalctl writes for a TAB.
const TAB: usize = 8;
