//! The coordinator's door: sessions of nodes become events.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

use crate::admission::{Admission, REGISTER};
use crate::wire::coordinator_message::Kind as Order;
use crate::wire::coordinator_server::{Coordinator, CoordinatorServer};
use crate::wire::node_message::Kind as Word;
use crate::wire::{
    CoordinatorMessage, Heartbeat, NodeMessage, Refused, StatusRequest, StatusResponse, Welcome,
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

/// How the run stands, for whoever asks.
#[derive(Debug, Default)]
pub(crate) struct Board {
    pub(crate) response: StatusResponse,
    /// When each of the nodes was heard last.
    pub(crate) heard: Vec<Heard>,
}

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
            (self.events.clone(), welcome),
            (Arc::clone(&self.admission), waiting),
        ));
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }

    async fn status(&self, _: Request<StatusRequest>) -> Result<Response<StatusResponse>, Status> {
        let board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        let mut response = board.response.clone();
        for (node, heard) in response.nodes.iter_mut().zip(&board.heard) {
            node.silent_ms = heard.silence().as_millis() as u64;
        }
        Ok(Response::new(response))
    }
}

pub(crate) fn order(kind: Order) -> CoordinatorMessage {
    CoordinatorMessage { kind: Some(kind) }
}

/// Attends to one session from its first message to its end.
async fn attend(
    mut session: Session,
    mut words: Streaming<NodeMessage>,
    (events, welcome): (mpsc::Sender<Event>, Welcome),
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
        if !matches!(word, Word::Heartbeat(_)) && events.send(Event::Said(id, word)).await.is_err()
        {
            return;
        }
    }
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
