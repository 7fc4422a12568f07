//! Workload G1 with an actor a model, without a simulator around it: `gauss-actors actix|tokio MODELS STEPS`, on one thread.
//!
//! In every step each model publishes 10 numbers of its own normal distribution and is refitted to 100 numbers drawn with
//! replacement from what all published in the step before. Prints `g1 VALUE updates a second of processor time`.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use actix::prelude::*;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use tokio::sync::{Notify, mpsc};

const PUBLISHED: usize = 10;
const READ: usize = 100;

/// Counts down what is under way.
struct Gate {
    left: AtomicI64,
    open: Notify,
}

impl Gate {
    fn close(&self, count: usize) {
        self.left.store(count as i64, Ordering::SeqCst);
    }

    fn done(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.open.notify_one();
        }
    }
}

static GATE: Gate = Gate {
    left: AtomicI64::new(0),
    open: Notify::const_new(),
};
/// Where models publish: the cheapest broker that there is.
static POOL: Mutex<Vec<f64>> = Mutex::new(Vec::new());

struct Model {
    mean: f64,
    deviation: f64,
    rng: SmallRng,
}

impl Model {
    fn new(number: usize) -> Self {
        Self {
            mean: 0.0,
            deviation: 1.0,
            rng: SmallRng::seed_from_u64(number as u64 + 1),
        }
    }

    fn step(&mut self, pool: &[f64]) {
        let mut published = [0.0; PUBLISHED];
        for value in &mut published {
            let normal: f64 = StandardNormal.sample(&mut self.rng);
            *value = self.mean + self.deviation * normal;
        }
        let mut read = [0.0; READ];
        for value in &mut read {
            *value = pool[self.rng.random_range(0..pool.len())];
        }
        self.mean = read.iter().sum::<f64>() / READ as f64;
        let squares: f64 = read.iter().map(|value| (value - self.mean).powi(2)).sum();
        self.deviation = (squares / (READ - 1) as f64).sqrt();
        POOL.lock().unwrap().extend_from_slice(&published);
        GATE.done();
    }
}

impl Actor for Model {
    type Context = Context<Self>;
}

struct Step(Arc<Vec<f64>>);

impl Message for Step {
    type Result = ();
}

impl Handler<Step> for Model {
    type Result = ();

    fn handle(&mut self, step: Step, _: &mut Context<Self>) {
        self.step(&step.0);
    }
}

fn first_pool(models: usize) -> Arc<Vec<f64>> {
    let mut rng = SmallRng::seed_from_u64(0);
    let draw = |_| StandardNormal.sample(&mut rng);
    Arc::new((0..models * PUBLISHED).map(draw).collect())
}

fn take_pool() -> Arc<Vec<f64>> {
    Arc::new(std::mem::take(&mut *POOL.lock().unwrap()))
}

fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Steps all models so often; the first step is not timed.
async fn drive(models: usize, steps: usize, send: impl Fn(usize, Arc<Vec<f64>>)) {
    let (mut pool, mut begun) = (first_pool(models), 0.0);
    for step in 0..=steps {
        if step == 1 {
            begun = cpu_seconds();
        }
        GATE.close(models);
        for model in 0..models {
            send(model, Arc::clone(&pool));
        }
        GATE.open.notified().await;
        pool = take_pool();
    }
    let rate = (models * steps) as f64 / (cpu_seconds() - begun);
    println!("g1 {rate:.0} updates a second of processor time");
}

async fn on_tokio(models: usize, steps: usize) {
    let start = |number| {
        let (sender, mut steps) = mpsc::unbounded_channel::<Arc<Vec<f64>>>();
        tokio::spawn(async move {
            let mut model = Model::new(number);
            while let Some(pool) = steps.recv().await {
                model.step(&pool);
            }
        });
        sender
    };
    let senders: Vec<_> = (0..models).map(start).collect();
    drive(models, steps, |model, pool| drop(senders[model].send(pool))).await;
}

async fn on_actix(models: usize, steps: usize) {
    let addresses: Vec<_> = (0..models).map(|number| Model::new(number).start()).collect();
    drive(models, steps, |model, pool| addresses[model].do_send(Step(pool))).await;
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse().ok());
    match (arguments.first().map(String::as_str), number(1), number(2)) {
        (Some("actix"), Some(models), Some(steps)) => System::new().block_on(on_actix(models, steps)),
        (Some("tokio"), Some(models), Some(steps)) => {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(on_tokio(models, steps));
        }
        _ => eprintln!("usage: gauss-actors actix|tokio MODELS STEPS"),
    }
}
