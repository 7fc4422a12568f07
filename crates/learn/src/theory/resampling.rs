//! Exact moments of models that are fitted to samples of one another by matching moments: normal distributions, kernel
//! estimates of fixed bandwidth, and free probabilities, for a symbol is a vector with a single one.
//!
//! The mean of a fitted model is a weighted mean of documents, so means obey the recursion of linear models with one coefficient
//! and Gram matrix 1, in which the noise of what model j publishes is its own variance over its documents. That variance
//! follows from the second moment of its training set, which fitting conserves:
//!
//! ```text
//! E variance_k = sum over documents of w E|x|^2 - E|mean_k|^2
//! ```
//!
//! Both enter linearly, so the expectations close (for one model: Shumailov et al. 2024, Kazdan et al. 2024).

use faer::Mat;

use super::memory::Memory;
use super::pooled::{Setting, Step, pool_noise};
use super::system::{Retention, Start, System};

/// Models that are fitted to samples by matching moments. Fields with one entry a model have length K.
#[derive(Debug, Clone, PartialEq)]
pub struct Resampling {
    /// Who reads what in which proportions: one coefficient, Gram matrices 1, records as there are documents, and as the noise
    /// of a set of real data the root of its variance summed over dimensions. The noise of what is published does not count.
    pub system: System,
    /// Mean vector of what each set of real data is drawn from.
    pub truths: Vec<Vec<f64>>,
    /// How each model is fitted and drawn from.
    pub fits: Vec<Fit>,
    /// Sizes of each model's training samples, one row for all generations from t = 0 or one for each; nothing where
    /// training sets are whole.
    pub samples: Vec<Vec<Option<Quota>>>,
}

/// How a model is fitted and drawn from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Added to the fitted variance, summed over dimensions: d h^2 for kernels of width h.
    pub kernel: f64,
    /// Factor of the variance of what it publishes; of kernels, which have a variance of their own, that of the kernel.
    pub temperature: f64,
    /// True if the variance is divided by n - 1 rather than n.
    pub unbiased: bool,
}

/// A training sample of fixed size, part by part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quota {
    /// Documents from the private set, the public set and the pool.
    pub parts: [f64; 3],
    /// True if a document may be drawn twice.
    pub with_replacement: bool,
}

/// Expectations at one generation.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spread {
    /// E mean, a vector a model.
    pub mean: Vec<Vec<f64>>,
    /// E|mean|^2, a model each.
    pub mean_square: Vec<f64>,
    /// E variance summed over dimensions, a model each.
    pub variance: Vec<f64>,
}

/// What is known of published documents: second moments, and how many there are.
struct Web {
    /// E|x|^2 of a document of each common pool.
    squares: Vec<f64>,
    /// Documents of each common pool, and the sum of their squared shares.
    documents: Vec<f64>,
    concentration: Vec<f64>,
    /// Weight of the past in a running average.
    count: f64,
    /// Second moments of the newest generations, oldest first, for a window.
    newest: Vec<Vec<f64>>,
}

impl Fit {
    /// Variance of what a model of this variance publishes.
    fn published(self, variance: f64) -> f64 {
        if self.kernel > 0.0 {
            variance + (self.temperature - 1.0) * self.kernel
        } else {
            self.temperature * variance
        }
    }
}

impl Resampling {
    /// Cube of the size of the state, times generations: how long a prediction takes.
    pub fn work(&self, generations: usize) -> f64 {
        let size = super::pooling::Pooling::of(&self.system).rank().max(1) as f64;
        let models = self.fits.len() as f64;
        (size * size * size + models * size * 10.0) * (generations + 1) as f64
    }

    /// Expectations at t = 0, 1, ..., T.
    pub fn predict(&self, generations: usize) -> Vec<Spread> {
        let mut setting = Setting::new(&self.system);
        let mut memory = Memory::new(&setting);
        let mut web = Web::empty(setting.pooling.rank());
        let mut step = setting.step(self.system.first_gains());
        let (mut spread, mut extra) = self.spread(0, (&setting, &step, &memory), &web);
        let mut all = vec![spread.clone()];
        for t in 1..=generations {
            setting.shared_noise = self.noise(&setting, &spread, &extra);
            memory.advance(&setting, &step);
            web.advance(self, &setting, &spread);
            let alpha = self.system.alpha_at(t);
            step = setting.step(
                self.system
                    .gains(alpha, &setting.pooled_grams, Start::Scratch),
            );
            (spread, extra) = self.spread(t, (&setting, &step, &memory), &web);
            all.push(spread.clone());
        }
        all
    }

