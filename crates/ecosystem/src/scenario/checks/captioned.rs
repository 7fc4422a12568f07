//! Rules about captions and labels.

use super::{Notes, at};
use crate::scenario::schema::{Distribution, Family, Scenario, Scrape};

/// Captions have shares.
pub(super) fn shares(scenario: &Scenario, notes: &mut Notes) {
    for (name, corpus) in &scenario.corpora {
        let Some(Distribution::Captioned { probabilities, .. }) = &corpus.distribution else {
            continue;
        };
        let key = format!("corpora.{name}.distribution.probabilities");
        if let Some(negative) = probabilities.iter().find(|p| **p < 0.0) {
            notes.add(
                key,
                format!("has the entry {negative}: allowed is at least 0"),
            );
        } else if probabilities.iter().all(|p| *p == 0.0) {
            notes.add(key, "are all 0: at least one must be larger");
        }
    }
}

/// What is written by two models has no temperature.
pub(super) fn temperature(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let temperature = population.publish.temperature;
        notes.add_if(
            matches!(population.family, Family::Captioned { .. }) && temperature != 1.0,
            at(population, "publish.temperature"),
            format!(
                "= {temperature} is not allowed: captions and images are written by two models that \
                 have no temperature in common; allowed is 1"
            ),
        );
    }
}

/// Only labels can be wrong.
pub(super) fn labels(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let publish = &population.publish;
        if matches!(population.family, Family::Discriminant { .. }) {
            notes.add_if(
                publish.verifier.is_some() && population.read.scrape == Scrape::Independent,
                at(population, "publish.verifier"),
                "is not allowed with scrape = \"independent\": of every reader's copies another number is \
                 left; allowed is \"shared\"",
            );
            continue;
        }
        let reason =
            "is not allowed: only discriminant models publish labels that are right or wrong";
        notes.add_if(
            publish.mislabelled > 0.0,
            at(population, "publish.mislabelled"),
            format!("= {} {reason}", publish.mislabelled),
        );
        notes.add_if(
            publish.verifier.is_some(),
            at(population, "publish.verifier"),
            reason,
        );
    }
}
