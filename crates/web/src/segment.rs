//! A segment: the documents of one window, sealed. Its content may be in memory or in storage.

use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use types::content::Content;
use types::document::{ModelId, Publication, Sequence};

use crate::batch::Batch;
use crate::log::LogError;
use crate::storage::Storage;

/// The documents of one window.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Position of its first document in the log.
    pub first: Sequence,
    /// Provenance, in key order.
    pub publications: Vec<Publication>,
    /// Where each publication's documents begin, relative to `first`.
    starts: Vec<u32>,
    documents: u32,
    content: Place,
    stored: Option<Stored>,
    /// A storage that outlives this process holds the content.
    exported: bool,
}

#[derive(Debug, Clone)]
enum Place {
    Memory(Content),
    Storage,
}

/// Where a segment's content lies in storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    name: String,
    hash: [u8; 32],
    bytes: u64,
}

/// A segment without its content, as a checkpoint keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SegmentState {
    first: Sequence,
    publications: Vec<Publication>,
    stored: Stored,
}

impl SegmentState {
    pub(crate) fn blob(&self) -> &str {
        &self.stored.name
    }
}

/// Content borrowed from memory, or loaded.
#[derive(Debug)]
pub enum ContentRef<'a> {
    /// It is in memory.
    Borrowed(&'a Content),
    /// It was read from storage.
    Loaded(Arc<Content>),
}

impl Deref for ContentRef<'_> {
    type Target = Content;

    fn deref(&self) -> &Content {
        match self {
            Self::Borrowed(content) => content,
            Self::Loaded(content) => content,
        }
    }
}

impl Segment {
    pub(crate) fn seal(first: Sequence, batch: Batch) -> Self {
        let mut segment = Self::bare(
            first,
            batch.publications,
            Place::Memory(batch.content),
            None,
        );
        if let Place::Memory(content) = &segment.content {
            assert_eq!(
                content.len(),
                segment.documents as usize,
                "provenance must cover the content"
            );
        }
        segment.publications.shrink_to_fit();
        segment
    }

    fn bare(
        first: Sequence,
        publications: Vec<Publication>,
        content: Place,
        stored: Option<Stored>,
    ) -> Self {
        let mut documents = 0;
        let starts = publications
            .iter()
            .map(|publication| {
                let start = documents;
                documents += publication.total();
                start
            })
            .collect();
        Self {
            first,
            publications,
            starts,
            documents,
            content,
            exported: stored.is_some(),
            stored,
        }
    }

    /// Number of documents.
    pub fn len(&self) -> u32 {
        self.documents
    }

    /// True if no document is in it.
    pub fn is_empty(&self) -> bool {
        self.documents == 0
    }

    /// Where the documents of publication `index` begin and end.
    pub fn documents_of(&self, index: usize) -> std::ops::Range<u32> {
        let start = self.starts[index];
        start..start + self.publications[index].total()
    }

    /// Which publication document `offset` belongs to. Where all have as many documents, the first guess is right.
    fn index_at(&self, offset: u32) -> usize {
        let (count, documents) = (self.starts.len() as u64, u64::from(self.documents));
        let guess = (u64::from(offset) * count / documents.max(1)) as usize;
        let begins = |index: usize| self.starts.get(index).is_some_and(|&start| start <= offset);
        if begins(guess) && !begins(guess + 1) {
            return guess;
        }
        self.starts.partition_point(|&start| start <= offset) - 1
    }

    /// The publication that document `offset` belongs to.
    pub fn publication_at(&self, offset: u32) -> &Publication {
        &self.publications[self.index_at(offset)]
    }

    /// The author of document `offset`; `None` if it is real.
    pub fn author_at(&self, offset: u32) -> Option<ModelId> {
        let index = self.index_at(offset);
        self.publications[index].author_of(offset - self.starts[index])
    }

    /// The publication that document `offset` belongs to, its author, and where the author's documents in it end.
    pub(crate) fn authorship_at(&self, offset: u32) -> (&Publication, Option<ModelId>, u32) {
        let index = self.index_at(offset);
        let (publication, start) = (&self.publications[index], self.starts[index]);
        let each = publication.documents.max(1);
        let end = start + ((offset - start) / each + 1) * each;
        (publication, publication.author_of(offset - start), end)
    }

