//! The progress bar.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::logging::{self, LogFormat};
use crate::measure::Stopwatch;

/// Shows how far the run is: windows, models a second, time left.
#[derive(Debug)]
pub(super) struct Meter {
    bar: ProgressBar,
    started: Stopwatch,
    /// Progress in millionths of a replicate, over all replicates.
    done: AtomicU64,
    updates: AtomicU64,
}

const STEPS: f64 = 1e6;

impl Meter {
    /// A bar over `replicates` replicates; hidden if `quiet` or if nobody watches.
    pub(super) fn new(replicates: u32, already: f64, quiet: bool) -> Self {
        let bar = bar((f64::from(replicates) * STEPS) as u64, quiet);
        let done = (already * STEPS) as u64;
        bar.set_position(done);
        bar.reset_eta();
        Self {
            bar,
            started: Stopwatch::start(),
            done: AtomicU64::new(done),
            updates: AtomicU64::new(0),
        }
    }

    /// A replicate moved by `progress` (of 1) to `generation`, with so many model updates.
    pub(super) fn advance(&self, progress: f64, generation: u64, models: u64) {
        let step = (progress * STEPS) as u64;
        let done = self.done.fetch_add(step, Ordering::Relaxed) + step;
        let updates = self.updates.fetch_add(models, Ordering::Relaxed) + models;
        let rate = updates as f64 / self.started.elapsed().as_secs_f64().max(1e-9);
        self.bar.set_position(done);
        self.bar.set_message(format!(
            "generation {generation}, {} models/s",
            compact(rate)
        ));
    }

    /// Model updates so far.
    pub(super) fn updates(&self) -> u64 {
        self.updates.load(Ordering::Relaxed)
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A bar of so many steps on standard error; hidden if `quiet` or if nobody watches.
pub(crate) fn bar(steps: u64, quiet: bool) -> ProgressBar {
    let visible = !quiet && std::io::stderr().is_terminal() && logging::chosen() == LogFormat::Text;
    let target = if visible {
        ProgressDrawTarget::stderr_with_hz(10)
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(steps), target);
    let template = "{bar:30.cyan/blue} {percent:>3} %  {msg}  {elapsed} gone, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar
}

/// A number with three digits and a unit.
pub fn compact(value: f64) -> String {
    let (scaled, unit) = match value {
        v if v >= 1e9 => (v / 1e9, " G"),
        v if v >= 1e6 => (v / 1e6, " M"),
        v if v >= 1e3 => (v / 1e3, " k"),
        v => (v, ""),
    };
    let digits = if scaled < 10.0 {
        2
    } else {
        usize::from(scaled < 100.0)
    };
    format!("{scaled:.digits$}{unit}")
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn numbers_keep_three_digits() {
        let shown: Vec<String> = [0.5, 12.34, 999.0, 1_234.0, 56_789.0, 7.5e6, 1e9]
            .map(compact)
            .to_vec();
        assert_eq!(
            shown,
            [
                "0.50", "12.3", "999", "1.23 k", "56.8 k", "7.50 M", "1.00 G"
            ]
        );
    }
}
