//! Models that share one budget of text.

use super::{Case, Check, EVERY, HODEL, Quantity, Reproduction, Statistic, plain};

const COUNT: &str = "population.*.count";
const WRITTEN: &str = "population.*.publish.documents";

const fn sharing(overrides: &'static [(&'static str, &'static str)]) -> Case {
    Case {
        scenario: "p27-shared-budget",
        overrides,
    }
}

const ONE: Case = plain("p27-shared-budget");
const TWO: Case = sharing(&[(COUNT, "2"), (WRITTEN, "1000")]);
const FOUR: Case = sharing(&[(COUNT, "4"), (WRITTEN, "500")]);
const SIXTEEN: Case = sharing(&[(COUNT, "16"), (WRITTEN, "125")]);

/// In every run the loss rises from each case to the next.
const fn ordered(what: &'static str, generation: u32, cases: &'static [Case]) -> Check {
    Check {
        what,
        formula: "1, as published",
        cases,
        generation,
        statistic: Statistic::Ordered(Quantity::Of("cross_entropy", "record")),
        expected: |_| 1.0,
        tolerance: EVERY,
    }
}

/// One model is best at first, sixteen in the end.
pub(super) const P27: Reproduction = Reproduction {
    id: "P27",
    title: "The longer it goes on, the more models should share one budget",
    papers: &[HODEL],
    quick: false,
    checks: &[
        ordered(
            "runs with loss of 1 < 2 < 4 < 16 models, t = 2",
            2,
            &[ONE, TWO, FOUR, SIXTEEN],
        ),
        ordered(
            "runs with loss of 4 < 2 < 1 models, t = 10",
            10,
            &[FOUR, TWO, ONE],
        ),
        ordered(
            "runs with loss of 4 < 16 models, t = 10",
            10,
            &[FOUR, SIXTEEN],
        ),
        ordered(
            "runs with loss of 16 < 4 < 2 < 1 models, t = 80",
            80,
            &[SIXTEEN, FOUR, TWO, ONE],
        ),
    ],
};
