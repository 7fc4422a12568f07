//! What others are shown of a load: a page for Prometheus, and what is pushed to a gateway.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::Meter;
use crate::error::NetError;
use crate::operations::Operations;
use crate::telemetry::{self, Role};

/// Where others are shown a load.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    /// Where Prometheus and probes look.
    pub operations: Operations,
    /// A Pushgateway's URL, with the name of the job.
    pub push: Option<String>,
}

/// Shows a load until it is dropped.
#[derive(Debug)]
pub struct Showing {
    runtime: Runtime,
    push: Option<Pushing>,
}

#[derive(Debug, Clone)]
struct Pushing {
    client: reqwest::Client,
    url: reqwest::Url,
}

/// Between two pushes.
const PUSH: Duration = Duration::from_secs(10);
/// Nobody waits longer for a gateway.
const ANSWER: Duration = Duration::from_secs(5);
/// What a Pushgateway takes.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

impl Showing {
    /// Opens what the audience asks for; nothing if that is nothing.
    ///
    /// # Errors
    /// If an address is taken, or the URL is none.
    pub fn open(audience: &Audience) -> Result<Option<Self>, NetError> {
        let operations = audience.operations;
        let asked = operations.metrics.or(operations.health).is_some() || audience.push.is_some();
        if !asked {
            return Ok(None);
        }
        let failed = |error: &dyn std::fmt::Display| NetError::Start {
            program: "a page for Prometheus".to_owned(),
            message: error.to_string(),
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| failed(&error))?;
        let (health, _) = runtime.block_on(operations.open(Role::Load, || ()))?;
        runtime.block_on(health.set(true));
        let push = match &audience.push {
            None => None,
            Some(url) => Some(Pushing::to(url)?),
        };
        if let Some(pushing) = push.clone() {
            runtime.spawn(async move {
                loop {
                    tokio::time::sleep(PUSH).await;
                    pushing.push().await;
                }
            });
        }
        Ok(Some(Self { runtime, push }))
    }

    /// Shows what was measured in a moment, and how many models and nodes there are.
    pub fn show(&self, meter: &Meter, standing: (u32, usize)) {
        telemetry::moment(meter, standing);
    }

    /// Pushes what was measured last, and ends.
    pub fn finish(self) {
        if let Some(push) = &self.push {
            self.runtime.block_on(push.push());
        }
        self.runtime.shutdown_timeout(Duration::from_millis(100));
    }
}

impl Pushing {
    fn to(url: &str) -> Result<Self, NetError> {
        let failed = |message: String| NetError::Unreachable {
            what: "the Pushgateway",
            address: url.to_owned(),
            message,
        };
        let parsed = reqwest::Url::parse(url).map_err(|error| failed(error.to_string()))?;
        if !["http", "https"].contains(&parsed.scheme()) {
            return Err(failed(
                "its address must begin with http:// or https://".to_owned(),
            ));
        }
        let client = reqwest::Client::builder().timeout(ANSWER).build();
        Ok(Self {
            client: client.map_err(|error| failed(error.to_string()))?,
            url: parsed,
        })
    }

    async fn push(&self) {
        let Ok(text) = telemetry::text(Role::Load) else {
            return;
        };
        let request = self
            .client
            .put(self.url.clone())
            .header("content-type", TEXT);
        let sent = request.body(text).send().await;
        if let Err(error) = sent.and_then(reqwest::Response::error_for_status) {
            tracing::warn!(%error, "what was measured could not be pushed");
        }
    }
}
