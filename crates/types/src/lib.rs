//! Nouns of the Echosphere simulator: virtual time, seeds and streams, identity, documents, provenance, metrics.
//!
//! This crate knows nothing about who uses the nouns: it has no actors, no web, no learning, no files, no clock.
//!
//! ```text
//! Seed ──key(replicate, purpose)──► StreamKey ──stream(id, event)──► Stream ──► uniform, normal, below, ...
//! Publication (provenance, once a run of documents)  +  Content (payload, in columns)
//! VirtualTime, VirtualDuration (integers)             Row (one measurement)
//! ```
//!
//! # Example
//!
//! ```
//! use echosphere_types::random::{Purpose, Seed};
//!
//! // The ninth crawl of model 3 draws the same words wherever and whenever it runs.
//! let mut rng = Seed(7).key(0, Purpose::Crawl).stream(3, 9);
//! let mut again = Seed(7).key(0, Purpose::Crawl).stream(3, 9);
//! assert_eq!(rng.below(1000), again.below(1000));
//! ```
//!
//! # Invariants
//!
//! - A stream's words depend on its address alone, not on the machine, the vector width or what was drawn elsewhere.
//! - Time is an integer; no rounding can reorder two events.
//!
//! Read next: [`random`], then [`content`] and [`document`].

pub mod content;
pub mod document;
pub mod metric;
pub mod random;
pub mod time;
