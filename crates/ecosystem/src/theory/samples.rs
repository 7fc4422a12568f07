//! The theory of scenarios whose models match moments: normal distributions, kernels of fixed width, free probabilities.

use learn::theory::{Design, Fit, Published, Quota, RealData, Resampling, Retention, System};
use learn::{Parts, Truth};
use types::document::ModelId;

use super::treatment::{self, closed_form, is_fresh, same_treatment};
use super::{NoTheory, because};
use crate::build::Blueprint;
use crate::scenario::schema::{
    self, Bandwidth, Draw, Estimator, Family, Holding, Initial, Population, Scenario,
    SyntheticFraction,
};

/// True if all models of a scenario match moments, so that this is where it is predicted or not at all.
pub(super) fn is_for(blueprint: &Blueprint<'_>) -> bool {
    blueprint.scenario.population.iter().all(|population| {
        matches!(
            population.family,
            Family::Gaussian { .. } | Family::Kde { .. } | Family::Categorical {}
        )
    })
}

/// What one training is made of.
struct Portion {
    alpha: f64,
    beta: f64,
    quota: Option<Quota>,
}

/// Whose a set of real data is: population, slot, and model if it is a model's own.
type Owner = (usize, usize, Option<u32>);

struct Builder<'a> {
    blueprint: &'a Blueprint<'a>,
    theory: Resampling,
    /// Sets of real data that are there already.
    known: Vec<(Owner, usize)>,
    /// Documents of every model's two sets.
    documents: Vec<[f64; 2]>,
}

/// True if all models begin as the truth, which is then generation 0 and not observed.
pub(super) fn begins_as_truth(scenario: &Scenario) -> bool {
    let begins = |population: &Population| population.training.initial == Initial::Truth;
    scenario.population.iter().all(begins)
}

/// The theory of a scenario, for so many generations.
pub(super) fn resampling(
    blueprint: &Blueprint<'_>,
    generations: usize,
) -> Result<Resampling, NoTheory> {
    let scenario = blueprint.scenario;
    same_treatment(scenario)?;
    let first = &scenario.population[0];
    if first.training.start != schema::Start::Scratch {
        return Err(because(
            "models go on from what they were (training.start), so that what they were is a part of the state: that is known of linear models alone",
        ));
    }
    if first.read.scrape == schema::Scrape::Independent {
        return Err(because(
            "every reader has a scrape of its own (read.scrape)",
        ));
    }
    for population in &scenario.population {
        closed_form(scenario, population)?;
        supported(population)?;
        beginning(scenario, population)?;
    }
    let mut builder = Builder::new(blueprint);
    builder.theory.system.weights = treatment::weights(blueprint)?;
    let mut model = 0;
    for (number, population) in scenario.population.iter().enumerate() {
        for _ in 0..population.count {
            builder.model(number, model)?;
            model += 1;
        }
    }
    builder.portions(generations)?;
    Ok(builder.theory)
}

/// Whether the beginning of a population is in the formulas.
fn beginning(scenario: &Scenario, population: &Population) -> Result<(), NoTheory> {
    if population.training.initial == Initial::Untrained {
        return Ok(());
    }
    let only_synthetic = population.mixture.synthetic_fraction == SyntheticFraction::Constant(1.0);
    if begins_as_truth(scenario) && only_synthetic {
        return Ok(());
    }
    Err(because(format!(
        "`{}` begins as the truth, and not everybody does and reads synthetic documents alone",
        population.name
    )))
}

/// Whether the family of a population, as it is used, has a theory.
fn supported(population: &Population) -> Result<(), NoTheory> {
    let (name, publish) = (&population.name, &population.publish);
    let reasons = [
        (
            matches!(population.clock, schema::Clock::Bernoulli(_)),
            "misses trainings (clock)",
        ),
        (
            publish.expected,
            "publishes expectations, of which nothing is random",
        ),
        (
            publish.temperature != 1.0 && population.family == Family::Categorical {},
            "publishes at another temperature, which changes probabilities one by one",
        ),
        (
            matches!(
                population.family,
                Family::Kde {
                    bandwidth: Bandwidth::Rule(_),
                    ..
                }
            ),
            "chooses its bandwidth by a rule",
        ),
        (
            population.training.budget.is_some()
                && population.training.draw == Draw::WithoutReplacement
                && population.read.from != schema::From::Everyone,
            "draws from chosen models without replacement",
        ),
    ];
    match reasons.into_iter().find(|(is_so, _)| *is_so) {
        Some((_, reason)) => Err(because(format!("`{name}` {reason}"))),
        None => Ok(()),
    }
}

