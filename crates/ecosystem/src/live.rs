//! Models and their web for a host that keeps the time of the wall.
//!
//! The same models as in the virtual engine, with the same treatments: only who calls them, and when, is another. A host keeps
//! [`Members`] wherever it likes, one model each or many, hands them the [`LiveWeb`] when they are due, and gives the web what they
//! published. Nothing here knows what time it is.

mod members;
mod web;

use std::ops::Range;
use std::sync::Arc;

use learn::{Family, NgramError};

use self::members::Crew;
pub use self::members::{Deed, Hands, Members, Performed, StateError};
pub use self::web::LiveWeb;
use crate::build::{Blueprint, Founder};
use crate::data::Data;
use crate::group::Group;
use crate::host::Keeping;
use crate::scenario::schema::{Population, Scenario};
use crate::shard::Model;

/// Models with consecutive numbers, of one population.
pub type AnyMembers = Box<dyn Members>;

/// What a live host is built from.
#[derive(Debug)]
pub struct LivePopulation {
    /// The web, empty but for what the scenario seeds it with.
    pub web: LiveWeb,
    /// All models in the order of their numbers, so many to a group as was asked for.
    pub members: Vec<AnyMembers>,
}

/// Why a scenario cannot be hosted live.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// It has something that only the virtual engine does.
    #[error("{0} cannot be hosted live: only runs in virtual time have it")]
    Unhosted(&'static str),
    /// An n-gram family of that shape does not exist.
    #[error(transparent)]
    Ngram(#[from] NgramError),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] ::web::LogError),
}

/// Builds the models whose numbers `hosted` says yes to, and a web for them; at most `each` models to a group.
///
/// # Errors
/// [`LiveError`] if the scenario has what cannot be hosted live.
pub fn populate(
    (scenario, data): (&Scenario, &Data),
    keeping: &Keeping,
    each: u32,
    hosted: &Range<u32>,
) -> Result<LivePopulation, LiveError> {
    if let Some(what) = unhosted(scenario) {
        return Err(LiveError::Unhosted(what));
    }
    // Nobody observes a live population, and to look up where a hundred documents come from takes longer than to be fitted to them.
    let blueprint = Blueprint {
        traced: false,
        ..Blueprint::new(scenario, data, 0)
    };
    let web = LiveWeb::new(&blueprint, keeping)?;
    let mut members = Vec::new();
    let mut crews = Crews { each, hosted };
    for number in 0..scenario.population.len() {
        members.extend(blueprint.found(number, &mut crews)?);
    }
    Ok(LivePopulation { web, members })
}

/// What a scenario has that no live host does.
fn unhosted(scenario: &Scenario) -> Option<&'static str> {
    let moves =
        |population: &Population| population.enters.is_some() || population.leaves.is_some();
    let parts = [
        (
            scenario.population.iter().any(moves),
            "a population that enters or leaves",
        ),
        (!scenario.intervention.is_empty(), "[[intervention]]"),
        (!scenario.site.is_empty(), "[[site]]"),
        (!scenario.crawler.is_empty(), "[[crawler]]"),
    ];
    parts
        .into_iter()
        .find_map(|(has, name)| has.then_some(name))
}

/// Divides those models of a population that are hosted into crews.
struct Crews<'a> {
    each: u32,
    hosted: &'a Range<u32>,
}

impl Founder for Crews<'_> {
    type Founded = Vec<AnyMembers>;

    fn found<F: Family>(
        &mut self,
        (scenario, number): (&Scenario, usize),
        group: &Arc<Group<F>>,
        initial: Option<&F::Fitted>,
    ) -> Vec<AnyMembers> {
        let numbers = group.first..group.first + scenario.population[number].count;
        let within = |model: u32| model.clamp(numbers.start, numbers.end);
        let (start, end) = (within(self.hosted.start), within(self.hosted.end));
        let initial = initial.map(|fitted| Arc::new(Model::new(Some(fitted.clone()))));
        let crew = |first| {
            let size = self.each.min(end - first);
            Box::new(Crew::new(Arc::clone(group), (first, size), initial.clone())) as AnyMembers
        };
        (start..end).step_by(self.each as usize).map(crew).collect()
    }
}
