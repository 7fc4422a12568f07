//! The truth: what real documents are drawn from, and what models are compared with.

use std::sync::Arc;

use types::content::{Content, ContentKind, Numbers};
use types::random::{Cumulative, Stream, StreamKey};

use crate::captioned::Captions;
use crate::density::Density;
use crate::discriminant::Classes;
use crate::knowledge::Question;
use crate::linear::{LinearTask, LinearTruth};

/// Where real documents come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Truth {
    /// A normal distribution with independent dimensions.
    Gaussian {
        /// Mean of each dimension.
        mean: Vec<f64>,
        /// Variance of each dimension.
        variance: Vec<f64>,
    },
    /// A density on the real line.
    Line {
        /// A mixture of normal distributions, or Student's t.
        density: Density,
    },
    /// A distribution over symbols `0..len`.
    Categorical {
        /// Probabilities, summing to 1.
        probabilities: Vec<f64>,
    },
    /// A Markov chain over the letters `a`, `b`, ...; a document is one path that starts from the stationary distribution.
    Markov {
        /// Row i holds the probabilities of the letter after letter i.
        rows: Vec<Vec<f64>>,
        /// Stationary distribution.
        stationary: Vec<f64>,
        /// Letters a document.
        letters: usize,
    },
    /// Random words, in which groups of consecutive documents begin alike.
    Templates {
        /// Documents a group.
        documents: usize,
        /// Words that the documents of a group have in common.
        shared: usize,
        /// Words of a document's own.
        own: usize,
    },
    /// Captions with images.
    Captioned {
        /// Their distribution.
        own: Captions,
    },
    /// Labelled documents of two classes.
    Classes {
        /// Their distribution.
        own: Classes,
    },
    /// Records of inputs and a label that is linear in them but for noise.
    Linear {
        /// The truth itself.
        own: LinearTruth,
        /// What models are tested on.
        tasks: Vec<LinearTask>,
        /// Mean squared error of least squares on all real data of all models, where these have one truth.
        oracle: Option<f64>,
    },
    /// Held-out text, task by task.
    Tasks {
        /// Name of each task and its held-out documents.
        tasks: Vec<(String, Content)>,
        /// Questions of each task, in the order of the tasks; empty if nobody asks.
        questions: Vec<Arc<[Question]>>,
    },
    /// Real numbers or symbols from a file, by what they say of the truth.
    Sample {
        /// All of them.
        content: Content,
    },
}

impl Truth {
    /// The same truth in the replicate whose designs come from `key`.
    #[must_use]
    pub fn in_replicate(&self, key: StreamKey) -> Self {
        let mut truth = self.clone();
        if let Self::Linear { own, .. } = &mut truth {
            own.design = own.design.in_replicate(key);
        }
        truth
    }

    /// Draws `documents` real documents for a holder (`None`: everybody), to whom their inputs may belong. Text tasks have none
    /// to draw: their documents are given.
    pub fn sample(
        &self,
        (kind, holder): (ContentKind, Option<u32>),
        documents: usize,
        rng: &mut Stream,
    ) -> Content {
        let mut content = Content::empty(kind);
        match self {
            Self::Gaussian { mean, variance } => {
                let sd: Vec<f64> = variance.iter().map(|v| libm::sqrt(*v)).collect();
                let count = documents * mean.len();
                push_numbers(
                    &mut content,
                    (0..count).map(|i| {
                        let axis = i % mean.len();
                        mean[axis] + sd[axis] * rng.normal()
                    }),
                );
            }
            Self::Line { density } => {
                push_numbers(&mut content, density.draw(documents, rng).into_iter());
            }
            Self::Captioned { own } => {
                push_numbers(&mut content, own.sample(documents, rng).into_iter());
            }
            Self::Classes { own } => {
                push_numbers(&mut content, own.sample(documents, 1.0, rng).into_iter());
            }
            Self::Linear { own, .. } => {
                push_numbers(&mut content, own.sample(documents, holder, rng).into_iter());
            }
            Self::Categorical { probabilities } => {
                if let (Content::Symbols { symbols, .. }, Some(choice)) =
                    (&mut content, Cumulative::new(probabilities.iter().copied()))
                {
                    symbols.extend((0..documents).map(|_| choice.draw(rng) as u32));
                }
            }
            Self::Markov {
                rows,
                stationary,
                letters,
            } => {
                let rows: Vec<_> = rows
                    .iter()
                    .map(|row| Cumulative::new(row.iter().copied()))
                    .collect();
                for _ in 0..documents {
                    content.push_text(&path(&rows, stationary, *letters, rng));
                }
            }
            Self::Templates {
                documents: alike,
                shared,
                own,
            } => {
                for text in templates(documents, *alike, (*shared, *own), rng) {
                    content.push_text(&text);
                }
            }
            Self::Sample { content: all } => {
                let positions: Vec<u32> = (0..documents)
                    .map(|_| rng.below(all.len() as u32))
                    .collect();
                content.gather(all, &positions);
            }
            Self::Tasks { .. } => {}
        }
        content
    }
}

