//! The log that the webs of all nodes are made from, so that models read what models of other nodes have written.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prost::bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use web::Batch;

use super::outage::Outage;
use super::shared::Shared;
use super::target::{connected, disconnected};
use crate::error::NetError;
use crate::log::{Arrival, Arrivals, DurableLog, Part, Place};
use crate::security::Security;
use crate::wire::{Hash, Packer, decode_batch};

/// Where the common log is, and who writes into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Common {
    /// Addresses of the broker, separated by commas.
    pub urls: String,
    /// Name of the run, part of the name of the stream.
    pub run: String,
    /// Number of the node.
    pub node: u64,
}

/// The log, for one node.
#[derive(Debug)]
pub(crate) struct CommonLog {
    log: DurableLog,
    node: u64,
    /// Numbers what this node publishes.
    published: AtomicU64,
    /// Position of the newest message that this node has stored.
    stored: AtomicU64,
    /// Position up to which everything was read.
    taken: AtomicU64,
}

/// Between two attempts to store a message.
const RETRY: Duration = Duration::from_millis(100);
/// So long what was stored is still waited for when a load is given up.
const FAREWELL: Duration = Duration::from_secs(1);
/// Between two looks at whether anything is still to come.
const LOOK: Duration = Duration::from_millis(20);

impl CommonLog {
    /// Opens it.
    ///
    /// # Errors
    /// If the broker cannot be reached, or has no such log.
    pub(crate) async fn open(common: &Common, security: &Security) -> Result<Self, NetError> {
        Ok(Self {
            log: DurableLog::open(&common.urls, &common.run, security).await?,
            node: common.node,
            published: AtomicU64::new(0),
            stored: AtomicU64::new(0),
            taken: AtomicU64::new(0),
        })
    }

    /// Stores a batch, and tries again while the broker is away. What is stored twice is kept once.
    pub(crate) async fn publish(&self, batch: &Batch, shared: &Shared, outage: &Outage) {
        let mut packer = Packer::default();
        let whole = packer.pack(0, batch).or_else(|| packer.close());
        for message in whole.into_iter().flat_map(|parcel| parcel.messages) {
            let number = self.published.fetch_add(1, Ordering::Relaxed);
            let id = format!("{}-{number}", self.node);
            let began = shared.clock.now();
            while let Err(error) = self.store(&id, message.clone()).await {
                tracing::debug!(error, "a batch is stored again");
                outage.failed(began);
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    async fn store(&self, id: &str, message: Bytes) -> Result<(), String> {
        let place = Place {
            epoch: 0,
            window: self.node,
        };
        let client = self.client();
        connected(&client).await;
        let position = tokio::select! {
            stored = self.log.publish_once((place, id), message) => {
                stored.map_err(|error| error.to_string())?
            }
            () = disconnected(&client) => return Err("the connection was lost".to_owned()),
        };
        self.stored.fetch_max(position, Ordering::AcqRel);
        Ok(())
    }

    /// The connection to the broker.
    pub(crate) fn client(&self) -> async_nats::Client {
        self.log.context().client()
    }

    /// Position up to which everything was read.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Acquire)
    }

    /// Takes what all nodes publish into the web, until this node publishes nothing more and has read everything that it has.
    pub(crate) async fn follow(&self, shared: &Shared, is_last: impl Fn() -> bool) {
        let mut arrivals = self.log.follow(1);
        let mut open = Open::default();
        let mut given_up: Option<Instant> = None;
        loop {
            let whole = self.taken() >= self.stored.load(Ordering::Acquire);
            if shared.is_abandoned() {
                given_up.get_or_insert_with(Instant::now);
            }
            // A broker that is gone does not keep anybody who wants to leave.
            if is_last() && (whole || given_up.is_some_and(|since| since.elapsed() > FAREWELL)) {
                return;
            }
            if let Ok(arrived) = tokio::time::timeout(LOOK, arrivals.next()).await {
                match arrived {
                    Ok(arrival) => self.take(arrival, &mut open, shared),
                    Err(error) => {
                        tracing::warn!(%error, "the log is read again");
                        arrivals = self.again();
                    }
                }
            }
        }
    }

    fn again(&self) -> Arrivals {
        self.log.follow(self.taken() + 1)
    }

    fn take(&self, arrival: Arrival, open: &mut Open, shared: &Shared) {
        match arrival {
            Arrival::Delivery(delivery) => {
                for part in delivery.parts {
                    if let Some(batch) = open.add(part, shared) {
                        shared.accept(batch);
                    }
                }
                self.taken.store(delivery.position, Ordering::Release);
            }
            Arrival::Forgotten(first) => {
                tracing::warn!(
                    first,
                    "documents were forgotten before this node had read them"
                );
                self.taken.store(first - 1, Ordering::Release);
            }
        }
    }
}

/// Batches of which a part is still to come.
#[derive(Debug, Default)]
struct Open(BTreeMap<Hash, Vec<u8>>);

impl Open {
    /// The batch of which this is the last part. Parts of a batch come in order.
    fn add(&mut self, part: Part, shared: &Shared) -> Option<Batch> {
        let bytes = if part.count == 1 {
            part.bytes
        } else {
            let bytes = self.0.entry(part.hash).or_default();
            bytes.extend_from_slice(&part.bytes);
            if part.number + 1 < part.count {
                return None;
            }
            self.0.remove(&part.hash)?.into()
        };
        let batch = decode_batch(bytes, shared.web().blank());
        batch
            .inspect_err(|error| tracing::warn!(%error, "a batch is passed over"))
            .ok()
    }
}
