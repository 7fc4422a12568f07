//! What nodes that host a live population are told, and what they say.

use prost::bytes::Bytes;

use super::members::Member;
use super::{Disturbance, Leader};
use crate::error::NetError;
use crate::wire::coordinator_message::Kind as Order;
use crate::wire::node_message::Kind as Word;
use crate::wire::{Begin, Host, Measured, Stop, WireError};

/// A node whose models have started.
#[derive(Debug)]
pub(crate) struct Housed {
    pub(crate) node: u64,
    pub(crate) name: String,
    pub(crate) threads: u32,
    pub(crate) models: u32,
    pub(crate) bytes: Option<u64>,
}

impl Leader {
    /// Divides models among the nodes that are there, in proportion to their threads, and waits until all have started.
    /// `settings` are those of a node that has that number and that share of the models.
    pub(crate) async fn house(
        &mut self,
        models: u32,
        settings: impl Fn(u64, f64) -> Result<Bytes, NetError>,
    ) -> Result<Vec<Housed>, Disturbance> {
        let threads = self.members.values().map(|member| member.session.threads);
        let threads: Vec<u32> = threads.collect();
        let shares = super::orders::shares(models, &threads);
        for (member, share) in self.members.values_mut().zip(shares) {
            let count = share.end - share.start;
            let part = f64::from(count) / f64::from(models.max(1));
            // One shard, so to say, by which a host is known.
            (member.shards, member.new) = (vec![0], false);
            member.tell(Order::Host(Host {
                first: share.start,
                end: share.end,
                settings: settings(member.session.id, part)?,
            }));
        }
        self.gather(|leader, node, word| match word {
            Word::Standing(standing) => Ok(leader.members.get(&node).map(|member| Housed {
                node,
                name: member.session.name.clone(),
                threads: member.session.threads,
                models: standing.models,
                bytes: standing.bytes,
            })),
            Word::Measured(_) => Err(WireError("models that have not begun were measured")),
            _ => Ok(None),
        })
        .await
    }

    /// Begins the time of all models.
    pub(crate) fn begin_life(&self) {
        self.tell_hosts(&Order::Begin(Begin {}));
    }

    /// Has nothing more begun.
    pub(crate) fn stop_life(&self, abandon: bool) {
        self.tell_hosts(&Order::Stop(Stop { abandon }));
    }

    /// What nodes have measured since the last call, with their numbers. Does not wait.
    pub(crate) fn heard(&mut self) -> Result<Vec<(u64, Measured)>, NetError> {
        let mut heard = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            let said = self.admit(event);
            if let Some((node, Word::Measured(measured))) = unless_lost(said)?.flatten()
                && self.is_host(node)
            {
                if measured.ended {
                    self.released(node);
                }
                heard.push((node, measured));
            }
        }
        unless_lost(self.lose_silent())?;
        self.claim.check()?;
        let leaving = |member: &&Member| member.leaving && !member.shards.is_empty();
        for member in self.members.values().filter(leaving) {
            member.tell(Order::Stop(Stop { abandon: false }));
        }
        Ok(heard)
    }

    /// A node hosts nothing any more.
    fn released(&mut self, node: u64) {
        if let Some(member) = self.members.get_mut(&node) {
            member.shards.clear();
        }
        self.let_go(|member| member.shards.is_empty());
    }

    /// Lets the broker forget what all nodes have read.
    pub(crate) fn forget(&self, position: u64) {
        self.runtime.block_on(self.log.forget_before(position));
    }
}

/// A node that is gone takes nothing with it but its own models: nothing has to be done again.
fn unless_lost<T>(result: Result<T, Disturbance>) -> Result<Option<T>, NetError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Disturbance::Fatal(error)) => Err(error),
        Err(Disturbance::Lost(_) | Disturbance::Damaged(_)) => Ok(None),
    }
}
