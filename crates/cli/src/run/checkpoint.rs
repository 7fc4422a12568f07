//! Checkpoints: the state of a whole run, hashed, written whole.

use ecosystem::SimulationState;
use net::{LedState, Store};
use serde::{Deserialize, Serialize};
use types::metric::Row;
use web::{Log, LogConfig, Storage};

use crate::failure::{Context, Failure};

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
    /// On its way on nodes, who have saved its shards themselves.
    Led(Box<LedState>),
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
pub(super) fn write(storage: &dyn Storage, number: u64, state: &RunState) -> Result<(), Failure> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&[0; 32]);
    // Encoded in place: the state of a large population should not be in memory twice.
    let mut bytes = postcard::to_extend(state, bytes).doing("encode a checkpoint")?;
    let (head, body) = bytes.split_at_mut(MAGIC.len() + 32);
    head[MAGIC.len()..].copy_from_slice(blake3::hash(body).as_bytes());
    let written = storage.write(&format!("{PREFIX}{number:012}{SUFFIX}"), &bytes);
    written.doing("write a checkpoint")?;
    let names = names(storage)?;
    for name in &names[..names.len().saturating_sub(KEPT)] {
        storage.remove(name).doing("remove a checkpoint")?;
    }
    Ok(())
}

const PREFIX: &str = "checkpoints/";
const SUFFIX: &str = ".checkpoint";

/// Names of all checkpoints, oldest first.
fn names(storage: &dyn Storage) -> Result<Vec<String>, Failure> {
    let mut names = storage.list(PREFIX).doing("list checkpoints")?;
    names.retain(|name| name.ends_with(SUFFIX));
    Ok(names)
}

/// True if there is any checkpoint, intact or not.
///
/// # Errors
/// If the store cannot be listed.
pub fn any(storage: &dyn Storage) -> Result<bool, Failure> {
    Ok(!names(storage)?.is_empty())
}

/// The newest checkpoint that is intact, with its number.
///
/// # Errors
/// If there is none.
pub(super) fn newest(store: &Store) -> Result<(u64, RunState), Failure> {
    let storage = &**store.storage();
    for name in names(storage)?.iter().rev() {
        match intact(store, name) {
            Ok(state) => return Ok((number_of(name), state)),
            Err(problem) => tracing::warn!(
                "{name} in {} is damaged ({problem}): trying the one before it",
                store.url()
            ),
        }
    }
    Err(Failure::input(format_args!(
        "there is no intact checkpoint in {}: begin again with `echosphere run`",
        store.url()
    )))
}

/// Number of the newest checkpoint, intact or not.
pub(crate) fn newest_number(store: &Store) -> Option<u64> {
    let names = names(&**store.storage()).ok()?;
    names.last().map(|name| number_of(name))
}

/// The log of a replicate as of the newest checkpoint, with the number of that.
///
/// # Errors
/// If there is no intact checkpoint, or the replicate is not among those that are on their way.
pub(crate) fn log(store: &Store, replicate: u32, config: LogConfig) -> Result<(u64, Log), Failure> {
    let (number, state) = newest(store)?;
    let position = (replicate as usize).checked_sub(state.digests.len());
    let slot = position.and_then(|position| state.wave.into_iter().nth(position));
    let log = match slot.map(|slot| slot.progress) {
        Some(Progress::Running(state)) => state.log,
        Some(Progress::Led(state)) => {
            let state = state.gather(&**store.storage()).map_err(Failure::run)?;
            state.log
        }
        Some(Progress::Finished(_)) | None => {
            return Err(Failure::input(format_args!(
                "replicate {replicate} is not on its way: look at it when the run is finished"
            )));
        }
    };
    let log = Log::restore(config, store.segments(), log).map_err(Failure::run)?;
    Ok((number, log))
}

/// A checkpoint, if it and everything that it names is what was written.
fn intact(store: &Store, name: &str) -> Result<RunState, String> {
    let bytes = store
        .storage()
        .read(name)
        .map_err(|error| error.to_string())?;
    let state = decode(&bytes).ok_or("it is not what was written")?;
    let segments = store.segments();
    for slot in &state.wave {
        match &slot.progress {
            Progress::Finished(_) => {}
            Progress::Running(state) => state
                .log
                .verify(&*segments)
                .map_err(|error| error.to_string())?,
            Progress::Led(state) => state
                .verify(&**store.storage(), &*segments)
                .map_err(|error| error.to_string())?,
        }
    }
    Ok(state)
}

fn number_of(name: &str) -> u64 {
    let digits = name.trim_start_matches(PREFIX).trim_end_matches(SUFFIX);
    digits.parse().unwrap_or(0)
}

fn decode(bytes: &[u8]) -> Option<RunState> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (hash, body) = rest.split_at_checked(32)?;
    (blake3::hash(body).as_bytes() == hash).then_some(())?;
    postcard::from_bytes(body).ok()
}
