//! Labels that models add to what they are trained on.

use super::super::formula::{fed_back, fed_back_closed};
use super::{Case, Check, Quantity, Reproduction, Setup, Statistic, TAORI, Tolerance, plain};

const MODEL: Case = plain("p19-feedback-bias");
const DATA: Case = Case {
    scenario: "p19-feedback-bias",
    overrides: &[
        // The reader takes in everything that has ever been published: its fit is the mean of the data set.
        ("population.reader.read.from", "everyone"),
        ("population.reader.training.regime", "accumulate"),
    ],
};

/// The share of labels that the model writes, m / (m + k), and how far they are off.
fn labels(setup: &Setup<'_>) -> (f64, f64) {
    let [_, model, people] = setup.scenario().population.as_slice() else {
        return (f64::NAN, f64::NAN);
    };
    let (m, k) = (
        f64::from(model.publish.documents),
        f64::from(people.publish.documents),
    );
    (m / (m + k), model.publish.shift)
}

/// What the model said a round ago; before there was anything to read, the reader was right.
fn said(setup: &Setup<'_>) -> f64 {
    let (q, delta) = labels(setup);
    match setup.t {
        1 => 0.0,
        t => fed_back(q, delta, t - 1) + delta,
    }
}

const fn p19(what: &'static str, cases: &'static [Case], generation: u32) -> Check {
    Check {
        what,
        formula: "b + (q (b + delta) - b) / t, q = m/(m+k)",
        cases,
        generation,
        statistic: Statistic::Mean(Quantity::Root("coefficient_error")),
        expected: |setup| {
            let (q, delta) = labels(setup);
            fed_back(q, delta, setup.t)
        },
        tolerance: Tolerance::Relative(1e-3),
    }
}

/// Bias that feeds on itself.
pub(super) const P19: Reproduction = Reproduction {
    id: "P19",
    title: "Fresh human labels bound the bias that models feed back",
    papers: &[TAORI],
    quick: true,
    checks: &[
        p19("bias of the data, m/k = 3, t = 10", &[DATA], 10),
        p19("bias of the data, m/k = 3, t = 1000", &[DATA], 1000),
        Check {
            formula: "(m/k) delta (1 - G(t-1+q) / G(q) G(t))",
            expected: |setup| {
                let (q, delta) = labels(setup);
                fed_back_closed(q, delta, setup.t)
            },
            ..p19("bias of the data, closed form, t = 1000", &[DATA], 1000)
        },
        Check {
            formula: "b + delta",
            expected: said,
            ..p19("bias of the model, m/k = 3, t = 1000", &[MODEL], 1000)
        },
    ],
};
