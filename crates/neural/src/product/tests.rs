use super::*;
use crate::simd::{Simd, limit_simd};
use types::random::{Purpose, Seed, Stream};

fn random(rng: &mut Stream, count: usize) -> Vec<f32> {
    (0..count).map(|_| rng.normal() as f32).collect()
}

#[test]
fn quick() {
    let mut rng = Seed(1).key(0, Purpose::Sample).stream(0, 0);
    for (m, k, n) in [(64, 512, 352), (4096, 64, 64), (64,64,2048), (64,2048,64),(2048,64,64), (512,512,512), (128,16,128)] {
        let a = random(&mut rng, m * k);
        let b = random(&mut rng, k * n);
        let mut c = vec![0.0; m * n];
        let mut packed = Packed::default();
        packed.pack(View::new(&b, k, n));
        for compute in [Compute::Exact, Compute::Fast] {
            for level in [Simd::Baseline, Simd::Avx2, Simd::Avx512] {
                limit_simd(level);
                for t in [false, true] {
                let left = if t { Left::Transposed(View::new(&a, k, m)) } else { Left::Plain(View::new(&a, m, k)) };
                let reps = 2_000_000_000 / (m * n * k) / if level == Simd::Baseline {10} else {1} + 1;
                let start = std::time::Instant::now();
                for _ in 0..reps {
                    compute.multiply(left, &packed.all(), &mut Target::new(&mut c, n));
                }
                let s = start.elapsed().as_secs_f64();
                println!("{m} {k} {n} {compute:?} {level:?} {t} {:.1} GFLOP/s", 2e-9 * (m * n * k * reps) as f64 / s);
                }
            }
        }
    }
}
