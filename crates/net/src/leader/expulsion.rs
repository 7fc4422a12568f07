//! Nodes that say what no node of this version would: they are given up, and nobody else is harmed.

use super::members::Member;
use super::{Disturbance, Leader};
use crate::wire::WireError;

impl Leader {
    /// The next window of every host that has one.
    pub(crate) fn next_windows(&self) -> Vec<u64> {
        let members = self.members.values();
        members.filter_map(|member| member.next_window).collect()
    }

    /// Gives up a node that says what no node of this version would.
    pub(super) fn expel(&mut self, id: u64, error: &WireError) -> Result<(), Disturbance> {
        if let Some(member) = self.members.get(&id) {
            tracing::warn!(node = member.session.name, "a node is given up: {error}");
        }
        self.lose(id)
    }

    /// The same for a host.
    pub(crate) fn expel_host(&mut self, id: u64, error: &WireError) -> Disturbance {
        match self.expel(id, error) {
            Err(disturbance) => disturbance,
            Ok(()) => Disturbance::Lost("unknown".to_owned()),
        }
    }

    /// The same for the node that hosts a shard.
    pub(crate) fn expel_host_of(&mut self, shard: u32, error: &WireError) -> Disturbance {
        self.expel_where(|member| member.shards.contains(&shard), error)
    }

    /// The same for the node that has named a next window that cannot come.
    pub(crate) fn expel_who_named(&mut self, window: u64) -> Disturbance {
        let error = WireError("the next window is not one that can follow");
        self.expel_where(|member| member.next_window == Some(window), &error)
    }

    fn expel_where(&mut self, guilty: impl Fn(&Member) -> bool, error: &WireError) -> Disturbance {
        let found = self.members.iter().find(|(_, member)| guilty(member));
        match found.map(|(id, _)| *id) {
            Some(id) => self.expel_host(id, error),
            None => Disturbance::Lost("unknown".to_owned()),
        }
    }
}
