//! Who keeps the web: takes in what was accepted, and lets everybody read it.

use std::time::Duration;

use ecosystem::live::LiveWeb;
use web::LogError;

use super::clock::Nanos;
use super::meter::Operation;
use super::shared::Shared;

/// Nobody sleeps longer, because somebody may have said stop.
const NAP: Duration = Duration::from_millis(20);

/// Keeps the web on this thread.
#[derive(Debug)]
pub(crate) struct Keeper {
    web: LiveWeb,
    /// Documents that the web began with and that nobody was seen to publish.
    seeded: u64,
}

impl Keeper {
    pub(crate) fn new(web: LiveWeb) -> Self {
        Self {
            seeded: web.published(),
            web,
        }
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
            for item in appeared {
                let seeded = self.seeded.min(u64::from(item.documents));
                self.seeded -= seeded;
                let documents = u64::from(item.documents) - seeded;
                if documents > 0 {
                    let age = now.saturating_sub(shared.clock.wall(item.published));
                    meter.note(Operation::Visible, age, 1);
                    meter.counts.visible += documents;
                }
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
