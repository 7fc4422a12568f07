//! Reading the durable log: everything from a position on, in order, without a gap, and no further ahead than there is room.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, pull};
use async_nats::jetstream::{Message as Delivered, stream};
use futures_util::StreamExt;
use prost::Message;
use prost::bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, sleep, timeout};

use super::{DurableLog, Place, RETRY};
use crate::error::NetError;
use crate::telemetry;
use crate::wire::{BatchPart, Envelope, Hash};

/// Bytes asked for at once: a 2.9 server hangs the reader at 64 MiB.
const PULL_BYTES: usize = 4 << 20;
const PULL_MESSAGES: usize = 256;
/// What a message costs apart from its bytes.
const MESSAGE_COST: usize = 256;
/// Room that a pull may take.
const PULL_COST: usize = PULL_BYTES + PULL_MESSAGES * MESSAGE_COST;
/// Bytes that a follower may be ahead of who reads them.
pub(crate) const AHEAD_BYTES: usize = 8 * PULL_COST;
/// What the broker says at the end of a pull that the next message does not fit into.
const FULL: &str = "Message Size Exceeds MaxBytes";
/// A pull ends after so long, and the next one begins.
const PULL_EXPIRES: Duration = Duration::from_secs(2);
/// A reader that heard nothing for so long, not even the end of a pull, starts anew.
const READ_PATIENCE: Duration = Duration::from_secs(4);

/// What comes of reading.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// The next message.
    Delivery(Delivery),
    /// The broker forgot what was to come next: the next message is this one.
    Forgotten(u64),
}

/// One message of the log, and where it is. It takes room until it is dropped.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// Where in the log; 0 if it was heard before it was stored.
    pub(crate) position: u64,
    pub(crate) place: Place,
    pub(crate) parts: Vec<Part>,
    _room: Option<OwnedSemaphorePermit>,
}

/// A batch, or a part of one.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) hash: Hash,
    pub(crate) number: u32,
    pub(crate) count: u32,
    pub(crate) bytes: Bytes,
}

/// Where messages arrive.
#[derive(Debug)]
pub(crate) struct Arrivals {
    receiver: mpsc::UnboundedReceiver<Result<Arrival, NetError>>,
    room: Arc<Semaphore>,
}

impl Arrivals {
    /// What comes next; waits for it.
    pub(crate) async fn next(&mut self) -> Result<Arrival, NetError> {
        let next = self.receiver.recv().await;
        next.unwrap_or_else(|| Err(NetError::log("read", "the follower ended")))
    }

    /// Bytes that were read ahead, and the room of a pull that is under way.
    pub(crate) fn held(&self) -> usize {
        AHEAD_BYTES - self.room.available_permits()
    }
}

/// Copies the log into a channel.
struct Follower {
    log: DurableLog,
    next: u64,
    sender: mpsc::UnboundedSender<Result<Arrival, NetError>>,
    room: Arc<Semaphore>,
}

/// Reads everything from `position` on until the receiver is dropped.
pub(super) fn follow(log: &DurableLog, position: u64) -> Arrivals {
    let (sender, receiver) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(AHEAD_BYTES));
    let follower = Follower {
        log: log.clone(),
        next: position.max(1),
        sender,
        room: Arc::clone(&room),
    };
    tokio::spawn(follower.run());
    Arrivals { receiver, room }
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
            if failing.get_or_insert_with(Instant::now).elapsed() > self.log.patience {
                drop(self.sender.send(Err(error)));
                return;
            }
            tracing::warn!(%error, "reading the log again from position {}", self.next);
            sleep(RETRY).await;
        }
    }

    /// Reads with one consumer until something is wrong or nobody listens.
    async fn read(&mut self) -> Result<(), NetError> {
        let stream = self.log.stream().await?;
        let first = stream.cached_info().state.first_sequence;
        if first > self.next {
            self.next = first;
            drop(self.sender.send(Ok(Arrival::Forgotten(first))));
        }
        let consumer = self.consumer(&stream).await?;
        while self.pull(&consumer).await? {}
        Ok(())
    }

    async fn consumer(&self, stream: &stream::Stream) -> Result<Consumer<pull::Config>, NetError> {
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: self.next,
            },
            ack_policy: AckPolicy::None,
            inactive_threshold: Duration::from_secs(30),
            ..pull::Config::default()
        };
        let created = stream.create_consumer(config).await;
        created.map_err(|error| failed(&error))
    }

    /// Takes what one pull gives, once there is room for it; false if nobody listens any more.
    async fn pull(&mut self, consumer: &Consumer<pull::Config>) -> Result<bool, NetError> {
        let room = Arc::clone(&self.room).acquire_many_owned(PULL_COST as u32);
        let room = tokio::select! {
            room = room => room,
            () = self.sender.closed() => return Ok(false),
        };
        let mut room = room.map_err(|error| failed(&error))?;
        let pull = consumer
            .batch()
            .max_messages(PULL_MESSAGES)
            .max_bytes(PULL_BYTES);
        let messages = pull.expires(PULL_EXPIRES).messages().await;
        let mut messages = messages.map_err(|error| failed(&error))?;
        loop {
            let message = tokio::select! {
                message = timeout(READ_PATIENCE, messages.next()) => message,
                () = self.sender.closed() => return Ok(false),
            };
            let message = message.map_err(|_| failed(&"the broker is silent"))?;
            match message {
                None => return Ok(true),
                Some(Ok(message)) => self.accept(&message, &mut room)?,
                // What comes next does not fit into the rest of this pull: it is the first of the next one.
                Some(Err(error)) if error.to_string().contains(FULL) => return Ok(true),
                Some(Err(error)) => return Err(failed(&error)),
            }
        }
    }

    fn accept(
        &mut self,
        message: &Delivered,
        room: &mut OwnedSemaphorePermit,
    ) -> Result<(), NetError> {
        let info = message.info().map_err(|error| failed(&error))?;
        let position = info.stream_sequence;
        if position != self.next {
            let gap = format!("position {position} follows {}", self.next - 1);
            return Err(failed(&gap));
        }
        let cost = (message.payload.len() + MESSAGE_COST).min(room.num_permits());
        let delivery = Delivery::new(
            (position, &message.subject),
            message.payload.clone(),
            room.split(cost),
        )?;
        telemetry::received((position, info.pending), message.payload.len());
        self.next += 1;
        // Nobody may be listening any more; the next pull notices.
        drop(self.sender.send(Ok(Arrival::Delivery(delivery))));
        Ok(())
    }
}

fn failed(error: &dyn std::fmt::Display) -> NetError {
    NetError::log("read", error)
}

impl Delivery {
    /// What a message at a position of the log carries.
    pub(crate) fn new(
        (position, subject): (u64, &str),
        payload: Bytes,
        room: Option<OwnedSemaphorePermit>,
    ) -> Result<Self, NetError> {
        let malformed = || failed(&"a message of the log is no envelope of batches");
        let envelope = Envelope::decode(payload).map_err(|_| malformed())?;
        let part = |part: BatchPart| {
            Some(Part {
                hash: part.hash.as_ref().try_into().ok()?,
                number: part.part,
                count: part.parts,
                bytes: part.bytes,
            })
        };
        let parts: Option<_> = envelope.parts.into_iter().map(part).collect();
        Ok(Self {
            position,
            place: Place::of_subject(subject).ok_or_else(malformed)?,
            parts: parts.ok_or_else(malformed)?,
            _room: room,
        })
    }
}
