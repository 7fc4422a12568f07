//! Kernel density estimates: bandwidths, moments, sampling, distances.

use super::*;
use crate::measure::Measure;
use types::content::Numbers;
use types::random::{Purpose, Seed};

const FIXED: Kde = Kde {
    dimension: 1,
    bandwidth: Bandwidth::Fixed(0.5),
    single: false,
};

fn numbers(dimension: u32, values: &[f64]) -> Content {
    Content::F64(Numbers {
        dimension,
        values: values.to_vec(),
    })
}

fn fit(family: Kde, parts: &[(&[f64], f64)]) -> Kernels {
    let mut statistic = family.statistic();
    for (values, weight) in parts {
        let content = numbers(family.dimension as u32, values);
        family.absorb(&mut statistic, &content, 0..content.len(), *weight);
    }
    family.fit(&statistic, None).unwrap()
}

fn measured(family: Kde, fitted: &Kernels, truth: &Truth, measure: Measure) -> f64 {
    let mut out = Measured::new([measure].into_iter().collect());
    let mut rng = Seed(1).key(0, Purpose::Observe).stream(0, 0);
    family.evaluate(fitted, &family.reference(truth), &mut rng, &mut out);
    out.values.first().map_or(f64::NAN, |value| value.2)
}

fn standard(dimension: usize) -> Truth {
    Truth::Gaussian {
        mean: vec![0.0; dimension],
        variance: vec![1.0; dimension],
    }
}

/// Variance 2 of n = 4 points: 1.06 s n^(-1/5), with the constant in full.
#[test]
fn silverman_follows_his_formula() {
    let family = Kde {
        bandwidth: Bandwidth::Silverman,
        ..FIXED
    };
    let fitted = fit(family, &[(&[0.0, 0.0, 0.0, 4.0], 1.0)]);
    let sd = 3.0_f64.sqrt();
    assert!((fitted.bandwidth - sd * (4.0 / 12.0_f64).powf(0.2)).abs() < 1e-12);
    assert!((fitted.bandwidth / (1.06 * sd * 4.0_f64.powf(-0.2)) - 1.0).abs() < 0.001);
    let scaled = fit(family, &[(&[0.0, 0.0, 0.0, 4.0], 7.0)]);
    assert_eq!(fitted.bandwidth.to_bits(), scaled.bandwidth.to_bits());
}

#[test]
fn the_kernel_adds_its_variance() {
    let fitted = fit(FIXED, &[(&[-1.0, 1.0], 1.0), (&[5.0], 2.0)]);
    let truth = standard(1);
    assert!((measured(FIXED, &fitted, &truth, Measure::Mean) - 2.5).abs() < 1e-12);
    let variance = 0.5 * 0.25 + (0.25 * (3.5 * 3.5 + 1.5 * 1.5) + 0.5 * 2.5 * 2.5) + 0.25 * 0.5;
    assert!((measured(FIXED, &fitted, &truth, Measure::Variance) - variance).abs() < 1e-12);
}

/// With distances wanted too, moments come from the density: the same numbers.
#[test]
fn moments_do_not_depend_on_what_else_is_wanted() {
    let fitted = fit(FIXED, &[(&[-1.0, 1.0, 3.5], 1.0)]);
    let mut out = Measured::new(Measure::all().iter().copied().collect());
    let mut rng = Seed(1).key(0, Purpose::Observe).stream(0, 0);
    FIXED.evaluate(&fitted, &FIXED.reference(&standard(1)), &mut rng, &mut out);
    for (measure, _, value) in out.values {
        let alone = measured(FIXED, &fitted, &standard(1), measure);
        assert_eq!(value.to_bits(), alone.to_bits(), "{measure:?}");
    }
}

#[test]
fn one_kernel_is_the_truth() {
    let truth = Truth::Gaussian {
        mean: vec![2.0],
        variance: vec![9.0],
    };
    let fitted = FIXED.truth(&truth).unwrap();
    for measure in [
        Measure::KlDivergence,
        Measure::Hellinger,
        Measure::Wasserstein2,
    ] {
        assert!(
            measured(FIXED, &fitted, &truth, measure) < 1e-8,
            "{measure:?}"
        );
    }
    assert!((measured(FIXED, &fitted, &truth, Measure::Variance) - 9.0).abs() < 1e-12);
}

