//! What the reader says to good and to bad scenarios.

use super::{Scenario, builtin, read, resolved, warnings};

mod files;
mod rules;
mod set;
mod suspicions;
mod written;

const METRICS: [&str; 4] = ["entropy", "mean", "standard_deviation", "variance"];

fn pairs(overrides: &[(&str, &str)]) -> Vec<(String, String)> {
    overrides
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

/// What the reader says to a file, one problem a line.
fn problems(text: &str, overrides: &[(&str, &str)]) -> Vec<String> {
    match read(text, &pairs(overrides), &METRICS) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.to_string().lines().map(str::to_owned).collect(),
    }
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(problems(text, &[]), expected);
}

fn good(text: &str, overrides: &[(&str, &str)]) -> Scenario {
    match read(text, &pairs(overrides), &METRICS) {
        Ok(scenario) => scenario,
        Err(problems) => panic!("{problems}"),
    }
}

/// Two groups of normal distributions, with nothing said that need not be.
const NUMBERS: &str = r#"
title = "numbers"
horizon = { generations = 10 }

[corpora.normal]
distribution = { kind = "gaussian" }

[[population]]
name = "a"
count = 3
family = { kind = "gaussian" }
real = { public = "normal", documents = 10 }

[[population]]
name = "b"
like = "a"
count = 2
"#;

/// One group of n-gram models.
const TEXT: &str = r#"
title = "text"
horizon = { generations = 10 }

[corpora]
geography = { source = "builtin:geography", access = "private" }
fiction = { source = "builtin:fiction" }

[[population]]
name = "a"
family = { kind = "ngram" }
real = { private = "geography", public = "fiction" }
"#;

/// One group of categorical models.
const SYMBOLS: &str = r#"
title = "symbols"
horizon = { generations = 10 }

[corpora]
words = { distribution = { kind = "zipf", symbols = 100 } }

[[population]]
name = "a"
family = { kind = "categorical" }
real = { public = "words", documents = 10 }
"#;
