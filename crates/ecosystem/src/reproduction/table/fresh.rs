//! Real data beside synthetic ones: the same again and again, or fresh.

use super::super::formula::{fixed_real, fixed_real_refitted, fresh_real, fresh_real_refitted};
use super::{
    BERTRAND, Case, Check, FOUR, GARG, HE, Quantity, Reproduction, Statistic, Tolerance, plain,
};

const OFFSET: Case = plain("p14-fixed-real-set");
const SETTLED: Case = Case {
    scenario: "p14-fixed-real-set",
    overrides: &[
        // At home from the first training on, which is the fit to the real data alone.
        ("population.*.mixture.private_weight", "1.0"),
        // Enough that a tenth more would be noticed; the formula leaves out 3 % that the next check has.
        ("replicates", "8000"),
    ],
};
const SETTLED_EXACTLY: Case = Case {
    scenario: "p14-fixed-real-set",
    overrides: &[("population.*.mixture.private_weight", "1.0")],
};

const fn p14_ratio(what: &'static str, generation: u32, since: u32) -> Check {
    Check {
        what,
        formula: "lambda / (1 + lambda)",
        cases: &[OFFSET],
        generation,
        statistic: Statistic::Ratio {
            of: Quantity::Value("mean"),
            since,
        },
        expected: |setup| setup.synthetic_share(),
        tolerance: Tolerance::Relative(0.01),
    }
}

const P14_VARIANCE: Check = Check {
    what: "E[(mean - real mean)^2], t = 30",
    formula: "w^2 / (n_s (1 - w^2))",
    cases: &[SETTLED],
    generation: 30,
    statistic: Statistic::Mean(Quantity::SquareSinceFirst("mean")),
    expected: |setup| fixed_real(setup.documents(), setup.synthetic_share()),
    tolerance: FOUR,
};

/// The same real data in every training.
pub(super) const P14: Reproduction = Reproduction {
    id: "P14",
    title: "Real data that stay pull the model back by a fixed share a round",
    papers: &[BERTRAND],
    quick: true,
    checks: &[
        p14_ratio("offset at t = 2 / t = 1", 2, 1),
        p14_ratio("offset at t = 5 / t = 4", 5, 4),
        P14_VARIANCE,
        Check {
            what: "E[(mean - real mean)^2], t = 30, refitted variance",
            formula: "w^2 (1-1/n_r) / (n_s (1 - w^2 (1-1/n_s)))",
            cases: &[SETTLED_EXACTLY],
            expected: |setup| {
                let documents = (setup.documents(), setup.real_documents());
                fixed_real_refitted(documents, setup.synthetic_share())
            },
            ..P14_VARIANCE
        },
    ],
};

const GOLDEN: Case = plain("p25-golden-ratio");
const HALF: Case = Case {
    scenario: "p25-golden-ratio",
    overrides: &[("population.*.mixture.synthetic_fraction", "0.5")],
};
const THREE_QUARTERS: Case = Case {
    scenario: "p25-golden-ratio",
    overrides: &[("population.*.mixture.synthetic_fraction", "0.25")],
};

const fn p25(what: &'static str, cases: &'static [Case]) -> Check {
    Check {
        what,
        formula: "(w^2 + (1-w)^2) / (1 - (1-w)^2 (1-1/n)) / n",
        cases,
        generation: 8,
        statistic: Statistic::Mean(Quantity::Square("mean")),
        expected: |setup| fresh_real_refitted(setup.documents(), 1.0 - setup.synthetic_share()),
        tolerance: FOUR,
    }
}

/// Fresh real data beside synthetic ones; the published optimum lies between the two other weights, by
/// which the error is 8 % larger.
pub(super) const P25: Reproduction = Reproduction {
    id: "P25",
    title: "Fresh real data are best weighed by the golden ratio",
    papers: &[HE, GARG],
    quick: false,
    checks: &[
        Check {
            what: "E[mean^2], w = .618",
            formula: ".618 sigma0^2 / n",
            expected: |setup| fresh_real(setup.documents(), 1.0 - setup.synthetic_share()),
            ..p25("", &[GOLDEN])
        },
        p25("E[mean^2], w = .618, refitted variance", &[GOLDEN]),
        p25("E[mean^2], w = 1/2", &[HALF]),
        p25("E[mean^2], w = 3/4", &[THREE_QUARTERS]),
    ],
};
