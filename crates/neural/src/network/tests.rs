mod literal;

use super::*;
use types::random::{Purpose, Seed, Stream};

fn stream() -> Stream {
    Seed(5).key(0, Purpose::Sample).stream(0, 0)
}

/// A tiny network with everything that could go wrong: groups of heads, odd sizes.
fn tiny() -> Shape {
    Shape {
        vocabulary: 13,
        context: 7,
        width: 12,
        layers: 2,
        heads: 6,
        kv_heads: 3,
        hidden: 10,
        rope_base: 100.0,
        norm_epsilon: 1e-5,
    }
}

/// One with rows longer than a block of queries, and vectors as wide as those of the processor.
fn longer() -> Shape {
    Shape {
        vocabulary: 70,
        context: 75,
        width: 64,
        layers: 1,
        heads: 4,
        kv_heads: 2,
        hidden: 33,
        ..tiny()
    }
}

/// Parameters large enough for every part of the network to matter.
fn parameters(shape: &Shape, rng: &mut Stream) -> Parameters {
    let mut parameters = Parameters::zero(shape);
    for value in &mut parameters.values {
        *value = (1.4 / (shape.width as f64).sqrt() * rng.normal()) as f32;
    }
    parameters
}

/// Random tokens; two of three positions matter.
fn batch(shape: &Shape, rows: usize, rng: &mut Stream) -> Batch {
    let mut token = || rng.below(shape.vocabulary as u32);
    let size = rows * shape.context;
    Batch {
        rows,
        length: shape.context,
        tokens: (0..size).map(|_| token()).collect(),
        targets: (0..size).map(|_| token()).collect(),
        weights: (0..size).map(|n| [1.0, 0.0, 2.5][n % 3]).collect(),
    }
}

/// The loss changes with every number as the gradient says.
#[test]
fn gradients_are_those_of_finite_differences() {
    let (shape, mut rng) = (tiny(), stream());
    let (start, batch) = (parameters(&shape, &mut rng), batch(&shape, 3, &mut rng));
    let (mut gradients, mut unused) = (Parameters::zero(&shape), Parameters::zero(&shape));
    for compute in [Compute::Exact, Compute::Fast] {
        let mut network = Network::new(shape, compute);
        // What was there before does not matter.
        gradients.values.fill(f32::NAN);
        network.gradients(&start, &batch, &mut gradients);
        for tensor in Tensor::all(&shape) {
            for place in tensor.range(&shape) {
                let mut loss = |step: f32| {
                    let mut moved = start.clone();
                    moved.values[place] += step;
                    network.gradients(&moved, &batch, &mut unused)
                };
                let slope = (loss(4e-3) - loss(-4e-3)) / 8e-3;
                let gradient = f64::from(gradients.values[place]);
                // Third derivatives times the step squared, and rounding of the loss divided by the step.
                assert!(
                    (slope - gradient).abs() < 2e-4 + 1e-3 * gradient.abs(),
                    "{tensor:?} {place}: {slope} {gradient}"
                );
            }
        }
    }
}

/// Along the whole gradient the loss falls as the gradient says, where blocks and panels are many.
#[test]
fn gradients_hold_over_many_blocks() {
    let (shape, mut rng) = (longer(), stream());
    let (start, batch) = (parameters(&shape, &mut rng), batch(&shape, 9, &mut rng));
    let (mut gradients, mut unused) = (Parameters::zero(&shape), Parameters::zero(&shape));
    let mut network = Network::new(shape, Compute::Exact);
    network.gradients(&start, &batch, &mut gradients);
    for tensor in Tensor::all(&shape) {
        let range = tensor.range(&shape);
        let squares = |sum, &g: &f32| sum + f64::from(g) * f64::from(g);
        let norm = gradients.values[range.clone()]
            .iter()
            .fold(0.0, squares)
            .sqrt();
        let mut loss = |step: f64| {
            let mut moved = start.clone();
            for place in range.clone() {
                moved.values[place] += (step / norm * f64::from(gradients.values[place])) as f32;
            }
            network.gradients(&moved, &batch, &mut unused)
        };
        let slope = (loss(1e-2) - loss(-1e-2)) / 2e-2;
        assert!(
            (slope - norm).abs() < 2e-3 * norm + 1e-5,
            "{tensor:?}: {slope} {norm}"
        );
    }
}

