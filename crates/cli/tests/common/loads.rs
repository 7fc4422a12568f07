//! Load files of a small population, and what came of them.

use std::path::Path;

use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// A thousand Gaussian models that learn from a window of what they publish.
pub(crate) const MODELS: &str = r#"
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

pub(crate) fn folder(load: &str) -> TempDir {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("models.toml"), MODELS).unwrap();
    let load = format!("scenario = \"models.toml\"\n{load}");
    std::fs::write(folder.path().join("load.toml"), load).unwrap();
    folder
}

pub(crate) const LINE: [&str; 5] = ["load", "load.toml", "--out", "out", "--threads=2"];

pub(crate) fn written(folder: &Path) -> Value {
    let bytes = std::fs::read(folder.join("out/load.json")).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

pub(crate) fn count(record: &Value, name: &str) -> u64 {
    record["counts"][name].as_u64().unwrap()
}

pub(crate) fn quantile(record: &Value, operation: &str, name: &str) -> f64 {
    let durations = record["durations"].as_array().unwrap();
    let own = durations.iter().find(|one| one["operation"] == operation);
    own.unwrap()[name].as_f64().unwrap()
}

/// Every deed that was due and every document that was written is accounted for.
#[track_caller]
pub(crate) fn check_accounts(record: &Value) {
    let of = |name| count(record, name);
    let ended = of("done") + of("dropped") + of("rejected") + of("failed");
    assert_eq!(of("due"), ended, "{record}");
    assert_eq!(of("written"), of("accepted"), "{record}");
    assert_eq!(of("accepted"), of("visible"), "{record}");
    assert_eq!(record["published"], record["visible"], "{record}");
}
