//! Scenario, population, the model actor, and what is observed.

mod build;
mod cycle;
mod data;
mod digest;
mod group;
mod keys;
pub mod metrics;
mod observation;
mod observer;
mod outbox;
mod pools;
mod real;
pub mod reproduction;
pub mod scenario;
mod shard;
mod simulation;
mod world;

pub use build::shards;
pub use data::{Data, DataError, Loaded};
pub use digest::run_digest;
pub use simulation::{Keeping, Simulation, SimulationError, SimulationState};
