//! What is exactly true of every ecosystem of linear models, through the simulator, for random systems.

use std::fmt::Write;
use std::sync::Arc;

use echosphere_ecosystem::scenario::{Scenario, read};
use echosphere_ecosystem::theory::expectation;
use echosphere_ecosystem::{Data, Keeping, Simulation, metrics};
use types::metric::Row;
use types::random::{Purpose, Seed, Stream};
use web::MemoryStorage;

const SYSTEMS: u64 = 25;
const GENERATIONS: u32 = 6;
/// Inputs a record.
const INPUTS: usize = 3;

/// One model: its private records and what it does.
#[derive(Debug, Clone)]
struct Entity {
    name: String,
    /// Whose private corpus it holds.
    corpus: String,
    truth: Vec<f64>,
    noise: f64,
    alpha: f64,
    beta: f64,
    /// Inputs of its private records and of what it publishes.
    rows: Vec<Vec<f64>>,
    /// Whom it reads; empty: everyone.
    weights: Vec<f64>,
    documents: usize,
}

/// An ecosystem with one public corpus that all models share.
#[derive(Debug, Clone)]
struct System {
    seed: u64,
    truth: Vec<f64>,
    noise: f64,
    regime: &'static str,
    entities: Vec<Entity>,
}

fn number(rng: &mut Stream, low: f64, high: f64) -> f64 {
    ((low + (high - low) * rng.uniform()) * 1000.0).round() / 1000.0
}

fn numbers(rng: &mut Stream, count: usize) -> Vec<f64> {
    (0..count).map(|_| number(rng, -2.0, 2.0)).collect()
}

/// Weights that sum to 1.
fn shares(rng: &mut Stream, count: usize) -> Vec<f64> {
    let most = 1.0 / count as f64;
    let mut parts: Vec<f64> = (1..count).map(|_| number(rng, 0.05, most)).collect();
    parts.push(1.0 - parts.iter().sum::<f64>());
    parts
}

fn random(seed: u64) -> System {
    let mut rng = Seed(seed).key(0, Purpose::Distribution).stream(7, 0);
    let rng = &mut rng;
    let models = 2 + rng.below(3) as usize;
    let entities = (0..models).map(|model| Entity {
        name: format!("m{model}"),
        corpus: format!("m{model}"),
        truth: numbers(rng, INPUTS),
        noise: number(rng, 0.1, 1.0),
        alpha: number(rng, 0.1, 0.9),
        beta: number(rng, 0.1, 0.9),
        rows: (0..INPUTS + 4).map(|_| numbers(rng, INPUTS)).collect(),
        weights: shares(rng, models),
        documents: INPUTS + 4,
    });
    let entities = entities.collect();
    let regimes = ["\"replace\"", "\"accumulate\"", "{ window = 2 }"];
    System {
        seed,
        truth: numbers(rng, INPUTS),
        noise: number(rng, 0.1, 1.0),
        regime: regimes[rng.below(3) as usize],
        entities,
    }
}

fn systems() -> impl Iterator<Item = System> {
    (0..SYSTEMS).map(random)
}

impl System {
    /// All models alike but for their private data.
    fn all(mut self, change: impl Fn(&mut Entity)) -> Self {
        self.entities.iter_mut().for_each(change);
        self
    }

    fn text(&self) -> String {
        let mut text = format!(
            "title = \"random\"\nseed = {}\nhorizon = {{ generations = {GENERATIONS} }}\n[web]\nretention = \"accumulate\"\n\
             [observe]\nmetrics = [\"coefficient\", \"coefficient_error\", \"disagreement\"]\n\
             [corpora.public]\ndistribution = {{ kind = \"linear\", dimension = {INPUTS}, coefficients = {:?}, noise = {:?}, \
             records = 9, design = \"orthogonal\" }}\n",
            self.seed, self.truth, self.noise
        );
        for entity in &self.entities {
            let Entity {
                name,
                corpus,
                truth,
                noise,
                alpha,
                beta,
                rows,
                weights,
                documents,
            } = entity;
            let from = if weights.is_empty() {
                "\"everyone\"".to_owned()
            } else {
                format!("{{ matrix = [{weights:?}] }}")
            };
            if corpus == name {
                write!(
                    text,
                    "[corpora.own_{name}]\naccess = \"private\"\ndistribution = {{ kind = \"linear\", \
                     dimension = {INPUTS}, coefficients = {truth:?}, noise = {noise:?}, records = {}, \
                     design = {{ rows = {rows:?} }} }}\n",
                    rows.len()
                )
                .expect("a string takes all");
            }
            write!(
                text,
                "[[population]]\nname = \"{name}\"\n\
                 family = {{ kind = \"linear\", dimension = {INPUTS}, noise = {noise:?}, design = {{ rows = {rows:?} }} }}\n\
                 real = {{ private = \"own_{corpus}\", public = \"public\" }}\n\
                 mixture = {{ synthetic_fraction = {alpha:?}, private_weight = {beta:?} }}\n\
                 training = {{ regime = {} }}\npublish = {{ documents = {documents} }}\nread = {{ from = {from} }}\n",
                self.regime,
            )
            .expect("a string takes all");
        }
        text
    }

    fn load(&self) -> (Scenario, Data) {
        let scenario = read(&self.text(), &[], &metrics::names()).expect("the scenario is allowed");
        let data = Data::load(&scenario, |source, _| Err(format!("no file {source}")))
            .expect("nothing is read");
        (scenario, data)
    }