impl<'a> Builder<'a> {
    fn new(blueprint: &'a Blueprint<'a>) -> Self {
        let first = &blueprint.scenario.population[0];
        let system = System {
            retention: treatment::retention(first.training.regime),
            ..System::empty(1)
        };
        Self {
            blueprint,
            theory: Resampling {
                system,
                truths: Vec::new(),
                fits: Vec::new(),
                samples: Vec::new(),
            },
            known: Vec::new(),
            documents: Vec::new(),
        }
    }

    fn model(&mut self, number: usize, model: u32) -> Result<(), NoTheory> {
        let population = &self.blueprint.scenario.population[number];
        let real = &population.real;
        let public_holding = real.public_holding.unwrap_or(real.holding);
        let parts = [
            (&real.private, real.holding),
            (&real.public, public_holding),
        ];
        let mut sets = [None, None];
        for (slot, (name, holding)) in parts.into_iter().enumerate() {
            if let Some(name) = name {
                let owner = (holding == Holding::Own).then_some(model);
                sets[slot] = Some(self.real(name, (number, slot, owner))?);
            }
        }
        let any = sets[0]
            .or(sets[1])
            .ok_or_else(|| because("it has no real data"))?;
        let system = &mut self.theory.system;
        let documents = sets.map(|set| set.map_or(0.0, |set| system.real[set].design.records()));
        self.documents.push(documents);
        system.private.push(sets[0].unwrap_or(any));
        system.public.push(sets[1].unwrap_or(any));
        system.published.push(Published {
            design: Design::isotropic(1, 1.0, f64::from(population.publish.documents)),
            noise: 0.0,
        });
        system.reference.push(vec![0.0]);
        system.ridge.push(0.0);
        self.theory.fits.push(fit(population));
        Ok(())
    }

    /// The set of real data of this corpus that a population or a model holds.
    fn real(&mut self, corpus: &str, owner: Owner) -> Result<usize, NoTheory> {
        if let Some((_, at)) = self.known.iter().find(|(known, _)| *known == owner) {
            return Ok(*at);
        }
        let population = &self.blueprint.scenario.population[owner.0];
        let budget = self.blueprint.training(population).budget;
        let documents = population.real.documents.map(f64::from);
        let documents = documents.or(budget.map(|budget| budget.of(ModelId(0)) as f64));
        // Who begins as the truth has seen all there is, as it were.
        let endless = begins_as_truth(self.blueprint.scenario).then_some(1e300);
        let documents = endless.or(documents);
        let (mean, variance) = match self.blueprint.data.truth(corpus) {
            Some(Truth::Gaussian { mean, variance }) => (mean.clone(), variance.iter().sum()),
            Some(Truth::Categorical { probabilities: p }) => {
                (p.clone(), 1.0 - p.iter().map(|p| p * p).sum::<f64>())
            }
            _ => {
                return Err(because(format!(
                    "corpus `{corpus}` is not a distribution whose moments are known here"
                )));
            }
        };
        self.theory.truths.push(mean);
        self.theory.system.real.push(RealData {
            design: Design::isotropic(1, 1.0, documents.unwrap_or(0.0)),
            truth: vec![0.0],
            noise: libm::sqrt(variance),
            fresh: is_fresh(population),
        });
        let at = self.theory.system.real.len() - 1;
        self.known.push((owner, at));
        Ok(at)
    }

