//! Built-in scenarios, all of them, made small.

use std::path::Path;

use ecosystem::scenario::schema::{Family, From, Scenario, Span};

use crate::cases::Case;
use crate::program::echosphere;

/// The names of all built-in scenarios.
#[track_caller]
pub(crate) fn built_in(folder: &Path) -> Vec<String> {
    let list = echosphere(folder, ["scenario", "list"]).ok();
    let names: Vec<String> = list
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    assert!(names.len() >= 8, "few scenarios are built in: {names:?}");
    names
}

/// A built-in scenario made small, without leaving out what makes it what it is.
pub(crate) fn reduced(name: &str) -> Case {
    let text = ecosystem::scenario::builtin::find(name).unwrap().text;
    let scenario = ecosystem::scenario::read(text, &[], &ecosystem::metrics::names()).unwrap();
    let mut case = Case {
        scenario: name.to_owned(),
        changes: vec![
            "replicates=2".to_owned(),
            "observe.evaluation_bytes_max=2000".to_owned(),
        ],
    };
    match scenario.horizon {
        Span::Generations(count) if count > 4.0 => case = case.with("horizon.generations=4"),
        Span::Days(days) if days > 20.0 => case = case.with("horizon.days=20"),
        _ => {}
    }
    let every = scenario.generation_days;
    case = case.with(&format!("observe.every.days={every}"));
    places(&scenario, corpora(&scenario, populations(&scenario, case)))
}

/// Small libraries for networks, whose tokens and whose baseline are learnt from all of them.
fn corpora(scenario: &Scenario, mut case: Case) -> Case {
    let is_network = |family: &Family| matches!(family, Family::Transformer(_));
    let mut families = scenario
        .population
        .iter()
        .map(|population| &population.family);
    if families.any(is_network) {
        for name in scenario.corpora.keys() {
            case = case.with(&format!("corpora.{name}.documents_max=60"));
        }
        case = case.with("observe.prompts=4");
    }
    case
}

/// A small web that is crawled every few days, by which models train soon after.
fn places(scenario: &Scenario, mut case: Case) -> Case {
    if scenario.site.is_empty() {
        return case;
    }
    case = case
        .with("web.index_lag.days=1")
        .with("observe.every.days=2");
    for site in &scenario.site {
        let mut change = |key: &str, value: u32| {
            case.changes
                .push(format!("site.{}.{key}={value}", site.name));
        };
        if site.owner.is_none() {
            change("hosts", site.hosts.min(40));
        }
        if site.writers.is_some() {
            change("writers.per_day", 30);
        }
    }
    for crawler in &scenario.crawler {
        let at = format!("crawler.{}", crawler.name);
        case = case
            .with(&format!("{at}.every.days=3"))
            .with(&format!("{at}.duration.days=1"));
        case = case.with(&format!("{at}.fetches=300"));
    }
    for population in &scenario.population {
        let at = format!("population.{}", population.name);
        case = case.with(&format!("{at}.clock.poisson=5"));
        if population.publish.clock.is_some() {
            case = case.with(&format!("{at}.publish.clock.poisson=4"));
        }
        if population.read.archive.is_some() {
            case = case.with(&format!("{at}.read.archive.cutoff.days=2"));
        }
    }
    for (number, _) in scenario.intervention.iter().enumerate() {
        case = case.with(&format!("intervention.{number}.at.days=9"));
    }
    case
}

/// The same with models that train at random moments, as often as before in the mean, if the scenario allows it.
pub(crate) fn continuous(case: &Case) -> Option<Case> {
    let text = ecosystem::scenario::builtin::find(&case.scenario)
        .unwrap()
        .text;
    let pairs = |case: &Case| -> Vec<(String, String)> {
        let pairs = case
            .changes
            .iter()
            .filter_map(|change| change.split_once('='));
        let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        pairs.map(owned).collect()
    };
    let read =
        |case: &Case| ecosystem::scenario::read(text, &pairs(case), &ecosystem::metrics::names());
    let days = read(case).unwrap().generation_days;
    let case = case
        .clone()
        .with(&format!("population.*.clock.poisson={days}"));
    read(&case).is_ok().then_some(case)
}

/// Fewer and smaller models, where nothing else counts them.
fn populations(scenario: &Scenario, mut case: Case) -> Case {
    let listed =
        |from: &From| matches!(from, From::Matrix(_) | From::Weights(_) | From::Islands(_));
    let countable = !scenario
        .population
        .iter()
        .any(|population| listed(&population.read.from));
    for population in &scenario.population {
        let name = &population.name;
        let mut at_most = |key: &str, value: u32, max: u32| {
            if value > max {
                case.changes.push(format!("population.{name}.{key}={max}"));
            }
        };
        if countable {
            at_most("count", population.count, 70);
        }
        at_most("publish.documents", population.publish.documents, 40);
        at_most("publish.tokens", population.publish.tokens, 200);
        if let Some(budget) = population.training.budget {
            at_most("training.budget.documents", budget.documents, 40);
            at_most("training.budget.first", budget.first.unwrap_or(0), 40);
        }
        if matches!(population.family, Family::Transformer(_)) {
            at_most("family.width", 64, 16);
            at_most("family.first.length.steps", 600, 8);
            at_most("family.later.length.steps", 20, 4);
            at_most("family.batch", 32, 4);
        }
        at_most(
            "real.documents",
            population.real.documents.unwrap_or(0),
            200,
        );
    }
    case
}
