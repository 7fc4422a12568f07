//! Models that panic: they rest, longer every time, and then go on.

use super::clock::Nanos;

/// The first rest, in nanoseconds; every further one in a row is twice as long.
const REST: Nanos = 100_000_000;
/// No rest is longer than a minute.
const REST_MAX: Nanos = 60_000_000_000;

/// How an actor has fared.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Trouble {
    /// Panics in a row.
    strikes: u32,
    /// The end of its rest.
    until: Nanos,
}

impl Trouble {
    /// True if it rests.
    pub(crate) fn rests(self, now: Nanos) -> bool {
        now < self.until
    }

    /// When it has rested, at the earliest `now`.
    pub(crate) fn rested(self, now: Nanos) -> Nanos {
        self.until.max(now)
    }

    /// Notes how a deed ended.
    pub(crate) fn note(&mut self, went_well: bool, now: Nanos) {
        if went_well {
            *self = Self::default();
            return;
        }
        let rest = REST.saturating_mul(1 << self.strikes.min(20));
        self.until = now + rest.min(REST_MAX);
        self.strikes += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_up_to_a_minute_and_end_with_success() {
        let mut trouble = Trouble::default();
        assert!(!trouble.rests(0));
        let mut rests = Vec::new();
        for _ in 0..40 {
            trouble.note(false, 5);
            rests.push(trouble.until - 5);
        }
        assert_eq!(rests[..3], [REST, 2 * REST, 4 * REST]);
        assert_eq!(rests[39], REST_MAX);
        assert!(trouble.rests(5 + REST_MAX - 1) && !trouble.rests(5 + REST_MAX));
        trouble.note(true, 7);
        assert!(!trouble.rests(7));
        trouble.note(false, 7);
        assert_eq!(trouble.until, 7 + REST);
    }
}
