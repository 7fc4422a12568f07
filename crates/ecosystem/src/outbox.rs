//! What a shard hands over at the end of a window.

use web::Batch;

use crate::observation::Observation;

/// Documents for the web, and observations for the observer.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Which shard, counted over all populations.
    pub shard: u32,
    /// What its models published.
    pub batch: Option<Batch>,
    /// What it saw of its models, instant by instant.
    pub observations: Vec<Observation>,
    /// Ticks of its models.
    pub ticks: u64,
    /// Trainings that gave no model.
    pub fits_failed: u64,
}
