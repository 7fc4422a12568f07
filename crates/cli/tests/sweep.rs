//! Many points of one scenario: what is asked for, what is refused, and that nothing depends on how it is computed.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/program.rs"]
mod program;
#[path = "common/running.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod running;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use program::{echosphere, manifest};
use running::Running;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// A grid over two numbers that takes a moment.
const GRID: &str = r#"
scenario = "collapse"
replicates = 3
seed = 5
[set]
"horizon.generations" = 30
[labels]
"population.*.mixture.synthetic_fraction" = "alpha"
[grid]
"population.*.mixture.synthetic_fraction" = [0.0, 0.5, 1.0]
"population.copyist.publish.documents" = [20, 40]
[report]
metrics = ["variance", "entropy"]
"#;

/// A folder with a sweep file in it.
fn with_file(text: &str) -> TempDir {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("mine.toml"), text).unwrap();
    folder
}

/// Sweeps `mine.toml` into `out`.
#[track_caller]
fn sweep(folder: &Path, out: &str, more: &[&str]) {
    let line = [&["sweep", "mine.toml", "-q", "--out", out], more].concat();
    echosphere(folder, line).ok();
}

/// Everything in a sweep's folder that may not depend on how it was computed.
#[track_caller]
fn bytes(folder: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let manifest = manifest(folder);
    assert_eq!(manifest["status"], "finished", "{manifest}");
    let digest = manifest["digest"].as_str().unwrap().as_bytes().to_vec();
    let names = ["sweep.toml", "sweep.parquet", "points.json", "summary.json"];
    let read = |name| (name, fs::read(folder.join(name)).unwrap());
    // Theory knows some of the points of some sweeps.
    let theory = folder.join("theory.parquet");
    let theory = theory.exists().then(|| read("theory.parquet"));
    let files = names.into_iter().map(read).chain(theory);
    files.chain([("digest", digest)]).collect()
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
}

#[test]
fn a_grid_is_one_table_with_a_column_a_key() {
    let folder = with_file(GRID);
    sweep(folder.path(), "out", &[]);
    let out = folder.path().join("out");
    let table = fs::read(out.join("sweep.parquet")).unwrap();
    let alpha = report::parquet::read_column(table.clone(), "alpha").unwrap();
    let rows = report::parquet::read_metrics(table.clone()).unwrap();
    assert_eq!(alpha.len(), rows.len());
    assert!(
        rows.iter()
            .all(|row| row.generation == 30 || row.model.is_none())
    );
    let documents = report::parquet::read_column(table, "documents").unwrap();
    assert_eq!((documents[0], *documents.last().unwrap()), (20.0, 40.0));
    let points = json(&out, "points.json");
    let values: Vec<&Value> = points
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["values"])
        .collect();
    assert_eq!(values.len(), 6);
    assert_eq!(
        *values[3],
        serde_json::json!({ "alpha": 0.5, "documents": 40 })
    );
    let summary = json(&out, "summary.json");
    assert_eq!(summary["points"].as_array().unwrap().len(), 6);
    let left = ["points", "base", "segments"];
    assert!(!left.iter().any(|name| out.join(name).exists()));
}

/// Common random numbers: a point is what `run` makes of the same settings, with the same seed and replicates.
#[test]
fn a_point_has_the_digest_of_a_run() {
    let folder = with_file(GRID);
    sweep(folder.path(), "out", &["--seed", "9"]);
    let points = json(&folder.path().join("out"), "points.json");
    for (point, alpha, documents) in [(0, "0", "20"), (3, "0.5", "40")] {
        let alpha = format!("population.*.mixture.synthetic_fraction={alpha}");
        let documents = format!("population.copyist.publish.documents={documents}");
        let mut line = vec!["run", "collapse", "-q", "--out", "run", "--seed", "9"];
        line.extend(["--replicates", "3", "--set", "horizon.generations=30"]);
        line.extend(["--set", &alpha, "--set", &documents]);
        echosphere(folder.path(), line).ok();
        let run = folder.path().join("run");
        assert_eq!(points[point]["digest"], manifest(&run)["digest"]);
        fs::remove_dir_all(run).unwrap();
    }
}

