//! Green lists: a watermark of text, and the test that finds it.
//!
//! The token before and a key split the vocabulary into green and red tokens. Who leaves the mark adds a bonus to the logits
//! of green ones; who knows the key counts them (Kirchenbauer et al. 2023). A model that learns from marked text writes a few
//! green tokens too many itself: such text is radioactive (Sander et al. 2024).

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use types::random::Stream;

use crate::similarity::scatter;

/// Which tokens are green, and how much they are favoured.
///
/// Every pair of a token and the one before is green by itself, with probability gamma over the keys. So the number of green
/// ones among different pairs is binomial, whatever the text is, as long as its author does not know the key. The lists of
/// Kirchenbauer et al. have exactly the share gamma of the vocabulary instead; theirs differ from these by a root of its size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GreenList {
    /// Who has it knows what is green.
    pub key: u64,
    /// Share gamma of tokens that are green, in (0, 1).
    pub gamma: f64,
    /// What is added to the logits of green tokens, delta.
    pub delta: f64,
}

/// Green pairs among those that were scored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Greens {
    /// Green pairs.
    pub green: usize,
    /// All pairs.
    pub scored: usize,
    /// Share of green ones that chance gives.
    pub gamma: f64,
}

impl GreenList {
    /// True if `token` is green after `previous`.
    #[inline]
    pub fn contains(&self, previous: u32, token: u32) -> bool {
        self.is_green(self.after(previous), token)
    }

    /// Adds delta to the logits of the tokens that are green after `previous`.
    pub fn favour(&self, previous: u32, logits: &mut [f32]) {
        let (list, delta) = (self.after(previous), self.delta as f32);
        for (token, logit) in (0..).zip(logits) {
            if self.is_green(list, token) {
                *logit += delta;
            }
        }
    }

    /// A token as if the logits of green ones were larger by delta: `draw` gives tokens without the mark, and red ones go with
    /// probability 1 - exp(-delta). It draws at most exp(delta) times in the mean.
    #[inline]
    pub fn redraw(
        &self,
        previous: u32,
        rng: &mut Stream,
        mut draw: impl FnMut(&mut Stream) -> u32,
    ) -> u32 {
        let (list, stays) = (self.after(previous), libm::exp(-self.delta));
        loop {
            let token = draw(rng);
            if self.is_green(list, token) || rng.uniform() < stays {
                return token;
            }
        }
    }

    /// Counts green ones among pairs of a token and the one before. They have to differ: of pairs that come again and again the
    /// draws are not independent, and text without a mark would be taken for marked (Fernandez et al. 2023).
    pub fn count(&self, pairs: &[[u32; 2]]) -> Greens {
        let is_green = |pair: &&[u32; 2]| self.contains(pair[0], pair[1]);
        Greens {
            green: pairs.iter().filter(is_green).count(),
            scored: pairs.len(),
            gamma: self.gamma,
        }
    }

    /// What the list after a token is made from.
    #[inline]
    fn after(&self, previous: u32) -> u64 {
        scatter(scatter(self.key ^ GOLDEN) ^ u64::from(previous))
    }

    /// The generator `SplitMix64` (Steele, Lea and Flood 2014), whose next number but `token` decides.
    #[inline]
    fn is_green(&self, list: u64, token: u32) -> bool {
        let number = scatter(list.wrapping_add(GOLDEN.wrapping_mul(u64::from(token) + 1)));
        ((number >> 11) as f64) < self.gamma * NUMBERS
    }
}

/// 2^64 over the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Numbers of 53 bits.
const NUMBERS: f64 = (1u64 << 53) as f64;

impl Greens {
    /// (green - gamma T) / sqrt(T gamma (1 - gamma)) of T pairs: about normal where there is no mark; 0 of no pairs.
    pub fn z(&self) -> f64 {
        let pairs = self.scored as f64;
        let deviation = (pairs * self.gamma * (1.0 - self.gamma)).sqrt();
        if deviation > 0.0 {
            (self.green as f64 - self.gamma * pairs) / deviation
        } else {
            0.0
        }
    }

    /// Probability of at least so many green pairs without a mark: the tail of the binomial distribution, exactly.
    pub fn p_value(&self) -> f64 {
        if self.green as f64 > self.gamma * self.scored as f64 {
            self.tail(self.green, |k, n| (n - k) / (k + 1.0) * self.odds(), 1.0)
        } else if self.green == 0 {
            1.0
        } else {
            let below = self.green - 1;
            1.0 - self.tail(below, |k, n| k / (n - k + 1.0) / self.odds(), -1.0)
        }
    }

    fn odds(&self) -> f64 {
        self.gamma / (1.0 - self.gamma)
    }

    /// The probability of `first` green pairs and of those beyond it, away from the mean; `ratio` is that of a probability to
    /// the one before.
    fn tail(&self, first: usize, ratio: impl Fn(f64, f64) -> f64, step: f64) -> f64 {
        let (n, mut k) = (self.scored as f64, first as f64);
        let mut term = libm::exp(
            libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0)
                + k * libm::log(self.gamma)
                + (n - k) * libm::log(1.0 - self.gamma),
        );
        let mut sum = term;
        while term > sum * f64::EPSILON {
            term *= ratio(k, n);
            sum += term;
            k += step;
        }
        sum
    }
}
