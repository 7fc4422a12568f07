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

/// Parameters large enough for every part of the network to matter.
fn parameters(shape: &Shape, rng: &mut Stream) -> Parameters {
    let mut parameters = Parameters::zero(shape);
    for value in &mut parameters.values {
        *value = (0.4 * rng.normal()) as f32;
    }
    parameters
}

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

/// The loss changes along the gradient as the gradient says, tensor by tensor.
#[test]
fn gradients_are_those_of_finite_differences() {
    let (shape, mut rng) = (tiny(), stream());
    let (start, batch) = (parameters(&shape, &mut rng), batch(&shape, 3, &mut rng));
    let mut network = Network::new(shape, Compute::Exact);
    let mut gradients = Parameters::zero(&shape);
    let mut unused = Parameters::zero(&shape);
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
            assert!(
                (slope - gradient).abs() < 2e-4 + 1e-3 * gradient.abs(),
                "{tensor:?} {place}: {slope} {gradient}"
            );
        }
    }
}
