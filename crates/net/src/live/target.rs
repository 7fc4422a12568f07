//! Where documents are published, besides the population's own web: pipelines of others, or a broker.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream;
use futures_util::future::try_join_all;
use prost::bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::error::NetError;
use crate::security::{Security, connect_to_broker};

/// Where documents are published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// A subject of a NATS server: accepted is what the server has received.
    Nats {
        /// Addresses, separated by commas.
        urls: String,
        /// The subject.
        subject: String,
    },
    /// A subject that a stream of JetStream listens to: accepted is what the stream has stored.
    JetStream {
        /// Addresses, separated by commas.
        urls: String,
        /// The subject.
        subject: String,
        /// The stream, which is made if there is none.
        stream: String,
    },
    /// An address that takes JSON lines by POST: accepted is what is answered with a status from 200 to 299.
    Http {
        /// The address.
        url: String,
    },
}

/// A request that is not answered in so long has failed.
const ANSWER: Duration = Duration::from_secs(30);

/// What carries messages to a target.
#[derive(Debug, Clone)]
pub(crate) enum Transport {
    Nats(async_nats::Client, String),
    JetStream(jetstream::Context, String),
    Http(reqwest::Client, String),
}

impl Transport {
    /// Connects to a target.
    ///
    /// # Errors
    /// If it cannot be reached.
    pub(crate) async fn connect(target: &Target, security: &Security) -> Result<Self, NetError> {
        match target {
            Target::Nats { urls, subject } => {
                let client = connect_to_broker(urls, security).await?;
                Ok(Self::Nats(client, subject.clone()))
            }
            Target::JetStream {
                urls,
                subject,
                stream,
            } => {
                let client = connect_to_broker(urls, security).await?;
                let context = jetstream::ContextBuilder::new()
                    .timeout(ANSWER)
                    .ack_timeout(ANSWER)
                    .build(client);
                let config = jetstream::stream::Config {
                    name: stream.clone(),
                    subjects: vec![subject.clone()],
                    ..jetstream::stream::Config::default()
                };
                let made = context.get_or_create_stream(config).await;
                made.map_err(|error| NetError::log("make a stream", error))?;
                Ok(Self::JetStream(context, subject.clone()))
            }
            Target::Http { url } => {
                let client = reqwest::Client::builder().timeout(ANSWER).build();
                let client = client.map_err(|error| NetError::Unreachable {
                    what: "the target",
                    address: url.clone(),
                    message: error.to_string(),
                })?;
                Ok(Self::Http(client, url.clone()))
            }
        }
    }

    /// Bytes of the largest message that is taken.
    pub(crate) fn message_bytes_max(&self) -> usize {
        self.client()
            .map_or(usize::MAX, |client| client.server_info().max_payload)
    }

    /// Delivers messages, each as soon as there is `room` for one more under way, and waits until all were accepted.
    ///
    /// # Errors
    /// Why they were not, in words.
    pub(crate) async fn deliver(&self, bodies: Vec<Bytes>, room: &Semaphore) -> Result<(), String> {
        let send = |body| async {
            // Nobody closes it.
            let _place = room.acquire().await.map_err(|error| error.to_string())?;
            let accepted = tokio::time::timeout(ANSWER, self.send(body)).await;
            accepted.unwrap_or_else(|_| Err("no answer in time".to_owned()))
        };
        try_join_all(bodies.into_iter().map(send)).await.map(drop)
    }

    /// The connection, if it is one that lasts.
    pub(crate) fn client(&self) -> Option<async_nats::Client> {
        match self {
            Self::Nats(client, _) => Some(client.clone()),
            Self::JetStream(context, _) => Some(context.client()),
            Self::Http(..) => None,
        }
    }

    async fn send(&self, body: Bytes) -> Result<(), String> {
        match self {
            Self::Nats(client, subject) => {
                let sent = client.publish(subject.clone(), body).await;
                sent.map_err(|error| error.to_string())?;
                client.flush().await.map_err(|error| error.to_string())
            }
            Self::JetStream(context, subject) => {
                let stored = context.publish(subject.clone(), body).await;
                let stored = stored.map_err(|error| error.to_string())?.await;
                stored.map(drop).map_err(|error| error.to_string())
            }
            Self::Http(client, url) => {
                let request = client
                    .post(url)
                    .header("content-type", "application/x-ndjson");
                let answer = request.body(body).send().await;
                let answer = answer.map_err(|error| error.to_string())?;
                answer
                    .error_for_status()
                    .map(drop)
                    .map_err(|error| error.to_string())
            }
        }
    }
}

/// Between two looks at a connection.
const LOOK: Duration = Duration::from_millis(20);

/// Until there is a connection.
pub(super) async fn connected(client: &async_nats::Client) {
    while client.connection_state() != State::Connected {
        tokio::time::sleep(LOOK).await;
    }
}

/// Until a connection that is there now is gone, also if another one has taken its place since.
pub(super) async fn disconnected(client: &async_nats::Client) {
    let statistics = client.statistics();
    let made = || statistics.connects.load(Ordering::Relaxed);
    let before = made();
    while made() == before && client.connection_state() == State::Connected {
        tokio::time::sleep(LOOK).await;
    }
}
