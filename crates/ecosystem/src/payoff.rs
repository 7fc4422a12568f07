//! What documents earn when models compete with every publication.

use std::ops::Range;

use learn::Family;
use types::content::Content;
use types::document::ModelId;
use web::{LogError, View};

use crate::diet::Tally;
use crate::pools::{Material, Pool};

/// A game: the document at each place of a publication answers one question, and an answer that c models gave earns its value
/// times c^-crowding (Raghavan 2024).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Payoff {
    /// Value of each answer.
    pub(crate) values: Vec<f64>,
    pub(crate) crowding: f64,
}

impl Payoff {
    /// Folds the latest publication of every author, each document with a weight in proportion to what it earned; all weights
    /// sum to the number of documents.
    pub(crate) fn pool<F: Family>(&self, material: &Material<'_, F>) -> Result<Pool<F>, LogError> {
        let (family, log, view) = (material.family, material.log, material.view);
        let mut pool = Pool::of(material, std::iter::empty())?;
        let latest = |author| view.authors().stretches(Some(author)).last();
        let stretches: Vec<Range<u32>> = authors(view).filter_map(latest).collect();
        let mut answers = Content::empty(family.kind());
        for stretch in &stretches {
            let positions: Vec<u32> = stretch.clone().collect();
            view.fetch(log, &positions, &mut answers)?;
        }
        let count = answers.len();
        let Content::Symbols { symbols, weights } = &mut answers else {
            return Ok(pool);
        };
        *weights = self.earned(&split(symbols, &stretches));
        let mean = weights.iter().sum::<f64>() / weights.len().max(1) as f64;
        if mean <= 0.0 {
            return Ok(pool);
        }
        let mut tally = material.ends.map(Tally::new);
        let mut rest = weights.as_slice();
        for stretch in stretches {
            let (ancestry, weight) = view.ancestry_of_range(log, stretch.clone());
            pool.weigh(ancestry, weight);
            let (own, others) = rest.split_at(stretch.len());
            rest = others;
            if let Some(tally) = &mut tally {
                // The documents of a stretch are one author's, of one instant.
                let earned = own.iter().sum::<f64>() / mean;
                view.visit_origins(log, stretch, |origin| tally.add(&origin, earned));
            }
        }
        pool.origins = tally.map(|tally| tally.origins());
        family.absorb(&mut pool.statistic, &answers, 0..count, 1.0 / mean);
        pool.earned = Some(mean);
        Ok(pool)
    }

    /// What each answer earns, player by player; each player's answers are to questions 0, 1, ...
    fn earned(&self, players: &[&[u32]]) -> Vec<f64> {
        let mut earned: Vec<Vec<f64>> = players.iter().map(|own| vec![0.0; own.len()]).collect();
        let questions = players.iter().map(|own| own.len()).max().unwrap_or(0);
        let mut given = vec![0_u32; self.values.len()];
        for question in 0..questions {
            let answers = || {
                players
                    .iter()
                    .map(|own| own.get(question).map(|&k| k as usize))
            };
            for k in answers().flatten() {
                if let Some(count) = given.get_mut(k) {
                    *count += 1;
                }
            }
            for (own, k) in earned.iter_mut().zip(answers()) {
                let value = k.and_then(|k| self.values.get(k).zip(given.get(k)));
                if let Some((value, count)) = value {
                    own[question] = value * libm::pow(f64::from(*count), -self.crowding);
                }
            }
            for k in answers().flatten() {
                if let Some(count) = given.get_mut(k) {
                    *count = 0;
                }
            }
        }
        earned.concat()
    }
}

/// The answers of each player.
fn split<'a>(symbols: &'a [u32], stretches: &[Range<u32>]) -> Vec<&'a [u32]> {
    let mut rest = symbols;
    let mut next = |stretch: &Range<u32>| {
        let (own, others) = rest.split_at(stretch.len());
        rest = others;
        own
    };
    stretches.iter().map(&mut next).collect()
}

/// The models that wrote something in a view.
fn authors(view: &View) -> impl Iterator<Item = ModelId> {
    view.authors().counts().filter_map(|(author, _)| author)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gives_the_same_answer_shares_its_value() {
        let payoff = Payoff {
            values: vec![1.0, 0.5],
            crowding: 1.0,
        };
        // Three models, two questions each: to the first, all say 0; to the second, one says 0 and two say 1.
        let players: [&[u32]; 3] = [&[0, 0], &[0, 1], &[0, 1]];
        let third = 1.0 / 3.0;
        let expected = [third, 1.0, third, 0.25, third, 0.25];
        let earned = payoff.earned(&players);
        let close = |(a, b): (&f64, f64)| (a - b).abs() < 1e-15;
        assert!(earned.iter().zip(expected).all(close));
        let alone = Payoff {
            crowding: 0.0,
            ..payoff
        };
        assert_eq!(alone.earned(&players), [1.0, 1.0, 1.0, 0.5, 1.0, 0.5]);
        assert_eq!(alone.earned(&[&[7, 0], &[1]]), [0.0, 1.0, 0.5]);
    }
}
