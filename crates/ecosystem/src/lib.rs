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
mod partition;
mod pools;
mod real;
pub mod reproduction;
pub mod scenario;
mod shard;
mod simulation;
mod world;

pub use data::{Data, DataError, Loaded};
pub use digest::run_digest;
pub use partition::shards;
pub use simulation::{Keeping, Simulation, SimulationError, SimulationState};
