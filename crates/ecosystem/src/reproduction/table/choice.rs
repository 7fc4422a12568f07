//! Documents that somebody chose.

use super::super::choice::climbed;
use super::{Case, Check, FERBACH, Quantity, Reproduction, Setup, Statistic, Tolerance, plain};

const MEAN: Statistic = Statistic::Mean(Quantity::Value("mean"));
const DEVIATION: Statistic = Statistic::Mean(Quantity::Value("standard_deviation"));

const CANDIDATES: &str = "population.*.publish.best_of.candidates";

const TWO: Case = Case {
    scenario: "p17-best-of",
    overrides: &[(CANDIDATES, "2"), ("horizon.generations", "1")],
};
const FOUR: Case = plain("p17-best-of");
const SIXTEEN: Case = Case {
    scenario: "p17-best-of",
    overrides: &[(CANDIDATES, "16"), ("horizon.generations", "1")],
};

/// Mean and standard deviation by the formula; not numbers where nothing is chosen.
fn expected(setup: &Setup<'_>) -> (f64, f64) {
    let choice = setup.population().publish.best_of.as_ref();
    choice.map_or((f64::NAN, f64::NAN), |choice| {
        climbed(f64::from(choice.candidates), choice.reward, setup.t)
    })
}

const fn p17(what: &'static str, cases: &'static [Case], generation: u32) -> Check {
    Check {
        what,
        formula: "E[sum x e^ax / sum e^ax], then refit",
        cases,
        generation,
        statistic: MEAN,
        expected: |setup| expected(setup).0,
        tolerance: Tolerance::Relative(0.02),
    }
}

/// Mean and standard deviation under a choice among candidates.
pub(super) const P17: Reproduction = Reproduction {
    id: "P17",
    title: "Choosing the best of K moves the mean for ever",
    papers: &[FERBACH],
    quick: true,
    checks: &[
        p17("E[mean], K = 2, t = 1", &[TWO], 1),
        p17("E[mean], K = 4, t = 1", &[FOUR], 1),
        p17("E[mean], K = 16, t = 1", &[SIXTEEN], 1),
        p17("E[mean], K = 4, t = 10", &[FOUR], 10),
        Check {
            statistic: DEVIATION,
            expected: |setup| expected(setup).1,
            ..p17("E[sd], K = 4, t = 10", &[FOUR], 10)
        },
    ],
};
