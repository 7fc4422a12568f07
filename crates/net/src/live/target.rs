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

    /// Delivers messages, each as soon as there is `room` for one more under way, and waits until all were accepted.
    ///
    /// # Errors
    /// Why they were not, in words.
    pub(crate) async fn deliver(&self, bodies: Vec<Bytes>, room: &Semaphore) -> Result<(), String> {
        // More often than not there is one: joined, its future would be moved once more.
        match <[Bytes; 1]>::try_from(bodies) {
            Ok([body]) => self.send(body, room).await,
            Err(bodies) => {
                let send = |body| self.send(body, room);
                try_join_all(bodies.into_iter().map(send)).await.map(drop)
            }
        }
    }

    /// The connection, if it is one that lasts.
    pub(crate) fn client(&self) -> Option<async_nats::Client> {
        match self {
            Self::Nats(client, _) => Some(client.clone()),
            Self::JetStream(context, _) => Some(context.client()),
            Self::Http(..) => None,
        }
    }

    /// Sends a message, and waits for the answer, but not for ever.
    async fn send(&self, body: Bytes, room: &Semaphore) -> Result<(), String> {
        // Nobody closes it.
        let _place = room.acquire().await.map_err(|error| error.to_string())?;
        match self {
            Self::Nats(client, subject) => {
                let sent = client.publish(subject.clone(), body).await;
                sent.map_err(|error| error.to_string())?;
                let received = tokio::time::timeout(ANSWER, client.flush()).await;
                let received = received.map_err(|_| "no answer in time".to_owned())?;
                received.map_err(|error| error.to_string())
            }
            Self::JetStream(context, subject) => {
                let stored = context.publish(subject.clone(), body).await;
                let stored = stored.map_err(|error| error.to_string())?.await;
                stored.map(drop).map_err(|error| error.to_string())
            }
            // Its future is large.
            Self::Http(client, url) => Box::pin(post(client, url, body)).await,
        }
    }
}

async fn post(client: &reqwest::Client, url: &str, body: Bytes) -> Result<(), String> {
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
