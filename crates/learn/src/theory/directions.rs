//! Systems whose designs all have the same eigenvectors: a problem for each direction, of models with one coefficient.
//!
//! Let the columns of O be the common eigenvectors of all Gram matrices. Then every gain is diagonal in them, so with
//! theta_k = O z_k
//!
//! ```text
//! z_t[i] = R[i] u[i] + B[i] z_{t-1}[i] + A[i] eta_t[i]        for each direction i
//! ```
//!
//! and what labels of different directions draw is uncorrelated. The state of K models is d times K numbers instead of K d, and
//! directions in which all designs have the same eigenvalues differ in the truths alone: their second moments are
//! computed once. Who misses an update misses it in all directions at once; that makes directions dependent, but not the moments of
//! a single one.

use faer::Mat;

use super::TheoryError;
use super::course::Course;
use super::design::{Design, Published, RealData};
use super::joint::Joint;
use super::matrix::{RANK_CUT_OFF, common_eigenvectors};
use super::oracle::oracle_mean_squared_error;
use super::pace::Pace;
use super::pooled::Belief;
use super::prediction::{
    Limit, Prediction, STATE_MAX, Structure, WHOLE_MAX, check_size, is_pooled, state_size,
};
use super::snapshot::{Snapshot, Spread};
use super::spectrum::LongRun;
use super::stability::stable_families;
use super::system::System;

/// A system, direction by direction.
#[derive(Debug)]
pub(super) struct Directions {
    /// The common eigenvectors, a column each.
    vectors: Mat<f64>,
    problems: Vec<Problem>,
}

/// Directions in which all designs look alike.
#[derive(Debug)]
struct Problem {
    /// Models with one coefficient: that of the first of these directions.
    system: System,
    /// Which directions, and E u of each.
    directions: Vec<(usize, Vec<f64>)>,
}

/// Moments of one direction at one generation.
#[derive(Debug, Clone)]
struct Part {
    mean: Vec<f64>,
    given_real: Variances,
    total: Variances,
}

/// Variance of each model, and of the sum over models.
#[derive(Debug, Clone)]
struct Variances {
    own: Vec<f64>,
    of_sum: f64,
}

/// A direction followed through the generations.
#[derive(Debug)]
struct Track {
    parts: Vec<Part>,
    run: Option<LongRun>,
    /// The limit, where it is known.
    end: Option<Part>,
    /// The limit of the mean alone.
    mean: Option<Vec<f64>>,
}

/// Off the diagonal, relative to a matrix: what counts as rounding of eigenvectors in common.
const ROUNDING: f64 = 1e-12;

/// Eigenvalues that differ by less than this share of the largest are the same.
const ALIKE: f64 = 1e-13;

/// An eigenvalue of what is inverted that is smaller than this share of the largest may count as zero there.
const CLEAR_OF_CUT_OFF: f64 = 1e3 * RANK_CUT_OFF;

impl Directions {
    /// The directions of a system that is too large to be told whole: smaller ones are taken as they are.
    pub(super) fn of_large(system: &System) -> Option<Self> {
        let (state, stacked) = (state_size(system), system.models() * system.dimension);
        let is_large = state > WHOLE_MAX && (stacked > WHOLE_MAX || state > STATE_MAX);
        is_large.then(|| Self::of(system)).flatten()
    }

    /// The directions of a system; nothing if its designs have no eigenvectors in common.
    pub(super) fn of(system: &System) -> Option<Self> {
        if system.dimension < 2 {
            return None;
        }
        let real = system.real.iter().map(|data| &data.design);
        let published = system.published.iter().map(|published| &published.design);
        let mut grams: Vec<&Mat<f64>> = real.chain(published).map(|design| &design.gram).collect();
        if !is_pooled(system) {
            // Directions depend on each other where updates are missed: a test that mixes them would have to know how.
            grams.extend(system.tasks.iter().map(|task| &task.design.gram));
        }
        let vectors = common_eigenvectors(&grams, ROUNDING)?;
        let alone: Vec<System> = (0..system.dimension)
            .map(|i| along(system, &vectors, i))
            .collect();
        is_clear(&alone).then(|| Self {
            problems: problems(alone, is_pooled(system)),
            vectors,
        })
    }

    /// Number of problems, and numbers in the state of each.
    pub(super) fn size(&self) -> (usize, usize) {
        let states = self
            .problems
            .iter()
            .map(|problem| state_size(&problem.system));
        (self.problems.len(), states.max().unwrap_or(0))
    }

