//! Hosting: the shards that a node was leased, and its copy of the web.

use std::sync::Arc;
use std::time::Duration;

use ecosystem::{Host, Keeping, Outbox};
use rayon::ThreadPool;
use rayon::prelude::*;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::Instrument;
use web::{Layered, Storage};

use crate::error::NetError;
use crate::inbox::Inbox;
use crate::log::{DurableLog, Place};
use crate::node::Opened;
use crate::publishing::{Outbound, publish_all};
use crate::saved::Blob;
use crate::store::Store;
use crate::telemetry;
use crate::wire::{
    Checkpoint, Grant, Lease, Save, Saved, Segment, WindowDone, report_of, surroundings_to_wire,
};

/// What a welcomed node has at hand.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) opened: Opened,
    pub(crate) log: DurableLog,
    pub(crate) store: Store,
    /// Every document is kept to the end.
    pub(crate) keep_documents: bool,
    pub(crate) pool: Arc<ThreadPool>,
}

/// Leased shards.
#[derive(Debug)]
pub(crate) struct Hosting {
    pub(crate) epoch: u64,
    post: Arc<Post>,
    host: Host,
    inbox: Inbox,
    /// The window that has run and is not committed yet.
    ran: Option<u64>,
    /// When it had run.
    done: Option<Instant>,
    /// Carries epoch and shards to what is logged.
    pub(crate) span: tracing::Span,
}

impl Hosting {
    /// Builds leased shards, or restores them from the checkpoint store.
    pub(crate) fn new(post: Arc<Post>, lease: &Lease, inbox: Inbox) -> Result<Self, NetError> {
        let keeping = Keeping {
            storage: Arc::new(Layered::new(
                Arc::clone(&post.opened.spill),
                post.store.segments(),
            )),
            all_documents: post.keep_documents,
        };
        let ingredients = (post.opened.scenario.as_ref(), post.opened.data.as_ref());
        let mut host = post
            .pool
            .install(|| Host::new(ingredients, lease.replicate, &keeping, Some(&lease.shards)))?;
        if let Some(checkpoint) = &lease.checkpoint {
            let restored = post
                .pool
                .install(|| restore(&mut host, (&post, &keeping), checkpoint));
            restored.map_err(|error| match error {
                NetError::Damaged(_) => error,
                error => NetError::Damaged(error.to_string()),
            })?;
        }
        telemetry::epoch(lease.epoch);
        Ok(Self {
            epoch: lease.epoch,
            post,
            host,
            inbox,
            ran: None,
            done: None,
            span: lease_span(lease),
        })
    }

    /// Carries a window to what is logged.
    pub(crate) fn window_span(&self, window: u64) -> tracing::Span {
        let virtual_time_days = self.host.window(window).start.days();
        tracing::debug_span!(parent: &self.span, "window", window, virtual_time_days)
    }

    /// Number of the next window with an event of a hosted shard.
    pub(crate) fn next_window(&self) -> Option<u64> {
        self.host.next_window().map(|window| window.index)
    }

    /// Commits the window before, runs this one, and publishes what came of it.
    pub(crate) async fn run(&mut self, grant: &Grant) -> Result<WindowDone, NetError> {
        let begun = Instant::now();
        let waited = self.done.map(|done| begun.duration_since(done));
        self.commit(grant.segment.as_ref()).await?;
        let (sender, parcels) = mpsc::unbounded_channel();
        let place = Place {
            epoch: self.epoch,
            window: grant.window,
        };
        let from = (self.host.replicate(), place);
        let publishing = publish_all(self.post.log.clone(), from, parcels);
        let publishing = tokio::spawn(publishing.in_current_span());
        let outbound = Outbound::new(self.post.pool.current_num_threads(), sender);
        let mut outboxes = tokio::task::block_in_place(|| self.compute(grant.window, outbound))?;
        self.ran = Some(grant.window);
        let ran = begun.elapsed();
        let published = publishing.await;
        let mut stored = published.map_err(|error| NetError::log("publish", error))??;
        let observed = outboxes
            .iter()
            .any(|outbox| !outbox.observations.is_empty());
        let mut reports = Vec::with_capacity(outboxes.len());
        let mut documents = 0;
        for outbox in &mut outboxes {
            let at = stored.batches.remove(&outbox.shard);
            if let (Some(batch), Some(at)) = (outbox.batch.take(), &at) {
                documents += batch.content.len() as u64;
                self.inbox.keep(at, batch);
            }
            reports.push(report_of(outbox, at));
        }
        let (log_taken, log_end) = telemetry::log_positions();
        let took = begun.elapsed();
        let done = WindowDone {
            epoch: self.epoch,
            window: grant.window,
            reports,
            next_window: self.next_window(),
            run_us: micros(ran),
            publish_us: micros(took.saturating_sub(ran)),
            wait_us: waited.map_or(0, micros),
            documents,
            published_bytes: stored.bytes,
            log_taken,
            log_end,
            surroundings: observed.then(|| surroundings_to_wire(&self.host.surroundings())),
        };
        self.note(&done, (took, waited));
        self.done = Some(Instant::now());
        Ok(done)
    }

