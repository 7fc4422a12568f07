//! Drawing at a temperature other than 1.

use rustc_hash::FxHashMap;
use types::random::Stream;

use super::fitted::{NgramFitted, Path};

/// A shorter context is asked so often for a token that did not follow the longer one.
///
/// Asking takes less than one draw in the mean, because what a context leaves to the shorter one
/// is at most what it has; only rounding could make it last.
const DRAWS_MAX: usize = 10_000;

/// Draws from p^(1 / temperature), renormalised, without going through the vocabulary.
///
/// Tokens that never followed a context have backoff times their probability in the shorter
/// context, so the tempered mass behind a context is that of the shorter one, less the tokens that
/// did follow. Both are computed once for each context that is met.
#[derive(Debug)]
pub(super) struct Tempered<'a> {
    fitted: &'a NgramFitted,
    exponent: f64,
    contexts: Vec<FxHashMap<u32, Context>>,
}

/// The tempered distribution after one context.
#[derive(Debug)]
struct Context {
    /// Masses are relative to this probability, the highest.
    peak: f64,
    /// Sums of the masses of the tokens that followed.
    sums: Vec<f64>,
    /// Mass of all others.
    rest: f64,
}

impl Context {
    fn total(&self) -> f64 {
        self.own() + self.rest
    }

    fn own(&self) -> f64 {
        self.sums.last().copied().unwrap_or(0.0)
    }
}

impl<'a> Tempered<'a> {
    pub(super) fn new(fitted: &'a NgramFitted, temperature: f64) -> Self {
        let contexts = fitted.levels.iter().map(|_| FxHashMap::default()).collect();
        Self {
            fitted,
            exponent: 1.0 / temperature,
            contexts,
        }
    }

    /// The next token after `history`.
    pub(super) fn draw(&mut self, history: u64, rng: &mut Stream) -> u32 {
        let path = self.fitted.path(history);
        for k in 0..=path.depth {
            if !self.contexts[k].contains_key(&path.nodes[k]) {
                let context = self.context(&path, k);
                self.contexts[k].insert(path.nodes[k], context);
            }
        }
        self.draw_at(&path, path.depth, rng)
    }

    fn draw_at(&self, path: &Path, k: usize, rng: &mut Stream) -> u32 {
        let (level, node) = (&self.fitted.levels[k], path.nodes[k]);
        let context = &self.contexts[k][&node];
        let first = level.followers(node).start;
        let point = rng.uniform() * context.total();
        if point >= context.own() {
            for _ in 0..DRAWS_MAX {
                let token = self.draw_below(path, k, rng);
                if level.find(node, token).is_none() {
                    return token;
                }
            }
        }
        let place = context.sums.partition_point(|&sum| sum <= point);
        level.next[first + place.min(context.sums.len() - 1)]
    }

    /// A draw from what lies behind level `k`.
    fn draw_below(&self, path: &Path, k: usize, rng: &mut Stream) -> u32 {
        if k == 0 {
            rng.below(self.fitted.outcomes)
        } else {
            self.draw_at(path, k - 1, rng)
        }
    }

    /// Computes the context at level `k` of `path`; the shorter ones are there already.
    fn context(&self, path: &Path, k: usize) -> Context {
        let (level, node) = (&self.fitted.levels[k], path.nodes[k]);
        let backoff = level.backoff[node as usize];
        let (peak_below, total_below) = self.below(path, k);
        let range = level.followers(node);
        let (mut inside, mut p) = (0.0, Vec::with_capacity(range.len()));
        for place in range {
            let below = self.probability_below(path, k, level.next[place]);
            inside += self.mass(below, peak_below);
            p.push(level.share(node, place) + backoff * below);
        }
        let peak = p.iter().fold(backoff * peak_below, |peak, &p| peak.max(p));
        let mut rest = 0.0;
        if backoff > 0.0 {
            rest = self.mass(backoff * peak_below, peak) * (total_below - inside).max(0.0);
        }
        Context {
            peak,
            sums: self.sums(p, peak),
            rest,
        }
    }

    /// Peak and total mass of what lies behind level `k`.
    fn below(&self, path: &Path, k: usize) -> (f64, f64) {
        if k == 0 {
            let outcomes = f64::from(self.fitted.outcomes);
            return (1.0 / outcomes, outcomes);
        }
        let context = &self.contexts[k - 1][&path.nodes[k - 1]];
        (context.peak, context.total())
    }

    fn probability_below(&self, path: &Path, k: usize, token: u32) -> f64 {
        if k == 0 {
            return 1.0 / f64::from(self.fitted.outcomes);
        }
        self.fitted.probability(
            &Path {
                depth: k - 1,
                ..*path
            },
            token,
        )
    }

    /// (p / peak)^(1 / temperature).
    fn mass(&self, p: f64, peak: f64) -> f64 {
        libm::pow(p / peak, self.exponent)
    }

    fn sums(&self, mut p: Vec<f64>, peak: f64) -> Vec<f64> {
        let mut sum = 0.0;
        for p in &mut p {
            sum += self.mass(*p, peak);
            *p = sum;
        }
        p
    }
}
