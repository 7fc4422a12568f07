//! Philox for processors with AVX2, four blocks a register.

use std::arch::x86_64::__m256i;

use pulp::x86::V3;

use super::{MULTIPLIER, Place, ROUNDS, WORDS, round_key};

/// Four consecutive blocks: a counter word of each in the low half of a 64-bit slot, because one
/// instruction multiplies low halves to a 64-bit product. The high halves hold rubbish that no
/// result depends on.
type Quad = [__m256i; 4];
/// The same four blocks one after the other, eight words a register.
type Words = [__m256i; 2];

/// The task of [`Place::blocks`].
pub(super) struct Blocks<'a> {
    pub(super) simd: V3,
    pub(super) place: Place,
    pub(super) first: u32,
    pub(super) out: &'a mut [u32; WORDS],
}

impl pulp::NullaryFnOnce for Blocks<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let engine = Engine {
            simd: self.simd,
            place: self.place,
        };
        *self.out = pulp::cast(engine.two(self.first));
    }
}

/// The task of [`Place::products`].
pub(super) struct Products<'a> {
    pub(super) simd: V3,
    pub(super) place: Place,
    pub(super) first: u32,
    pub(super) n: u32,
    pub(super) out: &'a mut [u32],
}

/// Words of four quads: as many chains of rounds as keep the multiplier busy.
const CHUNK: usize = 64;

impl pulp::NullaryFnOnce for Products<'_> {
    type Output = u32;

    #[inline(always)]
    fn call(self) -> u32 {
        let engine = Engine {
            simd: self.simd,
            place: self.place,
        };
        let n = self.simd.avx._mm256_set1_epi32(self.n.cast_signed());
        let mut least: __m256i = pulp::cast([u32::MAX; 8]);
        let mut first = self.first;
        let (chunks, rest) = self.out.as_chunks_mut::<CHUNK>();
        for chunk in chunks {
            let words: [__m256i; CHUNK / 8] = pulp::cast(engine.four(first));
            for (&words, out) in words.iter().zip(chunk.as_chunks_mut::<8>().0) {
                let (high, low) = engine.product(words, n);
                least = self.simd.avx2._mm256_min_epu32(least, low);
                *out = pulp::cast(high);
            }
            first = first.wrapping_add(CHUNK as u32 / 4);
        }
        let lanes: [u32; 8] = pulp::cast(least);
        lanes
            .into_iter()
            .fold(engine.rest(first, n, rest), u32::min)
    }
}

struct Engine {
    simd: V3,
    place: Place,
}

impl Engine {
    /// Eight blocks from block `first` on.
    #[inline(always)]
    fn two(&self, first: u32) -> [Words; 2] {
        let (mut a, mut b) = (self.open(first), self.open(first.wrapping_add(4)));
        for round in 0..ROUNDS {
            let key = round_key(self.place.key, round);
            a = self.round(&a, key);
            b = self.round(&b, key);
        }
        [self.close(&a), self.close(&b)]
    }

    /// Sixteen blocks from block `first` on.
    #[inline(always)]
    fn four(&self, first: u32) -> [Words; 4] {
        let (mut a, mut b) = (self.open(first), self.open(first.wrapping_add(4)));
        let (mut c, mut d) = (
            self.open(first.wrapping_add(8)),
            self.open(first.wrapping_add(12)),
        );
        for round in 0..ROUNDS {
            let key = round_key(self.place.key, round);
            a = self.round(&a, key);
            b = self.round(&b, key);
            c = self.round(&c, key);
            d = self.round(&d, key);
        }
        [
            self.close(&a),
            self.close(&b),
            self.close(&c),
            self.close(&d),
        ]
    }

    #[inline(always)]
    fn splat(&self, word: u32) -> __m256i {
        self.simd.avx._mm256_set1_epi64x(i64::from(word))
    }

    #[inline(always)]
    fn open(&self, first: u32) -> Quad {
        let block = |lane| u64::from(first.wrapping_add(lane));
        let counter: [u64; 4] = [block(0), block(1), block(2), block(3)];
        let [a, b, c] = self.place.rest;
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
    fn close(&self, quad: &Quad) -> Words {
        let (avx, avx2) = (self.simd.avx, self.simd.avx2);
        let pair = |even, odd| self.blend(even, avx2._mm256_slli_epi64::<32>(odd));
        let (front, back) = (pair(quad[0], quad[1]), pair(quad[2], quad[3]));
        let even = avx2._mm256_unpacklo_epi64(front, back);
        let odd = avx2._mm256_unpackhi_epi64(front, back);
        [
            avx._mm256_permute2f128_si256::<0x20>(even, odd),
            avx._mm256_permute2f128_si256::<0x31>(even, odd),
        ]
    }

    /// Low halves of the slots of `even`, high halves of those of `odd`.
    #[inline(always)]
    fn blend(&self, even: __m256i, odd: __m256i) -> __m256i {
        self.simd.avx2._mm256_blend_epi32::<0b1010_1010>(even, odd)
    }

    /// High and low halves of eight products.
    #[inline(always)]
    fn product(&self, words: __m256i, n: __m256i) -> (__m256i, __m256i) {
        let avx2 = self.simd.avx2;
        let even = avx2._mm256_mul_epu32(words, n);
        let odd = avx2._mm256_mul_epu32(avx2._mm256_srli_epi64::<32>(words), n);
        let high = self.blend(avx2._mm256_srli_epi64::<32>(even), odd);
        let low = self.blend(even, avx2._mm256_slli_epi64::<32>(odd));
        (high, low)
    }

    /// The products of fewer words than a chunk. What is beyond the end was not asked for, so it
    /// rejects nothing.
    #[inline(always)]
    fn rest(&self, first: u32, n: __m256i, out: &mut [u32]) -> u32 {
        let mut least = u32::MAX;
        if out.is_empty() {
            return least;
        }
        let words: [__m256i; CHUNK / 8] = pulp::cast(self.four(first));
        for (&words, out) in words.iter().zip(out.chunks_mut(8)) {
            let (high, low) = self.product(words, n);
            let (high, low): ([u32; 8], [u32; 8]) = (pulp::cast(high), pulp::cast(low));
            for ((value, &high), &low) in out.iter_mut().zip(&high).zip(&low) {
                *value = high;
                least = least.min(low);
            }
        }
        least
    }
}
