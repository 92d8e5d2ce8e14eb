//! From paths to a verdict: what every verb that reads logs does.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use super::flags::Flags;
use super::progress::Progress;
use crate::base::{count, Error, Stamp, Zones};
use crate::catalogue::Catalogue;
use crate::input;
use crate::matcher::Matcher;
use crate::scan::{self, Filter, Scanned};
use crate::summary;
use crate::verdict::{self, BundleFacts, Gap, Unread, Verdict};

/// A verdict, and what its status depends on.
pub struct Examined {
    /// The answer.
    pub verdict: Verdict,
    /// Something was unreadable, cut or over a limit.
    pub incomplete: bool,
    /// Set where nothing could be read as a log: why, and what to do.
    pub nothing: Option<Error>,
}

/// Set by the first Ctrl-C; a second one ends the program.
pub fn stop_on_interrupt() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    // Where a handler cannot be set, Ctrl-C does what it always does.
    let _ = signal_hook::flag::register_conditional_shutdown(signal_hook::consts::SIGINT, 130, stop.clone());
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, stop.clone());
    stop
}

/// Reads the paths (none: standard input) and judges what is in them.
pub fn examine(paths: &[PathBuf], flags: &Flags, catalogue: &Catalogue, stop: &Arc<AtomicBool>) -> Examined {
    let standard_input = [PathBuf::from("-")];
    let paths = if paths.is_empty() { &standard_input } else { paths };
    let plan = input::plan(paths);
    let total = plan.inputs.iter().map(|input| input.size).sum();
    let mut options = scan::Options {
        threads: flags.threads,
        block_size: flags.block_size,
        filter: flags.filter(),
        stop: stop.clone(),
        ..scan::Options::default()
    };
    let matcher = Matcher::new(catalogue);
    let progress = Progress::show(total, options.read.clone(), flags.quiet);
    // A plan of many files is large: it is kept only where they may have to be read once more.
    let may_be_again = options.filter.is_zoned() && !paths.iter().any(|path| path == Path::new("-"));
    let again = may_be_again.then(|| plan.clone());
    let mut scanned = scan::scan(plan, &matcher, &options);
    if let Some(plan) = again.filter(|_| depends_on_a_zone(&scanned, &options)) {
        // The progress begins anew.
        options.read.store(0, Ordering::Relaxed);
        options.filter.zones = zones_of_all(&plan, &matcher, &options, flags);
        if options.filter.zones.values().flatten().any(|zone| zone.is_some_and(|zone| zone != 0)) {
            options.read.store(0, Ordering::Relaxed);
            scanned = scan::scan(plan, &matcher, &options);
        }
    }
    drop(progress);
    let unread = |error: &Error| Unread { path: error.what.clone(), component: matcher.component_of_path(&error.what) };
    let unread = scanned.unreadable.iter().map(unread).collect();
    let mut verdict = verdict::judge(&scanned.summary, catalogue, &verdict::Options { given: flags.given(), unread });
    verdict.input.skipped = scanned.skipped.iter().map(|skipped| (skipped.path.clone(), skipped.why.clone())).collect();
    verdict.input.unreadable = scanned.unreadable.clone();
    verdict.input.interrupted = scanned.interrupted;
    verdict.input.bundles = bundles(&scanned);
    if options.filter.is_zoned() {
        let found = verdict::zones(&scanned.summary, catalogue, flags.given());
        verdict.gaps.extend(compared_as_utc(&found, &options.filter));
    }
    let incomplete = !scanned.unreadable.is_empty()
        || verdict.gaps.iter().any(|gap| matches!(gap.what, "truncated" | "limit"))
        || scanned.interrupted;
    let nothing = nothing_read(&scanned, paths);
    // The process ends soon: giving back a hundred thousand small pieces of memory takes longer than the report.
    std::mem::forget(scanned);
    Examined { verdict, incomplete, nothing }
}

/// Were times with a zone compared with stamps that have none, and is their zone not given? Then it may have to be found.
fn depends_on_a_zone(scanned: &Scanned, options: &scan::Options) -> bool {
    let local = |source: &summary::Source| {
        let mut stamps =
            source.ruler.readings().flat_map(|reading| [reading.outer, reading.inner]).flatten().peekable();
        // What was left out shows no stamps.
        (stamps.peek().is_none() && source.left_out > 0) || stamps.any(|stamp| matches!(stamp, Stamp::Local { .. }))
    };
    options.filter.zone.is_none() && !scanned.interrupted && scanned.summary.sources.values().any(local)
}

