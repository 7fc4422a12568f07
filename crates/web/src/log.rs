//! The append-only log of everything that was published.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use types::content::{Content, ContentKind};
use types::document::Sequence;

use crate::batch::{self, Batch};
use crate::segment::{ContentRef, Segment, SegmentState};
use crate::storage::Storage;

/// Why the log could not be read or extended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// Storage failed.
    #[error("log segment {name} cannot be read or written: {source}")]
    Storage {
        /// Name of the blob.
        name: String,
        /// What the storage said.
        source: io::Error,
    },
    /// What was read is not what was written.
    #[error(
        "log segment {name} is corrupt: its hash differs from the one noted when it was written"
    )]
    Corrupt {
        /// Name of the blob.
        name: String,
    },
    /// A segment could not be encoded.
    #[error("log segment {name} cannot be encoded")]
    Encode {
        /// Name of the blob.
        name: String,
    },
}

/// How much memory the log may take, and where the rest goes.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// What documents are made of.
    pub kind: ContentKind,
    /// Bytes of content kept in memory; older segments are spilled above it.
    pub memory_bytes_max: u64,
    /// Keeps documents that nobody can read any more, because someone wants them at the end.
    pub keep_all: bool,
    /// First part of the names of blobs, so that several logs can share a storage.
    pub prefix: String,
}

/// The log: segments of documents, oldest first.
#[derive(Debug)]
pub struct Log {
    config: LogConfig,
    storage: Arc<dyn Storage>,
    segments: VecDeque<Arc<Segment>>,
    /// Segments dropped so far: numbers of segments go on counting.
    dropped: usize,
    next: Sequence,
    cache: Arc<Mutex<Cache>>,
    blanks: Mutex<Blanks>,
    /// The next segment, as far as it is in key order.
    staged: Batch,
    /// Batches of the next segment that are not.
    loose: Vec<Batch>,
    /// Memory of a segment that was dropped: asked for anew in every window, a large one costs a page fault a page.
    spare: Option<Content>,
}

/// Memory of batches that were taken in, for those that come next.
#[derive(Debug, Default)]
struct Blanks {
    batches: Vec<Batch>,
    /// Batches that were asked for since some were given back.
    lent: usize,
    /// The most that were ever asked for in between: more are never needed at once.
    most: usize,
}

/// Contents of segments that were read back, by number.
type Cache = VecDeque<(usize, Arc<Content>)>;

/// A saved [`Log`]; the contents are in storage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogState {
    segments: Vec<SegmentState>,
    dropped: usize,
    next: Sequence,
}

impl LogState {
    /// Names of the blobs that it needs.
    pub fn blobs(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().map(SegmentState::blob)
    }

    /// Reads every blob, to see whether it is there and what was written.
    ///
    /// # Errors
    /// The first that is not.
    pub fn verify(&self, storage: &dyn Storage) -> Result<(), LogError> {
        for segment in &self.segments {
            Segment::restore(segment.clone()).load(storage)?;
        }
        Ok(())
    }
}

impl Log {
    /// An empty log.
    pub fn new(config: LogConfig, storage: Arc<dyn Storage>) -> Self {
        let staged = Batch::empty(config.kind);
        Self {
            config,
            storage,
            segments: VecDeque::new(),
            dropped: 0,
            next: Sequence(0),
            cache: Arc::default(),
            blanks: Mutex::new(Blanks::default()),
            staged,
            loose: Vec::new(),
            spare: None,
        }
    }

    /// What documents are made of.
    pub fn kind(&self) -> ContentKind {
        self.config.kind
    }

    /// How many documents were ever published.
    pub fn published(&self) -> u64 {
        self.next.0
    }

    /// Numbers of the segments that are still there.
    pub fn segment_numbers(&self) -> std::ops::Range<usize> {
        self.dropped..self.dropped + self.segments.len()
    }

    /// The segment of that number.
    ///
    /// # Panics
    /// If it was dropped or does not exist yet.
    pub fn segment(&self, number: usize) -> &Segment {
        &self.segments[number - self.dropped]
    }

    /// Appends batches as one segment, in key order. Batches without a document leave no trace.
    ///
    /// # Errors
    /// If older segments had to be spilled and could not.
    pub fn append(&mut self, batches: Vec<Batch>) -> Result<(), LogError> {
        self.stage(batches);
        self.seal()
    }

    /// Takes batches that become part of the next segment. Nobody can read them yet.
    pub fn stage(&mut self, batches: Vec<Batch>) {
        if self.staged.content.is_empty() {
            self.make_room();
        }
        let mut spent = Vec::new();
        for batch in batches {
            if batch.publications.is_empty() || self.staged.append(&batch) {
                spent.push(batch);
            } else {
                self.loose.push(batch);
            }
        }
        self.recycle(spent);
    }

    /// Makes room for the next segment, which is as large as the last one, more often than not.
    fn make_room(&mut self) {
        if let Some(spare) = self.spare.take() {
            self.staged.content = spare;
        }
        if let Some(last) = self.segments.back().and_then(|last| last.resident()) {
            self.staged.content.reserve(&[last]);
        }
    }

    /// Makes a segment of everything that was staged, in key order.
    ///
    /// # Errors
    /// If older segments had to be spilled and could not.
    pub fn seal(&mut self) -> Result<(), LogError> {
        let kind = self.config.kind;
        let mut batch = std::mem::replace(&mut self.staged, Batch::empty(kind));
        if !self.loose.is_empty() {
            let mut parts = vec![batch];
            parts.append(&mut self.loose);
            batch = batch::interleave(kind, &parts);
        }
        if batch.publications.is_empty() {
            return Ok(());
        }
        let segment = Segment::seal(self.next, batch);
        self.next.0 += u64::from(segment.len());
        self.segments.push_back(Arc::new(segment));
        self.spill()
    }

