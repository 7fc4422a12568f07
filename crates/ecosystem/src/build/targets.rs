//! What values of models can refer to.

use learn::{LinearTask, Truth};

use super::Blueprint;
use crate::linear;
use crate::scenario::schema;

impl Blueprint<'_> {
    /// What values can refer to, in the order of their numbers: held-out tasks; of linear models their tasks, then coefficients.
    pub(crate) fn targets(&self) -> Vec<String> {
        let schema::Family::Linear { dimension, .. } = self.scenario.population[0].family else {
            return self.tasks().into_iter().map(|(name, _)| name).collect();
        };
        let tasks = self.linear_tasks().into_iter().map(|task| task.name);
        tasks
            .chain((1..=dimension).map(|i| format!("theta_{i}")))
            .collect()
    }

    /// The tasks of linear models.
    pub(crate) fn linear_tasks(&self) -> Vec<LinearTask> {
        let chosen = &self.scenario.observe.tasks;
        let mut tasks = Vec::new();
        for (name, source) in &self.data.sources {
            let Truth::Linear { own, .. } = &*source.truth else {
                continue;
            };
            if !chosen.is_empty() && !chosen.contains(name) {
                continue;
            }
            let grams = linear::grams(own);
            let several = grams.len() > 1;
            for (i, gram) in grams.into_iter().enumerate() {
                let name = if several {
                    format!("{name}_{}", i + 1)
                } else {
                    name.clone()
                };
                tasks.push(LinearTask {
                    name,
                    gram,
                    truth: own.coefficients.clone(),
                });
            }
        }
        tasks
    }
}
