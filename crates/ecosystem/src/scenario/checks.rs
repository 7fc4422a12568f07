//! What a schema cannot say: rules about several keys at once.
//!
//! Each rule is a function that looks at a whole scenario and notes what breaks it: the key, its
//! value, what is allowed and why.

use super::schema::{Population, Scenario, Span};

mod captioned;
mod content;
mod crawlers;
mod curation;
mod densities;
mod interventions;
mod linear;
mod names;
mod observe;
mod reading;
mod sites;
mod size;
mod sources;
mod time;
mod training;
mod transformers;
mod warnings;
mod watermarks;

use names::unique;
pub(super) use warnings::warnings;

/// What rules noted: a key and a message that reads on from it.
#[derive(Debug, Default)]
pub(super) struct Notes(pub(super) Vec<(String, String)>);

impl Notes {
    fn add(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.0.push((key.into(), message.into()));
    }

    /// Notes `message` when `broken`.
    fn add_if(&mut self, broken: bool, key: impl Into<String>, message: impl Into<String>) {
        if broken {
            self.add(key, message);
        }
    }
}

type Rule = fn(&Scenario, &mut Notes);

const RULES: [Rule; 63] = [
    names::populations,
    names::corpora,
    sources::one_origin,
    sources::columns,
    sources::builtins,
    sources::probabilities,
    sources::references,
    sources::private_stays_private,
    content::real_data_fit,
    content::web_seed_fits,
    content::tasks_fit,
    content::one_kind,
    training::real_data,
    training::truth,
    training::budget,
    training::real_documents,
    densities::mixtures,
    densities::truth,
    densities::warm_start,
    densities::temperature,
    densities::best_of,
    densities::shift,
    training::expected,
    training::detector,
    training::learned_detector,
    training::share,
    transformers::shapes,
    transformers::pretrained,
    transformers::beginning,
    transformers::prompts,
    transformers::truncation,
    watermarks::green_lists,
    captioned::shares,
    captioned::temperature,
    captioned::labels,
    linear::shapes,
    linear::records,
    linear::scrapes,
    reading::matrix,
    reading::weights,
    reading::neighbourhood,
    reading::somebody,
    reading::web_seed,
    reading::near_duplicates,
    reading::payoff,
    sites::names,
    sites::owners,
    content::writers_fit,
    sites::kinds,
    sites::places,
    sites::adoption,
    crawlers::names,
    crawlers::spans,
    crawlers::archives,
    crawlers::private,
    curation::kinds,
    curation::near_duplicates,
    curation::something_is_kept,
    observe::sources,
    time::spans,
    time::refresh,
    time::presence,
    size::all,
];

/// Everything that breaks a rule.
pub(super) fn problems(scenario: &Scenario, known_metrics: &[&str]) -> Notes {
    let mut notes = Notes::default();
    for rule in RULES {
        rule(scenario, &mut notes);
    }
    observe::metrics(scenario, known_metrics, &mut notes);
    interventions::all(scenario, &mut notes);
    notes
}

/// The key of something in a population.
fn at(population: &Population, rest: &str) -> String {
    format!("population.{}.{rest}", population.name)
}

/// Models of all populations.
fn models(scenario: &Scenario) -> u64 {
    scenario
        .population
        .iter()
        .map(|population| u64::from(population.count))
        .sum()
}

fn days(scenario: &Scenario, span: Span) -> f64 {
    scenario.days(span)
}
