//! Moments from the definition of the model, without a recursion for moments.

use faer::{Col, Mat, Scale};

use super::super::matrix::{contraction, pseudo_inverse, sandwich, trace};
use super::super::*;

/// Moments of one generation.
pub(super) struct Literal {
    pub(super) models: Vec<LiteralModel>,
    pub(super) disagreement: f64,
    pub(super) disagreement_given_real: f64,
}

pub(super) struct LiteralModel {
    pub(super) mean: Vec<f64>,
    pub(super) trace_given_real: f64,
    pub(super) trace_total: f64,
}

/// All numbers that can be drawn, with a coordinate each: real statistics first, at every time, then the noise of what is
/// published, for every time, reader and source. Real data that stay are those of the first time at all times. Readers of a shared scrape have the same coordinates.
struct Coordinates<'a> {
    system: &'a System,
    times: usize,
    count: usize,
}

impl Coordinates<'_> {
    fn real(&self, time: usize, j: usize) -> usize {
        let time = if self.system.real[j].fresh { time } else { 0 };
        (time * self.system.real.len() + j) * self.system.dimension
    }

    fn noise(&self, time: usize, reader: usize, source: usize) -> usize {
        let k = self.system.models();
        let reader = if self.system.scrape == Scrape::Shared {
            0
        } else {
            reader
        };
        let real = (self.times + 1) * self.system.real.len();
        self.system.dimension * (real + (time * k + reader) * k + source)
    }

    fn mean(&self) -> Col<f64> {
        let real = self.system.real_means().concat();
        let at_all_times = real.len() * (self.times + 1);
        Col::from_fn(self.count, |i| {
            if i < at_all_times {
                real[i % real.len()]
            } else {
                0.0
            }
        })
    }

    fn covariance(&self, times: usize, with_real: bool) -> Mat<f64> {
        let (d, k) = (self.system.dimension, self.system.models());
        let mut covariance = Mat::zeros(self.count, self.count);
        let mut put =
            |at: usize, block: &Mat<f64>| covariance.submatrix_mut(at, at, d, d).copy_from(block);
        for (j, data) in self.system.real.iter().enumerate() {
            let block = data.design.noise_covariance(data.noise);
            for time in 0..=times {
                if with_real || data.fresh {
                    put(self.real(time, j), &block);
                }
            }
        }
        for time in 0..times {
            for reader in 0..k {
                for (source, published) in self.system.published.iter().enumerate() {
                    let block = published.design.noise_covariance(published.noise);
                    put(self.noise(time, reader, source), &block);
                }
            }
        }
        covariance
    }

    fn unit(&self, at: usize) -> Mat<f64> {
        let d = self.system.dimension;
        Mat::from_fn(d, self.count, |i, j| f64::from(u8::from(j == at + i)))
    }
}

/// The model's coefficients as a linear function of all that is drawn: one d x count matrix a model.
type Thetas = Vec<Mat<f64>>;

fn coordinates(system: &System, times: usize) -> Coordinates<'_> {
    let k = system.models();
    Coordinates {
        system,
        times,
        count: system.dimension * ((times + 1) * system.real.len() + times * k * k),
    }
}

/// What minimises the loss of model k, given its pooled synthetic statistic; a penalty and a warm start included.
fn trained(
    c: &Coordinates<'_>,
    (k, time): (usize, usize),
    alpha: f64,
    pool: &Mat<f64>,
    previous: Option<&Mat<f64>>,
) -> Mat<f64> {
    let (system, d) = (c.system, c.system.dimension);
    let mut h = Mat::<f64>::identity(d, d) * Scale(system.ridge[k]);
    let beta = match time {
        0 if !system.first_beta.is_empty() => system.first_beta[k],
        _ => system.beta[k],
    };
    let gram = |set: usize| &system.real[set].design.gram;
    h += gram(system.private[k]) * Scale((1.0 - alpha) * beta);
    h += gram(system.public[k]) * Scale((1.0 - alpha) * (1.0 - beta));
    for (j, published) in system.published.iter().enumerate() {
        h += &published.design.gram * Scale(alpha * system.weights[k][j]);
    }
    let statistic = c.unit(c.real(time, system.private[k])) * Scale((1.0 - alpha) * beta)
        + c.unit(c.real(time, system.public[k])) * Scale((1.0 - alpha) * (1.0 - beta))
        + pool * Scale(alpha);
    let solution = pseudo_inverse(&h) * statistic;
    match (system.start, previous) {
        (Start::Warm { steps, size }, Some(previous)) => {
            let kept = contraction(&h, steps, size);
            let identity = Mat::<f64>::identity(d, d);
            &kept * previous + (identity - &kept) * solution
        }
        (Start::Partial(rate), Some(previous)) => {
            previous * Scale(1.0 - rate) + solution * Scale(rate)
        }
        _ => solution,
    }
}

