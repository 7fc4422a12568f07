//! Whatever fails in the middle of a window, or on a disk, a run on nodes gives the same bits. Needs `nats-server`, and root for
//! small disks.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/broker.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod broker;
#[path = "common/cases.rs"]
mod cases;
#[path = "common/damage.rs"]
mod damage;
#[path = "common/mount.rs"]
mod mount;
#[path = "common/nodes.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod nodes;
#[path = "common/program.rs"]
mod program;
#[path = "common/running.rs"]
mod running;
#[path = "common/trial.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod trial;

use std::process::Stdio;

use broker::Broker;
use cases::{Case, small};
use damage::{flip_a_byte, newest, truncate};
use mount::Mount;
use nodes::{Cluster, signal};
use trial::Trial;

/// A window takes some tenths of a second: long enough to be hit in its middle.
fn slow() -> Case {
    small("g1")
        .with("population.voice.count=2000")
        .with("population.voice.training.budget.documents=40000")
        .with("horizon.generations=12")
}

/// Many windows, and several shards on every node.
fn long() -> Case {
    small("g1")
        .with("population.voice.count=300")
        .with("population.voice.shards=12")
        .with("horizon.generations=1000")
}

const EVERY_THIRD: &[&str] = &["--checkpoint-every", "3"];

/// It had computed in the window, and the window was not over: nobody else could end it.
#[test]
fn a_node_killed_in_mid_window_is_made_up_for() {
    let trial = Trial::new(slow());
    let mut cluster = Cluster::start(&trial, 3, EVERY_THIRD);
    cluster.wait_for_windows(4);
    let window = cluster.freeze_in_mid_window(1);
    cluster.kill_node(1);
    cluster.wait_for_windows(window + 1);
    cluster.finish(&trial);
}

#[test]
fn two_nodes_killed_in_mid_window_are_made_up_for() {
    let trial = Trial::new(slow());
    let mut cluster = Cluster::start(&trial, 3, EVERY_THIRD);
    cluster.wait_for_windows(4);
    cluster.freeze_in_mid_window(0);
    cluster.kill_node(2);
    cluster.kill_node(0);
    cluster.finish(&trial);
}

#[test]
fn a_coordinator_killed_in_mid_window_is_made_up_for() {
    let trial = Trial::new(slow());
    let mut cluster = Cluster::start(&trial, 2, EVERY_THIRD);
    cluster.wait_for_windows(4);
    cluster.freeze_in_mid_window(0);
    cluster.kill_coordinator();
    Cluster::resume(&trial, 2).finish(&trial);
}

/// Acknowledged or not, what was published is there once when it comes back.
#[test]
fn a_broker_killed_in_mid_window_is_made_up_for() {
    let trial = Trial::new(slow());
    let mut broker = Broker::start(&trial.folder.path().join("broker"));
    let nats = ["--nats", &broker.url()];
    let mut cluster = Cluster::start(&trial, 2, &[EVERY_THIRD, &nats].concat());
    cluster.wait_for_windows(4);
    let window = cluster.freeze_in_mid_window(0);
    broker.kill();
    signal("CONT", cluster.node(0));
    nodes::pause(1000);
    assert_eq!(
        cluster.windows(),
        Some(window),
        "a window ended without the log"
    );
    broker.restart();
    cluster.finish(&trial);
}

/// It happens again and again, at any moment of a window.
#[test]
fn a_broker_killed_again_and_again_is_waited_for() {
    let trial = Trial::new(long());
    let mut broker = Broker::start(&trial.folder.path().join("broker"));
    let mut cluster = Cluster::start(&trial, 2, &["--nats", &broker.url()]);
    for windows in [50, 250, 450] {
        cluster.wait_for_windows(windows);
        broker.restart();
    }
    cluster.finish(&trial);
}

/// Six times as much passes through the log as it may hold.
#[test]
fn a_bounded_log_is_enough_for_a_long_run() {
    let case = small("g1")
        .with("horizon.generations=60")
        .with("population.voice.publish.documents=200");
    let trial = Trial::new(case);
    let broker = Broker::start(&trial.folder.path().join("broker"));
    let bound = ["--nats", &broker.url(), "--log-mib", "8"];
    let every = ["--checkpoint-every", "4"];
    Cluster::start(&trial, 2, &[bound.as_slice(), &every].concat()).finish(&trial);
}

/// Everything stays readable, and most of it does not fit into memory.
fn spilled() -> Case {
    small("g1")
        .with("horizon.generations=14")
        .with("web.memory_mib=1")
        .with("web.retention=accumulate")
        .with("population.voice.count=60")
        .with("population.voice.shards=6")
        .with("population.voice.training.regime=accumulate")
        .with("population.voice.publish.documents=1000")
}

/// A node whose disk is full gives up, and says why; the other has all shards then.
#[test]
fn a_full_disk_at_a_node_is_made_up_for() {
    let trial = Trial::new(spilled());
    let disk = Mount::new(trial.folder.path().join("disk"), "size=400k");
    let store = disk.path().to_str().unwrap();
    let mut cluster = Cluster::start_but_one(&trial, 2, &["--checkpoint-every", "4"]);
    // The first node exports the log, and has less to keep on its own disk.
    cluster.wait_for_registered(1);
    cluster.add_node_with(&["--threads", "1", "--store", store], Stdio::null());
    let said = cluster.finish(&trial);
    assert!(said.contains("No space left"), "nobody was told: {said}");
}

/// A run whose disk is full at a checkpoint ends, says why, and goes on when there is room.
/// Nodes that cannot save go on, and save when there is room again.
#[test]
fn a_full_disk_at_a_checkpoint_can_be_emptied() {
    let trial = Trial::new(long());
    // The broker has a disk of its own.
    let broker = Broker::start(&trial.folder.path().join("broker"));
    let disk = Mount::new(trial.run(), "size=8m");
    let mut cluster = Cluster::start(&trial, 2, &["--nats", &broker.url()]);
    cluster.wait_for_checkpoint(2);
    let filler = trial.run().join("checkpoints/filler");
    fill(&filler);
    let full_at = cluster.checkpoint();
    cluster.advance(60);
    assert!(cluster.checkpoint() <= full_at + 1, "it was not full");
    std::fs::remove_file(filler).unwrap();
    disk.change("size=64m");
    cluster.wait_for_checkpoint(full_at + 2);
    cluster.kill_node(0);
    let said = cluster.finish(&trial);
    assert!(
        said.contains("No space left") && said.contains("goes on"),
        "{said}"
    );
}

/// Writes until nothing more can be written.
fn fill(path: &std::path::Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    while file.write_all(&[1]).is_ok() {}
}

#[track_caller]
fn goes_on_without_the_newest_checkpoint(damage: impl Fn(&std::path::Path)) {
    let trial = Trial::new(long());
    let mut cluster = Cluster::start(&trial, 3, &[]);
    cluster.wait_for_checkpoint(3);
    cluster.kill_coordinator();
    damage(&newest(&trial.run()));
    let said = Cluster::resume(&trial, 2).finish(&trial);
    assert!(said.contains("damaged"), "nobody was told: {said}");
}

#[test]
fn a_corrupted_checkpoint_is_passed_over() {
    goes_on_without_the_newest_checkpoint(flip_a_byte);
}

#[test]
fn a_truncated_checkpoint_is_passed_over() {
    goes_on_without_the_newest_checkpoint(truncate);
}
