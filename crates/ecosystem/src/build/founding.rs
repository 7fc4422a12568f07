//! What becomes of a population once its family is known.

use std::sync::Arc;

use learn::Family;

use super::AnyShard;
use crate::group::Group;
use crate::partition::shard_count;
use crate::scenario::schema::Scenario;
use crate::shard::{Model, Shard};

/// Makes the models of a population, whatever their family is.
pub(crate) trait Founder {
    /// What they are made into.
    type Founded;

    /// Makes population number `number` of a scenario, whose models begin as `initial`, or untrained.
    fn found<F: Family>(
        &mut self,
        of: (&Scenario, usize),
        group: &Arc<Group<F>>,
        initial: Option<&F::Fitted>,
    ) -> Self::Founded;
}

/// Those shards of a population that are wanted.
pub(super) struct Shards<'a> {
    wanted: &'a dyn Fn(u32) -> bool,
}

impl<'a> Shards<'a> {
    pub(super) fn new(wanted: &'a dyn Fn(u32) -> bool) -> Self {
        Self { wanted }
    }
}

impl Founder for Shards<'_> {
    type Founded = Vec<AnyShard>;

    fn found<F: Family>(
        &mut self,
        (scenario, number): (&Scenario, usize),
        group: &Arc<Group<F>>,
        initial: Option<&F::Fitted>,
    ) -> Vec<AnyShard> {
        let population = &scenario.population[number];
        let (count, shards) = (population.count, shard_count(population));
        let before: u32 = scenario.population[..number].iter().map(shard_count).sum();
        let bound = |shard: u32| (u64::from(count) * u64::from(shard) / u64::from(shards)) as u32;
        let shard = |shard| {
            let (start, end) = (bound(shard), bound(shard + 1));
            let models = (start..end).map(|_| Model::new(initial.cloned())).collect();
            Box::new(Shard::new(
                Arc::clone(group),
                (before + shard, start),
                models,
            )) as AnyShard
        };
        let wanted = (0..shards).filter(|shard| (self.wanted)(before + shard));
        wanted.map(shard).collect()
    }
}
