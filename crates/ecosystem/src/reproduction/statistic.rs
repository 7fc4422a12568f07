//! Statistics over replicates, each with its standard error.

use super::Quantity;

/// What is made of the values of all replicates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// The mean.
    Mean(Quantity),
    /// The median.
    Median(Quantity),
    /// exp of the mean logarithm.
    GeometricMean(Quantity),
    /// The mean over the mean at another fit.
    Ratio {
        /// What is compared with itself.
        of: Quantity,
        /// Number of the earlier fit.
        since: u32,
    },
    /// The share of replicates in which it is smaller than at an earlier fit.
    Fell {
        /// What is compared with itself.
        of: Quantity,
        /// Number of the earlier fit.
        since: u32,
    },
    /// The share of replicates in which it rises from each case to the next.
    Ordered(Quantity),
    /// The share of replicates in which it is below this in the first case and above it in the last.
    Straddles(Quantity, f64),
    /// The mean of the first case over the mean of the second.
    Against(Quantity),
    /// The slope, by least squares over cases, of the logarithm of the mean on the logarithm of
    /// `real.documents`.
    LogSlope(Quantity),
}

/// A value with its standard error over replicates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    pub(super) value: f64,
    pub(super) standard_error: f64,
}

/// The values of one case, one a replicate: at the fit of the check and, for ratios, at the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sample {
    pub(super) values: Vec<f64>,
    pub(super) since: Vec<f64>,
    /// Real documents of a model.
    pub(super) documents: f64,
}

impl Statistic {
    pub(super) fn quantity(self) -> Quantity {
        match self {
            Self::Mean(quantity)
            | Self::Median(quantity)
            | Self::GeometricMean(quantity)
            | Self::Ratio { of: quantity, .. }
            | Self::Fell { of: quantity, .. }
            | Self::Ordered(quantity)
            | Self::Straddles(quantity, _)
            | Self::Against(quantity)
            | Self::LogSlope(quantity) => quantity,
        }
    }

    /// The other fit that it needs.
    pub(super) fn since(self) -> Option<u32> {
        match self {
            Self::Ratio { since, .. } | Self::Fell { since, .. } => Some(since),
            _ => None,
        }
    }

    /// Estimates the statistic from the samples of all cases.
    pub(super) fn of(self, samples: &[Sample]) -> Estimate {
        let values = samples.first().map_or(&[][..], |sample| &sample.values);
        match self {
            Self::Mean(_) => mean(values),
            Self::Median(_) => median(values),
            Self::GeometricMean(_) => geometric_mean(values),
            Self::Ratio { .. } => samples.first().map_or(mean(&[]), ratio),
            Self::Fell { .. } => samples.first().map_or(mean(&[]), fell),
            Self::Ordered(_) => ordered(samples),
            Self::Straddles(_, middle) => straddles(samples, middle),
            Self::Against(_) => against(samples),
            Self::LogSlope(_) => log_slope(samples),
        }
    }
}

/// The mean; its standard error is sd / sqrt(R), and 0 for a single replicate.
fn mean(values: &[f64]) -> Estimate {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    Estimate {
        value: mean,
        standard_error: libm::sqrt(squares / (count - 1.0).max(1.0) / count),
    }
}

/// The median; its standard error is half the distance of the order statistics that lie sqrt(R)/2
/// ranks on either side, because the number of values below the true median is binomial (Woodruff
/// 1952).
fn median(values: &[f64]) -> Estimate {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (middle, reach) = (
        0.5 * values.len() as f64,
        0.5 * libm::sqrt(values.len() as f64),
    );
    let at = |rank: f64| {
        let index = (rank.max(0.0) as usize).min(values.len().saturating_sub(1));
        sorted.get(index).copied().unwrap_or(f64::NAN)
    };
    Estimate {
        value: 0.5 * (at(middle - 0.5) + at(middle)),
        standard_error: 0.5 * (at(middle + reach) - at(middle - reach)),
    }
}

fn geometric_mean(values: &[f64]) -> Estimate {
    let logarithms: Vec<f64> = values.iter().map(|&x| libm::log(x)).collect();
    let inner = mean(&logarithms);
    let value = libm::exp(inner.value);
    Estimate {
        value,
        standard_error: value * inner.standard_error,
    }
}

/// The ratio of two means over the same replicates; the standard error is that of the mean of
/// (a - r b) / mean(b), by the delta method.
fn ratio(sample: &Sample) -> Estimate {
    let below = mean(&sample.since).value;
    let value = mean(&sample.values).value / below;
    let pairs = sample.values.iter().zip(&sample.since);
    let residuals: Vec<f64> = pairs.map(|(a, b)| (a - value * b) / below).collect();
    Estimate {
        value,
        standard_error: mean(&residuals).standard_error,
    }
}

