//! What a request is let through for: the token, and a bearable rate.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{Either, Ready, ready};
use tokio::time::Instant;
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::codegen::http::{HeaderMap, Request, Response};
use tonic::transport::Server;
use tonic::{Code, Status};
use tower_layer::{Identity, Layer, Stack};

use super::Security;
use super::bucket::{Bucket, Rate, WARNINGS};
use super::files::{self, Secret};
use super::reload::Reloading;
use crate::error::NetError;

/// Requests of everybody who has shown the token; a session of a node is one.
const REQUESTS: Rate = Rate {
    at_once: 4096.0,
    per_second: 512.0,
};
/// Methods that everybody may call: probes have no token.
const OPEN: &str = "/grpc.health.v1.Health/";

/// A server whose clients cannot take more of it than they need; everything that is added to it is behind the gate.
pub(crate) fn server(gate: Gate) -> Server<Stack<Gate, Identity>> {
    Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE))
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .max_concurrent_streams(STREAMS_MAX)
        .layer(gate)
}

/// Silence of a connection after which it is asked for a sign of life, and after which it is given up.
const KEEPALIVE: Duration = Duration::from_secs(20);
const HEADER_BYTES_MAX: u32 = 16 << 10;
/// Requests at once on one connection.
const STREAMS_MAX: u32 = 64;

/// Stands before all services of a server.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Checks>);

#[derive(Debug)]
struct Checks {
    token: Option<Reloading<Secret>>,
    requests: Mutex<Bucket>,
    warnings: Mutex<Bucket>,
}

impl Gate {
    /// Reads the token.
    pub(crate) fn new(security: &Security) -> Result<Self, NetError> {
        let token = security.token_file.clone().map(|file| {
            let read =
                move |file: &std::path::Path| files::secret(file).map_err(|problem| vec![problem]);
            Reloading::new(vec![file.clone()], move || read(&file))
        });
        let token = token.transpose();
        Ok(Self(Arc::new(Checks {
            token: token.map_err(|problems| NetError::Insecure(problems.join("\n")))?,
            requests: Mutex::new(Bucket::new(REQUESTS, Instant::now())),
            warnings: Mutex::new(Bucket::new(WARNINGS, Instant::now())),
        })))
    }
}

impl Checks {
    fn warn(&self, peer: Option<&SocketAddr>, status: &Status) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        if warnings.take(Instant::now()) {
            let peer = peer.map_or_else(|| "somebody".to_owned(), SocketAddr::to_string);
            tracing::warn!("a request from {peer} is refused: {}", status.message());
        }
    }

    fn check(&self, path: &str, headers: &HeaderMap) -> Result<(), Status> {
        if !path.starts_with(OPEN)
            && let Some(token) = &self.token
        {
            shows(headers, &token.current())?;
        }
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.take(Instant::now()) {
            return Ok(());
        }
        Err(Status::new(
            Code::ResourceExhausted,
            "too many requests: try again in a second",
        ))
    }
}

fn shows(headers: &HeaderMap, token: &Secret) -> Result<(), Status> {
    let Some(shown) = headers.get("authorization") else {
        return Err(Status::unauthenticated(
            "no token was shown: give the coordinator's --token-file",
        ));
    };
    let shown = shown
        .as_bytes()
        .strip_prefix(b"Bearer ")
        .unwrap_or_default();
    if token.is(shown) {
        return Ok(());
    }
    Err(Status::unauthenticated(
        "the token is wrong: --token-file must hold the coordinator's token",
    ))
}

impl<S> Layer<S> for Gate {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Gated<S> {
        Gated {
            gate: self.clone(),
            inner,
        }
    }
}

/// A service behind a gate.
#[derive(Debug, Clone)]
pub(crate) struct Gated<S> {
    gate: Gate,
    inner: S,
}

impl<S, B> Service<Request<B>> for Gated<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Either<Ready<Result<Response<Body>, S::Error>>, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self.gate.0.check(request.uri().path(), request.headers()) {
            Ok(()) => Either::Right(self.inner.call(request)),
            Err(status) => {
                self.gate.0.warn(request.extensions().get(), &status);
                Either::Left(ready(Ok(status.into_http())))
            }
        }
    }
}
