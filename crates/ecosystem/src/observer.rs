//! The observer: from what shards saw to rows of the metric table.

mod distance;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use learn::Measure;
use types::document::ModelId;
use types::metric::Row;
use types::time::VirtualTime;

use crate::build::Blueprint;
use crate::metrics::{
    DISAGREEMENT, ECOSYSTEM_METRICS, ECOSYSTEM_VENDI, EFFECTIVE_MODELS, FIT_FAILED,
    NGRAM_CROSS_ENTROPY, OUTPUT_DISTANCE, OUTPUT_SIMILARITY, PROMPT_SIMILARITY, SOURCE_SHARE,
    VISIBLE_DOCUMENTS, WATERMARK_Z,
};
use crate::observation::{ModelRow, Observation};
use crate::world::{Surroundings, ViewFacts};

/// More is counted nowhere.
pub(crate) const COUNT_MAX: u64 = 1 << 40;

/// Turns observations into rows.
#[derive(Debug)]
pub(crate) struct Observer {
    replicate: u32,
    /// Names and sizes of the populations.
    populations: Vec<(Arc<str>, u32)>,
    /// Names of the held-out tasks.
    tasks: Vec<Arc<str>>,
    /// Names of the sources of training sets.
    sources: Vec<Arc<str>>,
    /// Names of the tasks that prompts come from.
    prompt_tasks: Vec<Arc<str>>,
    /// Which views each population reads.
    reads: Vec<Range<usize>>,
    /// Metrics of the ecosystem that are wanted.
    wanted: Vec<&'static str>,
    names: BTreeMap<&'static str, Arc<str>>,
    /// Whether cosines of outputs are wanted.
    similarity: bool,
    /// Whether the norm of the distances of outputs is.
    distance: bool,
    /// Whether the number of models whose outputs differ in effect is.
    vendi: bool,
    /// What n-grams make of each task, if that is asked for.
    baselines: Vec<(Arc<str>, f64)>,
    /// What is measured of models only because a metric of the ecosystem is made from it.
    hidden: Vec<&'static str>,
}

impl Observer {
    /// The observer of one replicate.
    pub(crate) fn new(blueprint: &Blueprint<'_>, replicate: u32) -> Self {
        let populations = &blueprint.scenario.population;
        let tasks: Vec<Arc<str>> = blueprint.targets().into_iter().map(Arc::from).collect();
        Self {
            replicate,
            populations: populations
                .iter()
                .map(|population| (Arc::from(population.name.as_str()), population.count))
                .collect(),
            sources: populations
                .iter()
                .map(|population| population.name.as_str())
                .chain(crate::diet::REAL)
                .map(Arc::from)
                .collect(),
            prompt_tasks: tasks.clone(),
            tasks,
            reads: populations
                .iter()
                .map(|population| blueprint.views_of(population))
                .collect(),
            wanted: ECOSYSTEM_METRICS
                .iter()
                .map(|info| info.name)
                .filter(|name| blueprint.wants(name))
                .collect(),
            names: BTreeMap::new(),
            similarity: blueprint.wants(OUTPUT_SIMILARITY) || blueprint.wants(PROMPT_SIMILARITY),
            distance: blueprint.names(OUTPUT_DISTANCE),
            vendi: blueprint.names(ECOSYSTEM_VENDI),
            baselines: if blueprint.names(NGRAM_CROSS_ENTROPY) {
                blueprint.ngram_baselines()
            } else {
                Vec::new()
            },
            hidden: [Measure::Coefficient, Measure::SquaredNorm]
                .map(|measure| measure.info().name)
                .into_iter()
                .filter(|name| !blueprint.wants(name))
                .collect(),
        }
    }

    /// Rows for everything that was seen in a window, instant by instant.
    pub(crate) fn rows(
        &mut self,
        observations: Vec<Observation>,
        (around, fits_failed): (&Surroundings, u64),
        rows: &mut Vec<Row>,
    ) {
        let mut instants: BTreeMap<VirtualTime, BTreeMap<u16, Observation>> = BTreeMap::new();
        for observation in observations {
            let populations = instants.entry(observation.time).or_default();
            match populations.get_mut(&observation.population) {
                Some(joined) => joined.join(observation),
                None => drop(populations.insert(observation.population, observation)),
            }
        }
        for (time, populations) in instants {
            let at = Instant {
                time,
                generation: populations
                    .values()
                    .map(|o| o.generation_max)
                    .max()
                    .unwrap_or(0),
            };
            for observation in populations.values() {
                self.population_rows(observation, rows);
            }
            self.similarity_rows(at, &populations, rows);
            self.disagreement_row(at, &populations, rows);
            self.ecosystem_rows(at, (around, fits_failed), rows);
        }
    }

