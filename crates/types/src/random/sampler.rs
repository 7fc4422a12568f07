//! Pinned samplers: the bits they give are part of the promise of reproducibility, so no library owns them.

use super::{Stream, normal};

impl Stream {
    /// Uniform in [0, 1) with 53 random bits.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        (self.long() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// True with probability `p`.
    #[inline]
    pub fn bernoulli(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// Exactly uniform in `0..n`, by multiplication with rejection (Lemire 2019).
    ///
    /// # Panics
    /// If `n` is 0.
    #[inline]
    pub fn below(&mut self, n: u32) -> u32 {
        assert!(n > 0, "a draw below zero has no outcome");
        let mut wide = u64::from(self.word()) * u64::from(n);
        if (wide as u32) < n {
            let reject_below = n.wrapping_neg() % n;
            while (wide as u32) < reject_below {
                wide = u64::from(self.word()) * u64::from(n);
            }
        }
        (wide >> 32) as u32
    }

    /// Fills `out` with draws that are each exactly uniform in `0..n`: what [`Stream::below`] would
    /// give one by one, faster.
    ///
    /// # Panics
    /// If `n` is 0.
    pub fn fill_below(&mut self, n: u32, out: &mut [u32]) {
        assert!(n > 0, "a draw below zero has no outcome");
        let start = self.position();
        let least = self.fill_scaled(n, out);
        // Whether any word was to be rejected is known only now; it is rare enough to begin again.
        if least < n && least < n.wrapping_neg() % n {
            self.rewind(start);
            for draw in out.iter_mut() {
                *draw = self.below(n);
            }
        }
    }

    /// Standard normal (Marsaglia and Tsang 2000, 256 layers as in Doornik 2005).
    #[inline]
    pub fn normal(&mut self) -> f64 {
        normal::sample_f64(self)
    }

    /// Appends `count` normals of this mean and standard deviation in single precision, each from one
    /// word where [`Stream::normal`] takes two.
    pub fn extend_normal_f32(&mut self, (mean, sd): (f32, f32), count: usize, out: &mut Vec<f32>) {
        normal::extend_f32(self, (mean, sd), count, out);
    }

    /// Exponential with the given mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.uniform())
    }

    /// Gamma with the given shape and scale 1 (Marsaglia and Tsang 2000).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = libm::pow(1.0 - self.uniform(), 1.0 / shape);
            return self.gamma(shape + 1.0) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let v = (1.0 + c * x) * (1.0 + c * x) * (1.0 + c * x);
            if v > 0.0
                && libm::log(1.0 - self.uniform()) < 0.5 * x * x + d - d * v + d * libm::log(v)
            {
                return d * v;
            }
        }
    }

    /// A uniformly random order of `items` (Fisher and Yates 1938).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u32 + 1) as usize;
            items.swap(last, other);
        }
    }
}

/// Draws distinct numbers below a bound, keeping the marks between draws so that no allocation is needed.
#[derive(Debug, Clone, Default)]
pub struct Distinct {
    marked: Vec<u64>,
}

impl Distinct {
    /// Replaces `out` by `count` distinct numbers below `n`, a uniformly random subset in random order
    /// (Floyd's algorithm, Bentley 1987, then a shuffle). Gives all `n` numbers when `count >= n`.
    pub fn draw(&mut self, rng: &mut Stream, n: u32, count: usize, out: &mut Vec<u32>) {
        out.clear();
        if count >= n as usize {
            out.extend(0..n);
            return rng.shuffle(out);
        }
        self.marked.clear();
        self.marked.resize((n as usize).div_ceil(64), 0);
        for last in n - count as u32..n {
            let candidate = rng.below(last + 1);
            let number = if self.mark(candidate) {
                candidate
            } else {
                last
            };
            self.mark(number);
            out.push(number);
        }
        rng.shuffle(out);
    }

