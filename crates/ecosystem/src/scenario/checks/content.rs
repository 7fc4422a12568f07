//! Whether data and models are of one kind: numbers, symbols or text.

use super::sources::{Source, classify};
use super::{Notes, at};
use crate::scenario::schema::{Corpus, Distribution, Family, Precision, Scenario};

/// What a corpus gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Supply {
    Numbers {
        dimension: u32,
    },
    /// Records with so many inputs.
    Records {
        inputs: u32,
    },
    /// Images under so many captions.
    Captions {
        captions: u32,
    },
    /// Labels, each with so many features.
    Labelled {
        features: u32,
    },
    Symbols,
    Text,
    /// A column of a file: numbers of one dimension or symbols, as only the file can tell.
    Column,
}

/// What a corpus gives; `None` if that cannot be told, which is a problem of its own.
pub(super) fn supply(corpus: &Corpus) -> Option<Supply> {
    match (&corpus.distribution, &corpus.source) {
        (Some(distribution), None) => Some(drawn(distribution)),
        (None, Some(source)) => stored(corpus, source),
        _ => None,
    }
}

fn drawn(distribution: &Distribution) -> Supply {
    match distribution {
        Distribution::Gaussian { dimension, .. } => Supply::Numbers {
            dimension: *dimension,
        },
        Distribution::StudentT { .. } | Distribution::Mixture { .. } => {
            Supply::Numbers { dimension: 1 }
        }
        Distribution::Categorical { .. }
        | Distribution::Uniform { .. }
        | Distribution::Zipf { .. } => Supply::Symbols,
        Distribution::Linear { dimension, .. } => Supply::Records { inputs: *dimension },
        Distribution::Captioned { probabilities, .. } => Supply::Captions {
            captions: probabilities.len() as u32,
        },
        Distribution::TwoClasses { dimension, .. } => Supply::Labelled {
            features: *dimension,
        },
        Distribution::Markov { .. } | Distribution::Templates { .. } => Supply::Text,
    }
}

fn stored(corpus: &Corpus, source: &str) -> Option<Supply> {
    match classify(source) {
        Source::BuiltinText | Source::Folder => Some(Supply::Text),
        Source::TableFile => Some(Supply::Column),
        Source::BuiltinTable(table) => {
            let column = corpus.column.as_deref()?;
            let is = |columns: &[&str]| columns.contains(&column);
            let numbers = Supply::Numbers { dimension: 1 };
            let numbers = is(table.numeric_columns).then_some(numbers);
            numbers.or(is(table.symbol_columns).then_some(Supply::Symbols))
        }
        Source::Unknown(_) => None,
    }
}

fn fits(family: &Family, supply: Supply) -> bool {
    if let Some((dimension, _)) = family.numbers() {
        return match supply {
            Supply::Numbers { dimension: given } => given == dimension,
            Supply::Column => dimension == 1,
            Supply::Records { .. }
            | Supply::Captions { .. }
            | Supply::Labelled { .. }
            | Supply::Symbols
            | Supply::Text => false,
        };
    }
    match family {
        Family::Linear { dimension, .. } => supply == Supply::Records { inputs: *dimension },
        Family::Captioned { captions, .. } => {
            supply
                == Supply::Captions {
                    captions: *captions,
                }
        }
        Family::Discriminant { dimension } => {
            supply
                == Supply::Labelled {
                    features: *dimension,
                }
        }
        Family::Ngram { .. } | Family::Transformer(_) => supply == Supply::Text,
        Family::Categorical {} => matches!(supply, Supply::Symbols | Supply::Column),
        Family::Gaussian { .. }
        | Family::Kde { .. }
        | Family::Gmm { .. }
        | Family::StudentT { .. } => unreachable!("numbers have a dimension"),
    }
}

fn wanted(family: &Family) -> String {
    match family {
        Family::Gaussian { dimension, .. } => numbers_wanted("gaussian", *dimension),
        Family::Kde { dimension, .. } => numbers_wanted("kde", *dimension),
        Family::Gmm { dimension, .. } => numbers_wanted("gmm", *dimension),
        Family::StudentT { .. } => numbers_wanted("student-t", 1),
        Family::Linear { dimension, .. } => format!(
            "a linear model of dimension {dimension} needs records: a linear distribution with \
             dimension = {dimension}"
        ),
        Family::Captioned { captions, .. } => format!(
            "a captioned model of {captions} captions needs images under as many: a captioned \
             distribution with {captions} probabilities"
        ),
        Family::Discriminant { dimension } => format!(
            "a discriminant of {dimension} features needs labelled documents: a two-classes \
             distribution with dimension = {dimension}"
        ),
        Family::Categorical {} => "a categorical model needs symbols: a categorical, uniform or \
             zipf distribution or a column"
            .to_owned(),
        Family::Transformer(_) => "a transformer needs text: a built-in corpus, a folder or a \
             markov or templates distribution"
            .to_owned(),
        Family::Ngram { .. } => "an n-gram model needs text: a built-in corpus, a folder or a \
             markov or templates distribution"
            .to_owned(),
    }
}

fn numbers_wanted(family: &str, dimension: u32) -> String {
    if dimension == 1 {
        return format!(
            "a {family} model of dimension 1 needs numbers: a gaussian, mixture or student-t \
             distribution or a numeric column"
        );
    }
    format!(
        "a {family} model of dimension {dimension} needs numbers of that dimension: a gaussian \
         distribution with dimension = {dimension}"
    )
}

