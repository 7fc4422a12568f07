//! Which documents count, and how much.
//!
//! The same rules serve as *retention* (what the web keeps) and as *regime* (which past data one training may use); a
//! document's weight is the product over both. Real documents are subject to `Window` and `Discount` only: `Replace` is
//! about a model's newer output taking the place of its older one.

use serde::{Deserialize, Serialize};
use types::document::Publication;
use types::time::{VirtualDuration, VirtualTime};

/// A rule that gives every publication a weight in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Retention {
    /// Only the newest publication of each model counts.
    Replace,
    /// Everything counts.
    Accumulate,
    /// What is younger than this many generations counts.
    Window {
        /// Length in generations, at least 1.
        generations: u32,
    },
    /// The weight falls by `factor` with every generation of age.
    Discount {
        /// Between 0 and 1, both excluded.
        factor: f64,
    },
}

/// Tells ages: how long a generation is, and which instant is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// Virtual time of a generation.
    pub generation: VirtualDuration,
    /// The latest publication time that is visible; ages count from here.
    pub now: VirtualTime,
}

impl Calendar {
    /// Whole generations from `time` to now.
    pub fn age(&self, time: VirtualTime) -> u64 {
        self.now.since(time).0 / self.generation.0.max(1)
    }
}

impl Retention {
    /// The weight of something published at `time`; `newest` says if its author has published nothing since.
    pub fn weight(self, calendar: Calendar, time: VirtualTime, newest: bool) -> f64 {
        match self {
            Self::Replace => f64::from(u8::from(newest)),
            Self::Accumulate => 1.0,
            Self::Window { generations } => {
                f64::from(u8::from(calendar.age(time) < u64::from(generations)))
            }
            Self::Discount { factor } => discount(factor, calendar.age(time)),
        }
    }
}

/// The product of the weights that several rules give to a publication.
pub(crate) fn weight(
    rules: &[Retention],
    calendar: Calendar,
    publication: &Publication,
    newest: bool,
) -> f64 {
    let newest = newest || publication.is_real();
    rules
        .iter()
        .map(|rule| rule.weight(calendar, publication.time, newest))
        .product()
}

/// `factor^age` by repeated squaring: the same bits everywhere, unlike a library's power function.
fn discount(factor: f64, age: u64) -> f64 {
    let (mut result, mut base, mut rest) = (1.0, factor, age);
    while rest > 0 {
        if rest & 1 == 1 {
            result *= base;
        }
        base *= base;
        rest >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: Retention, age_generations: u64, newest: bool, expected: f64) {
        let calendar = Calendar {
            generation: VirtualDuration(10),
            now: VirtualTime(100),
        };
        assert_eq!(
            rule.weight(calendar, VirtualTime(100 - 10 * age_generations), newest),
            expected
        );
    }

    #[test]
    fn weights_follow_the_rule() {
        check(Retention::Replace, 3, true, 1.0);
        check(Retention::Replace, 0, false, 0.0);
        check(Retention::Accumulate, 9, false, 1.0);
        check(Retention::Window { generations: 2 }, 1, false, 1.0);
        check(Retention::Window { generations: 2 }, 2, true, 0.0);
        check(Retention::Discount { factor: 0.5 }, 3, false, 0.125);
    }
}
