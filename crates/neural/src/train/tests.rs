use super::*;
use crate::{AdamW, Compute, Decay, Shape, Simd, limit_simd};
use types::random::{Purpose, Seed};

const SHAPE: Shape = Shape {
    vocabulary: 40,
    context: 24,
    width: 32,
    layers: 2,
    heads: 4,
    kv_heads: 2,
    hidden: 48,
    rope_base: 1e4,
    norm_epsilon: 1e-5,
};

fn stream(id: u32) -> Stream {
    Seed(9).key(0, Purpose::Sample).stream(id, 0)
}

fn course(steps: u32, rate: f64) -> Course {
    Course {
        length: Length::Steps(steps),
        batch: 4,
        rate,
        warmup: 0.1,
        decay: Decay::Cosine,
        optimiser: AdamW::default(),
    }
}

/// Random examples of different lengths; token 0 begins each.
fn examples(count: usize, rng: &mut Stream) -> Vec<Example> {
    let example = |n: usize| Example {
        tokens: (0..8 + n % 20)
            .map(|place| if place == 0 { 0 } else { 1 + rng.below(39) })
            .collect(),
        given: 4,
        weight: 1.0,
    };
    (0..count).map(example).collect()
}

fn trained(compute: Compute, course: &Course, count: usize) -> Result<Parameters, TrainError> {
    let (mut network, mut rng) = (Network::new(SHAPE, compute), stream(1));
    let start = Parameters::random(&SHAPE, &mut rng);
    let examples = examples(count, &mut rng);
    train(&mut network, start, &examples, course, &mut rng)
}

/// Four random examples that begin alike up to what is given: they can only be known by heart.
#[test]
fn examples_are_learnt_by_heart() {
    for compute in [Compute::Exact, Compute::Fast] {
        let parameters = trained(compute, &course(300, 1e-2), 4).unwrap();
        let mut rng = stream(1);
        Parameters::random(&SHAPE, &mut rng);
        let examples = examples(4, &mut rng);
        let rows = lay_out(&examples, SHAPE.context, &mut rng);
        let mut network = Network::new(SHAPE, compute);
        let batch = batch(&examples, &rows);
        let loss = network.gradients(&parameters, &batch, &mut Parameters::zero(&SHAPE));
        assert!(loss < 0.01, "{compute:?}: {loss}");
    }
}

#[test]
fn exact_training_gives_the_same_bits_with_all_vectors() {
    let mut all = [Simd::Baseline, Simd::Avx2, Simd::Avx512].map(|level| {
        limit_simd(level);
        let parameters = trained(Compute::Exact, &course(5, 1e-2), 30).unwrap();
        parameters
            .values
            .into_iter()
            .map(f32::to_bits)
            .collect::<Vec<_>>()
    });
    let last = all[2].clone();
    assert!(all.iter_mut().all(|bits| *bits == last));
}

#[test]
fn too_high_a_rate_is_an_error() {
    for compute in [Compute::Exact, Compute::Fast] {
        let error = trained(compute, &course(100, 10.0), 30).unwrap_err();
        assert!(
            matches!(error, TrainError::Diverged { step: 1.., .. }),
            "{error}"
        );
    }
    let error = trained(Compute::Exact, &course(1, f64::INFINITY), 30).unwrap_err();
    assert!(
        matches!(error, TrainError::Diverged { step: 1, .. }),
        "{error}"
    );
}

#[test]
fn nothing_to_learn_is_an_error() {
    let mut rng = stream(1);
    let start = Parameters::random(&SHAPE, &mut rng);
    let mut network = Network::new(SHAPE, Compute::Exact);
    let mut all = examples(3, &mut rng);
    for example in &mut all {
        example.given = 100;
    }
    for examples in [&all[..], &[]] {
        let start = start.clone();
        let result = train(&mut network, start, examples, &course(3, 1e-3), &mut rng);
        assert_eq!(result, Err(TrainError::NoTokens));
    }
}

/// No step leaves the start as it is, and an epoch reads every example once.
#[test]
fn courses_are_as_long_as_they_say() {
    let mut rng = stream(1);
    let start = Parameters::random(&SHAPE, &mut rng);
    assert_eq!(trained(Compute::Exact, &course(0, 1.0), 5).unwrap(), start);
    let examples = examples(30, &mut rng);
    let mut course = course(7, 1.0);
    assert_eq!(rows(&examples, 24, &course, &mut rng).len(), 28);
    course.length = Length::Epochs(3);
    let tokens = |rows: &[Row]| {
        let weights = batch(&examples, rows).weights;
        weights.iter().filter(|&&weight| weight > 0.0).count()
    };
    let learnt: usize = examples
        .iter()
        .map(|example| example.tokens.len() - 4)
        .sum();
    assert_eq!(tokens(&rows(&examples, 24, &course, &mut rng)), 3 * learnt);
}
