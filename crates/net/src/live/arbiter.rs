//! A thread of actors, and who tells them what is due.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::{Arc, Barrier};

use actix::prelude::SendError;
use actix::{Actor, Addr, System};
use ecosystem::live::{AnyMembers, Deed};
use tokio::sync::mpsc;
use types::random::{Purpose, Seed};

use super::agenda::Task;
use super::arrivals::Arrivals;
use super::broker::Parcel;
use super::clock::Nanos;
use super::desk::Desk;
use super::host::{Due, Host, PAUSE, Rest, Workers};
use super::meter::{Meter, Operation};
use super::residents::Residents;
use super::resting::Store;
use super::settings::{Load, Settings, Training};
use super::shared::Shared;

/// Deeds that are taken up before actors get a turn.
const BURST: usize = 1024;
/// So many deeds are in the mailboxes of a thread whose actors do them themselves, so that a mailbox is still in fast memory when its actor gets
/// its turn;
const IN_MAILBOXES: usize = 64;
/// and so many if a message carries many.
const IN_SHARED_MAILBOXES: usize = 1024;
/// Nobody sleeps longer, in nanoseconds, because somebody may have said stop.
const NAP: Nanos = 2_000_000;

/// What a thread is given to host.
#[derive(Debug)]
pub(crate) struct Share {
    pub(crate) members: Vec<AnyMembers>,
    pub(crate) workers: Option<Workers>,
    /// Where models rest, if they do.
    pub(crate) store: Option<Arc<Store>>,
}

/// The actors of one thread.
struct Arbiter {
    desk: Rc<Desk>,
    hosts: Vec<Addr<Host>>,
    /// Before each actor, so many models live here; one more at the end.
    before: Vec<u32>,
    /// What was taken up and is in no mailbox yet.
    waiting: VecDeque<Task>,
    /// So many deeds may be in mailboxes.
    in_mailboxes: usize,
    /// What was gathered for actors of several models, and for which.
    gathered: Vec<Vec<Task>>,
    touched: Vec<u32>,
    arrivals: Option<Arrivals>,
    /// The next arrival.
    next: Option<Nanos>,
    lags: Vec<Nanos>,
    /// Who is in memory, if not everybody is.
    residents: Option<Residents>,
}

/// Hosts a share on this thread until everything that was to happen has happened or somebody says stop, and what is under way
/// is over. Waits twice at `start`: when all actors have started, and until time has begun.
pub(crate) fn host(
    number: usize,
    shared: Arc<Shared>,
    share: Share,
    broker: Option<mpsc::Sender<Parcel>>,
    start: &Barrier,
) {
    System::new().block_on(async {
        let desk = Rc::new(Desk::new(number, shared, share.store, broker));
        let mut arbiter = Arbiter::new(desk, share.members, share.workers.as_ref());
        // Actors that were spawned before get their first turn.
        tokio::task::yield_now().await;
        start.wait();
        start.wait();
        arbiter.drive().await;
        arbiter.drain().await;
    });
}

impl Arbiter {
    fn new(desk: Rc<Desk>, members: Vec<AnyMembers>, workers: Option<&Workers>) -> Self {
        let shared = Arc::clone(&desk.shared);
        let mut before = vec![0];
        for group in &members {
            before.push(before[before.len() - 1] + group.count());
        }
        let arrivals = match &shared.settings.load {
            Load::Open(process, stages) => {
                let key = Seed(shared.settings.seed).key(0, Purpose::Clock);
                let share = shared.settings.share / shared.settings.threads as f64;
                let node = shared
                    .settings
                    .common
                    .as_ref()
                    .map_or(0, |common| common.node);
                let rng = key.stream(desk.number as u32, node as u32);
                Some(Arrivals::new(*process, stages, share, rng))
            }
            Load::Clocks | Load::Closed => None,
        };
        for (slot, group) in members.iter().enumerate() {
            plan_first(&desk, slot as u32, group);
        }
        let several = desk.shared.settings.models_per_actor > 1;
        let start = |group| Host::new(Rc::clone(&desk), group, workers.cloned()).start();
        let hosts: Vec<Addr<Host>> = members.into_iter().map(start).collect();
        let mut arbiter = Self {
            waiting: VecDeque::new(),
            in_mailboxes: match desk.shared.settings.training {
                Training::Inline if several => IN_SHARED_MAILBOXES,
                Training::Inline => IN_MAILBOXES,
                Training::Workers(_) => usize::MAX,
            },
            gathered: vec![Vec::new(); if several { hosts.len() } else { 0 }],
            touched: Vec::new(),
            lags: Vec::new(),
            next: None,
            residents: residents(&desk.shared.settings, hosts.len()),
            desk,
            hosts,
            before,
            arrivals,
        };
        arbiter.next = arbiter.arrivals.as_mut().and_then(Arrivals::next);
        arbiter
    }

