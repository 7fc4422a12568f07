//! The shared internet: an append-only log of documents, and everything folded from it.
//!
//! It knows nothing about what documents are for: no learning, no metrics, no scenario. It opens no file; whoever needs
//! documents to outlive memory hands in a [`Storage`].
//!
//! ```text
//! Batch (a shard's window) ─┐
//! Batch ────────────────────┼─ merged in key order ─► Log ──fold──► Index ──► View ◄── Crawler (reader's stream)
//! Batch ────────────────────┘                          │                       │
//!                                                      └── Segment ── Storage  └──► positions ──fetch──► Content
//! ```
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use echosphere_web::{Batch, Crawl, Crawler, Index, IndexConfig, Log, LogConfig, MemoryStorage};
//! use echosphere_web::{Reading, Retention, Sources, ViewSpec};
//! use types::content::{Content, ContentKind};
//! use types::document::{Lineage, ModelId, Publication};
//! use types::random::{Purpose, Seed};
//! use types::time::{VirtualDuration, VirtualTime};
//!
//! let kind = ContentKind::Text;
//! let config = LogConfig { kind, memory_bytes_max: 1 << 20, keep_all: false, prefix: String::new() };
//! let mut log = Log::new(config, Arc::new(MemoryStorage::default()));
//! let (lag, generation) = (VirtualDuration(1), VirtualDuration(1));
//! let views = vec![ViewSpec { regime: Retention::Accumulate, with_authors: false, archive: None }];
//! let mut index = Index::new(IndexConfig { retention: Retention::Replace, lag, generation, views, place: None }, 1);
//!
//! let publication = Publication {
//!     author: Some(ModelId(0)), models: 1, generation: 1, time: VirtualTime(5), lineage: Lineage::REAL, documents: 2, site: None,
//! };
//! let content = Content::from_texts(["it was a dark night", "it was a stormy night"]);
//! log.append(vec![Batch { publications: vec![publication], content }])?;
//!
//! index.refresh(&mut log, VirtualTime(5))?;
//! assert!(index.view(0).is_empty(), "the lag has not passed");
//! index.refresh(&mut log, VirtualTime(6))?;
//!
//! let reading = Reading { sources: Sources::Everyone, include_own: true, with_replacement: false };
//! let mut rng = Seed(7).key(0, Purpose::Crawl).stream(0, 1);
//! let mut positions = Vec::new();
//! let crawl = Crawl { reader: ModelId(0), documents: 10, rng: &mut rng, positions: &mut positions };
//! Crawler::default().crawl(index.view(0), &reading, crawl);
//! assert_eq!(positions.len(), 2);
//! # Ok::<(), echosphere_web::LogError>(())
//! ```
//!
//! # Invariants
//!
//! - **The log is ground state; the index is a fold of it**: any way of cutting the same publications into windows and
//!   refreshes gives the same views.
//! - A document is never visible before its publication time plus the index lag.
//! - A crawl draws from the reader's stream only, so one more reader changes nobody else's crawl.
//!
//! Read next: [`Log`], [`Index`], [`Crawler`].

mod archive;
mod authors;
mod batch;
pub mod conformance;
mod crawler;
pub mod date;
mod fetch;
pub mod gateway;
mod guide;
mod index;
mod log;
mod origin;
mod pages;
mod reading;
mod retention;
pub mod robots;
mod segment;
mod site;
mod storage;
mod view;
pub mod warc;

pub use archive::{
    Archive, Capture, Captures, CrawlClock, CrawlerRules, CrawlerSpec, Curation, CurationStage,
    Curator, Discovery, FETCH_OUTCOMES, FetchOutcome, Holdings, Kept, Recrawl, Schedule, Shares,
    Snapshot, Tally,
};
pub use authors::Authors;
pub use batch::Batch;
pub use crawler::{Crawl, Crawler};
pub use index::{Appeared, ArchiveReading, Index, IndexConfig, Place, ViewSpec};
pub use log::{Log, LogConfig, LogError, LogState};
pub use origin::Origin;
pub use pages::{Census, Page, Pages};
pub use reading::{Reading, Sources, islands, matrix, ring, zipf};
pub use retention::{Calendar, Retention};
pub use segment::{ContentRef, Segment};
pub use site::{Geography, GeographyKeys, Lifetime, LinkLaw, OptOut, Site, SiteClass};
pub use storage::{Below, Layered, MemoryStorage, Storage};
pub use view::{Ancestry, View};
