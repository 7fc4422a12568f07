//! The metrics table as Arrow columns: schema, columns under construction, columns read back.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, StringBuilder, UInt32Builder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt32Type};
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::ReportError;

/// Columns of the long table of metrics, in order.
pub(super) fn metrics_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("replicate", DataType::UInt32, false),
        Field::new("time", DataType::Float64, false),
        Field::new("generation", DataType::UInt32, false),
        Field::new("model", DataType::UInt32, true),
        Field::new("population", DataType::Utf8, true),
        Field::new("metric", DataType::Utf8, false),
        Field::new("target", DataType::Utf8, true),
        Field::new("value", DataType::Float64, false),
    ]))
}

/// One row of the table, borrowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowRef<'a> {
    pub(super) replicate: u32,
    pub(super) time: f64,
    pub(super) generation: u32,
    pub(super) model: Option<u32>,
    pub(super) population: Option<&'a str>,
    pub(super) metric: &'a str,
    pub(super) target: Option<&'a str>,
    pub(super) value: f64,
}

impl<'a> From<&'a types::metric::Row> for RowRef<'a> {
    fn from(row: &'a types::metric::Row) -> Self {
        Self {
            replicate: row.replicate,
            time: row.time,
            generation: row.generation,
            model: row.model,
            population: row.population.as_deref(),
            metric: &row.metric,
            target: row.target.as_deref(),
            value: row.value,
        }
    }
}

/// Columns under construction.
#[derive(Debug, Default)]
pub(super) struct Columns {
    replicate: UInt32Builder,
    time: Float64Builder,
    generation: UInt32Builder,
    model: UInt32Builder,
    population: StringBuilder,
    metric: StringBuilder,
    target: StringBuilder,
    value: Float64Builder,
    rows: usize,
}

impl Columns {
    /// Number of rows since the last [`Columns::take`].
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// Appends one row.
    pub(super) fn push(&mut self, row: RowRef<'_>) {
        self.replicate.append_value(row.replicate);
        self.time.append_value(row.time);
        self.generation.append_value(row.generation);
        self.model.append_option(row.model);
        self.population.append_option(row.population);
        self.metric.append_value(row.metric);
        self.target.append_option(row.target);
        self.value.append_value(row.value);
        self.rows += 1;
    }

    /// Gives the rows so far and starts again empty.
    pub(super) fn take(&mut self) -> Result<RecordBatch, ReportError> {
        self.rows = 0;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.replicate.finish()),
            Arc::new(self.time.finish()),
            Arc::new(self.generation.finish()),
            Arc::new(self.model.finish()),
            Arc::new(self.population.finish()),
            Arc::new(self.metric.finish()),
            Arc::new(self.target.finish()),
            Arc::new(self.value.finish()),
        ];
        Ok(RecordBatch::try_new(metrics_schema(), columns)?)
    }
}

/// Columns of a batch that was read, checked against the schema.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    replicate: &'a UInt32Array,
    time: &'a Float64Array,
    generation: &'a UInt32Array,
    model: &'a UInt32Array,
    population: &'a StringArray,
    metric: &'a StringArray,
    target: &'a StringArray,
    value: &'a Float64Array,
}

impl<'a> Reading<'a> {
    /// Finds the columns of the metrics table in `batch`; further columns are ignored.
    pub(super) fn new(batch: &'a RecordBatch) -> Result<Self, ReportError> {
        Ok(Self {
            replicate: required(whole(batch, "replicate")?, "replicate")?,
            time: required(real(batch, "time")?, "time")?,
            generation: required(whole(batch, "generation")?, "generation")?,
            model: whole(batch, "model")?,
            population: text(batch, "population")?,
            metric: required(text(batch, "metric")?, "metric")?,
            target: text(batch, "target")?,
            value: required(real(batch, "value")?, "value")?,
        })
    }

    /// All rows in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = RowRef<'a>> + '_ {
        (0..self.value.len()).map(|idx| RowRef {
            replicate: self.replicate.value(idx),
            time: self.time.value(idx),
            generation: self.generation.value(idx),
            model: self.model.is_valid(idx).then(|| self.model.value(idx)),
            population: text_at(self.population, idx),
            metric: self.metric.value(idx),
            target: text_at(self.target, idx),
            value: self.value.value(idx),
        })
    }
}

fn text_at(column: &StringArray, idx: usize) -> Option<&str> {
    column.is_valid(idx).then(|| column.value(idx))
}

pub(super) fn whole<'a>(
    batch: &'a RecordBatch,
    name: &'static str,
) -> Result<&'a UInt32Array, ReportError> {
    let column = batch.column_by_name(name);
    column
        .and_then(|column| column.as_primitive_opt::<UInt32Type>())
        .ok_or_else(|| foreign(column, name, "UInt32"))
}

pub(super) fn real<'a>(
    batch: &'a RecordBatch,
    name: &'static str,
) -> Result<&'a Float64Array, ReportError> {
    let column = batch.column_by_name(name);
    column
        .and_then(|column| column.as_primitive_opt::<Float64Type>())
        .ok_or_else(|| foreign(column, name, "Float64"))
}

pub(super) fn text<'a>(
    batch: &'a RecordBatch,
    name: &'static str,
) -> Result<&'a StringArray, ReportError> {
    let column = batch.column_by_name(name);
    column
        .and_then(|column| column.as_string_opt::<i32>())
        .ok_or_else(|| foreign(column, name, "Utf8"))
}

pub(super) fn foreign(
    found: Option<&ArrayRef>,
    column: &'static str,
    expected: &'static str,
) -> ReportError {
    let actual = found.map_or_else(
        || "absent".to_owned(),
        |array| array.data_type().to_string(),
    );
    ReportError::ForeignColumn {
        column,
        expected,
        actual,
    }
}

pub(super) fn required<'a, A: Array>(
    array: &'a A,
    column: &'static str,
) -> Result<&'a A, ReportError> {
    if array.null_count() > 0 {
        return Err(ReportError::NullValue { column });
    }
    Ok(array)
}
