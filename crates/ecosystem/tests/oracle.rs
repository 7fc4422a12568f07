//! Simulation against theory: random ecosystems of linear models, every metric that theory knows, at every generation.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]
#![expect(clippy::print_stdout, reason = "how close it was is worth reading")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use echosphere_ecosystem::scenario::builtin::builtins;
use echosphere_ecosystem::scenario::schema::Span;
use echosphere_ecosystem::scenario::{Scenario, read};
use echosphere_ecosystem::theory::expectation;
use echosphere_ecosystem::{Data, Keeping, Simulation, metrics, reproduction};
use rayon::prelude::*;
use types::metric::Row;
use types::random::{Purpose, Seed, Stream};
use web::MemoryStorage;

const SYSTEMS: u64 = 20;
const REPLICATES: u32 = 500;
const GENERATIONS: u32 = 7;
/// Largest standardised difference that is allowed in any comparison.
const Z_MAX: f64 = 5.0;

/// A random number with few digits, so that the text of the scenario is exactly what is run.
fn number(rng: &mut Stream, low: f64, high: f64) -> f64 {
    ((low + (high - low) * rng.uniform()) * 1000.0).round() / 1000.0
}

fn shares(rng: &mut Stream, count: usize) -> Vec<f64> {
    let mut parts: Vec<f64> = (1..count)
        .map(|_| number(rng, 0.0, 1.0 / count as f64))
        .collect();
    parts.push(1.0 - parts.iter().sum::<f64>());
    parts
}

fn pick<'a>(rng: &mut Stream, from: &[&'a str]) -> &'a str {
    from[rng.below(from.len() as u32) as usize]
}

/// A scenario of random size, mixtures, designs, noises, regime, scrape and clock.
fn random_scenario(seed: u64) -> String {
    let mut rng = Seed(seed).key(0, Purpose::Distribution).stream(0, 0);
    let rng = &mut rng;
    let (models, d) = (2 + rng.below(3), 2 + rng.below(2));
    let regime = pick(
        rng,
        &[
            "\"replace\"",
            "\"accumulate\"",
            "{ window = 2 }",
            "{ discount = 0.6 }",
        ],
    );
    let scrape = pick(rng, &["shared", "independent"]);
    let start = pick(rng, &["\"scratch\"", "\"scratch\"", "{ warm = 0.6 }"]);
    let asynchronous = rng.below(2) == 1;
    let truth: Vec<f64> = (0..d).map(|_| number(rng, -2.0, 2.0)).collect();
    let mut text = format!(
        "title = \"random\"\nseed = {seed}\nhorizon = {{ generations = {GENERATIONS} }}\n[web]\nretention = \"accumulate\"\n\
         [corpora.public]\ndistribution = {{ kind = \"linear\", dimension = {d}, coefficients = {truth:?}, noise = {}, records = {} }}\n",
        number(rng, 0.2, 1.0),
        d + 2 + rng.below(6),
    );
    for model in 0..models {
        let own = [
            truth.clone(),
            (0..d).map(|_| number(rng, -2.0, 2.0)).collect(),
        ];
        let own = &own[rng.below(2) as usize];
        let design = pick(rng, &["\"gaussian\"", "\"orthogonal\"", "{ block = 1 }"]);
        let clock = if asynchronous {
            format!("{{ bernoulli = {} }}", number(rng, 0.2, 1.0))
        } else {
            "\"lock-step\"".to_owned()
        };
        write!(
            text,
            "[corpora.private_{model}]\naccess = \"private\"\ndistribution = {{ kind = \"linear\", dimension = {d}, \
             coefficients = {own:?}, noise = {}, records = {}, design = {design} }}\n\
             [[population]]\nname = \"m{model}\"\nclock = {clock}\n\
             family = {{ kind = \"linear\", dimension = {d}, noise = {}, ridge = {} }}\n\
             real = {{ private = \"private_{model}\", public = \"public\" }}\n\
             mixture = {{ synthetic_fraction = {}, private_weight = {} }}\n\
             training = {{ regime = {regime}, start = {start} }}\npublish = {{ documents = {} }}\n\
             read = {{ from = {{ matrix = [{:?}] }}, scrape = \"{scrape}\" }}\n",
            number(rng, 0.2, 1.0),
            d + rng.below(6),
            number(rng, 0.2, 1.0),
            number(rng, 0.0, 0.05),
            number(rng, 0.0, 0.9),
            number(rng, 0.0, 1.0),
            d + 3 + rng.below(6),
            shares(rng, models as usize),
        )
        .unwrap();
    }
    text
}

