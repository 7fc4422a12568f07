//! Every built-in scenario gives the same bits wherever its shards are. Needs `nats-server`.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/broker.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod broker;
#[path = "common/cases.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod cases;
#[path = "common/nodes.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod nodes;
#[path = "common/program.rs"]
mod program;
#[path = "common/reduced.rs"]
mod reduced;
#[path = "common/running.rs"]
mod running;
#[path = "common/trial.rs"]
mod trial;

use broker::Broker;
use cases::Case;
use nodes::Cluster;
use reduced::{built_in, continuous, reduced};
use running::{Running, checkpoints};
use tempfile::tempdir;
use trial::Trial;

/// Whatever is built in later is covered too.
#[test]
fn lock_step_scenarios_do_not_depend_on_nodes() {
    walk(|name| Some(reduced(name)), 14);
}

#[test]
fn continuous_scenarios_do_not_depend_on_nodes() {
    walk(|name| continuous(&reduced(name)), 5);
}

/// Walks over all scenarios of which there is such a case; there must be so many at least.
#[track_caller]
fn walk(case: impl Fn(&str) -> Option<Case>, count_min: usize) {
    let folder = tempdir().unwrap();
    let names = built_in(folder.path());
    let cases: Vec<Case> = names.iter().filter_map(|name| case(name)).collect();
    assert!(
        cases.len() >= count_min,
        "only {} of {names:?}",
        cases.len()
    );
    let broker = Broker::start(&folder.path().join("broker"));
    let nats = broker.url();
    // Two at a time: starting processes is most of the work.
    let (left, right) = cases.split_at(cases.len() / 2);
    std::thread::scope(|scope| {
        for half in [left, right] {
            scope.spawn(|| half.iter().for_each(|case| everywhere(case, &nats)));
        }
    });
}

/// Without nodes, on two, on three, on three with unlike shares, and on three of which one is left.
#[track_caller]
fn everywhere(case: &Case, nats: &str) {
    let trial = Trial::new(case.clone());
    for nodes in ["2", "3"] {
        let there = case.run(
            trial.folder.path(),
            nodes,
            &["--nodes", nodes, "--nats", nats],
        );
        let name = &case.scenario;
        assert!(
            there == trial.whole,
            "{name}: {nodes} nodes give something else than none"
        );
    }
    unlike_shares(&trial, nats);
    std::fs::remove_dir_all(trial.run()).unwrap();
    three_become_one(&trial, nats);
}

/// Nodes with one thread, two and three get as many shards each.
#[track_caller]
fn unlike_shares(trial: &Trial, nats: &str) {
    Cluster::start(trial, 3, &["--nats", nats]).finish(trial);
}

#[track_caller]
fn three_become_one(trial: &Trial, nats: &str) {
    // A run this small may be over before it is killed: then it is tried again.
    for _ in 0..20 {
        let options = ["--nodes", "3", "--nats", nats, "--checkpoint-every", "1"];
        let mut running = trial.start(&options);
        let is_begun = || !checkpoints(&trial.run()).is_empty();
        if kill_when(&mut running, is_begun) {
            trial.resume(&["--nodes", "1", "--nats", nats]);
            return;
        }
        std::fs::remove_dir_all(trial.run()).unwrap();
    }
    panic!(
        "{} is always over before it can be killed",
        trial.case.scenario
    );
}

/// Kills the program once something is there; false if it was over before.
#[track_caller]
fn kill_when(running: &mut Running, is_there: impl Fn() -> bool) -> bool {
    while running.is_alive() {
        if is_there() {
            running.0.kill().unwrap();
            return running.0.wait().unwrap().code().is_none();
        }
        nodes::pause(1);
    }
    false
}
