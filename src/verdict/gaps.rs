//! What the log does not hold: suppressed messages, cut lines, clock steps, a limit that was reached.

use super::judge::Scene;
use super::nodes::path_of;
use super::outcome::Gap;
use crate::catalogue::Mark;

/// The gaps of all sources.
pub(super) fn find(scene: &Scene<'_>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut gap = |path: &str, what: &'static str, detail: String| {
        gaps.push(Gap { path: path.to_string(), what, detail });
    };
    for (path, source) in &scene.whole.sources {
        if source.cut_lines > 0 {
            gap(
                path,
                "truncated",
                format!("{} lines were longer than 1 MiB: only their beginning was read", source.cut_lines),
            );
        }
    }
    for path in scene.summary.sources.keys() {
        for step in scene.clocks.of(path).into_iter().flat_map(|clock| &clock.steps) {
            gap(
                path_of(path),
                "clock step",
                format!("the clock was set back by {} s at byte {}", step.by / 1_000_000, step.offset),
            );
        }
    }
    for strand in scene.strands {
        if scene.catalogue.patterns[usize::from(strand.pattern)].marks == Some(Mark::Missing) {
            for point in &strand.points {
                let text = String::from_utf8_lossy(&point.line.text).into_owned();
                gap(path_of(point.path), "suppressed", format!("line {}: {text}", point.line.position.line));
            }
        }
    }
    if scene.summary.level > 0 {
        let detail = "so many different events that times are kept less finely; totals are exact".to_string();
        gap("", "limit", detail);
    }
    gaps
}