/// A scenario of models that match moments, of one kind: normal distributions, kernels or probabilities; drawn or whole
/// training sets, any regime, any readers.
fn random_samples(seed: u64) -> String {
    let mut rng = Seed(seed).key(1, Purpose::Distribution).stream(0, 0);
    let rng = &mut rng;
    let models = 1 + rng.below(3) as usize;
    let regime = pick(
        rng,
        &[
            "\"replace\"",
            "\"accumulate\"",
            "{ window = 2 }",
            "{ discount = 0.6 }",
        ],
    );
    let symbols = rng.below(3) == 0;
    let (public, private, families): (_, _, &[&str]) = if symbols {
        (
            "{ kind = \"zipf\", symbols = 12 }",
            "{ kind = \"uniform\", symbols = 12 }",
            &["{ kind = \"categorical\" }"],
        )
    } else {
        (
            "{ kind = \"gaussian\", mean = 0.5, dimension = 2 }",
            "{ kind = \"gaussian\", mean = -0.5, variance = 2.0, dimension = 2 }",
            &[
                "{ kind = \"gaussian\", dimension = 2 }",
                "{ kind = \"gaussian\", dimension = 2, estimator = \"unbiased\" }",
                "{ kind = \"kde\", dimension = 2, bandwidth = 0.3 }",
            ],
        )
    };
    let mut text = format!(
        "title = \"random\"\nseed = {seed}\nhorizon = {{ generations = {GENERATIONS} }}\n[web]\nretention = \"accumulate\"\n\
         [corpora]\npublic = {{ distribution = {public} }}\nprivate = {{ distribution = {private}, access = \"private\" }}\n"
    );
    for model in 0..models {
        let (mixing, from) = random_reading(rng, models);
        let family = pick(rng, families);
        let temperature = if symbols { 1.0 } else { number(rng, 0.5, 1.2) };
        write!(
            text,
            "[[population]]\nname = \"m{model}\"\nfamily = {family}\n\
             real = {{ private = \"private\", public = \"public\", documents = {}, holding = \"own\", public_holding = \"shared\" }}\n\
             mixture = {{ synthetic_fraction = {}, private_weight = {} }}\n\
             training = {{ regime = {regime}, {mixing} }}\npublish = {{ documents = {}, temperature = {temperature} }}\n\
             read = {{ from = {from} }}\n",
            50 + rng.below(20),
            pick(rng, &["0.5", "0.75", "1.0", "\"by-count\""]),
            pick(rng, &["0.0", "0.5", "1.0"]),
            40 + rng.below(20),
        )
        .unwrap();
    }
    text
}

/// Whole or drawn training sets, from everybody or from chosen models; who draws without replacement reads everybody.
fn random_reading(rng: &mut Stream, models: usize) -> (String, String) {
    let (drawn, replaced) = (rng.below(2) == 1, rng.below(2) == 1);
    let draw = if replaced {
        "with-replacement"
    } else {
        "without-replacement"
    };
    let mixing = if drawn {
        format!("mixing = \"drawn\", draw = \"{draw}\", budget = {{ documents = 40 }}")
    } else {
        "mixing = \"exact\"".to_owned()
    };
    let from = if rng.below(2) == 1 && (replaced || !drawn) {
        format!("{{ matrix = [{:?}] }}", shares(rng, models))
    } else {
        "\"everyone\"".to_owned()
    };
    (mixing, from)
}

