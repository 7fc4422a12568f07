//! Which vector instructions are used.

use std::sync::atomic::{AtomicU8, Ordering};

use pulp::WithSimd;
#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};

/// Sets of vector instructions, from the narrowest to the widest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Simd {
    /// What every processor of the architecture has: SSE2 on x86-64.
    Baseline = 0,
    /// AVX2: vectors of 8 numbers.
    Avx2 = 1,
    /// AVX-512: vectors of 16 numbers.
    Avx512 = 2,
}

/// The widest set that may be used, as a number.
static CEILING: AtomicU8 = AtomicU8::new(Simd::Avx512 as u8);

/// Lets the whole process use no wider vectors than `level`, for instance to show that results do not depend on them.
/// From the start there is no limit but the processor.
pub fn limit_simd(level: Simd) {
    CEILING.store(level as u8, Ordering::Relaxed);
}

/// The widest set that the processor has and [`limit_simd`] allows.
pub fn simd() -> Simd {
    let ceiling = CEILING.load(Ordering::Relaxed);
    #[cfg(target_arch = "x86_64")]
    {
        if ceiling >= Simd::Avx512 as u8 && V4::try_new().is_some() {
            return Simd::Avx512;
        }
        if ceiling >= Simd::Avx2 as u8 && V3::try_new().is_some() {
            return Simd::Avx2;
        }
    }
    let _ = ceiling;
    Simd::Baseline
}

/// Runs a task written for vectors of any width.
pub(crate) fn dispatch<T: WithSimd>(task: T) -> T::Output {
    #[cfg(target_arch = "x86_64")]
    {
        let ceiling = CEILING.load(Ordering::Relaxed);
        if ceiling >= Simd::Avx512 as u8
            && let Some(simd) = V4::try_new()
        {
            return pulp::Simd::vectorize(simd, task);
        }
        if ceiling >= Simd::Avx2 as u8
            && let Some(simd) = V3::try_new()
        {
            return pulp::Simd::vectorize(simd, task);
        }
    }
    task.with_simd(pulp::Scalar128b)
}

/// Runs plain code, compiled once for each width of vectors. Rust never fuses or reorders operations on numbers, so the
/// bits are the same; the widths of sums must be written down in the code. The task must be a closure that is always
/// inlined, and so must be all that it calls: what is not, is compiled without the wide vectors.
pub(crate) fn wide<R>(task: impl FnOnce() -> R) -> R {
    struct Plain<F>(F);
    impl<R, F: FnOnce() -> R> WithSimd for Plain<F> {
        type Output = R;

        #[inline(always)]
        fn with_simd<S: pulp::Simd>(self, _: S) -> R {
            (self.0)()
        }
    }
    dispatch(Plain(task))
}
