//! Whether a scenario fits into the numbers that the simulator counts with.

use super::{Notes, days, models};
use crate::scenario::schema::{Clock, Population, Regime, Scenario, Scrape, Span};

const MODELS_MAX: u64 = 100_000_000;

/// Positions of documents are 32-bit numbers.
const DOCUMENTS_MAX: f64 = 4_294_967_296.0;

pub(super) fn all(scenario: &Scenario, notes: &mut Notes) {
    let models = models(scenario);
    notes.add_if(
        models > MODELS_MAX,
        "population",
        format!("has {models} models in all: allowed is at most {MODELS_MAX}; lower a `count`"),
    );
    let documents = documents_visible(scenario);
    notes.add_if(
        documents >= DOCUMENTS_MAX,
        "population",
        format!(
            "may have about {documents:.3e} documents visible at once: allowed are less than 2^32; \
             lower `count` or `publish.documents`{}",
            remedy(scenario)
        ),
    );
}

fn remedy(scenario: &Scenario) -> &'static str {
    match scenario.web.retention {
        Regime::Replace => "",
        Regime::Window(_) => ", or shorten the window of web.retention",
        Regime::Accumulate | Regime::Discount(_) => {
            ", shorten the horizon, or say web.retention = \"replace\" or { window = ... }"
        }
    }
}

pub(super) fn documents_visible(scenario: &Scenario) -> f64 {
    let seed = scenario
        .web
        .seed
        .as_ref()
        .map_or(0.0, |seed| f64::from(seed.documents));
    scenario
        .population
        .iter()
        .map(|population| visible(scenario, population))
        .sum::<f64>()
        + seed
        + scenario
            .site
            .iter()
            .filter_map(|site| site.writers.as_ref())
            .map(|writers| writers.per_day * days(scenario, scenario.horizon))
            .sum::<f64>()
}

fn visible(scenario: &Scenario, population: &Population) -> f64 {
    // An expectation is published as one document.
    let a_publication = if population.publish.expected {
        1.0
    } else {
        f64::from(population.publish.documents)
    };
    let published = publications(scenario, population);
    let kept = match scenario.web.retention {
        Regime::Replace => 1.0,
        Regime::Window(generations) => {
            let days = f64::from(generations) * scenario.generation_days;
            (days / period_days(scenario, population) + 1.0).min(published)
        }
        Regime::Accumulate | Regime::Discount(_) => published,
    };
    let independent = |reader: &Population| reader.read.scrape == Scrape::Independent;
    let sets = if scenario.population.iter().any(independent) {
        models(scenario)
    } else {
        1
    };
    f64::from(population.count) * a_publication * kept * sets as f64
}

/// About how often a model of the population publishes while it is there.
pub(super) fn publications(scenario: &Scenario, population: &Population) -> f64 {
    let there = |span: Option<Span>| span.map(|span| days(scenario, span));
    let enters = there(population.enters).unwrap_or(0.0);
    let leaves = there(population.leaves).unwrap_or(days(scenario, scenario.horizon));
    (leaves - enters).max(0.0) / period_days(scenario, population) + 1.0
}

/// From publication to publication.
fn period_days(scenario: &Scenario, population: &Population) -> f64 {
    match population.publish.clock.unwrap_or(population.clock) {
        Clock::LockStep | Clock::Bernoulli(_) => scenario.generation_days,
        Clock::Periodic(days)
        | Clock::Poisson(days)
        | Clock::LogNormal {
            median_days: days, ..
        } => days,
    }
}
