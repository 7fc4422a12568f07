//! A detector of synthetic text that is learnt from examples.
//!
//! Logistic regression (Berkson 1944) on hashed words and trigrams stands for the fine-tuned networks of studies of language
//! models, such as Drayson et al. (2025): a cheap detector of which nothing is known but its training set.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::similarity::hashes;

/// How a detector is learnt.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// Documents of each kind that it learns from. As many more real ones set its threshold.
    pub documents: usize,
    /// Share of these that it may take for synthetic.
    pub false_positive_rate: f64,
    /// Steps of gradient descent.
    pub steps: usize,
    /// Half of it times the square of the weights is added to the mean loss.
    pub penalty: f64,
}

/// A detector that has learnt from examples.
#[derive(Debug, Clone, PartialEq)]
pub struct Recogniser {
    weights: Vec<f64>,
    threshold: f64,
}

/// Length of the vector that stands for a document.
const DIMENSION: usize = 1 << 14;

/// Steepest slope of the gradient of the mean loss: that of the logistic function is 1/4, and vectors have length 1, the
/// constant beside them 1 more.
const SLOPE_MAX: f64 = 0.5;

/// What stands for a document: places in ascending order, with values whose squares sum to 1.
#[derive(Debug, Clone, PartialEq)]
struct Features(Vec<(u32, f64)>);

impl Features {
    /// The square roots of the counts of words and trigrams, as in [`crate::embedding`], over their length. So the length of a
    /// document does not show: models end documents where they run out of context, which would give them away.
    fn of(text: &[u8]) -> Self {
        let mut sums: Vec<(u32, f64)> = Vec::new();
        let mut hashes = hashes(text);
        hashes.sort_unstable_by_key(|hash| (place(*hash), *hash));
        for run in hashes.chunk_by(|a, b| a == b) {
            let sign = if run[0] >> 63 == 0 { 1.0 } else { -1.0 };
            let value = sign * (run.len() as f64).sqrt();
            match sums.last_mut() {
                Some((last, sum)) if *last == place(run[0]) => *sum += value,
                _ => sums.push((place(run[0]), value)),
            }
        }
        let length = sums.iter().map(|(_, sum)| sum * sum).sum::<f64>().sqrt();
        if length > 0.0 {
            for (_, sum) in &mut sums {
                *sum /= length;
            }
        }
        Self(sums)
    }

    /// The log-odds under these weights, of which the last is the constant.
    fn score(&self, weights: &[f64]) -> f64 {
        let terms = self.0.iter();
        let sum: f64 = terms
            .map(|&(place, value)| value * weights[place as usize])
            .sum();
        sum + weights[DIMENSION]
    }
}

fn place(hash: u64) -> u32 {
    (hash % DIMENSION as u64) as u32
}

impl Recogniser {
    /// Learns from `human` and `machine`, and sets the threshold by other documents of people, `held_back`: no more than the
    /// share of them that the lesson allows scores above it. Of none nothing is learnt, and nothing rejected.
    pub fn learn<'a>(
        lesson: &Lesson,
        (human, machine): (&[&'a [u8]], &[&'a [u8]]),
        held_back: &[&'a [u8]],
    ) -> Self {
        let examples = |texts: &[&[u8]], label| {
            let features = texts.iter().map(|text| Features::of(text));
            features.map(|one| (one, label)).collect::<Vec<_>>()
        };
        let mut list = examples(human, 0.0);
        list.extend(examples(machine, 1.0));
        let weights = descend(&list, lesson);
        let scores = held_back
            .iter()
            .map(|text| Features::of(text).score(&weights));
        Self {
            threshold: threshold(scores.collect(), lesson.false_positive_rate),
            weights,
        }
    }

    /// True if it takes a document for one that people wrote.
    pub fn keeps(&self, text: &[u8]) -> bool {
        self.score(text) <= self.threshold
    }

    /// The log-odds that a document is synthetic, as far as it knows.
    pub fn score(&self, text: &[u8]) -> f64 {
        Features::of(text).score(&self.weights)
    }
}

/// The greatest score but so many: ties stay.
fn threshold(mut scores: Vec<f64>, rate: f64) -> f64 {
    scores.sort_unstable_by(|a, b| b.total_cmp(a));
    let above = (rate * scores.len() as f64) as usize;
    match scores.get(above) {
        Some(&score) => score,
        None if scores.is_empty() => f64::INFINITY,
        None => f64::NEG_INFINITY,
    }
}

/// Weights after so many accelerated steps from zero (Nesterov 1983), each on all examples in their order.
fn descend(examples: &[(Features, f64)], lesson: &Lesson) -> Vec<f64> {
    let rate = 1.0 / (SLOPE_MAX + lesson.penalty);
    let mut weights = vec![0.0; DIMENSION + 1];
    let mut ahead = weights.clone();
    for step in 0..lesson.steps {
        let slope = gradient(examples, &ahead, lesson.penalty);
        let inertia = step as f64 / (step as f64 + 3.0);
        for ((weight, ahead), slope) in weights.iter_mut().zip(&mut ahead).zip(slope) {
            let new = *ahead - rate * slope;
            *ahead = new + inertia * (new - *weight);
            *weight = new;
        }
    }
    weights
}

/// Of the mean loss and the penalty, which leaves the constant alone.
fn gradient(examples: &[(Features, f64)], weights: &[f64], penalty: f64) -> Vec<f64> {
    let mut slope: Vec<f64> = weights.iter().map(|weight| penalty * weight).collect();
    slope[DIMENSION] = 0.0;
    for (features, label) in examples {
        let probability = 1.0 / (1.0 + libm::exp(-features.score(weights)));
        let error = (probability - label) / examples.len() as f64;
        for &(place, value) in &features.0 {
            slope[place as usize] += error * value;
        }
        slope[DIMENSION] += error;
    }
    slope
}