/// The zones of all sources, for which all of them has to be read: what a span leaves out may tell them.
fn zones_of_all(plan: &input::Plan, matcher: &Matcher<'_>, options: &scan::Options, flags: &Flags) -> Zones {
    let all = scan::Options { filter: Filter::default(), ..options.clone() };
    let scanned = scan::scan(plan.clone(), matcher, &all);
    verdict::zones(&scanned.summary, matcher.catalogue(), flags.given())
}

/// Sources whose stamps were taken to be UTC when a span of time with a zone was cut out, though nothing says that they are.
fn compared_as_utc(found: &Zones, filter: &Filter) -> Vec<Gap> {
    let assumed = |(path, zones): &(&String, &[Option<i32>; 2])| {
        let used = filter.zones.get(*path).is_some_and(|zones| zones.iter().all(Option::is_some));
        filter.zone.is_none() && !used && **zones != [Some(0), Some(0)]
    };
    let gap = |(path, _): (&String, &[Option<i32>; 2])| Gap {
        path: path.clone(),
        what: "no zone",
        detail: "its stamps were compared with --since and --until as though they were UTC (--tz tells their zone)"
            .to_string(),
    };
    found.iter().filter(assumed).map(gap).collect()
}

/// The support bundles that were recognised.
fn bundles(scanned: &Scanned) -> Vec<BundleFacts> {
    let facts = |bundle: &scan::Recognised| BundleFacts {
        path: bundle.path.clone(),
        kind: bundle.kind.clone(),
        title: bundle.title.clone(),
        marker: bundle.marker.clone(),
    };
    scanned.bundles.iter().map(facts).collect()
}

/// Why there is nothing to judge, where that is so.
fn nothing_read(scanned: &Scanned, paths: &[PathBuf]) -> Option<Error> {
    let sources = &scanned.summary.sources;
    let more = scanned.summary.folded();
    let (mut entries, mut plain, mut left_out, mut events) =
        (more.entries, more.unparsed_lines.min(more.entries), more.left_out, false);
    for source in sources.values() {
        entries += source.entries;
        plain += source.envelopes.get(&crate::envelope::Envelope::Text).copied().unwrap_or(0);
        left_out += source.left_out;
        events |= !source.tallies.is_empty();
    }
    if entries > plain || events {
        return None;
    }
    let what = match paths {
        [only] if only == Path::new("-") => "standard input".to_string(),
        [only] => only.display().to_string(),
        many => count(many.len() as u64, "path"),
    };
    if left_out > 0 {
        let wrong = format!("--since, --until or --node leave out everything ({})", count(left_out, "entry"));
        let hint = "nodecause inputs PATH shows the span and the nodes of a log; --tz tells the zone of stamps that carry none";
        return Some(Error::new(what, wrong, hint));
    }
    if !scanned.unreadable.is_empty() && entries == 0 {
        let all: Vec<String> =
            scanned.unreadable.iter().map(|error| format!("{}: {}", error.what, error.wrong)).collect();
        let hint =
            scanned.unreadable.iter().map(|error| error.hint.clone()).find(|hint| !hint.is_empty()).unwrap_or_default();
        return Some(Error::new("nothing could be read", all.join("; "), hint));
    }
    if entries > 0 {
        return Some(Error::new(
            what,
            format!("nothing in it looks like a log of a Kubernetes node ({})", count(entries, "line")),
            "give the output of journalctl, a log file or a directory that holds some",
        ));
    }
    if !scanned.summary.evidence.is_empty() {
        let wrong = format!("there is evidence ({}), but no log", count(scanned.summary.evidence.len() as u64, "file"));
        return Some(Error::new(
            what,
            wrong,
            "add the kubelet's log: journalctl -u kubelet -o short-precise > kubelet.log",
        ));
    }
    if scanned.skipped.is_empty() && paths.iter().any(|path| path.is_dir()) {
        return Some(Error::new(what, "there is no file in it", "give a directory that holds logs"));
    }
    if let Some(skipped) = scanned.skipped.iter().find(|skipped| skipped.why != "empty") {
        let more =
            if scanned.skipped.len() > 1 { format!(", and {} more", scanned.skipped.len() - 1) } else { String::new() };
        return Some(Error::new(
            what,
            format!("nothing in it is a log: {} ({}{more})", skipped.path, skipped.why),
            "give the output of journalctl, a log file, or a directory or archive that holds some",
        ));
    }
    Some(Error::new(
        what,
        "there is no log entry in it",
        "journalctl shows other users' and system logs only to root and to the group systemd-journal:\n  \
         sudo journalctl -u kubelet -o short-precise | nodecause\n  \
         Is the unit's name right? systemctl list-units '*kube*' '*k3s*' '*rke2*' shows it.",
    ))
}
