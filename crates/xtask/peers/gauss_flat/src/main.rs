//! Workload G1 with no framework: flat `f32` arrays in blocks of models, the ceiling a simulator
//! can aim at.
//!
//! Usage: `gauss-flat MODELS STEPS SEED THREADS`; prints one line of JSON.

use std::time::Instant;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use rustix::time::{ClockId, clock_gettime};

/// Values that a model publishes in a step.
const PUBLISHED: usize = 10;
/// Values that a model reads from the pool in a step.
const READ: usize = 100;
/// Models that share one random stream and one unit of work.
const BLOCK: usize = 256;

/// A fitted Gaussian.
#[derive(Clone, Copy)]
struct Gaussian {
    mean: f32,
    deviation: f32,
}

/// Every model, what they published in the last step, and what they publish in this one.
struct World {
    seed: u64,
    models: Vec<Gaussian>,
    pool: Vec<f32>,
    fresh: Vec<f32>,
}

impl World {
    fn new(models: usize, seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let pool = (0..models * PUBLISHED)
            .map(|_| StandardNormal.sample(&mut random))
            .collect();
        let models = vec![
            Gaussian {
                mean: 0.0,
                deviation: 1.0
            };
            models
        ];
        let fresh = vec![0.0; models.len() * PUBLISHED];
        Self {
            seed,
            models,
            pool,
            fresh,
        }
    }

    /// Steps on the calling thread, without asking a pool to do nothing.
    fn step_alone(&mut self, step: u64) {
        let blocks = self
            .models
            .chunks_mut(BLOCK)
            .zip(self.fresh.chunks_mut(BLOCK * PUBLISHED));
        for (block, (models, fresh)) in blocks.enumerate() {
            step_block(stream(self.seed, step, block), &self.pool, models, fresh);
        }
        std::mem::swap(&mut self.pool, &mut self.fresh);
    }

    /// Steps on every thread of the current pool.
    fn step_shared(&mut self, step: u64) {
        let Self {
            seed,
            models,
            pool,
            fresh,
        } = self;
        let blocks = models
            .par_chunks_mut(BLOCK)
            .zip(fresh.par_chunks_mut(BLOCK * PUBLISHED));
        blocks.enumerate().for_each(|(block, (models, fresh))| {
            step_block(stream(*seed, step, block), pool, models, fresh);
        });
        std::mem::swap(&mut self.pool, &mut self.fresh);
    }

    fn mean_deviation(&self) -> f64 {
        let sum: f64 = self
            .models
            .iter()
            .map(|model| f64::from(model.deviation))
            .sum();
        sum / self.models.len() as f64
    }
}

/// The random stream of one block in one step, whichever thread runs it.
fn stream(seed: u64, step: u64, block: usize) -> SmallRng {
    SmallRng::seed_from_u64(seed ^ (step << 40) ^ (block as u64 + 1))
}

fn step_block(mut random: SmallRng, pool: &[f32], models: &mut [Gaussian], fresh: &mut [f32]) {
    for (model, published) in models.iter_mut().zip(fresh.chunks_exact_mut(PUBLISHED)) {
        for value in published {
            let normal: f32 = StandardNormal.sample(&mut random);
            *value = model.mean + model.deviation * normal;
        }
        let mut values = [0.0; READ];
        read(&mut random, pool, &mut values);
        *model = fit(&values);
    }
}

/// Draws with replacement; Lemire's multiply-shift gives two positions for each 64 random bits.
#[inline]
fn read(random: &mut SmallRng, pool: &[f32], values: &mut [f32; READ]) {
    let count = pool.len() as u64;
    for pair in values.chunks_exact_mut(2) {
        let bits: u64 = random.random();
        pair[0] = pool[(((bits & 0xffff_ffff) * count) >> 32) as usize];
        pair[1] = pool[(((bits >> 32) * count) >> 32) as usize];
    }
}

#[inline]
fn fit(values: &[f32; READ]) -> Gaussian {
    let mean = values.iter().sum::<f32>() / READ as f32;
    let squares: f32 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    Gaussian {
        mean,
        deviation: (squares / (READ - 1) as f32).sqrt(),
    }
}

/// Processor seconds of this process, over all its threads.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn arguments() -> [usize; 4] {
    let words = std::env::args()
        .skip(1)
        .map(|word| word.parse().expect("arguments are numbers"));
    let numbers: Vec<usize> = words.collect();
    numbers
        .try_into()
        .expect("usage: gauss-flat MODELS STEPS SEED THREADS")
}

#[expect(clippy::disallowed_methods, reason = "a benchmark is about wall time")]
fn main() {
    let [models, steps, seed, threads] = arguments();
    let workers = ThreadPoolBuilder::new().num_threads(threads).build();
    let workers = workers.expect("the system grants the asked number of threads");
    let mut world = World::new(models, seed as u64);
    let (wall, cpu) = (Instant::now(), cpu_seconds());
    for step in 0..steps as u64 {
        match threads {
            1 => world.step_alone(step),
            _ => workers.install(|| world.step_shared(step)),
        }
    }
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let deviation = world.mean_deviation();
    println!(r#"{{"wall_seconds":{wall},"cpu_seconds":{cpu},"standard_deviation":{deviation}}}"#);
}