    /// True if these are the views that populations read, and the facts are no more than are ever asked for.
    pub(crate) fn sees(&self, around: &Surroundings) -> bool {
        self.reads
            .iter()
            .all(|views| views.end <= around.views.len())
            && around.facts.len() <= crate::facts::FACTS_MAX
    }

    /// True if all that an observation names is in the scenario, and its numbers can be added up.
    pub(crate) fn knows(&self, seen: &Observation) -> bool {
        let named = |metric: &str, number: Option<u16>| {
            number.is_none_or(|number| usize::from(number) < self.targets(metric).len())
        };
        usize::from(seen.population) < self.populations.len()
            && seen
                .sums
                .iter()
                .all(|sum| named(sum.metric, sum.task) && sum.count <= COUNT_MAX)
            && seen.rows.iter().all(|row| named(row.metric, row.task))
    }

    fn name(&mut self, metric: &'static str) -> Arc<str> {
        Arc::clone(
            self.names
                .entry(metric)
                .or_insert_with(|| Arc::from(metric)),
        )
    }

    fn population_rows(&mut self, observation: &Observation, rows: &mut Vec<Row>) {
        let (name, size) = self.populations[observation.population as usize].clone();
        for &ModelRow {
            model,
            generation,
            metric,
            task,
            value,
        } in &observation.rows
        {
            if self.hidden.contains(&metric) {
                continue;
            }
            let at = Instant {
                time: observation.time,
                generation,
            };
            let target = self.target(metric, task);
            rows.push(self.row(at, Some(model), (Some(&name), metric, target), value));
        }
        if size == 1 {
            return;
        }
        for sum in &observation.sums {
            if self.hidden.contains(&sum.metric) {
                continue;
            }
            let at = Instant {
                time: observation.time,
                generation: observation.generation_max,
            };
            let target = self.target(sum.metric, sum.task);
            rows.push(self.row(
                at,
                None,
                (Some(&name), sum.metric, target),
                sum.total / sum.count as f64,
            ));
        }
    }

    /// What the numbers beside values of a metric stand for: sources, which the authors of green lists are too, or held-out tasks.
    fn targets(&self, metric: &str) -> &[Arc<str>] {
        match metric {
            // Populations come first among sources.
            SOURCE_SHARE | WATERMARK_Z => &self.sources,
            _ => &self.tasks,
        }
    }

    fn target(&self, metric: &str, number: Option<u16>) -> Option<Arc<str>> {
        number.map(|number| Arc::clone(&self.targets(metric)[usize::from(number)]))
    }