fn load(text: &str, changes: &[(&str, &str)]) -> (Scenario, Data) {
    let changes: Vec<_> = changes
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let scenario = read(text, &changes, &metrics::names()).unwrap();
    let data = Data::load(&scenario, |source, _| Err(format!("no file {source}"))).unwrap();
    (scenario, data)
}

fn replicate(scenario: &Scenario, data: &Data, number: u32) -> Vec<Row> {
    let keeping = Keeping {
        storage: Arc::new(MemoryStorage::default()),
        all_documents: false,
    };
    let mut simulation = Simulation::new(scenario, data, number, &keeping).unwrap();
    let mut rows = Vec::new();
    while simulation.step().unwrap() {
        rows.extend(simulation.take_rows());
    }
    rows.extend(simulation.take_rows());
    rows
}

/// What tells one value from another: instant, model, metric, target.
type Key = (u64, Option<u32>, String, Option<String>);

fn key(row: &Row) -> Key {
    (
        row.time.to_bits(),
        row.model,
        row.metric.to_string(),
        row.target.as_deref().map(str::to_owned),
    )
}

/// Sums and sums of squares of every value over replicates, and with them the squared distance of each model's coefficients
/// from their expectation, whose mean is the trace of the covariance.
fn measured(
    scenario: &Scenario,
    data: &Data,
    expected: &BTreeMap<Key, f64>,
) -> BTreeMap<Key, (f64, f64)> {
    let runs: Vec<Vec<Row>> = (0..REPLICATES)
        .into_par_iter()
        .map(|number| replicate(scenario, data, number))
        .collect();
    let mut sums: BTreeMap<Key, (f64, f64)> = BTreeMap::new();
    for rows in runs {
        let mut spread: BTreeMap<Key, f64> = BTreeMap::new();
        for row in &rows {
            let key = key(row);
            let Some(mean) = expected.get(&key) else {
                continue;
            };
            let sum = sums.entry(key.clone()).or_default();
            *sum = (sum.0 + row.value, sum.1 + row.value * row.value);
            if key.2 == "coefficient" {
                *spread
                    .entry((key.0, key.1, "trace".to_owned(), None))
                    .or_default() += (row.value - mean).powi(2);
            }
        }
        for (key, value) in spread {
            let sum = sums.entry(key).or_default();
            *sum = (sum.0 + value, sum.1 + value * value);
        }
    }
    sums
}

/// Expected values, and the trace of every model's covariance: E|theta|^2 - |E theta|^2.
fn expected(scenario: &Scenario, data: &Data) -> BTreeMap<Key, f64> {
    let rows = expectation(scenario, data, false).unwrap().rows;
    let mut values: BTreeMap<Key, f64> = rows.iter().map(|row| (key(row), row.value)).collect();
    let mut traces: BTreeMap<Key, f64> = BTreeMap::new();
    for (key, value) in &values {
        let trace = match key.2.as_str() {
            "coefficient" => -value * value,
            "squared_norm" => *value,
            _ => continue,
        };
        *traces
            .entry((key.0, key.1, "trace".to_owned(), None))
            .or_default() += trace;
    }
    values.extend(traces);
    values
}

/// The largest |z| of all comparisons, where it is, and how many there are.
fn worst(
    measured: &BTreeMap<Key, (f64, f64)>,
    expected: &BTreeMap<Key, f64>,
) -> (f64, String, usize) {
    let count = f64::from(REPLICATES);
    let mut worst = (0.0, String::new(), 0);
    for (key, expected) in expected {
        let (sum, squares) = measured[key];
        let mean = sum / count;
        let variance = (squares - sum * mean) / (count - 1.0);
        // What is the same in every replicate has to be equal, but for rounding.
        let error = (variance.max(0.0) / count)
            .sqrt()
            .max(1e-9 * (1.0 + expected.abs()));
        let z = ((mean - expected) / error).abs();
        worst.2 += 1;
        if z > worst.0 {
            worst = (
                z,
                format!("{key:?}: measured {mean}, expected {expected}, z = {z:.2}"),
                worst.2,
            );
        }
    }
    worst
}