fn first(c: &Coordinates<'_>) -> Thetas {
    let nothing = Mat::zeros(c.system.dimension, c.count);
    (0..c.system.models())
        .map(|k| trained(c, (k, 0), 0.0, &nothing, None))
        .collect()
}

/// What reader k finds of what was published at `time` by models that were `thetas`.
fn scraped(c: &Coordinates<'_>, thetas: &Thetas, time: usize, k: usize) -> Mat<f64> {
    let mut sum = Mat::zeros(c.system.dimension, c.count);
    for (j, published) in c.system.published.iter().enumerate() {
        let found = &published.design.gram * &thetas[j] + c.unit(c.noise(time, k, j));
        sum += found * Scale(c.system.weights[k][j]);
    }
    sum
}

/// The average of all past scrapes, oldest first, with the weights of the retention.
fn pool(retention: Retention, past: &[Mat<f64>]) -> Mat<f64> {
    let age_weight = |age: usize| match retention {
        Retention::Replace => f64::from(u8::from(age == 0)),
        Retention::Accumulate => 1.0,
        Retention::Discount(factor) => libm::pow(factor, age as f64),
        Retention::Window(width) => f64::from(u8::from(age < width)),
    };
    let weights: Vec<f64> = (0..past.len()).rev().map(age_weight).collect();
    let total: f64 = weights.iter().sum();
    let mut sum = Mat::zeros(past[0].nrows(), past[0].ncols());
    for (scrape, weight) in past.iter().zip(weights) {
        sum += scrape * Scale(weight / total);
    }
    sum
}

/// One history of updates, with its probability.
struct History {
    probability: f64,
    thetas: Thetas,
    /// Scrapes of each reader.
    past: Vec<Vec<Mat<f64>>>,
}

/// All histories up to the last generation, generation by generation.
pub(super) fn moments(system: &System, generations: usize) -> Vec<Literal> {
    let c = coordinates(system, generations);
    let start = History {
        probability: 1.0,
        thetas: first(&c),
        past: vec![Vec::new(); system.models()],
    };
    let mut histories = vec![start];
    let mut all = vec![summary(&c, generations, &histories)];
    for t in 1..=generations {
        histories = histories
            .iter()
            .flat_map(|history| futures(&c, history, t))
            .collect();
        all.push(summary(&c, generations, &histories));
    }
    all
}

fn futures(c: &Coordinates<'_>, history: &History, t: usize) -> Vec<History> {
    let (system, k) = (c.system, c.system.models());
    let mut past = history.past.clone();
    for (reader, past) in past.iter_mut().enumerate() {
        past.push(scraped(c, &history.thetas, t - 1, reader));
    }
    let proposals: Thetas = (0..k)
        .map(|k| {
            let pool = pool(system.retention, &past[k]);
            trained(
                c,
                (k, t),
                system.alpha_at(t)[k],
                &pool,
                Some(&history.thetas[k]),
            )
        })
        .collect();
    let probabilities = match &system.update {
        Update::Bernoulli(probabilities) => probabilities.clone(),
        _ => vec![1.0; k],
    };
    let branch = |pattern: u32| {
        let updates = |k: usize| pattern & (1 << k) != 0;
        let chance = |k: usize| {
            if updates(k) {
                probabilities[k]
            } else {
                1.0 - probabilities[k]
            }
        };
        History {
            probability: history.probability * (0..k).map(chance).product::<f64>(),
            thetas: (0..k)
                .map(|k| {
                    if updates(k) {
                        proposals[k].clone()
                    } else {
                        history.thetas[k].clone()
                    }
                })
                .collect(),
            past: past.clone(),
        }
    };
    (0..1 << k)
        .map(branch)
        .filter(|history| history.probability > 0.0)
        .collect()
}

