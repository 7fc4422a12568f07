//! Quadrature against closed forms.

use super::measures::{hellinger, kl, wasserstein};
use super::*;
use crate::measure::{Measure, Measured};

#[track_caller]
fn near(value: f64, exact: f64, relative: f64) {
    assert!(
        (value - exact).abs() <= relative * exact.abs(),
        "{value} is not {exact}"
    );
}

/// Means and variances, from collapsed to spread out.
const NORMALS: [(f64, f64); 5] = [
    (0.0, 1.0),
    (0.3, 1.4),
    (-4.0, 0.01),
    (2.0, 900.0),
    (0.1, 1e-8),
];

#[test]
fn distances_of_normals_have_their_closed_forms() {
    for (m, v) in NORMALS {
        for (mu, variance) in NORMALS {
            let (model, truth) = (Density::normal(m, v), Density::normal(mu, variance));
            let (delta, total) = (m - mu, v + variance);
            let exact = 0.5 * (libm::log(variance / v) + (v + delta * delta) / variance - 1.0);
            assert!((kl(&model, &truth) - exact).abs() < 1e-10 * (1.0 + exact));
            let overlap = libm::sqrt(2.0 * libm::sqrt(v * variance) / total)
                * libm::exp(-delta * delta / (4.0 * total));
            let exact = 1.0 - overlap;
            let square = libm::pow(hellinger(&model, &truth), 2.0);
            assert!((square - exact).abs() < 1e-10, "{square} is not {exact}");
            let exact = libm::hypot(delta, libm::sqrt(v) - libm::sqrt(variance));
            assert!((wasserstein(&model, &truth) - exact).abs() < 1e-9 * (1.0 + exact));
        }
    }
}

/// A kernel estimate with one kernel a point is a mixture; shifted as a whole, it is at the distance of the shift.
#[test]
fn a_shifted_mixture_is_at_the_distance_of_its_shift() {
    let at = |shift: f64| {
        let bell = |(mean, sd, weight)| Bell {
            weight,
            mean: mean + shift,
            sd,
        };
        let parts = [(-3.0, 0.2, 0.25), (0.0, 1.0, 0.5), (5.0, 0.01, 0.25)];
        Density::Normals(parts.map(bell).to_vec())
    };
    near(wasserstein(&at(0.0), &at(0.7)), 0.7, 1e-9);
    assert!(kl(&at(0.0), &at(0.0)) < 1e-12 && hellinger(&at(0.0), &at(0.0)) < 1e-12);
}

/// sd exp(1/2) sqrt(2 pi) of a normal; of two that do not touch, ln 2 more.
#[test]
fn entropy_has_its_closed_form() {
    let entropy = |density: &Density| {
        let mut out = Measured::new([Measure::Entropy].into_iter().collect());
        measure(density.moments(), || Some(density.clone()), None, &mut out);
        out.values[0].2
    };
    let exact = 0.5 + HALF_LOG_TAU;
    near(entropy(&Density::normal(3.0, 1.0)), exact, 1e-12);
    let bell = |mean| Bell {
        weight: 0.5,
        mean,
        sd: 1.0,
    };
    let two = Density::Normals(vec![bell(-40.0), bell(40.0)]);
    near(entropy(&two), exact + std::f64::consts::LN_2, 1e-12);
}

/// Quantiles of Student's t from tables (Abramowitz and Stegun 1964, table 26.10).
#[test]
fn student_has_its_tabulated_quantiles() {
    for (dof, above, quantile) in [
        (3.0, 0.025, 3.182),
        (10.0, 0.005, 3.169),
        (10.0, 0.25, 0.700),
    ] {
        let student = Density::StudentT(StudentT {
            dof,
            location: 1.0,
            scale: 2.0,
        });
        let x = student.quantile((1.0 - above, above));
        assert!((0.5 * (x - 1.0) - quantile).abs() < 5e-4, "{x}");
        let mirrored = student.quantile((above, 1.0 - above));
        near(x + mirrored, 2.0, 1e-12);
    }
}

