//! Exact moments through the common pools: the state is what is read, so its size is the number of distinct pools times d,
//! however many models read them.
//!
//! The pools' averages over past generations are q (stacked, r d numbers). A reader who scrapes for itself has noise n_k of
//! its own, averaged likewise. Then
//!
//! ```text
//! theta_k = R_k u + A_k ( U_k q + n_k )
//! newest q = V G theta + shared noise     = L R u + Q q + Z n + shared noise
//! ```
//!
//! with L = V G, Q = L A U and Z = L A in stacked form. Given u all is linear and normal, so a mean response to u and a
//! covariance are exact.

use faer::{Mat, MatRef, Scale};

use super::matrix::{add_block, block, is_sparse, product, sandwich, twice_symmetric};
use super::pooling::Pooling;
use super::snapshot::{Snapshot, Spread};
use super::system::{Gains, Scrape, System};

/// What does not change from generation to generation.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    pub(super) system: &'a System,
    pub(super) pooling: Pooling,
    /// L, r d x K d.
    pub(super) gather: Mat<f64>,
    pub(super) pooled_grams: Vec<Mat<f64>>,
    /// E u, stacked.
    real_means: Vec<f64>,
    /// Cov u, block by block.
    real_covariances: Vec<Mat<f64>>,
    /// Cov of what is drawn anew of u for every training, block by block; empty if all of it stays.
    fresh_covariances: Vec<Mat<f64>>,
    /// Covariance of the pools' noise that all readers see, r d x r d.
    pub(super) shared_noise: Mat<f64>,
    /// Covariance of each reader's own noise; empty if scrapes are shared.
    pub(super) own_noise: Vec<Mat<f64>>,
}

/// Matrices of one update.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) gains: Gains,
    /// A U, K d x r d.
    pub(super) spread: Mat<f64>,
    /// L R, r d x S d for S sets of real data.
    pub(super) drive: Mat<f64>,
    /// Q, r d x r d.
    pub(super) feedback: Mat<f64>,
    /// Z, r d x K d; no columns if scrapes are shared.
    pub(super) own_feedback: Mat<f64>,
}

/// Mean response and covariance of what readers have pooled.
#[derive(Debug, Clone)]
pub(super) struct Belief {
    /// E q = response u, r d x S d.
    pub(super) response: Mat<f64>,
    /// Cov q given u.
    pub(super) pools: Mat<f64>,
    /// Cov (q, n) given u, r d x K d; no columns if scrapes are shared.
    pub(super) cross: Mat<f64>,
    /// Cov n_k, reader by reader; empty if scrapes are shared.
    pub(super) own: Vec<Mat<f64>>,
}

impl<'a> Setting<'a> {
    pub(super) fn new(system: &'a System) -> Self {
        let (pooling, d) = (Pooling::of(system), system.dimension);
        let (rank, models) = (pooling.rank(), system.models());
        let mut gather = Mat::zeros(rank * d, models * d);
        for (a, pool) in pooling.pools.iter().enumerate() {
            for &(j, weight) in pool {
                let block = &system.published[j].design.gram * Scale(weight);
                add_block(&mut gather, (a, j), block.as_ref());
            }
        }
        let noise = |j: usize| {
            let published = &system.published[j];
            published.design.noise_covariance(published.noise)
        };
        let noises: Vec<Mat<f64>> = (0..models).map(noise).collect();
        let shared = system.scrape == Scrape::Shared;
        Self {
            gather,
            pooled_grams: system.pooled_grams(),
            real_means: system.real_means().concat(),
            real_covariances: system.real_covariances(),
            fresh_covariances: system.fresh_covariances(),
            shared_noise: if shared {
                pool_noise(&pooling, &noises, d)
            } else {
                Mat::zeros(rank * d, rank * d)
            },
            own_noise: if shared {
                Vec::new()
            } else {
                system
                    .weights
                    .iter()
                    .map(|row| reader_noise(row, &noises, d))
                    .collect()
            },
            pooling,
            system,
        }
    }

    fn d(&self) -> usize {
        self.system.dimension
    }