/// Errors of single precision, after some hundred operations on numbers around one.
#[test]
fn probabilities_are_those_of_the_definition() {
    for shape in [tiny(), longer()] {
        let mut rng = stream();
        let (parameters, batch) = (parameters(&shape, &mut rng), batch(&shape, 9, &mut rng));
        for compute in [Compute::Exact, Compute::Fast] {
            let mut network = Network::new(shape, compute);
            let found = network.log_probabilities(&parameters, &batch);
            let rows = batch.tokens.chunks(shape.context);
            let truth = rows.flat_map(|row| literal::logarithms(&shape, &parameters, row));
            for (position, truth) in truth.enumerate() {
                let truth = match batch.weights[position] {
                    0.0 => 0.0,
                    _ => truth[batch.targets[position] as usize],
                };
                assert!(
                    (f64::from(found[position]) - truth).abs() < 2e-5,
                    "{position}"
                );
            }
        }
    }
}

/// However many rows go through together: the loss of a batch is the mean over its rows.
#[test]
fn a_batch_is_the_sum_of_its_rows() {
    let (shape, mut rng) = (longer(), stream());
    let (parameters, whole) = (parameters(&shape, &mut rng), batch(&shape, 9, &mut rng));
    let mut network = Network::new(shape, Compute::Exact);
    let mut gradients = Parameters::zero(&shape);
    let loss = network.gradients(&parameters, &whole, &mut gradients);
    let logarithms = network.log_probabilities(&parameters, &whole);
    let terms = logarithms.iter().zip(&whole.weights);
    let sum: f64 = terms
        .map(|(&ln, &weight)| f64::from(ln) * f64::from(weight))
        .sum();
    let total: f64 = whole.weights.iter().map(|&weight| f64::from(weight)).sum();
    assert!((loss + sum / total).abs() < 1e-6);
    let length = shape.context;
    for row in 0..whole.rows {
        let range = row * length..(row + 1) * length;
        let single = Batch {
            rows: 1,
            length,
            tokens: whole.tokens[range.clone()].to_vec(),
            targets: whole.targets[range.clone()].to_vec(),
            weights: whole.weights[range.clone()].to_vec(),
        };
        let alone = network.log_probabilities(&parameters, &single);
        assert_eq!(alone, logarithms[range]);
    }
}

/// A position sees itself and what is before it.
#[test]
fn later_tokens_change_nothing() {
    let (shape, mut rng) = (longer(), stream());
    let (parameters, mut batch) = (parameters(&shape, &mut rng), batch(&shape, 1, &mut rng));
    let mut network = Network::new(shape, Compute::Exact);
    let before = network.log_probabilities(&parameters, &batch);
    let changed = 41;
    batch.tokens[changed] = (batch.tokens[changed] + 1) % shape.vocabulary as u32;
    let after = network.log_probabilities(&parameters, &batch);
    assert_eq!(before[..changed], after[..changed]);
    assert!(before[changed + 1..] != after[changed + 1..]);
}

#[test]
fn a_batch_without_weight_has_no_loss() {
    let (shape, mut rng) = (tiny(), stream());
    let (parameters, mut batch) = (parameters(&shape, &mut rng), batch(&shape, 2, &mut rng));
    batch.weights.fill(0.0);
    let mut gradients = parameters.clone();
    let mut network = Network::new(shape, Compute::Exact);
    assert_eq!(network.gradients(&parameters, &batch, &mut gradients), 0.0);
    assert!(gradients.values.iter().all(|&gradient| gradient == 0.0));
}
