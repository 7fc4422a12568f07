//! A broker of three servers loses one of them, and the run does not notice more than a pause. Needs `nats-server`.

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
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod trial;

use broker::Brokers;
use cases::small;
use nodes::Cluster;
use trial::Trial;

/// A run on two nodes, with three copies of the log.
#[track_caller]
fn on_three_servers() -> (Trial, Brokers, Cluster) {
    let case = small("g1")
        .with("population.voice.count=300")
        .with("population.voice.shards=8")
        .with("horizon.generations=500");
    let trial = Trial::new(case);
    let brokers = Brokers::start(&trial.folder.path().join("brokers"));
    let urls = brokers.urls();
    let options = ["--nats", &urls, "--nats-replicas", "3"];
    let mut cluster = Cluster::start(&trial, 2, &options);
    cluster.wait_for_windows(50);
    (trial, brokers, cluster)
}

#[test]
fn the_server_that_leads_the_log_may_be_killed_and_come_back() {
    let (trial, mut brokers, mut cluster) = on_three_servers();
    let leader = brokers.leader();
    brokers.kill(leader);
    cluster.wait_for_windows(cluster.windows().unwrap() + 50);
    let next = brokers.leader();
    brokers.restart(leader);
    brokers.kill(next);
    cluster.finish(&trial);
}

#[test]
fn a_server_that_only_keeps_a_copy_may_be_killed() {
    let (trial, mut brokers, cluster) = on_three_servers();
    let other = (brokers.leader() + 1) % 3;
    brokers.kill(other);
    cluster.finish(&trial);
}
