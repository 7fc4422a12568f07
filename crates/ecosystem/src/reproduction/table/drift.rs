//! Clocks, windows and shares of attention: how fast a pool loses diversity.

use super::super::drift::{Drift, windowed};
use super::super::formula::gini_simpson;
use super::{
    Case, Check, FOUR, HILL, LAAKSO, MORAN, Quantity, Reproduction, Setup, Statistic, WRIGHT, plain,
};
use crate::scenario::schema::{Clock, From, Population, Regime};

const DIVERSITY: Statistic = Statistic::Mean(Quantity::Value("gini_simpson"));

/// Those who write: the last population.
fn writers<'a>(setup: &Setup<'a>) -> Option<&'a Population> {
    setup.scenario().population.last()
}

/// The parts that the writers have in what is read; none unless all are read alike or have weights.
fn shares(writers: &Population) -> Vec<f64> {
    let count = writers.count as usize;
    match &writers.read.from {
        From::Everyone => vec![1.0 / f64::from(writers.count); count],
        From::Weights(weights) => {
            // In the order of the populations, the writers last.
            let own = &weights[weights.len().saturating_sub(count)..];
            let sum: f64 = own.iter().sum();
            own.iter().map(|weight| weight / sum).collect()
        }
        From::Zipf(_) | From::Ring(_) | From::Islands(_) | From::Matrix(_) | From::Edges(_) => {
            Vec::new()
        }
    }
}

/// The mean Gini-Simpson index that the reader finds at its fit number t, a round each.
fn found(setup: &Setup<'_>) -> f64 {
    let Some(writers) = writers(setup) else {
        return f64::NAN;
    };
    let written = f64::from(writers.publish.documents);
    let budget = writers.training.budget;
    let drawn = budget.map_or(1.0, |budget| 1.0 - 1.0 / f64::from(budget.documents));
    let kept = (1.0 - 1.0 / written) * drawn;
    let start = (gini_simpson(setup.probabilities()), written);
    let drift = Drift::new(shares(writers), kept, start);
    let drift = match writers.clock {
        // The reader comes at the same moment as the writers, and finds what they wrote the last time.
        Clock::LockStep => drift.together(setup.t - 1),
        Clock::Poisson(_) => drift.at_random(setup.t),
        Clock::Periodic(_) => drift.in_turn(setup.t),
        Clock::Bernoulli(_) | Clock::LogNormal { .. } => return f64::NAN,
    };
    drift.diversity()
}

const AT_RANDOM: Case = plain("a01-one-at-a-time");

const IN_TURN: Case = Case {
    scenario: "a01-one-at-a-time",
    overrides: &[("population.writer.clock", "{ periodic = 1.0 }")],
};

const TOGETHER: Case = Case {
    scenario: "a01-one-at-a-time",
    overrides: &[("population.writer.clock", "lock-step")],
};

const fn a01(
    what: &'static str,
    formula: &'static str,
    cases: &'static [Case],
    generation: u32,
) -> Check {
    Check {
        what,
        formula,
        cases,
        generation,
        statistic: DIVERSITY,
        expected: found,
        tolerance: FOUR,
    }
}

const MORAN_PACE: &str = "pairs, ~ e^(-2 t / ((K+1) n))";
const TURN_PACE: &str = "pairs, ~ e^(-4 K t / ((K+1)^2 n))";

/// Lock-step, random times and fixed turns, at one budget.
pub(super) const A01: Reproduction = Reproduction {
    id: "A01",
    title: "Retrained at random times, many models forget twice as fast as all at once; in turn, four times",
    papers: &[WRIGHT, MORAN, HILL],
    quick: false,
    checks: &[
        a01(
            "E[Gini-Simpson], K = 8 at random, t = 10",
            MORAN_PACE,
            &[AT_RANDOM],
            10,
        ),
        a01(
            "E[Gini-Simpson], K = 8 at random, t = 25",
            MORAN_PACE,
            &[AT_RANDOM],
            25,
        ),
        a01(
            "E[Gini-Simpson], K = 8 in turn, t = 10",
            TURN_PACE,
            &[IN_TURN],
            10,
        ),
        a01(
            "E[Gini-Simpson], K = 8 in turn, t = 25",
            TURN_PACE,
            &[IN_TURN],
            25,
        ),
        a01(
            "E[Gini-Simpson], K = 8 at once, t = 26",
            "H_0 (1 - 1/(K n))^t",
            &[TOGETHER],
            26,
        ),
    ],
};

/// The mean Gini-Simpson index of what is in the window; not a number without one.
fn in_window(setup: &Setup<'_>) -> f64 {
    let Regime::Window(window) = setup.population().training.regime else {
        return f64::NAN;
    };
    let round = f64::from(setup.population().count) * setup.documents();
    let start = gini_simpson(setup.probabilities());
    windowed(start, round, (window, setup.t))
}

const fn a02(what: &'static str, cases: &'static [Case], generation: u32) -> Check {
    Check {
        what,
        formula: "pairs, ~ e^(-4 t / ((w+1)^2 K n))",
        cases,
        generation,
        statistic: DIVERSITY,
        expected: in_window,
        tolerance: FOUR,
    }
}

const THREE: Case = plain("a02-window");

const SIX: Case = Case {
    scenario: "a02-window",
    overrides: &[("population.speaker.training.regime", "{ window = 6 }")],
};

/// A sliding window.
pub(super) const A02: Reproduction = Reproduction {
    id: "A02",
    title: "A window of w rounds slows forgetting by ((w+1)/2)^2",
    papers: &[HILL],
    quick: true,
    checks: &[
        a02("E[Gini-Simpson], w = 3, K n = 40, t = 20", &[THREE], 20),
        a02("E[Gini-Simpson], w = 3, K n = 40, t = 100", &[THREE], 100),
        a02("E[Gini-Simpson], w = 6, K n = 40, t = 100", &[SIX], 100),
    ],
};

const UNEQUAL: Case = plain("a03-unequal-shares");

const UNEQUAL_AT_RANDOM: Case = Case {
    scenario: "a03-unequal-shares",
    overrides: &[("population.writer.clock", "{ poisson = 1.0 }")],
};

const fn a03(
    what: &'static str,
    formula: &'static str,
    cases: &'static [Case],
    generation: u32,
) -> Check {
    a01(what, formula, cases, generation)
}

const EFFECTIVE: &str = "H_0 (1 - S/n) (1 - S e)^(t-1), S = sum w^2";

/// Some are read more than others.
pub(super) const A03: Reproduction = Reproduction {
    id: "A03",
    title: "Unequal shares: 1 / sum w^2 models instead of K",
    papers: &[WRIGHT, LAAKSO],
    quick: true,
    checks: &[
        a03(
            "E[Gini-Simpson], 1/S = 3.03 of 6, t = 10",
            EFFECTIVE,
            &[UNEQUAL],
            10,
        ),
        a03(
            "E[Gini-Simpson], 1/S = 3.03 of 6, t = 26",
            EFFECTIVE,
            &[UNEQUAL],
            26,
        ),
        a03(
            "E[Gini-Simpson], 1/S = 3.03, at random, t = 25",
            "pairs, ~ e^(-2 e t Q/(1-Q))",
            &[UNEQUAL_AT_RANDOM],
            25,
        ),
    ],
};