/// Replicates are compared with their like, so that the error is right for cases that share draws too.
fn against(samples: &[Sample]) -> Estimate {
    let [first, second] = samples else {
        return mean(&[]);
    };
    ratio(&Sample {
        since: second.values.clone(),
        ..first.clone()
    })
}

fn fell(sample: &Sample) -> Estimate {
    let pairs = sample.values.iter().zip(&sample.since);
    share(pairs.map(|(now, before)| now < before))
}

/// Replicate by replicate, for cases share their seeds. What is not a number is in no order.
fn ordered(samples: &[Sample]) -> Estimate {
    let count = samples.iter().map(|sample| sample.values.len()).min();
    let rises = |replicate: usize| {
        let mut steps = samples.windows(2);
        steps.all(|pair| pair[0].values[replicate] < pair[1].values[replicate])
    };
    share((0..count.unwrap_or(0)).map(rises))
}

fn straddles(samples: &[Sample], middle: f64) -> Estimate {
    let [below, .., above] = samples else {
        return mean(&[]);
    };
    let pairs = below.values.iter().zip(&above.values);
    share(pairs.map(|(below, above)| *below < middle && *above > middle))
}

fn share(yes: impl Iterator<Item = bool>) -> Estimate {
    let values: Vec<f64> = yes.map(|yes| f64::from(u8::from(yes))).collect();
    mean(&values)
}

/// Least squares of ln(mean) on ln(documents). A slope is a weighted sum of the ordinates, and the
/// standard error of ln(mean) is that of the mean over the mean, by the delta method.
fn log_slope(samples: &[Sample]) -> Estimate {
    let x: Vec<f64> = samples
        .iter()
        .map(|sample| libm::log(sample.documents))
        .collect();
    let centre = x.iter().sum::<f64>() / x.len() as f64;
    let spread: f64 = x.iter().map(|x| (x - centre) * (x - centre)).sum();
    let (mut slope, mut variance) = (0.0, 0.0);
    for (x, sample) in x.iter().zip(samples) {
        let (weight, y) = ((x - centre) / spread, mean(&sample.values));
        slope += weight * libm::log(y.value);
        let error = weight * y.standard_error / y.value;
        variance += error * error;
    }
    Estimate {
        value: slope,
        standard_error: libm::sqrt(variance),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Quantity = Quantity::Value("any");

    fn check(statistic: Statistic, samples: &[Sample], value: f64, standard_error: f64) {
        let estimate = statistic.of(samples);
        assert!((estimate.value - value).abs() < 1e-12, "{estimate:?}");
        assert!(
            (estimate.standard_error - standard_error).abs() < 1e-12,
            "{estimate:?}"
        );
    }

    fn sample(values: &[f64], since: &[f64], documents: f64) -> Sample {
        Sample {
            values: values.to_vec(),
            since: since.to_vec(),
            documents,
        }
    }

    #[test]
    fn means_by_hand() {
        let four = [sample(&[1.0, 2.0, 3.0, 6.0], &[], 1.0)];
        let error = libm::sqrt(14.0 / 3.0 / 4.0);
        check(Statistic::Mean(ANY), &four, 3.0, error);
        check(Statistic::Mean(ANY), &[sample(&[7.0], &[], 1.0)], 7.0, 0.0);
        check(Statistic::Median(ANY), &four, 2.5, 2.0);
        let powers = [sample(&[1.0, 4.0], &[], 1.0)];
        check(
            Statistic::GeometricMean(ANY),
            &powers,
            2.0,
            2.0 * libm::log(2.0),
        );
    }

    #[test]
    fn a_constant_ratio_has_no_error() {
        let halves = [sample(&[1.0, 2.0, 4.0], &[2.0, 4.0, 8.0], 1.0)];
        check(Statistic::Ratio { of: ANY, since: 1 }, &halves, 0.5, 0.0);
    }

    #[test]
    fn directions_are_counted_replicate_by_replicate() {
        let fallen = [sample(
            &[1.0, 2.0, f64::NAN, 4.0],
            &[2.0, 1.0, 5.0, 5.0],
            1.0,
        )];
        let statistic = Statistic::Fell { of: ANY, since: 1 };
        check(statistic, &fallen, 0.5, libm::sqrt(1.0 / 12.0));
        let cases = [[1.0, 1.0], [2.0, 2.0], [3.0, 2.0]].map(|values| sample(&values, &[], 1.0));
        check(Statistic::Ordered(ANY), &cases, 0.5, 0.5);
        check(Statistic::Ordered(ANY), &cases[..2], 1.0, 0.0);
        check(Statistic::Against(ANY), &cases[..2], 0.5, 0.0);
        check(Statistic::Straddles(ANY, 2.5), &cases, 0.5, 0.5);
    }

    #[test]
    fn a_power_law_has_its_exponent() {
        let law = [1.0, 10.0, 100.0].map(|t| sample(&[3.0 * libm::pow(t, -0.7)], &[], t));
        check(Statistic::LogSlope(ANY), &law, -0.7, 0.0);
    }
}
