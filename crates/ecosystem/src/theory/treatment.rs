//! What theory has to know of a scenario whatever its models are: who reads whom, which past, and that nothing else happens.

use learn::theory::Retention;
use types::document::ModelId;

use super::{NoTheory, because};
use crate::build::Blueprint;
use crate::scenario::schema::{
    Clock, From, Population, PrivateWeight, Publish, Read, Regime, Renewal, Scenario, Span, When,
};

/// What theory knows of all models alike must be the same in all populations.
pub(super) fn same_treatment(scenario: &Scenario) -> Result<(), NoTheory> {
    let first = &scenario.population[0];
    for population in &scenario.population {
        let same = population.training.regime == first.training.regime
            && population.training.start == first.training.start;
        if !same {
            return Err(because(format!(
                "`{}` and `{}` have different regimes or starts",
                first.name, population.name
            )));
        }
    }
    if less(scenario.web.retention, first.training.regime) {
        return Err(because(
            "web.retention drops documents that the regime asks for",
        ));
    }
    Ok(())
}

fn less(kept: Regime, wanted: Regime) -> bool {
    match (kept, wanted) {
        (Regime::Accumulate, _) | (_, Regime::Replace) => false,
        (Regime::Window(kept), Regime::Window(wanted)) => kept < wanted,
        (kept, wanted) => kept != wanted,
    }
}

/// Whether what a population does, apart from how it learns, is in the formulas.
pub(super) fn closed_form(scenario: &Scenario, population: &Population) -> Result<(), NoTheory> {
    let reasons = published(&population.publish)
        .into_iter()
        .chain(read(&population.read))
        .chain(timed(scenario, population));
    match reasons.into_iter().find(|(is_so, _)| *is_so) {
        Some((_, reason)) => Err(because(format!("`{}` {reason}", population.name))),
        None => Ok(()),
    }
}

