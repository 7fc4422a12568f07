//! Parquet in and out: the long table of metrics, and the table of documents.
//!
//! A run writes complete files with [`metrics_part`] as rows pile up; at its end
//! [`merge_metrics`] makes one file of them, and [`read_metrics`] brings the rows back. Equal rows
//! give equal bytes: the encoder's settings and the name of the writer are fixed, and rows reach
//! the encoder in chunks whose borders do not depend on how the parts were cut.

mod column;
mod columns;
mod documents;
mod merge;
mod metrics;
mod sweep;

use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

pub use column::read_column;
pub use documents::{ContentKind, DocumentBatch, Documents, DocumentsWriter, read_documents};
pub use merge::merge_metrics;
pub use metrics::{metrics_part, read_metrics};
pub use sweep::{SweepWriter, read_sweep};

/// Rows of a full row group.
const ROW_GROUP_ROWS: usize = 1 << 20;

/// Settings that all tables share.
///
/// The writer's name is fixed because the library's default carries its version, and an upgrade
/// would then change the bytes of every table.
fn properties() -> WriterPropertiesBuilder {
    let level = ZstdLevel::try_new(1).expect("zstd has a level 1");
    WriterProperties::builder()
        .set_created_by("echosphere".to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
}
