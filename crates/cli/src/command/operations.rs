//! What several commands have in common that show how they are doing.

use std::net::SocketAddr;

use clap::Args;
use net::Operations;

/// Where a coordinator or a node shows how it is doing.
#[derive(Debug, Clone, Args)]
pub(super) struct OperationsArguments {
    /// Shows Prometheus metrics at http://ADDRESS/metrics, and probes /healthz and /readyz.
    #[arg(long, value_name = "ADDRESS", env = "ECHOSPHERE_METRICS")]
    metrics: Option<SocketAddr>,
    /// Serves the health service of gRPC at ADDRESS.
    #[arg(long, value_name = "ADDRESS", env = "ECHOSPHERE_HEALTH")]
    health: Option<SocketAddr>,
}

impl OperationsArguments {
    /// What was asked for.
    pub(super) fn chosen(&self) -> Operations {
        Operations {
            metrics: self.metrics,
            health: self.health,
        }
    }
}
