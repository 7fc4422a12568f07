//! The system that a scenario of linear models is.

use learn::theory::oracle_mean_squared_error;
use learn::theory::{Design, Published, RealData, Retention, Scrape, Start, System, Task, Update};
use learn::{LinearDesign, LinearTruth, Truth};
use types::random::{Purpose, Seed};

use super::{NoTheory, because};
use crate::build::Blueprint;
use crate::linear::{self, Origin};
use crate::scenario::schema::{
    Clock, Family, From, Holding, Mixing, Population, PrivateWeight, Regime, Renewal, Scenario,
    Span, SyntheticFraction,
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
}

/// The system that a scenario is; why it is none, if it is none.
pub(super) fn system(blueprint: &Blueprint<'_>) -> Result<System, NoTheory> {
    let scenario = blueprint.scenario;
    let Family::Linear { dimension, .. } = scenario.population[0].family else {
        return Err(because("its models are not linear"));
    };
    let d = dimension as usize;
    let mut builder = Builder {
        blueprint,
        system: empty(d),
        known: Vec::new(),
        probabilities: Vec::new(),
    };
    same_treatment(scenario)?;
    let mut first = 0;
    for (number, population) in scenario.population.iter().enumerate() {
        closed_form(scenario, population)?;
        for model in first..first + population.count {
            builder.model(number, model)?;
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
        system: empty(dimension as usize),
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

fn empty(dimension: usize) -> System {
    System {
        dimension,
        real: Vec::new(),
        private: Vec::new(),
        public: Vec::new(),
        published: Vec::new(),
        alpha: Vec::new(),
        beta: Vec::new(),
        weights: Vec::new(),
        reference: Vec::new(),
        tasks: Vec::new(),
        scrape: Scrape::Shared,
        retention: Retention::Replace,
        update: Update::Synchronous,
        start: Start::Scratch,
        ridge: Vec::new(),
    }
}

/// What theory knows of all models alike must be the same in all populations.
fn same_treatment(scenario: &Scenario) -> Result<(), NoTheory> {
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

/// Whether all that a population does is in the formulas.
fn closed_form(scenario: &Scenario, population: &Population) -> Result<(), NoTheory> {
    let reasons = [
        (
            population.training.mixing != Mixing::Exact,
            "draws samples of its training sets (mixing = \"drawn\")",
        ),
        (
            population.real.renewal != Renewal::Fixed,
            "gets fresh real data (real.renewal)",
        ),
        (population.publish.documents == 0, "publishes nothing"),
        (
            population.publish.best_of.is_some(),
            "publishes the best of several candidates",
        ),
        (
            population.publish.shift != 0.0,
            "publishes with a bias (publish.shift)",
        ),
        (
            population.training.initial != crate::scenario::schema::Initial::Untrained,
            "begins as the truth",
        ),
        (
            matches!(population.clock, Clock::Periodic(_) | Clock::Poisson(_)),
            "publishes at times of its own (clock)",
        ),
        (
            population.mixture.synthetic_fraction
                == SyntheticFraction::ByCount(crate::scenario::schema::ByCount::ByCount),
            "mixes by count",
        ),
        (
            matches!(
                population.mixture.private_weight,
                PrivateWeight::Schedule(_)
            ),
            "changes its private weight",
        ),
        (
            population.publish.when == crate::scenario::schema::When::BeforeTraining,
            "publishes before it trains",
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
    ];
    match reasons.into_iter().find(|(is_so, _)| *is_so) {
        Some((_, reason)) => Err(because(format!("`{}` {reason}", population.name))),
        None => Ok(()),
    }
}

impl Builder<'_> {
    fn model(&mut self, number: usize, model: u32) -> Result<(), NoTheory> {
        let population = &self.blueprint.scenario.population[number];
        let (private, public) = self.holds(population, model)?;
        let beta = match (private, public, &population.mixture.private_weight) {
            (Some(_), Some(_), PrivateWeight::Constant(beta)) => *beta,
            (Some(_), None, _) => 1.0,
            _ => 0.0,
        };
        let any = private
            .or(public)
            .ok_or_else(|| because("it has no real data"))?;
        self.system.private.push(private.unwrap_or(any));
        self.system.public.push(public.unwrap_or(any));
        self.system.beta.push(beta);
        self.published(population, model)?;
        self.reference(population);
        self.reads(number, model);
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
            .map(|name| self.real(name, model, real.holding, 0));
        let private = private.transpose()?;
        let public_holding = real.public_holding.unwrap_or(real.holding);
        let public = real
            .public
            .as_ref()
            .map(|name| self.real(name, model, public_holding, 1));
        Ok((private, public.transpose()?))
    }

    /// The set of real data that a model holds of a corpus.
    fn real(
        &mut self,
        corpus: &str,
        model: u32,
        holding: Holding,
        slot: u32,
    ) -> Result<usize, NoTheory> {
        let set = Set {
            corpus: corpus.to_owned(),
            slot,
            model: (holding == Holding::Own).then_some(model),
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

    /// The model's row of W, or nothing where everybody reads everything; that row is the same for all and made in the end.
    fn reads(&mut self, number: usize, model: u32) {
        let reading = self.blueprint.reading(number);
        let row = reading.row(types::document::ModelId(model));
        let mut weights = Vec::new();
        if let Some(row) = row {
            let models = self
                .blueprint
                .scenario
                .population
                .iter()
                .map(|p| p.count as usize)
                .sum();
            weights = vec![0.0; models];
            for (author, share) in row {
                weights[author.0 as usize] += share;
            }
        }
        self.system.weights.push(weights);
    }

    fn finish(mut self) -> Result<System, NoTheory> {
        let scenario = self.blueprint.scenario;
        let first = &scenario.population[0];
        let volumes: Vec<f64> = scenario
            .population
            .iter()
            .flat_map(|population| {
                std::iter::repeat_n(
                    f64::from(population.publish.documents),
                    population.count as usize,
                )
            })
            .collect();
        let mut model = 0;
        for population in &scenario.population {
            for _ in 0..population.count {
                let row = &mut self.system.weights[model];
                if row.is_empty() {
                    row.clone_from(&volumes);
                }
                if !population.read.include_own && population.read.from == From::Everyone {
                    row[model] = 0.0;
                }
                let sum: f64 = row.iter().sum();
                if sum <= 0.0 {
                    return Err(because(format!("`{}` has nobody to read", population.name)));
                }
                row.iter_mut().for_each(|weight| *weight /= sum);
                model += 1;
            }
        }
        self.system.alpha = alphas(scenario);
        self.system.scrape = match first.read.scrape {
            crate::scenario::schema::Scrape::Shared => Scrape::Shared,
            crate::scenario::schema::Scrape::Independent => Scrape::Independent,
        };
        self.system.retention = match first.training.regime {
            Regime::Replace => Retention::Replace,
            Regime::Accumulate => Retention::Accumulate,
            Regime::Window(generations) => Retention::Window(generations as usize),
            Regime::Discount(factor) => Retention::Discount(factor),
        };
        if self
            .probabilities
            .iter()
            .any(|probability| *probability < 1.0)
        {
            self.system.update = Update::Bernoulli(self.probabilities);
        }
        if let crate::scenario::schema::Start::Warm(rate) = first.training.start {
            self.system.start = Start::Partial(rate);
        }
        let tasks = self.blueprint.linear_tasks().into_iter();
        self.system.tasks = tasks
            .map(|(_, (gram, truth))| Task {
                design: Design::of_gram(&gram, truth.len()),
                truth,
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
