//! Wall time as virtual time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use types::time::{VirtualDuration, VirtualTime};

/// Nanoseconds since the start of a live population.
pub(crate) type Nanos = u64;

const NANOS_PER_SECOND: f64 = 1e9;

/// Says what time it is, in both senses: virtual time passes at a constant rate from the beginning on.
#[derive(Debug)]
pub(crate) struct Clock {
    made: Instant,
    /// From being made to the beginning.
    before: AtomicU64,
    nanos_per_day: f64,
}

impl Clock {
    /// A clock on which a virtual day takes so many seconds.
    #[expect(
        clippy::disallowed_methods,
        reason = "live populations keep the time of the wall"
    )]
    pub(crate) fn new(seconds_per_day: f64) -> Self {
        Self {
            made: Instant::now(),
            before: AtomicU64::new(0),
            nanos_per_day: seconds_per_day * NANOS_PER_SECOND,
        }
    }

    /// Time begins now.
    pub(crate) fn begin(&self) {
        self.before.store(self.since_made(), Ordering::Release);
    }

    fn since_made(&self) -> Nanos {
        self.made.elapsed().as_nanos() as Nanos
    }

    /// Since the beginning.
    pub(crate) fn now(&self) -> Nanos {
        let before = self.before.load(Ordering::Relaxed);
        self.since_made().saturating_sub(before)
    }

    /// An instant since the beginning, for timers.
    pub(crate) fn instant(&self, at: Nanos) -> Instant {
        let before = self.before.load(Ordering::Relaxed);
        self.made + Duration::from_nanos(before.saturating_add(at))
    }

    /// The virtual time of an instant.
    pub(crate) fn virtual_time(&self, at: Nanos) -> VirtualTime {
        VirtualTime::START + VirtualDuration::from_days(at as f64 / self.nanos_per_day)
    }

    /// When it is that virtual time.
    pub(crate) fn wall(&self, time: VirtualTime) -> Nanos {
        (time.days() * self.nanos_per_day) as Nanos
    }

    /// How long a virtual duration takes.
    pub(crate) fn lasts(&self, duration: VirtualDuration) -> Nanos {
        (duration.days() * self.nanos_per_day) as Nanos
    }
}
