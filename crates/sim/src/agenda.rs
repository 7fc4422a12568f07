//! What one actor has yet to do.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};
use types::time::VirtualTime;

/// Something that happens to one actor at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event<S> {
    /// When.
    pub time: VirtualTime,
    /// Breaks ties: events of one actor at one instant happen in the order in which they were scheduled.
    pub sequence: u64,
    /// What.
    pub signal: S,
}

impl<S: Eq> Ord for Event<S> {
    /// Earliest first in a max-heap.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.time, other.sequence).cmp(&(self.time, self.sequence))
    }
}

impl<S: Eq> PartialOrd for Event<S> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The future events of one actor, in order.
#[derive(Debug, Clone)]
pub struct Agenda<S> {
    events: BinaryHeap<Event<S>>,
    sequence_next: u64,
}

/// A saved [`Agenda`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaState<S> {
    events: Vec<Event<S>>,
    sequence_next: u64,
}

impl<S: Eq> Default for Agenda<S> {
    fn default() -> Self {
        Self {
            events: BinaryHeap::new(),
            sequence_next: 0,
        }
    }
}

impl<S: Copy + Eq> Agenda<S> {
    /// Schedules `signal` at `time`. An event in the past of the current window happens in it, after its own cause.
    pub fn push(&mut self, time: VirtualTime, signal: S) {
        self.events.push(Event {
            time,
            sequence: self.sequence_next,
            signal,
        });
        self.sequence_next += 1;
    }

    /// When the next event is due.
    pub fn next_time(&self) -> Option<VirtualTime> {
        self.events.peek().map(|event| event.time)
    }

    /// Takes the next event if it is before `end`.
    pub(crate) fn pop_before(&mut self, end: VirtualTime) -> Option<Event<S>> {
        (self.next_time()? < end)
            .then(|| self.events.pop())
            .flatten()
    }

    pub(crate) fn save(&self) -> AgendaState<S> {
        let mut events = self.events.clone().into_vec();
        events.sort_unstable_by_key(|event| (event.time, event.sequence));
        AgendaState {
            events,
            sequence_next: self.sequence_next,
        }
    }

    pub(crate) fn restore(state: AgendaState<S>) -> Self {
        Self {
            events: state.events.into(),
            sequence_next: state.sequence_next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_keep_the_order_of_scheduling() {
        let mut agenda = Agenda::default();
        for (time, signal) in [(5, 'b'), (3, 'a'), (5, 'c'), (9, 'd')] {
            agenda.push(VirtualTime(time), signal);
        }
        let mut again = Agenda::restore(agenda.save());
        for agenda in [&mut agenda, &mut again] {
            let order: String = std::iter::from_fn(|| agenda.pop_before(VirtualTime(9)))
                .map(|event| event.signal)
                .collect();
            assert_eq!(order, "abc");
        }
    }
}
