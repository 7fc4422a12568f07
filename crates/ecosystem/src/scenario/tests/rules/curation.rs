//! What is kept of what is written and read.

use super::*;

const LABELS: &str = r#"
title = "labels"
horizon = { generations = 10 }

[corpora]
reviews = { distribution = { kind = "two-classes", dimension = 3 } }

[[population]]
name = "a"
family = { kind = "discriminant", dimension = 3 }
real = { public = "reviews", documents = 10 }
publish = { mislabelled = 0.5, verifier = { keeps_right = 1.0, keeps_wrong = 0.5 } }
"#;

#[test]
fn only_labels_can_be_wrong() {
    check_rule(LABELS, &[], &[]);
    check_rule(
        NUMBERS,
        &[
            ("population.a.publish.mislabelled", "0.5"),
            (
                "population.b.publish.verifier",
                "{ keeps_right = 1, keeps_wrong = 0 }",
            ),
        ],
        &[
            "population.a.publish.mislabelled = 0.5 is not allowed: only discriminant models",
            "population.b.publish.verifier is not allowed: only discriminant models",
        ],
    );
}

#[test]
fn a_verifier_leaves_no_equal_copies() {
    check_rule(
        LABELS,
        &[("population.a.read.scrape", "independent")],
        &["population.a.publish.verifier is not allowed with scrape = \"independent\""],
    );
}

#[test]
fn labels_have_as_many_features_as_the_model() {
    check_rule(
        LABELS,
        &[("population.a.family.dimension", "4")],
        &[
            "population.a.real.public = \"reviews\" gives labels with 3 features, but a discriminant of 4 \
             features needs labelled documents",
        ],
    );
    check_rule(
        LABELS,
        &[("population.a.training.start.warm", "0.5")],
        &["population.a.training.start = { warm = 0.5 } is not allowed: a discriminant"],
    );
}

#[test]
fn near_duplicates_are_sought_in_a_crawl_of_texts() {
    let filter = ("population.a.read.near_duplicates", "{}");
    check_rule(TEXT, &[filter, ("population.a.read.share", "0.5")], &[]);
    check_rule(
        TEXT,
        &[filter],
        &[
            "population.a.read.near_duplicates is not allowed: the filter looks at the documents of a crawl",
        ],
    );
    check_rule(
        SYMBOLS,
        &[filter, ("population.a.read.share", "0.5")],
        &["population.a.read.near_duplicates is not allowed: only texts"],
    );
}

#[test]
fn a_game_has_values_and_is_played_by_all() {
    let game = |value| ("population.a.read.payoff.value", value);
    let replace = ("population.*.training.regime", "replace");
    check_rule(SYMBOLS, &[game("words"), replace], &[]);
    check_rule(
        SYMBOLS,
        &[game("words")],
        &["population.a.read.payoff is not allowed: what an answer earns depends on everybody's"],
    );
    check_rule(
        SYMBOLS,
        &[
            game("words"),
            replace,
            ("population.a.publish.expected", "true"),
            ("population.a.mixture.synthetic_fraction", "1"),
        ],
        &["population.a.publish.expected = true is not allowed with read.payoff"],
    );
    check_rule(
        SYMBOLS,
        &[game("wrods"), ("population.a.read.share", "0.5")],
        &[
            "population.a.read.payoff.value = \"wrods\" is no corpus of this scenario: did you mean `words`?",
            "population.a.read.payoff is not allowed: what an answer earns depends on everybody's",
        ],
    );
    check_rule(
        NUMBERS,
        &[game("normal"), replace],
        &[
            "population.a.read.payoff is not allowed: only the symbols of categorical models",
            "population.a.read.payoff.value = \"normal\" has no probabilities",
        ],
    );
}
