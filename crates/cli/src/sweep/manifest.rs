//! The manifest of a sweep.

use serde::{Deserialize, Serialize};

use super::{Costs, Plan};
use crate::measure::peak_memory_bytes;
use crate::run::seconds;

/// What was run, with what, at which cost, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepManifest {
    /// `running`, `finished`, or `incomplete` if points failed.
    pub status: String,
    /// Title of the sweep.
    pub title: String,
    /// Version of the program.
    pub version: String,
    /// Commit that it was built from, or `unknown`.
    pub commit: String,
    /// Compiler that it was built with.
    pub toolchain: String,
    /// What it was built for.
    pub target: String,
    /// BLAKE3 of `sweep.toml`.
    pub sweep_hash: String,
    /// BLAKE3 over all files that the scenarios name, as they were read.
    pub data_hash: String,
    /// Root of all randomness, of the first point if it varies.
    pub seed: u64,
    /// Number of points.
    pub points: usize,
    /// Points that failed.
    pub failed: usize,
    /// Replicates of all points together.
    pub replicates: u64,
    /// Worker threads.
    pub threads: usize,
    /// Windows run, over all points.
    pub windows: u64,
    /// Model updates, over all points.
    pub updates: u64,
    /// Wall seconds of the simulations in this process.
    pub loop_seconds: f64,
    /// CPU seconds of the same, all threads.
    pub loop_cpu_seconds: f64,
    /// Wall seconds of everything in this process.
    pub wall_seconds: f64,
    /// Largest resident memory of the process.
    pub peak_memory_bytes: Option<u64>,
    /// BLAKE3 over the digests of the points in order; zeros stand for one that failed.
    pub digest: String,
}

impl SweepManifest {
    /// Of a sweep that begins.
    pub fn running(plan: &Plan, threads: usize) -> Self {
        let replicates = plan.points.iter().map(|point| point.scenario.replicates);
        Self {
            status: "running".to_owned(),
            title: plan.sweep.title.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: env!("ECHOSPHERE_COMMIT").to_owned(),
            toolchain: env!("ECHOSPHERE_TOOLCHAIN").to_owned(),
            target: env!("ECHOSPHERE_TARGET").to_owned(),
            sweep_hash: blake3::hash(plan.resolved.as_bytes()).to_string(),
            data_hash: plan.data_hash.clone(),
            seed: plan.points.first().map_or(0, |point| point.scenario.seed),
            points: plan.points.len(),
            failed: 0,
            replicates: replicates.map(u64::from).sum(),
            threads,
            windows: 0,
            updates: 0,
            loop_seconds: 0.0,
            loop_cpu_seconds: 0.0,
            wall_seconds: 0.0,
            peak_memory_bytes: None,
            digest: String::new(),
        }
    }

    /// True if this very build began the sweep.
    pub fn is_of_this_build(&self) -> bool {
        self.version == env!("CARGO_PKG_VERSION")
            && self.commit == env!("ECHOSPHERE_COMMIT")
            && self.toolchain == env!("ECHOSPHERE_TOOLCHAIN")
            && self.target == env!("ECHOSPHERE_TARGET")
    }

    /// Adds what the simulations cost.
    #[must_use]
    pub fn costs(self, costs: Costs) -> Self {
        Self {
            loop_seconds: seconds(costs.wall),
            loop_cpu_seconds: seconds(costs.cpu),
            peak_memory_bytes: peak_memory_bytes(),
            ..self
        }
    }
}
