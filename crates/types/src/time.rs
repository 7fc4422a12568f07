//! Virtual time: an integer number of microseconds since the beginning of the run.

use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

const TICKS_PER_DAY: f64 = 86_400.0 * 1e6;

/// A point in virtual time.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct VirtualTime(pub u64);

/// A stretch of virtual time.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct VirtualDuration(pub u64);

impl VirtualTime {
    /// The beginning of the run.
    pub const START: Self = Self(0);

    /// Time since the start in days.
    pub fn days(self) -> f64 {
        self.0 as f64 / TICKS_PER_DAY
    }

    /// How long before `self` the point `earlier` was; zero if it was not before.
    #[must_use]
    pub fn since(self, earlier: Self) -> VirtualDuration {
        VirtualDuration(self.0.saturating_sub(earlier.0))
    }
}

impl VirtualDuration {
    /// The nearest whole number of microseconds to `days`, which must not be negative.
    pub fn from_days(days: f64) -> Self {
        Self(libm::round(days * TICKS_PER_DAY) as u64)
    }

    /// Length in days.
    pub fn days(self) -> f64 {
        self.0 as f64 / TICKS_PER_DAY
    }

    /// `count` times this duration.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }
}

impl Add<VirtualDuration> for VirtualTime {
    type Output = Self;

    fn add(self, duration: VirtualDuration) -> Self {
        Self(self.0.saturating_add(duration.0))
    }
}

impl Sub<VirtualDuration> for VirtualTime {
    type Output = Self;

    /// Saturates at the start.
    fn sub(self, duration: VirtualDuration) -> Self {
        Self(self.0.saturating_sub(duration.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_survive_the_round_trip() {
        for days in [0.0, 0.25, 1.0, 30.4375, 36_500.0] {
            assert_eq!(VirtualDuration::from_days(days).days(), days);
        }
    }
}
