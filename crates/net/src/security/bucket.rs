//! Rates: so many at once, and then so many a second.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

/// A bucket of leave to do something, which fills again with time.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    rate: Rate,
    left: f64,
    filled: Instant,
}

/// How much at once, and how much a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) at_once: f64,
    pub(crate) per_second: f64,
}

/// Warnings about those who were not let in.
pub(crate) const WARNINGS: Rate = Rate {
    at_once: 32.0,
    per_second: 1.0,
};

impl Bucket {
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            left: rate.at_once,
            filled: now,
        }
    }

    /// Takes one; false if there is none.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.filled).as_secs_f64();
        self.left = (self.left + since * self.rate.per_second).min(self.rate.at_once);
        self.filled = now;
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}

/// A bucket for each address, so that nobody uses up what is for others.
#[derive(Debug)]
pub(crate) struct Buckets {
    rate: Rate,
    of: BTreeMap<IpAddr, Bucket>,
}

/// Addresses that are remembered at once.
const ADDRESSES_MAX: usize = 4096;

impl Buckets {
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            rate,
            of: BTreeMap::new(),
        }
    }

    pub(crate) fn take(&mut self, address: IpAddr, now: Instant) -> bool {
        if self.of.len() >= ADDRESSES_MAX {
            // After so long a bucket is full again, as a new one is.
            let full = Duration::from_secs_f64(self.rate.at_once / self.rate.per_second);
            self.of
                .retain(|_, bucket| now.saturating_duration_since(bucket.filled) < full);
        }
        if self.of.len() >= ADDRESSES_MAX && !self.of.contains_key(&address) {
            return false;
        }
        let new = || Bucket::new(self.rate, now);
        self.of.entry(address).or_insert_with(new).take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        at_once: 2.0,
        per_second: 4.0,
    };

    #[test]
    fn a_bucket_is_emptied_and_fills_again() {
        let begun = Instant::now();
        let mut bucket = Bucket::new(RATE, begun);
        assert!(bucket.take(begun) && bucket.take(begun) && !bucket.take(begun));
        let later = begun + Duration::from_millis(300);
        assert!(bucket.take(later) && !bucket.take(later));
        let much_later = begun + Duration::from_mins(1);
        assert!(bucket.take(much_later) && bucket.take(much_later) && !bucket.take(much_later));
    }

    #[test]
    fn one_address_does_not_use_up_what_is_for_another() {
        let now = Instant::now();
        let mut buckets = Buckets::new(RATE);
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        while buckets.take(one, now) {}
        assert!(buckets.take(other, now));
    }

    #[test]
    fn addresses_that_are_remembered_have_a_bound() {
        let now = Instant::now();
        let mut buckets = Buckets::new(RATE);
        for number in 0..2 * ADDRESSES_MAX as u32 {
            buckets.take(IpAddr::from(number.to_be_bytes()), now);
        }
        assert_eq!(buckets.of.len(), ADDRESSES_MAX);
        let later = now + Duration::from_secs(2);
        assert!(buckets.take(IpAddr::from([255, 0, 0, 1]), later));
    }
}
