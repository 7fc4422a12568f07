//! What a network is trained on: documents in tokens.

use types::content::Content;

use crate::rows::{alone, batch};
use crate::{Example, Network, Parameters, Tokenizer};

/// Rows that are evaluated together.
const ROWS: usize = 64;

/// Documents in tokens, each with a weight. For a network no smaller statistic is sufficient.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Examples {
    pub(crate) list: Vec<Example>,
}

impl Examples {
    /// Adds a document, between the tokens that begin and end one.
    pub(crate) fn push(
        &mut self,
        tokenizer: &Tokenizer,
        (content, index): (&Content, usize),
        weight: f64,
    ) {
        let (prompt, own) = content.text(index).split_at(content.given(index));
        let mut tokens = vec![tokenizer.beginning()];
        tokenizer.encode(prompt, &mut tokens);
        let given = tokens.len();
        tokenizer.encode(own, &mut tokens);
        tokens.push(tokenizer.end());
        self.list.push(Example {
            tokens,
            given,
            weight: weight as f32,
        });
    }

    /// Adds tokens of which the first `given` are context.
    pub(crate) fn continuation(&mut self, tokens: Vec<u32>, given: usize) {
        self.list.push(Example {
            tokens,
            given,
            weight: 1.0,
        });
    }

    /// Adds what is in another set, each weight multiplied by `weight`.
    pub(crate) fn merge(&mut self, other: &Self, weight: f64) {
        if weight <= 0.0 {
            return;
        }
        self.list.extend(other.list.iter().map(|example| Example {
            weight: example.weight * weight as f32,
            ..example.clone()
        }));
    }

    /// Of each document, the sum of ln p(token | what is before it) over the tokens that its author wrote, and their number. Each
    /// is read by itself.
    pub(crate) fn log_probabilities(
        &self,
        network: &mut Network,
        parameters: &Parameters,
    ) -> Vec<(f64, usize)> {
        let mut sums = vec![(0.0, 0); self.list.len()];
        let rows = alone(&self.list, network.shape().context);
        for some in rows.chunks(ROWS) {
            let batch = batch(&self.list, some);
            let found = network.log_probabilities(parameters, &batch);
            let values = found
                .chunks(batch.length)
                .zip(batch.weights.chunks(batch.length));
            for (row, (found, weights)) in some.iter().zip(values) {
                let Some(example) = row.first_example() else {
                    continue;
                };
                for (ln, _) in found
                    .iter()
                    .zip(weights)
                    .filter(|(_, weight)| **weight > 0.0)
                {
                    sums[example].0 += f64::from(*ln);
                    sums[example].1 += 1;
                }
            }
        }
        sums
    }
}
