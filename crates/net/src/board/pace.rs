//! How fast a run goes.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Looks back so far.
const SPAN: Duration = Duration::from_secs(30);
/// Keeps a point every so often.
const STEP: Duration = Duration::from_millis(250);

/// Points of the last half minute: when, windows run, replicates run with parts of them.
#[derive(Debug, Default)]
pub(super) struct Pace {
    points: VecDeque<Point>,
    newest: Option<Point>,
}

#[derive(Debug, Clone, Copy)]
struct Point {
    at: Instant,
    windows: u64,
    far: f64,
}

impl Pace {
    /// So many windows have run in this replicate, and so many replicates altogether, by now.
    pub(super) fn note(&mut self, at: Instant, windows: u64, far: f64) {
        // After a loss, and in the next replicate, windows are counted from lower on.
        if self.newest.is_some_and(|last| windows < last.windows) {
            self.points.clear();
        }
        let point = Point { at, windows, far };
        self.newest = Some(point);
        let due = |last: &Point| at.duration_since(last.at) >= STEP;
        if self.points.back().is_none_or(due) {
            self.points.push_back(point);
        }
        let old = |first: &Point| at.duration_since(first.at) > SPAN;
        while self.points.front().is_some_and(old) {
            self.points.pop_front();
        }
    }

    /// Seconds, windows and replicates between the oldest point and the newest.
    fn stretch(&self) -> Option<(f64, u64, f64)> {
        let (first, last) = (self.points.front()?, self.newest?);
        let seconds = last.at.duration_since(first.at).as_secs_f64();
        let windows = last.windows.saturating_sub(first.windows);
        (seconds > 0.0).then_some((seconds, windows, last.far - first.far))
    }

    /// Windows a second.
    pub(super) fn windows_per_second(&self) -> f64 {
        self.stretch()
            .map_or(0.0, |(seconds, windows, _)| windows as f64 / seconds)
    }

    /// Seconds that so many replicates will take.
    pub(super) fn seconds_left(&self, replicates: f64) -> Option<f64> {
        let (seconds, _, far) = self.stretch()?;
        (far > 0.0).then(|| replicates.max(0.0) * seconds / far)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_run_is_foretold() {
        let mut pace = Pace::default();
        let begin = Instant::now();
        for second in 0..=40_u64 {
            let at = begin + Duration::from_secs(second);
            pace.note(at, 10 * second, second as f64 / 100.0);
        }
        assert_eq!(pace.windows_per_second(), 10.0);
        let left = pace.seconds_left(0.6).unwrap();
        assert!((left - 60.0).abs() < 1e-9, "{left}");
    }

    #[test]
    fn going_back_begins_anew() {
        let mut pace = Pace::default();
        let begin = Instant::now();
        pace.note(begin, 100, 0.5);
        pace.note(begin + Duration::from_secs(10), 50, 0.25);
        assert_eq!(pace.seconds_left(0.75), None);
        pace.note(begin + Duration::from_secs(11), 51, 0.26);
        assert_eq!(pace.windows_per_second(), 1.0);
    }
}
