//! Leaving: a node that asks to be let go, and whoever asks it of another.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::error::NetError;
use crate::security::{Link, Security};
use crate::status::runtime;
use crate::wire::node_message::Kind as Word;
use crate::wire::{Drain, DrainRequest, NodeMessage};

/// Asked, a node hands its shards over and ends.
#[derive(Debug, Clone)]
pub struct Leave(Arc<watch::Sender<bool>>);

impl Default for Leave {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Leave {
    /// Asks the node to leave. True if it was asked before.
    pub fn ask(&self) -> bool {
        self.0.send_replace(true)
    }

    /// True once the node was asked.
    pub fn asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the node is asked.
    pub(crate) async fn wait(&self) {
        let mut changes = self.0.subscribe();
        // The sender lives as long as this value, so it cannot fail.
        drop(changes.wait_for(|asked| *asked).await);
    }

    /// Waits until the node is asked, and asks the coordinator on the session `words`.
    pub(crate) async fn pass_on(self, words: mpsc::WeakSender<NodeMessage>) {
        self.wait().await;
        if let Some(words) = words.upgrade() {
            tracing::info!("asking for the shards to be given to others");
            let kind = Some(Word::Drain(Drain {}));
            drop(words.send(NodeMessage { kind }).await);
        }
    }
}

/// Has the coordinator at `url` give the shards of `node` to others, and waits until the node is gone. Gives how often
/// shards had been divided by then.
///
/// # Errors
/// If there is no coordinator, or no such node.
pub fn drain(url: &str, security: &Security, node: &str) -> Result<u64, NetError> {
    let request = DrainRequest {
        node: node.to_owned(),
    };
    runtime(url, security)?.block_on(async {
        let mut link = Link::open(url, security).await?;
        match link.client.drain(request).await {
            Ok(answer) => Ok(answer.into_inner().epoch),
            Err(status) if status.code() == tonic::Code::NotFound => {
                Err(NetError::NoSuchNode(status.message().to_owned()))
            }
            Err(status) => Err(link.failure(&status)),
        }
    })
}
