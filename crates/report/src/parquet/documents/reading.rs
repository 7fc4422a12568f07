//! `documents.parquet`, read back.

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt64Type};
use arrow_schema::DataType;

use super::{ContentKind, DocumentBatch};
use crate::ReportError;
use crate::parquet::columns::{foreign, real, required, text, whole};
use crate::parquet::metrics::open;

/// The documents of a file, some at a time.
pub struct Documents {
    reader: ParquetRecordBatchReader,
    kind: ContentKind,
}

impl std::fmt::Debug for Documents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Documents");
        shown.field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Opens a table of documents as a run writes it.
///
/// # Errors
///
/// [`ReportError::Parquet`] if `bytes` is no Parquet file, [`ReportError::ForeignColumn`] if it has no content of documents.
pub fn read_documents(bytes: Vec<u8>) -> Result<Documents, ReportError> {
    use arrow_array::RecordBatchReader as _;
    let reader = open(bytes)?;
    let schema = reader.schema();
    let mut kinds = schema.fields().iter().filter_map(|field| {
        match (field.name().as_str(), field.data_type()) {
            ("text", DataType::Utf8) => Some(ContentKind::Text),
            ("symbol", DataType::UInt32) => Some(ContentKind::Symbol),
            ("numbers", DataType::FixedSizeList(_, size)) => Some(ContentKind::Numeric {
                dimension: usize::try_from(*size).ok()?,
            }),
            _ => None,
        }
    });
    let kind = kinds
        .next_back()
        .ok_or_else(|| foreign(None, "text", "Utf8"))?;
    Ok(Documents { reader, kind })
}

impl Documents {
    /// What documents consist of.
    pub fn kind(&self) -> ContentKind {
        self.kind
    }

    fn batch(&self, batch: &RecordBatch) -> Result<DocumentBatch, ReportError> {
        let replicates = required(whole(batch, "replicate")?, "replicate")?;
        let author: Vec<Option<u32>> = whole(batch, "author")?.iter().collect();
        let origin = |author: &Option<u32>| author.map_or("real", |_| "synthetic");
        let mut documents = DocumentBatch {
            replicate: replicates.iter().flatten().next().unwrap_or(0),
            sequence: sequence(batch)?,
            time: numbers(batch, "time")?,
            origin: author.iter().map(origin).collect(),
            author,
            site: whole(batch, "site")?.iter().collect(),
            generation: required(whole(batch, "generation")?, "generation")?
                .values()
                .to_vec(),
            lineage_depth: numbers(batch, "lineage_depth")?,
            real_share: numbers(batch, "real_share")?,
            ..DocumentBatch::default()
        };
        match self.kind {
            ContentKind::Text => {
                let texts = required(text(batch, "text")?, "text")?.iter().flatten();
                documents.text = Some(texts.map(str::to_owned).collect());
            }
            ContentKind::Symbol => {
                let symbols = required(whole(batch, "symbol")?, "symbol")?;
                documents.symbol = Some(symbols.values().to_vec());
            }
            ContentKind::Numeric { .. } => documents.numbers = Some(points(batch)?),
        }
        Ok(documents)
    }
}

impl Iterator for Documents {
    type Item = Result<DocumentBatch, ReportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.reader.next()?;
        Some(
            batch
                .map_err(ReportError::from)
                .and_then(|batch| self.batch(&batch)),
        )
    }
}

fn sequence(batch: &RecordBatch) -> Result<Vec<u64>, ReportError> {
    let found = batch.column_by_name("sequence");
    let column = found.and_then(|column| column.as_primitive_opt::<UInt64Type>());
    let column = column.ok_or_else(|| foreign(found, "sequence", "UInt64"))?;
    Ok(required(column, "sequence")?.values().to_vec())
}

fn numbers(batch: &RecordBatch, name: &'static str) -> Result<Vec<f64>, ReportError> {
    Ok(required(real(batch, name)?, name)?.values().to_vec())
}

fn points(batch: &RecordBatch) -> Result<Vec<Vec<f64>>, ReportError> {
    let found = batch.column_by_name("numbers");
    let lists = found.and_then(|column| column.as_fixed_size_list_opt());
    let lists = lists.ok_or_else(|| foreign(found, "numbers", "FixedSizeList"))?;
    let point = |list: Option<arrow_array::ArrayRef>| {
        let list = list.ok_or(ReportError::NullValue { column: "numbers" })?;
        let values = list.as_primitive_opt::<Float64Type>();
        let values = values.ok_or_else(|| foreign(Some(&list), "numbers", "Float64"))?;
        Ok(required(values, "numbers")?.values().to_vec())
    };
    lists.iter().map(point).collect()
}
