//! Calling a coordinator.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tonic::codegen::{InterceptedService, Service};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Code, Request, Status};

use super::connection::{Watched, Wire};
use super::{Security, files, identity, policy, reason};
use crate::error::NetError;
use crate::service::MESSAGE_BYTES_MAX;
use crate::wire::coordinator_client::CoordinatorClient;

/// Time to connect, with the handshake.
const CONNECT: Duration = Duration::from_secs(5);

/// A way to a coordinator.
#[derive(Debug)]
pub(crate) struct Link {
    /// What the coordinator is asked through.
    pub(crate) client: CoordinatorClient<InterceptedService<Channel, Bearer>>,
    url: String,
    trouble: Trouble,
}

/// Why the newest connection failed, if it is known better here than above.
#[derive(Debug, Clone, Default)]
struct Trouble(Arc<Mutex<Option<String>>>);

impl Trouble {
    fn note(&self, words: String) {
        // The first cause is the cause.
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(words);
    }

    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Link {
    /// Connects. Certificates are read anew at every connection, and the token at every request.
    ///
    /// # Errors
    /// [`NetError::Insecure`] if trying again does not help, [`NetError::Unreachable`] if it might.
    pub(crate) async fn open(url: &str, security: &Security) -> Result<Self, NetError> {
        let trouble = Trouble::default();
        let failed = |error: &dyn std::fmt::Display| match trouble.take() {
            Some(words) => insecure(url, &words),
            None => unreachable(url, error),
        };
        let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|error| failed(&error))?;
        let connector = Connector {
            security: security.clone(),
            trouble: trouble.clone(),
        };
        let connected = endpoint
            .connect_timeout(CONNECT)
            .tcp_nodelay(true)
            .connect_with_connector(connector)
            .await;
        let channel = connected.map_err(|error| failed(&deepest(&error)))?;
        let bearer = Bearer(security.token_file.clone());
        Ok(Self {
            client: CoordinatorClient::with_interceptor(channel, bearer)
                .max_decoding_message_size(MESSAGE_BYTES_MAX)
                .max_encoding_message_size(MESSAGE_BYTES_MAX),
            url: url.to_owned(),
            trouble,
        })
    }

    /// What the answer to a request, which is none, comes to.
    pub(crate) fn failure(&self, status: &Status) -> NetError {
        if let Some(words) = self.trouble.take() {
            return insecure(&self.url, &words);
        }
        match status.code() {
            Code::Unauthenticated => insecure(&self.url, status.message()),
            _ => unreachable(&self.url, &status.message()),
        }
    }
}

fn insecure(url: &str, words: &str) -> NetError {
    NetError::Insecure(format!(
        "no secure connection to the coordinator at {url}: {words}"
    ))
}

fn unreachable(url: &str, error: &dyn std::fmt::Display) -> NetError {
    NetError::Unreachable {
        what: "the coordinator",
        address: policy::without_user(url),
        message: error.to_string(),
    }
}

/// The last error of a chain, which says most.
fn deepest(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => deepest(source),
        None => error.to_string(),
    }
}

/// Shows the token.
#[derive(Debug, Clone)]
pub(crate) struct Bearer(Option<PathBuf>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(file) = &self.0 {
            let token = files::secret(file).map_err(Status::unauthenticated)?;
            let value = format!("Bearer {}", token.reveal()).parse::<MetadataValue<Ascii>>();
            let mut value =
                value.map_err(|_| Status::unauthenticated("the token cannot be sent"))?;
            value.set_sensitive(true);
            request.metadata_mut().insert("authorization", value);
        }
        Ok(request)
    }
}

/// Opens connections.
#[derive(Debug, Clone)]
struct Connector {
    security: Security,
    trouble: Trouble,
}

type Watcher = Box<dyn Fn(String) + Send + Sync>;
type Line = TokioIo<Watched<Watcher>>;

impl Service<Uri> for Connector {
    type Response = Line;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Line>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Self { security, trouble } = self.clone();
        // What an older connection came to does not explain this one.
        drop(trouble.take());
        Box::pin(async move {
            let wire = connect(&uri, &security, &trouble).await?;
            let note: Watcher = Box::new(move |words| trouble.note(words));
            Ok(TokioIo::new(Watched::new(wire, note)))
        })
    }
}

async fn connect(uri: &Uri, security: &Security, trouble: &Trouble) -> io::Result<Wire> {
    let is_encrypted = uri.scheme_str() == Some("https");
    let host = uri.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = uri
        .port_u16()
        .unwrap_or(if is_encrypted { 443 } else { 80 });
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    if !is_encrypted {
        // A name may lead elsewhere than when it was looked at.
        if !security.insecure && !policy::is_loopback(stream.peer_addr()?.ip()) {
            let words = "it is on another machine, and the connection is plain: write https://";
            trouble.note(words.to_owned());
            return Err(io::Error::other(words));
        }
        return Ok(Wire::Plain(stream));
    }
    let refused = |words: String| {
        trouble.note(words.clone());
        io::Error::other(words)
    };
    let paths = identity::paths(security);
    let paths =
        paths.ok_or_else(|| refused("TLS needs --ca, --certificate and --key".to_owned()))?;
    let config = identity::client(&paths).map_err(|problems| refused(problems.join("; ")))?;
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| refused(format!("{host} is no name of a machine")))?;
    let connected = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    match connected {
        Ok(stream) => Ok(Wire::Encrypted(Box::new(stream.into()))),
        Err(error) => {
            let Some(words) = reason::in_words(&error) else {
                let hint = "during the TLS handshake: is that address a plain one?";
                return Err(io::Error::other(format!("{error} {hint}")));
            };
            trouble.note(words);
            Err(error)
        }
    }
}
