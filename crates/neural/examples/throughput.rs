//! How fast a small network learns and writes, on one thread and on two.
//!
//! Prints one number a line, `name value unit`; `crates/xtask/peers/transformer.py` prints the same of PyTorch.

#![expect(clippy::print_stdout, reason = "numbers for a table are the purpose")]
#![expect(
    clippy::disallowed_methods,
    reason = "speed is measured by the clock on the wall"
)]

use std::time::Instant;

use echosphere_neural::{
    AdamW, Compute, Course, Decay, Example, Length, Network, Parameters, Sampling, Shape, Writing,
    generate, train,
};
use types::random::{Purpose, Seed, Stream};

const SHAPE: Shape = Shape {
    vocabulary: 2048,
    context: 128,
    width: 64,
    layers: 2,
    heads: 4,
    kv_heads: 4,
    hidden: 176,
    rope_base: 1e4,
    norm_epsilon: 1e-5,
};
const ROWS: usize = 32;
const REPEATS: usize = 5;

fn stream(id: u32) -> Stream {
    Seed(1).key(0, Purpose::Sample).stream(id, 0)
}

fn course(steps: u32) -> Course {
    Course {
        length: Length::Steps(steps),
        batch: ROWS,
        rate: 1e-3,
        warmup: 0.1,
        decay: Decay::Cosine,
        optimiser: AdamW::default(),
    }
}

/// Examples that fill a row each.
fn examples(rng: &mut Stream) -> Vec<Example> {
    let token = |rng: &mut Stream| rng.below(SHAPE.vocabulary as u32);
    (0..8 * ROWS)
        .map(|_| Example {
            tokens: (0..=SHAPE.context).map(|_| token(rng)).collect(),
            given: 0,
            weight: 1.0,
        })
        .collect()
}

/// Tokens a second, the median of some runs.
fn learns(compute: Compute, id: u32) -> f64 {
    let mut rng = stream(id);
    let (examples, steps) = (examples(&mut rng), 12);
    let mut network = Network::new(SHAPE, compute);
    let mut run = |steps: u32| {
        let start = Parameters::random(&SHAPE, &mut rng);
        let clock = Instant::now();
        let trained = train(&mut network, start, &examples, &course(steps), &mut rng);
        assert!(trained.is_ok(), "a low rate diverged");
        (steps as usize * ROWS * SHAPE.context) as f64 / clock.elapsed().as_secs_f64()
    };
    run(2);
    median((0..REPEATS).map(|_| run(steps)).collect())
}

/// The same by two networks side by side, together.
fn learn_together(compute: Compute) -> f64 {
    let threads = [1, 2].map(|id| std::thread::spawn(move || learns(compute, id)));
    threads
        .into_iter()
        .map(|thread| thread.join().unwrap_or(0.0))
        .sum()
}

/// New tokens a second, the median of some runs.
fn writes(compute: Compute, batch: usize, top_k: usize) -> f64 {
    let mut rng = stream(3);
    let parameters = Parameters::random(&SHAPE, &mut rng);
    let mut network = Network::new(SHAPE, compute);
    let prompts = vec![vec![0]; batch];
    let writing = Writing {
        sampling: Sampling {
            top_k,
            ..Sampling::default()
        },
        tokens: SHAPE.context,
        end: u32::MAX,
        batch,
        bias: None,
    };
    let mut run = || {
        let clock = Instant::now();
        let written = generate(&mut network, &parameters, &prompts, &writing, &mut rng);
        written.iter().map(Vec::len).sum::<usize>() as f64 / clock.elapsed().as_secs_f64()
    };
    run();
    median((0..REPEATS).map(|_| run()).collect())
}

fn median(mut runs: Vec<f64>) -> f64 {
    runs.sort_by(f64::total_cmp);
    runs[runs.len() / 2]
}

/// Operations that learning takes for a token: two for each number of a matrix, forward, and twice as many backward; and those of
/// attention to half the context in the mean.
fn operations() -> f64 {
    let (width, kv) = (SHAPE.width, SHAPE.kv_width());
    let layer = 2 * width * (width + kv) + 3 * width * SHAPE.hidden;
    let matrices = SHAPE.vocabulary * width + SHAPE.layers * layer;
    let attention = SHAPE.layers * width * SHAPE.context;
    (6 * (matrices + attention)) as f64
}

/// The most memory that the process ever had, in MiB.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    kib.map_or(f64::NAN, |kib: f64| kib / 1024.0)
}

fn main() {
    let before = memory();
    for (name, compute) in [("exact", Compute::Exact), ("fast", Compute::Fast)] {
        println!("learn-{name} {:.0} tokens/s", learns(compute, 0));
        println!("write-{name} {:.0} tokens/s", writes(compute, 32, 0));
        println!("write-top50-{name} {:.0} tokens/s", writes(compute, 32, 50));
        println!("write-single-{name} {:.0} tokens/s", writes(compute, 1, 0));
    }
    println!("operations {:.0} FLOP/token", operations());
    println!("memory-before {before:.1} MiB");
    println!("memory {:.1} MiB", memory());
    for (name, compute) in [("exact", Compute::Exact), ("fast", Compute::Fast)] {
        println!("learn-two-{name} {:.0} tokens/s", learn_together(compute));
    }
}
