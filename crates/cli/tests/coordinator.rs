//! A run that the broker remembers: it goes on under its name, on whatever disk, and only one process leads it. Needs
//! `nats-server`.

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
#[path = "common/object_store.rs"]
mod object_store;
#[path = "common/program.rs"]
mod program;
#[path = "common/running.rs"]
mod running;
#[path = "common/trial.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod trial;

use std::process::{Child, Stdio};

use broker::{Broker, free_port};
use cases::{Case, result, small};
use nodes::signal;
use object_store::ObjectStore;
use program::{Answer, command};
use running::{Running, checkpoints};
use trial::Trial;

/// A case that is led under a name.
struct Run {
    trial: Trial,
    broker: Broker,
    store: String,
    environment: Vec<(&'static str, String)>,
    nodes: Vec<Child>,
}

fn case() -> Case {
    small("g1").with("horizon.generations=900")
}

impl Run {
    fn new(store: &str) -> Self {
        let trial = Trial::new(case());
        let broker = Broker::start(&trial.folder.path().join("broker"));
        Self {
            trial,
            broker,
            store: store.to_owned(),
            environment: Vec::new(),
            nodes: Vec::new(),
        }
    }

    /// The command that leads it, writing to the folder `out`, with nodes at `port`.
    fn command(&self, (out, port): (&str, u16), more: &[&str]) -> std::process::Command {
        let (listen, nats) = (format!("127.0.0.1:{port}"), self.broker.url());
        let options = [
            "--run",
            "one",
            "--nodes",
            "2",
            "--listen",
            &listen,
            "--nats",
            &nats,
            "--lease",
            "1",
            "--checkpoint-every",
            "25",
            "--checkpoints",
            &self.store,
        ];
        let mut line = self.trial.case.arguments(out, &[&options, more].concat());
        line[0] = "coordinator";
        let line: Vec<String> = line.into_iter().map(str::to_owned).collect();
        let mut command = command(self.trial.folder.path(), line);
        command.envs(self.environment.iter().cloned());
        command
    }

    fn lead(&self, place: (&str, u16)) -> Running {
        let mut command = self.command(place, &[]);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        Running(command.spawn().unwrap())
    }

    /// Leads it with two nodes, until there are so many checkpoints in the folder that is its store.
    #[track_caller]
    fn begin(&mut self, port: u16, number: u64) -> Running {
        let mut coordinator = self.lead(("first", port));
        self.add_node(port);
        self.add_node(port);
        let store = self.trial.folder.path().join(&self.store);
        coordinator.wait_until(|| checkpoints(&store).last() >= Some(&number));
        coordinator
    }

