//! The published formulas.
//!
//! n is the number of documents of a training, t the number of fits.

use learn::normal_cdf;

use super::special::{c4, digamma};

/// (1 - 1/n)^t: what maximum likelihood keeps of a variance, or of a Gini-Simpson index, when each
/// fit is on n documents of the fit before (Shumailov et al. 2023; Seddik et al. 2024).
pub(super) fn replaced(n: f64, t: u32) -> f64 {
    libm::pow(1.0 - 1.0 / n, f64::from(t))
}

/// prod over k = 1..=t of 1 - 1/(n k^2): the same when the k-th fit is on all k n documents so far
/// (Kazdan et al. 2024; Dey and Donoho 2024). It falls to sin(pi / sqrt n) / (pi / sqrt n).
pub(super) fn accumulated(n: f64, t: u32) -> f64 {
    (1..=t)
        .map(|k| 1.0 - 1.0 / (n * f64::from(k) * f64::from(k)))
        .product()
}

/// sigma^2 d / (T - d - 1): the mean of |theta - truth|^2 for least squares on T records with normal noise,
/// over standard normal inputs of d dimensions, because E[(X'X)^-1] = I / (T - d - 1) (Dohmatob, Feng
/// and Kempe 2024).
pub(super) fn regression((records, d): (f64, f64), noise: f64) -> f64 {
    noise * noise * d / (records - d - 1.0)
}

/// sum over k = 1..=t of 1/k^2, which tends to pi^2 / 6: how much worse than the first fit the t-th one is
/// when every fit is on all t sets of labels for the same inputs (Gerstgrasser et al. 2024).
pub(super) fn inverse_squares(t: u32) -> f64 {
    (1..=t).map(|k| 1.0 / (f64::from(k) * f64::from(k))).sum()
}

/// The bias of a growing data set before its t-th fit, when each round adds a share q of labels from the fit,
/// which are off by delta more than the fit itself, and a share 1 - q of unbiased ones (Taori and
/// Hashimoto 2022): b_1 = 0 and b_(t+1) = b_t + (q (b_t + delta) - b_t) / t, the first round being alone.
pub(super) fn fed_back(q: f64, delta: f64, t: u32) -> f64 {
    (1..t).fold(0.0, |bias, rounds| {
        bias + (q * (bias + delta) - bias) / f64::from(rounds)
    })
}

/// The same in closed form: L (1 - Gamma(t-1+q) / (Gamma(q) Gamma(t))), L = q delta / (1 - q). The distance from
/// L falls like t^-(1-q).
pub(super) fn fed_back_closed(q: f64, delta: f64, t: u32) -> f64 {
    let t = f64::from(t);
    let ahead = libm::lgamma(t - 1.0 + q) - libm::lgamma(q) - libm::lgamma(t);
    q * delta / (1.0 - q) * (1.0 - libm::exp(ahead))
}

/// p^2 c^2 + sigma^2 d / N: the mean of |theta - truth|^2 for least squares on N records of d independent
/// inputs, a share p of which was labelled by a teacher whose coefficients are c off (Dohmatob et al.
/// 2024, N much larger than d).
pub(super) fn wrong_teacher(share: f64, gap: f64, sampling: f64) -> f64 {
    share * share * gap + sampling
}

/// V_t = (1 - 1/n) V_(t-1) + h^2 from V_0 = 1, in closed form: the variance of a kernel estimate when
/// each fit is on n documents of the fit before (Kazdan et al. 2024). It grows to n h^2.
pub(super) fn kernels_replaced(n: f64, h: f64, t: u32) -> f64 {
    let limit = n * h * h;
    limit + (1.0 - limit) * replaced(n, t)
}

/// The same when every fit is on all documents so far (Kazdan et al. 2024): the pool's variance begins
/// with 1 - 1/n, and the fit's is the pool's and h^2. It grows like h^2 ln t.
///
/// With k n documents in the pool, n more change its variance to
/// v (1 - 1/((k+1)^2 n)) + h^2 ((n-1) + k/(k+1)) / ((k+1) n).
pub(super) fn kernels_accumulated(n: f64, h: f64, t: u32) -> f64 {
    let mut variance = 1.0 - 1.0 / n;
    for k in (1..t).map(f64::from) {
        let next = k + 1.0;
        let kernel = h * h * (n - 1.0 + k / next) / (next * n);
        variance = variance * (1.0 - 1.0 / (next * next * n)) + kernel;
    }
    variance + h * h
}

