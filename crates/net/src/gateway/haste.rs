//! Who comes too fast: a token bucket for each host and address.

use std::collections::BTreeMap;
use std::net::IpAddr;

use types::document::SiteId;

/// Buckets that are remembered; full ones are forgotten first.
const BUCKETS_MAX: usize = 100_000;

/// Share of the delay by which somebody may be early: nobody's clock is exact.
const EARLY: f64 = 0.1;

/// What hosts remember of those who come, as the generic cell rate algorithm does (ITU-T I.371): the instant at which a bucket
/// will be full again.
#[derive(Debug)]
pub(super) struct Haste {
    burst: f64,
    full_at: BTreeMap<(SiteId, IpAddr), f64>,
}

impl Haste {
    /// Nobody has come yet. A bucket holds so many tokens, and one comes every delay.
    pub(super) fn new(burst: u32) -> Self {
        Self {
            burst: f64::from(burst.max(1)),
            full_at: BTreeMap::new(),
        }
    }

    /// Takes a token at `now`, in seconds, or gives the whole seconds until there is one.
    pub(super) fn wait(&mut self, who: (SiteId, IpAddr), delay: f64, now: f64) -> Option<u64> {
        if self.full_at.len() >= BUCKETS_MAX {
            self.full_at.retain(|_, full_at| *full_at > now);
        }
        let full_at = self
            .full_at
            .get(&who)
            .map_or(now, |full_at| full_at.max(now));
        let missing = full_at - now - (self.burst - 1.0) * delay;
        if missing > EARLY * delay {
            return Some(missing.ceil() as u64);
        }
        if self.full_at.len() < BUCKETS_MAX || self.full_at.contains_key(&who) {
            self.full_at.insert(who, full_at + delay);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn who(site: u32) -> (SiteId, IpAddr) {
        (SiteId(site), Ipv4Addr::LOCALHOST.into())
    }

    #[test]
    fn the_delay_holds_after_a_burst() {
        let mut haste = Haste::new(3);
        for _ in 0..3 {
            assert_eq!(haste.wait(who(0), 2.0, 10.0), None);
        }
        assert_eq!(haste.wait(who(0), 2.0, 10.0), Some(2));
        assert_eq!(haste.wait(who(1), 2.0, 10.0), None, "another host");
        assert_eq!(haste.wait(who(0), 2.0, 11.9), None, "a little early");
        assert_eq!(haste.wait(who(0), 2.0, 12.0), Some(2));
    }

    #[test]
    fn who_keeps_to_the_delay_never_waits() {
        let mut haste = Haste::new(1);
        for visit in 0..1000 {
            assert_eq!(haste.wait(who(0), 0.3, 0.3 * f64::from(visit)), None);
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut haste = Haste::new(1);
        for site in 0..2 * BUCKETS_MAX as u32 {
            haste.wait(who(site), 5.0, 0.0);
        }
        assert_eq!(haste.full_at.len(), BUCKETS_MAX);
        haste.wait(who(0), 5.0, 100.0);
        assert_eq!(haste.full_at.len(), 1);
    }
}
