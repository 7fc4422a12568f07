//! Sites, people, crawlers and interventions, through the simulator.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/ran.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod ran;
#[path = "common/small_web.rs"]
mod small_web;

use echosphere_ecosystem::metrics;
use echosphere_ecosystem::scenario::{Scenario, builtin, read};
use ran::{corpora, ran, run};
use small_web::{last, small};
use types::metric::Row;

#[test]
fn archives_are_folded_again_after_a_break() {
    let scenario = small(&[(
        "intervention",
        "[{ at = { days = 200 }, set = [\"crawler.common-crawl.compliance=0\"] }]",
    )]);
    let whole = run(&scenario, None);
    for windows in [5, 26, 40] {
        assert!(
            run(&scenario, Some(windows)) == whole,
            "broken after {windows} windows"
        );
    }
}

/// Pages are counted from the first on, whatever of them can still be read.
#[test]
fn what_nobody_reads_any_more_is_still_counted_after_a_break() {
    let scenario = small(&[
        ("crawler", "[]"),
        ("population.models.read", "{}"),
        ("population.models.training.regime", "{ window = 1 }"),
        ("observe.metrics", "[\"published_real_share\"]"),
    ]);
    let whole = run(&scenario, None);
    assert!(!whole.0.is_empty());
    assert!(run(&scenario, Some(40)) == whole);
}

/// What happens from an instant on leaves everything before it as it was, to the bit.
#[test]
fn interventions_change_the_future_alone() {
    let plain = run(&small(&[]), None).0;
    for change in [
        "crawler.common-crawl.compliance=0",
        "site.people.writers.per_day=3",
        "population.models.read.detector={ true_positive_rate = 0.9, false_positive_rate = 0.05 }",
        "population.models.publish.documents=0",
    ] {
        let list = format!("[{{ at = {{ days = 200 }}, set = ['{change}'] }}]");
        let changed = run(&small(&[("intervention", &list)]), None).0;
        let until = |rows: &[Row]| {
            rows.iter()
                .filter(|row| row.time <= 200.0)
                .cloned()
                .collect::<Vec<_>>()
        };
        assert!(until(&plain) == until(&changed), "{change}");
        assert!(plain != changed, "{change} changes nothing");
    }
}

#[test]
fn compliance_costs_documents_and_quality_has_its_price() {
    let opt_out = ("site.people.opt_out", "{ base = 0.3, top_decile = 0.9 }");
    let obeys = run(&small(&[opt_out]), None).0;
    let ignores = run(
        &small(&[opt_out, ("crawler.common-crawl.compliance", "0")]),
        None,
    )
    .0;
    let real = |rows: &[Row]| last(rows, "archive_real_share", None);
    assert!(
        real(&obeys) < real(&ignores) - 0.05,
        "{} {}",
        real(&obeys),
        real(&ignores)
    );
    assert!(last(&ignores, "disallowed_share", None) == 0.0);
    assert!(last(&obeys, "disallowed_share", None) > 0.1);
}

/// Synthetic documents among all that were published between two days.
fn synthetic(scenario: &Scenario, from: f64, to: f64) -> (u64, u64) {
    let simulation = ran((scenario, &corpora(scenario)), true, None).simulation;
    let log = simulation.log();
    let (mut synthetic, mut all) = (0, 0);
    for number in log.segment_numbers() {
        for item in &log.segment(number).publications {
            if (from..to).contains(&item.time.days()) {
                all += u64::from(item.total());
                synthetic += u64::from(item.total()) * u64::from(!item.is_real());
            }
        }
    }
    (synthetic, all)
}