    /// Everything that is told of a system that is too large to tell covariances and B.
    pub(super) fn predict(
        &self,
        system: &System,
        generations: usize,
    ) -> Result<Prediction, TheoryError> {
        let (problems, state) = self.size();
        check_size(state)?;
        let mut tracks: Vec<Option<Track>> = (0..system.dimension).map(|_| None).collect();
        for problem in &self.problems {
            for (direction, track) in problem.follow(generations)? {
                tracks[direction] = Some(track);
            }
        }
        let tracks: Vec<Track> = tracks.into_iter().flatten().collect();
        let at = |t: usize| self.whole(tracks.iter().map(|track| &track.parts[t]));
        Ok(Prediction {
            generations: (0..=generations).map(|t| at(t).moments(system)).collect(),
            first_risks: at(0).risks(system),
            last_risks: at(generations).risks(system),
            last_covariances: None,
            limit: self.limit(system, &tracks),
            oracle: oracle_mean_squared_error(&system.real, &system.reference),
            structure: Structure::Directions { problems, state },
        })
    }

    fn limit(&self, system: &System, tracks: &[Track]) -> Option<Limit> {
        let runs: Option<Vec<LongRun>> = tracks.iter().map(|track| track.run.clone()).collect();
        let run = LongRun::together(&runs?);
        let families = stable_families(system, system.alpha_at(1), &system.pooled_grams());
        let mut limit = Limit::of(system, &run, families);
        let ends: Option<Vec<&Part>> = tracks.iter().map(|track| track.end.as_ref()).collect();
        let means: Option<Vec<&Vec<f64>>> =
            tracks.iter().map(|track| track.mean.as_ref()).collect();
        if let Some(ends) = ends {
            limit.ends_as(&self.whole(ends.into_iter()), system);
        } else if let Some(means) = means {
            limit.mean = Some(self.turned(&means));
        }
        Some(limit)
    }

    /// Coefficients from what they are along each direction: z_k turned by O, model by model.
    fn turned(&self, means: &[&Vec<f64>]) -> Vec<Vec<f64>> {
        let d = self.vectors.nrows();
        let entry = |k: usize, row: usize| {
            let along = means.iter().enumerate();
            along
                .map(|(i, mean)| self.vectors[(row, i)] * mean[k])
                .sum()
        };
        (0..means[0].len())
            .map(|k| (0..d).map(|row| entry(k, row)).collect())
            .collect()
    }

    /// Moments of the whole from those of every direction, in order.
    fn whole<'a>(&self, parts: impl Iterator<Item = &'a Part>) -> Snapshot {
        let parts: Vec<&Part> = parts.collect();
        let means: Vec<&Vec<f64>> = parts.iter().map(|part| &part.mean).collect();
        Snapshot {
            mean: self.turned(&means),
            given_real: self.spread(&parts, |part| &part.given_real),
            total: self.spread(&parts, |part| &part.total),
        }
    }

    fn spread(&self, parts: &[&Part], of: impl Fn(&Part) -> &Variances) -> Spread {
        let turned = |variance: &dyn Fn(&Variances) -> f64| {
            let mut scaled = self.vectors.clone();
            for (i, part) in parts.iter().enumerate() {
                let variance = variance(of(part));
                scaled.col_mut(i).iter_mut().for_each(|x| *x *= variance);
            }
            scaled * self.vectors.transpose()
        };
        Spread {
            own: (0..parts[0].mean.len())
                .map(|k| turned(&|variances| variances.own[k]))
                .collect(),
            of_sum: turned(&|variances| variances.of_sum),
        }
    }
}

/// The system along one direction.
fn along(system: &System, vectors: &Mat<f64>, i: usize) -> System {
    let vector = vectors.col(i);
    let design = |design: &Design| {
        let value = vector.transpose() * &design.gram * vector;
        // What is rounding of a zero has to be one: it is going to be divided by.
        let is_zero = value <= RANK_CUT_OFF * design.gram.norm_max();
        Design::isotropic(1, if is_zero { 0.0 } else { value }, design.records)
    };
    let component = |x: &Vec<f64>| vec![vector.transpose() * faer::ColRef::from_slice(x)];
    let mut alone = System {
        dimension: 1,
        tasks: Vec::new(),
        real: Vec::new(),
        published: Vec::new(),
        reference: system.reference.iter().map(component).collect(),
        ..system.clone()
    };
    alone.real.extend(system.real.iter().map(|data| RealData {
        design: design(&data.design),
        truth: component(&data.truth),
        noise: data.noise,
        fresh: data.fresh,
    }));
    let published = system.published.iter().map(|published| Published {
        design: design(&published.design),
        noise: published.noise,
    });
    alone.published.extend(published);
    alone
}

