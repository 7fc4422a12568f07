//! Drawing a token from logits.

use types::random::Stream;

use crate::maths::{exponentials, greatest};
use crate::simd::wide;

/// How tokens are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Logits are divided by it; at 0 the likeliest token is taken, the first of several.
    pub temperature: f64,
    /// Only so many of the likeliest tokens, and those as likely as the last of them, may be drawn (Fan, Lewis and
    /// Dauphin 2018); 0 for all.
    pub top_k: usize,
    /// Only the likeliest tokens that together have this probability may be drawn, and those as likely as the last of
    /// them (Holtzman et al. 2020); 1 for all.
    pub top_p: f64,
}

impl Default for Sampling {
    /// From the model's own distribution.
    fn default() -> Self {
        Self {
            temperature: 1.0,
            top_k: 0,
            top_p: 1.0,
        }
    }
}

/// Weights that are summed at once when a token is looked for.
const STRETCH: usize = 64;

impl Sampling {
    /// Draws a token, with one uniform number. The logits are used up.
    pub fn draw(&self, logits: &mut [f32], rng: &mut Stream) -> u32 {
        let uniform = rng.uniform();
        if self.temperature <= 0.0 {
            return likeliest(logits);
        }
        let weights = logits;
        let factor = (1.0 / self.temperature) as f32;
        if self.top_k > 0 && self.top_k < weights.len() {
            keep_likeliest(weights, self.top_k);
        }
        wide(
            #[inline(always)]
            || {
                let top = greatest(weights);
                exponentials(weights, top, factor)
            },
        );
        if self.top_p < 1.0 {
            keep_nucleus(weights, self.top_p);
        }
        find(weights, uniform)
    }
}

fn likeliest(logits: &[f32]) -> u32 {
    let top = wide(
        #[inline(always)]
        || greatest(logits),
    );
    logits.iter().position(|&logit| logit == top).unwrap_or(0) as u32
}

/// Leaves the `count` greatest logits and those equal to the last of them.
fn keep_likeliest(logits: &mut [f32], count: usize) {
    let mut sorted = logits.to_vec();
    let (_, &mut bound, _) = sorted.select_nth_unstable_by(count - 1, |a, b| b.total_cmp(a));
    for logit in logits {
        if *logit < bound {
            *logit = f32::NEG_INFINITY;
        }
    }
}

/// Leaves the greatest weights that together have the `share` of all, and those equal to the last of them.
fn keep_nucleus(weights: &mut [f32], share: f64) {
    let mut sorted: Vec<f32> = weights
        .iter()
        .copied()
        .filter(|&weight| weight > 0.0)
        .collect();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let total: f64 = sorted.iter().map(|&weight| f64::from(weight)).sum();
    let mut sum = 0.0;
    let last = sorted.iter().find(|&&weight| {
        sum += f64::from(weight);
        sum >= share * total
    });
    let bound = last.copied().unwrap_or(0.0);
    for weight in weights {
        if *weight < bound {
            *weight = 0.0;
        }
    }
}

