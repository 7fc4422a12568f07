//! Scenario, population, the model actor, and what is observed.
//!
//! This crate knows nothing about files, arguments, terminals or wall clocks: it takes the text of a scenario, asks whoever
//! runs it for the data, and gives rows. How a model learns is in `learn`, what is visible in `web`, and the order of events in
//! `sim`; here they meet.
//!
//! ```text
//!  text ──scenario::read──► Scenario ──┐
//!  bytes ──Data::load────► Data ───────┼──► Simulation (one a replicate)
//!  Storage ───────────────► Keeping ───┘        │
//!            ┌──────────────────────────────────┴───────────────────────────────────┐
//!            │ step: refresh the index ─► shards tick and look ─► commit to the log │──► rows, digest, state
//!            └──────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//!
//! use echosphere_ecosystem::{Data, Keeping, Simulation, metrics, scenario};
//! use web::MemoryStorage;
//!
//! let zipf = scenario::builtin::find("zipf-tails")?;
//! let shorter = [("horizon.generations".to_owned(), "5".to_owned())];
//! let scenario = scenario::read(zipf.text, &shorter, &metrics::names())?;
//! let data = Data::load(&scenario, |source, _| Err(format!("no file {source} here"))).unwrap();
//! let keeping = Keeping { storage: Arc::new(MemoryStorage::default()), all_documents: false };
//!
//! let run = |replicate| {
//!     let mut simulation = Simulation::new(&scenario, &data, replicate, &keeping)?;
//!     let mut rows = Vec::new();
//!     while simulation.step()? {
//!         rows.extend(simulation.take_rows());
//!     }
//!     Ok::<_, echosphere_ecosystem::SimulationError>((simulation.digest()?, rows))
//! };
//! let (digest, rows) = run(0)?;
//! let mut symbols = rows.iter().filter(|row| &*row.metric == "unique_tokens" && row.model == Some(0));
//! assert!(symbols.next().unwrap().value > symbols.last().unwrap().value, "rare symbols are lost");
//! assert_eq!(digest, run(0)?.0);
//! assert_ne!(digest, run(1)?.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Invariants
//!
//! - **Models touch each other only through documents.** No event and no reference leads from one model to another.
//! - What a model does depends on its own state, its own streams and the view of the window; the number of threads is no
//!   part of it, and the number of shards follows from the scenario.
//! - A failed fit is counted and leaves the model as it was; it ends no run.
//! - Looking changes nothing: the observer draws from streams of its own, and no model reads its rows.
//! - Treatments are keys of the scenario, not switches of the program; [`scenario::resolved`] writes every key with its value.
//! - A restored [`Simulation`] goes on to the same bits.
//!
//! # Where to read next
//!
//! [`scenario::schema`] for what can be said; `cycle.rs` for one tick of one model from crawl to publication; [`Simulation`]
//! for the loop around it; [`reproduction`] for what the whole is checked against.

mod atlas;
mod build;
mod curation;
mod cycle;
mod data;
mod diet;
mod digest;
mod facts;
mod group;
mod homes;
mod host;
mod keys;
mod labels;
mod ledger;
mod linear;
pub mod live;
pub mod metrics;
mod observation;
mod observer;
mod outbox;
mod partition;
mod payoff;
mod pools;
mod readable;
mod real;
mod recorder;
pub mod reproduction;
pub mod scenario;
mod shard;
mod shift;
mod simulation;
pub mod theory;
mod world;
mod writers;

pub use atlas::Atlas;
pub use data::{Data, DataError, Loaded};
pub use digest::run_digest;
pub use facts::Fact;
pub use host::{Host, Keeping, ShardState, SimulationError};
pub use ledger::{Ledger, LedgerState, exported_log};
pub use neural::{Simd, limit_simd};
pub use observation::{ModelRow, Observation, Sum};
pub use outbox::Outbox;
pub use partition::shards;
pub use simulation::{Simulation, SimulationState};
pub use world::{Surroundings, ViewFacts};
