//! Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw (2011).
//!
//! A block is a pure function of (key, counter). [`LANES`] consecutive blocks are computed at once: integer arithmetic
//! gives the same bits whether or not the processor has vectors.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod slots;

#[cfg(target_arch = "x86_64")]
use slots::Products;

/// Blocks computed at once.
pub(super) const LANES: usize = 4;
/// Words in [`LANES`] blocks.
pub(super) const WORDS: usize = 4 * LANES;

const MULTIPLIER: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// Where a run of blocks lies: the key, and the three counter words that stay the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) key: [u32; 2],
    pub(super) rest: [u32; 3],
}

impl Place {
    /// Blocks `first .. first + LANES`, one after the other, four words each.
    #[inline]
    pub(super) fn blocks(self, first: u32, out: &mut [u32; WORDS]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(slots) = narrow(pulp::Arch::new()) {
            let place = self;
            return slots.vectorize(avx2::Blocks {
                slots,
                place,
                first,
                out,
            });
        }
        self.blocks_portable(first, out);
    }

    /// Fills `out` with the high halves of the products of the words from block `first` on and `n`;
    /// gives a number that none of the low halves is below.
    #[inline]
    pub(super) fn products(self, first: u32, n: u32, out: &mut [u32]) -> u32 {
        let place = self;
        match pulp::Arch::new() {
            #[cfg(target_arch = "x86_64")]
            pulp::Arch::V4(slots) => slots.vectorize(Products::<_, 3> {
                slots,
                place,
                first,
                n,
                out,
            }),
            #[cfg(target_arch = "x86_64")]
            pulp::Arch::V3(slots) => slots.vectorize(Products::<_, 2> {
                slots,
                place,
                first,
                n,
                out,
            }),
            _ => self.products_portable(first, n, out),
        }
    }

    /// One block after the other, in plain integer arithmetic.
    fn blocks_portable(self, first: u32, out: &mut [u32; WORDS]) {
        for (lane, block) in out.chunks_exact_mut(4).enumerate() {
            block.copy_from_slice(&self.block(first.wrapping_add(lane as u32)));
        }
    }

    fn products_portable(self, first: u32, n: u32, out: &mut [u32]) -> u32 {
        let mut least = u32::MAX;
        for (number, chunk) in (0..).zip(out.chunks_mut(4)) {
            let words = self.block(first.wrapping_add(number));
            least = least.min(scale(n, &words, chunk));
        }
        least
    }

    fn block(self, first: u32) -> [u32; 4] {
        let mut c = [first, self.rest[0], self.rest[1], self.rest[2]];
        for round in 0..ROUNDS {
            let [k0, k1] = round_key(self.key, round);
            let even = u64::from(MULTIPLIER[0]) * u64::from(c[0]);
            let odd = u64::from(MULTIPLIER[1]) * u64::from(c[2]);
            let (high_even, high_odd) = ((even >> 32) as u32, (odd >> 32) as u32);
            c = [
                high_odd ^ c[1] ^ k0,
                odd as u32,
                high_even ^ c[3] ^ k1,
                even as u32,
            ];
        }
        c
    }
}

/// Fills `out` with the high halves of the products of `words` and `n`; gives the least of the low
/// halves.
#[inline]
pub(super) fn scale(n: u32, words: &[u32], out: &mut [u32]) -> u32 {
    let mut least = u32::MAX;
    for (value, &word) in out.iter_mut().zip(words) {
        let wide = u64::from(word) * u64::from(n);
        least = least.min(wide as u32);
        *value = (wide >> 32) as u32;
    }
    least
}

/// The vectors of AVX2, if the processor has them.
#[cfg(target_arch = "x86_64")]
#[inline]
fn narrow(processor: pulp::Arch) -> Option<pulp::x86::V3> {
    match processor {
        pulp::Arch::V4(wide) => Some(*wide),
        pulp::Arch::V3(narrow) => Some(narrow),
        _ => None,
    }
}

#[inline(always)]
fn round_key(key: [u32; 2], round: usize) -> [u32; 2] {
    let step = |word: usize| key[word].wrapping_add(WEYL[word].wrapping_mul(round as u32));
    [step(0), step(1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(key: [u32; 2], counter: [u32; 4]) -> [u32; 4] {
        let mut out = [0; WORDS];
        let rest = [counter[1], counter[2], counter[3]];
        Place { key, rest }.blocks(counter[0], &mut out);
        [out[0], out[1], out[2], out[3]]
    }

    /// Known answers published with the Random123 library (Salmon et al. 2011).
    #[test]
    fn known_answers() {
        assert_eq!(
            block([0, 0], [0; 4]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            block([u32::MAX; 2], [u32::MAX; 4]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            block(
                [0xa409_3822, 0x299f_31d0],
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn vectors_give_the_portable_bits() {
        for first in [0, 7, u32::MAX - 3] {
            let place = Place {
                key: [first ^ 5, 9],
                rest: [1, first, 3],
            };
            let (mut vector, mut plain) = ([0; WORDS], [0; WORDS]);
            place.blocks(first, &mut vector);
            place.blocks_portable(first, &mut plain);
            assert_eq!(vector, plain);
        }
    }

    /// The same task as [`Place::products`] takes it up, on every kind of vectors that the processor has.
    fn products_on_all(place: Place, (first, n, len): (u32, u32, usize)) -> Vec<(u32, Vec<u32>)> {
        let mut all = Vec::new();
        let mut run = |task: &dyn Fn(&mut [u32]) -> u32| {
            let mut out = vec![0; len];
            let least = task(&mut out);
            all.push((least, out));
        };
        run(&|out| place.products(first, n, out));
        #[cfg(target_arch = "x86_64")]
        if let Some(slots) = narrow(pulp::Arch::new()) {
            run(&|out| {
                slots.vectorize(Products::<_, 2> {
                    slots,
                    place,
                    first,
                    n,
                    out,
                })
            });
        }
        all
    }

    /// Lengths around the edges of chunks, vectors and blocks.
    #[test]
    fn vector_products_give_the_portable_bits() {
        let place = Place {
            key: [1, 2],
            rest: [3, 4, 5],
        };
        for n in [1, 10, 100_000, u32::MAX] {
            for len in [
                0, 1, 3, 4, 8, 9, 31, 32, 33, 64, 95, 96, 100, 105, 128, 201, 300,
            ] {
                let first = u32::MAX - 9;
                let mut plain = vec![0; len];
                let least = place.products_portable(first, n, &mut plain);
                for (bound, vector) in products_on_all(place, (first, n, len)) {
                    assert_eq!(vector, plain);
                    assert!(bound <= least, "{bound} {least}");
                }
            }
        }
    }
}
