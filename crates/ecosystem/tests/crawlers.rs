//! Crawlers that follow links, and crawlers that models have to themselves, through the simulator.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/ran.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod ran;
#[path = "common/small_web.rs"]
mod small_web;

use ran::run;
use small_web::{last, small};
use types::metric::Row;

/// Twelve models, each with a crawler to itself.
const PRIVATE: [(&str, &str); 4] = [
    ("population.models.count", "12"),
    ("crawler.common-crawl.private_to", "models"),
    ("crawler.common-crawl.clock", "poisson"),
    ("crawler.common-crawl.fetches", "200"),
];

fn private(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [&PRIVATE, more].concat()
}

#[test]
fn private_archives_are_folded_again_after_a_break() {
    let exact = [(
        "population.models.training",
        "{ initial = \"truth\", regime = { window = 12 } }",
    )];
    let drawn: [(&str, &str); 0] = [];
    for mixing in [&exact[..], &drawn[..]] {
        let scenario = small(&private(mixing));
        let whole = run(&scenario, None);
        for windows in [7, 30] {
            assert!(
                run(&scenario, Some(windows)) == whole,
                "{mixing:?}, after {windows}"
            );
        }
    }
}

/// What a model knows is what its own crawler fetched: a model's last value of a metric.
fn of_model(rows: &[Row], metric: &str, model: u32) -> f64 {
    let is = |row: &&Row| &*row.metric == metric && row.model == Some(model);
    rows.iter().rfind(is).unwrap().value
}

#[test]
fn nobody_reads_what_anothers_crawler_fetched() {
    // One model's hosts are all that there is to read; a crawler of few fetches sees another part of them each time.
    let seen = private(&[
        ("observe.models_max", "12"),
        (
            "observe.metrics",
            "[\"unique_tokens\", \"archive_documents\", \"visible_documents\"]",
        ),
        ("population.models.mixture.synthetic_fraction", "1"),
        ("crawler.common-crawl.fetches", "20"),
    ]);
    let apart = run(&small(&seen), None).0;
    let shared: Vec<_> = seen
        .into_iter()
        .filter(|change| !change.0.ends_with("private_to"))
        .collect();
    let together = run(&small(&shared), None).0;
    // As many fetches for each, so that each archive is as large, and views are what archives hold at the cut-off.
    let size = |rows: &[Row]| last(rows, "archive_documents", None);
    assert!(
        (size(&apart) / size(&together) - 1.0).abs() < 0.3,
        "{} {}",
        size(&apart),
        size(&together)
    );
    // Of one archive of some 150 pages all models know the same words; of twelve each knows others.
    let words = |rows: &[Row]| {
        let all: Vec<f64> = (0..12)
            .map(|model| of_model(rows, "unique_tokens", model))
            .collect();
        let mean = all.iter().sum::<f64>() / 12.0;
        all.iter().map(|words| (words - mean).abs()).sum::<f64>() / 12.0
    };
    assert!(
        words(&apart) > 1.2 * words(&together),
        "{} {}",
        words(&apart),
        words(&together)
    );
}

#[test]
fn who_follows_links_finds_less_than_who_reads_sitemaps() {
    let coverage = |discovery: &str| {
        let changes = [("crawler.common-crawl.discovery", discovery)];
        last(&run(&small(&changes), None).0, "archive_coverage", None)
    };
    let near = coverage("{ links = { hops = 1, listed = 5 } }");
    let far = coverage("{ links = { hops = 5, listed = 5 } }");
    let all = coverage("sitemaps");
    assert!(near < far && far < all, "{near} {far} {all}");
    // Links that are not copied reach more pages.
    let spread = [
        (
            "crawler.common-crawl.discovery",
            "{ links = { hops = 5, listed = 5 } }",
        ),
        ("web.links.copied", "0"),
    ];
    let spread = last(&run(&small(&spread), None).0, "archive_coverage", None);
    assert!(spread > far, "{spread} {far}");
}
