//! The seed paper's pattern on real text: what two specialists gain and lose at three mixtures.
//!
//! Vu, Reeves and Wenger (2025): without synthetic data nothing moves; at one half the loss on the
//! other's task falls most of the way while the own one hardly changes; with synthetic data alone
//! the own task is forgotten. Outputs grow alike whenever there is synthetic data.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/printed.rs"]
mod printed;
#[path = "common/program.rs"]
mod program;

use printed::printed;
use program::manifest;
use serde_json::Value;
use tempfile::tempdir;

/// Mean loss of a population on a task at the first and at the last generation.
fn losses(summary: &Value, population: &str, task: &str) -> (f64, f64) {
    let found = series(summary).find(|entry| {
        entry["metric"] == "cross_entropy"
            && entry["population"] == population
            && entry["target"] == task
    });
    ends(found.expect("every model is tested on every task"))
}

/// Mean similarity over all tasks' prompts at the first and at the last generation.
fn similarity(summary: &Value) -> (f64, f64) {
    let wanted = |entry: &&Value| entry["metric"] == "prompt_similarity";
    let tasks: Vec<(f64, f64)> = series(summary).filter(wanted).map(ends).collect();
    let mean =
        |end: fn(&(f64, f64)) -> f64| tasks.iter().map(end).sum::<f64>() / tasks.len() as f64;
    (mean(|task| task.0), mean(|task| task.1))
}

fn series(summary: &Value) -> impl Iterator<Item = &Value> {
    summary["series"]
        .as_array()
        .expect("a summary has series")
        .iter()
}

fn ends(entry: &Value) -> (f64, f64) {
    let mean = |at: &str| entry[at]["mean"].as_f64().expect("losses are finite");
    (mean("first"), mean("last"))
}

fn run(alpha: &str) -> Value {
    let folder = tempdir().unwrap();
    let line = format!(
        "run specialists --set population.*.mixture.synthetic_fraction={alpha} \
         --set horizon.generations=8 --replicates 2 --quiet --out out"
    );
    printed(folder.path(), &line);
    assert_eq!(manifest(&folder.path().join("out"))["status"], "finished");
    let bytes = std::fs::read(folder.path().join("out/summary.json")).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The losses move by several tenths of a nat, their standard deviation over replicates is a few
/// hundredths; the bounds are far from both.
#[test]
fn the_pattern_of_the_seed_paper() {
    let [none, half, all] = ["0", "0.5", "1"].map(run);
    for (population, own, other) in [
        ("geographer", "geography", "biology"),
        ("biologist", "biology", "geography"),
    ] {
        let change = |summary, task| {
            let (first, last) = losses(summary, population, task);
            last - first
        };
        assert!(
            change(&none, own).abs() < 0.05,
            "(i) own loss flat without synthetic data"
        );
        assert!(
            change(&none, other).abs() < 0.1,
            "(i) no transfer without synthetic data"
        );
        assert!(change(&half, own) < 0.15, "(ii) own loss almost unchanged");
        let specialist = if other == "biology" {
            "biologist"
        } else {
            "geographer"
        };
        let gap = losses(&half, specialist, other).1 - losses(&half, population, other).0;
        assert!(
            change(&half, other) < 0.5 * gap,
            "(ii) cross loss falls most of the way"
        );
        assert!(
            change(&all, own) > 0.3,
            "(iii) own loss rises on synthetic data alone"
        );
        assert!(
            change(&all, other) < 0.0,
            "(iii) cross loss falls all the same"
        );
    }
    let rise = |summary| similarity(summary).1 - similarity(summary).0;
    assert!(
        rise(&half) > rise(&none).max(0.0),
        "(iv) outputs grow alike"
    );
    assert!(rise(&all) > rise(&none).max(0.0), "(iv) outputs grow alike");
}
