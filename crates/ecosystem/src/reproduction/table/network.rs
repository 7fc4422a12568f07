//! Models that meet in one place.

use super::super::formula::own_share;
use super::{Case, Check, EVERY, Quantity, Reproduction, Setup, Statistic, Tolerance, WANG, plain};

const SHARED: Case = plain("p31-shared-store");
const APART: Case = Case {
    scenario: "p31-shared-store",
    overrides: &[("population.*.mixture.synthetic_fraction", "0.0")],
};

const DISTANCE: Quantity = Quantity::Value("output_distance");

/// Documents that a model retrieves for its fit number t: a share of what the web began with and of what was published
/// before.
fn retrieved(setup: &Setup<'_>, t: u32) -> f64 {
    let (scenario, population) = (setup.scenario(), setup.population());
    let seed = scenario.web.seed.as_ref();
    let began = seed.map_or(0.0, |seed| f64::from(seed.documents));
    let writers = scenario.population.iter();
    let a_round: u32 = writers
        .map(|writer| writer.count * writer.publish.documents)
        .sum();
    let store = began + f64::from(a_round) * f64::from(t - 1);
    libm::floor(population.read.share.unwrap_or(1.0) * store)
}

fn left(setup: &Setup<'_>) -> f64 {
    let own = setup.real_documents();
    let of = |t| own_share(own, retrieved(setup, t));
    of(setup.t) / of(1)
}

const fn left_of(what: &'static str, generation: u32) -> Check {
    Check {
        what,
        formula: "(n+k_1) / (n+k_t), k_t = floor(.2 |store|)",
        cases: &[SHARED],
        generation,
        statistic: Statistic::Ratio {
            of: DISTANCE,
            since: 1,
        },
        expected: left,
        tolerance: Tolerance::Relative(0.02),
    }
}

const fn falls(what: &'static str, generation: u32, since: u32) -> Check {
    Check {
        what,
        formula: "1, as published",
        statistic: Statistic::Fell {
            of: DISTANCE,
            since,
        },
        expected: |_| 1.0,
        tolerance: EVERY,
        ..left_of("", generation)
    }
}

/// Frozen models, each with what it knows, around a store that all of them write to.
pub(super) const P31: Reproduction = Reproduction {
    id: "P31",
    title: "Frozen models that read one growing store become alike",
    papers: &[WANG],
    quick: true,
    checks: &[
        left_of("E[output distance], t = 10 over t = 1", 10),
        left_of("E[output distance], t = 60 over t = 1", 60),
        falls("share of runs in which it fell, t = 5 under t = 1", 5, 1),
        falls("share of runs in which it fell, t = 20 under t = 5", 20, 5),
        falls(
            "share of runs in which it fell, t = 60 under t = 20",
            60,
            20,
        ),
        Check {
            formula: "1",
            cases: &[APART],
            expected: |_| 1.0,
            tolerance: Tolerance::Absolute(1e-12),
            ..left_of("E[output distance] with alpha = 0, t = 60 over t = 1", 60)
        },
    ],
};
