//! How what is pooled moves on: averages over all past generations, or over the newest few.

use faer::{Mat, MatRef, Scale};

use super::matrix::{product, sandwich, twice_symmetric};
use super::pooled::{Belief, Setting, Step};
use super::system::Retention;

/// What readers have pooled so far.
#[derive(Debug)]
pub(super) enum Memory {
    /// A running average: the newest generation enters with weight kappa, so the average is all there is to know.
    Average { belief: Belief, count: f64 },
    /// A window: every generation in it, and how they covary.
    Window { width: usize, held: Held },
}

/// The generations in a window, oldest first.
#[derive(Debug, Default)]
pub(super) struct Held {
    responses: Vec<Mat<f64>>,
    /// Cov (q_s, q_s').
    pools: Vec<Vec<Mat<f64>>>,
    /// Cov (q_s, n_s').
    cross: Vec<Vec<Mat<f64>>>,
}

impl Memory {
    pub(super) fn new(setting: &Setting<'_>) -> Self {
        match setting.system.retention {
            Retention::Window(width) => Self::Window {
                width: width.max(1),
                held: Held::default(),
            },
            Retention::Replace | Retention::Accumulate | Retention::Discount(_) => Self::Average {
                belief: setting.nothing(),
                count: 0.0,
            },
        }
    }

    /// What readers know now.
    pub(super) fn belief(&self, setting: &Setting<'_>) -> Belief {
        match self {
            Self::Average { belief, .. } => belief.clone(),
            Self::Window { held, .. } => held.belief(setting),
        }
    }

    /// Takes in what is published by models as `step` left them.
    pub(super) fn advance(&mut self, setting: &Setting<'_>, step: &Step) {
        match self {
            Self::Average { belief, count } => {
                *count = setting.system.retention.next_count(*count);
                *belief = averaged(setting, step, belief, 1.0 / *count);
            }
            Self::Window { width, held } => held.push(setting, step, *width),
        }
    }
}

/// The average after the newest generation has entered with weight `kappa`.
fn averaged(setting: &Setting<'_>, step: &Step, old: &Belief, kappa: f64) -> Belief {
    let (z, keep) = (&step.own_feedback, 1.0 - kappa);
    let newest = &step.drive + product(step.feedback.as_ref(), old.response.as_ref());
    let rows = old.pools.nrows();
    let transition = Mat::<f64>::identity(rows, rows) * Scale(keep) + &step.feedback * Scale(kappa);
    let z_own = times_blocks(z, &old.own);
    let mut pools = sandwich(transition.as_ref(), old.pools.as_ref())
        + setting.newest_noise(step) * Scale(kappa * kappa);
    let cross = product(transition.as_ref(), old.cross.as_ref());
    if !old.own.is_empty() {
        pools += twice_symmetric(&(&cross * z.transpose())) * Scale(kappa)
            + &z_own * z.transpose() * Scale(kappa * kappa);
    }
    let noise = old.own.iter().zip(&setting.own_noise);
    Belief {
        response: &old.response * Scale(keep) + newest * Scale(kappa),
        pools,
        cross: (cross + z_own * Scale(kappa)) * Scale(keep),
        own: noise
            .map(|(old, new)| old * Scale(keep * keep) + new * Scale(kappa * kappa))
            .collect(),
    }
}

/// A matrix with as many blocks of columns as there are blocks, each multiplied by its block.
pub(super) fn times_blocks(matrix: &Mat<f64>, blocks: &[Mat<f64>]) -> Mat<f64> {
    let mut product = Mat::zeros(matrix.nrows(), matrix.ncols());
    for (k, block) in blocks.iter().enumerate() {
        let (at, d) = (k * block.nrows(), block.nrows());
        let columns = matrix.submatrix(0, at, matrix.nrows(), d) * block;
        product
            .submatrix_mut(0, at, matrix.nrows(), d)
            .copy_from(&columns);
    }
    product
}

impl Held {
    fn len(&self) -> usize {
        self.responses.len()
    }

    fn belief(&self, setting: &Setting<'_>) -> Belief {
        let nothing = setting.nothing();
        let count = self.len();
        if count == 0 {
            return nothing;
        }
        let share = 1.0 / count as f64;
        let all = |rows: &[Vec<Mat<f64>>], like: &Mat<f64>| {
            sum(rows.iter().flatten().map(Mat::as_ref), like) * Scale(share * share)
        };
        Belief {
            response: sum(self.responses.iter().map(Mat::as_ref), &nothing.response) * Scale(share),
            pools: all(&self.pools, &nothing.pools),
            cross: all(&self.cross, &nothing.cross),
            own: setting
                .own_noise
                .iter()
                .map(|noise| noise * Scale(share))
                .collect(),
        }
    }

    /// Adds the newest generation and drops the oldest beyond `width`.
    fn push(&mut self, setting: &Setting<'_>, step: &Step, width: usize) {
        let (count, known) = (self.len(), self.belief(setting));
        let share = 1.0 / count.max(1) as f64;
        let (q, z) = (&step.feedback, &step.own_feedback);
        let mean_over = |entries: Vec<&Mat<f64>>, like: &Mat<f64>| {
            sum(entries.into_iter().map(Mat::as_ref), like) * Scale(share)
        };
        let (mut to_pools, mut to_noises) = (Vec::new(), Vec::new());
        for s in 0..count {
            let with_pool = mean_over(self.pools.iter().map(|row| &row[s]).collect(), &known.pools);
            let with_own = mean_over(self.cross[s].iter().collect(), &known.cross);
            to_pools.push(q * with_pool + z * with_own.transpose());
            let with_noise =
                mean_over(self.cross.iter().map(|row| &row[s]).collect(), &known.cross);
            to_noises.push(q * with_noise + times_blocks(z, &setting.own_noise) * Scale(share));
        }
        let newest = sandwich(q.as_ref(), known.pools.as_ref())
            + twice_symmetric(&(q * &known.cross * z.transpose()))
            + times_blocks(z, &known.own) * z.transpose()
            + setting.newest_noise(step);
        self.responses.push(&step.drive + q * &known.response);
        for (s, covariance) in to_pools.iter().enumerate() {
            self.pools[s].push(covariance.transpose().to_owned());
            // What was pooled earlier knows nothing of noise that came later.
            self.cross[s].push(Mat::zeros(known.cross.nrows(), known.cross.ncols()));
        }
        to_pools.push(newest);
        to_noises.push(Mat::zeros(known.cross.nrows(), known.cross.ncols()));
        self.pools.push(to_pools);
        self.cross.push(to_noises);
        if self.len() > width {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        self.responses.remove(0);
        for rows in [&mut self.pools, &mut self.cross] {
            rows.remove(0);
            for row in rows {
                row.remove(0);
            }
        }
    }
}

fn sum<'a>(matrices: impl Iterator<Item = MatRef<'a, f64>>, like: &Mat<f64>) -> Mat<f64> {
    let mut total = Mat::zeros(like.nrows(), like.ncols());
    for matrix in matrices {
        total += matrix;
    }
    total
}