    fn row(
        &mut self,
        at: Instant,
        model: Option<ModelId>,
        (population, metric, target): (Option<&Arc<str>>, &'static str, Option<Arc<str>>),
        value: f64,
    ) -> Row {
        Row {
            replicate: self.replicate,
            time: at.time.days(),
            generation: at.generation,
            model: model.map(|id| id.0),
            population: population.cloned(),
            metric: self.name(metric),
            target,
            value,
        }
    }

    fn ecosystem_rows(
        &mut self,
        at: Instant,
        (around, fits_failed): (&Surroundings, u64),
        rows: &mut Vec<Row>,
    ) {
        if self.wanted.contains(&FIT_FAILED) {
            let failed = fits_failed as f64;
            rows.push(self.row(at, None, (None, FIT_FAILED, None), failed));
        }
        for (task, value) in self.baselines.clone() {
            rows.push(self.row(at, None, (None, NGRAM_CROSS_ENTROPY, Some(task)), value));
        }
        for fact in &around.facts {
            let target = fact.target.as_deref().map(Arc::from);
            rows.push(self.row(at, None, (None, fact.metric, target), fact.value));
        }
        if let [only] = around.views.as_slice() {
            return self.view_rows(at, None, std::slice::from_ref(only), rows);
        }
        // Populations that do not see the same web have rows of their own.
        for (population, views) in self.reads.clone().into_iter().enumerate() {
            let name = Arc::clone(&self.populations[population].0);
            self.view_rows(at, Some(&name), &around.views[views], rows);
        }
    }

    /// What can be read through the views of a population: means, where each model has its own.
    fn view_rows(
        &mut self,
        at: Instant,
        population: Option<&Arc<str>>,
        views: &[ViewFacts],
        rows: &mut Vec<Row>,
    ) {
        let documents = views.iter().map(|view| f64::from(view.documents));
        let models = views.iter().filter(|view| view.documents > 0);
        let models = models.filter_map(|view| view.effective_models);
        let means = [
            (EFFECTIVE_MODELS, mean(models)),
            (VISIBLE_DOCUMENTS, mean(documents)),
        ];
        for metric in self.wanted.clone() {
            let found = means.iter().find(|(name, _)| *name == metric);
            if let Some(value) = found.and_then(|(_, mean)| *mean) {
                rows.push(self.row(at, None, (population, metric, None), value));
            }
        }
    }

    /// Mean squared distance of all pairs of linear models: twice the sum of squared distances from their mean over K - 1.
    fn disagreement_row(
        &mut self,
        at: Instant,
        seen: &BTreeMap<u16, Observation>,
        rows: &mut Vec<Row>,
    ) {
        if !self.wanted.contains(&DISAGREEMENT) {
            return;
        }
        let (mut sums, mut norms, mut models) = (BTreeMap::new(), 0.0, 0);
        for sum in seen.values().flat_map(|observation| &observation.sums) {
            if sum.metric == Measure::Coefficient.info().name {
                *sums.entry(sum.task).or_insert(0.0) += sum.total;
            } else if sum.metric == Measure::SquaredNorm.info().name {
                norms += sum.total;
                models += sum.count;
            }
        }
        if models < 2 {
            return;
        }
        let count = models as f64;
        let of_sum: f64 = sums.values().map(|sum| sum * sum).sum();
        // Of models that agree, rounding could leave a little less than nothing.
        let value = ((norms - of_sum / count) * 2.0 / (count - 1.0)).max(0.0);
        rows.push(self.row(at, None, (None, DISAGREEMENT, None), value));
    }

    /// Cosines of all pairs of observed models.
    fn similarity_rows(
        &mut self,
        at: Instant,
        seen: &BTreeMap<u16, Observation>,
        rows: &mut Vec<Row>,
    ) {
        let models: Vec<(u16, ModelId, &[Vec<f32>])> = seen
            .values()
            .flat_map(|o| {
                o.embeddings
                    .iter()
                    .map(|(id, vectors)| (o.population, *id, vectors.as_slice()))
            })
            .collect();
        if models.len() < 2 {
            return;
        }
        let outputs: Vec<&[Vec<f32>]> = models.iter().map(|model| model.2).collect();
        if self.distance {
            let value = distance::frobenius(&outputs);
            rows.push(self.row(at, None, (None, OUTPUT_DISTANCE, None), value));
        }
        if let Some(value) = self.vendi.then(|| distance::vendi(&outputs)).flatten() {
            rows.push(self.row(at, None, (None, ECOSYSTEM_VENDI, None), value));
        }
        if !self.similarity {
            return;
        }
        let mut by_task = vec![0.0; models[0].2.len()];
        let mut pairs = 0.0;
        for (i, a) in models.iter().enumerate() {
            for (j, b) in models.iter().enumerate().filter(|(j, _)| *j != i) {
                let cosines = distance::cosines(a.2, b.2);
                if i < j {
                    pairs += 1.0;
                    by_task
                        .iter_mut()
                        .zip(&cosines)
                        .for_each(|(sum, cosine)| *sum += cosine);
                }
                if models.len() <= PAIRWISE_MODELS_MAX {
                    let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
                    let (name, target) = (
                        Arc::clone(&self.populations[a.0 as usize].0),
                        self.model_name(b.0, b.1),
                    );
                    rows.push(self.row(
                        at,
                        Some(a.1),
                        (Some(&name), OUTPUT_SIMILARITY, Some(target)),
                        mean,
                    ));
                }
            }
        }
        for (task, sum) in by_task.into_iter().enumerate() {
            let target = self.prompt_tasks.get(task).cloned();
            rows.push(self.row(at, None, (None, PROMPT_SIMILARITY, target), sum / pairs));
        }
    }

    /// A model's population, if it is alone in it, else its number.
    fn model_name(&self, population: u16, id: ModelId) -> Arc<str> {
        match &self.populations[population as usize] {
            (name, 1) => Arc::clone(name),
            _ => Arc::from(id.0.to_string()),
        }
    }
}

/// The mean of some numbers; none of none.
fn mean(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let count = values.clone().count();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}

/// Up to so many observed models, every pair has a row.
const PAIRWISE_MODELS_MAX: usize = 16;

#[derive(Debug, Clone, Copy)]
struct Instant {
    time: VirtualTime,
    generation: u32,
}
