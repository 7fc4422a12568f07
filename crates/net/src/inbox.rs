//! The inbox: batches of the durable log as they arrive, until they are committed.

use std::collections::BTreeMap;

use prost::bytes::{Bytes, BytesMut};
use tokio::time::timeout;

use crate::error::NetError;
use crate::log::{Arrival, Arrivals, DurableLog, Hash, PATIENCE, Part};
use crate::wire::{Published, Segment, decode_batch};

/// Batches by their hash.
#[derive(Debug)]
pub(crate) struct Inbox {
    arrivals: Arrivals,
    /// What was published from here, and need not come back over the network.
    own: BTreeMap<Hash, web::Batch>,
    arrived: BTreeMap<Hash, Arriving>,
    /// Everything up to this position is committed, or was never wanted.
    done: u64,
    /// The newest position that was read, or will never be.
    read: u64,
}

/// A batch of which some parts are there.
#[derive(Debug)]
struct Arriving {
    position: u64,
    count: u32,
    parts: Vec<Bytes>,
}

impl Inbox {
    /// Follows the log from `position` on.
    pub(crate) fn new(log: &DurableLog, position: u64) -> Self {
        Self {
            arrivals: log.follow(position),
            own: BTreeMap::new(),
            arrived: BTreeMap::new(),
            done: 0,
            read: 0,
        }
    }

    /// Keeps a batch that was published from here.
    pub(crate) fn keep(&mut self, published: &Published, batch: web::Batch) {
        if let Ok(hash) = Hash::try_from(published.hash.as_ref()) {
            self.own.insert(hash, batch);
        }
    }

    /// The batches of a segment, in order; waits for those that are yet to arrive. Forgets everything older than the
    /// newest of them: whatever is wanted later was published later.
    pub(crate) async fn take(&mut self, segment: &Segment) -> Result<Vec<web::Batch>, NetError> {
        let mut hashes = Vec::with_capacity(segment.batches.len());
        for published in &segment.batches {
            let hash = Hash::try_from(published.hash.as_ref());
            let hash = hash.map_err(|_| NetError::log("read", "a batch is named by no hash"))?;
            self.wait_for((&hash, published.position)).await?;
            hashes.push(hash);
        }
        let batches = tokio::task::block_in_place(|| {
            let batches = hashes.iter().map(|hash| self.batch(hash));
            batches.collect::<Result<_, _>>()
        });
        tracing::trace!(ahead = self.arrivals.held(), "batches are taken");
        let positions = segment.batches.iter().map(|published| published.position);
        self.done = self.done.max(positions.max().unwrap_or(0));
        self.arrived
            .retain(|_, arriving| arriving.position > self.done);
        self.own.clear();
        batches
    }

    /// Waits until a batch is there.
    async fn wait_for(&mut self, (hash, position): (&Hash, u64)) -> Result<(), NetError> {
        let is_there = |inbox: &Self| {
            let whole = inbox.arrived.get(hash).is_some_and(Arriving::is_whole);
            whole || inbox.own.contains_key(hash)
        };
        while !is_there(self) {
            // It is read in order, so what is passed by without being there is not there.
            if self.read >= position && !self.arrived.contains_key(hash) {
                let forgotten = "a batch that is needed was forgotten";
                return Err(NetError::log("read", forgotten));
            }
            let next = timeout(PATIENCE, self.arrivals.next()).await;
            let silent = |_| NetError::log("read", "a batch that is needed does not come");
            match next.map_err(silent)?? {
                Arrival::Part(part) => self.accept(part),
                Arrival::Forgotten(first) => self.read = self.read.max(first - 1),
            }
        }
        Ok(())
    }

    fn batch(&mut self, hash: &Hash) -> Result<web::Batch, NetError> {
        if let Some(batch) = self.own.remove(hash) {
            return Ok(batch);
        }
        let arriving = self.arrived.remove(hash);
        let whole = arriving.map(Arriving::whole).unwrap_or_default();
        if *blake3::hash(&whole).as_bytes() != *hash {
            return Err(NetError::log("read", "a batch is not what its hash says"));
        }
        Ok(decode_batch(whole)?)
    }

    fn accept(&mut self, part: Part) {
        self.read = self.read.max(part.position);
        if part.position <= self.done || (part.number > 0 && !self.arrived.contains_key(&part.hash))
        {
            return;
        }
        let arriving = self.arrived.entry(part.hash).or_insert_with(|| Arriving {
            position: part.position,
            count: part.count,
            parts: Vec::new(),
        });
        // A part that comes again was published again after it had seemed lost.
        if part.number as usize == arriving.parts.len() {
            arriving.parts.push(part.bytes);
        }
    }
}

impl Arriving {
    fn is_whole(&self) -> bool {
        self.parts.len() == self.count as usize
    }

    fn whole(mut self) -> Bytes {
        if let [_] = &self.parts[..] {
            return self.parts.remove(0);
        }
        let mut whole = BytesMut::new();
        for part in &self.parts {
            whole.extend_from_slice(part);
        }
        whole.freeze()
    }
}
