//! Detectors that are learnt.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/ran.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod ran;

use ran::{changed, run};
use types::metric::Row;

/// Two models that read one web, with and without a detector: trigrams of bytes are poor writers.
const PAIR: &str = r#"
title = "pair"
horizon = { generations = 4 }

[corpora]
fiction = { source = "builtin:fiction", piece_bytes = 400 }

[observe]
metrics = ["real_share", "kept_share", "detector_true_positive_rate", "detector_false_positive_rate"]

[web]
seed = { corpus = "fiction", documents = 800 }

[[population]]
name = "open"
family = { kind = "ngram", order = 3, unit = "byte" }
real = { public = "fiction", documents = 400, holding = "own" }
mixture = { synthetic_fraction = 1, private_weight = 0 }
training = { regime = "accumulate", mixing = "drawn", draw = "with-replacement", budget = { documents = 300 } }
publish = { documents = 400, tokens = 400 }

[[population]]
name = "guarded"
like = "open"
read.detector.learned = { documents = 150, false_positive_rate = 0.05 }
"#;

/// What was measured of a population from the second training on, the first that crawls with a detector.
fn course(rows: &[Row], population: &str, metric: &str) -> Vec<f64> {
    let is = |row: &&Row| {
        row.population.as_deref() == Some(population) && &*row.metric == metric && row.time > 1.0
    };
    rows.iter().filter(is).map(|row| row.value).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// A threshold is set by 150 of the 400 documents that the model holds (standard error of a share of 0.05: 0.018, hardly less in
/// the mean of three trainings, which draw from the same 400), and three trainings meet about 300 real ones (0.013): 0.022.
#[test]
fn a_poor_writer_is_detected_and_people_are_read() {
    let (rows, _) = run(&changed(PAIR, &[]), None);
    let of = |metric| course(&rows, "guarded", metric);
    let (found, mistaken) = (
        of("detector_true_positive_rate"),
        of("detector_false_positive_rate"),
    );
    assert_eq!((found.len(), mistaken.len()), (3, 3));
    assert!(found.iter().all(|share| *share > 0.9), "{found:?}");
    assert!(mean(&mistaken) < 0.05 + 3.0 * 0.022, "{mistaken:?}");
    let real = ["open", "guarded"].map(|reader| course(&rows, reader, "real_share"));
    for (open, guarded) in real[0].iter().zip(&real[1]) {
        assert!(*guarded > open + 0.2, "{real:?}");
    }
    assert!(course(&rows, "open", "detector_true_positive_rate").is_empty());
}

/// 4-grams write better: some of what they write passes, and more of what people write does.
#[test]
fn a_better_writer_is_detected_less() {
    let better = [("population.*.family.order", "4")];
    let (rows, _) = run(&changed(PAIR, &better), None);
    let found = mean(&course(&rows, "guarded", "detector_true_positive_rate"));
    let mistaken = mean(&course(&rows, "guarded", "detector_false_positive_rate"));
    assert!(found < 0.9 && found > mistaken + 0.1, "{found} {mistaken}");
}

/// A detector is learnt anew at every training, so that nothing of it has to be saved; one that may reject everybody leaves nothing
/// to read.
#[test]
fn runs_that_were_broken_off_go_on_alike() {
    let few = ("population.*.publish.documents", "100");
    let scenario = changed(PAIR, &[few]);
    assert_eq!(run(&scenario, None), run(&scenario, Some(2)));
}
