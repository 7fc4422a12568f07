//! The standard health service of gRPC, for probes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_stream::wrappers::TcpListenerStream;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health as HealthApi, HealthServer};
use tonic_health::server::{HealthReporter, health_reporter};

use crate::error::NetError;

/// Service that serves as long as the process is up; the nameless one serves while there is work that can be done.
pub(crate) const LIVENESS: &str = "liveness";

/// Whether this process serves, for probes.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    reporter: HealthReporter,
    serves: Arc<AtomicBool>,
}

impl Health {
    /// The state, and the service that tells it. It does not serve yet.
    pub(crate) async fn new() -> (Self, HealthServer<impl HealthApi>) {
        let (reporter, service) = health_reporter();
        reporter
            .set_service_status(LIVENESS, ServingStatus::Serving)
            .await;
        let health = Self {
            reporter,
            serves: Arc::new(AtomicBool::new(false)),
        };
        health.set(false).await;
        (health, service)
    }

    /// Tells probes whether this process serves from now on.
    pub(crate) async fn set(&self, serves: bool) {
        self.serves.store(serves, Ordering::Relaxed);
        let status = if serves {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        self.reporter.set_service_status("", status).await;
    }

    /// True if this process serves.
    pub(crate) fn serves(&self) -> bool {
        self.serves.load(Ordering::Relaxed)
    }
}

/// Tells probes, from any thread, that this process is about to end.
#[derive(Debug, Clone)]
pub struct Closing {
    pub(crate) health: Health,
    pub(crate) runtime: Handle,
}

impl Closing {
    /// From now on this process does not serve.
    pub fn begin(&self) {
        let health = self.health.clone();
        self.runtime.spawn(async move { health.set(false).await });
    }
}

/// Serves nothing but health at `address`.
pub(crate) async fn serve(
    address: SocketAddr,
    service: HealthServer<impl HealthApi>,
) -> Result<(), NetError> {
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|error| NetError::Start {
        program: format!("a health service at {address}"),
        message: error.to_string(),
    })?;
    let server = tonic::transport::Server::builder().add_service(service);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    Ok(())
}
