//! The coordinator's door: sessions of nodes become events.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

use crate::admission::{Admission, REGISTER};
use crate::board::Board;
use crate::wire::coordinator_message::Kind as Order;
use crate::wire::coordinator_server::{Coordinator, CoordinatorServer};
use crate::wire::node_message::Kind as Word;
use crate::wire::{
    CoordinatorMessage, Drain, DrainRequest, DrainResponse, Heartbeat, NodeMessage, Refused,
    StatusRequest, StatusResponse, Welcome,
};

/// What happens at the door.
#[derive(Debug)]
pub(crate) enum Event {
    /// A node has registered and was welcomed.
    Joined(Session),
    /// A node says something.
    Said(u64, Word),
    /// A node's session is over.
    Left(u64),
}

/// One node's session, as the coordinator sees it.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) threads: u32,
    pub(crate) orders: mpsc::Sender<Result<CoordinatorMessage, Status>>,
    pub(crate) heard: Heard,
}

#[cfg(test)]
impl Session {
    /// A session without a node behind it.
    pub(crate) fn detached(id: u64, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            threads: 1,
            orders: mpsc::channel(1).0,
            heard: Heard::now(),
        }
    }
}

/// When a node was heard last.
#[derive(Debug, Clone)]
pub(crate) struct Heard(Arc<Mutex<Instant>>);

impl Heard {
    #[expect(clippy::disallowed_methods, reason = "leases are about wall time")]
    fn now() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    #[expect(clippy::disallowed_methods, reason = "leases are about wall time")]
    fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// For how long the node has been silent.
    pub(crate) fn silence(&self) -> Duration {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .elapsed()
    }
}

/// The service that nodes attach to.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) events: mpsc::Sender<Event>,
    pub(crate) welcome: Welcome,
    pub(crate) board: Arc<Mutex<Board>>,
    pub(crate) ids: AtomicU64,
    pub(crate) admission: Arc<Admission>,
}

/// How often those who watch are told how the run stands.
const WATCH_PERIOD: Duration = Duration::from_secs(1);
/// Answers that somebody who watches may be behind with.
const ANSWERS: usize = 2;
/// Largest message of a session.
pub(crate) const MESSAGE_BYTES_MAX: usize = 64 << 20;
/// Orders that a node may be behind with.
const ORDERS: usize = 16;

impl Door {
    pub(crate) fn service(self) -> CoordinatorServer<Self> {
        CoordinatorServer::new(self)
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX)
    }
}

#[tonic::async_trait]
impl Coordinator for Door {
    type AttachStream = Pin<Box<dyn Stream<Item = Result<CoordinatorMessage, Status>> + Send>>;
    type WatchStream = ReceiverStream<Result<StatusResponse, Status>>;

    async fn attach(
        &self,
        request: Request<Streaming<NodeMessage>>,
    ) -> Result<Response<Self::AttachStream>, Status> {
        let waiting = self.admission.wait()?;
        let (orders, stream) = mpsc::channel(ORDERS);
        let session = Session {
            id: self.ids.fetch_add(1, Ordering::Relaxed),
            name: String::new(),
            threads: 0,
            orders,
            heard: Heard::now(),
        };
        let welcome = Welcome {
            node: session.id,
            ..self.welcome.clone()
        };
        tokio::spawn(attend(
            session,
            request.into_inner(),
            (self.events.clone(), welcome, Arc::clone(&self.board)),
            (Arc::clone(&self.admission), waiting),
        ));
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }

    async fn status(&self, _: Request<StatusRequest>) -> Result<Response<StatusResponse>, Status> {
        Ok(Response::new(lock(&self.board).now()))
    }

