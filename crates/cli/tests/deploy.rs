//! What `deploy/` asks of the program, the program knows: flags, variables, the scenario.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/deployed.rs"]
mod deployed;
#[path = "common/program.rs"]
#[expect(dead_code, reason = "nothing is run to its end here")]
mod program;

use std::collections::BTreeSet;

use deployed::{documents, place, read, words};
use program::echosphere;
use serde_json::Value;
use tempfile::tempdir;

/// A process: where it is written, its words, and the names of its variables.
#[derive(Debug)]
struct Process {
    place: String,
    words: Vec<String>,
    variables: Vec<String>,
}

/// Our variables among those of a container: a map in compose, a list in Kubernetes.
fn variables(value: &Value) -> Vec<String> {
    let names: Vec<&str> = match value {
        Value::Object(map) => map.keys().map(String::as_str).collect(),
        Value::Array(list) => list.iter().filter_map(|one| one["name"].as_str()).collect(),
        _ => Vec::new(),
    };
    let ours = names
        .into_iter()
        .filter(|name| name.starts_with("ECHOSPHERE_"));
    ours.map(ToOwned::to_owned).collect()
}

/// The words behind the program's name.
fn behind_program(words: &[String]) -> Option<Vec<String>> {
    let at = words.iter().position(|word| word == "/echosphere")?;
    Some(words[at + 1..].to_vec())
}

/// A container's own process, and those that are started inside it now and then.
fn of_container(place: &str, container: &Value, arguments: &str, inner: &str) -> Vec<Process> {
    let process = |words| Process {
        place: place.to_owned(),
        words,
        variables: variables(&container["env"]),
    };
    let own = Some(words(&container[arguments])).filter(|words| !words.is_empty());
    let other = container
        .pointer(inner)
        .and_then(|inner| behind_program(&words(inner)));
    own.into_iter().chain(other).map(process).collect()
}

fn in_compose() -> Vec<Process> {
    let compose = documents("compose.yaml").remove(0);
    let services = compose["services"].as_object().unwrap();
    let ours = services
        .iter()
        .filter(|(_, service)| service.get("build").is_some());
    ours.flat_map(|(name, service)| {
        let mut service = service.clone();
        service["env"] = service["environment"].take();
        of_container(
            &format!("compose.yaml, {name}"),
            &service,
            "command",
            "/healthcheck/test",
        )
    })
    .collect()
}

fn in_kubernetes() -> Vec<Process> {
    let files = [
        "base/coordinator.yaml",
        "base/nodes.yaml",
        "overlays/s3/coordinator.yaml",
        "overlays/shared-volume/coordinator.yaml",
    ];
    let mut found = Vec::new();
    for file in files {
        for document in documents(&format!("kubernetes/{file}")) {
            let containers = document.pointer("/spec/template/spec/containers");
            for container in containers.and_then(Value::as_array).into_iter().flatten() {
                let mut container = container.clone();
                // An overlay only adds variables.
                if container.get("args").is_none() {
                    container["args"] = vec![container["name"].take()].into();
                }
                let hook = "/lifecycle/preStop/exec/command";
                found.extend(of_container(file, &container, "args", hook));
            }
        }
    }
    found
}

fn in_systemd() -> Vec<Process> {
    let units = [
        ("echosphere-coordinator.service", "coordinator.env"),
        ("echosphere-node@.service", "node.env"),
    ];
    let process = |(unit, file): (&str, &str)| {
        let (text, more) = (
            read(&format!("systemd/{unit}")),
            read(&format!("systemd/{file}")),
        );
        let start = "ExecStart=/usr/local/bin/echosphere ";
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(start))
            .unwrap();
        let settings = text
            .lines()
            .filter_map(|line| line.strip_prefix("Environment="))
            .flat_map(|line| line.split(' '));
        let names = settings
            .chain(more.lines())
            .filter_map(|setting| Some(setting.split_once('=')?.0));
        Process {
            place: unit.to_owned(),
            words: line.split(' ').map(ToOwned::to_owned).collect(),
            variables: names
                .filter(|name| name.starts_with("ECHOSPHERE_"))
                .map(ToOwned::to_owned)
                .collect(),
        }
    };
    units.into_iter().map(process).collect()
}

/// What the page of a command mentions: `--flag`, and `NAME` of `[env: NAME=]`.
fn known(command: &str) -> BTreeSet<String> {
    let folder = tempdir().unwrap();
    let page = echosphere(folder.path(), [command, "--help"]).ok();
    let words = page.split(|letter: char| letter.is_whitespace() || "[],=".contains(letter));
    words.map(ToOwned::to_owned).collect()
}

/// Variables that say who a process is belong to all, the others to the process of a container itself.
fn concerns(command: &str, variable: &str) -> bool {
    let of_all = ["_CA", "_CERTIFICATE", "_KEY", "_TOKEN_FILE"];
    match command {
        "status" | "drain" => {
            variable != "ECHOSPHERE_NATS_TOKEN_FILE"
                && of_all.iter().any(|end| variable.ends_with(end))
                || command == "drain" && variable == "ECHOSPHERE_NAME"
        }
        _ => true,
    }
}

/// Flags and variables of a process that its command does not know.
fn unknown(process: &Process) -> Vec<String> {
    let command = process.words[0].as_str();
    let known = known(command);
    let flags = process.words[1..]
        .iter()
        .filter(|word| word.starts_with("--"));
    let variables = process
        .variables
        .iter()
        .filter(|name| concerns(command, name));
    flags
        .chain(variables)
        .filter(|word| !known.contains(*word))
        .map(|word| format!("{}: `{command}` knows no {word}", process.place))
        .collect()
}

#[track_caller]
fn check(processes: &[Process], number: usize) {
    assert_eq!(processes.len(), number, "{processes:?}");
    let complaints: Vec<String> = processes.iter().flat_map(unknown).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn compose_uses_what_the_program_knows() {
    check(&in_compose(), 4);
}

#[test]
fn manifests_use_what_the_program_knows() {
    check(&in_kubernetes(), 5);
}

#[test]
fn units_use_what_the_program_knows() {
    check(&in_systemd(), 2);
}

#[test]
fn an_unknown_flag_and_an_unknown_variable_are_noticed() {
    let process = Process {
        place: "a".to_owned(),
        words: ["node", "b", "--threads", "--treads"]
            .map(ToOwned::to_owned)
            .to_vec(),
        variables: vec!["ECHOSPHERE_TREADS".to_owned()],
    };
    assert_eq!(
        unknown(&process),
        [
            "a: `node` knows no --treads",
            "a: `node` knows no ECHOSPHERE_TREADS"
        ]
    );
}

#[test]
fn the_scenario_of_the_cluster_is_a_good_one() {
    let scenario = place("kubernetes/base/scenario.toml");
    let folder = tempdir().unwrap();
    echosphere(
        folder.path(),
        ["scenario", "check", scenario.to_str().unwrap()],
    )
    .ok();
}
