//! The formulas against the numbers that were published, and the table against itself.

use types::metric::Row;

use super::formula::*;
use super::setup::{Prepared, Setup};
use super::*;
use crate::scenario::schema::{Clock, From, Span};

#[track_caller]
fn near(value: f64, published: f64, digits: i32) {
    let half = 0.501 * libm::pow(10.0, -f64::from(digits));
    assert!(
        (value - published).abs() <= half,
        "{value} is not {published}"
    );
}

#[test]
fn replacing_has_its_published_values() {
    near(replaced(100.0, 10), 0.9044, 4);
    near(replaced(100.0, 50), 0.6050, 4);
    near(replaced(10.0, 10), 0.3487, 4);
    near(typical_deviation(100.0, 50), 0.604, 3);
    near(typical_deviation(10.0, 50), 0.00403, 5);
}

#[test]
fn the_unbiased_drift_has_its_published_values() {
    near(wandered(100.0, 10), 0.1, 9);
    // 1.5 t/n is the leading term; what was simulated for the table is 0.1503.
    assert!((wasserstein_squared(100.0, 10) / 0.15 - 1.0).abs() < 0.002);
}

#[test]
fn accumulating_falls_to_its_published_limit() {
    for (n, limit, digits) in [(10.0, 0.8434, 4), (100.0, 0.98363, 5)] {
        let x = std::f64::consts::PI / libm::sqrt(n);
        near(libm::sin(x) / x, limit, digits);
        assert!((accumulated(n, 100_000) - libm::sin(x) / x).abs() < 1e-5);
    }
}

#[test]
fn kernels_have_their_published_values() {
    let h = libm::sqrt(0.05);
    near(kernels_replaced(100.0, h, 1), 1.040, 3);
    near(kernels_replaced(100.0, h, 10), 1.382, 3);
    near(kernels_replaced(100.0, h, 20), 1.728, 3);
    near(kernels_replaced(100.0, h, 10_000), 5.0, 9);
    near(kernels_accumulated(100.0, h, 20), 1.1635, 4);
    // Every factor e in time adds h^2.
    let grown = kernels_accumulated(100.0, h, 27_183) - kernels_accumulated(100.0, h, 10_000);
    assert!((grown / 0.05 - 1.0).abs() < 0.001, "{grown}");
}

#[test]
fn mixed_regimes_have_their_published_values() {
    near(fixed_real(100.0, 2.0 / 3.0), 0.0080, 4);
    // Simulated with a refitted variance for the table.
    near(fixed_real_refitted((100.0, 50.0), 2.0 / 3.0), 0.0078, 4);
    let golden = 0.5 * (libm::sqrt(5.0) - 1.0);
    near(golden, 0.618, 3);
    near(fresh_real(1.0, golden), golden, 12);
    // The least of a fine grid is at the golden ratio.
    let grid = (1..10_000).map(|step| f64::from(step) * 1e-4);
    let least = grid.min_by(|a, b| fresh_real(1.0, *a).total_cmp(&fresh_real(1.0, *b)));
    assert!((least.unwrap() - golden).abs() < 1e-3);
}

/// What was published of choices was simulated; the integrals agree with it to a percent, and of two
/// candidates with E[d tanh(a d / 2)] / 2, where d is the difference of both.
#[test]
fn choices_have_their_published_values() {
    let one = |candidates| choice::climbed(candidates, 0.5, 1).0;
    let (mean, sd) = choice::climbed(4.0, 0.5, 10);
    let published = [0.2237, 0.3503, 0.4610, 2.96, 0.82];
    let exact = [one(2.0), one(4.0), one(16.0), mean, sd];
    for (value, published) in exact.into_iter().zip(published) {
        assert!(
            (value / published - 1.0).abs() < 0.01,
            "{value} is not {published}"
        );
    }
    let two = (-1000..=1000).map(|step| {
        let d = f64::from(step) * 0.01;
        let mass = 0.01 * libm::exp(-0.25 * d * d) / libm::sqrt(4.0 * std::f64::consts::PI);
        0.5 * mass * d * libm::tanh(0.25 * d)
    });
    near(one(2.0), two.sum(), 9);
    let (mean, sd) = choice::climbed(1.0, 0.5, 3);
    assert!(
        mean.abs() < 1e-9 && (sd - 1.0).abs() < 1e-9,
        "no choice, no change"
    );
    // Of infinitely many candidates, the density times exp(x / 2) is left.
    assert!((one(100_000.0) - 0.5).abs() < 1e-3);
}

