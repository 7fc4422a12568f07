//! What can be wrong with a file, one sentence each.

use std::fmt;

use crate::error::CorpusError;

/// How many problems of one load are kept; the rest are only counted.
pub(crate) const PROBLEMS_KEPT_MAX: usize = 20;

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Name of the file, as the caller gave it.
    pub file: String,
    /// Number of the line, counted from 1.
    pub line: usize,
}

impl Place {
    pub(crate) fn new(file: &str, line: usize) -> Self {
        Self {
            file: file.to_owned(),
            line,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

/// One thing that is wrong with the files of a corpus or with a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// None of the files is the train split.
    #[error(
        "no train split: expected one of train.jsonl.gz, train.jsonl, train.txt.gz, train.txt, \
         found {}",
        crate::suggest::list(found, 8)
    )]
    MissingTrain {
        /// The names that were given.
        found: Vec<String>,
    },
    /// A file is named almost, but not quite, like a split.
    #[error("{file}: not a split, did you mean `{nearest}`?")]
    MisspeltSplit {
        /// Name of the file.
        file: String,
        /// Name of the split that it resembles.
        nearest: String,
    },
    /// Two files hold the same split.
    #[error("split `{split}` comes twice: in {first} and in {second}")]
    RepeatedSplit {
        /// Name of the split.
        split: String,
        /// The file that comes first in the alphabet.
        first: String,
        /// The other file.
        second: String,
    },
    /// A file ends in `.gz` but is cut short, corrupt or no gzip file.
    #[error("{file}: broken gzip data: {reason}")]
    BrokenGzip {
        /// Name of the file.
        file: String,
        /// What the decompressor said.
        reason: String,
    },
    /// The compressed files of a corpus hold more than a load may unpack.
    #[error("{file}: unpacks to more than the {bytes_max} bytes left to this load")]
    TooLarge {
        /// Name of the file at which the bound was met.
        file: String,
        /// What the files before it had left of the bound.
        bytes_max: u64,
    },
    /// A line is not UTF-8.
    #[error("{place}: invalid UTF-8 at byte {offset} of the file")]
    InvalidUtf8 {
        /// Where.
        place: Place,
        /// Offset of the first bad byte in the file after decompression, counted from 0.
        offset: usize,
    },
    /// A line is not a JSON object, or a key has the wrong type.
    #[error("{place}: broken JSON at column {column}: {reason}")]
    BrokenJson {
        /// Where.
        place: Place,
        /// Column in the line, counted from 1.
        column: usize,
        /// What the parser said.
        reason: String,
    },
    /// A JSON object lacks a key, or has it as null.
    #[error("{place}: missing key `{key}`")]
    MissingKey {
        /// Where.
        place: Place,
        /// The key.
        key: String,
    },
    /// A JSON object has a key with nothing but white space.
    #[error("{place}: key `{key}` is empty")]
    EmptyKey {
        /// Where.
        place: Place,
        /// The key.
        key: String,
    },
    /// A file of a split holds no document.
    #[error("{file}: no documents")]
    NoDocuments {
        /// Name of the file.
        file: String,
    },
    /// Two documents of one corpus have the same id.
    #[error("{place}: id `{id}` was already used at {first}")]
    DuplicateId {
        /// Where the id comes again.
        place: Place,
        /// The id.
        id: String,
        /// Where it came first.
        first: Place,
    },
    /// A knowledge item has fewer than two choices, or none at the position of the right one.
    #[error(
        "{place}: label is {label}, with {choices} choices; there must be two, and one of them right"
    )]
    NoSuchChoice {
        /// Where.
        place: Place,
        /// Position of the right choice, counted from 0.
        label: usize,
        /// How many choices there are.
        choices: usize,
    },
    /// A table has two columns of the name asked for.
    #[error("{file}: column `{column}` comes {count} times in the header")]
    RepeatedColumn {
        /// Name of the file.
        file: String,
        /// Name of the column.
        column: String,
        /// How often it comes.
        count: usize,
    },
    /// A table has a header and nothing below it.
    #[error("{file}: no rows below the header")]
    NoRows {
        /// Name of the file.
        file: String,
    },
    /// A row has another number of cells than the header.
    #[error("{place}: row has {actual} cells, the header has {required}")]
    RaggedRow {
        /// Where.
        place: Place,
        /// Cells in the row.
        actual: usize,
        /// Cells in the header.
        required: usize,
    },
    /// A cell of the column is empty.
    #[error("{place}: column `{column}` is empty")]
    EmptyCell {
        /// Where.
        place: Place,
        /// Name of the column.
        column: String,
    },
    /// A cell of a numeric column is no number.
    #[error("{place}: column `{column}` has `{value}`, which is not a number")]
    NotANumber {
        /// Where.
        place: Place,
        /// Name of the column.
        column: String,
        /// What the cell holds, shortened.
        value: String,
    },
    /// A cell of a numeric column is infinite, not a number by its own word, or too large.
    #[error("{place}: column `{column}` has `{value}`, which is not finite")]
    NotFinite {
        /// Where.
        place: Place,
        /// Name of the column.
        column: String,
        /// What the cell holds, shortened.
        value: String,
    },
    /// The reader of tables gave up.
    #[error("{file}: broken CSV: {reason}")]
    BrokenCsv {
        /// Name of the file.
        file: String,
        /// What it said.
        reason: String,
    },
}

/// The problems of one load, so that all are reported and not only the first.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    kept: Vec<Problem>,
    omitted: usize,
}

impl Problems {
    pub(crate) fn push(&mut self, problem: Problem) {
        if self.kept.len() < PROBLEMS_KEPT_MAX {
            self.kept.push(problem);
        } else {
            self.omitted += 1;
        }
    }

    /// The value of `result`, or `None` after its problem was noted.
    pub(crate) fn note<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.push(problem)).ok()
    }

    /// How many were pushed, kept or not.
    pub(crate) fn count(&self) -> usize {
        self.kept.len() + self.omitted
    }

    #[cfg(test)]
    pub(crate) fn kept(&self) -> &[Problem] {
        &self.kept
    }

    /// `value` when nothing was wrong, else the error for the corpus or table called `name`.
    pub(crate) fn none_or_error<T>(self, name: &str, value: T) -> Result<T, CorpusError> {
        if self.kept.is_empty() {
            return Ok(value);
        }
        let Self {
            kept: problems,
            omitted,
        } = self;
        Err(CorpusError::Invalid {
            name: name.to_owned(),
            problems,
            omitted,
        })
    }
}

/// The first `chars_max` characters of `text`, with an ellipsis when something was cut.
pub(crate) fn excerpt(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
