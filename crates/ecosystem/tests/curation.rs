//! Curation of archives, through the simulator.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/ran.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod ran;
#[path = "common/small_web.rs"]
mod small_web;

use echosphere_ecosystem::scenario::{Scenario, builtin};
use ran::{changed, run};
use small_web::{last, small};
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

const CURATE: &str = "crawler.common-crawl.curate";

#[test]
fn stages_keep_their_shares() {
    let curate = "[{ kind = \"url-dedup\", scope = \"global\" }, \
                   { kind = \"language\", real = 0.45, synthetic = 0.6 }, \
                   { kind = \"heuristics\", real = 0.9, synthetic = 0.7 }, \
                   { kind = \"detector\", true_positive_rate = 0.4, false_positive_rate = 0.1 }]";
    let rows = run(&small(&[(CURATE, curate), METRICS]), None).0;
    for (name, real, synthetic) in [
        ("language", 0.45, 0.6),
        ("heuristics", 0.9, 0.7),
        ("detector", 0.9, 0.6),
    ] {
        check_share(&rows, name, "real", real);
        check_share(&rows, name, "synthetic", synthetic);
    }
    let (real, synthetic) = (
        stage(&rows, "detector", "real").0,
        stage(&rows, "detector", "synthetic").0,
    );
    let documents = |origin| last(&rows, "curated_documents", Some(origin));
    assert_eq!(
        documents("common-crawl: real").to_bits(),
        real.to_bits(),
        "what the last stage keeps is kept"
    );
    let share = last(&rows, "curated_real_share", Some("common-crawl"));
    assert!((share - real / (real + synthetic)).abs() < 1e-12);
}

/// A model that trains on what a perfect detector let through trains on real documents alone.
#[test]
fn models_read_what_was_kept() {
    let perfect = "[{ kind = \"detector\", true_positive_rate = 1, false_positive_rate = 0 }]";
    let [plain, curated] = ["[]", perfect].map(|curate| {
        let rows = run(&small(&[(CURATE, curate), METRICS]), None).0;
        last(&rows, "real_share", None)
    });
    assert!(plain < 0.9, "{plain}");
    assert!((curated - 1.0).abs() < 1e-12, "{curated}");
}

#[test]
fn quality_prefers_good_hosts_and_needs_no_truth() {
    let curate = |noise: &str| format!("[{{ kind = \"quality\", keep = 0.2, noise = {noise} }}]");
    let [exact, noisy] = ["0", "100"].map(|noise| {
        let rows = run(&small(&[(CURATE, &curate(noise)), METRICS]), None).0;
        last(&rows, "curated_quality", Some("common-crawl"))
    });
    assert!(exact > 0.85 && noisy < 0.7, "{exact} {noisy}");
}

/// Documents that were written in a window that began earlier do not carry the mark.
#[test]
fn watermarks_are_found_from_the_day_on_that_they_are_left() {
    let curate = "[{ kind = \"watermark\", true_positive_rate = 1, false_positive_rate = 0 }]";
    let marks = "[{ at = { days = 200 }, set = ['population.models.publish.watermark=true'] }]";
    let rows = run(
        &small(&[(CURATE, curate), ("intervention", marks), METRICS]),
        None,
    )
    .0;
    let share = |origin: &str, until: f64| {
        let target = format!("common-crawl: watermark: {origin}");
        let before: Vec<Row> = rows
            .iter()
            .filter(|row| row.time <= until)
            .cloned()
            .collect();
        last(&before, "curated_share", Some(&target))
    };
    assert_eq!(share("real", 400.0).to_bits(), 1.0_f64.to_bits());
    assert_eq!(share("synthetic", 200.0).to_bits(), 1.0_f64.to_bits());
    assert!(
        share("synthetic", 400.0) < 0.8,
        "{}",
        share("synthetic", 400.0)
    );
    let always = ("population.models.publish.watermark", "true");
    let rows = run(&small(&[(CURATE, curate), always, METRICS]), None).0;
    assert_eq!(
        stage(&rows, "watermark", "synthetic").0.to_bits(),
        0.0_f64.to_bits()
    );
}

