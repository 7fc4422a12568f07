//! Captions and images.

use super::super::captions::{both_live, injected, text_frozen};
use super::super::formula::{gini_simpson, replaced};
use super::{Case, Check, FOUR, GAO, Quantity, Reproduction, Setup, Statistic, plain};

const LIVE: Case = plain("p35-captions");
const TEXT_FROZEN: Case = Case {
    scenario: "p35-captions",
    overrides: &[("population.*.family.frozen", "text")],
};
const IMAGE_FROZEN: Case = Case {
    scenario: "p35-captions",
    overrides: &[("population.*.family.frozen", "image")],
};
const INJECTED: Case = Case {
    scenario: "p35-captions",
    overrides: &[
        ("population.*.mixture.synthetic_fraction", "0.8"),
        ("population.*.real.documents", "30"),
        ("population.*.real.renewal", "fresh"),
        ("population.*.publish.documents", "120"),
        ("horizon.generations", "60"),
        ("replicates", "1000"),
    ],
};

/// Of the most and of the least frequent caption.
const COMMON: Quantity = Quantity::Of("image_variance", "caption_1");
const RARE: Quantity = Quantity::Of("image_variance", "caption_5");

fn documents(setup: &Setup<'_>) -> u32 {
    setup.population().publish.documents
}

fn common(setup: &Setup<'_>) -> f64 {
    setup.probabilities().first().copied().unwrap_or(f64::NAN)
}

fn rare(setup: &Setup<'_>) -> f64 {
    setup.probabilities().last().copied().unwrap_or(f64::NAN)
}

const fn frozen(what: &'static str, generation: u32) -> Check {
    Check {
        what,
        formula: "E[1 - 1/N]^t, N ~ Binomial(n, p)",
        cases: &[TEXT_FROZEN],
        generation,
        statistic: Statistic::Mean(RARE),
        expected: |setup| text_frozen(documents(setup), rare(setup), setup.t),
        tolerance: FOUR,
    }
}

const fn live(what: &'static str, image: Quantity, expected: fn(&Setup<'_>) -> f64) -> Check {
    Check {
        what,
        formula: "E[prod_k (1 - 1/N_k)], N a Markov chain",
        cases: &[LIVE],
        statistic: Statistic::Mean(image),
        expected,
        ..frozen("", 10)
    }
}

const fn stable(what: &'static str, metric: &'static str) -> Check {
    Check {
        what,
        formula: "1, as published",
        cases: &[INJECTED],
        statistic: Statistic::Ratio {
            of: Quantity::Value(metric),
            since: 30,
        },
        expected: |_| 1.0,
        ..frozen("", 60)
    }
}

/// A text model and an image model that learn from what they publish together.
pub(super) const P35: Reproduction = Reproduction {
    id: "P35",
    title: "Of a text and an image model, either collapses if the other is frozen, faster if not",
    papers: &[GAO],
    quick: true,
    checks: &[
        Check {
            formula: "H_0 (1 - 1/n)^t",
            cases: &[IMAGE_FROZEN],
            statistic: Statistic::Mean(Quantity::Value("gini_simpson")),
            expected: |setup| {
                gini_simpson(setup.probabilities()) * replaced(setup.documents(), setup.t)
            },
            ..frozen("E[Gini-Simpson of text], image frozen, t = 10", 10)
        },
        frozen("E[image variance], rare text, text frozen, t = 5", 5),
        frozen("E[image variance], rare text, text frozen, t = 10", 10),
        live(
            "E[image variance], rare text, both live, t = 10",
            RARE,
            |setup| both_live(documents(setup), rare(setup), setup.t),
        ),
        live(
            "E[image variance], common text, both live, t = 10",
            COMMON,
            |setup| both_live(documents(setup), common(setup), setup.t),
        ),
        Check {
            formula: "the one formula over the other",
            cases: &[LIVE, TEXT_FROZEN],
            statistic: Statistic::Against(RARE),
            ..live(
                "rare text's image variance, both live over text frozen",
                RARE,
                |setup| {
                    let (n, p) = (documents(setup), rare(setup));
                    both_live(n, p, setup.t) / text_frozen(n, p, setup.t)
                },
            )
        },
        Check {
            formula: "by recursion",
            cases: &[INJECTED],
            statistic: Statistic::Mean(Quantity::Value("gini_simpson")),
            expected: |setup| {
                let counts = (setup.documents(), setup.real_documents());
                injected(gini_simpson(setup.probabilities()), counts, setup.t)
            },
            ..frozen("E[Gini-Simpson of text], a fifth fresh, t = 60", 60)
        },
        stable(
            "image variance, a fifth fresh, t = 60 over t = 30",
            "image_variance",
        ),
    ],
};
