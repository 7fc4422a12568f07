//! Whether every document has somewhere to live.

use super::{Notes, at, time, unique};
use crate::scenario::schema::{Clock, Population, Regime, Scenario, Site};

pub(super) fn names(scenario: &Scenario, notes: &mut Notes) {
    let names = scenario.site.iter().map(|site| site.name.as_str());
    unique("site", &names.collect::<Vec<_>>(), notes);
}

fn key(site: &Site, rest: &str) -> String {
    format!("site.{}.{rest}", site.name)
}

pub(super) fn owners(scenario: &Scenario, notes: &mut Notes) {
    for (index, site) in scenario.site.iter().enumerate() {
        let Some(owner) = &site.owner else { continue };
        let known = |population: &Population| population.name == *owner;
        notes.add_if(
            !scenario.population.iter().any(known),
            key(site, "owner"),
            format!("= \"{owner}\" is not a population"),
        );
        let owned = |other: &Site| other.owner.as_ref() == Some(owner);
        notes.add_if(
            scenario.site[..index].iter().any(owned),
            key(site, "owner"),
            format!(
                "= \"{owner}\" has hosts of another kind already: allowed is one kind a population"
            ),
        );
        notes.add_if(
            site.hosts != 1,
            key(site, "hosts"),
            format!(
                "= {} is not allowed with an owner: there is one host for each of its models",
                site.hosts
            ),
        );
    }
}

const SUM_TOLERANCE: f64 = 1e-9;

pub(super) fn kinds(scenario: &Scenario, notes: &mut Notes) {
    for site in &scenario.site {
        let sum: f64 = site.changes.iter().map(|kind| kind.share).sum();
        notes.add_if(
            sum > 1.0 + SUM_TOLERANCE,
            key(site, "changes"),
            format!("have shares that sum to {sum}: allowed is at most 1, the rest never changes"),
        );
    }
}

/// With sites, everything that is published has a place, and stays there until it dies.
pub(super) fn places(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let shares = &population.publish.sites;
        for share in shares {
            let shared = |site: &&Site| site.name == share.site && site.owner.is_none();
            notes.add_if(
                scenario.site.iter().find(shared).is_none(),
                at(population, "publish.sites"),
                format!("= \"{}\" is not a kind of hosts that is shared", share.site),
            );
        }
        let sum: f64 = shares.iter().map(|share| share.share).sum();
        let owns = |site: &Site| site.owner.as_ref() == Some(&population.name);
        let own = scenario.site.iter().any(owns);
        let homeless = !scenario.site.is_empty() && !own && (sum - 1.0).abs() > SUM_TOLERANCE;
        notes.add_if(
            homeless || sum > 1.0 + SUM_TOLERANCE,
            at(population, "publish.sites"),
            format!(
                "have shares that sum to {sum}: allowed is {}, because `{}` owns {}",
                if own { "at most 1" } else { "1" },
                population.name,
                if own {
                    "hosts for the rest"
                } else {
                    "no hosts"
                },
            ),
        );
    }
    notes.add_if(
        !scenario.site.is_empty() && scenario.web.retention != Regime::Accumulate,
        "web.retention",
        "is not allowed with sites, where pages die by themselves: allowed is \"accumulate\"",
    );
}

pub(super) fn adoption(scenario: &Scenario, notes: &mut Notes) {
    let people = scenario.site.iter().any(|site| site.writers.is_some());
    for population in &scenario.population {
        let publish = &population.publish;
        if let Some(adoption) = publish.adoption {
            notes.add_if(
                !people,
                at(population, "publish.adoption"),
                "is not allowed without people to share with: it needs a site with writers",
            );
            notes.add_if(
                time::zero(scenario, adoption.scale),
                at(population, "publish.adoption.scale"),
                "is too short: it must be longer than zero",
            );
        }
        notes.add_if(
            matches!(publish.clock, Some(Clock::Bernoulli(_))),
            at(population, "publish.clock"),
            "= { bernoulli } is not allowed: what is missed is a training",
        );
    }
}
