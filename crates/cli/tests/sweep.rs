//! Many points of one scenario: what is asked for, what is refused, and that nothing depends on how it is computed.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/program.rs"]
mod program;
#[path = "common/refusal.rs"]
mod refusal;
#[path = "common/running.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod running;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use program::{echosphere, manifest};
use refusal::check;
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
    names
        .into_iter()
        .map(read)
        .chain([("digest", digest)])
        .collect()
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
    assert!(rows.iter().all(|row| row.generation == 30 || row.model.is_none()));
    let documents = report::parquet::read_column(table, "documents").unwrap();
    assert_eq!((documents[0], *documents.last().unwrap()), (20.0, 40.0));
    let points = json(&out, "points.json");
    let values: Vec<&Value> = points.as_array().unwrap().iter().map(|one| &one["values"]).collect();
    assert_eq!(values.len(), 6);
    assert_eq!(*values[3], serde_json::json!({ "alpha": 0.5, "documents": 40 }));
    let summary = json(&out, "summary.json");
    assert_eq!(summary["points"].as_array().unwrap().len(), 6);
    let left = ["points", "base", "segments"];
    assert!(!left.iter().any(|name| out.join(name).exists()));
}
