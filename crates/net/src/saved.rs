//! A saved replicate whose shards are hosted by nodes: names in the checkpoint store, and what they must hold.

use ecosystem::{LedgerState, ShardState, SimulationState};
use prost::bytes::Bytes;
use serde::{Deserialize, Serialize};
use web::{LogState, Storage};

use crate::error::NetError;
use crate::wire;

/// Bytes in the checkpoint store, by name and hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob {
    /// Name in the store.
    pub name: String,
    /// BLAKE3 of the bytes.
    pub hash: [u8; 32],
}

/// A replicate between two windows, as nodes have saved it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedState {
    /// The states of the shards, in their order.
    pub(crate) shards: Vec<Blob>,
    pub(crate) log: LogState,
    pub(crate) ledger: LedgerState,
}

/// In a checkpoint store, states of shards lie below this prefix.
pub const SHARDS: &str = "checkpoints/shards/";
/// In a checkpoint store, segments of logs lie below this prefix.
pub const SEGMENTS: &str = "checkpoints/segments/";

impl Blob {
    /// Puts the state of a shard into the store. Its name has its hash in it: what is there is never replaced by something
    /// else.
    pub(crate) fn write(
        storage: &dyn Storage,
        (replicate, shard): (u32, u32),
        state: &ShardState,
    ) -> Result<Self, NetError> {
        let bytes =
            postcard::to_stdvec(state).map_err(|error| NetError::State(error.to_string()))?;
        let hash = blake3::hash(&bytes);
        let short = &hash.to_hex()[..16];
        let name = format!("{SHARDS}r{replicate:06}-s{shard:06}-{short}");
        let written = storage.write(&name, &bytes);
        written.map_err(|error| NetError::Unsaved(error.to_string()))?;
        Ok(Self {
            name,
            hash: hash.into(),
        })
    }

    /// Reads the state of a shard, and checks that it is what was written.
    pub(crate) fn read(&self, storage: &dyn Storage) -> Result<ShardState, NetError> {
        let damaged =
            |what: &dyn std::fmt::Display| NetError::Damaged(format!("{}: {what}", self.name));
        let bytes = storage.read(&self.name).map_err(|error| damaged(&error))?;
        if blake3::hash(&bytes) != self.hash {
            return Err(damaged(&"it is not what was written"));
        }
        postcard::from_bytes(&bytes).map_err(|error| damaged(&error))
    }

    pub(crate) fn to_wire(&self) -> wire::Blob {
        wire::Blob {
            name: self.name.clone(),
            hash: Bytes::copy_from_slice(&self.hash),
        }
    }

    pub(crate) fn of_wire(blob: &wire::Blob) -> Result<Self, wire::WireError> {
        let hash = blob.hash.as_ref().try_into();
        Ok(Self {
            name: blob.name.clone(),
            hash: hash.map_err(|_| wire::WireError("a hash has 32 bytes"))?,
        })
    }
}

impl LedState {
    /// Names of everything in the store that it needs.
    pub fn blobs(&self) -> impl Iterator<Item = String> {
        let segments = self.log.blobs().map(|name| format!("{SEGMENTS}{name}"));
        self.shards
            .iter()
            .map(|blob| blob.name.clone())
            .chain(segments)
    }

    /// The same for a replicate without nodes.
    ///
    /// # Errors
    /// If a state is missing or damaged.
    pub fn gather(self, storage: &dyn Storage) -> Result<SimulationState, NetError> {
        let shards = self.shards.iter().map(|blob| blob.read(storage));
        Ok(SimulationState {
            shards: shards.collect::<Result<_, _>>()?,
            log: self.log,
            ledger: self.ledger,
        })
    }

    /// A saved replicate without nodes, for nodes.
    ///
    /// # Errors
    /// If the store cannot be written to.
    pub fn scatter(
        state: SimulationState,
        replicate: u32,
        storage: &dyn Storage,
    ) -> Result<Self, NetError> {
        let blob = |(shard, state)| Blob::write(storage, (replicate, shard), state);
        let shards = (0..).zip(&state.shards).map(blob);
        Ok(Self {
            shards: shards.collect::<Result<_, _>>()?,
            log: state.log,
            ledger: state.ledger,
        })
    }

    /// Reads everything, to see whether it is there and undamaged.
    ///
    /// # Errors
    /// If something is missing or damaged.
    pub fn verify(&self, storage: &dyn Storage, segments: &dyn Storage) -> Result<(), NetError> {
        for blob in &self.shards {
            blob.read(storage)?;
        }
        let damaged = |error: web::LogError| NetError::Damaged(error.to_string());
        self.log.verify(segments).map_err(damaged)
    }
}
