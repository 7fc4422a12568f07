//! Far away in time: the year 10,000, and as long as a scenario may last.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/ran.rs"]
mod ran;

use echosphere_ecosystem::scenario::{Scenario, builtin};
use ran::{Ran, changed, corpora, ran};
use types::metric::Row;

/// The web of the built-in scenario with everything as slow as it may be, to the year 10,000.
const SLOW: [(&str, &str); 15] = [
    ("horizon.days", "3652500"),
    ("generation_days", "36500"),
    ("population.models.count", "20"),
    (
        "population.models.clock",
        "{ log-normal = { median_days = 36500, sigma = 10 } }",
    ),
    ("population.models.publish.clock.poisson", "36500"),
    ("population.models.read.archive.cutoff.days", "36500"),
    ("site.people.hosts", "50"),
    ("site.people.writers.per_day", "0.001"),
    (
        "site.people.opt_out",
        "{ base = 0.3, top_decile = 0.9, from = { days = 1826250 }, ramp = { days = 1826250 } }",
    ),
    (
        "site.people.page_lifetime",
        "{ shape = 0.05, scale_days = 36500000 }",
    ),
    (
        "site.people.lifetime",
        "{ shape = 20, scale_days = 1826250 }",
    ),
    ("site.forums.hosts", "5"),
    ("crawler.common-crawl.every.days", "36500"),
    ("web.index_lag.days", "3650"),
    ("observe.every.days", "365250"),
];

fn slow(more: &[(&str, &str)]) -> Scenario {
    let text = builtin::find("common-crawl-2026").unwrap().text;
    changed(text, &[&SLOW, more].concat())
}

#[test]
fn a_web_lasts_until_the_year_ten_thousand() {
    let scenario = slow(&[]);
    let run = |broken_after| ran((&scenario, &corpora(&scenario)), false, broken_after);
    let whole = run(None);
    let (rows, windows) = (&whole.rows, whole.windows);
    assert!(windows > 100, "{windows}");
    assert!(rows.iter().all(|row| row.value.is_finite()));
    let last = rows.iter().map(|row| row.time).fold(0.0, f64::max);
    assert_eq!(last, 3_652_500.0);
    let value = |metric: &str| {
        let is = |row: &&Row| &*row.metric == metric && row.time == last;
        rows.iter()
            .find(is)
            .unwrap_or_else(|| panic!("no {metric}"))
            .value
    };
    // Pages are published, fetched and lost until the end, and hosts opt out.
    assert!(value("archive_documents") > 500.0);
    assert!((1.0..100.0).contains(&value("live_documents")));
    assert!((0.01..0.5).contains(&value("disallowed_share")));
    let digest = |ran: Ran| ran.simulation.digest().unwrap();
    assert_eq!(digest(run(Some(windows / 2))), digest(whole));
}

/// Everything that is a length of time is as long, or as short, as it may be.
#[test]
fn nothing_overflows_at_the_longest_horizon() {
    let longest = "36500000";
    for (generation, lag) in [
        ("0.000001", "days"),
        ("36500", "days"),
        ("36500", "generations"),
    ] {
        let lag_key = format!("web.index_lag.{lag}");
        let lag = if lag == "days" { "3650000" } else { "1000000" };
        let scenario = slow(&[
            ("horizon.days", longest),
            ("generation_days", generation),
            ("site.people.writers.per_day", "0.0001"),
            (
                "site.people.changes",
                "[{ share = 0.5, per_day = 117 }, { share = 0.5, per_day = 1e-300 }]",
            ),
            ("site.people.opt_out.from.days", longest),
            ("site.people.opt_out.ramp.generations", "1000000"),
            ("population.models.read.archive.cutoff.days", longest),
            (
                "population.models.publish.adoption",
                "{ ceiling = 0.5, midpoint = { days = 36500000 }, scale = { days = 36500000 } }",
            ),
            ("crawler.common-crawl.every.days", "3650000"),
            ("crawler.common-crawl.duration.days", longest),
            (&lag_key, lag),
            ("observe.every.days", "3650000"),
            (
                "intervention",
                "[{ at = { days = 36500000 }, set = ['crawler.common-crawl.compliance=0'] }]",
            ),
        ]);
        let (rows, _) = ran::run(&scenario, None);
        assert!(rows.iter().all(|row| row.value.is_finite()));
        assert!(
            rows.iter().any(|row| row.time == 36_500_000.0),
            "{generation}"
        );
    }
}
