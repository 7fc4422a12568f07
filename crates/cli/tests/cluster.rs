//! Spread over nodes, whatever fails on the way, a run gives the same bits. Needs `nats-server`.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/broker.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod broker;
#[path = "common/cases.rs"]
mod cases;
#[path = "common/nodes.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod nodes;
#[path = "common/program.rs"]
mod program;
#[path = "common/running.rs"]
mod running;
#[path = "common/trial.rs"]
mod trial;

use broker::Broker;
use cases::{Case, small};
use nodes::{Cluster, signal};
use trial::Trial;

/// Long enough to be disturbed, and with several shards on every node.
fn long() -> Case {
    small("g1")
        .with("population.voice.count=400")
        .with("population.voice.shards=16")
        .with("horizon.generations=700")
}

#[test]
fn a_killed_node_is_made_up_for() {
    let trial = Trial::new(long());
    let mut cluster = Cluster::start(&trial, 3, &[]);
    cluster.wait_for_checkpoint(3);
    cluster.kill_node(1);
    cluster.finish(&trial);
}

/// Far behind the last checkpoint, most of what is computed again is in the log already.
#[test]
fn a_node_killed_long_after_a_checkpoint_is_made_up_for() {
    let case = small("g1")
        .with("horizon.generations=450")
        .with("population.voice.shards=16")
        .with("web.seed.corpus=normal")
        .with("web.seed.documents=100");
    let trial = Trial::new(case);
    let mut cluster = Cluster::start(&trial, 3, &["--checkpoint-every", "100"]);
    cluster.wait_for_windows(180);
    cluster.kill_node(2);
    cluster.wait_for_windows(360);
    cluster.kill_node(0);
    cluster.finish(&trial);
}

#[test]
fn two_killed_nodes_are_made_up_for() {
    let trial = Trial::new(long());
    let mut cluster = Cluster::start(&trial, 3, &[]);
    cluster.wait_for_checkpoint(2);
    cluster.kill_node(0);
    cluster.kill_node(2);
    cluster.finish(&trial);
}

#[test]
fn a_node_may_join_late_and_another_leave() {
    let trial = Trial::new(small("asynchronous").with("horizon.days=150"));
    let mut cluster = Cluster::start(&trial, 1, &[]);
    cluster.wait_for_checkpoint(2);
    cluster.add_node(2);
    cluster.wait_for_checkpoint(5);
    cluster.kill_node(0);
    cluster.finish(&trial);
}

/// Stopped for longer than its lease, a node is given up; when it goes on, what it still says changes nothing.
#[test]
fn a_node_that_was_given_up_changes_nothing_when_it_wakes() {
    let trial = Trial::new(long());
    let mut cluster = Cluster::start(&trial, 2, &["--lease", "0.5"]);
    cluster.wait_for_checkpoint(2);
    signal("STOP", cluster.node(0));
    let seen = cluster.checkpoint();
    cluster.wait_for_checkpoint(seen + 2);
    signal("CONT", cluster.node(0));
    cluster.finish(&trial);
}

#[test]
fn a_broker_that_was_killed_and_comes_back_is_waited_for() {
    let trial = Trial::new(long());
    let mut broker = Broker::start(trial.folder.path());
    let mut cluster = Cluster::start(&trial, 2, &["--nats", &broker.url()]);
    cluster.wait_for_checkpoint(2);
    broker.restart();
    cluster.finish(&trial);
}

/// Killed with three nodes, gone on with on two, killed again, and finished without any.
#[test]
fn a_killed_coordinator_is_followed_by_other_numbers_of_nodes() {
    let trial = Trial::new(long());
    let mut cluster = Cluster::start(&trial, 3, &[]);
    cluster.wait_for_checkpoint(2);
    cluster.kill_coordinator();
    let mut cluster = Cluster::resume(&trial, 2);
    cluster.wait_for_checkpoint(6);
    cluster.kill_coordinator();
    trial.resume(&[]);
}

/// Ctrl-C saves what nodes know before they are let go.
#[test]
fn an_interrupted_run_on_nodes_goes_on_without_them() {
    let trial = Trial::new(long());
    let mut running = trial.start(&["--nodes", "2", "--checkpoint-every", "50"]);
    running.wait_until(|| running::checkpoints(&trial.run()).last() >= Some(&2));
    signal("INT", running.0.id());
    let answer = running.finish();
    assert_eq!(answer.code, Some(1), "{}", answer.err);
    assert!(answer.err.contains("interrupted"), "{}", answer.err);
    trial.resume(&[]);
}

#[test]
fn nodes_and_coordinator_are_seen_from_outside() {
    let trial = Trial::new(long());
    let mut cluster = Cluster::start(&trial, 2, &[]);
    cluster.wait_for_checkpoint(2);
    let answer = program::echosphere(trial.folder.path(), ["status", &cluster.url()]);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    assert!(answer.out.contains("replicate 1 of 1"), "{}", answer.out);
    assert_eq!(answer.out.matches("process-").count(), 2, "{}", answer.out);
    cluster.finish(&trial);
}

/// Nodes keep the documents, and the coordinator, who has none, finds them at the end.
#[test]
fn documents_that_are_kept_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let case = small("asynchronous")
        .with("replicates=1")
        .with("horizon.days=30");
    let documents = |out: &str, more: &[&str]| {
        case.run(folder.path(), out, &[&["--keep-documents"], more].concat());
        std::fs::read(folder.path().join(out).join("documents.parquet")).unwrap()
    };
    let here = documents("here", &[]);
    assert!(here == documents("there", &["--nodes", "2"]));
}
