//! The pages that Prometheus and probes read.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;

use super::Role;
use crate::error::NetError;
use crate::health::Health;

/// What the pages show besides the meters.
#[derive(Clone)]
pub(crate) struct Page {
    /// What the process is.
    pub(crate) role: Role,
    /// Sets meters that are only known when somebody asks.
    pub(crate) refresh: Arc<dyn Fn() + Send + Sync>,
    /// Whether the process serves.
    pub(crate) health: Health,
}

const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves `/metrics`, `/healthz` (200 while the process is up) and `/readyz` (200 while it serves, 503 otherwise).
pub(crate) async fn serve(address: SocketAddr, page: Page) -> Result<(), NetError> {
    let start = |error: std::io::Error| NetError::Start {
        program: format!("a page for Prometheus at {address}"),
        message: error.to_string(),
    };
    let listener = TcpListener::bind(address).await.map_err(start)?;
    let bound = listener.local_addr().map_err(start)?;
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(page);
    tokio::spawn(async move { drop(axum::serve(listener, router).await) });
    tracing::info!("metrics are at http://{bound}/metrics");
    Ok(())
}

async fn metrics(State(page): State<Page>) -> impl IntoResponse {
    (page.refresh)();
    match super::text(page.role) {
        Ok(text) => (StatusCode::OK, [(header::CONTENT_TYPE, TEXT)], text),
        Err(error) => {
            let plain = "text/plain; charset=utf-8";
            let code = StatusCode::INTERNAL_SERVER_ERROR;
            (code, [(header::CONTENT_TYPE, plain)], error.to_string())
        }
    }
}

async fn ready(State(page): State<Page>) -> impl IntoResponse {
    if page.health.serves() {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not serving\n")
    }
}
