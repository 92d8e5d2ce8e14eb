//! Where times since boot lie beside times of day: a raw `dmesg` in a bundle tells again what the journal tells with a date. What
//! both hold tells when the node booted; where they share nothing, the ring of the kernel was read when the log ended.

use std::collections::BTreeMap;

use super::{SourceClock, SECOND};
use crate::base::Stamp;
use crate::summary::{Source, Summary};
use crate::verdict::nodes::Nodes;

/// Boots told by single entries differ by no more than this: the kernel's clock runs free.
const TOGETHER: i64 = 5 * SECOND;

/// Places the sources of each node that count from its boot.
pub(super) fn place(clocks: &mut BTreeMap<String, SourceClock>, summary: &Summary, nodes: &Nodes) {
    let counting: Vec<String> =
        clocks.iter().filter(|(_, clock)| clock.apart && !clock.untimed).map(|(path, _)| path.clone()).collect();
    for path in counting {
        let node = nodes.of(&path);
        let dated = || {
            let same = move |other: &&String| nodes.of(other) == node;
            clocks.iter().filter(|(_, clock)| !clock.apart).filter(move |(other, _)| same(other))
        };
        let mut boots: Vec<i64> =
            dated().flat_map(|(other, clock)| boots(&summary.sources[&path], &summary.sources[other], clock)).collect();
        let told = most_told(&mut boots);
        let end = dated().flat_map(|(_, clock)| clock.marks()).max();
        let Some(clock) = clocks.get_mut(&path) else { continue };
        let last = clock.marks().max();
        if let Some(boot) = told.or_else(|| Some(end?.saturating_sub(last?))) {
            clock.base = boot;
            clock.marks.iter_mut().for_each(|(_, axis)| *axis = axis.saturating_add(boot));
            clock.dated = told.is_some();
            clock.apart = told.is_none();
        }
    }
}

/// When the node booted, by each entry that both sources hold.
fn boots<'s>(counting: &'s Source, dated: &'s Source, clock: &'s SourceClock) -> impl Iterator<Item = i64> + 's {
    let shared = counting.samples.iter().filter_map(|(hash, (seen, _))| Some((seen, dated.samples.get(*hash)?)));
    shared.filter_map(|(seen, (other, _))| match (seen.when?.stamp, other.when?.stamp) {
        (_, Stamp::Uptime { .. }) => None,
        (Stamp::Uptime { micros }, _) => Some(clock.axis(other).saturating_sub(micros)),
        _ => None,
    })
}

/// The boot that most entries tell; of several the last, since the kernel keeps only the messages of this boot.
fn most_told(boots: &mut [i64]) -> Option<i64> {
    boots.sort_unstable();
    let together = |at: &usize| boots.partition_point(|boot| *boot <= boots[*at].saturating_add(TOGETHER)) - at;
    let first = (0..boots.len()).max_by_key(together)?;
    Some(boots[first + together(&first) / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boot_that_most_tell_counts_and_of_two_the_last() {
        let told = |boots: &[i64]| most_told(&mut boots.iter().map(|boot| boot * SECOND).collect::<Vec<_>>());
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[100]), Some(100 * SECOND));
        assert_eq!(told(&[900, 100, 101, 102, 500]), Some(101 * SECOND));
        assert_eq!(told(&[100, 900]), Some(900 * SECOND));
    }
}
