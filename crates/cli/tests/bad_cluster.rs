//! What can be wrong with nodes, brokers and coordinators is told clearly, and soon.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/program.rs"]
mod program;
#[path = "common/refusal.rs"]
mod refusal;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

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

/// A broker, ended when dropped.
struct Plain(Child);

impl Drop for Plain {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a broker is ready when its port answers"
)]
fn a_broker_without_jetstream_is_told_from_one_that_has_it() {
    let folder = tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut plain = Command::new("nats-server");
    plain
        .args(["--addr", "127.0.0.1", "--port", &port.to_string()])
        .stderr(Stdio::null());
    let _broker = Plain(
        plain
            .spawn()
            .expect("these tests need nats-server: `cargo xtask test` installs it"),
    );
    for _ in 0..500 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    in_vain(
        folder.path(),
        &[
            "--nodes",
            "2",
            "--nats",
            &format!("nats://127.0.0.1:{port}"),
        ],
        &["JetStream", "-js"],
    );
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
