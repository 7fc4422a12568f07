//! What models of text know, and what they are compared with.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/ran.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod ran;

use ran::{changed, run};
use types::metric::Row;

/// Two models that learn their own libraries once.
const READERS: &str = r#"
title = "readers"
horizon = { generations = 1 }

[corpora]
jargon = { source = "builtin:jargon", access = "private", documents_max = 300 }
biology = { source = "builtin:biology", access = "private", documents_max = 300 }

[observe]
metrics = ["cross_entropy", "knowledge_seen", "knowledge_unseen", "ngram_cross_entropy", "perplexity", "ecosystem_vendi"]
evaluation_bytes_max = 5_000
items_max = 100
prompts = 2

[[population]]
name = "hacker"
family = { kind = "ngram", order = 6, unit = "byte" }
real = { private = "jargon" }
mixture = { synthetic_fraction = 0, private_weight = 1 }
publish = { documents = 1 }

[[population]]
name = "biologist"
like = "hacker"
real = { private = "biology" }
"#;

/// The last value of a metric of a population (or of the ecosystem) on a task.
fn last(rows: &[Row], who: Option<&str>, (metric, task): (&str, Option<&str>)) -> f64 {
    let is = |row: &&Row| {
        &*row.metric == metric && row.population.as_deref() == who && row.target.as_deref() == task
    };
    rows.iter().rfind(is).unwrap().value
}

#[test]
fn models_know_what_they_have_read() {
    let (rows, _) = run(&changed(READERS, &[]), None);
    let share = |who, metric, task| last(&rows, Some(who), (metric, Some(task)));
    for (own, who, other) in [
        ("jargon", "hacker", "biology"),
        ("biology", "biologist", "jargon"),
    ] {
        let [seen, unseen] = ["knowledge_seen", "knowledge_unseen"].map(|m| share(who, m, own));
        assert!(seen > 0.6, "{who} {seen}");
        // Chance is 0.25 of a hundred questions: 0.05 below the bound is three standard errors.
        assert!(
            unseen < 0.5 && share(who, "knowledge_seen", other) < 0.5,
            "{who}"
        );
        let (loss, perplexity) = (
            share(who, "cross_entropy", own),
            share(who, "perplexity", own),
        );
        // Each document ends in a token that is no byte, so that a token is a little less than a byte.
        let per_token = libm::log(perplexity);
        assert!(
            per_token < loss && per_token > 0.97 * loss,
            "{per_token} {loss}"
        );
    }
    let different = last(&rows, None, ("ecosystem_vendi", None));
    assert!((1.2..2.0).contains(&different), "{different}");
}

/// The same n-grams from the same documents, once as a model and once as the line to compare it with.
#[test]
fn the_baseline_is_what_such_a_model_measures() {
    let (rows, _) = run(&changed(READERS, &[("horizon.generations", "3")]), None);
    for (task, who) in [("jargon", "hacker"), ("biology", "biologist")] {
        let baseline = last(&rows, None, ("ngram_cross_entropy", Some(task)));
        let model = last(&rows, Some(who), ("cross_entropy", Some(task)));
        assert_eq!(baseline, model, "{task}");
        let times = rows.iter().filter(|row| {
            &*row.metric == "ngram_cross_entropy" && row.target.as_deref() == Some(task)
        });
        let values: Vec<f64> = times.map(|row| row.value).collect();
        assert!(values.len() >= 3 && values.iter().all(|value| *value == baseline));
    }
}