#[test]
fn random_ecosystems_behave_as_theory_says() {
    let mut comparisons = 0;
    for seed in 0..SYSTEMS {
        let text = random_scenario(seed);
        let (scenario, data) = load(&text, &[]);
        let expected = expected(&scenario, &data);
        let (z, which, count) = worst(&measured(&scenario, &data, &expected), &expected);
        println!("system {seed}: {count} comparisons, largest |z| = {z:.2}");
        assert!(z < Z_MAX, "system {seed}: {which}\n{text}");
        comparisons += count;
    }
    assert!(comparisons > 3000, "{comparisons} comparisons");
}

/// Whatever ships and has a theory: a treatment that no formula knows is found out, or refused.
#[test]
fn what_ships_behaves_as_theory_says() {
    let mut compared = 0;
    for file in builtins().iter().chain(reproduction::scenarios()) {
        let whole = load(file.text, &[]).0.horizon;
        let long = matches!(whole, Span::Generations(count) if count > 4.0);
        let short = [("horizon.generations", "4")];
        let (scenario, data) = load(file.text, &short[..usize::from(long)]);
        let Ok(known) = expectation(&scenario, &data, true) else {
            continue;
        };
        let mut expected: BTreeMap<Key, f64> =
            known.rows.iter().map(|row| (key(row), row.value)).collect();
        let measured = measured(&scenario, &data, &expected);
        // Metrics that the scenario does not list are known all the same.
        expected.retain(|key, _| measured.contains_key(key));
        let (z, which, count) = worst(&measured, &expected);
        println!("{}: {count} comparisons, largest |z| = {z:.2}", file.name);
        assert!(z < Z_MAX, "{}: {which}", file.name);
        compared += usize::from(count > 0);
    }
    assert!(compared >= 15, "{compared} scenarios");
}

#[test]
fn random_samples_behave_as_theory_says() {
    let (mut comparisons, mut systems) = (0, 0);
    for seed in 0..2 * SYSTEMS {
        let text = random_samples(seed);
        let (scenario, data) = load(&text, &[]);
        let expected = match expectation(&scenario, &data, false) {
            Ok(known) => known.rows.iter().map(|row| (key(row), row.value)).collect(),
            // By count, rounding may divide samples differently from training to training.
            Err(error) => {
                assert!(error.reason.contains("divide"), "{error}\n{text}");
                continue;
            }
        };
        let (z, which, count) = worst(&measured(&scenario, &data, &expected), &expected);
        println!("system {seed}: {count} comparisons, largest |z| = {z:.2}");
        assert!(z < Z_MAX, "system {seed}: {which}\n{text}");
        comparisons += count;
        systems += 1;
    }
    assert!(
        systems >= SYSTEMS && comparisons > 500,
        "{systems} systems, {comparisons} comparisons"
    );
}

/// Expected at fit t of the first model of a shipped scenario.
fn published(name: &str, metric: &str, t: u32) -> f64 {
    let builtin = echosphere_ecosystem::scenario::builtin::find(name).unwrap();
    let observed = format!("[\"{metric}\"]");
    let (scenario, data) = load(builtin.text, &[("observe.metrics", &observed)]);
    let rows = expectation(&scenario, &data, false).unwrap().rows;
    let row = rows
        .iter()
        .find(|row| row.generation == t && &*row.metric == metric);
    row.unwrap().value
}

#[track_caller]
fn near(value: f64, expected: f64) {
    assert!(
        (value - expected).abs() < 1e-12,
        "{value} is not {expected}"
    );
}

/// Closed forms of the literature are special cases.
#[test]
fn published_formulas_are_special_cases() {
    near(
        published("p01-gaussian-replace", "variance", 50),
        0.99_f64.powi(50),
    );
    near(published("p03-gaussian-unbiased", "variance", 10), 1.0);
    let urn = |n: f64, t: u32| {
        (1..=t)
            .map(|k| 1.0 - 1.0 / (n * f64::from(k * k)))
            .product::<f64>()
    };
    near(
        published("p04-gaussian-accumulate", "variance", 10),
        urn(100.0, 10),
    );
    near(
        published("p07-polya-urn", "gini_simpson", 40),
        0.98 * urn(20.0, 40),
    );
    let kernels = |t: i32| 5.0 + (1.0 - 5.0) * 0.99_f64.powi(t);
    near(published("p10-kde-replace", "variance", 20), kernels(20));
    near(
        published("p20-shared-pool", "gini_simpson", 101),
        0.995 * (1.0 - 1.0 / 400.0_f64).powi(101),
    );
}