    /// Covariance of the newest pools' noise: the sampling of documents, and the training sample of their author.
    fn noise(&self, setting: &Setting<'_>, spread: &Spread, extra: &[f64]) -> Mat<f64> {
        let noises: Vec<Mat<f64>> = (0..self.fits.len())
            .map(|j| {
                let published = self.fits[j].published(spread.variance[j]);
                let documents = self.system.published[j].design.records;
                Mat::from_fn(1, 1, |_, _| published / documents + extra[j])
            })
            .collect();
        pool_noise(&setting.pooling, &noises, 1)
    }

    /// Expectations, and how much the training sample of each model adds to the variance of its mean.
    fn spread(
        &self,
        t: usize,
        (setting, step, memory): (&Setting<'_>, &Step, &Memory),
        web: &Web,
    ) -> (Spread, Vec<f64>) {
        let belief = memory.belief(setting);
        let snapshot = setting.snapshot(step, &belief);
        let coefficients = Setting::coefficients(step, &belief);
        let alpha = if t == 0 {
            None
        } else {
            Some(self.system.alpha_at(t))
        };
        let pools = PoolMeans::of(
            self,
            setting,
            &belief.response,
            &snapshot_pools(setting, &belief),
        );
        let (mut spread, mut extra) = (Spread::default(), Vec::new());
        for k in 0..self.fits.len() {
            let own = self.combined(&coefficients[k]);
            let spread_of_mean = snapshot.total.own[k][(0, 0)];
            let shares = self.shares(k, alpha.map(|alpha| alpha[k]));
            let quota = self.quota(t, k);
            let noise = quota.map_or(0.0, |quota| {
                self.sampling(k, (quota, shares), (setting, web, &pools))
            });
            let square = self.square(k, shares, (setting, web));
            let mean_square = norm(&own) + spread_of_mean + noise;
            let fitted = square - mean_square;
            let divisor = if self.fits[k].unbiased {
                1.0 - self.concentration(k, (shares, quota), (setting, web))
            } else {
                1.0
            };
            spread.mean.push(own);
            spread.mean_square.push(mean_square);
            spread.variance.push(fitted / divisor + self.fits[k].kernel);
            extra.push(noise);
        }
        (spread, extra)
    }

    /// E|x|^2 of a document of model j.
    fn published_square(&self, j: usize, spread: &Spread) -> f64 {
        self.fits[j].published(spread.variance[j]) + spread.mean_square[j]
    }

    /// Shares of the private set, the public set and the pool in a training set; without alpha, in the first.
    fn shares(&self, k: usize, alpha: Option<f64>) -> [f64; 3] {
        let (alpha, beta) = match alpha {
            None => (0.0, self.system.first_beta()[k]),
            Some(alpha) => (alpha, self.system.beta[k]),
        };
        [(1.0 - alpha) * beta, (1.0 - alpha) * (1.0 - beta), alpha]
    }

    fn quota(&self, t: usize, k: usize) -> Option<Quota> {
        let row = self.samples.get(t).or(self.samples.last())?;
        row.get(k).copied().flatten()
    }

    /// A combination of the truths.
    fn combined(&self, coefficients: &[f64]) -> Vec<f64> {
        let d = self.truths.first().map_or(0, Vec::len);
        let entry = |i: usize| {
            let terms = coefficients.iter().zip(&self.truths);
            terms.map(|(c, truth)| c * truth[i]).sum()
        };
        (0..d).map(entry).collect()
    }

    /// E|x|^2 of a document of a set of real data.
    fn real_square(&self, set: usize) -> f64 {
        norm(&self.truths[set]) + self.system.real[set].noise * self.system.real[set].noise
    }

    /// E|x|^2 of reader k's pool: over its common pools.
    fn pool_square(k: usize, (setting, web): (&Setting<'_>, &Web)) -> f64 {
        let load = &setting.pooling.loads[k];
        load.iter()
            .map(|&(a, weight)| weight * web.squares[a])
            .sum()
    }

    /// E|x|^2 of a document of the training set.
    fn square(
        &self,
        k: usize,
        [private, public, synthetic]: [f64; 3],
        place: (&Setting<'_>, &Web),
    ) -> f64 {
        let synthetic = if synthetic > 0.0 {
            synthetic * Self::pool_square(k, place)
        } else {
            0.0
        };
        private * self.real_square(self.system.private[k])
            + public * self.real_square(self.system.public[k])
            + synthetic
    }

    /// Sum of squared weights of the documents of a training set.
    fn concentration(
        &self,
        k: usize,
        (shares, quota): ([f64; 3], Option<Quota>),
        (setting, web): (&Setting<'_>, &Web),
    ) -> f64 {
        if let Some(quota) = quota {
            return 1.0 / quota.parts.iter().sum::<f64>();
        }
        let real = |set: usize| 1.0 / self.system.real[set].design.records;
        let load = &setting.pooling.loads[k];
        let pool: f64 = load
            .iter()
            .map(|&(a, weight)| weight * weight * web.concentration[a])
            .sum();
        shares[0] * shares[0] * real(self.system.private[k])
            + shares[1] * shares[1] * real(self.system.public[k])
            + shares[2] * shares[2] * pool
    }

    /// What drawing a sample adds to the variance of its mean: part by part the variance within what it is drawn from over the
    /// documents drawn, less where none is drawn twice.
    fn sampling(
        &self,
        k: usize,
        (quota, shares): (Quota, [f64; 3]),
        (setting, web, pools): (&Setting<'_>, &Web, &PoolMeans),
    ) -> f64 {
        let real = |set: usize| {
            let records = self.system.real[set].design.records;
            let sigma = self.system.real[set].noise;
            (sigma * sigma * (1.0 - 1.0 / records), records)
        };
        let load = &setting.pooling.loads[k];
        let documents: f64 = load.iter().map(|&(a, _)| web.documents[a]).sum();
        let within = Self::pool_square(k, (setting, web)) - pools.square(load);
        let parts = [
            real(self.system.private[k]),
            real(self.system.public[k]),
            (within, documents),
        ];
        let mut sum = 0.0;
        for ((share, drawn), (within, of)) in shares.iter().zip(quota.parts).zip(parts) {
            if drawn > 0.0 {
                let left = if quota.with_replacement {
                    1.0
                } else {
                    (of - drawn) / (of - 1.0).max(1.0)
                };
                sum += share * share * within / drawn * left;
            }
        }
        sum
    }
}

/// E of inner products of the common pools' means.
struct PoolMeans(Mat<f64>);

impl PoolMeans {
    fn of(
        theory: &Resampling,
        setting: &Setting<'_>,
        response: &Mat<f64>,
        variances: &Mat<f64>,
    ) -> Self {
        let rank = setting.pooling.rank();
        let means: Vec<Vec<f64>> = (0..rank)
            .map(|a| theory.combined(&response.row(a).iter().copied().collect::<Vec<_>>()))
            .collect();
        let inner = |a: usize, b: usize| {
            means[a]
                .iter()
                .zip(&means[b])
                .map(|(x, y)| x * y)
                .sum::<f64>()
        };
        Self(Mat::from_fn(rank, rank, |a, b| {
            inner(a, b) + variances[(a, b)]
        }))
    }

    /// E|mean|^2 of a mix of pools.
    fn square(&self, load: &[(usize, f64)]) -> f64 {
        let terms = load.iter().flat_map(|a| load.iter().map(move |b| (a, b)));
        terms.map(|((a, x), (b, y))| x * y * self.0[(*a, *b)]).sum()
    }
}

/// Covariance of the pools' means over everything.
fn snapshot_pools(setting: &Setting<'_>, belief: &super::pooled::Belief) -> Mat<f64> {
    &belief.pools + setting.times_real_covariance(&belief.response) * belief.response.transpose()
}

impl Web {
    fn empty(rank: usize) -> Self {
        Self {
            squares: vec![0.0; rank],
            documents: vec![0.0; rank],
            concentration: vec![0.0; rank],
            count: 0.0,
            newest: Vec::new(),
        }
    }

    /// Takes in a generation of documents.
    fn advance(&mut self, theory: &Resampling, setting: &Setting<'_>, spread: &Spread) {
        let square = |j: usize| theory.published_square(j, spread);
        let newest: Vec<f64> = setting
            .pooling
            .pools
            .iter()
            .map(|pool| pool.iter().map(|&(j, weight)| weight * square(j)).sum())
            .collect();
        let retention = theory.system.retention;
        self.count = retention.next_count(self.count);
        if let Retention::Window(width) = retention {
            self.newest.push(newest);
            let start = self.newest.len().saturating_sub(width);
            self.newest.drain(..start);
            let mean = |a: usize| self.newest.iter().map(|row| row[a]).sum::<f64>() / self.count;
            self.squares = (0..self.squares.len()).map(mean).collect();
        } else {
            for (mean, new) in self.squares.iter_mut().zip(newest) {
                *mean += (new - *mean) / self.count;
            }
        }
        self.count_documents(theory, setting);
    }

    fn count_documents(&mut self, theory: &Resampling, setting: &Setting<'_>) {
        let records = |j: usize| theory.system.published[j].design.records;
        for (a, pool) in setting.pooling.pools.iter().enumerate() {
            let a_generation: f64 = pool.iter().map(|&(j, _)| records(j)).sum();
            let squares: f64 = pool
                .iter()
                .map(|&(j, weight)| weight * weight / records(j))
                .sum();
            let kappa = 1.0 / self.count;
            self.documents[a] = a_generation * self.count;
            self.concentration[a] = match theory.system.retention {
                Retention::Discount(_) => {
                    (1.0 - kappa) * (1.0 - kappa) * self.concentration[a] + kappa * kappa * squares
                }
                _ => squares / self.count,
            };
        }
    }
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}
