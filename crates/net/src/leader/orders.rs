//! What nodes are told to do between two windows, and in one.

use std::ops::Range;

use prost::bytes::Bytes;

use super::{Disturbance, Leader};
use crate::check;
use crate::error::NetError;
use crate::saved::LedState;
use crate::service::lock;
use crate::wire::coordinator_message::Kind as Order;
use crate::wire::node_message::Kind as Word;
use crate::wire::{Checkpoint, Grant, Lease, Save, Saved, Segment, ShardReport, Surroundings};

impl Leader {
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

    /// True if so much was published since this was true last that the durable log has to forget something: it keeps what
    /// was published before the last checkpoint until the next one.
    pub(crate) fn fills_the_log(&mut self) -> bool {
        let quarter = self.log_bytes_max.map(|bytes| bytes / 4);
        let fills = quarter.is_some_and(|quarter| self.published_bytes > quarter);
        if fills {
            self.published_bytes = 0;
        }
        fills
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
    /// observed, with the node that says so.
    pub(crate) async fn window(
        &mut self,
        window: u64,
        segment: Option<Segment>,
    ) -> Result<(Vec<ShardReport>, Option<(u64, Surroundings)>), Disturbance> {
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
                leader.published_bytes += done.published_bytes;
                let around = done.surroundings.map(|around| (id, around));
                Ok(Some((done.reports, around)))
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
pub(super) fn shares(shards: u32, threads: &[u32]) -> impl Iterator<Item = Range<u32>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_shared_out_by_threads() {
        let parts = |shards, threads: &[u32]| shares(shards, threads).collect::<Vec<_>>();
        assert_eq!(parts(10, &[1, 1]), [0..5, 5..10]);
        assert_eq!(parts(8, &[1, 3]), [0..2, 2..8]);
        assert_eq!(parts(1, &[1, 1, 1]), [0..0, 0..0, 0..1]);
        assert_eq!(
            parts(4, &[0, 0]),
            [0..2, 2..4],
            "a node has a thread at least"
        );
    }
}