    fn ask(&self, place: (&str, u16), more: &[&str]) -> Answer {
        let output = self.command(place, more).output().unwrap();
        Answer {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn add_node(&mut self, port: u16) {
        let url = format!("http://127.0.0.1:{port}");
        let mut node = command(&std::env::temp_dir(), ["node", &url, "--threads", "1"]);
        node.envs(self.environment.iter().cloned());
        node.stdout(Stdio::null()).stderr(Stdio::null());
        self.nodes.push(node.spawn().unwrap());
    }

    /// Lets it end, and compares what is in `out` with the undisturbed run.
    #[track_caller]
    fn finish(&self, coordinator: Running, out: &str) {
        let answer = coordinator.finish();
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        let came_to = result(&self.trial.folder.path().join(out));
        assert!(
            came_to == self.trial.whole,
            "it came to something else: {}",
            answer.err
        );
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            drop(node.kill());
            drop(node.wait());
        }
    }
}

/// Ends it as a power failure would.
#[track_caller]
fn kill(mut coordinator: Running) {
    assert!(coordinator.is_alive(), "it was faster than the kill");
    coordinator.0.kill().unwrap();
    coordinator.0.wait().unwrap();
}

/// Killed, it goes on in another folder from what is in the store and at the broker, with the nodes that were there. Once it
/// is over, whoever asks again is told the digest.
#[test]
fn a_killed_coordinator_is_followed_by_one_on_another_disk() {
    let mut run = Run::new("store");
    let port = free_port();
    let coordinator = run.begin(port, 3);
    kill(coordinator);
    let coordinator = run.lead(("second", port));
    run.finish(coordinator, "second");
    let again = run.ask(("third", port), &[]);
    assert_eq!(again.code, Some(0), "{}", again.err);
    assert!(again.out.contains(&run.trial.whole.digest), "{}", again.out);
    assert!(!run.trial.folder.path().join("third").exists());
    let store = run.trial.folder.path().join("store");
    assert_eq!(
        net::Store::open(&store.to_string_lossy())
            .unwrap()
            .storage()
            .list("")
            .unwrap(),
        [""; 0]
    );
}

/// Whoever is not the leader is refused, and the leader is none the worse for it.
#[test]
fn a_run_has_one_coordinator_and_one_scenario() {
    let mut run = Run::new("store");
    let port = free_port();
    let coordinator = run.begin(port, 1);
    let second = run.ask(("second", free_port()), &[]);
    assert_eq!(second.code, Some(2), "{}", second.err);
    assert!(
        second.err.contains("led by another coordinator already"),
        "{}",
        second.err
    );
    let other = run.ask(("third", free_port()), &["--seed", "99"]);
    assert_eq!(other.code, Some(2), "{}", other.err);
    assert!(other.err.contains("of another scenario"), "{}", other.err);
    run.finish(coordinator, "first");
}

/// Frozen for longer than its lease, a coordinator is followed by another; when it wakes, it finds that out and ends.
#[test]
fn a_frozen_coordinator_does_not_lead_when_it_wakes() {
    let mut run = Run::new("store");
    let port = free_port();
    let frozen = run.begin(port, 2);
    signal("STOP", frozen.0.id());
    let other = free_port();
    let coordinator = run.lead(("second", other));
    run.add_node(other);
    run.add_node(other);
    run.finish(coordinator, "second");
    signal("CONT", frozen.0.id());
    let answer = frozen.finish();
    assert_eq!(answer.code, Some(1), "{}", answer.err);
    assert!(
        answer
            .err
            .contains("another coordinator has taken the run over"),
        "{}",
        answer.err
    );
}

/// Checkpoints may lie in S3-compatible storage, which is all that two coordinators have in common beside the broker.
#[test]
fn checkpoints_may_be_objects_in_a_bucket() {
    let objects = ObjectStore::start("simulations");
    let mut run = Run::new("s3://simulations/runs/one");
    run.environment = objects.environment();
    let port = free_port();
    let mut coordinator = run.lead(("first", port));
    run.add_node(port);
    run.add_node(port);
    coordinator.wait_until(|| {
        let names = objects.names();
        names
            .iter()
            .filter(|name| name.ends_with(".checkpoint"))
            .count()
            >= 2
    });
    kill(coordinator);
    let names = objects.names();
    assert!(
        names
            .iter()
            .any(|name| name.contains("runs/one/checkpoints/shards/")),
        "{names:?}"
    );
    assert!(
        names
            .iter()
            .any(|name| name.contains("runs/one/checkpoints/segments/")),
        "{names:?}"
    );
    let coordinator = run.lead(("second", port));
    run.finish(coordinator, "second");
    assert!(objects.names().is_empty(), "{:?}", objects.names());
}

#[test]
fn a_bucket_that_cannot_be_written_to_is_named() {
    let objects = ObjectStore::start("simulations");
    let mut run = Run::new("s3://simulations/runs");
    run.environment = objects.environment();
    let wrong = ("AWS_SECRET_ACCESS_KEY", "another one".to_owned());
    run.environment.push(wrong);
    let answer = run.ask(("first", free_port()), &[]);
    assert_eq!(answer.code, Some(2), "{}", answer.err);
    let said = &answer.err;
    assert!(said.contains("s3://simulations/runs"), "{said}");
    assert!(!said.contains("another one"), "{said}");
    assert!(!run.trial.folder.path().join("first").exists());
}

#[test]
fn what_a_coordinator_needs_is_asked_for() {
    let run = Run::new("store");
    let line = ["coordinator", "g1", "--run", "one", "--out", "x"];
    let answer = program::echosphere(run.trial.folder.path(), line);
    assert_eq!(answer.code, Some(2), "{}", answer.err);
    assert!(
        answer.err.contains("--nodes") && answer.err.contains("--nats"),
        "{}",
        answer.err
    );
    let line = ["coordinator", "g1", "--run", "a.b", "--out", "x"];
    let answer = program::echosphere(run.trial.folder.path(), line);
    assert_eq!(answer.code, Some(2), "{}", answer.err);
    assert!(
        answer.err.contains("letters, digits, - or _"),
        "{}",
        answer.err
    );
}
