//! Free probabilities for every symbol of a finite alphabet.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use types::content::{Content, ContentKind};
use types::random::{Cumulative, Stream};

use crate::family::{Family, FitError, Order};
use crate::measure::{Measure, Measured};
use crate::truth::{Truth, normalised};

/// Distributions over `symbols` symbols, fitted by maximum likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Categorical {
    /// Size of the alphabet.
    pub symbols: usize,
}

/// Weighted counts of symbols.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    counts: Vec<f64>,
}

/// Probabilities of symbols, summing to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probabilities {
    /// One a symbol.
    pub p: Vec<f64>,
}

/// Alphabets up to this size have an embedding: the vector of square roots of probabilities.
const EMBEDDED_SYMBOLS_MAX: usize = 1 << 16;

impl Family for Categorical {
    type Statistic = Counts;
    type Fitted = Probabilities;
    type Reference = Option<Probabilities>;

    fn kind(&self) -> ContentKind {
        ContentKind::Symbols
    }

    fn statistic(&self) -> Counts {
        Counts {
            counts: vec![0.0; self.symbols],
        }
    }

    fn absorb(&self, statistic: &mut Counts, content: &Content, range: Range<usize>, weight: f64) {
        let Content::Symbols { symbols, weights } = content else {
            return;
        };
        for index in range {
            let own = weights.get(index).copied().unwrap_or(1.0);
            statistic.counts[symbols[index] as usize] += weight * own;
        }
    }

    fn merge(&self, statistic: &mut Counts, other: &Counts, weight: f64) {
        for (count, more) in statistic.counts.iter_mut().zip(&other.counts) {
            *count += weight * more;
        }
    }

    fn fit(
        &self,
        statistic: &Counts,
        previous: Option<(&Probabilities, f64)>,
    ) -> Result<Probabilities, FitError> {
        if statistic.counts.iter().all(|&count| count <= 0.0) {
            return Err(FitError::TooFewDocuments {
                actual: 0,
                required: 1,
            });
        }
        let mut p = normalised(statistic.counts.clone());
        if let Some((old, rate)) = previous {
            for (new, old) in p.iter_mut().zip(&old.p) {
                *new = (1.0 - rate) * old + rate * *new;
            }
        }
        Ok(Probabilities { p })
    }

    fn sample(&self, fitted: &Probabilities, order: &Order, rng: &mut Stream, out: &mut Content) {
        let Content::Symbols { symbols, weights } = out else {
            return;
        };
        let tempered = temper(&fitted.p, order.temperature);
        if order.expected {
            let produced = (0_u32..).zip(tempered).filter(|(_, p)| *p > 0.0);
            for (symbol, p) in produced {
                symbols.push(symbol);
                weights.push(p);
            }
        } else if let Some(choice) = Cumulative::new(tempered) {
            symbols.extend((0..order.documents).map(|_| choice.draw(rng) as u32));
        }
    }

    fn reference(&self, truth: &Truth) -> Option<Probabilities> {
        self.truth(truth)
    }

    fn evaluate(
        &self,
        fitted: &Probabilities,
        reference: &Option<Probabilities>,
        _rng: &mut Stream,
        out: &mut Measured,
    ) {
        let p = &fitted.p;
        out.measure(Measure::GiniSimpson, || {
            1.0 - p.iter().map(|p| p * p).sum::<f64>()
        });
        out.measure(Measure::Entropy, || {
            -p.iter().map(|&p| times_log(p, p)).sum::<f64>()
        });
        out.measure(Measure::UniqueTokens, || {
            p.iter().filter(|&&p| p > 0.0).count() as f64
        });
        if let Some(truth) = reference {
            let pairs = || p.iter().zip(&truth.p);
            out.measure(Measure::MissingMass, || {
                pairs()
                    .filter(|(m, _)| **m == 0.0)
                    .map(|(_, p)| p)
                    .sum::<f64>()
            });
            out.measure(Measure::KlDivergence, || {
                pairs().map(|(&m, &p)| times_log(m, m / p)).sum::<f64>()
            });
            out.measure(Measure::Hellinger, || {
                let overlap: f64 = pairs().map(|(m, p)| libm::sqrt(m * p)).sum();
                libm::sqrt((1.0 - overlap).max(0.0))
            });
        }
    }

    fn truth(&self, truth: &Truth) -> Option<Probabilities> {
        match truth {
            Truth::Categorical { probabilities } => Some(Probabilities {
                p: probabilities.clone(),
            }),
            Truth::Sample { content } => {
                let mut statistic = self.statistic();
                self.absorb(&mut statistic, content, 0..content.len(), 1.0);
                self.fit(&statistic, None).ok()
            }
            Truth::Gaussian { .. }
            | Truth::Line { .. }
            | Truth::Captioned { .. }
            | Truth::Classes { .. }
            | Truth::Templates { .. }
            | Truth::Markov { .. }
            | Truth::Linear { .. }
            | Truth::Tasks { .. } => None,
        }
    }