/// Fresh real data and a first training on others: the reproductions P25 and P14, by recursions written out for each.
#[test]
fn fresh_data_and_first_trainings_are_in_the_formulas() {
    let w = 0.618_033_988_749_894_9_f64;
    let kept = (1.0 - w) * (1.0 - w);
    // Variance of the mean: m_t = w^2 / n + (1 - w)^2 (m_(t-1) + E variance_(t-1) / n), variances by the same recursion.
    let (mut mean, mut variance) = (0.01, 0.99);
    for t in 1..=8 {
        near(published("p25-golden-ratio", "variance", t), variance);
        let square = w + (1.0 - w) * (variance + mean);
        mean = w * w / 100.0 + kept * (mean + variance / 100.0);
        variance = square - mean;
    }
    let share = 2.0 / 3.0_f64;
    for t in [1, 2, 7, 30] {
        let offset = 5.0 * share.powf(f64::from(t) - 1.0);
        near(published("p14-fixed-real-set", "mean", t), offset);
    }
}

/// The oracle of random systems with fresh real data and first trainings of their own.
#[test]
fn fresh_ecosystems_behave_as_theory_says() {
    let changes = [
        ("population.*.real.renewal", "fresh"),
        ("population.m0.mixture.private_weight", "[0.9, 0.3]"),
    ];
    let mut systems = 0;
    for seed in 0..SYSTEMS / 2 {
        let mixed = [("population.m1.real.renewal", "fixed")];
        let changes = [&changes[..], &mixed[..(seed % 2) as usize]].concat();
        let (scenario, data) = load(&random_scenario(seed), &changes);
        let expected = expected(&scenario, &data);
        let (z, which, _) = worst(&measured(&scenario, &data, &expected), &expected);
        println!("linear {seed}: largest |z| = {z:.2}");
        assert!(z < Z_MAX, "linear {seed}: {which}");
        let (scenario, data) = load(&random_samples(seed), &changes[..1]);
        let Ok(known) = expectation(&scenario, &data, false) else {
            continue;
        };
        let expected = known.rows.iter().map(|row| (key(row), row.value)).collect();
        let (z, which, _) = worst(&measured(&scenario, &data, &expected), &expected);
        println!("samples {seed}: largest |z| = {z:.2}");
        assert!(z < Z_MAX, "samples {seed}: {which}");
        systems += 1;
    }
    assert!(systems >= SYSTEMS / 4, "{systems} systems of samples");
}

/// Theory of other noise, of updates that are not missed, and of another regime: all of them are found out.
#[test]
fn wrong_formulas_are_found_out() {
    let base = [
        ("population.*.read.scrape", "independent"),
        ("population.*.clock", "{ bernoulli = 0.5 }"),
        ("population.*.training.regime", "replace"),
        ("population.*.training.start", "scratch"),
        ("population.*.mixture.synthetic_fraction", "0.8"),
    ];
    let text = random_scenario(3);
    let (scenario, data) = load(&text, &base);
    let right = expected(&scenario, &data);
    let measured = measured(&scenario, &data, &right);
    assert!(worst(&measured, &right).0 < Z_MAX);
    for wrong in [
        ("population.*.read.scrape", "shared"),
        ("population.*.clock", "lock-step"),
        ("population.*.training.regime", "accumulate"),
        ("population.*.real.renewal", "fresh"),
    ] {
        let mut changes = base.to_vec();
        changes.push(wrong);
        let (scenario, data) = load(&text, &changes);
        let (z, which, _) = worst(&measured, &expected(&scenario, &data));
        assert!(z > Z_MAX, "{wrong:?} goes unnoticed: {which}");
    }
}
