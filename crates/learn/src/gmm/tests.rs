//! Mixtures: likelihood, recovery, collapse, warm starts.

use super::*;
use crate::measure::Measure;
use types::random::{Purpose, Seed};

const TWO: Gmm = Gmm {
    dimension: 1,
    components: 2,
    covariance: Covariance::Full,
    variance_floor: 1e-6,
    iterations_max: 500,
    single: false,
};
const PLANE: Gmm = Gmm {
    dimension: 2,
    components: 3,
    ..TWO
};

fn stream(id: u32) -> Stream {
    Seed(12).key(0, Purpose::Sample).stream(id, 0)
}

fn line(parts: &[(f64, f64, f64)]) -> Components {
    let part = |&(weight, mean, sd): &(f64, f64, f64)| Component::of(&Bell { weight, mean, sd });
    Components {
        parts: parts.iter().map(part).collect(),
    }
}

/// Documents of `model` as weighted points, every third one counting double.
fn written(family: Gmm, model: &Components, documents: usize, id: u32) -> Points {
    let mut content = Content::empty(family.kind());
    let order = Order {
        documents,
        ..Order::default()
    };
    family.sample(model, &order, &mut stream(id), &mut content);
    let mut points = family.statistic();
    for index in 0..documents {
        let weight = if index % 3 == 0 { 2.0 } else { 1.0 };
        points.absorb(&content, index..index + 1, weight);
    }
    points
}

fn points(values: &[f64]) -> Points {
    let mut points = Points::new(1);
    points.values.extend_from_slice(values);
    points.weights.resize(values.len(), 1.0);
    points
}

fn plane() -> Components {
    let part = |weight: f64, mean: [f64; 2], tilt: f64| Component {
        weight,
        mean: ndarray::arr1(&mean),
        covariance: ndarray::arr2(&[[1.0, tilt], [tilt, 1.0]]),
    };
    let parts = vec![
        part(0.5, [0.0, 0.0], 0.9),
        part(0.3, [4.0, 4.0], -0.5),
        part(0.2, [-5.0, 3.0], 0.0),
    ];
    Components { parts }
}

#[test]
fn the_likelihood_never_falls() {
    let spikes = points(&[0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 50.0, 50.0, 51.0]);
    let many = Gmm {
        components: 6,
        ..TWO
    };
    let diagonal = Gmm {
        covariance: Covariance::Diagonal,
        ..PLANE
    };
    let overlapping = line(&[(0.6, 0.0, 1.0), (0.4, 1.0, 2.0)]);
    for (family, points) in [
        (TWO, written(TWO, &overlapping, 300, 0)),
        (many, written(TWO, &overlapping, 300, 1)),
        (many, spikes),
        (PLANE, written(PLANE, &plane(), 300, 2)),
        (diagonal, written(PLANE, &plane(), 300, 3)),
        (PLANE, written(PLANE, &plane(), 4, 4)),
    ] {
        let em = em::Em::new(&family, &points);
        let start = start::centres(&points, family.components, em.floor);
        let likelihoods = em.likelihoods(start, 200);
        for pair in likelihoods.windows(2) {
            let rounding = 1e-10 * (1.0 + pair[0].abs());
            assert!(pair[1] >= pair[0] - rounding, "{family:?}: {pair:?}");
        }
    }
}

/// Standard errors of weighted moments of some 2000 documents are below 0.05; the bounds are three to four of them.
#[test]
fn separate_components_are_found() {
    let model = line(&[(0.25, -6.0, 0.5), (0.75, 4.0, 1.5)]);
    let mut fitted = TWO.fit(&written(TWO, &model, 4000, 5), None).unwrap();
    fitted.parts.sort_by(|a, b| a.mean[0].total_cmp(&b.mean[0]));
    for (found, part) in fitted.parts.iter().zip(&model.parts) {
        assert!((found.weight - part.weight).abs() < 0.04, "{found:?}");
        assert!((found.mean[0] - part.mean[0]).abs() < 0.15, "{found:?}");
        let ratio = found.covariance[(0, 0)] / part.covariance[(0, 0)];
        assert!((ratio - 1.0).abs() < 0.15, "{found:?}");
    }
}

#[test]
fn a_tilted_component_is_found_if_covariances_are_full() {
    let points = written(PLANE, &plane(), 4000, 6);
    let tilt = |family: Gmm| {
        let fitted = family.fit(&points, None).unwrap();
        let tilts = fitted.parts.iter().map(|part| part.covariance[(0, 1)]);
        tilts.fold(0.0, f64::max)
    };
    assert!((tilt(PLANE) - 0.9).abs() < 0.15);
    let diagonal = Gmm {
        covariance: Covariance::Diagonal,
        ..PLANE
    };
    assert_eq!(tilt(diagonal).to_bits(), 0.0_f64.to_bits());
}