/// The token at the share `uniform` of all weights.
fn find(weights: &[f32], uniform: f64) -> u32 {
    let sum = |stretch: &[f32]| stretch.iter().map(|&weight| f64::from(weight)).sum::<f64>();
    let sums: Vec<f64> = weights.chunks(STRETCH).map(sum).collect();
    let mut left = uniform * sums.iter().sum::<f64>();
    let mut stretch = 0;
    while stretch + 1 < sums.len() && left >= sums[stretch] {
        left -= sums[stretch];
        stretch += 1;
    }
    let first = stretch * STRETCH;
    let mut last = None;
    for (token, &weight) in weights.iter().enumerate().skip(first).take(STRETCH) {
        if weight > 0.0 {
            last = Some(token);
            if left < f64::from(weight) {
                break;
            }
            left -= f64::from(weight);
        }
    }
    // Rounding may leave a crumb at the end of a stretch without weight: the last token with weight takes it.
    let before = || weights[..first].iter().rposition(|&weight| weight > 0.0);
    last.or_else(before).unwrap_or(0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::random::{Purpose, Seed};

    /// Logits of the probabilities 0.4, 0.3, 0.2 and 0.1, and 96 tokens that are impossible.
    fn logits() -> Vec<f32> {
        let mut logits = vec![f32::NEG_INFINITY; 100];
        for (place, probability) in [(3, 0.1), (20, 0.4), (70, 0.2), (99, 0.3)] {
            logits[place] = libm::log(probability) as f32 + 5.0;
        }
        logits
    }

    /// Draws many times and compares shares with `expected`, to five standard errors.
    fn check(sampling: Sampling, expected: [f64; 4]) {
        let (count, mut rng) = (20_000, Seed(3).key(0, Purpose::Sample).stream(0, 0));
        let mut counts = [0; 100];
        for _ in 0..count {
            counts[sampling.draw(&mut logits(), &mut rng) as usize] += 1;
        }
        for (place, expected) in [3, 20, 70, 99].into_iter().zip(expected) {
            let error = (expected * (1.0 - expected) / f64::from(count)).sqrt();
            let share = f64::from(counts[place]) / f64::from(count);
            assert!(
                (share - expected).abs() <= 5.0 * error,
                "{sampling:?} {place}: {share}"
            );
            counts[place] = 0;
        }
        assert_eq!(counts, [0; 100]);
    }

    #[test]
    fn tokens_come_as_often_as_their_probabilities_say() {
        check(Sampling::default(), [0.1, 0.4, 0.2, 0.3]);
    }

    #[test]
    fn temperature_raises_probabilities_to_a_power() {
        let temperature = 0.5;
        let all = 0.01 + 0.16 + 0.04 + 0.09;
        let expected = [0.01, 0.16, 0.04, 0.09].map(|square| square / all);
        check(
            Sampling {
                temperature,
                ..Sampling::default()
            },
            expected,
        );
        let temperature = 0.0;
        check(
            Sampling {
                temperature,
                ..Sampling::default()
            },
            [0.0, 1.0, 0.0, 0.0],
        );
    }

    #[test]
    fn only_the_likeliest_are_left() {
        let top_k = |top_k| Sampling {
            top_k,
            ..Sampling::default()
        };
        check(top_k(1), [0.0, 1.0, 0.0, 0.0]);
        check(top_k(2), [0.0, 4.0 / 7.0, 0.0, 3.0 / 7.0]);
        check(top_k(1000), [0.1, 0.4, 0.2, 0.3]);
        let top_p = |top_p| Sampling {
            top_p,
            ..Sampling::default()
        };
        check(top_p(0.05), [0.0, 1.0, 0.0, 0.0]);
        check(top_p(0.6), [0.0, 4.0 / 7.0, 0.0, 3.0 / 7.0]);
        check(top_p(0.8), [0.0, 4.0 / 9.0, 2.0 / 9.0, 3.0 / 9.0]);
    }

    /// The nucleus is taken of what the temperature and the first cut leave: 0.8 of (4, 3, 2) / 9 is 4, 3 and 2, of
    /// their squares 16, 9 and 4 it is 16 and 9.
    #[test]
    fn cuts_follow_one_another() {
        let both = |temperature| Sampling {
            temperature,
            top_k: 3,
            top_p: 0.8,
        };
        check(both(1.0), [0.0, 4.0 / 9.0, 2.0 / 9.0, 3.0 / 9.0]);
        check(both(0.5), [0.0, 16.0 / 25.0, 0.0, 9.0 / 25.0]);
    }

    #[test]
    fn the_ends_of_the_range_are_tokens_with_weight() {
        let weights = [0.0, 0.0, 3.0, 0.0, 1.0, 0.0];
        assert_eq!(find(&weights, 0.0), 2);
        assert_eq!(find(&weights, 0.75), 4);
        assert_eq!(find(&weights, 1.0), 4);
        assert_eq!(
            find(&[[1.0; STRETCH], [0.0; STRETCH]].concat(), 1.0),
            STRETCH as u32 - 1
        );
    }
}
