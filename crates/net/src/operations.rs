//! Where a process shows how it is doing.

use std::net::SocketAddr;
use std::sync::Arc;

use tonic_health::pb::health_server::{Health as HealthApi, HealthServer};

use crate::error::NetError;
use crate::health::{self, Health};
use crate::telemetry::{self, Page, Role};

/// Where a process shows how it is doing, besides what it does.
#[derive(Debug, Clone, Copy, Default)]
pub struct Operations {
    /// Where Prometheus finds `/metrics`, and probes `/healthz` and `/readyz`.
    pub metrics: Option<SocketAddr>,
    /// Where probes find the health service of gRPC.
    pub health: Option<SocketAddr>,
}

impl Operations {
    /// Opens what is asked for. `refresh` sets meters that are only known when somebody asks. Gives the state of the
    /// process, which does not serve yet, and the service that tells it.
    pub(crate) async fn open(
        self,
        role: Role,
        refresh: impl Fn() + Send + Sync + 'static,
    ) -> Result<(Health, HealthServer<impl HealthApi>), NetError> {
        let (health, service) = Health::new().await;
        if let Some(address) = self.metrics {
            let page = Page {
                role,
                refresh: Arc::new(refresh),
                health: health.clone(),
            };
            telemetry::serve(address, page).await?;
        }
        if let Some(address) = self.health {
            health::serve(address, service.clone()).await?;
        }
        Ok((health, service))
    }
}
