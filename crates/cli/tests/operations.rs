//! A run on nodes is seen, drained and stopped as its operators need it. Needs `nats-server`.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[expect(dead_code, reason = "each test needs other things of a broker")]
#[path = "common/broker.rs"]
mod broker;
#[path = "common/cases.rs"]
mod cases;
#[expect(dead_code, reason = "each test needs other things of a cluster")]
#[path = "common/nodes.rs"]
mod nodes;
#[path = "common/program.rs"]
mod program;
#[path = "common/running.rs"]
mod running;
#[path = "common/scrape.rs"]
mod scrape;
#[path = "common/trial.rs"]
mod trial;

use std::process::Stdio;

use broker::{Broker, free_port};
use cases::{Case, small};
use nodes::{Cluster, signal};
use program::{Answer, command, echosphere, manifest};
use scrape::{assert_grown, get, scrape};
use serde_json::Value;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use trial::Trial;

/// Long enough to be looked at, and with several shards on every node.
fn long() -> Case {
    small("g1").with("horizon.generations=1200")
}

/// How a run stands.
#[track_caller]
fn standing(url: &str) -> Value {
    let answer = echosphere(&std::env::temp_dir(), ["status", url, "--json"]).ok();
    assert_eq!(answer.lines().count(), 1, "{answer}");
    serde_json::from_str(&answer).unwrap()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

#[track_caller]
fn drain(url: &str, node: &str) -> Answer {
    echosphere(&std::env::temp_dir(), ["drain", url, node])
}

/// Stalls the broker, so that nothing moves while it is looked at.
#[test]
fn metrics_agree_with_one_another_and_with_the_run() {
    let trial = Trial::new(long());
    let broker = Broker::start(trial.folder.path());
    let ports = [free_port(), free_port(), free_port()];
    let places = ports.map(|port| format!("127.0.0.1:{port}"));
    let options = ["--nats", &broker.url(), "--metrics", &places[0]];
    let mut cluster = Cluster::start(&trial, 1, &options);
    cluster.wait_for_windows(1);
    for place in &places[1..] {
        cluster.add_node_with(&["--threads", "1", "--metrics", place], Stdio::null());
    }
    let url = cluster.url();
    cluster.wait_until(|| number(&standing(&url)["epoch"]) >= 2);
    cluster.wait_for_checkpoint(2);
    let early = ports.map(scrape);
    let seen = cluster.checkpoint();
    cluster.wait_for_checkpoint(seen + 1);
    signal("STOP", broker.id());
    let mut last = standing(&url)["windows"].clone();
    let mut calm = 0;
    cluster.wait_until(|| {
        let now = standing(&url)["windows"].clone();
        calm = if now == last { calm + 1 } else { 0 };
        last = now;
        calm >= 10
    });
    let late = ports.map(scrape);
    for (before, after) in early.iter().zip(&late) {
        assert_grown(before, after);
    }
    let now = standing(&url);
    let [coordinator, left, right] = &late;
    let windows = coordinator["echosphere_windows_total"];
    assert_eq!(windows, now["windows"].as_f64().unwrap());
    assert_eq!(coordinator["echosphere_nodes"], 3.0);
    assert_eq!(
        coordinator["echosphere_epoch"],
        now["epoch"].as_f64().unwrap()
    );
    assert_eq!(coordinator["echosphere_restarts_total"], 0.0);
    assert_eq!(coordinator["echosphere_window_seconds_count"], windows);
    assert_eq!(
        coordinator["echosphere_barrier_wait_seconds_count"],
        windows
    );
    assert!(coordinator["echosphere_checkpoint_seconds_count"] >= 3.0);
    // Each of 1000 models publishes ten documents a window.
    let documents = coordinator["echosphere_documents_published_total"];
    assert_eq!(documents, windows * 10_000.0);
    for node in [left, right] {
        assert!(node["echosphere_received_bytes_total"] > 0.0);
        assert!(node["echosphere_published_bytes_total"] > 0.0);
        assert!(node["process_resident_memory_bytes"] > 1e6);
        let name = |kind: &str| node.keys().any(|key| key.starts_with(kind));
        assert!(name("echosphere_log_lag_messages{") && !name("echosphere_nodes"));
    }
    let ages = coordinator
        .keys()
        .filter(|key| key.starts_with("echosphere_lease_age_seconds{node="));
    assert_eq!(ages.count(), 3);
    signal("CONT", broker.id());
    cluster.finish(&trial);
    assert!(windows <= manifest(&trial.run())["windows"].as_f64().unwrap());
}

/// What is counted in one go is what the manifest says.
#[test]
fn a_watched_run_ends_with_the_numbers_of_its_manifest() {
    let trial = Trial::new(long());
    let port = free_port();
    let place = format!("127.0.0.1:{port}");
    let mut cluster = Cluster::start(&trial, 2, &["--metrics", &place]);
    cluster.wait_for_windows(1);
    let mut watch = command(
        &std::env::temp_dir(),
        ["status", &cluster.url(), "--watch", "--json"],
    );
    let watch = watch.stdout(Stdio::piped()).spawn().unwrap();
    let mut samples = scrape(port);
    cluster.wait_until(|| match scrape::try_get(port, "/metrics") {
        Ok((_, page)) if page.ends_with("# EOF\n") => {
            let now = scrape::parse(&page);
            assert_grown(&samples, &now);
            samples = now;
            samples["echosphere_progress_ratio"] > 0.9
        }
        _ => false,
    });
    cluster.finish(&trial);
    let output = watch.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let lines = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let windows = |answer: &Value| number(&answer["windows"]);
    assert!(answers.is_sorted_by_key(windows), "{lines}");
    let last = answers.last().unwrap();
    assert_eq!(last["ended"], true, "{last}");
    assert_eq!(last["replicates_done"], last["replicates"], "{last}");
    assert_eq!(last["windows"], manifest(&trial.run())["windows"]);
}

#[test]
fn a_page_for_metrics_needs_nodes_and_a_free_port() {
    let folder = tempfile::tempdir().unwrap();
    let run = |options: &[&str]| {
        echosphere(
            folder.path(),
            [&["run", "collapse", "-q"], options].concat(),
        )
    };
    let alone = run(&["--metrics", "127.0.0.1:0"]);
    assert_eq!(alone.code, Some(2));
    assert!(alone.err.contains("add --nodes N"), "{}", alone.err);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = taken.local_addr().unwrap().to_string();
    let refused = run(&["--nodes", "1", "--metrics", &place]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains(&place), "{}", refused.err);
}

/// The lines of a log, each an object that says when, how grave, from where and what.
#[track_caller]
fn objects(log: &str) -> Vec<Value> {
    let object = |line: &str| {
        let object: Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        for field in ["timestamp", "level", "target", "message"] {
            assert!(object[field].is_string(), "{line} has no {field}");
        }
        object
    };
    log.lines().map(object).collect()
}

#[track_caller]
fn said<'a>(lines: &'a [Value], message: &str) -> &'a Value {
    let found = lines.iter().find(|line| line["message"] == message);
    found.unwrap_or_else(|| panic!("nobody said {message}: {lines:?}"))
}

