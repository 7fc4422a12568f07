//! A log of batches in memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Arrived, BatchLog, BatchReader, Full};
use crate::batch::Batch;

/// A log of batches in memory, for whoever is in the same process.
#[derive(Debug, Default)]
pub struct MemoryLog {
    bytes_max: Option<usize>,
    state: Mutex<State>,
    grown: Condvar,
}

#[derive(Debug, Default)]
struct State {
    batches: VecDeque<Batch>,
    bytes: usize,
    /// Batches that are forgotten.
    forgotten: u64,
    /// Positions of everything that was ever appended.
    ids: BTreeMap<String, u64>,
}

/// Reads a [`MemoryLog`].
#[derive(Debug)]
pub struct MemoryReader<'a> {
    log: &'a MemoryLog,
    next: u64,
}

impl MemoryLog {
    /// A log with room for so many bytes.
    pub fn bounded(bytes_max: usize) -> Self {
        Self {
            bytes_max: Some(bytes_max),
            ..Self::default()
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn end(&self) -> u64 {
        self.forgotten + self.batches.len() as u64
    }

    fn get(&self, position: u64) -> Option<&Batch> {
        let index = position.checked_sub(self.forgotten + 1)?;
        self.batches.get(index as usize)
    }
}

impl BatchLog for MemoryLog {
    type Reader<'a> = MemoryReader<'a>;

    fn append(&self, id: &str, batch: &Batch) -> Result<u64, Full> {
        let mut state = self.state();
        if let Some(position) = state.ids.get(id) {
            return Ok(*position);
        }
        let bytes = batch.content.byte_len();
        if self.bytes_max.is_some_and(|max| state.bytes + bytes > max) {
            return Err(Full);
        }
        state.bytes += bytes;
        state.batches.push_back(batch.clone());
        let position = state.end();
        state.ids.insert(id.to_owned(), position);
        self.grown.notify_all();
        Ok(position)
    }

    fn append_unheard(&self, id: &str, batch: &Batch) {
        self.append(id, batch).ok();
    }

    fn read(&self, position: u64) -> MemoryReader<'_> {
        MemoryReader {
            log: self,
            next: position.max(1),
        }
    }

    fn end(&self) -> u64 {
        self.state().end()
    }

    fn forget_before(&self, position: u64) {
        let mut state = self.state();
        while state.forgotten + 1 < position
            && let Some(batch) = state.batches.pop_front()
        {
            state.bytes -= batch.content.byte_len();
            state.forgotten += 1;
        }
    }
}

impl BatchReader for MemoryReader<'_> {
    fn next(&mut self, patience: Duration) -> Option<Arrived> {
        let state = self.log.state();
        if self.next <= state.forgotten {
            self.next = state.forgotten + 1;
            return Some(Arrived::Forgotten(self.next));
        }
        let missing = |state: &mut State| state.get(self.next).is_none();
        let waited = self.log.grown.wait_timeout_while(state, patience, missing);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let batch = state.get(self.next)?.clone();
        self.next += 1;
        Some(Arrived::Batch(self.next - 1, batch))
    }

    fn held(&self) -> usize {
        0
    }
}