    /// The matrices of an update with these gains.
    pub(super) fn step(&self, gains: Gains) -> Step {
        let (d, rank, models) = (self.d(), self.pooling.rank(), self.system.models());
        let mut spread = Mat::zeros(models * d, rank * d);
        for (k, load) in self.pooling.loads.iter().enumerate() {
            for &(a, weight) in load {
                let block = &gains.synthetic[k] * Scale(weight);
                add_block(&mut spread, (k, a), block.as_ref());
            }
        }
        let mut drive = Mat::zeros(rank * d, self.real_means.len());
        for (a, pool) in self.pooling.pools.iter().enumerate() {
            for &(j, _) in pool {
                let from = block(&self.gather, (a, j), (d, d));
                for (set, gain) in &gains.real[j] {
                    add_block(&mut drive, (a, *set), (from * gain).as_ref());
                }
            }
        }
        Step {
            feedback: product(self.gather.as_ref(), spread.as_ref()),
            own_feedback: self.own_feedback(&gains),
            spread,
            drive,
            gains,
        }
    }

    fn own_feedback(&self, gains: &Gains) -> Mat<f64> {
        let (d, rows) = (self.d(), self.gather.nrows());
        let mut z = Mat::zeros(rows, self.own_noise.len() * d);
        for k in 0..self.own_noise.len() {
            let columns = self.gather.submatrix(0, k * d, rows, d) * &gains.synthetic[k];
            z.submatrix_mut(0, k * d, rows, d).copy_from(&columns);
        }
        z
    }

    /// Nothing pooled yet.
    pub(super) fn nothing(&self) -> Belief {
        let (rows, d) = (self.gather.nrows(), self.d());
        Belief {
            response: Mat::zeros(rows, self.real_means.len()),
            pools: Mat::zeros(rows, rows),
            cross: Mat::zeros(rows, self.own_noise.len() * d),
            own: vec![Mat::zeros(d, d); self.own_noise.len()],
        }
    }

    /// Moments of theta.
    pub(super) fn snapshot(&self, step: &Step, belief: &Belief) -> Snapshot {
        let given_real = self.pooled_spread(step, &belief.pools, belief);
        let mut snapshot = Snapshot {
            mean: self.means(step, belief, &self.real_means),
            total: if self.reads_few(step) {
                self.with_real(step, belief, given_real.clone())
            } else {
                self.with_pooled_real(step, belief)
            },
            given_real,
        };
        // What is fresh now is in no pool yet.
        self.add_direct(step, &self.fresh_covariances, &mut snapshot.given_real);
        self.add_direct(step, &self.fresh_covariances, &mut snapshot.total);
        snapshot
    }

    /// Covariance of the noise of the newest pools: of what was published, and of the fresh data that its authors learnt from.
    pub(super) fn newest_noise(&self, step: &Step) -> Mat<f64> {
        let mut noise = self.shared_noise.clone();
        let d = self.d();
        for (set, covariance) in self.fresh_covariances.iter().enumerate() {
            let drive = step.drive.submatrix(0, set * d, step.drive.nrows(), d);
            noise += sandwich(drive, covariance.as_ref());
        }
        noise
    }

    /// True if models read a few of about as many pools: then what real labels bring is cheaper to follow to models than to pools.
    fn reads_few(&self, step: &Step) -> bool {
        is_sparse(step.spread.as_ref()) && self.system.models() <= 2 * self.pooling.rank()
    }

    /// Adds M Cov u M', model by model.
    fn with_real(&self, step: &Step, belief: &Belief, mut spread: Spread) -> Spread {
        let (m, d) = (Self::whole_response(step, belief), self.d());
        let scaled = self.times_real_covariance(&m);
        for (k, own) in spread.own.iter_mut().enumerate() {
            let rows =
                |matrix: &'_ Mat<f64>| matrix.submatrix(k * d, 0, d, matrix.ncols()).to_owned();
            *own += rows(&scaled) * rows(&m).transpose();
        }
        spread.of_sum += sum_of_block_rows(&scaled, d) * sum_of_block_rows(&m, d).transpose();
        spread
    }

    /// The same through what is pooled, whose covariance includes that of the real labels.
    fn with_pooled_real(&self, step: &Step, belief: &Belief) -> Spread {
        let response = self.times_real_covariance(&belief.response);
        let pools = &belief.pools + &response * belief.response.transpose();
        let mut spread = self.pooled_spread(step, &pools, belief);
        self.add_real(step, &response, &mut spread);
        spread
    }

