//! What the observer sees of a shard.

use learn::Family;
use types::document::ModelId;
use types::time::VirtualTime;

use super::{LastTraining, Shard};
use crate::diet::Diet;
use crate::metrics::{
    DETECTOR_FALSE_POSITIVE_RATE, DETECTOR_TRUE_POSITIVE_RATE, EARNINGS, EFFECTIVE_SOURCES,
    FRESHNESS, KEPT_SHARE, LINEAGE_DEPTH, REAL_SHARE, SOURCE_SHARE, STALENESS,
};
use crate::observation::Observation;
use crate::outbox::Outbox;
use crate::world::World;

impl<F: Family> Shard<F> {
    /// Measures what is asked about the last training of a model.
    fn observe_training(
        &self,
        (id, training): (ModelId, &LastTraining),
        world: &World,
        observation: &mut Observation,
    ) {
        let (asked, view) = (self.group.asked, world.view(self.group.view_of(id)));
        let missed = || view.share_after(world.log(), training.horizon);
        let fresh = asked.freshness.then(missed).flatten();
        let (note, detector) = (training.note, asked.detector);
        let found = note.rejected.synthetic;
        let mistaken = note.rejected.real;
        let values = [
            (FRESHNESS, fresh.map(|missed| 1.0 - missed)),
            (KEPT_SHARE, note.kept_share.filter(|_| asked.kept_share)),
            (
                DETECTOR_TRUE_POSITIVE_RATE,
                found.filter(|_| detector.true_positive_rate),
            ),
            (
                DETECTOR_FALSE_POSITIVE_RATE,
                mistaken.filter(|_| detector.false_positive_rate),
            ),
            (EARNINGS, note.earned.filter(|_| asked.earnings)),
        ];
        for (metric, value) in values {
            if let Some(value) = value {
                observation.value(metric, None, value);
            }
        }
    }

    /// Measures what is asked about who wrote the last training set of a model, and when.
    fn observe_diet(&self, diet: &Diet, observation: &mut Observation) {
        let asked = self.group.asked.diet;
        if asked.source_share {
            for (source, share) in diet.shares.iter().enumerate() {
                observation.value(SOURCE_SHARE, Some(source as u16), *share);
            }
        }
        if asked.effective_sources {
            observation.value(EFFECTIVE_SOURCES, None, diet.effective);
        }
        if let Some(published) = diet.published.filter(|_| asked.staleness) {
            let age = observation.time.days() - published;
            observation.value(STALENESS, None, age);
        }
    }

    pub(super) fn observe(&mut self, time: VirtualTime, world: &World, outbox: &mut Outbox) {
        let mut observation = Observation::new(self.group.number, time);
        if !self.group.presence.holds(time) {
            // Nobody is there to be looked at; the web still is.
            let generations = self.models.iter().map(|model| model.generation);
            observation.generation_max = generations.max().unwrap_or(0);
            outbox.observations.push(observation);
            return;
        }
        let plan = &self.group.observation;
        for (local, model) in self.models.iter().enumerate() {
            let Some(fitted) = &model.fitted else {
                continue;
            };
            let (id, position) = (
                ModelId(self.group.first + self.offset + local as u32),
                self.offset + local as u32,
            );
            let mut rng = self.group.keys.observe.stream(id.0, model.ticks);
            self.measured.values.clear();
            self.group
                .family
                .evaluate(fitted, &plan.reference, &mut rng, &mut self.measured);
            let own_row = (position < plan.models).then_some(id);
            observation.model(own_row, model.generation);
            for &(measure, task, value) in &self.measured.values {
                observation.value(measure.info().name, task, value);
            }
            if plan.real_share {
                observation.value(REAL_SHARE, None, f64::from(model.lineage.real_share));
            }
            if plan.lineage_depth {
                observation.value(LINEAGE_DEPTH, None, f64::from(model.lineage.depth));
            }
            self.observe_green_lists((id, model), &mut observation);
            if let Some(training) = self.trainings.get(local).filter(|_| model.generation > 0) {
                self.observe_training((id, training), world, &mut observation);
            }
            if let Some(Some(diet)) = self.diets.get(local) {
                self.observe_diet(diet, &mut observation);
            }
            if own_row.is_some() && !plan.prompts.is_empty() {
                // The same stream for every model at one instant: on the same draws, alike models give
                // like outputs.
                let instant = (time.0 ^ (time.0 >> 32)) as u32;
                let mut shared = self.group.keys.observe.stream(u32::MAX, instant);
                let embed = |prompts| self.group.family.embed(fitted, prompts, &mut shared);
                let vectors: Option<Vec<Vec<f32>>> = plan.prompts.iter().map(embed).collect();
                let centre = || {
                    plan.centres
                        .then(|| self.group.family.centre(fitted))
                        .flatten()
                };
                let vectors = vectors.or_else(|| Some(vec![single(&centre()?)]));
                observation.embedding(id, vectors.unwrap_or_default());
            }
        }
        outbox.observations.push(observation);
    }
}

fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&x| x as f32).collect()
}