    /// An empty batch, in memory that an earlier one has left.
    pub fn blank(&self) -> Batch {
        let mut blanks = self.blanks.lock().unwrap_or_else(PoisonError::into_inner);
        blanks.lent += 1;
        blanks
            .batches
            .pop()
            .unwrap_or_else(|| Batch::empty(self.config.kind))
    }

    /// Keeps the memory of batches: given back to the allocator by one thread and asked for by
    /// another, it would pile up.
    fn recycle(&mut self, batches: Vec<Batch>) {
        let blanks = self
            .blanks
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        for mut batch in batches {
            batch.publications.clear();
            batch.content.clear();
            blanks.batches.push(batch);
        }
        // Batches also come from elsewhere.
        blanks.most = blanks.most.max(std::mem::take(&mut blanks.lent));
        blanks.batches.truncate(blanks.most);
    }

    /// Spills the oldest segments until the rest fits into the memory budget. The newest stays: everybody reads it next.
    fn spill(&mut self) -> Result<(), LogError> {
        let resident = |segment: &Arc<Segment>| {
            segment
                .resident()
                .map_or(0, |content| content.byte_len() as u64)
        };
        let mut total: u64 = self.segments.iter().map(resident).sum();
        let newest = self.segments.len().saturating_sub(1);
        for segment in self.segments.iter_mut().take(newest) {
            if total <= self.config.memory_bytes_max {
                break;
            }
            let bytes = resident(segment);
            if bytes > 0 {
                Arc::make_mut(segment).spill(&self.config.prefix, &*self.storage)?;
                total -= bytes;
            }
        }
        Ok(())
    }

    /// Drops the segments before `number`, which nobody will read again.
    ///
    /// Their blobs stay: the newest checkpoint may still name them. See [`Log::blobs`].
    pub fn drop_before(&mut self, number: usize) {
        if self.config.keep_all {
            return;
        }
        let count = number.saturating_sub(self.dropped).min(self.segments.len());
        let dropped = self.segments.drain(..count).next_back();
        let dropped = dropped.and_then(Arc::into_inner);
        if let Some(mut content) = dropped.and_then(Segment::into_resident) {
            content.clear();
            self.spare = Some(content);
        }
        self.dropped += count;
    }

    /// The content of a segment.
    ///
    /// # Errors
    /// If it is in storage and cannot be read.
    pub fn content(&self, number: usize) -> Result<ContentRef<'_>, LogError> {
        match self.segment(number).resident() {
            Some(content) => Ok(ContentRef::Borrowed(content)),
            None => self.cached(number).map(ContentRef::Loaded),
        }
    }

    /// Reads a spilled segment through a cache of at most the memory budget, and at least one segment.
    fn cached(&self, number: usize) -> Result<Arc<Content>, LogError> {
        let lock = || self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, content)) = lock().iter().find(|(cached, _)| *cached == number) {
            return Ok(Arc::clone(content));
        }
        let content = Arc::new(self.segment(number).load(&*self.storage)?);
        let mut cache = lock();
        cache.push_back((number, Arc::clone(&content)));
        let mut bytes: u64 = cache
            .iter()
            .map(|(_, content)| content.byte_len() as u64)
            .sum();
        while bytes > self.config.memory_bytes_max && cache.len() > 1 {
            let evicted = cache
                .pop_front()
                .map_or(0, |(_, content)| content.byte_len() as u64);
            bytes -= evicted;
        }
        Ok(content)
    }

    /// Persists every segment and returns what is needed to open the log again.
    ///
    /// # Errors
    /// If storage fails.
    pub fn save(&mut self) -> Result<LogState, LogError> {
        let mut segments = Vec::with_capacity(self.segments.len());
        for segment in &mut self.segments {
            Arc::make_mut(segment).persist(&self.config.prefix, &*self.storage)?;
            segments.extend(segment.save());
        }
        Ok(LogState {
            segments,
            dropped: self.dropped,
            next: self.next,
        })
    }

    /// Like [`Log::save`], but into `far`, a storage that others can read; what has left memory stays where it is too.
    ///
    /// # Errors
    /// If either storage fails.
    pub fn export(&mut self, far: &dyn Storage) -> Result<LogState, LogError> {
        for segment in &mut self.segments {
            Arc::make_mut(segment).export(&self.config.prefix, (&*self.storage, far))?;
        }
        self.save()
    }

    /// The log as it is now, for those who read on while this one grows: they share its memory until it drops or spills what they
    /// read. Nothing is to be appended to it.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        Self {
            segments: self.segments.clone(),
            dropped: self.dropped,
            next: self.next,
            cache: Arc::clone(&self.cache),
            ..Self::new(self.config.clone(), Arc::clone(&self.storage))
        }
    }

    /// Opens a saved log, taking the newest segments into memory as far as the budget goes.
    ///
    /// # Errors
    /// If a segment cannot be read or is not what was written.
    pub fn restore(
        config: LogConfig,
        storage: Arc<dyn Storage>,
        state: LogState,
    ) -> Result<Self, LogError> {
        let mut log = Self::new(config, storage);
        let restored = state.segments.into_iter().map(Segment::restore);
        log.segments = restored.map(Arc::new).collect();
        (log.dropped, log.next) = (state.dropped, state.next);
        let mut total = 0;
        for segment in log.segments.iter_mut().rev() {
            total += segment.bytes();
            if total > log.config.memory_bytes_max {
                break;
            }
            Arc::make_mut(segment).recall(&*log.storage)?;
        }
        Ok(log)
    }

    /// Names of the blobs that the log needs; all others with its prefix may be removed after a checkpoint.
    pub fn blobs(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| segment.blob())
    }
}

#[cfg(test)]
mod tests;
