//! Functions of numbers and rows of numbers, written so that every width of vectors gives the same bits: no branches,
//! no fused operations, and sums in [`LANES`] parts that are then added as a fixed tree.

/// Parts of a sum.
const LANES: usize = 16;

/// Below it, e^x is taken for nothing: smaller numbers lose bits and time when they are multiplied.
const LEAST: f32 = -64.0;

/// e^x, to two units in the last place from -64 on, 0 below it and constant from 88 on: the power of two by its
/// exponent, the rest, at most ln(2)/2 in size, by the polynomial of Cephes (Moshier 1992).
#[inline(always)]
pub(crate) fn exp(number: f32) -> f32 {
    /// Added and taken away again, it leaves a whole number, in the low bits too.
    const ROUND: f32 = 12_582_912.0;
    let x = if number < LEAST { LEAST } else { number };
    let x = if x > 88.0 { 88.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let rest = (x - whole * 0.693_359_4) - whole * -2.121_944_4e-4;
    let mut sum = 1.987_569_1e-4;
    for coefficient in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        0.166_666_65,
        0.5,
    ] {
        sum = sum * rest + coefficient;
    }
    let fraction = sum * (rest * rest) + rest + 1.0;
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let power = fraction * f32::from_bits(exponent.wrapping_add(127) << 23);
    if number < LEAST { 0.0 } else { power }
}

/// The logistic function, 1 / (1 + e^-x).
#[inline(always)]
pub(crate) fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The sum of `term` over pairs of numbers.
#[inline(always)]
pub(crate) fn sum(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            lanes[lane] += term(a[lane], b[lane]);
        }
    }
    for ((lane, &a), &b) in lanes.iter_mut().zip(a_rest).zip(b_rest) {
        *lane += term(a, b);
    }
    tree(lanes)
}

/// The sum of `term` over triples of numbers.
#[inline(always)]
pub(crate) fn sum3(rows: [&[f32]; 3], term: impl Fn([f32; 3]) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let [(a, a_rest), (b, b_rest), (c, c_rest)] = rows.map(|row| row.as_chunks::<LANES>());
    for ((a, b), c) in a.iter().zip(b).zip(c) {
        for lane in 0..LANES {
            lanes[lane] += term([a[lane], b[lane], c[lane]]);
        }
    }
    let rests = a_rest.iter().zip(b_rest).zip(c_rest);
    for (lane, ((&a, &b), &c)) in lanes.iter_mut().zip(rests) {
        *lane += term([a, b, c]);
    }
    tree(lanes)
}

#[inline(always)]
fn tree(mut lanes: [f32; LANES]) -> f32 {
    for half in [8, 4, 2, 1] {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
    }
    lanes[0]
}

/// The greatest number of a row; negative infinity for none.
#[inline(always)]
pub(crate) fn greatest(row: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] = greater(lanes[lane], chunk[lane]);
        }
    }
    for (lane, &number) in lanes.iter_mut().zip(rest) {
        *lane = greater(*lane, number);
    }
    lanes.into_iter().fold(f32::NEG_INFINITY, greater)
}

#[inline(always)]
fn greater(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// Replaces every x of a row by e^(scale (x - greatest)); gives their sum.
#[inline(always)]
pub(crate) fn exponentials(row: &mut [f32], greatest: f32, scale: f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let (chunks, rest) = row.as_chunks_mut::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            chunk[lane] = exp((chunk[lane] - greatest) * scale);
            lanes[lane] += chunk[lane];
        }
    }
    for (lane, number) in lanes.iter_mut().zip(rest) {
        *number = exp((*number - greatest) * scale);
        *lane += *number;
    }
    tree(lanes)
}

/// Multiplies a row.
#[inline(always)]
pub(crate) fn scale(row: &mut [f32], factor: f32) {
    for number in row {
        *number *= factor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::wide;

    #[test]
    fn the_exponential_is_right_to_two_units_in_the_last_place() {
        for step in -64_000..88_000 {
            let x = step as f32 * 1e-3;
            let truth = libm::exp(f64::from(x));
            let error = (f64::from(exp(x)) - truth).abs() / truth;
            assert!(error < 2.0 * f64::from(f32::EPSILON), "{x}: {error:e}");
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(
            exp(-64.1) == 0.0
                && exp(f32::NEG_INFINITY) == 0.0
                && exp(1e9).is_finite()
                && exp(f32::NAN).is_nan()
        );
    }

    #[test]
    fn rows_of_any_length_are_summed_whole() {
        for length in 0..70 {
            let row: Vec<f32> = (0..length).map(|n| n as f32).collect();
            let expected = (0..length).map(|n| n * n).sum::<usize>() as f32;
            assert_eq!(wide(|| sum(&row, &row, |a, b| a * b)), expected);
            let last = length
                .checked_sub(1)
                .map_or(f32::NEG_INFINITY, |n| n as f32);
            assert_eq!(wide(|| greatest(&row)), last);
        }
    }

    #[test]
    fn exponentials_of_a_row_add_up() {
        let mut row = [1.0, 3.0, 2.0];
        let total = exponentials(&mut row, 3.0, 0.5);
        assert_eq!(row, [exp(-1.0), 1.0, exp(-0.5)]);
        assert!((total - row.iter().sum::<f32>()).abs() < 1e-6);
    }
}
