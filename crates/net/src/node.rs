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
use tracing::Instrument;
use tracing::field::Empty;
use types::document::Sequence;

use crate::error::NetError;
use crate::health::Health;
use crate::inbox::Inbox;
use crate::leave::Leave;
use crate::log::DurableLog;
use crate::operations::Operations;
use crate::service::MESSAGE_BYTES_MAX;
use crate::telemetry::{self, Role};
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
    /// Asks the node to leave.
    pub leave: Leave,
    /// Where the node shows how it is doing.
    pub operations: Operations,
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
        let name = options.name.clone();
        let refresh = move || telemetry::own_lag(&name);
        let (health, _) = options.operations.open(Role::Node, refresh).await?;
        let (leave, closing) = (options.leave.clone(), health.clone());
        tokio::spawn(async move {
            leave.wait().await;
            closing.set(false).await;
        });
        loop {
            let session = tokio::select! {
                session = Session::attach(options, Arc::clone(&pool), health.clone()) => session?,
                () = options.leave.wait() => return Ok(()),
            };
            let span = tracing::error_span!("session", node = options.name, run = Empty);
            let ending = session.work(&open).instrument(span).await;
            health.set(false).await;
            match ending? {
                Ending::Forsaken if options.leave.asked() => return Ok(()),
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
const WORDS: usize = 16;

/// One session with a coordinator.
struct Session {
    pool: Arc<rayon::ThreadPool>,
    words: mpsc::Sender<NodeMessage>,
    orders: Streaming<CoordinatorMessage>,
    nats: Option<String>,
    lease: Duration,
    health: Health,
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
    /// When it had run.
    done: Option<Instant>,
    /// Carries epoch and shards to what is logged.
    span: tracing::Span,
}

impl Session {
    async fn attach(
        options: &NodeOptions,
        pool: Arc<rayon::ThreadPool>,
        health: Health,
    ) -> Result<Self, NetError> {
        let begun = Instant::now();
        let mut client = loop {
            match CoordinatorClient::connect(options.coordinator.clone()).await {
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
        tokio::spawn(options.leave.clone().pass_on(words.downgrade()));
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
            health,
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
                    (Some(post), Some(current)) if current.epoch == grant.epoch => {
                        let span = window_span(&current, grant.window);
                        let run = self.run(post, current, grant).instrument(span);
                        run.await.map(|after| hosting = Some(after))
                    }
                    (_, other) => {
                        hosting = other;
                        Ok(())
                    }
                },
                Order::Save(save) => self.save(hosting.as_ref(), save).await,
            };
            if let Err(error) = done {
                let message = error.to_string();
                drop(
                    self.words
                        .send(word(Word::Failed(Failed { message })))
                        .await,
                );
                return Err(error);
            }
        }
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
        tracing::Span::current().record("run", &welcome.run);
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
        telemetry::log_opened();
        self.health.set(true).await;
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
        let span = lease_span(&lease);
        telemetry::epoch(lease.epoch);
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
        span.in_scope(|| tracing::info!("shards are leased"));
        Ok(Hosting {
            epoch: lease.epoch,
            host,
            inbox,
            ran: false,
            done: None,
            span,
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
        let waited = hosting.done.map(|done| begun.duration_since(done));
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
        let mut documents = 0;
        for outbox in &mut outboxes {
            let batch = outbox
                .batch
                .take()
                .filter(|batch| !batch.publications.is_empty());
            let at: Option<Published> = batch.as_ref().and_then(|_| published.next());
            if let (Some(at), Some(batch)) = (&at, batch) {
                documents += batch.content.len() as u64;
                hosting.inbox.keep(at, batch);
            }
            reports.push(report_of(outbox, at));
        }
        let (log_taken, log_end) = telemetry::log_positions();
        let took = begun.elapsed();
        let done = WindowDone {
            epoch: hosting.epoch,
            window: grant.window,
            reports,
            next_window: hosting.host.next_window().map(|window| window.index),
            run_us,
            publish_us: took.as_micros() as u64 - run_us,
            wait_us: waited.unwrap_or_default().as_micros() as u64,
            documents,
            log_taken,
            log_end,
        };
        note_window(&hosting.host, (took, waited), &done);
        drop(self.words.send(word(Word::WindowDone(done))).await);
        hosting.done = Some(Instant::now());
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

fn lease_span(lease: &Lease) -> tracing::Span {
    let shards = match (lease.shards.first(), lease.shards.last()) {
        (Some(first), Some(last)) => format!("{first}-{last}"),
        _ => String::new(),
    };
    tracing::error_span!("lease", epoch = lease.epoch, shards)
}

fn window_span(hosting: &Hosting, window: u64) -> tracing::Span {
    let virtual_time_days = hosting.host.window(window).start.days();
    tracing::debug_span!(parent: &hosting.span, "window", window, virtual_time_days)
}

/// Shows what a window took; `waited` is the time before it.
fn note_window(host: &Host, (took, waited): (Duration, Option<Duration>), done: &WindowDone) {
    telemetry::window(took, done.documents);
    if let Some(waited) = waited {
        telemetry::barrier(waited);
    }
    let (now, horizon) = (host.window(done.window).start.days(), host.horizon().days());
    telemetry::progress(now, (now / horizon.max(f64::MIN_POSITIVE)).min(1.0));
    let (run_us, publish_us, wait_us) = (done.run_us, done.publish_us, done.wait_us);
    let documents = done.documents;
    tracing::debug!(run_us, publish_us, wait_us, documents, "a window has run");
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
