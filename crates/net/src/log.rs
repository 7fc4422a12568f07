//! The durable log: a JetStream stream of batches.

mod follower;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_nats::Subscriber;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, stream};
use prost::bytes::Bytes;
use tokio::time::{Instant, sleep};

pub(crate) use self::follower::{Arrival, Arrivals, Delivery, Part};
use crate::error::NetError;
use crate::security::{Security, connect_to_broker};
use crate::telemetry;

/// How long a broker may be away, or full, before a run gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);
/// How long one is waited for when its log is opened.
const OPEN_PATIENCE: Duration = Duration::from_secs(20);
const RETRY: Duration = Duration::from_millis(250);
const ANSWER: Duration = Duration::from_secs(5);

/// A stream of batches, kept by the broker until it is deleted.
///
/// What was stored is stored once, stays in order, and is never dropped to make room: a log at its bound refuses what is new,
/// and publishing waits until something was forgotten.
#[derive(Debug, Clone)]
pub(crate) struct DurableLog {
    context: jetstream::Context,
    stream: String,
    subject: String,
    /// How long a broker may be away, or full.
    patience: Duration,
}

/// Where a batch belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) epoch: u64,
    pub(crate) window: u64,
}

impl Place {
    /// The last two words of a subject.
    pub(crate) fn of_subject(subject: &str) -> Option<Self> {
        let mut words = subject.rsplit('.');
        let window = words.next()?.parse().ok()?;
        let epoch = words.next()?.parse().ok()?;
        Some(Self { epoch, window })
    }
}

/// How the broker keeps a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLimits {
    /// Copies of every message, at a broker of several servers.
    pub replicas: u8,
    /// Bytes that the log may take; as many as the broker has if nothing is said.
    pub bytes_max: Option<u64>,
}

impl Default for LogLimits {
    fn default() -> Self {
        Self {
            replicas: 1,
            bytes_max: None,
        }
    }
}

impl DurableLog {
    /// Connects to the broker at `urls`, separated by commas, and opens the log of `run`; waits for a broker that is away.
    ///
    /// # Errors
    /// If the broker cannot be reached in time, or has no such log.
    pub(crate) async fn open(urls: &str, run: &str, security: &Security) -> Result<Self, NetError> {
        let begun = Instant::now();
        loop {
            let opened = match Self::connect(urls, run, security).await {
                Ok(log) => log.stream().await.map(|_| log),
                Err(error) => Err(error),
            };
            match opened {
                Ok(log) => return Ok(log),
                // Trying again does not help.
                Err(error @ NetError::Insecure(_)) => return Err(error),
                Err(error) if begun.elapsed() > OPEN_PATIENCE => return Err(error),
                Err(error) => tracing::warn!(%error, "opening the log again"),
            }
            sleep(RETRY).await;
        }
    }

    /// Connects to the broker at `urls`, separated by commas, without looking for the log of `run`.
    ///
    /// # Errors
    /// If the broker cannot be reached, or not securely.
    pub(crate) async fn connect(
        urls: &str,
        run: &str,
        security: &Security,
    ) -> Result<Self, NetError> {
        let client = connect_to_broker(urls, security).await?;
        let context = jetstream::ContextBuilder::new()
            .timeout(ANSWER)
            .ack_timeout(ANSWER)
            .max_ack_inflight(256)
            .backpressure_on_inflight(true)
            .build(client);
        Ok(Self {
            context,
            stream: format!("ECHOSPHERE_{run}"),
            subject: format!("echosphere.{run}.log"),
            patience: PATIENCE,
        })
    }

    /// The broker.
    pub(crate) fn context(&self) -> jetstream::Context {
        self.context.clone()
    }

    /// Makes the stream, or gives it the copies that are asked for now.
    ///
    /// # Errors
    /// If the broker has no JetStream, or cannot keep so many copies.
    pub(crate) async fn make(&self, limits: &LogLimits) -> Result<(), NetError> {
        let config = stream::Config {
            name: self.stream.clone(),
            subjects: vec![format!("{}.>", self.subject)],
            storage: stream::StorageType::File,
            num_replicas: usize::from(limits.replicas),
            max_bytes: limits.bytes_max.map_or(-1, u64::cast_signed),
            // Nothing is dropped that somebody may still read.
            discard: stream::DiscardPolicy::New,
            duplicate_window: Duration::from_mins(2),
            ..stream::Config::default()
        };
        let refused = |error: &dyn std::fmt::Display| refusal(limits, error);
        let made = self.context.get_or_create_stream(config.clone()).await;
        let found = made.map_err(|error| refused(&error))?;
        let found = &found.cached_info().config;
        if (found.num_replicas, found.max_bytes) != (config.num_replicas, config.max_bytes) {
            let changed = self.context.update_stream(config).await;
            changed.map_err(|error| refused(&error))?;
        }
        Ok(())
    }

    async fn stream(&self) -> Result<stream::Stream, NetError> {
        let found = self.context.get_stream(&self.stream).await;
        found.map_err(|error| NetError::log("find its stream", error))
    }

