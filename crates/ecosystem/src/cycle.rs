//! One tick of one model: crawl, curate, mix, fit, publish.

mod crawling;
mod publishing;
mod together;

use learn::{Family, FitError, Parts, Recogniser};
use serde::{Deserialize, Serialize};
use types::content::Content;
use types::document::{Lineage, ModelId};
use types::random::Distinct;
use types::time::VirtualTime;
use web::{Ancestry, Batch, Crawler, LogError, View};

use crate::diet::Diet;
use crate::group::{Budget, Clock, Group};
use crate::shard::Model;
use crate::world::World;

pub(crate) use self::together::{Abreast, Ticked};

/// Memory that ticks of one shard share.
#[derive(Debug)]
pub(crate) struct Scratch {
    crawler: Crawler,
    distinct: Distinct,
    positions: Vec<u32>,
    /// Those of models that tick side by side, one model's after the other's.
    all_positions: Vec<u32>,
    kept: Vec<u32>,
    content: Content,
    /// What the model knows of its own writing, if it has learnt to detect it.
    recogniser: Option<Recogniser>,
    /// What can be said of the last training set.
    pub(crate) note: Note,
    /// What it was made of, if that is asked.
    pub(crate) diet: Option<Diet>,
}

/// What can be said of a training set.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Note {
    /// Share of what was crawled that curation kept; none if nothing was crawled.
    pub(crate) kept_share: Option<f64>,
    /// What the documents earned on average, if they compete.
    pub(crate) earned: Option<f64>,
    /// What the detector rejected.
    pub(crate) rejected: Rejected,
}

/// Shares of what was crawled that a detector rejected, by ground-truth provenance; none of nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Rejected {
    pub(crate) synthetic: Option<f64>,
    pub(crate) real: Option<f64>,
}

impl Scratch {
    pub(crate) fn new(kind: types::content::ContentKind) -> Self {
        Self {
            crawler: Crawler::default(),
            distinct: Distinct::default(),
            positions: Vec::new(),
            all_positions: Vec::new(),
            kept: Vec::new(),
            content: Content::empty(kind),
            recogniser: None,
            note: Note::default(),
            diet: None,
        }
    }
}

impl Scratch {
    /// Forgets what was crawled last, so that nobody takes it for the next crawl.
    pub(crate) fn forget_crawl(&mut self) {
        self.positions.clear();
    }

    /// Position of the document in the middle of the last crawl.
    pub(crate) fn middle(&self) -> Option<u32> {
        self.positions.get(self.positions.len() / 2).copied()
    }
}

/// What a model is trained on: a statistic, and where it comes from.
struct TrainingSet<F: Family> {
    statistic: F::Statistic,
    lineage: Lineage,
}

/// Who ticks, when, in which world.
pub(crate) struct Tick<'a, F: Family> {
    pub(crate) group: &'a Group<F>,
    pub(crate) world: &'a World,
    pub(crate) id: ModelId,
    pub(crate) time: VirtualTime,
    /// Called when everything that a training takes has been read.
    pub(crate) has_read: &'a dyn Fn(),
}