#[test]
fn nothing_is_told_where_nobody_curates() {
    let rows = run(&small(&[METRICS]), None).0;
    let told = |row: &Row| row.metric.contains("curated") || row.metric.contains("rejected");
    assert!(!rows.iter().any(told));
}

/// What happens from an instant on leaves everything before it as it was, to the bit.
#[test]
fn curation_changes_the_future_alone() {
    let curate = (
        CURATE,
        "[{ kind = \"language\", real = 0.5, synthetic = 0.5 }]",
    );
    let plain = run(&small(&[curate, METRICS]), None).0;
    for change in [
        "crawler.common-crawl.curate=[]",
        "crawler.common-crawl.curate.0.real=0.1",
        "crawler.common-crawl.curate=[{ kind = \"url-dedup\", scope = \"global\" }]",
    ] {
        let list = format!("[{{ at = {{ days = 200 }}, set = ['{change}'] }}]");
        let changed = run(&small(&[curate, ("intervention", &list), METRICS]), None).0;
        let until = |rows: &[Row]| -> Vec<Row> {
            rows.iter()
                .filter(|row| row.time <= 200.0)
                .cloned()
                .collect()
        };
        assert!(until(&plain) == until(&changed), "{change}");
        assert!(plain != changed, "{change} changes nothing");
    }
}

/// The built-in web of texts in small.
fn texts(more: &[(&str, &str)]) -> Scenario {
    let few = [
        ("replicates", "1"),
        ("horizon.days", "200"),
        ("population.*.count", "4"),
        ("population.*.training.budget.documents", "20"),
        ("population.*.publish.clock.poisson", "2"),
        ("site.people.writers.per_day", "8"),
        ("site.people.hosts", "100"),
        ("observe.evaluation_bytes_max", "2000"),
    ];
    let text = builtin::find("curated-web").unwrap().text;
    changed(text, &[&few, more].concat())
}

const ALL_GLOBAL: &str = "[{ kind = \"url-dedup\", scope = \"global\" }, \
    { kind = \"exact-dedup\", scope = \"global\" }, { kind = \"near-dedup\", scope = \"global\" }, \
    { kind = \"quality\", keep = 0.5, noise = 0.25 }, \
    { kind = \"detector\", true_positive_rate = 0.9, false_positive_rate = 0.042 }]";

/// The pipeline changes on the way, and the later one knows what the earlier one kept.
#[test]
fn archives_are_curated_again_after_a_break_and_on_any_number_of_threads() {
    let later =
        format!("[{{ at = {{ days = 100 }}, set = ['crawler.refined.curate={ALL_GLOBAL}'] }}]");
    let scenario = texts(&[("intervention", &later)]);
    let whole = run(&scenario, None);
    for windows in [5, 13, 20] {
        assert!(
            run(&scenario, Some(windows)) == whole,
            "broken after {windows} windows"
        );
    }
    for threads in [1, 2, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let again = pool.build().unwrap().install(|| run(&scenario, None));
        assert!(again == whole, "{threads} threads");
    }
}

/// People draw from one library, so the later a crawl, the more of it was kept before.
#[test]
fn what_was_kept_once_is_not_kept_again_globally() {
    let kept = |scope: &str| {
        let stage = format!("[{{ kind = \"exact-dedup\", scope = \"{scope}\" }}]");
        let few = ("corpora.human.documents_max", "300");
        let rows = run(&texts(&[("crawler.refined.curate", &stage), few]), None).0;
        last(&rows, "curated_documents", Some("refined: real"))
    };
    let (snapshot, global) = (kept("snapshot"), kept("global"));
    assert!(global <= 300.0, "{global} of 300 texts");
    assert!(snapshot > 2.0 * global, "{snapshot} {global}");
}
