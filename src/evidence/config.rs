//! The eviction thresholds of a `KubeletConfiguration`. What it leaves out (and so leaves to the kubelet's defaults) is no fact.

use super::found::Found;
use super::quantity::duration;
use super::thresholds::threshold;
use super::value::Value;

/// Most grace periods read; there are about ten signals.
const MOST_GRACE_PERIODS: usize = 64;

/// Notes the thresholds of a configuration.
pub(super) fn facts(configuration: Value<'_>, text: &str, found: &mut Found) {
    let [hard, soft, grace] = configuration.fields(["evictionHard", "evictionSoft", "evictionSoftGracePeriod"]);
    let mut periods: Vec<(String, f64)> = Vec::new();
    if let Some(grace) = grace {
        grace.entries(&mut |signal, period| {
            if let (Some(seconds), true) =
                (period.text().and_then(|p| duration(&p)), periods.len() < MOST_GRACE_PERIODS)
            {
                periods.push((signal.to_owned(), seconds));
            }
        });
    }
    for (thresholds, soft) in [(hard, false), (soft, true)] {
        let Some(thresholds) = thresholds else { continue };
        thresholds.entries(&mut |signal, value| {
            let grace = periods.iter().find(|(name, _)| name == signal).map(|(_, seconds)| *seconds);
            if let Some(what) = value.text().and_then(|written| threshold(signal, &written, soft, grace)) {
                found.say(value.offset(text), what);
            }
        });
    }
}