    /// Square roots of the probabilities: the cosine of two such vectors is the Bhattacharyya coefficient.
    fn embed(
        &self,
        fitted: &Probabilities,
        _prompts: &Content,
        _rng: &mut Stream,
    ) -> Option<Vec<f32>> {
        (self.symbols <= EMBEDDED_SYMBOLS_MAX)
            .then(|| fitted.p.iter().map(|&p| libm::sqrt(p) as f32).collect())
    }
}

/// `x ln y`, zero for `x = 0`.
fn times_log(x: f64, y: f64) -> f64 {
    if x > 0.0 { x * libm::log(y) } else { 0.0 }
}

/// Probabilities proportional to p^(1/temperature), computed relative to the largest so that none overflows.
fn temper(p: &[f64], temperature: f64) -> Vec<f64> {
    if temperature == 1.0 {
        return p.to_vec();
    }
    let largest = p.iter().fold(0.0_f64, |a, &b| a.max(b));
    let raise = |&p: &f64| {
        if p > 0.0 {
            libm::pow(p / largest, 1.0 / temperature)
        } else {
            0.0
        }
    };
    normalised(p.iter().map(raise).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::random::{Purpose, Seed};

    const FOUR: Categorical = Categorical { symbols: 4 };

    fn fitted(p: [f64; 4]) -> Probabilities {
        Probabilities { p: p.to_vec() }
    }

    fn refit(model: &Probabilities, order: &Order) -> Probabilities {
        let mut rng = Seed(1).key(0, Purpose::Sample).stream(0, 0);
        let mut content = Content::empty(ContentKind::Symbols);
        FOUR.sample(model, order, &mut rng, &mut content);
        let mut statistic = FOUR.statistic();
        FOUR.absorb(&mut statistic, &content, 0..content.len(), 1.0);
        FOUR.fit(&statistic, None).unwrap()
    }

    #[test]
    fn an_expectation_is_learned_exactly() {
        let model = fitted([0.4, 0.3, 0.2, 0.1]);
        let order = Order {
            expected: true,
            ..Order::default()
        };
        for (a, b) in refit(&model, &order).p.iter().zip(&model.p) {
            assert!((a - b).abs() < 1e-15);
        }
    }

    /// Marchi and Soatto (2024): five rounds at temperature 0.8.
    #[test]
    fn temperature_goes_to_the_mode() {
        let order = Order {
            expected: true,
            temperature: 0.8,
            ..Order::default()
        };
        let last = (0..5).fold(fitted([0.4, 0.3, 0.2, 0.1]), |model, _| {
            refit(&model, &order)
        });
        for (p, expected) in last.p.iter().zip([0.6448, 0.2680, 0.0778, 0.0094]) {
            assert!((p - expected).abs() < 5e-5, "{p}");
        }
    }

    /// A share of n draws has standard error below 0.5 / sqrt(n); the bound is five of them.
    #[test]
    fn a_sample_has_the_probabilities() {
        let model = fitted([0.5, 0.0, 0.3, 0.2]);
        let seen = refit(
            &model,
            &Order {
                documents: 20_000,
                ..Order::default()
            },
        );
        assert_eq!(seen.p[1], 0.0);
        assert!(
            seen.p
                .iter()
                .zip(&model.p)
                .all(|(a, b)| (a - b).abs() < 2.5 / 20_000_f64.sqrt())
        );
    }

    #[test]
    fn measures_by_hand() {
        let truth = Some(fitted([0.25, 0.25, 0.25, 0.25]));
        let mut rng = Seed(1).key(0, Purpose::Observe).stream(0, 0);
        let mut out = Measured::new(Measure::all().iter().copied().collect());
        FOUR.evaluate(&fitted([0.5, 0.5, 0.0, 0.0]), &truth, &mut rng, &mut out);
        let value = |measure| {
            out.values
                .iter()
                .find(|value| value.0 == measure)
                .unwrap()
                .2
        };
        assert_eq!(value(Measure::GiniSimpson), 0.5);
        assert_eq!(value(Measure::UniqueTokens), 2.0);
        assert_eq!(value(Measure::MissingMass), 0.5);
        assert!((value(Measure::KlDivergence) - 2.0_f64.ln()).abs() < 1e-15);
        assert!((value(Measure::Entropy) - 2.0_f64.ln()).abs() < 1e-15);
    }
}
