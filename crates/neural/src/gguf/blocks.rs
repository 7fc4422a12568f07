//! Numbers in blocks: a few bits for each, and a scale for all (the formats of GGML).

use crate::half::{from_bf16, from_f16};

/// A way to keep numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks {
    /// Numbers of a block.
    pub(super) numbers: usize,
    /// Bytes of a block.
    pub(super) bytes: usize,
    /// Appends the numbers of a block.
    pub(super) decode: fn(&[u8], &mut Vec<f32>),
}

/// Names of what [`of`] knows.
pub(super) const KNOWN: &str = "F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q8_0 and Q6_K";

/// The way that has this number in GGML; `None` for those that are not known here.
pub(super) fn of(kind: u32) -> Option<Blocks> {
    let blocks = |numbers, bytes, decode| {
        Some(Blocks {
            numbers,
            bytes,
            decode,
        })
    };
    match kind {
        0 => blocks(1, 4, f32),
        1 => blocks(1, 2, |block, out| out.push(from_f16(pair(block, 0)))),
        2 => blocks(32, 18, q4_0),
        3 => blocks(32, 20, q4_1),
        6 => blocks(32, 22, q5_0),
        8 => blocks(32, 34, q8_0),
        14 => blocks(256, 210, q6_k),
        30 => blocks(1, 2, |block, out| out.push(from_bf16(pair(block, 0)))),
        _ => None,
    }
}

fn pair(block: &[u8], position: usize) -> [u8; 2] {
    [block[position], block[position + 1]]
}

fn scale(block: &[u8], position: usize) -> f32 {
    from_f16(pair(block, position))
}

fn f32(block: &[u8], out: &mut Vec<f32>) {
    out.push(f32::from_le_bytes([block[0], block[1], block[2], block[3]]));
}

/// All lower halves of bytes, then all upper ones.
fn halves(bytes: &[u8]) -> impl Iterator<Item = u8> {
    bytes
        .iter()
        .map(|byte| byte & 15)
        .chain(bytes.iter().map(|byte| byte >> 4))
}

fn q4_0(block: &[u8], out: &mut Vec<f32>) {
    let scale = scale(block, 0);
    out.extend(halves(&block[2..]).map(|half| scale * (f32::from(half) - 8.0)));
}

fn q4_1(block: &[u8], out: &mut Vec<f32>) {
    let (scale, least) = (scale(block, 0), scale(block, 2));
    out.extend(halves(&block[4..]).map(|half| scale * f32::from(half) + least));
}

/// Four bits of each number in halves of bytes, the fifth ones in a word.
fn q5_0(block: &[u8], out: &mut Vec<f32>) {
    let scale = scale(block, 0);
    let fifth = |place: usize| block[2 + place / 8] >> (place % 8) & 1;
    let value = |(place, half): (usize, u8)| f32::from(half | fifth(place) << 4) - 16.0;
    out.extend(
        halves(&block[6..])
            .enumerate()
            .map(|number| scale * value(number)),
    );
}

fn q8_0(block: &[u8], out: &mut Vec<f32>) {
    let scale = scale(block, 0);
    out.extend(
        block[2..]
            .iter()
            .map(|byte| scale * f32::from(byte.cast_signed())),
    );
}

/// Sixteen groups of 16 numbers, each with a scale of its own. In each half of the block, 64 bytes have the lower four
/// bits of 128 numbers, and 32 bytes their upper two.
fn q6_k(block: &[u8], out: &mut Vec<f32>) {
    let (low, high, scales) = (&block[..128], &block[128..192], &block[192..208]);
    let all = scale(block, 208);
    for place in 0..256 {
        let (half, within) = (place / 128, place % 128);
        let low = low[64 * half + within % 64] >> (within / 64 * 4) & 15;
        let high = high[32 * half + within % 32] >> (within / 32 * 2) & 3;
        let value = f32::from(low | high << 4) - 32.0;
        out.push(all * f32::from(scales[place / 16].cast_signed()) * value);
    }
}