/// w^2 / (n (1 - w^2)): the mean square of the distance between the mean of a model and that of its fixed
/// real data, when a share w of each training is the n documents that the model wrote last, the model's
/// variance being 1 (Bertrand et al. 2023, for a normal distribution).
pub(super) fn fixed_real(n: f64, w: f64) -> f64 {
    w * w / (n * (1.0 - w * w))
}

/// The same with the variance that is refitted: the second moment about the mean of the real data is
/// conserved, so that the variance is 1 - 1/n_r less the mean square v itself, and
/// v = w^2 (v + (1 - 1/n_r - v) / n).
pub(super) fn fixed_real_refitted((n, real): (f64, f64), w: f64) -> f64 {
    let w2 = w * w;
    w2 * (1.0 - 1.0 / real) / n / (1.0 - w2 * (1.0 - 1.0 / n))
}

/// (w^2 + (1-w)^2) / (1 - (1-w)^2) / n: the mean square error of the mean when every training is on n fresh
/// real documents with weight w and n that the model wrote last, the model's variance being 1 (He et
/// al. 2025; Garg et al. 2025). At w = (sqrt 5 - 1) / 2 it is least, and w / n.
pub(super) fn fresh_real(n: f64, w: f64) -> f64 {
    let v2 = (1.0 - w) * (1.0 - w);
    (w * w + v2) / (1.0 - v2) / n
}

/// The same with the variance that is refitted, which is 1 less the mean square error, for the second
/// moment is conserved.
pub(super) fn fresh_real_refitted(n: f64, w: f64) -> f64 {
    let v2 = (1.0 - w) * (1.0 - w);
    (w * w + v2) / (1.0 - v2 * (1.0 - 1.0 / n)) / n
}

/// exp(t/2 (psi((n-1)/2) + ln(2/n))): the geometric mean of the standard deviation, and about its
/// median (Suresh et al. 2024).
///
/// ln s2 is a sum of t independent copies of ln(chi^2 / n) with n - 1 degrees of freedom, whose mean
/// is in the brackets. The median is larger by a factor that tends to 1 as n grows, because that
/// logarithm is skewed: 1.02 at n = 10 and t = 50.
pub(super) fn typical_deviation(n: f64, t: u32) -> f64 {
    libm::exp(0.5 * f64::from(t) * (digamma(0.5 * (n - 1.0)) + libm::log(2.0 / n)))
}

/// t/n: the mean square of the model's mean, with an unbiased variance (Shumailov et al. 2023).
pub(super) fn wandered(n: f64, t: u32) -> f64 {
    f64::from(t) / n
}

/// t/n + 2 (1 - c4(n)^t): the mean squared Wasserstein distance from N(0, 1), with an unbiased
/// variance, of which 3t/(2n) is the leading term (Shumailov et al. 2023).
///
/// It is E[mu^2] + E[(s - 1)^2], and s is a product of t independent factors with mean c4(n).
pub(super) fn wasserstein_squared(n: f64, t: u32) -> f64 {
    wandered(n, t) + 2.0 * (1.0 - libm::pow(c4(n), f64::from(t)))
}

/// p_t proportional to p^(tau^-t) (Marchi and Soatto 2024).
pub(super) fn tempered(p: &[f64], tau: f64, t: u32) -> Vec<f64> {
    let exponent = libm::pow(tau, -f64::from(t));
    learn::normalised(p.iter().map(|&p| libm::pow(p, exponent)).collect())
}

/// 1 - sum p^2 (Simpson 1949).
pub(super) fn gini_simpson(p: &[f64]) -> f64 {
    1.0 - p.iter().map(|p| p * p).sum::<f64>()
}

/// - sum p ln p (Shannon 1948).
pub(super) fn entropy(p: &[f64]) -> f64 {
    -p.iter().map(|&p| p * libm::log(p)).sum::<f64>()
}

/// sum m ln(m / p) (Kullback and Leibler 1951).
pub(super) fn kl_divergence(m: &[f64], p: &[f64]) -> f64 {
    let terms = m.iter().zip(p).map(|(&m, &p)| m * libm::log(m / p));
    terms.sum()
}

/// sqrt(1 - sum sqrt(m p)) (Hellinger 1909).
pub(super) fn hellinger(m: &[f64], p: &[f64]) -> f64 {
    let overlap: f64 = m.iter().zip(p).map(|(m, p)| libm::sqrt(m * p)).sum();
    libm::sqrt(1.0 - overlap)
}