    /// E theta_k where E u is `real_means`.
    pub(super) fn means(&self, step: &Step, belief: &Belief, real_means: &[f64]) -> Vec<Vec<f64>> {
        let (d, models) = (self.d(), self.system.models());
        let u = |j: usize| faer::ColRef::from_slice(&real_means[j * d..(j + 1) * d]);
        let pools = &step.spread * (&belief.response * faer::ColRef::from_slice(real_means));
        (0..models)
            .map(|k| {
                let mut mean: Vec<f64> = (0..d).map(|i| pools[k * d + i]).collect();
                for (set, gain) in &step.gains.real[k] {
                    let part = gain * u(*set);
                    mean.iter_mut()
                        .zip(part.iter())
                        .for_each(|(sum, x)| *sum += x);
                }
                mean
            })
            .collect()
    }

    /// Of models with one coefficient: how much each set of real data counts in its expectation, row by row.
    pub(super) fn coefficients(step: &Step, belief: &Belief) -> Vec<Vec<f64>> {
        let m = Self::whole_response(step, belief);
        (0..m.nrows())
            .map(|k| m.row(k).iter().copied().collect())
            .collect()
    }

    /// M, with E theta = M u.
    fn whole_response(step: &Step, belief: &Belief) -> Mat<f64> {
        let mut m = product(step.spread.as_ref(), belief.response.as_ref());
        for (k, gains) in step.gains.real.iter().enumerate() {
            for (set, gain) in gains {
                add_block(&mut m, (k, *set), gain.as_ref());
            }
        }
        m
    }

    /// Response times Cov u.
    pub(super) fn times_real_covariance(&self, response: &Mat<f64>) -> Mat<f64> {
        let (rows, d) = (response.nrows(), self.d());
        let mut scaled = Mat::zeros(rows, response.ncols());
        for (j, covariance) in self.real_covariances.iter().enumerate() {
            let columns = response.submatrix(0, j * d, rows, d) * covariance;
            scaled.submatrix_mut(0, j * d, rows, d).copy_from(&columns);
        }
        scaled
    }

    /// Covariances of A ( U q + n ) when Cov q is `pools`.
    fn pooled_spread(&self, step: &Step, pools: &Mat<f64>, belief: &Belief) -> Spread {
        let (d, models) = (self.d(), self.system.models());
        let half = product(step.spread.as_ref(), pools.as_ref());
        let rows = |matrix: &'_ Mat<f64>, k: usize| {
            matrix.submatrix(k * d, 0, d, matrix.ncols()).to_owned()
        };
        let mut own: Vec<Mat<f64>> = (0..models)
            .map(|k| rows(&half, k) * rows(&step.spread, k).transpose())
            .collect();
        let sum = sum_of_block_rows(&step.spread, d);
        let mut of_sum = sandwich(sum.as_ref(), pools.as_ref());
        for (k, (own, noise)) in own.iter_mut().zip(&belief.own).enumerate() {
            let a = &step.gains.synthetic[k];
            let noise = sandwich(a.as_ref(), noise.as_ref());
            let to_a = belief.cross.submatrix(0, k * d, belief.cross.nrows(), d) * a.transpose();
            *own += &noise + twice_symmetric(&(rows(&step.spread, k) * &to_a));
            of_sum += &noise + twice_symmetric(&(&sum * &to_a));
        }
        Spread { own, of_sum }
    }

    /// Adds what the real labels bring, except through q alone: Cov (R u), and its covariance with A U response u.
    fn add_real(&self, step: &Step, response: &Mat<f64>, spread: &mut Spread) {
        self.add_direct(step, &self.real_covariances, spread);
        let d = self.d();
        let columns = |set: usize| response.submatrix(0, set * d, response.nrows(), d);
        for (k, gains) in step.gains.real.iter().enumerate() {
            let own = step.spread.submatrix(k * d, 0, d, step.spread.ncols());
            for (set, gain) in gains {
                let through = own * (columns(*set) * gain.transpose());
                spread.own[k] += twice_symmetric(&through);
            }
        }
        let sum = sum_of_block_rows(&step.spread, d);
        for (set, gain) in sums_of_gains(step, self.real_covariances.len(), d)
            .iter()
            .enumerate()
        {
            spread.of_sum += twice_symmetric(&(&sum * (columns(set) * gain.transpose())));
        }
    }

    /// Adds Cov (R u) for such a Cov u, if there is one.
    fn add_direct(&self, step: &Step, covariances: &[Mat<f64>], spread: &mut Spread) {
        if covariances.is_empty() {
            return;
        }
        for (own, gains) in spread.own.iter_mut().zip(&step.gains.real) {
            for (set, gain) in gains {
                *own += sandwich(gain.as_ref(), covariances[*set].as_ref());
            }
        }
        let sums = sums_of_gains(step, covariances.len(), self.d());
        for (gain, covariance) in sums.iter().zip(covariances) {
            spread.of_sum += sandwich(gain.as_ref(), covariance.as_ref());
        }
    }

    /// The whole covariance given the real labels, and the whole of it: K d x K d each.
    pub(super) fn covariances(&self, step: &Step, belief: &Belief) -> (Mat<f64>, Mat<f64>) {
        let d = self.d();
        let mut given_real = sandwich(step.spread.as_ref(), belief.pools.as_ref());
        for k in 0..self.own_noise.len() {
            let a = &step.gains.synthetic[k];
            let noise = sandwich(a.as_ref(), belief.own[k].as_ref());
            add_block(&mut given_real, (k, k), noise.as_ref());
            let cross = belief.cross.submatrix(0, k * d, belief.cross.nrows(), d);
            let columns = &step.spread * (cross * a.transpose());
            add_columns(&mut given_real, k * d, columns.as_ref());
            add_rows(&mut given_real, k * d, columns.transpose());
        }
        self.add_fresh(step, &mut given_real);
        let m = Self::whole_response(step, belief);
        let total = &given_real + self.times_real_covariance(&m) * m.transpose();
        (given_real, total)
    }

    /// Adds Cov (R u) of what is fresh to a covariance of all models.
    fn add_fresh(&self, step: &Step, covariance: &mut Mat<f64>) {
        for (k, own) in step.gains.real.iter().enumerate() {
            for (l, other) in step.gains.real.iter().enumerate() {
                for (set, gain) in own {
                    let Some(fresh) = self.fresh_covariances.get(*set) else {
                        continue;
                    };
                    for (_, of_other) in other.iter().filter(|(used, _)| used == set) {
                        let block = gain * fresh * of_other.transpose();
                        add_block(covariance, (k, l), block.as_ref());
                    }
                }
            }
        }
    }

    /// B = A F, K d x K d.
    pub(super) fn update_matrix(&self, step: &Step) -> Mat<f64> {
        &step.spread * &self.gather
    }
}

