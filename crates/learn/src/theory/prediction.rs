//! From a system to everything that can be said about it exactly.

use faer::{Col, Mat};

use super::TheoryError;
use super::joint::{Joint, State};
use super::limit::stationary;
use super::matrix::{resolvent, to_rows};
use super::memory::Memory;
use super::oracle::oracle_mean_squared_error;
use super::pooled::{Setting, Step};
use super::pooling::PoolingKind;
use super::snapshot::{Moments, Snapshot};
use super::spectrum::{CLOSE_TO_ONE, eigenvalues, largest_real_part, radius, retained};
use super::stability::{StableFamily, stable_families};
use super::system::{Retention, Start, System, Update};

/// Exact moments of a system, generation by generation and in the limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Moments at t = 0, 1, ..., T.
    pub generations: Vec<Moments>,
    /// Risk of model k on task j, at t = 0: also what never interacting models keep.
    pub first_risks: Vec<Vec<f64>>,
    /// The same at t = T.
    pub last_risks: Vec<Vec<f64>>,
    /// K d x K d covariances at t = T; nothing where they would be too large to be of use.
    pub last_covariances: Option<Covariances>,
    /// The long run; nothing if parameters change with time.
    pub limit: Option<Limit>,
    /// Mean squared error of record-weighted least squares on all real data, where there is a common truth.
    pub oracle: Option<f64>,
    /// What was exploited to get here.
    pub structure: Structure,
}

/// Covariance matrices of all models' coefficients, K d x K d, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariances {
    /// Given the labels of the real data.
    pub given_real: Vec<Vec<f64>>,
    /// Over these labels too.
    pub total: Vec<Vec<f64>>,
}

/// The long run of a system with constant parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Spectral radius of B.
    pub spectral_radius: f64,
    /// Largest real part of an eigenvalue of B.
    pub largest_real_part: f64,
    /// B, K d x K d; nothing where it would be too large to be of use.
    pub update: Option<Vec<Vec<f64>>>,
    /// Factor by which a deviation of the mean shrinks a generation, where it is not the spectral radius of B itself:
    /// updates that are missed, trainings that do not end, pools that average the past.
    pub mean_factor: Option<f64>,
    /// Expected coefficients; nothing if they do not converge.
    pub mean: Option<Vec<Vec<f64>>>,
    /// Moments; nothing if they do not converge, or if this program has no solution for them.
    pub moments: Option<Moments>,
    /// Risk of model k on task j.
    pub risks: Option<Vec<Vec<f64>>>,
    /// Families of systems with a proof of stability that this one belongs to.
    pub families: Vec<StableFamily>,
}

/// What the computation made use of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    /// Readers with the same row of W share a pool; the state has so many numbers.
    AlikeReaders(usize),
    /// Every source that is read is a pool; the state has so many numbers.
    Sources(usize),
    /// Nothing: the state is every model's coefficients and what it remembers, so many numbers.
    Nothing(usize),
}

/// Numbers in the largest state that is computed: beyond, a generation takes minutes and gigabytes.
pub const STATE_MAX: usize = 4096;

/// Rows of the largest covariance or update matrix that is given whole.
pub const WHOLE_MAX: usize = 512;

impl Limit {
    /// Generations in which a deviation of the mean falls to 1/e of itself; nothing where it does not fall by a factor.
    pub fn transfer_time(&self) -> Option<f64> {
        let factor = self.mean_factor.unwrap_or(self.spectral_radius);
        (self.mean.is_some() && factor > 0.0 && factor < 1.0).then(|| -1.0 / libm::log(factor))
    }
}

impl Prediction {
    /// Numbers in the state that a prediction of the system needs.
    pub fn size(system: &System) -> usize {
        if is_pooled(system) {
            super::pooling::Pooling::of(system).rank() * system.dimension
        } else {
            Joint::size(system)
        }
    }

    /// Of `generations` generations after the first training.
    ///
    /// # Errors
    /// If the state is larger than [`STATE_MAX`].
    pub fn of(system: &System, generations: usize) -> Result<Self, TheoryError> {
        if is_pooled(system) {
            pooled(system, generations)
        } else {
            joint(system, generations)
        }
    }
}

/// True if coefficients follow from what is pooled, so that the pools are all the state there is.
fn is_pooled(system: &System) -> bool {
    system.update == Update::Synchronous && system.start == Start::Scratch
}

fn check_size(size: usize) -> Result<(), TheoryError> {
    if size <= STATE_MAX {
        Ok(())
    } else {
        Err(TheoryError::TooLarge { size })
    }
}

