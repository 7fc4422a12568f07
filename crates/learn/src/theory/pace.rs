//! The long run where updates are missed or trainings do not end: the mean has a limit in closed form.

use faer::{Col, Mat};

use super::TheoryError;
use super::joint::Joint;
use super::matrix::resolvent;
use super::spectrum::{LongRun, eigenvalues, radius};
use super::system::{Retention, Start, System, Update};

/// Where the mean of a system goes, and how fast.
#[derive(Debug)]
pub(super) struct Pace {
    pub(super) run: LongRun,
    /// B of a training that ends.
    pub(super) update: Mat<f64>,
    /// Expected coefficients in the limit; nothing if they do not converge.
    pub(super) mean: Option<Vec<Vec<f64>>>,
}

impl Pace {
    pub(super) fn of(joint: &Joint<'_>, system: &System) -> Result<Self, TheoryError> {
        let (b, _) = joint.mean_update(Start::Scratch);
        let (update, real) = joint.mean_update(system.start);
        let run = LongRun {
            eigenvalues: eigenvalues(&b).ok_or(TheoryError::Eigenvalues)?,
            others: false,
            factor: mean_factor(&update, system)?,
        };
        let d = system.dimension;
        let mean = run.converges().then(|| {
            let mean: Col<f64> = &real * joint.real_mean();
            let mean = resolvent(&update, &mean.as_mat().to_owned());
            let by_model = |k: usize| (0..d).map(|i| mean[(k * d + i, 0)]).collect();
            (0..system.models()).map(by_model).collect()
        });
        Ok(Self {
            run,
            update: b,
            mean,
        })
    }
}

/// Spectral radius of the operator that takes the mean from one generation to the next: I - diag(p) (I - B) for updates with
/// probabilities p, exp(-diag(r) (I - B)) for Poisson clocks with rates r. Nothing where the past is averaged too.
fn mean_factor(update: &Mat<f64>, system: &System) -> Result<Option<f64>, TheoryError> {
    if system.retention != Retention::Replace {
        return Ok(None);
    }
    let n = update.nrows();
    let paces = match &system.update {
        Update::Synchronous => vec![1.0; system.models()],
        Update::Bernoulli(paces) | Update::Poisson(paces) => paces.clone(),
    };
    let pace = |i: usize| paces[i / system.dimension];
    let away = Mat::from_fn(n, n, |i, j| {
        pace(i) * (f64::from(u8::from(i == j)) - update[(i, j)])
    });
    let known = if matches!(system.update, Update::Poisson(_)) {
        let slowest = eigenvalues(&away).ok_or(TheoryError::Eigenvalues)?;
        let least = slowest
            .iter()
            .fold(f64::INFINITY, |least, z| least.min(z.re));
        return Ok(Some(libm::exp(-least)));
    } else {
        eigenvalues(&(Mat::<f64>::identity(n, n) - away)).ok_or(TheoryError::Eigenvalues)?
    };
    Ok(Some(radius(&known)))
}
