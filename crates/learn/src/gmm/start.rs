//! Where a fit from nothing begins.

use ndarray::{Array1, Array2};
use types::random::{Cumulative, Purpose, Seed, Stream};

use super::Component;
use crate::points::Points;

/// The seed of the starting draws. No scenario may have it: theirs end at 2^63 - 1.
const START: Seed = Seed(0x8000_0000_676d_6d00);

/// Centres by k-means++: the first by weight, each other by weight times the squared distance from the nearest centre so far
/// (Arthur and Vassilvitskii 2007). Every component begins with the share of the points that are nearest to it and with the
/// variances around the nearest centres of all points together.
pub(super) fn centres(points: &Points, count: usize, floor: f64) -> Vec<Component> {
    let mut rng: Stream = START.key(0, Purpose::Distribution).stream(0, 0);
    let mut nearest = vec![(f64::INFINITY, 0); points.len()];
    let mut centres: Vec<&[f64]> = Vec::new();
    while centres.len() < count {
        let pull = nearest.iter().zip(&points.weights).map(|(near, weight)| {
            if centres.is_empty() {
                *weight
            } else {
                weight * near.0
            }
        });
        let Some(choice) = Cumulative::new(pull) else {
            break;
        };
        let start = choice.draw(&mut rng) * points.dimension;
        let centre = &points.values[start..start + points.dimension];
        for ((point, _), near) in points.iter().zip(&mut nearest) {
            let distance = squared_distance(point, centre);
            if distance < near.0 {
                *near = (distance, centres.len());
            }
        }
        centres.push(centre);
    }
    let variances = variances(points, &centres, &nearest, floor);
    let shares = shares(points, centres.len(), &nearest);
    let component = |(centre, share): (&&[f64], f64)| Component {
        weight: share,
        mean: Array1::from(centre.to_vec()),
        covariance: Array2::from_diag(&variances),
    };
    centres.iter().zip(shares).map(component).collect()
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Squared distance of each point from the nearest centre, and the number of that centre.
type Nearest = [(f64, usize)];

fn variances(points: &Points, centres: &[&[f64]], nearest: &Nearest, floor: f64) -> Array1<f64> {
    let mut sums = Array1::zeros(points.dimension);
    for ((point, weight), near) in points.iter().zip(nearest) {
        for ((sum, x), centre) in sums.iter_mut().zip(point).zip(centres[near.1]) {
            *sum += weight * (x - centre) * (x - centre);
        }
    }
    let total = points.total();
    sums.mapv(|sum: f64| (sum / total).max(floor))
}

fn shares(points: &Points, count: usize, nearest: &Nearest) -> Vec<f64> {
    let mut shares = vec![0.0; count];
    for (weight, near) in points.weights.iter().zip(nearest) {
        shares[near.1] += weight;
    }
    crate::truth::normalised(shares)
}
