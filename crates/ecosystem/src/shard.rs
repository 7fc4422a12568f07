//! The model actor: a shard of a population's models.

mod looking;
mod radioactivity;

use std::sync::Arc;

use learn::{Family, Measured};
use serde::{Deserialize, Serialize};
use sim::{Actor, Agenda, Event};
use types::document::{Lineage, ModelId};
use types::random::Stream;
use types::time::{VirtualDuration, VirtualTime};
use web::{Batch, LogError};

use crate::cycle::{Abreast, Note, Rejected, Scratch, Tick, Ticked};
use crate::diet::Diet;
use crate::group::{Clock, Group, Presence};
use crate::outbox::Outbox;
use crate::world::World;

/// What can happen to a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Signal {
    /// All models publish what they are, before anything was trained.
    Open,
    /// All models tick.
    TickAll,
    /// One model ticks.
    Tick(u32),
    /// One model publishes, apart from its ticks.
    Publish(u32),
    /// The observer looks.
    Observe,
}

/// One model.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Model<T> {
    pub(crate) fitted: Option<T>,
    /// Number of fits so far.
    pub(crate) generation: u32,
    /// Number of ticks so far: one more than the generation for every failed fit.
    pub(crate) ticks: u32,
    /// The lineage of what it writes.
    pub(crate) lineage: Lineage,
}

impl<T> Model<T> {
    pub(crate) fn new(fitted: Option<T>) -> Self {
        Self {
            fitted,
            generation: 0,
            ticks: 0,
            lineage: Lineage::REAL,
        }
    }
}

/// A shard of any family, as the engine hosts it.
pub(crate) trait ShardActor: Actor<World, Signal = Signal> {
    /// The models' state.
    fn save(&self) -> Result<Vec<u8>, postcard::Error>;

    /// Replaces the models' state.
    fn restore(&mut self, bytes: &[u8]) -> Result<(), postcard::Error>;

    /// The shard's first events.
    fn first_events(&self) -> Vec<(VirtualTime, Signal)>;
}

/// What is remembered of a training for those who ask.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct LastTraining {
    /// When the latest publication that it could read was published.
    horizon: VirtualTime,
    note: Note,
}

impl LastTraining {
    const NONE: Self = Self {
        horizon: VirtualTime::START,
        note: Note {
            kept_share: None,
            earned: None,
            rejected: Rejected {
                synthetic: None,
                real: None,
            },
        },
    };
}

/// Some models of one population, with consecutive numbers.
#[derive(Debug)]
pub(crate) struct Shard<F: Family> {
    group: Arc<Group<F>>,
    /// Number of the shard, counted over all populations.
    number: u32,
    /// Position of the first model within the population.
    offset: u32,
    models: Vec<Model<F::Fitted>>,
    /// Of each model, its last training; empty if nobody asks.
    trainings: Vec<LastTraining>,
    /// Of each model, what its last training set was made of; empty if nobody asks.
    diets: Vec<Option<Diet>>,
    /// Of each model, how often it has published; empty if models publish when they tick.
    publications: Vec<u32>,
    scratch: Scratch,
    /// What came of ticks of models side by side.
    ticked: Vec<Ticked>,
    measured: Measured,
}

impl<F: Family> Shard<F> {
    pub(crate) fn new(
        group: Arc<Group<F>>,
        (number, offset): (u32, u32),
        models: Vec<Model<F::Fitted>>,
    ) -> Self {
        let scratch = Scratch::new(group.family.kind());
        let measured = Measured::new(group.observation.wanted);
        let of_each = |asked: bool| if asked { models.len() } else { 0 };
        Self {
            trainings: vec![LastTraining::NONE; of_each(group.asked.notes())],
            diets: vec![None; of_each(group.asked.diet.anything())],
            publications: vec![0; of_each(group.publish_clock.is_some())],
            group,
            number,
            offset,
            models,
            scratch,
            ticked: Vec::new(),
            measured,
        }
    }

    fn id(&self, local: usize) -> ModelId {
        ModelId(self.group.first + self.offset + local as u32)
    }