    /// Removes the log from the broker.
    ///
    /// # Errors
    /// If the broker does not answer.
    pub(crate) async fn delete(&self) -> Result<(), NetError> {
        let deleted = self.context.delete_stream(&self.stream).await;
        deleted
            .map(drop)
            .map_err(|error| NetError::log("delete a stream", error))
    }

    /// The position of the newest message, 0 if there is none; waits for a broker that is away.
    pub(crate) async fn end(&self) -> Result<u64, NetError> {
        let begun = Instant::now();
        loop {
            match self.stream().await {
                Ok(stream) => return Ok(stream.cached_info().state.last_sequence),
                Err(error) if begun.elapsed() > self.patience => return Err(error),
                Err(error) => tracing::warn!(%error, "looking at the log again"),
            }
            sleep(RETRY).await;
        }
    }

    /// Lets the broker forget everything before `position`. A broker that is away forgets it another time.
    pub(crate) async fn forget_before(&self, position: u64) {
        // To the server, to forget what is before the first message means to forget everything.
        if position <= 1 {
            return;
        }
        if let Err(error) = self.try_forget_before(position).await {
            tracing::warn!(%error, "the log is forgotten later");
        }
    }

    async fn try_forget_before(&self, position: u64) -> Result<(), NetError> {
        let purged = self.stream().await?.purge().sequence(position).await;
        purged
            .map(drop)
            .map_err(|error| NetError::log("purge a stream", error))
    }

    /// Publishes messages, one after the other, and waits until all are stored; the position of the first. What bears one
    /// `id` is kept once.
    pub(crate) async fn publish(
        &self,
        place: Place,
        id: &str,
        messages: Vec<Bytes>,
    ) -> Result<u64, NetError> {
        let subject = self.subject(place);
        let mut position = None;
        for (number, message) in messages.into_iter().enumerate() {
            let id = format!("{id}-{number}");
            let at = self.store((&subject, &id), message).await?;
            position.get_or_insert(at);
        }
        Ok(position.unwrap_or(0))
    }

    /// Publishes a message, and waits until it is stored, or it is known that nobody will know; its position. What bears one
    /// `id` is kept once.
    pub(crate) async fn publish_once(
        &self,
        (place, id): (Place, &str),
        message: Bytes,
    ) -> Result<u64, NetError> {
        self.try_store((&self.subject(place), id), message).await
    }

    /// What is published in a place bears this subject.
    fn subject(&self, place: Place) -> String {
        format!("{}.{}.{}", self.subject, place.epoch, place.window)
    }

    /// Stores one message, trying again while the broker is away: it keeps one copy of what bears one id.
    async fn store(&self, message: (&str, &str), payload: Bytes) -> Result<u64, NetError> {
        let begun = Instant::now();
        loop {
            match self.try_store(message, payload.clone()).await {
                Ok(position) => return Ok(position),
                Err(error) if begun.elapsed() > self.patience => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, "publishing again");
                    sleep(RETRY).await;
                }
            }
        }
    }

    async fn try_store(
        &self,
        (subject, id): (&str, &str),
        payload: Bytes,
    ) -> Result<u64, NetError> {
        let bytes = payload.len();
        let message = PublishMessage::build().payload(payload).message_id(id);
        let sent = self.context.send_publish(subject.to_owned(), message).await;
        let acknowledged = match sent {
            Ok(acknowledged) => acknowledged.await,
            Err(error) => Err(error),
        };
        let acknowledged = acknowledged.map_err(|error| match error.kind() {
            PublishErrorKind::Other if error.to_string().contains(NO_ROOM) => NetError::LogFull,
            _ => NetError::log("publish", error),
        });
        let position = acknowledged?.sequence;
        telemetry::published(position, bytes);
        Ok(position)
    }

    /// Hears what others publish in an epoch, as soon as they do, and before it is stored; something may be missing.
    pub(crate) async fn listen(&self, epoch: u64) -> Result<Subscriber, NetError> {
        let failed = |error: &dyn std::fmt::Display| NetError::log("listen", error);
        let subject = format!("{}.{epoch}.*", self.subject);
        let client = self.context.client();
        let heard = client.subscribe(subject).await;
        let heard = heard.map_err(|error| failed(&error))?;
        // What is published once this has returned is heard.
        client.flush().await.map_err(|error| failed(&error))?;
        Ok(heard)
    }

    /// Reads everything from `position` on, in order and without a gap, until what it returns is dropped.
    pub(crate) fn follow(&self, position: u64) -> Arrivals {
        follower::follow(self, position)
    }
}

/// What the broker says when the stream is at its bound.
const NO_ROOM: &str = "maximum bytes exceeded";

/// Why the stream cannot be made, as far as the broker tells.
pub(crate) fn refusal(limits: &LogLimits, error: &dyn std::fmt::Display) -> NetError {
    let message = error.to_string();
    let few = ["replicas", "no suitable peers", "insufficient resources"];
    if limits.replicas > 1 && few.iter().any(|word| message.contains(word)) {
        return NetError::Replicas {
            wanted: limits.replicas,
            message,
        };
    }
    NetError::log("open a stream (is the server started with -js?)", message)
}