#[test]
fn dictionaries_have_their_published_values() {
    let zipf = gini_simpson(&learn::zipf(1000, 1.0));
    near(zipf * replaced(1000.0, 10), 0.96100, 5);
    near(zipf * replaced(1000.0, 100), 0.87825, 5);
    near(0.98 * accumulated(20.0, 40), 0.90248, 5);
    near(1.0 - 0.995 * replaced(400.0, 101), 0.2273, 4);
}

#[test]
fn temperature_has_its_published_values() {
    near(libm::pow(0.8, 5.0), 0.3277, 4);
    let p = tempered(&[0.4, 0.3, 0.2, 0.1], 0.8, 5);
    for (p, published) in p.into_iter().zip([0.6448, 0.2680, 0.0778, 0.0094]) {
        near(p, published, 4);
    }
    let even = tempered(&[0.4, 0.3, 0.2, 0.1], 1.25, 50);
    assert!(even.iter().all(|p| (p - 0.25).abs() < 1e-4));
}

#[test]
fn regressions_have_their_published_values() {
    near(10.0 * regression((100.0, 10.0), 1.0), 1.1236, 4);
    let first = regression((100.0, 10.0), 1.0);
    near(first * inverse_squares(10), 0.1741, 4);
    near(first * inverse_squares(1_000_000), 0.1848, 4);
    near(wrong_teacher(0.1, 1.0, 0.0), 0.010, 3);
    near(wrong_teacher(0.5, 1.0, 0.0), 0.25, 3);
}

/// Both forms agree, and tend to (m / k) delta at the published pace.
#[test]
fn feedback_has_its_published_limit() {
    for t in [1, 2, 3, 10, 1000] {
        let (stepped, closed) = (fed_back(0.75, 0.02, t), fed_back_closed(0.75, 0.02, t));
        assert!((stepped - closed).abs() < 1e-13, "{stepped} {closed}");
    }
    let ahead = |t| 0.06 - fed_back_closed(0.75, 0.02, t);
    let pace = libm::log(ahead(1_000_000) / ahead(10_000)) / libm::log(100.0);
    assert!((pace + 0.25).abs() < 1e-4, "{pace}");
}

#[test]
fn slopes_and_shares_have_their_published_values() {
    near(missing_mass_slope(1.5), -0.333, 3);
    near(missing_mass_slope(2.0), -0.500, 3);
    near(behind_detector(0.35, 0.90, 0.042), 0.0532, 4);
}

/// The cut of Zipf's law and the finite number of draws must not bend the slope: of the exact sum
/// p (1-p)^T, it is within a fifth of the tolerance.
#[test]
fn the_law_of_missing_mass_holds_in_the_range_of_the_cases() {
    for check in find("P18").unwrap().checks {
        let mut points = Vec::new();
        for case in check.cases {
            let prepared = Prepared::new(case).unwrap();
            let setup = Setup {
                first: &prepared,
                t: 1,
            };
            let draws = f64::from(setup.population().real.documents.unwrap());
            let unseen = |&p: &f64| p * libm::exp(draws * libm::log1p(-p));
            let mass: f64 = setup.probabilities().iter().map(unseen).sum();
            points.push((libm::log(draws), libm::log(mass), (check.expected)(&setup)));
        }
        let count = points.len() as f64;
        let centre = points.iter().map(|point| point.0).sum::<f64>() / count;
        let spread: f64 = points
            .iter()
            .map(|point| (point.0 - centre) * (point.0 - centre))
            .sum();
        let slope = points
            .iter()
            .map(|point| (point.0 - centre) * point.1)
            .sum::<f64>()
            / spread;
        assert!((slope - points[0].2).abs() < 0.003, "{slope}");
    }
}

/// .949 was published of one chain. The pace depends on how even the letters are; it is the mean over
/// chains whose rows are uniform on the simplex, the standard deviation between chains being .001.
#[test]
fn rows_of_chains_forget_at_the_published_pace() {
    let mut rng = types::random::Seed(1)
        .key(0, types::random::Purpose::Distribution)
        .stream(0, 0);
    let ratios = (0..100).map(|_| {
        let (rows, stationary) = learn::random_markov(20, 1.0, &mut rng);
        let after = |t| bigram_rows(&rows, &stationary, 4000.0, t);
        after(10) / after(0)
    });
    near(ratios.sum::<f64>() / 100.0, 0.949, 3);
}

