//! Populations under load: what is measured, what is written, and what sets the exit code.

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
#[path = "common/gateway.rs"]
mod gateway;
#[path = "common/program.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod program;
#[path = "common/refusal.rs"]
mod refusal;
#[path = "common/scrape.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod scrape;
#[path = "common/stalling.rs"]
mod stalling;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use broker::{Broker, free_port};
use program::{Answer, command, echosphere};
use serde_json::Value;
use stalling::Stalling;
use tempfile::{TempDir, tempdir};

/// A thousand Gaussian models that learn from a window of what they publish.
const MODELS: &str = r#"
title = "gaussians"
horizon = { generations = 10 }

[corpora]
truth = { distribution = { kind = "gaussian", mean = 0, variance = 1 } }

[[population]]
name = "g"
count = 1000
family = { kind = "gaussian", precision = "f32", estimator = "unbiased" }
real = { public = "truth" }
mixture = { synthetic_fraction = 1, private_weight = 0 }
training = { initial = "truth", budget = { documents = 20 }, mixing = "drawn", draw = "with-replacement" }
publish = { documents = 2 }
clock = { poisson = 1 }

[web]
index_lag = { generations = 0.01 }
retention = { window = 1 }
"#;

fn folder(load: &str) -> TempDir {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("models.toml"), MODELS).unwrap();
    let load = format!("scenario = \"models.toml\"\n{load}");
    std::fs::write(folder.path().join("load.toml"), load).unwrap();
    folder
}

const LINE: [&str; 5] = ["load", "load.toml", "--out", "out", "--threads=2"];

