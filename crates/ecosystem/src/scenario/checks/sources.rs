//! Corpora: where they come from, and whether the names of corpora lead anywhere.

use ::corpora::{TableInfo, builtin_names, builtin_tables};

use super::{Notes, at};
use crate::scenario::schema::{Access, Distribution, Scenario};
use crate::scenario::suggest::hint;

pub(super) fn one_origin(scenario: &Scenario, notes: &mut Notes) {
    for (name, corpus) in &scenario.corpora {
        let key = format!("corpora.{name}");
        match (&corpus.source, &corpus.distribution) {
            (None, None) => notes.add(key, "has no origin: give `source` or `distribution`"),
            (Some(_), Some(_)) => {
                notes.add(
                    key,
                    "has two origins: give `source` or `distribution`, not both",
                );
            }
            _ => {}
        }
    }
}

/// What a source says it is.
pub(super) enum Source<'a> {
    /// A corpus of text inside the binary.
    BuiltinText,
    /// A table inside the binary.
    BuiltinTable(&'static TableInfo),
    /// Something inside the binary that there is not.
    Unknown(&'a str),
    /// A CSV or Parquet file.
    TableFile,
    /// A folder of text.
    Folder,
}

pub(super) fn classify(source: &str) -> Source<'_> {
    let Some(name) = source.strip_prefix("builtin:") else {
        let lower = source.to_lowercase();
        let table = [".csv", ".parquet"].iter().any(|end| lower.ends_with(end));
        return if table {
            Source::TableFile
        } else {
            Source::Folder
        };
    };
    match builtin_tables().iter().find(|table| table.name == name) {
        Some(table) => Source::BuiltinTable(table),
        None if builtin_names().contains(&name) => Source::BuiltinText,
        None => Source::Unknown(name),
    }
}

pub(super) fn builtins(scenario: &Scenario, notes: &mut Notes) {
    for (name, corpus) in &scenario.corpora {
        let Some(source) = &corpus.source else {
            continue;
        };
        if let Source::Unknown(wanted) = classify(source) {
            let tables = builtin_tables().iter().map(|table| table.name);
            let hint = hint(wanted, builtin_names().iter().copied().chain(tables));
            let message = format!("= \"{source}\" is not built in: {hint}");
            notes.add(format!("corpora.{name}.source"), message);
        }
    }
}

pub(super) fn columns(scenario: &Scenario, notes: &mut Notes) {
    for (name, corpus) in &scenario.corpora {
        let key = format!("corpora.{name}.column");
        let source = corpus.source.as_deref().map(classify);
        match (&corpus.column, source) {
            (None, Some(Source::BuiltinTable(_) | Source::TableFile)) => {
                notes.add(
                    key,
                    "is missing: a table needs the name of the column to read",
                );
            }
            (Some(column), Some(Source::BuiltinTable(table))) => {
                known_column(table, column, &key, notes);
            }
            // What is not built in may well have been meant to be a table.
            (_, Some(Source::TableFile | Source::Unknown(_))) | (None, _) => {}
            (Some(column), _) => {
                let message = format!(
                    "= \"{column}\" has no table: allowed is a column where \
                     `source` is a .csv or .parquet file or a built-in table"
                );
                notes.add(key, message);
            }
        }
    }
}

fn known_column(table: &TableInfo, column: &str, key: &str, notes: &mut Notes) {
    let known = || {
        table
            .numeric_columns
            .iter()
            .chain(table.symbol_columns)
            .copied()
    };
    if !known().any(|other| other == column) {
        let hint = hint(column, known());
        notes.add(
            key,
            format!("= \"{column}\" is no column of `{}`: {hint}", table.name),
        );
    }
}

pub(super) fn probabilities(scenario: &Scenario, notes: &mut Notes) {
    for (name, corpus) in &scenario.corpora {
        let Some(Distribution::Categorical { probabilities }) = &corpus.distribution else {
            continue;
        };
        let key = format!("corpora.{name}.distribution.probabilities");
        if let Some(negative) = probabilities.iter().find(|weight| **weight < 0.0) {
            notes.add(
                key,
                format!("has the weight {negative}: allowed is at least 0"),
            );
        } else if probabilities.iter().all(|weight| *weight == 0.0) {
            notes.add(key, "are all 0: at least one must be larger");
        }
    }
}

pub(super) fn references(scenario: &Scenario, notes: &mut Notes) {
    for (key, name) in named(scenario) {
        if !scenario.corpora.contains_key(name) {
            let hint = hint(name, scenario.corpora.keys().map(String::as_str));
            notes.add(
                key,
                format!("= \"{name}\" is no corpus of this scenario: {hint}"),
            );
        }
    }
}

/// Every place that names a corpus.
fn named(scenario: &Scenario) -> Vec<(String, &str)> {
    let mut named = Vec::new();
    for population in &scenario.population {
        let real = [
            ("real.private", &population.real.private),
            ("real.public", &population.real.public),
        ];
        let given = real
            .into_iter()
            .filter_map(|(key, name)| Some((key, name.as_deref()?)));
        named.extend(given.map(|(key, name)| (at(population, key), name)));
        let choice = population.publish.best_of.as_ref();
        if let Some(judge) = choice.and_then(|choice| choice.judge.as_deref()) {
            named.push((at(population, "publish.best_of.judge"), judge));
        }
        let game = population.read.payoff.iter();
        named.extend(game.map(|game| (at(population, "read.payoff.value"), game.value.as_str())));
    }
    let seed = scenario.web.seed.iter();
    named.extend(seed.map(|seed| ("web.seed.corpus".to_owned(), seed.corpus.as_str())));
    for site in &scenario.site {
        let writers = site.writers.iter();
        let key = |_| format!("site.{}.writers.corpus", site.name);
        named.extend(writers.map(|writers| (key(writers), writers.corpus.as_str())));
    }
    let tasks = scenario.observe.tasks.iter();
    named.extend(tasks.map(|task| ("observe.tasks".to_owned(), task.as_str())));
    named
}

pub(super) fn private_stays_private(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let Some(name) = &population.real.public else {
            continue;
        };
        let access = scenario.corpora.get(name).map(|corpus| corpus.access);
        notes.add_if(
            access == Some(Access::Private),
            at(population, "real.public"),
            format!(
                "= \"{name}\" is not allowed: that corpus has access = \"private\"; \
                 name it as real.private, or make it public"
            ),
        );
    }
}

/// True if nothing of the scenario names the corpus.
pub(super) fn unused(scenario: &Scenario, name: &str) -> bool {
    named(scenario).iter().all(|(_, other)| *other != name)
}
