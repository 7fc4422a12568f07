//! The manifest: what was run, with what, at which cost, and what came of it.

use std::time::Duration;

use ecosystem::scenario::schema::Scenario;
use serde::{Deserialize, Serialize};

use super::Options;
use crate::measure::peak_memory_bytes;

/// Everything needed to run it again and to compare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// `running` or `finished`.
    pub status: String,
    /// Title of the scenario.
    pub title: String,
    /// Version of the program.
    pub version: String,
    /// Commit that it was built from, or `unknown`.
    pub commit: String,
    /// Compiler that it was built with.
    pub toolchain: String,
    /// What it was built for.
    pub target: String,
    /// BLAKE3 of the resolved scenario.
    pub scenario_hash: String,
    /// BLAKE3 over all files that the scenario names, as they were read.
    #[serde(default)]
    pub data_hash: String,
    /// Root of all randomness.
    pub seed: u64,
    /// Number of replicates.
    pub replicates: u32,
    /// Models of one replicate.
    pub models: u64,
    /// Shards that the models of one replicate are divided into.
    pub shards: u64,
    /// Worker threads.
    pub threads: usize,
    /// Processes that took part.
    pub nodes: u32,
    /// Whether documents were kept.
    pub keep_documents: bool,
    /// The checkpoint store, if it is not in the run folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoints: Option<String>,
    /// Windows run, over all replicates.
    pub windows: u64,
    /// Model updates (one model retraining and publishing once) in this process.
    pub updates: u64,
    /// Wall seconds of the simulation in this process: without loading, building and the report.
    pub loop_seconds: f64,
    /// CPU seconds of the same, all threads.
    pub loop_cpu_seconds: f64,
    /// Wall seconds of everything.
    pub wall_seconds: f64,
    /// Largest resident memory of the process.
    pub peak_memory_bytes: Option<u64>,
    /// BLAKE3 over all metric rows and every model's final state.
    pub digest: String,
    /// The same for each replicate.
    pub replicate_digests: Vec<String>,
}

impl Manifest {
    /// Of a run that begins.
    pub fn running(scenario: &Scenario, options: &Options) -> Self {
        let resolved = ecosystem::scenario::resolved(scenario);
        Self {
            status: "running".to_owned(),
            title: scenario.title.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: env!("ECHOSPHERE_COMMIT").to_owned(),
            toolchain: env!("ECHOSPHERE_TOOLCHAIN").to_owned(),
            target: env!("ECHOSPHERE_TARGET").to_owned(),
            scenario_hash: blake3::hash(resolved.as_bytes()).to_string(),
            data_hash: options.data_hash.clone(),
            seed: scenario.seed,
            replicates: scenario.replicates,
            models: scenario
                .population
                .iter()
                .map(|population| u64::from(population.count))
                .sum(),
            shards: ecosystem::shards(scenario),
            threads: options.threads,
            nodes: options.nodes,
            keep_documents: options.keep_documents,
            checkpoints: options.checkpoints.clone(),
            windows: 0,
            updates: 0,
            loop_seconds: 0.0,
            loop_cpu_seconds: 0.0,
            wall_seconds: 0.0,
            peak_memory_bytes: None,
            digest: String::new(),
            replicate_digests: Vec::new(),
        }
    }

    /// True if this very build began the run.
    pub fn is_of_this_build(&self) -> bool {
        self.version == env!("CARGO_PKG_VERSION")
            && self.commit == env!("ECHOSPHERE_COMMIT")
            && self.toolchain == env!("ECHOSPHERE_TOOLCHAIN")
            && self.target == env!("ECHOSPHERE_TARGET")
    }

    /// Of a run whose replicates ended with these digests.
    pub fn finished(scenario: &Scenario, options: &Options, digests: &[[u8; 32]]) -> Self {
        let hex = |digest: [u8; 32]| blake3::Hash::from(digest).to_string();
        Self {
            status: "finished".to_owned(),
            digest: hex(ecosystem::run_digest(digests)),
            replicate_digests: digests.iter().copied().map(hex).collect(),
            ..Self::running(scenario, options)
        }
    }

    /// Adds what the simulation cost.
    #[must_use]
    pub fn costs(self, wall: Duration, cpu: Duration, (windows, updates): (u64, u64)) -> Self {
        Self {
            windows,
            updates,
            loop_seconds: seconds(wall),
            loop_cpu_seconds: seconds(cpu),
            peak_memory_bytes: peak_memory_bytes(),
            ..self
        }
    }
}

/// Seconds to the microsecond: so few digits that they are read back as the same number, and the report that is made
/// again is the same report.
pub(crate) fn seconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1e6
}
