//! How far it is.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::measure::Stopwatch;

/// A progress bar that shows itself only where there is something to wait for.
pub(super) struct Meter {
    bar: ProgressBar,
    started: Stopwatch,
}

const PATIENCE: Duration = Duration::from_secs(2);

impl Meter {
    pub(super) fn new(work: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(work), ProgressDrawTarget::hidden());
        let template = "{bar:30.cyan/blue} {percent:>3} %  {msg}  {elapsed} gone, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        let started = Stopwatch::start();
        Self { bar, started }
    }

    pub(super) fn advance(&self, id: &'static str, updates: u64) {
        self.bar.inc(updates);
        if self.started.elapsed() > PATIENCE && std::io::stderr().is_terminal() {
            if self.bar.is_hidden() {
                self.bar
                    .set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            }
            self.bar.set_message(id);
        }
    }

    pub(super) fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
