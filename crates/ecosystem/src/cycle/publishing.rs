//! What a model publishes.

use learn::{BestOf, Family, Order};
use types::content::Content;
use types::document::Publication;
use types::random::Stream;
use web::Batch;

use super::Tick;
use crate::group::Prompting;
use crate::shard::Model;

/// Marks the events of labels among those of curation.
const LABELS: u32 = 1 << 31;

/// Marks the events of places among those of writing.
const PLACES: u32 = 1 << 31;

/// Marks the events in which a model may refrain from publishing among those of writing.
const ADOPTION: u32 = 1 << 30;

impl<F: Family> Tick<'_, F> {
    /// Publishes what the model writes now, if it is fitted at all; `event` addresses the draws.
    pub(crate) fn publish(&self, model: &Model<F::Fitted>, event: u32, batch: &mut Batch) {
        let Some(fitted) = &model.fitted else { return };
        if self.group.order.documents == 0 || self.refrains(event) {
            return;
        }
        let mut rng = self.group.keys.sample.stream(self.id.0, event);
        let before = batch.content.len();
        let order = Order {
            author: Some(self.id.0),
            ..self.group.order
        };
        for _ in 0..self.group.copies {
            let out = &mut batch.content;
            match self.group.best_of {
                None => self.write((fitted, &order), (event, 1), &mut rng, out),
                Some(choice) => self.write_best(choice, (fitted, order), (event, &mut rng), out),
            }
        }
        self.group.shift.apply(&mut batch.content, before);
        if let Some(labels) = self.group.labels {
            let mut verdict = self.group.keys.curate.stream(self.id.0, LABELS | event);
            labels.apply(&mut batch.content, before, &mut verdict);
        }
        let publication = Publication {
            author: Some(self.id),
            models: 1,
            generation: model.generation,
            time: self.time,
            lineage: model.lineage,
            documents: (batch.content.len() - before) as u32,
            site: None,
        };
        self.place(publication, event, batch);
    }

    /// True if the model does not publish this time, because few do yet.
    fn refrains(&self, event: u32) -> bool {
        self.group.adoption.is_some_and(|adoption| {
            let mut rng = self.group.keys.sample.stream(self.id.0, ADOPTION | event);
            rng.uniform() >= adoption.probability(self.time)
        })
    }

    /// Notes the provenance of what was just written, host by host.
    fn place(&self, publication: Publication, event: u32, batch: &mut Batch) {
        let Some(homes) = &self.group.homes else {
            return batch.publish(publication);
        };
        let mut rng = self.group.keys.sample.stream(self.id.0, PLACES | event);
        let local = self.id.0 - self.group.first;
        for (documents, site) in homes.divide(local, publication.documents, &mut rng) {
            batch.publish(Publication {
                documents,
                site: Some(site),
                ..publication
            });
        }
    }

    /// Writes documents, after prompts if the population has any: so many documents after each. `event` addresses what the model
    /// holds at the time.
    pub(super) fn write(
        &self,
        (fitted, order): (&F::Fitted, &Order),
        (event, after_each): (u32, usize),
        rng: &mut Stream,
        out: &mut Content,
    ) {
        let family = &self.group.family;
        match self.group.prompting {
            None => family.sample(fitted, order, rng, out),
            Some(prompting) => {
                let prompts = self.prompts(prompting, (order.documents / after_each, event), rng);
                let mut repeated = Content::empty(family.kind());
                for index in 0..prompts.len() {
                    (0..after_each).for_each(|_| repeated.extend(&prompts, index..index + 1));
                }
                family.answer(fitted, (&repeated, order), rng, out);
            }
        }
    }

    /// Real documents that the model holds, at random and in the proportions that prompts are asked in.
    fn prompts(
        &self,
        prompting: Prompting,
        (documents, event): (usize, u32),
        rng: &mut Stream,
    ) -> Content {
        let mut prompts = Content::empty(self.group.family.kind());
        let private = libm::round(prompting.private_share * documents as f64) as usize;
        let (private, public) = match (&self.group.private, &self.group.public) {
            (_, None) => (documents, 0),
            (None, _) => (0, documents),
            _ => (private, documents - private),
        };
        for (part, count) in [(&self.group.private, private), (&self.group.public, public)] {
            let Some(part) = part.as_ref().filter(|part| count > 0 && part.documents > 0) else {
                continue;
            };
            let held = part.content(self.id.0, event);
            let at: Vec<u32> = (0..count).map(|_| rng.below(held.len() as u32)).collect();
            prompts.gather(&held, &at);
        }
        prompts
    }

    /// Writes candidates and keeps the chosen ones.
    fn write_best(
        &self,
        choice: BestOf,
        (fitted, mut order): (&F::Fitted, Order),
        (event, rng): (u32, &mut Stream),
        out: &mut Content,
    ) {
        let family = &self.group.family;
        order.documents *= choice.candidates;
        let (mut drawn, mut positions) = (Content::empty(family.kind()), Vec::new());
        self.write(
            (fitted, &order),
            (event, choice.candidates),
            rng,
            &mut drawn,
        );
        match &self.group.judge {
            None => choice.choose(&drawn, rng, &mut positions),
            Some(judge) => {
                let opinion = |index| judge.opinion((family, fitted), &drawn, index);
                choice.choose_by(drawn.len(), opinion, rng, &mut positions);
            }
        }
        out.gather(&drawn, &positions);
    }
}
