//! A node: hosts the shards that it is leased, and runs the windows that it is granted.

use std::sync::Arc;
use std::time::Duration;

use ecosystem::scenario::schema::Scenario;
use ecosystem::{Data, Host, Keeping, ShardState};
use prost::bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::Endpoint;
use types::document::Sequence;

use crate::error::NetError;
use crate::inbox::Inbox;
use crate::log::DurableLog;
use crate::service::MESSAGE_BYTES_MAX;
use crate::wire::coordinator_client::CoordinatorClient;
use crate::wire::coordinator_message::Kind as Order;
use crate::wire::node_message::Kind as Word;
use crate::wire::{
    CoordinatorMessage, Failed, Grant, Heartbeat, Lease, NodeMessage, Published, Ready, Register,
    Save, States, Welcome, WindowDone, report_of,
};

/// Where a node belongs.
#[derive(Debug, Clone)]
pub struct NodeOptions {
    /// Address of the coordinator, for instance `http://127.0.0.1:7400`.
    pub coordinator: String,
    /// A name for messages to people.
    pub name: String,
    /// Worker threads.
    pub threads: usize,
    /// Address of the broker, if not the one that the coordinator names.
    pub nats: Option<String>,
    /// How long a coordinator that does not answer is waited for.
    pub patience: Duration,
}

/// A scenario with its data, as the node has opened it.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The resolved scenario.
    pub scenario: Arc<Scenario>,
    /// Its corpora.
    pub data: Arc<Data>,
    /// Hash of the files that the scenario names.
    pub data_hash: String,
    /// Where the node keeps its copy of the log.
    pub keeping: Keeping,
}

