//! Rules about models and truths that are densities.

use super::size::documents_visible;
use super::{Notes, at};
use crate::scenario::schema::{Distribution, Family, Initial, Population, Scenario, Start};

pub(super) fn mixtures(scenario: &Scenario, notes: &mut Notes) {
    for (name, corpus) in &scenario.corpora {
        let Some(Distribution::Mixture {
            weights,
            means,
            variances,
        }) = &corpus.distribution
        else {
            continue;
        };
        let key = format!("corpora.{name}.distribution");
        let lengths = [weights.len(), means.len(), variances.len()];
        notes.add_if(
            lengths.iter().any(|length| *length != lengths[0]),
            &key,
            format!(
                "has {} weights, {} means and {} variances: allowed are lists of one length",
                lengths[0], lengths[1], lengths[2]
            ),
        );
        let key = format!("{key}.weights");
        if let Some(negative) = weights.iter().find(|weight| **weight < 0.0) {
            notes.add(
                key,
                format!("has the weight {negative}: allowed is at least 0"),
            );
        } else if weights.iter().all(|weight| *weight == 0.0) {
            notes.add(key, "are all 0: at least one must be larger");
        }
    }
}

/// Models that begin as the truth need a model of their family that is the truth.
pub(super) fn truth(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let name = population
            .real
            .public
            .as_ref()
            .or(population.real.private.as_ref());
        let corpus = name.and_then(|name| scenario.corpora.get(name));
        let Some(distribution) = corpus.and_then(|corpus| corpus.distribution.as_ref()) else {
            continue;
        };
        notes.add_if(
            population.training.initial == Initial::Truth
                && !has_truth(&population.family, distribution),
            at(population, "training.initial"),
            "= \"truth\" is not allowed: no model of this family is equal to the distribution of the \
             corpus; allowed is \"untrained\"",
        );
    }
}

fn has_truth(family: &Family, distribution: &Distribution) -> bool {
    match distribution {
        Distribution::Gaussian { .. } => !matches!(family, Family::StudentT { .. }),
        Distribution::Mixture { .. } => matches!(family, Family::Gmm { .. }),
        Distribution::StudentT { dof, .. } => {
            matches!(family, Family::StudentT { dof: own, .. } if own == dof)
        }
        // What does not go together here is a problem of content.
        Distribution::Categorical { .. }
        | Distribution::Uniform { .. }
        | Distribution::Zipf { .. }
        | Distribution::Linear { .. }
        | Distribution::Captioned { .. }
        | Distribution::TwoClasses { .. }
        | Distribution::Templates { .. }
        | Distribution::Markov { .. } => true,
    }
}

/// Some families have nothing of which a share could be kept.
pub(super) fn warm_start(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let Start::Warm(rate) = population.training.start else {
            continue;
        };
        let Some(reason) = cold_only(population) else {
            continue;
        };
        let message = format!(
            "= {{ warm = {rate} }} is not allowed: {reason}; allowed is \"scratch\", and \
             regime = {{ discount = ... }} lets old documents fade"
        );
        notes.add(at(population, "training.start"), message);
    }
}

fn cold_only(population: &Population) -> Option<&'static str> {
    match population.family {
        Family::Kde { .. } => Some(
            "a kde model could keep a share of its previous fit only by holding all of its points \
             for ever",
        ),
        Family::Captioned { .. } => Some(
            "a captioned model has a covariance for every caption, and no mean parameters that could \
             be mixed",
        ),
        Family::Discriminant { .. } => Some(
            "a discriminant has one variance about two means, and no mean parameters that could be mixed",
        ),
        Family::StudentT { .. } => {
            Some("a student-t model has no mean parameters that could be mixed")
        }
        _ => None,
    }
}

pub(super) fn temperature(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let Family::StudentT { dof, .. } = population.family else {
            continue;
        };
        let temperature = population.publish.temperature;
        notes.add_if(
            temperature >= dof + 1.0,
            at(population, "publish.temperature"),
            format!(
                "= {temperature} is out of range: Student's t to the power 1 / temperature is a \
                 density only below dof + 1 = {}",
                dof + 1.0
            ),
        );
    }
}

pub(super) fn best_of(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let Some(choice) = &population.publish.best_of else {
            continue;
        };
        let key = at(population, "publish.best_of");
        let line = population.family.numbers().map(|(dimension, _)| dimension) == Some(1);
        let text = population.family.is_text();
        notes.add_if(
            !(line || text && choice.judge.is_some()),
            &key,
            "is not allowed: a reward is for numbers of dimension 1, which gaussian, gmm, kde and \
             student-t models publish, or for text that a `judge` has an opinion of",
        );
        if let Some(judge) = &choice.judge {
            judged(scenario, (text, judge), format!("{key}.judge"), notes);
        }
        let written = u64::from(choice.candidates) * u64::from(population.publish.documents);
        notes.add_if(
            written > CANDIDATES_MAX,
            key,
            format!(
                "asks for {written} candidates a publication: allowed are at most {CANDIDATES_MAX}; \
                 lower `candidates` or `publish.documents`"
            ),
        );
    }
}

/// A judge knows text that lies there in full.
fn judged(scenario: &Scenario, (text, judge): (bool, &str), key: String, notes: &mut Notes) {
    let Some(corpus) = scenario.corpora.get(judge) else {
        return; // A corpus that does not exist is a problem of its own.
    };
    let known = corpus.source.is_some() && corpus.column.is_none();
    let problem = if !text {
        "is not allowed: numbers are rewarded as they are, and only n-gram models publish text"
    } else if !known {
        "is no text that lies there in full; allowed are built-in text and folders"
    } else {
        return;
    };
    notes.add(key, format!("= \"{judge}\" {problem}"));
}

/// Symbols and text cannot be shifted.
pub(super) fn shift(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let (family, shift) = (&population.family, population.publish.shift);
        let numbers = family.numbers().is_some() || matches!(family, Family::Linear { .. });
        notes.add_if(
            shift != 0.0 && !numbers,
            at(population, "publish.shift"),
            format!("= {shift} is not allowed: only numbers and labels can be shifted"),
        );
    }
}

/// Kernel estimates hold their training sets, and nothing bounds these but the scenario.
pub(super) fn memory(scenario: &Scenario, notes: &mut Notes) {
    let visible = documents_visible(scenario);
    for population in &scenario.population {
        let Family::Kde { dimension, .. } = population.family else {
            continue;
        };
        let real = f64::from(population.real.documents.unwrap_or(0));
        let budget = population.training.budget;
        let points = budget.map_or(visible + real, |budget| f64::from(budget.documents));
        let a_point = 8.0 * (f64::from(dimension) + 1.0);
        let gib = f64::from(population.count) * points * a_point / GIB;
        notes.add_if(
            gib > KERNELS_GIB_MAX,
            at(population, "family"),
            format!(
                "may hold {gib:.0} GiB: each of {} kde models keeps its training set of about \
                 {points:.0} documents",
                population.count
            ),
        );
    }
}

const GIB: f64 = 1_073_741_824.0;

/// More than this is worth a warning.
const KERNELS_GIB_MAX: f64 = 2.0;

/// Candidates of one publication are in memory all at once.
const CANDIDATES_MAX: u64 = 100_000_000;
