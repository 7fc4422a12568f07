//! From a system to everything that can be said about it exactly.

use faer::Mat;

use super::TheoryError;
use super::course::Course;
use super::directions::Directions;
use super::joint::{Joint, State};
use super::matrix::to_rows;
use super::oracle::oracle_mean_squared_error;
use super::pace::Pace;
use super::pooling::{Pooling, PoolingKind};
use super::snapshot::{Moments, Snapshot};
use super::spectrum::{LongRun, radius};
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
    /// All designs have the same eigenvectors: every direction is a problem of its own.
    Directions {
        /// Problems that differ; directions in which all designs look alike are one.
        problems: usize,
        /// Numbers in the state of each.
        state: usize,
    },
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
    /// Cube of the size of the state, for each state there is, times generations: how long a prediction takes.
    pub fn work(system: &System, generations: usize) -> f64 {
        let (problems, size) = Directions::of_large(system)
            .map_or_else(|| (1, state_size(system)), |directions| directions.size());
        let cube = size as f64 * size as f64 * size as f64;
        problems as f64 * cube * (generations + 1) as f64
    }

    /// Of `generations` generations after the first training.
    ///
    /// # Errors
    /// If the state is larger than [`STATE_MAX`].
    pub fn of(system: &System, generations: usize) -> Result<Self, TheoryError> {
        if let Some(directions) = Directions::of_large(system) {
            directions.predict(system, generations)
        } else if is_pooled(system) {
            pooled(system, generations)
        } else {
            joint(system, generations)
        }
    }
}

/// True if coefficients follow from what is pooled, so that the pools are all the state there is.
pub(super) fn is_pooled(system: &System) -> bool {
    system.update == Update::Synchronous && system.start == Start::Scratch
}

/// Numbers in the state of a system that is taken whole.
pub(super) fn state_size(system: &System) -> usize {
    if is_pooled(system) {
        Pooling::of(system).rank() * system.dimension
    } else {
        Joint::size(system)
    }
}

pub(super) fn check_size(size: usize) -> Result<(), TheoryError> {
    if size <= STATE_MAX {
        Ok(())
    } else {
        Err(TheoryError::TooLarge { size })
    }
}

fn pooled(system: &System, generations: usize) -> Result<Prediction, TheoryError> {
    let size = state_size(system);
    check_size(size)?;
    let mut course = Course::new(system);
    let first = course.snapshot();
    let (mut moments, mut last) = (vec![first.moments(system)], first.clone());
    for _ in 0..generations {
        course.advance();
        last = course.snapshot();
        moments.push(last.moments(system));
    }
    let whole = system.models() * system.dimension <= WHOLE_MAX;
    let covariances = || course.setting.covariances(&course.step, &course.belief());
    Ok(Prediction {
        generations: moments,
        first_risks: first.risks(system),
        last_risks: last.risks(system),
        last_covariances: whole.then(|| Covariances::of(covariances())),
        limit: (generations > 0 && system.is_constant())
            .then(|| limit(&course))
            .transpose()?,
        oracle: oracle_mean_squared_error(&system.real, &system.reference),
        structure: match course.setting.pooling.kind {
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

impl Limit {
    /// Of a system with this long run; what comes of it is not told yet.
    pub(super) fn of(system: &System, run: &LongRun, families: Vec<StableFamily>) -> Self {
        let usual = is_pooled(system) && system.retention == Retention::Replace;
        Self {
            spectral_radius: radius(&run.eigenvalues),
            largest_real_part: run.largest_real_part(),
            update: None,
            mean_factor: run.factor.filter(|_| !usual),
            mean: None,
            moments: None,
            risks: None,
            families,
        }
    }

    /// Tells where a system ends.
    pub(super) fn ends_as(&mut self, snapshot: &Snapshot, system: &System) {
        let moments = snapshot.moments(system);
        self.mean = Some(moments.mean.clone());
        self.risks = Some(snapshot.risks(system));
        self.moments = Some(moments);
    }
}

fn limit(course: &Course<'_>) -> Result<Limit, TheoryError> {
    let (setting, step) = (&course.setting, &course.step);
    let system = setting.system;
    let run = course.long_run()?;
    let families = stable_families(system, system.alpha_at(1), &setting.pooled_grams);
    let mut limit = Limit::of(system, &run, families);
    let whole = system.models() * system.dimension <= WHOLE_MAX;
    limit.update = whole.then(|| to_rows(&setting.update_matrix(step)));
    if let Some(belief) = course.end(&run) {
        limit.ends_as(&setting.snapshot(step, &belief), system);
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

/// Of updates that are missed and trainings that do not end the mean alone has a limit in closed form.
fn joint_limit(joint: &Joint<'_>, system: &System) -> Result<Limit, TheoryError> {
    let pace = Pace::of(joint, system)?;
    let families = stable_families(system, system.alpha_at(1), joint.pooled_grams());
    let mut limit = Limit::of(system, &pace.run, families);
    limit.mean = pace.mean;
    limit.update = (pace.update.nrows() <= WHOLE_MAX).then(|| to_rows(&pace.update));
    Ok(limit)
}