/// After one generation of Poisson clocks: every sequence of up to so many updates.
pub(super) fn after_poisson(system: &System) -> Literal {
    const EVENTS_MAX: usize = 9;
    let Update::Poisson(rates) = &system.update else {
        unreachable!("the system has Poisson clocks")
    };
    let c = coordinates(system, EVENTS_MAX);
    let total: f64 = rates.iter().sum();
    let mut current = vec![(1.0, first(&c))];
    let (mut all, mut weight) = (Vec::new(), (-total).exp());
    for event in 0..=EVENTS_MAX {
        all.extend(current.iter().map(|(p, thetas)| History {
            probability: p * weight,
            thetas: thetas.clone(),
            past: Vec::new(),
        }));
        weight *= total / (event as f64 + 1.0);
        if event == EVENTS_MAX {
            break;
        }
        let next = |(p, thetas): &(f64, Thetas)| {
            let (p, thetas) = (*p, thetas.clone());
            (0..rates.len())
                .map(|k| {
                    let mut after = thetas.clone();
                    let pool = scraped(&c, &thetas, event, k);
                    let at = (k, event + 1);
                    after[k] = trained(&c, at, system.alpha_at(1)[k], &pool, Some(&thetas[k]));
                    (p * rates[k] / total, after)
                })
                .collect::<Vec<_>>()
        };
        current = current.iter().flat_map(next).collect();
    }
    summary(&c, EVENTS_MAX, &all)
}

fn summary(c: &Coordinates<'_>, times: usize, histories: &[History]) -> Literal {
    let (given_real, total) = (c.covariance(times, false), c.covariance(times, true));
    let (mean, k) = (c.mean(), c.system.models());
    // Mean and covariance of a linear function of the coefficients, over all histories.
    let of = |function: &dyn Fn(&Thetas) -> Mat<f64>, covariance: &Mat<f64>| {
        let d = c.system.dimension;
        let whole: f64 = histories.iter().map(|history| history.probability).sum();
        let (mut centre, mut square) = (Col::<f64>::zeros(d), Mat::<f64>::zeros(d, d));
        for history in histories {
            let x = function(&history.thetas);
            let (p, at) = (Scale(history.probability / whole), &x * &mean);
            square += (sandwich(x.as_ref(), covariance.as_ref()) + &at * at.transpose()) * p;
            centre += at * p;
        }
        let spread = trace((square - &centre * centre.transpose()).as_ref());
        (centre, spread)
    };
    let model = |k: usize| {
        let own = move |thetas: &Thetas| thetas[k].clone();
        let (centre, trace_given_real) = of(&own, &given_real);
        LiteralModel {
            mean: centre.iter().copied().collect(),
            trace_given_real,
            trace_total: of(&own, &total).1,
        }
    };
    let apart = |covariance: &Mat<f64>| {
        let pairs: Vec<f64> = (0..k)
            .flat_map(|a| (a + 1..k).map(move |b| (a, b)))
            .map(|(a, b)| {
                let difference = move |thetas: &Thetas| &thetas[a] - &thetas[b];
                let (centre, spread) = of(&difference, covariance);
                spread + centre.squared_norm_l2()
            })
            .collect();
        pairs.iter().sum::<f64>() / (pairs.len() as f64).max(1.0)
    };
    Literal {
        models: (0..k).map(model).collect(),
        disagreement: apart(&total),
        disagreement_given_real: apart(&given_real),
    }
}
