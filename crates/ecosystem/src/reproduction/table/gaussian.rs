//! Normal distributions.

use super::super::formula::{
    accumulated, replaced, typical_deviation, wandered, wasserstein_squared,
};
use super::{
    ALEMOHAMMAD, Case, Check, DEY, FOUR, KAZDAN, Quantity, Reproduction, SHUMAILOV, SURESH,
    Statistic, Tolerance, plain,
};

const VARIANCE: Statistic = Statistic::Mean(Quantity::Value("variance"));
const DEVIATION: Quantity = Quantity::Value("standard_deviation");

const REPLACE: Case = plain("p01-gaussian-replace");
const REPLACE_TEN: Case = Case {
    scenario: "p01-gaussian-replace",
    overrides: &[
        ("population.*.real.documents", "10"),
        ("population.*.publish.documents", "10"),
        ("horizon.generations", "10"),
        // The distribution of the variance has a heavy tail at t = n.
        ("replicates", "40000"),
    ],
};

const fn p01(what: &'static str, case: &'static [Case], generation: u32) -> Check {
    Check {
        what,
        formula: "(1 - 1/n)^t",
        cases: case,
        generation,
        statistic: VARIANCE,
        expected: |setup| replaced(setup.documents(), setup.t),
        tolerance: FOUR,
    }
}

/// The mean of the variance, replacing.
pub(super) const P01: Reproduction = Reproduction {
    id: "P01",
    title: "Replacing shrinks the variance by 1 - 1/n a fit",
    papers: &[SHUMAILOV, KAZDAN],
    quick: true,
    checks: &[
        p01("E[variance], n = 100, t = 10", &[REPLACE], 10),
        p01("E[variance], n = 100, t = 50", &[REPLACE], 50),
        p01("E[variance], n = 10, t = 10", &[REPLACE_TEN], 10),
    ],
};

const TYPICAL: Case = plain("p02-gaussian-median");
const TYPICAL_TEN: Case = Case {
    scenario: "p02-gaussian-median",
    overrides: &[
        ("population.*.real.documents", "10"),
        ("population.*.publish.documents", "10"),
        // A median whose logarithm has a standard deviation of 1.8, to be known to 1 %.
        ("replicates", "100000"),
    ],
};

const fn p02(
    what: &'static str,
    case: &'static [Case],
    statistic: Statistic,
    tolerance: Tolerance,
) -> Check {
    Check {
        what,
        formula: "exp(t/2 (psi((n-1)/2) + ln(2/n)))",
        cases: case,
        generation: 50,
        statistic,
        expected: |setup| typical_deviation(setup.documents(), setup.t),
        tolerance,
    }
}

const MEDIAN: Statistic = Statistic::Median(DEVIATION);
const GEOMETRIC: Statistic = Statistic::GeometricMean(DEVIATION);
const THREE_PERCENT: Tolerance = Tolerance::Relative(0.03);

/// The typical standard deviation, replacing. The formula is exact for the geometric mean, and
/// approximate for the median, of which it was published.
pub(super) const P02: Reproduction = Reproduction {
    id: "P02",
    title: "The typical run loses its spread like exp(-t/n)",
    papers: &[SHUMAILOV, SURESH],
    quick: false,
    checks: &[
        p02(
            "median sd, n = 100, t = 50",
            &[TYPICAL],
            MEDIAN,
            THREE_PERCENT,
        ),
        p02(
            "median sd, n = 10, t = 50",
            &[TYPICAL_TEN],
            MEDIAN,
            THREE_PERCENT,
        ),
        p02("exp E[ln sd], n = 100, t = 50", &[TYPICAL], GEOMETRIC, FOUR),
        p02(
            "exp E[ln sd], n = 10, t = 50",
            &[TYPICAL_TEN],
            GEOMETRIC,
            FOUR,
        ),
    ],
};

const UNBIASED: Case = plain("p03-gaussian-unbiased");

const fn p03(what: &'static str, statistic: Statistic) -> Check {
    Check {
        what,
        formula: "1",
        cases: &[UNBIASED],
        generation: 10,
        statistic,
        expected: |_| 1.0,
        tolerance: FOUR,
    }
}

const DISTANCE: Statistic = Statistic::Mean(Quantity::Square("wasserstein_2"));

/// Mean, variance and Wasserstein distance with the unbiased estimator.
pub(super) const P03: Reproduction = Reproduction {
    id: "P03",
    title: "Without bias the mean still wanders: W2^2 grows like 1.5 t/n",
    papers: &[SHUMAILOV],
    quick: true,
    checks: &[
        p03("E[variance], n = 100, t = 10", VARIANCE),
        Check {
            formula: "t/n",
            expected: |setup| wandered(setup.documents(), setup.t),
            ..p03(
                "E[mean^2], n = 100, t = 10",
                Statistic::Mean(Quantity::Square("mean")),
            )
        },
        Check {
            formula: "1.5 t/n",
            expected: |setup| 1.5 * wandered(setup.documents(), setup.t),
            tolerance: THREE_PERCENT,
            ..p03("E[W2^2], n = 100, t = 10", DISTANCE)
        },
        Check {
            formula: "t/n + 2 (1 - c4(n)^t)",
            expected: |setup| wasserstein_squared(setup.documents(), setup.t),
            ..p03("E[W2^2], n = 100, t = 10, exact", DISTANCE)
        },
    ],
};