#[test]
fn every_case_is_a_scenario_and_every_formula_gives_a_number() {
    for reproduction in reproductions() {
        for check in reproduction.checks {
            for case in check.cases {
                let first = &Prepared::new(case).unwrap();
                let setup = Setup {
                    first,
                    t: check.generation,
                };
                assert!(
                    (check.expected)(&setup).is_finite(),
                    "{}: {}",
                    reproduction.id,
                    check.what
                );
            }
        }
    }
}

#[test]
fn the_web_of_sites_meets_its_closed_forms() {
    for id in ["W01", "W02", "W03", "W04", "W05"] {
        for outcome in find(id).unwrap().run(&Watch::BLIND).unwrap() {
            assert!(outcome.ok, "{outcome:?}");
        }
    }
}

/// Against the integral of q Phi((q - c) / sigma) by the midpoint rule, c found by counting.
#[test]
fn noisy_ranks_by_quadrature() {
    near(ranked(0.25, 0.0), 0.875, 12);
    near(ranked(0.25, 1e-4), 0.875, 4);
    near(ranked(0.25, 1e4), 0.5, 4);
    near(ranked(1.0, 0.3), 0.5, 9);
    let qualities: Vec<f64> = (0..2000).map(|i| (f64::from(i) + 0.5) / 2000.0).collect();
    for (keep, noise) in [(0.25, 0.25), (0.1, 1.0), (0.9, 0.05)] {
        let above = |c: f64| {
            let chances = qualities.iter().map(|q| learn::normal_cdf((q - c) / noise));
            chances.collect::<Vec<f64>>()
        };
        let (mut low, mut high) = (-9.0, 9.0);
        for _ in 0..60 {
            let c = 0.5 * (low + high);
            let share = above(c).iter().sum::<f64>() / 2000.0;
            (low, high) = if share > keep { (c, high) } else { (low, c) };
        }
        let chances = above(low);
        let sum: f64 = qualities.iter().zip(&chances).map(|(q, p)| q * p).sum();
        near(ranked(keep, noise), sum / chances.iter().sum::<f64>(), 5);
    }
}

#[test]
fn the_archive_meets_the_curve_of_minhash() {
    let all = find("P22").unwrap();
    let archived = all.checks[all.checks.len() - 4..].to_vec();
    let archived = Reproduction {
        checks: Vec::leak(archived),
        ..*all
    };
    for outcome in archived.run(&Watch::BLIND).unwrap() {
        assert!(outcome.ok, "{outcome:?}");
    }
}

#[test]
fn names_are_unique_and_every_file_is_used() {
    let mut used = std::collections::BTreeSet::new();
    for reproduction in reproductions() {
        let mut whats: Vec<_> = reproduction.checks.iter().map(|check| check.what).collect();
        whats.sort_unstable();
        whats.dedup();
        assert_eq!(
            whats.len(),
            reproduction.checks.len(),
            "{}",
            reproduction.id
        );
        used.extend(reproduction.cases().into_iter().map(|case| case.scenario));
    }
    assert_eq!(used.len(), scenarios().len());
    let prefix = |name: &str| name.split('-').next().map(str::to_uppercase);
    assert!(used.iter().all(|name| find(&prefix(name).unwrap()).is_ok()));
}

#[test]
fn a_slip_is_recognised() {
    assert_eq!(find("p13").unwrap().id, "P13");
    let slip = find("P1").unwrap_err().to_string();
    assert_eq!(slip, "no reproduction is called `P1`: did you mean `P01`?");
}

#[test]
fn a_false_expectation_is_reported() {
    let outcomes = find("P13").unwrap().run(&Watch::BLIND).unwrap();
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome.ok && outcome.z.is_none())
    );
    assert!(outcomes.into_iter().all(|outcome| !outcome.falsified().ok));
}

#[test]
fn trajectories_end_where_the_checks_are() {
    let watch = Watch {
        trajectories: true,
        ..Watch::BLIND
    };
    let (temperature, blind) = (find("P13").unwrap(), &Watch::BLIND);
    let (drawn, plain) = (temperature.run(&watch), temperature.run(blind));
    for (drawn, plain) in drawn.unwrap().iter().zip(plain.unwrap()) {
        let fits = drawn.trajectory.iter().map(|moment| moment.generation);
        assert!(fits.eq(1..=5), "{}", drawn.what);
        assert_eq!(drawn.trajectory[4..], plain.trajectory, "{}", drawn.what);
        let far = |moment: &Moment| (moment.measured - moment.expected).abs() > 1e-6;
        assert!(!drawn.trajectory.iter().any(far), "{}", drawn.what);
    }
}

