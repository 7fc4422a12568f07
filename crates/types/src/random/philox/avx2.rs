//! Slots for processors with AVX2: four a register.

use std::arch::x86_64::__m256i;

use pulp::x86::V3;

use super::slots::{Block, Engine, Slots};
use super::{Place, WORDS};

/// The task of [`Place::blocks`]. So few blocks are not faster on wider vectors.
pub(super) struct Blocks<'a> {
    pub(super) slots: V3,
    pub(super) place: Place,
    pub(super) first: u32,
    pub(super) out: &'a mut [u32; WORDS],
}

impl pulp::NullaryFnOnce for Blocks<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let engine = Engine {
            slots: self.slots,
            place: self.place,
        };
        let [block] = engine.blocks(self.first);
        *self.out = pulp::cast(zip_low(self.slots, &block));
    }
}

/// The low halves of four vectors, slot after slot.
#[inline(always)]
fn zip_low(simd: V3, words: &Block<V3>) -> [__m256i; 2] {
    let shift = simd.avx2;
    let front = blend(simd, words[0], shift._mm256_slli_epi64::<32>(words[1]));
    let back = blend(simd, words[2], shift._mm256_slli_epi64::<32>(words[3]));
    transpose(simd, front, back)
}

impl Slots for V3 {
    type Vector = __m256i;
    const BLOCKS: usize = 4;

    #[inline(always)]
    fn splat(self, word: u32) -> __m256i {
        self.avx._mm256_set1_epi64x(i64::from(word))
    }

    #[inline(always)]
    fn count(self, first: u32) -> __m256i {
        let numbers = pulp::cast([0_u64, 1, 2, 3]);
        self.avx2._mm256_add_epi64(self.splat(first), numbers)
    }

    #[inline(always)]
    fn multiply(self, a: __m256i, b: __m256i) -> __m256i {
        self.avx2._mm256_mul_epu32(a, b)
    }

    #[inline(always)]
    fn high(self, a: __m256i) -> __m256i {
        self.avx2._mm256_srli_epi64::<32>(a)
    }

    #[inline(always)]
    fn xor(self, a: __m256i, b: __m256i, c: __m256i) -> __m256i {
        self.avx2
            ._mm256_xor_si256(a, self.avx2._mm256_xor_si256(b, c))
    }

    #[inline(always)]
    fn lesser(self, a: __m256i, b: __m256i) -> __m256i {
        self.avx2._mm256_min_epu32(a, b)
    }

    #[inline(always)]
    fn zip_high(self, words: &[__m256i; 4]) -> [__m256i; 2] {
        let front = blend(self, self.high(words[0]), words[1]);
        let back = blend(self, self.high(words[2]), words[3]);
        transpose(self, front, back)
    }

    #[inline(always)]
    fn store(self, words: [__m256i; 2], out: &mut [u32]) {
        let words: [u32; 16] = pulp::cast(words);
        out.copy_from_slice(&words[..out.len()]);
    }

    #[inline(always)]
    fn least_low(self, a: __m256i) -> u32 {
        let slots: [u64; 4] = pulp::cast(a);
        slots
            .into_iter()
            .fold(u32::MAX, |least, slot| least.min(slot as u32))
    }
}

/// Low halves of the slots of `even`, high halves of those of `odd`.
#[inline(always)]
fn blend(simd: V3, even: __m256i, odd: __m256i) -> __m256i {
    simd.avx2._mm256_blend_epi32::<0b1010_1010>(even, odd)
}

/// Slots of `front` and `back` in turn.
#[inline(always)]
fn transpose(simd: V3, front: __m256i, back: __m256i) -> [__m256i; 2] {
    let even = simd.avx2._mm256_unpacklo_epi64(front, back);
    let odd = simd.avx2._mm256_unpackhi_epi64(front, back);
    [
        simd.avx2._mm256_permute2x128_si256::<0x20>(even, odd),
        simd.avx2._mm256_permute2x128_si256::<0x31>(even, odd),
    ]
}
