//! Linear models and records, from a scenario.

use std::sync::Arc;

use learn::{Linear, LinearDesign, LinearTruth};
use types::random::{Purpose, Seed};

use crate::scenario::schema::{Design, Family, TrueCoefficients};

/// What randomly drawn things of one name come from, whatever the replicate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) seed: u64,
    pub(crate) name: &'a str,
}

impl Origin<'_> {
    fn id(self) -> u32 {
        let hash = blake3::hash(self.name.as_bytes());
        let [a, b, c, d, ..] = *hash.as_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    /// A number for streams that are addressed from the far end, far from any model's number.
    pub(crate) fn lot(self) -> usize {
        (self.id() >> 2) as usize
    }
}

/// The design of a corpus or of what a population publishes.
pub(crate) fn design(design: &Design, origin: Origin<'_>) -> LinearDesign {
    match design {
        Design::Gaussian => LinearDesign::Gaussian {
            key: Seed(origin.seed).key(0, Purpose::Design),
            id: origin.id(),
        },
        Design::GaussianFresh => LinearDesign::GaussianFresh,
        Design::GaussianPerReplicate(word) => LinearDesign::GaussianPerReplicate {
            key: Seed(origin.seed).key(0, Purpose::Design),
            id: Origin {
                name: word,
                ..origin
            }
            .id(),
        },
        Design::Orthogonal => LinearDesign::Orthogonal,
        Design::Block(directions) => LinearDesign::Block(*directions as usize),
        Design::Rows(rows) => LinearDesign::Rows(Arc::new(rows.clone())),
    }
}

/// The true coefficients: those given, or standard normal ones that depend on the seed and the word alone.
pub(crate) fn coefficients(coefficients: &TrueCoefficients, dimension: u32, seed: u64) -> Vec<f64> {
    match coefficients {
        TrueCoefficients::Given(list) => list.clone(),
        TrueCoefficients::Word(name) => {
            let key = Seed(seed).key(0, Purpose::Distribution);
            let mut rng = key.stream(Origin { seed, name }.id(), 0);
            (0..dimension).map(|_| rng.normal()).collect()
        }
    }
}

/// The family of a linear population.
pub(crate) fn family(family: &Family, origin: Origin<'_>) -> Linear {
    let Family::Linear {
        dimension,
        ridge,
        noise,
        design: given,
    } = family
    else {
        unreachable!("only linear populations ask for a linear family")
    };
    Linear {
        dimension: *dimension as usize,
        ridge: *ridge,
        noise: *noise,
        design: design(given, origin),
    }
}

/// Gram matrices of the tasks that a truth stands for, row by row: one for each block of directions, if holders see different
/// ones, else one for the records that everybody has. Of inputs that are drawn, their expectation, the identity.
pub(crate) fn grams(truth: &LinearTruth) -> Vec<Vec<f64>> {
    let d = truth.coefficients.len();
    let identity = || {
        (0..d * d)
            .map(|i| f64::from(u8::from(i % (d + 1) == 0)))
            .collect()
    };
    let of_holder = |holder: u32| {
        let mut unused = Seed(0).key(0, Purpose::Design).stream(0, 0);
        let rows = truth
            .design
            .rows(Some(holder), (truth.records, d), &mut unused);
        gram(&rows, d)
    };
    match truth.design {
        LinearDesign::Gaussian { .. }
        | LinearDesign::GaussianPerReplicate { .. }
        | LinearDesign::GaussianFresh => vec![identity()],
        LinearDesign::Orthogonal | LinearDesign::Rows(_) => vec![of_holder(0)],
        LinearDesign::Block(directions) => (0..(d / directions) as u32).map(of_holder).collect(),
    }
}

/// X'X / n.
fn gram(rows: &[f64], d: usize) -> Vec<f64> {
    let records = (rows.len() / d) as f64;
    let mut sums = vec![0.0; d * d];
    for row in rows.chunks_exact(d) {
        for (i, a) in row.iter().enumerate() {
            for (j, b) in row.iter().enumerate() {
                sums[i * d + j] += a * b / records;
            }
        }
    }
    sums
}
