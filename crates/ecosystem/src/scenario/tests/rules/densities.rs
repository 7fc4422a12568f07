//! Models and truths that are densities.

use super::*;

const KDE: (&str, &str) = ("population.*.family", "{ kind = \"kde\" }");
const GMM: (&str, &str) = ("population.*.family", "{ kind = \"gmm\", components = 2 }");
const STUDENT: (&str, &str) = ("population.*.family", "{ kind = \"student-t\", dof = 5 }");
const TAILS: (&str, &str) = (
    "corpora.normal.distribution",
    "{ kind = \"student-t\", dof = 5 }",
);
const TOWNS: (&str, &str) = (
    "corpora.normal.distribution",
    "{ kind = \"mixture\", weights = [1, 2], means = [0, 5], variances = [1, 1] }",
);

#[test]
fn numbers_on_the_line_are_for_all_families_of_numbers() {
    for family in [KDE, GMM, STUDENT] {
        for corpus in [TAILS, TOWNS] {
            check_rule(NUMBERS, &[family, corpus], &[]);
        }
    }
    check_rule(NUMBERS, &[TAILS], &[]);
    let wide = ("population.*.family", "{ kind = \"kde\", dimension = 2 }");
    check_rule(
        NUMBERS,
        &[wide, TOWNS],
        &[
            "population.a.real.public = \"normal\" gives numbers of dimension 1, but a kde model of \
             dimension 2 needs",
        ],
    );
    check_rule(
        SYMBOLS,
        &[("population.a.family", "{ kind = \"student-t\", dof = 5 }")],
        &[
            "population.a.real.public = \"words\" gives symbols, but a student-t model of dimension 1 \
             needs numbers: a gaussian, mixture or student-t distribution",
        ],
    );
}

#[test]
fn mixtures_have_lists_of_one_length() {
    let mixture = |lists: &str, expected: &[&str]| {
        let value = format!("{{ kind = \"mixture\", {lists} }}");
        check_rule(
            NUMBERS,
            &[("corpora.normal.distribution", &value)],
            expected,
        );
    };
    mixture(
        "weights = [1], means = [1, 2], variances = [1, 1, 1]",
        &["corpora.normal.distribution has 1 weights, 2 means and 3 variances: allowed are lists"],
    );
    mixture(
        "weights = [1, -1], means = [1, 2], variances = [1, 1]",
        &["corpora.normal.distribution.weights has the weight -1: allowed is at least 0"],
    );
    mixture(
        "weights = [0, 0], means = [1, 2], variances = [1, 1]",
        &["corpora.normal.distribution.weights are all 0"],
    );
    mixture(
        "weights = [1], means = [1], variances = [0]",
        &["corpora.normal.distribution.variances"],
    );
}

#[test]
fn models_that_begin_as_the_truth_have_it() {
    let truth = ("population.*.training.initial", "truth");
    for good in [&[KDE][..], &[GMM], &[GMM, TOWNS], &[STUDENT, TAILS]] {
        check_rule(NUMBERS, &[good, &[truth]].concat(), &[]);
    }
    let refused = [
        "population.a.training.initial = \"truth\" is not allowed: no model of this family",
        "population.b.training.initial = \"truth\" is not allowed: no model of this family",
    ];
    let six = ("population.*.family.dof", "6");
    for bad in [
        &[TOWNS][..],
        &[TAILS],
        &[KDE, TOWNS],
        &[GMM, TAILS],
        &[STUDENT],
        &[STUDENT, six, TAILS],
    ] {
        check_rule(NUMBERS, &[bad, &[truth]].concat(), &refused);
    }
}

#[test]
fn some_families_start_from_nothing() {
    let warm = ("population.a.training.start", "{ warm = 0.5 }");
    check_rule(NUMBERS, &[GMM, warm], &[]);
    check_rule(
        NUMBERS,
        &[KDE, warm],
        &["population.a.training.start = { warm = 0.5 } is not allowed: a kde model"],
    );
    check_rule(
        NUMBERS,
        &[STUDENT, warm],
        &["population.a.training.start = { warm = 0.5 } is not allowed: a student-t model"],
    );
}

#[test]
fn a_hot_student_has_no_density() {
    let temperature = |value| ("population.a.publish.temperature", value);
    check_rule(NUMBERS, &[STUDENT, temperature("5.9")], &[]);
    check_rule(
        NUMBERS,
        &[STUDENT, temperature("6")],
        &["population.a.publish.temperature = 6 is out of range: Student's t"],
    );
}

#[test]
fn shifts_are_for_numbers() {
    let shift = ("population.a.publish.shift", "0.5");
    check_rule(NUMBERS, &[shift], &[]);
    check_rule(
        SYMBOLS,
        &[shift],
        &[
            "population.a.publish.shift = 0.5 is not allowed: only numbers and labels can be shifted",
        ],
    );
}

#[test]
fn rewards_are_for_numbers() {
    let choice = (
        "population.a.publish.best_of",
        "{ candidates = 4, reward = 0.5 }",
    );
    check_rule(NUMBERS, &[choice], &[]);
    check_rule(
        SYMBOLS,
        &[choice],
        &["population.a.publish.best_of is not allowed: a reward is for numbers of dimension 1"],
    );
    let many = [
        ("population.a.publish.best_of.candidates", "10000"),
        ("population.a.publish.documents", "10001"),
    ];
    check_rule(
        NUMBERS,
        &[choice, many[0], many[1]],
        &["population.a.publish.best_of asks for 100010000 candidates a publication"],
    );
}

#[test]
fn judges_know_text() {
    let choice = (
        "population.a.publish.best_of",
        "{ candidates = 4, reward = 0.5, judge = \"fiction\" }",
    );
    check_rule(TEXT, &[choice], &[]);
    check_rule(
        TEXT,
        &[choice, ("population.a.publish.best_of.judge", "poetry")],
        &["population.a.publish.best_of.judge = \"poetry\""],
    );
    check_rule(
        NUMBERS,
        &[choice, ("population.a.publish.best_of.judge", "normal")],
        &["population.a.publish.best_of.judge = \"normal\" is not allowed: numbers are rewarded"],
    );
}