    async fn watch(
        &self,
        _: Request<StatusRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let (answers, stream) = mpsc::channel(ANSWERS);
        tokio::spawn(tell(answers, Arc::clone(&self.board)));
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn drain(
        &self,
        request: Request<DrainRequest>,
    ) -> Result<Response<DrainResponse>, Status> {
        let node = request.into_inner().node;
        let (found, mut changes) = {
            let board = lock(&self.board);
            (board.find(&node), board.changes())
        };
        let id = found.map_err(Status::not_found)?;
        lock(&self.board).draining(id);
        let asked = Event::Said(id, Word::Drain(Drain {}));
        let gone = || Status::unavailable("the coordinator ends");
        self.events.send(asked).await.map_err(|_| gone())?;
        loop {
            {
                let board = lock(&self.board);
                if !board.has(id) || board.ended() {
                    let epoch = board.epoch();
                    return Ok(Response::new(DrainResponse { epoch }));
                }
            }
            changes.changed().await.map_err(|_| gone())?;
        }
    }
}

/// Locks what every holder leaves whole.
pub(crate) fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells somebody how the run stands until it ends, or nobody listens.
async fn tell(answers: mpsc::Sender<Result<StatusResponse, Status>>, board: Arc<Mutex<Board>>) {
    let mut changes = lock(&board).changes();
    loop {
        let answer = lock(&board).now();
        let ended = answer.ended;
        if answers.send(Ok(answer)).await.is_err() || ended {
            return;
        }
        drop(tokio::time::timeout(WATCH_PERIOD, changes.changed()).await);
    }
}

pub(crate) fn order(kind: Order) -> CoordinatorMessage {
    CoordinatorMessage { kind: Some(kind) }
}

/// Attends to one session from its first message to its end.
async fn attend(
    mut session: Session,
    mut words: Streaming<NodeMessage>,
    (events, welcome, board): (mpsc::Sender<Event>, Welcome, Arc<Mutex<Board>>),
    (admission, waiting): (Arc<Admission>, OwnedSemaphorePermit),
) {
    let first = tokio::time::timeout(REGISTER, words.next()).await;
    let admitted = match first {
        Ok(Some(Ok(NodeMessage {
            kind: Some(Word::Register(register)),
        }))) => admission.admit(&register).map(|place| (register, place)),
        Ok(Some(Ok(_))) => Err("the first message of a session must be Register".to_owned()),
        Ok(Some(Err(status))) => Err(format!("it sent no message: {}", status.message())),
        Ok(None) => return,
        Err(_) => Err(format!(
            "it did not register within {} s",
            REGISTER.as_secs()
        )),
    };
    drop(waiting);
    let (register, _place) = match admitted {
        Ok(admitted) => admitted,
        Err(reason) => {
            tracing::warn!("a node is refused: {reason}");
            let refused = order(Order::Refused(Refused { reason }));
            drop(session.orders.send(Ok(refused)).await);
            return;
        }
    };
    let (id, heard) = (session.id, session.heard.clone());
    (session.name, session.threads) = (register.name, register.threads);
    let beats = session.orders.clone().downgrade();
    let standing = beats.clone();
    tokio::spawn(beat(beats, Duration::from_millis(welcome.lease_ms / 4)));
    drop(
        session
            .orders
            .send(Ok(order(Order::Welcome(welcome))))
            .await,
    );
    lock(&board).joined(&session);
    if events.send(Event::Joined(session)).await.is_err() {
        return;
    }
    while let Some(message) = words.next().await {
        let message = match message {
            Ok(message) => message,
            Err(status) => {
                tracing::debug!(node = id, "a session ends: {}", status.message());
                break;
            }
        };
        // Whoever was given up need not be listened to.
        if standing.upgrade().is_none() {
            break;
        }
        heard.note();
        let Some(word) = message.kind else { continue };
        if matches!(word, Word::Drain(_)) {
            lock(&board).draining(id);
        }
        if !matches!(word, Word::Heartbeat(_)) && events.send(Event::Said(id, word)).await.is_err()
        {
            return;
        }
    }
    lock(&board).left(id);
    drop(events.send(Event::Left(id)).await);
}

/// Shows the node that its coordinator is alive, until the session is over.
async fn beat(orders: mpsc::WeakSender<Result<CoordinatorMessage, Status>>, period: Duration) {
    loop {
        tokio::time::sleep(period).await;
        let Some(orders) = orders.upgrade() else {
            return;
        };
        if orders
            .send(Ok(order(Order::Heartbeat(Heartbeat {}))))
            .await
            .is_err()
        {
            return;
        }
    }
}
