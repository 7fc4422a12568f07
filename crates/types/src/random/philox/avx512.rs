//! Slots for processors with AVX-512: eight a register.

use std::arch::x86_64::__m512i;

use pulp::x86::V4;

use super::slots::Slots;

impl Slots for V4 {
    type Vector = __m512i;
    const BLOCKS: usize = 8;

    #[inline(always)]
    fn splat(self, word: u32) -> __m512i {
        self.avx512f._mm512_set1_epi64(i64::from(word))
    }

    #[inline(always)]
    fn count(self, first: u32) -> __m512i {
        let numbers = pulp::cast([[0_u64, 1, 2, 3], [4, 5, 6, 7]]);
        self.avx512f._mm512_add_epi64(self.splat(first), numbers)
    }

    #[inline(always)]
    fn multiply(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512f._mm512_mul_epu32(a, b)
    }

    #[inline(always)]
    fn high(self, a: __m512i) -> __m512i {
        self.avx512f._mm512_srli_epi64::<32>(a)
    }

    #[inline(always)]
    fn xor(self, a: __m512i, b: __m512i, c: __m512i) -> __m512i {
        // The truth table of three-way parity.
        self.avx512f
            ._mm512_ternarylogic_epi64::<0b1001_0110>(a, b, c)
    }

    #[inline(always)]
    fn lesser(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512f._mm512_min_epu32(a, b)
    }

    #[inline(always)]
    fn zip_high(self, words: &[__m512i; 4]) -> [__m512i; 2] {
        let front = self
            .avx512f
            ._mm512_mask_shuffle_epi32::<HIGH>(words[1], EVEN, words[0]);
        let back = self
            .avx512f
            ._mm512_mask_shuffle_epi32::<HIGH>(words[3], EVEN, words[2]);
        transpose(self, front, back)
    }

    #[inline(always)]
    fn store(self, words: [__m512i; 2], out: &mut [u32]) {
        let words: [u32; 32] = pulp::cast(words);
        out.copy_from_slice(&words[..out.len()]);
    }

    #[inline(always)]
    fn least_low(self, a: __m512i) -> u32 {
        let slots: [u64; 8] = pulp::cast(a);
        slots
            .into_iter()
            .fold(u32::MAX, |least, slot| least.min(slot as u32))
    }
}

/// The low halves of the slots.
const EVEN: u16 = 0b0101_0101_0101_0101;
/// Both halves of a slot become its high one.
const HIGH: i32 = 0b11_11_01_01;

/// Slots of `front` and `back` in turn.
#[inline(always)]
fn transpose(simd: V4, front: __m512i, back: __m512i) -> [__m512i; 2] {
    let (first, second) = (
        pulp::cast([[0_u64, 8, 1, 9], [2, 10, 3, 11]]),
        pulp::cast([[4_u64, 12, 5, 13], [6, 14, 7, 15]]),
    );
    let pick = simd.avx512f;
    [
        pick._mm512_permutex2var_epi64(front, first, back),
        pick._mm512_permutex2var_epi64(front, second, back),
    ]
}
