//! What the actors of one thread share: what is due, memory to work with, and what they have published.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use ecosystem::live::{AnyMembers, Deed, Hands, LiveWeb, Performed};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use web::Batch;

use super::agenda::{Agenda, Task};
use super::broker::Parcel;
use super::clock::Nanos;
use super::host::PAUSE;
use super::lodgers::Lodgers;
use super::meter::{Meter, Operation};
use super::resting::Store;
use super::round::{Done, Round, together};
use super::settings::Load;
use super::shared::Shared;
use super::trouble::Trouble;

/// What was published is handed over after so long, in nanoseconds.
const BATCH_AGE: Nanos = 2_000_000;

/// So many batches, or documents if that is fewer batches, are handed over by whoever fills the last; fewer when actors have had their turn, because
/// to wake another thread for each of them would take longer than to write it.
const FULL: usize = 16;
const FULL_DOCUMENTS: usize = 512;

/// What the actors of one thread share.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) number: usize,
    pub(crate) shared: Arc<Shared>,
    pub(crate) agenda: RefCell<Agenda>,
    /// Deeds that were handed to actors and are not over.
    pub(crate) in_flight: Cell<usize>,
    /// Where models rest, if they do.
    pub(crate) store: Option<Arc<Store>>,
    /// Where batches go, if not straight into the web.
    broker: Option<mpsc::Sender<Parcel>>,
    /// The broker took none the last time.
    choked: Cell<bool>,
    work: RefCell<Work>,
}

/// Memory to work with.
#[derive(Debug)]
struct Work {
    web: Arc<LiveWeb>,
    version: u64,
    hands: Hands,
    outgoing: Outgoing,
    round: Round,
}

/// What was published and not handed to the broker yet.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) batch: Batch,
    /// When each publication was meant to begin, and its documents.
    intended: Vec<(Nanos, u32)>,
    /// When the first of them was written.
    since: Nanos,
}

impl Outgoing {
    pub(crate) fn new(batch: Batch) -> Self {
        Self {
            batch,
            intended: Vec::new(),
            since: 0,
        }
    }
}

impl Outgoing {
    /// Gives up what was not handed over, because half a publication may be in it; gives how many others were.
    pub(crate) fn withdraw(&mut self, blank: Batch) -> usize {
        self.batch = blank;
        self.intended.drain(..).count()
    }

    /// Notes what was put into the batch up to `now`.
    pub(crate) fn note(&mut self, now: Nanos, results: impl Iterator<Item = (Task, Performed)>) {
        if self.intended.is_empty() {
            self.since = now;
        }
        let published = results.filter(|(_, performed)| performed.documents > 0);
        self.intended
            .extend(published.map(|(task, performed)| (task.intended, performed.documents)));
    }

    fn is_due(&self, now: Nanos, documents: usize) -> bool {
        let waiting = !self.intended.is_empty();
        waiting && (now >= self.since + BATCH_AGE || self.batch.content.len() >= documents)
    }
}

impl Desk {
    pub(crate) fn new(
        number: usize,
        shared: Arc<Shared>,
        store: Option<Arc<Store>>,
        broker: Option<mpsc::Sender<Parcel>>,
    ) -> Self {
        let web = shared.web();
        let work = Work {
            version: 0,
            hands: Hands::new(web.kind()),
            outgoing: Outgoing::new(web.blank()),
            round: Round::default(),
            web,
        };
        Self {
            number,
            agenda: RefCell::default(),
            in_flight: Cell::new(0),
            store,
            broker,
            choked: Cell::new(false),
            work: RefCell::new(work),
            shared,
        }
    }

    /// Does the deeds of an actor's models here and now, but for those that have waited too long.
    pub(crate) fn perform(
        &self,
        (lodgers, trouble): (&mut Lodgers, &mut Trouble),
        mut tasks: &[Task],
    ) {
        let (most, mut now) = (lodgers.members.abreast(), self.shared.clock.now());
        while !tasks.is_empty() {
            let (first, rest) = tasks.split_at(together(tasks, most));
            now = self.perform_together((lodgers, trouble), first, now);
            tasks = rest;
        }
    }

    /// Does deeds together, and `now`, but for those that have waited too long; gives the time when they are over.
    fn perform_together(
        &self,
        (lodgers, trouble): (&mut Lodgers, &mut Trouble),
        tasks: &[Task],
        now: Nanos,
    ) -> Nanos {
        let work = &mut *self.work.borrow_mut();
        let kept = |task: &&Task| !self.gives_up((&lodgers.members, *trouble), **task, now);
        work.round.tasks.clear();
        work.round.tasks.extend(tasks.iter().filter(kept));
        if work.round.tasks.is_empty() {
            return now;
        }
        if let Some((version, web)) = self.shared.newer(work.version) {
            (work.version, work.web) = (version, web);
        }
        let tools = (&mut work.hands, &mut work.outgoing);
        let done = work
            .round
            .perform((&self.shared, &work.web), lodgers, tools, now);
        let batch = self.shared.settings.batch_documents;
        let full = FULL_DOCUMENTS.clamp(batch, FULL.saturating_mul(batch));
        if work.outgoing.is_due(done.ended, full) {
            self.hand_over(&work.web, &mut work.outgoing);
        }
        self.settle((&lodgers.members, trouble), &work.round, done);
        done.ended
    }

    /// Gives up deeds of models that are lost.
    pub(crate) fn lose(&self, deeds: usize) {
        self.in_flight.set(self.in_flight.get() - deeds);
        let count = |meter: &mut Meter| meter.counts.failed += deeds as u64;
        self.shared.measure(self.number, count);
    }

    /// Notes that models were put away.
    pub(crate) fn note_put_away(&self, models: u32) {
        let count = |meter: &mut Meter| meter.counts.put_away += u64::from(models);
        self.shared.measure(self.number, count);
    }

