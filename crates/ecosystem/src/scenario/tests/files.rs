//! What a file on its own may get wrong: syntax, keys, types, ranges, inheritance.

use super::*;
use crate::scenario::schema::{Regime, SyntheticFraction};

/// The file of [`NUMBERS`] with one piece exchanged.
#[track_caller]
fn check_with(piece: &str, other: &str, expected: &[&str]) {
    assert!(NUMBERS.contains(piece), "the file has no {piece:?}");
    check(&NUMBERS.replace(piece, other), expected);
}

#[test]
fn good_files_have_no_problems() {
    check(NUMBERS, &[]);
    check(TEXT, &[]);
    check(SYMBOLS, &[]);
}

#[test]
fn broken_syntax_is_one_problem() {
    check(
        "title = \"x\"\nhorizon = { generations = }\n",
        &["line 2: column 27: invalid literal string, expected `'`"],
    );
    check("seed = 1\nseed = 2", &["line 2: column 1: duplicate key"]);
}

#[test]
fn all_problems_come_at_once_and_in_order() {
    check(
        r#"titel = "x"
replicates = 0
horizon = { weeks = 3 }
[corpora]
normal = { distribution = { kind = "gausian" } }
[[population]]
name = "geographer"
family = { kind = "gaussian", order = 3 }
mixture = { synthetic_fraction = 1.5 }
training = { regime = "repalce" }
[web]
index_lag = 0
"#,
        &[
            "line 1: titel is not a known key: did you mean `title`?",
            "line 1: title is missing: allowed is a text",
            "line 2: replicates = 0 is out of range: allowed is 1 to 100000",
            "line 3: horizon.weeks is not a known key: known are `days`, `generations`",
            "line 5: corpora.normal.distribution.kind = \"gausian\" is not allowed: allowed is \
             \"captioned\", \"categorical\", \"gaussian\", \"linear\", \"markov\", \"mixture\", \
             \"student-t\", \"templates\", \"two-classes\", \"uniform\", \
             \"zipf\"; did you mean `gaussian`?",
            "line 8: population.geographer.family.order is not a known key: \
             known are `dimension`, `estimator`, `precision`",
            "line 9: population.geographer.mixture.synthetic_fraction = 1.5 is out of range: \
             allowed is 0 to 1",
            "line 10: population.geographer.training.regime = \"repalce\" is not allowed: \
             allowed is \"replace\", \"accumulate\" or { discount = ... }, { window = ... }; \
             did you mean `replace`?",
            "line 12: web.index_lag = 0 is not allowed: \
             allowed is { days = ... }, { generations = ... }",
        ],
    );
}

#[test]
fn missing_keys_are_told_where_they_should_be() {
    check(
        "title = 'x'",
        &[
            "line 1: horizon is missing: allowed is { days = ... }, { generations = ... }",
            "line 1: corpora is missing: allowed is a table",
            "line 1: population is missing: allowed is a list, each a table",
        ],
    );
    check_with(
        "family = { kind = \"gaussian\" }\n",
        "",
        &[
            "line 8: population.a.family is missing: allowed is { kind = \"captioned\" }, \
             { kind = \"categorical\" }, { kind = \"discriminant\" }, \
             { kind = \"gaussian\" }, { kind = \"gmm\" }, { kind = \"kde\" }, { kind = \"linear\" }, \
             { kind = \"ngram\" }, \
             { kind = \"student-t\" }, { kind = \"transformer\" }",
            "line 13: population.b.family is missing: allowed is { kind = \"captioned\" }, \
             { kind = \"categorical\" }, { kind = \"discriminant\" }, \
             { kind = \"gaussian\" }, { kind = \"gmm\" }, { kind = \"kde\" }, { kind = \"linear\" }, \
             { kind = \"ngram\" }, \
             { kind = \"student-t\" }, { kind = \"transformer\" }",
        ],
    );
}

#[test]
fn types_are_checked() {
    let count = |value: &str, expected: &str| {
        let told = format!("line 10: population.a.count = {expected}: allowed is");
        let number = if expected.ends_with("allowed") {
            "a whole number, "
        } else {
            ""
        };
        check_with(
            "count = 3",
            value,
            &[&format!("{told} {number}1 to 100000000")],
        );
    };
    count("count = 3.5", "3.5 is not a whole number");
    count("count = -1", "-1 is out of range");
    count(
        "count = 99999999999999999999",
        "99999999999999999999 is out of range",
    );
    count("count = \"many\"", "\"many\" is not allowed");
    count("count = [1]", "[1] is not allowed");
    count("count = 2026-01-01", "2026-01-01 is not allowed");
    check_with(
        "title = \"numbers\"",
        "title = \"\"",
        &["line 2: title has 0 characters: allowed is 1 to 200"],
    );
}