/// True if no direction is so weak, and not zero, in anything that is inverted that an inverse of the whole would count it as
/// zero.
fn is_clear(alone: &[System]) -> bool {
    let system = &alone[0];
    let pooled: Vec<Vec<Mat<f64>>> = alone.iter().map(System::pooled_grams).collect();
    let first = vec![0.0; system.models()];
    let later = system.alpha.iter().map(|alpha| (alpha, &system.beta[..]));
    let mut trainings = later.chain([(&first, system.first_beta())]);
    trainings.all(|(alpha, beta)| {
        (0..system.models()).all(|k| {
            let h = |i: usize| {
                alone[i].real_gram_at(k, beta[k])[(0, 0)] * (1.0 - alpha[k])
                    + pooled[i][k][(0, 0)] * alpha[k]
                    + system.ridge[k]
            };
            let values: Vec<f64> = (0..alone.len()).map(h).collect();
            let largest = values.iter().copied().fold(0.0, f64::max);
            let is_clear = |x: &f64| *x == 0.0 || *x > CLEAR_OF_CUT_OFF * largest;
            values.iter().all(is_clear)
        })
    })
}

/// One problem for all directions that look alike; where these are coupled through their means, one each.
fn problems(alone: Vec<System>, by_looks: bool) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for (i, system) in alone.into_iter().enumerate() {
        let member = (i, system.real_means().concat());
        let known = problems
            .iter_mut()
            .find(|problem| by_looks && look_alike(&problem.system, &system));
        match known {
            Some(problem) => problem.directions.push(member),
            None => problems.push(Problem {
                system,
                directions: vec![member],
            }),
        }
    }
    problems
}

/// True if all designs of two directions are the same.
fn look_alike(a: &System, b: &System) -> bool {
    fn values(system: &System) -> impl Iterator<Item = f64> {
        let real = system.real.iter().map(|data| &data.design);
        let published = system.published.iter().map(|published| &published.design);
        real.chain(published).map(|design| design.gram[(0, 0)])
    }
    values(a)
        .zip(values(b))
        .all(|(a, b)| (a - b).abs() <= ALIKE * a.max(b))
}

impl Problem {
    /// Every direction with its moments.
    fn follow(&self, generations: usize) -> Result<Vec<(usize, Track)>, TheoryError> {
        if is_pooled(&self.system) {
            self.follow_pools(generations)
        } else {
            self.follow_all(generations)
        }
    }

    fn follow_pools(&self, generations: usize) -> Result<Vec<(usize, Track)>, TheoryError> {
        let mut course = Course::new(&self.system);
        let mut parts = vec![self.parts(&course, &course.belief())];
        for _ in 0..generations {
            course.advance();
            parts.push(self.parts(&course, &course.belief()));
        }
        let run = (generations > 0 && self.system.is_constant())
            .then(|| course.long_run())
            .transpose()?;
        let end = run.as_ref().and_then(|run| course.end(run));
        let end = end.map(|belief| self.parts(&course, &belief));
        let track = |(n, (direction, _)): (usize, &(usize, Vec<f64>))| {
            let track = Track {
                parts: parts.iter().map(|parts| parts[n].clone()).collect(),
                run: run.clone(),
                end: end.as_ref().map(|parts| parts[n].clone()),
                mean: None,
            };
            (*direction, track)
        };
        Ok(self.directions.iter().enumerate().map(track).collect())
    }

    /// Moments of each of these directions: they differ in their means.
    fn parts(&self, course: &Course<'_>, belief: &Belief) -> Vec<Part> {
        let first = Part::of(&course.setting.snapshot(&course.step, belief));
        let part = |(_, real_means): &(usize, Vec<f64>)| Part {
            mean: course
                .setting
                .means(&course.step, belief, real_means)
                .concat(),
            ..first.clone()
        };
        self.directions.iter().map(part).collect()
    }

    fn follow_all(&self, generations: usize) -> Result<Vec<(usize, Track)>, TheoryError> {
        let joint = Joint::new(&self.system);
        let mut state = joint.first();
        let mut parts = vec![Part::of(&joint.snapshot(&state))];
        for t in 1..=generations {
            joint.advance(&mut state, t);
            parts.push(Part::of(&joint.snapshot(&state)));
        }
        let pace = self
            .system
            .is_constant()
            .then(|| Pace::of(&joint, &self.system))
            .transpose()?;
        let (run, mean) = pace.map_or((None, None), |pace| (Some(pace.run), pace.mean));
        let track = Track {
            parts,
            run,
            end: None,
            mean: mean.map(|mean| mean.concat()),
        };
        Ok(vec![(self.directions[0].0, track)])
    }
}

impl Part {
    /// Of models with one coefficient.
    fn of(snapshot: &Snapshot) -> Self {
        let variances = |spread: &Spread| Variances {
            own: spread.own.iter().map(|own| own[(0, 0)]).collect(),
            of_sum: spread.of_sum[(0, 0)],
        };
        Self {
            mean: snapshot.mean.concat(),
            given_real: variances(&snapshot.given_real),
            total: variances(&snapshot.total),
        }
    }
}
