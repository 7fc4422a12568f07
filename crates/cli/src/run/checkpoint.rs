//! Checkpoints: the state of a whole run, hashed, written whole.

use ecosystem::SimulationState;
use serde::{Deserialize, Serialize};
use types::metric::Row;

use crate::failure::{Context, Failure};
use crate::folder::Folder;

/// The state of a run between two windows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RunState {
    /// Hash of the resolved scenario.
    pub scenario: [u8; 32],
    /// Digests of the replicates before the current wave.
    pub digests: Vec<[u8; 32]>,
    /// The replicates of the current wave.
    pub wave: Vec<SlotState>,
    /// Parts of the metric table that are written.
    pub parts: u32,
    /// Windows run so far, over all replicates.
    pub windows: u64,
}

/// A replicate of the current wave.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SlotState {
    /// Where it stands.
    pub progress: Progress,
    /// Rows that are not in a part yet.
    pub rows: Vec<Row>,
}

/// Where a replicate stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Progress {
    /// On its way.
    Running(Box<SimulationState>),
    /// At its end, with this digest.
    Finished([u8; 32]),
}

const MAGIC: &[u8] = b"echosphere checkpoint 1\n";
/// How many checkpoints stay: if the newest was damaged, the one before it serves.
const KEPT: usize = 2;

/// Writes checkpoint number `number` and removes all but the newest ones.
///
/// # Errors
/// If it cannot be written; older checkpoints are still there then.
pub(super) fn write(folder: &Folder, number: u64, state: &RunState) -> Result<(), Failure> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&[0; 32]);
    // Encoded in place: the state of a large population should not be in memory twice.
    let mut bytes = postcard::to_extend(state, bytes).doing("encode a checkpoint")?;
    let (head, body) = bytes.split_at_mut(MAGIC.len() + 32);
    head[MAGIC.len()..].copy_from_slice(blake3::hash(body).as_bytes());
    folder.write(&format!("checkpoints/{number:012}.checkpoint"), &bytes)?;
    let names = names(folder)?;
    for name in &names[..names.len().saturating_sub(KEPT)] {
        folder.remove(name)?;
    }
    Ok(())
}

/// Names of all checkpoints, oldest first.
fn names(folder: &Folder) -> Result<Vec<String>, Failure> {
    let files = folder.list("checkpoints")?;
    let wanted = files
        .into_iter()
        .filter(|name| name.ends_with(".checkpoint"));
    Ok(wanted.map(|name| format!("checkpoints/{name}")).collect())
}

/// The newest checkpoint that is intact, with its number.
///
/// # Errors
/// If there is none.
pub(super) fn newest(folder: &Folder) -> Result<(u64, RunState), Failure> {
    for name in names(folder)?.iter().rev() {
        let bytes = folder.read(name)?;
        if let Some(state) = decode(&bytes) {
            return Ok((number_of(name), state));
        }
        let path = folder.path(name);
        tracing::warn!("{} is damaged: trying the one before it", path.display());
    }
    let path = folder.path("checkpoints");
    Err(Failure::input(format_args!(
        "there is no intact checkpoint in {}: begin again with `echosphere run {}`",
        path.display(),
        folder.path("scenario.toml").display()
    )))
}

fn number_of(name: &str) -> u64 {
    let digits = name
        .trim_start_matches("checkpoints/")
        .trim_end_matches(".checkpoint");
    digits.parse().unwrap_or(0)
}

fn decode(bytes: &[u8]) -> Option<RunState> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (hash, body) = rest.split_at_checked(32)?;
    (blake3::hash(body).as_bytes() == hash).then_some(())?;
    postcard::from_bytes(body).ok()
}