    /// Marks `number`; false if it was marked already.
    fn mark(&mut self, number: u32) -> bool {
        let (word, bit) = (&mut self.marked[number as usize / 64], 1 << (number % 64));
        let fresh = *word & bit == 0;
        *word |= bit;
        fresh
    }
}

/// A discrete distribution on `0..len`, by its cumulative weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Cumulative {
    sums: Vec<f64>,
}

impl Cumulative {
    /// From weights, which must be finite and not negative. `None` if they sum to zero.
    pub fn new(weights: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut total = 0.0;
        let sums: Vec<f64> = weights
            .into_iter()
            .map(|weight| {
                total += weight;
                total
            })
            .collect();
        (total > 0.0).then_some(Self { sums })
    }

    /// The sum of the weights.
    pub fn total(&self) -> f64 {
        self.sums.last().copied().unwrap_or(0.0)
    }

    /// The outcome that holds `point`, a number in `[0, total)`.
    #[inline]
    pub fn locate(&self, point: f64) -> usize {
        self.sums
            .partition_point(|&sum| sum <= point)
            .min(self.sums.len() - 1)
    }

    /// One draw.
    #[inline]
    pub fn draw(&self, rng: &mut Stream) -> usize {
        self.locate(rng.uniform() * self.total())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Purpose, Seed};
    use super::*;

    fn stream() -> Stream {
        Seed(11).key(0, Purpose::Observe).stream(0, 0)
    }

    /// Chi-square of uniform draws: with 9 degrees of freedom, 35 is exceeded with probability 6e-5.
    #[test]
    fn bounded_draws_are_uniform() {
        let mut rng = stream();
        let mut counts = [0.0; 10];
        let mut batch = [0; 1000];
        for _ in 0..100 {
            rng.fill_below(10, &mut batch);
            for &x in &batch {
                counts[x as usize] += 1.0;
            }
        }
        let chi2: f64 = counts
            .iter()
            .map(|c: &f64| (c - 1e4) * (c - 1e4) / 1e4)
            .sum();
        assert!(chi2 < 35.0, "{chi2}");
    }

    #[test]
    fn distinct_draws_are_distinct_and_cover() {
        let (mut rng, mut distinct, mut out) = (stream(), Distinct::default(), Vec::new());
        let mut hits = [0; 20];
        for _ in 0..2000 {
            distinct.draw(&mut rng, 20, 5, &mut out);
            let mut sorted = out.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), 5);
            for &x in &out {
                hits[x as usize] += 1;
            }
        }
        // Mean 500, sd 19.4: 100 is more than five sd.
        assert!(
            hits.iter().all(|&h: &i32| (h - 500).abs() < 100),
            "{hits:?}"
        );
        distinct.draw(&mut rng, 4, 9, &mut out);
        out.sort_unstable();
        assert_eq!(out, [0, 1, 2, 3]);
    }

    #[test]
    fn cumulative_never_draws_a_zero_weight() {
        let mut rng = stream();
        let choice = Cumulative::new([0.0, 0.3, 0.0, 0.7, 0.0]).unwrap();
        let mut counts = [0; 5];
        (0..10_000).for_each(|_| counts[choice.draw(&mut rng)] += 1);
        assert_eq!([counts[0], counts[2], counts[4]], [0, 0, 0]);
        assert!((counts[1] - 3000_i32).abs() < 250);
        assert!(Cumulative::new([0.0, 0.0]).is_none());
    }

    /// Mean and variance of a Gamma(k, 1) are both k; tolerances are five standard errors.
    #[test]
    fn gamma_has_its_moments() {
        for shape in [0.3, 1.0, 4.5] {
            let mut rng = stream();
            let draws: Vec<f64> = (0..40_000).map(|_| rng.gamma(shape)).collect();
            let mean = draws.iter().sum::<f64>() / 4e4;
            assert!(
                (mean - shape).abs() < 5.0 * (shape / 4e4).sqrt(),
                "{shape}: {mean}"
            );
        }
    }
}