/// Attaches to a coordinator and works for it until the run is over. `open` reads the resolved scenario, with the folder
/// that its relative paths start from, and loads its data.
///
/// # Errors
/// If the coordinator cannot be reached or refuses, or this node cannot go on.
pub fn run_node(
    options: &NodeOptions,
    open: impl Fn(&str, &str) -> Result<Opened, String>,
) -> Result<(), NetError> {
    let start = |error: &dyn std::fmt::Display| NetError::Start {
        program: "a node".to_owned(),
        message: error.to_string(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| start(&error))?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .build();
    let pool = Arc::new(pool.map_err(|error| start(&error))?);
    let result = runtime.block_on(async {
        loop {
            let session = Session::attach(options, Arc::clone(&pool)).await?;
            match session.work(&open).await? {
                Ending::Released => return Ok(()),
                Ending::Forsaken => tracing::warn!("the coordinator is gone: attaching again"),
            }
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

/// How a session ends well.
enum Ending {
    /// The coordinator has let this node go.
    Released,
    /// The coordinator is gone.
    Forsaken,
}

const RETRY: Duration = Duration::from_millis(200);
/// A network that was cut answers nothing; the system would wait for longer and longer.
const CONNECT: Duration = Duration::from_secs(2);
const WORDS: usize = 16;
/// How long a node that cannot go on waits for being let go.
const FAREWELL: Duration = Duration::from_secs(2);

/// One session with a coordinator.
struct Session {
    pool: Arc<rayon::ThreadPool>,
    words: mpsc::Sender<NodeMessage>,
    orders: Streaming<CoordinatorMessage>,
    nats: Option<String>,
    lease: Duration,
}

/// What a welcomed node has at hand.
struct Post {
    opened: Opened,
    log: DurableLog,
}

/// Leased shards.
struct Hosting {
    epoch: u64,
    host: Host,
    inbox: Inbox,
    /// A window has run that is not committed yet.
    ran: bool,
}

impl Session {
    async fn attach(options: &NodeOptions, pool: Arc<rayon::ThreadPool>) -> Result<Self, NetError> {
        let begun = Instant::now();
        let endpoint = Endpoint::from_shared(options.coordinator.clone());
        let endpoint = endpoint.map_err(|error| unreachable(options, &error))?;
        let endpoint = endpoint.connect_timeout(CONNECT);
        let mut client = loop {
            match CoordinatorClient::connect(endpoint.clone()).await {
                Ok(client) => break client,
                Err(error) if begun.elapsed() >= options.patience => {
                    return Err(unreachable(options, &error));
                }
                Err(_) => tokio::time::sleep(RETRY).await,
            }
        }
        .max_decoding_message_size(MESSAGE_BYTES_MAX)
        .max_encoding_message_size(MESSAGE_BYTES_MAX);
        let (words, stream) = mpsc::channel(WORDS);
        let register = Register {
            name: options.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            threads: options.threads as u32,
        };
        drop(words.send(word(Word::Register(register))).await);
        let attached = client.attach(ReceiverStream::new(stream)).await;
        let orders = attached
            .map_err(|status| unreachable(options, &status))?
            .into_inner();
        Ok(Self {
            pool,
            words,
            orders,
            nats: options.nats.clone(),
            lease: options.patience.max(RETRY),
        })
    }

    /// Works until the session is over.
    async fn work(
        mut self,
        open: &impl Fn(&str, &str) -> Result<Opened, String>,
    ) -> Result<Ending, NetError> {
        let (mut post, mut hosting): (Option<Post>, Option<Hosting>) = (None, None);
        loop {
            let Some(order) = self.next_order().await else {
                return Ok(Ending::Forsaken);
            };
            let done = match order {
                Order::Welcome(welcome) => {
                    let settled = self.settle(welcome, open).await;
                    settled.map(|new| post = Some(new))
                }
                Order::Refused(refused) => return Err(NetError::Refused(refused.reason)),
                Order::Release(_) => return Ok(Ending::Released),
                Order::Heartbeat(_) => Ok(()),
                Order::Lease(lease) => match &post {
                    Some(post) => self.host(post, lease).await.map(|new| hosting = Some(new)),
                    None => Ok(()),
                },
                Order::Grant(grant) => match (&post, hosting.take()) {
                    (Some(post), Some(current)) if current.epoch == grant.epoch => self
                        .run(post, current, grant)
                        .await
                        .map(|after| hosting = Some(after)),
                    (_, other) => {
                        hosting = other;
                        Ok(())
                    }
                },
                Order::Save(save) => self.save(hosting.as_ref(), save).await,
            };
            if let Err(error) = done {
                self.fail(error.to_string()).await;
                return Err(error);
            }
        }
    }

    /// Says that this node cannot go on, and waits until it was heard.
    async fn fail(&mut self, message: String) {
        let failed = word(Word::Failed(Failed { message }));
        drop(self.words.send(failed).await);
        let heard = async { while let Ok(Some(_)) = self.orders.message().await {} };
        drop(timeout(FAREWELL, heard).await);
    }

    /// The next order; `None` if the coordinator has gone or fallen silent.
    async fn next_order(&mut self) -> Option<Order> {
        let message = timeout(self.lease, self.orders.message()).await;
        message.ok()?.ok()??.kind
    }

    /// Opens what the coordinator names, and shows signs of life from now on.
    async fn settle(
        &mut self,
        welcome: Welcome,
        open: &impl Fn(&str, &str) -> Result<Opened, String>,
    ) -> Result<Post, NetError> {
        self.lease = Duration::from_millis(welcome.lease_ms.max(4));
        tokio::spawn(beat(self.words.downgrade(), self.lease / 4));
        let opened = tokio::task::block_in_place(|| open(&welcome.scenario, &welcome.base));
        let opened = opened.map_err(NetError::Data)?;
        if opened.data_hash != welcome.data_hash {
            let differ = "the files that it names are not those of the coordinator's machine";
            return Err(NetError::Data(differ.to_owned()));
        }
        let nats = self.nats.as_ref().unwrap_or(&welcome.nats);
        let log = DurableLog::open(nats, &welcome.run).await?;
        Ok(Post { opened, log })
    }

    /// Builds leased shards, or restores them.
    async fn host(&self, post: &Post, lease: Lease) -> Result<Hosting, NetError> {
        let Opened {
            scenario,
            data,
            keeping,
            ..
        } = &post.opened;
        let ingredients = (scenario.as_ref(), data.as_ref());
        let build = || Host::new(ingredients, lease.replicate, keeping, Some(&lease.shards));
        let mut host = tokio::task::block_in_place(|| self.pool.install(build))?;
        let mut inbox = Inbox::new(&post.log, lease.log_from);
        if let Some(checkpoint) = lease.checkpoint {
            let segments = inbox.take(&checkpoint.segments).await?;
            let before = (
                checkpoint.segments_dropped as usize,
                Sequence(checkpoint.documents_before),
            );
            host.refill_log(ingredients, keeping, (before.0, before.1, segments))?;
            let states = checkpoint
                .states
                .iter()
                .map(|bytes| postcard::from_bytes::<ShardState>(bytes));
            let states: Result<Vec<ShardState>, _> = states.collect();
            host.restore_shards(states.map_err(|error| NetError::State(error.to_string()))?)?;
        }
        let ready = Ready {
            epoch: lease.epoch,
            next_window: host.next_window().map(|window| window.index),
        };
        drop(self.words.send(word(Word::Ready(ready))).await);
        Ok(Hosting {
            epoch: lease.epoch,
            host,
            inbox,
            ran: false,
        })
    }

    /// Commits the window before, runs this one, and publishes what came of it.
    async fn run(
        &self,
        post: &Post,
        mut hosting: Hosting,
        grant: Grant,
    ) -> Result<Hosting, NetError> {
        let begun = Instant::now();
        if let (Some(segment), true) = (&grant.segment, hosting.ran) {
            let batches = hosting.inbox.take(std::slice::from_ref(segment)).await?;
            hosting
                .host
                .commit(batches.into_iter().flatten().collect())?;
        }
        let window = hosting.host.window(grant.window);
        let run = || self.pool.install(|| hosting.host.run(window));
        let mut outboxes = tokio::task::block_in_place(run)?;
        hosting.ran = true;
        let run_us = begun.elapsed().as_micros() as u64;
        // What is published again under another epoch comes again, behind what that epoch began with.
        let place = format!(
            "{}-{}-{}",
            hosting.host.replicate(),
            hosting.epoch,
            grant.window
        );
        let name = |shard: u32| format!("{place}-{shard}");
        let batches = outboxes.iter().filter_map(|outbox| {
            let batch = outbox
                .batch
                .as_ref()
                .filter(|batch| !batch.publications.is_empty())?;
            Some((name(outbox.shard), batch))
        });
        let mut published = post.log.publish(batches.collect()).await?.into_iter();
        let mut reports = Vec::with_capacity(outboxes.len());
        for outbox in &mut outboxes {
            let batch = outbox
                .batch
                .take()
                .filter(|batch| !batch.publications.is_empty());
            let at: Option<Published> = batch.as_ref().and_then(|_| published.next());
            if let (Some(at), Some(batch)) = (&at, batch) {
                hosting.inbox.keep(at, batch);
            }
            reports.push(report_of(outbox, at));
        }
        let done = WindowDone {
            epoch: hosting.epoch,
            window: grant.window,
            reports,
            next_window: hosting.host.next_window().map(|window| window.index),
            run_us,
            publish_us: begun.elapsed().as_micros() as u64 - run_us,
        };
        drop(self.words.send(word(Word::WindowDone(done))).await);
        Ok(hosting)
    }

    async fn save(&self, hosting: Option<&Hosting>, save: Save) -> Result<(), NetError> {
        let Some(hosting) = hosting.filter(|hosting| hosting.epoch == save.epoch) else {
            return Ok(());
        };
        let encode = |state: &ShardState| postcard::to_stdvec(state).map(Bytes::from);
        let states = if save.last {
            hosting
                .host
                .models()
                .map(|models| models.map(Bytes::from))
                .collect::<Result<_, _>>()?
        } else {
            let states = hosting.host.save_shards()?;
            let states: Result<_, _> = states.iter().map(encode).collect();
            states.map_err(|error| NetError::State(error.to_string()))?
        };
        let states = States {
            epoch: save.epoch,
            states,
        };
        drop(self.words.send(word(Word::States(states))).await);
        Ok(())
    }
}

fn word(kind: Word) -> NodeMessage {
    NodeMessage { kind: Some(kind) }
}

fn unreachable(options: &NodeOptions, error: &dyn std::fmt::Display) -> NetError {
    NetError::Unreachable {
        what: "the coordinator",
        address: options.coordinator.clone(),
        message: error.to_string(),
    }
}

/// Shows the coordinator that this node is alive, until the session is over.
async fn beat(words: mpsc::WeakSender<NodeMessage>, period: Duration) {
    loop {
        tokio::time::sleep(period).await;
        let Some(words) = words.upgrade() else { return };
        if words
            .send(word(Word::Heartbeat(Heartbeat {})))
            .await
            .is_err()
        {
            return;
        }
    }
}