    fn tick(
        &mut self,
        locals: std::ops::Range<usize>,
        time: VirtualTime,
        world: &World,
        outbox: &mut Outbox,
    ) -> Result<(), LogError> {
        let batch = outbox.batch.get_or_insert_with(|| world.log().blank());
        reserve(batch, locals.len(), self.group.order.documents);
        outbox.ticks += locals.len() as u64;
        let abreast = self.group.side_by_side(world);
        if abreast.min(locals.len()) > 1 {
            return self.tick_abreast((locals, abreast), time, world, outbox);
        }
        for local in locals {
            let id = self.id(local);
            let tick = Tick {
                group: &*self.group,
                world,
                id,
                time,
                has_read: &|| (),
            };
            let model = &mut self.models[local];
            let generation = model.generation;
            if let Err(error) = tick.run(model, &mut self.scratch, batch)? {
                tracing::debug!(model = id.0, time = time.days(), %error, "fit failed");
                outbox.fits_failed += 1;
            }
            if model.generation > generation {
                self.remember(local, world);
            }
        }
        Ok(())
    }

    /// Models tick, so many side by side.
    fn tick_abreast(
        &mut self,
        (locals, most): (std::ops::Range<usize>, usize),
        time: VirtualTime,
        world: &World,
        outbox: &mut Outbox,
    ) -> Result<(), LogError> {
        let batch = outbox.batch.get_or_insert_with(|| world.log().blank());
        let abreast = Abreast {
            group: &*self.group,
            world,
            first: self.group.first + self.offset,
            has_read: &|| (),
        };
        let whose: Vec<(u32, VirtualTime)> = locals.map(|local| (local as u32, time)).collect();
        for whose in whose.chunks(most) {
            let models = (&mut *self.models, whose);
            abreast.run(models, &mut self.scratch, batch, &mut self.ticked)?;
            for ((local, _), ticked) in whose.iter().zip(self.ticked.drain(..)) {
                if let Err(error) = ticked.fitted {
                    let model = abreast.first + local;
                    tracing::debug!(model, time = time.days(), %error, "fit failed");
                    outbox.fits_failed += 1;
                }
            }
        }
        Ok(())
    }

    /// Notes what is asked about a training that gave a model.
    fn remember(&mut self, local: usize, world: &World) {
        if let Some(training) = self.trainings.get_mut(local) {
            *training = LastTraining {
                horizon: world.horizon(),
                note: self.scratch.note,
            };
        }
        if let Some(diet) = self.diets.get_mut(local) {
            *diet = self.scratch.diet.take();
        }
    }

    fn open(&mut self, time: VirtualTime, world: &World, outbox: &mut Outbox) {
        let batch = outbox.batch.get_or_insert_with(|| world.log().blank());
        for (local, model) in self.models.iter().enumerate() {
            Tick {
                group: &*self.group,
                world,
                id: self.id(local),
                time,
                has_read: &|| (),
            }
            .publish(model, 0, batch);
        }
    }

    /// One model publishes at a time of its own.
    fn publish(&mut self, local: usize, time: VirtualTime, world: &World, outbox: &mut Outbox) {
        let batch = outbox.batch.get_or_insert_with(|| world.log().blank());
        self.publications[local] += 1;
        let tick = Tick {
            group: &*self.group,
            world,
            id: self.id(local),
            time,
            has_read: &|| (),
        };
        tick.publish(&self.models[local], self.publications[local], batch);
    }

    /// Until a model's next event of this clock; `event` addresses the draw.
    fn waiting_time(&self, clock: Clock, local: usize, event: u32) -> VirtualDuration {
        let mut rng: Stream = self.group.keys.clock.stream(self.id(local).0, event);
        clock.waiting_time(&mut rng)
    }

    /// Models do nothing after they have left.
    fn plan(&self, time: VirtualTime, signal: Signal, agenda: &mut Agenda<Signal>) {
        if time <= self.group.presence.leaves {
            agenda.push(time, signal);
        }
    }

    /// Each model's first event of a clock of its own.
    fn first_of_each(
        &self,
        clock: Clock,
        (mark, signal): (u32, fn(u32) -> Signal),
        events: &mut Vec<(VirtualTime, Signal)>,
    ) {
        for local in 0..self.models.len() {
            let mut rng = self.group.keys.clock.stream(self.id(local).0, mark);
            let wait = clock.first_wait(&mut rng);
            events.push((self.group.presence.enters + wait, signal(local as u32)));
        }
    }
}