    /// Hands out what is due, and lets actors work.
    async fn drive(&mut self) {
        while !self.desk.shared.is_stopping() && !self.is_over() {
            let now = self.desk.shared.clock.now();
            let busy = self.take_up(now);
            if !self.desk.is_choked() {
                self.hand_out();
            }
            self.desk.flush(now, false);
            if self.desk.is_choked() {
                self.desk.wait_for_room().await;
            } else if self.waits_for_workers() {
                tokio::time::sleep(PAUSE).await;
            } else if busy || self.desk.in_flight.get() > 0 {
                tokio::task::yield_now().await;
            } else {
                self.sleep(now).await;
            }
        }
    }

    /// True if nothing will ever be due again.
    fn is_over(&self) -> bool {
        let idle = self.desk.agenda.borrow().next().is_none();
        idle && self.next.is_none() && self.desk.in_flight.get() == 0
    }

    async fn sleep(&self, now: Nanos) {
        let next = [self.desk.agenda.borrow().next(), self.next];
        let next = next.into_iter().flatten().min().unwrap_or(Nanos::MAX);
        let until = next.min(now + NAP);
        tokio::time::sleep_until(self.desk.shared.clock.instant(until).into()).await;
    }

    /// True if what is under way is not done on this thread, which must not be kept busy by waiting.
    fn waits_for_workers(&self) -> bool {
        let away = !matches!(self.desk.shared.settings.training, Training::Inline);
        away && self.desk.in_flight.get() > 0
    }

    /// Waits for what is under way.
    async fn drain(&mut self) {
        while self.desk.in_flight.get() > 0 {
            self.hand_out();
            if self.waits_for_workers() {
                tokio::time::sleep(PAUSE).await;
            } else {
                tokio::task::yield_now().await;
            }
        }
        while !self.desk.flush(0, true) {
            self.desk.wait_for_room().await;
        }
    }

    /// Takes up what is due; true if there may be more.
    fn take_up(&mut self, now: Nanos) -> bool {
        let (mut taken, mut dropped) = (0, 0);
        while taken + dropped < BURST && self.has_room() {
            let Some(task) = self.take(now) else { break };
            self.lags.push(now - task.intended);
            let arrived = self.arrivals.is_some() && task.deed == Deed::Tick;
            if arrived && self.desk.shared.is_too_late(task.intended, now) {
                dropped += 1;
            } else {
                let in_flight = &self.desk.in_flight;
                in_flight.set(in_flight.get() + 1);
                self.waiting.push_back(task);
                taken += 1;
            }
        }
        self.note(taken + dropped, dropped);
        taken + dropped == BURST
    }

    /// Puts what was taken up into mailboxes, but not more than their actors get to soon.
    fn hand_out(&mut self) {
        let in_mailboxes = self.desk.in_flight.get() - self.waiting.len();
        let room = self.in_mailboxes.saturating_sub(in_mailboxes);
        for _ in 0..room.min(self.waiting.len()) {
            if let Some(task) = self.waiting.pop_front() {
                self.give(task);
            }
        }
        self.send_gathered();
        self.send_to_rest();
    }

    /// True if more may be begun.
    fn has_room(&self) -> bool {
        let most = self.desk.shared.settings.in_flight;
        self.desk.in_flight.get() < most && !self.desk.is_choked()
    }

