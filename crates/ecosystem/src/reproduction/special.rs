//! Special functions that `libm` does not have.

/// The digamma function psi(x) = d/dx ln Gamma(x), for x > 0.
///
/// psi(x) = psi(x + 1) - 1/x carries x above 10, where the asymptotic series ln x - 1/(2x) -
/// 1/(12 x^2) + 1/(120 x^4) - 1/(252 x^6) + 1/(240 x^8) - 1/(132 x^10) is exact to 1e-14 (Abramowitz
/// and Stegun 1964, 6.3.5 and 6.3.18).
pub(super) fn digamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum -= 1.0 / x;
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let terms = [
        -1.0 / 12.0,
        1.0 / 120.0,
        -1.0 / 252.0,
        1.0 / 240.0,
        -1.0 / 132.0,
    ];
    let series = terms
        .iter()
        .rev()
        .fold(0.0, |rest, term| square * (term + rest));
    sum + libm::log(x) - 0.5 / x + series
}

/// E[s] / sigma for the square root s of the unbiased variance of n normal numbers:
/// c4(n) = sqrt(2 / (n-1)) Gamma(n/2) / Gamma((n-1)/2) (Holtzman 1950).
pub(super) fn c4(n: f64) -> f64 {
    let ratio = libm::lgamma(0.5 * n) - libm::lgamma(0.5 * (n - 1.0));
    libm::sqrt(2.0 / (n - 1.0)) * libm::exp(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digamma_has_its_known_values() {
        const EULER: f64 = 0.577_215_664_901_532_9;
        assert!((digamma(1.0) + EULER).abs() < 1e-13);
        assert!((digamma(0.5) + EULER + 2.0 * std::f64::consts::LN_2).abs() < 1e-13);
        assert!((digamma(30.5) - digamma(29.5) - 1.0 / 29.5).abs() < 1e-13);
    }

    #[test]
    fn c4_has_its_known_values() {
        assert!((c4(2.0) - libm::sqrt(2.0 / std::f64::consts::PI)).abs() < 1e-13);
        assert!((c4(10.0) - 0.972_659_27).abs() < 1e-7);
    }
}