const ACCUMULATE: Case = plain("p04-gaussian-accumulate");
const ACCUMULATE_TEN: Case = Case {
    scenario: "p04-gaussian-accumulate",
    overrides: &[
        ("population.*.real.documents", "10"),
        ("population.*.publish.documents", "10"),
    ],
};

const fn p04(what: &'static str, case: &'static [Case]) -> Check {
    Check {
        what,
        formula: "prod_k (1 - 1/(n k^2))",
        cases: case,
        generation: 30,
        statistic: VARIANCE,
        expected: |setup| accumulated(setup.documents(), setup.t),
        tolerance: FOUR,
    }
}

const fn p04_mean(what: &'static str, case: &'static [Case]) -> Check {
    Check {
        formula: "1 - prod_k (1 - 1/(n k^2))",
        statistic: Statistic::Mean(Quantity::Square("mean")),
        expected: |setup| 1.0 - accumulated(setup.documents(), setup.t),
        ..p04(what, case)
    }
}

/// Mean and variance, accumulating.
pub(super) const P04: Reproduction = Reproduction {
    id: "P04",
    title: "Accumulating stops the loss of variance",
    papers: &[KAZDAN, DEY],
    quick: false,
    checks: &[
        p04("E[variance], n = 100, t = 30", &[ACCUMULATE]),
        p04_mean("E[mean^2], n = 100, t = 30", &[ACCUMULATE]),
        p04("E[variance], n = 10, t = 30", &[ACCUMULATE_TEN]),
        p04_mean("E[mean^2], n = 10, t = 30", &[ACCUMULATE_TEN]),
    ],
};

const fn p05(what: &'static str, case: &'static [Case]) -> Check {
    Check {
        what,
        formula: "sigma0^2",
        cases: case,
        generation: 20,
        statistic: Statistic::Mean(Quantity::SecondMoment),
        expected: |_| 1.0,
        tolerance: FOUR,
    }
}

const fn second_moment(overrides: &'static [(&'static str, &'static str)]) -> Case {
    Case {
        scenario: "p05-second-moment",
        overrides,
    }
}

const ALPHA: &str = "population.*.mixture.synthetic_fraction";
const REGIME: &str = "population.*.training.regime";
const MIXING: &str = "population.*.training.mixing";
const FAMILY: &str = "population.*.family";
/// Expectation maximisation keeps both moments of its training set; what the floor of the variance adds
/// is a millionth.
const MIXTURE: &str = "{ kind = \"gmm\", components = 2, variance_floor = 1e-6 }";
const MIXTURES_RUN: (&str, &str) = ("replicates", "2000");
const BUDGET: &str = "population.*.training.budget";

/// The second moment, in regimes that differ in everything else.
pub(super) const P05: Reproduction = Reproduction {
    id: "P05",
    title: "The second moment is conserved, whatever the regime",
    papers: &[],
    quick: false,
    checks: &[
        p05("E[variance + mean^2], replace", &[second_moment(&[])]),
        p05(
            "E[variance + mean^2], accumulate",
            &[second_moment(&[
                (ALPHA, "by-count"),
                (REGIME, "accumulate"),
            ])],
        ),
        p05(
            "E[variance + mean^2], accumulate, subsample",
            &[second_moment(&[
                (ALPHA, "by-count"),
                (REGIME, "accumulate"),
                (MIXING, "drawn"),
                (BUDGET, "{ documents = 20 }"),
            ])],
        ),
        p05(
            "E[variance + mean^2], half fresh real data",
            &[second_moment(&[
                (ALPHA, "0.5"),
                ("population.*.real.renewal", "fresh"),
            ])],
        ),
        p05(
            "E[variance + mean^2], a third fixed real data, window 3",
            &[second_moment(&[
                (ALPHA, "0.667"),
                (REGIME, "{ window = 3 }"),
            ])],
        ),
        p05(
            "E[variance + mean^2], discount, warm start",
            &[second_moment(&[
                (REGIME, "{ discount = 0.7 }"),
                ("population.*.training.start", "{ warm = 0.4 }"),
            ])],
        ),
        p05(
            "E[variance + mean^2], ring of 5, with replacement",
            &[second_moment(&[
                ("population.*.count", "5"),
                ("population.*.read.from", "{ ring = 1 }"),
                (MIXING, "drawn"),
                ("population.*.training.draw", "with-replacement"),
                (BUDGET, "{ documents = 30 }"),
            ])],
        ),
        p05(
            "E[variance + mean^2], mixtures of two, replace",
            &[second_moment(&[(FAMILY, MIXTURE), MIXTURES_RUN])],
        ),
        p05(
            "E[variance + mean^2], mixtures of two, discount, warm start",
            &[second_moment(&[
                (FAMILY, MIXTURE),
                MIXTURES_RUN,
                (REGIME, "{ discount = 0.7 }"),
                ("population.*.training.start", "{ warm = 0.4 }"),
            ])],
        ),
    ],
};

/// A temperature below 1, unbiased.
pub(super) const P12: Reproduction = Reproduction {
    id: "P12",
    title: "Sampling bias multiplies the variance by lambda a round",
    papers: &[ALEMOHAMMAD],
    quick: true,
    checks: &[Check {
        what: "E[variance], lambda = 0.8, t = 5",
        formula: "lambda^t",
        cases: &[plain("p12-sampling-bias")],
        generation: 5,
        statistic: VARIANCE,
        expected: |setup| libm::pow(setup.population().publish.temperature, f64::from(setup.t)),
        tolerance: FOUR,
    }],
};
