//! The leader: who is there, who hosts what, and what everybody has done.

mod shown;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_stream::wrappers::TcpListenerStream;

use crate::board::Board;
use crate::error::NetError;
use crate::health::Health;
use crate::log::DurableLog;
use crate::operations::Operations;
use crate::service::{Door, Event, Session, lock, order};
use crate::telemetry::Role;
use crate::wire::coordinator_message::Kind as Order;
use crate::wire::node_message::Kind as Word;
use crate::wire::{Checkpoint, Grant, Lease, Release, Save, Segment, ShardReport, Welcome};

/// What a leader tells its nodes of the run.
#[derive(Debug, Clone)]
pub struct RunCard {
    /// Part of the names of streams and subjects; letters, digits, `-` and `_`.
    pub run: String,
    /// Where the broker is.
    pub nats: String,
    /// The resolved scenario.
    pub scenario: String,
    /// Folder that relative paths in the scenario start from.
    pub base: String,
    /// Hash of the files that the scenario names.
    pub data_hash: String,
    /// Silence after which a node is given up.
    pub lease: Duration,
    /// Virtual days of a replicate.
    pub horizon_days: f64,
    /// Where the coordinator shows how it is doing.
    pub operations: Operations,
}

/// Why a step of the run has to be done again.
#[derive(Debug)]
pub(crate) enum Disturbance {
    /// A node is gone, and what it hosted with it.
    Lost(String),
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
    address: SocketAddr,
    lease: Duration,
    events: mpsc::Receiver<Event>,
    members: BTreeMap<u64, Member>,
    board: Arc<Mutex<Board>>,
    health: Health,
    /// Carries the name of the run to what is logged.
    pub(crate) span: tracing::Span,
    epoch: u64,
}

/// A node that is there.
#[derive(Debug)]
struct Member {
    session: Session,
    /// Shards that it hosts in the current epoch.
    shards: Vec<u32>,
    /// Number of the next window in which one of them has something to do.
    next_window: Option<u64>,
    /// It has joined since shards were divided last.
    new: bool,
    /// It wants to leave.
    leaving: bool,
}

impl Member {
    /// Gives an order without waiting: a node that is so far behind that there is no room for it is frozen, and is found
    /// gone when it is waited for.
    fn tell(&self, kind: Order) {
        drop(self.session.orders.try_send(Ok(order(kind))));
    }
}

/// How long a run without nodes waits for one.
const PATIENCE: Duration = Duration::from_mins(1);
const EVENTS: usize = 1024;

