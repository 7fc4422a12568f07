//! Least squares.

use learn::Truth;

use super::super::formula::{inverse_squares, regression, wrong_teacher};
use super::{
    Case, Check, FOUR, GERSTGRASSER, Quantity, REGRESSION, Reproduction, STRONG, Setup, Statistic,
    Tolerance, plain,
};

const ERROR: Statistic = Statistic::Mean(Quantity::Value("coefficient_error"));

/// sigma^2 d / (T - d - 1) of the corpus that is published by the scenario.
fn first_error(setup: &Setup<'_>) -> f64 {
    let Truth::Linear { own, .. } = setup.truth() else {
        return f64::NAN;
    };
    let shape = (own.records as f64, own.coefficients.len() as f64);
    regression(shape, own.noise)
}

const REPLACED: Case = plain("p08-regression-replace");

const fn p08(what: &'static str, generation: u32) -> Check {
    Check {
        what,
        formula: "t sigma^2 d / (T-d-1)",
        cases: &[REPLACED],
        generation,
        statistic: ERROR,
        expected: |setup| f64::from(setup.t) * first_error(setup),
        tolerance: FOUR,
    }
}

/// Least squares, replacing.
pub(super) const P08: Reproduction = Reproduction {
    id: "P08",
    title: "Replacing adds the same error to a regression in every fit",
    papers: &[REGRESSION, GERSTGRASSER],
    quick: true,
    checks: &[
        p08("E[excess error], d = 10, T = 100, t = 1", 1),
        p08("E[excess error], d = 10, T = 100, t = 10", 10),
    ],
};

const ACCUMULATED: Case = plain("p09-regression-accumulate");

const fn p09(what: &'static str, generation: u32) -> Check {
    Check {
        what,
        formula: "sigma^2 d / (T-d-1) sum 1/k^2",
        cases: &[ACCUMULATED],
        generation,
        statistic: ERROR,
        expected: |setup| first_error(setup) * inverse_squares(setup.t),
        tolerance: FOUR,
    }
}

/// Least squares, accumulating.
pub(super) const P09: Reproduction = Reproduction {
    id: "P09",
    title: "Accumulating bounds the error of a regression",
    papers: &[GERSTGRASSER],
    quick: false,
    checks: &[
        p09("E[excess error], same inputs, t = 2", 2),
        p09("E[excess error], same inputs, t = 10", 10),
    ],
};

const TENTH: Case = plain("p15-wrong-teacher");
const MORE: Case = Case {
    scenario: "p15-wrong-teacher",
    overrides: &[
        ("corpora.right.distribution.records", "90000"),
        ("corpora.wrong.distribution.records", "10000"),
        ("replicates", "50"),
    ],
};
const HALF: Case = Case {
    scenario: "p15-wrong-teacher",
    overrides: &[
        ("corpora.right.distribution.records", "5000"),
        ("corpora.wrong.distribution.records", "5000"),
        ("population.*.mixture.private_weight", "0.5"),
    ],
};

/// p^2 c^2 + sigma^2 d / N.
fn misled(setup: &Setup<'_>) -> f64 {
    let wrong = setup.population().real.private.as_deref();
    let wrong = wrong.and_then(|name| setup.first.data.truth(name));
    let (Truth::Linear { own: right, .. }, Some(Truth::Linear { own: wrong, .. })) =
        (setup.truth(), wrong)
    else {
        return f64::NAN;
    };
    let pairs = right.coefficients.iter().zip(&wrong.coefficients);
    let gap = pairs.map(|(a, b)| (a - b) * (a - b)).sum();
    let records = (right.records + wrong.records) as f64;
    let variance = right.noise * right.noise;
    let sampling = variance * right.coefficients.len() as f64 / records;
    wrong_teacher(wrong.records as f64 / records, gap, sampling)
}

const fn p15(what: &'static str, cases: &'static [Case]) -> Check {
    Check {
        what,
        formula: "p^2 c^2 + sigma^2 d / N",
        cases,
        generation: 1,
        statistic: ERROR,
        expected: misled,
        tolerance: Tolerance::Relative(0.05),
    }
}

/// Least squares on labels of which some are wrong.
pub(super) const P15: Reproduction = Reproduction {
    id: "P15",
    title: "A share of wrong labels is an error that no amount of data removes",
    papers: &[STRONG],
    quick: true,
    checks: &[
        p15("E[excess error], p = .1, N = 10,000", &[TENTH]),
        p15("E[excess error], p = .1, N = 100,000", &[MORE]),
        p15("E[excess error], p = .5, N = 10,000", &[HALF]),
    ],
};
