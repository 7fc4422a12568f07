//! One numeric column of anybody's Parquet file: real data.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use super::metrics::open;
use crate::ReportError;

/// Reads the column `name` of a complete Parquet file as numbers.
///
/// # Errors
///
/// [`ReportError::Parquet`] if `bytes` is no Parquet file, [`ReportError::UnknownColumn`] if there is no such column,
/// [`ReportError::NotNumbers`] if it is no column of numbers or a value is null or not finite.
pub fn read_column(bytes: Vec<u8>, name: &str) -> Result<Vec<f64>, ReportError> {
    let mut values = Vec::new();
    for batch in open(bytes)? {
        let batch = batch?;
        let Some(column) = batch.column_by_name(name) else {
            let fields = batch
                .schema()
                .fields()
                .iter()
                .map(|field| field.name().clone())
                .collect();
            return Err(ReportError::UnknownColumn {
                column: name.to_owned(),
                available: fields,
            });
        };
        let row = values.len();
        let not_numbers = |problem: String| ReportError::NotNumbers {
            column: name.to_owned(),
            problem,
        };
        let numbers =
            numbers(column).ok_or_else(|| not_numbers(format!("is {}", column.data_type())))?;
        for (offset, value) in numbers.into_iter().enumerate() {
            match value {
                Some(value) if value.is_finite() => values.push(value),
                Some(value) => {
                    return Err(not_numbers(format!(
                        "has {value} in row {}",
                        row + offset + 1
                    )));
                }
                None => {
                    return Err(not_numbers(format!(
                        "has nothing in row {}",
                        row + offset + 1
                    )));
                }
            }
        }
    }
    Ok(values)
}

#[expect(
    clippy::cast_lossless,
    reason = "one macro serves types with and without loss"
)]
fn numbers(column: &ArrayRef) -> Option<Vec<Option<f64>>> {
    macro_rules! cast {
        ($($variant:ident => $kind:ty),*) => {
            match column.data_type() {
                $(DataType::$variant => {
                    Some(column.as_primitive::<$kind>().iter().map(|value| value.map(|x| x as f64)).collect())
                })*
                _ => None,
            }
        };
    }
    cast!(
        Float64 => Float64Type, Float32 => Float32Type, Int8 => Int8Type, Int16 => Int16Type, Int32 => Int32Type,
        Int64 => Int64Type, UInt8 => UInt8Type, UInt16 => UInt16Type, UInt32 => UInt32Type, UInt64 => UInt64Type
    )
}

#[cfg(test)]
mod tests {
    use types::metric::Row;

    use super::*;
    use crate::parquet::metrics_part;

    fn part() -> Vec<u8> {
        let row = |value| Row {
            replicate: 3,
            time: 1.0,
            generation: 1,
            model: None,
            population: None,
            metric: "variance".into(),
            target: None,
            value,
        };
        metrics_part(&[row(0.5), row(2.0)]).unwrap()
    }

    #[test]
    fn numbers_of_any_type_are_read() {
        assert_eq!(read_column(part(), "value").unwrap(), [0.5, 2.0]);
        assert_eq!(read_column(part(), "replicate").unwrap(), [3.0, 3.0]);
    }

    #[test]
    fn what_is_no_column_of_numbers_is_named() {
        let error = |name| read_column(part(), name).unwrap_err().to_string();
        assert!(error("worth").contains("column worth is not there; there are replicate, time"));
        assert!(error("metric").contains("column metric is Utf8"));
        assert!(error("model").contains("has nothing in row 1"));
        assert!(read_column(vec![1, 2, 3], "value").is_err());
    }
}
