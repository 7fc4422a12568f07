//! Sessions of nodes that are none.

use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use crate::hostile::{PATIENCE, Target, block_on};
use crate::wire::coordinator_client::CoordinatorClient;
use crate::wire::coordinator_message::Kind as Order;
use crate::wire::node_message::Kind as Word;
use crate::wire::{CoordinatorMessage, Lease, NodeMessage, Ready, Register};

/// What a good node says first.
pub(crate) fn register() -> Register {
    Register {
        name: "stranger".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        threads: 1,
        ..Register::default()
    }
}

struct Session {
    words: mpsc::Sender<NodeMessage>,
    orders: Streaming<CoordinatorMessage>,
}

impl Session {
    async fn open(target: &Target, first: Word) -> Self {
        let (words, stream) = mpsc::channel(16);
        words.send(NodeMessage { kind: Some(first) }).await.unwrap();
        let mut client = CoordinatorClient::connect(target.url()).await.unwrap();
        let orders = client.attach(ReceiverStream::new(stream)).await.unwrap();
        Self {
            words,
            orders: orders.into_inner(),
        }
    }

    async fn say(&self, word: Word) {
        drop(self.words.send(NodeMessage { kind: Some(word) }).await);
    }

    /// The next order that is no sign of life; `None` at the end of the session, and if none comes.
    async fn order(&mut self) -> Option<Order> {
        let next = async {
            loop {
                match self.orders.message().await {
                    Ok(Some(CoordinatorMessage {
                        kind: Some(Order::Heartbeat(_)),
                    })) => {}
                    Ok(Some(message)) => return message.kind,
                    _ => return None,
                }
            }
        };
        timeout(PATIENCE, next).await.ok().flatten()
    }

    async fn lease(&mut self) -> Option<Lease> {
        loop {
            if let Order::Lease(lease) = self.order().await? {
                return Some(lease);
            }
        }
    }

    /// True if the session is ended from the other side, and not only because nobody waited any longer.
    async fn is_ended(&mut self) -> bool {
        let ended = async { while let Ok(Some(_)) = self.orders.message().await {} };
        timeout(PATIENCE, ended).await.is_ok()
    }
}

/// What is said to a session that begins so.
pub(crate) fn first_answer(target: &Target, first: Word) -> Option<Order> {
    block_on(async { Session::open(target, first).await.order().await })
}

/// Registers, is ready, and tells a lie of the first window that is granted; true if the session is ended for it.
pub(crate) fn lie(target: &Target, lie: impl Fn(&Lease, u64) -> Word) -> bool {
    block_on(async {
        let mut session = Session::open(target, Word::Register(register())).await;
        let mut lease = session.lease().await.expect("a lease");
        let next = 1 << 20;
        session.say(ready(&lease, next)).await;
        loop {
            match session.order().await {
                Some(Order::Grant(grant)) => {
                    session.say(lie(&lease, grant.window)).await;
                    return session.is_ended().await;
                }
                Some(Order::Lease(again)) => {
                    lease = again;
                    session.say(ready(&lease, next)).await;
                }
                Some(_) => {}
                None => return true,
            }
        }
    })
}

fn ready(lease: &Lease, next: u64) -> Word {
    Word::Ready(Ready {
        epoch: lease.epoch,
        next_window: Some(next),
    })
}

/// Registers and answers its lease; true if the session is ended for it.
pub(crate) fn answer_lease(target: &Target, answer: fn(&Lease) -> Vec<Word>) -> bool {
    block_on(async {
        let mut session = Session::open(target, Word::Register(register())).await;
        let lease = session.lease().await.expect("a lease");
        for word in answer(&lease) {
            session.say(word).await;
        }
        session.is_ended().await
    })
}
