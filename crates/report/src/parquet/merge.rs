//! Many small files of metrics to one.

use std::io::{self, Write};

use super::columns::Reading;
use super::metrics::{MetricsWriter, open};
use crate::ReportError;

/// Concatenates complete files of metrics to one, in order, and gives its number of rows.
///
/// One part and one row group of about a million rows are in memory at a time. The result is byte
/// for byte what [`metrics_part`](super::metrics_part) writes for all the rows together, however
/// they were cut into parts.
///
/// # Errors
///
/// [`ReportError::Io`] for a part that could not be read or an `out` that could not be written,
/// [`ReportError::Parquet`], [`ReportError::ForeignColumn`] or [`ReportError::NullValue`] for a
/// part that is no complete file of metrics.
pub fn merge_metrics(
    parts: impl Iterator<Item = io::Result<Vec<u8>>>,
    out: impl Write + Send,
) -> Result<u64, ReportError> {
    let mut writer = MetricsWriter::new(out)?;
    for part in parts {
        for batch in open(part?)? {
            let batch = batch?;
            for row in Reading::new(&batch)?.rows() {
                writer.push(row)?;
            }
        }
    }
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet::{metrics_part, read_metrics};
    use crate::sample_rows::{row, specialists};
    use types::metric::Row;

    fn merged(rows: &[Row], part_rows: usize) -> Vec<u8> {
        let parts = rows
            .chunks(part_rows)
            .map(|part| Ok(metrics_part(part).unwrap()));
        let mut out = Vec::new();
        assert_eq!(merge_metrics(parts, &mut out).unwrap(), rows.len() as u64);
        out
    }

    #[test]
    fn a_merge_is_the_concatenation() {
        let rows = specialists(4, 6);
        let whole = metrics_part(&rows).unwrap();
        for part_rows in [1, 7, 100, rows.len()] {
            assert!(
                merged(&rows, part_rows) == whole,
                "parts of {part_rows} rows"
            );
        }
        assert_eq!(read_metrics(whole).unwrap(), rows);
    }

    #[test]
    fn chunks_do_not_follow_the_parts() {
        let rows: Vec<Row> = (0..200_000)
            .map(|idx| Row {
                value: f64::from(idx % 977),
                ..row()
            })
            .collect();
        assert!(merged(&rows, 70_001) == metrics_part(&rows).unwrap());
    }

    #[test]
    fn a_part_that_cannot_be_read_ends_the_merge() {
        let parts = [
            Ok(metrics_part(&[row()]).unwrap()),
            Err(io::Error::other("gone")),
        ];
        let refusal = merge_metrics(parts.into_iter(), Vec::new()).unwrap_err();
        assert_eq!(refusal.to_string(), "input or output: gone");
    }

    #[test]
    fn no_part_is_an_empty_table() {
        let mut out = Vec::new();
        assert_eq!(merge_metrics(std::iter::empty(), &mut out).unwrap(), 0);
        assert_eq!(read_metrics(out).unwrap(), vec![]);
    }
}
