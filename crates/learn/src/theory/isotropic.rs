//! Closed forms where all Gram matrices are the identity and all models read a uniform pool of shared records.
//!
//! Every coordinate is then a scalar problem, and the limit of the mean squared error a coordinate is
//!
//! ```text
//! (1 - beta)^2 s_pub + beta^2 s_priv g(alpha) + v alpha^2 / (1 - alpha^2)
//! g(alpha) = 1/K + (1 - alpha)^2 (1 - 1/K) ,  v = sigma^2 / (n K)
//! ```
//!
//! with s_pub and s_priv the variances of what real data say, and v that of what the pool adds each generation (for the setting of
//! Vu, Reeves and Wenger 2025).

use faer::Mat;

use super::system::{Retention, Scrape, Start, System, Update};

/// A system of this kind with a common truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Isotropic {
    /// Number of models, K.
    pub models: f64,
    /// Variance of a coefficient fitted to a private set: sigma^2 / records.
    pub private_variance: f64,
    /// The same of the public set.
    pub public_variance: f64,
    /// Variance that a generation of the pool adds to a coefficient: sigma^2 / (records K).
    pub pool_variance: f64,
}

impl Isotropic {
    /// The system as one of this kind, if it is.
    pub fn of(system: &System) -> Option<Self> {
        let models = system.models();
        let share = 1.0 / models as f64;
        let plain = system.scrape == Scrape::Shared
            && system.retention == Retention::Replace
            && system.update == Update::Synchronous
            && system.start == Start::Scratch
            && system.ridge.iter().all(|ridge| *ridge == 0.0)
            && system
                .weights
                .iter()
                .flatten()
                .all(|weight| (weight - share).abs() < 1e-12)
            && system
                .alpha
                .iter()
                .flatten()
                .all(|alpha| *alpha == system.alpha[0][0])
            && system.beta.iter().all(|beta| *beta == system.beta[0]);
        let identity = |gram: &Mat<f64>| {
            (gram - Mat::<f64>::identity(gram.nrows(), gram.nrows())).norm_max() < 1e-12
        };
        let grams = system.real.iter().map(|data| &data.design.gram);
        let published = system
            .published
            .iter()
            .map(|published| &published.design.gram);
        let variance = |set: usize| {
            let data = &system.real[set];
            data.noise * data.noise / data.design.records
        };
        let noises: Vec<f64> = system
            .published
            .iter()
            .map(|published| published.noise * published.noise / published.design.records)
            .collect();
        let private = variance(*system.private.first()?);
        let distinct = (1..models).all(|k| !system.private[..k].contains(&system.private[k]));
        let common = system.public.iter().all(|set| *set == system.public[0])
            && !system.private.contains(&system.public[0]);
        let even = system.private.iter().all(|set| variance(*set) == private);
        (plain && distinct && common && even && grams.chain(published).all(identity)).then(|| {
            Self {
                models: models as f64,
                private_variance: private,
                public_variance: variance(system.public[0]),
                pool_variance: noises.iter().sum::<f64>() * share * share,
            }
        })
    }

    /// How much of the private variance is left at alpha.
    fn private_share(&self, alpha: f64) -> f64 {
        1.0 / self.models + (1.0 - alpha) * (1.0 - alpha) * (1.0 - 1.0 / self.models)
    }

    /// Limit of the mean squared error a coordinate.
    pub fn mean_squared_error(&self, alpha: f64, beta: f64) -> f64 {
        let recursive = self.pool_variance * alpha * alpha / (1.0 - alpha * alpha);
        (1.0 - beta) * (1.0 - beta) * self.public_variance
            + beta * beta * self.private_variance * self.private_share(alpha)
            + recursive
    }

    /// The private weight with the least limit of the error, given alpha.
    pub fn best_private_weight(&self, alpha: f64) -> f64 {
        self.public_variance
            / (self.public_variance + self.private_share(alpha) * self.private_variance)
    }

    /// The synthetic fraction with the least limit of the error, given beta: the root of
    /// beta^2 s_priv (1 - 1/K) (1 - alpha) (1 - alpha^2)^2 = v alpha, by bisection.
    pub fn best_synthetic_fraction(&self, beta: f64) -> f64 {
        let gain = beta * beta * self.private_variance * (1.0 - 1.0 / self.models);
        let slope = |alpha: f64| {
            let rest = 1.0 - alpha * alpha;
            gain * (1.0 - alpha) * rest * rest - self.pool_variance * alpha
        };
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if slope(middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }
}