    /// Gives a deed up that has waited too long, or whose model rests.
    pub(crate) fn gives_up(
        &self,
        (members, trouble): (&AnyMembers, Trouble),
        task: Task,
        now: Nanos,
    ) -> bool {
        let late = self.shared.is_abandoned() || self.shared.is_too_late(task.intended, now);
        let rests = trouble.rests(now);
        if late || rests {
            self.shared.measure(self.number, |meter| {
                meter.counts.dropped += u64::from(late);
                meter.counts.rejected += u64::from(!late);
            });
            self.in_flight.set(self.in_flight.get() - 1);
            self.plan(members, task, trouble.rested(now));
        }
        late || rests
    }

    /// Notes what came of a round, and when the models' next deeds are due.
    pub(crate) fn settle(
        &self,
        (members, trouble): (&AnyMembers, &mut Trouble),
        round: &Round,
        done: Done,
    ) {
        let deeds = round.tasks.len();
        trouble.note(done.worked, done.ended);
        self.in_flight.set(self.in_flight.get() - deeds);
        self.shared.measure(self.number, |meter| {
            meter.counts.brought_back += u64::from(done.brought_back);
            if done.worked {
                self.note(meter, round, done);
            } else {
                meter.counts.failed += deeds as u64;
                meter.counts.refused += done.withdrawn as u64;
            }
        });
        for task in &round.tasks {
            self.plan_publication(members, *task);
            self.plan(members, *task, done.ended);
        }
    }

    /// Measures deeds that were done.
    fn note(&self, meter: &mut Meter, round: &Round, done: Done) {
        let deeds = round.tasks.len() as u64;
        meter.counts.done += deeds;
        meter.note(Operation::Service, done.ended - done.began, deeds);
        for (task, performed) in round.results() {
            meter.counts.written += u64::from(performed.documents);
            meter.counts.fits_failed += u64::from(performed.fit_failed);
            let since = |at: Nanos| at.saturating_sub(task.intended);
            if let Some(read) = done.read {
                meter.note(Operation::Crawl, since(read), 1);
                meter.note(Operation::Fit, since(done.ended), 1);
            }
            if let Some(published) = performed.published {
                let age = done.ended.saturating_sub(self.shared.clock.wall(published));
                meter.note(Operation::Freshness, age, 1);
            }
        }
    }

    /// A model that publishes by a clock of its own publishes after each deed that does not come from that clock.
    fn plan_publication(&self, members: &AnyMembers, task: Task) {
        let clocks = matches!(self.shared.settings.load, Load::Clocks);
        let apart = members.wait(task.local, Deed::Publish).is_some();
        if task.deed == Deed::Tick && !clocks && apart {
            self.agenda.borrow_mut().push(Task {
                deed: Deed::Publish,
                ..task
            });
        }
    }

    fn plan(&self, members: &AnyMembers, task: Task, ended: Nanos) {
        let next = match &self.shared.settings.load {
            Load::Open(..) => None,
            Load::Closed => (task.deed == Deed::Tick).then_some(ended),
            Load::Clocks => members
                .wait(task.local, task.deed)
                .map(|wait| task.intended + self.shared.clock.lasts(wait)),
        };
        if let Some(intended) = next {
            self.agenda.borrow_mut().push(Task { intended, ..task });
        }
    }

    /// Hands what was published to the broker if that is due, or in any case; true if nothing is left.
    pub(crate) fn flush(&self, now: Nanos, in_any_case: bool) -> bool {
        let work = &mut *self.work.borrow_mut();
        let documents = self.shared.settings.batch_documents;
        if in_any_case || work.outgoing.is_due(now, documents) {
            self.hand_over(&work.web, &mut work.outgoing);
        }
        work.outgoing.intended.is_empty()
    }

    /// True if the broker is so far behind that nothing more should be begun.
    pub(crate) fn is_choked(&self) -> bool {
        self.choked.get()
    }

    /// Waits until the broker takes something again, but not for long.
    pub(crate) async fn wait_for_room(&self) {
        if let Some(broker) = &self.broker {
            let room = tokio::time::timeout(PAUSE, broker.reserve()).await;
            self.choked.set(room.is_err());
        }
    }

    /// Hands a batch to the broker; false if it takes none now.
    pub(crate) fn hand_over(&self, web: &LiveWeb, outgoing: &mut Outgoing) -> bool {
        if outgoing.intended.is_empty() {
            return true;
        }
        let parcel = |outgoing: &mut Outgoing| Parcel {
            batch: std::mem::replace(&mut outgoing.batch, web.blank()),
            intended: std::mem::take(&mut outgoing.intended),
        };
        let Some(broker) = &self.broker else {
            self.accept(parcel(outgoing));
            return true;
        };
        let place = broker.try_reserve();
        self.choked
            .set(matches!(place, Err(TrySendError::Full(()))));
        match place {
            Ok(place) => place.send(parcel(outgoing)),
            Err(TrySendError::Full(())) => return false,
            // Its thread broke down.
            Err(TrySendError::Closed(())) => {
                let lost = outgoing.withdraw(web.blank()) as u64;
                let count = |meter: &mut Meter| meter.counts.refused += lost;
                self.shared.measure(self.number, count);
            }
        }
        true
    }

    /// Without a target, whatever is handed over is accepted.
    fn accept(&self, parcel: Parcel) {
        let now = self.shared.clock.now();
        self.shared.measure(self.number, |meter| {
            for (intended, documents) in parcel.intended {
                meter.note(Operation::Publish, now.saturating_sub(intended), 1);
                meter.counts.accepted += u64::from(documents);
            }
        });
        self.shared.accept(parcel.batch);
    }
}
