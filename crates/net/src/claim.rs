//! The claim: who leads a run, as the broker remembers it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, stream};
use prost::Message;
use prost::bytes::Bytes;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::error::NetError;
use crate::log::{LogLimits, refusal};
use crate::wire::{Claim as Record, ClaimState};

/// What the broker knew of a run before this process began to lead it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    New,
    /// Somebody led it and stopped, or died; its newest checkpoint had this number, or 0.
    Begun {
        /// Number of the newest checkpoint.
        checkpoint: u64,
    },
    /// It is over, with this digest.
    Finished {
        /// The digest, as hexadecimal digits.
        digest: String,
    },
}

/// This process leads a run, and says so as long as this value lives.
#[derive(Debug)]
pub(crate) struct Claim {
    held: Arc<Held>,
    renewal: JoinHandle<()>,
}

#[derive(Debug)]
struct Held {
    context: jetstream::Context,
    subject: String,
    /// What was said last, and under which sequence number.
    said: Mutex<(Record, u64)>,
    /// Somebody else leads the run now.
    lost: AtomicBool,
}

/// A finished run is remembered for so long.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);
/// How often it is looked whether another leader shows signs of life.
const LOOK: Duration = Duration::from_millis(200);
/// How long a broker may be away before a run gives up.
const PATIENCE: Duration = Duration::from_secs(90);

impl Claim {
    /// Claims `run`. A claim that is renewed meanwhile belongs to a process that lives; that is found out by waiting for a
    /// lease.
    ///
    /// # Errors
    /// If another process leads the run, it is of another scenario, or the broker fails. No claim is made on a run that
    /// is finished.
    pub(crate) async fn make(
        context: jetstream::Context,
        run: &str,
        (scenario_hash, lease): ([u8; 32], Duration),
        limits: &LogLimits,
    ) -> Result<(Option<Self>, Found), NetError> {
        let subject = format!("echosphere.{run}.claim");
        let config = stream::Config {
            name: stream_name(run),
            subjects: vec![subject.clone()],
            max_messages_per_subject: 1,
            max_age: REMEMBERED,
            num_replicas: usize::from(limits.replicas),
            ..stream::Config::default()
        };
        let stream = context.get_or_create_stream(config).await;
        let stream = stream.map_err(|error| refusal(limits, &error))?;
        let mut record = Record {
            leader: random_name(),
            host: host_name(),
            term: 1,
            epoch: 0,
            scenario_hash: Bytes::copy_from_slice(&scenario_hash),
            state: ClaimState::Led.into(),
            checkpoint: 0,
            digest: String::new(),
        };
        let (before, found) = match newest(&stream, &subject).await? {
            None => (0, Found::New),
            Some((old, sequence)) => {
                if old.scenario_hash != record.scenario_hash {
                    return Err(NetError::OtherScenario(run.to_owned()));
                }
                if old.state() == ClaimState::Finished {
                    return Ok((None, Found::Finished { digest: old.digest }));
                }
                let (old, sequence) = if old.state() == ClaimState::Led {
                    watch(&stream, &subject, (run, old, sequence), lease).await?
                } else {
                    (old, sequence)
                };
                let checkpoint = old.checkpoint;
                record = Record {
                    term: old.term + 1,
                    epoch: old.epoch,
                    checkpoint,
                    ..record
                };
                (sequence, Found::Begun { checkpoint })
            }
        };
        let held = Arc::new(Held {
            context,
            subject,
            said: Mutex::new((record, before)),
            lost: AtomicBool::new(false),
        });
        held.say(|_| {}).await?;
        let renewal = tokio::spawn(renew(Arc::clone(&held), lease / 3));
        Ok((Some(Self { held, renewal }), found))
    }

    /// The highest epoch so far, of all processes that have led the run.
    pub(crate) async fn epoch(&self) -> u64 {
        self.held.said.lock().await.0.epoch
    }

    /// Notes an epoch before anybody hears of it.
    ///
    /// # Errors
    /// If somebody else leads the run now, or the broker fails.
    pub(crate) async fn note_epoch(&self, epoch: u64) -> Result<(), NetError> {
        self.held.say(|record| record.epoch = epoch).await
    }

    /// Notes the newest checkpoint.
    ///
    /// # Errors
    /// As [`Claim::note_epoch`].
    pub(crate) async fn note_checkpoint(&self, number: u64) -> Result<(), NetError> {
        self.held.say(|record| record.checkpoint = number).await
    }

    /// Fails if somebody else leads the run now.
    pub(crate) fn check(&self) -> Result<(), NetError> {
        if self.held.lost.load(Ordering::Relaxed) {
            return Err(NetError::Superseded);
        }
        Ok(())
    }

