//! The engine: windows over virtual time, actors side by side inside a window.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use types::time::{VirtualDuration, VirtualTime};

use crate::agenda::{Agenda, AgendaState, Event};

/// A stretch of virtual time in which all actors run freely against one frozen world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Number of the window on the grid of lookaheads, from 0.
    pub index: u64,
    /// First instant.
    pub start: VirtualTime,
    /// First instant after.
    pub end: VirtualTime,
}

/// What actors share. It changes only between windows.
pub trait World: Sync {
    /// What one actor hands over at the end of a window.
    type Outbox: Default + Send;
    /// What can go wrong when the world is read or changed.
    type Error: Send;

    /// Takes some actors' outboxes, in the order of the actors; nothing of it may be seen before
    /// [`World::commit`]. A window's outboxes come in several calls, and how they are cut into calls
    /// must not matter.
    ///
    /// # Errors
    /// If the world cannot keep what it was handed.
    fn collect(&mut self, outboxes: Vec<Self::Outbox>) -> Result<(), Self::Error>;

    /// Makes everything that was collected in `window` part of the world.
    ///
    /// # Errors
    /// If the world cannot keep what it was handed.
    fn commit(&mut self, window: Window) -> Result<(), Self::Error>;
}

/// A plain state machine that hosts one model or a shard of models.
pub trait Actor<W: World>: Send {
    /// What can happen to it.
    type Signal: Copy + Eq + Send;

    /// Reacts to one event. It sees the world as it was when the window began.
    ///
    /// # Errors
    /// If the world could not be read.
    fn handle(
        &mut self,
        event: Event<Self::Signal>,
        world: &W,
        outbox: &mut W::Outbox,
        agenda: &mut Agenda<Self::Signal>,
    ) -> Result<(), W::Error>;
}

impl<W: World, T: Actor<W> + ?Sized> Actor<W> for Box<T> {
    type Signal = T::Signal;

    fn handle(
        &mut self,
        event: Event<Self::Signal>,
        world: &W,
        outbox: &mut W::Outbox,
        agenda: &mut Agenda<Self::Signal>,
    ) -> Result<(), W::Error> {
        (**self).handle(event, world, outbox, agenda)
    }
}

/// The engine was asked for windows of no length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the lookahead is zero: all actors run in parallel inside a window only because nothing published in it can be \
     seen in it, so the delay from publishing to being visible must be longer than nothing"
)]
pub struct ZeroLookahead;

#[derive(Debug)]
struct Hosted<A, S> {
    actor: A,
    agenda: Agenda<S>,
}

/// Actors of one kind, and the virtual time they live in.
#[derive(Debug)]
pub struct Engine<W: World, A: Actor<W>> {
    hosted: Vec<Hosted<A, A::Signal>>,
    lookahead: VirtualDuration,
    horizon: VirtualTime,
}

impl<W: World, A: Actor<W>> Engine<W, A> {
    /// An engine without actors. Events after `horizon` do not happen.
    ///
    /// # Errors
    /// [`ZeroLookahead`] if `lookahead` is zero.
    pub fn new(lookahead: VirtualDuration, horizon: VirtualTime) -> Result<Self, ZeroLookahead> {
        if lookahead == VirtualDuration(0) {
            return Err(ZeroLookahead);
        }
        Ok(Self {
            hosted: Vec::new(),
            lookahead,
            horizon,
        })
    }

    /// Adds an actor with its first events.
    pub fn spawn(&mut self, actor: A, events: impl IntoIterator<Item = (VirtualTime, A::Signal)>) {
        let mut agenda = Agenda::default();
        for (time, signal) in events {
            agenda.push(time, signal);
        }
        self.hosted.push(Hosted { actor, agenda });
    }

    /// The actors, in the order in which they were spawned.
    pub fn actors(&self) -> impl Iterator<Item = &A> {
        self.hosted.iter().map(|hosted| &hosted.actor)
    }

    /// The actors, to restore them.
    pub fn actors_mut(&mut self) -> impl Iterator<Item = &mut A> {
        self.hosted.iter_mut().map(|hosted| &mut hosted.actor)
    }