#[test]
fn every_line_of_a_json_log_is_an_object_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let case = small("g1").with("horizon.generations=40");
    let run = case.arguments("logged", &["--nodes", "2", "--log-format", "json"]);
    let mut run = command(folder.path(), run);
    let output = run.env("RUST_LOG", "echosphere=debug").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    let lines = objects(&text);
    let at_node = said(&lines, "a window has run");
    for field in ["node", "run", "shards"] {
        assert!(at_node[field].is_string(), "{at_node} has no {field}");
    }
    let at_coordinator = said(&lines, "a window is over");
    assert_eq!(at_coordinator["run"], at_node["run"]);
    assert_eq!(at_coordinator["replicate"], 0);
    for line in [at_node, at_coordinator] {
        for field in ["epoch", "window", "virtual_time_days"] {
            assert!(line[field].is_number(), "{line} has no {field}");
        }
    }
}

/// Without `RUST_LOG`, warnings say where they belong as well.
#[test]
fn a_warning_in_a_json_log_names_run_and_node() {
    let trial = Trial::new(long());
    let mut cluster = Cluster::start(&trial, 2, &["--log-format", "json"]);
    cluster.wait_for_checkpoint(2);
    let name = format!("process-{}", cluster.node(0));
    cluster.kill_node(0);
    let lines = objects(&cluster.finish(&trial));
    let gone = said(&lines, "a node is gone");
    assert_eq!(
        (&gone["level"], &gone["node"]),
        (&"WARN".into(), &name.into())
    );
    assert!(gone["run"].is_string(), "{gone}");
    assert_eq!((&gone["replicate"], &gone["epoch"]), (&0.into(), &1.into()));
}

