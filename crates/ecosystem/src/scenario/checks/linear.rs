//! Rules about linear models and their records.

use super::{Notes, at};
use crate::scenario::schema::{
    Design, Distribution, Family, Mixing, Scenario, Scrape, TrueCoefficients,
};

/// Coefficients and designs have the dimension that is said.
pub(super) fn shapes(scenario: &Scenario, notes: &mut Notes) {
    for (name, corpus) in &scenario.corpora {
        let Some(Distribution::Linear {
            dimension,
            coefficients,
            design: given,
            ..
        }) = &corpus.distribution
        else {
            continue;
        };
        let key = format!("corpora.{name}.distribution");
        if let TrueCoefficients::Given(list) = coefficients {
            notes.add_if(
                list.len() != *dimension as usize,
                format!("{key}.coefficients"),
                format!(
                    "has {} numbers: allowed are {dimension}, the dimension",
                    list.len()
                ),
            );
        }
        design(given, *dimension, &format!("{key}.design"), notes);
    }
    for population in &scenario.population {
        if let Family::Linear {
            dimension,
            design: given,
            ..
        } = &population.family
        {
            design(given, *dimension, &at(population, "family.design"), notes);
        }
    }
}

fn design(given: &Design, dimension: u32, key: &str, notes: &mut Notes) {
    match given {
        Design::Block(directions) => notes.add_if(
            !dimension.is_multiple_of(*directions),
            format!("{key}.block"),
            format!("= {directions} is not allowed: it has to divide the dimension, {dimension}"),
        ),
        Design::Rows(rows) => {
            let wrong = rows
                .iter()
                .enumerate()
                .find(|(_, row)| row.len() != dimension as usize);
            if let Some((i, row)) = wrong {
                let length = row.len();
                let message =
                    format!("has {length} inputs: allowed are {dimension}, the dimension");
                notes.add(format!("{key}.rows.{i}"), message);
            }
        }
        Design::Gaussian
        | Design::GaussianFresh
        | Design::GaussianPerReplicate(_)
        | Design::Orthogonal => {}
    }
}

/// A corpus of records says how many there are.
pub(super) fn records(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        notes.add_if(
            matches!(population.family, Family::Linear { .. })
                && population.real.documents.is_some(),
            at(population, "real.documents"),
            "is not allowed: a linear distribution says itself how many `records` it has",
        );
    }
}

/// A set of documents for every reader is read whole, and makes sense only where all read so.
pub(super) fn scrapes(scenario: &Scenario, notes: &mut Notes) {
    let independent = |scrape: Scrape| scrape == Scrape::Independent;
    let Some(first) = scenario.population.first() else {
        return;
    };
    for population in &scenario.population {
        let key = at(population, "read.scrape");
        notes.add_if(
            population.read.scrape != first.read.scrape,
            &key,
            format!(
                "has to be that of `{}`: what is published is for all readers alike",
                first.name
            ),
        );
        notes.add_if(
            independent(population.read.scrape) && population.training.mixing == Mixing::Drawn,
            &key,
            "= \"independent\" is not allowed with mixing = \"drawn\": samples differ anyway",
        );
        notes.add_if(
            independent(population.read.scrape) && scenario.web.seed.is_some(),
            &key,
            "= \"independent\" is not allowed with web.seed: its documents are nobody's answers",
        );
    }
}