/// Moments of 40,000 draws from two kernels in the plane, within five standard errors.
#[test]
fn samples_have_the_moments_of_the_model() {
    let family = Kde {
        dimension: 2,
        bandwidth: Bandwidth::Fixed(0.5),
        single: false,
    };
    let fitted = fit(family, &[(&[-1.0, 0.0], 1.0), (&[3.0, 0.0], 3.0)]);
    let mut rng = Seed(5).key(0, Purpose::Sample).stream(0, 0);
    let mut content = Content::empty(family.kind());
    let order = Order {
        documents: 40_000,
        temperature: 4.0,
        ..Order::default()
    };
    family.sample(&fitted, &order, &mut rng, &mut content);
    let mut seen = Points::new(2);
    seen.absorb(&content, 0..content.len(), 1.0);
    let (mean, variance) = seen.moments();
    // The temperature makes the kernel's variance 1.
    for (value, exact, spread) in [
        (mean[0], 2.0, 2.0),
        (mean[1], 0.0, 1.0),
        (variance[0], 4.0, 6.0),
        (variance[1], 1.0, 1.5),
    ] {
        assert!(
            (value - exact).abs() < 5.0 * spread / 200.0,
            "{value} is not {exact}"
        );
    }
}

#[test]
fn the_fit_is_bits_and_merging_is_absorbing() {
    let whole = fit(FIXED, &[(&[0.1, 0.2, 0.7], 1.0)]);
    let mut merged = FIXED.statistic();
    for part in [&[0.1, 0.2][..], &[0.7]] {
        let mut statistic = FIXED.statistic();
        FIXED.absorb(&mut statistic, &numbers(1, part), 0..part.len(), 1.0);
        FIXED.merge(&mut merged, &statistic, 1.0);
    }
    assert_eq!(FIXED.fit(&merged, None).unwrap(), whole);
    assert!(FIXED.fit(&FIXED.statistic(), None).is_err());
    assert_eq!(
        FIXED.fit(&merged, Some((&whole, 0.5))),
        Err(FitError::ColdOnly)
    );
}

/// Binning changes nothing that matters: every distance agrees to five digits.
#[test]
fn bins_measure_what_kernels_measure() {
    let mut rng = Seed(3).key(0, Purpose::Sample).stream(0, 0);
    let values: Vec<f64> = (0..=BELLS_MAX).map(|_| rng.normal()).collect();
    let many = fit(FIXED, &[(&values, 1.0)]);
    let bell = |(point, weight): (&[f64], f64)| Bell {
        weight: weight / values.len() as f64,
        mean: point[0],
        sd: many.bandwidth,
    };
    let exact = Density::Normals(many.points.iter().map(bell).collect());
    let truth = Density::normal(0.3, 1.0);
    let all = |density: &Density| {
        let mut out = Measured::new(Measure::all().iter().copied().collect());
        density::measure(
            density.moments(),
            || Some(density.clone()),
            Some(&truth),
            &mut out,
        );
        out.values
    };
    let Some(Density::Normals(bells)) = many.density() else {
        panic!("there is a density")
    };
    assert!(bells.len() < BELLS_MAX);
    for (a, b) in all(&Density::Normals(bells)).into_iter().zip(all(&exact)) {
        assert!((a.2 - b.2).abs() <= 1e-5 * b.2.abs() + 1e-9, "{a:?} {b:?}");
    }
}

/// Distances of a plane are not measured; its moments are.
#[test]
fn in_the_plane_there_are_moments_only() {
    let family = Kde {
        dimension: 2,
        ..FIXED
    };
    let fitted = fit(family, &[(&[0.0, 0.0, 2.0, 0.0], 1.0)]);
    assert!(measured(family, &fitted, &standard(2), Measure::Hellinger).is_nan());
    assert!((measured(family, &fitted, &standard(2), Measure::Variance) - 0.75).abs() < 1e-12);
}