#[test]
fn threads_change_nothing() {
    let folder = with_file(GRID);
    sweep(folder.path(), "1", &["--threads", "1"]);
    let expected = bytes(&folder.path().join("1"));
    for threads in ["2", "4", "9"] {
        sweep(folder.path(), threads, &["--threads", threads]);
        assert!(
            bytes(&folder.path().join(threads)) == expected,
            "{threads} threads"
        );
    }
}

#[test]
fn a_list_of_points_may_hold_texts_and_leave_keys_alone() {
    let folder = with_file(
        "scenario = 'zipf-tails'\nreplicates = 2\n[[point]]\n'web.retention' = 'replace'\nseed = 4\n\
         [[point]]\n'web.retention' = 'accumulate'\n",
    );
    sweep(folder.path(), "out", &[]);
    let out = folder.path().join("out");
    let points = json(&out, "points.json");
    let values = |point: usize| points[point]["values"].clone();
    assert_eq!(
        values(0),
        serde_json::json!({ "retention": "replace", "seed": 4 })
    );
    assert_eq!(
        values(1),
        serde_json::json!({ "retention": "accumulate", "seed": null })
    );
    let table = fs::read(out.join("sweep.parquet")).unwrap();
    let text = report::parquet::read_column(table.clone(), "retention").unwrap_err();
    assert!(text.to_string().contains("Utf8"), "{text}");
    let gap = report::parquet::read_column(table, "seed").unwrap_err();
    assert!(gap.to_string().contains("has nothing in row"), "{gap}");
}

#[test]
fn all_rows_are_kept_if_asked() {
    let folder = with_file(GRID);
    sweep(folder.path(), "last", &[]);
    fs::write(
        folder.path().join("mine.toml"),
        format!("keep = 'all'\n{GRID}"),
    )
    .unwrap();
    sweep(folder.path(), "all", &[]);
    let rows = |out: &str| {
        let table = fs::read(folder.path().join(out).join("sweep.parquet")).unwrap();
        report::parquet::read_metrics(table).unwrap()
    };
    let (last, all) = (rows("last"), rows("all"));
    assert!(all.len() > 20 * last.len());
    assert!(last.iter().all(|row| all.contains(row)));
    let digest = |out: &str| manifest(&folder.path().join(out))["digest"].clone();
    assert_eq!(digest("last"), digest("all"));
}

