//! What can go wrong between rows and bytes.

use std::io;

/// Failure to write or to read a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The bytes are not a complete Parquet file, or use a feature that this build lacks.
    #[error("parquet: {0}")]
    Parquet(#[from] ::parquet::errors::ParquetError),
    /// Columns do not form the expected table.
    #[error("table: {0}")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// A part could not be read, or the result could not be written.
    #[error("input or output: {0}")]
    Io(#[from] io::Error),
    /// A Parquet file lacks a column that the table has, or has it with another type.
    #[error("column {column} is {actual}, the table needs {expected}")]
    ForeignColumn {
        /// Name of the column.
        column: &'static str,
        /// Type that it needs.
        expected: &'static str,
        /// Type that was found, or `absent`.
        actual: String,
    },
    /// A table has no such column.
    #[error("column {column} is not there; there are {}", available.join(", "))]
    UnknownColumn {
        /// Name asked for.
        column: String,
        /// Names of the columns that there are.
        available: Vec<String>,
    },
    /// A column cannot be read as numbers.
    #[error("column {column} {problem}, numbers are needed")]
    NotNumbers {
        /// Name of the column.
        column: String,
        /// What it is or has instead.
        problem: String,
    },
    /// A column that is needed in every row has a null.
    #[error("column {column} has a null, the table allows none there")]
    NullValue {
        /// Name of the column.
        column: &'static str,
    },
    /// The columns of a batch of documents differ in length.
    #[error("column {column} has {actual} documents, column sequence has {expected}")]
    UnevenColumns {
        /// Name of the column.
        column: &'static str,
        /// Number of documents in the column `sequence`.
        expected: usize,
        /// Number of documents in this column.
        actual: usize,
    },
    /// A batch lacks the content that the writer was made for.
    #[error("batch has no {expected} content, the documents table was opened for it")]
    MissingContent {
        /// Content of the table: `text`, `numbers` or `symbol`.
        expected: &'static str,
    },
    /// A numeric document has another dimension than the table.
    #[error("document {sequence} has {actual} numbers, the documents table has {expected}")]
    UnevenDimension {
        /// Sequence number of the document.
        sequence: u64,
        /// Dimension of the table.
        expected: usize,
        /// Dimension of the document.
        actual: usize,
    },
}
