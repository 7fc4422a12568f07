//! Whether archives can be made and read.

use super::{Notes, at, time, unique};
use crate::scenario::schema::{From, Scenario};

pub(super) fn names(scenario: &Scenario, notes: &mut Notes) {
    let names = scenario.crawler.iter().map(|crawler| crawler.name.as_str());
    unique("crawler", &names.collect::<Vec<_>>(), notes);
    notes.add_if(
        !scenario.crawler.is_empty() && scenario.site.is_empty(),
        "crawler",
        "is not allowed without sites: there is nothing to fetch from",
    );
}

pub(super) fn spans(scenario: &Scenario, notes: &mut Notes) {
    for crawler in &scenario.crawler {
        for (key, span) in [("every", crawler.every), ("duration", crawler.duration)] {
            notes.add_if(
                time::zero(scenario, span),
                format!("crawler.{}.{key}", crawler.name),
                "is too short: it must be longer than zero",
            );
        }
        let sum = crawler.redirected + crawler.denied + crawler.failed;
        notes.add_if(
            sum > 1.0,
            format!("crawler.{}", crawler.name),
            format!("has shares of redirected, denied and failed fetches that sum to {sum}: allowed is at most 1"),
        );
    }
}

/// Models that may have crawlers to themselves.
const PRIVATE_MAX: u64 = 1000;

pub(super) fn private(scenario: &Scenario, notes: &mut Notes) {
    let mut crawlers = 0;
    for crawler in &scenario.crawler {
        let Some(name) = &crawler.private_to else {
            continue;
        };
        let key = format!("crawler.{}.private_to", crawler.name);
        let Some(owner) = scenario.population.iter().find(|one| one.name == *name) else {
            notes.add(key, format!("= \"{name}\" is not a population"));
            continue;
        };
        crawlers += u64::from(owner.count);
        for population in &scenario.population {
            let archive = population.read.archive.as_ref();
            notes.add_if(
                population.name != *name
                    && archive.is_some_and(|read| read.crawler == crawler.name),
                at(population, "read.archive.crawler"),
                format!("= \"{}\" is private to population {name}", crawler.name),
            );
        }
    }
    notes.add_if(
        crawlers > PRIVATE_MAX,
        "crawler",
        format!("gives {crawlers} models crawlers to themselves: allowed are at most {PRIVATE_MAX}, each of which remembers every page"),
    );
}

pub(super) fn archives(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let Some(archive) = &population.read.archive else {
            continue;
        };
        let known = scenario
            .crawler
            .iter()
            .any(|crawler| crawler.name == archive.crawler);
        notes.add_if(
            !known,
            at(population, "read.archive.crawler"),
            format!("= \"{}\" is not a crawler", archive.crawler),
        );
        notes.add_if(
            population.read.payoff.is_some(),
            at(population, "read.payoff"),
            "is not allowed with an archive: whoever earns must be read as he publishes",
        );
        notes.add_if(
            population.read.from != From::Everyone
                && population.read.include_own
                && matches!(population.read.from, From::Ring(_) | From::Islands(_)),
            at(population, "read.from"),
            "is not allowed with an archive: allowed is \"everyone\", market shares or a matrix",
        );
    }
}
