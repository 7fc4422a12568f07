//! Trainings that diverge: they are counted, and everybody goes on.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/ran.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod ran;

use ran::{changed, run};
use types::metric::Row;

/// Two populations that learn from each other after a first training on real text.
const PAIR: &str = r#"
title = "pair"
horizon = { generations = 4 }

[corpora]
fiction = { source = "builtin:fiction", documents_max = 20, piece_bytes = 100 }

[observe]
tasks = ["fiction"]
metrics = ["cross_entropy", "fit_failed", "real_share"]
evaluation_bytes_max = 2_000

[[population]]
name = "steady"
count = 2
real = { public = "fiction" }
mixture = { synthetic_fraction = 0.5, private_weight = 0 }
training = { start = { warm = 1 }, mixing = "drawn", budget = { documents = 60 } }
publish = { documents = 4, prompt = { tokens = 4 } }
read = { from = "everyone" }

[population.family]
kind = "transformer"
width = 16
layers = 1
heads = 2
context = 64
tokenizer = "byte"
batch = 8
first = { length = { steps = 40 }, rate = 3e-3 }
later = { length = { steps = 40 }, rate = 3e-3 }

[[population]]
name = "hasty"
like = "steady"
"#;

/// A rate of 10 is nothing that a network survives, first or later.
const HASTY: (&str, &str) = ("population.hasty.family.later.rate", "10");
const HASTY_AT_FIRST: (&str, &str) = ("population.hasty.family.first.rate", "10");

fn values(rows: &[Row], population: Option<&str>, metric: &str) -> Vec<f64> {
    let of = |row: &&Row| row.population.as_deref() == population && &*row.metric == metric;
    let is = |row: &&Row| of(row) && row.model.is_some() == population.is_some();
    rows.iter().filter(is).map(|row| row.value).collect()
}

#[test]
fn models_whose_training_diverged_stay_as_they_were_and_are_read() {
    let (rows, _) = run(&changed(PAIR, &[HASTY]), None);
    assert_eq!(values(&rows, None, "fit_failed"), [0.0, 2.0, 4.0, 6.0]);
    let hasty = values(&rows, Some("hasty"), "cross_entropy");
    assert_eq!(hasty.len(), 8);
    let (first, later) = hasty.split_at(2);
    assert!(later.chunks(2).all(|losses| losses == first), "{hasty:?}");
    let steady = values(&rows, Some("steady"), "cross_entropy");
    assert!(steady[6] < steady[0] - 0.1, "{steady:?}");
    // Half of what the steady read was published, by the hasty too, as soon as there was enough.
    let shares = values(&rows, Some("steady"), "real_share");
    assert_eq!(shares[4..], [0.5; 4], "{shares:?}");
}

#[test]
fn models_that_never_learnt_anything_are_not_measured() {
    let (rows, _) = run(&changed(PAIR, &[HASTY_AT_FIRST, HASTY]), None);
    assert_eq!(values(&rows, None, "fit_failed"), [2.0, 4.0, 6.0, 8.0]);
    assert!(values(&rows, Some("hasty"), "cross_entropy").is_empty());
    assert_eq!(values(&rows, Some("steady"), "cross_entropy").len(), 8);
}

#[test]
fn a_restored_run_counts_on() {
    let scenario = changed(PAIR, &[HASTY]);
    assert_eq!(run(&scenario, None), run(&scenario, Some(2)));
    let (rows, _) = run(&changed(PAIR, &[]), None);
    assert_eq!(values(&rows, None, "fit_failed"), [0.0; 4]);
}
