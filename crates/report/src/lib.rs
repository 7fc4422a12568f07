//! Turns rows of metrics into Parquet tables, a summary, and a report in one HTML file.
//!
//! It knows nothing about models, the web or how a metric is measured, and nothing about files,
//! clocks or the environment: bytes and rows come in, bytes go out.
//!
//! ```text
//!                 ┌─ parquet::metrics_part ──► part ─┐
//!   Row, Row, …   │                                  ├─ merge_metrics ──► metrics.parquet
//!  ──────────────►┤  parquet::metrics_part ──► part ─┘                         │
//!                 │                                            read_metrics    │
//!   Row, Row, …   │◄───────────────────────────────────────────────────────────┘
//!  ──────────────►├─ summary::summarise ──► Summary ──► summary.json, closing table
//!                 └─ html::report_html ───► report.html
//! ```
//!
//! # Example
//!
//! A run of one replicate writes its rows in two parts, merges them, and tells where it ended.
//!
//! ```
//! # use echosphere_report as report;
//! use report::parquet::{merge_metrics, metrics_part, read_metrics};
//! use report::summary::{closing_table, render_table, summarise};
//! use types::metric::Row;
//!
//! let row = |generation: u32, value| Row {
//!     replicate: 0,
//!     time: f64::from(generation),
//!     generation,
//!     model: Some(0),
//!     population: Some("geographer".into()),
//!     metric: "distinct_2".into(),
//!     target: None,
//!     value,
//! };
//! let parts = [metrics_part(&[row(1, 0.75)])?, metrics_part(&[row(2, 0.5)])?];
//!
//! let mut file = Vec::new();
//! assert_eq!(merge_metrics(parts.into_iter().map(Ok), &mut file)?, 2);
//!
//! let rows = read_metrics(file)?;
//! let table = closing_table(&summarise(&rows), &[], 10);
//! assert_eq!(
//!     render_table(&table, false),
//!     "metric      population   first    last  replicates\n\
//!      distinct_2  geographer  0.7500  0.5000           1\n"
//! );
//! # Ok::<(), report::ReportError>(())
//! ```
//!
//! # Invariants
//!
//! - The same rows give the same bytes, in every output.
//! - Values that are not finite survive Parquet bit by bit, are `null` in JSON, and leave gaps in
//!   figures.
//! - The report refers to no other file and runs no script; text of users is escaped.
//!
//! # Where to read next
//!
//! [`parquet`] for the tables of a run folder, [`summary`] for what `summary.json` means, [`html`]
//! for what the report draws and why.

pub mod comparison;
mod error;
mod escape;
mod figure;
pub mod html;
mod number;
pub mod parquet;
#[cfg(test)]
mod sample_rows;
mod statistics;
pub mod summary;
mod svg;
pub mod sweep;

pub use error::ReportError;
