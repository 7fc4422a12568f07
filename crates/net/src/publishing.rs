//! Publishing: what some shards have written is on its way to the broker while others still run.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use futures_util::{StreamExt, TryStreamExt};
use prost::bytes::Bytes;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;

use crate::error::NetError;
use crate::log::{DurableLog, Place};
use crate::wire::{Packer, Parcel, Published};

/// So many parcels are on their way to the broker at once.
const UNDER_WAY: usize = 64;

/// Packs what shards write; every thread packs for itself.
#[derive(Debug)]
pub(crate) struct Outbound {
    packers: Vec<Mutex<Packer>>,
    /// Whoever takes the parcels may have failed, and says so itself.
    parcels: mpsc::UnboundedSender<Parcel>,
}

impl Outbound {
    /// For the threads of a pool.
    pub(crate) fn new(threads: usize, parcels: mpsc::UnboundedSender<Parcel>) -> Self {
        Self {
            packers: (0..threads.max(1)).map(|_| Mutex::default()).collect(),
            parcels,
        }
    }

    /// Takes what a shard has written, which goes when there is enough.
    pub(crate) fn add(&self, shard: u32, batch: &web::Batch) {
        let thread = rayon::current_thread_index().unwrap_or(0);
        let packer = &self.packers[thread % self.packers.len()];
        let mut packer = packer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(parcel) = packer.pack(shard, batch) {
            drop(self.parcels.send(parcel));
        }
    }

    /// Lets go what is left.
    pub(crate) fn finish(self) {
        for packer in self.packers {
            let mut packer = packer.into_inner().unwrap_or_else(PoisonError::into_inner);
            if let Some(parcel) = packer.close() {
                drop(self.parcels.send(parcel));
            }
        }
    }
}

/// What the log has taken.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    /// Where each shard's batch is.
    pub(crate) batches: BTreeMap<u32, Published>,
    /// Bytes of all messages.
    pub(crate) bytes: u64,
}

/// Publishes parcels of a replicate as they come, until no more come and all are stored.
pub(crate) async fn publish_all(
    log: DurableLog,
    (replicate, place): (u32, Place),
    parcels: mpsc::UnboundedReceiver<Parcel>,
) -> Result<Stored, NetError> {
    let publish = |parcel: Parcel| {
        let log = &log;
        async move {
            let bytes = parcel.len() as u64;
            let id = identity((replicate, place), &parcel);
            let position = log.publish(place, &id, parcel.messages).await?;
            Ok::<_, NetError>((parcel.batches, position, bytes))
        }
    };
    let published = UnboundedReceiverStream::new(parcels).map(publish);
    let mut published = published.buffer_unordered(UNDER_WAY);
    let mut stored = Stored::default();
    while let Some((batches, position, bytes)) = published.try_next().await? {
        stored.bytes += bytes;
        for (shard, hash) in &batches {
            let hash = Bytes::copy_from_slice(hash);
            stored.batches.insert(*shard, Published { hash, position });
        }
    }
    Ok(stored)
}

/// Tells apart what is equal by chance. What is published again under another epoch is another message, behind what that
/// epoch began with.
fn identity((replicate, place): (u32, Place), parcel: &Parcel) -> String {
    let Place { epoch, window } = place;
    let first = parcel.batches.first();
    let (shard, hash) = first.copied().unwrap_or_default();
    let hash = blake3::Hash::from_bytes(hash).to_hex();
    format!("{replicate}-{epoch}-{window}-{shard}-{hash}")
}
