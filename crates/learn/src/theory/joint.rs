//! Exact moments of the coefficients of all models together with what they remember of the past: nothing is exploited, so
//! everything is covered, also updates that some models miss and trainings that do not end.
//!
//! The state is x = (theta, memory). A proposal y = Y x + R u + N eta is what every model would become; a model that updates
//! takes it, others keep theta. With probabilities p and delta = y - theta,
//!
//! ```text
//! Cov x' = Cov( x with theta + p delta ) + blockdiag( p_k (1 - p_k) E delta_k delta_k' )
//! ```

use faer::{Col, Mat, MatRef, Scale};

use super::matrix::{add_block, sandwich, twice_symmetric};
use super::snapshot::{Snapshot, Spread};
use super::system::{Gains, Retention, Scrape, Start, System, Update};

/// What does not change from generation to generation.
#[derive(Debug)]
pub(super) struct Joint<'a> {
    system: &'a System,
    pooled_grams: Vec<Mat<f64>>,
    /// F, K d x K d.
    pooling: Mat<f64>,
    /// Cov eta, and beside it the covariance of what is drawn anew of u for every training.
    noise: Mat<f64>,
    real_mean: Col<f64>,
    real_covariance: Mat<f64>,
    /// Generations of pools in the state: none if only the newest counts.
    lags: usize,
}

/// Mean and covariances of the state; two of each, given the real labels and in all.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) mean: Col<f64>,
    given_real: Mat<f64>,
    total: Mat<f64>,
    /// Cov (x, u).
    with_real: Mat<f64>,
    /// Weight of the past in a running average.
    count: f64,
}

/// x -> proposal.
struct Proposal {
    /// Y, size of x in rows and columns: first theta, then memory.
    state: Mat<f64>,
    /// R, with zeros for memory.
    real: Mat<f64>,
    /// N, with K d columns, and R in as many columns as u has if some of u is drawn anew.
    noise: Mat<f64>,
}