    /// Gives the claim up: the run is over, with a digest, or can be gone on with at once.
    pub(crate) async fn leave(&self, digest: Option<String>) -> Result<(), NetError> {
        self.renewal.abort();
        let state = match digest {
            Some(_) => ClaimState::Finished,
            None => ClaimState::Left,
        };
        let leave = |record: &mut Record| {
            record.state = state.into();
            record.digest = digest.unwrap_or_default();
        };
        self.held.say(leave).await
    }

    /// Lets the broker forget that there ever was a run of that name.
    pub(crate) async fn forget(context: &jetstream::Context, run: &str) -> Result<(), NetError> {
        let deleted = context.delete_stream(stream_name(run)).await;
        deleted
            .map(drop)
            .map_err(|error| NetError::log("delete a stream", error))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

impl Held {
    /// Replaces what the broker remembers, if it is still what this process said last. Waits for a broker that is away.
    async fn say(&self, change: impl FnOnce(&mut Record)) -> Result<(), NetError> {
        let mut said = self.said.lock().await;
        change(&mut said.0);
        let begun = Instant::now();
        loop {
            let error = match self.publish(&said).await {
                Ok(sequence) => {
                    said.1 = sequence;
                    return Ok(());
                }
                Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => {
                    if self.catch_up(&mut said).await? {
                        return Ok(());
                    }
                    continue;
                }
                Err(error) => error,
            };
            if begun.elapsed() > PATIENCE {
                return Err(NetError::log("claim a run", error));
            }
            tracing::warn!(%error, "claiming the run again");
            sleep(LOOK).await;
        }
    }

    async fn publish(&self, said: &(Record, u64)) -> Result<u64, PublishError> {
        let message = PublishMessage::build()
            .payload(said.0.encode_to_vec().into())
            .expected_last_subject_sequence(said.1);
        let sent = self.context.send_publish(self.subject.clone(), message);
        Ok(sent.await?.await?.sequence)
    }

    /// Somebody has spoken since: this process, whose acknowledgement was lost, or another one, which leads now. True if
    /// what was to be said is said.
    async fn catch_up(&self, said: &mut (Record, u64)) -> Result<bool, NetError> {
        let stream = self.context.get_stream(self.stream()).await;
        let stream = stream.map_err(|error| NetError::log("look at a claim", error))?;
        match newest(&stream, &self.subject).await? {
            Some((newest, sequence)) if newest.leader == said.0.leader => {
                said.1 = sequence;
                Ok(newest == said.0)
            }
            _ => {
                self.lost.store(true, Ordering::Relaxed);
                Err(NetError::Superseded)
            }
        }
    }

    fn stream(&self) -> String {
        let run = self.subject.trim_start_matches("echosphere.");
        stream_name(run.trim_end_matches(".claim"))
    }
}

/// Says again that this process leads, so that others see that it lives.
async fn renew(held: Arc<Held>, period: Duration) {
    loop {
        sleep(period).await;
        match held.say(|_| {}).await {
            Ok(()) => {}
            Err(NetError::Superseded) => return,
            Err(error) => tracing::warn!(%error, "the claim on the run could not be renewed"),
        }
    }
}

/// Waits for a lease; an error if the claim is renewed meanwhile.
async fn watch(
    stream: &stream::Stream,
    subject: &str,
    (run, old, sequence): (&str, Record, u64),
    lease: Duration,
) -> Result<(Record, u64), NetError> {
    tracing::info!(
        host = old.host,
        "somebody led run {run}: waiting for {:.1} s whether it lives",
        lease.as_secs_f64()
    );
    let begun = Instant::now();
    while begun.elapsed() < lease {
        sleep(LOOK.min(lease / 4)).await;
        let now = newest(stream, subject).await?;
        if let Some((record, newer)) = now
            && newer != sequence
        {
            if record.state() == ClaimState::Left {
                return Ok((record, newer));
            }
            return Err(NetError::AlreadyLed {
                run: run.to_owned(),
                host: record.host,
            });
        }
    }
    Ok((old, sequence))
}

/// The newest claim and its sequence number.
async fn newest(stream: &stream::Stream, subject: &str) -> Result<Option<(Record, u64)>, NetError> {
    use async_nats::jetstream::stream::LastRawMessageErrorKind::NoMessageFound;
    let message = match stream.get_last_raw_message_by_subject(subject).await {
        Ok(message) => message,
        Err(error) if error.kind() == NoMessageFound => return Ok(None),
        Err(error) => return Err(NetError::log("look at a claim", error)),
    };
    let record =
        Record::decode(message.payload).map_err(|error| NetError::log("look at a claim", error))?;
    Ok(Some((record, message.sequence)))
}

fn stream_name(run: &str) -> String {
    format!("ECHOSPHERE_{run}_CLAIM")
}

/// Sixteen bytes that no other process has.
fn random_name() -> Bytes {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let half = || RandomState::new().build_hasher().finish().to_le_bytes();
    [half(), half()].concat().into()
}

fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{} (process {})", name.trim(), std::process::id())
}
