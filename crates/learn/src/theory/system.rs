//! A linear-Gaussian ecosystem, and the gains of its update.

use faer::{Mat, Scale};

use super::design::{Design, Published, RealData};
use super::matrix::{contraction, pseudo_inverse};

/// Models that fit coefficients to real data and to what they all published, generation after generation
/// (Vu, Reeves and Wenger 2025, in the generality of this program).
///
/// There are K models and d coefficients. At t = 0 model k minimises beta_k L_private + (1 - beta_k) L_public; at t >= 1 it
/// minimises (1 - alpha_k) times that plus alpha_k sum_j W_kj L_j, where L_j is the mean squared residual on what source j
/// published. Fields with one entry a model have length K.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// Number of coefficients, d.
    pub dimension: usize,
    /// Sets of real data.
    pub real: Vec<RealData>,
    /// Which of them is private data of each model; several models may share one.
    pub private: Vec<usize>,
    /// Which of them is public data of each model.
    pub public: Vec<usize>,
    /// What each model publishes every generation.
    pub published: Vec<Published>,
    /// Synthetic fraction of each model: one row for all generations, or one row for each from t = 1.
    pub alpha: Vec<Vec<f64>>,
    /// Private weight of each model.
    pub beta: Vec<f64>,
    /// Private weight of each model in its first training; empty where that is `beta` too.
    pub first_beta: Vec<f64>,
    /// Row-stochastic K x K matrix W: the share of reader k's synthetic data that comes from source j.
    pub weights: Vec<Vec<f64>>,
    /// Coefficients that each model's error is measured against.
    pub reference: Vec<Vec<f64>>,
    /// What models are tested on.
    pub tasks: Vec<Task>,
    /// Whether readers see the same labels.
    pub scrape: Scrape,
    /// Which past synthetic data a model uses.
    pub retention: Retention,
    /// Who updates when.
    pub update: Update,
    /// Where training starts.
    pub start: Start,
    /// Weight lambda_k of the penalty |theta|^2 on the scale of the mean loss.
    pub ridge: Vec<f64>,
}

/// A test: the risk of theta is (theta - truth)' G (theta - truth).
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its inputs.
    pub design: Design,
    /// Its true coefficients, length d.
    pub truth: Vec<f64>,
}

/// Whether readers of one source see the same labels; it matters to every second moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scrape {
    /// One public data set a source and generation.
    Shared,
    /// Every reader gets draws of its own.
    Independent,
}

/// Weights of past generations in the synthetic part of a training set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Retention {
    /// The newest alone.
    Replace,
    /// All alike.
    Accumulate,
    /// The weight of a generation falls by this factor with each that follows.
    Discount(f64),
    /// The newest so many, alike.
    Window(usize),
}

impl Retention {
    /// Weight of the past in a running average, the newest generation included, after one more; it starts at 0.
    pub(super) fn next_count(self, count: f64) -> f64 {
        match self {
            Self::Replace => 1.0,
            Self::Accumulate => count + 1.0,
            Self::Discount(factor) => 1.0 + factor * count,
            Self::Window(width) => (count + 1.0).min(width as f64),
        }
    }

    /// Past pools that a state has to hold beside the newest: a running average is one.
    pub(super) fn lags(self) -> usize {
        match self {
            Self::Replace => 0,
            Self::Accumulate | Self::Discount(_) => 1,
            Self::Window(width) => width - 1,
        }
    }
}

/// Who updates when.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// Everybody, every generation.
    Synchronous,
    /// At every generation each model with its probability, independently; others keep what they have.
    Bernoulli(Vec<f64>),
    /// Each model at the times of a Poisson process with its rate a generation, reading what the others are at that time.
    Poisson(Vec<f64>),
}

/// Where training starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Start {
    /// From zero, to the minimum: the solution of least norm.
    Scratch,
    /// Between the previous coefficients and the minimum: this share of the way.
    Partial(f64),
    /// From the previous coefficients, by so many gradient steps of this size on the mean squared residual.
    Warm {
        /// Gradient steps a training.
        steps: u32,
        /// Size of a step.
        size: f64,
    },
}

/// Matrices of one update: theta_k = sum real_ks b_s + synthetic_k (pool of reader k), in d x d blocks.
#[derive(Debug)]
pub(super) struct Gains {
    /// For each model the sets of real data that it uses, with their gains.
    pub(super) real: Vec<Vec<(usize, Mat<f64>)>>,
    pub(super) synthetic: Vec<Mat<f64>>,
    /// What a warm start keeps of the previous coefficients; empty when training starts from scratch.
    pub(super) kept: Vec<Mat<f64>>,
}

