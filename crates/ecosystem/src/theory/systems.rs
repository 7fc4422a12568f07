//! The system that a scenario of linear models is.

use learn::theory::oracle_mean_squared_error;
use learn::theory::{Design, Published, RealData, Scrape, Start, System, Task, Update};
use learn::{LinearDesign, LinearTruth, Truth};
use types::random::{Purpose, Seed};

use super::treatment::{self, closed_form, is_fresh, private_weights, same_treatment};
use super::{NoTheory, because};
use crate::build::Blueprint;
use crate::linear::{self, Origin};
use crate::scenario::schema::{
    self, Clock, Family, Holding, Mixing, Population, Scenario, SyntheticFraction,
};

/// A system being put together, model by model.
struct Builder<'a> {
    blueprint: &'a Blueprint<'a>,
    system: System,
    /// Sets of real data that are there already, by what they are.
    known: Vec<(Set, usize)>,
    probabilities: Vec<f64>,
}

/// What tells one set of real data from another: whose it is, if it is a model's own.
#[derive(Debug, Clone, PartialEq)]
struct Set {
    corpus: String,
    slot: u32,
    model: Option<u32>,
    fresh: bool,
}

/// The system that a scenario is; why it is none, if it is none.
pub(super) fn system(blueprint: &Blueprint<'_>) -> Result<System, NoTheory> {
    let scenario = blueprint.scenario;
    let Family::Linear { dimension, .. } = scenario.population[0].family else {
        return Err(because(
            "its models are neither linear nor fitted by matching moments",
        ));
    };
    let d = dimension as usize;
    let mut builder = Builder {
        blueprint,
        system: System::empty(d),
        known: Vec::new(),
        probabilities: Vec::new(),
    };
    same_treatment(scenario)?;
    let mut first = 0;
    for population in &scenario.population {
        closed_form(scenario, population)?;
        only_exact(population)?;
        for model in first..first + population.count {
            builder.model(population, model)?;
        }
        first += population.count;
    }
    builder.finish()
}

/// Mean squared error of least squares on all real data of all models, where they have one truth and inputs that stay.
pub(crate) fn oracle(blueprint: &Blueprint<'_>) -> Option<f64> {
    let scenario = blueprint.scenario;
    let Family::Linear { dimension, .. } = scenario.population[0].family else {
        return None;
    };
    let mut builder = Builder {
        blueprint,
        system: System::empty(dimension as usize),
        known: Vec::new(),
        probabilities: Vec::new(),
    };
    let mut first = 0;
    for population in &scenario.population {
        for model in first..first + population.count {
            builder.holds(population, model).ok()?;
        }
        builder.reference(population);
        first += population.count;
    }
    oracle_mean_squared_error(&builder.system.real, &builder.system.reference)
}

/// What linear models do beyond that is not in the formulas.
fn only_exact(population: &Population) -> Result<(), NoTheory> {
    let name = &population.name;
    if population.training.mixing != Mixing::Exact {
        return Err(because(format!(
            "`{name}` draws samples of its training sets (mixing = \"drawn\")"
        )));
    }
    if population.training.initial != schema::Initial::Untrained {
        return Err(because(format!("`{name}` begins as the truth")));
    }
    if matches!(
        population.mixture.synthetic_fraction,
        SyntheticFraction::ByCount(_)
    ) {
        return Err(because(format!("`{name}` mixes by count")));
    }
    Ok(())
}

