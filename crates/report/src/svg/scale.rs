//! Values to positions on an axis, and the ticks beside it.

use crate::number::{decade, tick};

/// Values beyond this are drawn as gaps, so that no span overflows.
const MAGNITUDE_MAX: f64 = 1e300;
/// Ratio of the largest to the smallest value from which an axis is logarithmic.
const LOG_RATIO: f64 = 100.0;
/// The same for the values of a key.
const KEY_RATIO: f64 = 15.0;
/// Share of the span left free at the ends of an axis.
const MARGIN: f64 = 0.05;

/// An axis from `low` to `high`, which differ and are finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// Equal distances for equal differences.
    Linear {
        /// Value at the start.
        low: f64,
        /// Value at the end.
        high: f64,
        /// Whether only whole numbers mean something.
        whole: bool,
    },
    /// Equal distances for equal ratios; bounds are exponents of ten.
    Log {
        /// Exponent at the start.
        low: f64,
        /// Exponent at the end.
        high: f64,
    },
}

/// Whether a value can be drawn.
pub(super) fn is_drawable(value: f64) -> bool {
    value.abs() <= MAGNITUDE_MAX
}

impl Scale {
    /// An axis for instants, from the first to the last.
    pub(crate) fn of_instants(instants: impl Iterator<Item = f64>, whole: bool) -> Self {
        match span(instants) {
            Some((low, high)) if low < high => Self::Linear { low, high, whole },
            Some((low, _)) => Self::Linear {
                low: low - 0.5,
                high: low + 0.5,
                whole,
            },
            None => Self::Linear {
                low: 0.0,
                high: 1.0,
                whole,
            },
        }
    }

    /// An axis for the numbers that a key takes: logarithmic if they are positive and grow more by factors than by steps.
    pub(crate) fn of_keys(numbers: impl Iterator<Item = f64>) -> Self {
        let numbers: Vec<f64> = numbers.collect();
        match span(numbers.iter().copied()) {
            Some((low, high)) if low > 0.0 && high / low > KEY_RATIO => Self::Log {
                low: low.log10(),
                high: high.log10(),
            },
            _ => Self::of_instants(numbers.into_iter(), false),
        }
    }

    /// An axis for values and the ends of their bands.
    ///
    /// It is logarithmic if all values are positive and span more than two decades. Bands may then
    /// reach below the axis, where they are cut.
    pub(crate) fn of_values(
        values: impl Iterator<Item = f64> + Clone,
        bands: impl Iterator<Item = f64>,
    ) -> Self {
        let Some((low, high)) = span(values) else {
            return Self::Linear {
                low: 0.0,
                high: 1.0,
                whole: false,
            };
        };
        let (band_low, band_high) = span(bands).unwrap_or((low, high));
        if low > 0.0 && high / low > LOG_RATIO {
            let (low, high) = (low.log10(), high.max(band_high).log10());
            let margin = MARGIN * (high - low);
            return Self::Log {
                low: low - margin,
                high: high + margin,
            };
        }
        Self::linear(low.min(band_low), high.max(band_high))
    }

    fn linear(low: f64, high: f64) -> Self {
        let size = low.abs().max(high.abs());
        // Differences by rounding alone are not worth an axis.
        if high - low <= 1e-9 * size || size == 0.0 {
            let margin = if size == 0.0 { 1.0 } else { 0.1 * size };
            return Self::Linear {
                low: low - margin,
                high: high + margin,
                whole: false,
            };
        }
        let margin = MARGIN * (high - low);
        // A quantity that cannot be negative should not seem to be able to.
        let bottom = if low >= 0.0 {
            (low - margin).max(0.0)
        } else {
            low - margin
        };
        Self::Linear {
            low: bottom,
            high: high + margin,
            whole: false,
        }
    }

    /// Position of a value, 0 at the start and 1 at the end; `None` if it cannot be drawn.
    pub(super) fn position(self, value: f64) -> Option<f64> {
        match self {
            Self::Linear { low, high, .. } => {
                is_drawable(value).then(|| (value - low) / (high - low))
            }
            Self::Log { low, high } => {
                (is_drawable(value) && value > 0.0).then(|| (value.log10() - low) / (high - low))
            }
        }
    }

    /// Position of the end of a band, cut at the ends of the axis.
    pub(super) fn clipped(self, value: f64) -> f64 {
        let beyond = if value > 0.0 { 1.0 } else { 0.0 };
        self.position(value).unwrap_or(beyond).clamp(0.0, 1.0)
    }

    /// Ticks with their labels, in order, about `count` of them.
    pub(super) fn ticks(self, count: usize) -> Vec<(f64, String)> {
        match self {
            Self::Linear { low, high, whole } => linear_ticks((low, high), whole, count),
            Self::Log { low, high } => log_ticks(low, high, count),
        }
    }
}

fn span(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .filter(|value| is_drawable(*value))
        .fold(None, |span, value| match span {
            None => Some((value, value)),
            Some((low, high)) => Some((low.min(value), high.max(value))),
        })
}