    /// The next deed that is due: what models have planned themselves, or an arrival.
    fn take(&mut self, now: Nanos) -> Option<Task> {
        let planned = self.desk.agenda.borrow_mut().pop(now);
        if planned.is_some() {
            return planned;
        }
        let intended = self.next.filter(|next| *next <= now)?;
        let arrivals = self.arrivals.as_mut()?;
        self.next = arrivals.next();
        let model = arrivals.choose(*self.before.last()?);
        let slot = self.before.partition_point(|before| *before <= model) - 1;
        Some(Task {
            intended,
            slot: slot as u32,
            local: model - self.before[slot],
            deed: Deed::Tick,
        })
    }

    fn give(&mut self, task: Task) {
        match self.gathered.get_mut(task.slot as usize) {
            None => self.send(task.slot, Due::One(task)),
            Some(gathered) => {
                if gathered.is_empty() {
                    self.touched.push(task.slot);
                }
                gathered.push(task);
            }
        }
    }

    fn send_gathered(&mut self) {
        while let Some(slot) = self.touched.pop() {
            let tasks = std::mem::take(&mut self.gathered[slot as usize]);
            self.send(slot, Due::Many(tasks));
        }
    }

    /// Puts a message into an actor's mailbox. If that is full, arrivals are refused, and what a model planned itself waits.
    fn send(&mut self, slot: u32, due: Due) {
        let (SendError::Full(due) | SendError::Closed(due)) =
            match self.hosts[slot as usize].try_send(due) {
                Ok(()) => return self.is_in_use(slot),
                Err(refused) => refused,
            };
        let tasks = match due {
            Due::One(task) => vec![task],
            Due::Many(tasks) => tasks,
        };
        self.desk
            .in_flight
            .set(self.desk.in_flight.get() - tasks.len());
        if self.arrivals.is_some() {
            let count = |meter: &mut Meter| meter.counts.rejected += tasks.len() as u64;
            return self.desk.shared.measure(self.desk.number, count);
        }
        let mut agenda = self.desk.agenda.borrow_mut();
        for task in tasks {
            agenda.push(task);
        }
    }

    fn is_in_use(&mut self, slot: u32) {
        if let Some(residents) = &mut self.residents {
            residents.note(slot);
        }
    }

    /// Tells actors to put their models away that had nothing to do for longest, if too many are in memory. They do that when they have done what is
    /// in their mailboxes; one whose mailbox is full has enough to do.
    fn send_to_rest(&mut self) {
        while let Some(slot) = self.residents.as_mut().and_then(Residents::excess) {
            if self.hosts[slot as usize].try_send(Rest).is_err() {
                return self.is_in_use(slot);
            }
        }
    }

    fn note(&mut self, due: usize, dropped: usize) {
        if due == 0 {
            return;
        }
        self.desk.shared.measure(self.desk.number, |meter| {
            meter.counts.due += due as u64;
            meter.counts.dropped += dropped as u64;
            for lag in self.lags.drain(..) {
                meter.note(Operation::Lag, lag, 1);
            }
        });
    }
}

/// Who of a thread's actors may be in memory, if not everybody.
fn residents(settings: &Settings, actors: usize) -> Option<Residents> {
    let resting = settings.resting.as_ref()?;
    let most = resting.resident_models / settings.threads / settings.models_per_actor as usize;
    Some(Residents::new(most.max(1), actors))
}

/// The first deeds of an actor's models.
fn plan_first(desk: &Desk, slot: u32, members: &AnyMembers) {
    let (load, clock) = (&desk.shared.settings.load, &desk.shared.clock);
    let mut agenda = desk.agenda.borrow_mut();
    for local in 0..members.count() {
        for (wait, deed) in members.first_deeds(local) {
            let intended = match (load, deed) {
                (Load::Clocks, _) => clock.lasts(wait),
                (Load::Open(..) | Load::Closed, Deed::Open) | (Load::Closed, Deed::Tick) => 0,
                _ => continue,
            };
            agenda.push(Task {
                intended,
                slot,
                local,
                deed,
            });
        }
    }
}
