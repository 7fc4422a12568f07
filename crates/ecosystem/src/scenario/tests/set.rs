//! Changes from the command line.

use super::*;
use crate::scenario::schema::{Distribution, Family, Regime, Span, SyntheticFraction};

#[track_caller]
fn check_refused(key: &str, value: &str, expected: &str) {
    assert_eq!(
        problems(NUMBERS, &[(key, value)]),
        [format!("{key} {expected}")]
    );
}

#[test]
fn values_are_set_by_path() {
    let scenario = good(
        NUMBERS,
        &[
            ("seed", "42"),
            ("title", "another title"),
            ("horizon.generations", "4"),
            ("population.a.mixture.synthetic_fraction", "0.25"),
            ("population.1.publish.documents", "7"),
            ("population.*.training.regime", "replace"),
            ("observe.metrics", "[\"mean\"]"),
            ("observe.items_max", "7"),
        ],
    );
    assert_eq!(
        (scenario.seed, scenario.title.as_str()),
        (42, "another title")
    );
    assert_eq!(scenario.horizon, Span::Generations(4.0));
    let [a, b] = &scenario.population[..] else {
        panic!("there were two")
    };
    assert_eq!(
        a.mixture.synthetic_fraction,
        SyntheticFraction::Constant(0.25)
    );
    assert_eq!((a.publish.documents, b.publish.documents), (100, 7));
    assert_eq!([a.training.regime, b.training.regime], [Regime::Replace; 2]);
    assert_eq!(scenario.observe.metrics, ["mean"]);
    assert_eq!(scenario.observe.items_max, 7);
}

#[test]
fn an_alternative_replaces_the_other() {
    let scenario = good(
        NUMBERS,
        &[
            ("horizon.days", "30"),
            ("population.a.training.regime.window", "3"),
            ("population.b.training.regime", "{ window = 3 }"),
            ("population.b.training.regime", "replace"),
            ("population.*.mixture.synthetic_fraction", "[0, 1]"),
            ("population.*.mixture.synthetic_fraction.1", "0.5"),
        ],
    );
    assert_eq!(scenario.horizon, Span::Days(30.0));
    assert_eq!(scenario.population[0].training.regime, Regime::Window(3));
    assert_eq!(scenario.population[1].training.regime, Regime::Replace);
    let schedule = SyntheticFraction::Schedule(vec![0.0, 0.5]);
    assert_eq!(scenario.population[1].mixture.synthetic_fraction, schedule);
}

#[test]
fn another_kind_drops_what_it_does_not_know() {
    let scenario = good(
        NUMBERS,
        &[
            ("population.*.family.estimator", "unbiased"),
            ("population.*.family.kind", "categorical"),
            ("corpora.normal.distribution.kind", "zipf"),
            ("corpora.normal.distribution.symbols", "9"),
        ],
    );
    assert_eq!(scenario.population[0].family, Family::Categorical {});
    let zipf = Distribution::Zipf {
        symbols: 9,
        exponent: 1.0,
    };
    assert_eq!(scenario.corpora["normal"].distribution, Some(zipf));
}

#[test]
fn a_corpus_has_one_origin() {
    let table = [
        ("corpora.normal.source", "builtin:iris"),
        ("corpora.normal.column", "petal_length_cm"),
    ];
    let scenario = good(NUMBERS, &table);
    assert_eq!(scenario.corpora["normal"].distribution, None);
    let back = [
        table[0],
        table[1],
        ("corpora.normal.distribution", "{ kind = \"gaussian\" }"),
    ];
    assert_eq!(good(NUMBERS, &back), good(NUMBERS, &[]));
}

#[test]
fn a_corpus_may_be_added() {
    let added = good(
        NUMBERS,
        &[("corpora.wide", "{ distribution = { kind = \"gaussian\" } }")],
    );
    assert_eq!(added.corpora.len(), 2);
}

#[test]
fn unknown_keys_are_refused() {
    check_refused(
        "sed",
        "1",
        "was set, but `sed` is not known: did you mean `seed`?",
    );
    check_refused(
        "horizon.day",
        "1",
        "was set, but `day` is not known: did you mean `days`?",
    );
    check_refused(
        "population.c.count",
        "1",
        "was set, but `c` is not known: did you mean `a`?",
    );
    check_refused(
        "population.7.count",
        "1",
        "was set, but `7` is not known: did you mean `a`?",
    );
    check_refused(
        "population.*.publish.docs",
        "1",
        "was set, but `docs` is not known: known are `adoption`, `best_of`, `clock`, `documents`, `expected`, \
         `mislabelled`, `prompt`, `shift`, `sites`, `temperature`, `tokens`, `top_k`, `top_p`, `verifier`, `watermark`, `when`",
    );
    check_refused(
        "corpora.nomal.access",
        "private",
        "was set, but `nomal` is not known: did you mean `normal`?",
    );
    check_refused(
        "seed.x",
        "1",
        "was set, but nothing has a key `x` there: \
         allowed is a whole number, 0 to 9223372036854775807",
    );
    check_refused(
        "population.a.training.regime.widow",
        "1",
        "was set, but nothing has a key `widow` there: allowed is \"replace\", \"accumulate\" or \
         { discount = ... }, { window = ... }",
    );
}

#[test]
fn values_are_checked_like_those_of_a_file() {
    check_refused(
        "seed",
        "-1",
        "= -1 is out of range: allowed is 0 to 9223372036854775807",
    );
    check_refused(
        "population.a.training.regime",
        "repalce",
        "= \"repalce\" is not allowed: allowed is \"replace\", \"accumulate\" or \
         { discount = ... }, { window = ... }; did you mean `replace`?",
    );
    check_refused(
        "web.index_lag",
        "0",
        "= 0 is not allowed: allowed is { days = ... }, { generations = ... }",
    );
}

#[test]
fn problems_of_the_file_and_of_the_changes_come_together() {
    let text = NUMBERS.replace("count = 3", "count = 0");
    assert_eq!(
        problems(&text, &[("sed", "1"), ("replicates", "0")]),
        [
            "line 10: population.a.count = 0 is out of range: allowed is 1 to 100000000",
            "sed was set, but `sed` is not known: did you mean `seed`?",
            "replicates = 0 is out of range: allowed is 1 to 100000",
        ]
    );
}