fn written(folder: &Path) -> Value {
    let bytes = std::fs::read(folder.join("out/load.json")).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn count(record: &Value, name: &str) -> u64 {
    record["counts"][name].as_u64().unwrap()
}

fn quantile(record: &Value, operation: &str, name: &str) -> f64 {
    let durations = record["durations"].as_array().unwrap();
    let own = durations.iter().find(|one| one["operation"] == operation);
    own.unwrap()[name].as_f64().unwrap()
}

/// Every deed that was due and every document that was written is accounted for.
#[track_caller]
fn check_accounts(record: &Value) {
    let of = |name| count(record, name);
    let ended = of("done") + of("dropped") + of("rejected") + of("failed");
    assert_eq!(of("due"), ended, "{record}");
    assert_eq!(of("written"), of("accepted"), "{record}");
    assert_eq!(of("accepted"), of("visible"), "{record}");
    assert_eq!(record["published"], record["visible"], "{record}");
}

/// 2,000 a second for two seconds, after a ramp that makes 500 of one; besides, each model opens with a publication.
#[test]
fn what_arrives_is_done_and_accounted_for() {
    let folder = folder(
        "arrivals = \"constant\"\nstages = [{ seconds = 0.5, rate = 2000 }, { seconds = 2, rate = 2000 }]\n\
         thresholds = [\"error_rate < 1%\", \"p50(visible) < 10s\", \"done_rate > 1\"]\n\
         [hosting]\npatience_seconds = 60\n",
    );
    let out = echosphere(folder.path(), LINE).ok();
    let record = written(folder.path());
    check_accounts(&record);
    let due = count(&record, "due");
    assert!((5_490..=5_500).contains(&due), "{due}");
    assert_eq!(count(&record, "written"), 2 * count(&record, "done"));
    assert_eq!(record["models"], 1000);
    for said in [
        "p50",
        "ok         error_rate < 1%",
        "report  out/report.html",
    ] {
        assert!(out.contains(said), "{out}");
    }
    let html = std::fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(html.contains("freshness (seconds)") && html.contains("<svg"));
    assert!(folder.path().join("out/load.parquet").exists());
}

#[test]
fn clocks_and_closed_loops_are_loads_too() {
    for hosting in ["", "[hosting]\nmodels_per_actor = 128\n"] {
        let clocks = folder(&format!("seconds = 1\n{hosting}"));
        echosphere(clocks.path(), LINE).ok();
        let clocks = written(clocks.path());
        check_accounts(&clocks);
        // A model opens at once and ticks once a second in the mean: 1,000 +- 32, and 1,000. What is due in the last moments may
        // not have been handed out, and a busy machine ends a little late.
        let due = count(&clocks, "due");
        assert!((1_600..2_400).contains(&due), "{due}");
        let closed = folder(&format!("seconds = 1\narrivals = \"closed\"\n{hosting}"));
        echosphere(closed.path(), LINE).ok();
        let closed = written(closed.path());
        check_accounts(&closed);
        assert!(count(&closed, "done") > 2 * due);
    }
}

#[test]
fn a_threshold_that_does_not_hold_fails_and_everything_is_written() {
    let folder = folder(
        "seconds = 0.5\nthresholds = [\"done_rate > 1M\", \"error_rate < 100%\", \"p50(crawl) < 0us\"]\n",
    );
    let answer = echosphere(folder.path(), LINE);
    assert_eq!(answer.code, Some(1), "{}", answer.err);
    let said = "thresholds do not hold: done_rate > 1M, p50(crawl) < 0us";
    assert!(answer.err.contains(said), "{}", answer.err);
    let record = written(folder.path());
    let holds: Vec<bool> = record["thresholds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["holds"] == true)
        .collect();
    assert_eq!(holds, [false, true, false]);
}

#[test]
fn everything_that_is_wrong_with_a_file_is_told_at_once() {
    let folder = folder(
        "arrivals = \"clocks\"\nstages = [{ seconds = 0, rate = -1 }]\nthreshold = []\n\
         thresholds = [\"p99(pubish) < 1ms\"]\n[hosting]\nmailbox = 0\nresident_models = 0\n",
    );
    let said = [
        "load.toml cannot be run",
        "stages.0.seconds = 0",
        "stages.0.rate = -1",
        "line 4: threshold is not a known key: did you mean `thresholds`?",
        "no operation is called \"pubish\": did you mean `publish`?",
        "hosting.mailbox = 0 is out of range: allowed is 1 to 1000000",
        "hosting.resident_models = 0 is out of range: allowed is 1 to 100000000",
    ];
    refusal::refused(folder.path(), "load load.toml --out out", &said);
    let contradictory =
        self::folder("arrivals = \"clocks\"\nseconds = 3\nstages = [{ seconds = 1, rate = 5 }]\n");
    let said = [
        "stages says how many arrive",
        "seconds stands beside stages",
    ];
    refusal::refused(contradictory.path(), "load load.toml --out out", &said);
    let elsewhere =
        self::folder("seconds = 1\n[target]\nkind = \"http\"\nurl = \"http://example.org/\"\n");
    refusal::refused(
        elsewhere.path(),
        "load load.toml --out out",
        &["--allow example.org"],
    );
    let scenario = self::folder("seconds = 1\n[set]\n\"population.g.cuont\" = 5\n");
    refusal::refused(
        scenario.path(),
        "load load.toml --out out",
        &["did you mean `count`?"],
    );
}

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

/// So much more than can be done: what waits too long is dropped, memory is bounded, and Ctrl-C ends it at once.
#[test]
fn an_overload_is_dropped_and_can_be_ended() {
    let folder = folder(
        "stages = [{ seconds = 0.001, rate = 20000000 }, { seconds = 600, rate = 20000000 }]\n\
         [hosting]\npatience_seconds = 0.2\n",
    );
    let mut line = command(folder.path(), LINE);
    let child = line
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(4));
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let mib = resident
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse::<u64>()
        .unwrap()
        / 1024;
    assert!(mib < 600, "{mib} MiB");
    let asked = Instant::now();
    let kill = format!("kill -INT {}", child.id());
    assert!(
        Command::new("sh")
            .args(["-c", &kill])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
    let answer = Answer {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    assert!(answer.err.contains("interrupted"), "{}", answer.err);
    assert_eq!(answer.code, Some(1), "{}", answer.err);
    let record = written(folder.path());
    check_accounts(&record);
    assert_eq!(record["interrupted"], true);
    assert!(
        count(&record, "dropped") > count(&record, "done"),
        "{record}"
    );
}

/// A limit that does not depend on the machine: in a ramp of 1 s and a hold of 0.5 s, 1,000 openings and r arrivals a second are done at
/// (1000 + r) / 1.5 a second, which stays below 6,000 up to r = 8,000; a busy machine takes longer and bears a little more.
#[test]
fn a_capacity_is_found_by_trials() {
    let folder = folder(
        "arrivals = \"constant\"\nstages = [{ seconds = 1, rate = 3000 }]\nthresholds = [\"done_rate < 6k\"]\n\
         [hosting]\npatience_seconds = 60\n",
    );
    let line = LINE
        .into_iter()
        .chain(["--find-capacity=rate", "--probe-seconds=0.5"]);
    let out = echosphere(folder.path(), line).ok();
    let bytes = std::fs::read(folder.path().join("out/capacity.json")).unwrap();
    let record: Value = serde_json::from_slice(&bytes).unwrap();
    let capacity = record["capacity"].as_f64().unwrap();
    assert!((7_000.0..12_000.0).contains(&capacity), "{capacity}");
    assert!(
        out.contains("capacity  ") && out.contains("done_rate < 6k"),
        "{out}"
    );
    assert!(folder.path().join("out/report.html").exists());
    let clocks = self::folder("seconds = 1\n");
    let line = "load load.toml --out out --find-capacity rate";
    refusal::refused(clocks.path(), line, &["the file has none"]);
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
        let line = ["node", &url, "--name", name, "--threads=1"];
        command(folder.path(), line)
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let (mut stays, mut goes) = (node("stays"), node("goes"));
    std::thread::sleep(Duration::from_secs(4));
    goes.kill().unwrap();
    goes.wait().unwrap();
    let output = load.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("nodes were lost") && said.contains("goes"),
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

#[test]
fn a_load_that_rises_in_steps_ends_where_a_threshold_breaks() {
    // In two seconds, 1,000 openings and 2 r arrivals are done: more than 3,000 a second from r = 2,500 on.
    let folder = folder(
        "arrivals = \"constant\"\nsteps = { from = 1000, factor = 2, seconds = 2 }\nthresholds = [\"done_rate < 3k\"]\n\
         [hosting]\npatience_seconds = 60\n",
    );
    let out = echosphere(folder.path(), LINE).ok();
    assert!(out.contains("held    2.00 k arrivals a second"), "{out}");
    let record = written(folder.path());
    let holds: Vec<bool> = record["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["holds"] == true)
        .collect();
    assert_eq!(holds, [true, true, false]);
    let seconds = record["seconds"].as_f64().unwrap();
    assert!((5.9..9.0).contains(&seconds), "{seconds}");
    let contradictory = self::folder("steps = { from = 1, factor = 1, seconds = 3 }\n");
    let said = ["steps.factor = 1 is out of range"];
    refusal::refused(contradictory.path(), "load load.toml --out out", &said);
    let endless = self::folder("steps = { from = 1, seconds = 3 }\nseconds = 2\n");
    let said = ["there are no thresholds", "seconds stands beside steps"];
    refusal::refused(endless.path(), "load load.toml --out out", &said);
}

/// Prometheus reads it while it runs, and a gateway is told at the end.
#[test]
fn a_load_is_shown_to_prometheus() {
    let folder = folder("seconds = 3\n");
    let gateway = gateway::Gateway::start();
    let port = free_port();
    let (metrics, push) = (format!("127.0.0.1:{port}"), gateway.url());
    let line = LINE
        .into_iter()
        .chain(["--metrics", &metrics, "--push", &push]);
    let mut load = command(folder.path(), line)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    let samples = scrape::scrape(port);
    assert!(
        samples["echosphere_load_total{kind=\"done\"}"] > 500.0,
        "{samples:?}"
    );
    assert!(samples["echosphere_load_seconds{operation=\"publish\",quantile=\"0.99\"}"] > 0.0);
    assert_eq!(samples["echosphere_load_models"], 1000.0);
    assert!(load.wait().unwrap().success());
    let pushed = gateway.pushed();
    let done = count(&written(folder.path()), "done");
    assert!(
        pushed.contains(&format!("echosphere_load_total{{kind=\"done\"}} {done}\n")),
        "{pushed}"
    );
    assert!(
        pushed.starts_with("PUT /metrics/job/load HTTP/1.1"),
        "{pushed}"
    );
}