impl<'a> Joint<'a> {
    pub(super) fn new(system: &'a System) -> Self {
        let (d, models) = (system.dimension, system.models());
        let (mut pooling, mut noise) = (
            Mat::zeros(models * d, models * d),
            Mat::zeros(models * d, models * d),
        );
        let covariances: Vec<Mat<f64>> = system
            .published
            .iter()
            .map(|published| published.design.noise_covariance(published.noise))
            .collect();
        for (k, row) in system.weights.iter().enumerate() {
            for (j, weight) in row.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
                let gram = &system.published[j].design.gram;
                add_block(&mut pooling, (k, j), (gram * Scale(*weight)).as_ref());
                for (l, other) in system.weights.iter().enumerate() {
                    if other[j] != 0.0 && (system.scrape == Scrape::Shared || k == l) {
                        let block = &covariances[j] * Scale(weight * other[j]);
                        add_block(&mut noise, (k, l), block.as_ref());
                    }
                }
            }
        }
        let noise = beside(&noise, &system.fresh_covariances());
        let means = system.real_means().concat();
        let mut real_covariance = Mat::zeros(means.len(), means.len());
        for (j, covariance) in system.real_covariances().iter().enumerate() {
            add_block(&mut real_covariance, (j, j), covariance.as_ref());
        }
        Self {
            system,
            pooled_grams: system.pooled_grams(),
            pooling,
            noise,
            real_mean: Col::from_fn(means.len(), |i| means[i]),
            real_covariance,
            lags: system.retention.lags(),
        }
    }

    /// Numbers in the state of a system.
    pub(super) fn size(system: &System) -> usize {
        system.models() * system.dimension * (1 + system.retention.lags())
    }

    fn thetas(&self) -> usize {
        self.pooling.nrows()
    }

    /// After the first training.
    pub(super) fn first(&self) -> State {
        let size = Self::size(self.system);
        let real = self.real_response(&self.system.first_gains(), size);
        let with_real = &real * &self.real_covariance;
        let fresh = self.fresh_covariance();
        let given_real = match &fresh {
            Some(fresh) => sandwich(real.as_ref(), fresh.as_ref()),
            None => Mat::zeros(size, size),
        };
        State {
            mean: &real * &self.real_mean,
            total: &with_real * real.transpose() + &given_real,
            given_real,
            with_real,
            count: 0.0,
        }
    }

    /// Covariance of what is drawn anew of u, if something is.
    fn fresh_covariance(&self) -> Option<Mat<f64>> {
        let (at, size) = (self.thetas(), self.noise.nrows() - self.thetas());
        (size > 0).then(|| self.noise.submatrix(at, at, size, size).to_owned())
    }

    /// R, with zero rows up to `size`.
    fn real_response(&self, gains: &Gains, size: usize) -> Mat<f64> {
        let models = self.system.models();
        let mut real = Mat::zeros(size, self.real_mean.nrows());
        for k in 0..models {
            for (set, gain) in &gains.real[k] {
                add_block(&mut real, (k, *set), gain.as_ref());
            }
        }
        real
    }

    fn proposal(&self, gains: &Gains, count: f64) -> Proposal {
        let (n, size) = (self.thetas(), Self::size(self.system));
        let d = self.system.dimension;
        let mut a = Mat::zeros(n, n);
        for (k, block) in gains.synthetic.iter().enumerate() {
            add_block(&mut a, (k, k), block.as_ref());
        }
        let kappa = 1.0 / count;
        let (mut state, real) = (Mat::zeros(size, size), self.real_response(gains, size));
        let mut noise = Mat::zeros(size, self.noise.nrows());
        if noise.ncols() > n {
            noise
                .submatrix_mut(0, n, size, real.ncols())
                .copy_from(&real);
        }
        let newest = &a * Scale(kappa);
        state
            .submatrix_mut(0, 0, n, n)
            .copy_from(&newest * &self.pooling);
        noise.submatrix_mut(0, 0, n, n).copy_from(&newest);
        for (k, kept) in gains.kept.iter().enumerate() {
            let mut block = state.submatrix_mut(k * d, k * d, d, d);
            block += kept;
        }
        self.remember(&a, kappa, &mut state, &mut noise);
        Proposal { state, real, noise }
    }

    /// The rows of memory, and how theta depends on it.
    fn remember(&self, a: &Mat<f64>, kappa: f64, state: &mut Mat<f64>, noise: &mut Mat<f64>) {
        let n = self.thetas();
        let identity = Mat::<f64>::identity(n, n);
        let windowed = matches!(self.system.retention, Retention::Window(_));
        for lag in 0..self.lags {
            let at = n * (lag + 1);
            let past = if windowed { kappa } else { 1.0 - kappa };
            state.submatrix_mut(0, at, n, n).copy_from(a * Scale(past));
            if lag > 0 {
                state.submatrix_mut(at, at - n, n, n).copy_from(&identity);
                continue;
            }
            let newest = if windowed { 1.0 } else { kappa };
            state
                .submatrix_mut(at, 0, n, n)
                .copy_from(&self.pooling * Scale(newest));
            noise
                .submatrix_mut(at, 0, n, n)
                .copy_from(&identity * Scale(newest));
            if !windowed {
                state
                    .submatrix_mut(at, at, n, n)
                    .copy_from(&identity * Scale(1.0 - kappa));
            }
        }
    }

    /// The next generation.
    pub(super) fn advance(&self, state: &mut State, t: usize) {
        state.count = self.system.retention.next_count(state.count);
        let alpha = self.system.alpha_at(t);
        let gains = self
            .system
            .gains(alpha, &self.pooled_grams, self.system.start);
        let proposal = self.proposal(&gains, state.count);
        match &self.system.update {
            Update::Synchronous => self.update(state, &proposal, &vec![1.0; self.system.models()]),
            Update::Bernoulli(probabilities) => self.update(state, &proposal, probabilities),
            Update::Poisson(rates) => self.poisson(state, &proposal, rates),
        }
    }

    /// Every model takes its proposal with its probability.
    fn update(&self, state: &mut State, proposal: &Proposal, probabilities: &[f64]) {
        let blend = |proposed: &Mat<f64>, old: f64| {
            let mut blended = proposed.clone();
            for i in 0..self.thetas() {
                let p = self.entry(probabilities, i);
                blended.row_mut(i).iter_mut().for_each(|x| *x *= p);
                if old > 0.0 {
                    blended[(i, i)] += 1.0 - p;
                }
            }
            blended
        };
        let (transition, real) = (blend(&proposal.state, 1.0), blend(&proposal.real, 0.0));
        let noise = sandwich(blend(&proposal.noise, 0.0).as_ref(), self.noise.as_ref());
        let chance: Vec<f64> = probabilities.iter().map(|p| p * (1.0 - p)).collect();
        let delta = self.delta(proposal);
        let (jumps, jumps_total) = if chance.iter().all(|c| *c == 0.0) {
            let size = noise.nrows();
            (Mat::zeros(size, size), Mat::zeros(size, size))
        } else {
            (
                self.jumps(state, &delta, &chance, false),
                self.jumps(state, &delta, &chance, true),
            )
        };
        let through = &transition * &state.with_real;
        let u = &self.real_covariance;
        state.given_real =
            sandwich(transition.as_ref(), state.given_real.as_ref()) + &noise + jumps;
        state.total = sandwich(transition.as_ref(), state.total.as_ref())
            + twice_symmetric(&(&through * real.transpose()))
            + sandwich(real.as_ref(), u.as_ref())
            + noise
            + jumps_total;
        state.with_real = through + &real * u;
        state.mean = &transition * &state.mean + &real * &self.real_mean;
    }

    fn entry(&self, of_model: &[f64], i: usize) -> f64 {
        of_model[i / self.system.dimension]
    }

    /// Proposal minus theta, as far as it is theta's.
    fn delta(&self, proposal: &Proposal) -> Proposal {
        let (n, size) = (self.thetas(), proposal.state.nrows());
        let mut state = proposal.state.submatrix(0, 0, n, size).to_owned();
        for i in 0..n {
            state[(i, i)] -= 1.0;
        }
        Proposal {
            state,
            real: proposal
                .real
                .submatrix(0, 0, n, proposal.real.ncols())
                .to_owned(),
            noise: proposal
                .noise
                .submatrix(0, 0, n, proposal.noise.ncols())
                .to_owned(),
        }
    }

    /// blockdiag( c_k E delta_k delta_k' ), with zeros for memory.
    fn jumps(&self, state: &State, delta: &Proposal, chance: &[f64], total: bool) -> Mat<f64> {
        let (d, size) = (self.system.dimension, state.given_real.nrows());
        let mean = &delta.state * &state.mean + &delta.real * &self.real_mean;
        let covariance = if total {
            &state.total
        } else {
            &state.given_real
        };
        let mut square = sandwich(delta.state.as_ref(), covariance.as_ref())
            + sandwich(delta.noise.as_ref(), self.noise.as_ref())
            + &mean * mean.transpose();
        if total {
            square += twice_symmetric(&(&delta.state * &state.with_real * delta.real.transpose()))
                + sandwich(delta.real.as_ref(), self.real_covariance.as_ref());
        }
        let mut jumps = Mat::zeros(size, size);
        for (k, chance) in chance.iter().enumerate() {
            let own = square.submatrix(k * d, k * d, d, d) * Scale(*chance);
            add_block(&mut jumps, (k, k), own.as_ref());
        }
        jumps
    }

    /// One generation of Poisson clocks: a mixture, over the number of updates, of what so many updates of models chosen at
    /// random give (uniformisation, Jensen 1953).
    fn poisson(&self, state: &mut State, proposal: &Proposal, rates: &[f64]) {
        let total: f64 = rates.iter().sum();
        if total <= 0.0 {
            return;
        }
        let choice: Vec<f64> = rates.iter().map(|rate| rate / total).collect();
        let delta = self.delta(proposal);
        let mut mixture = Mixture::new(state);
        let (mut weight, mut left) = (libm::exp(-total), 1.0);
        for events in 1_u32.. {
            mixture.add(state, weight);
            left -= weight;
            if left < f64::EPSILON && f64::from(events) > total {
                break;
            }
            weight *= total / f64::from(events);
            self.one_updates(state, &delta, &choice);
        }
        *state = mixture.finish(state.count);
    }

    /// One model, chosen with these probabilities, updates.
    fn one_updates(&self, state: &mut State, delta: &Proposal, choice: &[f64]) {
        let scaled = |rows: MatRef<'_, f64>| {
            Mat::from_fn(rows.nrows(), rows.ncols(), |i, j| {
                self.entry(choice, i) * rows[(i, j)]
            })
        };
        let step = &delta.state * &state.mean + &delta.real * &self.real_mean;
        let step = scaled(step.as_mat());
        let u = &self.real_covariance;
        let given_real = scaled((&delta.state * &state.given_real).as_ref());
        let with_real = scaled((&delta.state * &state.with_real + &delta.real * u).as_ref());
        let total = &delta.state * &state.total + &delta.real * state.with_real.transpose();
        let total = scaled(total.as_ref());
        let square = &step * step.transpose();
        let jumps = self.jumps(state, delta, choice, false);
        let jumps_total = self.jumps(state, delta, choice, true);
        state.given_real += twice_symmetric(&given_real) + jumps - &square;
        state.total += twice_symmetric(&total) + jumps_total - square;
        state.with_real += with_real;
        state.mean += step.col(0);
    }

    /// Moments of theta.
    pub(super) fn snapshot(&self, state: &State) -> Snapshot {
        let d = self.system.dimension;
        let models = self.system.models();
        Snapshot {
            mean: (0..models)
                .map(|k| (0..d).map(|i| state.mean[k * d + i]).collect())
                .collect(),
            given_real: spread(&state.given_real, (models, d)),
            total: spread(&state.total, (models, d)),
        }
    }

    /// The whole covariance of theta given the real labels, and the whole of it.
    pub(super) fn covariances(&self, state: &State) -> (Mat<f64>, Mat<f64>) {
        let n = self.thetas();
        let of = |covariance: &Mat<f64>| covariance.submatrix(0, 0, n, n).to_owned();
        (of(&state.given_real), of(&state.total))
    }

    /// B = A F of a training that ends, or of one as it is started: then with what it keeps of theta. And R.
    pub(super) fn mean_update(&self, start: Start) -> (Mat<f64>, Mat<f64>) {
        let (n, d) = (self.thetas(), self.system.dimension);
        let gains = self
            .system
            .gains(self.system.alpha_at(1), &self.pooled_grams, start);
        let mut update = Mat::zeros(n, n);
        for (k, a) in gains.synthetic.iter().enumerate() {
            let rows = a * self.pooling.submatrix(k * d, 0, d, n);
            update.submatrix_mut(k * d, 0, d, n).copy_from(&rows);
        }
        for (k, kept) in gains.kept.iter().enumerate() {
            add_block(&mut update, (k, k), kept.as_ref());
        }
        (update, self.real_response(&gains, n))
    }

    /// sum_j W_kj G_j for every reader k.
    pub(super) fn pooled_grams(&self) -> &[Mat<f64>] {
        &self.pooled_grams
    }

    /// E u, stacked.
    pub(super) fn real_mean(&self) -> &Col<f64> {
        &self.real_mean
    }
}

