//! The leader: who is there, who hosts what, and what everybody has done.

mod expulsion;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::admission::{Admission, printable};
use crate::check;
use crate::error::NetError;
use crate::log::DurableLog;
use crate::security::{Connection, Gate, Security, incoming, server};
use crate::service::{Board, Door, Event, Session, order};
use crate::wire::coordinator_message::Kind as Order;
use crate::wire::node_message::Kind as Word;
use crate::wire::{
    Checkpoint, Grant, Lease, NodeStatus, Release, Save, Segment, ShardReport, Welcome, WireError,
};

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
    /// What this program was built from.
    pub build: String,
    /// What connections are secured with.
    pub security: Security,
    /// True if the broker is on this machine for this run alone: nodes are told where its token is.
    pub private_broker: bool,
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
/// Characters that are shown of why a node cannot go on.
const MESSAGE_CHARACTERS_MAX: usize = 2000;

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
        let security = card.security;
        security.check(&[Connection::Listener(address)])?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(start)?;
        let log = runtime.block_on(DurableLog::open(&card.nats, &card.run, &security))?;
        let listener = runtime
            .block_on(TcpListener::bind(address))
            .map_err(start)?;
        let address = listener.local_addr().map_err(start)?;
        let (events, receiver) = mpsc::channel(EVENTS);
        let board = Arc::new(Mutex::new(Board::default()));
        lock(&board).response.run.clone_from(&card.run);
        let admission = Arc::new(Admission::new(card.build, &card.scenario));
        let token_file = security.nats_token_file.as_ref();
        let token_file = token_file.filter(|_| card.private_broker);
        let door = Door {
            events,
            admission,
            welcome: Welcome {
                run: card.run,
                nats: card.nats,
                scenario: card.scenario,
                base: card.base,
                data_hash: card.data_hash,
                lease_ms: card.lease.as_millis() as u64,
                node: 0,
                nats_token_file: token_file
                    .map_or(String::new(), |file| file.display().to_string()),
            },
            board: Arc::clone(&board),
            ids: AtomicU64::new(1),
        };
        let connections = runtime.block_on(async { incoming(listener, &security) })?;
        let server = server(Gate::new(&security)?).add_service(door.service());
        runtime.spawn(server.serve_with_incoming(connections));
        Ok(Self {
            runtime,
            log,
            address,
            lease: card.lease,
            events: receiver,
            members: BTreeMap::new(),
            board,
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
            for member in self.members.values() {
                member.tell(Order::Release(Release { finished: true }));
            }
            if let Err(error) = self.log.delete().await {
                tracing::warn!(%error, "the durable log stays at the broker");
            }
            self.members.clear();
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
                Ok(None)
            }
            Event::Said(id, Word::Failed(failed)) => self
                .dismiss(id, printable(&failed.message, MESSAGE_CHARACTERS_MAX))
                .map(|()| None),
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
        wanted: impl Fn(&mut Self, u64, Word) -> Result<Option<T>, WireError>,
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
            {
                match wanted(self, id, word) {
                    Ok(Some(value)) => drop(given.insert(id, value)),
                    Ok(None) => {}
                    Err(error) => self.expel(id, &error)?,
                }
            }
            self.lose_silent()?;
        }
        Ok(given.into_values().collect())
    }

    fn shards_of(&self, id: u64) -> &[u32] {
        self.members.get(&id).map_or(&[], |member| &member.shards)
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

    /// Divides the shards of a replicate among all nodes that stay. `states` are all shards' states, in order.
    pub(crate) async fn lease(
        &mut self,
        (replicate, shards, log_from): (u32, u32, u64),
        checkpoint: Option<(Checkpoint, Vec<prost::bytes::Bytes>)>,
    ) -> Result<(), Disturbance> {
        self.wait_for_nodes(1).await?;
        self.epoch += 1;
        let ids: Vec<u64> = self.staying().collect();
        let threads: u32 = ids
            .iter()
            .map(|id| self.members[id].session.threads.max(1))
            .sum();
        for member in self.members.values().filter(|member| member.leaving) {
            member.tell(Order::Release(Release { finished: false }));
        }
        self.members.retain(|_, member| !member.leaving);
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
        self.gather(|leader, id, word| match word {
            Word::Ready(ready) if ready.epoch == leader.epoch => {
                leader.note_next(id, ready.next_window);
                Ok(Some(()))
            }
            _ => Ok(None),
        })
        .await?;
        self.note_nodes();
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
        self.tell_hosts(&Order::Grant(grant));
        let reports = self.gather(|leader, id, word| match word {
            Word::WindowDone(done) if done.epoch == leader.epoch && done.window == window => {
                check::done(&done, leader.shards_of(id))?;
                leader.note_next(id, done.next_window);
                Ok(Some(done.reports))
            }
            _ => Ok(None),
        });
        let mut reports: Vec<ShardReport> = reports.await?.into_iter().flatten().collect();
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
                let shards = leader.shards_of(id);
                check::states(&states, shards)?;
                Ok(shards.first().map(|first| (*first, states.states)))
            }
            _ => Ok(None),
        });
        let mut states = states.await?;
        states.sort_by_key(|(first, _)| *first);
        Ok(states.into_iter().flat_map(|(_, states)| states).collect())
    }

    /// Tells whoever asks how the run stands: replicates that are finished, and all of them; windows run in the current
    /// one, and the share of its horizon that has passed.
    pub(crate) fn note_progress(&self, (done, all): (u32, u32), windows: u64, progress: f64) {
        let response = &mut lock(&self.board).response;
        (response.replicates_done, response.replicates) = (done, all);
        (response.windows, response.progress) = (windows, progress);
    }

    fn note_nodes(&self) {
        let node = |member: &Member| NodeStatus {
            node: member.session.id,
            name: member.session.name.clone(),
            threads: member.session.threads,
            shards: member.shards.len() as u32,
            silent_ms: 0,
        };
        let mut board = lock(&self.board);
        board.response.epoch = self.epoch;
        board.response.nodes = self.members.values().map(node).collect();
        board.heard = self
            .members
            .values()
            .map(|member| member.session.heard.clone())
            .collect();
    }
}

fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}
