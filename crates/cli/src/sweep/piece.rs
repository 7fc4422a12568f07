//! One replicate of one point.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ecosystem::scenario::schema::Scenario;
use ecosystem::scenario::sweep::Keep;
use ecosystem::{Data, Keeping, Simulation};
use net::Store;
use types::metric::Row;
use web::{Below, Storage};

use super::progress::Meter;
use crate::run::Stop;

/// One replicate of one point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) data: &'a Data,
    pub(super) keep: Keep,
    pub(super) replicate: u32,
}

/// What a replicate has come to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ended {
    pub(super) digest: [u8; 32],
    pub(super) rows: Vec<Row>,
    pub(super) windows: u64,
    pub(super) updates: u64,
}

/// Rows that pile up before those that are not kept are thrown away.
const ROWS_MAX: usize = 20_000;

impl Piece<'_> {
    /// Runs it to its end, or to the error that ends it; `None` if the user has asked to stop.
    pub(super) fn run(
        self,
        (store, place): (&Store, &str),
        stop: &Stop,
        meter: &Meter,
    ) -> Option<Result<Ended, String>> {
        let storage: Arc<dyn Storage> = Arc::new(Below::new(Arc::clone(store.storage()), place));
        let keeping = Keeping {
            storage: Arc::clone(&storage),
            all_documents: false,
        };
        let ended = guarded(|| self.simulate(&keeping, stop, meter));
        // Only a log that outgrew its memory has written something. What cannot be removed now goes at the end.
        for name in storage.list("").into_iter().flatten() {
            drop(storage.remove(&name));
        }
        ended.transpose()
    }

    /// What theory expects of the point, if that is known and cheap to know: the rows that are kept of a replicate.
    pub(super) fn expected(self) -> Result<Vec<Row>, String> {
        let known = guarded(|| {
            let known = ecosystem::theory::expectation(self.scenario, self.data, true);
            known.map_err(|reason| reason.to_string())
        });
        let rows = match self.keep {
            Keep::Last => last(known?.rows),
            Keep::All => known?.rows,
        };
        if rows.is_empty() {
            return Err("theory knows none of the metrics that are measured".to_owned());
        }
        Ok(rows)
    }

    fn simulate(
        self,
        keeping: &Keeping,
        stop: &Stop,
        meter: &Meter,
    ) -> Result<Option<Ended>, String> {
        let text = |error: ecosystem::SimulationError| error.to_string();
        let built = Simulation::new(self.scenario, self.data, self.replicate, keeping);
        let mut simulation = built.map_err(text)?;
        let (mut rows, mut windows, mut full) = (Vec::new(), 0, ROWS_MAX);
        let mut before = 0.0;
        while simulation.step().map_err(text)? {
            rows.extend(simulation.take_rows());
            windows += 1;
            if self.keep == Keep::Last && rows.len() > full {
                rows = last(rows);
                full = ROWS_MAX.max(2 * rows.len());
            }
            if stop.asked() {
                return Ok(None);
            }
            if windows % METER_WINDOWS == 0 {
                let now = simulation.progress();
                meter.advance(now - before);
                before = now;
            }
        }
        rows.extend(simulation.take_rows());
        if self.keep == Keep::Last {
            rows = last(rows);
        }
        meter.piece_done(1.0 - before, simulation.ticks());
        Ok(Some(Ended {
            digest: simulation.digest().map_err(text)?,
            rows,
            windows,
            updates: simulation.ticks(),
        }))
    }
}

/// The bar moves after so many windows: moving it takes a lock.
const METER_WINDOWS: u64 = 16;

/// A panic is a bug; it is told like an error, so that it costs one point and not the sweep.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panicked: {}", said.unwrap_or("without a word")))
    })
}

/// The last row of every series, in the order in which they stand.
fn last(rows: Vec<Row>) -> Vec<Row> {
    let mut seen = BTreeSet::new();
    let mut keep: Vec<bool> = rows
        .iter()
        .rev()
        .map(|row| seen.insert((&row.metric, row.model, &row.population, &row.target)))
        .collect();
    drop(seen);
    keep.reverse();
    let kept = rows.into_iter().zip(keep).filter(|(_, keep)| *keep);
    kept.map(|(row, _)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(model: u32, metric: &str, generation: u32) -> Row {
        Row {
            replicate: 0,
            time: f64::from(generation),
            generation,
            model: Some(model),
            population: None,
            metric: metric.into(),
            target: None,
            value: 0.0,
        }
    }

    #[test]
    fn the_last_row_of_every_series_stays() {
        let rows = vec![
            row(0, "mean", 1),
            row(1, "mean", 1),
            row(0, "variance", 1),
            row(0, "mean", 2),
            row(1, "mean", 2),
        ];
        let kept = last(rows.clone());
        assert_eq!(kept, rows[2..]);
        assert_eq!(last(kept.clone()), kept);
    }

    #[test]
    fn a_panic_is_an_error_with_its_words() {
        let silent = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| ()));
        let said = guarded::<()>(|| panic!("the log is {}", "gone"));
        std::panic::set_hook(silent);
        assert_eq!(said, Err("panicked: the log is gone".to_owned()));
        assert_eq!(guarded(|| Ok(3)), Ok(3));
    }
}
