//! Random systems.

use types::random::{Purpose, Seed, Stream};

use super::super::*;

/// What is chosen of a system; everything else follows from the seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) models: usize,
    pub(super) dimension: usize,
    pub(super) retention: Retention,
    pub(super) scrape: Scrape,
    pub(super) seed: u64,
}

/// Rows of standard normal numbers.
fn rows(count: usize, d: usize, rng: &mut Stream) -> Vec<Vec<f64>> {
    (0..count)
        .map(|_| (0..d).map(|_| rng.normal()).collect())
        .collect()
}

fn coefficients(d: usize, rng: &mut Stream) -> Vec<f64> {
    (0..d).map(|_| rng.normal()).collect()
}

fn real(records: usize, d: usize, rng: &mut Stream) -> RealData {
    RealData {
        design: Design::of_rows(&rows(records, d, rng), d),
        truth: coefficients(d, rng),
        noise: 0.3 + rng.uniform(),
        fresh: false,
    }
}

pub(super) fn system(kind: Kind) -> System {
    let mut rng = Seed(kind.seed).key(0, Purpose::Distribution).stream(0, 0);
    let (k, d) = (kind.models, kind.dimension);
    let rng = &mut rng;
    let shares = |rng: &mut Stream| {
        let weights: Vec<f64> = (0..k).map(|_| rng.uniform() + 0.01).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    };
    System {
        dimension: d,
        // Some models share what is private to them, and some have a public set of their own.
        real: (0..k + 2).map(|_| real(d + 2, d, rng)).collect(),
        private: (0..k).map(|_| rng.below(k as u32) as usize).collect(),
        public: (0..k).map(|_| k - 1 + rng.below(3) as usize).collect(),
        published: (0..k)
            .map(|_| Published {
                design: Design::of_rows(&rows(d + 4, d, rng), d),
                noise: 0.3 + rng.uniform(),
            })
            .collect(),
        alpha: vec![(0..k).map(|_| 0.9 * rng.uniform()).collect()],
        beta: (0..k).map(|_| rng.uniform()).collect(),
        first_beta: Vec::new(),
        weights: (0..k).map(|_| shares(rng)).collect(),
        tasks: Vec::new(),
        reference: (0..k).map(|_| coefficients(d, rng)).collect(),
        scrape: kind.scrape,
        retention: kind.retention,
        update: Update::Synchronous,
        start: Start::Scratch,
        ridge: (0..k).map(|_| 0.1 * rng.uniform()).collect(),
    }
}
