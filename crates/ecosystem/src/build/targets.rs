//! What values can refer to, from a scenario.

use std::sync::Arc;

use learn::{LinearTask, Truth};
use types::content::Content;

use super::Blueprint;
use crate::data::Source;
use crate::linear;
use crate::scenario::schema::Family;

impl Blueprint<'_> {
    /// Names and held-out documents of the tasks that models are tested on.
    pub(crate) fn tasks(&self) -> Vec<(String, Arc<Content>)> {
        let chosen = &self.scenario.observe.tasks;
        let wanted = |name: &String| chosen.is_empty() || chosen.contains(name);
        let held_out =
            |(name, source): (&String, &Source)| Some((name.clone(), source.held_out.clone()?));
        self.data
            .sources
            .iter()
            .filter(|(name, _)| wanted(name))
            .filter_map(held_out)
            .collect()
    }

    /// What values can refer to, in the order of their numbers: held-out tasks; of linear models
    /// their tasks, then coefficients; of captioned ones their captions.
    pub(crate) fn targets(&self) -> Vec<String> {
        match self.scenario.population[0].family {
            Family::Linear { dimension, .. } => {
                let tasks = self.linear_tasks().into_iter().map(|task| task.name);
                tasks
                    .chain((1..=dimension).map(|i| format!("theta_{i}")))
                    .collect()
            }
            Family::Captioned { captions, .. } => {
                (1..=captions).map(|i| format!("caption_{i}")).collect()
            }
            _ => self.tasks().into_iter().map(|(name, _)| name).collect(),
        }
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
