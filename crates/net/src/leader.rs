//! The leader: who is there, who hosts what, and what everybody has done.

mod expulsion;
mod shown;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use prost::bytes::Bytes;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::admission::{Admission, printable};
use crate::board::Board;
use crate::check;
use crate::claim::{Claim, Found};
use crate::error::NetError;
use crate::health::Health;
use crate::log::{DurableLog, LogLimits};
use crate::operations::Operations;
use crate::saved::LedState;
use crate::security::{Connection, Gate, Security, incoming, server};
use crate::service::{Door, Event, Session, lock, order};
use crate::store::Store;
use crate::telemetry::Role;
use crate::wire::coordinator_message::Kind as Order;
use crate::wire::node_message::Kind as Word;
use crate::wire::{
    Checkpoint, Grant, Lease, Release, Save, Saved, Segment, ShardReport, Surroundings, Welcome,
    WireError,
};

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
        security.check(&[Connection::Listener(address)])?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(start)?;
        let listener = runtime
            .block_on(TcpListener::bind(address))
            .map_err(start)?;
        let probe = leave_probe(&card)?;
        let log = runtime.block_on(DurableLog::create(
            &card.nats,
            &card.run,
            (&card.limits, &security),
        ))?;
        let claim = Claim::make(
            log.context(),
            &card.run,
            (card.scenario_hash, card.lease),
            usize::from(card.limits.replicas),
        );
        let (claim, found) = match runtime.block_on(claim)? {
            (Some(claim), found) => (claim, found),
            (None, Found::Finished { digest }) => return Ok(Opening::Finished(digest)),
            (None, _) => return Err(NetError::Superseded),
        };
        let epoch = runtime.block_on(claim.epoch());
        let address = listener.local_addr().map_err(start)?;
        let (events, receiver) = mpsc::channel(EVENTS);
        let board = Arc::new(Mutex::new(Board::new(&card.run, card.horizon_days)));
        let shown = Arc::clone(&board);
        let refresh = move || lock(&shown).refresh_meters();
        let operations = card.operations.open(Role::Coordinator, refresh);
        let (health, health_service) = runtime.block_on(operations)?;
        let span = tracing::error_span!("run", run = card.run);
        let card_run = card.run.clone();
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
                store: card.store.url().to_owned(),
                probe,
                keep_documents: card.keep_documents,
                nats_token_file: token_file
                    .map_or(String::new(), |file| file.display().to_string()),
            },
            board: Arc::clone(&board),
            ids: AtomicU64::new(1),
        };
        let connections = runtime.block_on(async { incoming(listener, &security) })?;
        let server = server(Gate::new(&security)?)
            .add_service(door.service())
            .add_service(health_service);
        runtime.spawn(server.serve_with_incoming(connections));
        runtime.block_on(health.set(true));
        let leader = Self {
            runtime,
            log,
            run: card_run,
            claim,
            address,
            lease: card.lease,
            events: receiver,
            members: BTreeMap::new(),
            board,
            health,
            span,
            epoch,
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

    /// The epoch of the last lease.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    fn staying(&self) -> impl Iterator<Item = u64> {
        let staying = |(id, member): (&u64, &Member)| (!member.leaving).then_some(*id);
        self.members.iter().filter_map(staying)
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
            Event::Said(id, Word::Failed(failed)) => self
                .dismiss(id, printable(&failed.message, MESSAGE_CHARACTERS_MAX))
                .map(|()| None),
            Event::Said(_, Word::Damaged(damaged)) if damaged.epoch == self.epoch => {
                let message = printable(&damaged.message, MESSAGE_CHARACTERS_MAX);
                Err(Disturbance::Damaged(message))
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
            self.claim.check()?;
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

    /// Divides the shards of a replicate among all nodes that stay, who begin at `saved`, or at the beginning.
    pub(crate) async fn lease(
        &mut self,
        (replicate, shards): (u32, u32),
        saved: Option<&LedState>,
    ) -> Result<(), Disturbance> {
        self.let_go(|_| true);
        self.wait_for_nodes(1).await?;
        self.let_go(|_| true);
        self.epoch += 1;
        self.claim.note_epoch(self.epoch).await?;
        let log_state = saved.map(|saved| postcard::to_stdvec(&saved.log));
        let log_state = log_state.transpose();
        let log_state = log_state.map_err(|error| NetError::State(error.to_string()))?;
        let log_state = log_state.map(Bytes::from);
        // What this epoch publishes comes behind what is there.
        let log_from = self.log.end().await? + 1;
        let threads: Vec<u32> = self
            .members
            .values()
            .map(|member| member.session.threads)
            .collect();
        for (member, share) in self.members.values_mut().zip(shares(shards, &threads)) {
            (member.shards, member.next_window, member.new) = (share.collect(), None, false);
            let checkpoint = saved.zip(log_state.clone()).map(|(saved, log)| Checkpoint {
                log,
                states: member
                    .shards
                    .iter()
                    .map(|shard| saved.shards[*shard as usize].to_wire())
                    .collect(),
            });
            member.tell(Order::Lease(Lease {
                epoch: self.epoch,
                replicate,
                shards: member.shards.clone(),
                log_from,
                checkpoint,
            }));
        }
        self.note_hosts();
        self.gather(|leader, id, word| match word {
            Word::Ready(ready) if ready.epoch == leader.epoch => {
                leader.note_next(id, ready.next_window);
                Ok(Some(()))
            }
            _ => Ok(None),
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

    /// Lets all hosts run a window; what their shards report, in the order of shards, and what could be read, if somebody
    /// observed.
    pub(crate) async fn window(
        &mut self,
        window: u64,
        segment: Option<Segment>,
    ) -> Result<(Vec<ShardReport>, Option<Surroundings>), Disturbance> {
        let grant = Grant {
            epoch: self.epoch,
            window,
            segment,
        };
        lock(&self.board).window_granted();
        self.tell_hosts(&Order::Grant(grant));
        let done = self.gather(|leader, id, word| match word {
            Word::WindowDone(done) if done.epoch == leader.epoch && done.window == window => {
                check::done(&done, leader.shards_of(id))?;
                leader.note_next(id, done.next_window);
                lock(&leader.board).window_done(id, &done);
                Ok(Some((done.reports, done.surroundings)))
            }
            _ => Ok(None),
        });
        let (reports, around): (Vec<_>, Vec<_>) = done.await?.into_iter().unzip();
        lock(&self.board).window_over();
        let mut reports: Vec<ShardReport> = reports.into_iter().flatten().collect();
        tracing::debug!(shards = reports.len(), "a window is over");
        reports.sort_by_key(|report| report.shard);
        // All nodes have the same web.
        Ok((reports, around.into_iter().flatten().next()))
    }

    /// Lets all hosts save their shards, after they have committed what was published last: at the end of the replicate
    /// (`last`) only hashes. The first of them saves the log too, if that is wanted. What they have saved, in the order of
    /// shards.
    pub(crate) async fn save(
        &mut self,
        segment: Option<Segment>,
        (last, mut log): (bool, bool),
    ) -> Result<Vec<Saved>, Disturbance> {
        for host in self.members.values() {
            if host.shards.is_empty() {
                continue;
            }
            host.tell(Order::Save(Save {
                epoch: self.epoch,
                segment: segment.clone(),
                log: std::mem::take(&mut log),
                last,
            }));
        }
        let saved = self.gather(|leader, id, word| match word {
            Word::Saved(saved) if saved.epoch == leader.epoch => {
                let shards = leader.shards_of(id);
                check::saved(&saved, shards)?;
                Ok(shards.first().map(|first| (*first, saved)))
            }
            _ => Ok(None),
        });
        let mut saved = saved.await?;
        saved.sort_by_key(|(first, _)| *first);
        Ok(saved.into_iter().map(|(_, saved)| saved).collect())
    }
}

/// Consecutive shards for each node, in proportion to its threads.
fn shares(shards: u32, threads: &[u32]) -> impl Iterator<Item = std::ops::Range<u32>> {
    let all: u64 = threads
        .iter()
        .map(|&threads| u64::from(threads.max(1)))
        .sum();
    let (mut first, mut before) = (0, 0);
    threads.iter().map(move |&threads| {
        before += u64::from(threads.max(1));
        let end = (u64::from(shards) * before / all) as u32;
        std::mem::replace(&mut first, end)..end
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