fn pooled(system: &System, generations: usize) -> Result<Prediction, TheoryError> {
    let pooling = super::pooling::Pooling::of(system);
    let size = pooling.rank() * system.dimension;
    check_size(size)?;
    let setting = Setting::new(system);
    let mut memory = Memory::new(&setting);
    let mut step = setting.step(system.first_gains());
    let first = setting.snapshot(&step, &memory.belief(&setting));
    let (mut moments, mut last) = (vec![first.moments(system)], first.clone());
    for t in 1..=generations {
        memory.advance(&setting, &step);
        if t == 1 || !system.is_constant() {
            let alpha = system.alpha_at(t);
            step = setting.step(system.gains(alpha, &setting.pooled_grams, Start::Scratch));
        }
        last = setting.snapshot(&step, &memory.belief(&setting));
        moments.push(last.moments(system));
    }
    let whole = system.models() * system.dimension <= WHOLE_MAX;
    let covariances = || setting.covariances(&step, &memory.belief(&setting));
    Ok(Prediction {
        generations: moments,
        first_risks: first.risks(system),
        last_risks: last.risks(system),
        last_covariances: whole.then(|| Covariances::of(covariances())),
        limit: (generations > 0 && system.is_constant())
            .then(|| limit(&setting, &step))
            .transpose()?,
        oracle: oracle_mean_squared_error(&system.real, &system.reference),
        structure: match setting.pooling.kind {
            PoolingKind::AlikeReaders => Structure::AlikeReaders(size),
            PoolingKind::Sources => Structure::Sources(size),
        },
    })
}

impl Covariances {
    fn of((given_real, total): (Mat<f64>, Mat<f64>)) -> Self {
        Self {
            given_real: to_rows(&given_real),
            total: to_rows(&total),
        }
    }
}

fn limit(setting: &Setting<'_>, step: &Step) -> Result<Limit, TheoryError> {
    let system = setting.system;
    let known = eigenvalues(&step.feedback).ok_or(TheoryError::Eigenvalues)?;
    let size = system.models() * system.dimension;
    let factor = retained(&known, system.retention);
    let mut limit = Limit {
        spectral_radius: radius(&known),
        largest_real_part: largest_real_part(&known, known.len() < size),
        update: (size <= WHOLE_MAX).then(|| to_rows(&setting.update_matrix(step))),
        mean_factor: factor.filter(|_| system.retention != Retention::Replace),
        mean: None,
        moments: None,
        risks: None,
        families: stable_families(system, system.alpha_at(1), &setting.pooled_grams),
    };
    let converges = match factor {
        Some(factor) => factor < 1.0 - CLOSE_TO_ONE,
        None => limit.largest_real_part < 1.0 - CLOSE_TO_ONE,
    };
    if converges && let Some(belief) = stationary(setting, step) {
        let snapshot: Snapshot = setting.snapshot(step, &belief);
        let moments = snapshot.moments(system);
        limit.mean = Some(moments.mean.clone());
        limit.risks = Some(snapshot.risks(system));
        limit.moments = Some(moments);
    }
    Ok(limit)
}

fn joint(system: &System, generations: usize) -> Result<Prediction, TheoryError> {
    let size = Joint::size(system);
    check_size(size)?;
    let joint = Joint::new(system);
    let mut state: State = joint.first();
    let first = joint.snapshot(&state);
    let (mut moments, mut last) = (vec![first.moments(system)], first.clone());
    for t in 1..=generations {
        joint.advance(&mut state, t);
        last = joint.snapshot(&state);
        moments.push(last.moments(system));
    }
    let whole = system.models() * system.dimension <= WHOLE_MAX;
    Ok(Prediction {
        generations: moments,
        first_risks: first.risks(system),
        last_risks: last.risks(system),
        last_covariances: whole.then(|| Covariances::of(joint.covariances(&state))),
        limit: system
            .is_constant()
            .then(|| joint_limit(&joint, system))
            .transpose()?,
        oracle: oracle_mean_squared_error(&system.real, &system.reference),
        structure: Structure::Nothing(size),
    })
}

/// Of updates that are missed and trainings that do not end the mean has a limit in closed form.
fn joint_limit(joint: &Joint<'_>, system: &System) -> Result<Limit, TheoryError> {
    let (b, _) = joint.mean_update(Start::Scratch);
    let (update, real) = joint.mean_update(system.start);
    let known = eigenvalues(&b).ok_or(TheoryError::Eigenvalues)?;
    let factor = mean_factor(&update, system)?;
    let stable = match factor {
        Some(factor) => factor < 1.0 - CLOSE_TO_ONE,
        None => largest_real_part(&known, false) < 1.0 - CLOSE_TO_ONE,
    };
    let mean: Col<f64> = &real * joint.real_mean();
    let mean = resolvent(&update, &mean.as_mat().to_owned());
    let d = system.dimension;
    let by_model = |k: usize| (0..d).map(|i| mean[(k * d + i, 0)]).collect();
    Ok(Limit {
        spectral_radius: radius(&known),
        largest_real_part: largest_real_part(&known, false),
        mean_factor: factor,
        mean: stable.then(|| (0..system.models()).map(by_model).collect()),
        update: (b.nrows() <= WHOLE_MAX).then(|| to_rows(&b)),
        moments: None,
        risks: None,
        families: stable_families(system, system.alpha_at(1), joint.pooled_grams()),
    })
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