    /// The coefficients of every model after every fit.
    fn run(&self) -> Vec<Vec<Vec<f64>>> {
        let (scenario, data) = self.load();
        let keeping = Keeping {
            storage: Arc::new(MemoryStorage::default()),
            all_documents: false,
        };
        let mut simulation =
            Simulation::new(&scenario, &data, 0, &keeping).expect("it can be built");
        let mut rows: Vec<Row> = Vec::new();
        while simulation.step().expect("memory does not fail") {
            rows.extend(simulation.take_rows());
        }
        let of = |generation, model| {
            let wanted = |row: &&Row| {
                (row.generation, row.model) == (generation, Some(model))
                    && &*row.metric == "coefficient"
            };
            let theta: Vec<f64> = rows.iter().filter(wanted).map(|row| row.value).collect();
            assert_eq!(theta.len(), INPUTS);
            theta
        };
        let models = 0..self.entities.len() as u32;
        let fits = 1..=GENERATIONS;
        fits.map(|fit| models.clone().map(|model| of(fit, model)).collect())
            .collect()
    }
}

fn near(a: &[f64], b: &[f64]) -> bool {
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * (1.0 + b.abs());
    a.iter().zip(b).all(close)
}

/// With alpha = 0 every training is the first one again.
#[test]
fn who_reads_nothing_stays_as_it_is() {
    for system in systems() {
        let fits = system.all(|entity| entity.alpha = 0.0).run();
        assert!(fits.iter().all(|fit| *fit == fits[0]));
    }
}

#[test]
fn the_truth_is_a_fixed_point_without_noise() {
    for mut system in systems() {
        let truth = system.truth.clone();
        system.noise = 0.0;
        let system = system.all(|entity| {
            entity.truth.clone_from(&truth);
            entity.noise = 0.0;
        });
        let fits = system.run();
        assert!(fits.iter().flatten().all(|theta| near(theta, &truth)));
    }
}

/// Without noise, because random numbers belong to a model's number and not to its name.
#[test]
fn the_order_of_models_does_not_matter() {
    for mut system in systems() {
        system.noise = 0.0;
        let mut system = system.all(|entity| entity.noise = 0.0);
        let before = system.run();
        system.entities.rotate_left(1);
        let system = system.all(|entity| entity.weights.rotate_left(1));
        for (fit, mut expected) in system.run().iter().zip(before) {
            expected.rotate_left(1);
            assert!(
                fit.iter()
                    .zip(&expected)
                    .all(|(theta, own)| near(theta, own))
            );
        }
    }
}

/// beta = 0, equal alpha, one pool: whatever is private plays no part.
#[test]
fn who_reads_the_same_is_the_same() {
    for system in systems() {
        let fits = system
            .all(|entity| {
                (entity.alpha, entity.beta) = (0.6, 0.0);
                entity.weights.clear();
            })
            .run();
        let same = |fit: &Vec<Vec<f64>>| fit.iter().all(|theta| *theta == fit[0]);
        assert!(fits.iter().all(same));
    }
}

/// alpha = 1 and one pool: models differ after their first fit, on real data, and never again.
#[test]
fn who_reads_only_the_pool_agrees_at_once() {
    for system in systems() {
        let fits = system
            .all(|entity| {
                entity.alpha = 1.0;
                entity.weights.clear();
            })
            .run();
        let same = |fit: &Vec<Vec<f64>>| fit.iter().all(|theta| *theta == fit[0]);
        assert!(!same(&fits[0]) && fits[1..].iter().all(same));
    }
}

/// A model that nobody reads, and that reads as it likes, changes no bit of anything else. It has no corpus of its own, for
/// real records that are shared are drawn by the position of their corpus.
#[test]
fn who_is_not_read_changes_nothing() {
    for mut system in systems() {
        let before = system.run();
        let mut silent = system.entities[0].clone();
        "silent".clone_into(&mut silent.name);
        silent.weights.iter_mut().for_each(|weight| *weight *= 0.5);
        silent.weights.push(0.5);
        for entity in &mut system.entities {
            entity.weights.push(0.0);
        }
        system.entities.push(silent);
        for (fit, expected) in system.run().iter().zip(before) {
            assert_eq!(fit[..expected.len()], expected);
        }
    }
}

/// K copies of one entity with one set of real data behave as one that publishes K times as much, in expectation.
#[test]
fn copies_are_one_with_more_records() {
    for mut system in systems() {
        let copies = system.entities.len();
        system.entities.truncate(1);
        let mut system = system.all(|entity| {
            entity.weights.clear();
            entity.beta = 0.0;
        });
        let mut one = system.clone();
        one.entities[0].documents *= copies;
        for copy in 1..copies {
            let mut entity = system.entities[0].clone();
            entity.name = format!("copy{copy}");
            entity.corpus.clone_from(&entity.name);
            system.entities.push(entity);
        }
        let expected = |system: &System| -> Vec<f64> {
            let (scenario, data) = system.load();
            let rows = expectation(&scenario, &data, false).unwrap().rows;
            let first = |row: &&Row| {
                row.model == Some(0) && matches!(&*row.metric, "coefficient" | "coefficient_error")
            };
            rows.iter().filter(first).map(|row| row.value).collect()
        };
        let (several, one) = (expected(&system), expected(&one));
        assert_eq!(several.len(), one.len());
        assert!(several.len() >= GENERATIONS as usize && near(&several, &one));
    }
}
