//! The progress of a sweep.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use indicatif::ProgressBar;

use super::Plan;
use crate::logging::{self, LogFormat};
use crate::measure::Stopwatch;
use crate::run::{compact, progress_bar};

/// Shows how far a sweep is: points, model updates a second, time left. Where nobody watches it says a line now and then.
#[derive(Debug)]
pub(super) struct Meter {
    bar: ProgressBar,
    started: Stopwatch,
    points: AtomicUsize,
    points_all: usize,
    pieces: usize,
    /// Millionths of a piece, in this process.
    done: AtomicU64,
    updates: AtomicU64,
    /// Seconds at which the next line is due; none if lines are not wanted.
    line_due: Option<AtomicU64>,
}

const STEPS: f64 = 1e6;
/// Seconds between lines.
const LINE_SECONDS: u64 = 30;

impl Meter {
    /// Of a sweep with `finished` points that are there already and `pieces` replicates to run.
    pub(super) fn new(plan: &Plan, finished: usize, pieces: usize, quiet: bool) -> Self {
        let text = !quiet && logging::chosen() == LogFormat::Text;
        let lines = text && !std::io::stderr().is_terminal();
        let bar = progress_bar((pieces as f64 * STEPS) as u64, quiet);
        bar.set_message(format!("{finished}/{} points", plan.points.len()));
        Self {
            bar,
            started: Stopwatch::start(),
            points: AtomicUsize::new(finished),
            points_all: plan.points.len(),
            pieces,
            done: AtomicU64::new(0),
            updates: AtomicU64::new(0),
            line_due: lines.then(|| AtomicU64::new(LINE_SECONDS)),
        }
    }

    /// A piece moved by `progress`, of 1.
    pub(super) fn advance(&self, progress: f64) {
        let step = (progress * STEPS) as u64;
        let done = self.done.fetch_add(step, Ordering::Relaxed) + step;
        self.bar.set_position(done);
    }

    /// A piece came to its end, after so many model updates.
    pub(super) fn piece_done(&self, rest: f64, updates: u64) {
        self.advance(rest);
        let updates = self.updates.fetch_add(updates, Ordering::Relaxed) + updates;
        let rate = updates as f64 / self.started.elapsed().as_secs_f64().max(1e-9);
        let (points, all) = (self.points(), self.points_all);
        self.bar
            .set_message(format!("{points}/{all} points, {} models/s", compact(rate)));
        self.say();
    }

    /// A point is whole.
    pub(super) fn point_done(&self) {
        self.points.fetch_add(1, Ordering::Relaxed);
    }

    /// Points that are whole.
    pub(super) fn points(&self) -> usize {
        self.points.load(Ordering::Relaxed)
    }

    /// A plain line for whoever reads the output later.
    fn say(&self) {
        let Some(due) = &self.line_due else { return };
        let now = self.started.elapsed().as_secs();
        let was = due.load(Ordering::Relaxed);
        let next = now + LINE_SECONDS;
        let mine = |was| due.compare_exchange(was, next, Ordering::Relaxed, Ordering::Relaxed);
        if now < was || mine(was).is_err() {
            return;
        }
        let share = self.done.load(Ordering::Relaxed) as f64 / (STEPS * self.pieces as f64);
        let left = now as f64 * (1.0 - share) / share.max(1e-9);
        let (points, all) = (self.points(), self.points_all);
        // A reader that is gone is no reason to stop.
        drop(writeln!(
            std::io::stderr(),
            "{points} of {all} points, {now} s gone, about {left:.0} s left"
        ));
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
