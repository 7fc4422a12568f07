//! One complete file of metrics: rows to bytes and back.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use ::parquet::arrow::arrow_writer::ArrowWriterOptions;
use ::parquet::basic::Encoding;
use ::parquet::schema::types::ColumnPath;
use bytes::Bytes;
use types::metric::Row;

use super::columns::{Columns, Reading, RowRef, metrics_schema};
use super::properties;
use crate::ReportError;

/// Rows that reach the encoder at once.
///
/// It divides the size of a row group, so a file's pages depend on its rows alone.
pub(super) const CHUNK_ROWS: usize = 1 << 16;

/// Writes rows as one complete Parquet file.
///
/// The columns are those of the run folder's `metrics.parquet`; `value` keeps its bits, also of
/// infinities and NaN. The same rows give the same bytes.
///
/// # Errors
///
/// [`ReportError::Parquet`] if the encoder refuses, which no known row causes.
pub fn metrics_part(rows: &[Row]) -> Result<Vec<u8>, ReportError> {
    let mut bytes = Vec::new();
    let mut writer = MetricsWriter::new(&mut bytes)?;
    for row in rows {
        writer.push(RowRef::from(row))?;
    }
    writer.finish()?;
    Ok(bytes)
}

/// Reads all rows of one complete file of metrics.
///
/// Equal names share one allocation: all rows of a metric hold the same `Arc<str>`.
///
/// # Errors
///
/// [`ReportError::Parquet`] if `bytes` is no Parquet file, [`ReportError::ForeignColumn`] or
/// [`ReportError::NullValue`] if it is another table.
pub fn read_metrics(bytes: Vec<u8>) -> Result<Vec<Row>, ReportError> {
    let mut names = Names::default();
    let mut rows = Vec::new();
    for batch in open(bytes)? {
        let batch = batch?;
        rows.extend(Reading::new(&batch)?.rows().map(|row| names.own(row)));
    }
    Ok(rows)
}

/// Opens a complete file for reading in batches.
pub(super) fn open(bytes: Vec<u8>) -> Result<ParquetRecordBatchReader, ReportError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes))?;
    Ok(builder.with_batch_size(CHUNK_ROWS).build()?)
}

/// Streaming writer of the metrics table.
pub(super) struct MetricsWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
    columns: Columns,
    rows: u64,
}

impl<W: Write + Send> MetricsWriter<W> {
    pub(super) fn new(out: W) -> Result<Self, ReportError> {
        let writer = ArrowWriter::try_new_with_options(out, metrics_schema(), options())?;
        Ok(Self {
            writer,
            columns: Columns::default(),
            rows: 0,
        })
    }

    pub(super) fn push(&mut self, row: RowRef<'_>) -> Result<(), ReportError> {
        self.columns.push(row);
        self.rows += 1;
        if self.columns.len() == CHUNK_ROWS {
            self.writer.write(&self.columns.take()?)?;
        }
        Ok(())
    }

    /// Writes what is left and the footer; gives the number of rows.
    pub(super) fn finish(mut self) -> Result<u64, ReportError> {
        self.writer.write(&self.columns.take()?)?;
        self.writer.close()?;
        Ok(self.rows)
    }
}

/// How tables with the columns of metrics are encoded.
pub(super) fn options() -> ArrowWriterOptions {
    let value = ColumnPath::from("value");
    // The values rarely repeat, so a dictionary of them would only cost; their bytes, sorted by
    // significance, compress well.
    let properties = properties()
        .set_column_dictionary_enabled(value.clone(), false)
        .set_column_encoding(value, Encoding::BYTE_STREAM_SPLIT)
        .build();
    ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true)
}

/// Names met so far, so that equal ones share one allocation.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: BTreeSet<Arc<str>>,
}

impl Names {
    pub(super) fn own(&mut self, row: RowRef<'_>) -> Row {
        Row {
            replicate: row.replicate,
            time: row.time,
            generation: row.generation,
            model: row.model,
            population: row.population.map(|name| self.share(name)),
            metric: self.share(row.metric),
            target: row.target.map(|name| self.share(name)),
            value: row.value,
        }
    }

    fn share(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.known.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.known.insert(Arc::clone(&name));
        name
    }
}

#[cfg(test)]
mod tests;