    /// Shows what a window took; `waited` is the time before it.
    fn note(&self, done: &WindowDone, (took, waited): (Duration, Option<Duration>)) {
        telemetry::window(took, done.documents);
        if let Some(waited) = waited {
            telemetry::barrier(waited);
        }
        let (now, horizon) = (self.host.window(done.window).start, self.host.horizon());
        let progress = now.days() / horizon.days().max(f64::MIN_POSITIVE);
        telemetry::progress(now.days(), progress.min(1.0));
        let (run_us, publish_us, wait_us) = (done.run_us, done.publish_us, done.wait_us);
        let documents = done.documents;
        tracing::debug!(run_us, publish_us, wait_us, documents, "a window has run");
    }

    /// Runs a window; what is to be published goes out shard by shard, while others still run.
    fn compute(&mut self, window: u64, outbound: Outbound) -> Result<Vec<Outbox>, NetError> {
        let window = self.host.window(window);
        let host = &mut self.host;
        let publish = |outbox: &Outbox| {
            let written = outbox.batch.as_ref();
            if let Some(batch) = written.filter(|batch| !batch.publications.is_empty()) {
                outbound.add(outbox.shard, batch);
            }
        };
        let outboxes = self.post.pool.install(|| host.run(window, &publish))?;
        outbound.finish();
        Ok(outboxes)
    }

    /// Makes the window that ran last part of the web.
    async fn commit(&mut self, segment: Option<&Segment>) -> Result<(), NetError> {
        let (Some(segment), Some(window)) = (segment, self.ran) else {
            return Ok(());
        };
        let log = self.host.log();
        let batches = self.inbox.take((window, segment), || log.blank()).await?;
        self.ran = None;
        let host = &mut self.host;
        Ok(tokio::task::block_in_place(|| host.commit(batches))?)
    }

    /// Puts the shards' states into the store, and the log if this node is asked for it.
    pub(crate) async fn save(&mut self, save: &Save) -> Result<Saved, NetError> {
        self.commit(save.segment.as_ref()).await?;
        let epoch = self.epoch;
        let saved = tokio::task::block_in_place(|| self.try_save(save));
        Ok(saved.unwrap_or_else(|error| Saved {
            epoch,
            problem: match error {
                NetError::Unsaved(problem) => problem,
                error => error.to_string(),
            },
            ..Saved::default()
        }))
    }

    fn try_save(&mut self, save: &Save) -> Result<Saved, NetError> {
        let log = if save.log {
            let state = self.host.export_log(&*self.post.store.segments());
            let state = state.map_err(|error| NetError::Unsaved(error.to_string()))?;
            postcard::to_stdvec(&state).map_err(|error| NetError::State(error.to_string()))?
        } else {
            Vec::new()
        };
        let blobs = if save.last {
            self.hashes()?
        } else {
            self.states()?
        };
        Ok(Saved {
            epoch: self.epoch,
            states: blobs.iter().map(Blob::to_wire).collect(),
            log: log.into(),
            problem: String::new(),
        })
    }

    fn hashes(&self) -> Result<Vec<Blob>, NetError> {
        let blob = |hash| Blob {
            name: String::new(),
            hash,
        };
        let hashes = self.host.model_hashes().map(|hash| Ok(blob(hash?)));
        hashes.collect()
    }

    fn states(&self) -> Result<Vec<Blob>, NetError> {
        let states = self.host.save_shards()?;
        let (replicate, storage) = (self.host.replicate(), self.post.store.storage());
        let shards = self.host.shards();
        self.post.pool.install(|| {
            let numbered = shards.par_iter().zip(&states);
            let written =
                numbered.map(|(shard, state)| Blob::write(&**storage, (replicate, *shard), state));
            written.collect()
        })
    }
}

fn lease_span(lease: &Lease) -> tracing::Span {
    let shards = match (lease.shards.first(), lease.shards.last()) {
        (Some(first), Some(last)) => format!("{first}-{last}"),
        _ => String::new(),
    };
    tracing::error_span!("lease", epoch = lease.epoch, shards)
}

fn restore(
    host: &mut Host,
    (post, keeping): (&Post, &Keeping),
    checkpoint: &Checkpoint,
) -> Result<(), NetError> {
    let ingredients = (post.opened.scenario.as_ref(), post.opened.data.as_ref());
    let log = postcard::from_bytes(&checkpoint.log)
        .map_err(|error| NetError::State(error.to_string()))?;
    host.restore_log(ingredients, keeping, log)?;
    let storage: &dyn Storage = &**post.store.storage();
    let read = |blob| Blob::of_wire(blob)?.read(storage);
    let states: Result<Vec<_>, NetError> = checkpoint.states.par_iter().map(read).collect();
    Ok(host.restore_shards(states?)?)
}

fn micros(duration: Duration) -> u64 {
    duration.as_micros() as u64
}
