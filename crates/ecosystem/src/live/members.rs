//! Models that a live host calls when they are due.

use std::sync::Arc;

use learn::Family;
use types::content::ContentKind;
use types::document::ModelId;
use types::time::{VirtualDuration, VirtualTime};
use web::{Batch, LogError};

use super::LiveWeb;
use crate::cycle::{Abreast, Scratch, Tick, Ticked};
use crate::group::{Clock, Group};
use crate::shard::{Model, PUBLISHING};

/// What a model does when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// It publishes what it is, before anything was trained.
    Open,
    /// It crawls, trains and, unless it has a clock for that, publishes.
    Tick,
    /// It publishes at a time of its own.
    Publish,
}

/// How a deed went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Performed {
    /// When a document was published that the model has read: one from the middle of its crawl, or the newest of all that it
    /// reads.
    pub published: Option<VirtualTime>,
    /// How many documents it has published.
    pub documents: u32,
    /// True if the training gave no model.
    pub fit_failed: bool,
}

/// Why models could not be put away or brought back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the state of models cannot be encoded or decoded: {0}")]
pub struct StateError(pub String);

impl From<postcard::Error> for StateError {
    fn from(error: postcard::Error) -> Self {
        Self(error.to_string())
    }
}

/// Memory that the models of one thread share.
#[derive(Debug)]
pub struct Hands {
    scratch: Scratch,
    /// What came of the ticks of models side by side.
    ticked: Vec<Ticked>,
}

impl Hands {
    /// For documents of that kind.
    pub fn new(kind: ContentKind) -> Self {
        Self {
            scratch: Scratch::new(kind),
            ticked: Vec::new(),
        }
    }
}

/// Some models of one population, with consecutive numbers. A model is addressed by its place among them, from 0 on.
pub trait Members: Send {
    /// How many they are.
    fn count(&self) -> u32;

    /// The number of the first.
    fn first(&self) -> u32;

    /// From the start of the population to a model's first deeds.
    fn first_deeds(&self, local: u32) -> Vec<(VirtualDuration, Deed)>;

    /// From one deed of a model to the next of its kind; `None` if there is none.
    fn wait(&self, local: u32, deed: Deed) -> Option<VirtualDuration>;

    /// Everything that the models have become, as checkpoints have it. From then on they are away: they take next to no memory, and must not act
    /// before they are brought back.
    ///
    /// # Errors
    /// If it cannot be encoded. The models are still there then.
    fn put_away(&mut self) -> Result<Vec<u8>, StateError>;

    /// Makes the models what they were when they were put away.
    ///
    /// # Errors
    /// If these are not the bytes that [`put_away`](Self::put_away) gave. The models are as they were then.
    fn bring_back(&mut self, bytes: &[u8]) -> Result<(), StateError>;

    /// How many may act side by side, from 1 on.
    fn abreast(&self) -> usize {
        1
    }

    /// Has different models, at most as many as [`abreast`](Members::abreast) says, do what is due: the same of all, each with its place
    /// and when it was meant to be done, and as if one after the other. They read of a web as it is, and date what they write by when it
    /// was meant to be done. The function beside the web is called as soon as everything that trainings take has been read. How it went
    /// is put at the end of `performed`, in their order.
    ///
    /// # Errors
    /// If the log failed.
    fn act(
        &mut self,
        whose: (&[(u32, VirtualTime)], Deed),
        reading: (&LiveWeb, &dyn Fn()),
        tools: (&mut Hands, &mut Batch),
        performed: &mut Vec<Performed>,
    ) -> Result<(), LogError>;
}

impl std::fmt::Debug for dyn Members {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Members")
            .field("first", &self.first())
            .field("count", &self.count())
            .finish()
    }
}

/// Models of one family.
#[derive(Debug)]
pub(super) struct Crew<F: Family> {
    group: Arc<Group<F>>,
    first: u32,
    /// What each model is before it first ticks, if it is anything; all crews of a population share it.
    initial: Option<Arc<Model<F::Fitted>>>,
    /// Empty while they are away.
    models: Vec<Model<F::Fitted>>,
    /// Of each model that is away, how often it has ticked, because waiting times depend on it.
    ticks: Vec<u32>,
    /// Of each model, how often it has published; empty if models publish when they tick.
    publications: Vec<u32>,
}

impl<F: Family> Crew<F> {
    pub(super) fn new(
        group: Arc<Group<F>>,
        (first, count): (u32, u32),
        initial: Option<Arc<Model<F::Fitted>>>,
    ) -> Self {
        let publishing = group.publish_clock.map_or(0, |_| count as usize);
        Self {
            group,
            first,
            initial,
            models: (0..count).map(|_| Model::new(None)).collect(),
            ticks: Vec::new(),
            publications: vec![0; publishing],
        }
    }

    fn id(&self, local: u32) -> ModelId {
        ModelId(self.first + local)
    }

    /// The clock of a kind of deed, and what marks its draws.
    fn clock(&self, deed: Deed) -> Option<(Clock, u32)> {
        match deed {
            Deed::Open => None,
            Deed::Tick => Some((self.group.clock, 0)),
            Deed::Publish => self.group.publish_clock.map(|clock| (clock, PUBLISHING)),
        }
    }
}