fn given(supply: Supply) -> String {
    match supply {
        Supply::Numbers { dimension } => format!("numbers of dimension {dimension}"),
        Supply::Records { inputs } => format!("records of {inputs} inputs"),
        Supply::Captions { captions } => format!("images under {captions} captions"),
        Supply::Labelled { features } => format!("labels with {features} features"),
        Supply::Symbols => "symbols".to_owned(),
        Supply::Text => "text".to_owned(),
        Supply::Column => "a column".to_owned(),
    }
}

fn check(scenario: &Scenario, family: &Family, (key, name): (String, &str), notes: &mut Notes) {
    let supply = scenario.corpora.get(name).and_then(supply);
    if let Some(supply) = supply.filter(|supply| !fits(family, *supply)) {
        let (given, wanted) = (given(supply), wanted(family));
        notes.add(key, format!("= \"{name}\" gives {given}, but {wanted}"));
    }
}

pub(super) fn real_data_fit(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let real = &population.real;
        for (key, name) in [
            ("real.private", &real.private),
            ("real.public", &real.public),
        ] {
            if let Some(name) = name {
                check(
                    scenario,
                    &population.family,
                    (at(population, key), name),
                    notes,
                );
            }
        }
    }
}

/// The family that stands for all: they must agree anyway.
fn family(scenario: &Scenario) -> Option<&Family> {
    scenario
        .population
        .first()
        .map(|population| &population.family)
}

pub(super) fn web_seed_fits(scenario: &Scenario, notes: &mut Notes) {
    if let (Some(seed), Some(family)) = (&scenario.web.seed, family(scenario)) {
        check(
            scenario,
            family,
            ("web.seed.corpus".to_owned(), &seed.corpus),
            notes,
        );
    }
}

pub(super) fn writers_fit(scenario: &Scenario, notes: &mut Notes) {
    let Some(family) = family(scenario) else {
        return;
    };
    for site in &scenario.site {
        if let Some(writers) = &site.writers {
            let key = format!("site.{}.writers.corpus", site.name);
            check(scenario, family, (key, &writers.corpus), notes);
        }
    }
}

pub(super) fn tasks_fit(scenario: &Scenario, notes: &mut Notes) {
    let Some(family) = family(scenario) else {
        return;
    };
    for task in &scenario.observe.tasks {
        let corpus = scenario.corpora.get(task);
        let supply = corpus.and_then(supply);
        let held_out = match supply {
            Some(Supply::Text) => corpus.is_some_and(|corpus| corpus.distribution.is_none()),
            supply => matches!(supply, Some(Supply::Records { .. })),
        };
        if supply.is_some() && !held_out {
            let message = "has no held-out documents: allowed are folders, built-in text and linear distributions; \
                 models of numbers and symbols are compared with the truth of their own corpus";
            notes.add("observe.tasks", format!("= \"{task}\" {message}"));
        } else {
            check(scenario, family, ("observe.tasks".to_owned(), task), notes);
        }
    }
}

/// What a model publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Numbers {
        dimension: u32,
        precision: Precision,
    },
    Records {
        inputs: u32,
    },
    Captions {
        captions: u32,
    },
    Labelled {
        features: u32,
    },
    Symbols,
    Text,
}

impl std::fmt::Display for Content {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Numbers {
                dimension,
                precision,
            } => {
                let precision = if *precision == Precision::F64 {
                    "f64"
                } else {
                    "f32"
                };
                write!(formatter, "numbers (dimension {dimension}, {precision})")
            }
            Self::Records { inputs } => write!(formatter, "records of {inputs} inputs"),
            Self::Captions { captions } => write!(formatter, "images under {captions} captions"),
            Self::Labelled { features } => write!(formatter, "labels with {features} features"),
            Self::Symbols => formatter.write_str("symbols"),
            Self::Text => formatter.write_str("text"),
        }
    }
}

fn content(family: &Family) -> Content {
    if let Some((dimension, precision)) = family.numbers() {
        return Content::Numbers {
            dimension,
            precision,
        };
    }
    match family {
        Family::Linear { dimension, .. } => Content::Records { inputs: *dimension },
        Family::Captioned { captions, .. } => Content::Captions {
            captions: *captions,
        },
        Family::Discriminant { dimension } => Content::Labelled {
            features: *dimension,
        },
        Family::Ngram { .. } | Family::Transformer(_) => Content::Text,
        Family::Categorical {} => Content::Symbols,
        Family::Gaussian { .. }
        | Family::Kde { .. }
        | Family::Gmm { .. }
        | Family::StudentT { .. } => unreachable!("numbers have a dimension"),
    }
}

pub(super) fn one_kind(scenario: &Scenario, notes: &mut Notes) {
    let Some((first, others)) = scenario.population.split_first() else {
        return;
    };
    let common = content(&first.family);
    for population in others {
        let own = content(&population.family);
        notes.add_if(
            own != common,
            at(population, "family"),
            format!(
                "publishes {own}, but `{}` publishes {common}: all populations of a scenario \
                 must publish the same kind, for they read each other",
                first.name
            ),
        );
    }
}
