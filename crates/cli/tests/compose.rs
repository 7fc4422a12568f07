//! The services of `deploy/compose.yaml` as processes: the same programs with the same arguments, variables, configurations,
//! certificates and tokens, without containers.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/deployed.rs"]
mod deployed;
#[path = "common/program.rs"]
mod program;
#[path = "common/services.rs"]
mod services;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use program::{echosphere, manifest};
use services::{Service, Stack};
use tempfile::tempdir;

/// The scenario of the file, at a size for tests.
const SMALLER: [&str; 4] = [
    "--set",
    "population.voice.count=1000",
    "--set",
    "horizon.generations=20",
];

/// Tries again for a minute, which only something that hangs needs.
#[expect(
    clippy::disallowed_methods,
    reason = "other processes have to come to a certain point"
)]
#[track_caller]
fn wait_for(service: &mut Service, mut reached: impl FnMut(&mut Service) -> bool) {
    for _ in 0..600 {
        if reached(service) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("it did not come to that point: {}", service.said());
}

/// What the health check of a server asks by `wget`, which not every machine has.
fn server_is_healthy(stack: &Stack, name: &str) -> bool {
    let (host, path) = stack.health_address(name);
    let Ok(mut stream) = TcpStream::connect(&host) else {
        return false;
    };
    let mut answer = String::new();
    let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer
            .lines()
            .next()
            .is_some_and(|line| line.contains(" 200 "))
}

/// Lets a process end by itself, and expects it to have succeeded.
#[track_caller]
fn finish(service: &mut Service) {
    let mut status = None;
    wait_for(service, |service| {
        status = service.child.try_wait().unwrap();
        status.is_some()
    });
    assert!(status.unwrap().success(), "{}", service.said());
}

#[test]
fn services_of_the_compose_file_give_what_one_process_gives() {
    let folder = tempdir().unwrap();
    let stack = Stack::new(folder.path());
    stack.make_secrets();
    let servers = stack.awaited("coordinator");
    assert_eq!(servers.len(), 3);
    let mut running: Vec<Service> = servers
        .iter()
        .map(|name| stack.start(name, 1, &[]))
        .collect();
    for (name, server) in servers.iter().zip(&mut running) {
        wait_for(server, |_| server_is_healthy(&stack, name));
    }

    let mut coordinator = stack.start("coordinator", 1, &SMALLER);
    wait_for(&mut coordinator, |service| {
        let ended = service.child.try_wait().unwrap();
        assert!(ended.is_none(), "it ended: {}", service.said());
        stack.is_healthy("coordinator")
    });
    let count = stack.replicas("node");
    let mut nodes: Vec<Service> = (1..=count)
        .map(|number| stack.start("node", number, &[]))
        .collect();
    finish(&mut coordinator);
    nodes.iter_mut().for_each(finish);

    let scenario = deployed::place("kubernetes/base/scenario.toml");
    let alone = [
        "run",
        scenario.to_str().unwrap(),
        "--quiet",
        "--out",
        "alone",
    ];
    echosphere(folder.path(), [&alone[..], &SMALLER].concat()).ok();
    let there = manifest(&stack.path("coordinator", "/runs/main"));
    assert_eq!(there["status"], "finished");
    assert_eq!(
        there["digest"],
        manifest(&folder.path().join("alone"))["digest"]
    );
}