    /// Where the publication that document `offset` belongs to ends.
    pub(crate) fn end_of_publication_at(&self, offset: u32) -> u32 {
        self.starts
            .get(self.index_at(offset) + 1)
            .copied()
            .unwrap_or(self.documents)
    }

    /// The content, if it is in memory.
    pub(crate) fn resident(&self) -> Option<&Content> {
        match &self.content {
            Place::Memory(content) => Some(content),
            Place::Storage => None,
        }
    }

    /// The content, if it is in memory.
    pub(crate) fn into_resident(self) -> Option<Content> {
        match self.content {
            Place::Memory(content) => Some(content),
            Place::Storage => None,
        }
    }

    /// Makes sure that storage holds the content.
    pub(crate) fn persist(&mut self, prefix: &str, storage: &dyn Storage) -> Result<(), LogError> {
        let (Place::Memory(content), None) = (&self.content, &self.stored) else {
            return Ok(());
        };
        let name = format!("{prefix}{:012}", self.first.0);
        let bytes =
            postcard::to_stdvec(content).map_err(|_| LogError::Encode { name: name.clone() })?;
        storage
            .write(&name, &bytes)
            .map_err(|source| LogError::Storage {
                name: name.clone(),
                source,
            })?;
        self.stored = Some(Stored {
            hash: blake3::hash(&bytes).into(),
            bytes: bytes.len() as u64,
            name,
        });
        Ok(())
    }

    /// Makes sure that `far` holds the content, which may have left memory for `near`.
    pub(crate) fn export(
        &mut self,
        prefix: &str,
        (near, far): (&dyn Storage, &dyn Storage),
    ) -> Result<(), LogError> {
        if self.exported {
            return Ok(());
        }
        match &self.stored {
            None => self.persist(prefix, far)?,
            Some(stored) => {
                let failed = |source| LogError::Storage {
                    name: stored.name.clone(),
                    source,
                };
                let bytes = near.read(&stored.name).map_err(failed)?;
                far.write(&stored.name, &bytes).map_err(failed)?;
            }
        }
        self.exported = true;
        Ok(())
    }

    /// Moves the content out of memory.
    pub(crate) fn spill(&mut self, prefix: &str, storage: &dyn Storage) -> Result<(), LogError> {
        self.persist(prefix, storage)?;
        self.content = Place::Storage;
        Ok(())
    }

    /// Reads the content from storage and checks that it is what was written.
    pub(crate) fn load(&self, storage: &dyn Storage) -> Result<Content, LogError> {
        let stored = self
            .stored
            .as_ref()
            .expect("content that is not in memory was persisted before it left");
        let name = stored.name.clone();
        let bytes = storage.read(&name).map_err(|source| LogError::Storage {
            name: name.clone(),
            source,
        })?;
        if blake3::hash(&bytes) != stored.hash {
            return Err(LogError::Corrupt { name });
        }
        postcard::from_bytes(&bytes).map_err(|_| LogError::Corrupt { name })
    }

    /// Takes the content back into memory.
    pub(crate) fn recall(&mut self, storage: &dyn Storage) -> Result<(), LogError> {
        if self.resident().is_none() {
            self.content = Place::Memory(self.load(storage)?);
        }
        Ok(())
    }

    /// The name of its blob, if storage holds it.
    pub(crate) fn blob(&self) -> Option<&str> {
        self.stored.as_ref().map(|stored| stored.name.as_str())
    }

    /// Bytes of content, wherever it is.
    pub(crate) fn bytes(&self) -> u64 {
        match (&self.content, &self.stored) {
            (Place::Memory(content), _) => content.byte_len() as u64,
            (Place::Storage, Some(stored)) => stored.bytes,
            (Place::Storage, None) => 0,
        }
    }

    pub(crate) fn save(&self) -> Option<SegmentState> {
        let stored = self.stored.clone()?;
        Some(SegmentState {
            first: self.first,
            publications: self.publications.clone(),
            stored,
        })
    }

    pub(crate) fn restore(state: SegmentState) -> Self {
        Self::bare(
            state.first,
            state.publications,
            Place::Storage,
            Some(state.stored),
        )
    }
}
