//! The board: how the run stands, for whoever asks.

mod pace;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use self::pace::Pace;
use crate::service::{Heard, Session};
use crate::telemetry;
use crate::wire::{NodeStatus, StatusResponse, WindowDone};

/// How the run stands. The door notes who comes and goes, the leader what is done.
#[derive(Debug)]
pub(crate) struct Board {
    response: StatusResponse,
    nodes: BTreeMap<u64, Presence>,
    pace: Pace,
    horizon_days: f64,
    checkpointed: Option<Instant>,
    /// A node was lost since shards were divided.
    lost: bool,
    barrier: Barrier,
    /// Told of every coming, going and ending.
    changes: watch::Sender<()>,
}

/// A node that is attached.
#[derive(Debug)]
struct Presence {
    heard: Heard,
    status: NodeStatus,
    log_taken: u64,
}

/// When the window that runs was granted, and when the first and the last node had run it.
#[derive(Debug, Default)]
struct Barrier {
    granted: Option<Instant>,
    first: Option<Instant>,
    last: Option<Instant>,
    documents: u64,
}

impl Board {
    /// Of a run that begins, with replicates of so many days.
    pub(crate) fn new(run: &str, horizon_days: f64) -> Self {
        let response = StatusResponse {
            run: run.to_owned(),
            ..StatusResponse::default()
        };
        Self {
            response,
            nodes: BTreeMap::new(),
            pace: Pace::default(),
            horizon_days,
            checkpointed: None,
            lost: false,
            barrier: Barrier::default(),
            changes: watch::Sender::new(()),
        }
    }

    /// Wakes when a node comes or goes, or the run ends.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// A node has come.
    pub(crate) fn joined(&mut self, session: &Session) {
        let status = NodeStatus {
            node: session.id,
            name: session.name.clone(),
            threads: session.threads,
            ..NodeStatus::default()
        };
        let presence = Presence {
            heard: session.heard.clone(),
            status,
            log_taken: 0,
        };
        self.nodes.insert(session.id, presence);
        self.changes.send_replace(());
    }

    /// A node is gone, or given up.
    pub(crate) fn left(&mut self, id: u64) {
        self.nodes.remove(&id);
        self.changes.send_replace(());
    }

    /// A node is asked to leave, or asks for it.
    pub(crate) fn draining(&mut self, id: u64) {
        if let Some(presence) = self.nodes.get_mut(&id) {
            presence.status.draining = true;
        }
    }

    /// True if the node is there.
    pub(crate) fn has(&self, id: u64) -> bool {
        self.nodes.contains_key(&id)
    }

    /// The number of the node that is called so, or has that number.
    ///
    /// # Errors
    /// If there is none, or several are called so: says which there are.
    pub(crate) fn find(&self, node: &str) -> Result<u64, String> {
        let listed = |id: &u64, presence: &Presence| format!("{} ({id})", presence.status.name);
        let all = || {
            let names: Vec<String> = self.nodes.iter().map(|(id, n)| listed(id, n)).collect();
            if names.is_empty() {
                "none is attached".to_owned()
            } else {
                format!("attached are {}", names.join(", "))
            }
        };
        let named = self.nodes.iter().filter(|(_, n)| n.status.name == node);
        match *named.map(|(id, _)| *id).collect::<Vec<_>>() {
            [id] => Ok(id),
            [] => {
                let number = node.parse().ok().filter(|id| self.has(*id));
                number.ok_or_else(|| format!("there is no node {node}: {}", all()))
            }
            _ => Err(format!(
                "several nodes are called {node}, so give a number: {}",
                all()
            )),
        }
    }

    /// Shards were divided among nodes; each with how many it hosts. Whoever is not among them hosts nothing.
    pub(crate) fn divided(&mut self, epoch: u64, hosts: &BTreeMap<u64, u32>) {
        self.response.epoch = epoch;
        telemetry::epoch(epoch);
        if std::mem::take(&mut self.lost) {
            self.response.restarts += 1;
            telemetry::restart();
        }
        for (id, presence) in &mut self.nodes {
            presence.status.shards = hosts.get(id).copied().unwrap_or(0);
        }
    }

    /// A node is given up, or gone; the shards that it hosted are to be divided anew.
    pub(crate) fn lost(&mut self, id: u64, hosted: bool) {
        self.lost |= hosted;
        self.left(id);
    }

    /// A window is granted.
    pub(crate) fn window_granted(&mut self) {
        self.barrier = Barrier {
            granted: Some(Instant::now()),
            ..Barrier::default()
        };
    }

    /// A node has run the window.
    pub(crate) fn window_done(&mut self, id: u64, done: &WindowDone) {
        let now = Instant::now();
        self.barrier.first.get_or_insert(now);
        self.barrier.last = Some(now);
        self.barrier.documents += done.documents;
        self.response.log_end = self.response.log_end.max(done.log_end);
        if let Some(presence) = self.nodes.get_mut(&id) {
            presence.log_taken = done.log_taken;
            let status = &mut presence.status;
            (status.run_us, status.publish_us) = (Some(done.run_us), Some(done.publish_us));
            status.wait_us = Some(done.wait_us);
        }
    }

