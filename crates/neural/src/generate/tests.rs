use super::*;
use crate::{Batch, Compute, Shape};

const SHAPE: Shape = Shape {
    vocabulary: 50,
    context: 20,
    width: 36,
    layers: 2,
    heads: 6,
    kv_heads: 3,
    hidden: 40,
    rope_base: 1e4,
    norm_epsilon: 1e-5,
};

fn stream(id: u32) -> Stream {
    Seed(4).key(0, Purpose::Observe).stream(id, 0)
}

fn parameters() -> Parameters {
    let (mut parameters, mut rng) = (Parameters::zero(&SHAPE), stream(0));
    parameters.values.fill_with(|| (0.25 * rng.normal()) as f32);
    parameters
}

/// Prompts of different lengths.
fn prompts(count: u32) -> Vec<Vec<u32>> {
    let prompt = |n: u32| (0..=n % 7).map(|place| (n * 13 + place * 5) % 50).collect();
    (0..count).map(prompt).collect()
}

const WRITING: Writing<'static> = Writing {
    sampling: Sampling {
        temperature: 1.0,
        top_k: 0,
        top_p: 1.0,
    },
    tokens: 100,
    end: 7,
    batch: 32,
    bias: None,
};

fn written(compute: Compute, prompts: &[Vec<u32>], writing: &Writing<'_>) -> Vec<Vec<u32>> {
    let mut network = Network::new(SHAPE, compute);
    generate(
        &mut network,
        &parameters(),
        prompts,
        writing,
        &mut stream(1),
    )
}

/// ln p of every token after a sequence, by a pass over all of it.
fn full_pass(network: &mut Network, sequence: &[u32]) -> Vec<f32> {
    let position = sequence.len() - 1;
    let mut batch = Batch {
        rows: 1,
        length: sequence.len(),
        tokens: sequence.to_vec(),
        targets: vec![0; sequence.len()],
        weights: vec![0.0; sequence.len()],
    };
    batch.weights[position] = 1.0;
    let probability = |token: u32| {
        batch.targets[position] = token;
        network.log_probabilities(&parameters(), &batch)[position]
    };
    (0..SHAPE.vocabulary as u32).map(probability).collect()
}

/// ln p from logits, as the passes over whole rows compute it.
fn logarithms(logits: &[f32]) -> Vec<f32> {
    let top = crate::maths::greatest(logits);
    let total = crate::maths::exponentials(&mut logits.to_vec(), top, 1.0);
    let logarithm = |&logit: &f32| f64::from(logit - top) - libm::log(f64::from(total));
    logits.iter().map(|logit| logarithm(logit) as f32).collect()
}

/// Exactly for exact networks, for fast ones to the errors of rounding.
#[test]
fn kept_keys_give_what_whole_passes_give() {
    for (compute, error) in [(Compute::Exact, 0.0), (Compute::Fast, 1e-5)] {
        let (mut network, mut whole) = (Network::new(SHAPE, compute), Network::new(SHAPE, compute));
        let rows: Vec<Vec<u32>> = (0..3)
            .map(|row| (0..20).map(|n| (n * n + row * 11) % 50).collect())
            .collect();
        network.prepare(&parameters());
        let mut cache = Cache::new(&SHAPE, 3);
        for position in 0..20 {
            let fed: Vec<Fed> = (0..3)
                .map(|slot| Fed {
                    slot,
                    token: rows[slot][position],
                    position,
                })
                .collect();
            let logits = network.step(&parameters(), &mut cache, &fed, &[2, 0]);
            for (row, logits) in [2, 0].into_iter().zip(logits.chunks_exact(50)) {
                let expected = full_pass(&mut whole, &rows[row][..=position]);
                for (found, expected) in logarithms(logits).iter().zip(expected) {
                    assert!((found - expected).abs() <= error, "{compute:?} {position}");
                }
            }
        }
    }
}

/// The likeliest token of whole passes is what is written without temperature.
#[test]
fn the_likeliest_tokens_are_written() {
    let mut writing = WRITING;
    writing.sampling.temperature = 0.0;
    writing.end = u32::MAX;
    let (prompts, mut network) = (prompts(4), Network::new(SHAPE, Compute::Exact));
    let all = written(Compute::Exact, &prompts, &writing);
    for (prompt, written) in prompts.iter().zip(all) {
        let mut sequence = prompt.clone();
        for token in written {
            let logarithms = full_pass(&mut network, &sequence);
            let best = logarithms.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            assert_eq!(logarithms[token as usize], best);
            sequence.push(token);
        }
        assert_eq!(sequence.len(), SHAPE.context + 1);
    }
}

#[test]
fn the_same_tokens_come_whatever_the_batch() {
    let prompts = prompts(40);
    for compute in [Compute::Exact, Compute::Fast] {
        let all = [1, 3, 32].map(|batch| written(compute, &prompts, &Writing { batch, ..WRITING }));
        assert!(all[0] == all[1] && all[1] == all[2]);
        let mut lengths: Vec<usize> = all[0].iter().map(Vec::len).collect();
        lengths.sort_unstable();
        lengths.dedup();
        assert!(
            lengths.len() > 5,
            "sequences end at different times: {lengths:?}"
        );
        // And whether they come in one call or one by one.
        let (mut network, mut rng) = (Network::new(SHAPE, compute), stream(1));
        for (prompt, expected) in prompts.iter().zip(&all[0]) {
            let prompt = std::slice::from_ref(prompt);
            let alone = generate(&mut network, &parameters(), prompt, &WRITING, &mut rng);
            assert_eq!(&alone[0], expected);
        }
    }
}

#[test]
fn writing_stops_where_it_should() {
    let mut writing = WRITING;
    let all = written(Compute::Exact, &prompts(40), &writing);
    assert!(all.iter().flatten().all(|&token| token != writing.end));
    writing.tokens = 3;
    let few = written(Compute::Exact, &prompts(40), &writing);
    for (few, all) in few.iter().zip(&all) {
        assert_eq!(few[..], all[..all.len().min(3)]);
    }
    writing.tokens = 0;
    assert_eq!(
        written(Compute::Exact, &prompts(2), &writing),
        [[0_u32; 0]; 2]
    );
    // An empty prompt, one as long as the context, and longer ones with the same end.
    writing.tokens = 100;
    writing.end = u32::MAX;
    writing.sampling.temperature = 0.0;
    let long: Vec<u32> = (0..50).collect();
    let prompts = [&[], &long[30..], &long[29..], &long[..]].map(<[u32]>::to_vec);
    let all = written(Compute::Exact, &prompts, &writing);
    assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [0, 1, 1, 1]);
    assert!(all[1] == all[2] && all[1] == all[3]);
    assert!(written(Compute::Exact, &[], &writing).is_empty());
}

/// A bias for the token that follows the last one by one, so strong that nothing else is drawn.
#[test]
fn a_bias_sees_the_token_before() {
    let favour = |last: u32, logits: &mut [f32]| logits[(last as usize + 1) % 50] += 1e6;
    let writing = Writing {
        bias: Some(&favour),
        tokens: 4,
        end: 13,
        ..WRITING
    };
    let all = written(Compute::Exact, &[vec![3, 20], vec![10]], &writing);
    assert_eq!(all, [vec![21, 22, 23, 24], vec![11, 12]]);
}
