//! Labels that somebody verified.

use super::super::formula::learned_from_labels;
use super::{Case, Check, EVERY, FENG, Quantity, Reproduction, Setup, Statistic, Tolerance, plain};
use crate::scenario::schema::Family;

const WRONG: &str = "population.*.publish.mislabelled";

const BELOW: Case = plain("p16-verifier");
const ABOVE: Case = Case {
    scenario: "p16-verifier",
    overrides: &[(WRONG, "0.85")],
};

/// By the formula, with what the verifier lets through; not a number where there is none.
fn expected(setup: &Setup<'_>) -> f64 {
    let population = setup.population();
    let (Family::Discriminant { dimension }, Some(verifier), Some(separation)) = (
        &population.family,
        population.publish.verifier,
        setup.separation(),
    ) else {
        return f64::NAN;
    };
    let p = population.publish.mislabelled;
    let (wrong, right) = (p * verifier.keeps_wrong, (1.0 - p) * verifier.keeps_right);
    let documents = setup.documents() * (wrong + right);
    let size = (documents, f64::from(*dimension));
    learned_from_labels(size, separation, wrong / (wrong + right))
}

const fn accuracy(what: &'static str, cases: &'static [Case]) -> Check {
    Check {
        what,
        formula: "Phi(a c / sqrt(c^2 + 4(d-1)/N))",
        cases,
        generation: 1,
        statistic: Statistic::Mean(Quantity::Value("accuracy")),
        expected,
        tolerance: Tolerance::Absolute(0.03),
    }
}

/// Wrong labels behind a verifier.
pub(super) const P16: Reproduction = Reproduction {
    id: "P16",
    title: "Wrong labels behind a verifier: accuracy flips at p = phi / (phi + psi)",
    papers: &[FENG],
    quick: true,
    checks: &[
        accuracy("accuracy, p = 0.75", &[BELOW]),
        accuracy("accuracy, p = 0.85", &[ABOVE]),
        Check {
            what: "runs above 1/2 at p = 0.75, below at 0.85",
            formula: "all: p* = 0.8",
            statistic: Statistic::Straddles(Quantity::Value("accuracy"), 0.5),
            expected: |_| 1.0,
            tolerance: EVERY,
            ..accuracy("", &[ABOVE, BELOW])
        },
    ],
};