/// For each set of real data the sum over models of its gains.
fn sums_of_gains(step: &Step, sets: usize, d: usize) -> Vec<Mat<f64>> {
    let mut sums = vec![Mat::zeros(d, d); sets];
    for (set, gain) in step.gains.real.iter().flatten() {
        sums[*set] += gain;
    }
    sums
}

fn add_columns(matrix: &mut Mat<f64>, at: usize, columns: MatRef<'_, f64>) {
    let mut target = matrix.submatrix_mut(0, at, columns.nrows(), columns.ncols());
    target += columns;
}

fn add_rows(matrix: &mut Mat<f64>, at: usize, rows: MatRef<'_, f64>) {
    let mut target = matrix.submatrix_mut(at, 0, rows.nrows(), rows.ncols());
    target += rows;
}

/// The sum over models of a K d x n matrix.
fn sum_of_block_rows(matrix: &Mat<f64>, d: usize) -> Mat<f64> {
    let mut sum = Mat::zeros(d, matrix.ncols());
    for k in 0..matrix.nrows() / d {
        sum += matrix.submatrix(k * d, 0, d, matrix.ncols());
    }
    sum
}

/// V Omega V', where sources' noises are independent.
pub(super) fn pool_noise(pooling: &Pooling, noises: &[Mat<f64>], d: usize) -> Mat<f64> {
    let rank = pooling.rank();
    let mut readers_of: Vec<Vec<(usize, f64)>> = vec![Vec::new(); noises.len()];
    for (a, pool) in pooling.pools.iter().enumerate() {
        for &(j, weight) in pool {
            readers_of[j].push((a, weight));
        }
    }
    let mut noise = Mat::zeros(rank * d, rank * d);
    for (source, pools) in noises.iter().zip(&readers_of) {
        for &(a, x) in pools {
            for &(b, y) in pools {
                add_block(&mut noise, (a, b), (source * Scale(x * y)).as_ref());
            }
        }
    }
    noise
}

/// sum_j W_kj^2 Omega_j.
fn reader_noise(row: &[f64], noises: &[Mat<f64>], d: usize) -> Mat<f64> {
    let mut sum = Mat::zeros(d, d);
    for (weight, noise) in row.iter().zip(noises) {
        if *weight != 0.0 {
            sum += noise * Scale(weight * weight);
        }
    }
    sum
}