/// One component is the normal distribution of maximum likelihood.
#[test]
fn one_component_has_the_moments_of_the_data() {
    let one = Gmm {
        components: 1,
        ..TWO
    };
    let points = written(TWO, &line(&[(0.5, 1e6, 1.0), (0.5, 1e6 + 9.0, 1.0)]), 50, 7);
    let fitted = one.fit(&points, None).unwrap();
    let (mean, variance) = points.moments();
    assert!((fitted.parts[0].mean[0] - mean[0]).abs() < 1e-8);
    assert!((fitted.parts[0].covariance[(0, 0)] / variance[0] - 1.0).abs() < 1e-9);
}

#[test]
fn the_same_points_give_the_same_bits() {
    let points = written(PLANE, &plane(), 200, 8);
    assert_eq!(PLANE.fit(&points, None), PLANE.fit(&points.clone(), None));
}

/// Components that close in on one value stop at the floor, and measuring them gives numbers.
#[test]
fn a_collapsing_component_stops_at_the_floor() {
    let values = points(&[0.0, 0.0, 0.0, 0.0, 0.0, 8.0, 10.0, 12.0]);
    let fitted = TWO.fit(&values, None).unwrap();
    let floor = 1e-6 * values.moments().1[0];
    let least = fitted.parts.iter().map(|part| part.covariance[(0, 0)]);
    assert_eq!(
        least.fold(f64::INFINITY, f64::min).to_bits(),
        floor.to_bits()
    );
    let mut out = Measured::new(Measure::all().iter().copied().collect());
    let truth = Truth::Gaussian {
        mean: vec![0.0],
        variance: vec![1.0],
    };
    TWO.evaluate(&fitted, &TWO.reference(&truth), &mut stream(0), &mut out);
    assert!(
        out.values.iter().all(|value| value.2.is_finite()),
        "{out:?}"
    );
}

#[test]
fn few_points_have_few_components() {
    for (values, count) in [
        (&[3.0, 3.0, 3.0][..], 1),
        (&[3.0], 1),
        (&[1.0, 2.0, 1.0], 2),
    ] {
        let fitted = Gmm {
            components: 5,
            ..TWO
        }
        .fit(&points(values), None)
        .unwrap();
        assert_eq!(fitted.parts.len(), count, "{values:?}");
        let weights: f64 = fitted.parts.iter().map(|part| part.weight).sum();
        assert!((weights - 1.0).abs() < 1e-12);
    }
    assert!(TWO.fit(&TWO.statistic(), None).is_err());
}

/// Mean and second moment of the mixture move by the rate, whatever its components do.
#[test]
fn a_warm_start_moves_part_of_the_way() {
    let old = line(&[(0.5, -3.0, 1.0), (0.5, 3.0, 1.0)]);
    let data = written(TWO, &line(&[(0.8, -1.0, 1.0), (0.2, 6.0, 2.0)]), 500, 9);
    let moments = |model: &Components| {
        let (mean, variance) = model.moments();
        [mean, variance + mean * mean]
    };
    let mixed = TWO.fit(&data, Some((&old, 0.25))).unwrap();
    let new = TWO.fit(&data, Some((&old, 1.0))).unwrap();
    for ((mixed, old), new) in moments(&mixed)
        .into_iter()
        .zip(moments(&old))
        .zip(moments(&new))
    {
        assert!((mixed - 0.75 * old - 0.25 * new).abs() < 1e-10);
    }
    let (mean, variance) = data.moments();
    let exact = [mean[0], variance[0] + mean[0] * mean[0]];
    for (new, exact) in moments(&new).into_iter().zip(exact) {
        assert!(
            (new - exact).abs() < 1e-9,
            "rounds keep the moments of the data"
        );
    }
}

#[test]
fn distances_vanish_at_the_truth() {
    let bells = vec![
        Bell {
            weight: 0.4,
            mean: -2.0,
            sd: 0.5,
        },
        Bell {
            weight: 0.6,
            mean: 1.0,
            sd: 1.0,
        },
    ];
    let truth = Truth::Line {
        density: Density::Normals(bells),
    };
    let (reference, at) = (TWO.reference(&truth), TWO.truth(&truth).unwrap());
    let wanted = [
        Measure::KlDivergence,
        Measure::Hellinger,
        Measure::Wasserstein2,
    ];
    let mut out = Measured::new(wanted.into_iter().collect());
    TWO.evaluate(&at, &reference, &mut stream(0), &mut out);
    assert!(
        out.values.iter().all(|value| value.2.abs() < 1e-8),
        "{out:?}"
    );
}
