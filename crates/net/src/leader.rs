//! The leader: who is there, who hosts what, and what everybody has done.

mod expulsion;
mod live;
mod members;
mod orders;
mod shown;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

pub(crate) use self::live::Housed;
use self::members::Member;
use crate::admission::Admission;
use crate::board::Board;
use crate::claim::{Claim, Found};
use crate::error::NetError;
use crate::health::Health;
use crate::log::{DurableLog, LogLimits};
use crate::operations::Operations;
use crate::security::{Connection, Gate, Security, incoming, server};
use crate::service::{Door, Event, lock};
use crate::store::Store;
use crate::telemetry::Role;
use crate::wire::coordinator_message::Kind as Order;
use crate::wire::{Release, Welcome};

/// What a leader tells its nodes of the run.
#[derive(Debug, Clone)]
pub struct RunCard {
    /// Part of the names of streams and subjects; letters, digits, `-` and `_`.
    pub run: String,
    /// Where the broker is; several servers of one, separated by commas.
    pub nats: String,
    /// How the broker keeps the log.
    pub limits: LogLimits,
    /// The resolved scenario.
    pub scenario: String,
    /// Folder that relative paths in the scenario start from.
    pub base: String,
    /// Hash of the files that the scenario names.
    pub data_hash: String,
    /// BLAKE3 of the resolved scenario.
    pub scenario_hash: [u8; 32],
    /// Silence after which a node is given up, and a coordinator too.
    pub lease: Duration,
    /// The checkpoint store.
    pub store: Store,
    /// Every document is kept to the end.
    pub keep_documents: bool,
    /// What this program was built from.
    pub build: String,
    /// What connections are secured with.
    pub security: Security,
    /// True if the broker is on this machine for this run alone: nodes are told where its token is.
    pub private_broker: bool,
    /// Virtual days of a replicate.
    pub horizon_days: f64,
    /// Where the coordinator shows how it is doing.
    pub operations: Operations,
}

/// What opening a run came to.
#[derive(Debug)]
pub enum Opening {
    /// This process leads the run now.
    Leads(Box<Leader>, Found),
    /// The run is finished, with this digest as hexadecimal digits.
    Finished(String),
}

/// Why a step of the run has to be done again.
#[derive(Debug)]
pub(crate) enum Disturbance {
    /// A node is gone, and what it hosted with it.
    Lost(String),
    /// A checkpoint cannot be restored from.
    Damaged(String),
    /// Nobody can go on.
    Fatal(NetError),
}

impl From<NetError> for Disturbance {
    fn from(error: NetError) -> Self {
        Self::Fatal(error)
    }
}

/// Leads the nodes of a run. Its methods block.
#[derive(Debug)]
pub struct Leader {
    pub(crate) runtime: Runtime,
    pub(crate) log: DurableLog,
    run: String,
    claim: Claim,
    address: SocketAddr,
    lease: Duration,
    events: mpsc::Receiver<Event>,
    members: BTreeMap<u64, Member>,
    /// Bytes that were published since that was asked last.
    published_bytes: u64,
    /// Bytes that the durable log may take.
    log_bytes_max: Option<u64>,
    board: Arc<Mutex<Board>>,
    health: Health,
    /// Carries the name of the run to what is logged.
    pub(crate) span: tracing::Span,
    epoch: u64,
}

/// How long a run without nodes waits for one.
const PATIENCE: Duration = Duration::from_mins(1);
const EVENTS: usize = 1024;
/// Characters that are shown of why a node cannot go on.
const MESSAGE_CHARACTERS_MAX: usize = 2000;

impl Leader {
    /// Claims the run at the broker, and opens the door at `address` and the durable log.
    ///
    /// # Errors
    /// If the run is led by another process, the address is taken, or broker or store cannot be used.
    pub fn open(address: SocketAddr, card: RunCard) -> Result<Opening, NetError> {
        let start = |error: std::io::Error| NetError::Start {
            program: format!("a coordinator at {address}"),
            message: error.to_string(),
        };
        let security = card.security.clone();
        security.check(&[
            Connection::Listener(address),
            Connection::Broker(&card.nats),
        ])?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(start)?;
        let listener = runtime
            .block_on(TcpListener::bind(address))
            .map_err(start)?;
        let log = runtime.block_on(DurableLog::connect(&card.nats, &card.run, &security))?;
        let claim = Claim::make(
            log.context(),
            &card.run,
            (card.scenario_hash, card.lease),
            &card.limits,
        );
        let (claim, found) = match runtime.block_on(claim)? {
            (Some(claim), found) => (claim, found),
            (None, Found::Finished { digest }) => return Ok(Opening::Finished(digest)),
            (None, _) => return Err(NetError::Superseded),
        };
        runtime.block_on(log.make(&card.limits))?;
        let address = listener.local_addr().map_err(start)?;
        let (events, receiver) = mpsc::channel(EVENTS);
        let board = Arc::new(Mutex::new(Board::new(&card.run, card.horizon_days)));
        let health = serve((&runtime, listener), &card, (events, Arc::clone(&board)))?;
        let leader = Self {
            epoch: runtime.block_on(claim.epoch()),
            runtime,
            log,
            span: tracing::error_span!("run", run = card.run),
            run: card.run,
            claim,
            address,
            lease: card.lease,
            events: receiver,
            members: BTreeMap::new(),
            published_bytes: 0,
            log_bytes_max: card.limits.bytes_max,
            board,
            health,
        };
        Ok(Opening::Leads(Box::new(leader), found))
    }

