//! Names and corpora.

use super::*;

#[test]
fn names_can_be_told_apart() {
    let named = |name: &str, expected: &[&str]| {
        check_rule(NUMBERS, &[("population.1.name", name)], expected);
    };
    named("\"a\"", &["population.1.name = \"a\" is taken"]);
    named(
        "\"*\"",
        &["population.1.name = \"*\" is not a name: `*` stands for all"],
    );
    named(
        "\"12\"",
        &["population.1.name = \"12\" is not a name: numbers stand for"],
    );
    named(
        "\"x.y\"",
        &["population.1.name = \"x.y\" is not a name: allowed is"],
    );
    let corpus = ("corpora.3", "{ distribution = { kind = \"gaussian\" } }");
    check_rule(
        NUMBERS,
        &[corpus],
        &["corpora.3 is not a name: numbers stand for"],
    );
}

#[test]
fn corpora_exist() {
    check_rule(
        TEXT,
        &[
            ("population.a.real.private", "geograpy"),
            ("population.a.real.public", "novels"),
            ("web.seed", "{ corpus = \"fictoin\", documents = 3 }"),
            ("observe.tasks", "[\"fiction\", \"biology\"]"),
        ],
        &[
            "population.a.real.private = \"geograpy\" is no corpus of this scenario: \
             did you mean `geography`?",
            "population.a.real.public = \"novels\" is no corpus of this scenario: \
             known are `fiction`, `geography`",
            "web.seed.corpus = \"fictoin\" is no corpus of this scenario: did you mean `fiction`?",
            "observe.tasks = \"biology\" is no corpus of this scenario: known are",
        ],
    );
}

#[test]
fn private_corpora_stay_private() {
    check_rule(
        TEXT,
        &[
            ("population.a.real.public", "geography"),
            ("population.a.real.private", "fiction"),
        ],
        &["population.a.real.public = \"geography\" is not allowed: that corpus has access"],
    );
}

#[test]
fn a_corpus_has_exactly_one_origin() {
    let corpus = |value: &str, expected: &[&str]| {
        check_rule(TEXT, &[("corpora.fiction", value)], expected);
    };
    corpus(
        "{ access = \"public\" }",
        &["corpora.fiction has no origin: give `source` or"],
    );
    corpus(
        "{ source = \"x\", distribution = { kind = \"markov\", letters = 3, length = 9 } }",
        &["corpora.fiction has two origins"],
    );
    corpus(
        "{ distribution = { kind = \"markov\", letters = 3, length = 9 } }",
        &["population.a.real.documents is missing: a distribution has no end"],
    );
    corpus("{ source = \"folder\" }", &[]);
}

#[test]
fn builtin_sources_are_known() {
    check_rule(
        TEXT,
        &[("corpora.fiction.source", "builtin:fictoin")],
        &[
            "corpora.fiction.source = \"builtin:fictoin\" is not built in: \
           did you mean `fiction`?",
        ],
    );
}

#[test]
fn columns_are_of_tables() {
    let corpus = |value: &str, expected: &[&str]| {
        check_rule(NUMBERS, &[("corpora.normal", value)], expected);
    };
    corpus("{ source = \"data.CSV\", column = \"height\" }", &[]);
    corpus("{ source = \"data.parquet\", column = \"height\" }", &[]);
    corpus(
        "{ source = \"data.csv\" }",
        &["corpora.normal.column is missing: a table needs"],
    );
    corpus(
        "{ source = \"builtin:iris\" }",
        &["corpora.normal.column is missing"],
    );
    corpus(
        "{ source = \"builtin:iris\", column = \"petal_lenght_cm\" }",
        &[
            "corpora.normal.column = \"petal_lenght_cm\" is no column of `iris`: \
           did you mean `petal_length_cm`?",
        ],
    );
    corpus(
        "{ distribution = { kind = \"gaussian\" }, column = \"height\" }",
        &["corpora.normal.column = \"height\" has no table: allowed is"],
    );
    check_rule(
        TEXT,
        &[("corpora.fiction.column", "height")],
        &["corpora.fiction.column = \"height\" has no table"],
    );
}

#[test]
fn probabilities_are_weights() {
    let probabilities = |value: &str, expected: &[&str]| {
        let value = format!("{{ kind = \"categorical\", probabilities = {value} }}");
        check_rule(SYMBOLS, &[("corpora.words.distribution", &value)], expected);
    };
    probabilities("[1, 2.5, 0]", &[]);
    probabilities(
        "[1, -2.5]",
        &["corpora.words.distribution.probabilities has the weight -2.5: allowed is at least 0"],
    );
    probabilities(
        "[0, 0]",
        &["corpora.words.distribution.probabilities are all 0"],
    );
}

/// A group of captioned models.
const CAPTIONS: &str = r#"
title = "captions"
horizon = { generations = 10 }

[corpora]
posts = { distribution = { kind = "captioned", probabilities = [1, 3] } }

[[population]]
name = "a"
family = { kind = "captioned", captions = 2 }
real = { public = "posts", documents = 10 }
"#;

#[test]
fn captions_have_shares_images_and_no_temperature() {
    check_rule(CAPTIONS, &[], &[]);
    check_rule(CAPTIONS, &[("population.a.family.frozen", "text")], &[]);
    check_rule(
        CAPTIONS,
        &[
            ("corpora.posts.distribution.probabilities", "[1, -2]"),
            ("population.a.publish.temperature", "0.8"),
        ],
        &[
            "corpora.posts.distribution.probabilities has the entry -2: allowed is at least 0",
            "population.a.publish.temperature = 0.8 is not allowed: captions and images",
        ],
    );
    check_rule(
        CAPTIONS,
        &[("population.a.family.captions", "3")],
        &[
            "population.a.real.public = \"posts\" gives images under 2 captions, but a captioned model of 3",
        ],
    );
    check_rule(
        CAPTIONS,
        &[("population.a.training.start.warm", "0.5")],
        &["population.a.training.start = { warm = 0.5 } is not allowed: a captioned model"],
    );
}