/// Texts of random words, of which every group of so many begins alike.
fn templates(
    documents: usize,
    alike: usize,
    (shared, own): (usize, usize),
    rng: &mut Stream,
) -> Vec<Vec<u8>> {
    let mut template = Vec::new();
    let text = |document: usize| {
        if document.is_multiple_of(alike) {
            template = words(shared, rng);
        }
        [template.clone(), words(own, rng)].concat()
    };
    (0..documents).map(text).collect()
}

/// Random words of eight letters, each with a space behind it.
fn words(count: usize, rng: &mut Stream) -> Vec<u8> {
    let letter = |i| match i % 9 {
        8 => b' ',
        _ => b'a' + rng.below(26) as u8,
    };
    (0..9 * count).map(letter).collect()
}

fn path(
    rows: &[Option<Cumulative>],
    stationary: &[f64],
    letters: usize,
    rng: &mut Stream,
) -> Vec<u8> {
    let mut state = Cumulative::new(stationary.iter().copied()).map_or(0, |start| start.draw(rng));
    let mut text = Vec::with_capacity(letters);
    for _ in 0..letters {
        text.push(b'a' + state as u8);
        state = rows[state].as_ref().map_or(state, |row| row.draw(rng));
    }
    text
}

fn push_numbers(content: &mut Content, values: impl Iterator<Item = f64>) {
    match content {
        Content::F32(Numbers { values: all, .. }) => all.extend(values.map(|x| x as f32)),
        Content::F64(Numbers { values: all, .. }) => all.extend(values),
        Content::Symbols { .. } | Content::Text { .. } => {}
    }
}

/// Zipf's law on ranks `1..=symbols`: p_r proportional to r^-exponent (Zipf 1935).
pub fn zipf(symbols: usize, exponent: f64) -> Vec<f64> {
    normalised(
        (1..=symbols)
            .map(|rank| libm::pow(rank as f64, -exponent))
            .collect(),
    )
}

/// A random Markov chain over `letters` letters: every row is a draw from a symmetric Dirichlet distribution.
///
/// Gives the rows and the stationary distribution.
pub fn random_markov(
    letters: usize,
    concentration: f64,
    rng: &mut Stream,
) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut row = || normalised((0..letters).map(|_| rng.gamma(concentration)).collect());
    let rows: Vec<Vec<f64>> = (0..letters).map(|_| row()).collect();
    let mut stationary = vec![1.0 / letters as f64; letters];
    // The chain is irreducible with probability one; ten thousand steps reach the fixed point to rounding.
    for _ in 0..10_000 {
        let next = |j: usize| {
            (0..letters)
                .map(|i| stationary[i] * rows[i][j])
                .sum::<f64>()
        };
        stationary = normalised((0..letters).map(next).collect());
    }
    (rows, stationary)
}

/// Scales weights so that they sum to 1.
pub fn normalised(mut weights: Vec<f64>) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    for weight in &mut weights {
        *weight /= total;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::random::{Purpose, Seed};

    #[test]
    fn the_stationary_distribution_is_a_fixed_point() {
        let mut rng = Seed(4).key(0, Purpose::Distribution).stream(0, 0);
        let (rows, stationary) = random_markov(20, 0.2, &mut rng);
        for j in 0..20 {
            let next: f64 = (0..20).map(|i| stationary[i] * rows[i][j]).sum();
            assert!((next - stationary[j]).abs() < 1e-12);
        }
    }

    #[test]
    fn zipf_falls_as_a_power() {
        let p = zipf(1000, 1.0);
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((p[0] / p[9] - 10.0).abs() < 1e-9);
    }
}
