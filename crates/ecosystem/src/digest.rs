//! The digest: one hash that says whether two runs did the same.

use serde::{Deserialize, Serialize};
use types::metric::Row;

/// A hash over all metric rows in order, kept as a chain so that a checkpoint can hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Chain([u8; 32]);

impl Chain {
    /// Adds rows. How rows are cut into calls does not matter: every row is a link of its own.
    pub(crate) fn rows(&mut self, rows: &[Row]) {
        let mut bytes = Vec::new();
        for row in rows {
            bytes.clear();
            bytes.extend_from_slice(&self.0);
            encode(row, &mut bytes);
            self.0 = blake3::hash(&bytes).into();
        }
    }

    /// The chain's hash together with the hashes of all shards' models, in the order of the shards: whoever hosts a
    /// shard hashes it.
    pub(crate) fn with_models<E>(
        &self,
        hashes: impl Iterator<Item = Result<[u8; 32], E>>,
    ) -> Result<[u8; 32], E> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.0);
        for hash in hashes {
            hasher.update(&hash?);
        }
        Ok(hasher.finalize().into())
    }
}

fn encode(row: &Row, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&row.replicate.to_le_bytes());
    bytes.extend_from_slice(&row.time.to_bits().to_le_bytes());
    bytes.extend_from_slice(&row.generation.to_le_bytes());
    bytes.extend_from_slice(&row.model.map_or(u64::MAX, u64::from).to_le_bytes());
    for text in [
        row.population.as_deref(),
        Some(&*row.metric),
        row.target.as_deref(),
    ] {
        bytes.extend_from_slice(
            &text
                .map_or(u64::MAX, |text| text.len() as u64)
                .to_le_bytes(),
        );
        bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
    }
    bytes.extend_from_slice(&row.value.to_bits().to_le_bytes());
}

/// The digest of a whole run: over the digests of its replicates, in order.
pub fn run_digest(replicates: &[[u8; 32]]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for digest in replicates {
        hasher.update(digest);
    }
    hasher.finalize().into()
}
