//! Distributions over symbols.

use super::super::formula::{
    accumulated, entropy, gini_simpson, hellinger, kl_divergence, missing_mass_slope, replaced,
    tempered,
};
use super::{
    Case, Check, DEY, DOHMATOB, FOUR, MARCHI, Quantity, Reproduction, SEDDIK, Setup, Statistic,
    Tolerance, plain,
};
use crate::scenario::schema::Distribution;

const DIVERSITY: Statistic = Statistic::Mean(Quantity::Value("gini_simpson"));

const ZIPF: Case = plain("p06-categorical-replace");

const fn p06(what: &'static str, generation: u32) -> Check {
    Check {
        what,
        formula: "H_0 (1 - 1/n)^t",
        cases: &[ZIPF],
        generation,
        statistic: DIVERSITY,
        expected: |setup| {
            gini_simpson(setup.probabilities()) * replaced(setup.documents(), setup.t)
        },
        tolerance: FOUR,
    }
}

/// The Gini-Simpson index, replacing.
pub(super) const P06: Reproduction = Reproduction {
    id: "P06",
    title: "Replacing shrinks the Gini-Simpson index by 1 - 1/n a fit",
    papers: &[SEDDIK],
    quick: false,
    checks: &[
        p06("E[Gini-Simpson], Zipf(1), n = 1000, t = 10", 10),
        p06("E[Gini-Simpson], Zipf(1), n = 1000, t = 100", 100),
    ],
};

const URN: Check = Check {
    what: "E[Gini-Simpson], uniform, n = 20, t = 40",
    formula: "H_0 prod_k (1 - 1/(n k^2))",
    cases: &[plain("p07-polya-urn")],
    generation: 40,
    statistic: DIVERSITY,
    expected: |setup| gini_simpson(setup.probabilities()) * accumulated(setup.documents(), setup.t),
    tolerance: FOUR,
};

/// The Gini-Simpson index and the support, accumulating.
pub(super) const P07: Reproduction = Reproduction {
    id: "P07",
    title: "Accumulating is an urn of Polya's: no symbol is lost",
    papers: &[DEY],
    quick: false,
    checks: &[
        URN,
        Check {
            what: "E[largest change of support], t = 1 .. 40",
            formula: "0",
            statistic: Statistic::Mean(Quantity::Departure("unique_tokens")),
            expected: |_| 0.0,
            tolerance: Tolerance::Absolute(0.0),
            ..URN
        },
    ],
};

fn after_tempering(setup: &Setup<'_>) -> Vec<f64> {
    let temperature = setup.population().publish.temperature;
    tempered(setup.probabilities(), temperature, setup.t)
}

const TEMPERED: Case = plain("p13-temperature");

const fn p13(what: &'static str, metric: &'static str, expected: fn(&Setup<'_>) -> f64) -> Check {
    Check {
        what,
        formula: "of p_t ~ p_0^(tau^-t)",
        cases: &[TEMPERED],
        generation: 5,
        statistic: Statistic::Mean(Quantity::Value(metric)),
        expected,
        tolerance: Tolerance::Absolute(1e-6),
    }
}

/// Temperature with infinitely many samples. Four functionals of a distribution over four symbols,
/// which has three degrees of freedom, leave it no other choice.
pub(super) const P13: Reproduction = Reproduction {
    id: "P13",
    title: "Temperature leads to the mode or to the uniform distribution",
    papers: &[MARCHI],
    quick: true,
    checks: &[
        p13("Gini-Simpson, tau = 0.8, t = 5", "gini_simpson", |setup| {
            gini_simpson(&after_tempering(setup))
        }),
        p13("entropy, tau = 0.8, t = 5", "entropy", |setup| {
            entropy(&after_tempering(setup))
        }),
        p13(
            "KL divergence, tau = 0.8, t = 5",
            "kl_divergence",
            |setup| kl_divergence(&after_tempering(setup), setup.probabilities()),
        ),
        p13(
            "Hellinger distance, tau = 0.8, t = 5",
            "hellinger",
            |setup| hellinger(&after_tempering(setup), setup.probabilities()),
        ),
        Check {
            cases: &[Case {
                scenario: "p13-temperature",
                overrides: &[("population.*.publish.temperature", "1.25")],
            }],
            ..p13("entropy, tau = 1.25, t = 5", "entropy", |setup| {
                entropy(&after_tempering(setup))
            })
        },
    ],
};

fn zipf_exponent(setup: &Setup<'_>) -> f64 {
    let corpora = setup.scenario().corpora.values();
    let mut exponents = corpora.filter_map(|corpus| match corpus.distribution {
        Some(Distribution::Zipf { exponent, .. }) => Some(exponent),
        _ => None,
    });
    exponents.next().unwrap_or(f64::NAN)
}

const fn budget(overrides: &'static [(&'static str, &'static str)]) -> Case {
    Case {
        scenario: "p18-zipf-missing-mass",
        overrides,
    }
}

const DOCUMENTS: &str = "population.*.real.documents";
// The tail beyond a cut K holds about K^-(beta - 1), which falls slowly at beta = 1.5: so many
// symbols, and so few draws, that the slope of the exact sum p (1-p)^T is within .003 of the law.
const HEAVY: (&str, &str) = (
    "corpora.words.distribution",
    "{ kind = \"zipf\", symbols = 300000, exponent = 1.5 }",
);

const fn p18(what: &'static str, cases: &'static [Case]) -> Check {
    Check {
        what,
        formula: "-(1 - 1/beta)",
        cases,
        generation: 1,
        statistic: Statistic::LogSlope(Quantity::Value("missing_mass")),
        expected: |setup| missing_mass_slope(zipf_exponent(setup)),
        tolerance: Tolerance::Absolute(0.015),
    }
}

/// What has not been seen of Zipf's law.
pub(super) const P18: Reproduction = Reproduction {
    id: "P18",
    title: "A memoriser's missing mass falls like T^-(1 - 1/beta)",
    papers: &[DOHMATOB],
    quick: true,
    checks: &[
        p18(
            "slope of ln E[missing mass], beta = 1.5",
            &[
                budget(&[HEAVY, (DOCUMENTS, "30")]),
                budget(&[HEAVY, (DOCUMENTS, "100")]),
                budget(&[HEAVY, (DOCUMENTS, "300")]),
                budget(&[HEAVY, (DOCUMENTS, "1000")]),
                budget(&[HEAVY, (DOCUMENTS, "3000")]),
            ],
        ),
        p18(
            "slope of ln E[missing mass], beta = 2",
            &[
                budget(&[(DOCUMENTS, "100")]),
                budget(&[(DOCUMENTS, "300")]),
                budget(&[(DOCUMENTS, "1000")]),
                budget(&[(DOCUMENTS, "3000")]),
                budget(&[(DOCUMENTS, "10000")]),
            ],
        ),
    ],
};

/// Several models in one pool.
pub(super) const P20: Reproduction = Reproduction {
    id: "P20",
    title: "M models in one pool forget like one with M n documents",
    papers: &[],
    quick: false,
    checks: &[Check {
        what: "E[Gini-Simpson], M = 4, n = 100, t = 101",
        formula: "H_0 (1 - 1/(M n))^t",
        cases: &[plain("p20-shared-pool")],
        generation: 101,
        statistic: DIVERSITY,
        expected: |setup| {
            let pool = f64::from(setup.population().count) * setup.documents();
            gini_simpson(setup.probabilities()) * replaced(pool, setup.t)
        },
        tolerance: FOUR,
    }],
};
