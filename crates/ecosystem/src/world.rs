//! The world of one replicate as its models see it: the web.

use sim::Window;
use types::time::VirtualTime;
use web::{Appeared, Batch, Index, Log, LogError, View};

use crate::facts::{Asking, Fact};
use crate::outbox::Outbox;

/// What all models of one replicate share.
#[derive(Debug)]
pub(crate) struct World {
    log: Log,
    index: Index,
    /// Number of refreshes of the index.
    version: u64,
    /// Outboxes of the current window; without their batches if those are staged at once.
    outboxes: Vec<Outbox>,
    /// True if every shard of the replicate is here, so that a window's documents are complete when it ends.
    whole: bool,
    /// What is asked about sites and crawlers.
    asking: Asking,
    /// When the index was refreshed last.
    time: VirtualTime,
}

/// What the observer may know of the web at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Surroundings {
    /// The views that populations read.
    pub views: Vec<ViewFacts>,
    /// What else is asked about the web, where there are sites.
    pub facts: Vec<Fact>,
}

/// What can be read through one view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ViewFacts {
    /// Number of documents.
    pub documents: u32,
    /// Effective number of authors, if who wrote what is known.
    pub effective_models: Option<f64>,
}

impl World {
    pub(crate) fn new(log: Log, index: Index, whole: bool, asking: Asking) -> Self {
        Self {
            asking,
            time: VirtualTime::START,
            log,
            index,
            version: 0,
            outboxes: Vec::new(),
            whole,
        }
    }

    /// A world that differs in its log and in what was folded from it.
    pub(crate) fn with_log(&self, log: Log, index: Index) -> Self {
        Self::new(log, index, self.whole, self.asking.clone())
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

    /// When the latest publication that can be read was published.
    pub(crate) fn horizon(&self) -> VirtualTime {
        self.index.now()
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Brings the index up to `time`.
    ///
    /// # Errors
    /// If the log failed.
    pub(crate) fn refresh(&mut self, time: VirtualTime) -> Result<(), LogError> {
        self.index.refresh(&mut self.log, time)?;
        self.version += 1;
        self.time = time;
        Ok(())
    }

    /// The world as it is now, for those who read on while this one is refreshed. Nothing is to be published in it.
    pub(crate) fn snapshot(&self) -> Self {
        Self {
            version: self.version,
            time: self.time,
            ..self.with_log(self.log.snapshot(), self.index.snapshot())
        }
    }

    /// From now on notes what becomes visible.
    pub(crate) fn watch(&mut self) {
        self.index.watch();
    }

    /// Moves what became visible since the last call to the end of `out`.
    pub(crate) fn appeared(&mut self, out: &mut Vec<Appeared>) {
        self.index.appeared(out);
    }

    /// What the observer may know, as of the last refresh.
    pub(crate) fn surroundings(&self) -> Surroundings {
        let facts = |view: &View| ViewFacts {
            documents: view.len(),
            effective_models: view.known_authors().map(web::Authors::effective_number),
        };
        Surroundings {
            views: self.index.views().map(facts).collect(),
            facts: self.asking.answers((&self.log, &self.index), self.time),
        }
    }

    /// Publishes batches as one segment, in the order of shards.
    pub(crate) fn publish(&mut self, batches: Vec<Batch>) -> Result<(), LogError> {
        self.log.append(batches)
    }

    /// The outboxes since the last call, in the order of shards.
    pub(crate) fn take_outboxes(&mut self) -> Vec<Outbox> {
        std::mem::take(&mut self.outboxes)
    }
}

impl sim::World for World {
    type Outbox = Outbox;
    type Error = LogError;

    fn collect(&mut self, mut outboxes: Vec<Outbox>) -> Result<(), LogError> {
        if self.whole {
            let batches = outboxes.iter_mut().filter_map(|outbox| outbox.batch.take());
            self.log.stage(batches.collect());
        }
        self.outboxes.append(&mut outboxes);
        Ok(())
    }

    fn commit(&mut self, _window: Window) -> Result<(), LogError> {
        self.log.seal()
    }
}