#[test]
fn adoption_follows_its_curve() {
    let adoption = "{ ceiling = 0.5, midpoint = { days = 200 }, scale = { days = 30 } }";
    let scenario = small(&[
        ("population.models.publish.adoption", adoption),
        ("population.models.publish.documents", "1"),
        ("population.models.publish.clock.poisson", "2"),
        ("site.people.writers.per_day", "40"),
    ]);
    for (from, to) in [(20.0, 60.0), (180.0, 220.0), (340.0, 400.0)] {
        let steps: Vec<f64> = (0..1000)
            .map(|step| from + (to - from) * (f64::from(step) + 0.5) / 1000.0)
            .collect();
        // Where people write at a constant rate h, models write h s / (1 - s): the share over a stretch is a ratio of sums.
        let share = |day: f64| 0.5 / (1.0 + f64::exp((200.0 - day) / 30.0));
        let odds = steps
            .iter()
            .map(|&day| share(day) / (1.0 - share(day)))
            .sum::<f64>()
            / 1000.0;
        let expected = odds / (1.0 + odds);
        let (count, all) = synthetic(&scenario, from, to);
        let (measured, n) = (count as f64 / all as f64, all as f64);
        let error = (expected * (1.0 - expected) / n).sqrt();
        assert!(
            (measured - expected).abs() < 5.0 * error,
            "{from}: {measured}, not {expected} +- {error}"
        );
    }
}

#[test]
fn contradictions_are_told_all_at_once() {
    let changes: Vec<(String, String)> = [
        ("site.people.writers.corpus", "nobody"),
        (
            "population.models.publish.sites",
            "[{ site = \"nowhere\", share = 0.2 }, { site = \"models\", share = 0.9 }]",
        ),
        ("crawler.common-crawl.denied", "0.9"),
        ("population.models.read.archive.crawler", "nobody"),
        ("web.retention", "replace"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .to_vec();
    let text = builtin::find("common-crawl-2026").unwrap().text;
    let problems = read(text, &changes, &metrics::names())
        .unwrap_err()
        .to_string();
    for told in [
        "\"nobody\" is no corpus of this scenario",
        "\"nowhere\" is not a kind of hosts that is shared",
        "\"models\" is not a kind of hosts that is shared",
        "sum to 1.1",
        "failed fetches that sum to",
        "\"nobody\" is not a crawler",
        "where pages die by themselves",
    ] {
        assert!(problems.contains(told), "{told} is missing:\n{problems}");
    }
}

#[test]
fn what_a_run_is_cannot_change_on_the_way() {
    for (change, told) in [
        ("seed=3", "a key of the whole scenario cannot change"),
        (
            "population.models.count=3",
            "population.models cannot change",
        ),
        ("site.people.hosts=3", "site.people cannot change"),
        (
            "crawler.common-crawl.every.days=3",
            "crawler.common-crawl cannot change",
        ),
        ("web.index_lag.days=3", "web cannot change"),
        ("crawler.common-crawl.compliance=2", "out of range"),
        ("compliance", "is not KEY=VALUE"),
    ] {
        let list = format!("[{{ at = {{ days = 9 }}, set = ['{change}'] }}]");
        let changes = [("intervention".to_owned(), list)];
        let text = builtin::find("common-crawl-2026").unwrap().text;
        let problems = read(text, &changes, &metrics::names())
            .unwrap_err()
            .to_string();
        assert!(problems.contains(told), "{change}: {problems}");
        assert!(problems.contains("intervention.0.set"), "{problems}");
    }
}

/// A million pages on one host, of people who write fast, and a crawler that takes fifty of them a crawl.
#[test]
fn a_host_of_a_million_pages_is_simulated() {
    let scenario = small(&[
        ("population.models.count", "10"),
        ("population.models.publish.documents", "1"),
        ("site.people.hosts", "1"),
        ("site.people.writers.per_day", "2500"),
        ("crawler.common-crawl.fetches", "50"),
        ("crawler.common-crawl.every.days", "8"),
        ("site.people.page_lifetime.scale_days", "1e6"),
        ("site.people.lifetime.scale_days", "1e6"),
    ]);
    let rows = run(&scenario, None).0;
    let pages = last(&rows, "archive_documents", Some("common-crawl"));
    assert!((500.0..2_500.0).contains(&pages), "{pages}");
}
