//! Generators that compete for unlike answers.

use super::super::formula::gini_simpson;
use super::super::game::{earnings, equilibrium, optimum};
use super::{
    Case, Check, EVERY, FOUR, Quantity, RAGHAVAN, Reproduction, Setup, Statistic, Tolerance, plain,
};

const COUNT: &str = "population.*.count";
const START: &str = "corpora.start.distribution";
const ROUNDS: &str = "horizon.generations";

/// A tool that knows the two best answers, and one that knows all ten.
const NARROW: &str = "{ kind = \"categorical\", probabilities = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0] }";
const BROAD: &str = "{ kind = \"uniform\", symbols = 10 }";

const fn game(overrides: &'static [(&'static str, &'static str)]) -> Case {
    Case {
        scenario: "p36-competition",
        overrides,
    }
}

const TWO: Case = plain("p36-competition");
const FOUR_PLAYERS: Case = game(&[(COUNT, "4")]);
const EIGHT: Case = game(&[(COUNT, "8")]);
const SIXTEEN: Case = game(&[(COUNT, "16")]);
const NARROW_ALONE: Case = game(&[(START, NARROW), (COUNT, "1"), (ROUNDS, "1")]);
const BROAD_ALONE: Case = game(&[(START, BROAD), (COUNT, "1"), (ROUNDS, "1")]);
const NARROW_AMONG_EIGHT: Case = game(&[(START, NARROW), (COUNT, "8"), (ROUNDS, "1")]);
const BROAD_AMONG_EIGHT: Case = game(&[(START, BROAD), (COUNT, "8"), (ROUNDS, "1")]);

/// Players, and what it costs not to be the only one.
fn rules(setup: &Setup<'_>) -> (u32, f64) {
    let game = setup.population().read.payoff.as_ref();
    let crowding = game.map_or(f64::NAN, |game| game.crowding);
    (setup.population().count, crowding)
}

const GINI: Quantity = Quantity::Value("gini_simpson");
const EARNED: Quantity = Quantity::Value("earnings");

const fn diversity(what: &'static str, cases: &'static [Case]) -> Check {
    Check {
        what,
        formula: "1 - sum p^2 at v E[1/(1+B)] = const",
        cases,
        generation: 100,
        statistic: Statistic::Mean(GINI),
        expected: |setup| gini_simpson(&equilibrium(setup.values(), rules(setup))),
        tolerance: FOUR,
    }
}

/// At the equilibrium: the last round's answers were given by what the round before left.
fn at_equilibrium(setup: &Setup<'_>) -> f64 {
    let (values, rules) = (setup.values(), rules(setup));
    earnings(values, &equilibrium(values, rules), rules)
}

fn at_best(setup: &Setup<'_>) -> f64 {
    let (values, rules) = (setup.values(), rules(setup));
    earnings(values, &optimum(values, rules.0), rules)
}

const fn earned(what: &'static str, cases: &'static [Case]) -> Check {
    Check {
        what,
        formula: "sum v p E[1/(1+B)] at the equilibrium",
        statistic: Statistic::Mean(EARNED),
        expected: at_equilibrium,
        ..diversity("", cases)
    }
}

/// Of a tool that everybody uses as it is.
const fn tool(what: &'static str, cases: &'static [Case]) -> Check {
    Check {
        what,
        formula: "sum v p E[1/(1+B)]",
        generation: 1,
        expected: |setup| earnings(setup.values(), setup.probabilities(), rules(setup)),
        ..earned("", cases)
    }
}

/// More competitors, more diverse answers; and a better tool alone may be a worse one among many.
pub(super) const P36: Reproduction = Reproduction {
    id: "P36",
    title: "Competition makes answers diverse, at half the optimum at worst",
    papers: &[RAGHAVAN],
    quick: false,
    checks: &[
        diversity("Gini-Simpson, 2 generators", &[TWO]),
        diversity("Gini-Simpson, 4 generators", &[FOUR_PLAYERS]),
        diversity("Gini-Simpson, 8 generators", &[EIGHT]),
        diversity("Gini-Simpson, 16 generators", &[SIXTEEN]),
        Check {
            what: "runs more diverse with 2 < 4 < 8 < 16",
            formula: "all",
            statistic: Statistic::Ordered(GINI),
            expected: |_| 1.0,
            tolerance: EVERY,
            ..diversity("", &[TWO, FOUR_PLAYERS, EIGHT, SIXTEEN])
        },
        earned("E[earnings], 2 generators", &[TWO]),
        earned("E[earnings], 8 generators", &[EIGHT]),
        Check {
            what: "E[earnings], 8 generators, of the optimum",
            formula: "at least half: price of anarchy <= 2",
            expected: at_best,
            tolerance: Tolerance::Relative(0.5),
            ..earned("", &[EIGHT])
        },
        tool("E[earnings], narrow tool alone", &[NARROW_ALONE]),
        tool(
            "E[earnings], narrow tool, 8 generators",
            &[NARROW_AMONG_EIGHT],
        ),
        tool(
            "E[earnings], broad tool, 8 generators",
            &[BROAD_AMONG_EIGHT],
        ),
        Check {
            what: "runs in which broad earns less alone",
            formula: "all",
            statistic: Statistic::Ordered(EARNED),
            expected: |_| 1.0,
            tolerance: EVERY,
            ..tool("", &[BROAD_ALONE, NARROW_ALONE])
        },
        Check {
            what: "runs in which broad earns more among 8",
            formula: "all",
            statistic: Statistic::Ordered(EARNED),
            expected: |_| 1.0,
            tolerance: EVERY,
            ..tool("", &[NARROW_AMONG_EIGHT, BROAD_AMONG_EIGHT])
        },
    ],
};