#[test]
fn failures_are_objects_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = command(folder.path(), ["run", "no-such-scenario"]);
    let output = run.env("ECHOSPHERE_LOG_FORMAT", "json").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let line: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(line["level"], "ERROR");
    assert!(
        line["message"]
            .as_str()
            .unwrap()
            .contains("no-such-scenario")
    );
}

/// Waits for something that another process does.
#[expect(
    clippy::disallowed_methods,
    reason = "another process has to come to a certain point"
)]
#[track_caller]
fn eventually(mut reached: impl FnMut() -> bool) {
    for _ in 0..1500 {
        if reached() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("it never came to that point");
}

/// What a probe is told.
fn health(port: u16, service: &str) -> ServingStatus {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let url = format!("http://127.0.0.1:{port}");
        let channel = tonic::transport::Endpoint::new(url)
            .unwrap()
            .connect()
            .await;
        let Ok(channel) = channel else {
            return ServingStatus::Unknown;
        };
        let service = service.to_owned();
        let answer = HealthClient::new(channel)
            .check(HealthCheckRequest { service })
            .await;
        answer.map_or(ServingStatus::Unknown, |answer| {
            answer.into_inner().status()
        })
    })
}

#[test]
fn probes_hear_who_serves() {
    let trial = Trial::new(long());
    let (own, page) = (free_port(), free_port());
    let (own_at, page_at) = (format!("127.0.0.1:{own}"), format!("127.0.0.1:{page}"));
    let door = free_port();
    let mut waiting = command(
        &std::env::temp_dir(),
        [
            "node",
            &format!("http://127.0.0.1:{door}"),
            "--health",
            &own_at,
            "--metrics",
            &page_at,
        ],
    );
    // Without a coordinator a node is up, and does not serve.
    let mut waiting = waiting.stderr(Stdio::null()).spawn().unwrap();
    eventually(|| health(own, "liveness") == ServingStatus::Serving);
    assert_eq!(health(own, ""), ServingStatus::NotServing);
    assert_eq!(
        (get(page, "/healthz").0, get(page, "/readyz").0),
        (200, 503)
    );
    waiting.kill().unwrap();
    waiting.wait().unwrap();
    // With one, both serve.
    let mut cluster = Cluster::start(&trial, 1, &[]);
    cluster.add_node_with(&["--health", &own_at, "--metrics", &page_at], Stdio::null());
    cluster.wait_until(|| health(own, "") == ServingStatus::Serving);
    assert_eq!(
        (get(page, "/healthz").0, get(page, "/readyz").0),
        (200, 200)
    );
    let port: u16 = cluster.url().rsplit(':').next().unwrap().parse().unwrap();
    assert_eq!(health(port, ""), ServingStatus::Serving);
    cluster.finish(&trial);
}