/// -(1 - 1/beta): the slope of ln(missing mass) on ln T for Zipf's law with exponent beta (Dohmatob
/// et al. 2024).
pub(super) fn missing_mass_slope(beta: f64) -> f64 {
    -(1.0 - 1.0 / beta)
}

/// (1/K) sum_i H_i (1 - 1/(n pi_i))^t: the mean Gini-Simpson index of the rows of a bigram model,
/// each of which is a dictionary with n pi_i documents (Suresh et al. 2024).
pub(super) fn bigram_rows(rows: &[Vec<f64>], stationary: &[f64], n: f64, t: u32) -> f64 {
    let row = |(row, pi): (&Vec<f64>, &f64)| gini_simpson(row) * replaced(n * pi, t);
    rows.iter().zip(stationary).map(row).sum::<f64>() / rows.len() as f64
}

/// x (1 - TPR) / (x (1 - TPR) + (1 - x) (1 - FPR)): the share of synthetic documents behind a
/// detector, by Bayes's rule.
pub(super) fn behind_detector(x: f64, true_positive_rate: f64, false_positive_rate: f64) -> f64 {
    let synthetic = x * (1.0 - true_positive_rate);
    synthetic / (synthetic + (1.0 - x) * (1.0 - false_positive_rate))
}

/// 1 - (1 - s^r)^b: the probability that texts with Jaccard similarity s agree in all r minima of one of b bands (Broder 1997).
pub(super) fn banded(s: f64, bands: f64, rows: f64) -> f64 {
    1.0 - libm::pow(1.0 - libm::pow(s, rows), bands)
}

/// E[q | q + sigma e > c], q uniform in [0, 1) and e standard normal, where c is such that a share k is above it: the mean quality of the
/// best share k by a noisy score. Derived for this program.
///
/// With G(u) = u Phi(u) + phi(u) and H(u) = ((u^2 - 1) Phi(u) + u phi(u)) / 2, which are the integrals of Phi(u) and of u Phi(u), and
/// u = (q - c) / sigma, the share is sigma [G] and the sum of qualities c sigma [G] + sigma^2 [H], each between q = 0 and q = 1.
/// Without noise the best k are those above 1 - k, and the mean is 1 - k/2.
pub(super) fn ranked(keep: f64, noise: f64) -> f64 {
    if noise <= 0.0 {
        return 1.0 - 0.5 * keep;
    }
    let phi = |u: f64| libm::exp(-0.5 * u * u) / libm::sqrt(std::f64::consts::TAU);
    let g = |u: f64| u * normal_cdf(u) + phi(u);
    let h = |u: f64| 0.5 * ((u * u - 1.0) * normal_cdf(u) + u * phi(u));
    let between = |f: &dyn Fn(f64) -> f64, c: f64| f((1.0 - c) / noise) - f(-c / noise);
    // The share falls as c rises; beyond eight standard deviations there is nothing.
    let (mut low, mut high) = (-8.0 * noise, 1.0 + 8.0 * noise);
    for _ in 0..100 {
        let c = 0.5 * (low + high);
        if noise * between(&g, c) > keep {
            low = c;
        } else {
            high = c;
        }
    }
    let c = 0.5 * (low + high);
    (c * noise * between(&g, c) + noise * noise * between(&h, c)) / keep
}

/// Phi(a c / sqrt(c^2 + (d - 1) 4 / N)), c = 2 a (1 - 2 q): the accuracy of what is learned from N documents of two classes whose
/// means are 2 a apart, a share q of the labels being wrong (Feng et al. 2024).
///
/// The difference of the two fitted means is c long in the right direction, and in each of the other d - 1 directions off by a
/// random number of variance 4 / N.
pub(super) fn learned_from_labels((documents, d): (f64, f64), a: f64, wrong: f64) -> f64 {
    let along = 2.0 * a * (1.0 - 2.0 * wrong);
    let astray = (d - 1.0) * 4.0 / documents;
    normal_cdf(a * along / libm::sqrt(along * along + astray))
}

/// n / (n + k): what is left of the distances between models that are n documents of their own and k of a store that
/// all of them read (for means; Wang et al. 2025 let frozen language models do the same).
pub(super) fn own_share(own: f64, retrieved: f64) -> f64 {
    own / (own + retrieved)
}

/// (1 - e^-x) / x: the time average of the share of pages of which a crawler holds the newest version, x being the number of
/// versions between two of its visits (Cho and Garcia-Molina 2000).
pub(super) fn freshness(x: f64) -> f64 {
    -libm::expm1(-x) / x
}
