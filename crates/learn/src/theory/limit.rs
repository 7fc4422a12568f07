//! Where a system with constant parameters ends up.

use faer::{Mat, Scale};

use super::matrix::{lyapunov, resolvent, twice_symmetric};
use super::memory::times_blocks;
use super::pooled::{Belief, Setting, Step};
use super::system::Retention;

/// The stationary belief, where the mean converges; the covariance is left out where it is too large to solve for.
pub(super) fn stationary(setting: &Setting<'_>, step: &Step) -> Option<Belief> {
    let response = resolvent(&step.feedback, &step.drive);
    let nothing = setting.nothing();
    let covariances = match setting.system.retention {
        Retention::Replace => averaging(setting, step, 1.0),
        Retention::Discount(factor) => averaging(setting, step, 1.0 - factor),
        // Ever more noise is averaged: in the limit none is left.
        Retention::Accumulate => Belief {
            response: Mat::new(),
            ..nothing
        },
        Retention::Window(width) => window(setting, step, width)?,
    };
    Some(Belief {
        response,
        ..covariances
    })
}

/// Covariances of an average that the newest generation enters with constant weight kappa.
fn averaging(setting: &Setting<'_>, step: &Step, kappa: f64) -> Belief {
    let (rows, keep) = (step.feedback.nrows(), 1.0 - kappa);
    let identity = Mat::<f64>::identity(rows, rows);
    let transition = &identity * Scale(keep) + &step.feedback * Scale(kappa);
    let own: Vec<Mat<f64>> = setting
        .own_noise
        .iter()
        .map(|noise| noise * Scale(kappa / (2.0 - kappa)))
        .collect();
    let z = &step.own_feedback;
    let z_own = times_blocks(z, &own);
    // X = keep (T X + kappa Z E), a linear equation.
    let cross = resolvent(
        &(&transition * Scale(keep)),
        &(&z_own * Scale(keep * kappa)),
    );
    let mut noise = setting.newest_noise(step) * Scale(kappa * kappa);
    if !own.is_empty() {
        noise += twice_symmetric(&(&transition * &cross * z.transpose())) * Scale(kappa)
            + &z_own * z.transpose() * Scale(kappa * kappa);
    }
    Belief {
        response: Mat::new(),
        pools: lyapunov(&transition, &noise),
        cross,
        own,
    }
}

/// Covariances of the average over a window: the state is every generation in it, with readers' own noises.
fn window(setting: &Setting<'_>, step: &Step, width: usize) -> Option<Belief> {
    let (rows, own) = (step.feedback.nrows(), step.own_feedback.ncols());
    let size = width * (rows + own);
    if size > STACK_MAX {
        return None;
    }
    let share = 1.0 / width as f64;
    let (mut transition, mut noise) = (Mat::zeros(size, size), Mat::zeros(size, size));
    let noises = width * rows;
    for s in 0..width {
        transition
            .submatrix_mut(0, s * rows, rows, rows)
            .copy_from(&step.feedback * Scale(share));
        transition
            .submatrix_mut(0, noises + s * own, rows, own)
            .copy_from(&step.own_feedback * Scale(share));
    }
    shift(&mut transition, 0, (width, rows));
    shift(&mut transition, noises, (width, own));
    noise
        .submatrix_mut(0, 0, rows, rows)
        .copy_from(&setting.newest_noise(step));
    for (k, covariance) in setting.own_noise.iter().enumerate() {
        let at = noises + k * covariance.nrows();
        noise
            .submatrix_mut(at, at, covariance.nrows(), covariance.nrows())
            .copy_from(covariance);
    }
    let stacked = lyapunov(&transition, &noise);
    let mut belief = setting.nothing();
    for s in 0..width {
        for r in 0..width {
            belief.pools +=
                stacked.submatrix(s * rows, r * rows, rows, rows) * Scale(share * share);
            belief.cross +=
                stacked.submatrix(s * rows, noises + r * own, rows, own) * Scale(share * share);
        }
    }
    belief.own = setting
        .own_noise
        .iter()
        .map(|noise| noise * Scale(share))
        .collect();
    Some(belief)
}

/// Every generation but the newest becomes the next older one.
fn shift(transition: &mut Mat<f64>, at: usize, (width, size): (usize, usize)) {
    for i in 0..(width - 1) * size {
        transition[(at + size + i, at + i)] = 1.0;
    }
}

/// Numbers in the stacked state of a window that is still solved for.
const STACK_MAX: usize = 1536;
