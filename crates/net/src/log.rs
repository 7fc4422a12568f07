//! The durable log: a JetStream stream of batches.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, stream};
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use prost::Message;
use prost::bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use crate::error::NetError;
use crate::security::{Security, connect_to_broker};
use crate::telemetry;
use crate::wire::{BatchPart, Published, encode_batch};

/// Identifies a batch among all that could have been published in its place.
pub(crate) type Hash = [u8; 32];

/// Bytes of a batch in one message: safely below the largest message that a broker takes by default (1 MiB).
const PART_BYTES: usize = 768 << 10;
/// Bytes asked for at once: a 2.9 server hangs the reader at 64 MiB.
const PULL_BYTES: usize = 4 << 20;
const PULL_MESSAGES: usize = 256;
/// What the broker says at the end of a pull that the next message does not fit into.
const FULL: &str = "Message Size Exceeds MaxBytes";
/// A pull ends after so long, and the next one begins.
const PULL_EXPIRES: Duration = Duration::from_secs(2);
/// A reader that heard nothing for so long, not even the end of a pull, starts anew.
const READ_PATIENCE: Duration = Duration::from_secs(6);
/// How long a broker may be away before a run gives up.
const PATIENCE: Duration = Duration::from_secs(90);
const RETRY: Duration = Duration::from_millis(250);
/// How many parts a follower may be ahead of who reads them.
const AHEAD: usize = 512;

/// A stream of batches, kept by the broker until it is deleted.
#[derive(Debug, Clone)]
pub struct DurableLog {
    context: jetstream::Context,
    stream: String,
    subject: String,
}

/// One message of the log, and where it is.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) position: u64,
    pub(crate) hash: Hash,
    pub(crate) number: u32,
    pub(crate) count: u32,
    pub(crate) bytes: Bytes,
}

/// A batch, ready to be published.
#[derive(Debug)]
pub(crate) struct Encoded {
    /// Tells apart what is equal by chance.
    name: String,
    hash: blake3::Hash,
    bytes: Bytes,
}

impl Encoded {
    pub(crate) fn new(name: String, batch: &web::Batch) -> Self {
        let bytes = Bytes::from(encode_batch(batch));
        Self {
            name,
            hash: blake3::hash(&bytes),
            bytes,
        }
    }
}

impl DurableLog {
    /// Connects to the broker at `url`, or one of several with commas between them, and opens the log of `run`, which is
    /// created if there is none.
    ///
    /// # Errors
    /// If the broker cannot be reached, or not securely, or has no JetStream.
    pub async fn open(url: &str, run: &str, security: &Security) -> Result<Self, NetError> {
        let client = connect_to_broker(url, security).await?;
        let context = jetstream::ContextBuilder::new()
            .timeout(Duration::from_secs(5))
            .ack_timeout(Duration::from_secs(5))
            .max_ack_inflight(256)
            .backpressure_on_inflight(true)
            .build(client);
        let log = Self {
            context,
            stream: format!("ECHOSPHERE_{run}"),
            subject: format!("echosphere.{run}.log"),
        };
        log.create().await?;
        Ok(log)
    }

    async fn create(&self) -> Result<stream::Stream, NetError> {
        let config = stream::Config {
            name: self.stream.clone(),
            subjects: vec![self.subject.clone()],
            storage: stream::StorageType::File,
            duplicate_window: Duration::from_mins(2),
            ..stream::Config::default()
        };
        let created = self.context.get_or_create_stream(config).await;
        created.map_err(|error| {
            NetError::log("open a stream (is the server started with -js?)", error)
        })
    }

    /// The broker.
    pub(crate) fn context(&self) -> jetstream::Context {
        self.context.clone()
    }

    /// Removes the log from the broker.
    ///
    /// # Errors
    /// If the broker does not answer.
    pub async fn delete(&self) -> Result<(), NetError> {
        let deleted = self.context.delete_stream(&self.stream).await;
        deleted
            .map(drop)
            .map_err(|error| NetError::log("delete a stream", error))
    }

    /// The position of the newest message, 0 if there is none.
    pub(crate) async fn end(&self) -> Result<u64, NetError> {
        let mut stream = self.create().await?;
        let info = stream.info().await;
        let info = info.map_err(|error| NetError::log("look at a stream", error))?;
        Ok(info.state.last_sequence)
    }

    /// Lets the broker forget everything before `position`.
    pub(crate) async fn forget_before(&self, position: u64) -> Result<(), NetError> {
        // To the server, to forget what is before the first message means to forget everything.
        if position <= 1 {
            return Ok(());
        }
        let stream = self.create().await?;
        let purged = stream.purge().sequence(position).await;
        purged
            .map(drop)
            .map_err(|error| NetError::log("purge a stream", error))
    }

    /// Publishes batches and waits until all of them are stored.
    pub(crate) async fn publish(&self, batches: Vec<Encoded>) -> Result<Vec<Published>, NetError> {
        let mut stored: FuturesOrdered<_> = batches
            .into_iter()
            .map(|batch| self.publish_one(batch))
            .collect();
        let mut published = Vec::with_capacity(stored.len());
        while let Some(one) = stored.next().await {
            published.push(one?);
        }
        Ok(published)
    }

