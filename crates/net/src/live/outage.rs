//! Outages: how long a broker or a target accepts nothing.

use std::sync::{Mutex, PoisonError};

use super::clock::Nanos;

/// Since when nothing is accepted.
#[derive(Debug, Default)]
pub(crate) struct Outage(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The last time that something was accepted.
    accepted: Nanos,
    since: Option<Nanos>,
}

impl Outage {
    /// Something that was sent at that time has failed.
    pub(crate) fn failed(&self, sent: Nanos) {
        let state = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.since.get_or_insert(sent.max(state.accepted));
    }

    /// Something is accepted now; how long the outage was that ends with it.
    pub(crate) fn accepted(&self, now: Nanos) -> Option<Nanos> {
        let state = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.accepted = now;
        state.since.take().map(|since| now.saturating_sub(since))
    }

    /// Nothing will be accepted any more; how long that has been so.
    pub(crate) fn over(&self, now: Nanos) -> Option<Nanos> {
        let state = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.since.take().map(|since| now.saturating_sub(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_lasts_from_the_first_failure_to_what_is_accepted_next() {
        let outage = Outage::default();
        assert_eq!(outage.accepted(10), None);
        outage.failed(20);
        outage.failed(30);
        assert_eq!(outage.accepted(50), Some(30));
        assert_eq!(outage.accepted(60), None);
        // What was sent at 55 fails late: something was accepted since.
        outage.failed(55);
        assert_eq!(outage.over(100), Some(40));
        assert_eq!(outage.over(100), None);
    }
}
