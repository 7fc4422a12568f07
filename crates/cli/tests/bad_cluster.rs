//! What can be wrong with nodes, brokers and coordinators is told clearly, and soon.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/broker.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod broker;
#[path = "common/program.rs"]
mod program;
#[path = "common/refusal.rs"]
mod refusal;

use std::net::TcpListener;
use std::path::Path;

use broker::Broker;
use program::{Answer, command, echosphere, manifest};
use refusal::{check, refused};
use tempfile::tempdir;

/// Runs a small scenario on nodes that cannot be had, and again without them: nothing is in the way.
#[track_caller]
fn in_vain(folder: &Path, more: &[&str], said: &[&str]) {
    let line = ["run", "collapse", "-q", "--replicates", "1", "--out", "out"];
    check(&echosphere(folder, [&line, more].concat()), said);
    assert!(!folder.join("out").exists(), "a run was begun");
    echosphere(folder, line).ok();
    assert_eq!(manifest(&folder.join("out"))["status"], "finished");
}

#[test]
fn a_missing_broker_program_is_named_with_the_way_out() {
    let folder = tempdir().unwrap();
    let mut program = command(
        folder.path(),
        ["run", "collapse", "-q", "--out", "out", "--nodes", "2"],
    );
    let output = program.env("PATH", folder.path()).output().unwrap();
    let answer = Answer {
        code: output.status.code(),
        out: String::new(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    check(
        &answer,
        &["nats-server", "apt-get install nats-server", "--nats"],
    );
}

#[test]
fn a_broker_that_is_not_there_is_named() {
    let folder = tempdir().unwrap();
    in_vain(
        folder.path(),
        &["--nodes", "2", "--nats", "nats://127.0.0.1:1"],
        &["NATS server", "nats://127.0.0.1:1"],
    );
}

#[test]
fn a_broker_without_jetstream_is_told_from_one_that_has_it() {
    let folder = tempdir().unwrap();
    let broker = Broker::with(&folder.path().join("broker"), ("127.0.0.1", &[]), "");
    in_vain(
        folder.path(),
        &["--nodes", "2", "--nats", &broker.url()],
        &["JetStream", "-js"],
    );
}

#[test]
fn a_broker_with_too_few_servers_is_told_how_many_are_wanted() {
    let folder = tempdir().unwrap();
    let broker = Broker::start(&folder.path().join("broker"));
    in_vain(
        folder.path(),
        &[
            "--nodes",
            "2",
            "--nats",
            &broker.url(),
            "--nats-replicas",
            "3",
        ],
        &["3 copies", "at least 3 servers", "--nats-replicas"],
    );
    refused(
        tempdir().unwrap().path(),
        "run collapse --out out --nodes 2 --nats-replicas 2",
        &["--nats-replicas", "1, 3, 5"],
    );
}

/// One of several addresses is enough.
#[test]
fn a_list_of_brokers_is_tried_to_its_end() {
    let folder = tempdir().unwrap();
    let broker = Broker::start(&folder.path().join("broker"));
    let urls = format!("nats://127.0.0.1:1, {}", broker.url());
    let line = ["run", "collapse", "-q", "--replicates", "1", "--out", "out"];
    let nodes = ["--nodes", "2", "--nats", &urls];
    echosphere(folder.path(), [&line[..], &nodes].concat()).ok();
}

#[test]
fn an_address_in_use_is_named() {
    let folder = tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    in_vain(
        folder.path(),
        &["--nodes", "2", "--listen", &address],
        &["coordinator", &address, "in use"],
    );
}

#[test]
fn leases_have_a_range() {
    let folder = tempdir().unwrap();
    let run = "run collapse --out out --lease";
    refused(
        folder.path(),
        &format!("{run} 0.1 --nodes 2"),
        &["--lease", "0.5 to 3600"],
    );
    refused(folder.path(), &format!("{run} 5"), &["--nodes"]);
}

#[test]
fn a_node_without_coordinator_says_whom_it_looked_for() {
    let folder = tempdir().unwrap();
    let answer = echosphere(folder.path(), ["node", "http://127.0.0.1:1", "--wait", "0"]);
    check(&answer, &["coordinator", "http://127.0.0.1:1"]);
    let answer = echosphere(folder.path(), ["status", "http://127.0.0.1:1"]);
    check(&answer, &["coordinator", "http://127.0.0.1:1"]);
}