#[test]
fn long_trajectories_are_thinned() {
    let check = Check {
        generation: 10_000,
        ..find("P01").unwrap().checks[0]
    };
    let fits = check.fits(true);
    assert!(fits.len() < 130 && fits[0] == 1 && fits.last() == Some(&10_000));
    assert!(fits.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(check.fits(false), [10_000]);
}

#[test]
fn what_is_not_a_number_is_never_close_enough() {
    for tolerance in [Tolerance::StandardErrors(4.0), Tolerance::Absolute(1.0)] {
        assert!(!tolerance.allows(1.0, f64::NAN, 1.0));
        assert!(!tolerance.allows(f64::NAN, 1.0, 1.0));
        assert!(tolerance.allows(1.0, 1.5, 1.0));
    }
}

#[test]
fn freshness_and_shares_have_their_published_values() {
    near(freshness(2.0), 0.4323, 4);
    near(own_share(400.0, 3544.0), 0.1014, 4);
}

/// A caption with count 1 or 2 for certain loses everything or half; with few documents the chain is small enough to be
/// followed by hand: n = 2, p = 1/2 gives N = 0, 1, 2 with 1/4, 1/2, 1/4.
#[test]
fn captions_by_hand() {
    near(captions::text_frozen(2, 0.5, 1), (0.25 * 0.5) / 0.75, 12);
    near(captions::text_frozen(2, 0.5, 3), 1.0 / 216.0, 12);
    near(captions::both_live(2, 0.5, 1), 0.25 * 0.5, 12);
    // Only N = 2 keeps anything, and from there on N = 2 is certain.
    near(captions::both_live(2, 0.5, 3), 0.25 * 0.125, 12);
    near(
        captions::both_live(150, 0.08, 10) / captions::text_frozen(150, 0.08, 10),
        0.824,
        3,
    );
    // Without fresh captions it is a dictionary's decay.
    near(
        captions::injected(0.75, (100.0, 0.0001), 10),
        0.75 * replaced(100.0, 10),
        4,
    );
}

/// Where all clocks are in step, `theory` knows the same numbers by another way: it follows models and readers, not blocks. The
/// reader is left out, for it publishes nothing; a writer finds what the reader finds, and draws from it.
#[test]
fn theory_agrees_where_clocks_are_in_step() {
    let mut compared = 0;
    let checks = ["A01", "A02", "A03"].map(|id| find(id).unwrap().checks);
    for check in checks.into_iter().flatten() {
        let first = &Prepared::new(&check.cases[0]).unwrap();
        let t = check.generation;
        let found = (check.expected)(&Setup { first, t });
        let mut scenario = first.scenario.clone();
        // As long as it is no longer than a generation, everybody reads what was written the last time.
        scenario.web.index_lag = Span::Generations(1.0);
        if scenario.population.len() == 2 {
            scenario.population.remove(0);
        }
        let writers = &mut scenario.population[0];
        if let From::Weights(weights) = &mut writers.read.from {
            weights.remove(0);
        }
        let drawn = writers.training.budget;
        let drawn = drawn.map_or(1.0, |budget| 1.0 - 1.0 / f64::from(budget.documents));
        let Ok(known) = crate::theory::expectation(&scenario, &first.data, false) else {
            assert!(matches!(
                scenario.population[0].clock,
                Clock::Poisson(_) | Clock::Periodic(_)
            ));
            continue;
        };
        let own = |row: &&Row| row.model == Some(0) && row.generation == t;
        near(
            known.rows.iter().find(own).unwrap().value,
            found * drawn,
            12,
        );
        compared += 1;
    }
    assert_eq!(compared, 6);
}

/// At one budget, 150 replicates tell random times from all at once and from turns.
#[test]
fn the_law_of_another_clock_is_a_miss() {
    const FEW: &[Case] = &[Case {
        scenario: "a01-one-at-a-time",
        overrides: &[("replicates", "150")],
    }];
    let clocks = find("A01").unwrap();
    let at_random = Check {
        cases: FEW,
        ..clocks.checks[1]
    };
    let few = Reproduction {
        checks: Vec::leak(vec![at_random]),
        ..*clocks
    };
    let outcome = &few.run(&Watch::BLIND).unwrap()[0];
    assert!(outcome.ok, "{outcome:?}");
    for other in &clocks.checks[3..] {
        let first = &Prepared::new(&other.cases[0]).unwrap();
        let t = other.generation;
        let wrong = (other.expected)(&Setup { first, t });
        let (measured, error) = (outcome.measured, outcome.standard_error);
        assert!(
            !outcome.tolerance.allows(wrong, measured, error),
            "{wrong} {outcome:?}"
        );
    }
}
