//! Curation of what is published: the preferred one of several candidates.

use types::content::Content;
use types::random::{Cumulative, Stream};

/// Somebody is shown candidates and publishes one of them, x with probability proportional to exp(reward x): the choice of
/// Bradley and Terry (1952) among two and of Luce (1959) and Plackett (1975) among more, for a reward that is linear in the
/// document's first number (Ferbach et al. 2024).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BestOf {
    /// Documents to choose one from.
    pub candidates: usize,
    /// Log-odds of a document over one that is smaller by 1.
    pub reward: f64,
}

impl BestOf {
    /// Puts into `positions` one document of each row of `candidates` documents of `drawn`. Text and symbols have no reward: of
    /// them, each is as good as any.
    pub fn choose(&self, drawn: &Content, rng: &mut Stream, positions: &mut Vec<u32>) {
        self.choose_by(drawn.len(), |index| first(drawn, index), rng, positions);
    }

    /// The same of `documents` documents, of which `x` says what the reward is linear in.
    pub fn choose_by(
        &self,
        documents: usize,
        x: impl Fn(usize) -> f64,
        rng: &mut Stream,
        positions: &mut Vec<u32>,
    ) {
        positions.clear();
        for start in (0..documents).step_by(self.candidates) {
            let row = start..(start + self.candidates).min(documents);
            let rewards: Vec<f64> = row.map(|index| self.reward * x(index)).collect();
            let largest = rewards.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let odds = rewards.iter().map(|reward| libm::exp(reward - largest));
            if let Some(choice) = Cumulative::new(odds) {
                positions.push((start + choice.draw(rng)) as u32);
            }
        }
    }
}

fn first(content: &Content, index: usize) -> f64 {
    match content {
        Content::F32(numbers) => f64::from(numbers.values[index * numbers.dimension as usize]),
        Content::F64(numbers) => numbers.values[index * numbers.dimension as usize],
        Content::Symbols { .. } | Content::Text { .. } => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::content::Numbers;
    use types::random::{Purpose, Seed};

    /// Of -1 and 1 the larger wins with probability 1 / (1 + e^-1) = 0.731; the bound is five standard errors of 10,000.
    #[test]
    fn the_odds_are_those_of_the_reward() {
        let choice = BestOf {
            candidates: 2,
            reward: 0.5,
        };
        let drawn = Content::F64(Numbers {
            dimension: 2,
            values: [-1.0, 9.0, 1.0, 0.0].repeat(10_000),
        });
        let mut rng = Seed(6).key(0, Purpose::Sample).stream(0, 0);
        let mut positions = Vec::new();
        choice.choose(&drawn, &mut rng, &mut positions);
        let rows = positions.iter().zip(0..).all(|(at, row)| at / 2 == row);
        assert!(rows && positions.len() == 10_000);
        let wins = positions.iter().filter(|at| *at % 2 == 1).count() as f64;
        assert!((wins / 1e4 - 1.0 / (1.0 + (-1.0_f64).exp())).abs() < 0.022);
    }

    #[test]
    fn a_strong_reward_takes_the_largest() {
        let choice = BestOf {
            candidates: 3,
            reward: 1e6,
        };
        let drawn = Content::F32(Numbers {
            dimension: 1,
            values: vec![1.0, 3.0, 2.0, -9.0, -7.0, -8.0],
        });
        let mut rng = Seed(6).key(0, Purpose::Sample).stream(0, 0);
        let mut positions = Vec::new();
        choice.choose(&drawn, &mut rng, &mut positions);
        assert_eq!(positions, [1, 4]);
    }
}
