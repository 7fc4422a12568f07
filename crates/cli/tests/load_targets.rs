//! Where load goes: targets that stall or are killed, and nodes. Needs `nats-server`.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "live populations keep the time of the wall"
)]

#[path = "common/broker.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod broker;
#[path = "common/loads.rs"]
mod loads;
#[path = "common/program.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod program;
#[path = "common/stalling.rs"]
mod stalling;

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use broker::{Broker, free_port};
use loads::{LINE, check_accounts, count, folder, quantile, written};
use program::{command, echosphere};
use serde_json::Value;
use stalling::Stalling;

/// A server that answers at once, but not at all for a second in every ten. Whoever asks, waits and asks again meets the stall
/// once, less than a thousandth of what it asks; of what arrives whether or not it answers, a twelfth meets it.
#[test]
fn a_stall_is_reported_by_an_open_load_and_hidden_by_a_closed_loop() {
    let server = Stalling::start(Duration::from_secs(10), Duration::from_secs(1));
    let folder = folder(&format!(
        "arrivals = \"constant\"\nstages = [{{ seconds = 0.001, rate = 500 }}, {{ seconds = 12, rate = 500 }}]\n\
         [set]\n\"population.*.training.initial\" = \"untrained\"\n\
         [target]\nkind = \"http\"\nurl = \"{}\"\n\
         [hosting]\npatience_seconds = 60\nbatch_documents = 1\nwindow = 1000\n",
        server.url()
    ));
    let naive = server.clone_for_client();
    let naive = std::thread::spawn(move || naive.closed_loop(Duration::from_secs(12)));
    echosphere(folder.path(), LINE).ok();
    let record = written(folder.path());
    check_accounts(&record);
    let open = quantile(&record, "publish", "p99_9");
    assert!(open > 0.8, "{open}");
    let mut closed = naive.join().unwrap();
    closed.sort_unstable();
    assert!(closed.len() > 4_000, "{}", closed.len());
    let closed = closed[closed.len() * 999 / 1000].as_secs_f64();
    assert!(closed < open / 2.0, "{closed} {open}");
}

/// The private server stores everything, and is gone afterwards.
#[test]
fn a_stream_accepts_what_is_published() {
    let folder = folder(
        "stages = [{ seconds = 1, rate = 500 }]\n[target]\nkind = \"jetstream\"\n\
         [hosting]\npatience_seconds = 60\nbatch_documents = 50\n",
    );
    echosphere(folder.path(), LINE).ok();
    let record = written(folder.path());
    check_accounts(&record);
    assert!(count(&record, "accepted") > 2_000, "{record}");
    assert!(!folder.path().join("out/broker").exists());
}

/// How often `wanted` is in the files with messages below a folder.
fn occurrences(folder: &Path, wanted: &[u8]) -> u64 {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            count += occurrences(&path, wanted);
        } else if path.extension().is_some_and(|extension| extension == "blk") {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(wanted.len()).filter(|part| *part == wanted);
            count += found.count() as u64;
        }
    }
    count
}

/// A server that is killed for two seconds: what waited too long is counted, how long it took to accept again is told, and
/// everything that it had accepted is there.
#[test]
fn a_broker_that_is_killed_loses_nothing_that_it_has_accepted() {
    let folder = folder("");
    let mut broker = Broker::start(&folder.path().join("nats"));
    let load = format!(
        "scenario = \"models.toml\"\narrivals = \"constant\"\nstages = [{{ seconds = 0.001, rate = 1000 }}, {{ seconds = 8, rate = 1000 }}]\n\
         [target]\nkind = \"jetstream\"\nurl = \"{}\"\n\
         [hosting]\npatience_seconds = 1\nbatch_documents = 1\nwindow = 64\n",
        broker.url()
    );
    std::fs::write(folder.path().join("load.toml"), load).unwrap();
    let child = command(folder.path(), LINE).stdout(Stdio::piped()).spawn();
    let child = child.unwrap();
    std::thread::sleep(Duration::from_secs(3));
    broker.kill();
    std::thread::sleep(Duration::from_secs(2));
    broker.restart();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("outage"), "{said}");
    let record = written(folder.path());
    let of = |name| count(&record, name);
    assert!(of("dropped") > 500, "{record}");
    assert_eq!(of("due"), of("done") + of("dropped"), "{record}");
    assert_eq!(of("accepted"), of("visible"), "{record}");
    let lasted = quantile(&record, "outage", "max");
    assert!((1.5..6.0).contains(&lasted), "{lasted}");
    broker.kill();
    let stored = occurrences(&folder.path().join("nats/store"), b"{\"author\":");
    assert!(stored >= of("accepted"), "{stored} {record}");
    assert!(of("accepted") > 6_000, "{record}");
}

/// Models on two nodes read what those on the other have written, and what both measure comes together.
#[test]
fn models_are_spread_over_nodes() {
    let folder = folder(
        "arrivals = \"constant\"\nstages = [{ seconds = 0.5, rate = 1000 }, { seconds = 4, rate = 1000 }]\n\
         thresholds = [\"error_rate < 1%\"]\n[hosting]\npatience_seconds = 60\n",
    );
    let line = LINE.into_iter().chain(["--nodes=2"]);
    let out = echosphere(folder.path(), line).ok();
    let record = written(folder.path());
    check_accounts(&record);
    // 1,000 openings, and 4,250 arrivals.
    let due = count(&record, "due");
    assert!((5_230..=5_250).contains(&due), "{due}");
    let nodes = record["nodes"].as_array().unwrap();
    let models: Vec<&Value> = nodes.iter().map(|node| &node["models"]).collect();
    assert_eq!(models, [500, 500]);
    let done: Vec<u64> = nodes
        .iter()
        .map(|node| node["counts"]["done"].as_u64().unwrap())
        .collect();
    assert_eq!(done.iter().sum::<u64>(), count(&record, "done"));
    assert!(done.iter().all(|done| *done > 2_000), "{done:?}");
    assert!(
        nodes.iter().all(|node| node["state"] == "ended"),
        "{record}"
    );
    assert!(quantile(&record, "freshness", "p50") > 0.0);
    assert!(out.contains("node-1") && out.contains("node-2"), "{out}");
    assert!(!folder.path().join("out/broker").exists());
}

/// Nodes that were started elsewhere; one of them is killed. The others go on, everything is written, and the load has failed.
#[test]
fn a_node_that_is_lost_is_told() {
    let folder = folder("seconds = 6\n");
    let broker = Broker::start(&folder.path().join("nats"));
    let address = format!("127.0.0.1:{}", free_port());
    let (url, nats) = (format!("http://{address}"), broker.url());
    let line = LINE.into_iter().chain([
        "--nodes=2",
        "--listen",
        &address,
        "--nats",
        &nats,
        "--lease=2",
    ]);
    let load = command(folder.path(), line)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let node = |name: &str| {
        // From here the broker has another name.
        let nats = nats.replace("127.0.0.1", "localhost");
        let line = ["node", &url, "--name", name, "--threads=1", "--nats", &nats];
        command(folder.path(), line)
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    // Names need not be unique.
    let (mut stays, mut goes) = (node("twin"), node("twin"));
    std::thread::sleep(Duration::from_secs(4));
    goes.kill().unwrap();
    goes.wait().unwrap();
    let output = load.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("nodes were lost") && said.contains("twin"),
        "{said}"
    );
    assert!(stays.wait().unwrap().success());
    let record = written(folder.path());
    let states: Vec<&str> = record["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["state"].as_str().unwrap())
        .collect();
    assert!(
        states.contains(&"lost") && states.contains(&"ended"),
        "{record}"
    );
}
