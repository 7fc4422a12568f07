//! What a shard hands over at the end of a window.

use web::Batch;

use crate::observation::Observation;

/// Documents for the web, and observations for the observer.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) batch: Option<Batch>,
    pub(crate) observations: Vec<Observation>,
    pub(crate) ticks: u64,
    pub(crate) fits_failed: u64,
}