fn linear_ticks((low, high): (f64, f64), whole: bool, count: usize) -> Vec<(f64, String)> {
    let step = nice_step((high - low) / count as f64);
    let step = if whole { step.max(1.0).round() } else { step };
    let first = (low / step - 1e-6).ceil();
    let last = (high / step + 1e-6).floor();
    (0..=(last - first).max(0.0) as usize)
        .map(|idx| (first + idx as f64) * step)
        .map(|value| (value, tick(value, step)))
        .collect()
}

/// The one of 1, 2, 5, 10 times a power of ten that is nearest to `raw`.
fn nice_step(raw: f64) -> f64 {
    let power = 10_f64.powf(raw.log10().floor());
    let factor = match raw / power {
        ratio if ratio < 1.5 => 1.0,
        ratio if ratio < 3.5 => 2.0,
        ratio if ratio < 7.5 => 5.0,
        _ => 10.0,
    };
    factor * power
}

fn log_ticks(low: f64, high: f64, count: usize) -> Vec<(f64, String)> {
    // Few whole decades leave an axis almost bare; with three ticks a decade there is still room for labels.
    if 3.0 * (high - low) < count as f64 + 1.0 {
        return fine_log_ticks(low, high);
    }
    let (first, last) = (low.ceil() as i32, high.floor() as i32);
    let stride = ((last - first) as usize).div_ceil(count).max(1);
    (first..=last)
        .step_by(stride)
        .map(|exponent| (10_f64.powi(exponent), decade(exponent)))
        .collect()
}

fn fine_log_ticks(low: f64, high: f64) -> Vec<(f64, String)> {
    let bounds = (10_f64.powf(low - 1e-9), 10_f64.powf(high + 1e-9));
    let decades = low.floor() as i32..=high.floor() as i32;
    let ticks = decades.flat_map(|exponent| {
        let step = 10_f64.powi(exponent);
        [1.0, 2.0, 5.0].map(|factor| (factor * step, tick(factor * step, step.min(1.0))))
    });
    ticks
        .filter(|(value, _)| (bounds.0..=bounds.1).contains(value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Scale {
        Scale::of_values(values.iter().copied(), std::iter::empty())
    }

    fn labels(scale: Scale) -> Vec<String> {
        scale.ticks(5).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn log_needs_positive_values_over_two_decades() {
        assert!(matches!(of(&[0.001, 1.0]), Scale::Log { .. }));
        assert!(matches!(of(&[0.001, f64::NAN, 1.0]), Scale::Log { .. }));
        assert!(matches!(of(&[0.01, 1.0]), Scale::Linear { .. }));
        assert!(matches!(of(&[0.0, 1.0]), Scale::Linear { .. }));
        assert!(matches!(of(&[-0.001, 1.0]), Scale::Linear { .. }));
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            labels(of(&[1.23, 2.48])),
            ["1.2", "1.4", "1.6", "1.8", "2.0", "2.2", "2.4"]
        );
    }

    #[test]
    fn whole_axes_have_whole_ticks() {
        let scale = Scale::of_instants([1.0, 3.0].into_iter(), true);
        assert_eq!(labels(scale), ["1", "2", "3"]);
    }

    #[test]
    fn constants_and_nothing_have_an_axis() {
        assert_eq!(
            of(&[2.0, 2.0]),
            Scale::Linear {
                low: 1.8,
                high: 2.2,
                whole: false
            }
        );
        assert_eq!(
            of(&[0.0]),
            Scale::Linear {
                low: -1.0,
                high: 1.0,
                whole: false
            }
        );
        assert_eq!(
            of(&[f64::NAN]),
            Scale::Linear {
                low: 0.0,
                high: 1.0,
                whole: false
            }
        );
        assert!(
            of(&[f64::MAX, -f64::MAX, 1.0])
                .position(1.0)
                .unwrap()
                .is_finite()
        );
    }

    #[test]
    fn numbers_that_grow_by_factors_have_a_logarithmic_axis() {
        let keys = |numbers: &[f64]| Scale::of_keys(numbers.iter().copied());
        assert!(matches!(keys(&[0.0, 100.0]), Scale::Linear { .. }));
        assert!(matches!(keys(&[10.0, 100.0]), Scale::Linear { .. }));
        let ticks: Vec<String> = keys(&[10.0, 300.0])
            .ticks(8)
            .into_iter()
            .map(|(_, label)| label)
            .collect();
        assert_eq!(ticks, ["10", "20", "50", "100", "200"]);
    }

    #[test]
    fn what_cannot_be_drawn_has_no_position() {
        let scale = of(&[0.001, 1.0]);
        assert_eq!(
            [0.0, -1.0, f64::NAN, f64::INFINITY].map(|value| scale.position(value)),
            [None; 4]
        );
        assert_eq!((scale.clipped(-1.0), scale.clipped(1e9)), (0.0, 1.0));
    }

    #[test]
    fn decades_are_thinned() {
        assert_eq!(
            labels(of(&[1e-9, 1.0])),
            ["10⁻⁹", "10⁻⁷", "10⁻⁵", "10⁻³", "10⁻¹"]
        );
    }
}