    async fn publish_one(&self, batch: Encoded) -> Result<Published, NetError> {
        let Encoded { name, hash, bytes } = batch;
        let parts = bytes.len().div_ceil(PART_BYTES).max(1);
        let mut position = None;
        for part in 0..parts {
            let end = bytes.len().min((part + 1) * PART_BYTES);
            let message = BatchPart {
                hash: Bytes::copy_from_slice(hash.as_bytes()),
                part: part as u32,
                parts: parts as u32,
                bytes: bytes.slice(part * PART_BYTES..end),
            };
            let id = format!("{name}-{}-{part}", hash.to_hex());
            let at = self.store(&id, message.encode_to_vec().into()).await?;
            position.get_or_insert(at);
        }
        Ok(Published {
            hash: Bytes::copy_from_slice(hash.as_bytes()),
            position: position.unwrap_or(0),
        })
    }

    /// Stores one message, trying again while the broker is away: it keeps one copy of what bears one id.
    async fn store(&self, id: &str, payload: Bytes) -> Result<u64, NetError> {
        let begun = Instant::now();
        loop {
            match self.try_store(id, payload.clone()).await {
                Ok(position) => return Ok(position),
                Err(error) if begun.elapsed() > PATIENCE => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, "publishing again");
                    sleep(RETRY).await;
                }
            }
        }
    }

    async fn try_store(&self, id: &str, payload: Bytes) -> Result<u64, NetError> {
        let bytes = payload.len();
        let message = PublishMessage::build().payload(payload).message_id(id);
        let sent = self
            .context
            .send_publish(self.subject.clone(), message)
            .await;
        let acknowledged = sent.map_err(|error| NetError::log("publish", error))?.await;
        let acknowledged = acknowledged.map_err(|error| NetError::log("publish", error))?;
        telemetry::published(acknowledged.sequence, bytes);
        Ok(acknowledged.sequence)
    }

    /// Reads everything from `position` on, in order and without a gap, until the receiver is dropped.
    pub(crate) fn follow(&self, position: u64) -> mpsc::Receiver<Result<Part, NetError>> {
        let (sender, receiver) = mpsc::channel(AHEAD);
        let follower = Follower {
            log: self.clone(),
            next: position.max(1),
            sender,
        };
        tokio::spawn(follower.run());
        receiver
    }
}

/// Copies the log into a channel.
struct Follower {
    log: DurableLog,
    next: u64,
    sender: mpsc::Sender<Result<Part, NetError>>,
}

impl Follower {
    async fn run(mut self) {
        let mut failing: Option<Instant> = None;
        while !self.sender.is_closed() {
            let before = self.next;
            let result = self.read().await;
            if self.next > before {
                failing = None;
            }
            let Err(error) = result else { continue };
            if failing.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                drop(self.sender.send(Err(error)).await);
                return;
            }
            tracing::warn!(%error, "reading the log again from position {}", self.next);
            sleep(RETRY).await;
        }
    }

    /// Reads with one consumer until something is wrong or nobody listens.
    async fn read(&mut self) -> Result<(), NetError> {
        let failed = |error: &dyn std::fmt::Display| NetError::log("read", error);
        let stream = self.log.create().await?;
        // What is purged was not needed any more.
        self.next = self.next.max(stream.cached_info().state.first_sequence);
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: self.next,
            },
            ack_policy: AckPolicy::None,
            inactive_threshold: Duration::from_secs(30),
            ..pull::Config::default()
        };
        let consumer = stream
            .create_consumer(config)
            .await
            .map_err(|error| failed(&error))?;
        while !self.sender.is_closed() {
            let pull = consumer
                .batch()
                .max_messages(PULL_MESSAGES)
                .max_bytes(PULL_BYTES);
            let messages = pull.expires(PULL_EXPIRES).messages().await;
            let mut messages = messages.map_err(|error| failed(&error))?;
            loop {
                let message = tokio::select! {
                    message = timeout(READ_PATIENCE, messages.next()) => message,
                    () = self.sender.closed() => return Ok(()),
                };
                let Some(message) = message.map_err(|_| failed(&"the broker is silent"))? else {
                    break;
                };
                let message = match message {
                    Ok(message) => message,
                    // What comes next does not fit into the rest of this pull: it is the first of the next one.
                    Err(error) if error.to_string().contains(FULL) => break,
                    Err(error) => return Err(failed(&error)),
                };
                let info = message.info().map_err(|error| failed(&error))?;
                let position = info.stream_sequence;
                if position != self.next {
                    let gap = format!("position {position} follows {}", self.next - 1);
                    return Err(failed(&gap));
                }
                telemetry::received((position, info.pending), message.payload.len());
                self.next += 1;
                if self
                    .sender
                    .send(part_of(position, message.payload.clone()))
                    .await
                    .is_err()
                {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

fn part_of(position: u64, payload: Bytes) -> Result<Part, NetError> {
    let malformed = || NetError::log("read", "a message of the log is no part of a batch");
    let part = BatchPart::decode(payload).map_err(|_| malformed())?;
    let hash = Hash::try_from(part.hash.as_ref()).map_err(|_| malformed())?;
    Ok(Part {
        position,
        hash,
        number: part.part,
        count: part.parts,
        bytes: part.bytes,
    })
}