/// Marks the events of a publishing clock among those of the clock that trains.
pub(crate) const PUBLISHING: u32 = 1 << 31;

/// Makes room for numbers and symbols, whose size is known.
fn reserve(batch: &mut Batch, models: usize, documents: usize) {
    use types::content::Content;
    let count = models * documents;
    match &mut batch.content {
        Content::F32(numbers) => numbers
            .values
            .reserve_exact(count * numbers.dimension as usize),
        Content::F64(numbers) => numbers
            .values
            .reserve_exact(count * numbers.dimension as usize),
        Content::Symbols { symbols, .. } => symbols.reserve(count),
        Content::Text { .. } => {}
    }
}

impl<F: Family> Actor<World> for Shard<F> {
    type Signal = Signal;

    fn handle(
        &mut self,
        event: Event<Signal>,
        world: &World,
        outbox: &mut Outbox,
        agenda: &mut Agenda<Signal>,
    ) -> Result<(), LogError> {
        let time = event.time;
        outbox.shard = self.number;
        match event.signal {
            Signal::Open => self.open(time, world, outbox),
            Signal::TickAll => {
                self.tick(0..self.models.len(), time, world, outbox)?;
                let wait = self.waiting_time(self.group.clock, 0, 0);
                self.plan(time + wait, Signal::TickAll, agenda);
            }
            Signal::Tick(local) => {
                let at = local as usize;
                self.tick(at..at + 1, time, world, outbox)?;
                let wait = self.waiting_time(self.group.clock, at, self.models[at].ticks);
                self.plan(time + wait, Signal::Tick(local), agenda);
            }
            Signal::Publish(local) => {
                let at = local as usize;
                self.publish(at, time, world, outbox);
                if let Some(clock) = self.group.publish_clock {
                    let wait = self.waiting_time(clock, at, PUBLISHING | self.publications[at]);
                    self.plan(time + wait, Signal::Publish(local), agenda);
                }
            }
            // The observer looks after everything else that happens at that instant.
            Signal::Observe if agenda.next_time() == Some(time) => {
                agenda.push(time, Signal::Observe);
            }
            Signal::Observe => {
                self.observe(time, world, outbox);
                agenda.push(time + self.group.observation.every, Signal::Observe);
            }
        }
        Ok(())
    }
}

impl<F: Family> ShardActor for Shard<F> {
    fn save(&self) -> Result<Vec<u8>, postcard::Error> {
        let mut bytes = postcard::to_stdvec(&self.models)?;
        if !self.trainings.is_empty() {
            bytes.extend(postcard::to_stdvec(&self.trainings)?);
        }
        if !self.publications.is_empty() {
            bytes.extend(postcard::to_stdvec(&self.publications)?);
        }
        if !self.diets.is_empty() {
            bytes.extend(postcard::to_stdvec(&self.diets)?);
        }
        Ok(bytes)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), postcard::Error> {
        let (models, rest) = postcard::take_from_bytes(bytes)?;
        self.models = models;
        let mut rest = rest;
        if !self.trainings.is_empty() {
            (self.trainings, rest) = postcard::take_from_bytes(rest)?;
        }
        if !self.publications.is_empty() {
            (self.publications, rest) = postcard::take_from_bytes(rest)?;
        }
        if !self.diets.is_empty() {
            self.diets = postcard::from_bytes(rest)?;
        }
        Ok(())
    }

    fn first_events(&self) -> Vec<(VirtualTime, Signal)> {
        let mut events = Vec::new();
        let Presence { enters, leaves } = self.group.presence;
        if self.models.iter().any(|model| model.fitted.is_some()) {
            events.push((enters, Signal::Open));
        }
        match self.group.clock {
            Clock::LockStep(period) | Clock::Bernoulli(period, _) => {
                events.push((enters + period, Signal::TickAll));
            }
            clock => self.first_of_each(clock, (0, Signal::Tick), &mut events),
        }
        if let Some(clock) = self.group.publish_clock {
            self.first_of_each(clock, (PUBLISHING, Signal::Publish), &mut events);
        }
        events.retain(|event| event.0 <= leaves);
        events.push((
            VirtualTime::START + self.group.observation.every,
            Signal::Observe,
        ));
        events
    }
}
