//! What shards hand over apart from documents.

use ecosystem::{Fact, ModelRow, Observation, Outbox, Sum, Surroundings, ViewFacts};
use types::document::ModelId;
use types::time::VirtualTime;

use super::batch::{columns, flat};
use super::{WireError, generated as wire};

/// An outbox without its documents, which are in the durable log.
pub(crate) fn report_of(outbox: &Outbox, published: Option<wire::Published>) -> wire::ShardReport {
    wire::ShardReport {
        shard: outbox.shard,
        published,
        ticks: outbox.ticks,
        fits_failed: outbox.fits_failed,
        observations: outbox
            .observations
            .iter()
            .map(observation_to_wire)
            .collect(),
    }
}

/// The outbox that a report stands for, without its documents.
pub(crate) fn outbox_of(report: &wire::ShardReport) -> Result<Outbox, WireError> {
    let observations = report.observations.iter().map(observation_of_wire);
    Ok(Outbox {
        shard: report.shard,
        batch: None,
        observations: observations.collect::<Result<_, _>>()?,
        ticks: report.ticks,
        fits_failed: report.fits_failed,
    })
}

/// What could be read, to be told to the coordinator.
pub(crate) fn surroundings_to_wire(around: &Surroundings) -> wire::Surroundings {
    let facts = |view: &ViewFacts| wire::ViewFacts {
        documents: view.documents,
        effective_models: view.effective_models,
    };
    let fact = |fact: &Fact| wire::Fact {
        metric: fact.metric.to_owned(),
        target: fact.target.clone(),
        value: fact.value,
    };
    wire::Surroundings {
        views: around.views.iter().map(facts).collect(),
        facts: around.facts.iter().map(fact).collect(),
    }
}

/// What could be read, as a node tells it.
pub(crate) fn surroundings_of_wire(around: &wire::Surroundings) -> Result<Surroundings, WireError> {
    let facts = |view: &wire::ViewFacts| ViewFacts {
        documents: view.documents,
        effective_models: view.effective_models,
    };
    let fact = |fact: &wire::Fact| {
        Ok(Fact {
            metric: metric(&fact.metric)?,
            target: fact.target.clone(),
            value: fact.value,
        })
    };
    Ok(Surroundings {
        views: around.views.iter().map(facts).collect(),
        facts: around.facts.iter().map(fact).collect::<Result<_, _>>()?,
    })
}

fn observation_to_wire(seen: &Observation) -> wire::Observation {
    let sum = |sum: &Sum| wire::Sum {
        metric: sum.metric.to_owned(),
        task: sum.task.map(u32::from),
        count: sum.count,
        total: sum.total,
    };
    let value = |row: &ModelRow| wire::ModelValue {
        model: row.model.0,
        generation: row.generation,
        metric: row.metric.to_owned(),
        task: row.task.map(u32::from),
        value: row.value,
    };
    let embedding = |(model, vectors): &(ModelId, Vec<Vec<f32>>)| wire::Embedding {
        model: model.0,
        vectors: vectors
            .iter()
            .map(|vector| flat(vector, f32::to_le_bytes))
            .collect(),
    };
    wire::Observation {
        population: u32::from(seen.population),
        time: seen.time.0,
        generation_max: seen.generation_max,
        sums: seen.sums.iter().map(sum).collect(),
        values: seen.rows.iter().map(value).collect(),
        embeddings: seen.embeddings.iter().map(embedding).collect(),
    }
}

