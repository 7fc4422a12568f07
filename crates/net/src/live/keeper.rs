//! Who keeps the web: takes in what was accepted, and lets everybody read it.

use std::ops::Range;
use std::time::Duration;

use ecosystem::live::LiveWeb;
use web::{Appeared, LogError};

use super::clock::Nanos;
use super::meter::Operation;
use super::shared::Shared;

/// Nobody sleeps longer, because somebody may have said stop.
const NAP: Duration = Duration::from_millis(20);

/// Keeps the web on this thread.
#[derive(Debug)]
pub(crate) struct Keeper {
    web: LiveWeb,
    /// The models that live here: others keep count of what they write.
    own: Range<u32>,
}

impl Keeper {
    /// Of a web in which models with the numbers `own` live.
    pub(crate) fn new(web: LiveWeb, own: Range<u32>) -> Self {
        Self { web, own }
    }

    /// Refreshes the web at the settings' intervals until `is_over`, and then once more, so that everything can be read.
    ///
    /// # Errors
    /// If the log failed.
    pub(crate) fn keep(
        mut self,
        shared: &Shared,
        is_over: impl Fn() -> bool,
    ) -> Result<LiveWeb, LogError> {
        let mut next = 0;
        while !is_over() {
            let now = shared.clock.now();
            if now >= next {
                self.refresh(shared, now)?;
                next = shared.clock.now().max(next + shared.settings.refresh);
            }
            pause(Duration::from_nanos(next.saturating_sub(now)).min(NAP));
        }
        let end = shared.clock.now() + shared.clock.lasts(self.web.lag()) + 1;
        self.refresh(shared, end)?;
        Ok(self.web)
    }

    fn refresh(&mut self, shared: &Shared, now: Nanos) -> Result<(), LogError> {
        let mut appeared = Vec::new();
        let time = shared.clock.virtual_time(now);
        self.web.refresh(shared.accepted(), time, &mut appeared)?;
        shared.renew(self.web.snapshot());
        let now = shared.clock.now();
        shared.measure(shared.keepers_meter(), |meter| {
            let is_own =
                |item: &Appeared| item.author.is_some_and(|model| self.own.contains(&model.0));
            for item in appeared.iter().filter(|item| is_own(item)) {
                let age = now.saturating_sub(shared.clock.wall(item.published));
                meter.note(Operation::Visible, age, 1);
                meter.counts.visible += u64::from(item.documents);
            }
        });
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "live populations keep the time of the wall"
)]
fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
