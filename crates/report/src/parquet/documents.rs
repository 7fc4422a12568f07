//! The table of published documents with their provenance, for `documents.parquet`.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use arrow_array::builder::{FixedSizeListBuilder, Float64Builder};
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::properties;
use crate::ReportError;

mod reading;

pub use self::reading::{Documents, read_documents};

/// What the documents of a run consist of; it decides the last column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContentKind {
    /// Text: a string column `text`, and before it `prompt_bytes`.
    Text,
    /// A point: a column `numbers`, a list of `dimension` doubles.
    Numeric {
        /// Length of each list.
        dimension: usize,
    },
    /// One symbol of a finite alphabet: a `u32` column `symbol`.
    Symbol,
}

impl ContentKind {
    fn column(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Numeric { .. } => "numbers",
            Self::Symbol => "symbol",
        }
    }

    fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Numeric { dimension } => {
                DataType::FixedSizeList(Arc::new(number()), list_size(dimension))
            }
            Self::Symbol => DataType::UInt32,
        }
    }
}

fn number() -> Field {
    Field::new("item", DataType::Float64, false)
}

fn list_size(dimension: usize) -> i32 {
    i32::try_from(dimension).expect("a document has fewer numbers than i32 can count")
}

/// Documents of one replicate, column by column; all columns have the same length.
///
/// Of `text`, `numbers` and `symbol` only the one that belongs to the writer's [`ContentKind`] is
/// read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DocumentBatch {
    /// Replicate number, the same for the whole batch.
    pub replicate: u32,
    /// Position in the web's log.
    pub sequence: Vec<u64>,
    /// Virtual time of publication in days.
    pub time: Vec<f64>,
    /// Number of the model that wrote the document, `None` for a document of the real world.
    pub author: Vec<Option<u32>>,
    /// Number of the host that it was published on, `None` where there are no sites.
    pub site: Vec<Option<u32>>,
    /// Generation of the author, 0 for a document of the real world.
    pub generation: Vec<u32>,
    /// `real` or `synthetic`.
    pub origin: Vec<&'static str>,
    /// Mean number of models between the document and real data.
    pub lineage_depth: Vec<f64>,
    /// Share of real data in the document's ancestry, 0 to 1.
    pub real_share: Vec<f64>,
    /// Content of textual documents.
    pub text: Option<Vec<String>>,
    /// How many of the first bytes of textual documents were given to their authors.
    pub prompt_bytes: Option<Vec<u32>>,
    /// Content of numeric documents, each as long as the table's dimension.
    pub numbers: Option<Vec<Vec<f64>>>,
    /// Content of symbolic documents.
    pub symbol: Option<Vec<u32>>,
}

/// Streaming writer of `documents.parquet`.
pub struct DocumentsWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: SchemaRef,
    content: ContentKind,
}

impl<W: Write + Send> fmt::Debug for DocumentsWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentsWriter")
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}

impl<W: Write + Send> DocumentsWriter<W> {
    /// Opens a table for documents of one kind.
    ///
    /// # Errors
    ///
    /// [`ReportError::Parquet`] if the file's head cannot be written to `out`.
    pub fn new(out: W, content: ContentKind) -> Result<Self, ReportError> {
        let schema = documents_schema(content);
        let writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties().build()))?;
        Ok(Self {
            writer,
            schema,
            content,
        })
    }

    /// Appends a batch.
    ///
    /// # Errors
    ///
    /// [`ReportError::UnevenColumns`], [`ReportError::MissingContent`] or
    /// [`ReportError::UnevenDimension`] if the batch is not rectangular or of another kind;
    /// [`ReportError::Parquet`] if `out` fails.
    pub fn write(&mut self, batch: &DocumentBatch) -> Result<(), ReportError> {
        check_lengths(batch)?;
        let rows = batch.sequence.len();
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from(vec![batch.replicate; rows])),
            Arc::new(UInt64Array::from(batch.sequence.clone())),
            Arc::new(Float64Array::from(batch.time.clone())),
            Arc::new(UInt32Array::from(batch.author.clone())),
            Arc::new(UInt32Array::from(batch.site.clone())),
            Arc::new(UInt32Array::from(batch.generation.clone())),
            Arc::new(StringArray::from(batch.origin.clone())),
            Arc::new(Float64Array::from(batch.lineage_depth.clone())),
            Arc::new(Float64Array::from(batch.real_share.clone())),
        ];
        if self.content == ContentKind::Text {
            let prompts = batch.prompt_bytes.clone();
            columns.push(Arc::new(UInt32Array::from(
                prompts.unwrap_or_else(|| vec![0; rows]),
            )));
        }
        columns.push(content_column(batch, self.content)?);
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        Ok(self.writer.write(&batch)?)
    }

    /// Writes the footer and gives `out` back; without it the file is not complete.
    ///
    /// # Errors
    ///
    /// [`ReportError::Parquet`] if `out` fails.
    pub fn finish(self) -> Result<W, ReportError> {
        Ok(self.writer.into_inner()?)
    }
}

