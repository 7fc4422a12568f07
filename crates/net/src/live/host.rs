//! The actor: one model, or several of a population.
//!
//! This file and `arbiter.rs` are all that knows of actix.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::fut::wrap_future;
use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Message};
use ecosystem::live::{AnyMembers, Hands};
use tokio::sync::Semaphore;

use super::agenda::Task;
use super::desk::{Desk, Outgoing};
use super::lodgers::Lodgers;
use super::resting::Store;
use super::round::Round;
use super::settings::Training;
use super::trouble::Trouble;

/// Between two attempts to hand something to a broker that takes nothing.
pub(crate) const PAUSE: Duration = Duration::from_millis(1);

/// Models that live on one thread.
#[derive(Debug)]
pub(crate) struct Host {
    desk: Rc<Desk>,
    /// The models; not here while a worker has them.
    lodgers: Option<Lodgers>,
    trouble: Trouble,
    workers: Option<Workers>,
}

/// Threads besides those of the actors.
#[derive(Debug, Clone)]
pub(crate) struct Workers {
    /// Who wants to train a model takes one of these.
    training: Arc<Semaphore>,
    /// Who wants to put one away takes one of these, because what waits for that behind trainings takes memory.
    writing: Arc<Semaphore>,
}

impl Workers {
    /// As many as there are to be, if any.
    pub(crate) fn new(training: Training) -> Option<Self> {
        let Training::Workers(count) = training else {
            return None;
        };
        Some(Self {
            training: Arc::new(Semaphore::new(count)),
            writing: Arc::new(Semaphore::new(count)),
        })
    }
}

/// What models of an actor are to do.
#[derive(Debug)]
pub(crate) enum Due {
    One(Task),
    Many(Vec<Task>),
}

impl Message for Due {
    type Result = ();
}

/// What models of an actor have to do is done: put them away.
#[derive(Debug)]
pub(crate) struct Rest;

impl Message for Rest {
    type Result = ();
}

impl Host {
    pub(crate) fn new(desk: Rc<Desk>, members: AnyMembers, workers: Option<Workers>) -> Self {
        Self {
            desk,
            lodgers: Some(Lodgers::new(members)),
            trouble: Trouble::default(),
            workers,
        }
    }

    /// Has a worker do it. Meanwhile the actor takes no other message, and its thread goes on with other actors.
    fn send_away(&mut self, tasks: Vec<Task>, workers: Workers, ctx: &mut Context<Self>) {
        let Some(lodgers) = self.lodgers.take() else {
            return self.desk.lose(tasks.len());
        };
        let work = labour(
            Rc::clone(&self.desk),
            (lodgers, self.trouble),
            tasks,
            workers.training,
        );
        ctx.wait(wrap_future(work).map(|back, host: &mut Self, _| {
            if let Some((lodgers, trouble)) = back {
                (host.lodgers, host.trouble) = (Some(lodgers), trouble);
            }
        }));
    }

    /// Has a worker put the models away. Meanwhile the actor takes no other message.
    fn have_put_away(&mut self, store: Arc<Store>, workers: Workers, ctx: &mut Context<Self>) {
        let Some(lodgers) = self.lodgers.take() else {
            return;
        };
        let work = put_away(lodgers, store, workers.writing);
        ctx.wait(wrap_future(work).map(|back, host: &mut Self, _| {
            if let Some((lodgers, models)) = back {
                host.lodgers = Some(lodgers);
                host.desk.note_put_away(models);
            }
        }));
    }
}

impl Actor for Host {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(self.desk.shared.settings.mailbox);
    }
}

impl Handler<Due> for Host {
    type Result = ();

    fn handle(&mut self, due: Due, ctx: &mut Context<Self>) {
        if let Some(workers) = self.workers.clone() {
            let tasks = match due {
                Due::One(task) => vec![task],
                Due::Many(tasks) => tasks,
            };
            return self.send_away(tasks, workers, ctx);
        }
        let Some(lodgers) = &mut self.lodgers else {
            return;
        };
        let whose = (lodgers, &mut self.trouble);
        match due {
            Due::One(task) => self.desk.perform(whose, &[task]),
            Due::Many(tasks) => self.desk.perform(whose, &tasks),
        }
    }
}

impl Handler<Rest> for Host {
    type Result = ();

    fn handle(&mut self, _: Rest, ctx: &mut Context<Self>) {
        let Some(store) = self.desk.store.clone() else {
            return;
        };
        match (&mut self.lodgers, self.workers.clone()) {
            (Some(lodgers), _) if lodgers.rest() => (),
            (Some(_), Some(workers)) => self.have_put_away(store, workers, ctx),
            (Some(lodgers), None) => self.desk.note_put_away(lodgers.put_away(&store)),
            (None, _) => (),
        }
    }
}

/// Waits for a worker, has it put models away, and gives how many were.
async fn put_away(
    mut lodgers: Lodgers,
    store: Arc<Store>,
    writing: Arc<Semaphore>,
) -> Option<(Lodgers, u32)> {
    // Nobody closes the semaphore.
    let permit = writing.acquire_owned().await.ok()?;
    let work = move || {
        let models = lodgers.put_away(&store);
        drop(permit);
        (lodgers, models)
    };
    tokio::task::spawn_blocking(work).await.ok()
}

/// Waits for a worker, has it do what is due, and notes what came of it.
async fn labour(
    desk: Rc<Desk>,
    (mut lodgers, mut trouble): (Lodgers, Trouble),
    tasks: Vec<Task>,
    training: Arc<Semaphore>,
) -> Option<(Lodgers, Trouble)> {
    let mut left = tasks.len();
    for task in tasks {
        left -= 1;
        // Nobody closes the semaphore.
        let permit = Arc::clone(&training).acquire_owned().await.ok()?;
        if desk.gives_up((&lodgers.members, trouble), task, desk.shared.clock.now()) {
            continue;
        }
        let shared = Arc::clone(&desk.shared);
        let work = move || {
            let web = shared.web();
            let (mut hands, mut outgoing) = (Hands::new(web.kind()), Outgoing::new(web.blank()));
            let (mut round, began) = (Round::of(task), shared.clock.now());
            let tools = (&mut hands, &mut outgoing);
            let done = round.perform((&shared, &web), &mut lodgers, tools, began);
            drop(permit);
            (lodgers, outgoing, (round, done), web)
        };
        let Ok((returned, mut outgoing, (round, done), web)) =
            tokio::task::spawn_blocking(work).await
        else {
            desk.lose(left + 1);
            return None;
        };
        lodgers = returned;
        while !desk.hand_over(&web, &mut outgoing) {
            tokio::time::sleep(PAUSE).await;
        }
        desk.settle((&lodgers.members, &mut trouble), &round, done);
    }
    Some((lodgers, trouble))
}
