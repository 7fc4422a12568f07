//! A small web.

use echosphere_ecosystem::scenario::{Scenario, builtin};
use types::metric::Row;

use crate::ran::changed;

/// The web of the built-in scenario in small, over 400 days.
const SMALL: [(&str, &str); 9] = [
    ("horizon.days", "400"),
    ("population.models.count", "100"),
    ("population.models.clock.poisson", "60"),
    ("population.models.read.archive.cutoff.days", "30"),
    ("site.people.hosts", "100"),
    ("site.people.writers.per_day", "30"),
    ("site.forums.hosts", "5"),
    ("crawler.common-crawl.fetches", "2000"),
    (
        "observe.metrics",
        "[\"real_share\", \"gini_simpson\", \"published_real_share\", \"fetch_share\", \"disallowed_share\", \"archive_documents\", \"archive_freshness\", \"archive_age\", \"archive_real_share\", \"archive_coverage\"]",
    ),
];

/// The small web with more changes.
pub(crate) fn small(more: &[(&str, &str)]) -> Scenario {
    let text = builtin::find("common-crawl-2026").unwrap().text;
    changed(text, &[&SMALL, more].concat())
}

/// The last value of a metric.
pub(crate) fn last(rows: &[Row], metric: &str, target: Option<&str>) -> f64 {
    let is = |row: &&Row| {
        &*row.metric == metric && target.is_none_or(|target| row.target.as_deref() == Some(target))
    };
    rows.iter()
        .rfind(is)
        .unwrap_or_else(|| panic!("no {metric}"))
        .value
}