impl Leader {
    /// Opens the door at `address` and the durable log at the broker.
    ///
    /// # Errors
    /// If the address is taken or the broker cannot be reached.
    pub fn open(address: SocketAddr, card: RunCard) -> Result<Self, NetError> {
        let start = |error: std::io::Error| NetError::Start {
            program: format!("a coordinator at {address}"),
            message: error.to_string(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(start)?;
        let log = runtime.block_on(DurableLog::open(&card.nats, &card.run))?;
        let listener = runtime
            .block_on(TcpListener::bind(address))
            .map_err(start)?;
        let address = listener.local_addr().map_err(start)?;
        let (events, receiver) = mpsc::channel(EVENTS);
        let board = Arc::new(Mutex::new(Board::new(&card.run, card.horizon_days)));
        let shown = Arc::clone(&board);
        let refresh = move || lock(&shown).refresh_meters();
        let operations = card.operations.open(Role::Coordinator, refresh);
        let (health, health_service) = runtime.block_on(operations)?;
        let span = tracing::error_span!("run", run = card.run);
        let door = Door {
            events,
            welcome: Welcome {
                run: card.run,
                nats: card.nats,
                scenario: card.scenario,
                base: card.base,
                data_hash: card.data_hash,
                lease_ms: card.lease.as_millis() as u64,
                node: 0,
            },
            board: Arc::clone(&board),
            ids: AtomicU64::new(1),
        };
        let server = tonic::transport::Server::builder()
            .add_service(door.service())
            .add_service(health_service);
        runtime.spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        runtime.block_on(health.set(true));
        Ok(Self {
            runtime,
            log,
            address,
            lease: card.lease,
            events: receiver,
            members: BTreeMap::new(),
            board,
            health,
            span,
            epoch: 0,
        })
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

    async fn wait_for_nodes(&mut self, nodes: usize) -> Result<(), NetError> {
        let begun = Instant::now();
        while self.staying().count() < nodes {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let Ok(Some(event)) = timeout(left, self.events.recv()).await else {
                return Err(NetError::NoNodes {
                    seconds: PATIENCE.as_secs(),
                });
            };
            if let Err(Disturbance::Fatal(error)) = self.admit(event) {
                return Err(error);
            }
        }
        Ok(())
    }

    /// The epoch that the next lease begins.
    pub(crate) fn epoch_next(&self) -> u64 {
        self.epoch + 1
    }

    fn staying(&self) -> impl Iterator<Item = u64> {
        let staying = |(id, member): (&u64, &Member)| (!member.leaving).then_some(*id);
        self.members.iter().filter_map(staying)
    }

    /// Ends the run for all nodes, and deletes the durable log.
    pub fn finish(mut self) {
        let runtime = self.runtime.handle().clone();
        runtime.block_on(async {
            self.health.set(false).await;
            for member in self.members.values() {
                member.tell(Order::Release(Release { finished: true }));
            }
            if let Err(error) = self.log.delete().await {
                tracing::warn!(%error, "the durable log stays at the broker");
            }
            self.members.clear();
            self.tell_watchers().await;
        });
        self.runtime.shutdown_timeout(Duration::from_secs(2));
    }

    /// Takes note of comings and goings. Gives what a node said, if it said something.
    fn admit(&mut self, event: Event) -> Result<Option<(u64, Word)>, Disturbance> {
        match event {
            Event::Joined(session) => {
                tracing::info!(
                    node = session.name,
                    threads = session.threads,
                    "a node has joined"
                );
                let member = Member {
                    session,
                    shards: Vec::new(),
                    next_window: None,
                    new: true,
                    leaving: false,
                };
                self.members.insert(member.session.id, member);
                Ok(None)
            }
            Event::Left(id) => self.lose(id).map(|()| None),
            Event::Said(id, Word::Drain(_)) => {
                if let Some(member) = self.members.get_mut(&id) {
                    member.leaving = true;
                }
                self.let_go(|member| member.shards.is_empty());
                Ok(None)
            }
            Event::Said(id, Word::Failed(failed)) => {
                self.dismiss(id, failed.message).map(|()| None)
            }
            Event::Said(id, word) => Ok(Some((id, word))),
        }
    }

    /// Gives up a node that cannot go on; if nobody else is left, neither can the run.
    fn dismiss(&mut self, id: u64, message: String) -> Result<(), Disturbance> {
        let Some(member) = self.members.get(&id) else {
            return Ok(());
        };
        let name = member.session.name.clone();
        if self.members.len() == 1 {
            return Err(Disturbance::Fatal(NetError::Node { name, message }));
        }
        tracing::warn!(node = name, "a node cannot go on: {message}");
        self.lose(id)
    }

    /// Gives a node up; a disturbance if it hosted anything.
    fn lose(&mut self, id: u64) -> Result<(), Disturbance> {
        let Some(member) = self.members.remove(&id) else {
            return Ok(());
        };
        tracing::warn!(node = member.session.name, "a node is gone");
        lock(&self.board).lost(id, !member.shards.is_empty());
        if member.shards.is_empty() {
            return Ok(());
        }
        Err(Disturbance::Lost(member.session.name))
    }

    /// Gives up the first node that has been silent for longer than its lease.
    fn lose_silent(&mut self) -> Result<(), Disturbance> {
        let silent = |(id, member): (&u64, &Member)| {
            (member.session.heard.silence() > self.lease).then_some(*id)
        };
        match self.members.iter().find_map(silent) {
            Some(id) => self.lose(id),
            None => Ok(()),
        }
    }

    /// Waits until every host has said what `wanted` takes, in the order of nodes.
    async fn gather<T>(
        &mut self,
        wanted: impl Fn(&mut Self, u64, Word) -> Option<T>,
    ) -> Result<Vec<T>, Disturbance> {
        let hosts = |leader: &Self| {
            let hosting = |member: &&Member| !member.shards.is_empty();
            leader.members.values().filter(hosting).count()
        };
        let mut given: BTreeMap<u64, T> = BTreeMap::new();
        while given.len() < hosts(self) {
            if let Ok(Some(event)) = timeout(self.lease / 4, self.events.recv()).await
                && let Some((id, word)) = self.admit(event)?
                && self.is_host(id)
                && let Some(value) = wanted(self, id, word)
            {
                given.insert(id, value);
            }
            self.lose_silent()?;
        }
        Ok(given.into_values().collect())
    }

    fn is_host(&self, id: u64) -> bool {
        self.members
            .get(&id)
            .is_some_and(|member| !member.shards.is_empty())
    }

    fn tell_hosts(&self, message: &Order) {
        let hosts = self.members.values();
        for host in hosts.filter(|member| !member.shards.is_empty()) {
            host.tell(message.clone());
        }
    }

    /// Releases the nodes that want to leave and `may`: what they hosted must have been saved.
    fn let_go(&mut self, may: impl Fn(&Member) -> bool) {
        self.members.retain(|_, member| {
            let goes = member.leaving && may(member);
            if goes {
                tracing::info!(node = member.session.name, "a node is let go");
                member.tell(Order::Release(Release { finished: false }));
            }
            !goes
        });
    }

    /// Divides the shards of a replicate among all nodes that stay. `states` are all shards' states, in order.
    pub(crate) async fn lease(
        &mut self,
        (replicate, shards, log_from): (u32, u32, u64),
        checkpoint: Option<(Checkpoint, Vec<prost::bytes::Bytes>)>,
    ) -> Result<(), Disturbance> {
        self.let_go(|_| true);
        self.wait_for_nodes(1).await?;
        self.let_go(|_| true);
        self.epoch += 1;
        let ids: Vec<u64> = self.staying().collect();
        let threads: u32 = ids
            .iter()
            .map(|id| self.members[id].session.threads.max(1))
            .sum();
        let (mut first, mut before) = (0, 0);
        for id in ids {
            let Some(member) = self.members.get_mut(&id) else {
                continue;
            };
            before += member.session.threads.max(1);
            let end = (u64::from(shards) * u64::from(before) / u64::from(threads.max(1))) as u32;
            (member.shards, member.next_window, member.new) = ((first..end).collect(), None, false);
            first = end;
            let checkpoint = checkpoint.as_ref().map(|(checkpoint, states)| Checkpoint {
                states: member
                    .shards
                    .iter()
                    .map(|shard| states[*shard as usize].clone())
                    .collect(),
                ..checkpoint.clone()
            });
            let lease = Lease {
                epoch: self.epoch,
                replicate,
                shards: member.shards.clone(),
                log_from,
                checkpoint,
            };
            member.tell(Order::Lease(lease));
        }
        self.note_hosts();
        self.gather(|leader, id, word| match word {
            Word::Ready(ready) if ready.epoch == leader.epoch => {
                leader.note_next(id, ready.next_window);
                Some(())
            }
            _ => None,
        })
        .await?;
        Ok(())
    }

    fn note_next(&mut self, id: u64, next_window: Option<u64>) {
        if let Some(member) = self.members.get_mut(&id) {
            member.next_window = next_window;
        }
    }

    /// The next window in which any shard has something to do.
    pub(crate) fn next_window(&self) -> Option<u64> {
        self.members
            .values()
            .filter_map(|member| member.next_window)
            .min()
    }

    /// True if a node waits for work, or to be let go.
    pub(crate) fn wants_change(&mut self) -> Result<bool, Disturbance> {
        while let Ok(event) = self.events.try_recv() {
            self.admit(event)?;
        }
        self.lose_silent()?;
        Ok(self
            .members
            .values()
            .any(|member| member.new || member.leaving))
    }

    /// Lets all hosts run a window; what their shards report, in the order of shards.
    pub(crate) async fn window(
        &mut self,
        window: u64,
        segment: Option<Segment>,
    ) -> Result<Vec<ShardReport>, Disturbance> {
        let grant = Grant {
            epoch: self.epoch,
            window,
            segment,
        };
        lock(&self.board).window_granted();
        self.tell_hosts(&Order::Grant(grant));
        let reports = self.gather(|leader, id, word| match word {
            Word::WindowDone(done) if done.epoch == leader.epoch && done.window == window => {
                leader.note_next(id, done.next_window);
                lock(&leader.board).window_done(id, &done);
                Some(done.reports)
            }
            _ => None,
        });
        let mut reports: Vec<ShardReport> = reports.await?.into_iter().flatten().collect();
        lock(&self.board).window_over();
        tracing::debug!(shards = reports.len(), "a window is over");
        reports.sort_by_key(|report| report.shard);
        Ok(reports)
    }

    /// The states of all shards, in their order; of their models alone if `last`.
    pub(crate) async fn states(
        &mut self,
        last: bool,
    ) -> Result<Vec<prost::bytes::Bytes>, Disturbance> {
        let save = Save {
            epoch: self.epoch,
            last,
        };
        self.tell_hosts(&Order::Save(save));
        let states = self.gather(|leader, id, word| match word {
            Word::States(states) if states.epoch == leader.epoch => {
                let first = leader.members.get(&id)?.shards.first().copied()?;
                Some((first, states.states))
            }
            _ => None,
        });
        let mut states = states.await?;
        states.sort_by_key(|(first, _)| *first);
        Ok(states.into_iter().flat_map(|(_, states)| states).collect())
    }
}
