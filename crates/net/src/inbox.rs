//! The inbox: batches of the durable log as they arrive, until they are committed.

use std::collections::BTreeMap;

use prost::bytes::BytesMut;

use crate::error::NetError;
use crate::log::{Arrival, Arrivals, DurableLog, Hash, Part};
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
    /// The newest position that was taken.
    newest: u64,
    /// The newest position that was read, or will never be.
    read: u64,
}

/// A batch of which some parts are there.
#[derive(Debug)]
struct Arriving {
    position: u64,
    parts: u32,
    bytes: BytesMut,
    next: u32,
}

impl Inbox {
    /// Follows the log from `position` on.
    pub(crate) fn new(log: &DurableLog, position: u64) -> Self {
        Self {
            arrivals: log.follow(position),
            own: BTreeMap::new(),
            arrived: BTreeMap::new(),
            done: 0,
            newest: 0,
            read: 0,
        }
    }

    /// Keeps a batch that was published from here.
    pub(crate) fn keep(&mut self, published: &Published, batch: web::Batch) {
        if let Ok(hash) = Hash::try_from(published.hash.as_ref()) {
            self.own.insert(hash, batch);
        }
    }

    /// The batches of segments, in order; waits for those that are yet to arrive. Forgets everything older than the
    /// newest of them: whatever is wanted later was published later.
    pub(crate) async fn take(
        &mut self,
        segments: &[Segment],
    ) -> Result<Vec<Vec<web::Batch>>, NetError> {
        let mut taken = Vec::with_capacity(segments.len());
        for segment in segments {
            let mut batches = Vec::with_capacity(segment.batches.len());
            for published in &segment.batches {
                batches.push(self.batch(published).await?);
                self.newest = self.newest.max(published.position);
            }
            taken.push(batches);
        }
        tracing::trace!(ahead = self.arrivals.held(), "batches are taken");
        self.done = self.newest;
        self.arrived
            .retain(|_, arriving| arriving.position > self.done);
        self.own.clear();
        Ok(taken)
    }

    async fn batch(&mut self, published: &Published) -> Result<web::Batch, NetError> {
        let hash = Hash::try_from(published.hash.as_ref());
        let hash = hash.map_err(|_| NetError::log("read", "a batch is named by no hash"))?;
        loop {
            if let Some(batch) = self.own.remove(&hash) {
                return Ok(batch);
            }
            if self.arrived.get(&hash).is_some_and(Arriving::is_whole)
                && let Some(arriving) = self.arrived.remove(&hash)
            {
                let whole = arriving.bytes.freeze();
                if *blake3::hash(&whole).as_bytes() != hash {
                    return Err(NetError::log("read", "a batch is not what its hash says"));
                }
                return Ok(decode_batch(whole)?);
            }
            // It is read in order, so what is passed by without being there is not there.
            if self.read >= published.position && !self.arrived.contains_key(&hash) {
                return Err(NetError::log(
                    "read",
                    "a batch that is needed was forgotten",
                ));
            }
            match self.arrivals.next().await? {
                Arrival::Part(part) => self.accept(&part),
                Arrival::Forgotten(first) => self.read = self.read.max(first - 1),
            }
        }
    }

    fn accept(&mut self, part: &Part) {
        self.read = self.read.max(part.position);
        if part.position <= self.done || (part.number > 0 && !self.arrived.contains_key(&part.hash))
        {
            return;
        }
        let arriving = self.arrived.entry(part.hash).or_insert_with(|| Arriving {
            position: part.position,
            parts: part.count,
            bytes: BytesMut::new(),
            next: 0,
        });
        // A part that comes again was published again after it had seemed lost.
        if part.number == arriving.next {
            arriving.bytes.extend_from_slice(&part.bytes);
            arriving.next += 1;
        }
    }
}

impl Arriving {
    fn is_whole(&self) -> bool {
        self.next == self.parts
    }
}
