//! Workload G1 as a krABMaga model: an `Agent` for each Gaussian, the shared pool in the `State`.
//!
//! Usage: `gauss-krabmaga MODELS STEPS SEED THREADS`, where only one thread is accepted, because
//! the library's threaded scheduler is slower on this workload; prints one line of JSON.

use std::any::Any;
use std::time::Instant;

use krabmaga::engine::agent::Agent;
use krabmaga::engine::schedule::Schedule;
use krabmaga::engine::state::State;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rustix::time::{ClockId, clock_gettime};

/// Values that a model publishes in a step.
const PUBLISHED: usize = 10;
/// Values that a model reads from the pool in a step.
const READ: usize = 100;

/// The pool of the last step, the pool of this one, and the running sum of deviations.
struct Pool {
    models: usize,
    seed: u64,
    last: Vec<f64>,
    fresh: Vec<f64>,
    deviation_sum: f64,
}

impl Pool {
    fn new(models: usize, seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let last = (0..models * PUBLISHED)
            .map(|_| StandardNormal.sample(&mut random))
            .collect();
        let fresh = Vec::with_capacity(models * PUBLISHED);
        Self {
            models,
            seed,
            last,
            fresh,
            deviation_sum: 0.0,
        }
    }
}

impl State for Pool {
    fn init(&mut self, schedule: &mut Schedule) {
        for number in 0..self.models as u64 {
            let random = SmallRng::seed_from_u64(self.seed ^ ((number + 1) << 20));
            let model = Gaussian {
                mean: 0.0,
                deviation: 1.0,
                random,
            };
            schedule.schedule_repeating(Box::new(model), 0.0, 0);
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn as_state(&self) -> &dyn State {
        self
    }

    fn as_state_mut(&mut self) -> &mut dyn State {
        self
    }

    fn reset(&mut self) {}

    fn update(&mut self, _step: u64) {}

    fn before_step(&mut self, _schedule: &mut Schedule) {
        self.deviation_sum = 0.0;
    }

    fn after_step(&mut self, _schedule: &mut Schedule) {
        std::mem::swap(&mut self.last, &mut self.fresh);
        self.fresh.clear();
    }
}

/// One model with its own random stream.
#[derive(Clone)]
struct Gaussian {
    mean: f64,
    deviation: f64,
    random: SmallRng,
}

impl Gaussian {
    fn publish(&mut self, fresh: &mut Vec<f64>) {
        for _ in 0..PUBLISHED {
            let normal: f64 = StandardNormal.sample(&mut self.random);
            fresh.push(self.mean + self.deviation * normal);
        }
    }

    fn fit(&mut self, last: &[f64]) {
        let mut values = [0.0; READ];
        for value in &mut values {
            *value = last[self.random.random_range(0..last.len())];
        }
        let mean = values.iter().sum::<f64>() / READ as f64;
        let squares: f64 = values
            .iter()
            .map(|value| (value - mean) * (value - mean))
            .sum();
        self.mean = mean;
        self.deviation = (squares / (READ - 1) as f64).sqrt();
    }
}

impl Agent for Gaussian {
    fn step(&mut self, state: &mut dyn State) {
        let pool = state.as_any_mut().downcast_mut::<Pool>();
        let pool = pool.expect("the only state of this program is the pool");
        self.publish(&mut pool.fresh);
        self.fit(&pool.last);
        pool.deviation_sum += self.deviation;
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
        .expect("usage: gauss-krabmaga MODELS STEPS SEED THREADS")
}

#[expect(clippy::disallowed_methods, reason = "a benchmark is about wall time")]
fn main() {
    let [models, steps, seed, threads] = arguments();
    assert!(threads == 1, "the sequential scheduler has one thread");
    let mut pool = Pool::new(models, seed as u64);
    let mut schedule = Schedule::new();
    pool.init(&mut schedule);
    let (wall, cpu) = (Instant::now(), cpu_seconds());
    for _ in 0..steps {
        schedule.step(&mut pool);
    }
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let deviation = pool.deviation_sum / models as f64;
    println!(r#"{{"wall_seconds":{wall},"cpu_seconds":{cpu},"standard_deviation":{deviation}}}"#);
}
