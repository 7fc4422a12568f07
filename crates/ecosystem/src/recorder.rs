//! The recorder of one replicate: from what shards hand over to rows and the digest.

use serde::{Deserialize, Serialize};
use types::metric::Row;

use crate::build::Blueprint;
use crate::data::Data;
use crate::digest::Chain;
use crate::observer::{COUNT_MAX, Observer};
use crate::outbox::Outbox;
use crate::scenario::schema::Scenario;
use crate::world::Surroundings;

/// Keeps the books of one replicate, whoever runs its shards.
#[derive(Debug)]
pub(crate) struct Recorder {
    observer: Observer,
    books: Books,
    ticks: u64,
    rows: Vec<Row>,
}

/// A saved [`Recorder`], without the rows that were not taken yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Books {
    fits_failed: u64,
    chain: Chain,
}

impl Recorder {
    /// Empty books for replicate number `replicate` of a checked scenario.
    pub(crate) fn new(scenario: &Scenario, data: &Data, replicate: u32) -> Self {
        let blueprint = Blueprint::new(scenario, data, replicate);
        Self {
            observer: Observer::new(&blueprint, replicate),
            books: Books::default(),
            ticks: 0,
            rows: Vec::new(),
        }
    }

    /// Writes down one window: the outboxes of all shards that had something to do in it, in the order of the shards, and
    /// what could be read in it, if somebody observed.
    pub(crate) fn record(&mut self, outboxes: Vec<Outbox>, around: Option<Surroundings>) {
        let mut observations = Vec::new();
        for outbox in outboxes {
            self.ticks += outbox.ticks;
            self.books.fits_failed += outbox.fits_failed;
            observations.extend(outbox.observations);
        }
        if let Some(around) = around {
            let around = (&around, self.books.fits_failed);
            self.observer.rows(observations, around, &mut self.rows);
        }
    }

    /// True if an outbox from elsewhere can be written down.
    pub(crate) fn takes(&self, outbox: &Outbox) -> bool {
        outbox.ticks.max(outbox.fits_failed) <= COUNT_MAX
            && outbox
                .observations
                .iter()
                .all(|seen| self.observer.knows(seen))
    }

    /// True if what could be read, as it is told from elsewhere, is of the scenario's views.
    pub(crate) fn sees(&self, around: &Surroundings) -> bool {
        self.observer.sees(around)
    }

    /// The rows since the last call, which become part of the digest.
    pub(crate) fn take_rows(&mut self) -> Vec<Row> {
        let rows = std::mem::take(&mut self.rows);
        self.books.chain.rows(&rows);
        rows
    }

    /// Ticks of models since these books were opened.
    pub(crate) fn ticks(&self) -> u64 {
        self.ticks
    }

    /// Trainings that gave no model.
    pub(crate) fn fits_failed(&self) -> u64 {
        self.books.fits_failed
    }

    /// Hash of all rows taken so far and of the hashes of all shards' models, in the order of the shards.
    ///
    /// # Errors
    /// The first error among the hashes.
    pub(crate) fn digest<E>(
        &self,
        models: impl Iterator<Item = Result<[u8; 32], E>>,
    ) -> Result<[u8; 32], E> {
        self.books.chain.with_models(models)
    }

    /// What is needed to go on with these books later. Rows must have been taken.
    pub(crate) fn save(&self) -> Books {
        self.books
    }

    /// Goes on with saved books.
    pub(crate) fn restore(&mut self, books: Books) {
        self.books = books;
    }
}