/// With many degrees of freedom it is normal; with few, its density still integrates to 1 and has its variance.
#[test]
fn student_has_its_moments() {
    let student = |dof| StudentT {
        dof,
        location: 0.0,
        scale: 1.0,
    };
    let normal = Density::normal(0.0, 1.0);
    assert!(hellinger(&Density::StudentT(student(1e7)), &normal) < 1e-6);
    for dof in [4.5, 10.0] {
        let density = Density::StudentT(student(dof));
        let nodes = quadrature::nodes(&[&density]);
        let moment = |power: f64| -> f64 {
            let term =
                |&(x, weight): &(f64, f64)| weight * libm::exp(density.ln(x)) * libm::pow(x, power);
            nodes.iter().map(term).sum()
        };
        near(moment(0.0), 1.0, 1e-11);
        near(moment(2.0), student(dof).variance(), 1e-9);
    }
    assert!(wasserstein(&normal, &normal) < 1e-9);
}

/// A normal model measures the same against a normal truth in closed form and by quadrature.
#[test]
fn closed_forms_and_quadrature_agree_for_normal_models() {
    use crate::gaussian::{Estimator, Gaussian, Normal};
    use crate::{Family, Truth};

    let family = Gaussian {
        estimator: Estimator::Mle,
        single: false,
    };
    let model = Normal {
        mean: 0.5,
        variance: 0.6,
    };
    let measured = |truth: &Truth| {
        let mut out = Measured::new(Measure::all().iter().copied().collect());
        let mut rng = types::random::Seed(1)
            .key(0, types::random::Purpose::Observe)
            .stream(0, 0);
        family.evaluate(&model, &family.reference(truth), &mut rng, &mut out);
        out.values
    };
    let closed = measured(&Truth::Gaussian {
        mean: vec![-1.0],
        variance: vec![2.0],
    });
    let integrated = measured(&Truth::Line {
        density: Density::normal(-1.0, 2.0),
    });
    assert_eq!((closed.len(), integrated.len()), (7, 7));
    for (a, b) in closed.into_iter().zip(integrated) {
        assert_eq!(a.0, b.0);
        near(b.2, a.2, 1e-9);
    }
}

/// Moments of 40,000 draws, within five standard errors.
#[test]
fn draws_have_the_moments_of_the_density() {
    let towns =
        [(0.8, 0.0, 1.0), (0.2, 6.0, 0.5)].map(|(weight, mean, sd)| Bell { weight, mean, sd });
    let student = StudentT {
        dof: 10.0,
        location: 3.0,
        scale: 2.0,
    };
    for density in [Density::Normals(towns.to_vec()), Density::StudentT(student)] {
        let mut rng = types::random::Seed(3)
            .key(0, types::random::Purpose::RealData)
            .stream(0, 0);
        let draws = density.draw(40_000, &mut rng);
        let (mean, variance) = density.moments();
        let seen = draws.iter().sum::<f64>() / 4e4;
        assert!(
            (seen - mean).abs() < 5.0 * (variance / 4e4).sqrt(),
            "{seen}"
        );
        let square = |x: &f64| (x - seen) * (x - seen);
        let ratio = draws.iter().map(square).sum::<f64>() / 4e4 / variance;
        // A square of either has a standard deviation of at most two variances.
        assert!((ratio - 1.0).abs() < 5.0 * 2.0 / 200.0, "{ratio}");
    }
}

#[test]
fn quantiles_invert_tails() {
    let mixture = Density::Normals(vec![
        Bell {
            weight: 0.3,
            mean: -5.0,
            sd: 0.1,
        },
        Bell {
            weight: 0.7,
            mean: 5.0,
            sd: 2.0,
        },
    ]);
    for x in [-5.4, -5.0, 0.0, 4.0, 11.0, 25.0] {
        assert!((mixture.quantile(mixture.tails(x)) - x).abs() < 1e-9);
    }
}