/// Something that may be so, and what it is if it is.
type Reason = (bool, &'static str);

/// What of publishing no formula knows. A key that is new has to be named here: temperature, tokens, prompts and expectations are a matter
/// of families, those with labels have no theory, and nobody but crawlers, which have none either, looks for a watermark.
fn published(publish: &Publish) -> [Reason; 6] {
    let Publish {
        documents,
        temperature: _,
        shift,
        when,
        tokens: _,
        top_k: _,
        top_p: _,
        prompt: _,
        expected: _,
        mislabelled: _,
        verifier: _,
        best_of,
        clock,
        sites: _,
        adoption,
        watermark: _,
    } = publish;
    [
        (
            clock.is_some(),
            "publishes at times of its own (publish.clock)",
        ),
        (
            adoption.is_some(),
            "publishes more and more (publish.adoption)",
        ),
        (*documents == 0, "publishes nothing"),
        (
            best_of.is_some(),
            "publishes the best of several candidates",
        ),
        (*shift != 0.0, "publishes with a bias (publish.shift)"),
        (*when == When::BeforeTraining, "publishes before it trains"),
    ]
}

/// What of reading no formula knows. Who reads whom, and which copies, they all do.
fn read(read: &Read) -> [Reason; 5] {
    let Read {
        from: _,
        scrape: _,
        include_own: _,
        share,
        detector,
        near_duplicates,
        payoff,
        archive,
    } = read;
    [
        (
            archive.is_some(),
            "reads what a crawler has fetched (read.archive)",
        ),
        (
            share.is_some(),
            "reads a share of what there is (read.share)",
        ),
        (detector.is_some(), "has a detector"),
        (
            near_duplicates.is_some(),
            "drops near-duplicates (read.near_duplicates)",
        ),
        (
            payoff.is_some(),
            "weighs documents by what they earned (read.payoff)",
        ),
    ]
}

/// What of clocks and the web no formula knows.
fn timed(scenario: &Scenario, population: &Population) -> [Reason; 11] {
    // Taken apart by name, so that a new key has to be named here.
    let Population {
        name: _,
        count: _,
        shards: _,
        family: _,
        real: _,
        mixture: _,
        training,
        publish: _,
        read: _,
        clock,
        enters,
        leaves,
    } = population;
    let first = training.budget.and_then(|budget| budget.first);
    [
        (
            first.is_some(),
            "has a first training of another size (training.budget.first)",
        ),
        (
            enters.is_some(),
            "is not there from the start (enters): who can be read changes when it enters, and so does W",
        ),
        (
            leaves.is_some(),
            "does not stay to the end (leaves): from then on nobody updates its part of the state",
        ),
        (
            !scenario.intervention.is_empty(),
            "changes on the way (intervention)",
        ),
        (
            matches!(clock, Clock::LogNormal { .. }),
            "ticks at random times (clock = { log-normal })",
        ),
        (
            !scenario.site.is_empty(),
            "is not alone: people may publish on the sites",
        ),
        (
            matches!(clock, Clock::Poisson(_)),
            "ticks at random times (clock = { poisson }): until all have published, who can be read is random, and so is W",
        ),
        (
            matches!(clock, Clock::Periodic(_)),
            "begins on a random day (clock = { periodic })",
        ),
        (
            scenario.web.seed.is_some(),
            "finds a web that is not empty (web.seed)",
        ),
        (
            scenario.web.index_lag != Span::Generations(1.0),
            "sees documents later than a generation after they were published (web.index_lag)",
        ),
        (
            scenario
                .web
                .index_refresh
                .is_some_and(|refresh| refresh != scenario.web.index_lag),
            "reads an index that is refreshed within a generation",
        ),
    ]
}

/// Private weights of the first training and of those that follow.
pub(super) fn private_weights(population: &Population) -> Result<[f64; 2], NoTheory> {
    match &population.mixture.private_weight {
        PrivateWeight::Constant(beta) => Ok([*beta; 2]),
        PrivateWeight::Schedule(list) => {
            let first = list.first().copied().unwrap_or_default();
            let later = list.get(1).copied().unwrap_or(first);
            if list.iter().skip(2).any(|beta| *beta != later) {
                return Err(because(format!(
                    "`{}` changes its private weight after the second training",
                    population.name
                )));
            }
            Ok([first, later])
        }
    }
}

/// True if real data are drawn anew for every training.
pub(super) fn is_fresh(population: &Population) -> bool {
    population.real.renewal == Renewal::Fresh
}

/// The regime as theory has it.
pub(super) fn retention(regime: Regime) -> Retention {
    match regime {
        Regime::Replace => Retention::Replace,
        Regime::Accumulate => Retention::Accumulate,
        Regime::Window(generations) => Retention::Window(generations as usize),
        Regime::Discount(factor) => Retention::Discount(factor),
    }
}

/// The matrix of who reads whom, row by row. Where everybody reads everything, a source counts by its documents.
pub(super) fn weights(blueprint: &Blueprint<'_>) -> Result<Vec<Vec<f64>>, NoTheory> {
    let scenario = blueprint.scenario;
    let models: usize = scenario.population.iter().map(|p| p.count as usize).sum();
    if models > MODELS_MAX {
        return Err(because(format!(
            "it has {models} models, and who reads whom is told for at most {MODELS_MAX}"
        )));
    }
    let mut volumes = Vec::with_capacity(models);
    for population in &scenario.population {
        let documents = f64::from(population.publish.documents);
        volumes.extend(std::iter::repeat_n(documents, population.count as usize));
    }
    let mut rows = Vec::with_capacity(models);
    for (number, population) in scenario.population.iter().enumerate() {
        let reading = blueprint.reading(number);
        for _ in 0..population.count {
            let model = rows.len();
            let mut row = match reading.row(ModelId(model as u32)) {
                Some(shares) => spread(&shares, models),
                None => volumes.clone(),
            };
            if !population.read.include_own && population.read.from == From::Everyone {
                row[model] = 0.0;
            }
            let sum: f64 = row.iter().sum();
            if sum <= 0.0 {
                return Err(because(format!("`{}` has nobody to read", population.name)));
            }
            for weight in &mut row {
                *weight /= sum;
            }
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The matrix of who reads whom has a row and a column for each model.
const MODELS_MAX: usize = 4096;

fn spread(shares: &[(ModelId, f64)], models: usize) -> Vec<f64> {
    let mut row = vec![0.0; models];
    for (author, share) in shares {
        row[author.0 as usize] += share;
    }
    row
}
