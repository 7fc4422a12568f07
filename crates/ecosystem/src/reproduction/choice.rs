//! What is published when one of several candidates is chosen by a reward.

/// Mean and standard deviation after t rounds in which a normal distribution, N(0, 1) at first, is
/// refitted to infinitely many documents, each chosen among `candidates` with probability proportional
/// to exp(reward x) (Ferbach et al. 2024).
pub(super) fn climbed(candidates: f64, reward: f64, t: u32) -> (f64, f64) {
    (0..t).fold((0.0, 1.0), |(mean, sd), _| {
        let (first, second) = chosen(candidates, reward * sd);
        (mean + sd * first, sd * libm::sqrt(second - first * first))
    })
}

/// First and second moment of the chosen one of K standard normal candidates, with probability
/// proportional to exp(c x).
///
/// 1 / S is the integral of exp(-s S) over s > 0, and under it the candidates are independent:
/// E[g] = K int E[g(x) e^(cx) exp(-s e^(cx))] E[exp(-s e^(cx))]^(K-1) ds. Both integrals are sums over even
/// grids, s on a logarithmic scale; their terms are smooth and vanish at both ends, so that the sums are
/// exact to nine digits.
fn chosen(candidates: f64, c: f64) -> (f64, f64) {
    let grid: Vec<(f64, f64, f64)> = (-STEPS..=STEPS)
        .map(|step| {
            let x = f64::from(step) * STEP;
            (x, STEP * density(x), libm::exp(c * x))
        })
        .collect();
    let (mut first, mut second) = (0.0, 0.0);
    for step in -LOG_STEPS..=LOG_STEPS {
        let s = libm::exp(f64::from(step) * STEP);
        let (mut rest, mut linear, mut square) = (0.0, 0.0, 0.0);
        for &(x, mass, odds) in &grid {
            let term = mass * libm::exp(-s * odds);
            rest += term;
            linear += term * odds * x;
            square += term * odds * x * x;
        }
        let weight = candidates * libm::pow(rest, candidates - 1.0) * s * STEP;
        first += weight * linear;
        second += weight * square;
    }
    (first, second)
}

/// Width of the steps of both grids.
const STEP: f64 = 0.1;

/// Ten standard deviations to either side.
const STEPS: i32 = 100;

/// From exp(-30) to exp(30): below, the integrand falls like s; above, only a candidate more than ten
/// standard deviations down would be left.
const LOG_STEPS: i32 = 300;

fn density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x) / libm::sqrt(std::f64::consts::TAU)
}
