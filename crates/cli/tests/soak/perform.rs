//! Carries out a plan.

use std::collections::BTreeMap;

use crate::broker::Brokers;
use crate::damage::{flip_a_byte, newest};
use crate::nodes::{Cluster, signal};
use crate::plan::{Fault, Plan};
use crate::running::checkpoints;
use crate::say;
use crate::trial::Trial;

/// What has happened in the course of runs.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) runs: u64,
    pub(crate) windows: u64,
    /// Windows that were computed again because nodes were lost.
    pub(crate) again: u64,
    pub(crate) faults: BTreeMap<&'static str, u64>,
}

/// A run that is being disturbed.
struct Disturbed<'a> {
    trial: &'a Trial,
    brokers: Brokers,
    cluster: Cluster,
    /// Nodes that were not killed.
    alive: Vec<usize>,
    /// What coordinators that were killed had said.
    said: String,
}

/// Runs the trial as planned, and compares.
#[track_caller]
pub(crate) fn perform(trial: &Trial, plan: &Plan, tally: &mut Tally) {
    let brokers = Brokers::of(plan.brokers, &trial.folder.path().join("brokers"));
    let options = options(&brokers);
    let cluster = Cluster::start(trial, plan.nodes, &texts(&options));
    let mut disturbed = Disturbed {
        trial,
        brokers,
        cluster,
        alive: (0..plan.nodes).collect(),
        said: String::new(),
    };
    for (after, fault) in &plan.faults {
        if !disturbed.cluster.advance(*after) {
            say(&format!("  over before: {fault}"));
            break;
        }
        let windows = disturbed.cluster.windows().unwrap_or(0);
        say(&format!("  window {windows}: {fault}"));
        disturbed = disturbed.meet(*fault);
        *tally.faults.entry(fault.kind()).or_default() += 1;
    }
    let said = disturbed.said + &disturbed.cluster.finish(trial);
    tally.runs += 1;
    tally.again += again(&said);
}

/// The options of every coordinator of a run.
fn options(brokers: &Brokers) -> Vec<String> {
    let replicas = brokers.count().to_string();
    let urls = brokers.urls();
    let words = [
        "--lease",
        "1",
        "--checkpoint-every",
        "8",
        "--nats",
        &urls,
        "--nats-replicas",
        &replicas,
    ];
    words.map(str::to_owned).to_vec()
}

fn texts(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

impl Disturbed<'_> {
    fn meet(mut self, fault: Fault) -> Self {
        match fault {
            Fault::KillNode(which) => self.kill_node(which),
            Fault::StopNode(which, windows) => self.stop_node(which, windows),
            Fault::Join(threads) => self.join(threads),
            Fault::KillCoordinator(nodes) => return self.follow(nodes, false),
            Fault::DamageCheckpoint(nodes) => return self.follow(nodes, true),
            Fault::RestartBroker(server) => {
                self.brokers.kill(server);
                self.brokers.restart(server);
            }
        }
        self
    }

    fn join(&mut self, threads: usize) {
        self.alive.push(self.cluster.count());
        self.cluster.add_node(threads);
    }

    /// Somebody has to be left.
    fn pick(&mut self, which: usize) -> usize {
        if self.alive.len() < 2 {
            self.join(1);
        }
        which % self.alive.len()
    }

    fn kill_node(&mut self, which: usize) {
        let index = self.pick(which);
        self.cluster.kill_node(self.alive.remove(index));
    }

    fn stop_node(&mut self, which: usize, windows: u64) {
        let index = self.pick(which);
        let node = self.cluster.node(self.alive[index]);
        signal("STOP", node);
        self.cluster.advance(windows);
        signal("CONT", node);
    }

    /// Another coordinator follows this one.
    fn follow(mut self, nodes: usize, damage: bool) -> Self {
        self.said += &self.cluster.kill_coordinator();
        // With one checkpoint alone there is none to fall back to.
        let run = self.trial.run();
        if damage && checkpoints(&run).len() > 1 {
            flip_a_byte(&newest(&run));
        }
        let options = options(&self.brokers);
        self.cluster = Cluster::resume_with(self.trial, nodes, &texts(&options));
        self.alive = (0..nodes).collect();
        self
    }
}

/// Windows that were computed again, by what coordinators said.
fn again(said: &str) -> u64 {
    let number = |text: Option<&str>| text?.split_whitespace().next()?.parse::<u64>().ok();
    let windows = |line: &str| {
        let (_, rest) = line.split_once("going back from window ")?;
        let to = number(rest.split_once(" to ").map(|(_, to)| to))?;
        Some(number(Some(rest))?.saturating_sub(to))
    };
    said.lines().filter_map(windows).sum()
}

#[cfg(test)]
mod tests {
    #[test]
    fn windows_computed_again_are_counted() {
        let said =
            "WARN going back from window 30 to 12 node=\"a\"\nother\ngoing back from window 8 to 7";
        assert_eq!(super::again(said), 19);
    }
}
