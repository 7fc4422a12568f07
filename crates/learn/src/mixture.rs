//! The data mixture: in which proportions data sources enter a training set.

use serde::{Deserialize, Serialize};

/// Share of synthetic data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SyntheticShare {
    /// Alpha for the second training, the third, ...; the last one stays.
    Schedule(Vec<f64>),
    /// Every document counts alike.
    ByCount,
}

/// Weights over data sources: synthetic fraction alpha, private weight beta (Vu, Reeves and Wenger 2025).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataMixture {
    /// Share of synthetic data, alpha.
    pub synthetic: SyntheticShare,
    /// Share of private data within the real part, beta, for the first training, the second, ...; the
    /// last one stays.
    pub private_weights: Vec<f64>,
}

/// One number for each part of a training set.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Parts<T> {
    /// Real data of this model alone.
    pub private: T,
    /// Real data of everybody.
    pub public: T,
    /// What models have published.
    pub synthetic: T,
}

impl DataMixture {
    /// The share of each part in training number `generation` (from 1), given how many documents (or how much weight) each
    /// part has. Shares sum to 1; the share of an empty part goes to the others.
    pub fn shares(&self, generation: u32, available: Parts<f64>) -> Parts<f64> {
        let has = |amount: f64| f64::from(u8::from(amount > 0.0));
        let wanted = match &self.synthetic {
            SyntheticShare::ByCount => available,
            SyntheticShare::Schedule(alphas) => {
                let beta = at(&self.private_weights, generation.saturating_sub(1));
                // A schedule of 1 with nothing to read yet means real data, not nothing.
                let alpha = at(alphas, generation.saturating_sub(2)) * has(available.synthetic);
                Parts {
                    private: (1.0 - alpha) * beta * has(available.private),
                    public: (1.0 - alpha) * (1.0 - beta) * has(available.public),
                    synthetic: alpha,
                }
            }
        };
        self.completed(wanted, available)
    }

    /// Scales the shares to sum to 1, keeping the synthetic one where any real part has a share.
    fn completed(&self, wanted: Parts<f64>, available: Parts<f64>) -> Parts<f64> {
        let real = wanted.private + wanted.public;
        if real > 0.0 {
            let scale = match self.synthetic {
                SyntheticShare::ByCount => 1.0 / (real + wanted.synthetic),
                SyntheticShare::Schedule(_) => (1.0 - wanted.synthetic) / real,
            };
            let synthetic = match self.synthetic {
                SyntheticShare::ByCount => wanted.synthetic * scale,
                SyntheticShare::Schedule(_) => wanted.synthetic,
            };
            return Parts {
                private: wanted.private * scale,
                public: wanted.public * scale,
                synthetic,
            };
        }
        if wanted.synthetic > 0.0 || available.synthetic > 0.0 {
            return Parts {
                private: 0.0,
                public: 0.0,
                synthetic: 1.0,
            };
        }
        // A private weight of 0 or 1 names a part that does not exist: the other one is all there is.
        let total = available.private + available.public;
        if total > 0.0 {
            Parts {
                private: available.private / total,
                public: available.public / total,
                synthetic: 0.0,
            }
        } else {
            Parts::default()
        }
    }
}

/// The value at `index`, or the last one; zero of an empty schedule.
fn at(schedule: &[f64], index: u32) -> f64 {
    let last = schedule.len().saturating_sub(1);
    schedule
        .get(last.min(index as usize))
        .copied()
        .unwrap_or(0.0)
}

impl Parts<f64> {
    /// The weight of one document of each part, so that parts weigh as their shares say and all documents together weigh as
    /// many as they are. (The scale matters to families that discount counts.)
    #[must_use]
    pub fn weights(self, documents: Self) -> Self {
        let used = |share: f64, count: f64| if share > 0.0 { count } else { 0.0 };
        let total = used(self.private, documents.private)
            + used(self.public, documents.public)
            + used(self.synthetic, documents.synthetic);
        let weight = |share: f64, count: f64| {
            if count > 0.0 {
                share * total / count
            } else {
                0.0
            }
        };
        Self {
            private: weight(self.private, documents.private),
            public: weight(self.public, documents.public),
            synthetic: weight(self.synthetic, documents.synthetic),
        }
    }

