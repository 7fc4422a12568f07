//! Student's t with given degrees of freedom.

use std::ops::Range;

use types::content::{Content, ContentKind};
use types::random::Stream;

use crate::density::{self, Density, StudentT};
use crate::family::{Family, FitError, Order};
use crate::measure::Measured;
use crate::points::{self, Points};
use crate::truth::Truth;

/// Student's t distributions of given degrees of freedom in one dimension; location and scale are fitted by expectation
/// maximisation, where a document far out counts less (Liu and Rubin 1995).
///
/// With degrees of freedom nu and z = (x - location) / scale a round weighs each document by (nu + 1) / (nu + z^2), takes the
/// weighted mean for the location and the mean weighted square over the mean weight for scale^2: the expanded form, which has
/// the same fixed point and is faster (Liu, Rubin and Wu 1998). It begins at the sample's mean and standard deviation and ends
/// when neither moves by more than 1e-12 scales.
///
/// There is no warm start: the family has no mean parameters to mix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StudentTs {
    /// Degrees of freedom, above 2.
    pub dof: f64,
    /// True if numbers are published in single precision.
    pub single: bool,
}

/// Rounds of a fit, at most; a round leaves about a 1 / (nu + 3) of the error of the location.
const ROUNDS_MAX: usize = 500;

/// A fit ends when a round moves by less than this many scales.
const MOVE_MIN: f64 = 1e-12;

impl StudentTs {
    /// One round; `None` if the scale has gone.
    fn round(&self, points: &Points, at: &StudentT) -> Option<StudentT> {
        let weigh = |x: f64| {
            let z = (x - at.location) / at.scale;
            (self.dof + 1.0) / (self.dof + z * z)
        };
        let (mut total, mut sum) = (0.0, 0.0);
        for (point, weight) in points.iter() {
            let weight = weight * weigh(point[0]);
            total += weight;
            sum += weight * (point[0] - at.location);
        }
        let location = at.location + sum / total;
        let square = |(point, weight): (&[f64], f64)| {
            let delta = point[0] - location;
            weight * weigh(point[0]) * delta * delta
        };
        let scale = libm::sqrt(points.iter().map(square).sum::<f64>() / total);
        (scale > f64::MIN_POSITIVE).then_some(StudentT {
            location,
            scale,
            ..*at
        })
    }
}

impl Family for StudentTs {
    type Statistic = Points;
    type Fitted = StudentT;
    type Reference = Option<Density>;

    fn kind(&self) -> ContentKind {
        points::kind(1, self.single)
    }

    fn statistic(&self) -> Points {
        Points::new(1)
    }

    fn absorb(&self, statistic: &mut Points, content: &Content, range: Range<usize>, weight: f64) {
        statistic.absorb(content, range, weight);
    }

    fn merge(&self, statistic: &mut Points, other: &Points, weight: f64) {
        statistic.merge(other, weight);
    }

    fn fit(
        &self,
        statistic: &Points,
        previous: Option<(&StudentT, f64)>,
    ) -> Result<StudentT, FitError> {
        if previous.is_some_and(|(_, rate)| rate < 1.0) {
            return Err(FitError::ColdOnly);
        }
        statistic.at_least(1)?;
        let (mean, variance) = statistic.moments();
        let mut fitted = StudentT {
            dof: self.dof,
            location: mean[0],
            scale: libm::sqrt(variance[0]),
        };
        if fitted.scale <= f64::MIN_POSITIVE {
            return Ok(StudentT {
                scale: 0.0,
                ..fitted
            });
        }
        for _ in 0..ROUNDS_MAX {
            let Some(next) = self.round(statistic, &fitted) else {
                break;
            };
            let moved = (next.location - fitted.location).abs() + (next.scale - fitted.scale).abs();
            fitted = next;
            if moved <= MOVE_MIN * fitted.scale {
                break;
            }
        }
        Ok(fitted)
    }

    fn sample(&self, fitted: &StudentT, order: &Order, rng: &mut Stream, out: &mut Content) {
        let tempered = fitted.tempered(order.temperature);
        points::write(out, (0..order.documents).map(|_| tempered.draw(rng)));
    }

    fn reference(&self, truth: &Truth) -> Option<Density> {
        Density::of(truth).or_else(|| Some(Density::StudentT(self.truth(truth)?)))
    }

    fn evaluate(
        &self,
        fitted: &StudentT,
        reference: &Option<Density>,
        _rng: &mut Stream,
        out: &mut Measured,
    ) {
        let density = || (fitted.scale > 0.0).then_some(Density::StudentT(*fitted));
        let moments = (fitted.location, fitted.variance());
        density::measure(moments, density, reference.as_ref(), out);
    }

