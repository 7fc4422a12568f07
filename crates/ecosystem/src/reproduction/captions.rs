//! What becomes of captions and images that are learned from what was published.

use super::formula::replaced;

/// E[1 - 1/N | N > 0]^t with N binomial (n, p): what maximum likelihood keeps of the variance of the images under a caption
/// that every round asks for with probability p (Gao and Li 2025).
pub(super) fn text_frozen(n: u32, p: f64, t: u32) -> f64 {
    let counts = binomial(n, p);
    let kept: f64 = kept(&counts).iter().sum();
    libm::pow(kept / (1.0 - counts[0]), f64::from(t))
}

/// The same where the next p is N / n: the sum over all paths of N, a path that meets zero counting nothing.
pub(super) fn both_live(n: u32, p: f64, t: u32) -> f64 {
    let mut kept_of = kept(&binomial(n, p));
    let rows: Vec<Vec<f64>> = (0..=n)
        .map(|m| kept(&binomial(n, f64::from(m) / f64::from(n))))
        .collect();
    for _ in 1..t {
        let mut next = vec![0.0; kept_of.len()];
        for (weight, row) in kept_of.iter().zip(&rows) {
            let sums = next.iter_mut().zip(row);
            sums.for_each(|(sum, kept)| *sum += weight * kept);
        }
        kept_of = next;
    }
    kept_of.iter().sum()
}

/// E[1 - sum p^2] after t rounds in which n captions are written and `real` fresh ones are added:
/// S_t = a^2 (S_(t-1) (1 - 1/n) + 1/n) + b^2 (S_0 (1 - 1/n_r) + 1/n_r) + 2 a b S_0, a and b the shares of both and S the sum of
/// squares, because the mean of p stays where it was.
pub(super) fn injected(diversity: f64, (n, real): (f64, f64), t: u32) -> f64 {
    let (a, b) = (n / (n + real), real / (n + real));
    let start = 1.0 - diversity;
    let drawn = |s: f64, n: f64| 1.0 - (1.0 - s) * replaced(n, 1);
    let round = |s, _| a * a * drawn(s, n) + b * b * drawn(start, real) + 2.0 * a * b * start;
    1.0 - (0..t).fold(start, round)
}

/// Probability of each count 0..=n.
fn binomial(n: u32, p: f64) -> Vec<f64> {
    let all = f64::from(n);
    let one = |k: u32| {
        let k = f64::from(k);
        let ways = libm::lgamma(all + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(all - k + 1.0);
        // 0 ln 0 = 0: a count that is certain.
        let times = |count: f64, p: f64| {
            if count > 0.0 {
                count * libm::log(p)
            } else {
                0.0
            }
        };
        libm::exp(ways + times(k, p) + times(all - k, 1.0 - p))
    };
    (0..=n).map(one).collect()
}

/// Each probability times 1 - 1/count, that of zero times nothing.
fn kept(counts: &[f64]) -> Vec<f64> {
    let one = |(count, p): (usize, &f64)| p * (1.0 - 1.0 / (count.max(1) as f64));
    counts.iter().enumerate().map(one).collect()
}
