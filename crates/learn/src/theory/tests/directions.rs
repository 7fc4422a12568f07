//! Systems whose designs have the same eigenvectors: direction by direction they are what they are whole.

use faer::{Mat, Scale};
use proptest::prelude::*;
use types::random::{Purpose, Seed};

use super::super::directions::Directions;
use super::super::*;
use super::random::{Kind, system};
use super::{GENERATIONS, agree, kinds};

/// A system whose designs have random eigenvectors in common. Some eigenvalues are 0, and in two directions out of three
/// all designs look alike if that is wanted. Tests have these eigenvectors too, unless they are to be `foreign`.
fn commuting(kind: Kind, alike: bool, foreign: bool) -> System {
    let mut system = system(kind);
    // Inverses of what is nearly singular agree to fewer digits than are compared.
    system.ridge.iter_mut().for_each(|ridge| *ridge += 0.01);
    let mut rng = Seed(kind.seed).key(1, Purpose::Distribution).stream(0, 0);
    let d = kind.dimension;
    let square = Mat::from_fn(d, d, |_, _| rng.normal());
    let turn = square.qr().compute_Q();
    let mut gram = |scale: f64| {
        let mut values: Vec<f64> = (0..d).map(|_| scale * (0.1 + rng.uniform())).collect();
        if rng.below(3) == 0 {
            values[0] = 0.0;
        }
        if alike && d > 2 {
            values[1] = values[2];
        }
        &turn * Mat::from_fn(d, d, |i, j| if i == j { values[i] } else { 0.0 }) * turn.transpose()
    };
    for (j, data) in system.real.iter_mut().enumerate() {
        data.design.gram = gram(1.0);
        data.fresh = kind.seed >> j & 1 == 1;
    }
    for published in &mut system.published {
        published.design.gram = gram(2.0);
    }
    let truth = |k: usize| system.reference[k].clone();
    let skew = Mat::from_fn(d, d, |i, j| 1.0 / (1.0 + i as f64 + j as f64));
    system.tasks = (0..kind.models)
        .map(|k| Task {
            design: Design {
                gram: if foreign { skew.clone() } else { gram(1.0) },
                records: 1.0,
            },
            truth: truth(k),
        })
        .collect();
    system
}

#[track_caller]
fn same(ours: f64, whole: f64, what: &str) {
    assert!(
        (ours - whole).abs() <= 1e-9 * (1.0 + whole.abs()),
        "{what}: {ours} is not {whole}"
    );
}

#[track_caller]
fn same_numbers(ours: &[Vec<f64>], whole: &[Vec<f64>], what: &str) {
    assert_eq!(ours.len(), whole.len(), "{what}");
    for (a, b) in ours.concat().iter().zip(whole.concat()) {
        same(*a, b, what);
    }
}

#[track_caller]
fn same_moments(ours: &Moments, whole: &Moments) {
    let lists = |of: &Moments| {
        vec![
            of.bias_squared.clone(),
            of.trace_given_real.clone(),
            of.trace_total.clone(),
            of.mean_squared_error.clone(),
        ]
    };
    same_numbers(&ours.mean, &whole.mean, "mean");
    same_numbers(&lists(ours), &lists(whole), "moments");
    same_numbers(&ours.risks, &whole.risks, "risks");
    assert_eq!(ours.disagreement.is_some(), whole.disagreement.is_some());
    if let (Some(a), Some(b)) = (ours.disagreement, whole.disagreement) {
        same(a.total, b.total, "disagreement");
        same(a.given_real, b.given_real, "disagreement given real labels");
        same(a.mean_part, b.mean_part, "disagreement of means");
    }
}

#[track_caller]
fn same_limits(ours: &Limit, whole: &Limit) {
    same(ours.spectral_radius, whole.spectral_radius, "radius");
    same(ours.largest_real_part, whole.largest_real_part, "real part");
    assert_eq!(ours.mean_factor.is_some(), whole.mean_factor.is_some());
    if let (Some(a), Some(b)) = (ours.mean_factor, whole.mean_factor) {
        same(a, b, "factor");
    }
    assert_eq!(ours.mean.is_some(), whole.mean.is_some());
    if let (Some(a), Some(b)) = (&ours.mean, &whole.mean) {
        same_numbers(a, b, "limit of the mean");
    }
    assert_eq!(ours.moments.is_some(), whole.moments.is_some());
    if let (Some(a), Some(b)) = (&ours.moments, &whole.moments) {
        same_moments(a, b);
    }
    assert_eq!(ours.families, whole.families);
}

/// Everything that is told, but for what is told of the whole alone.
#[track_caller]
fn check(system: &System) -> (usize, usize) {
    let directions = Directions::of(system).unwrap();
    let ours = directions.predict(system, GENERATIONS).unwrap();
    let whole = Prediction::of(system, GENERATIONS).unwrap();
    assert!(!matches!(whole.structure, Structure::Directions { .. }));
    for (a, b) in ours.generations.iter().zip(&whole.generations) {
        same_moments(a, b);
    }
    same_numbers(&ours.first_risks, &whole.first_risks, "first risks");
    same_numbers(&ours.last_risks, &whole.last_risks, "last risks");
    assert_eq!(ours.limit.is_some(), whole.limit.is_some());
    if let (Some(a), Some(b)) = (&ours.limit, &whole.limit) {
        same_limits(a, b);
    }
    // And both are what the definition says.
    let literal = super::moments(system, GENERATIONS);
    for (ours, literal) in ours.generations.iter().zip(&literal) {
        agree(ours, literal);
    }
    directions.size()
}

