//! Kernel density estimates.

use super::super::formula::{kernels_accumulated, kernels_replaced};
use super::{Case, Check, KAZDAN, Quantity, Reproduction, Statistic, Tolerance, plain};

const VARIANCE: Statistic = Statistic::Mean(Quantity::Value("variance"));
const TWO_PERCENT: Tolerance = Tolerance::Relative(0.02);

const REPLACE: Case = plain("p10-kde-replace");

const fn p10(what: &'static str, generation: u32) -> Check {
    Check {
        what,
        formula: "n h^2 + (1 - n h^2) (1 - 1/n)^t",
        cases: &[REPLACE],
        generation,
        statistic: VARIANCE,
        expected: |setup| kernels_replaced(setup.documents(), setup.bandwidth(), setup.t),
        tolerance: TWO_PERCENT,
    }
}

/// The variance of a kernel estimate, replacing.
pub(super) const P10: Reproduction = Reproduction {
    id: "P10",
    title: "Replacing makes a kernel estimate spread",
    papers: &[KAZDAN],
    quick: true,
    checks: &[
        p10("E[variance], n = 100, t = 1", 1),
        p10("E[variance], n = 100, t = 10", 10),
        p10("E[variance], n = 100, t = 20", 20),
    ],
};

const ACCUMULATE: Case = plain("p11-kde-accumulate");

const fn p11(what: &'static str, generation: u32) -> Check {
    Check {
        what,
        formula: "v_t + h^2, v_t by recursion, like h^2 ln t",
        cases: &[ACCUMULATE],
        generation,
        statistic: VARIANCE,
        expected: |setup| kernels_accumulated(setup.documents(), setup.bandwidth(), setup.t),
        tolerance: TWO_PERCENT,
    }
}

/// The variance of a kernel estimate, accumulating.
pub(super) const P11: Reproduction = Reproduction {
    id: "P11",
    title: "Accumulating lets a kernel estimate spread only like ln t",
    papers: &[KAZDAN],
    quick: true,
    checks: &[
        p11("E[variance], n = 100, t = 5", 5),
        p11("E[variance], n = 100, t = 20", 20),
    ],
};
