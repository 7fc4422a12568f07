//! The table of a sweep: the columns of the metrics table behind the number and the values of a point.

use std::io::Write;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_array::{
    Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, UInt32Array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use serde_json::Value;
use types::metric::Row;

use super::columns::{Columns, Reading, metrics_schema};
use super::metrics::{CHUNK_ROWS, Names, open, options};
use crate::ReportError;

/// Writes the table of a sweep, point by point.
///
/// An axis is a column of whole numbers or of numbers if all of its values are, and else of text; it is null where a point
/// leaves the scenario's own value. The same points with the same rows give the same bytes.
#[derive(Debug)]
pub struct SweepWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: SchemaRef,
    columns: Columns,
    rows: u64,
}

impl<W: Write + Send> SweepWriter<W> {
    /// A table with these axes and, for the types of its columns, the values of all points.
    ///
    /// # Errors
    /// If the encoder refuses.
    pub fn new(out: W, axes: &[String], points: &[Vec<Value>]) -> Result<Self, ReportError> {
        let mut fields = vec![Field::new("point", DataType::UInt32, false)];
        for (place, axis) in axes.iter().enumerate() {
            let values = || points.iter().map(|point| &point[place]);
            let nullable = values().any(Value::is_null);
            fields.push(Field::new(axis, kind(values()), nullable));
        }
        let metrics = metrics_schema();
        fields.extend(metrics.fields().iter().map(|field| (**field).clone()));
        let schema = Arc::new(Schema::new(fields));
        Ok(Self {
            writer: ArrowWriter::try_new_with_options(out, Arc::clone(&schema), options())?,
            schema,
            columns: Columns::default(),
            rows: 0,
        })
    }

    /// Appends the rows of a point, a complete file of metrics.
    ///
    /// # Errors
    /// If `part` is no such file, or the table cannot be written.
    pub fn point(
        &mut self,
        point: u32,
        values: &[Value],
        part: Vec<u8>,
    ) -> Result<(), ReportError> {
        for batch in open(part)? {
            let batch = batch?;
            for row in Reading::new(&batch)?.rows() {
                self.columns.push(row);
                if self.columns.len() == CHUNK_ROWS {
                    self.flush(point, values)?;
                }
            }
        }
        self.flush(point, values)
    }

    fn flush(&mut self, point: u32, values: &[Value]) -> Result<(), ReportError> {
        let count = self.columns.len();
        let rows = self.columns.take()?;
        let mut columns: Vec<ArrayRef> = vec![Arc::new(UInt32Array::from(vec![point; count]))];
        for (place, value) in values.iter().enumerate() {
            let kind = self.schema.field(place + 1).data_type();
            columns.push(repeated(value, kind, count));
        }
        columns.extend(rows.columns().iter().cloned());
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        self.writer.write(&batch)?;
        self.rows += count as u64;
        Ok(())
    }

    /// Writes the footer; gives the number of rows.
    ///
    /// # Errors
    /// If the table cannot be written.
    pub fn finish(self) -> Result<u64, ReportError> {
        self.writer.close()?;
        Ok(self.rows)
    }
}

/// The narrowest type that holds all values.
fn kind<'a>(values: impl Iterator<Item = &'a Value> + Clone) -> DataType {
    let given = values.filter(|value| !value.is_null());
    if given.clone().all(Value::is_i64) {
        DataType::Int64
    } else if given.clone().all(Value::is_number) {
        DataType::Float64
    } else {
        DataType::Utf8
    }
}

fn repeated(value: &Value, kind: &DataType, count: usize) -> ArrayRef {
    match kind {
        DataType::Int64 => Arc::new(Int64Array::from(vec![value.as_i64(); count])),
        DataType::Float64 => Arc::new(Float64Array::from(vec![value.as_f64(); count])),
        _ => {
            let text = match value {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            };
            Arc::new(StringArray::from(vec![text; count]))
        }
    }
}

/// Reads the table of a sweep and hands over the rows of every point that has any, in order.
///
/// # Errors
/// [`ReportError::Parquet`] if `bytes` is no Parquet file, [`ReportError::ForeignColumn`] or [`ReportError::NullValue`] if
/// it is another table.
pub fn read_sweep(bytes: Vec<u8>, mut take: impl FnMut(u32, Vec<Row>)) -> Result<(), ReportError> {
    let mut names = Names::default();
    let mut current: Option<(u32, Vec<Row>)> = None;
    for batch in open(bytes)? {
        let batch = batch?;
        let points = points(&batch)?;
        for (idx, row) in Reading::new(&batch)?.rows().enumerate() {
            let point = points.value(idx);
            if current.as_ref().is_some_and(|(other, _)| *other != point)
                && let Some((other, rows)) = current.take()
            {
                take(other, rows);
            }
            let (_, rows) = current.get_or_insert_with(|| (point, Vec::new()));
            rows.push(names.own(row));
        }
    }
    if let Some((point, rows)) = current {
        take(point, rows);
    }
    Ok(())
}

fn points(batch: &RecordBatch) -> Result<&UInt32Array, ReportError> {
    let column = batch.column_by_name("point");
    let numbers = column.and_then(|column| column.as_primitive_opt::<UInt32Type>());
    numbers
        .filter(|numbers| numbers.null_count() == 0)
        .ok_or_else(|| ReportError::ForeignColumn {
            column: "point",
            expected: "UInt32",
            actual: column.map_or_else(
                || "absent".to_owned(),
                |column| column.data_type().to_string(),
            ),
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::parquet::{metrics_part, read_column, read_metrics};
    use crate::sample_rows::specialists;

    fn table(points: &[Vec<Value>]) -> Vec<u8> {
        let axes = ["alpha", "rule", "n"].map(str::to_owned);
        let mut bytes = Vec::new();
        let mut writer = SweepWriter::new(&mut bytes, &axes, points).unwrap();
        for (number, values) in points.iter().enumerate() {
            let rows = specialists(number as u32, 2);
            let part = metrics_part(&rows).unwrap();
            writer.point(number as u32, values, part).unwrap();
        }
        writer.finish().unwrap();
        bytes
    }

    #[test]
    fn a_table_reads_back_point_by_point() {
        let points = [
            vec![json!(0), json!("a"), json!(1)],
            vec![json!(0.5), json!(null), json!(2)],
            vec![json!(1), json!(true), json!(3)],
        ];
        let bytes = table(&points);
        assert!(table(&points) == bytes);
        let mut found = Vec::new();
        read_sweep(bytes.clone(), |point, rows| found.push((point, rows))).unwrap();
        // The first point has no rows.
        assert_eq!(found, [(1, specialists(1, 2)), (2, specialists(2, 2))]);
        let (one, two) = (specialists(1, 2).len(), specialists(2, 2).len());
        let alpha = [vec![0.5; one], vec![1.0; two]].concat();
        assert_eq!(read_column(bytes.clone(), "alpha").unwrap(), alpha);
        let n = [vec![2.0; one], vec![3.0; two]].concat();
        assert_eq!(read_column(bytes.clone(), "n").unwrap(), n);
        assert_eq!(read_metrics(bytes).unwrap().len(), one + two);
    }

    #[test]
    fn another_table_is_refused() {
        let part = metrics_part(&specialists(1, 1)).unwrap();
        let error = read_sweep(part, |_, _| ()).unwrap_err();
        assert!(error.to_string().contains("column point is absent"));
    }
}
