//! Distribution functions that `libm` has not.

/// Probability of a standard normal below and above `z`.
pub(super) fn normal_tails(z: f64) -> (f64, f64) {
    let scaled = z * std::f64::consts::FRAC_1_SQRT_2;
    (0.5 * libm::erfc(-scaled), 0.5 * libm::erfc(scaled))
}

/// Probability of a standard normal below `z`.
pub fn normal_cdf(z: f64) -> f64 {
    normal_tails(z).0
}

/// The regularised incomplete beta function `I_x(a, b)`, by its continued fraction (Abramowitz and Stegun 1964, 26.5.8)
/// after Lentz (1976).
pub(super) fn incomplete_beta((a, b): (f64, f64), x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return f64::from(u8::from(x >= 1.0));
    }
    // The fraction converges quickly below the mean; above it the other end is taken.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta((b, a), 1.0 - x);
    }
    let ln_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
        + a * libm::log(x)
        + b * libm::log1p(-x);
    libm::exp(ln_front) / (a * fraction((a, b), x))
}

/// The continued fraction 1 + `d_1` / (1 + `d_2` / (1 + ...)).
fn fraction((a, b): (f64, f64), x: f64) -> f64 {
    let (mut value, mut upper, mut lower) = (1.0, 1.0, 0.0);
    for term in 1..FRACTION_TERMS_MAX {
        let m = f64::from(term / 2);
        let d = if term % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        upper = away_from_zero(1.0 + d / upper);
        lower = 1.0 / away_from_zero(1.0 + d * lower);
        let factor = upper * lower;
        value *= factor;
        if (factor - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// Below the mean, some tens of terms reach full precision.
const FRACTION_TERMS_MAX: u32 = 500;

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
}
