//! Rounds of expectation maximisation.

use ndarray::{Array1, Array2};

use super::{Component, Covariance, Gmm};
use crate::cholesky::{log_determinant, lower};
use crate::eigen::at_least;
use crate::points::Points;

/// A fit ends when a round gains less than this, in nats a document.
const GAIN_MIN: f64 = 1e-9;

/// A component with a smaller share of the documents is dropped.
const SHARE_MIN: f64 = 1e-12;

/// A covariance is positive definite even where all points are one.
const FLOOR_MIN: f64 = 1e-300;

/// Half of ln(2 pi).
const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_7;

/// Points, and how a mixture is fitted to them.
pub(super) struct Em<'a> {
    family: &'a Gmm,
    points: &'a Points,
    total: f64,
    /// Least eigenvalue of a covariance.
    pub(super) floor: f64,
}

/// A component, ready to be evaluated.
struct Prepared<'a> {
    component: &'a Component,
    factor: Array2<f64>,
    /// The logarithm of weight times density at the mean.
    peak: f64,
}

/// What is expected of a component's documents: their weight, and their moments around the component's mean.
struct Expected {
    weight: f64,
    first: Array1<f64>,
    second: Array2<f64>,
}

impl<'a> Em<'a> {
    pub(super) fn new(family: &'a Gmm, points: &'a Points) -> Self {
        let (_, variance) = points.moments();
        let mean = variance.iter().sum::<f64>() / points.dimension as f64;
        Self {
            family,
            points,
            total: points.total(),
            floor: (family.variance_floor * mean).max(FLOOR_MIN),
        }
    }

    /// Rounds until one gains next to nothing. Components keep their places; one that is dropped has weight zero.
    pub(super) fn run(&self, mut components: Vec<Component>) -> Vec<Component> {
        let mut before = f64::NEG_INFINITY;
        for _ in 0..self.family.iterations_max {
            let (expected, likelihood) = self.expect(&components);
            if likelihood - before < GAIN_MIN * self.total {
                break;
            }
            before = likelihood;
            components = self.maximise(&components, expected);
        }
        components
    }

    /// The expected documents of every component, and the logarithm of the likelihood.
    fn expect(&self, components: &[Component]) -> (Vec<Expected>, f64) {
        let d = self.points.dimension;
        let prepared: Vec<Prepared<'_>> = components.iter().map(Prepared::new).collect();
        let mut expected: Vec<Expected> = components.iter().map(|_| Expected::new(d)).collect();
        let mut terms = vec![0.0; components.len()];
        let (mut scratch, mut likelihood) = (vec![0.0; d], 0.0);
        for (point, weight) in self.points.iter() {
            for (term, part) in terms.iter_mut().zip(&prepared) {
                *term = part.ln(point, &mut scratch);
            }
            let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = terms.iter().map(|term| libm::exp(term - largest)).sum();
            likelihood += weight * (largest + libm::log(sum));
            for ((term, part), into) in terms.iter().zip(components).zip(&mut expected) {
                let share = libm::exp(term - largest) / sum;
                if share > 0.0 {
                    into.add(point, part, weight * share);
                }
            }
        }
        (expected, likelihood)
    }

    fn maximise(&self, old: &[Component], expected: Vec<Expected>) -> Vec<Component> {
        let kept = |weight: f64| weight > SHARE_MIN * self.total;
        let total: f64 = expected
            .iter()
            .map(|part| part.weight)
            .filter(|&weight| kept(weight))
            .sum();
        let component = |(old, expected): (&Component, Expected)| {
            if kept(expected.weight) {
                self.fitted(old, &expected, total)
            } else {
                Component {
                    weight: 0.0,
                    ..old.clone()
                }
            }
        };
        old.iter().zip(expected).map(component).collect()
    }

    fn fitted(&self, old: &Component, expected: &Expected, total: f64) -> Component {
        let shift = &expected.first / expected.weight;
        let mut covariance = &expected.second / expected.weight;
        for ((i, j), entry) in covariance.indexed_iter_mut() {
            *entry -= shift[i] * shift[j];
            if i != j && self.family.covariance == Covariance::Diagonal {
                *entry = 0.0;
            }
        }
        Component {
            weight: expected.weight / total,
            mean: &old.mean + &shift,
            covariance: at_least(covariance, self.floor),
        }
    }
}

impl<'a> Prepared<'a> {
    fn new(component: &'a Component) -> Self {
        let factor = lower(&component.covariance);
        let d = component.mean.len() as f64;
        let peak = libm::log(component.weight) - d * HALF_LOG_TAU - 0.5 * log_determinant(&factor);
        Self {
            component,
            factor,
            peak,
        }
    }

    /// The logarithm of weight times density at `x`.
    fn ln(&self, x: &[f64], scratch: &mut [f64]) -> f64 {
        // Before the logarithm of a weight of zero meets an infinite one of a determinant.
        if self.component.weight <= 0.0 {
            return f64::NEG_INFINITY;
        }
        let mut squares = 0.0;
        for i in 0..x.len() {
            let known: f64 = (0..i).map(|k| self.factor[(i, k)] * scratch[k]).sum();
            scratch[i] = (x[i] - self.component.mean[i] - known) / self.factor[(i, i)];
            squares += scratch[i] * scratch[i];
        }
        self.peak - 0.5 * squares
    }
}

impl Expected {
    fn new(dimension: usize) -> Self {
        Self {
            weight: 0.0,
            first: Array1::zeros(dimension),
            second: Array2::zeros((dimension, dimension)),
        }
    }

    fn add(&mut self, x: &[f64], around: &Component, weight: f64) {
        self.weight += weight;
        for (i, &number) in x.iter().enumerate() {
            let delta = number - around.mean[i];
            self.first[i] += weight * delta;
            for (j, &other) in x.iter().enumerate().take(i + 1) {
                let product = weight * delta * (other - around.mean[j]);
                self.second[(i, j)] += product;
                if i != j {
                    self.second[(j, i)] += product;
                }
            }
        }
    }
}

/// Old and new components, place by place, mixed in mean parameters: weight, weight times mean, weight times second moment.
pub(super) fn mixed(old: &[Component], new: Vec<Component>, rate: f64) -> Vec<Component> {
    let component = |(old, new): (&Component, Component)| {
        let weights = [(1.0 - rate) * old.weight, rate * new.weight];
        let weight = weights[0] + weights[1];
        let share = weights[1] / weight;
        let delta = &new.mean - &old.mean;
        let mut covariance = &old.covariance * (1.0 - share) + &new.covariance * share;
        for ((i, j), entry) in covariance.indexed_iter_mut() {
            *entry += share * (1.0 - share) * delta[i] * delta[j];
        }
        Component {
            weight,
            mean: &old.mean + &(&delta * share),
            covariance,
        }
    };
    old.iter().zip(new).map(component).collect()
}

#[cfg(test)]
impl Em<'_> {
    /// The logarithm of the likelihood before each round.
    pub(super) fn likelihoods(&self, mut components: Vec<Component>, rounds: usize) -> Vec<f64> {
        let mut all = Vec::new();
        for _ in 0..rounds {
            let (expected, likelihood) = self.expect(&components);
            all.push(likelihood);
            components = self.maximise(&components, expected);
        }
        all
    }
}
