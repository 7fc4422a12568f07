//! A small web, and one run of it.

use std::sync::Arc;

use echosphere_ecosystem::scenario::{Scenario, builtin, read};
use echosphere_ecosystem::{Data, Keeping, Simulation, metrics};
use types::metric::Row;
use web::MemoryStorage;

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
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    let changes: Vec<_> = SMALL.iter().chain(more).map(owned).collect();
    let text = builtin::find("common-crawl-2026").unwrap().text;
    read(text, &changes, &metrics::names()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Runs replicate 0, broken off and restored after so many windows.
pub(crate) fn run(scenario: &Scenario, broken_after: Option<usize>) -> (Vec<Row>, [u8; 32]) {
    let data = Data::load(scenario, |source, _| Err(source.to_owned())).unwrap();
    let keeping = Keeping {
        storage: Arc::new(MemoryStorage::default()),
        all_documents: false,
    };
    let start = || Simulation::new(scenario, &data, 0, &keeping).unwrap();
    let (mut simulation, mut rows, mut windows) = (start(), Vec::new(), 0);
    while simulation.step().unwrap() {
        rows.extend(simulation.take_rows());
        windows += 1;
        if broken_after == Some(windows) {
            let state = simulation.save().unwrap();
            simulation = start().restore(scenario, &data, &keeping, state).unwrap();
        }
    }
    (rows, simulation.digest().unwrap())
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