    /// Where the door is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until so many nodes are there.
    ///
    /// # Errors
    /// If they do not come in time.
    pub fn wait_for(&mut self, nodes: usize) -> Result<(), NetError> {
        let _span = self.span.clone().entered();
        let runtime = self.runtime.handle().clone();
        runtime.block_on(self.wait_for_nodes(nodes))
    }

    /// The epoch of the last lease.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Lets all nodes go, and deletes the durable log. With a digest the run is over, and the broker remembers that if
    /// `remembered`; without one it can be gone on with.
    pub fn finish(mut self, digest: Option<String>, remembered: bool) {
        let runtime = self.runtime.handle().clone();
        runtime.block_on(async {
            self.health.set(false).await;
            let finished = digest.is_some();
            for member in self.members.values() {
                member.tell(Order::Release(Release { finished }));
            }
            let (log, run) = (self.log.clone(), self.run.clone());
            let mut left = self.claim.leave(digest).await;
            if !remembered {
                left = left.and(Claim::forget(&log.context(), &run).await);
            }
            if let Err(error) = left.and(log.delete().await) {
                tracing::warn!(%error, "what the run left at the broker stays there");
            }
            self.members.clear();
            self.tell_watchers().await;
        });
        self.runtime.shutdown_timeout(Duration::from_secs(2));
    }
}

/// Serves the door and the health service at `listener`, and the pages at addresses of their own.
fn serve(
    (runtime, listener): (&Runtime, TcpListener),
    card: &RunCard,
    (events, board): (mpsc::Sender<Event>, Arc<Mutex<Board>>),
) -> Result<Health, NetError> {
    let shown = Arc::clone(&board);
    let refresh = move || lock(&shown).refresh_meters();
    let operations = card.operations.open(Role::Coordinator, refresh);
    let (health, health_service) = runtime.block_on(operations)?;
    let door = Door {
        events,
        admission: Arc::new(Admission::new(card.build.clone(), &card.scenario)),
        welcome: welcome(card)?,
        board,
        ids: AtomicU64::new(1),
    };
    let connections = runtime.block_on(async { incoming(listener, &card.security) })?;
    let server = server(Gate::new(&card.security)?)
        .add_service(door.service())
        .add_service(health_service);
    runtime.spawn(server.serve_with_incoming(connections));
    runtime.block_on(health.set(true));
    Ok(health)
}

/// What every node is told, apart from its number.
fn welcome(card: &RunCard) -> Result<Welcome, NetError> {
    let token_file = card.security.nats_token_file.as_ref();
    let token_file = token_file.filter(|_| card.private_broker);
    Ok(Welcome {
        run: card.run.clone(),
        nats: card.nats.clone(),
        scenario: card.scenario.clone(),
        base: card.base.clone(),
        data_hash: card.data_hash.clone(),
        lease_ms: card.lease.as_millis() as u64,
        node: 0,
        store: card.store.url().to_owned(),
        probe: leave_probe(card)?,
        keep_documents: card.keep_documents,
        nats_token_file: token_file.map_or(String::new(), |file| file.display().to_string()),
    })
}

/// Leaves something in the store by which nodes see whether they reach the same one.
fn leave_probe(card: &RunCard) -> Result<String, NetError> {
    let name = format!("{PROBE}{}", card.run);
    let written = card.store.storage().write(&name, card.run.as_bytes());
    written.map_err(|error| NetError::Store {
        url: card.store.url().to_owned(),
        message: error.to_string(),
    })?;
    Ok(name)
}

/// What is left in the store for nodes to find begins so.
const PROBE: &str = "checkpoints/probe-";
