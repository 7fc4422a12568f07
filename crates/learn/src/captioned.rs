//! Captions with images: text and pictures that models of two kinds write together.

mod pile;

use std::ops::Range;

use serde::{Deserialize, Serialize};
use types::content::{Content, ContentKind, Numbers};
use types::random::{Cumulative, Stream};

pub use self::pile::Pile;
use crate::family::{Family, FitError, Order};
use crate::measure::{Measure, Measured};
use crate::truth::Truth;

/// A multinomial text model and a conditional normal image model, which publish captioned images together and learn from
/// what was published (Gao and Li 2025).
///
/// A document is the number of a caption and an image, which is two numbers. The text model is the share of each caption, the
/// image model the mean and the covariance of the images under each, all by maximum likelihood. Either half may be frozen: it
/// stays as in [`Captioned::truth`], whatever is read. Temperatures change nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Captioned {
    /// The real captions and images.
    pub truth: Captions,
    /// The half that never learns.
    pub frozen: Option<Half>,
}

/// One of the two models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// The shares of the captions.
    Text,
    /// The images under each caption.
    Image,
}

/// A distribution of captioned images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Captions {
    /// Share of each caption, summing to 1.
    pub probabilities: Vec<f64>,
    /// The images under each caption. Where the share is zero, they mean nothing.
    pub images: Vec<Image>,
}

/// A normal distribution in the plane.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// Mean.
    pub mean: [f64; 2],
    /// Variance across, covariance, variance up.
    pub covariance: [f64; 3],
}

/// Numbers a document.
const DIMENSION: usize = 3;

impl Captions {
    /// Captions with these shares, their images around the corners of a regular polygon of this radius, each with this variance
    /// in both dimensions.
    pub fn polygon(probabilities: Vec<f64>, radius: f64, variance: f64) -> Self {
        let count = probabilities.len() as f64;
        let image = |number: usize| {
            let angle = std::f64::consts::TAU * number as f64 / count;
            Image {
                mean: [radius * libm::cos(angle), radius * libm::sin(angle)],
                covariance: [variance, 0.0, variance],
            }
        };
        Self {
            images: (0..probabilities.len()).map(image).collect(),
            probabilities,
        }
    }

    /// Documents drawn from the distribution, number by number.
    pub fn sample(&self, documents: usize, rng: &mut Stream) -> Vec<f64> {
        let Some(choice) = Cumulative::new(self.probabilities.iter().copied()) else {
            return Vec::new();
        };
        let mut values = Vec::with_capacity(DIMENSION * documents);
        for _ in 0..documents {
            let caption = choice.draw(rng);
            values.push(caption as f64);
            values.extend(self.images[caption].draw(rng));
        }
        values
    }
}

impl Image {
    /// The variance of one dimension, averaged over both.
    pub fn variance(&self) -> f64 {
        0.5 * (self.covariance[0] + self.covariance[2])
    }

    /// By the Cholesky factor of the covariance.
    fn draw(&self, rng: &mut Stream) -> [f64; 2] {
        let [across, both, up] = self.covariance;
        let first = libm::sqrt(across);
        let slope = if first > 0.0 { both / first } else { 0.0 };
        let rest = libm::sqrt((up - slope * slope).max(0.0));
        let (a, b) = (rng.normal(), rng.normal());
        [
            self.mean[0] + first * a,
            self.mean[1] + slope * a + rest * b,
        ]
    }
}

impl Family for Captioned {
    type Statistic = Vec<Pile>;
    type Fitted = Captions;
    type Reference = ();

    fn kind(&self) -> ContentKind {
        ContentKind::F64 {
            dimension: DIMENSION as u32,
        }
    }

    fn statistic(&self) -> Vec<Pile> {
        vec![Pile::default(); self.truth.probabilities.len()]
    }

    fn absorb(&self, piles: &mut Vec<Pile>, content: &Content, range: Range<usize>, weight: f64) {
        let Content::F64(Numbers { values, .. }) = content else {
            return;
        };
        for document in
            values[DIMENSION * range.start..DIMENSION * range.end].chunks_exact(DIMENSION)
        {
            if let Some(pile) = piles.get_mut(document[0] as usize) {
                pile.add(&Pile::of([document[1], document[2]], weight), 1.0);
            }
        }
    }

    fn merge(&self, piles: &mut Vec<Pile>, others: &Vec<Pile>, weight: f64) {
        for (pile, other) in piles.iter_mut().zip(others) {
            pile.add(other, weight);
        }
    }

    fn fit(
        &self,
        piles: &Vec<Pile>,
        previous: Option<(&Captions, f64)>,
    ) -> Result<Captions, FitError> {
        if previous.is_some_and(|(_, rate)| rate < 1.0) {
            return Err(FitError::ColdOnly);
        }
        let total: f64 = piles.iter().map(|pile| pile.weight).sum();
        let probabilities: Vec<f64> = match self.frozen {
            Some(Half::Text) => self.truth.probabilities.clone(),
            _ => piles.iter().map(|pile| pile.weight / total).collect(),
        };
        // A text model that still asks for a caption needs images to show for it.
        let bare = |(pile, p): (&Pile, &f64)| pile.weight <= 0.0 && *p > 0.0;
        let live = self.frozen != Some(Half::Image);
        if total <= 0.0 || live && piles.iter().zip(&probabilities).any(bare) {
            return Err(FitError::TooFewDocuments {
                actual: 0,
                required: 1,
            });
        }
        let images = if live {
            piles.iter().map(Pile::image).collect()
        } else {
            self.truth.images.clone()
        };
        Ok(Captions {
            probabilities,
            images,
        })
    }

    fn sample(&self, fitted: &Captions, order: &Order, rng: &mut Stream, out: &mut Content) {
        if let Content::F64(Numbers { values, .. }) = out {
            values.extend(fitted.sample(order.documents, rng));
        }
    }

    fn reference(&self, _truth: &Truth) {}

    fn evaluate(&self, fitted: &Captions, _reference: &(), _rng: &mut Stream, out: &mut Measured) {
        let p = &fitted.probabilities;
        out.measure(Measure::GiniSimpson, || {
            1.0 - p.iter().map(|p| p * p).sum::<f64>()
        });
        out.measure(Measure::UniqueTokens, || {
            p.iter().filter(|p| **p > 0.0).count() as f64
        });
        if !out.wants(Measure::ImageVariance) {
            return;
        }
        let variety = |(p, image): (&f64, &Image)| if *p > 0.0 { image.variance() } else { 0.0 };
        let captions = p.iter().zip(&fitted.images);
        let mean = captions.clone().map(|(p, image)| p * variety((p, image)));
        out.push(Measure::ImageVariance, None, mean.sum());
        for (number, caption) in (0..).zip(captions) {
            out.push(Measure::ImageVariance, Some(number), variety(caption));
        }
    }

    fn truth(&self, truth: &Truth) -> Option<Captions> {
        match truth {
            Truth::Captioned { own } => Some(own.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