#[test]
fn floats_must_be_finite_and_may_be_whole() {
    check_with("{ generations = 10 }", "{ generations = 1e1 }", &[]);
    check_with(
        "{ generations = 10 }",
        "{ generations = inf }",
        &["line 3: horizon.generations = inf is not finite: allowed is 0 to 1000000"],
    );
    check_with(
        "kind = \"gaussian\" }\n\n",
        "kind = \"gaussian\", mean = nan }\n\n",
        &["line 6: corpora.normal.distribution.mean = NaN is not finite: allowed is any number"],
    );
}

#[test]
fn alternatives_exclude_each_other() {
    check_with(
        "{ generations = 10 }",
        "{ generations = 10, days = 3 }",
        &[
            "line 3: horizon = { days = 3, generations = 10 } is not allowed: \
           give one of { days = ... }, { generations = ... }",
        ],
    );
    check_with(
        "{ generations = 10 }",
        "{}",
        &["line 3: horizon = {} is not allowed: \
           give one of { days = ... }, { generations = ... }"],
    );
}

#[test]
fn a_fraction_is_a_number_a_list_or_a_word() {
    let fraction = |value: &str| format!("count = 3\nmixture.synthetic_fraction = {value}");
    check_with("count = 3", &fraction("1"), &[]);
    check_with("count = 3", &fraction("\"by-count\""), &[]);
    check_with("count = 3", &fraction("[0, 0.5, 1]"), &[]);
    let key = "line 11: population.a.mixture.synthetic_fraction";
    let told = |message: &str| format!("{key}{message}");
    let range = told(".1 = 2 is out of range: allowed is 0 to 1");
    check_with("count = 3", &fraction("[0, 2]"), &[&range]);
    let empty = told(" has 0 elements: allowed is at least 1");
    check_with("count = 3", &fraction("[]"), &[&empty]);
    let word = told(
        " = \"bycount\" is not allowed: allowed is a number, 0 to 1 or a list, each a number, \
         0 to 1 or \"by-count\"; did you mean `by-count`?",
    );
    check_with("count = 3", &fraction("\"bycount\""), &[&word]);
}

#[test]
fn a_population_takes_over_what_it_does_not_say() {
    let scenario = good(
        r#"
title = "heirs"
horizon = { generations = 3 }
corpora.normal.distribution = { kind = "gaussian" }
[[population]]
name = "grandchild"
like = "child"
mixture = { private_weight = 0.1 }
[[population]]
name = "child"
like = "parent"
training = { regime = { window = 2 } }
[[population]]
name = "parent"
count = 7
family = { kind = "gaussian", estimator = "unbiased" }
real = { public = "normal", documents = 10 }
mixture = { synthetic_fraction = 0.25 }
training = { regime = { discount = 0.5 } }
"#,
        &[],
    );
    let heir = &scenario.population[0];
    assert_eq!((heir.name.as_str(), heir.count), ("grandchild", 7));
    assert_eq!(
        heir.mixture.synthetic_fraction,
        SyntheticFraction::Constant(0.25)
    );
    assert_eq!(
        heir.mixture.private_weight,
        crate::scenario::schema::PrivateWeight::Constant(0.1)
    );
    assert_eq!(heir.training.regime, Regime::Window(2));
    assert_eq!(heir.family, scenario.population[2].family);
}

#[test]
fn an_heir_of_another_kind_takes_nothing_of_the_family() {
    check_with(
        "like = \"a\"\n",
        "like = \"a\"\nfamily = { kind = \"categorical\" }\n",
        &[
            "line 12: population.b.real.public = \"normal\" gives numbers of dimension 1, but a \
             categorical model needs symbols: a categorical, uniform or zipf distribution or a \
             column",
            "line 17: population.b.family publishes symbols, but `a` publishes numbers \
             (dimension 1, f64): all populations of a scenario must publish the same kind, for \
             they read each other",
        ],
    );
}

#[test]
fn what_is_inherited_is_told_once() {
    check_with(
        "documents = 10 }",
        "documents = 0 }",
        &["line 12: population.a.real.documents = 0 is out of range: \
           allowed is 1 to 100000000"],
    );
}

#[test]
fn inheritance_must_lead_somewhere() {
    check_with(
        "like = \"a\"",
        "like = \"c\"",
        &["line 16: population.b.like = \"c\" names no population: did you mean `a`?"],
    );
    check_with(
        "family = { kind = \"gaussian\" }\n",
        "like = \"b\"\n",
        &[
            "line 11: population.a.like = \"b\" goes in a circle: a, b",
            "line 16: population.b.like = \"a\" goes in a circle: b, a",
        ],
    );
    check_with(
        "like = \"a\"",
        "like = \"b\"",
        &["line 16: population.b.like = \"b\" goes in a circle: b"],
    );
}
