//! A small web with sites, run to its end.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::program::echosphere;

pub(crate) const TOWN: &str = include_str!("town.toml");

/// A folder with the town's scenario in `town.toml`.
pub(crate) fn planned() -> TempDir {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("town.toml"), TOWN).unwrap();
    folder
}

/// The same, and its run in `town`.
pub(crate) fn built() -> TempDir {
    ran(&[])
}

/// The same, with more arguments.
pub(crate) fn ran(more: &[&str]) -> TempDir {
    let folder = planned();
    let run = [
        "run",
        "town.toml",
        "--out",
        "town",
        "--keep-documents",
        "-q",
    ];
    echosphere(folder.path(), [&run, more].concat()).ok();
    folder
}

/// What `export --jsonl` says with these arguments, line by line.
pub(crate) fn exported(folder: &Path, more: &[&str]) -> Vec<Value> {
    let export = ["export", "town", "--jsonl", "documents.jsonl", "-q"];
    echosphere(folder, [&export, more].concat()).ok();
    let lines = std::fs::read_to_string(folder.join("documents.jsonl")).unwrap();
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

/// Addresses without `http://`.
pub(crate) fn addresses(lines: &[Value]) -> BTreeSet<String> {
    let address = |line: &Value| {
        let url = line["metadata"]["url"].as_str().unwrap();
        url.strip_prefix("http://").unwrap().to_owned()
    };
    lines.iter().map(address).collect()
}
