//! Whether a model can be trained as the scenario says.

use super::content::{Supply, supply};
use super::{Notes, at, models};
use crate::scenario::schema::{
    Detector, Distribution, Family, Initial, Mixing, Per, Population, Scenario, Scrape,
    SyntheticFraction,
};

pub(super) fn real_data(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let real = &population.real;
        let message = match population.training.initial {
            Initial::Untrained => {
                "names no corpus: give `private`, `public` or both, for the first training is \
                 on real data"
            }
            Initial::Truth => {
                "names no corpus: give `public` or `private`, whose truth the models begin with"
            }
            Initial::Pretrained => {
                "names no corpus: give `private`, `public` or both, for training sets and prompts"
            }
        };
        notes.add_if(
            real.private.is_none() && real.public.is_none(),
            at(population, "real"),
            message,
        );
    }
}

pub(super) fn truth(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let text = population.family.is_text();
        let truth = population.training.initial == Initial::Truth;
        notes.add_if(
            truth && text,
            at(population, "training.initial"),
            "= \"truth\" is not allowed: the truth about text is not known; allowed is \
             \"untrained\", or \"pretrained\" with family.pretrained",
        );
    }
}

pub(super) fn budget(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let training = &population.training;
        let key = at(population, "training.budget");
        match (training.mixing, training.budget) {
            (Mixing::Drawn, None) => notes.add(
                key,
                "is missing: mixing = \"drawn\" needs the size of a sample, such as \
                 { documents = 100 }",
            ),
            (Mixing::Exact, Some(_)) => notes.add(
                key,
                "is not allowed: mixing = \"exact\" uses every document, so a budget would be \
                 ignored; drop it, or say mixing = \"drawn\"",
            ),
            (Mixing::Drawn, Some(budget)) => {
                let models = models(scenario);
                let sizes = [
                    ("documents", Some(budget.documents)),
                    ("first", budget.first),
                ];
                for (name, documents) in sizes {
                    let Some(documents) = documents else { continue };
                    notes.add_if(
                        budget.per == Per::Ecosystem && u64::from(documents) < models,
                        format!("{key}.{name}"),
                        format!(
                            "= {documents} is less than one document for each of {models} models: allowed \
                             with per = \"ecosystem\" is at least {models}"
                        ),
                    );
                }
            }
            (Mixing::Exact, None) => {}
        }
    }
}

/// A model that begins as the truth and reads nothing but synthetic documents needs no real ones.
fn never_real(population: &Population) -> bool {
    population.training.initial == Initial::Truth && only_synthetic(population)
}

/// A model that never mixes real documents with synthetic ones.
fn only_synthetic(population: &Population) -> bool {
    population.mixture.synthetic_fraction == SyntheticFraction::Constant(1.0)
}

pub(super) fn real_documents(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let real = &population.real;
        let endless = |name: &String| {
            let corpus = scenario.corpora.get(name);
            let distribution = corpus.and_then(|corpus| corpus.distribution.as_ref());
            corpus.is_some_and(|corpus| corpus.source.is_none())
                && distribution.is_some_and(|d| !matches!(d, Distribution::Linear { .. }))
        };
        let drawn = real.private.iter().chain(&real.public).any(endless);
        let known = real.documents.is_some() || population.training.mixing == Mixing::Drawn;
        notes.add_if(
            drawn && !known && !never_real(population),
            at(population, "real.documents"),
            "is missing: a distribution has no end, and mixing = \"exact\" has no budget, so say \
             how many documents are held",
        );
    }
}

pub(super) fn expected(scenario: &Scenario, notes: &mut Notes) {
    let mut populations = scenario.population.iter();
    let drawn = populations.find(|population| population.training.mixing == Mixing::Drawn);
    for population in scenario
        .population
        .iter()
        .filter(|population| population.publish.expected)
    {
        let key = at(population, "publish.expected");
        notes.add_if(
            population.family != Family::Categorical {},
            &key,
            "= true is not allowed: only categorical models can publish their expectation",
        );
        // Real documents count one each, the documents of an expectation sum to one: mixed with real
        // ones, an expectation would count for next to nothing.
        let mixed = scenario
            .population
            .iter()
            .find(|reader| !only_synthetic(reader));
        if let Some(mixed) = mixed {
            let message = format!(
                "= true is not allowed: `{}` mixes real documents in, and an expectation has no \
                 number of documents to be weighed by; every population needs \
                 synthetic_fraction = 1",
                mixed.name
            );
            notes.add(&key, message);
        }
        if let Some(drawn) = drawn {
            let message = format!(
                "= true is not allowed: `{}` draws a sample, and an expectation cannot be drawn \
                 from; every population needs mixing = \"exact\"",
                drawn.name
            );
            notes.add(key, message);
        }
    }
}

pub(super) fn detector(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let exact = population.training.mixing == Mixing::Exact;
        notes.add_if(
            exact && population.read.detector.is_some(),
            at(population, "read.detector"),
            "is not allowed: a detector looks at the documents of a sample; it needs \
             mixing = \"drawn\"",
        );
    }
}

/// A detector learns from texts of known origin.
pub(super) fn learned_detector(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let Some(Detector::Learned(_)) = population.read.detector else {
            continue;
        };
        let (key, real) = (at(population, "read.detector.learned"), &population.real);
        notes.add_if(
            !population.family.is_text(),
            &key,
            "is not allowed: it learns from words, which only text has; allowed are true_positive_rate and false_positive_rate",
        );
        notes.add_if(
            real.private.is_none() && real.public.is_none(),
            key,
            "is not allowed: it learns from real documents, and the population holds none; it needs real.private or real.public",
        );
    }
}

/// A share of what can be read is drawn where a budget does not say how much is.
pub(super) fn share(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let Some(share) = population.read.share else {
            continue;
        };
        let key = at(population, "read.share");
        notes.add_if(
            population.training.mixing == Mixing::Drawn,
            &key,
            format!(
                "= {share} is not allowed: with mixing = \"drawn\" the budget says how much is read; \
                 it needs mixing = \"exact\""
            ),
        );
        notes.add_if(
            population.read.scrape == Scrape::Independent,
            key,
            format!(
                "= {share} is not allowed with scrape = \"independent\", where a model reads all of \
                 its own copies; allowed is \"shared\""
            ),
        );
    }
}

/// True if some corpus of the population gives text.
pub(super) fn reads_text(scenario: &Scenario, name: &str) -> bool {
    scenario.corpora.get(name).and_then(supply) == Some(Supply::Text)
}
