//! How a population is divided into shards.

use crate::scenario::schema::{Family, Population, Scenario};

/// Up to so many shards for a population that is not huge: enough for many cores, few enough to cost nothing.
const SHARDS: u32 = 64;
/// A shard of a huge population has about so many models.
const MODELS_PER_SHARD: u32 = 4096;

/// Number of shards that the models of one replicate, and the people who write, are divided into: the most that can work side
/// by side.
pub fn shards(scenario: &Scenario) -> u64 {
    let counts = scenario.population.iter().map(shard_count);
    let writing = scenario.site.iter().filter(|site| site.writers.is_some());
    counts.map(u64::from).sum::<u64>() + writing.count() as u64
}

/// The number of shards depends on the population's size alone, never on the machine.
pub(crate) fn shard_count(population: &Population) -> u32 {
    let by_size = match population.family {
        // A training takes seconds: every model by itself.
        Family::Transformer(_) => population.count,
        _ => population.count.div_ceil(MODELS_PER_SHARD).max(SHARDS),
    };
    population.shards.unwrap_or(by_size).min(population.count)
}