    /// The window that holds the earliest event, or `None` if nothing is left before the horizon.
    pub fn next_window(&self) -> Option<Window> {
        let time = self
            .hosted
            .iter()
            .filter_map(|hosted| hosted.agenda.next_time())
            .min()?;
        let index = time.0 / self.lookahead.0;
        (time <= self.horizon).then(|| self.window(index))
    }

    /// The window of that number.
    pub fn window(&self, index: u64) -> Window {
        let start = VirtualTime(index * self.lookahead.0);
        Window {
            index,
            start,
            end: start + self.lookahead,
        }
    }

    /// Runs one window and commits what came of it; `None` at the end of the run.
    ///
    /// # Errors
    /// The first error in the order of the actors, or the world's own. The run must not go on after one.
    pub fn step(&mut self, world: &mut W) -> Result<Option<Window>, W::Error> {
        let Some(window) = self.next_window() else {
            return Ok(None);
        };
        self.run_window(window, world, &|_| ())?;
        world.commit(window)?;
        Ok(Some(window))
    }

    /// Runs all events of `window` against a frozen world, which collects the outboxes in the order of
    /// the actors. Each outbox is shown to `ready` as soon as its actor has run, in any order, on any thread.
    ///
    /// # Errors
    /// The first error in the order of the actors, or the world's own.
    pub fn run_window(
        &mut self,
        window: Window,
        world: &mut W,
        ready: &Ready<'_, W>,
    ) -> Result<(), W::Error> {
        let end = window
            .end
            .min(VirtualTime(self.horizon.0.saturating_add(1)));
        let is_due = |hosted: &&mut Hosted<A, A::Signal>| {
            hosted.agenda.next_time().is_some_and(|time| time < end)
        };
        let mut due: Vec<_> = self.hosted.iter_mut().filter(is_due).collect();
        // Outboxes are handed over in batches, so that those of a huge population are never all there at
        // once. How many at a time depends on the number of threads, which is why it must not matter to
        // the world.
        for some in due.chunks_mut(OUTBOXES_PER_THREAD * rayon::current_num_threads()) {
            let outboxes = run_all(some, end, (world, ready))?;
            world.collect(outboxes)?;
        }
        Ok(())
    }

    /// What is yet to happen, actor by actor; actors save themselves.
    pub fn save(&self) -> impl Iterator<Item = AgendaState<A::Signal>> {
        self.hosted.iter().map(|hosted| hosted.agenda.save())
    }

    /// Replaces what is yet to happen by the saved agendas of as many actors; false if there are not as many.
    pub fn restore(&mut self, agendas: Vec<AgendaState<A::Signal>>) -> bool {
        if agendas.len() != self.hosted.len() {
            return false;
        }
        for (hosted, agenda) in self.hosted.iter_mut().zip(agendas) {
            hosted.agenda = Agenda::restore(agenda);
        }
        true
    }
}

/// Is shown an outbox.
type Ready<'a, W> = dyn Fn(&<W as World>::Outbox) + Sync + 'a;

/// So many actors a thread run before their outboxes are handed over: enough to even out the work, and to make the
/// wait at the end rare.
const OUTBOXES_PER_THREAD: usize = 32;

/// Runs actors side by side; their outboxes in order.
fn run_all<W: World, A: Actor<W>>(
    actors: &mut [&mut Hosted<A, A::Signal>],
    end: VirtualTime,
    (world, ready): (&W, &Ready<'_, W>),
) -> Result<Vec<W::Outbox>, W::Error> {
    let run = |hosted: &mut Hosted<A, A::Signal>| hosted.run(end, world).inspect(ready);
    if let [only] = actors {
        return Ok(vec![run(only)?]);
    }
    // Results are collected first and inspected in order, so that the error is always the same one.
    let results: Vec<_> = actors.par_iter_mut().map(|hosted| run(hosted)).collect();
    results.into_iter().collect()
}

impl<A, S: Copy + Eq> Hosted<A, S> {
    fn run<W>(&mut self, end: VirtualTime, world: &W) -> Result<W::Outbox, W::Error>
    where
        W: World,
        A: Actor<W, Signal = S>,
    {
        let mut outbox = W::Outbox::default();
        while let Some(event) = self.agenda.pop_before(end) {
            self.actor
                .handle(event, world, &mut outbox, &mut self.agenda)?;
        }
        Ok(outbox)
    }
}

#[cfg(test)]
mod tests;
