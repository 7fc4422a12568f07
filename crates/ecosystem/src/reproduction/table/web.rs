//! Text, and what is read from the web.

use learn::Truth;

use super::super::formula::{behind_detector, bigram_rows, freshness};
use super::{
    CHO, Case, Check, FOUR, Quantity, Reproduction, SURESH, Setup, Statistic, Tolerance, plain,
};
use crate::scenario::schema::Clock;

/// The mean Gini-Simpson index of the rows at t over that of the truth.
fn rows_after(setup: &Setup<'_>, t: u32) -> f64 {
    let Truth::Markov {
        rows, stationary, ..
    } = setup.truth()
    else {
        return f64::NAN;
    };
    let tokens = setup.documents() * f64::from(setup.population().publish.tokens);
    bigram_rows(rows, stationary, tokens, t)
}

const ROWS: Check = Check {
    what: "mean row Gini-Simpson, t = 10",
    formula: "mean_i H_i (1 - 1/(n pi_i))^t",
    cases: &[plain("p21-bigram-replace")],
    generation: 10,
    statistic: Statistic::Mean(Quantity::Value("gini_simpson_rows")),
    expected: |setup| rows_after(setup, setup.t),
    tolerance: Tolerance::Relative(0.01),
};

/// A bigram model, replacing.
pub(super) const P21: Reproduction = Reproduction {
    id: "P21",
    title: "Each row of a bigram model forgets at the pace of its letter",
    papers: &[SURESH],
    quick: true,
    checks: &[
        ROWS,
        Check {
            what: "mean row Gini-Simpson, t = 10 over t = 1",
            formula: "the same, over t = 1",
            statistic: Statistic::Ratio {
                of: Quantity::Value("gini_simpson_rows"),
                since: 1,
            },
            expected: |setup| rows_after(setup, setup.t) / rows_after(setup, 1),
            ..ROWS
        },
        Check {
            what: "distinct bigrams, t = 10 over t = 1",
            formula: "0.69, as published",
            statistic: Statistic::Ratio {
                of: Quantity::Value("distinct_ngrams"),
                since: 1,
            },
            expected: |_| 0.69,
            tolerance: Tolerance::Relative(0.05),
            ..ROWS
        },
    ],
};

/// lambda I: new versions of a page between two visits of a crawler; not a number where either has no such clock.
fn changes(setup: &Setup<'_>) -> f64 {
    let pages = setup.scenario().population.last().map(|page| page.clock);
    match (setup.population().clock, pages) {
        (Clock::Periodic(interval), Some(Clock::Poisson(days))) => interval / days,
        _ => f64::NAN,
    }
}

const fn p23(what: &'static str, cases: &'static [Case]) -> Check {
    Check {
        what,
        formula: "(1 - e^(-lambda I)) / (lambda I)",
        cases,
        generation: 2,
        statistic: Statistic::Mean(Quantity::Average("freshness")),
        expected: |setup| freshness(changes(setup)),
        tolerance: Tolerance::Relative(0.01),
    }
}

/// Pages that change at random, and crawlers that come round regularly.
pub(super) const P23: Reproduction = Reproduction {
    id: "P23",
    title: "Recrawled every I, a page that changes at rate lambda is mostly stale",
    papers: &[CHO],
    quick: true,
    checks: &[
        p23("E[freshness], lambda I = 2", &[plain("p23-freshness")]),
        p23(
            "E[freshness], lambda I = 1",
            &[Case {
                scenario: "p23-freshness",
                overrides: &[("population.page.clock.poisson", "2.0")],
            }],
        ),
    ],
};

/// The synthetic share of what passes the detector of the population that is measured.
fn synthetic_share(setup: &Setup<'_>) -> f64 {
    let (seed, writers) = (
        &setup.scenario().web.seed,
        &setup.scenario().population[1..],
    );
    let real = seed.as_ref().map_or(0.0, |seed| f64::from(seed.documents));
    let written = writers
        .iter()
        .map(|writer| writer.count * writer.publish.documents);
    let synthetic = f64::from(written.sum::<u32>());
    let detector = setup.population().read.detector;
    let detector = detector.and_then(crate::scenario::schema::Detector::rates);
    detector.map_or(f64::NAN, |detector| {
        let x = synthetic / (synthetic + real);
        behind_detector(x, detector.true_positive_rate, detector.false_positive_rate)
    })
}

const FILTERED: Case = plain("p24-detector");

const fn p24(what: &'static str, generation: u32) -> Check {
    Check {
        what,
        formula: "x(1-TPR) / (x(1-TPR) + (1-x)(1-FPR))",
        cases: &[FILTERED],
        generation,
        statistic: Statistic::Mean(Quantity::Complement("real_share")),
        expected: synthetic_share,
        tolerance: FOUR,
    }
}

/// A detector between the web and a reader.
pub(super) const P24: Reproduction = Reproduction {
    id: "P24",
    title: "A detector changes the synthetic share by Bayes's rule",
    papers: &[],
    quick: true,
    checks: &[
        p24("E[synthetic share], x = 0.35, t = 1", 1),
        p24("E[synthetic share], x = 0.35, t = 2", 2),
    ],
};
