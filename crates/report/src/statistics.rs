//! Means, spreads and quantiles of small samples.

/// Arithmetic mean; NaN of nothing.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sample standard deviation, `sqrt(sum (x - mean)^2 / (n - 1))`; `None` below two values.
pub(crate) fn deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    // The mean of equal values is not always equal to them, and their spread would not be zero.
    if values.iter().all(|value| *value == values[0]) {
        return Some(0.0);
    }
    let centre = mean(values);
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// Quantile of sorted values by linear interpolation, definition 7 of Hyndman and Fan (1996).
///
/// # Panics
///
/// If there is no value.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len() - 1) as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
}

/// Half-width of the 95 % t-interval of the mean, `t(0.975, n - 1) sd / sqrt(n)` (Student 1908);
/// `None` below two values.
pub(crate) fn half_width_95(values: &[f64]) -> Option<f64> {
    let n = values.len();
    deviation(values).map(|sd| student_975(n - 1) * sd / (n as f64).sqrt())
}

/// The 97.5 % quantile of Student's t for some degrees of freedom.
///
/// Exact to four figures up to ten degrees, then the expansion of Fisher and Cornish (1960), whose
/// error is below 0.0005 there.
pub(crate) fn student_975(freedom: usize) -> f64 {
    const SMALL: [f64; 10] = [
        12.706, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    ];
    if let Some(exact) = SMALL.get(freedom.saturating_sub(1)) {
        return *exact;
    }
    let (z, n) = (1.959_964_f64, freedom as f64);
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
    z + first / n + second / n.powi(2) + third / n.powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_by_hand() {
        assert_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);
        assert_eq!(deviation(&[1.0, 3.0]), Some(2.0_f64.sqrt()));
        assert_eq!(deviation(&[1.0]), None);
        assert_eq!(deviation(&[7.6; 8]), Some(0.0));
        assert!(mean(&[]).is_nan());
    }

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.5), 3.0);
        assert_eq!(quantile(&[0.0, 10.0], 0.05), 0.5);
        assert_eq!(quantile(&[4.0], 0.95), 4.0);
    }

    #[test]
    fn student_agrees_with_the_tables() {
        for (freedom, expected) in [
            (1, 12.706),
            (7, 2.3646),
            (12, 2.1788),
            (30, 2.0423),
            (199, 1.972),
        ] {
            assert!((student_975(freedom) - expected).abs() < 1e-3, "{freedom}");
        }
    }
}
