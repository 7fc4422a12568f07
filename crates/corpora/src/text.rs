//! A corpus of text in three splits.

mod items;
mod load;
mod order;
mod parse;
mod split;

pub use items::KnowledgeItem;
pub(crate) use load::load;

use crate::error::CorpusError;

/// How many bytes the compressed files of one corpus may unpack to: 4 GiB.
///
/// A few kilobytes of gzip can unpack to terabytes, and a load keeps what it unpacks in memory.
pub const UNPACKED_BYTES_MAX: u64 = 4 << 30;

/// A text and the name that it goes by in its corpus.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TextDocument {
    /// Unique in the corpus, over all splits.
    pub id: String,
    /// Never empty.
    pub text: String,
}

/// Documents to train on, to tune on and to test on.
///
/// Within each split the documents are ordered by the SHA-256 of their id. Ids usually begin with
/// a group (a book, a country), so this order scatters the groups, and the first N documents are
/// an even sample of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextCorpus {
    /// What a scenario calls it.
    pub name: String,
    /// Documents to train on; never empty.
    pub train: Vec<TextDocument>,
    /// Documents to tune on; may be empty.
    pub valid: Vec<TextDocument>,
    /// Documents to test on; empty only when the corpus has a single document.
    pub test: Vec<TextDocument>,
    /// What a reader of the train split could know, in the order of the SHA-256 of the ids; may be empty. An item is seen if a
    /// document of the train split holds its answer, and unseen if none ever did; those whose documents were cut from the
    /// train split are left out.
    pub knowledge: Vec<KnowledgeItem>,
}

impl TextCorpus {
    /// Reads a corpus from the names and bytes of the files in one folder.
    ///
    /// A split is a file called `train`, `valid` or `test` with one of four endings. A name may
    /// carry folders in front; only its last part counts.
    ///
    /// | ending | documents |
    /// | --- | --- |
    /// | `.jsonl`, `.jsonl.gz` | one JSON object a line, with the string keys `id` and `text` |
    /// | `.txt`, `.txt.gz` | one block of lines, up to the next blank line |
    ///
    /// In JSON lines, blank lines are skipped and other keys are ignored. A block of plain text
    /// gets the id `NAME/SPLIT#N`, with N counted from 1. Files of any other name are ignored,
    /// so licences and manifests may lie beside the splits, unless the name looks like a
    /// misspelt split.
    ///
    /// Knowledge items may lie beside the splits, in `eval.jsonl` or `eval.jsonl.gz`: one JSON object a line, with the strings
    /// `id`, `relation` and `prompt`, the list `choices`, the position `label` of the right one, counted from 0, and the list
    /// `support` of ids of documents that hold the answer. `support_split` says in which split these stand; without it, those
    /// items are seen whose support is in the train split.
    ///
    /// Only the train split is required. Without `valid`, that split is empty. Without `test`,
    /// one document in ten of the train split, rounded up, becomes the test split: the last ones
    /// in the order of the SHA-256 of their ids, so that the documents left in front are the same
    /// as without a test split. This goes by document: if neighbouring documents repeat one
    /// another, cut the splits by group and give `test` as a file.
    ///
    /// # Errors
    ///
    /// [`CorpusError::Invalid`] names all problems of all files together, up to the first twenty:
    /// no train split, a split given twice, a file without documents, broken gzip data, more
    /// than [`UNPACKED_BYTES_MAX`] bytes, invalid UTF-8, broken JSON, missing or empty keys, and
    /// ids that come twice in the corpus, and items without the choice that `label` points to.
    pub fn from_files(
        name: &str,
        files: impl IntoIterator<Item = (String, Vec<u8>)>,
    ) -> Result<Self, CorpusError> {
        load(name, files.into_iter().collect(), UNPACKED_BYTES_MAX)
    }

    /// Keeps the first `documents_max` documents of each split, an even sample over groups, and the knowledge items that are
    /// unseen or whose support is kept.
    #[must_use]
    pub fn limited(mut self, documents_max: usize) -> Self {
        self.train.truncate(documents_max);
        self.valid.truncate(documents_max);
        self.test.truncate(documents_max);
        items::retain_supported(&mut self.knowledge, &self.train);
        self
    }

    /// How many documents the splits hold: train, valid, test.
    pub fn documents(&self) -> [usize; 3] {
        [self.train.len(), self.valid.len(), self.test.len()]
    }
}