    fn centre(&self, fitted: &StudentT) -> Option<Vec<f64>> {
        Some(vec![fitted.location])
    }

    /// A distribution with as many degrees of freedom is itself, and a sample is what is fitted to it.
    fn truth(&self, truth: &Truth) -> Option<StudentT> {
        match truth {
            Truth::Line {
                density: Density::StudentT(student),
            } => (student.dof.to_bits() == self.dof.to_bits()).then_some(*student),
            Truth::Sample { content } => {
                let mut statistic = self.statistic();
                statistic.absorb(content, 0..content.len(), 1.0);
                self.fit(&statistic, None).ok()
            }
            Truth::Line { .. }
            | Truth::Gaussian { .. }
            | Truth::Categorical { .. }
            | Truth::Captioned { .. }
            | Truth::Classes { .. }
            | Truth::Templates { .. }
            | Truth::Markov { .. }
            | Truth::Linear { .. }
            | Truth::Tasks { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::random::{Purpose, Seed};

    const TEN: StudentTs = StudentTs {
        dof: 10.0,
        single: false,
    };
    const MODEL: StudentT = StudentT {
        dof: 10.0,
        location: -3.0,
        scale: 2.0,
    };

    fn sample(documents: usize, temperature: f64) -> Points {
        let mut rng = Seed(4).key(0, Purpose::Sample).stream(0, 0);
        let mut content = Content::empty(TEN.kind());
        let order = Order {
            documents,
            temperature,
            ..Order::default()
        };
        TEN.sample(&MODEL, &order, &mut rng, &mut content);
        let mut points = TEN.statistic();
        points.absorb(&content, 0..documents, 1.0);
        points
    }

    /// The standard errors at n = 40,000 are scale sqrt((nu + 3) / ((nu + 1) n)) and scale sqrt((nu + 3) / (2 nu n)) (Lange,
    /// Little and Taylor 1989): 0.011 and 0.008. The bounds are five of them.
    #[test]
    fn sampling_and_fitting_are_inverse() {
        let fitted = TEN.fit(&sample(40_000, 1.0), None).unwrap();
        assert!((fitted.location + 3.0).abs() < 0.055, "{fitted:?}");
        assert!((fitted.scale - 2.0).abs() < 0.04, "{fitted:?}");
    }

    /// At the maximum the score vanishes: sum w z = 0 and mean of w z^2 = 1, with the weights of a round.
    #[test]
    fn the_score_vanishes_at_the_fit() {
        let points = sample(50, 1.0);
        let fitted = TEN.fit(&points, None).unwrap();
        let (mut location, mut scale) = (0.0, 0.0);
        for (point, _) in points.iter() {
            let z = (point[0] - fitted.location) / fitted.scale;
            let weight = 11.0 / (10.0 + z * z);
            location += weight * z / 50.0;
            scale += weight * z * z / 50.0;
        }
        assert!(location.abs() < 1e-9 && (scale - 1.0).abs() < 1e-9);
    }

    /// Half the temperature: 2 nu + 1 = 21 degrees of freedom and a variance of scale^2 nu / (nu' - 2) = 40 / 19.
    #[test]
    fn a_temperature_gives_another_student() {
        let (_, variance) = sample(40_000, 0.5).moments();
        assert!(
            (variance[0] / (40.0 / 19.0) - 1.0).abs() < 0.05,
            "{variance:?}"
        );
    }

    #[test]
    fn what_has_collapsed_is_a_point() {
        let mut points = TEN.statistic();
        points.values.extend([4.0; 3]);
        points.weights.extend([1.0; 3]);
        let fitted = TEN.fit(&points, None).unwrap();
        assert_eq!((fitted.location, fitted.scale), (4.0, 0.0));
        assert!(TEN.fit(&TEN.statistic(), None).is_err());
        assert_eq!(
            TEN.fit(&points, Some((&fitted, 0.5))),
            Err(FitError::ColdOnly)
        );
    }

    #[test]
    fn only_the_same_degrees_of_freedom_are_the_truth() {
        let truth = |dof| Truth::Line {
            density: Density::StudentT(StudentT { dof, ..MODEL }),
        };
        assert_eq!(TEN.truth(&truth(10.0)), Some(MODEL));
        assert_eq!(TEN.truth(&truth(5.0)), None);
        assert!(TEN.reference(&truth(5.0)).is_some());
    }
}
