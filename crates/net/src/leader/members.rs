//! The nodes that are there: how they come, what they say, how they go.

use std::collections::BTreeMap;

use tokio::time::{Instant, timeout};

use super::{Disturbance, Leader, MESSAGE_CHARACTERS_MAX, PATIENCE};
use crate::admission::printable;
use crate::error::NetError;
use crate::service::{Event, Session, lock, order};
use crate::wire::coordinator_message::Kind as Order;
use crate::wire::node_message::Kind as Word;
use crate::wire::{Release, WireError};

/// A node that is there.
#[derive(Debug)]
pub(crate) struct Member {
    pub(super) session: Session,
    /// Shards that it hosts in the current epoch.
    pub(super) shards: Vec<u32>,
    /// Number of the next window in which one of them has something to do.
    pub(super) next_window: Option<u64>,
    /// It has joined since shards were divided last.
    pub(super) new: bool,
    /// It wants to leave.
    pub(super) leaving: bool,
}

impl Member {
    /// Gives an order without waiting: a node that is so far behind that there is no room for it is frozen, and is found
    /// gone when it is waited for.
    pub(super) fn tell(&self, kind: Order) {
        drop(self.session.orders.try_send(Ok(order(kind))));
    }
}

impl Leader {
    pub(super) async fn wait_for_nodes(&mut self, nodes: usize) -> Result<(), NetError> {
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

    pub(super) fn staying(&self) -> impl Iterator<Item = u64> {
        let staying = |(id, member): (&u64, &Member)| (!member.leaving).then_some(*id);
        self.members.iter().filter_map(staying)
    }

    /// Takes note of comings and goings. Gives what a node said, if it said something.
    pub(super) fn admit(&mut self, event: Event) -> Result<Option<(u64, Word)>, Disturbance> {
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
    pub(super) fn dismiss(&mut self, id: u64, message: String) -> Result<(), Disturbance> {
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
    pub(super) fn lose(&mut self, id: u64) -> Result<(), Disturbance> {
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
    pub(super) fn lose_silent(&mut self) -> Result<(), Disturbance> {
        let silent = |(id, member): (&u64, &Member)| {
            (member.session.heard.silence() > self.lease).then_some(*id)
        };
        match self.members.iter().find_map(silent) {
            Some(id) => self.lose(id),
            None => Ok(()),
        }
    }

    /// Waits until every host has said what `wanted` takes, in the order of nodes.
    pub(super) async fn gather<T>(
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

    pub(super) fn shards_of(&self, id: u64) -> &[u32] {
        self.members.get(&id).map_or(&[], |member| &member.shards)
    }

    pub(crate) fn is_host(&self, id: u64) -> bool {
        self.members
            .get(&id)
            .is_some_and(|member| !member.shards.is_empty())
    }

    pub(super) fn tell_hosts(&self, message: &Order) {
        let hosts = self.members.values();
        for host in hosts.filter(|member| !member.shards.is_empty()) {
            host.tell(message.clone());
        }
    }

    /// Releases the nodes that want to leave and `may`: what they hosted must have been saved.
    pub(super) fn let_go(&mut self, may: impl Fn(&Member) -> bool) {
        self.members.retain(|_, member| {
            let goes = member.leaving && may(member);
            if goes {
                tracing::info!(node = member.session.name, "a node is let go");
                member.tell(Order::Release(Release { finished: false }));
            }
            !goes
        });
    }
}
