//! What one shard saw of its models at one instant.

use types::document::ModelId;
use types::time::VirtualTime;

/// Sums over all models of a shard, and values of those that have rows of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Position of the population in the scenario.
    pub population: u16,
    /// When.
    pub time: VirtualTime,
    /// The highest generation of a model of the shard.
    pub generation_max: u32,
    /// Sums over the shard's models.
    pub sums: Vec<Sum>,
    /// Values of models that have rows of their own.
    pub rows: Vec<ModelRow>,
    /// Embedded outputs of those models, task by task.
    pub embeddings: Vec<(ModelId, Vec<Vec<f32>>)>,
    own: Option<(ModelId, u32)>,
    next: usize,
}

/// The sum of one metric over models.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sum {
    /// Name of the metric.
    pub metric: &'static str,
    /// What it refers to: the number of a held-out task or, of `source_share`, of a source.
    pub task: Option<u16>,
    /// How many models.
    pub count: u64,
    /// The sum of their values.
    pub total: f64,
}

/// A value of one model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelRow {
    /// Which model.
    pub model: ModelId,
    /// Its generation.
    pub generation: u32,
    /// Name of the metric.
    pub metric: &'static str,
    /// What it refers to: the number of a held-out task or, of `source_share`, of a source.
    pub task: Option<u16>,
    /// The value.
    pub value: f64,
}

impl Observation {
    /// Nothing seen yet.
    pub fn new(population: u16, time: VirtualTime) -> Self {
        let (sums, rows, embeddings) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            population,
            time,
            generation_max: 0,
            sums,
            rows,
            embeddings,
            own: None,
            next: 0,
        }
    }

    /// The values that follow are of this model.
    pub(crate) fn model(&mut self, own_row: Option<ModelId>, generation: u32) {
        self.generation_max = self.generation_max.max(generation);
        self.own = own_row.map(|id| (id, generation));
        self.next = 0;
    }

    pub(crate) fn value(&mut self, metric: &'static str, task: Option<u16>, value: f64) {
        if let Some((model, generation)) = self.own {
            self.rows.push(ModelRow {
                model,
                generation,
                metric,
                task,
                value,
            });
        }
        self.add(Sum {
            metric,
            task,
            count: 1,
            total: value,
        });
    }

    /// Adds to the sum of the same metric. Models are measured in the same order, so it is nearly always the next one.
    pub(crate) fn add(&mut self, more: Sum) {
        let same = |sum: &Sum| std::ptr::eq(sum.metric, more.metric) && sum.task == more.task;
        let at = match self.sums.get(self.next) {
            Some(sum) if same(sum) => self.next,
            _ => self.sums.iter().position(same).unwrap_or_else(|| {
                self.sums.push(Sum {
                    count: 0,
                    total: 0.0,
                    ..more
                });
                self.sums.len() - 1
            }),
        };
        self.sums[at].count += more.count;
        self.sums[at].total += more.total;
        self.next = at + 1;
    }

    pub(crate) fn embedding(&mut self, model: ModelId, vectors: Vec<Vec<f32>>) {
        if !vectors.is_empty() {
            self.embeddings.push((model, vectors));
        }
    }

    /// Takes in what the next shard of the same population saw at the same instant.
    pub(crate) fn join(&mut self, other: Self) {
        self.generation_max = self.generation_max.max(other.generation_max);
        self.rows.extend(other.rows);
        self.embeddings.extend(other.embeddings);
        self.next = 0;
        for sum in other.sums {
            self.add(sum);
        }
    }
}
