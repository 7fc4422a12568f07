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
use super::desk::{Desk, Done, Outgoing, perform};
use super::trouble::Trouble;

/// Between two attempts to hand something to a broker that takes nothing.
pub(crate) const PAUSE: Duration = Duration::from_millis(1);

/// Models that live on one thread.
#[derive(Debug)]
pub(crate) struct Host {
    desk: Rc<Desk>,
    /// The models; away while a worker trains them.
    members: Option<AnyMembers>,
    trouble: Trouble,
    workers: Option<Arc<Semaphore>>,
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

impl Host {
    pub(crate) fn new(
        desk: Rc<Desk>,
        members: AnyMembers,
        workers: Option<Arc<Semaphore>>,
    ) -> Self {
        Self {
            desk,
            members: Some(members),
            trouble: Trouble::default(),
            workers,
        }
    }

    /// Has a worker do it. Meanwhile the actor takes no other message, and its thread goes on with other actors.
    fn send_away(&mut self, tasks: Vec<Task>, workers: Arc<Semaphore>, ctx: &mut Context<Self>) {
        let Some(members) = self.members.take() else {
            return self.desk.lose(tasks.len());
        };
        let work = labour(
            Rc::clone(&self.desk),
            (members, self.trouble),
            tasks,
            workers,
        );
        ctx.wait(wrap_future(work).map(|back, host: &mut Self, _| {
            if let Some((members, trouble)) = back {
                (host.members, host.trouble) = (Some(members), trouble);
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
        let Some(members) = &mut self.members else {
            return;
        };
        let mut now = self.desk.shared.clock.now();
        let mut perform = |task| {
            now = self.desk.perform((members, &mut self.trouble), task, now);
        };
        match due {
            Due::One(task) => perform(task),
            Due::Many(tasks) => tasks.into_iter().for_each(perform),
        }
    }
}

/// Waits for a worker, has it do what is due, and notes what came of it.
async fn labour(
    desk: Rc<Desk>,
    (mut members, mut trouble): (AnyMembers, Trouble),
    tasks: Vec<Task>,
    workers: Arc<Semaphore>,
) -> Option<(AnyMembers, Trouble)> {
    let mut left = tasks.len();
    for task in tasks {
        left -= 1;
        // Nobody closes the semaphore.
        let permit = Arc::clone(&workers).acquire_owned().await.ok()?;
        if desk.gives_up((&members, trouble), task, desk.shared.clock.now()) {
            continue;
        }
        let shared = Arc::clone(&desk.shared);
        let work = move || {
            let web = shared.web();
            let (mut hands, mut outgoing) = (Hands::new(web.kind()), Outgoing::new(web.blank()));
            let tools = (&mut hands, &mut outgoing);
            let began = shared.clock.now();
            let done: Done = perform(&shared, &web, (&mut members, task), tools, began);
            drop(permit);
            (members, outgoing, done, web)
        };
        let Ok((returned, mut outgoing, done, web)) = tokio::task::spawn_blocking(work).await
        else {
            desk.lose(left + 1);
            return None;
        };
        members = returned;
        while !desk.hand_over(&web, &mut outgoing) {
            tokio::time::sleep(PAUSE).await;
        }
        desk.settle((&members, &mut trouble), task, done);
    }
    Some((members, trouble))
}
