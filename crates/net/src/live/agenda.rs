//! What is due when: a calendar of short days, so that a million models cost no more than one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use ecosystem::live::Deed;

use super::clock::Nanos;

/// A day of the calendar has 2^20 ns, about a millisecond.
const DAY_BITS: u32 = 20;

/// Something that a model is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Task {
    /// When it is meant to begin.
    pub(crate) intended: Nanos,
    /// Which actor of the arbiter.
    pub(crate) slot: u32,
    /// Which of its models.
    pub(crate) local: u32,
    pub(crate) deed: Deed,
}

/// Tasks by the time they are meant to begin.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    /// Tasks of the day that is taken up, the earliest last.
    today: Vec<Task>,
    /// What was noted for today or before since it was taken up.
    late: BinaryHeap<Reverse<Task>>,
    /// The day that was taken up.
    day: u64,
    /// Tasks of later days, in no order.
    later: BTreeMap<u64, Vec<Task>>,
}

impl Agenda {
    /// Notes a task.
    pub(crate) fn push(&mut self, task: Task) {
        let day = task.intended >> DAY_BITS;
        if day <= self.day {
            self.late.push(Reverse(task));
        } else {
            self.later.entry(day).or_default().push(task);
        }
    }

    /// The earliest task that is due at `now`.
    pub(crate) fn pop(&mut self, now: Nanos) -> Option<Task> {
        self.turn(now);
        let (late, today) = (self.late.peek().map(|task| task.0), self.today.last());
        let is_late = late.is_some_and(|late| today.is_none_or(|today| late < *today));
        let next = if is_late { late } else { today.copied() };
        next.filter(|task| task.intended <= now)?;
        if is_late {
            self.late.pop().map(|task| task.0)
        } else {
            self.today.pop()
        }
    }

    /// When the next task is due, or a little before.
    pub(crate) fn next(&self) -> Option<Nanos> {
        let late = self.late.peek().map(|task| task.0.intended);
        let today = self.today.last().map(|task| task.intended);
        let soon = [late, today].into_iter().flatten().min();
        soon.or_else(|| self.later.keys().next().map(|day| day << DAY_BITS))
    }

    /// Takes up the next day that has begun, if nothing is left of the last.
    fn turn(&mut self, now: Nanos) {
        if !(self.today.is_empty() && self.late.is_empty()) {
            return;
        }
        if let Some(entry) = self.later.first_entry()
            && *entry.key() <= now >> DAY_BITS
        {
            (self.day, self.today) = entry.remove_entry();
            self.today.sort_unstable_by(|a, b| b.cmp(a));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_come_in_order_and_not_before_they_are_due() {
        let mut agenda = Agenda::default();
        let task = |intended| Task {
            intended,
            slot: 0,
            local: 0,
            deed: Deed::Tick,
        };
        let day = 1 << DAY_BITS;
        let times = [5 * day, 3, 2 * day + 7, 2 * day + 1, 2, 90 * day];
        for intended in times {
            agenda.push(task(intended));
        }
        assert_eq!(agenda.next(), Some(2));
        assert_eq!(agenda.pop(1), None);
        assert_eq!(agenda.pop(2), Some(task(2)));
        let mut popped = Vec::new();
        while let Some(task) = agenda.pop(6 * day) {
            popped.push(task.intended);
            // What is noted on the way for an earlier time comes next.
            if task.intended == 2 * day + 1 {
                agenda.push(Task {
                    intended: day,
                    ..task
                });
            }
        }
        assert_eq!(popped, [3, 2 * day + 1, day, 2 * day + 7, 5 * day]);
        assert_eq!(agenda.next(), Some(90 * day));
        assert_eq!(agenda.pop(91 * day), Some(task(90 * day)));
        assert_eq!((agenda.next(), agenda.pop(u64::MAX)), (None, None));
    }
}
