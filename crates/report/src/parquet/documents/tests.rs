use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use bytes::Bytes;

use super::*;

fn batch() -> DocumentBatch {
    DocumentBatch {
        replicate: 1,
        sequence: vec![7, 8],
        time: vec![0.0, 1.5],
        author: vec![None, Some(3)],
        site: vec![Some(4), None],
        generation: vec![0, 2],
        origin: vec!["real", "synthetic"],
        lineage_depth: vec![0.0, 1.25],
        real_share: vec![1.0, 0.5],
        ..DocumentBatch::default()
    }
}

fn written(batch: &DocumentBatch, kind: ContentKind) -> Result<RecordBatch, ReportError> {
    let mut writer = DocumentsWriter::new(Vec::new(), kind)?;
    writer.write(batch)?;
    let bytes = Bytes::from(writer.finish()?);
    Ok(ParquetRecordBatchReaderBuilder::try_new(bytes)?
        .build()?
        .next()
        .unwrap()?)
}

#[test]
fn text_survives() {
    let batch = DocumentBatch {
        text: Some(vec!["a".to_owned(), "ü".to_owned()]),
        ..batch()
    };
    let read = written(&batch, ContentKind::Text).unwrap();
    let text = read.column_by_name("text").unwrap().as_string::<i32>();
    assert_eq!(text.iter().flatten().collect::<Vec<_>>(), ["a", "ü"]);
    assert_eq!(read.column_by_name("author").unwrap().null_count(), 1);
}

#[test]
fn numbers_survive() {
    let batch = DocumentBatch {
        numbers: Some(vec![vec![1.0, 2.0], vec![3.0, 4.0]]),
        ..batch()
    };
    let read = written(&batch, ContentKind::Numeric { dimension: 2 }).unwrap();
    let numbers = read.column_by_name("numbers").unwrap().as_fixed_size_list();
    assert_eq!(
        numbers.values().as_primitive::<Float64Type>().values(),
        &[1.0, 2.0, 3.0, 4.0]
    );
}

#[test]
fn symbols_survive() {
    let batch = DocumentBatch {
        symbol: Some(vec![4, 0]),
        ..batch()
    };
    let read = written(&batch, ContentKind::Symbol).unwrap();
    assert_eq!(read.num_rows(), 2);
}

#[test]
fn a_batch_of_another_kind_is_refused() {
    let refusal = written(&batch(), ContentKind::Text).unwrap_err();
    assert!(matches!(
        refusal,
        ReportError::MissingContent { expected: "text" }
    ));
}

#[test]
fn uneven_batches_are_refused() {
    let uneven = DocumentBatch {
        symbol: Some(vec![4]),
        ..batch()
    };
    let refusal = written(&uneven, ContentKind::Symbol).unwrap_err();
    assert!(matches!(
        refusal,
        ReportError::UnevenColumns {
            column: "symbol",
            ..
        }
    ));
    let uneven = DocumentBatch {
        numbers: Some(vec![vec![1.0], vec![1.0, 2.0]]),
        ..batch()
    };
    let refusal = written(&uneven, ContentKind::Numeric { dimension: 1 }).unwrap_err();
    assert!(matches!(
        refusal,
        ReportError::UnevenDimension { sequence: 8, .. }
    ));
}

fn come_back(batch: &DocumentBatch, kind: ContentKind) {
    let mut writer = DocumentsWriter::new(Vec::new(), kind).unwrap();
    writer.write(batch).unwrap();
    let documents = read_documents(writer.finish().unwrap()).unwrap();
    assert_eq!(documents.kind(), kind);
    let read: Vec<DocumentBatch> = documents.map(Result::unwrap).collect();
    assert_eq!(read, std::slice::from_ref(batch));
}

#[test]
fn documents_of_all_kinds_come_back() {
    let text = DocumentBatch {
        text: Some(vec![String::new(), "ü".to_owned()]),
        ..batch()
    };
    come_back(&text, ContentKind::Text);
    let numbers = DocumentBatch {
        numbers: Some(vec![vec![1.0, 2.0], vec![3.0, 4.0]]),
        ..batch()
    };
    come_back(&numbers, ContentKind::Numeric { dimension: 2 });
    let symbols = DocumentBatch {
        symbol: Some(vec![5, 6]),
        ..batch()
    };
    come_back(&symbols, ContentKind::Symbol);
}

#[test]
fn other_tables_are_refused() {
    let metrics = crate::parquet::metrics_part(&[]).unwrap();
    assert!(matches!(
        read_documents(metrics),
        Err(ReportError::ForeignColumn { column: "text", .. })
    ));
    assert!(matches!(
        read_documents(vec![1, 2, 3]),
        Err(ReportError::Parquet(_))
    ));
}
