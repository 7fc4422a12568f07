//! The world of one replicate: the web, and the observer who watches.

use sim::Window;
use types::metric::Row;
use types::time::VirtualTime;
use web::{Batch, Index, Log, LogError, View};

use crate::observation::Observation;
use crate::observer::{Observer, Surroundings};
use crate::outbox::Outbox;

/// What all models of one replicate share.
#[derive(Debug)]
pub(crate) struct World {
    log: Log,
    index: Index,
    observer: Observer,
    /// Number of refreshes of the index.
    version: u64,
    /// Ticks of models since this world was made.
    ticks: u64,
    fits_failed: u64,
    observations: Vec<Observation>,
    rows: Vec<Row>,
}

impl World {
    pub(crate) fn new(log: Log, index: Index, observer: Observer) -> Self {
        Self {
            log,
            index,
            observer,
            version: 0,
            ticks: 0,
            fits_failed: 0,
            observations: Vec::new(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) fn log_mut(&mut self) -> &mut Log {
        &mut self.log
    }

    pub(crate) fn view(&self, group: usize) -> &View {
        self.index.view(group)
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn ticks(&self) -> u64 {
        self.ticks
    }

    pub(crate) fn fits_failed(&self) -> u64 {
        self.fits_failed
    }

    pub(crate) fn set_fits_failed(&mut self, count: u64) {
        self.fits_failed = count;
    }

    /// Brings the index up to `time`.
    pub(crate) fn refresh(&mut self, time: VirtualTime) {
        self.index.refresh(&mut self.log, time);
        self.version += 1;
    }

    /// Publishes documents that no model wrote.
    pub(crate) fn publish(&mut self, batch: Batch) -> Result<(), LogError> {
        self.log.append(vec![batch])
    }

    /// The rows since the last call.
    pub(crate) fn take_rows(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.rows)
    }
}

impl sim::World for World {
    type Outbox = Outbox;
    type Error = LogError;

    fn collect(&mut self, outboxes: Vec<Outbox>) -> Result<(), LogError> {
        let mut batches = Vec::new();
        for outbox in outboxes {
            self.ticks += outbox.ticks;
            self.fits_failed += outbox.fits_failed;
            batches.extend(outbox.batch);
            self.observations.extend(outbox.observations);
        }
        self.log.stage(batches);
        Ok(())
    }

    fn commit(&mut self, _window: Window) -> Result<(), LogError> {
        let views: Vec<&View> = self.index.views().iter().collect();
        let around = Surroundings {
            views: &views,
            fits_failed: self.fits_failed,
        };
        let observations = std::mem::take(&mut self.observations);
        self.observer.rows(observations, around, &mut self.rows);
        self.log.seal()
    }
}