/// A matrix with these blocks behind it on the diagonal.
fn beside(matrix: &Mat<f64>, blocks: &[Mat<f64>]) -> Mat<f64> {
    let n = matrix.nrows();
    let size = n + blocks.iter().map(Mat::nrows).sum::<usize>();
    let mut whole = Mat::zeros(size, size);
    whole.submatrix_mut(0, 0, n, n).copy_from(matrix);
    let mut at = n;
    for block in blocks {
        let rows = block.nrows();
        whole.submatrix_mut(at, at, rows, rows).copy_from(block);
        at += rows;
    }
    whole
}

fn spread(covariance: &Mat<f64>, (models, d): (usize, usize)) -> Spread {
    let own = (0..models).map(|k| covariance.submatrix(k * d, k * d, d, d).to_owned());
    let mut of_sum = Mat::zeros(d, d);
    for k in 0..models {
        for l in 0..models {
            of_sum += covariance.submatrix(k * d, l * d, d, d);
        }
    }
    Spread {
        own: own.collect(),
        of_sum,
    }
}

/// A mixture of states with weights that sum to 1.
struct Mixture {
    weights: f64,
    mean: Col<f64>,
    given_real: Mat<f64>,
    total: Mat<f64>,
    with_real: Mat<f64>,
    /// Weighted sum of (mean - centre)(mean - centre)'.
    between: Mat<f64>,
    centre: Col<f64>,
}

impl Mixture {
    fn new(like: &State) -> Self {
        let size = like.given_real.nrows();
        Self {
            weights: 0.0,
            mean: Col::zeros(size),
            given_real: Mat::zeros(size, size),
            total: Mat::zeros(size, size),
            with_real: Mat::zeros(size, like.with_real.ncols()),
            between: Mat::zeros(size, size),
            centre: like.mean.clone(),
        }
    }

    fn add(&mut self, state: &State, weight: f64) {
        let away = &state.mean - &self.centre;
        self.between += &away * away.transpose() * Scale(weight);
        self.mean += away * Scale(weight);
        self.given_real += &state.given_real * Scale(weight);
        self.total += &state.total * Scale(weight);
        self.with_real += &state.with_real * Scale(weight);
        self.weights += weight;
    }

    fn finish(self, count: f64) -> State {
        let whole = Scale(1.0 / self.weights);
        let away = self.mean * whole;
        let between = self.between * whole - &away * away.transpose();
        State {
            given_real: self.given_real * whole + &between,
            total: self.total * whole + between,
            with_real: self.with_real * whole,
            mean: self.centre + away,
            count,
        }
    }
}
