//! Whether everybody has somebody to read.

use super::content::{Supply, supply};
use super::{Notes, at, models};
use crate::scenario::schema::{
    Distribution, Family, From, Mixing, Population, Regime, Scenario, Scrape,
};

pub(super) fn matrix(scenario: &Scenario, notes: &mut Notes) {
    let models = models(scenario);
    for population in &scenario.population {
        let From::Matrix(rows) = &population.read.from else {
            continue;
        };
        let key = at(population, "read.from.matrix");
        notes.add_if(
            rows.len() as u64 != u64::from(population.count),
            &key,
            format!(
                "has {} rows: allowed is one a reader, {} (the count of `{}`)",
                rows.len(),
                population.count,
                population.name
            ),
        );
        rows_add_up(rows, models, &key, notes);
    }
}

/// Of a large matrix without sense not every row needs telling.
const ROWS_TOLD_MAX: usize = 5;

const SUM_TOLERANCE: f64 = 1e-6;

fn rows_add_up(rows: &[Vec<f64>], models: u64, key: &str, notes: &mut Notes) {
    let faults = rows
        .iter()
        .enumerate()
        .filter_map(|(k, row)| Some((k, fault(row, models)?)));
    let mut faults: Vec<_> = faults.collect();
    let omitted = faults.len().saturating_sub(ROWS_TOLD_MAX);
    faults.truncate(ROWS_TOLD_MAX);
    for (k, fault) in faults {
        notes.add(format!("{key}.{k}"), fault);
    }
    notes.add_if(
        omitted > 0,
        key,
        format!("has {omitted} more rows with problems"),
    );
}

fn fault(row: &[f64], models: u64) -> Option<String> {
    let sum: f64 = row.iter().sum();
    if row.len() as u64 != models {
        let columns = row.len();
        Some(format!(
            "has {columns} columns: allowed is one a model of the scenario, {models}"
        ))
    } else if let Some(entry) = row.iter().find(|entry| **entry < 0.0) {
        Some(format!("has the entry {entry}: allowed is at least 0"))
    } else if (sum - 1.0).abs() > SUM_TOLERANCE {
        Some(format!(
            "sums to {sum}: allowed is 1, for a row says how a reader divides its reading"
        ))
    } else {
        None
    }
}

pub(super) fn weights(scenario: &Scenario, notes: &mut Notes) {
    let models = models(scenario);
    for population in &scenario.population {
        let From::Weights(weights) = &population.read.from else {
            continue;
        };
        let key = at(population, "read.from.weights");
        let count = weights.len();
        notes.add_if(
            count as u64 != models,
            &key,
            format!("has {count} weights: allowed is one a model of the scenario, {models}"),
        );
        if let Some(negative) = weights.iter().find(|weight| **weight < 0.0) {
            notes.add(
                &key,
                format!("has the weight {negative}: allowed is at least 0"),
            );
        }
        notes.add_if(
            weights.iter().all(|weight| *weight == 0.0),
            key,
            "are all 0: at least one must be larger, or nobody is read",
        );
    }
}

pub(super) fn neighbourhood(scenario: &Scenario, notes: &mut Notes) {
    let models = models(scenario);
    for population in &scenario.population {
        match population.read.from {
            From::Ring(reach) => {
                let needed = 2 * u64::from(reach) + 1;
                notes.add_if(
                    models < needed,
                    at(population, "read.from.ring"),
                    format!(
                        "= {reach} needs at least {needed} models: the scenario has {models}; \
                         allowed is at most {}",
                        models.saturating_sub(1) / 2
                    ),
                );
            }
            From::Islands(size) => notes.add_if(
                models < u64::from(size),
                at(population, "read.from.islands"),
                format!("= {size} is more than the {models} models of the scenario"),
            ),
            _ => {}
        }
    }
}

pub(super) fn somebody(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        notes.add_if(
            !population.read.include_own && alone(scenario, population),
            at(population, "read.include_own"),
            "= false is not allowed: there is nobody else to read; allowed is true, or more models",
        );
    }
}

/// True if a model of the population could read nothing but itself.
fn alone(scenario: &Scenario, population: &Population) -> bool {
    let only = models(scenario) == 1 && scenario.web.seed.is_none();
    only || population.read.from == From::Islands(1)
}

pub(super) fn web_seed(scenario: &Scenario, notes: &mut Notes) {
    if scenario.web.seed.is_none() {
        return;
    }
    for population in &scenario.population {
        notes.add_if(
            population.read.from != From::Everyone,
            at(population, "read.from"),
            "is not allowed with web.seed: who reads chosen models never meets documents that no \
             model wrote; allowed is \"everyone\"",
        );
    }
}

/// Near-duplicates are found among documents that were crawled, and only text has words.
pub(super) fn near_duplicates(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        if population.read.near_duplicates.is_none() {
            continue;
        }
        let key = at(population, "read.near_duplicates");
        notes.add_if(
            !population.family.is_text(),
            &key,
            "is not allowed: only texts, which n-gram models read, have words to compare",
        );
        notes.add_if(
            population.training.mixing == Mixing::Exact && population.read.share.is_none(),
            key,
            "is not allowed: the filter looks at the documents of a crawl; it needs \
             mixing = \"drawn\" or a read.share",
        );
    }
}

/// A game has values for its answers, and everybody's answers count.
pub(super) fn payoff(scenario: &Scenario, notes: &mut Notes) {
    if scenario
        .population
        .iter()
        .any(|one| one.read.payoff.is_some())
    {
        answers(scenario, notes);
    }
    for population in &scenario.population {
        let Some(game) = &population.read.payoff else {
            continue;
        };
        let (key, read) = (at(population, "read.payoff"), &population.read);
        notes.add_if(
            !matches!(population.family, Family::Categorical {}),
            &key,
            "is not allowed: only the symbols of categorical models can be the same answer",
        );
        let everything = read.from == From::Everyone
            && read.include_own
            && read.share.is_none()
            && read.scrape == Scrape::Shared
            && population.training.mixing == Mixing::Exact
            && population.training.regime == Regime::Replace
            && scenario.web.seed.is_none();
        notes.add_if(
            !everything,
            &key,
            "is not allowed: what an answer earns depends on everybody's to the same question; it needs \
             mixing = \"exact\", regime = \"replace\", from = \"everyone\", include_own = true, \
             scrape = \"shared\", no share and no web.seed",
        );
        valued(scenario, &game.value, format!("{key}.value"), notes);
    }
}

/// An expectation answers no question, whoever publishes it.
fn answers(scenario: &Scenario, notes: &mut Notes) {
    for population in scenario
        .population
        .iter()
        .filter(|one| one.publish.expected)
    {
        notes.add(
            at(population, "publish.expected"),
            "= true is not allowed with read.payoff: an expectation answers no question",
        );
    }
}

fn valued(scenario: &Scenario, name: &str, key: String, notes: &mut Notes) {
    let Some(corpus) = scenario.corpora.get(name) else {
        return; // A corpus that does not exist is a problem of its own.
    };
    let symbols = supply(corpus) == Some(Supply::Symbols);
    let given = matches!(
        corpus.distribution,
        Some(
            Distribution::Categorical { .. }
                | Distribution::Uniform { .. }
                | Distribution::Zipf { .. }
        )
    );
    notes.add_if(
        !(symbols && given),
        key,
        format!("= \"{name}\" has no probabilities; allowed is a categorical, uniform or zipf distribution"),
    );
}
