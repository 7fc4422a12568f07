//! Multiplies many words by one bound: the arithmetic of bounded draws.

/// Fills `out` with the high halves of `words` times `n`; gives the least of the low halves.
#[inline]
pub(super) fn scale(n: u32, words: &[u32], out: &mut [u32]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if let pulp::Arch::V3(simd) = pulp::Arch::new() {
        return simd.vectorize(avx2::Scale {
            simd,
            n,
            words,
            out,
        });
    }
    portable(n, words, out)
}

fn portable(n: u32, words: &[u32], out: &mut [u32]) -> u32 {
    let mut least = u32::MAX;
    for (value, &word) in out.iter_mut().zip(words) {
        let wide = u64::from(word) * u64::from(n);
        least = least.min(wide as u32);
        *value = (wide >> 32) as u32;
    }
    least
}

/// The same for processors with AVX2, eight words a register.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::__m256i;

    use pulp::x86::V3;

    pub(super) struct Scale<'a> {
        pub(super) simd: V3,
        pub(super) n: u32,
        pub(super) words: &'a [u32],
        pub(super) out: &'a mut [u32],
    }

    impl pulp::NullaryFnOnce for Scale<'_> {
        type Output = u32;

        #[inline(always)]
        fn call(self) -> u32 {
            let (words, words_rest) = self.words.as_chunks::<8>();
            let (out, out_rest) = self.out.as_chunks_mut::<8>();
            let n = self.simd.avx._mm256_set1_epi32(self.n.cast_signed());
            let mut least: __m256i = pulp::cast([u32::MAX; 8]);
            for (words, out) in words.iter().zip(out) {
                let (high, low) = product(self.simd, pulp::cast(*words), n);
                least = self.simd.avx2._mm256_min_epu32(least, low);
                *out = pulp::cast(high);
            }
            let lanes: [u32; 8] = pulp::cast(least);
            let rest = super::portable(self.n, words_rest, out_rest);
            lanes.into_iter().fold(rest, u32::min)
        }
    }

    /// High and low halves of eight products.
    #[inline(always)]
    fn product(simd: V3, words: __m256i, n: __m256i) -> (__m256i, __m256i) {
        let avx2 = simd.avx2;
        let even = avx2._mm256_mul_epu32(words, n);
        let odd = avx2._mm256_mul_epu32(avx2._mm256_srli_epi64::<32>(words), n);
        let high = avx2._mm256_blend_epi32::<0b1010_1010>(avx2._mm256_srli_epi64::<32>(even), odd);
        let low = avx2._mm256_blend_epi32::<0b1010_1010>(even, avx2._mm256_slli_epi64::<32>(odd));
        (high, low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_give_the_portable_bits() {
        let words: Vec<u32> = (0..29_u32).map(|i| i.wrapping_mul(0x9E37_79B9)).collect();
        for n in [1, 10, 100_000, u32::MAX] {
            let (mut vector, mut plain) = ([0; 29], [0; 29]);
            assert_eq!(
                scale(n, &words, &mut vector),
                portable(n, &words, &mut plain)
            );
            assert_eq!(vector, plain);
        }
    }
}