    /// How many of `budget` documents each part gives: shares rounded so that they sum to the budget (largest remainder,
    /// Hamilton 1792; ties go to synthetic, then private).
    pub fn quotas(self, budget: usize) -> Parts<usize> {
        let exact = [self.synthetic, self.private, self.public].map(|share| share * budget as f64);
        let mut quotas = exact.map(|share| share as usize);
        let missing = budget.saturating_sub(quotas.iter().sum());
        if missing > 0 {
            let remainder = |part: usize| exact[part] - quotas[part] as f64;
            let mut order = [0, 1, 2];
            order.sort_by(|&a, &b| remainder(b).total_cmp(&remainder(a)));
            let with_share = order.iter().filter(|&&part| exact[part] > 0.0);
            for &part in with_share.cycle().take(missing) {
                quotas[part] += 1;
            }
        }
        Parts {
            synthetic: quotas[0],
            private: quotas[1],
            public: quotas[2],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(private: f64, public: f64, synthetic: f64) -> Parts<f64> {
        Parts {
            private,
            public,
            synthetic,
        }
    }

    fn check(mixture: &DataMixture, generation: u32, available: Parts<f64>, expected: Parts<f64>) {
        assert_eq!(mixture.shares(generation, available), expected);
    }

    #[test]
    fn shares_follow_alpha_and_beta() {
        let half = DataMixture {
            synthetic: SyntheticShare::Schedule(vec![0.5]),
            private_weights: vec![0.25],
        };
        check(&half, 2, parts(9.0, 9.0, 1.0), parts(0.125, 0.375, 0.5));
        check(&half, 1, parts(9.0, 9.0, 0.0), parts(0.25, 0.75, 0.0));
        check(&half, 2, parts(0.0, 9.0, 1.0), parts(0.0, 0.5, 0.5));
        check(&half, 2, parts(0.0, 0.0, 1.0), parts(0.0, 0.0, 1.0));
        check(&half, 2, parts(0.0, 0.0, 0.0), parts(0.0, 0.0, 0.0));
    }

    #[test]
    fn a_pure_synthetic_schedule_begins_with_real_data() {
        let pure = DataMixture {
            synthetic: SyntheticShare::Schedule(vec![1.0]),
            private_weights: vec![0.0],
        };
        check(&pure, 1, parts(5.0, 5.0, 0.0), parts(0.0, 1.0, 0.0));
        check(&pure, 1, parts(5.0, 0.0, 0.0), parts(1.0, 0.0, 0.0));
        check(&pure, 2, parts(5.0, 5.0, 3.0), parts(0.0, 0.0, 1.0));
    }

    #[test]
    fn a_schedule_starts_at_the_second_training() {
        let rising = DataMixture {
            synthetic: SyntheticShare::Schedule(vec![0.0, 0.5]),
            private_weights: vec![1.0],
        };
        check(&rising, 2, parts(1.0, 0.0, 1.0), parts(1.0, 0.0, 0.0));
        check(&rising, 3, parts(1.0, 0.0, 1.0), parts(0.5, 0.0, 0.5));
        check(&rising, 9, parts(1.0, 0.0, 1.0), parts(0.5, 0.0, 0.5));
    }

    #[test]
    fn private_weights_start_at_the_first_training() {
        let fading = DataMixture {
            synthetic: SyntheticShare::Schedule(vec![0.0]),
            private_weights: vec![1.0, 0.25],
        };
        check(&fading, 1, parts(3.0, 1.0, 0.0), parts(1.0, 0.0, 0.0));
        check(&fading, 2, parts(3.0, 1.0, 1.0), parts(0.25, 0.75, 0.0));
        check(&fading, 7, parts(3.0, 1.0, 1.0), parts(0.25, 0.75, 0.0));
    }

    #[test]
    fn by_count_every_document_weighs_one() {
        let mixture = DataMixture {
            synthetic: SyntheticShare::ByCount,
            private_weights: vec![0.5],
        };
        let documents = parts(100.0, 0.0, 300.0);
        let shares = mixture.shares(4, documents);
        assert_eq!(shares, parts(0.25, 0.0, 0.75));
        assert_eq!(shares.weights(documents), parts(1.0, 0.0, 1.0));
    }

    #[test]
    fn quotas_sum_to_the_budget() {
        for budget in 0..50 {
            let quotas = parts(0.25, 0.25, 0.5).quotas(budget);
            assert_eq!(quotas.private + quotas.public + quotas.synthetic, budget);
        }
        assert_eq!(
            parts(0.0, 0.1, 0.9).quotas(5),
            Parts {
                private: 0,
                public: 0,
                synthetic: 5
            }
        );
        assert_eq!(
            parts(0.25, 0.25, 0.5).quotas(400),
            Parts {
                private: 100,
                public: 100,
                synthetic: 200
            }
        );
    }
}
