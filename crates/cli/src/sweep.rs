//! Runs the points of a sweep side by side.
//!
//! ```text
//! sweep file ─► Plan ─► workers ─► points/NNNNNN, one a point ─► sweep.parquet, points.json, summary.json, report.html
//! ```

mod conclude;
mod manifest;
mod part;
mod piece;
mod plan;
mod progress;
mod workers;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use net::Store;

pub(crate) use self::conclude::{read, report_html, summary, write};
pub use self::manifest::SweepManifest;
pub(crate) use self::part::{Outcome, POINTS, forget_failed};
use self::piece::{Ended, Piece};
pub use self::plan::{Plan, Point};
use self::progress::Meter;
use crate::failure::{Context, Failure};
use crate::folder::Folder;
use crate::measure::{Stopwatch, cpu_time};
use crate::run::Stop;

/// The file that makes a folder a sweep's: the sweep, complete.
pub const SWEEP: &str = "sweep.toml";

/// What the points cost that were run in this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Costs {
    /// Wall time of the simulations.
    pub wall: Duration,
    /// CPU time of the same, all threads.
    pub cpu: Duration,
}

/// Runs every point that is not in the folder yet, and writes each there.
///
/// # Errors
/// If the folder cannot be written to, or the user has asked to stop. A point that fails is no error here.
pub fn run_points(
    folder: &Folder,
    plan: &Plan,
    (threads, quiet): (usize, bool),
    stop: &Stop,
) -> Result<Costs, Failure> {
    let done = part::finished(folder, plan.points.len())?;
    let missing: Vec<u32> = (0..plan.points.len() as u32)
        .filter(|point| !done.contains(point))
        .collect();
    let pieces: Vec<(u32, u32)> = missing
        .iter()
        .flat_map(|point| (0..plan.replicates(*point)).map(move |replicate| (*point, replicate)))
        .collect();
    let meter = Meter::new(plan, done.len(), pieces.len(), quiet);
    let begun = (Stopwatch::start(), cpu_time());
    let desk = Desk {
        folder,
        plan,
        open: Mutex::default(),
        store: Store::open(&folder.root().to_string_lossy()).map_err(Failure::input)?,
        meter: &meter,
        stop,
    };
    let finished = workers::work(pieces.len(), threads, |piece| desk.run(pieces[piece]));
    meter.finish();
    finished?;
    if stop.asked() {
        let (root, done) = (folder.root().display(), meter.points());
        return Err(Failure::run(format_args!(
            "interrupted; {done} of {} points are done, go on with: echosphere resume {root}",
            plan.points.len()
        )));
    }
    Ok(Costs {
        wall: begun.0.elapsed(),
        cpu: cpu_time().saturating_sub(begun.1),
    })
}

/// Replicates that came to their end or to an error.
type Replicates = BTreeMap<u32, Result<Ended, String>>;

/// Where pieces are handed in, until their points are whole.
struct Desk<'a> {
    folder: &'a Folder,
    plan: &'a Plan,
    /// Replicates that are at their end, by point and replicate.
    open: Mutex<BTreeMap<u32, Replicates>>,
    store: Store,
    meter: &'a Meter,
    stop: &'a Stop,
}

impl Desk<'_> {
    /// Runs a piece; false if there should be no more.
    fn run(&self, (point, replicate): (u32, u32)) -> Result<bool, Failure> {
        let piece = Piece {
            scenario: &self.plan.points[point as usize].scenario,
            data: &self.plan.points[point as usize].data,
            keep: self.plan.sweep.keep,
            replicate,
        };
        let place = format!("{SEGMENTS}/{point:06}-{replicate:06}/");
        let Some(ended) = piece.run((&self.store, &place), self.stop, self.meter) else {
            return Ok(false);
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.entry(point).or_default();
        own.insert(replicate, ended);
        if own.len() < self.plan.replicates(point) as usize {
            return Ok(true);
        }
        let whole = open.remove(&point).unwrap_or_default();
        drop(open);
        let outcome = Outcome::of(whole.into_values(), || piece.expected())?;
        outcome
            .write(self.folder, point)
            .doing(format_args!("write point {point}"))?;
        self.meter.point_done();
        Ok(true)
    }
}

/// Documents that do not fit into memory, while their replicate runs.
pub(crate) const SEGMENTS: &str = "segments";
