//! What a leader shows of its run.

use std::time::Duration;

use super::Leader;
use crate::error::NetError;
use crate::health::Closing;
use crate::service::lock;
use crate::telemetry;

/// How often, and how many times, it is looked whether those who watch have heard the end.
const WATCHERS_POLL: Duration = Duration::from_millis(20);
const WATCHERS_POLLS: usize = 25;

impl Leader {
    /// Tells probes that the coordinator is about to end.
    pub fn closing(&self) -> Closing {
        Closing {
            health: self.health.clone(),
            runtime: self.runtime.handle().clone(),
        }
    }

    /// Carries a window, and how far the replicate is before it, to what is logged.
    pub(crate) fn window_span(&self, window: u64, progress: f64) -> tracing::Span {
        let virtual_time_days = lock(&self.board).virtual_days(progress);
        tracing::debug_span!("window", window, virtual_time_days)
    }

    /// Tells those who watch that the coordinator ends, and gives them a moment to hear it.
    pub(super) async fn tell_watchers(&self) {
        lock(&self.board).end();
        for _ in 0..WATCHERS_POLLS {
            if lock(&self.board).watchers() == 0 {
                return;
            }
            tokio::time::sleep(WATCHERS_POLL).await;
        }
    }

    /// Tells whoever asks how the run stands: replicates that are finished, and all of them; windows run in the current
    /// one, and the share of its horizon that has passed.
    pub(crate) fn note_progress(&self, (done, all): (u32, u32), windows: u64, progress: f64) {
        lock(&self.board).progress((done, all), windows, progress);
    }

    /// A replicate is finished.
    pub(crate) fn note_replicate_done(&self, replicate: u32) {
        lock(&self.board).replicate_done(replicate + 1);
    }

    /// A checkpoint of that number was written.
    ///
    /// # Errors
    /// If another process leads the run now, or the broker fails.
    pub fn note_checkpoint(&self, number: u64, took: Duration) -> Result<(), NetError> {
        lock(&self.board).checkpointed(number, took);
        self.runtime.block_on(self.claim.note_checkpoint(number))
    }

    /// A checkpoint could not be written.
    pub fn note_checkpoint_failed(&self, took: Duration) {
        telemetry::checkpoint(took, false);
    }

    pub(super) fn note_hosts(&self) {
        let hosts = self.members.values();
        let hosts = hosts.map(|member| (member.session.id, member.shards.len() as u32));
        lock(&self.board).divided(self.epoch, &hosts.collect());
    }
}
