//! Ticks of several models side by side: all choose what they read, everything is fetched at once, and then all learn it. Each does
//! what it would do alone; together they wait less for memory.

use learn::{Family, FitError, Parts};
use types::content::ContentKind;
use types::document::ModelId;
use types::time::VirtualTime;
use web::{Batch, LogError};

use super::{Scratch, Tick, TrainingSet, child_of};
use crate::group::{Clock, Group};
use crate::shard::Model;
use crate::world::World;

/// At most so many models tick side by side,
const MODELS_MAX: usize = 64;
/// and they read at most so many numbers, so that all of them stay in the fastest memory.
const NUMBERS_MAX: usize = 8192;
/// If there is no more than this to read, they wait for memory as little when each ticks by itself.
const FAST_BYTES: u64 = 1 << 20;

/// Whose turn it is, as a place in a slice of models, and when.
pub(crate) type Turn = (u32, VirtualTime);

/// Models of one population that tick side by side.
pub(crate) struct Abreast<'a, F: Family> {
    pub(crate) group: &'a Group<F>,
    pub(crate) world: &'a World,
    /// Number of the first model of the slice.
    pub(crate) first: u32,
    /// Called when everything that all read has been read.
    pub(crate) has_read: &'a dyn Fn(),
}

/// What came of a tick.
#[derive(Debug)]
pub(crate) struct Ticked {
    /// Position of the document in the middle of the crawl, if there was any.
    pub(crate) middle: Option<u32>,
    /// Documents that were published.
    pub(crate) documents: u32,
    pub(crate) fitted: Result<(), FitError>,
}

/// A training that lacks what is read of the web.
struct Begun<F: Family> {
    statistic: F::Statistic,
    /// Real documents in it.
    held: f64,
    /// Where the model's positions end among those of all.
    end: usize,
    /// Documents that were published.
    documents: u32,
}

/// The quotas of a training: those of the generation after this, of so many documents, while so many are available.
type Known = Option<((u32, usize, Parts<f64>), Parts<usize>)>;

impl<F: Family> Group<F> {
    /// How many of its models may tick side by side; 1 if something is asked of each training, or decides what is read, while it lasts.
    pub(crate) fn abreast(&self) -> usize {
        let budgets = self.training.budget.zip(self.training.first_budget);
        let alone = self.detector.is_some()
            || self.near_duplicates.is_some()
            || self.reads_privately
            || self.asked.notes()
            || self.ends.is_some()
            || matches!(self.clock, Clock::Bernoulli(..));
        match (self.family.kind(), budgets) {
            (ContentKind::F32 { dimension } | ContentKind::F64 { dimension }, Some(budgets))
                if !alone =>
            {
                // Nobody's budget is above that of the first.
                let most = budgets.0.of(ModelId(0)).max(budgets.1.of(ModelId(0)));
                let numbers = most.saturating_mul(dimension as usize).max(1);
                (NUMBERS_MAX / numbers).clamp(1, MODELS_MAX)
            }
            _ => 1,
        }
    }

    /// How many of its models tick side by side: 1 unless what they can read does not fit into fast memory, so that it pays to ask for much
    /// of it at once.
    pub(crate) fn side_by_side(&self, world: &World) -> usize {
        let (dimension, bytes) = match self.family.kind() {
            ContentKind::F32 { dimension } => (dimension, 4),
            ContentKind::F64 { dimension } => (dimension, 8),
            _ => return 1,
        };
        let view = world.view(self.view);
        let readable = u64::from(view.len()) * u64::from(dimension) * bytes;
        if readable > FAST_BYTES && view.keeps_order(self.traced) {
            self.abreast()
        } else {
            1
        }
    }
}