impl Builder<'_> {
    fn model(&mut self, population: &Population, model: u32) -> Result<(), NoTheory> {
        let (private, public) = self.holds(population, model)?;
        let [first_beta, beta] = match (private, public) {
            (Some(_), Some(_)) => private_weights(population)?,
            (Some(_), None) => [1.0; 2],
            _ => [0.0; 2],
        };
        let any = private
            .or(public)
            .ok_or_else(|| because("it has no real data"))?;
        self.system.private.push(private.unwrap_or(any));
        self.system.public.push(public.unwrap_or(any));
        self.system.beta.push(beta);
        self.system.first_beta.push(first_beta);
        self.published(population, model)?;
        self.reference(population);
        self.probabilities.push(match population.clock {
            Clock::Bernoulli(probability) => probability,
            _ => 1.0,
        });
        Ok(())
    }

    /// The private and the public set of real data that a model holds.
    fn holds(
        &mut self,
        population: &Population,
        model: u32,
    ) -> Result<(Option<usize>, Option<usize>), NoTheory> {
        let real = &population.real;
        let private = real
            .private
            .as_ref()
            .map(|name| self.real(name, (model, real.holding, 0), is_fresh(population)));
        let private = private.transpose()?;
        let public_holding = real.public_holding.unwrap_or(real.holding);
        let public = real
            .public
            .as_ref()
            .map(|name| self.real(name, (model, public_holding, 1), is_fresh(population)));
        Ok((private, public.transpose()?))
    }

    /// The set of real data that a model holds of a corpus.
    fn real(
        &mut self,
        corpus: &str,
        (model, holding, slot): (u32, Holding, u32),
        fresh: bool,
    ) -> Result<usize, NoTheory> {
        let set = Set {
            corpus: corpus.to_owned(),
            slot,
            model: (holding == Holding::Own).then_some(model),
            fresh,
        };
        if let Some((_, at)) = self.known.iter().find(|(known, _)| *known == set) {
            return Ok(*at);
        }
        let truth = self.truth(corpus)?;
        let design = rows(
            &truth.design,
            set.model,
            (truth.records, truth.coefficients.len()),
        )?;
        self.system.real.push(RealData {
            design,
            truth: truth.coefficients.clone(),
            noise: truth.noise,
            fresh,
        });
        let at = self.system.real.len() - 1;
        self.known.push((set, at));
        Ok(at)
    }

    fn truth(&self, corpus: &str) -> Result<LinearTruth, NoTheory> {
        match self.blueprint.data.truth(corpus) {
            Some(Truth::Linear { own, .. }) => Ok(own.clone()),
            _ => Err(because(format!("corpus `{corpus}` is not linear"))),
        }
    }

    fn published(&mut self, population: &Population, model: u32) -> Result<(), NoTheory> {
        let origin = Origin {
            seed: self.blueprint.scenario.seed,
            name: &population.name,
        };
        let family = linear::family(&population.family, origin);
        let records = population.publish.documents as usize;
        self.system.published.push(Published {
            design: rows(&family.design, Some(model), (records, family.dimension))?,
            noise: family.noise * libm::sqrt(population.publish.temperature),
        });
        self.system.ridge.push(family.ridge);
        Ok(())
    }

    fn reference(&mut self, population: &Population) {
        let name = population
            .real
            .public
            .as_ref()
            .or(population.real.private.as_ref());
        let truth = name.and_then(|name| self.truth(name).ok());
        self.system
            .reference
            .push(truth.map_or_else(Vec::new, |truth| truth.coefficients));
    }

    fn finish(mut self) -> Result<System, NoTheory> {
        let scenario = self.blueprint.scenario;
        let first = &scenario.population[0];
        self.system.weights = treatment::weights(self.blueprint)?;
        self.system.alpha = alphas(scenario);
        self.system.scrape = match first.read.scrape {
            schema::Scrape::Shared => Scrape::Shared,
            schema::Scrape::Independent => Scrape::Independent,
        };
        self.system.retention = treatment::retention(first.training.regime);
        if self
            .probabilities
            .iter()
            .any(|probability| *probability < 1.0)
        {
            self.system.update = Update::Bernoulli(self.probabilities);
        }
        if let schema::Start::Warm(rate) = first.training.start {
            self.system.start = Start::Partial(rate);
        }
        let tasks = self.blueprint.linear_tasks().into_iter();
        self.system.tasks = tasks
            .map(|task| Task {
                design: Design::of_gram(&task.gram, task.truth.len()),
                truth: task.truth,
            })
            .collect();
        Ok(self.system)
    }
}

/// Alpha of every model, for one generation or for each.
fn alphas(scenario: &Scenario) -> Vec<Vec<f64>> {
    let schedule = |population: &Population| match &population.mixture.synthetic_fraction {
        SyntheticFraction::Constant(alpha) => vec![*alpha],
        SyntheticFraction::Schedule(list) => list.clone(),
        SyntheticFraction::ByCount(_) => Vec::new(),
    };
    let schedules: Vec<Vec<f64>> = scenario
        .population
        .iter()
        .flat_map(|population| std::iter::repeat_n(schedule(population), population.count as usize))
        .collect();
    let longest = schedules.iter().map(Vec::len).max().unwrap_or(1);
    let at = |list: &Vec<f64>, t: usize| list[t.min(list.len() - 1)];
    (0..longest)
        .map(|t| schedules.iter().map(|list| at(list, t)).collect())
        .collect()
}

/// The design of a holder's records.
fn rows(
    design: &LinearDesign,
    holder: Option<u32>,
    (records, dimension): (usize, usize),
) -> Result<Design, NoTheory> {
    if !design.is_fixed() {
        return Err(because(
            "a design is drawn anew for every set or replicate (\"gaussian-fresh\", \"gaussian-per-replicate\")",
        ));
    }
    let mut unused = Seed(0).key(0, Purpose::Design).stream(0, 0);
    let flat = design.rows(holder, (records, dimension), &mut unused);
    let rows: Vec<&[f64]> = flat.chunks_exact(dimension).collect();
    Ok(Design::of_rows(&rows, dimension))
}
