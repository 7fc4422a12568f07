//! Where a density has given probabilities to either side.

use super::Density;

/// Nothing is looked for farther away.
const FAR: f64 = 1e150;

/// Bisection alone halves an interval to nothing in so many steps.
const STEPS_MAX: u32 = 200;

/// The smaller of the two tails that are looked for: it has more digits.
#[derive(Debug, Clone, Copy)]
enum Target {
    Below(f64),
    Above(f64),
}

impl Target {
    /// How far the logarithm of the tail at `x` is from the target, and the slope: it grows with x, and is concave for
    /// densities such as the normal, so that Newton's method converges from afar.
    fn excess(self, density: &Density, x: f64) -> (f64, f64) {
        let (below, above) = density.tails(x);
        let slope = |tail: f64| libm::exp(density.ln(x)) / tail;
        match self {
            Self::Below(wanted) => (libm::log(below / wanted), slope(below)),
            Self::Above(wanted) => (libm::log(wanted / above), slope(above)),
        }
    }
}

impl Density {
    /// The point with these probabilities below and above it, to 13 digits: Newton's method on the logarithm of the smaller
    /// one, with bisection wherever a step would leave the interval.
    pub fn quantile(&self, (below, above): (f64, f64)) -> f64 {
        let target = if below < above {
            Target::Below(below)
        } else {
            Target::Above(above)
        };
        let (mut low, mut high) = self.bracket(target);
        let mut x = 0.5 * (low + high);
        for _ in 0..STEPS_MAX {
            let (excess, slope) = target.excess(self, x);
            if excess > 0.0 {
                high = x;
            } else {
                low = x;
            }
            let newton = x - excess / slope;
            let inside = newton > low && newton < high;
            let next = if inside { newton } else { 0.5 * (low + high) };
            if (next - x).abs() <= 1e-14 * (high - low).max(x.abs()) {
                return next;
            }
            x = next;
        }
        x
    }

    /// An interval around the target, doubled from the mean on.
    fn bracket(&self, target: Target) -> (f64, f64) {
        let (mean, variance) = self.moments();
        let start = libm::sqrt(variance).clamp(f64::MIN_POSITIVE, FAR);
        let reach = |sign: f64| {
            let mut width = start;
            while sign * target.excess(self, mean + sign * width).0 < 0.0 && width < FAR {
                width *= 2.0;
            }
            mean + sign * width
        };
        (reach(-1.0), reach(1.0))
    }
}
