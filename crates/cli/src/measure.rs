//! What the process costs: time and memory.

use std::time::Duration;

pub use net::{cpu_time, peak_memory_bytes, resident_bytes};

/// Wall clock. Only for progress, manifests and deciding when to write a checkpoint: no result depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the command line tells people how long things take"
    )]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
