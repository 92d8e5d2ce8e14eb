//! A progress bar on standard error, on a terminal, for work that takes longer than a second.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar is drawn only after so long.
const PATIENCE: Duration = Duration::from_secs(1);
/// Time between two looks at the counter.
const TICK: Duration = Duration::from_millis(50);

/// Draws until dropped.
pub struct Progress {
    done: Arc<AtomicBool>,
    ticker: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows how much of `total` bytes (0: not known) `read` counts, unless `quiet` or standard error is no terminal.
    pub fn show(total: u64, read: Arc<AtomicU64>, quiet: bool) -> Progress {
        let done = Arc::new(AtomicBool::new(false));
        if quiet || !std::io::stderr().is_terminal() {
            return Progress { done, ticker: None };
        }
        let seen = done.clone();
        let ticker = std::thread::spawn(move || tick(total, &read, &seen));
        Progress { done, ticker: Some(ticker) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(ticker) = self.ticker.take() {
            let _ = ticker.join();
        }
    }
}

fn tick(total: u64, read: &AtomicU64, done: &AtomicBool) {
    let start = Instant::now();
    let mut bar: Option<ProgressBar> = None;
    while !done.load(Ordering::Relaxed) {
        std::thread::sleep(TICK);
        if bar.is_none() && start.elapsed() > PATIENCE {
            bar = Some(begin(total));
        }
        if let Some(bar) = &bar {
            bar.set_position(read.load(Ordering::Relaxed));
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}

fn begin(total: u64) -> ProgressBar {
    let bar = if total > 0 { ProgressBar::new(total) } else { ProgressBar::new_spinner() };
    bar.set_draw_target(ProgressDrawTarget::stderr());
    let form = if total > 0 {
        "{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}"
    } else {
        "{spinner} {bytes}, {bytes_per_sec}"
    };
    if let Ok(style) = ProgressStyle::with_template(form) {
        bar.set_style(style);
    }
    bar
}
