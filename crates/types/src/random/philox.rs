//! Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw (2011).
//!
//! A block is a pure function of (key, counter). [`LANES`] consecutive blocks are computed at once: integer arithmetic
//! gives the same bits whether or not the processor has vectors.

/// Blocks computed at once.
pub(super) const LANES: usize = 8;
/// Words in [`LANES`] blocks.
pub(super) const WORDS: usize = 4 * LANES;

const MULTIPLIER: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// Blocks `first .. first + LANES` of the stream (`key`, `rest`), block after block, four words each.
#[inline]
pub(super) fn blocks(key: [u32; 2], first: u32, rest: [u32; 3], out: &mut [u32; WORDS]) {
    #[cfg(target_arch = "x86_64")]
    if let pulp::Arch::V3(simd) = pulp::Arch::new() {
        return simd.vectorize(avx2::Blocks {
            simd,
            key,
            first,
            rest,
            out,
        });
    }
    portable(key, first, rest, out);
}

/// One block after the other, in plain integer arithmetic.
fn portable(key: [u32; 2], first: u32, rest: [u32; 3], out: &mut [u32; WORDS]) {
    for (lane, block) in out.chunks_exact_mut(4).enumerate() {
        let mut c = [first.wrapping_add(lane as u32), rest[0], rest[1], rest[2]];
        for round in 0..ROUNDS {
            let [k0, k1] = round_key(key, round);
            let even = u64::from(MULTIPLIER[0]) * u64::from(c[0]);
            let odd = u64::from(MULTIPLIER[1]) * u64::from(c[2]);
            c = [
                (odd >> 32) as u32 ^ c[1] ^ k0,
                odd as u32,
                (even >> 32) as u32 ^ c[3] ^ k1,
                even as u32,
            ];
        }
        block.copy_from_slice(&c);
    }
}

#[inline(always)]
fn round_key(key: [u32; 2], round: usize) -> [u32; 2] {
    let step = |word: usize| key[word].wrapping_add(WEYL[word].wrapping_mul(round as u32));
    [step(0), step(1)]
}

/// The same for processors with AVX2, four blocks a register.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::__m256i;

    use pulp::x86::V3;

    use super::{MULTIPLIER, ROUNDS, WORDS, round_key};

    /// Four consecutive blocks: a counter word of each in the low half of a 64-bit slot, because one instruction
    /// multiplies low halves to a 64-bit product. The high halves hold rubbish that no result depends on.
    type Quad = [__m256i; 4];

    pub(super) struct Blocks<'a> {
        pub(super) simd: V3,
        pub(super) key: [u32; 2],
        pub(super) first: u32,
        pub(super) rest: [u32; 3],
        pub(super) out: &'a mut [u32; WORDS],
    }

    impl pulp::NullaryFnOnce for Blocks<'_> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            let mut quads = [self.open(0), self.open(4)];
            for round in 0..ROUNDS {
                let key = round_key(self.key, round);
                quads = [self.round(&quads[0], key), self.round(&quads[1], key)];
            }
            let halves = [self.close(&quads[0]), self.close(&quads[1])];
            self.out.copy_from_slice(halves.as_flattened());
        }
    }

    impl Blocks<'_> {
        #[inline(always)]
        fn splat(&self, word: u32) -> __m256i {
            self.simd.avx._mm256_set1_epi64x(i64::from(word))
        }

        #[inline(always)]
        fn open(&self, offset: u32) -> Quad {
            let block = |lane| u64::from(self.first.wrapping_add(offset + lane));
            let counter: [u64; 4] = [block(0), block(1), block(2), block(3)];
            let [a, b, c] = self.rest;
            [
                pulp::cast(counter),
                self.splat(a),
                self.splat(b),
                self.splat(c),
            ]
        }

        #[inline(always)]
        fn round(&self, c: &Quad, key: [u32; 2]) -> Quad {
            let avx2 = self.simd.avx2;
            let even = avx2._mm256_mul_epu32(c[0], self.splat(MULTIPLIER[0]));
            let odd = avx2._mm256_mul_epu32(c[2], self.splat(MULTIPLIER[1]));
            [
                self.mix(odd, c[1], key[0]),
                odd,
                self.mix(even, c[3], key[1]),
                even,
            ]
        }

        #[inline(always)]
        fn mix(&self, product: __m256i, counter: __m256i, key: u32) -> __m256i {
            let avx2 = self.simd.avx2;
            let high = avx2._mm256_srli_epi64::<32>(product);
            avx2._mm256_xor_si256(avx2._mm256_xor_si256(high, counter), self.splat(key))
        }

        /// From counter words side by side to blocks one after the other.
        #[inline(always)]
        fn close(&self, quad: &Quad) -> [u32; WORDS / 2] {
            let (avx, avx2) = (self.simd.avx, self.simd.avx2);
            let pair = |even, odd| {
                avx2._mm256_blend_epi32::<0b1010_1010>(even, avx2._mm256_slli_epi64::<32>(odd))
            };
            let (front, back) = (pair(quad[0], quad[1]), pair(quad[2], quad[3]));
            let even = avx2._mm256_unpacklo_epi64(front, back);
            let odd = avx2._mm256_unpackhi_epi64(front, back);
            pulp::cast([
                avx._mm256_permute2f128_si256::<0x20>(even, odd),
                avx._mm256_permute2f128_si256::<0x31>(even, odd),
            ])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(key: [u32; 2], counter: [u32; 4]) -> [u32; 4] {
        let mut out = [0; WORDS];
        blocks(
            key,
            counter[0],
            [counter[1], counter[2], counter[3]],
            &mut out,
        );
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
            let (mut vector, mut plain) = ([0; WORDS], [0; WORDS]);
            blocks([first ^ 5, 9], first, [1, first, 3], &mut vector);
            portable([first ^ 5, 9], first, [1, first, 3], &mut plain);
            assert_eq!(vector, plain);
        }
    }

    #[test]
    fn lanes_are_consecutive_blocks() {
        let mut out = [0; WORDS];
        blocks([1, 2], 40, [3, 4, 5], &mut out);
        for lane in 0..LANES {
            assert_eq!(
                out[4 * lane..4 * lane + 4],
                block([1, 2], [40 + lane as u32, 3, 4, 5])
            );
        }
    }
}
