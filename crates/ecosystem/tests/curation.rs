//! Curation of archives, through the simulator.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/small_web.rs"]
mod small_web;

use small_web::{last, run, small};
use types::metric::Row;

const METRICS: (&str, &str) = (
    "observe.metrics",
    "[\"real_share\", \"curated_share\", \"rejected_documents\", \"curated_documents\", \"curated_real_share\", \"curated_quality\"]",
);

/// Kept and reached documents of one origin at one stage.
fn stage(rows: &[Row], stage: &str, origin: &str) -> (f64, f64) {
    let target = format!("common-crawl: {stage}: {origin}");
    let share = last(rows, "curated_share", Some(&target));
    let rejected = last(rows, "rejected_documents", Some(&target));
    let reached = (rejected / (1.0 - share)).round();
    (reached - rejected, reached)
}

#[track_caller]
fn check_share(rows: &[Row], name: &str, origin: &str, expected: f64) {
    let (kept, reached) = stage(rows, name, origin);
    let error = (expected * (1.0 - expected) / reached).sqrt();
    let share = kept / reached;
    assert!(reached > 300.0, "{name}: {reached} documents are too few");
    assert!(
        (share - expected).abs() < 5.0 * error,
        "{name}, {origin}: {share} is not {expected} +- {error}"
    );
}

#[test]
fn a_detector_rejects_at_its_rates() {
    let curate = "[{ kind = \"detector\", true_positive_rate = 0.8, false_positive_rate = 0.1 }]";
    let rows = run(
        &small(&[("crawler.common-crawl.curate", curate), METRICS]),
        None,
    )
    .0;
    check_share(&rows, "detector", "real", 0.9);
    check_share(&rows, "detector", "synthetic", 0.2);
}