/// At least two directions.
fn wide(kind: Kind) -> Kind {
    Kind {
        dimension: kind.dimension + 1,
        ..kind
    }
}

proptest! {
    #[test]
    fn directions_together_are_the_whole(kind in kinds(), alike in any::<bool>(), foreign in any::<bool>()) {
        let kind = wide(kind);
        let (problems, _) = check(&commuting(kind, alike, foreign));
        prop_assert_eq!(problems, kind.dimension - usize::from(alike && kind.dimension > 2));
    }

    #[test]
    fn directions_follow_schedules_of_alpha(kind in kinds()) {
        let mut system = commuting(wide(kind), true, true);
        system.alpha = (0..GENERATIONS)
            .map(|t| system.alpha[0].iter().map(|alpha| alpha * t as f64 / GENERATIONS as f64).collect())
            .collect();
        check(&system);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn directions_know_of_missed_updates(kind in kinds(), p in prop::collection::vec(0.05..1.0, 3)) {
        let kind = wide(Kind { models: kind.models.min(2), dimension: kind.dimension.min(2), ..kind });
        let mut system = commuting(kind, true, false);
        system.update = Update::Bernoulli(p[..kind.models].to_vec());
        check(&system);
        system.update = Update::Synchronous;
        system.start = Start::Warm { steps: 3, size: 0.05 };
        check(&system);
    }
}

/// Poisson clocks, for which the literal computation has a form of its own: the whole is enough.
#[test]
fn directions_know_of_poisson_clocks() {
    let kind = Kind {
        models: 3,
        dimension: 3,
        retention: Retention::Replace,
        scrape: Scrape::Independent,
        seed: 5,
    };
    let mut system = commuting(kind, true, false);
    system.update = Update::Poisson(vec![0.3, 1.0, 2.5]);
    let ours = Directions::of(&system)
        .unwrap()
        .predict(&system, 5)
        .unwrap();
    let whole = Prediction::of(&system, 5).unwrap();
    for (a, b) in ours.generations.iter().zip(&whole.generations) {
        same_moments(a, b);
    }
    same_limits(&ours.limit.unwrap(), &whole.limit.unwrap());
}

#[test]
fn designs_without_common_eigenvectors_are_taken_whole() {
    let kind = Kind {
        models: 2,
        dimension: 3,
        retention: Retention::Replace,
        scrape: Scrape::Shared,
        seed: 8,
    };
    assert!(Directions::of(&system(kind)).is_none());
    let mut weak = commuting(kind, false, false);
    weak.ridge.fill(0.0);
    let vectors = Directions::of(&weak).unwrap();
    // A direction that the inverse of the whole takes for none.
    for (data, n) in weak.real.iter_mut().zip(0..) {
        data.design.gram = Mat::<f64>::identity(3, 3) * Scale(1.0 + f64::from(n));
        data.design.gram[(2, 2)] = 1e-11;
    }
    for published in &mut weak.published {
        published.design.gram = Mat::identity(3, 3);
    }
    assert!(Directions::of(&weak).is_none());
    // Where updates are missed, tests must not mix directions either.
    let mut foreign = commuting(kind, false, true);
    assert!(Directions::of(&foreign).is_some());
    foreign.update = Update::Bernoulli(vec![0.5; 2]);
    assert!(Directions::of(&foreign).is_none());
    assert_eq!(vectors.size().0, 3);
}

/// A ring too large to be taken whole. Along each eigenvector of a symmetric W, with eigenvalue mu, the noise of isotropic
/// records ends at (sigma^2 / n) (alpha mu)^2 / (1 - (alpha mu)^2).
#[test]
fn rings_have_the_variance_of_their_modes() {
    let (models, d, alpha, records) = (80, 8, 0.9, 25.0);
    let design = Design::isotropic(d, 1.0, records);
    let mut ring = System::empty(d);
    ring.real.push(RealData {
        design: design.clone(),
        truth: (0..d).map(|i| i as f64).collect(),
        noise: 1.0,
        fresh: false,
    });
    for k in 0..models {
        ring.private.push(0);
        ring.public.push(0);
        ring.published.push(Published {
            design: design.clone(),
            noise: 1.5,
        });
        let mut row = vec![0.0; models];
        row[k] = 0.5;
        row[(k + 1) % models] += 0.25;
        row[(k + models - 1) % models] += 0.25;
        ring.weights.push(row);
        ring.reference.push(ring.real[0].truth.clone());
    }
    ring.alpha = vec![vec![alpha; models]];
    ring.beta = vec![1.0; models];
    ring.ridge = vec![0.0; models];
    let prediction = Prediction::of(&ring, 2).unwrap();
    let structure = Structure::Directions {
        problems: 1,
        state: models,
    };
    assert_eq!(prediction.structure, structure);
    let mode = |m: usize| {
        let angle = 2.0 * std::f64::consts::PI * m as f64 / models as f64;
        let factor = alpha * (0.5 + 0.5 * libm::cos(angle));
        factor * factor / (1.0 - factor * factor)
    };
    let variance = 1.5 * 1.5 / records * (0..models).map(mode).sum::<f64>() / models as f64;
    let limit = prediction.limit.unwrap();
    same(limit.spectral_radius, alpha, "radius");
    for k in [0, 17] {
        let end = limit.moments.as_ref().unwrap();
        same(end.trace_given_real[k], d as f64 * variance, "variance");
        same(end.mean[k][5], 5.0, "mean");
        same(
            end.trace_total[k],
            d as f64 * (variance + 1.0 / records),
            "variance in all",
        );
    }
}
