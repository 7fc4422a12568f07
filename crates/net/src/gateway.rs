//! The gateway: a web that crawlers can walk, over HTTP.
//!
//! What is said is `web`'s; here is how: virtual hosts (by the `Host` header, or as a proxy by absolute addresses), validators and
//! conditional requests, gzip, and 429 for those in too much of a hurry. It never has a part in a result.

mod answer;
mod haste;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, Request, Response, header};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use types::time::{VirtualDuration, VirtualTime};
use web::gateway::{Gateway, Question};

use self::answer::{Sent, authority};
use self::haste::Haste;
use crate::error::NetError;

/// How a web is served.
#[derive(Debug, Clone, Copy)]
pub struct GatewayOptions {
    /// Where.
    pub listen: SocketAddr,
    /// Virtual days that pass in a second.
    pub days_per_second: f64,
    /// Fetches that a host takes at once from one address, beyond which its delay holds.
    pub burst: u32,
}

/// A web, and which part of its time is shown.
#[derive(Debug)]
pub struct Shown {
    /// The web.
    pub web: Gateway,
    /// When time begins to pass.
    pub from: VirtualTime,
    /// When it stops.
    pub until: VirtualTime,
}

/// One request, answered.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Seconds since the gateway was started.
    pub seconds: f64,
    /// Who asked.
    pub client: IpAddr,
    /// What it calls itself.
    pub agent: String,
    /// Method of the request.
    pub method: String,
    /// Host that it was for.
    pub host: String,
    /// Path without a query.
    pub path: String,
    /// Status of the answer.
    pub status: u16,
    /// Bytes of the body, as sent.
    pub bytes: usize,
}

/// Is told of every visit.
pub type Visited = Box<dyn Fn(&Visit) + Send + Sync>;

/// A gateway that serves until it is dropped.
#[derive(Debug)]
pub struct GatewayServer {
    address: SocketAddr,
    served: Arc<Served>,
    _runtime: Runtime,
}

struct Served {
    options: GatewayOptions,
    started: Instant,
    shown: RwLock<(Shown, Instant)>,
    haste: Mutex<Haste>,
    visited: Visited,
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Served")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl GatewayServer {
    /// Begins to serve.
    ///
    /// # Errors
    /// If nothing can be served there.
    pub fn start(
        shown: Shown,
        options: GatewayOptions,
        visited: Visited,
    ) -> Result<Self, NetError> {
        let failed = |error: std::io::Error| NetError::Start {
            program: format!("a gateway at {}", options.listen),
            message: error.to_string(),
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        let runtime = runtime.map_err(failed)?;
        let listener = runtime
            .block_on(TcpListener::bind(options.listen))
            .map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let now = now();
        let served = Arc::new(Served {
            options,
            started: now,
            shown: RwLock::new((shown, now)),
            haste: Mutex::new(Haste::new(options.burst)),
            visited,
        });
        let router = Router::new()
            .fallback(handle)
            .with_state(Arc::clone(&served));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        runtime.spawn(async move { drop(axum::serve(listener, service).await) });
        Ok(Self {
            address,
            served,
            _runtime: runtime,
        })
    }

    /// Where it serves.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Shows something else from now on.
    pub fn show(&self, shown: Shown) {
        let mut place = self
            .served
            .shown
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *place = (shown, now());
    }
}

async fn handle(
    State(served): State<Arc<Served>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response<Body> {
    let sent = served.answer(client.ip(), &request);
    let (host, _) = authority(&request);
    (served.visited)(&Visit {
        seconds: served.started.elapsed().as_secs_f64(),
        client: client.ip(),
        agent: text(request.headers(), &header::USER_AGENT)
            .unwrap_or_default()
            .to_owned(),
        method: request.method().to_string(),
        host,
        path: request.uri().path().to_owned(),
        status: sent.status,
        bytes: sent.body.len(),
    });
    sent.into_response()
}

impl Served {
    fn answer(&self, client: IpAddr, request: &Request<Body>) -> Sent {
        let head = request.method() == Method::HEAD;
        if !head && request.method() != Method::GET {
            return Sent::plain(405, "Only GET and HEAD.\n")
                .with(header::ALLOW, "GET, HEAD".to_owned());
        }
        let (host, port) = authority(request);
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        let (Shown { web, from, until }, since) = &*shown;
        let passed = self.options.days_per_second * since.elapsed().as_secs_f64();
        let question = Question {
            host: &host,
            port,
            path: request.uri().path(),
            time: (*from + VirtualDuration::from_days(passed)).min(*until),
        };
        if let Some(wait) = self.hurry(web, client, &question) {
            return Sent::plain(429, "Too many requests.\n")
                .with(header::RETRY_AFTER, wait.to_string());
        }
        let sent = match web.answer(&question) {
            Ok(answer) => Sent::new(answer, web.epoch(), question.time, request.headers()),
            Err(error) => Sent::plain(500, &format!("{error}\n")),
        };
        if head { sent.without_body() } else { sent }
    }

    /// Seconds to wait, for somebody who has not kept to the delay of a host. Everybody may look at robots.txt.
    fn hurry(&self, web: &Gateway, client: IpAddr, question: &Question<'_>) -> Option<u64> {
        let site = web.names().site(question.host)?;
        let delay = web.geography().class(site).crawl_delay;
        if delay <= 0.0 || question.path == "/robots.txt" {
            return None;
        }
        let now = self.started.elapsed().as_secs_f64();
        let mut haste = self.haste.lock().unwrap_or_else(PoisonError::into_inner);
        haste.wait((site, client), delay, now)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever asks lives in real time: delays are seconds, and virtual days may pass with them"
)]
fn now() -> Instant {
    Instant::now()
}

/// A header, if it is text.
fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