/// A model as it is now; what it is before it first ticks, all crews of a population share.
fn current<'a, F>(own: &'a Model<F>, initial: Option<&'a Model<F>>) -> &'a Model<F> {
    initial.filter(|_| own.fitted.is_none()).unwrap_or(own)
}

impl<F: Family> Crew<F> {
    /// Has models crawl, train and perhaps publish.
    fn train(
        &mut self,
        whose: &[(u32, VirtualTime)],
        (web, has_read): (&LiveWeb, &dyn Fn()),
        (hands, batch): (&mut Hands, &mut Batch),
        performed: &mut Vec<Performed>,
    ) -> Result<(), LogError> {
        if let Some(initial) = &self.initial {
            for (local, _) in whose {
                let model = &mut self.models[*local as usize];
                if model.fitted.is_none() {
                    model.fitted.clone_from(&initial.fitted);
                }
            }
        }
        let abreast = Abreast {
            group: &*self.group,
            world: web.world(),
            first: self.first,
            has_read,
        };
        let models = (&mut *self.models, whose);
        abreast.run(models, &mut hands.scratch, batch, &mut hands.ticked)?;
        for ((local, _), ticked) in whose.iter().zip(hands.ticked.drain(..)) {
            if let Err(error) = &ticked.fitted {
                tracing::debug!(model = self.first + local, %error, "fit failed");
            }
            performed.push(Performed {
                published: abreast.published(*local, ticked.middle),
                documents: ticked.documents,
                fit_failed: ticked.fitted.is_err(),
            });
        }
        Ok(())
    }

    /// Has a model publish what it is.
    fn publish(
        &mut self,
        (local, time): (u32, VirtualTime),
        web: &LiveWeb,
        batch: &mut Batch,
        deed: Deed,
    ) -> Performed {
        let at = local as usize;
        let event = match self.publications.get_mut(at) {
            Some(publications) if deed == Deed::Publish => {
                *publications += 1;
                *publications
            }
            _ => 0,
        };
        let tick = Tick {
            group: &*self.group,
            world: web.world(),
            id: self.id(local),
            time,
            has_read: &|| (),
        };
        let before = batch.content.len();
        let model = current(&self.models[at], self.initial.as_deref());
        tick.publish(model, event, batch);
        Performed {
            documents: (batch.content.len() - before) as u32,
            ..Performed::default()
        }
    }
}

impl<F: Family> Members for Crew<F> {
    fn count(&self) -> u32 {
        self.models.len().max(self.ticks.len()) as u32
    }

    fn first(&self) -> u32 {
        self.first
    }

    fn first_deeds(&self, local: u32) -> Vec<(VirtualDuration, Deed)> {
        let mut deeds = Vec::new();
        if self.initial.is_some() {
            deeds.push((VirtualDuration(0), Deed::Open));
        }
        for deed in [Deed::Tick, Deed::Publish] {
            if let Some((clock, mark)) = self.clock(deed) {
                let mut rng = self.group.keys.clock.stream(self.id(local).0, mark);
                deeds.push((clock.first_wait(&mut rng), deed));
            }
        }
        deeds
    }

    fn wait(&self, local: u32, deed: Deed) -> Option<VirtualDuration> {
        let (clock, mark) = self.clock(deed)?;
        let at = local as usize;
        let event = match (deed, self.models.get(at)) {
            (Deed::Publish, _) => self.publications[at],
            (_, Some(model)) => model.ticks,
            (_, None) => self.ticks[at],
        };
        let mut rng = self.group.keys.clock.stream(self.id(local).0, mark | event);
        Some(clock.waiting_time(&mut rng))
    }

    fn put_away(&mut self) -> Result<Vec<u8>, StateError> {
        if self.models.is_empty() {
            return Err(StateError("they are away".to_owned()));
        }
        let bytes = postcard::to_stdvec(&self.models)?;
        self.ticks = self.models.iter().map(|model| model.ticks).collect();
        self.models = Vec::new();
        Ok(bytes)
    }

    fn bring_back(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        let models: Vec<Model<F::Fitted>> = postcard::from_bytes(bytes)?;
        if models.len() != self.count() as usize {
            let message = format!("{} models instead of {}", models.len(), self.count());
            return Err(StateError(message));
        }
        (self.models, self.ticks) = (models, Vec::new());
        Ok(())
    }

    fn abreast(&self) -> usize {
        self.group.abreast()
    }

    fn act(
        &mut self,
        (whose, deed): (&[(u32, VirtualTime)], Deed),
        (web, has_read): (&LiveWeb, &dyn Fn()),
        (hands, batch): (&mut Hands, &mut Batch),
        performed: &mut Vec<Performed>,
    ) -> Result<(), LogError> {
        if deed == Deed::Tick {
            return self.train(whose, (web, has_read), (hands, batch), performed);
        }
        performed.extend(whose.iter().map(|one| self.publish(*one, web, batch, deed)));
        Ok(())
    }
}
