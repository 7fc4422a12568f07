//! A public record of text that its writers learn from.

use super::{Case, Check, EVERY, Quantity, RIIS, Reproduction, Statistic, plain};

const NORMATIVE: Case = plain("p34-normative-filter");
const UNFILTERED: Case = Case {
    scenario: "p34-normative-filter",
    overrides: &[("population.*.publish.best_of.candidates", "1")],
};
const USUAL: Case = Case {
    scenario: "p34-normative-filter",
    overrides: &[("population.*.publish.best_of.opinion", "likelihood")],
};

const FORMS: Quantity = Quantity::Value("distinct_ngrams");
const LOSS: Quantity = Quantity::Of("cross_entropy", "record");

const fn direction(what: &'static str, cases: &'static [Case], statistic: Statistic) -> Check {
    Check {
        what,
        formula: "1, as published",
        cases,
        generation: 10,
        statistic,
        expected: |_| 1.0,
        tolerance: EVERY,
    }
}

/// Whether a filter keeps what reuse loses depends on what it rewards.
pub(super) const P34: Reproduction = Reproduction {
    id: "P34",
    title: "Reuse flattens a public record; what is selected decides how far",
    papers: &[RIIS],
    quick: false,
    checks: &[
        direction(
            "unfiltered: share of runs with fewer forms, t = 10 under t = 1",
            &[UNFILTERED],
            Statistic::Fell {
                of: FORMS,
                since: 1,
            },
        ),
        Check {
            formula: "0, as published",
            expected: |_| 0.0,
            ..direction(
                "unfiltered: share of runs with less loss, t = 10 under t = 1",
                &[UNFILTERED],
                Statistic::Fell { of: LOSS, since: 1 },
            )
        },
        direction(
            "share of runs with loss normative < unfiltered < usual, t = 10",
            &[NORMATIVE, UNFILTERED, USUAL],
            Statistic::Ordered(LOSS),
        ),
        direction(
            "share of runs with forms usual < unfiltered, t = 10",
            &[USUAL, UNFILTERED],
            Statistic::Ordered(FORMS),
        ),
    ],
};