impl<F: Family> Tick<'_, F> {
    /// Trains and publishes, in the scenario's order. A failed fit leaves the model as it was.
    pub(crate) fn run(
        &self,
        model: &mut Model<F::Fitted>,
        scratch: &mut Scratch,
        batch: &mut Batch,
    ) -> Result<Result<(), FitError>, LogError> {
        model.ticks += 1;
        let publishes = self.group.publish_clock.is_none();
        if publishes && self.group.publish_first {
            self.publish(model, model.ticks, batch);
        }
        let trained = self.train(model, scratch)?;
        if publishes && !self.group.publish_first {
            self.publish(model, model.ticks, batch);
        }
        Ok(trained)
    }

    /// From what is visible to a new generation.
    fn train(
        &self,
        model: &mut Model<F::Fitted>,
        scratch: &mut Scratch,
    ) -> Result<Result<(), FitError>, LogError> {
        (scratch.note, scratch.diet) = (Note::default(), None);
        if self.misses(model) {
            return Ok(Ok(()));
        }
        scratch.recogniser = self.recogniser(model);
        let (shares, documents) = self.shares(model);
        let set = match self.budget(model) {
            Some(budget) => self.drawn(shares, budget, model.ticks, scratch)?,
            None => self.exact((shares, documents), model.ticks, scratch)?,
        };
        (self.has_read)();
        Ok(self.learn(model, &set))
    }

    /// The share of each part in the model's next training set, and how many documents each part has.
    fn shares(&self, model: &Model<F::Fitted>) -> (Parts<f64>, Parts<f64>) {
        let documents = self.available();
        let mixture = &self.group.mixture;
        (mixture.shares(model.generation + 1, documents), documents)
    }

    /// The size of the model's next training set, if that is fixed.
    fn budget(&self, model: &Model<F::Fitted>) -> Option<Budget> {
        match model.fitted {
            Some(_) => self.group.training.budget,
            None => self.group.training.first_budget,
        }
    }

    /// Fits the model to a training set.
    fn learn(&self, model: &mut Model<F::Fitted>, set: &TrainingSet<F>) -> Result<(), FitError> {
        let previous = model.fitted.as_ref().zip(self.group.training.warm_rate);
        let mut rng = self.group.keys.fit.stream(self.id.0, model.ticks);
        let family = &self.group.family;
        model.fitted = Some(family.search(&set.statistic, previous, &mut rng)?);
        model.generation += 1;
        model.lineage = set.lineage;
        Ok(())
    }

    /// True if the model does not train this time.
    fn misses(&self, model: &Model<F::Fitted>) -> bool {
        let Clock::Bernoulli(_, probability) = self.group.clock else {
            return false;
        };
        let mut rng = self.group.keys.clock.stream(self.id.0, model.ticks);
        model.fitted.is_some() && rng.uniform() >= probability
    }

    pub(crate) fn view(&self) -> &View {
        self.world.view(self.group.view_of(self.id))
    }

    /// How many documents each part has; synthetic ones by weight.
    fn available(&self) -> Parts<f64> {
        let real = |part: &Option<_>| part.as_ref().map_or(0, documents_of::<F>) as f64;
        Parts {
            private: real(&self.group.private),
            public: real(&self.group.public),
            synthetic: match self.group.share {
                None => self.readable() / f64::from(self.group.copies),
                Some(share) => libm::floor(share * self.readable()),
            },
        }
    }

    /// The weight of all documents that the model may read.
    fn readable(&self) -> f64 {
        let (view, reading) = (self.view(), &self.group.reading);
        match reading.row(self.id) {
            None if reading.include_own => view.weight_total(),
            None => view.weight_total() - view.authors().weight(view, Some(self.id)),
            Some(row) => row
                .iter()
                .map(|&(author, _)| view.authors().weight(view, Some(author)))
                .sum(),
        }
    }

    /// Every document of every part, with weights.
    fn exact(
        &self,
        (shares, documents): (Parts<f64>, Parts<f64>),
        event: u32,
        scratch: &mut Scratch,
    ) -> Result<TrainingSet<F>, LogError> {
        let family = &self.group.family;
        let weights = shares.weights(documents);
        let mut statistic = family.statistic();
        for (part, weight) in [
            (&self.group.private, weights.private),
            (&self.group.public, weights.public),
        ] {
            if let (Some(part), true) = (part, weight > 0.0) {
                part.absorb(family, (self.id.0, event), weight, &mut statistic);
            }
        }
        let (mut ancestry, mut read) = (Ancestry::default(), self.wrote(&[]));
        if weights.synthetic > 0.0 {
            ancestry = if self.group.share.is_some() {
                let crawl = (documents.synthetic as usize, weights.synthetic);
                let ancestry = self.absorb_crawl(crawl, event, scratch, &mut statistic)?;
                read = self.wrote(&scratch.positions);
                ancestry
            } else {
                let pool = self.readable_pool()?;
                read.clone_from(&pool.origins);
                family.merge(&mut statistic, &pool.statistic, weights.synthetic);
                scratch.note.earned = pool.earned;
                pool.ancestry
            };
        }
        let held = [
            weights.private * documents.private,
            weights.public * documents.public,
        ];
        scratch.diet = Diet::of(held, read.as_ref(), weights.synthetic);
        Ok(TrainingSet {
            statistic,
            lineage: child_of(shares.private + shares.public, shares.synthetic, ancestry),
        })
    }

    /// A sample of fixed size in the stated proportions.
    fn drawn(
        &self,
        shares: Parts<f64>,
        budget: Budget,
        event: u32,
        scratch: &mut Scratch,
    ) -> Result<TrainingSet<F>, LogError> {
        let quotas = shares.quotas(budget.of(self.id));
        let (mut statistic, held) = self.hold(quotas, event, scratch);
        let mut ancestry = Ancestry::default();
        scratch.positions.clear();
        if quotas.synthetic > 0 {
            ancestry =
                self.absorb_crawl((quotas.synthetic, 1.0), event, scratch, &mut statistic)?;
        }
        let read = self.wrote(&scratch.positions);
        scratch.diet = Diet::of(held, read.as_ref(), 1.0);
        let lineage = child_of(held[0] + held[1], scratch.positions.len() as f64, ancestry);
        Ok(TrainingSet { statistic, lineage })
    }

    /// The statistic of a sample of the real documents that the model holds, and how many of each part are in it.
    fn hold(
        &self,
        quotas: Parts<usize>,
        event: u32,
        scratch: &mut Scratch,
    ) -> (F::Statistic, [f64; 2]) {
        let family = &self.group.family;
        let (mut statistic, mut held) = (family.statistic(), [0.0; 2]);
        for (number, part, quota) in [
            (0, &self.group.private, quotas.private),
            (1, &self.group.public, quotas.public),
        ] {
            let Some(part) = part.as_ref().filter(|_| quota > 0) else {
                continue;
            };
            let content = part.content(self.id.0, event);
            self.choose(content.len(), quota, 2 * event + number, scratch);
            scratch.content.clear();
            scratch.content.gather(&content, &scratch.positions);
            family.absorb(
                &mut statistic,
                &scratch.content,
                0..scratch.content.len(),
                1.0,
            );
            held[number as usize] = scratch.positions.len() as f64;
        }
        (statistic, held)
    }

    /// Crawls so many documents and adds them, each with `weight`.
    fn absorb_crawl(
        &self,
        (documents, weight): (usize, f64),
        event: u32,
        scratch: &mut Scratch,
        statistic: &mut F::Statistic,
    ) -> Result<Ancestry, LogError> {
        let (view, log) = (self.view(), self.world.log());
        self.crawl(documents, event, scratch)?;
        self.drop_near_duplicates(scratch)?;
        scratch.content.clear();
        if self.group.traced {
            view.arrange(&mut scratch.positions);
            view.fetch(log, &scratch.positions, &mut scratch.content)?;
        } else {
            view.fetch_unsorted(log, &mut scratch.positions, &mut scratch.content)?;
        }
        let all = 0..scratch.content.len();
        self.group
            .family
            .absorb(statistic, &scratch.content, all, weight);
        Ok(self.ancestry(&scratch.positions))
    }

    /// Where documents come from, if lineages are followed.
    fn ancestry(&self, positions: &[u32]) -> Ancestry {
        if self.group.traced {
            self.view().ancestry(self.world.log(), positions)
        } else {
            Ancestry::default()
        }
    }

    /// Of near-duplicates among what was crawled, keeps the first.
    fn drop_near_duplicates(&self, scratch: &mut Scratch) -> Result<(), LogError> {
        let Some(filter) = &self.group.near_duplicates else {
            return Ok(());
        };
        scratch.content.clear();
        let log = self.world.log();
        self.view()
            .fetch(log, &scratch.positions, &mut scratch.content)?;
        let crawled = scratch.positions.len();
        let kept = filter.kept(&scratch.content);
        scratch.positions = kept.iter().map(|&at| scratch.positions[at]).collect();
        let kept = share(scratch.positions.len(), crawled);
        scratch.note.kept_share = scratch
            .note
            .kept_share
            .zip(kept)
            .map(|(before, now)| before * now);
        Ok(())
    }

    /// Chooses `quota` of `n` real documents.
    fn choose(&self, n: usize, quota: usize, event: u32, scratch: &mut Scratch) {
        let mut rng = self.group.keys.mix.stream(self.id.0, event);
        if self.group.training.with_replacement {
            scratch.positions.resize(quota, 0);
            rng.fill_below(n as u32, &mut scratch.positions);
        } else {
            scratch
                .distinct
                .draw(&mut rng, n as u32, quota, &mut scratch.positions);
        }
    }
}

/// A part of a whole; none of nothing.
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn documents_of<F: Family>(part: &crate::real::RealPart<F>) -> usize {
    part.documents
}

/// The lineage of what is written by a model trained on so much real and synthetic data.
fn child_of(real: f64, synthetic: f64, ancestry: Ancestry) -> Lineage {
    let total = real + synthetic;
    if total <= 0.0 {
        return Lineage {
            depth: 1.0,
            real_share: 1.0,
        };
    }
    Lineage {
        depth: (1.0 + synthetic * ancestry.depth / total) as f32,
        real_share: ((real + synthetic * ancestry.real_share) / total) as f32,
    }
}
