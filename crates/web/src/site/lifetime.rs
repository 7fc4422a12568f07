//! How long things last.

use types::time::VirtualDuration;

/// Weibull's law: a share exp(-(t / scale)^shape) lives longer than t (Weibull 1951). Below shape 1 the young die first.
///
/// ```
/// use echosphere_web::Lifetime;
///
/// // Fits the three figures of Chapman et al. (Pew Research Center 2024): 8 % of pages are lost after one year and
/// // 38 % after ten.
/// let pages = Lifetime { shape: 0.76, scale_days: 26.5 * 365.25 };
/// assert!((pages.survival(365.25) - 0.92).abs() < 0.005);
/// assert!((pages.survival(3652.5) - 0.62).abs() < 0.005);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lifetime {
    /// Shape.
    pub shape: f64,
    /// Scale in days: a share exp(-1) lives longer.
    pub scale_days: f64,
}

impl Lifetime {
    /// The share that lives longer than so many days.
    pub fn survival(self, days: f64) -> f64 {
        libm::exp(-libm::pow(days / self.scale_days, self.shape))
    }

    /// How long the one lives before whom a share `uniform` in [0, 1) dies.
    pub fn quantile(self, uniform: f64) -> VirtualDuration {
        let days = self.scale_days * libm::pow(-libm::log1p(-uniform), 1.0 / self.shape);
        VirtualDuration::from_days(days)
    }
}