    /// Mixtures and samples of every training, from the first to the last.
    fn portions(&mut self, generations: usize) -> Result<(), NoTheory> {
        let models = self.documents.len();
        let mut beta: Vec<Option<f64>> = vec![None; models];
        let mut first_beta = Vec::with_capacity(models);
        for t in 0..=generations {
            let mut portions = Vec::with_capacity(models);
            for (k, beta) in beta.iter_mut().enumerate() {
                let portion = self.portion(k, t)?;
                // Without a real part there is nothing to divide.
                let divides = t > 0 && portion.alpha < 1.0;
                if divides && beta.is_some_and(|beta| (beta - portion.beta).abs() > 1e-12) {
                    return Err(because(
                        "a private weight does not divide its sample alike in every training after the first",
                    ));
                }
                *beta = beta.or(divides.then_some(portion.beta));
                if t == 0 {
                    first_beta.push(portion.beta);
                }
                portions.push(portion);
            }
            if t > 0 || generations == 0 {
                let alphas = portions.iter().map(|portion| portion.alpha).collect();
                self.theory.system.alpha.push(alphas);
            }
            let quotas = portions.into_iter().map(|portion| portion.quota);
            self.theory.samples.push(quotas.collect());
        }
        let first = beta.into_iter().zip(&first_beta);
        self.theory.system.beta = first.map(|(beta, first)| beta.unwrap_or(*first)).collect();
        self.theory.system.first_beta = first_beta;
        Ok(())
    }

    /// What training number t of model k is made of.
    fn portion(&self, k: usize, t: usize) -> Result<Portion, NoTheory> {
        let (number, population) = self.population_of(k);
        let [private, public] = self.documents[k];
        let available = Parts {
            private,
            public,
            synthetic: self.readable(k, t),
        };
        let mixture = self.blueprint.mixture(number);
        let shares = mixture.shares(t as u32 + 1, available);
        let sampled = t > 0 || !begins_as_truth(self.blueprint.scenario);
        let budget = self.blueprint.training(population).budget;
        let Some(budget) = budget.filter(|_| sampled) else {
            return Ok(Portion {
                alpha: shares.synthetic,
                beta: private_weight(shares.private, shares.public),
                quota: None,
            });
        };
        let size = budget.of(ModelId(k as u32));
        let quotas = shares.quotas(size);
        let parts = [quotas.private, quotas.public, quotas.synthetic].map(|part| part as f64);
        let with_replacement = population.training.draw == Draw::WithReplacement;
        let held = [available.private, available.public, available.synthetic];
        if !with_replacement && parts.iter().zip(held).any(|(part, held)| *part > held) {
            return Err(because(format!(
                "`{}` draws more documents than there are",
                population.name
            )));
        }
        Ok(Portion {
            alpha: parts[2] / size as f64,
            beta: private_weight(parts[0], parts[1]),
            quota: Some(Quota {
                parts,
                with_replacement,
            }),
        })
    }

    /// Weight of the documents that model k can read in training number t.
    fn readable(&self, k: usize, t: usize) -> f64 {
        let row = &self.theory.system.weights[k];
        let sources = row.iter().zip(&self.theory.system.published);
        let a_generation: f64 = sources
            .filter(|(weight, _)| **weight > 0.0)
            .map(|(_, published)| published.design.records())
            .sum();
        let generations = match self.theory.system.retention {
            Retention::Replace => t.min(1) as f64,
            Retention::Accumulate => t as f64,
            Retention::Window(width) => t.min(width) as f64,
            Retention::Discount(factor) => (1.0 - libm::pow(factor, t as f64)) / (1.0 - factor),
        };
        a_generation * generations
    }

    fn population_of(&self, k: usize) -> (usize, &Population) {
        let mut left = k;
        for (number, population) in self.blueprint.scenario.population.iter().enumerate() {
            if left < population.count as usize {
                return (number, population);
            }
            left -= population.count as usize;
        }
        unreachable!("every model is in a population")
    }
}

/// The private share of the real part; 0 where there is none.
fn private_weight(private: f64, public: f64) -> f64 {
    let real = private + public;
    if real > 0.0 { private / real } else { 0.0 }
}

fn fit(population: &Population) -> Fit {
    let (kernel, unbiased) = match population.family {
        Family::Gaussian { estimator, .. } => (0.0, estimator == Estimator::Unbiased),
        Family::Kde {
            dimension,
            bandwidth: Bandwidth::Fixed(h),
            ..
        } => (f64::from(dimension) * h * h, false),
        _ => (0.0, false),
    };
    Fit {
        kernel,
        temperature: population.publish.temperature,
        unbiased,
    }
}
