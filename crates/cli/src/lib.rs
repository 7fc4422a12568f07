//! An actor-based simulator of generative models that learn from one another through the internet they all write to.
//!
//! This is the facade of the `echosphere` program: the pieces that a program of your own needs to run a scenario, and
//! everything of the command line that is not parsing arguments.
//!
//! It knows nothing about how models learn or what the web is: that is in the crates it re-exports.
//!
//! ```text
//! scenario.toml ─► scenario::read ─► Data::load ─► Simulation (one a replicate) ─► rows ─► metrics.parquet, report.html
//! ```
//!
//! # Example
//!
//! ```
//! use echosphere::ecosystem::{Data, Keeping, Simulation, scenario};
//! use echosphere::web::MemoryStorage;
//!
//! let text = r#"
//!     title = "One Gaussian, fed on its own output"
//!     horizon = { generations = 10 }
//!     [corpora]
//!     truth = { distribution = { kind = "gaussian" } }
//!     [[population]]
//!     name = "model"
//!     family = { kind = "gaussian" }
//!     real = { public = "truth", documents = 100 }
//!     mixture = { synthetic_fraction = 1.0 }
//!     training = { regime = "replace" }
//! "#;
//! let scenario = scenario::read(text, &[], &echosphere::ecosystem::metrics::names())?;
//! let data = Data::load(&scenario, |source, _| Err(format!("no such file: {source}"))).unwrap();
//! let keeping = Keeping { storage: std::sync::Arc::new(MemoryStorage::default()), all_documents: false };
//! let mut simulation = Simulation::new(&scenario, &data, 0, &keeping)?;
//! let mut rows = Vec::new();
//! while simulation.step()? {
//!     rows.extend(simulation.take_rows());
//! }
//! let variance = rows.iter().filter(|row| &*row.metric == "variance").last().unwrap().value;
//! assert!(variance < 1.5, "it shrinks on average by a hundredth a generation");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Read next: [`ecosystem`], then [`run`].

pub mod cluster;
pub mod command;
pub mod failure;
pub mod folder;
pub mod live;
pub mod load;
pub mod logging;
pub mod measure;
pub mod run;
mod standing;
pub mod sweep;

pub use ecosystem;
pub use report;
pub use types;
pub use web;
