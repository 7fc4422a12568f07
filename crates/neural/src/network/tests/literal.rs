//! The network as its definition says, token by token in double precision.

use crate::{Parameters, Shape, Tensor};

struct Literal<'a> {
    shape: &'a Shape,
    parameters: &'a Parameters,
}

impl Literal<'_> {
    fn numbers(&self, tensor: Tensor) -> Vec<f64> {
        let numbers = self.parameters.tensor(self.shape, tensor);
        numbers.iter().map(|&number| f64::from(number)).collect()
    }

    fn times(&self, tensor: Tensor, x: &[f64]) -> Vec<f64> {
        let dot = |row: &[f64]| row.iter().zip(x).map(|(w, x)| w * x).sum();
        self.numbers(tensor).chunks(x.len()).map(dot).collect()
    }

    fn norm(&self, tensor: Tensor, x: &[f64]) -> Vec<f64> {
        let mean = x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64;
        let root = (mean + f64::from(self.shape.norm_epsilon)).sqrt();
        let gains = self.numbers(tensor);
        x.iter()
            .zip(gains)
            .map(|(x, gain)| x / root * gain)
            .collect()
    }

    fn turn(&self, heads: &mut [f64], position: usize) {
        let width = self.shape.head_width();
        for head in heads.chunks_mut(width) {
            for (pair, numbers) in head.chunks_mut(2).enumerate() {
                let exponent = -2.0 * pair as f64 / width as f64;
                let angle = position as f64 * f64::from(self.shape.rope_base).powf(exponent);
                let (a, b) = (numbers[0], numbers[1]);
                numbers[0] = a * angle.cos() - b * angle.sin();
                numbers[1] = a * angle.sin() + b * angle.cos();
            }
        }
    }

    /// What all heads say at the last of some positions.
    fn attend(&self, query: &[f64], keys: &[Vec<f64>], values: &[Vec<f64>]) -> Vec<f64> {
        let (width, group) = (
            self.shape.head_width(),
            self.shape.heads / self.shape.kv_heads,
        );
        let mut said = Vec::new();
        for head in 0..self.shape.heads {
            let query = &query[head * width..][..width];
            let place = head / group * width..(head / group + 1) * width;
            let score = |key: &Vec<f64>| {
                let products = query.iter().zip(&key[place.clone()]).map(|(a, b)| a * b);
                (products.sum::<f64>() / (width as f64).sqrt()).exp()
            };
            let scores: Vec<f64> = keys.iter().map(score).collect();
            let total: f64 = scores.iter().sum();
            said.extend(place.clone().map(|n| {
                let terms = scores
                    .iter()
                    .zip(values)
                    .map(|(score, value)| score * value[n]);
                terms.sum::<f64>() / total
            }));
        }
        said
    }

    fn layer(&self, layer: usize, row: &mut [Vec<f64>]) {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for (position, x) in row.iter_mut().enumerate() {
            let normed = self.norm(Tensor::AttentionNorm(layer), x);
            let mut query = self.times(Tensor::Query(layer), &normed);
            let mut key = self.times(Tensor::Key(layer), &normed);
            self.turn(&mut query, position);
            self.turn(&mut key, position);
            keys.push(key);
            values.push(self.times(Tensor::Value(layer), &normed));
            let said = self.attend(&query, &keys, &values);
            add(x, &self.times(Tensor::Output(layer), &said));
            let normed = self.norm(Tensor::BlockNorm(layer), x);
            let gates = self.times(Tensor::Gate(layer), &normed);
            let ups = self.times(Tensor::Up(layer), &normed);
            let silu = |x: f64| x / (1.0 + (-x).exp());
            let gated: Vec<f64> = gates
                .iter()
                .zip(&ups)
                .map(|(&gate, up)| silu(gate) * up)
                .collect();
            add(x, &self.times(Tensor::Down(layer), &gated));
        }
    }
}

fn add(x: &mut [f64], change: &[f64]) {
    x.iter_mut()
        .zip(change)
        .for_each(|(x, change)| *x += change);
}

/// ln p of every token at every position of a row.
pub(super) fn logarithms(shape: &Shape, parameters: &Parameters, tokens: &[u32]) -> Vec<Vec<f64>> {
    let literal = Literal { shape, parameters };
    let embedding = literal.numbers(Tensor::Embedding);
    let vector = |&token: &u32| embedding[token as usize * shape.width..][..shape.width].to_vec();
    let mut row: Vec<Vec<f64>> = tokens.iter().map(vector).collect();
    for layer in 0..shape.layers {
        literal.layer(layer, &mut row);
    }
    let logarithms = |x: &Vec<f64>| {
        let logits = literal.times(Tensor::Embedding, &literal.norm(Tensor::FinalNorm, x));
        let total = logits.iter().map(|logit| logit.exp()).sum::<f64>().ln();
        logits.iter().map(|logit| logit - total).collect()
    };
    row.iter().map(logarithms).collect()
}
