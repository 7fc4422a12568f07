use super::*;
use crate::sample_rows::{row, specialists};

#[test]
fn rows_survive_a_round_trip() {
    let rows = specialists(3, 4);
    assert_eq!(read_metrics(metrics_part(&rows).unwrap()).unwrap(), rows);
}

#[test]
fn no_rows_are_a_file_too() {
    assert_eq!(read_metrics(metrics_part(&[]).unwrap()).unwrap(), vec![]);
}

#[test]
fn non_finite_values_keep_their_bits() {
    let values = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        f64::MIN_POSITIVE,
    ];
    let rows: Vec<Row> = values
        .iter()
        .map(|value| Row {
            value: *value,
            ..row()
        })
        .collect();
    let read = read_metrics(metrics_part(&rows).unwrap()).unwrap();
    let bits: Vec<u64> = read.iter().map(|row| row.value.to_bits()).collect();
    assert_eq!(bits, values.map(f64::to_bits));
}

#[test]
fn equal_rows_give_equal_bytes() {
    let rows = specialists(2, 5);
    assert_eq!(
        metrics_part(&rows).unwrap(),
        metrics_part(&rows.clone()).unwrap()
    );
}

#[test]
fn rows_of_one_metric_share_their_name() {
    let read = read_metrics(metrics_part(&specialists(2, 2)).unwrap()).unwrap();
    for pair in read
        .iter()
        .filter(|row| &*row.metric == "real_share")
        .collect::<Vec<_>>()
        .windows(2)
    {
        assert!(Arc::ptr_eq(&pair[0].metric, &pair[1].metric));
    }
}

#[test]
fn values_are_split_by_byte_without_a_dictionary() {
    let bytes = Bytes::from(metrics_part(&specialists(2, 2)).unwrap());
    let file = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let group = file.metadata().row_group(0).clone();
    let value = group.column(7);
    assert!(
        value
            .encodings()
            .any(|encoding| encoding == Encoding::BYTE_STREAM_SPLIT)
    );
    assert!(value.dictionary_page_offset().is_none());
    assert!(group.column(5).dictionary_page_offset().is_some());
    assert_eq!(
        file.metadata().file_metadata().created_by(),
        Some("echosphere")
    );
}

#[test]
fn other_bytes_and_other_tables_are_refused() {
    assert!(matches!(
        read_metrics(b"no parquet".to_vec()),
        Err(ReportError::Parquet(_))
    ));
    let mut bytes = Vec::new();
    let kind = crate::parquet::ContentKind::Symbol;
    let mut documents = crate::parquet::DocumentsWriter::new(&mut bytes, kind).unwrap();
    let batch = crate::parquet::DocumentBatch {
        sequence: vec![1],
        time: vec![0.0],
        author: vec![None],
        site: vec![None],
        generation: vec![0],
        origin: vec!["real"],
        lineage_depth: vec![0.0],
        real_share: vec![1.0],
        symbol: Some(vec![3]),
        ..Default::default()
    };
    documents.write(&batch).unwrap();
    documents.finish().unwrap();
    let refusal = read_metrics(bytes).unwrap_err().to_string();
    assert_eq!(refusal, "column model is absent, the table needs UInt32");
}