/// The broker is stalled, so that whoever is asked to end has to wait.
#[test]
fn whoever_is_asked_to_end_does_not_serve_meanwhile() {
    let trial = Trial::new(long());
    let own = free_port();
    let own_at = format!("127.0.0.1:{own}");
    let broker = Broker::start(trial.folder.path());
    let mut cluster = Cluster::start(&trial, 1, &["--nats", &broker.url(), "--lease", "20"]);
    cluster.wait_for_windows(1);
    cluster.add_node_with(&["--health", &own_at], Stdio::null());
    let url = cluster.url();
    cluster.wait_until(|| number(&standing(&url)["epoch"]) >= 2);
    cluster.wait_for_checkpoint(2);
    let port: u16 = url.rsplit(':').next().unwrap().parse().unwrap();
    let seen = |port| health(port, "");
    assert_eq!(
        (seen(port), seen(own)),
        (ServingStatus::Serving, ServingStatus::Serving)
    );
    signal("STOP", broker.id());
    signal("TERM", cluster.node(1));
    signal("TERM", cluster.coordinator());
    cluster.wait_until(|| seen(port) == ServingStatus::NotServing);
    cluster.wait_until(|| seen(own) == ServingStatus::NotServing);
    assert_eq!(health(own, "liveness"), ServingStatus::Serving);
    let draining = |node: &Value| node["draining"] == true;
    cluster.wait_until(|| {
        standing(&url)["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .any(draining)
    });
    signal("CONT", broker.id());
    let answer = cluster.end();
    assert_eq!(answer.code, Some(1), "{}", answer.err);
    trial.resume(&[]);
}

#[test]
fn a_drained_node_hands_its_shards_over() {
    let trial = Trial::new(long());
    let port = free_port();
    let place = format!("127.0.0.1:{port}");
    let mut cluster = Cluster::start(&trial, 3, &["--metrics", &place]);
    cluster.wait_for_checkpoint(2);
    let url = cluster.url();
    let before = number(&standing(&url)["epoch"]);
    let nobody = drain(&url, "nobody");
    assert_eq!(nobody.code, Some(2));
    let name = format!("process-{}", cluster.node(1));
    assert!(
        nobody.err.contains("there is no node nobody"),
        "{}",
        nobody.err
    );
    assert!(nobody.err.contains(&name), "{}", nobody.err);
    let answer = drain(&url, &name).ok();
    assert!(answer.contains("is let go"), "{answer}");
    assert_eq!(cluster.wait_for_node(1), Some(0));
    assert_handed_over(&mut cluster, before, port);
    cluster.finish(&trial);
}

#[test]
fn a_node_that_is_asked_to_end_hands_its_shards_over() {
    let trial = Trial::new(long());
    let port = free_port();
    let place = format!("127.0.0.1:{port}");
    let mut cluster = Cluster::start(&trial, 3, &["--metrics", &place]);
    cluster.wait_for_checkpoint(2);
    let before = number(&standing(&cluster.url())["epoch"]);
    signal("TERM", cluster.node(0));
    assert_eq!(cluster.wait_for_node(0), Some(0));
    assert_handed_over(&mut cluster, before, port);
    cluster.finish(&trial);
}

/// Shards were divided once more, among two, and no window was run twice.
#[track_caller]
fn assert_handed_over(cluster: &mut Cluster, before: u64, port: u16) {
    let url = cluster.url();
    cluster.wait_until(|| number(&standing(&url)["epoch"]) > before);
    let seen = cluster.checkpoint();
    cluster.wait_for_checkpoint(seen + 1);
    let first = standing(&url);
    let windows = scrape(port)["echosphere_windows_total"];
    let last = standing(&url);
    assert_eq!(
        (number(&last["epoch"]), number(&last["restarts"])),
        (before + 1, 0)
    );
    let nodes = last["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 2, "{last}");
    assert!(
        nodes.iter().all(|node| number(&node["shards"]) > 0),
        "{last}"
    );
    let between = first["windows"].as_f64().unwrap()..=last["windows"].as_f64().unwrap() + 1.0;
    assert!(
        between.contains(&windows),
        "{windows} windows, of {between:?}"
    );
}

#[test]
fn a_run_whose_only_node_was_drained_waits_for_another() {
    let trial = Trial::new(long());
    let mut cluster = Cluster::start(&trial, 1, &[]);
    cluster.wait_for_checkpoint(2);
    let url = cluster.url();
    let number_of_it = number(&standing(&url)["nodes"][0]["node"]);
    drain(&url, &number_of_it.to_string()).ok();
    assert_eq!(cluster.wait_for_node(0), Some(0));
    assert_eq!(standing(&url)["nodes"], Value::Array(Vec::new()));
    cluster.add_node(2);
    cluster.finish(&trial);
}

#[test]
fn a_run_that_is_asked_to_end_can_go_on() {
    let trial = Trial::new(long());
    let mut running = trial.start(&["--nodes", "2", "--checkpoint-every", "50"]);
    running.wait_until(|| running::checkpoints(&trial.run()).last() >= Some(&2));
    signal("TERM", running.0.id());
    let answer = running.finish();
    assert_eq!(answer.code, Some(1), "{}", answer.err);
    assert!(answer.err.contains("go on with"), "{}", answer.err);
    trial.resume(&[]);
}
