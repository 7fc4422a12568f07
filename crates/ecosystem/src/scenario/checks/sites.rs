//! Whether every document has somewhere to live.

use super::{Notes, at, days, time, unique};
use crate::scenario::schema::{Clock, Population, Regime, Scenario, Site};
use crate::scenario::tree::number_text;

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

/// Hosts are numbered with 32 bits, and each takes memory from the start.
const HOSTS_MAX: u64 = 100_000_000;

/// A page's changes lie in cells of one mean waiting time each, which are numbered with 32 bits.
const CHANGES_MAX: f64 = 4_294_967_279.0;

pub(super) fn kinds(scenario: &Scenario, notes: &mut Notes) {
    for site in &scenario.site {
        let sum: f64 = site.changes.iter().map(|kind| kind.share).sum();
        notes.add_if(
            sum > 1.0 + SUM_TOLERANCE,
            key(site, "changes"),
            format!("have shares that sum to {sum}: allowed is at most 1, the rest never changes"),
        );
        rates(scenario, site, notes);
    }
    let hosts = hosts(scenario);
    notes.add_if(
        hosts > HOSTS_MAX,
        "site",
        format!("has {hosts} hosts in all: allowed is at most {HOSTS_MAX}; lower some `hosts`"),
    );
}

fn rates(scenario: &Scenario, site: &Site, notes: &mut Notes) {
    let horizon_days = days(scenario, scenario.horizon);
    let per_day_max = CHANGES_MAX / horizon_days;
    let rates = site.changes.iter().map(|kind| kind.per_day);
    let fastest = rates.fold(0.0, f64::max);
    notes.add_if(
        fastest > per_day_max,
        key(site, "changes"),
        format!(
            "= {{ per_day = {} }} is out of range over {} days: allowed is 0 to {}",
            number_text(fastest),
            number_text(horizon_days),
            number_text(libm::floor(per_day_max)),
        ),
    );
}

/// Hosts of all kinds: of those that a population owns, one for each of its models.
fn hosts(scenario: &Scenario) -> u64 {
    let count = |site: &Site| {
        let owner = |population: &&Population| Some(&population.name) == site.owner.as_ref();
        let owner = scenario.population.iter().find(owner);
        u64::from(owner.map_or(site.hosts, |population| population.count))
    };
    scenario.site.iter().map(count).sum()
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
