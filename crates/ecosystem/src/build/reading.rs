//! Who reads whom and when, and in which proportions, from a scenario.

use std::collections::BTreeMap;

use learn::{DataMixture, Detector, Family, Lesson, MinHash, SyntheticShare, Truth};
use types::document::ModelId;
use types::time::{VirtualDuration, VirtualTime};
use web::{Reading, Sources};

use super::Blueprint;
use crate::group::{Clock, Detection, Judge, Presence};
use crate::payoff::Payoff;
use crate::scenario::schema::{self, Population, Span};

impl Blueprint<'_> {
    /// Who chooses among candidates: a model of the population's family that knows all of a corpus.
    pub(super) fn judge<F: Family>(
        &self,
        family: &F,
        population: &Population,
    ) -> Option<Judge<F::Fitted>> {
        let choice = population.publish.best_of.as_ref()?;
        let content = self.source(choice.judge.as_ref()?).given.as_deref()?;
        let mut statistic = family.statistic();
        family.absorb(&mut statistic, content, 0..content.len(), 1.0);
        Some(Judge {
            model: family.fit(&statistic, None).ok()?,
            advantage: choice.opinion == schema::Opinion::Advantage,
        })
    }

    /// The filter of near-duplicates of those that read.
    pub(super) fn near_duplicates(&self, population: &Population) -> Option<MinHash> {
        let filter = population.read.near_duplicates;
        filter.map(|filter| self.minhash(filter))
    }

    /// The game that a population's documents play.
    pub(super) fn payoff(&self, population: &Population) -> Option<Payoff> {
        let game = population.read.payoff.as_ref()?;
        match &*self.source(&game.value).truth {
            Truth::Categorical { probabilities } => Some(Payoff {
                values: probabilities.clone(),
                crowding: game.crowding,
            }),
            _ => None,
        }
    }

    /// Sets of documents a publication: one, or one for every model.
    pub(super) fn copies(&self) -> u32 {
        let scrape = self.scenario.population[0].read.scrape;
        let models = self
            .scenario
            .population
            .iter()
            .map(|population| population.count);
        match scrape {
            schema::Scrape::Shared => 1,
            schema::Scrape::Independent => models.sum(),
        }
    }

    pub(super) fn clock(&self, clock: schema::Clock) -> Clock {
        match clock {
            schema::Clock::LockStep => Clock::LockStep(self.duration(Span::Generations(1.0))),
            schema::Clock::Bernoulli(probability) => {
                Clock::Bernoulli(self.duration(Span::Generations(1.0)), probability)
            }
            schema::Clock::Periodic(days) => Clock::Periodic(VirtualDuration::from_days(days)),
            schema::Clock::Poisson(days) => Clock::Poisson(days),
            schema::Clock::LogNormal { median_days, sigma } => Clock::LogNormal(median_days, sigma),
        }
    }

    /// When a population is there.
    pub(super) fn presence(&self, population: &Population) -> Presence {
        let instant = |span: Option<Span>| span.map(|span| self.instant(span));
        Presence {
            enters: instant(population.enters).unwrap_or(VirtualTime::START),
            leaves: instant(population.leaves).unwrap_or(VirtualTime(u64::MAX)),
        }
    }

    pub(crate) fn reading(&self, number: usize) -> Reading {
        let population = &self.scenario.population[number];
        let models = &self.models;
        let sources = match &population.read.from {
            schema::From::Everyone => Sources::Everyone,
            schema::From::Ring(neighbours) => web::ring(models, *neighbours as usize),
            schema::From::Islands(size) => web::islands(models, *size as usize),
            schema::From::Zipf(exponent) => web::zipf(models, |rank| libm::pow(rank, -exponent)),
            schema::From::Weights(weights) => Sources::Shares(
                models
                    .iter()
                    .copied()
                    .zip(weights.iter().copied())
                    .collect(),
            ),
            schema::From::Matrix(rows) => Sources::Rows(self.matrix(number, rows)),
            schema::From::Edges(file) => {
                Sources::Rows(self.data.edges.get(file).cloned().unwrap_or_default())
            }
        };
        Reading {
            sources,
            include_own: population.read.include_own,
            with_replacement: population.training.draw == schema::Draw::WithReplacement,
        }
    }

    fn matrix(&self, number: usize, rows: &[Vec<f64>]) -> BTreeMap<ModelId, Vec<(ModelId, f64)>> {
        let first: u32 = self.scenario.population[..number]
            .iter()
            .map(|population| population.count)
            .sum();
        let row = |weights: &Vec<f64>| {
            self.models
                .iter()
                .copied()
                .zip(weights.iter().copied())
                .collect()
        };
        (first..).map(ModelId).zip(rows.iter().map(row)).collect()
    }
}

pub(super) fn detection(detector: schema::Detector) -> Detection {
    match detector {
        schema::Detector::Rates(rates) => Detection::Rates(Detector {
            true_positive_rate: rates.true_positive_rate,
            false_positive_rate: rates.false_positive_rate,
        }),
        schema::Detector::Learned(schema::Learned { learned }) => Detection::Learned(Lesson {
            documents: learned.documents as usize,
            false_positive_rate: learned.false_positive_rate,
            steps: learned.steps as usize,
            penalty: learned.penalty,
        }),
    }
}

pub(super) fn mixture(mixture: &schema::Mixture) -> DataMixture {
    let private_weights = match &mixture.private_weight {
        schema::PrivateWeight::Constant(beta) => vec![*beta],
        schema::PrivateWeight::Schedule(betas) => betas.clone(),
    };
    let synthetic = match &mixture.synthetic_fraction {
        schema::SyntheticFraction::Constant(alpha) => SyntheticShare::Schedule(vec![*alpha]),
        schema::SyntheticFraction::Schedule(alphas) => SyntheticShare::Schedule(alphas.clone()),
        schema::SyntheticFraction::ByCount(_) => SyntheticShare::ByCount,
    };
    DataMixture {
        synthetic,
        private_weights,
    }
}
