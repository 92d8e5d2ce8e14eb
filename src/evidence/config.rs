//! The eviction thresholds and some settings of a `KubeletConfiguration`. What it leaves out (and so leaves to the kubelet's defaults) is no fact.

use super::found::Found;
use super::quantity::duration;
use super::thresholds::threshold;
use super::value::Value;
use super::{Origin, What};

/// Settings beside the thresholds that say how a node was meant to behave.
const SETTINGS: [&str; 7] = [
    "cgroupDriver",
    "containerRuntimeEndpoint",
    "failSwapOn",
    "imageGCHighThresholdPercent",
    "imageGCLowThresholdPercent",
    "mergeDefaultEvictionSettings",
    "rotateCertificates",
];

/// Most grace periods read; there are about ten signals.
const MOST_GRACE_PERIODS: usize = 64;

/// Notes what a configuration sets. `origin` tells a file from the values in use, as `/configz` gives them.
pub(super) fn facts(configuration: Value<'_>, origin: Origin, text: &str, found: &mut Found) {
    configuration.entries(&mut |name, value| {
        if let (true, Some(written)) = (SETTINGS.contains(&name), value.text()) {
            found.say(value.offset(text), What::Setting { name: name.to_owned(), value: written });
        }
    });
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
            if let Some(what) = value.text().and_then(|written| threshold(signal, &written, soft, grace, origin)) {
                found.say(value.offset(text), what);
            }
        });
    }
}