impl System {
    /// No models yet: everybody would read the same scrape, keep the newest alone, and train from scratch every time.
    pub fn empty(dimension: usize) -> Self {
        Self {
            dimension,
            real: Vec::new(),
            private: Vec::new(),
            public: Vec::new(),
            published: Vec::new(),
            alpha: Vec::new(),
            beta: Vec::new(),
            first_beta: Vec::new(),
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

    /// Number of models, K.
    pub fn models(&self) -> usize {
        self.alpha[0].len()
    }

    /// Alpha of generation t >= 1.
    pub(super) fn alpha_at(&self, t: usize) -> &[f64] {
        &self.alpha[(t - 1).min(self.alpha.len() - 1)]
    }

    /// True if the update is the same every generation.
    pub(super) fn is_constant(&self) -> bool {
        self.alpha.windows(2).all(|pair| pair[0] == pair[1])
    }

    /// sum_j W_kj G_j for every reader k.
    pub(super) fn pooled_grams(&self) -> Vec<Mat<f64>> {
        let mut known: Vec<(usize, Mat<f64>)> = Vec::new();
        (0..self.models())
            .map(|k| {
                let row = &self.weights[k];
                let same = known.iter().find(|(of, _)| self.weights[*of] == *row);
                let gram = same.map_or_else(|| self.pooled_gram(row), |(_, gram)| gram.clone());
                if known.len() < DISTINCT_ROWS_KEPT {
                    known.push((k, gram.clone()));
                }
                gram
            })
            .collect()
    }

    fn pooled_gram(&self, row: &[f64]) -> Mat<f64> {
        let mut sum = Mat::zeros(self.dimension, self.dimension);
        for (weight, published) in row.iter().zip(&self.published) {
            if *weight != 0.0 {
                sum += &published.design.gram * Scale(*weight);
            }
        }
        sum
    }

    /// Real part of model k's Gram matrix: beta G_private + (1 - beta) G_public.
    pub(super) fn real_gram(&self, k: usize) -> Mat<f64> {
        self.real_gram_at(k, self.beta[k])
    }

    /// The same with another private weight.
    pub(super) fn real_gram_at(&self, k: usize, beta: f64) -> Mat<f64> {
        let gram = |set: usize| &self.real[set].design.gram;
        gram(self.private[k]) * Scale(beta) + gram(self.public[k]) * Scale(1.0 - beta)
    }

    /// The gains for these synthetic fractions, given what readers' pools look like.
    pub(super) fn gains(&self, alpha: &[f64], pooled_grams: &[Mat<f64>], start: Start) -> Gains {
        self.gains_at((alpha, &self.beta), pooled_grams, start)
    }

    fn gains_at(
        &self,
        (alpha, beta): (&[f64], &[f64]),
        pooled_grams: &[Mat<f64>],
        start: Start,
    ) -> Gains {
        let k = self.models();
        let mut gains = Gains {
            real: Vec::with_capacity(k),
            synthetic: Vec::with_capacity(k),
            kept: Vec::new(),
        };
        let identity = Mat::<f64>::identity(self.dimension, self.dimension);
        for (k, (&alpha, pooled)) in alpha.iter().zip(pooled_grams).enumerate() {
            let h = self.real_gram_at(k, beta[k]) * Scale(1.0 - alpha)
                + pooled * Scale(alpha)
                + &identity * Scale(self.ridge[k]);
            let mut inverse = pseudo_inverse(&h);
            let kept = match start {
                Start::Scratch => None,
                Start::Partial(rate) => Some(&identity * Scale(1.0 - rate)),
                Start::Warm { steps, size } => Some(contraction(&h, steps, size)),
            };
            if let Some(kept) = kept {
                inverse = (&identity - &kept) * inverse;
                gains.kept.push(kept);
            }
            let private = (1.0 - alpha) * beta[k];
            let public = 1.0 - alpha - private;
            gains.real.push(if self.private[k] == self.public[k] {
                vec![(self.private[k], &inverse * Scale(1.0 - alpha))]
            } else {
                vec![
                    (self.private[k], &inverse * Scale(private)),
                    (self.public[k], &inverse * Scale(public)),
                ]
            });
            gains.synthetic.push(&inverse * Scale(alpha));
        }
        gains
    }

    /// The gains of the first training, on real data alone and to the end.
    pub(super) fn first_gains(&self) -> Gains {
        let nothing = vec![Mat::zeros(self.dimension, self.dimension); self.models()];
        let alpha = vec![0.0; self.models()];
        self.gains_at((&alpha, self.first_beta()), &nothing, Start::Scratch)
    }

    /// Private weights of the first training.
    pub(super) fn first_beta(&self) -> &[f64] {
        if self.first_beta.is_empty() {
            &self.beta
        } else {
            &self.first_beta
        }
    }

    /// Covariance of each real statistic X'y / n that stays; 0 of those that are drawn anew.
    pub(super) fn real_covariances(&self) -> Vec<Mat<f64>> {
        self.covariances_of(false)
    }

    /// Covariance of each real statistic that is drawn anew for every training, 0 of those that stay; empty if all stay.
    pub(super) fn fresh_covariances(&self) -> Vec<Mat<f64>> {
        if self.real.iter().any(|data| data.fresh) {
            self.covariances_of(true)
        } else {
            Vec::new()
        }
    }

    fn covariances_of(&self, fresh: bool) -> Vec<Mat<f64>> {
        let covariance = |data: &RealData| {
            let noise = if data.fresh == fresh { data.noise } else { 0.0 };
            data.design.noise_covariance(noise)
        };
        self.real.iter().map(covariance).collect()
    }

    /// Expectation of each real statistic X'y / n.
    pub(super) fn real_means(&self) -> Vec<Vec<f64>> {
        let mean = |data: &RealData| {
            let statistic = &data.design.gram * faer::ColRef::from_slice(&data.truth);
            statistic.iter().copied().collect()
        };
        self.real.iter().map(mean).collect()
    }

    /// The private data of every model as a task each.
    pub fn private_tasks(&self) -> Vec<Task> {
        let task = |set: &usize| Task {
            design: self.real[*set].design.clone(),
            truth: self.real[*set].truth.clone(),
        };
        self.private.iter().map(task).collect()
    }

    /// True if risks on all tasks are few enough to be told every generation.
    pub(super) fn has_few_risks(&self) -> bool {
        self.tasks.len() * self.models() <= RISKS_MAX
    }
}

/// Risks that are told every generation.
const RISKS_MAX: usize = 4096;

/// Readers who read alike come in few kinds or there are few readers; more rows are not worth a search.
const DISTINCT_ROWS_KEPT: usize = 64;