#[test]
fn the_report_draws_what_varies_and_can_be_made_again() {
    let folder = with_file(GRID);
    let answer = echosphere(folder.path(), ["sweep", "mine.toml", "--out", "map"]);
    assert_eq!(answer.err, "");
    let said = answer.ok();
    assert!(
        said.contains("6 points, 18 replicates") && said.contains("variance"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'), "{said}");
    let path = folder.path().join("map/report.html");
    let map = fs::read_to_string(&path).unwrap();
    // A map for either metric and one for what theory expects of the variance, each with a highest and a lowest cell.
    assert_eq!(map.matches("class=\"f\"").count(), 3);
    assert_eq!(map.matches("class=\"f d\"").count(), 3);
    fs::remove_file(&path).unwrap();
    echosphere(folder.path(), ["report", "map"]).ok();
    assert!(fs::read_to_string(&path).unwrap() == map);
    let digest = echosphere(folder.path(), ["digest", "map"]).ok();
    assert!(said.contains(digest.trim()));
    let line = [
        "sweep",
        "mine.toml",
        "-q",
        "--out",
        "line",
        "--set",
        "seed=3",
    ];
    let text = GRID.replace("\"population.copyist.publish.documents\" = [20, 40]\n", "");
    fs::write(folder.path().join("mine.toml"), text).unwrap();
    echosphere(folder.path(), line).ok();
    let line = fs::read_to_string(folder.path().join("line/report.html")).unwrap();
    assert!(line.contains("class=\"b c0\"") && !line.contains("class=\"f\""));
}

#[test]
fn a_finished_folder_holds_all_that_is_needed_to_do_it_again() {
    let folder = with_file(GRID);
    sweep(
        folder.path(),
        "first",
        &["--set", "population.copyist.count=2"],
    );
    fs::remove_file(folder.path().join("mine.toml")).unwrap();
    let line = ["sweep", "first/sweep.toml", "-q", "--out", "second"];
    echosphere(folder.path(), line).ok();
    assert!(bytes(&folder.path().join("first")) == bytes(&folder.path().join("second")));
}

#[test]
fn built_in_sweeps_are_listed_and_shown() {
    let folder = tempdir().unwrap();
    let list = echosphere(folder.path(), ["sweep", "--list"]).ok();
    for name in list
        .lines()
        .filter_map(|line| line.split_whitespace().next())
    {
        let shown = echosphere(folder.path(), ["sweep", name, "--show"]).ok();
        fs::write(folder.path().join("mine.toml"), hurried(&shown)).unwrap();
        sweep(folder.path(), name, &["--replicates", "2"]);
        assert_eq!(manifest(&folder.path().join(name))["status"], "finished");
    }
    assert!(list.contains("collapse-by-sample-size"), "{list}");
}

/// A sweep of networks with hardly any training; others as they are.
fn hurried(sweep: &str) -> String {
    let networks = ["specialists-neural", "population-size"];
    if !networks
        .iter()
        .any(|name| sweep.contains(&format!("scenario = \"{name}\"")))
    {
        return sweep.to_owned();
    }
    let few = "\"horizon.generations\" = 2\n\
               \"observe.metrics\" = [\"cross_entropy\", \"perplexity\"]\n\
               \"observe.evaluation_bytes_max\" = 500\n\
               \"population.*.publish.prompt\" = \"none\"\n\
               \"population.*.family.context\" = 16\n\
               \"population.*.family.width\" = 8\n\
               \"population.*.family.first\" = { length = { steps = 2 }, rate = 1e-3 }\n\
               \"population.*.family.later\" = { length = { steps = 1 }, rate = 1e-3 }\n";
    match sweep.split_once("[set]\n") {
        Some((before, after)) => format!("{before}[set]\n{few}{after}"),
        None => format!("{sweep}\n[set]\n{few}"),
    }
}

/// A sweep that takes a second or two, so that it can be disturbed.
fn long() -> String {
    GRID.replace("= 30", "= 6000")
}

/// The files of points that are finished, with the times at which they were written.
fn finished(out: &Path) -> Vec<(PathBuf, SystemTime)> {
    let entries = fs::read_dir(out.join("points"))
        .into_iter()
        .flatten()
        .flatten();
    let whole = entries.filter(|entry| entry.path().extension().is_none());
    let mut files: Vec<_> = whole
        .map(|entry| (entry.path(), entry.metadata().unwrap().modified().unwrap()))
        .collect();
    files.sort();
    files
}

/// Kills a sweep without warning once `count` points are finished.
#[track_caller]
fn kill_at(mut running: Running, out: &Path, count: usize) {
    running.wait_until(|| finished(out).len() >= count);
    running.0.kill().unwrap();
    let status = running.0.wait().unwrap();
    assert_eq!(status.signal(), Some(9), "it was faster than the kill");
    assert_eq!(manifest(out)["status"], "running");
}

#[test]
fn a_sweep_survives_kills_to_the_byte() {
    let folder = with_file(&long());
    sweep(folder.path(), "whole", &[]);
    let cut = folder.path().join("cut");
    let start = ["sweep", "mine.toml", "-q", "--out", "cut", "--threads", "2"];
    kill_at(Running::start(folder.path(), start), &cut, 1);
    fs::remove_file(folder.path().join("mine.toml")).unwrap();
    let first = finished(&cut);
    let go_on = ["resume", "cut", "-q", "--threads", "1"];
    kill_at(Running::start(folder.path(), go_on), &cut, first.len() + 1);
    let second = finished(&cut);
    assert!(
        first.iter().all(|file| second.contains(file)),
        "points were run again"
    );
    // What a power failure would leave: it is noticed, and that point is run again.
    let torn = fs::read(&second[0].0).unwrap();
    fs::write(&second[0].0, &torn[..torn.len() / 2]).unwrap();
    echosphere(folder.path(), ["resume", "cut", "-q", "--threads", "4"]).ok();
    assert!(bytes(&cut) == bytes(&folder.path().join("whole")));
}

#[test]
fn sweep_with_resume_goes_on_and_refuses_something_else() {
    let folder = with_file(&long());
    sweep(folder.path(), "whole", &[]);
    let cut = folder.path().join("cut");
    let line = ["sweep", "mine.toml", "-q", "--out", "cut"];
    kill_at(Running::start(folder.path(), line), &cut, 1);
    for (more, said) in [
        (&[][..], "already holds a run"),
        (&["--resume", "--seed", "7"][..], "another sweep"),
    ] {
        let answer = echosphere(folder.path(), [&line, more].concat());
        assert_eq!(answer.code, Some(2), "{}", answer.err);
        assert!(answer.err.contains(said), "{}", answer.err);
    }
    sweep(folder.path(), "cut", &["--resume"]);
    assert!(bytes(&cut) == bytes(&folder.path().join("whole")));
    let again = echosphere(folder.path(), ["resume", "cut"]);
    assert_eq!(again.code, Some(2));
    assert!(
        again.err.contains("the sweep in cut is finished"),
        "{}",
        again.err
    );
}

#[test]
fn an_interrupted_sweep_says_how_to_go_on() {
    let folder = with_file(&long());
    let cut = folder.path().join("cut");
    let line = ["sweep", "mine.toml", "-q", "--out", "cut"];
    let mut running = Running::start(folder.path(), line);
    running.wait_until(|| !finished(&cut).is_empty());
    let line = format!("kill -INT {}", running.0.id());
    assert!(
        Command::new("sh")
            .args(["-c", &line])
            .status()
            .unwrap()
            .success()
    );
    let answer = running.finish();
    assert_eq!(answer.code, Some(1));
    let said = "of 6 points are done, go on with: echosphere resume cut";
    assert!(
        answer.err.contains("interrupted; ") && answer.err.contains(said),
        "{}",
        answer.err
    );
    echosphere(folder.path(), ["resume", "cut", "-q"]).ok();
    assert_eq!(manifest(&cut)["status"], "finished");
}

/// Four points, of which the last two need room for documents that do not fit into memory.
const SPILLING: &str = "scenario = 'accumulate'\nreplicates = 2\n[set]\n'horizon.generations' = 12\n\
     'web.memory_mib' = 1\n[grid]\n'population.*.publish.documents' = [10, 20, 20000, 21000]\n";

#[test]
fn a_point_that_fails_is_recorded_and_run_again_if_asked() {
    let folder = with_file(SPILLING);
    sweep(folder.path(), "whole", &[]);
    let out = folder.path().join("out");
    // What the folder looks like before the sweep has a manifest, but with no room for one replicate's documents.
    fs::create_dir_all(out.join("segments")).unwrap();
    fs::write(out.join("base"), "").unwrap();
    fs::write(out.join("segments/000002-000001"), "in the way").unwrap();
    let answer = echosphere(folder.path(), ["sweep", "mine.toml", "-q", "--out", "out"]);
    assert_eq!(answer.code, Some(1), "{}", answer.err);
    for said in [
        "1 of 4 points failed, the first with documents = 20000: replicate 1: ",
        "echosphere resume out --retry-failed",
    ] {
        assert!(answer.err.contains(said), "{}", answer.err);
    }
    let points = json(&out, "points.json");
    let statuses: Vec<&str> = (0..4)
        .map(|point| points[point]["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["finished", "finished", "failed", "finished"]);
    assert!(
        points[2]["error"]
            .as_str()
            .unwrap()
            .contains("segments/000002-000001")
    );
    assert_eq!(manifest(&out)["status"], "incomplete");
    assert!(
        fs::read_to_string(out.join("report.html"))
            .unwrap()
            .contains("Points that failed")
    );
    let before = finished(&out);
    let answer = echosphere(folder.path(), ["resume", "out"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.err.contains("add --retry-failed"), "{}", answer.err);
    assert_eq!(finished(&out), before);
    echosphere(folder.path(), ["resume", "out", "-q", "--retry-failed"]).ok();
    assert!(bytes(&out) == bytes(&folder.path().join("whole")));
}
