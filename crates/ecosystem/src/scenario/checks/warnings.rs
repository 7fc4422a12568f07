//! What is legal and probably not meant.

use super::interventions::idle;
use super::size::publications;
use super::sources::unused;
use super::training::reads_text;
use super::{Notes, Rule, at, days, models};
use crate::scenario::schema::{
    Access, Distribution, Draw, From, Mixing, Regime, Scenario, SyntheticFraction,
};
use crate::scenario::stages::{Stage, attempts};
use crate::scenario::tree::number_text;

const RULES: [Rule; 12] = [
    schedules,
    silence,
    forgotten,
    ignored,
    late,
    idle_corpora,
    open_secrets,
    symbols,
    slices,
    super::densities::memory,
    super::curation::suspicions,
    super::watermarks::unseen,
];

/// Everything suspicious, one sentence each.
pub(in super::super) fn warnings(scenario: &Scenario) -> Vec<String> {
    let stages: Vec<Stage> = attempts(scenario).into_iter().flatten().collect();
    let mut all = of_stage(scenario);
    for stage in &stages {
        let days = number_text(scenario.days(stage.at));
        for warning in of_stage(&stage.scenario) {
            if !all.iter().any(|known| known.ends_with(&warning)) {
                all.push(format!("from day {days} on, {warning}"));
            }
        }
    }
    let mut notes = Notes::default();
    idle(scenario, &stages, &mut notes);
    all.extend(sentences(notes));
    all
}

/// What is suspicious about the values that hold together.
fn of_stage(scenario: &Scenario) -> Vec<String> {
    let mut notes = Notes::default();
    for rule in RULES {
        rule(scenario, &mut notes);
    }
    sentences(notes).collect()
}

fn sentences(notes: Notes) -> impl Iterator<Item = String> {
    let notes = notes.0.into_iter();
    notes.map(|(key, message)| format!("{key} {message}"))
}

fn schedules(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let SyntheticFraction::Schedule(list) = &population.mixture.synthetic_fraction else {
            continue;
        };
        let trainings = publications(scenario, population);
        notes.add_if(
            list.len() as f64 > trainings,
            at(population, "mixture.synthetic_fraction"),
            format!(
                "has {} values, but a model trains only about {trainings:.0} times before the \
                 horizon",
                list.len()
            ),
        );
    }
}

/// Nobody writes, yet somebody wants to read.
fn silence(scenario: &Scenario, notes: &mut Notes) {
    let silent = scenario
        .population
        .iter()
        .all(|population| population.publish.documents == 0);
    if !silent || scenario.web.seed.is_some() {
        return;
    }
    for population in &scenario.population {
        let wants = match &population.mixture.synthetic_fraction {
            SyntheticFraction::Constant(alpha) => *alpha > 0.0,
            SyntheticFraction::Schedule(list) => list.iter().any(|alpha| *alpha > 0.0),
            SyntheticFraction::ByCount(_) => false,
        };
        notes.add_if(
            wants,
            at(population, "mixture.synthetic_fraction"),
            "has no effect: nobody publishes, so every training is on real data",
        );
    }
}

/// A regime asks for documents that the web has dropped.
fn forgotten(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let less = match (scenario.web.retention, population.training.regime) {
            (Regime::Replace, regime) => regime != Regime::Replace,
            (Regime::Window(kept), Regime::Window(wanted)) => kept < wanted,
            _ => false,
        };
        notes.add_if(
            less,
            at(population, "training.regime"),
            "asks for older documents than web.retention keeps",
        );
    }
}

fn ignored(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let exact = population.training.mixing == Mixing::Exact;
        notes.add_if(
            exact && population.training.draw == Draw::WithReplacement,
            at(population, "training.draw"),
            "has no effect: nothing is drawn with mixing = \"exact\"",
        );
        let text = population.family.is_text();
        notes.add_if(
            !text && population.publish.tokens > 0,
            at(population, "publish.tokens"),
            "has no effect: only n-gram models write tokens",
        );
    }
    for (name, corpus) in &scenario.corpora {
        notes.add_if(
            corpus.distribution.is_some() && corpus.documents_max.is_some(),
            format!("corpora.{name}.documents_max"),
            "has no effect on a distribution; real.documents says how many are drawn",
        );
    }
}

/// The run is over before something happens.
fn late(scenario: &Scenario, notes: &mut Notes) {
    let horizon = days(scenario, scenario.horizon);
    notes.add_if(
        days(scenario, scenario.web.index_lag) >= horizon,
        "web.index_lag",
        "is as long as the run: nobody will ever read anything",
    );
    notes.add_if(
        days(scenario, scenario.observe.every) > horizon,
        "observe.every",
        "is longer than the run",
    );
}

fn idle_corpora(scenario: &Scenario, notes: &mut Notes) {
    for name in scenario
        .corpora
        .keys()
        .filter(|name| unused(scenario, name))
    {
        // Without a list of tasks, every text corpus is one.
        let task = scenario.observe.tasks.is_empty() && reads_text(scenario, name);
        notes.add_if(!task, format!("corpora.{name}"), "is used by nobody");
    }
}

fn open_secrets(scenario: &Scenario, notes: &mut Notes) {
    let public = |name: &String| {
        scenario
            .population
            .iter()
            .any(|population| population.real.public.as_ref() == Some(name))
    };
    for population in &scenario.population {
        notes.add_if(
            population.real.private.as_ref().is_some_and(public),
            at(population, "real.private"),
            "is no secret: a population has the same corpus as real.public",
        );
    }
    let Some(seed) = &scenario.web.seed else {
        return;
    };
    let access = scenario
        .corpora
        .get(&seed.corpus)
        .map(|corpus| corpus.access);
    notes.add_if(
        access == Some(Access::Private),
        "web.seed.corpus",
        "puts a private corpus on the web, where everybody reads it",
    );
}

fn symbols(scenario: &Scenario, notes: &mut Notes) {
    let mut counts = scenario.corpora.iter().filter_map(|(name, corpus)| {
        let count = match corpus.distribution.as_ref()? {
            Distribution::Categorical { probabilities } => probabilities.len(),
            Distribution::Uniform { symbols } | Distribution::Zipf { symbols, .. } => {
                *symbols as usize
            }
            Distribution::Gaussian { .. }
            | Distribution::StudentT { .. }
            | Distribution::Mixture { .. }
            | Distribution::Linear { .. }
            | Distribution::Captioned { .. }
            | Distribution::TwoClasses { .. }
            | Distribution::Templates { .. }
            | Distribution::Markov { .. } => return None,
        };
        Some((name, count))
    });
    let Some((first, common)) = counts.next() else {
        return;
    };
    for (name, count) in counts.filter(|(_, count)| *count != common) {
        let key = format!("corpora.{name}.distribution");
        notes.add(
            key,
            format!("has {count} symbols, but `{first}` has {common}"),
        );
    }
}

fn slices(scenario: &Scenario, notes: &mut Notes) {
    let models = models(scenario);
    for population in &scenario.population {
        let count = population.count;
        notes.add_if(
            population.shards.is_some_and(|shards| shards > count),
            at(population, "shards"),
            format!("is more than the {count} models: some shards will be empty"),
        );
        let From::Islands(size) = population.read.from else {
            continue;
        };
        notes.add_if(
            u64::from(size) <= models && !models.is_multiple_of(u64::from(size)),
            at(population, "read.from.islands"),
            format!("= {size} does not divide {models}: the last island is smaller"),
        );
    }
}
