//! What models of an actor do together.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ecosystem::live::{Hands, LiveWeb, Performed};
use types::time::VirtualTime;

use super::agenda::Task;
use super::clock::Nanos;
use super::desk::Outgoing;
use super::lodgers::Lodgers;
use super::shared::Shared;

/// Deeds that are done together: the same one of different models.
#[derive(Debug, Default)]
pub(crate) struct Round {
    pub(crate) tasks: Vec<Task>,
    /// Whose they are, and when they are meant to be done.
    whose: Vec<(u32, VirtualTime)>,
    /// How each went; empty if they ended in a panic, the log failed or the models could not be brought back.
    performed: Vec<Performed>,
}

/// What came of a round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    pub(crate) began: Nanos,
    pub(crate) read: Option<Nanos>,
    pub(crate) ended: Nanos,
    /// Publications of others that were lost with it.
    pub(crate) withdrawn: usize,
    /// Models that had to be brought back for it.
    pub(crate) brought_back: u32,
    /// False if it came to nothing.
    pub(crate) worked: bool,
}

/// How many marks there are to tell models apart.
const MARKS: usize = 4096;

/// How many of the first tasks can be done together, if at most so many: the same deed of different models.
pub(crate) fn together(tasks: &[Task], most: usize) -> usize {
    let mut marks = [0_u64; MARKS / 64];
    let mut is_other = |task: &Task| {
        let place = task.local as usize % MARKS;
        let (word, bit) = (&mut marks[place / 64], 1 << (place % 64));
        let is_free = *word & bit == 0;
        *word |= bit;
        is_free
    };
    let fits = |task: &&Task| task.deed == tasks[0].deed && is_other(task);
    tasks.iter().take(most).take_while(fits).count()
}

impl Round {
    /// A round of one deed.
    pub(crate) fn of(task: Task) -> Self {
        Self {
            tasks: vec![task],
            ..Self::default()
        }
    }

    /// The deeds and how they went.
    pub(crate) fn results(&self) -> impl Iterator<Item = (Task, Performed)> {
        let pairs = self.tasks.iter().zip(&self.performed);
        pairs.map(|(task, performed)| (*task, *performed))
    }

    /// Does what models are to do, wherever that is; it is `began` now.
    pub(crate) fn perform(
        &mut self,
        (shared, web): (&Shared, &LiveWeb),
        lodgers: &mut Lodgers,
        (hands, outgoing): (&mut Hands, &mut Outgoing),
        began: Nanos,
    ) -> Done {
        self.performed.clear();
        let Some(brought_back) = lodgers.bring_back() else {
            return Done::nothing(began, shared.clock.now());
        };
        let times = self.tasks.iter().map(|task| {
            let time = shared.clock.virtual_time(task.intended);
            (task.local, time)
        });
        self.whose.clear();
        self.whose.extend(times);
        let read = Cell::new(None);
        let has_read = || read.set(Some(shared.clock.now()));
        let act = || {
            let whose = (&*self.whose, self.tasks[0].deed);
            let reading: (&LiveWeb, &dyn Fn()) = (web, &has_read);
            let tools = (&mut *hands, &mut outgoing.batch);
            let performed = &mut self.performed;
            lodgers.members.act(whose, reading, tools, performed)
        };
        // A model that panics must not take the others of its thread with it.
        let outcome = catch_unwind(AssertUnwindSafe(act));
        let ended = shared.clock.now();
        let worked = matches!(outcome, Ok(Ok(())));
        let mut withdrawn = 0;
        if worked {
            outgoing.note(ended, self.results());
        } else {
            self.performed.clear();
            withdrawn = outgoing.withdraw(web.blank());
        }
        Done {
            began,
            read: read.get(),
            ended,
            withdrawn,
            brought_back,
            worked,
        }
    }
}

impl Done {
    /// The models were not there.
    fn nothing(began: Nanos, ended: Nanos) -> Self {
        Self {
            began,
            read: None,
            ended,
            withdrawn: 0,
            brought_back: 0,
            worked: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use ecosystem::live::Deed;

    use super::*;

    #[test]
    fn only_the_same_deed_of_different_models_is_done_together() {
        let task = |local, deed| Task {
            intended: 0,
            slot: 0,
            local,
            deed,
        };
        let ticks = |locals: &[u32]| -> Vec<Task> {
            let tasks = locals.iter().map(|local| task(*local, Deed::Tick));
            tasks.collect()
        };
        assert_eq!(together(&[], 8), 0);
        assert_eq!(together(&ticks(&[5, 6, 4_000]), 8), 3);
        assert_eq!(together(&ticks(&[5, 6, 4_000]), 2), 2);
        assert_eq!(together(&ticks(&[5, 6, 5]), 8), 2);
        let mixed = [
            task(1, Deed::Publish),
            task(2, Deed::Publish),
            task(3, Deed::Tick),
        ];
        assert_eq!(together(&mixed, 8), 2);
    }
}