impl<F: Family> Abreast<'_, F> {
    /// Has models tick, different ones, each at its time; one after the other if they are more than [`Group::side_by_side`] says. What came
    /// of it replaces `ticked`, in the order of `whose`, which are places in `models`.
    pub(crate) fn run(
        &self,
        (models, whose): (&mut [Model<F::Fitted>], &[Turn]),
        scratch: &mut Scratch,
        batch: &mut Batch,
        ticked: &mut Vec<Ticked>,
    ) -> Result<(), LogError> {
        // Something may be left of a run that ended in a panic.
        ticked.clear();
        let view = self.world.view(self.group.view);
        if !(2..=self.group.side_by_side(self.world)).contains(&whose.len()) {
            for one in whose {
                ticked.push(self.alone(models, *one, scratch, batch)?);
            }
            return Ok(());
        }
        let (mut begun, mut known) = (Vec::with_capacity(whose.len()), None);
        scratch.all_positions.clear();
        for one in whose {
            begun.push(self.begin((models, &mut known), *one, scratch, batch)?);
        }
        scratch.content.clear();
        view.fetch_unsorted(
            self.world.log(),
            &mut scratch.all_positions,
            &mut scratch.content,
        )?;
        (self.has_read)();
        let mut start = 0;
        for (one, begun) in whose.iter().zip(begun) {
            let range = start..begun.end;
            start = range.end;
            ticked.push(self.complete((models, *one), (begun, range), scratch, batch));
        }
        Ok(())
    }

    /// When the document in the middle of a model's crawl was published; of a model that crawled nothing, the newest that is readable.
    pub(crate) fn published(&self, local: u32, middle: Option<u32>) -> Option<VirtualTime> {
        let id = ModelId(self.first + local);
        let view = self.world.view(self.group.view_of(id));
        match middle {
            Some(position) if position < view.len() => {
                Some(view.publication(self.world.log(), position).time)
            }
            _ => (!view.is_empty()).then(|| self.world.horizon()),
        }
    }

    fn tick(&self, (local, time): Turn) -> Tick<'_, F> {
        Tick {
            group: self.group,
            world: self.world,
            id: ModelId(self.first + local),
            time,
            has_read: self.has_read,
        }
    }

    fn alone(
        &self,
        models: &mut [Model<F::Fitted>],
        whose: Turn,
        scratch: &mut Scratch,
        batch: &mut Batch,
    ) -> Result<Ticked, LogError> {
        scratch.forget_crawl();
        let before = batch.content.len();
        let fitted = self
            .tick(whose)
            .run(&mut models[whose.0 as usize], scratch, batch)?;
        Ok(Ticked {
            middle: scratch.middle(),
            documents: (batch.content.len() - before) as u32,
            fitted,
        })
    }

    /// Up to the choice of what to read.
    fn begin(
        &self,
        (models, known): (&mut [Model<F::Fitted>], &mut Known),
        whose: Turn,
        scratch: &mut Scratch,
        batch: &mut Batch,
    ) -> Result<Begun<F>, LogError> {
        let (tick, model) = (self.tick(whose), &mut models[whose.0 as usize]);
        model.ticks += 1;
        let before = batch.content.len();
        if self.group.publish_clock.is_none() && self.group.publish_first {
            tick.publish(model, model.ticks, batch);
        }
        let documents = tick.budget(model).map_or(0, |budget| budget.of(tick.id));
        let key = (model.generation, documents, tick.available());
        let quotas = match known {
            Some((known, quotas)) if *known == key => *quotas,
            _ => tick.shares(model).0.quotas(documents),
        };
        *known = Some((key, quotas));
        let (statistic, held) = tick.hold(quotas, model.ticks, scratch);
        if quotas.synthetic > 0 {
            tick.crawl(quotas.synthetic, model.ticks, scratch)?;
            scratch.all_positions.extend_from_slice(&scratch.positions);
        }
        Ok(Begun {
            statistic,
            held: held[0] + held[1],
            end: scratch.all_positions.len(),
            documents: (batch.content.len() - before) as u32,
        })
    }

    /// From what was read, documents `range` of what was fetched, on.
    fn complete(
        &self,
        (models, whose): (&mut [Model<F::Fitted>], Turn),
        (mut begun, range): (Begun<F>, std::ops::Range<usize>),
        scratch: &Scratch,
        batch: &mut Batch,
    ) -> Ticked {
        let (tick, model) = (self.tick(whose), &mut models[whose.0 as usize]);
        let positions = &scratch.all_positions[range.clone()];
        let family = &self.group.family;
        family.absorb(&mut begun.statistic, &scratch.content, range, 1.0);
        let ancestry = tick.ancestry(positions);
        let set = TrainingSet {
            statistic: begun.statistic,
            lineage: child_of(begun.held, positions.len() as f64, ancestry),
        };
        let fitted = tick.learn(model, &set);
        let before = batch.content.len();
        if self.group.publish_clock.is_none() && !self.group.publish_first {
            tick.publish(model, model.ticks, batch);
        }
        Ticked {
            middle: positions.get(positions.len() / 2).copied(),
            documents: begun.documents + (batch.content.len() - before) as u32,
            fitted,
        }
    }
}