fn observation_of_wire(seen: &wire::Observation) -> Result<Observation, WireError> {
    let population = seen
        .population
        .try_into()
        .map_err(|_| WireError("no such population"))?;
    let mut own = Observation::new(population, VirtualTime(seen.time));
    own.generation_max = seen.generation_max;
    for sum in &seen.sums {
        own.sums.push(Sum {
            metric: metric(&sum.metric)?,
            task: task(sum.task)?,
            count: sum.count,
            total: sum.total,
        });
    }
    for value in &seen.values {
        own.rows.push(ModelRow {
            model: ModelId(value.model),
            generation: value.generation,
            metric: metric(&value.metric)?,
            task: task(value.task)?,
            value: value.value,
        });
    }
    for embedding in &seen.embeddings {
        let vectors = embedding
            .vectors
            .iter()
            .map(|bytes| columns(bytes, f32::from_le_bytes));
        let vectors = vectors.collect::<Result<_, _>>()?;
        own.embeddings.push((ModelId(embedding.model), vectors));
    }
    Ok(own)
}

fn metric(name: &str) -> Result<&'static str, WireError> {
    ecosystem::metrics::known(name).ok_or(WireError("a metric is not in the catalogue"))
}

fn task(task: Option<u32>) -> Result<Option<u16>, WireError> {
    let number = task.map(u16::try_from).transpose();
    number.map_err(|_| WireError("no such task"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = f64> {
        prop_oneof![any::<f64>().prop_filter("NaN differs from itself", |x| !x.is_nan())]
    }

    fn facts() -> impl Strategy<Value = Fact> {
        let names = proptest::sample::select(ecosystem::metrics::names());
        let target = proptest::option::of("[a-z:]{0,9}");
        (names, target, values()).prop_map(|(metric, target, value)| Fact {
            metric,
            target,
            value,
        })
    }

    fn observations() -> impl Strategy<Value = Observation> {
        let names = proptest::sample::select(ecosystem::metrics::names());
        let sum = (
            names.clone(),
            proptest::option::of(any::<u16>()),
            any::<u64>(),
            values(),
        );
        let row = (
            any::<(u32, u32)>(),
            names,
            proptest::option::of(any::<u16>()),
            values(),
        );
        let vectors =
            proptest::collection::vec(proptest::collection::vec(-1.0..1.0_f32, 0..5), 0..3);
        (
            any::<(u16, u64, u32)>(),
            proptest::collection::vec(sum, 0..5),
            proptest::collection::vec(row, 0..5),
            proptest::collection::vec((any::<u32>().prop_map(ModelId), vectors), 0..3),
        )
            .prop_map(|((population, time, generation), sums, rows, embeddings)| {
                let mut seen = Observation::new(population, VirtualTime(time));
                seen.generation_max = generation;
                seen.sums = sums
                    .into_iter()
                    .map(|(metric, task, count, total)| Sum {
                        metric,
                        task,
                        count,
                        total,
                    })
                    .collect();
                seen.rows = rows
                    .into_iter()
                    .map(|((model, generation), metric, task, value)| ModelRow {
                        model: ModelId(model),
                        generation,
                        metric,
                        task,
                        value,
                    })
                    .collect();
                seen.embeddings = embeddings;
                seen
            })
    }

    proptest! {
        #[test]
        fn reports_survive_the_round_trip(
            observations in proptest::collection::vec(observations(), 0..4),
            (shard, ticks, fits_failed) in any::<(u32, u64, u64)>(),
        ) {
            let outbox = Outbox { shard, batch: None, observations, ticks, fits_failed };
            let again = outbox_of(&report_of(&outbox, None)).unwrap();
            prop_assert_eq!(&again.observations, &outbox.observations);
            prop_assert_eq!((again.shard, again.ticks, again.fits_failed), (shard, ticks, fits_failed));
        }

        #[test]
        fn surroundings_survive_the_round_trip(
            views in proptest::collection::vec((any::<u32>(), proptest::option::of(values())), 0..4),
            facts in proptest::collection::vec(facts(), 0..4),
        ) {
            let view = |(documents, effective_models)| ViewFacts { documents, effective_models };
            let around = Surroundings { views: views.into_iter().map(view).collect(), facts };
            prop_assert_eq!(&surroundings_of_wire(&surroundings_to_wire(&around)).unwrap(), &around);
        }
    }
}