    /// All nodes have run the window.
    pub(crate) fn window_over(&mut self) {
        let Barrier {
            granted: Some(granted),
            first: Some(first),
            last: Some(last),
            documents,
        } = self.barrier
        else {
            return;
        };
        telemetry::window(last.duration_since(granted), documents);
        telemetry::barrier(last.duration_since(first));
    }

    /// Replicates that are finished, and all of them; windows run in the current one, and the share of its horizon that
    /// has passed.
    pub(crate) fn progress(&mut self, (done, all): (u32, u32), windows: u64, progress: f64) {
        let response = &mut self.response;
        (response.replicates_done, response.replicates) = (done, all);
        (response.windows, response.progress) = (windows, progress);
        response.virtual_time_days = self.horizon_days * progress;
        telemetry::progress(response.virtual_time_days, progress);
        let far = f64::from(done) + progress;
        self.pace.note(Instant::now(), windows, far);
        response.windows_per_second = self.pace.windows_per_second();
        response.seconds_left = self.pace.seconds_left(f64::from(all) - far);
    }

    /// So many replicates are finished.
    pub(crate) fn replicate_done(&mut self, done: u32) {
        let response = &mut self.response;
        response.replicates_done = done;
        response.progress = 1.0;
        response.virtual_time_days = self.horizon_days;
        if done == response.replicates {
            response.seconds_left = Some(0.0);
        }
        telemetry::progress(self.horizon_days, 1.0);
    }

    /// A checkpoint of that number was written.
    pub(crate) fn checkpointed(&mut self, number: u64, took: Duration) {
        telemetry::checkpoint(took, true);
        self.response.checkpoint = Some(number);
        self.checkpointed = Some(Instant::now());
    }

    /// How many watch for changes.
    pub(crate) fn watchers(&self) -> usize {
        self.changes.receiver_count()
    }

    /// The coordinator ends.
    pub(crate) fn end(&mut self) {
        self.response.ended = true;
        self.changes.send_replace(());
    }

    /// True once the coordinator ends.
    pub(crate) fn ended(&self) -> bool {
        self.response.ended
    }

    /// Days that have passed at that share of the horizon.
    pub(crate) fn virtual_days(&self, progress: f64) -> f64 {
        progress * self.horizon_days
    }

    /// How often shards were divided.
    pub(crate) fn epoch(&self) -> u64 {
        self.response.epoch
    }

    /// How the run stands now.
    pub(crate) fn now(&self) -> StatusResponse {
        let age = self.checkpointed.map(|at| at.elapsed().as_millis() as u64);
        let node = |presence: &Presence| NodeStatus {
            silent_ms: presence.heard.silence().as_millis() as u64,
            log_lag: self.response.log_end.saturating_sub(presence.log_taken),
            ..presence.status.clone()
        };
        StatusResponse {
            checkpoint_age_ms: age,
            nodes: self.nodes.values().map(node).collect(),
            ..self.response.clone()
        }
    }

    /// Sets the meters that change while nothing happens.
    pub(crate) fn refresh_meters(&self) {
        let now = self.now();
        let node = |node: &NodeStatus| {
            let silent = Duration::from_millis(node.silent_ms);
            (node.name.clone(), silent, node.log_lag)
        };
        let nodes: Vec<_> = now.nodes.iter().map(node).collect();
        let nodes = nodes.iter().map(|(name, age, lag)| (&**name, *age, *lag));
        telemetry::nodes(nodes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(names: &[&str]) -> Board {
        let mut board = Board::new("r", 10.0);
        for (id, name) in (1..).zip(names) {
            board.joined(&Session::detached(id, name));
        }
        board
    }

    #[test]
    fn a_node_is_found_by_name_and_by_number() {
        let board = board(&["left", "right"]);
        assert_eq!(board.find("right"), Ok(2));
        assert_eq!(board.find("1"), Ok(1));
    }

    #[test]
    fn who_is_not_there_is_told_who_is() {
        let there = board(&["left", "right", "right"]);
        let expected = "there is no node middle: attached are left (1), right (2), right (3)";
        assert_eq!(there.find("middle"), Err(expected.to_owned()));
        let several = there.find("right").unwrap_err();
        assert!(several.starts_with("several nodes are called right, so give a number"));
        let nobody = "there is no node x: none is attached".to_owned();
        assert_eq!(board(&[]).find("x"), Err(nobody));
    }

    #[test]
    fn a_lag_is_what_the_slowest_has_yet_to_take() {
        let mut board = board(&["left", "right"]);
        let done = |log_taken, log_end| WindowDone {
            log_taken,
            log_end,
            ..WindowDone::default()
        };
        board.window_granted();
        board.window_done(1, &done(40, 50));
        board.window_done(2, &done(70, 70));
        board.window_over();
        let lags: Vec<u64> = board.now().nodes.iter().map(|node| node.log_lag).collect();
        assert_eq!((lags, board.now().log_end), (vec![30, 0], 70));
    }
}
