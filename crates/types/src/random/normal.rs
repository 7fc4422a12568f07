//! The ziggurat for the standard normal distribution.
//!
//! Marsaglia and Tsang (2000) with 256 layers; layer, sign and position come from disjoint bits (Doornik 2005).

use std::sync::LazyLock;

use super::Stream;

const LAYERS: usize = 256;
/// Where the tail begins, and the common area of a layer, for 256 layers.
const TAIL: f64 = 3.654_152_885_361_009;
const AREA: f64 = 0.004_928_673_233_974_655;

struct Tables {
    /// Right edge of each layer, widest first.
    edge: [f64; LAYERS + 1],
    /// Density at each edge.
    density: [f64; LAYERS + 1],
    /// Right edge of each layer in single precision.
    edge_f32: [f32; LAYERS + 1],
}

static TABLES: LazyLock<Box<Tables>> = LazyLock::new(|| Box::new(tables()));

fn tables() -> Tables {
    let mut edge = [0.0; LAYERS + 1];
    edge[0] = AREA / density(TAIL);
    edge[1] = TAIL;
    for layer in 2..LAYERS {
        let height = AREA / edge[layer - 1] + density(edge[layer - 1]);
        edge[layer] = libm::sqrt(-2.0 * libm::log(height));
    }
    Tables {
        edge,
        density: edge.map(density),
        edge_f32: edge.map(|x| x as f32),
    }
}

fn density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x)
}

/// One draw in double precision.
#[inline]
pub(super) fn sample_f64(rng: &mut Stream) -> f64 {
    let tables = &**TABLES;
    loop {
        let bits = rng.long();
        let layer = (bits & 0xff) as usize;
        let unit = (bits >> 11) as f64 * (1.0 / (1_u64 << 53) as f64);
        let x = unit * tables.edge[layer];
        let signed = |x: f64| f64::from_bits(x.to_bits() ^ (bits & 0x100) << 55);
        if x < tables.edge[layer + 1] {
            return signed(x);
        }
        if let Some(x) = outside(rng, tables, layer, x) {
            return signed(x);
        }
    }
}

/// Appends draws in single precision.
pub(super) fn extend_f32(
    rng: &mut Stream,
    (mean, sd): (f32, f32),
    count: usize,
    out: &mut Vec<f32>,
) {
    let tables = &**TABLES;
    out.extend((0..count).map(|_| mean + sd * sample_f32(rng, tables)));
}

#[inline(always)]
fn sample_f32(rng: &mut Stream, tables: &Tables) -> f32 {
    loop {
        let bits = rng.word();
        let layer = (bits & 0xff) as usize;
        let unit = (bits >> 9) as f32 * (1.0 / (1_u32 << 23) as f32);
        let x = unit * tables.edge_f32[layer];
        // The sign goes straight into the sign bit: a branch on it would be mispredicted half of the time.
        let signed = |x: f32| f32::from_bits(x.to_bits() ^ (bits & 0x100) << 23);
        if x < tables.edge_f32[layer + 1] {
            return signed(x);
        }
        if let Some(x) = outside(rng, tables, layer, f64::from(x)) {
            return signed(x as f32);
        }
    }
}

/// The rare case: the tail for the widest layer, else accept or reject in the wedge.
#[cold]
#[inline(never)]
fn outside(rng: &mut Stream, tables: &Tables, layer: usize, x: f64) -> Option<f64> {
    if layer == 0 {
        return Some(tail(rng));
    }
    let (low, high) = (tables.density[layer], tables.density[layer + 1]);
    (low + rng.uniform() * (high - low) < density(x)).then_some(x)
}

/// A draw beyond [`TAIL`] (Marsaglia 1964).
fn tail(rng: &mut Stream) -> f64 {
    loop {
        let x = -libm::log(1.0 - rng.uniform()) / TAIL;
        let y = -libm::log(1.0 - rng.uniform());
        if y + y > x * x {
            return TAIL + x;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Purpose, Seed};

    /// First four moments and two tail shares of a million draws; every bound is five standard errors.
    fn check(mut draw: impl FnMut() -> f64) {
        let n = 1e6;
        let draws: Vec<f64> = (0..1_000_000).map(|_| draw()).collect();
        let moment = |power: i32| draws.iter().map(|x| x.powi(power)).sum::<f64>() / n;
        let beyond = |limit: f64| draws.iter().filter(|x| x.abs() > limit).count() as f64 / n;
        let close = |value: f64, expected: f64, variance: f64| {
            assert!(
                (value - expected).abs() < 5.0 * (variance / n).sqrt(),
                "{value} {expected}"
            );
        };
        close(moment(1), 0.0, 1.0);
        close(moment(2), 1.0, 2.0);
        close(moment(3), 0.0, 15.0);
        close(moment(4), 3.0, 96.0);
        close(beyond(1.0), 0.317_310_507_863, 0.2166);
        close(beyond(3.7), 2.155_9e-4, 2.156e-4);
    }

    #[test]
    fn double_precision_is_standard_normal() {
        let mut rng = Seed(5).key(0, Purpose::Observe).stream(0, 0);
        check(|| rng.normal());
    }

    #[test]
    fn single_precision_is_standard_normal() {
        let mut rng = Seed(6).key(0, Purpose::Observe).stream(0, 0);
        let mut draws = Vec::new();
        rng.extend_normal_f32((0.0, 1.0), 1_000_000, &mut draws);
        let mut draws = draws.into_iter();
        check(|| f64::from(draws.next().unwrap()));
    }
}