fn documents_schema(content: ContentKind) -> SchemaRef {
    let mut fields = vec![
        Field::new("replicate", DataType::UInt32, false),
        Field::new("sequence", DataType::UInt64, false),
        Field::new("time", DataType::Float64, false),
        Field::new("author", DataType::UInt32, true),
        Field::new("site", DataType::UInt32, true),
        Field::new("generation", DataType::UInt32, false),
        Field::new("origin", DataType::Utf8, false),
        Field::new("lineage_depth", DataType::Float64, false),
        Field::new("real_share", DataType::Float64, false),
    ];
    if content == ContentKind::Text {
        fields.push(Field::new("prompt_bytes", DataType::UInt32, false));
    }
    fields.push(Field::new(content.column(), content.data_type(), false));
    Arc::new(Schema::new(fields))
}

fn check_lengths(batch: &DocumentBatch) -> Result<(), ReportError> {
    let lengths = [
        ("time", Some(batch.time.len())),
        ("author", Some(batch.author.len())),
        ("site", Some(batch.site.len())),
        ("generation", Some(batch.generation.len())),
        ("origin", Some(batch.origin.len())),
        ("lineage_depth", Some(batch.lineage_depth.len())),
        ("real_share", Some(batch.real_share.len())),
        ("prompt_bytes", batch.prompt_bytes.as_ref().map(Vec::len)),
        ("text", batch.text.as_ref().map(Vec::len)),
        ("numbers", batch.numbers.as_ref().map(Vec::len)),
        ("symbol", batch.symbol.as_ref().map(Vec::len)),
    ];
    let expected = batch.sequence.len();
    match lengths
        .into_iter()
        .find(|(_, length)| length.is_some_and(|actual| actual != expected))
    {
        Some((column, Some(actual))) => Err(ReportError::UnevenColumns {
            column,
            expected,
            actual,
        }),
        _ => Ok(()),
    }
}

fn content_column(batch: &DocumentBatch, kind: ContentKind) -> Result<ArrayRef, ReportError> {
    let missing = || ReportError::MissingContent {
        expected: kind.column(),
    };
    Ok(match kind {
        ContentKind::Text => Arc::new(StringArray::from_iter_values(
            batch.text.as_ref().ok_or_else(missing)?,
        )),
        ContentKind::Numeric { dimension } => numbers_column(batch, dimension)?,
        ContentKind::Symbol => {
            Arc::new(UInt32Array::from(batch.symbol.clone().ok_or_else(missing)?))
        }
    })
}

fn numbers_column(batch: &DocumentBatch, expected: usize) -> Result<ArrayRef, ReportError> {
    let points = batch.numbers.as_ref().ok_or(ReportError::MissingContent {
        expected: "numbers",
    })?;
    let mut column =
        FixedSizeListBuilder::new(Float64Builder::new(), list_size(expected)).with_field(number());
    for (point, &sequence) in points.iter().zip(&batch.sequence) {
        if point.len() != expected {
            return Err(ReportError::UnevenDimension {
                sequence,
                expected,
                actual: point.len(),
            });
        }
        column.values().append_slice(point);
        column.append(true);
    }
    Ok(Arc::new(column.finish()))
}

#[cfg(test)]
mod tests;
