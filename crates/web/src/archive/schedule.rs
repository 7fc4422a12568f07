//! When crawls are made.

use types::random::StreamKey;
use types::time::{VirtualDuration, VirtualTime};

/// When a crawler crawls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// From crawl to crawl; the first is made after as long.
    pub every: VirtualDuration,
    /// How the intervals are spread.
    pub clock: CrawlClock,
    /// True if the crawler begins in the middle of an interval, as one of many who did not agree.
    pub anywhere: bool,
}

/// How the intervals between crawls are spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CrawlClock {
    /// All alike.
    Periodic,
    /// Exponential, with the interval as mean.
    Poisson,
    /// Log-normal, with the interval as median and this standard deviation of the logarithm.
    LogNormal(f64),
}

/// Marks the events of a crawler's clock among those of its crawls.
const CLOCK: u32 = 1 << 29;

impl Schedule {
    /// When the first crawl of a crawler is made.
    pub(super) fn first(self, (key, number): (StreamKey, u32)) -> VirtualTime {
        let first = VirtualTime::START + self.interval((key, number), 0);
        if !self.anywhere || self.clock == CrawlClock::Poisson {
            return first;
        }
        let mut rng = key.stream(number, CLOCK | (CLOCK - 1));
        let wait = rng.uniform() * first.since(VirtualTime::START).days();
        VirtualTime::START + VirtualDuration::from_days(wait)
    }

    /// The interval after so many crawls.
    pub(super) fn interval(self, (key, number): (StreamKey, u32), crawls: u32) -> VirtualDuration {
        let mut rng = key.stream(number, CLOCK | crawls);
        let days = self.every.days();
        let days = match self.clock {
            CrawlClock::Periodic => return self.every,
            CrawlClock::Poisson => rng.exponential(days),
            CrawlClock::LogNormal(sigma) => days * libm::exp(sigma * rng.normal()),
        };
        VirtualDuration(VirtualDuration::from_days(days).0.max(1))
    }
}
