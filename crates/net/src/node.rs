//! A node: hosts the shards that it is leased, and runs the windows that it is granted.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ecosystem::Data;
use ecosystem::scenario::schema::Scenario;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tracing::Instrument;
use tracing::field::Empty;
use web::Storage;

use crate::error::NetError;
use crate::health::Health;
use crate::hosting::{Hosting, Post};
use crate::inbox::Inbox;
use crate::leave::Leave;
use crate::live::Hosted;
use crate::log::DurableLog;
use crate::operations::Operations;
use crate::security::{Connection, Link, Security, is_here};
use crate::store::Store;
use crate::telemetry::{self, Role};
use crate::wire::coordinator_message::Kind as Order;
use crate::wire::node_message::Kind as Word;
use crate::wire::{
    CoordinatorMessage, Damaged, Failed, Heartbeat, Host, Lease, NodeMessage, Ready, Register,
    Welcome,
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
    /// Attaches again when a run is over, and waits for ever.
    pub stay: bool,
    /// What this program was built from.
    pub build: String,
    /// Hash of the only scenario to work for, if that is said.
    pub scenario_hash: Option<String>,
    /// What connections are secured with.
    pub security: Security,
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
    /// Takes what of the log does not fit into memory.
    pub spill: Arc<dyn Storage>,
    /// A folder for the same, and for live models that rest.
    pub folder: PathBuf,
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
    let broker = options.nats.as_deref().map(Connection::Broker);
    let coordinator = Connection::Coordinator(&options.coordinator);
    let connections: Vec<_> = std::iter::once(coordinator).chain(broker).collect();
    options.security.check(&connections)?;
    // The session has this thread. What arrives for it meanwhile is one thread's work.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
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
                _ if options.leave.asked() => return Ok(()),
                Ending::Released if options.stay => tokio::time::sleep(RETRY).await,
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
/// How long a node that cannot go on waits for being let go.
const FAREWELL: Duration = Duration::from_secs(2);

/// One session with a coordinator.
struct Session {
    pool: Arc<rayon::ThreadPool>,
    words: mpsc::Sender<NodeMessage>,
    orders: Streaming<CoordinatorMessage>,
    nats: Option<String>,
    security: Security,
    lease: Duration,
    health: Health,
}

impl Session {
    async fn attach(
        options: &NodeOptions,
        pool: Arc<rayon::ThreadPool>,
        health: Health,
    ) -> Result<Self, NetError> {
        let begun = Instant::now();
        let (words, orders) = loop {
            match register(options).await {
                Ok(session) => break session,
                // A coordinator that dies while it is called is as good as one that is not there yet.
                Err(NetError::Unreachable { .. })
                    if options.stay || begun.elapsed() < options.patience =>
                {
                    tokio::time::sleep(RETRY).await;
                }
                Err(error) => return Err(error),
            }
        };
        tokio::spawn(options.leave.clone().pass_on(words.downgrade()));
        Ok(Self {
            pool,
            words,
            orders,
            nats: options.nats.clone(),
            security: options.security.clone(),
            lease: options.patience.max(RETRY),
            health,
        })
    }

    /// Works until the session is over.
    async fn work(
        mut self,
        open: &impl Fn(&str, &str) -> Result<Opened, String>,
    ) -> Result<Ending, NetError> {
        let (mut post, mut hosting): (Option<Arc<Post>>, Option<Hosting>) = (None, None);
        let mut live: Option<Hosted> = None;
        loop {
            let Some(order) = self.next_order().await else {
                return Ok(Ending::Forsaken);
            };
            let done = match order {
                Order::Welcome(welcome) => {
                    let settled = self.settle(welcome, open).await;
                    settled.map(|new| post = Some(Arc::new(new)))
                }
                Order::Refused(refused) => return Err(NetError::Refused(refused.reason)),
                Order::Release(_) => return Ok(Ending::Released),
                Order::Heartbeat(_) => Ok(()),
                Order::Lease(lease) => {
                    // What was hosted before is not needed any more, and its memory is.
                    drop(hosting.take());
                    match &post {
                        Some(post) => self.host(post, &lease).await.map(|new| hosting = new),
                        None => Ok(()),
                    }
                }
                Order::Grant(grant) => match of_epoch(&mut hosting, grant.epoch) {
                    Some(hosting) => {
                        let span = hosting.window_span(grant.window);
                        let done = hosting.run(&grant).instrument(span).await;
                        self.answer(done.map(Word::WindowDone)).await
                    }
                    None => Ok(()),
                },
                Order::Save(save) => match of_epoch(&mut hosting, save.epoch) {
                    Some(hosting) => {
                        let saved = hosting.save(&save).await;
                        self.answer(saved.map(Word::Saved)).await
                    }
                    None => Ok(()),
                },
                Order::Host(host) => match &post {
                    Some(post) => self.start((post, &host)).await.map(|new| live = Some(new)),
                    None => Ok(()),
                },
                Order::Begin(_) => match &mut live {
                    Some(live) => live.begin(self.words.downgrade()),
                    None => Ok(()),
                },
                Order::Stop(stop) => {
                    if let Some(live) = &live {
                        live.stop(stop.abandon);
                    }
                    Ok(())
                }
            };
            if let Err(error) = done {
                self.fail(error.to_string()).await;
                return Err(error);
            }
        }
    }

    async fn say(&self, kind: Word) {
        drop(self.words.send(word(kind)).await);
    }

    async fn answer(&self, answer: Result<Word, NetError>) -> Result<(), NetError> {
        self.say(answer?).await;
        Ok(())
    }

    /// Says that this node cannot go on, and waits until it was heard.
    async fn fail(&mut self, message: String) {
        self.say(Word::Failed(Failed { message })).await;
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
        tracing::Span::current().record("run", &welcome.run);
        self.lease = Duration::from_millis(welcome.lease_ms.max(4));
        tokio::spawn(beat(self.words.downgrade(), self.lease / 4));
        let opened = tokio::task::block_in_place(|| open(&welcome.scenario, &welcome.base));
        let opened = opened.map_err(NetError::Data)?;
        if opened.data_hash != welcome.data_hash {
            let differ = "the files that it names are not those of the coordinator's machine";
            return Err(NetError::Data(differ.to_owned()));
        }
        let store = tokio::task::block_in_place(|| reach(&welcome))?;
        let nats = self.nats.as_ref().unwrap_or(&welcome.nats);
        let named = Some(&welcome.nats_token_file).filter(|file| !file.is_empty());
        // Only where the broker cannot be anybody else's: on this machine.
        if self.security.nats_token_file.is_none() && self.nats.is_none() && is_here(nats) {
            self.security.nats_token_file = named.map(PathBuf::from);
        }
        let log = DurableLog::open(nats, &welcome.run, &self.security).await?;
        telemetry::log_opened();
        self.health.set(true).await;
        Ok(Post {
            opened,
            log,
            store,
            keep_documents: welcome.keep_documents,
            pool: Arc::clone(&self.pool),
        })
    }

    /// Starts models of a live population.
    async fn start(&self, (post, host): (&Post, &Host)) -> Result<Hosted, NetError> {
        let threads = self.pool.current_num_threads();
        let broker = (&self.security, self.nats.as_deref());
        let prepare = || Hosted::prepare(host, &post.opened, threads, broker);
        let (hosted, standing) = tokio::task::block_in_place(prepare)?;
        self.say(Word::Standing(standing)).await;
        Ok(hosted)
    }

    /// Builds leased shards, or restores them; nothing if the checkpoint is damaged.
    async fn host(&self, post: &Arc<Post>, lease: &Lease) -> Result<Option<Hosting>, NetError> {
        let epoch = lease.epoch;
        telemetry::epoch(epoch);
        let inbox = Inbox::new(&post.log, epoch).await?;
        match tokio::task::block_in_place(|| Hosting::new(Arc::clone(post), lease, inbox)) {
            Ok(hosting) => {
                let next_window = hosting.next_window();
                self.say(Word::Ready(Ready { epoch, next_window })).await;
                hosting
                    .span
                    .in_scope(|| tracing::info!("shards are leased"));
                Ok(Some(hosting))
            }
            Err(NetError::Damaged(message)) => {
                self.say(Word::Damaged(Damaged { epoch, message })).await;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Calls the coordinator and registers there.
async fn register(
    options: &NodeOptions,
) -> Result<(mpsc::Sender<NodeMessage>, Streaming<CoordinatorMessage>), NetError> {
    let mut link = Link::open(&options.coordinator, &options.security).await?;
    let (words, stream) = mpsc::channel(WORDS);
    let register = Register {
        name: options.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        threads: options.threads as u32,
        build: options.build.clone(),
        scenario_hash: options.scenario_hash.clone().unwrap_or_default(),
    };
    drop(words.send(word(Word::Register(register))).await);
    let attached = link.client.attach(ReceiverStream::new(stream)).await;
    let orders = attached.map_err(|status| link.failure(&status))?;
    Ok((words, orders.into_inner()))
}

fn of_epoch(hosting: &mut Option<Hosting>, epoch: u64) -> Option<&mut Hosting> {
    hosting.as_mut().filter(|hosting| hosting.epoch == epoch)
}

/// Opens the checkpoint store, which has to be the coordinator's, if there is one.
fn reach(welcome: &Welcome) -> Result<Store, NetError> {
    if welcome.store.is_empty() {
        return Ok(Store::nowhere());
    }
    let store = Store::open(&welcome.store)?;
    store.storage().read(&welcome.probe).map_err(|error| NetError::Store {
        url: welcome.store.clone(),
        message: format!(
            "the coordinator writes there, and this node cannot read it ({error}): name a directory or bucket that all \
             reach with --checkpoints"
        ),
    })?;
    Ok(store)
}

fn word(kind: Word) -> NodeMessage {
    NodeMessage { kind: Some(kind) }
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
