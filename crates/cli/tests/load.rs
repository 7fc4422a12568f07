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
#[path = "common/loads.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod loads;
#[path = "common/program.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod program;
#[path = "common/refusal.rs"]
mod refusal;
#[path = "common/scrape.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod scrape;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use broker::free_port;
use loads::{LINE, check_accounts, count, folder, written};
use program::{Answer, command, echosphere};
use serde_json::Value;

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
    let misnamed = self::folder(
        "seconds = 1\n[target]\nkind = \"jetstream\"\nsubject = \"a.*\"\nstream = \"a b\"\n",
    );
    let said = [
        "line 5: target.subject must be",
        "line 6: target.stream must be",
    ];
    refusal::refused(misnamed.path(), "load load.toml --out out", &said);
    let elsewhere =
        self::folder("seconds = 1\n[target]\nkind = \"http\"\nurl = \"http://example.org/\"\n");
    refusal::refused(
        elsewhere.path(),
        "load load.toml --out out",
        &["--allow example.org"],
    );
    let fine = self::folder("seconds = 1\n");
    let curated =
        self::folder("seconds = 1\n[set]\n\"population.g.leaves\" = { generations = 3 }\n");
    let said = ["a population that enters or leaves cannot be hosted live"];
    refusal::refused(curated.path(), "load load.toml --out out", &said);
    let line = "load load.toml --out out --nodes 2";
    refusal::refused(curated.path(), line, &said);
    let line = "load load.toml --out out --push nonsense";
    refusal::refused(fine.path(), line, &["the Pushgateway", "nonsense"]);
    let line = "load load.toml --out out --nodes 2 --nats nats://127.0.0.1:1";
    refusal::refused(fine.path(), line, &["cannot reach the NATS server"]);
    let scenario = self::folder("seconds = 1\n[set]\n\"population.g.cuont\" = 5\n");
    refusal::refused(
        scenario.path(),
        "load load.toml --out out",
        &["did you mean `count`?"],
    );
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
